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

/// An upper bound on λmax(A) of the true gram matrix, and 0 exactly when A = 0.
///
/// `gram` (r × r) has no negative entry. For any x > 0, minᵢ (Ax)ᵢ/xᵢ ≤ λmax(A) ≤ maxᵢ (Ax)ᵢ/xᵢ
/// (Collatz 1942, Wielandt 1950). `direction` (r) is the iterate x, kept between calls as a warm start;
/// any content is allowed. `image` (r) is scratch. `terms` is the number of rows that `gram` was
/// summed over: every sum in A and in Ax has non-negative terms, so that k roundings lose at most the
/// factor (1 − u)ᵏ, u = 2⁻²⁴, and the result is enlarged by more than that.
pub fn lipschitz(gram: &[f32], direction: &mut [f32], image: &mut [f32], terms: usize) -> f32 {
    let rank = direction.len();
    if !gram.iter().any(|a| *a > 0.0) {
        return 0.0;
    }
    let mut best = f32::MAX;
    condition(direction);
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
        condition(direction);
        if high <= low * AGREEMENT {
            break;
        }
    }
    let roundings = (terms + rank + 8) as f32;
    float::limit(best * (1.0 + roundings * f32::EPSILON), f32::MIN_POSITIVE, f32::MAX)
}

/// Scales x to a maximum of 1 and lifts every entry to at least [`FLOOR`].
fn condition(x: &mut [f32]) {
    let max = x.iter().fold(0.0, |max, x| if *x > max { *x } else { max });
    let scale = if max > 0.0 && max < f32::MAX { 1.0 / max } else { 0.0 };
    for x in x {
        let y = *x * scale;
        *x = if y > FLOOR { if y < 1.0 { y } else { 1.0 } } else { FLOOR };
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
    }
}
