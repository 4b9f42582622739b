//! The environment of a [`transform`](tinynmf_core::transform): W stays, and the latents of one column are sought.
//!
//! Devices do this most. It is not half of a factorisation: every half-step is H's, the other factor never
//! answers, and the problem is convex and small, so that the policy meets gaps that no factorisation shows it.
//! W is what abb makes of the family's problem; each of V's columns is an episode's problem.
//!
//! The reward is the decrease of ln g, as in [`episode`](super::episode), down to a gap of 10⁻⁵.

use rayon::prelude::*;
use tinynmf::family::Problem;
use tinynmf_core::loss::loss;
use tinynmf_core::rule::Abb;
use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Rule, Schedule};

use super::actor::Actor;
use super::episode::{Explorer, Transition, log_gap};

/// A column counts as solved at this gap: not far above the rounding of F.
const FLOOR: f32 = 1e-5;

/// A factorisation's horizon over that of a column.
const SHORTER: u32 = 4;

/// A column whose F falls by less than this share has nothing to teach.
const WORTHWHILE: f32 = 1e-3;

/// The columns of a problem and a W that suits them.
#[derive(Debug, Clone)]
pub struct Columns {
    /// The problem that the columns belong to.
    pub problem: Problem,
    w: Vec<f32>,
    list: Vec<Column>,
}

/// v, with F where a transform starts and the lowest F that is known.
#[derive(Debug, Clone)]
struct Column {
    v: Vec<f32>,
    first: f32,
    reference: f32,
}

impl Columns {
    /// Factorises the problem for its W, and measures each column's losses; `None` if no column has
    /// anything to teach.
    #[must_use]
    pub fn new(problem: Problem) -> Option<Self> {
        let w = problem.solved(2 * problem.settings.horizon)[0].clone();
        if w.iter().all(|w| *w <= 0.0) {
            return None;
        }
        let (n, steps) = (problem.columns, problem.settings.horizon / SHORTER);
        let columns = (0..n).into_par_iter().filter_map(|j| {
            let v: Vec<f32> = problem.entries.iter().skip(j).step_by(n).copied().collect();
            let ends = [0, 8 * steps]
                .map(|steps| transform(&w, problem.rank, &v, steps, &mut Rule::from(Abb)));
            let column = Column { v, first: ends[0], reference: ends[1] };
            (column.first - column.reference > WORTHWHILE * column.first).then_some(column)
        });
        let list: Vec<_> = columns.collect();
        (!list.is_empty()).then_some(Self { problem, w, list })
    }

    /// Plays an episode on the column that `seed` picks.
    #[must_use]
    pub fn play(&self, actor: &Actor, seed: u64) -> Vec<Transition> {
        let steps = self.problem.settings.horizon / SHORTER;
        let column = &self.list[(seed % self.list.len() as u64) as usize];
        let mut explorer = Explorer::new(actor, seed, steps as usize);
        let end = transform(&self.w, self.problem.rank, &column.v, steps, &mut explorer);
        let (mut transitions, losses) = explorer.finish();
        let gap = |loss| log_gap(loss, [column.first, column.reference], FLOOR);
        let gaps: Vec<f32> = losses.into_iter().chain([end]).map(gap).collect();
        for (transition, gaps) in transitions.iter_mut().zip(gaps.windows(2)) {
            transition.see_gap(gaps[0]);
            transition.reward = gaps[0] - gaps[1];
        }
        let solved = libm::logf(FLOOR);
        let decisive = gaps.iter().skip(1).position(|gap| *gap <= solved);
        transitions.truncate(decisive.map_or(transitions.len(), |last| last + 1));
        transitions
    }
}

/// F of the latents that `rule` finds.
fn transform(w: &[f32], rank: usize, v: &[f32], steps: u32, rule: &mut impl Schedule) -> f32 {
    let settings = TransformSettings { steps, ..TransformSettings::default() };
    let (mut memory, mut h) = (vec![0.0; Transform::floats(rank)], vec![0.0; rank]);
    let v = Data::column(v, 1.0).expect("a column of a valid matrix");
    let mut transform =
        Transform::new(w, rank, settings, &mut memory).expect("W is a factor and not zero");
    transform.columns(&v, rule, &mut h).expect("v and h have the shape of W");
    loss(&v, w, &h, rank)
}

#[cfg(test)]
mod tests {
    use tinynmf_core::observe::OBSERVATIONS;

    use super::*;
    use crate::FloatPolicy;
    use crate::network::Network;
    use crate::normaliser::Scale;
    use tinynmf::family::Family;

    /// log(αL) = `log_rate`, whatever is observed.
    fn constant(log_rate: f32) -> Actor {
        let network = Network::from_parameters(vec![2, 1], vec![0.0, 0.0, log_rate]).unwrap();
        Actor::exploring(
            FloatPolicy { network, scale: Scale([[0.0, 1.0]; OBSERVATIONS]), limits: [-5.0, 5.0] },
            0.0,
        )
    }

    fn columns() -> Columns {
        Columns::new(Family { noise: [0.1; 2], ..Family::default() }.problem(2)).unwrap()
    }

    fn total(episode: &[Transition]) -> f32 {
        episode.iter().map(|transition| transition.reward).sum()
    }

    #[test]
    fn rewards_add_up_to_the_fall_of_the_gap_and_end_with_it() {
        let columns = columns();
        let steps = (columns.problem.settings.horizon / SHORTER) as usize;
        let lowest = libm::logf(FLOOR);
        for seed in 0..columns.list.len() as u64 {
            let [crawl, descend] =
                [-4.0, 0.0].map(|log_rate| columns.play(&constant(log_rate), seed));
            assert!(crawl.len() <= steps && descend.len() <= steps);
            assert!(total(&descend) > total(&crawl), "{} {}", total(&descend), total(&crawl));
            assert!(total(&crawl) > 0.0 && total(&descend) <= 1e-3 - lowest);
            // An episode that was cut short is one that arrived.
            assert!(descend.len() == steps || total(&descend) > -1e-3 - lowest);
        }
    }

    #[test]
    fn a_seed_picks_the_column() {
        let columns = columns();
        let first = |seed| columns.play(&constant(0.0), seed)[0].observed.map(f32::to_bits);
        let count = columns.list.len() as u64;
        assert!(count > 1);
        assert_eq!(first(0), first(count));
        assert_ne!(first(0), first(1));
    }
}
