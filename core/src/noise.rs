//! Noise on gradients, for experiments: a wrapper around V, of which a run without it holds nothing.
//!
//! Assumption A.1 of the paper: the expectation of a gradient is the true one.
//!
//! ```
//! use tinynmf_core::noise::GradientNoise;
//! use tinynmf_core::{Data, Nmf, Rule, Settings, rule};
//!
//! static READINGS: [u8; 12] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9];
//! let data = Data::new(&READINGS, 4, 3, 1.0 / 16.0)?;
//! let settings = Settings { horizon: 50, ..Settings::default() };
//! let noise = GradientNoise::new(0.1, settings.seed)?;
//! let mut nmf = Nmf::<4, 3, 2>::new(settings)?;
//! let mut run = nmf.run(noise.on(data))?;
//! let before = run.loss();
//! let mut rule = rule::Bound::new(0.5)?;
//! for _ in 0..50 {
//!     run.epoch(&mut rule);
//! }
//! assert!(run.loss() < 0.5 * before);
//! # Ok::<(), tinynmf_core::Error>(())
//! ```

use core::cell::{RefCell, RefMut};

use crate::matrix::Matrix;
use crate::random::{Rng, Stream, generator, normal};
use crate::subproblem::pass::{Fit, Perturb};
use crate::subproblem::{Change, Dense, Slope, Subproblem};
use crate::{Error, Factor};

/// Zero-mean normal noise on the entries of a factor's gradients.
#[derive(Debug, Clone)]
struct Noise {
    /// The standard deviation, relative to the root mean square of the factor's first gradient.
    level: f32,
    /// The standard deviation; 0 until the first gradient, which stays exact.
    deviation: f32,
    rng: Rng,
}

impl Noise {
    fn new(level: f32, rng: Rng) -> Self {
        Self { level, deviation: 0.0, rng }
    }

    /// Sets the standard deviation from the first gradient of so many entries; later ones change nothing.
    fn measure(&mut self, norm_squared: f32, entries: usize) {
        if self.level > 0.0 && self.deviation <= 0.0 {
            self.deviation = self.level * libm::sqrtf(norm_squared / entries.max(1) as f32);
        }
    }

    /// Noise for the next entry of a gradient.
    fn draw(&mut self) -> f32 {
        self.deviation * normal(&mut self.rng)
    }
}

impl Perturb for Option<&mut Noise> {
    #[inline]
    fn perturb(&mut self, g: &mut f32) {
        if let Some(noise) = self
            && noise.deviation > 0.0
        {
            *g += noise.draw();
        }
    }
}

/// The noise on the gradients of W and of H: their sizes and streams, which go on from run to run.
#[derive(Debug, Clone)]
pub struct GradientNoise {
    of_w: RefCell<Noise>,
    of_h: RefCell<Noise>,
}

impl GradientNoise {
    /// Normal noise on every gradient's entries, whose standard deviation is `level` times the root mean square of the
    /// factor's first gradient, which stays exact; level 0 is none, and changes no bit. `seed` is mostly that of
    /// [`Settings`](crate::Settings): the streams are other ones.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] for a level that is negative or not finite.
    pub fn new(level: f32, seed: u64) -> Result<Self, Error> {
        if !(0.0..f32::MAX).contains(&level) {
            return Err(Error::Parameter {
                what: "the noise level",
                needs: "a finite number of at least 0",
            });
        }
        let of_w = generator(seed, Stream::Noise);
        let mut of_h = of_w.clone();
        of_h.jump();
        let [of_w, of_h] = [of_w, of_h].map(|rng| RefCell::new(Noise::new(level, rng)));
        Ok(Self { of_w, of_h })
    }

    /// The standard deviation, relative to the first gradient's root mean square.
    #[must_use]
    pub fn level(&self) -> f32 {
        self.of(Factor::W).map_or(0.0, |noise| noise.level)
    }

    /// V, whose gradients have this noise.
    pub fn on<M: Matrix>(&self, matrix: M) -> Noisy<'_, M> {
        Noisy { matrix, noise: self }
    }

    /// The noise of a factor, which nobody else has at the time: a factor moves alone.
    fn of(&self, factor: Factor) -> Option<RefMut<'_, Noise>> {
        let noise = match factor {
            Factor::W => &self.of_w,
            Factor::H => &self.of_h,
        };
        noise.try_borrow_mut().ok()
    }
}

/// V with noise on its gradients, see [`GradientNoise::on`].
#[derive(Debug, Clone, Copy)]
pub struct Noisy<'n, M> {
    matrix: M,
    noise: &'n GradientNoise,
}

impl<'n, M: Matrix> Matrix for Noisy<'n, M> {
    type Subproblem<'a>
        = NoisyDense<'a, 'n, M>
    where
        Self: 'a;

    fn subproblem(parts: Dense<'_, Self>) -> NoisyDense<'_, 'n, M> {
        NoisyDense(parts)
    }

    pass_on!(matrix: rows, columns, mean, exponent, norm_squared, products, products_at, loss_of, gram);
    pass_on!(matrix: sweep_with, displaced, least_sample, inner, weight);
}

