//! One factor's half of the problem in fixed point.

use super::factor::{BITS, LARGEST, excess, log2_ceil, nearest, scaled};
use super::product::{Integer, Range, product};
use crate::block::{Block, Change, Slope};
use crate::bound;
use crate::data::Side;
use crate::product::Left;
use crate::rows::{by_row, by_row_mut};
use libm::ldexpf;

/// Bits of |G| and |D| in the sums that rules look at.
const SEEN: u32 = 14;

/// A factor X (k × r) and its exponent: X = entry · 2^−exponent · unit.
pub(crate) struct Moving<'a> {
    pub entries: &'a mut [u16],
    pub exponent: &'a mut i32,
    /// The scale of V for H, 1 for W.
    pub unit: f32,
}

/// The fixed factor Y (l × r).
#[derive(Clone, Copy)]
pub(crate) struct Still<'a> {
    pub entries: &'a [u16],
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
    /// r.
    pub image: &'a mut [f32],
    /// A row of G_F or D, r.
    pub row: &'a mut [i32],
}

/// V in integers and factors in fixed point.
///
/// With P = VY and Q = XA as integers, G = (Q · 2^−q − P · 2^−p) in units of scale · y · 2^e, where y is what
/// an entry of Y counts; both have up to 31 bits and one of p and q is 0, so that the difference is as good
/// as 31 bits of the larger one are.
pub(crate) struct FixedBlock<'a, E> {
    pub v: Left<'a, E>,
    pub scale: f32,
    pub norm_squared: f32,
    pub side: Side,
    pub range: Range,
    pub x: Moving<'a>,
    pub y: Still<'a>,
    /// P, then G: k × r.
    pub gradient: &'a mut [i32],
    pub scratch: Scratch<'a>,
    pub rank: usize,
    pub counts: Exponents,
}

/// What the integers of a half-step count in, as powers of two.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exponents {
    /// An entry of A, in units of y².
    gram: i32,
    /// An entry of G, in units of scale · y.
    gradient: i32,
    /// What G is shifted right by, to be seen with [`SEEN`] bits.
    seen: u32,
}

