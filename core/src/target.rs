//! Facts about the target that choose between two loops which make the same sums, one of them faster there.
//!
//! No other file may ask for the target. The images of a Cortex-M0 and of a RISC-V core without floats take the other loops
//! than the host, and have its bits.

/// Whether this is a Cortex-M0, the only Arm core here without atomics: its instructions reach eight registers, too few for
/// four sums.
pub(crate) const FEW_REGISTERS: bool =
    cfg!(all(target_arch = "arm", not(target_has_atomic = "32")));

/// Whether floats are software, so that a term takes so long that the loop around it is nothing beside it.
pub(crate) const SOFT_FLOATS: bool =
    cfg!(any(target_abi = "eabi", all(target_arch = "riscv32", not(target_feature = "f"))));
