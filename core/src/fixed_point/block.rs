//! One factor's half of the problem in fixed point.

use super::factor::{BITS, LARGEST, excess, nearest};
use super::product::{Products, Range};
use super::sums::penalty_of;
use crate::Factor;
use crate::float::{ldexp, limit};
use crate::penalty::Penalty;
use crate::rows::by_row;
use crate::subproblem::{Change, Held};

/// Bits of |G| and |D| in the sums that rules look at.
pub(super) const SEEN: u32 = 14;

/// A factor X (k × r) and its exponent: X = entry · 2^−exponent · unit.
pub(crate) struct Moving<'a> {
    pub entries: &'a mut [u16],
    pub exponent: &'a mut i32,
    /// The scale of V for H, 1 for W.
    pub unit: f32,
}

/// The fixed factor Y (l × r): fixed but for what a component's two columns count.
pub(crate) struct Still<'a> {
    pub entries: &'a mut [u16],
    pub exponent: i32,
    pub unit: f32,
}

/// Memory of a half-step that depends on the rank alone.
pub(crate) struct Scratch<'a> {
    /// A as integers, r × r.
    pub gram: &'a mut [u32],
    /// A as floats, r × r.
    pub floats: &'a mut [f32],
    /// The warm start of the power iteration, r.
    pub direction: &'a mut [f32],
    /// r numbers: the image of the power iteration's direction.
    pub image: &'a mut [f32],
    /// A row of G_F or D, r.
    pub row: &'a mut [i32],
}

/// V in integers and factors in fixed point.
///
/// With P = VY and Q = XA as integers, G = (Q · 2^−q − P · 2^−p) in units of scale · y · 2^e, where y is what
/// an entry of Y counts; both have up to 31 bits and one of p and q is 0, so that the difference is as good
/// as 31 bits of the larger one are.
pub(crate) struct FixedBlock<'a> {
    /// V, of any element type: all code but the products is there once.
    pub v: &'a dyn Products,
    pub scale: f32,
    /// ‖V‖².
    pub norm_squared: f32,
    pub factor: Factor,
    /// The inner indices that this half-step uses; all of them for `None`.
    pub sample: Option<&'a [u32]>,
    /// l/|S|: what sums over the sample count, to estimate those over all.
    pub weight: f32,
    /// Of X and of Y.
    pub penalties: [Penalty; 2],
    pub range: Range,
    pub x: Moving<'a>,
    pub y: Still<'a>,
    /// P, then G: k × r.
    pub gradient: &'a mut [i32],
    /// X as the half-step found it, k × r, where that is remembered.
    pub before: &'a mut [u16],
    /// The exponent of `before`.
    pub remembered: i32,
    pub scratch: Scratch<'a>,
    pub rank: usize,
    pub counts: Exponents,
    /// Content of `gradient`.
    pub held: Held,
    /// The step tried last and what it would change; none at first.
    pub tried: Option<(f32, Change)>,
    /// Products with A that trials and steps took.
    pub images: u32,
    /// e, where `scale` and the exponents are those of V·4⁻ᵉ.
    pub exponent: i32,
}

/// Units of a half-step's integers, as powers of two.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exponents {
    /// An entry of A, in units of y².
    pub(super) gram: i32,
    /// An entry of G, in units of scale · y.
    pub(super) gradient: i32,
    /// Bits that G is shifted right by, to be seen with [`SEEN`] bits.
    pub(super) seen: u32,
}

