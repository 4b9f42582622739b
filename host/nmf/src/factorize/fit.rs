//! What [`Options`] does with a matrix.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;
use tinynmf_core::{KnownParts, Matrix, Schedule, Settings};

use super::watch::{Limits, Watch};
use super::{Factorization, Latents, Options, init, known, transform};
use crate::error::{Error, Result};
use crate::nmf_vec::NmfVec;
use crate::play::play;
use crate::source::Source;

impl<S: Schedule + Clone + Sync> Options<'_, S> {
    /// Factorises V.
    ///
    /// # Errors
    ///
    /// Rank 0; a start that does not fit V, or of fewer singular vectors than parts; a batch share, penalty or tolerance
    /// out of range; V in a file that can no longer be read.
    ///
    /// # Panics
    ///
    /// Never: there is at least one start.
    pub fn fit<V: Source>(&self, v: &V) -> Result<Factorization> {
        self.check()?;
        let stop = AtomicBool::new(false);
        self.in_pool(|| {
            let of = |start| self.fit_start(v, start, &stop);
            let mut found = if self.starts == 1 {
                of(0)?
            } else {
                let all: Result<Vec<_>> = (0..self.starts).into_par_iter().map(of).collect();
                let better = |a: Factorization, b: Factorization| {
                    // A NaN is never better.
                    if a.diverged || b.objective < a.objective && !b.diverged { b } else { a }
                };
                all?.into_iter().reduce(better).expect("at least one start")
            };
            found.clear(&v.unknown());
            Ok(found)
        })
    }

    /// H (r × n) for a V whose parts W (m × r, row by row) are known: `penalty_h`, `tol`, `max_epochs` and `threads`
    /// count. The problem is convex, so that neither start nor schedule matter.
    ///
    /// # Errors
    ///
    /// A W that does not fit V, or with entries that are negative or not finite.
    pub fn transform<V: Source>(&self, v: &V, w: &[f32]) -> Result<Latents> {
        self.check()?;
        self.in_pool(|| {
            transform::transform(v, w, self.rank, self.settings, self.tol, self.max_epochs)
        })
    }

    fn check(&self) -> Result<()> {
        if (0.0..1.0).contains(&self.tol) {
            return Ok(());
        }
        let problem = format!("{} is not in 0 to 1", self.tol);
        Err(Error::argument("the tolerance", problem, "choose one like 1e-4"))
    }

    fn in_pool<T: Send>(&self, work: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        if self.threads == 0 || self.threads == rayon::current_num_threads() {
            return work();
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build();
        let pool = pool.map_err(|error| {
            Error::argument("threads", error.to_string(), "ask for fewer of them")
        })?;
        pool.install(work)
    }

    fn fit_start<V: Source>(
        &self,
        v: &V,
        start: usize,
        stop: &AtomicBool,
    ) -> Result<Factorization> {
        let view = v.view();
        let shape = [view.rows(), view.columns()];
        let seed = self.settings.seed.wrapping_add(start as u64);
        let settings = Settings { seed, horizon: self.max_epochs.max(1), ..self.settings };
        let mut nmf = NmfVec::new(shape[0], shape[1], self.rank, settings)?;
        if let Some([w, h]) = init::factors(&self.init, &view, self.rank, seed)? {
            nmf.set(&w, &h)?;
        }
        if self.known == [None; 2] {
            return self.descend(v, view, &mut nmf, start, stop);
        }
        let kept = known::kept(&self.known, shape, self.rank)?;
        // Draws the start where none was set.
        nmf.run(v.view())?;
        let (mut w, mut h) = (nmf.w().to_vec(), nmf.h().to_vec());
        let is_given = matches!(self.init, init::Init::Given { .. });
        known::place(&self.known, kept, &mut [&mut w, &mut h], self.rank, is_given);
        nmf.set(&w, &h)?;
        self.descend(v, KnownParts::new(view, kept), &mut nmf, start, stop)
    }

    /// Goes on from the start in `nmf`.
    fn descend<V: Source, M: Matrix>(
        &self,
        v: &V,
        view: M,
        nmf: &mut NmfVec,
        start: usize,
        stop: &AtomicBool,
    ) -> Result<Factorization> {
        let mut run = nmf.run(view)?;
        let limits = Limits {
            cost: f64::from(self.max_epochs),
            tol: f64::from(self.tol),
            penalties: self.settings.penalties,
        };
        let mut watch = Watch::new(v, &run, self.rank, limits, start);
        if self.max_epochs > 0 {
            let mut schedule = self.schedule.clone();
            let mut readable = v.check();
            play(&mut run, &mut schedule, u32::MAX, |run, epoch| {
                if readable.is_ok() {
                    readable = v.check();
                }
                if readable.is_err() {
                    return ControlFlow::Break(());
                }
                watch.see(run, epoch, self.observer, stop)
            });
            readable?;
        }
        let found = watch.finish(&run);
        v.check()?;
        Ok(found)
    }
}
