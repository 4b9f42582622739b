//! The certified bound: a step below 2/L never increases F (design: power iteration alone is unsafe,
//! since it approaches λmax from below).

use crate::float;
use crate::product::times;

/// Steps of the power iteration at most; warm starts take five (r = 20) to twelve (r = 3) on average.
const MAX_ITERATIONS: u32 = 48;

/// Stop when the upper and lower bounds on λmax agree to this ratio.
const AGREEMENT: f32 = 1.0 + 1e-6;

/// The smallest entry of the iterate relative to its largest: keeps every quotient defined.
const FLOOR: f32 = 1e-6;

/// 2⁶⁴: the largest entry of the iterate for a gram matrix below 2⁻⁶⁴, so that no product of the two loses bits
/// below the smallest normal number. A sum beyond the largest one needs no such care: the iterate then falls to
/// [`FLOOR`], and goes on.
const FAR: f32 = 18_446_744_073_709_551_616.0;

/// An upper bound on λmax(A) of the true gram matrix, and 0 exactly when A = 0.
///
/// `gram` (r × r) has no negative entry. For any x > 0, minᵢ (Ax)ᵢ/xᵢ ≤ λmax(A) ≤ maxᵢ (Ax)ᵢ/xᵢ
/// (Collatz 1942, Wielandt 1950). `direction` (r) is the iterate x, kept between calls as a warm start;
/// any content is allowed. `image` (r) is scratch. `terms` is the number of rows that `gram` was
/// summed over: every sum in A and in Ax has non-negative terms, so that k roundings lose at most the
/// factor (1 − u)ᵏ, u = 2⁻²⁴, and the result is enlarged by more than that. A term of A that underflows loses
/// 2⁻¹⁵⁰ at most, which lowers λmax by at most r·`terms`·2⁻¹⁵⁰.
///
/// The result lies between the smallest and the largest normal number. In between, 2ᵏA has 2ᵏ times the bound
/// of A, bit for bit.
pub fn lipschitz(gram: &[f32], direction: &mut [f32], image: &mut [f32], terms: usize) -> f32 {
    let rank = direction.len();
    let max = largest(gram);
    if max <= 0.0 {
        return 0.0;
    }
    // Scales the iterate and not A, which is somebody else's; the quotients remain those of A.
    let unit = if max < 1.0 / FAR { FAR } else { 1.0 };
    let mut best = f32::MAX;
    condition(direction, unit);
    for _ in 0..MAX_ITERATIONS {
        times(direction, gram, image, rank);
        let (mut low, mut high) = (f32::MAX, 0.0);
        for (x, ax) in direction.iter_mut().zip(image.iter()) {
            let q = ax / *x;
            if q > high {
                high = q;
            }
            if q < low {
                low = q;
            }
            *x = *ax;
        }
        if high < best {
            best = high;
        }
        condition(direction, unit);
        if high <= low * AGREEMENT {
            break;
        }
    }
    direction.iter_mut().for_each(|x| *x *= 1.0 / unit);
    let roundings = (terms + rank + 8) as f32;
    let underflow = (terms as f32 * rank as f32) * SMALLEST;
    float::limit(best * (1.0 + roundings * f32::EPSILON) + underflow, f32::MIN_POSITIVE, f32::MAX)
}

/// 2⁻¹⁴⁹, the smallest positive number.
const SMALLEST: f32 = f32::from_bits(1);

/// The largest entry, 0 if none is positive.
fn largest(x: &[f32]) -> f32 {
    x.iter().fold(0.0, |max, x| if *x > max { *x } else { max })
}

/// Scales x to a maximum of `unit` and lifts every entry to at least [`FLOOR`] of it.
fn condition(x: &mut [f32], unit: f32) {
    let max = largest(x);
    let scale = if max > 0.0 && max < f32::MAX { unit / max } else { 0.0 };
    for x in x {
        *x = float::limit(*x * scale, FLOOR * unit, unit);
    }
}

