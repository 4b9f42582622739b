//! Integer arithmetic of the int8 network, as in TensorFlow Lite and CMSIS-NN.

/// round(x) within ±127, halves away from zero; NaN gives 0.
#[must_use]
pub fn round_to_i8(x: f32) -> i8 {
    // `as` truncates, saturates and sends NaN to 0. Adding ½ first would round 0.49999997 up to 1.
    let whole = x as i32;
    let rest = x - whole as f32;
    let up = i32::from(rest >= 0.5) - i32::from(rest <= -0.5);
    whole.saturating_add(up).clamp(-127, 127) as i8
}

/// `accumulator` · `multiplier` · 2⁻³¹ · 2^−`shift`, rounded to nearest at each of the two stages
/// (gemmlowp: saturating rounding doubling high multiply, then rounding divide by a power of two).
///
/// `multiplier` ≥ 0; `shift` is taken modulo 32.
#[must_use]
#[inline]
pub fn requantise(accumulator: i32, multiplier: i32, shift: u8) -> i32 {
    let product = i64::from(accumulator) * i64::from(multiplier);
    let high = ((product + (1 << 30)) >> 31) as i32;
    match u32::from(shift) & 31 {
        0 => high,
        // Halves away from zero: ⌊(⌊(high − [high < 0])/2^(shift − 1)⌋ + 1)/2⌋.
        shift => ((high.wrapping_add(high >> 31) >> (shift - 1)) + 1) >> 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_to_nearest() {
        for (x, q) in [
            (0.4, 0),
            (0.5, 1),
            (-0.5, -1),
            (-0.4, 0),
            (126.6, 127),
            (1e9, 127),
            (0.499_999_97, 0),
            (-0.499_999_97, 0),
        ] {
            assert_eq!(round_to_i8(x), q);
        }
        assert_eq!(round_to_i8(f32::NAN), 0);
        assert_eq!(round_to_i8(f32::NEG_INFINITY), -127);
    }

    /// The two stages as gemmlowp writes them.
    fn gemmlowp(accumulator: i32, multiplier: i32, shift: u8) -> i32 {
        let product = i64::from(accumulator) * i64::from(multiplier);
        let high = ((product + (1 << 30)) >> 31) as i32;
        let mask = (1_i32 << shift).wrapping_sub(1);
        let (remainder, threshold) = (high & mask, (mask >> 1) + i32::from(high < 0));
        (high >> shift) + i32::from(remainder > threshold)
    }

    #[test]
    fn requantising_is_gemmlowps() {
        for accumulator in (-4096..4096).chain([1 << 30, -(1 << 30), 999_999_999, -123_456_789]) {
            for multiplier in [0, 1 << 30, 1_518_500_250, i32::MAX] {
                for shift in 0..32 {
                    let expected = gemmlowp(accumulator, multiplier, shift);
                    assert_eq!(requantise(accumulator, multiplier, shift), expected);
                }
            }
        }
    }

    #[test]
    fn requantising_is_a_scaled_product() {
        for accumulator in [-1_000_000, -12_345, -7, -1, 0, 1, 6, 999, 1_234_567] {
            for (multiplier, shift) in
                [(1 << 30, 0), (1 << 30, 5), (i32::MAX, 9), (1_518_500_250, 3)]
            {
                let exact = f64::from(accumulator) * f64::from(multiplier)
                    / 2_f64.powi(31 + i32::from(shift));
                let got = f64::from(requantise(accumulator, multiplier, shift));
                assert!((got - exact).abs() <= 0.5 + 0.5 / f64::from(1 << shift), "{got} {exact}");
            }
        }
    }
}
