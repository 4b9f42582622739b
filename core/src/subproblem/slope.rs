//! F around a factor: its slope before a step, and its change by the step.

use crate::float::{known, log, ratio};
use crate::gram::dot;
use crate::product::times;
use crate::rows::by_row;

/// Slope of F at X, from the gradient G = XA − VY; an estimate where G came from a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slope {
    /// F = ½(‖V‖² − 2⟨VY, X⟩ + ⟨XA, X⟩), and ∞ where a term is beyond the range of f32. It cancels: the error is about
    /// ε‖V‖². Good for observations; the loss that is reported comes from [`crate::Run::loss`].
    pub loss: f32,
    /// ‖G‖².
    pub norm_squared: f32,
    /// ‖G_F‖², the free part: G where X > 0 or G < 0.
    pub free_norm_squared: f32,
    /// ⟨G_F, G_F A⟩.
    pub free_curvature: f32,
}

impl Slope {
    /// log(L‖G_F‖² / ⟨G_F, G_F A⟩): 0 where the gradient lies along the steepest curvature, else above.
    #[must_use]
    pub fn log_curvature(&self, lipschitz: f32) -> f32 {
        ratio(lipschitz * self.free_norm_squared, self.free_curvature).map_or(0.0, log)
    }

    /// Adds ‖G‖² and ‖G_F‖² of a row of G; `free` gets its free part.
    #[inline]
    pub(crate) fn add_row(&mut self, x: &[f32], g: &[f32], free: &mut [f32]) {
        let (mut norm, mut free_norm) = (0.0, 0.0);
        for ((x, g), free) in x.iter().zip(g).zip(free) {
            norm += g * g;
            *free = free_part(*x, *g);
            free_norm += *free * *free;
        }
        self.norm_squared += norm;
        self.free_norm_squared += free_norm;
    }

    /// Adds ⟨G_F, G_F A⟩ of rows of G_F.
    pub(crate) fn add_curvature(
        &mut self,
        free: &[f32],
        a: &[f32],
        image: &mut [f32],
        rank: usize,
    ) {
        times(free, a, image, rank);
        for (free, image) in by_row(free, rank).zip(by_row(image, rank)) {
            self.free_curvature += dot(free, image);
        }
    }
}

/// Change of F by a step D = X⁺ − X: F(X⁺) − F(X) = ⟨G, D⟩ + ½⟨D, DA⟩, without another product with V.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Change {
    /// ⟨G, D⟩, never positive.
    pub inner: f32,
    /// ⟨D, DA⟩.
    pub curvature: f32,
    /// ‖D‖².
    pub norm_squared: f32,
    /// ‖DA‖².
    pub image_norm_squared: f32,
}

impl Change {
    /// F(X⁺) − F(X), and ∞ where its terms are beyond the range of f32.
    #[must_use]
    pub fn loss(&self) -> f32 {
        known(self.inner + 0.5 * self.curvature)
    }

    /// Adds what another move changed.
    pub fn add_move(&mut self, other: &Self) {
        self.inner += other.inner;
        self.curvature += other.curvature;
        self.norm_squared += other.norm_squared;
        self.image_norm_squared += other.image_norm_squared;
    }

    /// Adds the part of a tile of rows: `g` of G, the front of `d` of D.
    pub(crate) fn add(
        &mut self,
        g: &[f32],
        d: &[f32],
        gram: &[f32],
        image: &mut [f32],
        rank: usize,
    ) {
        let (Some(d), Some(image)) = (d.get(..g.len()), image.get_mut(..g.len())) else { return };
        times(d, gram, image, rank);
        let rows = by_row(g, rank).zip(by_row(d, rank)).zip(by_row(image, rank));
        for ((g, d), image) in rows {
            self.add_row(g, d, image);
        }
    }

    /// Adds the part of a row: of G, of D, of DA.
    #[inline]
    pub(crate) fn add_row(&mut self, g: &[f32], d: &[f32], image: &[f32]) {
        let (mut inner, mut curvature, mut norm, mut image_norm) = (0.0, 0.0, 0.0, 0.0);
        for ((g, d), image) in g.iter().zip(d).zip(image) {
            inner += g * d;
            curvature += d * image;
            norm += d * d;
            image_norm += image * image;
        }
        self.inner += inner;
        self.curvature += curvature;
        self.norm_squared += norm;
        self.image_norm_squared += image_norm;
    }
}

