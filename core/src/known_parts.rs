//! V some of whose parts are known: the first components of a factor stay, the others are found.
//!
//! A machine's hum has a spectrum that was measured once, and the spectra of its faults are sought; a dye is known, its
//! impurities are not. With the first k columns of W kept, F is minimised over the other columns and all of H. Moves on
//! the components that are left lower F as they do where all move: a sweep passes over the others, and gradients are
//! zero there.
//!
//! ```
//! use tinynmf_core::{Data, KnownParts, Nmf, Settings, rule};
//!
//! static READINGS: [u8; 12] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];
//! let v = KnownParts::new(Data::new(&READINGS, 4, 3, 1.0)?, [1, 0]);
//! let mut nmf = Nmf::<4, 3, 2>::new(Settings::default())?;
//! let hum = [3.0, 3.0, 0.0, 3.0];
//! let w: [f32; 8] = core::array::from_fn(|i| if i % 2 == 0 { hum[i / 2] } else { 1.0 });
//! nmf.set(&w, &[1.0; 6])?;
//! let mut run = nmf.run(v)?;
//! let before = run.loss();
//! let mut hals = rule::Sweeps::HALS;
//! for _ in 0..20 {
//!     run.epoch(&mut hals);
//! }
//! assert!(run.loss() < 0.1 * before);
//! assert!(run.w().iter().step_by(2).eq(&hum));
//! # Ok::<(), tinynmf_core::Error>(())
//! ```

use crate::Factor;
use crate::matrix::Matrix;
use crate::subproblem::pass::Perturb;
use crate::subproblem::{Change, Dense, Slope, Subproblem};

/// V whose factorisation keeps the first components of W, of H, or of both as the start has them.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct KnownParts<M> {
    matrix: M,
    kept: [usize; 2],
}

impl<M> KnownParts<M> {
    /// V with the first `w` columns of W and the first `h` rows of H kept; numbers beyond the rank keep the factor.
    #[must_use]
    pub fn new(matrix: M, [w, h]: [usize; 2]) -> Self {
        Self { matrix, kept: [w, h] }
    }

    fn kept(&self, factor: Factor) -> usize {
        let [w, h] = self.kept;
        match factor {
            Factor::W => w,
            Factor::H => h,
        }
    }
}

impl<M: Matrix> Matrix for KnownParts<M> {
    type Subproblem<'a>
        = OthersOf<'a, M>
    where
        Self: 'a;

    fn subproblem(parts: Dense<'_, Self>) -> OthersOf<'_, M> {
        OthersOf(parts)
    }

    pass_on!(matrix: rows, columns, mean, exponent, norm_squared, products, products_at, loss_of, gram);
    pass_on!(matrix: sweep_with, displaced, least_sample, inner, weight);
}

/// [`Dense`] of which only the components move that are not kept.
#[derive(Debug)]
pub struct OthersOf<'a, M: Matrix>(Dense<'a, KnownParts<M>>);

impl<M: Matrix> OthersOf<'_, M> {
    fn kept(&self) -> usize {
        self.0.matrix.kept(self.0.factor)
    }
}

impl<M: Matrix> Subproblem for OthersOf<'_, M> {
    fn gradient(&mut self) -> Slope {
        self.0.hold_gradient_products();
        let (kept, rank) = (self.kept(), self.0.rank);
        self.0.descend(Zeroed { kept, rank, component: 0 })
    }

    fn sweep(&mut self, relaxation: f32) -> Change {
        let kept = self.kept();
        self.0.sweep_after(relaxation, kept)
    }

    pass_on!(0: sample, lipschitz, loss, try_step, step, remember, extrapolate, images, idle, shape, exponent);
}

/// G with zeros for the components that are kept, entry by entry in the order of the rows of X.
struct Zeroed {
    kept: usize,
    rank: usize,
    component: usize,
}

impl Perturb for Zeroed {
    #[inline]
    fn perturb(&mut self, g: &mut f32) {
        if self.component < self.kept {
            *g = 0.0;
        }
        self.component += 1;
        if self.component >= self.rank {
            self.component = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::table::KINDS;
    use crate::{Data, Nmf, Settings};

    static V: [u8; 20] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9, 1, 2, 0, 0, 5, 5, 1, 8];

    #[test]
    fn every_rule_keeps_what_is_known_and_moves_the_rest() {
        for kept in [[1, 0], [0, 2], [2, 1], [3, 0]] {
            for kind in KINDS {
                let mut rule = kind.make_from(&[]).unwrap();
                let data = Data::new(&V, 5, 4, 1.0).unwrap();
                let mut nmf = Nmf::<5, 4, 3>::new(Settings::default()).unwrap();
                let w: [f32; 15] = core::array::from_fn(|i| ((i * 7) % 5) as f32 * 0.5 + 0.25);
                let h: [f32; 12] = core::array::from_fn(|i| ((i * 5) % 7) as f32 * 0.25 + 0.25);
                nmf.set(&w, &h).unwrap();
                let mut run = nmf.run(KnownParts::new(data, kept)).unwrap();
                for _ in 0..6 {
                    run.epoch(&mut rule);
                }
                for ((now, start), kept) in [(run.w(), &w[..]), (run.h(), &h[..])].iter().zip(kept)
                {
                    for (now, start) in now.chunks(3).zip(start.chunks(3)) {
                        assert_eq!(now[..kept], start[..kept], "{}", kind.name);
                    }
                    assert!(kept == 3 || now != start, "{}: nothing moved", kind.name);
                }
            }
        }
    }

    #[test]
    fn nothing_kept_is_the_plain_run() {
        let data = Data::new(&V, 5, 4, 1.0).unwrap();
        for kind in KINDS {
            let losses = |wrapped: bool| {
                let mut rule = kind.make_from(&[]).unwrap();
                let mut nmf = Nmf::<5, 4, 3>::new(Settings::default()).unwrap();
                core::array::from_fn::<_, 4, _>(|_| {
                    let epoch = if wrapped {
                        nmf.run(KnownParts::new(data, [0; 2])).unwrap().epoch(&mut rule)
                    } else {
                        nmf.run(data).unwrap().epoch(&mut rule)
                    };
                    (epoch.w.change.inner.to_bits(), epoch.h.change.inner.to_bits())
                })
            };
            assert_eq!(losses(true), losses(false), "{}", kind.name);
        }
    }
}
