//! Latents for a fixed W in integers, for cores without a floating-point unit.
//!
//! | what | as |
//! |---|---|
//! | v | up to 13 bits; 16 rows of 12 bits, or 8 of 13, leave room for every residual |
//! | W, its columns of sum 1 | 15 bits |
//! | `A = WᵀW` | 14 bits |
//! | h | quarters of a sum's step |
//!
//! Latents are found by sweeps, as `tinynmf_core::fixed_point` makes its moves, from h = 0 until one changes nothing.
//! All products have 32 bits, as those of a Cortex-M0.

#![no_std]
#![forbid(unsafe_code)]

/// Bits of h after the point.
pub const OF_H: u32 = 2;

/// Bits after the point.
const OF_W: u32 = 15;
const OF_GRAM: u32 = 14;

/// Sweeps at most.
const SWEEPS: u32 = 100;

/// Steps are products of g · 2⁻⁸ and `2²⁰/A_kk`.
const OF_STEP: u32 = 8;
const OF_INVERSE: u32 = 20;

/// W in integers, with its columns divided by their sums, and what all columns v share.
#[derive(Debug, Clone)]
pub struct Latents<const ROWS: usize, const RANK: usize> {
    w: [[u16; RANK]; ROWS],
    gram: [[i32; RANK]; RANK],
    /// `2²⁰/A_kk`.
    inverse: [i32; RANK],
}

impl<const ROWS: usize, const RANK: usize> Latents<ROWS, RANK> {
    /// Rounds W, row by row.
    #[must_use]
    pub fn new(w: &[f32]) -> Self {
        let mut latents =
            Self { w: [[0; RANK]; ROWS], gram: [[0; RANK]; RANK], inverse: [0; RANK] };
        latents.set(w);
        latents
    }

    /// Rounds another W, and all that depends on it.
    pub fn set(&mut self, w: &[f32]) {
        let scales = column_sums::<RANK>(w).map(|sum| (1 << OF_W) as f32 / sum);
        for (row, w) in self.w.iter_mut().zip(w.as_chunks::<RANK>().0) {
            for ((entry, w), scale) in row.iter_mut().zip(w).zip(scales) {
                // `as` saturates; a column without a sum is one of zeros.
                *entry = ((w * scale + 0.5) as u16).min((1 << OF_W) - 1);
            }
        }
        let sum = |a: usize, b: usize| {
            let terms = self.w.iter().map(|row| u32::from(row[a]) * u32::from(row[b]));
            // The columns sum to 2¹⁵ or a little more.
            (terms.fold(0_u32, u32::wrapping_add) >> (2 * OF_W - OF_GRAM)).cast_signed()
        };
        self.gram = core::array::from_fn(|a| core::array::from_fn(|b| sum(a, b)));
        for (k, inverse) in self.inverse.iter_mut().enumerate() {
            *inverse = (1 << OF_INVERSE) / self.gram[k][k].max(1);
        }
    }

    /// h ≥ 0 that minimises ‖v − Wh‖², in quarters.
    #[must_use]
    pub fn of(&self, v: &[u16; ROWS]) -> [i32; RANK] {
        let mut b = [0_i32; RANK];
        for (v, row) in v.iter().zip(&self.w) {
            for (b, w) in b.iter_mut().zip(row) {
                *b = b.wrapping_add(i32::from(*v) * i32::from(*w));
            }
        }
        // From 15 bits after the point to the 14 + 2 of Ah.
        let b = b.map(|b| b.wrapping_mul(1 << (OF_GRAM + OF_H - OF_W)));
        let mut h = [0; RANK];
        for _ in 0..SWEEPS {
            let mut moved = false;
            for k in 0..RANK {
                let image =
                    h.iter().zip(&self.gram[k]).fold(0_i32, |sum, (h, a)| sum.wrapping_add(h * a));
                let g = image.wrapping_sub(b[k]) >> OF_STEP;
                let half = 1 << (OF_INVERSE - OF_STEP - 1);
                let step =
                    g.wrapping_mul(self.inverse[k]).wrapping_add(half) >> (OF_INVERSE - OF_STEP);
                let next = (h[k] - step).max(0);
                moved |= next != h[k];
                h[k] = next;
            }
            if !moved {
                break;
            }
        }
        h
    }

    /// ½‖v − Wh‖², in squares of quarters.
    #[must_use]
    pub fn residual(&self, v: &[u16; ROWS], h: &[i32; RANK]) -> u32 {
        let mut squares = 0_u32;
        for (v, row) in v.iter().zip(&self.w) {
            // h has up to 18 bits.
            let term = |(w, h): (&u16, &i32)| (i32::from(*w >> 2) * h) >> 8;
            let fit = row.iter().zip(h).map(term).fold(0, i32::wrapping_add) >> (OF_W - 10);
            let residual = (i32::from(*v) << OF_H) - fit;
            // 15 bits squared, eight times.
            squares = squares.wrapping_add(residual.wrapping_mul(residual).cast_unsigned() >> 1);
        }
        squares
    }
}

/// The column sums of W, row by row.
#[must_use]
pub fn column_sums<const RANK: usize>(w: &[f32]) -> [f32; RANK] {
    let mut sums = [0.0; RANK];
    for row in w.as_chunks::<RANK>().0 {
        sums.iter_mut().zip(row).for_each(|(sum, w)| *sum += w);
    }
    sums
}