/// [`Dense`] with noise on G; on P where sweeps move.
#[derive(Debug)]
pub struct NoisyDense<'a, 'n, M: Matrix>(Dense<'a, Noisy<'n, M>>);

impl<'n, M: Matrix> NoisyDense<'_, 'n, M> {
    fn noise(&self) -> Option<RefMut<'n, Noise>> {
        let noise: &'n GradientNoise = self.0.matrix.noise;
        noise.of(self.0.factor)
    }

    /// P for sweeps: what is random in G is in P here.
    fn hold_products(&mut self) {
        if !self.0.hold_products() {
            return;
        }
        let Some(mut noise) = self.noise().filter(|noise| noise.level > 0.0) else { return };
        if noise.deviation <= 0.0 {
            let mut pass = Fit::default();
            self.0.pass(&mut pass);
            noise.measure(pass.norm_squared, self.0.gradient.len());
        } else {
            self.0.gradient.iter_mut().for_each(|p| *p -= noise.draw());
        }
    }
}

impl<M: Matrix> Subproblem for NoisyDense<'_, '_, M> {
    pass_on!(0: sample, lipschitz, try_step, step, remember, extrapolate, images, idle, shape, exponent);

    fn loss(&mut self) -> f32 {
        self.hold_products();
        self.0.loss()
    }

    fn gradient(&mut self) -> Slope {
        let fresh = self.0.hold_gradient_products();
        let mut noise = if fresh { self.noise() } else { None };
        let slope = self.0.descend(noise.as_deref_mut());
        if let Some(noise) = &mut noise {
            noise.measure(slope.norm_squared, self.0.gradient.len());
        }
        slope
    }

    fn sweep(&mut self, relaxation: f32) -> Change {
        self.hold_products();
        self.0.sweep(relaxation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{Cauchy, Sweeps};
    use crate::step::Schedule;
    use crate::{Data, Epoch, Nmf, Settings};

    #[test]
    fn noise_takes_its_size_from_the_first_gradient_alone() {
        let mut noise = Noise::new(0.5, generator(3, Stream::Noise));
        let perturbed = |noise: &mut Noise| {
            let mut g = 0.0_f32;
            Some(noise).perturb(&mut g);
            g.to_bits()
        };
        assert_eq!(noise.deviation.to_bits(), 0);
        assert_eq!(perturbed(&mut noise), 0, "nothing before the first gradient");
        noise.measure(36.0, 4);
        assert!((noise.deviation - 1.5).abs() < 1e-6);
        noise.measure(1e6, 4);
        assert!((noise.deviation - 1.5).abs() < 1e-6);
        // Nothing was drawn while there was no size.
        let first = 1.5 * normal(&mut generator(3, Stream::Noise));
        assert_eq!(perturbed(&mut noise), first.to_bits());
        let mut none = Noise::new(0.0, generator(3, Stream::Noise));
        none.measure(36.0, 4);
        assert_eq!([none.deviation.to_bits(), perturbed(&mut none)], [0; 2]);
        let mut of_nothing = Noise::new(0.5, generator(3, Stream::Noise));
        of_nothing.measure(4.0, 0);
        assert!((of_nothing.deviation - 1.0).abs() < 1e-6);
    }

    fn epochs(level: Option<f32>, rule: &mut impl Schedule) -> [Epoch; 3] {
        static V: [u8; 20] = [9, 0, 3, 8, 0, 3, 0, 7, 7, 9, 7, 9, 1, 2, 0, 0, 5, 5, 1, 8];
        let data = Data::new(&V, 5, 4, 0.1).unwrap();
        let mut nmf = Nmf::<5, 4, 2>::new(Settings::default()).unwrap();
        match level {
            None => [(); 3].map(|()| nmf.run(data).unwrap().epoch(rule)),
            Some(level) => {
                let noise = GradientNoise::new(level, 0).unwrap();
                [(); 3].map(|()| nmf.run(noise.on(data)).unwrap().epoch(rule))
            }
        }
    }

    #[test]
    fn level_zero_changes_no_bit_and_another_all_but_the_first_gradients() {
        let exact = [epochs(None, &mut Cauchy), epochs(None, &mut Sweeps::HALS.clone())];
        let of = |level| {
            [epochs(Some(level), &mut Cauchy), epochs(Some(level), &mut Sweeps::HALS.clone())]
        };
        assert_eq!(of(0.0), exact);
        let noisy = of(0.3);
        for (noisy, exact) in noisy.iter().zip(&exact) {
            assert_eq!(noisy[0], exact[0]);
            assert!(
                noisy[1].w.change != exact[1].w.change && noisy[1].h.change != exact[1].h.change
            );
        }
    }

    #[test]
    fn a_level_that_is_none_is_refused() {
        for level in [-1.0, f32::NAN, f32::INFINITY] {
            let refused = GradientNoise::new(level, 0).unwrap_err();
            let needs = "a finite number of at least 0";
            assert_eq!(refused, Error::Parameter { what: "the noise level", needs });
        }
    }
}
