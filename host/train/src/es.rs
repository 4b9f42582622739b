//! Evolution strategies (Salimans et al. 2017): what PPO has to beat at equal environment steps.
//!
//! Antithetic pairs θ ± σε, ε ~ N(0, I); fitness = the discounted sum of rewards, which is what PPO
//! maximises too, mean over the generation's problems, which every member plays from the same starts with
//! as the int8 policy that it would ship as, so that the search feels the rounding; fitness is shaped to centred ranks in [−½, ½]; Adam goes up
//! Σ (rank⁺ − rank⁻)ε/(2·pairs·σ) with a linearly annealed rate.
//!
//! Two things help where rewards are noisy, as those of schedules are, whose runs end in different minima. *Ranks problem by problem*: a member's
//! fitness is the sum of its ranks among all members on each problem, so that no single run decides. *Averaging* (Polyak & Juditsky 1992): what ships is
//! the mean of the centres of the last iterations.
//!
//! A generation takes `episodes` episodes, as an iteration of PPO does: equal iterations are equal
//! environment steps (in mode paper, where episodes end early, compare the `steps` of the curves).
//!
//! Measured: 300 iterations of 64 episodes on the default family, 2.07 million epochs for either; median
//! epochs to a gap of 10⁻² on 100 fresh problems of 64 × 48, r = 8: bound(0.95) 43, ES 17 (20 with σ = 0.1
//! and rate 0.02), PPO 17. For stochastic gradients, paid for the loss at the end from an imitated cosine on, ES falls by
//! more than half where every PPO run got worse than its start: the policies for mini-batches and noise are its.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tinynmf_core::random::{Stream, generator, normal};

use super::actor::Actor;
use super::adam::Adam;
use super::episode::Transition;
use super::mode::{Interface, Mode, Networks};
use super::network::Network;
use super::ppo::Update;
use super::round::{Round, discounted};

/// Options of the search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Es {
    /// Antithetic pairs in a generation; each member plays episodes/(2·pairs) problems, which must be
    /// a whole number.
    pub pairs: usize,
    /// σ, of the noise on every parameter.
    pub deviation: f32,
    /// Adam's rate at the beginning.
    pub rate: f32,
    /// Whether members are ranked on every problem, and not by the sum of what they are paid.
    pub by_problem: bool,
    /// The share of all iterations, the last ones, whose centres are averaged; 0 is none.
    pub average: f32,
}

impl Default for Es {
    fn default() -> Self {
        Self { pairs: 32, deviation: 0.05, rate: 0.03, by_problem: false, average: 0.0 }
    }
}

/// The policy network in the middle of the population, and its optimiser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// observations → action.
    pub policy: Network,
    optimiser: Adam,
    /// The mean of the centres since averaging began; empty before.
    #[serde(default)]
    mean: Vec<f32>,
    /// How many that are.
    #[serde(default)]
    averaged: u32,
}

impl Search {
    /// Draws the network that PPO would begin with.
    #[must_use]
    pub fn new(networks: &Networks<'_>) -> Self {
        let mut rng = generator(networks.seed, Stream::Start);
        let policy = networks.mode.first_policy(networks.policy, &mut rng);
        let optimiser = Adam::new(policy.parameters().len());
        Self { policy, optimiser, mean: Vec::new(), averaged: 0 }
    }

    /// The network that ships: the mean of the last centres, or the centre.
    #[must_use]
    pub fn shipped(&self) -> Network {
        let mut network = self.policy.clone();
        if self.averaged > 0 {
            network.parameters_mut().copy_from_slice(&self.mean);
        }
        network
    }

    /// The first field that does not fit the configuration, if one does not.
    pub(super) fn fault(&self, networks: &Networks<'_>) -> Option<String> {
        let Interface { observations, outputs, .. } = networks.mode.interface();
        let policy = self.policy.fault(observations, networks.policy, outputs);
        policy.map(|fault| format!("policy: {fault}")).or_else(|| {
            let fault = self.optimiser.fault(self.policy.parameters().len())?;
            Some(format!("optimiser: {fault}"))
        })
    }