impl<E: Integer> FixedBlock<'_, E> {
    /// What an entry of X counts.
    fn x_unit(&self) -> f32 {
        ldexpf(self.x.unit, -*self.x.exponent)
    }

    /// What an entry of Y counts.
    fn y_unit(&self) -> f32 {
        ldexpf(self.y.unit, -self.y.exponent)
    }

    /// What an entry of G, as it is seen, counts.
    fn g_unit(&self) -> f32 {
        let exponent = self.counts.gradient + self.counts.seen.cast_signed();
        ldexpf(self.scale * self.y_unit(), exponent)
    }

    /// A, as it is used for ⟨D, DA⟩: entries of at most 17 − ⌈log₂ r⌉ bits, so that sums have 31.
    fn coarse(a: u32) -> i32 {
        (a >> SEEN).cast_signed()
    }

    /// What a product of a seen row with A counts, in units of y² and the row's.
    fn image_unit(&self) -> f32 {
        let y = self.y_unit();
        ldexpf(y * y, self.counts.gram + SEEN.cast_signed())
    }

    /// D for a step of G · `mantissa` · 2^−`shift`, in entries of X.
    fn difference(x: u16, g: i32, mantissa: i32, shift: i32) -> i32 {
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
    fn factor(&self, rate: f32) -> (i32, i32) {
        let kappa = rate * (self.g_unit() / self.x_unit());
        if !(kappa > 0.0 && kappa < f32::MAX) {
            return if kappa > 0.0 { (0xffff, -30) } else { (0, 1) };
        }
        let (fraction, exponent) = libm::frexpf(kappa);
        (((fraction * 65_536.0) as i32).min(0xffff), 16 - exponent)
    }

    /// What a step changes, D being seen with [`SEEN`] bits.
    fn change(&mut self, rate: f32) -> Change {
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
        let d_unit = ldexpf(self.x_unit(), d_shift.cast_signed());
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

impl<E: Integer> Block for FixedBlock<'_, E> {
    fn lipschitz(&mut self) -> f32 {
        let rank = self.rank.max(1);
        let y_unit = self.y_unit();
        let Scratch { gram, floats, direction, image, .. } = &mut self.scratch;
        let sum = |a: usize, b: usize| {
            by_row(self.y.entries, rank).fold(0_u64, |sum, y| {
                let entry = |c: usize| u32::from(y.get(c).copied().unwrap_or_default());
                sum + u64::from(entry(a) * entry(b))
            })
        };
        // The diagonal has the largest entry of A.
        let max = (0..rank).fold(0, |max, a| sum(a, a).max(max));
        let shift = (u64::BITS - max.leading_zeros()).saturating_sub(31 - log2_ceil(rank));
        for a in 0..rank {
            for b in 0..=a {
                // Rounded up, so that λmax of what is kept is not below the true one.
                let entry = (sum(a, b) + ((1 << shift) - 1)) >> shift;
                for at in [a * rank + b, b * rank + a] {
                    if let (Some(gram), Some(float)) = (gram.get_mut(at), floats.get_mut(at)) {
                        *gram = entry as u32;
                        *float = ldexpf(entry as f32 * (y_unit * y_unit), shift.cast_signed());
                    }
                }
            }
        }
        self.counts.gram = shift.cast_signed();
        bound::lipschitz(floats, direction, image, self.y.entries.len() / rank)
    }

    fn gradient(&mut self) -> Slope {
        let rank = self.rank.max(1);
        product(self.v, self.side, self.y.entries, self.range, self.gradient, rank);
        // In units of scale · y: an entry of P counts 2^p, an entry of Q = XA · 2⁻¹⁶ counts 2^q.
        let p = self.range.shift.cast_signed();
        let q = 16 + self.counts.gram - *self.x.exponent - self.y.exponent;
        let e = if p > q { p } else { q };
        let shifted = |x: i32, by: i32| if by < 32 { x >> by } else { 0 };
        let (mut fit, mut max) = (0_i64, 0_u32);
        let Scratch { gram, row, .. } = &mut self.scratch;
        let x_rows = by_row(self.x.entries, rank);
        for (x, g) in x_rows.clone().zip(by_row_mut(self.gradient, rank)) {
            for ((g, x_entry), a) in g.iter_mut().zip(x).zip(by_row(gram, rank)) {
                let image = x.iter().zip(a).fold(0_u32, |sum, (x, a)| {
                    let x = u32::from(*x);
                    sum.wrapping_add(x * (a >> 16)).wrapping_add((x * (a & 0xffff)) >> 16)
                });
                let p = shifted(*g, e - p);
                *g = shifted(image.cast_signed(), e - q) - p;
                fit += (i64::from(*g) - i64::from(p)) * i64::from(*x_entry);
                let size = g.unsigned_abs();
                max = if size > max { size } else { max };
            }
        }
        self.counts.gradient = e;
        self.counts.seen = excess(max, SEEN);
        let seen = self.counts.seen;
        let (mut norm, mut free_norm, mut curvature) = (0_i64, 0_i64, 0_i64);
        for (x, g) in x_rows.zip(by_row(self.gradient, rank)) {
            for ((row, x), g) in row.iter_mut().zip(x).zip(g) {
                let g = nearest(*g, seen);
                norm += i64::from(g * g);
                *row = if *x > 0 || g < 0 { g } else { 0 };
                free_norm += i64::from(*row * *row);
            }
            for (free, a) in row.iter().zip(by_row(gram, rank)) {
                let image = row.iter().zip(a).fold(0, |sum, (d, a)| sum + d * Self::coarse(*a));
                curvature += i64::from(*free) * i64::from(image);
            }
        }
        let g_unit = self.g_unit();
        let fit_unit = ldexpf(self.scale * self.y_unit(), e) * self.x_unit();
        Slope {
            loss: 0.5 * (self.norm_squared + fit as f32 * fit_unit),
            norm_squared: norm as f32 * (g_unit * g_unit),
            free_norm_squared: free_norm as f32 * (g_unit * g_unit),
            free_curvature: curvature as f32 * (g_unit * g_unit) * self.image_unit(),
        }
    }

    fn try_step(&mut self, rate: f32) -> Change {
        self.change(rate)
    }

    fn step(&mut self, rate: f32) -> Change {
        let change = self.change(rate);
        let (mantissa, shift) = self.factor(rate);
        let seen = self.counts.seen;
        let next = |x: u16, g: &i32| {
            i32::from(x) + Self::difference(x, nearest(*g, seen), mantissa, shift)
        };
        let entries = self.x.entries.iter().zip(&*self.gradient);
        let max = entries.fold(0, |max, (x, g)| next(*x, g).max(max)).unsigned_abs();
        // Two bits may be missing before the exponent follows a factor that shrinks.
        let bits = u32::BITS - max.leading_zeros();
        let by = match bits {
            0 => 0,
            1..=12 => bits.cast_signed() - BITS.cast_signed(),
            _ => bits.saturating_sub(BITS).cast_signed(),
        };
        for (x, g) in self.x.entries.iter_mut().zip(&*self.gradient) {
            *x = scaled(next(*x, g), by).min((1 << BITS) - 1) as u16;
        }
        *self.x.exponent -= by;
        change
    }
}
