//! Multinomial logistic regression, for features that are few.
//!
//! Of the scores s = b + Ux, the probability of class k is exp(sₖ)/Σexp(s). U and b minimise
//! C·Σ −ln p(class of x) + ½‖U‖² over standardised features, by Newton's method: what scikit-learn's
//! `make_pipeline(StandardScaler(), LogisticRegression(C=C))` does.

use nalgebra::{DMatrix, DVector};

/// The scores b + Ux of classes, for features as they come.
#[derive(Debug, Clone, PartialEq)]
pub struct Logistic {
    /// U, a row a class.
    pub weights: Vec<Vec<f64>>,
    /// b.
    pub bias: Vec<f64>,
}

/// Newton steps at most; a dozen are usual.
const STEPS: usize = 100;

/// The largest entry of the gradient at the end, as a share of C times the number of rows.
const TOLERANCE: f64 = 1e-10;

/// Keeps the sum of all biases, which changes no probability, at 0.
const OF_BIAS: f64 = 1e-9;

impl Logistic {
    /// Fits rows of features to the classes 0 to `classes` − 1; `c` is what an error weighs against the size of U.
    ///
    /// # Panics
    ///
    /// Unless there are as many labels as rows, all below `classes`.
    #[must_use]
    pub fn fit(rows: &[Vec<f64>], labels: &[usize], classes: usize, c: f64) -> Self {
        assert_eq!(rows.len(), labels.len(), "a label for every row");
        let features = rows.first().map_or(0, Vec::len);
        let moments: Vec<[f64; 2]> = (0..features).map(|k| moments(rows, k)).collect();
        // A row of ones belongs to the bias.
        let x = DMatrix::from_fn(rows.len(), features + 1, |i, k| {
            moments.get(k).map_or(1.0, |[mean, deviation]| (rows[i][k] - mean) / deviation)
        });
        let ridge =
            DMatrix::from_fn(features + 1, features + 1, |a, b| match (a == b, a < features) {
                (false, _) => 0.0,
                (true, true) => 1.0,
                (true, false) => OF_BIAS,
            });
        let problem = Problem { x, labels, c, ridge };
        let mut u = DMatrix::zeros(features + 1, classes);
        let mut loss = problem.loss(&u);
        for _ in 0..STEPS {
            let p = problem.probabilities(&u);
            let gradient = problem.gradient(&u, &p);
            if gradient.amax() < TOLERANCE * c * rows.len() as f64 {
                break;
            }
            let step = problem.newton(&p, &gradient);
            let mut share = 1.0;
            let next = loop {
                let next = &u - share * &step;
                let lower = problem.loss(&next);
                if lower < loss || share < 1e-6 {
                    loss = lower;
                    break next;
                }
                share *= 0.5;
            };
            u = next;
        }
        Self::of(&u, &moments)
    }

    /// The standardisation goes into U and b.
    fn of(u: &DMatrix<f64>, moments: &[[f64; 2]]) -> Self {
        let row = |k: usize| -> Vec<f64> {
            moments.iter().enumerate().map(|(i, [_, deviation])| u[(i, k)] / deviation).collect()
        };
        let weights: Vec<_> = (0..u.ncols()).map(row).collect();
        let bias = weights.iter().enumerate().map(|(k, row)| {
            let shift: f64 = row.iter().zip(moments).map(|(u, [mean, _])| u * mean).sum();
            u[(moments.len(), k)] - shift
        });
        Self { bias: bias.collect(), weights }
    }

    /// The class of the largest score.
    #[must_use]
    pub fn class(&self, features: &[f64]) -> usize {
        let score = |k: &usize| {
            let terms = self.weights[*k].iter().zip(features).map(|(u, x)| u * x);
            self.bias[*k] + terms.sum::<f64>()
        };
        (0..self.bias.len()).max_by(|a, b| score(a).total_cmp(&score(b))).unwrap_or(0)
    }
}

/// Mean and standard deviation of a feature; a deviation of 1 where it is constant.
fn moments(rows: &[Vec<f64>], k: usize) -> [f64; 2] {
    let n = rows.len() as f64;
    let mean = rows.iter().map(|row| row[k]).sum::<f64>() / n;
    let variance = rows.iter().map(|row| (row[k] - mean).powi(2)).sum::<f64>() / n;
    [mean, if variance > 0.0 { variance.sqrt() } else { 1.0 }]
}