/// 2/L, the bound, and 0 for L = 0 (no step is taken then).
#[must_use]
pub fn bound(lipschitz: f32) -> f32 {
    // The enlargement in `lipschitz` is at least ten roundings, so this one cannot pass the true 2/L.
    if lipschitz > 0.0 { 2.0 / lipschitz } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_known_spectra_closely_from_above() {
        let cases: [(&[f32], f32); 4] = [
            (&[2.0, 1.0, 1.0, 2.0], 3.0),
            (&[4.0, 0.0, 0.0, 1.0], 4.0),
            (&[0.0, 0.0, 0.0, 5.0], 5.0),
            (&[1.0, 1e-6, 1e-6, 1.0], 1.000_001),
        ];
        for (gram, exact) in cases {
            let (mut x, mut image) = ([1.0; 2], [0.0; 2]);
            let l = lipschitz(gram, &mut x, &mut image, 2);
            assert!(l >= exact && l <= exact * 1.0001, "{l} for {exact}");
        }
    }

    /// λmax of a diagonal matrix is its largest entry, whatever the scale.
    #[test]
    fn is_certified_and_close_from_underflow_to_overflow() {
        let near_underflow = [9.911_238e-39, 0.0, 0.0, 1.331_216_4e-38];
        let l = lipschitz(&near_underflow, &mut [1.0, 3.365e-7], &mut [0.0; 2], 2);
        assert!((1.331_216_4e-38..1.3313e-38).contains(&l), "{l:e}");
        for exponent in -126..=127 {
            let power = libm::ldexpf(1.0, exponent);
            let (mut x, mut image) = ([1.0, 0.5], [0.0; 2]);
            let l = lipschitz(&[power, 0.0, 0.0, 0.75 * power], &mut x, &mut image, 2);
            assert!((1.0..1.000_01).contains(&(l / power)), "{l:e} for {power:e}");
            assert!((0.999_999..=1.0).contains(&x[0]), "the warm start is {x:?}");
            assert!(FLOOR <= x[1] && x[1] < 0.5, "the warm start is {x:?}");
        }
        // A row's sum is beyond the largest number, λmax is not: the iterate falls to its floor once.
        let power = libm::ldexpf(1.0, 127);
        let gram = [1.9 * power, 0.15 * power, 0.15 * power, 0.0];
        let l = lipschitz(&gram, &mut [1.0; 2], &mut [0.0; 2], 2);
        assert!((1.91..1.92).contains(&(l / power)), "{l:e}");
        let l = lipschitz(&[f32::MAX; 4], &mut [1.0; 2], &mut [0.0; 2], 2);
        assert_eq!(l.to_bits(), f32::MAX.to_bits());
        let l = lipschitz(&[f32::from_bits(1); 4], &mut [1.0; 2], &mut [0.0; 2], 2);
        assert_eq!(l.to_bits(), f32::MIN_POSITIVE.to_bits());
    }

    #[test]
    fn a_power_of_two_passes_through() {
        let gram = [3.1, 0.7, 1.1, 0.7, 2.3, 0.2, 1.1, 0.2, 1.7_f32];
        let bound_of = |power: f32| {
            let (mut x, mut image) = ([0.3, 1.0, 0.1], [0.0; 3]);
            let l = lipschitz(&gram.map(|a| a * power), &mut x, &mut image, 5);
            (l / power).to_bits()
        };
        for exponent in -120..=120 {
            assert_eq!(bound_of(libm::ldexpf(1.0, exponent)), bound_of(1.0), "2^{exponent}");
        }
    }

    /// Iterations cost r² each: none is made once the bounds agree to a part in 10⁶, and the start shows it.
    #[test]
    fn stops_when_the_bounds_agree() {
        let gram = [2.0, 1.0, 1.0, 2.0];
        let start_after = |start: f32| {
            let mut x = [1.0, start];
            lipschitz(&gram, &mut x, &mut [0.0; 2], 2);
            x[1]
        };
        assert!(start_after(0.999_999) < 1.0, "went on to the eigenvector (1, 1)");
        assert!(start_after(0.5) > 0.999_99, "stopped before it was there");
    }

    /// More terms, or a higher rank, mean more roundings; and nothing else is added.
    #[test]
    fn is_enlarged_by_the_roundings() {
        let enlarged =
            |terms| lipschitz(&[2.0, 0.0, 0.0, 2.0], &mut [1.0; 2], &mut [0.0; 2], terms);
        for terms in [1, 50, 9000] {
            let expected = 2.0 * (1.0 + (terms + 10) as f32 * f32::EPSILON);
            assert_eq!(enlarged(terms).to_bits(), expected.to_bits());
        }
        let (gram, terms) = ([2e-38, 0.0, 0.0, 2e-38], 1 << 20);
        let l = lipschitz(&gram, &mut [1.0; 2], &mut [0.0; 2], terms);
        let roundings = (terms + 10) as f32 * f32::EPSILON;
        let expected = 2e-38 * (1.0 + roundings) + (2 * terms) as f32 * SMALLEST;
        assert_eq!(l.to_bits(), expected.to_bits());
    }

    #[test]
    fn any_warm_start_is_allowed() {
        for start in [0.0, -1.0, f32::NAN, f32::INFINITY, f32::MIN_POSITIVE] {
            let (mut x, mut image) = ([start, 1.0], [0.0; 2]);
            let l = lipschitz(&[2.0, 1.0, 1.0, 2.0], &mut x, &mut image, 2);
            assert!((3.0..3.001).contains(&l), "{l} from {start}");
        }
    }

    #[test]
    fn a_zero_gram_has_no_bound() {
        let l = lipschitz(&[0.0; 4], &mut [1.0; 2], &mut [0.0; 2], 9);
        assert!(l <= 0.0 && bound(l) <= 0.0);
        assert_eq!(bound(4.0).to_bits(), 0.5_f32.to_bits());
    }
}
