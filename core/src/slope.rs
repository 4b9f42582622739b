//! What a half-step knows of F around a factor: its slope before the step, and what the step changes.

use crate::float::{log, ratio};
use crate::gram::dot;
use crate::product::times;
use crate::rows::by_row;

/// What the gradient G = XA − VY tells about F around X; estimates if it came from a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Slope {
    /// F = ½(‖V‖² − 2⟨VY, X⟩ + ⟨XA, X⟩). It cancels: the error is about ε‖V‖². Good for observations;
    /// the loss that is reported comes from [`crate::Run::loss`].
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

/// What a step D = X⁺ − X changes: F(X⁺) − F(X) = ⟨G, D⟩ + ½⟨D, DA⟩, without another product with V.
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
    /// F(X⁺) − F(X).
    #[must_use]
    pub fn loss(&self) -> f32 {
        self.inner + 0.5 * self.curvature
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
