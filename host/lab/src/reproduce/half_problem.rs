//! One factor's half of the problem as a quadratic in double precision: F(X) = ½⟨XA, X⟩ − ⟨P, X⟩ + constant.

use tinynmf::family::Problem;
use tinynmf_core::bound;

/// Steps of a run that decides whether a rate is stable.
const STEPS: usize = 400;

/// Halvings of the interval that the largest stable rate lies in.
const HALVINGS: usize = 14;

/// The largest rate that is tried, as a multiple of 2/λmax.
const LARGEST: f64 = 16.0;

/// Some rows of a factor X with the other factor fixed: they do not depend on the rest.
pub struct HalfProblem {
    /// A, r × r.
    gram: Vec<f64>,
    /// P, k × r.
    product: Vec<f64>,
    /// X, k × r.
    start: Vec<f64>,
    rank: usize,
    terms: usize,
}

impl HalfProblem {
    /// The first `slice` rows of W, with H fixed.
    #[must_use]
    pub fn of_w(problem: &Problem, w: &[f32], h: &[f32], slice: usize) -> Self {
        let entry = |i: usize, j: usize| problem.entries[i * problem.columns + j];
        Self::new(problem.rank, &w[..slice.min(problem.rows) * problem.rank], h, entry)
    }

    /// The first `slice` columns of H, with W fixed.
    #[must_use]
    pub fn of_h(problem: &Problem, w: &[f32], h: &[f32], slice: usize) -> Self {
        let entry = |j: usize, i: usize| problem.entries[i * problem.columns + j];
        Self::new(problem.rank, &h[..slice.min(problem.columns) * problem.rank], w, entry)
    }

    fn new(rank: usize, x: &[f32], y: &[f32], v: impl Fn(usize, usize) -> f32) -> Self {
        let mut gram = vec![0.0; rank * rank];
        let mut product = vec![0.0; x.len()];
        let mut row = vec![0.0; rank];
        for (j, y) in y.chunks_exact(rank).enumerate() {
            row.iter_mut().zip(y).for_each(|(a, b)| *a = f64::from(*b));
            for (gram, a) in gram.chunks_exact_mut(rank).zip(&row) {
                gram.iter_mut().zip(&row).for_each(|(gram, b)| *gram += a * b);
            }
            for (i, product) in product.chunks_exact_mut(rank).enumerate() {
                let v = f64::from(v(i, j));
                product.iter_mut().zip(&row).for_each(|(product, b)| *product += v * b);
            }
        }
        let start = x.iter().map(|x| f64::from(*x)).collect();
        Self { gram, product, start, rank, terms: y.len() / rank }
    }

    /// 2/λmax(A), by power iteration until nothing changes any more.
    #[must_use]
    pub fn bound(&self) -> f64 {
        let mut x = vec![1.0; self.rank];
        let mut largest = 0.0;
        for _ in 0..10_000 {
            let image = self.times(&x);
            let norm = image.iter().map(|a| a * a).sum::<f64>().sqrt();
            x = image.iter().map(|a| a / norm).collect();
            if (norm - largest).abs() <= 1e-15 * norm {
                break;
            }
            largest = norm;
        }
        2.0 / largest
    }

    /// Core's certified bound, from the same matrix in single precision.
    #[must_use]
    pub fn certified(&self) -> f64 {
        let gram: Vec<f32> = self.gram.iter().map(|a| *a as f32).collect();
        let (mut direction, mut image) = (vec![1.0; self.rank], vec![0.0; self.rank]);
        bound::bound(bound::lipschitz(&gram, &mut direction, &mut image, self.terms)).into()
    }

