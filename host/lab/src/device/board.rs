//! The boards of `firmware/boards`, and the machines that stand in for them.

use std::process::Command;

use super::DeviceError;

/// A board of `firmware/boards`, and the machine that stands in for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Board {
    /// Package and binary in the firmware workspace.
    pub name: &'static str,
    /// The processor.
    pub core: &'static str,
    /// Rust target triple.
    pub target: &'static str,
    /// QEMU's program.
    pub emulator: &'static str,
    /// Debian's package that holds it.
    pub package: &'static str,
    /// QEMU's options for the machine.
    pub machine: &'static [&'static str],
}

/// A Cortex-M4F.
pub const MPS2_AN386: Board =
    arm("mps2-an386", "Cortex-M4F", "thumbv7em-none-eabihf", &["-machine", "mps2-an386"]);

/// A Cortex-M0.
pub const MICROBIT: Board =
    arm("microbit", "Cortex-M0", "thumbv6m-none-eabi", &["-machine", "microbit"]);

/// Every board that QEMU can stand in for.
pub const BOARDS: [Board; 7] = [
    MICROBIT,
    arm("mps2-an385", "Cortex-M3", "thumbv7m-none-eabi", &["-machine", "mps2-an385"]),
    MPS2_AN386,
    arm("mps2-an500", "Cortex-M7F", "thumbv7em-none-eabihf", &["-machine", "mps2-an500"]),
    arm("mps2-an505", "Cortex-M33F", "thumbv8m.main-none-eabihf", &["-machine", "mps2-an505"]),
    riscv("RV32IMAC", "riscv32imac-unknown-none-elf"),
    riscv("RV32IMAFC", "riscv32imafc-unknown-none-elf"),
];

const fn arm(
    name: &'static str,
    core: &'static str,
    target: &'static str,
    machine: &'static [&'static str],
) -> Board {
    Board { name, core, target, emulator: "qemu-system-arm", package: "qemu-system-arm", machine }
}

const fn riscv(core: &'static str, target: &'static str) -> Board {
    Board {
        name: "virt",
        core,
        target,
        emulator: "qemu-system-riscv32",
        package: "qemu-system-misc",
        machine: &["-machine", "virt", "-bios", "none"],
    }
}

impl Board {
    /// What the table of identities says of where it ran: the emulator, and the machine if it has many.
    #[must_use]
    pub fn place(&self) -> String {
        let names: Vec<_> = [self.emulator].iter().chain(self.machine.get(1)).copied().collect();
        names.join(" ")
    }

    /// Whether QEMU for this board is installed.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        Command::new(self.emulator).arg("--version").output().is_ok()
    }

    /// The error that says so where it is not.
    #[must_use]
    pub fn no_emulator(&self) -> DeviceError {
        DeviceError::NoEmulator { program: self.emulator, package: self.package }
    }
}