/// The free part of an entry of G: all of it where X > 0 or G < 0, else nothing.
#[inline]
pub(crate) fn free_part(x: f32, g: f32) -> f32 {
    if x > 0.0 || g < 0.0 { g } else { 0.0 }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::*;
    use crate::product::TILE;
    use crate::random::{Rng, Stream, generator, normal};
    use std::vec::Vec;

    /// Sums in float64 and the largest that rounding can make of them: the sum of the terms' sizes.
    #[derive(Default)]
    struct Sum {
        exact: f64,
        size: f64,
    }

    impl Sum {
        fn add(&mut self, term: f64) {
            self.exact += term;
            self.size += term.abs();
        }

        fn is(&self, found: f32) {
            let error = (f64::from(found) - self.exact).abs();
            assert!(error <= 2e-6 * self.size, "{found} for {}", self.exact);
            assert!(self.size > 0.0, "nothing was added");
        }
    }

    fn draw(rng: &mut Rng, len: usize) -> Vec<f32> {
        (0..len).map(|_| normal(rng)).collect()
    }

    /// A row times the matrix, in float64.
    fn image(row: &[f32], a: &[f32]) -> Vec<f64> {
        let column = |j: usize| row.iter().zip(a.iter().skip(j).step_by(row.len()));
        (0..row.len())
            .map(|j| column(j).map(|(x, a)| f64::from(*x) * f64::from(*a)).sum())
            .collect()
    }

    #[test]
    fn the_slope_is_what_float64_says() {
        for rank in [1, 3, 4, 5, 6, 8, 11] {
            let mut rng = generator(rank as u64, Stream::Start);
            let mut slope = Slope::default();
            let [mut norm, mut free_norm, mut curvature] = [(); 3].map(|()| Sum::default());
            for rows in [TILE, 1, 3] {
                // A third of X is positive; half of G is negative.
                let x: Vec<f32> = draw(&mut rng, rows * rank)
                    .iter()
                    .map(|x| x - 0.4)
                    .map(crate::float::project)
                    .collect();
                let (g, a) = (draw(&mut rng, rows * rank), draw(&mut rng, rank * rank));
                let (mut free, mut scratch) =
                    (std::vec![f32::NAN; rows * rank], std::vec![f32::NAN; rows * rank]);
                for ((x, g), free) in x.chunks(rank).zip(g.chunks(rank)).zip(free.chunks_mut(rank))
                {
                    slope.add_row(x, g, free);
                }
                slope.add_curvature(&free, &a, &mut scratch, rank);
                for (x, g) in x.chunks(rank).zip(g.chunks(rank)) {
                    let at_bound =
                        |(x, g): (&f32, &f32)| if *x <= 0.0 && *g >= 0.0 { 0.0 } else { *g };
                    let free: Vec<f32> = x.iter().zip(g).map(at_bound).collect();
                    g.iter().for_each(|g| norm.add(f64::from(*g).powi(2)));
                    free.iter().for_each(|g| free_norm.add(f64::from(*g).powi(2)));
                    let image = image(&free, &a);
                    free.iter()
                        .zip(image)
                        .for_each(|(g, image)| curvature.add(f64::from(*g) * image));
                }
            }
            norm.is(slope.norm_squared);
            free_norm.is(slope.free_norm_squared);
            curvature.is(slope.free_curvature);
            assert!(free_norm.exact < norm.exact || rank == 1, "nothing was at its bound");
        }
    }

    #[test]
    fn the_change_is_what_float64_says() {
        for rank in [1, 3, 4, 5, 6, 8, 11] {
            let mut rng = generator(rank as u64, Stream::Rule);
            let mut change = Change::default();
            let [mut inner, mut curvature, mut norm, mut image_norm] =
                [(); 4].map(|()| Sum::default());
            for rows in [TILE, 2] {
                let (g, a) = (draw(&mut rng, rows * rank), draw(&mut rng, rank * rank));
                // Scratch memory may be longer than the tile; what lies behind it is not read.
                let mut d = draw(&mut rng, rows * rank);
                d.resize(TILE * rank, f32::NAN);
                change.add(&g, &d, &a, &mut std::vec![f32::NAN; TILE * rank], rank);
                for (g, d) in g.chunks(rank).zip(d.chunks(rank)) {
                    for ((g, d), image) in g.iter().zip(d).zip(image(d, &a)) {
                        inner.add(f64::from(*g) * f64::from(*d));
                        curvature.add(f64::from(*d) * image);
                        norm.add(f64::from(*d).powi(2));
                        image_norm.add(image * image);
                    }
                }
            }
            inner.is(change.inner);
            curvature.is(change.curvature);
            norm.is(change.norm_squared);
            image_norm.is(change.image_norm_squared);
            let loss = Sum {
                exact: inner.exact + 0.5 * curvature.exact,
                size: inner.size + curvature.size,
            };
            loss.is(change.loss());
        }
    }

    #[test]
    fn an_entry_is_free_unless_a_step_would_only_push_it_below_zero() {
        for (x, g, free) in [
            (1.0, 2.0, 2.0),
            (1.0, -2.0, -2.0),
            (0.0, -2.0, -2.0),
            (0.0, 2.0, 0.0),
            (0.0, 0.0, 0.0),
            (1.0, 0.0, 0.0),
        ] {
            assert!((free_part(x, g) - free).abs() <= 0.0, "{x} {g}");
        }
        assert_eq!(free_part(0.0, -0.0).to_bits(), 0);
    }

    #[test]
    fn the_curvature_is_seen_relative_to_the_bound() {
        let slope = Slope { free_norm_squared: 3.0, free_curvature: 1.5, ..Slope::default() };
        assert!((slope.log_curvature(2.0) - libm::logf(4.0)).abs() < 1e-6);
        assert_eq!(Slope::default().log_curvature(2.0).to_bits(), 0);
    }
}
