//! Fixed point, for cores without a floating-point unit: the same half-steps, rules and policy.
//!
//! On a Cortex-M0 a multiply-add in software floats takes 200 instructions, in integers about ten. So
//! everything that is done for every entry of V, W or H is done in integers here, and floats are left to what
//! is done once in a half-step: L, the rule, the policy. Integers being what they are, the bits agree everywhere.
//!
//! | what | as | why |
//! |---|---|---|
//! | V | u8, u16 or i16, in place | what converters deliver |
//! | W, H | 15 bits unsigned, one exponent a factor | ≥ 0; 15 + 16 bits fit a Cortex-M0's 32-bit product. The exponent follows the largest entry after every step, so that nothing saturates |
//! | a component | ‖w_j‖ and ‖h_j‖ alike, without penalties | w_j·2ˢ and h_j·2⁻ˢ is the same component: one that is faint in W does not take H's bits from the others |
//! | VHᵀ, WA | 31 bits, u32 sums | G is their difference: near the minimum it has what is left of 31 bits |
//! | A | 31 − ⌈log₂ r⌉ bits, rounded up | the certified bound holds for it |
//! | G in α·G | 14 bits below its largest entry | a step moves an entry by at least one 2⁻¹⁵ of the largest, or not at all |
//! | sums of squares | i64 | exact |
//! | a sample of V | the same sums over fewer terms; l/\|S\| is in what they count | a sample of everything gives the bits of no sample |
//! | λ₁, λ₂ | λ₁ in units of P, λ₂ in units of A, to nearest and up | no floats for an entry; at least half a unit of what they are added to, or nothing |
//! | X₀ and β of an extrapolation | 15 bits, 14 bits | what it changes is exact: G in the middle of the way has 31 bits |
//!
//! The scale of V is H's: V = scale · entry, W = entry · 2⁻ᵃ, H = scale · entry · 2⁻ᵇ.
//!
//! The error against f32 is the rounding of the factors to 15 bits. On the three reference problems, V in 8,
//! 12 or 16 bits, F stays within 0.2 % of f32's (0.14 % measured) along all 20 epochs of bound(0.5),
//! bound(0.95) and cauchy; rules whose steps hang on the last bits (abb, the policy) take other steps and end
//! within 2 % (0.2 % measured) of f32's F after 60 epochs. With penalties F and they stay within 0.3 % (0.22 % measured) of
//! f32's along all 20 epochs of `hals` and bound(0.95); on the same samples F stays within 3 % (1.8 % measured) for mini-batches
//! and for samples that grow (`growing`, `widening`), since what a sample gets wrong the next one does not forget. `cargo test -p tinynmf-tests --test fixed_point --
//! --nocapture` prints both.
//!
//! ```
//! use tinynmf_core::{Data, NmfFixed, Policy, Rule, Settings, policy};
//!
//! static READINGS: [u8; 12] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];
//! let data = Data::new(&READINGS, 4, 3, 1.0 / 16.0)?;
//! let mut rule = Rule::learned(Policy::from_bytes(policy::SHIPPED)?);
//! let mut nmf = NmfFixed::<4, 3, 2>::new(Settings { horizon: 50, ..Settings::default() })?;
//! let mut run = nmf.run(data)?;
//! let before = run.loss();
//! for _ in 0..50 {
//!     run.epoch(&mut rule);
//! }
//! assert!(run.loss() < 0.1 * before);
//! # Ok::<(), tinynmf_core::Error>(())
//! ```

mod block;
mod buffers;
mod extrapolation;
mod factor;
mod moves;
mod product;
mod run;
mod storage;
mod sums;
mod sweep;

pub use buffers::{FixedBuffers, Integers, View};
pub use product::{Integer, Range, product};
pub use run::{FixedRun, IntegerData};
pub use storage::{FixedArrays, FixedFlat, NmfFixed, NmfFixedWhole};
