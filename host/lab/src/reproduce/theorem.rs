//! Theorem A.3 as an experiment: stable rates against 2/L, Armijo's rates against 2(1 − c)/L.

use rayon::prelude::*;
use tinynmf_core::rule::{Armijo, Bound};
use tinynmf_core::{Epoch, HalfStep, Rule, Settings};
use tinynmf_train::paper::first_factors;

use super::fixed::INSTANCE;
use super::half_problem::HalfProblem;
use super::lab::{Event, Lab};
use super::plate::{Claim, Plate, Table, Verdict, short};
use crate::evaluate::statistics::median;
use crate::plot::{Figure, Lines, Series};

/// The epochs after which both factors are looked at.
const STATES: [u32; 3] = [0, 10, 40];

/// Armijo's c.
const SHARES: [f32; 9] = [0.02, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.98];

/// Armijo's β: how closely a search finds the largest rate.
const SHRINK: f32 = 0.9;

/// Armijo's first trial, forty times the first bound.
const FIRST_TRIAL: f32 = 4.0;

/// Epochs of exact gradients that the figure needs.
#[must_use]
pub fn epochs(searched: u32) -> u64 {
    u64::from(STATES[2]) + SHARES.len() as u64 * u64::from(searched)
}

/// The largest rates under which F never rises, at one state.
struct Stability {
    name: String,
    /// The certified 2/L.
    certified: f64,
    /// 2/λmax in double precision.
    exact: f64,
    /// Without and with projection.
    largest: [f64; 2],
}

/// The plate of Theorem A.3.
#[must_use]
pub fn plate(lab: &Lab<'_>) -> Plate {
    let stability = stability(lab);
    let searches: Vec<Search> = SHARES.into_par_iter().map(|c| Search::run(lab, c)).collect();
    let ratios = |of: fn(&Stability) -> f64| -> Vec<f64> { stability.iter().map(of).collect() };
    let lowest = |values: &[f64]| values.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
    let tightness = ratios(|it| it.certified / it.exact);
    let free = ratios(|it| it.largest[0] / it.exact);
    let projected = ratios(|it| it.largest[1] / it.exact);
    let margins: Vec<f64> = searches.iter().map(Search::lowest).collect();
    let guarantees: Vec<f64> = searches.iter().map(|it| it.guarantee).collect();
    let between = |values: &[f64]| format!("{:.4} to {:.4}", lowest(values), highest(values));
    let mut summary = Table::new(&[
        "state",
        "certified 2/L",
        "2/λmax",
        "largest α, free",
        "largest α, projected",
    ]);
    for it in &stability {
        let numbers = [it.certified, it.exact, it.largest[0], it.largest[1]];
        summary.row(std::iter::once(it.name.clone()).chain(numbers.map(|x| format!("{x:.6}"))));
    }
    Plate {
        id: "a3",
        title: "Theorem A.3 and Armijo's rule",
        paper: "α < 2/L converges, L being the squared norm of the other factor; Armijo's rule accepts α up to \
                2(1 − c)/L, with μ = 1/(2cα).",
        measured: vec![
            format!(
                "Bisection finds the largest α under which F never rises at {} times 2/λmax without projection, and at \
                 {} times with it, over {} states of both factors. The certified bound is {} times 2/λmax.",
                between(&free),
                between(&projected),
                stability.len(),
                between(&tightness)
            ),
            format!(
                "Armijo's search accepted at least {} times 2(1 − c)/L in every half-step (its trials are a factor of \
                 {SHRINK} apart); the decrease was at least {} times what μ = 1/(2cα) guarantees.",
                short(lowest(&margins)),
                short(lowest(&guarantees))
            ),
            "The paper prints ‖W‖² beside the update of W; its proof takes the gradient with respect to H. The bound of \
             W is 2/λmax(HHᵀ), that of H is 2/λmax(WᵀW): with the names swapped, the largest stable α of the states \
             above would be off by the ratio of the two."
                .to_owned(),
        ],
        picture: picture(&stability, &searches),
        curves: curves(&searches),
        summary,
        claims: vec![
            Claim {
                claim: "Theorem A.3: any α in (0, 2/L) is stable (L of the other factor).",
                verdict: Verdict::of(lowest(&free) > 0.999 && lowest(&projected) > 0.999, lowest(&projected) < 0.99),
                evidence: format!(
                    "Largest stable α / (2/λmax): {} without projection, {} with it.",
                    between(&free),
                    between(&projected)
                ),
                figure: "a3",
            },
            Claim {
                claim: "Armijo's rule accepts every α up to 2(1 − c)/L.",
                verdict: Verdict::of(
                    lowest(&margins) >= f64::from(SHRINK) && lowest(&guarantees) > 0.999,
                    lowest(&margins) < f64::from(SHRINK),
                ),
                evidence: format!(
                    "Accepted α / (2(1 − c)/L) is at least {} (trials are a factor of {SHRINK} apart) over {} values of c, and \
                     the median up to {}.",
                    short(lowest(&margins)),
                    SHARES.len(),
                    short(highest(&searches.iter().map(Search::median).collect::<Vec<_>>()))
                ),
                figure: "a3",
            },
        ],
    }
}