    /// The largest rate under which F never rises, found by bisection; at most 16 times 2/λmax.
    #[must_use]
    pub fn largest_stable(&self, projected: bool) -> f64 {
        let bound = self.bound();
        let (mut low, mut high) = (0.25 * bound, LARGEST * bound);
        for _ in 0..HALVINGS {
            let middle = (low * high).sqrt();
            if self.stable(middle, projected) {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Whether F never rises in [`STEPS`] steps of size `rate`.
    fn stable(&self, rate: f64, projected: bool) -> bool {
        let mut x = self.start.clone();
        (0..STEPS).all(|_| {
            let [inner, curvature] = self.step(&mut x, rate, projected);
            // Rounding is all that is left of a run that has come to rest.
            inner + 0.5 * curvature <= 1e-9 * -inner
        })
    }

    /// X ← X − rate·G, projected if so asked. Returns ⟨G, D⟩ and ⟨D, DA⟩, D being the change of X: F changes
    /// by the first and half the second.
    fn step(&self, x: &mut [f64], rate: f64, projected: bool) -> [f64; 2] {
        let mut sums = [0.0; 2];
        for (x, p) in x.chunks_exact_mut(self.rank).zip(self.product.chunks_exact(self.rank)) {
            let image = self.times(x);
            let gradient: Vec<f64> = image.iter().zip(p).map(|(a, p)| a - p).collect();
            let next = x.iter().zip(&gradient).map(|(x, g)| x - rate * g);
            let next: Vec<f64> = next.map(|x| if projected { x.max(0.0) } else { x }).collect();
            let d: Vec<f64> = next.iter().zip(&*x).map(|(next, x)| next - x).collect();
            sums[0] += dot(&gradient, &d);
            sums[1] += dot(&d, &self.times(&d));
            x.copy_from_slice(&next);
        }
        sums
    }

    fn times(&self, x: &[f64]) -> Vec<f64> {
        self.gram.chunks_exact(self.rank).map(|row| dot(row, x)).collect()
    }
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reproduce::setup::Setup;
    use tinynmf::seeds::Purpose;
    use tinynmf_train::paper::first_factors;

    /// W and H with bounds that are nine apart, as quadratics.
    fn unbalanced() -> [HalfProblem; 2] {
        let setup = Setup::tiny();
        let work = setup.instance(Purpose::Training, 0);
        let problem = work.problem();
        let [mut w, h] = first_factors(problem, 3, true);
        w.iter_mut().for_each(|w| *w *= 3.0);
        [HalfProblem::of_w(problem, &w, &h, 20), HalfProblem::of_h(problem, &w, &h, 20)]
    }

    /// The paper prints ‖W‖² beside the update of W: it is the other factor's norm that tells where W is
    /// stable.
    #[test]
    fn the_bound_is_sharp_and_is_that_of_the_other_factor() {
        let [of_w, of_h] = unbalanced();
        for quadratic in [&of_w, &of_h] {
            let ratio = quadratic.largest_stable(false) / quadratic.bound();
            assert!((0.999..1.01).contains(&ratio), "{ratio}");
            assert!(quadratic.largest_stable(true) > 0.999 * quadratic.bound());
            let certified = quadratic.certified() / quadratic.bound();
            assert!(certified <= 1.0 && certified > 0.999, "{certified}");
        }
        let swapped = of_w.bound() / of_h.bound();
        assert!(swapped > 4.0, "{swapped}: ‖W‖² in place of ‖H‖² would be that far off");
    }

    /// Without the ½ in F the gradient is twice as long: the bound is then 1/L.
    #[test]
    fn without_the_half_in_f_the_bound_halves() {
        for quadratic in unbalanced() {
            let bound_without = 0.5 * quadratic.bound();
            assert!(quadratic.stable(2.0 * 0.99 * bound_without, false));
            assert!(!quadratic.stable(2.0 * 1.01 * bound_without, false));
        }
    }

    /// A norm in the paper's proof lacks its gradient: a step lowers F by at least α(1 − αL/2)‖∇F‖².
    #[test]
    fn a_step_lowers_f_by_a_multiple_of_the_squared_gradient() {
        for quadratic in unbalanced() {
            let lipschitz = 2.0 / quadratic.bound();
            for share in [0.1, 0.5, 0.9, 0.99] {
                let alpha = share * quadratic.bound();
                let [inner, curvature] = quadratic.step(&mut quadratic.start.clone(), alpha, false);
                let gradient_squared = -inner / alpha;
                let promised = alpha * (1.0 - 0.5 * alpha * lipschitz) * gradient_squared;
                assert!(-(inner + 0.5 * curvature) >= promised * (1.0 - 1e-9));
            }
        }
    }
}