/// Rows, and what is to be minimised over U (a column a class, the bias last).
struct Problem<'a> {
    x: DMatrix<f64>,
    labels: &'a [usize],
    c: f64,
    ridge: DMatrix<f64>,
}

impl Problem<'_> {
    /// A row of probabilities a row of features.
    fn probabilities(&self, u: &DMatrix<f64>) -> DMatrix<f64> {
        let mut scores = &self.x * u;
        for mut row in scores.row_iter_mut() {
            let max = row.max();
            row.apply(|score| *score = (*score - max).exp());
            row /= row.sum();
        }
        scores
    }

    fn loss(&self, u: &DMatrix<f64>) -> f64 {
        let p = self.probabilities(u);
        let fit: f64 = self.labels.iter().enumerate().map(|(i, k)| -p[(i, *k)].ln()).sum();
        self.c * fit + 0.5 * u.dot(&(&self.ridge * u))
    }

    fn gradient(&self, u: &DMatrix<f64>, p: &DMatrix<f64>) -> DMatrix<f64> {
        let mut error = p.clone();
        for (i, k) in self.labels.iter().enumerate() {
            error[(i, *k)] -= 1.0;
        }
        self.c * self.x.transpose() * error + &self.ridge * u
    }

    /// The step of Newton's method.
    fn newton(&self, p: &DMatrix<f64>, gradient: &DMatrix<f64>) -> DMatrix<f64> {
        let (features, classes) = gradient.shape();
        let mut hessian = DMatrix::zeros(features * classes, features * classes);
        for a in 0..classes {
            for b in 0..=a {
                let weight = |i| p[(i, a)] * (f64::from(u8::from(a == b)) - p[(i, b)]);
                let weights = DVector::from_fn(p.nrows(), |i, _| self.c * weight(i));
                let mut weighted = self.x.clone();
                for mut column in weighted.column_iter_mut() {
                    column.component_mul_assign(&weights);
                }
                let mut block = self.x.transpose() * weighted;
                if a == b {
                    block += &self.ridge;
                }
                for [row, column] in [[a, b], [b, a]] {
                    let at = (row * features, column * features);
                    hessian.view_mut(at, (features, features)).copy_from(&block);
                }
            }
        }
        let right = DVector::from_column_slice(gradient.as_slice());
        // The ridge makes it positive definite, but for rounding.
        let step = hessian.cholesky().map_or_else(|| right.clone(), |it| it.solve(&right));
        DMatrix::from_column_slice(features, classes, step.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ten rows of two features.
    fn rows() -> (Vec<Vec<f64>>, Vec<usize>) {
        let rows: Vec<Vec<f64>> =
            (0..10).map(|i| vec![f64::from(i * 7 % 10), f64::from(i * i % 11) - 3.0]).collect();
        (rows, vec![0, 1, 2, 0, 1, 2, 2, 1, 0, 1])
    }

    /// scikit-learn 1.9.1, `LogisticRegression(C=2, tol=1e-12, max_iter=10**6)` on standardised features.
    #[test]
    fn agrees_with_scikit_learn() {
        let (rows, labels) = rows();
        let found = Logistic::fit(&rows, &labels, 3, 2.0);
        let expected: [[f64; 3]; 3] = [
            [-0.335_818_9, 0.251_800_6, 0.919_857_1],
            [0.373_785_6, -0.166_573_6, -1.333_557_9],
            [-0.037_966_7, -0.085_227_0, 0.413_700_8],
        ];
        for ((row, bias), [first, second, b]) in found.weights.iter().zip(&found.bias).zip(expected)
        {
            let errors = [row[0] - first, row[1] - second, bias - b];
            assert!(errors.iter().all(|error| error.abs() < 1e-5), "{found:?}");
        }
    }

    #[test]
    fn a_constant_feature_is_no_reason_to_fail() {
        let (mut rows, labels) = rows();
        rows.iter_mut().for_each(|row| row.push(4.0));
        let found = Logistic::fit(&rows, &labels, 3, 2.0);
        assert!(found.weights.iter().all(|row| row[2].abs() < 1e-9), "{found:?}");
        let right = rows.iter().zip(&labels).filter(|(row, label)| found.class(row) == **label);
        assert!(right.count() > 5);
    }
}
