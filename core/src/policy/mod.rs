//! A policy is a small int8 network. It is read in place from a blob with a version and a checksum.
//!
//! # Blob, version 2, little-endian
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `TNMF` |
//! | 2, 2 | format version; observation set ([`OBSERVATION_SET`] or [`SCHEDULE_SET`]) |
//! | 4 | length of the blob in bytes, checksum included |
//! | 2, 2 | inputs (= observations); layers |
//! | 4, 4 | f32 limits of every output: low, high |
//! | inputs × (4, 4) | f32 offset and gain: input = round((observation − offset)·gain), within ±127 |
//! | a hidden layer | 2, 2: inputs, outputs; outputs × 4: i32 bias; outputs × 4: i32 multiplier; outputs × 1: right shift; outputs × inputs × 1: i8 weights by rows |
//! | the last layer | 2, 2: inputs, outputs; outputs × 4: i32 bias; outputs × 4: f32 scale; outputs × inputs × 1: i8 weights by rows |
//! | 4 | CRC-32 (ISO-HDLC) of all before |
//!
//! The blob needs no alignment: every number is read byte by byte. Version 1 is the same format with one output. The reader
//! accepts both versions. The writer states version 1 where there is one output, so that old builds read it, too.

mod blob;
mod infer;
mod quantised;
mod schedule;
mod write;

pub use blob::{PolicyError, checksum};
pub use infer::{ACTIVATION_ONE, HIDDEN_UNIT, hyperbolic_tangent};
pub use quantised::{requantise, round_to_i8};
pub use schedule::{SCHEDULE_OUTPUTS, SchedulePolicy};
pub use write::{Content, LayerContent, Scales, write};

use crate::observe::{OBSERVATION_SET, OBSERVATIONS, SCHEDULE_OBSERVATIONS, SCHEDULE_SET};
use heapless::Vec;

/// The policy that ships, for exact gradients: the repository's README has the command that makes it.
pub static SHIPPED: &[u8] = include_bytes!("../../policies/shipped.tnmf");

/// The policy that ships for mini-batches: it anneals its steps towards the horizon.
pub static BATCHES: &[u8] = include_bytes!("../../policies/batches.tnmf");

/// The policy that ships for gradients with additive noise, which neither of the others can stand.
pub static NOISY: &[u8] = include_bytes!("../../policies/noisy.tnmf");

/// The first bytes of a blob.
pub const MAGIC: [u8; 4] = *b"TNMF";

/// The policy of schedules that ships.
pub static SCHEDULE: &[u8] = include_bytes!("../../policies/schedule.tnmf");

/// The format version of a blob with several outputs.
pub const VERSION: u16 = 2;

/// The format versions of the blobs that this crate reads.
pub const VERSIONS: [u16; 2] = [1, VERSION];

/// Layers at most, the last one included.
pub const MAX_LAYERS: usize = 4;

/// Outputs of a hidden layer at most: bounds the stack that inference takes.
pub const MAX_WIDTH: usize = 64;

/// A validated policy, borrowed from its blob.
#[derive(Debug, Clone)]
pub struct Policy<'a> {
    pub(crate) blob: &'a [u8],
    pub(crate) low: f32,
    pub(crate) high: f32,
    pub(crate) normaliser: &'a [u8],
    pub(crate) network: Network<'a>,
}

/// The layers of a policy: int8 inputs to a few numbers.
#[derive(Debug, Clone)]
pub struct Network<'a> {
    pub(crate) hidden: Vec<Hidden<'a>, { MAX_LAYERS - 1 }>,
    pub(crate) last: Last<'a>,
}

/// A hidden layer: int8 weights per output channel, int32 accumulators, tanh through a table.
#[derive(Debug, Clone, Copy)]
pub struct Hidden<'a> {
    /// Inputs.
    pub inputs: usize,
    /// Outputs.
    pub outputs: usize,
    pub(crate) bias: &'a [u8],
    pub(crate) multiplier: &'a [u8],
    pub(crate) shift: &'a [u8],
    pub(crate) weights: &'a [u8],
}

/// The last layer: its outputs are left in float.
#[derive(Debug, Clone, Copy)]
pub struct Last<'a> {
    /// Inputs.
    pub inputs: usize,
    /// Outputs; each is accumulator · scale.
    pub outputs: usize,
    pub(crate) bias: &'a [u8],
    pub(crate) scale: &'a [u8],
    pub(crate) weights: &'a [u8],
}

impl<'a> Network<'a> {
    /// The hidden layers, first to last.
    #[must_use]
    pub fn hidden(&self) -> &[Hidden<'a>] {
        &self.hidden
    }
}

impl<'a> Policy<'a> {
    /// The blob.
    #[must_use]
    pub fn blob(&self) -> &'a [u8] {
        self.blob
    }

    /// The limits of every output, which is log(αL) of a policy of gradient steps.
    #[must_use]
    pub fn limits(&self) -> [f32; 2] {
        [self.low, self.high]
    }

    /// The hidden layers, first to last.
    #[must_use]
    pub fn hidden(&self) -> &[Hidden<'a>] {
        self.network.hidden()
    }

    /// The last layer.
    #[must_use]
    pub fn last(&self) -> Last<'a> {
        self.network.last
    }

    /// Offset and gain of every observation.
    pub fn normaliser(&self) -> impl Iterator<Item = [f32; 2]> + 'a {
        self.normaliser.as_chunks::<8>().0.iter().map(|bytes| {
            let [a, b, c, d, e, f, g, h] = *bytes;
            [f32::from_le_bytes([a, b, c, d]), f32::from_le_bytes([e, f, g, h])]
        })
    }

    /// The CRC-32 that the blob ends with.
    #[must_use]
    pub fn checksum(&self) -> u32 {
        self.blob.last_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }
}

const _: () = assert!(OBSERVATIONS <= MAX_WIDTH && OBSERVATION_SET > 0);
const _: () = assert!(SCHEDULE_OBSERVATIONS <= MAX_WIDTH && SCHEDULE_SET != OBSERVATION_SET);