fn stability(lab: &Lab<'_>) -> Vec<Stability> {
    let work = lab.instance(INSTANCE);
    let problem = work.problem();
    let settings = Settings { batch: 1.0, ..lab.setup.settings(0) };
    let start = first_factors(problem, problem.settings.seed, true);
    let mut run = work.descent(settings, &start, true);
    let mut rule = Rule::from(Bound::new(0.95).expect("a share below 1"));
    let mut found = Vec::new();
    for epoch in 0..=STATES[2] {
        let state = STATES.contains(&epoch).then(|| {
            let slice = lab.setup.slice;
            [
                HalfProblem::of_w(problem, run.w(), run.h(), slice),
                HalfProblem::of_h(problem, run.w(), run.h(), slice),
            ]
        });
        run.epoch(&mut rule);
        lab.tell(Event::Done(1));
        for (factor, half) in ["W", "H"].iter().zip(state.into_iter().flatten()) {
            found.push(Stability {
                name: format!("{factor}, epoch {epoch}"),
                certified: half.certified(),
                exact: half.bound(),
                largest: [false, true].map(|projected| half.largest_stable(projected)),
            });
        }
    }
    found
}

/// A run of Armijo's rule with exact gradients.
struct Search {
    c: f32,
    /// Accepted α over 2(1 − c)/L, half-step by half-step.
    ratios: Vec<f64>,
    /// μ = 1/(2cα) and L of the W half-steps.
    constants: Vec<[f64; 2]>,
    /// The least decrease of a half-step over ‖D/α‖²/(2μ).
    guarantee: f64,
}

impl Search {
    fn run(lab: &Lab<'_>, c: f32) -> Self {
        let work = lab.instance(INSTANCE);
        let settings = Settings { batch: 1.0, ..lab.setup.settings(0) };
        let start = first_factors(work.problem(), work.problem().settings.seed, true);
        let mut run = work.descent(settings, &start, true);
        let armijo = Armijo::new(c, SHRINK, FIRST_TRIAL).expect("parameters in their range");
        let mut rule = Rule::from(armijo);
        let (ratios, constants) = (Vec::new(), Vec::new());
        let mut search = Self { c, ratios, constants, guarantee: f64::INFINITY };
        for _ in 0..lab.setup.searched {
            let Epoch { w, h } = run.epoch(&mut rule);
            lab.tell(Event::Done(1));
            search.take_in(&w);
            search.take_in(&h);
            search.constants.push([search.mu(&w), w.lipschitz.into()]);
        }
        search
    }

    fn take_in(&mut self, it: &HalfStep) {
        self.ratios.push(f64::from(it.rate / ((1.0 - self.c) * it.bound)));
        let step = f64::from(it.change.norm_squared) / f64::from(it.rate).powi(2);
        let promised = step / (2.0 * self.mu(it));
        self.guarantee = self.guarantee.min(-f64::from(it.change.loss()) / promised);
    }

    fn mu(&self, it: &HalfStep) -> f64 {
        1.0 / (2.0 * f64::from(self.c) * f64::from(it.rate))
    }

    fn lowest(&self) -> f64 {
        self.ratios.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn median(&self) -> f64 {
        median(self.ratios.clone())
    }
}

fn picture(stability: &[Stability], searches: &[Search]) -> Figure {
    let of = |factor: usize, projected: usize| {
        let states = STATES.iter().zip(stability.chunks(2).map(move |both| &both[factor]));
        states.map(move |(epoch, it)| (f64::from(*epoch), it.largest[projected] / it.exact))
    };
    let stable = Lines::new("Largest stable α over 2/λmax", "epochs before", "")
        .reference(1.0, "2/L")
        .series(Series::points("W, projected", of(0, 1)))
        .series(Series::points("H, projected", of(1, 1)))
        .series(Series::points("W, free", of(0, 0)))
        .series(Series::points("H, free", of(1, 0)));
    let shares = || SHARES.iter().map(|c| f64::from(*c));
    let accepted = Lines::new("Armijo's α over 2(1 − c)/L", "c", "")
        .log_y()
        .reference(1.0, "2(1 − c)/L")
        .series(Series::points("median", shares().zip(searches.iter().map(Search::median))))
        .series(Series::points("lowest", shares().zip(searches.iter().map(Search::lowest))));
    let mu = [1, 4, 7].into_iter().fold(
        Lines::new("μ = 1/(2cα) along a run, W", "epoch", "").log_y(),
        |lines, k| {
            let mu = searches[k].constants.iter().map(|it| it[0]);
            lines.series(Series::new(format!("c = {}", SHARES[k]), mu))
        },
    );
    let lipschitz = searches[4].constants.iter().map(|it| it[1]);
    Figure::new("Theorem A.3")
        .caption("exact gradients")
        .row([stable, accepted])
        .row([mu.series(Series::new("L (c = 0.5)", lipschitz))])
}

fn curves(searches: &[Search]) -> Table {
    let mut table =
        Table::new(&["c", "epoch", "alpha_w over 2(1-c)/L", "alpha_h over 2(1-c)/L", "mu", "L"]);
    for it in searches {
        for (epoch, (ratios, [mu, l])) in it.ratios.chunks(2).zip(&it.constants).enumerate() {
            let numbers = [ratios[0], ratios[1], *mu, *l].map(|x| format!("{x:.6}"));
            table.row([it.c.to_string(), epoch.to_string()].into_iter().chain(numbers));
        }
    }
    table
}
