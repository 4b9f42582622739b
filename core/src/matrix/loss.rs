//! The loss F, from the residual itself.

use crate::data::{Data, Entry};
use crate::gram::dot;
use crate::rows::{by_row, by_tile};

/// F = ½‖V − WH‖²_F over all of V, for W (m × r, row by row) and H (r × n, column by column).
#[must_use]
pub fn loss<E: Entry>(data: &Data<'_, E>, w: &[f32], h: &[f32], rank: usize) -> f32 {
    let (rank, columns) = (rank.max(1), data.columns().max(1));
    let scale = data.scale();
    let mut loss = 0.0;
    for (v, w) in by_tile(data.entries(), columns).zip(by_tile(w, rank)) {
        let (mut v_rows, mut w_rows) = (by_row(v, columns), by_row(w, rank));
        let four = core::array::from_fn(|_| v_rows.next().zip(w_rows.next()));
        if let [Some(a), Some(b), Some(c), Some(d)] = four {
            loss = squares([a, b, c, d], h, scale, rank).into_iter().fold(loss, |a, b| a + b);
        } else {
            for (v, w) in by_row(v, columns).zip(by_row(w, rank)) {
                loss += v.iter().zip(by_row(h, rank)).fold(0.0, |sum, (v, h)| {
                    let residual = scale * v.value() - dot(w, h);
                    sum + residual * residual
                });
            }
        }
    }
    0.5 * loss
}

/// ‖v − wH‖² of four rows (v, w), side by side to hide the latency of sums that have one order.
fn squares<E: Entry>(
    [(va, wa), (vb, wb), (vc, wc), (vd, wd)]: [(&[E], &[f32]); 4],
    h: &[f32],
    scale: f32,
    rank: usize,
) -> [f32; 4] {
    let mut sums = [0.0; 4];
    for ((((h, va), vb), vc), vd) in by_row(h, rank).zip(va).zip(vb).zip(vc).zip(vd) {
        let mut fits = [0.0; 4];
        for ((((h, a), b), c), d) in h.iter().zip(wa).zip(wb).zip(wc).zip(wd) {
            for (fit, w) in fits.iter_mut().zip([a, b, c, d]) {
                *fit += w * h;
            }
        }
        for ((sum, fit), v) in sums.iter_mut().zip(fits).zip([va, vb, vc, vd]) {
            let residual = scale * v.value() - fit;
            *sum += residual * residual;
        }
    }
    sums
}