impl FixedBlock<'_> {
    /// Unit of an entry of X.
    pub(super) fn x_unit(&self) -> f32 {
        ldexp(self.x.unit, -*self.x.exponent)
    }

    /// Unit of an entry of Y.
    pub(super) fn y_unit(&self) -> f32 {
        ldexp(self.y.unit, -self.y.exponent)
    }

    /// Unit of G / (unit of A · unit of X). A sample's weight is in both.
    pub(super) fn unit_ratio(&self) -> f32 {
        let exponent = self.counts.gradient - self.counts.gram + *self.x.exponent;
        ldexp(self.scale / (self.y_unit() * self.x.unit), exponent)
    }

    /// Unit of an entry of G.
    pub(super) fn whole_g_unit(&self) -> f32 {
        self.weighted(ldexp(self.scale * self.y_unit(), self.counts.gradient))
    }

    /// x · l/|S|, without a product where everything is looked at.
    pub(super) fn weighted(&self, x: f32) -> f32 {
        if self.sample.is_some() { self.weight * x } else { x }
    }

    /// Unit of an entry of G as it is seen.
    pub(super) fn g_unit(&self) -> f32 {
        let exponent = self.counts.gradient + self.counts.seen.cast_signed();
        self.weighted(ldexp(self.scale * self.y_unit(), exponent))
    }

    /// A, as it is used for ⟨D, DA⟩: entries of at most 17 − ⌈log₂ r⌉ bits, so that sums have 31.
    pub(super) fn coarse(a: u32) -> i32 {
        (a >> SEEN).cast_signed()
    }

    /// Unit of a product of a seen row with A, relative to y² times the row's unit.
    pub(super) fn image_unit(&self) -> f32 {
        let y = self.y_unit();
        self.weighted(ldexp(y * y, self.counts.gram + SEEN.cast_signed()))
    }

    /// D for a step of G · `mantissa` · 2^−`shift`, in entries of X.
    pub(super) fn difference(x: u16, g: i32, mantissa: i32, shift: i32) -> i32 {
        let product = g * mantissa;
        let step = if shift > 0 {
            let half = if shift > 31 { 0 } else { 1 << (shift - 1) };
            if shift > 30 { 0 } else { (product + half) >> shift }
        } else {
            product.saturating_mul(1 << (-shift).min(30))
        };
        let next = i32::from(x).saturating_sub(step);
        next.clamp(0, LARGEST) - i32::from(x)
    }

    /// Mantissa and shift of rate · G in entries of X; the product with a seen G stays within 30 bits.
    pub(super) fn factor(&self, rate: f32) -> (i32, i32) {
        let kappa = rate * (self.g_unit() / self.x_unit());
        if !(kappa > 0.0 && kappa < f32::MAX) {
            return if kappa > 0.0 { (0xffff, -30) } else { (0, 1) };
        }
        let (fraction, exponent) = libm::frexpf(kappa);
        (((fraction * 65_536.0) as i32).min(0xffff), 16 - exponent)
    }

    /// Brings every component of Y to nearly as many bits as Y has: x·2⁻ˢ and y·2ˢ, with s from ‖y‖² = `squares`.
    ///
    /// A component that is faint in Y would be so strong in X that the exponent which X's components share follows it,
    /// and takes their bits from all others. y·2ˢ is exact, as ‖y‖² · 4ˢ < 2³⁰ leaves it below 2¹⁵; x·2⁻ˢ is rounded to
    /// nearest, by half an entry of what the other components have. Returns s, 0 below 2: components that differ
    /// no more than that are left alone.
    pub(super) fn balance(&mut self, component: usize, squares: u64) -> u32 {
        let bits = u64::BITS - squares.leading_zeros();
        let by = (2 * BITS).saturating_sub(bits) / 2;
        if squares == 0 || by < 2 {
            return 0;
        }
        let rank = self.rank.max(1);
        for y in self.y.entries.iter_mut().skip(component).step_by(rank) {
            *y <<= by & 15;
        }
        for x in self.x.entries.iter_mut().skip(component).step_by(rank) {
            *x = nearest((*x).into(), by) as u16;
        }
        by
    }

    /// λ₂ of X, in units of an entry of A before its shift.
    pub(super) fn ridge(&self) -> f32 {
        let l2 = self.penalties[0].l2;
        if l2 <= 0.0 {
            return 0.0;
        }
        let y = self.y_unit();
        limit(l2 / (self.weight * (y * y)), 0.0, f32::MAX)
    }

    /// P, in the place of G, with λ₁ taken off.
    pub(super) fn hold_products(&mut self) {
        if self.held != Held::Nothing {
            return;
        }
        let rank = self.rank.max(1);
        let (y, p) = (&*self.y.entries, &mut *self.gradient);
        self.v.products(self.factor, self.sample, y, self.range, p, rank);
        self.held = Held::Products;
        let l1 = self.penalties[0].l1;
        if l1 > 0.0 {
            let unit = ldexp(self.scale * self.y_unit(), self.range.shift.cast_signed());
            // `as` saturates: no product is larger, so that X then falls to 0.
            let l1 = (l1 / (self.weight * unit) + 0.5) as i32;
            self.gradient.iter_mut().for_each(|p| *p = p.saturating_sub(l1));
        }
    }

    /// How far P and XA are shifted right to be subtracted from each other.
    ///
    /// In units of scale · y: an entry of P counts 2^p, an entry of Q = XA · 2⁻¹⁶ counts 2^q.
    pub(super) fn shifts(&mut self) -> [i32; 2] {
        self.shifts_at(*self.x.exponent)
    }

    /// [`FixedBlock::shifts`] for an X of that exponent. With λ₁, P may be below 0, and the difference needs a bit more.
    pub(super) fn shifts_at(&mut self, exponent: i32) -> [i32; 2] {
        let p = self.range.shift.cast_signed();
        let q = 16 + self.counts.gram - exponent - self.y.exponent;
        let larger = if p > q { p } else { q };
        let e = larger + i32::from(self.penalties[0].l1 > 0.0);
        self.counts.gradient = e;
        [e - p, e - q]
    }

    /// F from 2F − ‖V‖² = `fit`, in entries of G and X, with the penalty of the factor that is fixed.
    pub(super) fn value(&self, fit: i64) -> f32 {
        let norm_squared = match self.sample {
            None => self.norm_squared,
            Some(sample) => {
                let squares = self.v.squares(self.factor, sample) as f32;
                self.weight * (squares * (self.scale * self.scale))
            }
        };
        let loss = 0.5 * (norm_squared + fit as f32 * (self.whole_g_unit() * self.x_unit()));
        loss + penalty_of(self.penalties[1], self.y.entries, self.y_unit())
    }

    /// Change of F by a step, D being seen with [`SEEN`] bits.
    pub(super) fn change(&mut self, rate: f32) -> Change {
        self.images = self.images.saturating_add(1);
        let (mantissa, shift) = self.factor(rate);
        let (rank, seen) = (self.rank.max(1), self.counts.seen);
        let d = |x: &u16, g: &i32| Self::difference(*x, nearest(*g, seen), mantissa, shift);
        let max = self.x.entries.iter().zip(&*self.gradient).fold(0, |max, (x, g)| {
            let d = d(x, g).unsigned_abs();
            if d > max { d } else { max }
        });
        let d_shift = excess(max, SEEN);
        let (mut inner, mut curvature, mut norm, mut image_norm) = (0_i64, 0_i64, 0_i64, 0_i64);
        let Scratch { gram, row, .. } = &mut self.scratch;
        let rows = by_row(self.x.entries, rank).zip(by_row(self.gradient, rank));
        for (x, g) in rows {
            for ((row, x), g) in row.iter_mut().zip(x).zip(g) {
                *row = nearest(d(x, g), d_shift);
                inner += i64::from(*row * (nearest(*g, seen)));
                norm += i64::from(*row * *row);
            }
            for (d, a) in row.iter().zip(by_row(gram, rank)) {
                let image = row.iter().zip(a).fold(0, |sum, (d, a)| sum + d * Self::coarse(*a));
                curvature += i64::from(*d) * i64::from(image);
                // 2⁻⁸ each, so that a sum of squares of 31 bits has room.
                image_norm += i64::from(image >> 8) * i64::from(image >> 8);
            }
        }
        let d_unit = ldexp(self.x_unit(), d_shift.cast_signed());
        let (g_unit, image_unit) = (self.g_unit(), self.image_unit());
        let image = d_unit * image_unit;
        Change {
            inner: inner as f32 * (g_unit * d_unit),
            curvature: curvature as f32 * d_unit * image,
            norm_squared: norm as f32 * (d_unit * d_unit),
            image_norm_squared: image_norm as f32 * 65_536.0 * (image * image),
        }
    }
}
