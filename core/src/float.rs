//! The scalar operations whose bits must not depend on the target.

pub use crate::cosine::cosine;

/// The largest entry of a factor, 2⁴⁰: a diverging run stays finite instead of overflowing.
pub const CEILING: f32 = 1_099_511_627_776.0;

/// max(0, x), with NaN and −0 sent to +0 and anything above [`CEILING`] to it.
#[inline]
#[must_use]
pub fn project(x: f32) -> f32 {
    at_most(x, CEILING)
}

/// max(0, x), with NaN and −0 sent to +0 and anything above `ceiling` to it.
///
/// Not `f32::max`: its result for signed zeros and NaN may differ between targets. As integers, the bits of floats have
/// the order of the floats from +0 on, and are negative below: nearly always one comparison is enough.
#[inline]
#[must_use]
pub fn at_most(x: f32, ceiling: f32) -> f32 {
    let bits = x.to_bits().cast_signed();
    if bits > ceiling.to_bits().cast_signed() {
        return if x.is_nan() { 0.0 } else { ceiling };
    }
    // All ones where x is below +0.
    f32::from_bits((bits & !(bits >> 31)).cast_unsigned())
}

/// x limited to [low, high]; NaN becomes `low`.
#[inline]
#[must_use]
pub fn limit(x: f32, low: f32, high: f32) -> f32 {
    if x > low { if x < high { x } else { high } } else { low }
}

/// x, and ∞ for NaN: a loss whose terms left the range of f32 is no longer known, and no rule takes it for a good one.
#[inline]
#[must_use]
pub fn known(x: f32) -> f32 {
    if x.is_nan() { f32::INFINITY } else { x }
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

/// x·2ᵇ, as libm's `ldexpf`: without a product wherever x and the result are normal numbers.
#[must_use]
pub fn ldexp(x: f32, exponent: i32) -> f32 {
    let biased = x.to_bits() >> 23 & 0xff;
    let after = biased.cast_signed().saturating_add(exponent);
    if biased > 0 && biased < 0xff && after > 0 && after < 0xff {
        return f32::from_bits(x.to_bits() & !(0xff << 23) | after.cast_unsigned() << 23);
    }
    seldom_ldexp(x, exponent)
}

/// Out of the way: it multiplies, and what has no effect may be moved to where it is not needed.
#[cold]
#[inline(never)]
fn seldom_ldexp(x: f32, exponent: i32) -> f32 {
    libm::ldexpf(x, exponent)
}

/// 2ᵇ as a product of two normal numbers, for |b| up to 252.
#[must_use]
pub fn power_of_two(exponent: i32) -> [f32; 2] {
    let half = exponent / 2;
    [half, exponent - half].map(|b| libm::ldexpf(1.0, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ldexp_has_the_bits_of_libm() {
        for x in [0.0, -0.0, 1.0, -1.5, 3.4e38, 1e-38, -1e-40, f32::INFINITY, f32::NAN] {
            for exponent in [i32::MIN, -300, -127, -126, -20, -1, 0, 1, 5, 127, 128, 300, i32::MAX]
            {
                let [got, expected] = [ldexp(x, exponent), libm::ldexpf(x, exponent)];
                assert_eq!(got.to_bits(), expected.to_bits(), "{x} {exponent}");
            }
        }
    }

    #[test]
    fn project_has_no_negative_zero_nan_or_infinity() {
        for x in [-0.0, 0.0, -1.0, f32::NAN, f32::NEG_INFINITY] {
            assert_eq!(project(x).to_bits(), 0);
        }
        assert_eq!(project(f32::INFINITY).to_bits(), CEILING.to_bits());
        assert_eq!(project(2.5).to_bits(), 2.5_f32.to_bits());
        assert_eq!(project(-f32::NAN).to_bits(), 0);
        assert_eq!(project(f32::from_bits(1)).to_bits(), 1);
        assert_eq!(project(-f32::from_bits(1)).to_bits(), 0);
        assert_eq!(project(CEILING.next_up()).to_bits(), CEILING.to_bits());
        assert_eq!(project(CEILING.next_down()).to_bits(), CEILING.next_down().to_bits());
    }

    #[test]
    fn limit_and_log_swallow_what_is_not_a_number() {
        assert!(known(f32::NAN) > f32::MAX && known(-1.5) <= -1.5);
        assert!(limit(f32::NAN, -1.0, 1.0) <= -1.0);
        assert!(log(0.0) < -86.0 && log(f32::INFINITY) > 86.0 && log(f32::NAN) < -86.0);
        assert_eq!(ratio(1.0, 0.0), None);
        assert_eq!(ratio(0.0, 0.0), None);
        assert_eq!(ratio(1.0, 2.0), Some(0.5));
    }

    #[test]
    fn the_edges_belong_where_they_are_said_to() {
        assert_eq!(CEILING.to_bits(), libm::ldexpf(1.0, 40).to_bits());
        assert_eq!(project(0.5 * CEILING).to_bits(), (0.5 * CEILING).to_bits());
        assert_eq!(project(2.0 * CEILING).to_bits(), CEILING.to_bits());
        // The limit itself, where signed zeros tell the two apart.
        assert_eq!(limit(-0.0, 0.0, 1.0).to_bits(), 0);
        assert_eq!(limit(0.0, -1.0, -0.0).to_bits(), (-0.0_f32).to_bits());
        for (x, limited) in [(-3.0, -1.0), (0.5, 0.5), (3.0, 1.0)] {
            assert!((limit(x, -1.0, 1.0) - limited).abs() <= 0.0, "{x}");
        }
        assert_eq!(log(f32::MIN_POSITIVE).to_bits(), (-87.0_f32).to_bits());
        assert_eq!(log(f32::MAX).to_bits(), 87.0_f32.to_bits());
        assert!((log(1e-37) + 85.195_65).abs() < 1e-4 && (log(1e38) - 87.498_23).abs() < 1e-4);
        assert_eq!([log(1.0), log(-1.0)].map(f32::to_bits), [0.0, -87.0_f32].map(f32::to_bits));
        assert_eq!([ratio(0.0, 1.0), ratio(-1.0, 1.0), ratio(f32::MAX, 1.0)], [None; 3]);
        assert_eq!([ratio(f32::MAX, 0.5), ratio(f32::NAN, 1.0)], [None; 2]);
        assert_eq!(ratio(-6.0, -2.0), Some(3.0));
    }
}
