//! Schedules by what they cost: the policy of schedules against hand rules, in multiply-adds.
//!
//! | what | in |
//! |---|---|
//! | the problems: fresh ones of twelve families, and real matrices | [`problems`] |
//! | who takes part, and the grids that hand rules are tuned on | [`contenders`], [`a_hals`], [`e_a_hals`] |
//! | a ceiling: the best action of a grid, as nobody can know it | [`oracle`] |
//! | one run: cost and loss after every epoch | [`course`] |
//! | everybody on the problems of one group | [`race`] |
//! | where batches and noise are given: gaps at equal cost | [`given`] |
//! | one setting for all families, chosen on other problems | [`tuning`] |
//! | ratios with intervals, as tables; schedules as a picture | [`table`], [`picture`] |
//!
//! **Cost** is counted in multiply-adds of everything that a rule does (samples, grams, losses, tried steps, moves, the
//! policy), in units of a full epoch, 2mnr + (m + n)r²/2. What the power iteration of the bound takes, 5 to 12 r² a half-step,
//! is not counted. **Gap**: (F − F_best)/(F₀ − F_best), F over all of V after every epoch, F_best the lowest loss that any
//! contender reached from the same start. A gap that is not reached within the budget counts as the budget.

pub mod a_hals;
pub mod contenders;
pub mod course;
pub mod e_a_hals;
pub mod given;
pub mod oracle;
pub mod picture;
pub mod problems;
pub mod race;
pub mod table;
pub mod tuning;

/// The cost that a run may take, in full epochs.
pub const BUDGET: f32 = 100.0;

/// The gaps that are waited for.
pub const GAPS: [f32; 3] = [1e-1, 1e-2, 1e-3];
