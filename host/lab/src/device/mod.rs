//! Microcontrollers, emulated: builds a board's firmware image, runs it under QEMU and reads its report.
//!
//! ```no_run
//! use tinynmf_lab::device::{MPS2_AN386, Order};
//!
//! let image = MPS2_AN386.build()?;
//! let outcome = image.run(Order::Shipped, std::time::Duration::from_mins(1))?;
//! println!("fingerprint of W: {:#018x}", outcome.report.w);
//! # Ok::<(), tinynmf_lab::device::DeviceError>(())
//! ```

mod board;
mod build;
mod count;
mod elf;
mod emulate;
mod error;
pub mod identity;
mod log;
mod recompute;
mod section;
mod table;
mod wasm;

pub use board::{BOARDS, Board, MICROBIT, MPS2_AN386};
pub use build::{RELEASE, SMALL, build};
pub use count::{Cost, Counted, Unit};
pub use elf::Contents;
pub use error::DeviceError;
pub use identity::Identity;
pub use log::{Formats, records};
pub use section::{replace, section};
pub use table::{COUNTS, Counts};
pub use wasm::{WASM, wasm_identity};

use std::path::PathBuf;

use serde::Deserialize;

/// A built firmware image.
#[derive(Debug, Clone)]
pub struct Image {
    board: Board,
    elf: PathBuf,
    /// The image that counts its costs; the same where the flash holds both.
    costs: PathBuf,
}

/// The step rule that an image is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order<'p> {
    /// learned, with the policy in the image's flash.
    Shipped,
    /// bound(0.95).
    Bound,
    /// learned, with the policy in this blob.
    Policy(&'p [u8]),
}

/// Report of an image on its factorisation; equal reports mean equal bits.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Report {
    /// The step rule's name.
    pub rule: String,
    /// The policy's CRC-32; 0 without a policy.
    pub checksum: u32,
    /// m: the first so many digits.
    pub rows: usize,
    /// n: pixels of a digit.
    pub columns: usize,
    /// The rank r: latents of a factorisation, from 1 to min(m, n).
    pub rank: usize,
    /// Epochs done, which is also the horizon that the rule was told.
    pub epochs: u32,
    /// The share of a mini-batch; 1 for exact gradients.
    pub batch: f32,
    /// Noise on the gradients.
    pub noise: f32,
    /// Seed of W₀ and H₀.
    pub seed: u64,
    /// The bits of the final loss, an f32.
    pub loss_bits: u32,
    /// Fingerprint of W, row by row.
    pub w: u64,
    /// Fingerprint of H, column by column.
    pub h: u64,
    /// Fingerprint of every loss, the start's first.
    pub losses: u64,
}

impl Report {
    /// The final loss.
    #[must_use]
    pub fn loss(&self) -> f32 {
        f32::from_bits(self.loss_bits)
    }
}

/// The result of a run on the device.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Its report.
    pub report: Report,
    /// Its log, line by line.
    pub log: Vec<String>,
}
