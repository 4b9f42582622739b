//! Evolution strategies (Salimans et al. 2017): what PPO has to beat at equal environment steps.
//!
//! Antithetic pairs θ ± σε, ε ~ N(0, I); fitness = the discounted sum of rewards, which is what PPO
//! maximises too, mean over the generation's problems, which every member plays from the same starts with
//! as the int8 policy that it would ship as, so that the search feels the rounding; fitness is shaped to centred ranks in [−½, ½]; Adam goes up
//! Σ (rank⁺ − rank⁻)ε/(2·pairs·σ) with a linearly annealed rate.
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

/// What the search can be told.
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
}

impl Default for Es {
    fn default() -> Self {
        Self { pairs: 32, deviation: 0.05, rate: 0.03 }
    }
}

/// The policy network in the middle of the population, and its optimiser.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Search {
    /// observations → action.
    pub policy: Network,
    optimiser: Adam,
}

impl Search {
    /// Draws the network that PPO would begin with.
    #[must_use]
    pub fn new(networks: &Networks<'_>) -> Self {
        let mut rng = generator(networks.seed, Stream::Start);
        let policy = networks.mode.first_policy(networks.policy, &mut rng);
        let optimiser = Adam::new(policy.parameters().len());
        Self { policy, optimiser }
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
        let Es { pairs, deviation, rate } = *es;
        let fitness: Vec<f32> = episodes
            .chunks_exact(episodes.len() / (2 * pairs))
            .map(|member| member.iter().map(|episode| discounted(episode, discount)).sum())
            .collect();
        let mut gradient = vec![0.0; self.policy.parameters().len()];
        for (pair, ranks) in ranks(&fitness).chunks_exact(2).enumerate() {
            let weight = (ranks[1] - ranks[0]) / (2.0 * pairs as f32 * deviation);
            let noise = self.noise(round, pair);
            gradient.iter_mut().zip(noise).for_each(|(g, e)| *g += weight * e);
        }
        let rate = rate * round.annealed();
        self.optimiser.step(self.policy.parameters_mut(), &gradient, rate, f32::INFINITY);
        Update::default()
    }

    /// ε of a pair; drawn anew wherever it is needed, which is cheaper than to keep it.
    fn noise(&self, round: &Round<'_>, pair: usize) -> Vec<f32> {
        // Episodes draw with numbers from 0 up.
        let mut rng = generator(round.draw(u64::MAX - pair as u64), Stream::Noise);
        self.policy.parameters().iter().map(|_| normal(&mut rng)).collect()
    }
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
}
