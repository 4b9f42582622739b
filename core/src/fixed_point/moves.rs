//! The moves of a fixed-point block.

use super::block::{FixedBlock, SEEN, Scratch};
use super::extrapolation::extrapolate;
use super::factor::{BITS, excess, log2_ceil, nearest, scaled};
use super::sums::{image, rounded_up, seldom_image, shifted, sum_of_products};
use super::sweep::sweep;
use crate::bound;
use crate::float::ldexp;
use crate::penalty::Penalty;
use crate::rows::{by_row, by_row_mut};
use crate::subproblem::{Change, Held, Slope, Subproblem};

impl Subproblem for FixedBlock<'_> {
    fn sample(&mut self) -> bool {
        let (rank, sample) = (self.rank.max(1), self.sample);
        // A penalty weighs one factor against the other.
        let balances = self.penalties == [Penalty::default(); 2];
        // The diagonal has the largest entry of A.
        let max = (0..rank).fold(0, |max, a| {
            let squares = sum_of_products(self.y.entries, None, [a; 2], rank);
            let by = if balances { self.balance(a, squares) } else { 0 };
            let squares = match sample {
                None => squares << (2 * by),
                Some(_) => sum_of_products(self.y.entries, sample, [a; 2], rank),
            };
            if squares > max { squares } else { max }
        });
        let ridge = self.ridge();
        let mut bits = (u64::BITS - max.leading_zeros()).cast_signed();
        if ridge > 0.0 {
            let of_ridge = libm::frexpf(ridge).1;
            bits = 1 + if of_ridge > bits { of_ridge } else { bits };
        }
        let room = 31 - log2_ceil(rank).cast_signed();
        let shift = if bits > room { (bits - room).cast_unsigned() } else { 0 };
        let gram = &mut *self.scratch.gram;
        let sum = |a: usize, b: usize| sum_of_products(self.y.entries, sample, [a, b], rank);
        for a in 0..rank {
            for b in 0..=a {
                // Rounded up, so that λmax of what is kept is not below the true one.
                let entry = rounded_up(sum(a, b), shift);
                for at in [a * rank + b, b * rank + a] {
                    if let Some(gram) = gram.get_mut(at) {
                        *gram = entry;
                    }
                }
            }
        }
        self.counts.gram = shift.cast_signed();
        if ridge > 0.0 {
            let ridge = ldexp(ridge, -self.counts.gram) as u32 + 1;
            for a in gram.iter_mut().step_by(rank.saturating_add(1)) {
                *a = a.saturating_add(ridge);
            }
        }
        max > 0 || ridge > 0.0
    }

    fn lipschitz(&mut self) -> f32 {
        let (y_unit, shift) = (self.y_unit(), self.counts.gram);
        let unit = self.weighted(y_unit * y_unit);
        let Scratch { gram, floats, direction, image, .. } = &mut self.scratch;
        for (float, a) in floats.iter_mut().zip(&**gram) {
            *float = ldexp(*a as f32 * unit, shift);
        }
        let terms = self.sample.map_or(self.y.entries.len() / self.rank.max(1), <[u32]>::len);
        let lipschitz = bound::lipschitz(floats, direction, image, terms);
        // Where Y is so small that no float tells.
        let l2 = self.penalties[0].l2;
        if lipschitz < l2 { l2 } else { lipschitz }
    }

    fn loss(&mut self) -> f32 {
        self.hold_products();
        let ([p, q], rank) = (self.shifts(), self.rank.max(1));
        let mut fit = 0_i64;
        for (x, g) in by_row(self.x.entries, rank).zip(by_row(self.gradient, rank)) {
            for ((g, x_entry), a) in g.iter().zip(x).zip(by_row(self.scratch.gram, rank)) {
                let [xa, p] = [shifted(seldom_image(x, a), q), shifted(*g, p)];
                fit += (i64::from(xa) - 2 * i64::from(p)) * i64::from(*x_entry);
            }
        }
        self.value(fit)
    }

    fn sweep(&mut self, relaxation: f32) -> Change {
        self.hold_products();
        sweep(self, relaxation)
    }

    fn gradient(&mut self) -> Slope {
        let rank = self.rank.max(1);
        self.hold_products();
        self.held = Held::Gradient;
        let [by_p, by_q] = self.shifts();
        let (mut fit, mut max) = (0_i64, 0_u32);
        let Scratch { gram, row, .. } = &mut self.scratch;
        let x_rows = by_row(self.x.entries, rank);
        for (x, g) in x_rows.clone().zip(by_row_mut(self.gradient, rank)) {
            for ((g, x_entry), a) in g.iter_mut().zip(x).zip(by_row(gram, rank)) {
                let p = shifted(*g, by_p);
                *g = shifted(image(x, a), by_q) - p;
                fit += (i64::from(*g) - i64::from(p)) * i64::from(*x_entry);
                let size = g.unsigned_abs();
                max = if size > max { size } else { max };
            }
        }
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
        Slope {
            loss: self.value(fit),
            norm_squared: norm as f32 * (g_unit * g_unit),
            free_norm_squared: free_norm as f32 * (g_unit * g_unit),
            free_curvature: curvature as f32 * (g_unit * g_unit) * self.image_unit(),
        }
    }

    fn try_step(&mut self, rate: f32) -> Change {
        let change = self.change(rate);
        self.tried = Some((rate, change));
        change
    }

    fn remember(&mut self) -> bool {
        self.before.iter_mut().zip(&*self.x.entries).for_each(|(before, x)| *before = *x);
        self.remembered = *self.x.exponent;
        true
    }

    fn extrapolate(&mut self, factor: f32, allowed: f32) -> Option<Change> {
        extrapolate(self, factor, allowed)
    }

    fn images(&self) -> u32 {
        self.images
    }

    fn idle(&self) -> usize {
        let diagonal = self.scratch.gram.iter().step_by(self.rank.saturating_add(1));
        diagonal.filter(|a| **a == 0).count()
    }

    fn shape(&self) -> [usize; 2] {
        [self.x.entries.len() / self.rank.max(1), self.rank]
    }

    fn exponent(&self) -> i32 {
        self.exponent
    }

    fn step(&mut self, rate: f32) -> Change {
        let change = match self.tried {
            Some((tried, change)) if tried.to_bits() == rate.to_bits() => change,
            _ => self.change(rate),
        };
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