    /// Plays a generation: the episodes of member 0, then those of its antithetic twin, and so on.
    #[must_use]
    pub fn play(&self, round: &Round<'_>, es: &Es) -> Vec<Vec<Transition>> {
        let members = 2 * es.pairs;
        let problems = round.episodes / members;
        (0..members)
            .into_par_iter()
            .flat_map_iter(|member| {
                let sign = if member % 2 == 0 { 1.0 } else { -1.0 };
                let step = sign * es.deviation;
                let mut network = self.policy.clone();
                let noise = self.noise(round, member / 2);
                network.parameters_mut().iter_mut().zip(noise).for_each(|(p, e)| *p += step * e);
                let actor = match round.mode {
                    Mode::ScaleFree | Mode::Schedule => Actor::quantised(round.policy(network)),
                    Mode::Paper => Actor::exploring(round.policy(network), 0.0),
                };
                (0..problems as u64).map(move |problem| round.episode(&actor, problem))
            })
            .collect()
    }

    /// Moves the middle of the population towards its fitter members, by rewards that fade by `discount` a decision.
    pub fn learn(
        &mut self,
        round: &Round<'_>,
        es: &Es,
        discount: f32,
        episodes: &[Vec<Transition>],
    ) -> Update {
        let Es { pairs, deviation, rate, by_problem, average } = *es;
        let paid: Vec<f32> = episodes.iter().map(|it| discounted(it, discount)).collect();
        let fitness = fitness(&paid, 2 * pairs, by_problem);
        let mut gradient = vec![0.0; self.policy.parameters().len()];
        for (pair, ranks) in ranks(&fitness).chunks_exact(2).enumerate() {
            let weight = (ranks[1] - ranks[0]) / (2.0 * pairs as f32 * deviation);
            let noise = self.noise(round, pair);
            gradient.iter_mut().zip(noise).for_each(|(g, e)| *g += weight * e);
        }
        let rate = rate * round.annealed();
        self.optimiser.step(self.policy.parameters_mut(), &gradient, rate, f32::INFINITY);
        if average > 0.0 && round.annealed() <= average {
            self.average();
        }
        Update { rate, ..Update::default() }
    }

    /// Takes the centre into the mean.
    fn average(&mut self) {
        self.averaged += 1;
        let part = 1.0 / self.averaged as f32;
        self.mean.resize(self.policy.parameters().len(), 0.0);
        let both = self.mean.iter_mut().zip(self.policy.parameters());
        both.for_each(|(mean, now)| *mean += part * (now - *mean));
    }

    /// ε of a pair. It is drawn again wherever it is needed: to keep it would cost more.
    fn noise(&self, round: &Round<'_>, pair: usize) -> Vec<f32> {
        // Episodes draw with numbers from 0 up.
        let mut rng = generator(round.draw(u64::MAX - pair as u64), Stream::Noise);
        self.policy.parameters().iter().map(|_| normal(&mut rng)).collect()
    }
}

/// Fitness of every member, from the rewards of its episodes, member by member.
fn fitness(paid: &[f32], members: usize, by_problem: bool) -> Vec<f32> {
    let problems = paid.len() / members;
    if !by_problem {
        return paid.chunks_exact(problems).map(|member| member.iter().sum()).collect();
    }
    let mut fitness = vec![0.0; members];
    for problem in 0..problems {
        let them: Vec<f32> = paid.iter().skip(problem).step_by(problems).copied().collect();
        fitness.iter_mut().zip(ranks(&them)).for_each(|(sum, rank)| *sum += rank);
    }
    fitness
}

/// Ranks from −½ (worst) to ½ (best); equals share theirs.
fn ranks(fitness: &[f32]) -> Vec<f32> {
    let scale = 0.5 / (fitness.len() - 1) as f32;
    let balance = |own: &f32| {
        let below = fitness.iter().filter(|other| *other < own).count();
        let above = fitness.iter().filter(|other| *other > own).count();
        below as f32 - above as f32
    };
    fitness.iter().map(|own| scale * balance(own)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_centred_and_shared_by_equals() {
        assert_eq!(ranks(&[3.0, -1.0, 7.0]), [0.0, -0.5, 0.5]);
        assert_eq!(ranks(&[1.0, 1.0, 1.0, 1.0]), [0.0; 4]);
    }

    #[test]
    fn no_single_episode_decides_where_members_are_ranked_problem_by_problem() {
        // Three members on two problems.
        let paid = [1.0, 1.0, 2.0, 2.0, 900.0, 0.0];
        assert_eq!(fitness(&paid, 3, false), [2.0, 4.0, 900.0]);
        assert_eq!(fitness(&paid, 3, true), [-0.5, 0.5, 0.0]);
    }
}
