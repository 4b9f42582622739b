//! Numbers in checkpoints that need not be finite: JSON has no NaN, so that `null` stands for it (and for infinity).
//!
//! For `#[serde(with = "number")]` on what only reports, such as learning curves. What is computed with must be finite,
//! and a checkpoint in which it is not is refused.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
pub fn serialize<S: Serializer>(number: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    number.is_finite().then_some(number).serialize(serializer)
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f32, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f32::NAN))
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    #[derive(Serialize, Deserialize)]
    struct Cell(#[serde(with = "super")] f32);

    fn back(number: f32) -> f32 {
        let text = serde_json::to_string(&Cell(number)).unwrap();
        serde_json::from_str::<Cell>(&text).unwrap().0
    }

    #[test]
    fn finite_numbers_come_back_with_their_bits_and_others_as_nan() {
        for bits in [0, 0x8000_0000, 1, 0x3dcc_cccd, 0x7f7f_ffff] {
            assert_eq!(back(f32::from_bits(bits)).to_bits(), bits);
        }
        assert!([f32::NAN, f32::INFINITY].into_iter().all(|number| back(number).is_nan()));
    }
}
