//! cos x for 0 ≤ x ≤ 7, with the bits of libm's `cosf` and without its double precision.
//!
//! libm's `cosf` computes in f64, which takes 2 KB of code where there is no unit for it. Here the same polynomials are
//! summed in integers of 60 fractional bits, which are more than f64's: the results round to the same f32.

/// Fractional bits.
const BITS: u32 = 60;

/// A number with [`BITS`] fractional bits, between −8 and 8.
const fn fixed(x: f64) -> i64 {
    (x * (1_u64 << BITS) as f64) as i64
}

/// π/2 times 1 to 4, each rounded to f64.
const QUARTERS: [i64; 4] = {
    let quarter = core::f64::consts::FRAC_PI_2;
    [fixed(quarter), fixed(2.0 * quarter), fixed(3.0 * quarter), fixed(4.0 * quarter)]
};

/// cos x ≈ 1 + c₀x² + c₁x⁴ + c₂x⁶ + c₃x⁸ for |x| ≤ π/4, from FreeBSD's msun.
const COSINE: [i64; 4] = [
    fixed(-0.499_999_997_251_031),
    fixed(0.041_666_623_323_739_06),
    fixed(-0.001_388_676_377_460_993),
    fixed(0.000_024_390_448_796_277_41),
];

/// sin x ≈ x + s₁x³ + s₂x⁵ + s₃x⁷ + s₄x⁹ for |x| ≤ π/4.
const SINE: [i64; 4] = [
    fixed(-0.166_666_666_416_265_24),
    fixed(0.008_333_329_385_889_463),
    fixed(-0.000_198_393_348_360_966_32),
    fixed(0.000_002_718_311_493_989_822),
];

/// cos x for 0 ≤ x ≤ 7, and cos 7 beyond.
#[inline(never)]
#[must_use]
pub fn cosine(x: f32) -> f32 {
    let x = f32::from_bits(x.to_bits().min(7_f32.to_bits()));
    // `cosf`'s limits, beyond which the next multiple of π/2 is nearer.
    let limits = [0x3f49_0fda, 0x4016_cbe3, 0x407b_53d1, 0x40af_eddf];
    let quarter = limits.iter().filter(|limit| x.to_bits() > **limit).count();
    // Exact, but for numbers so small that their cosine is 1.
    let x = (x * (1_u64 << BITS) as f32) as i64;
    let near = match quarter {
        0 => x,
        quarter => x - QUARTERS[(quarter - 1) % 4],
    };
    let z = times(near, near);
    let [a, b, c, d] = if quarter % 2 == 0 { COSINE } else { SINE };
    let tail = a + times(z, b + times(z, c + times(z, d)));
    let sum = if quarter % 2 == 0 {
        (1 << BITS) + times(z, tail)
    } else {
        near + times(times(z, near), tail)
    };
    // cos(π/2 + x) = −sin x, cos(π + x) = −cos x, cos(3π/2 + x) = sin x.
    let sum = if quarter == 1 || quarter == 2 { -sum } else { sum };
    sum as f32 * (1.0 / (1_u64 << BITS) as f32)
}

/// a·b, for a product between −8 and 8; cut at its last bit, and one more.
#[inline(never)] // six times over, it would be most of this
fn times(a: i64, b: i64) -> i64 {
    let [a_high, b_high] = [a >> 32, b >> 32];
    let [a_low, b_low] = [a & 0xffff_ffff, b & 0xffff_ffff];
    ((a_high * b_high) << 4) + ((a_high * b_low) >> 28) + ((b_high * a_low) >> 28)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every 500th input here, all of them in `tests/examples/exhaustive.rs`.
    #[test]
    fn has_the_bits_of_libm() {
        for bits in (0..=7.0_f32.to_bits()).step_by(499) {
            let x = f32::from_bits(bits);
            assert_eq!(cosine(x).to_bits(), libm::cosf(x).to_bits(), "{x}");
        }
        for x in [7.0, 100.0, f32::MAX, f32::INFINITY, f32::NAN] {
            assert_eq!(cosine(x).to_bits(), libm::cosf(7.0).to_bits(), "{x}");
        }
    }
}
