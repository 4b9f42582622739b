//! HALS, hierarchical alternating least squares (Cichocki, Zdunek & Amari 2007): scikit-learn's `cd`.
//!
//! One latent after the other is set to its minimiser, X_k ← max(0, X_k + (P_k − (XA)_k)/A_kk), the others being
//! fixed. A half-step costs m·n·r multiply-adds for P and (m or n)·r² for the latents: what a gradient step costs. It
//! needs W and H sorted by entries instead of a product, which is why it is another algorithm and not a step size.

use tinynmf::error::Result;
use tinynmf::family::Problem;
use tinynmf::trajectory::Trajectory;

use super::alternating::{Half, alternate};

/// Its losses and costs by epoch.
///
/// # Errors
///
/// As [`alternate`].
pub fn hals(problem: &Problem) -> Result<Trajectory> {
    alternate(problem, sweep)
}

/// Every latent of every row once, k·r² multiply-adds; a latent that the other factor does not have stays.
fn sweep(Half { x, p, a, rank, .. }: Half<'_>) -> u64 {
    for (x, p) in x.chunks_exact_mut(rank).zip(p.chunks_exact(rank)) {
        for k in 0..rank {
            let row = &a[k * rank..(k + 1) * rank];
            if row[k] > 0.0 {
                let image: f32 = x.iter().zip(row).map(|(x, a)| x * a).sum();
                x[k] = (x[k] + (p[k] - image) / row[k]).max(0.0);
            }
        }
    }
    (x.len() * rank) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluate::suite::Suite;
    use tinynmf::seeds::Purpose;

    #[test]
    fn never_increases_the_loss_and_gets_far() {
        for case in &Suite::Exact.cases(None, None).unwrap()[..2] {
            let problem = case.problem(Purpose::Tuning, 0);
            let run = hals(&problem).unwrap();
            assert!(run.loss.is_sorted_by(|a, b| *b <= a * (1.0 + 1e-4) + 1e-4));
            assert!(run.last_loss() < 0.02 * run.first_loss());
        }
    }

    #[test]
    fn a_latent_that_does_not_exist_stays() {
        let mut x = [1.0, 2.0];
        sweep(Half {
            factor: tinynmf_core::Factor::W,
            x: &mut x,
            p: &[6.0, 0.0],
            a: &[2.0, 0.0, 0.0, 0.0],
            terms: 2,
            rank: 2,
        });
        assert_eq!(x.map(f32::to_bits), [3.0, 2.0_f32].map(f32::to_bits));
    }
}
