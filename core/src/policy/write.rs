//! Writing a blob: the twin of its reader, for whoever quantises a network.

use super::blob::CRC;
use super::{MAGIC, VERSION};

/// Content of a blob, as numbers.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Content<'a> {
    /// The observation set.
    pub set: u16,
    /// Low and high, of every output.
    pub limits: [f32; 2],
    /// Offset and gain of every observation.
    pub normaliser: &'a [[f32; 2]],
    /// First to last.
    pub layers: &'a [LayerContent<'a>],
}

/// A layer's numbers, one bias and one scale an output.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LayerContent<'a> {
    /// i32 biases.
    pub bias: &'a [i32],
    /// Factors of the accumulators.
    pub scales: Scales<'a>,
    /// Outputs × inputs, by rows.
    pub weights: &'a [i8],
}

/// Factors of a layer's accumulators.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Scales<'a> {
    /// Of a hidden layer: 31-bit multipliers and right shifts.
    Hidden(&'a [i32], &'a [u8]),
    /// Factors of the last layer, floats.
    Last(&'a [f32]),
}

/// Appends the blob of `content` to `blob`; whether its numbers make a policy, its reader checks.
pub fn write(content: &Content<'_>, blob: &mut impl Extend<u8>) {
    let mut length = 0_u32;
    content.put(0, &mut |bytes| length = length.saturating_add(bytes.len() as u32));
    let mut digest = CRC.digest();
    content.put(length.saturating_add(4), &mut |bytes| {
        digest.update(bytes);
        blob.extend(bytes.iter().copied());
    });
    blob.extend(digest.finalize().to_le_bytes());
}

impl Content<'_> {
    /// All but the checksum.
    fn put(&self, length: u32, put: &mut impl FnMut(&[u8])) {
        let outputs = self.layers.last().map_or(0, |layer| layer.bias.len());
        put(&MAGIC);
        put(&(if outputs == 1 { 1 } else { VERSION }).to_le_bytes());
        put(&self.set.to_le_bytes());
        put(&length.to_le_bytes());
        for size in [self.normaliser.len(), self.layers.len()] {
            put(&(size as u16).to_le_bytes());
        }
        for number in self.limits.iter().chain(self.normaliser.as_flattened()) {
            put(&number.to_le_bytes());
        }
        let mut inputs = self.normaliser.len();
        for layer in self.layers {
            let outputs = layer.bias.len();
            for size in [inputs, outputs] {
                put(&(size as u16).to_le_bytes());
            }
            inputs = outputs;
            layer.bias.iter().for_each(|bias| put(&bias.to_le_bytes()));
            match layer.scales {
                Scales::Hidden(multipliers, shifts) => {
                    multipliers.iter().for_each(|it| put(&it.to_le_bytes()));
                    put(shifts);
                }
                Scales::Last(scales) => scales.iter().for_each(|it| put(&it.to_le_bytes())),
            }
            layer.weights.iter().for_each(|weight| put(&weight.to_le_bytes()));
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::observe::{OBSERVATIONS, SCHEDULE_OBSERVATIONS, SCHEDULE_SET};
    use crate::policy::{Policy, SHIPPED, SchedulePolicy};
    use std::vec::Vec;

    #[test]
    fn what_is_written_is_read() {
        let weights = [[1_i8; SCHEDULE_OBSERVATIONS], [-2; SCHEDULE_OBSERVATIONS]];
        let last = [3_i8, 4, 5, 6, 7, 8, 9, 10, 11, 12];
        let content = Content {
            set: SCHEDULE_SET,
            limits: [-3.0, 3.0],
            normaliser: &[[0.5, 16.0]; SCHEDULE_OBSERVATIONS],
            layers: &[
                LayerContent {
                    bias: &[7, -8],
                    scales: Scales::Hidden(&[1 << 30, 1 << 30], &[3, 4]),
                    weights: weights.as_flattened(),
                },
                LayerContent {
                    bias: &[100, 200, 300, -400, 5],
                    scales: Scales::Last(&[0.001, 0.002, 0.003, 0.004, 0.005]),
                    weights: &last,
                },
            ],
        };
        let mut blob = Vec::new();
        write(&content, &mut blob);
        let policy = SchedulePolicy::from_bytes(&blob).unwrap();
        let layers = policy.network();
        assert_eq!(layers.cost(), 2 * 15 + 10);
        assert!(layers.last.channels().map(|it| it.0).eq([100, 200, 300, -400, 5]));
        assert_eq!(blob.len(), 12 + 4 + 8 + 8 * 15 + (4 + 2 * 9 + 30) + (4 + 5 * 8 + 10) + 4);
        // One output is version 1, and another observation set is refused.
        assert_eq!(blob[4], 2);
        assert!(Policy::from_bytes(&blob).is_err());
    }

    #[test]
    fn the_shipped_policy_is_written_again_byte_by_byte() {
        let policy = Policy::from_bytes(SHIPPED).unwrap();
        let normaliser: Vec<_> = policy.normaliser().collect();
        assert_eq!(normaliser.len(), OBSERVATIONS);
        let signed = |bytes: &[u8]| bytes.iter().map(|w| w.cast_signed()).collect::<Vec<i8>>();
        let hidden: Vec<_> = policy
            .hidden()
            .iter()
            .map(|layer| {
                let bias: Vec<_> = layer.channels().map(|it| it.0).collect();
                let multipliers: Vec<_> = layer.channels().map(|it| it.1).collect();
                let shifts: Vec<_> = layer.channels().map(|it| it.2).collect();
                (bias, multipliers, shifts, signed(layer.weights()))
            })
            .collect();
        let last = policy.last();
        let bias: Vec<_> = last.channels().map(|it| it.0).collect();
        let scale: Vec<_> = last.channels().map(|it| it.1).collect();
        let weights = signed(last.weights());
        let mut layers: Vec<_> = hidden
            .iter()
            .map(|(bias, multipliers, shifts, weights)| LayerContent {
                bias,
                scales: Scales::Hidden(multipliers, shifts),
                weights,
            })
            .collect();
        layers.push(LayerContent { bias: &bias, scales: Scales::Last(&scale), weights: &weights });
        let content =
            Content { set: 1, limits: policy.limits(), normaliser: &normaliser, layers: &layers };
        let mut blob = Vec::new();
        write(&content, &mut blob);
        assert_eq!(blob, SHIPPED);
    }
}
