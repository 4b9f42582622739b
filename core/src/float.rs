//! The scalar operations whose bits must not depend on the target.

/// The largest entry of a factor, 2⁴⁰: a diverging run stays finite instead of overflowing.
pub const CEILING: f32 = 1_099_511_627_776.0;

/// max(0, x), with NaN and −0 sent to +0 and anything above [`CEILING`] to it.
///
/// Not `f32::max`: its result for signed zeros and NaN may differ between targets.
#[inline]
#[must_use]
pub fn project(x: f32) -> f32 {
    if x > 0.0 { if x < CEILING { x } else { CEILING } } else { 0.0 }
}

/// x limited to [low, high]; NaN becomes `low`.
#[inline]
#[must_use]
pub fn limit(x: f32, low: f32, high: f32) -> f32 {
    if x > low { if x < high { x } else { high } } else { low }
}

/// ln x, limited to ±87 where x is zero, negative, infinite or NaN.
#[inline]
#[must_use]
pub fn log(x: f32) -> f32 {
    if x > f32::MIN_POSITIVE { if x < f32::MAX { libm::logf(x) } else { 87.0 } } else { -87.0 }
}

/// a / b where that is a positive finite number.
#[inline]
#[must_use]
pub fn ratio(a: f32, b: f32) -> Option<f32> {
    let q = a / b;
    (q > 0.0 && q < f32::MAX).then_some(q)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn project_has_no_negative_zero_nan_or_infinity() {
        for x in [-0.0, 0.0, -1.0, f32::NAN, f32::NEG_INFINITY] {
            assert_eq!(project(x).to_bits(), 0);
        }
        assert_eq!(project(f32::INFINITY).to_bits(), CEILING.to_bits());
        assert_eq!(project(2.5).to_bits(), 2.5_f32.to_bits());
    }

    #[test]
    fn limit_and_log_swallow_what_is_not_a_number() {
        assert!(limit(f32::NAN, -1.0, 1.0) <= -1.0);
        assert!(log(0.0) < -86.0 && log(f32::INFINITY) > 86.0 && log(f32::NAN) < -86.0);
        assert_eq!(ratio(1.0, 0.0), None);
        assert_eq!(ratio(0.0, 0.0), None);
        assert_eq!(ratio(1.0, 2.0), Some(0.5));
    }
}
