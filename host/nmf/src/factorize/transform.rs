//! Latents of data whose parts are known: H for a V and a W that stays.

use std::ops::ControlFlow;

use tinynmf_core::{Factor, Matrix, Settings};

use super::Factorization;
use crate::error::Result;
use crate::matrix::transposed;
use crate::nmf_vec::NmfVec;
use crate::source::Source;

/// Over-relaxation of the sweeps: below 2 none raises F, and 1.2 takes fewer than 1.
const RELAXATION: f32 = 1.2;

/// Sweeps on one sum of products, before a majorizing V is asked again.
const SWEEPS: u32 = 4;

/// Sweeps at most where V is asked once.
const MOST_SWEEPS: u32 = 10_000;

/// A sweep that gains less than so much of the tolerance is the last: one costs little beside the products.
const PATIENCE: f32 = 1e-3;

/// H for known parts.
#[derive(Debug, Clone, PartialEq)]
pub struct Latents {
    /// H, r × n, row by row.
    pub h: Vec<f32>,
    /// F = ½‖V − WH‖²_F over the known entries.
    pub loss: f32,
    /// ‖V − WH‖_F / ‖V‖_F over the known entries; 0 for V = 0.
    pub relative_error: f32,
    /// Whether the sweeps ended because they no longer gained anything.
    pub converged: bool,
}

impl Factorization {
    /// H for the columns of a new V (m × any number) with this W, see [`Options::transform`](super::Options::transform).
    ///
    /// # Errors
    ///
    /// A V with another number of rows.
    pub fn transform<V: Source>(&self, v: &V) -> Result<Latents> {
        Self::options(self.rank).transform(v, &self.w)
    }
}

pub(super) fn transform<V: Source>(
    v: &V,
    w: &[f32],
    rank: usize,
    settings: Settings,
    tol: f32,
    max_epochs: u32,
) -> Result<Latents> {
    let view = v.view();
    let columns = view.columns();
    let mut nmf = NmfVec::new(view.rows(), columns, rank, settings)?;
    nmf.set(w, &vec![0.0; columns * rank])?;
    let mut run = nmf.run(view)?;
    let (most, rounds) = if v.majorized() { (SWEEPS, max_epochs) } else { (MOST_SWEEPS, 1) };
    let mut converged = max_epochs == 0;
    for _ in 0..rounds.min(max_epochs) {
        let mut open = run.begin(Factor::H, 1.0);
        let mut level = open.loss();
        let end = (0..most).try_for_each(|sweep| {
            let gained = -open.sweep(RELAXATION).loss();
            level -= gained;
            if gained <= PATIENCE * tol * level.max(0.0) {
                // At once, so that no V that is asked again would change it.
                return ControlFlow::Break(sweep);
            }
            ControlFlow::Continue(())
        });
        open.close();
        converged = end.is_break();
        if end == ControlFlow::Break(0) {
            break;
        }
    }
    let loss = run.loss();
    v.check()?;
    let relative_error = match v.norm_squared() {
        norm if norm > 0.0 => (2.0 * f64::from(loss) / norm).sqrt() as f32,
        _ => 0.0,
    };
    Ok(Latents { h: transposed(run.h(), rank), loss, relative_error, converged })
}
