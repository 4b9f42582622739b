//! How to factorise: a builder.

use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::rule::Widening;
use tinynmf_core::{Rule, Schedule, Settings};

use super::Factorization;
use super::init::Init;
use super::seen::Observer;

/// The schedule of whoever names none: `benches/sklearn/schedules.py` compares it with others.
#[must_use]
pub fn default_schedule() -> Rule<'static> {
    Widening::DEFAULT.into()
}

/// How to factorise; made by [`Factorization::options`].
#[derive(Clone)]
pub struct Options<'a, S = Rule<'static>> {
    pub(super) rank: usize,
    pub(super) schedule: S,
    pub(super) max_epochs: u32,
    pub(super) tol: f32,
    pub(super) init: Init<'a>,
    pub(super) known: [Option<&'a [f32]>; 2],
    pub(super) starts: usize,
    pub(super) threads: usize,
    pub(super) settings: Settings,
    pub(super) observer: Option<&'a Observer<'a>>,
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
            max_epochs: Options::MAX_EPOCHS,
            tol: Options::TOL,
            init: Init::Random,
            known: [None; 2],
            starts: 1,
            threads: 0,
            settings: Settings::default(),
            observer: None,
        }
    }
}

impl Options<'_> {
    /// The default of [`Options::max_epochs`].
    pub const MAX_EPOCHS: u32 = 1000;

    /// The default of [`Options::tol`]: a run that gains less in an epoch mostly ends within a thousandth of what a run without
    /// end finds (`benches/sklearn/losses.py`).
    pub const TOL: f32 = 1e-6;
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
        let Self {
            rank, max_epochs, tol, init, known, starts, threads, settings, observer, ..
        } = self;
        Options {
            rank,
            schedule,
            max_epochs,
            tol,
            init,
            known,
            starts,
            threads,
            settings,
            observer,
        }
    }

    /// Ends after so many epochs' worth of multiply-adds (2mnr + (m + n)r²/2 each, or 2·nnz·r instead for a sparse V),
    /// [`Options::MAX_EPOCHS`] by default; 0 keeps the start. Schedules that look at samples do more epochs than that.
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

    /// Keeps the first k columns of W at these, m × k, row by row: parts that are known, beside which others are found.
    #[must_use]
    pub fn known_w(mut self, w: &'a [f32]) -> Self {
        self.known[0] = Some(w);
        self
    }

    /// Keeps the first k rows of H at these, k × n, row by row.
    #[must_use]
    pub fn known_h(mut self, h: &'a [f32]) -> Self {
        self.known[1] = Some(h);
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
}
