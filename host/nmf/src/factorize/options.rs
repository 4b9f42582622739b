//! How to factorise: a builder.

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::rule::Widening;
use tinynmf_core::{Matrix, Rule, Schedule, Settings};

use super::init::{self, Init};
use super::seen::Observer;
use super::watch::{Limits, Watch};
use super::{Factorization, Latents, transform};
use crate::error::{Error, Result};
use crate::nmf_vec::NmfVec;
use crate::play::play;
use crate::source::Source;

/// The schedule of whoever names none: `benches/sklearn/schedules.py` compares it with others.
#[must_use]
pub fn default_schedule() -> Rule<'static> {
    Widening::DEFAULT.into()
}

/// How to factorise; made by [`Factorization::options`].
#[derive(Clone)]
pub struct Options<'a, S = Rule<'static>> {
    rank: usize,
    schedule: S,
    max_epochs: u32,
    tol: f32,
    init: Init<'a>,
    starts: usize,
    threads: usize,
    settings: Settings,
    observer: Option<&'a Observer<'a>>,
}

impl Factorization {
    /// W (m × `rank`) and H (`rank` × n) by sweeps over samples that widen until they no longer gain, from one random
    /// start; every method of [`Options`] changes one of these words.
    ///
    /// A rank above min(m, n) is allowed; an exact factorisation then exists at min(m, n) already.
    #[must_use]
    pub fn options<'a>(rank: usize) -> Options<'a> {
        Options {
            rank,
            schedule: default_schedule(),
            max_epochs: 200,
            tol: Options::TOL,
            init: Init::Random,
            starts: 1,
            threads: 0,
            settings: Settings::default(),
            observer: None,
        }
    }
}

impl Options<'_> {
    /// The default of [`Options::tol`].
    pub const TOL: f32 = 1e-5;
}

impl<'a, S: Schedule + Clone + Sync> Options<'a, S> {
    /// Another rank.
    #[must_use]
    pub fn rank(mut self, rank: usize) -> Self {
        self.rank = rank;
        self
    }

    /// Another schedule, as a [`Rule`] or of your own.
    #[must_use]
    pub fn schedule<T: Schedule + Clone + Sync>(self, schedule: T) -> Options<'a, T> {
        let Self { rank, max_epochs, tol, init, starts, threads, settings, observer, .. } = self;
        Options { rank, schedule, max_epochs, tol, init, starts, threads, settings, observer }
    }

    /// Ends after so many epochs' worth of multiply-adds (2mnr + (m + n)r²/2 each, or 2·nnz·r instead for a sparse V),
    /// 200 by default; 0 keeps the start. Schedules that look at samples do more epochs than that.
    #[must_use]
    pub fn max_epochs(mut self, epochs: u32) -> Self {
        self.max_epochs = epochs;
        self
    }

    /// Ends when the objective F falls by less than `tol`·F over one epoch's worth of multiply-adds, once all of V is
    /// looked at; where samples stay, over ten, twice in a row. 0 never does, unless F is at what rounding leaves of it.
    ///
    /// (Lin 2007 proposes ‖∇ᴾF‖ ≤ tol·‖∇ᴾF(W₀, H₀)‖ for the projected gradient ∇ᴾF instead; that takes gradients, which
    /// sweeps do not have at hand, and depends on how W and H share their scale.)
    #[must_use]
    pub fn tol(mut self, tol: f32) -> Self {
        self.tol = tol;
        self
    }

    /// Of the starts, the samples and random rules; start i has seed + i.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.settings.seed = seed;
        self
    }

    /// Where to start from.
    #[must_use]
    pub fn init(mut self, init: Init<'a>) -> Self {
        self.init = init;
        self
    }

    /// Starts to make, at least 1; the lowest objective is kept. They run in parallel, with factors of their own each.
    #[must_use]
    pub fn starts(mut self, starts: usize) -> Self {
        self.starts = starts.max(1);
        self
    }

    /// Penalty on W, a term of F: l1·ΣW + ½l2·‖W‖².
    #[must_use]
    pub fn penalty_w(mut self, l1: f32, l2: f32) -> Self {
        self.settings.penalties.w = Penalty { l1, l2 };
        self
    }

    /// Penalty on H, a term of F: l1·ΣH + ½l2·‖H‖².
    #[must_use]
    pub fn penalty_h(mut self, l1: f32, l2: f32) -> Self {
        self.settings.penalties.h = Penalty { l1, l2 };
        self
    }

    /// Both penalties.
    #[must_use]
    pub fn penalties(mut self, penalties: Penalties) -> Self {
        self.settings.penalties = penalties;
        self
    }

    /// Looks at so large a share of V in every half-step, whatever the schedule would choose; 1, the default, leaves it
    /// the choice.
    #[must_use]
    pub fn batch(mut self, share: f32) -> Self {
        self.settings.batch = share;
        self
    }

    /// Threads to use at most; 0, the default, is one a core.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Who watches, and may end it early.
    #[must_use]
    pub fn observer(mut self, observer: &'a Observer<'a>) -> Self {
        self.observer = Some(observer);
        self
    }

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
            if self.starts == 1 {
                return self.fit_start(v, 0, &stop);
            }
            let of = |start| self.fit_start(v, start, &stop);
            let all: Result<Vec<_>> = (0..self.starts).into_par_iter().map(of).collect();
            let better = |a: Factorization, b: Factorization| {
                // A NaN is never better.
                if a.diverged || b.objective < a.objective && !b.diverged { b } else { a }
            };
            Ok(all?.into_iter().reduce(better).expect("at least one start"))
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
        if self.threads == 0 {
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
