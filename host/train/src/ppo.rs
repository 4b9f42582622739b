//! Proximal policy optimisation (Schulman et al. 2017), the whole update in one file.
//!
//! The details that matter, with their sources: clipped ratio (Schulman et al. 2017, eq. 7); advantages from GAE,
//! normalised per minibatch (Huang et al. 2022, detail 7 of the core list); several epochs over
//! shuffled minibatches; separate policy and value networks (Andrychowicz et al. 2021), tanh,
//! orthogonal initialisation; one state-independent log deviation; Adam with ε = 10⁻⁵, linearly annealed
//! rate, gradient norm clipped; no value clipping (Andrychowicz et al. find it harmful); early stop of
//! an update whose KL divergence exceeds a limit (OpenAI Spinning Up). The value network also sees the
//! gap, which the policy cannot know (asymmetric critic, Pinto et al. 2018).

use std::f32::consts::{E, PI};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tinynmf_core::random::{Rng, Stream, generator};

use super::actor::Actor;
use super::adam::Adam;
use super::advantage::advantages;
use super::episode::{ACTIONS, Transition, VALUE_INPUTS};
use super::kernel::LANES;
use super::mode::{Interface, Networks};
use super::network::{Network, Tape, lanes};
use super::number;
use super::round::Round;

/// Tiles of [`LANES`] samples that one task works on; fixed, so that sums do not depend on threads.
const TILES: usize = 4;

/// Options of the update.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ppo {
    /// γ, per half-step.
    pub discount: f32,
    /// λ of GAE.
    pub lambda: f32,
    /// Passes over the samples of an iteration.
    pub passes: usize,
    /// Samples in a minibatch.
    pub minibatch: usize,
    /// The ratio is clipped to 1 ± this.
    pub clip: f32,
    /// Adam's rate at the beginning, policy and value.
    pub rates: [f32; 2],
    /// Whether the rates fall to 0 over the run.
    pub anneal: bool,
    /// The gradient's norm is clipped to this.
    pub max_norm: f32,
    /// Weight of the entropy.
    pub entropy: f32,
    /// An update ends early beyond this KL divergence.
    pub max_kl: f32,
    /// Iterations in which only the value network learns: a first policy that imitates a good rule
    /// would be spoilt by the advantages of a value network that knows nothing yet.
    pub warm_up: u32,
}

impl Default for Ppo {
    fn default() -> Self {
        Self {
            discount: 0.98,
            lambda: 0.9,
            passes: 4,
            minibatch: 2048,
            clip: 0.2,
            rates: [1e-3, 2e-3],
            anneal: true,
            max_norm: 0.5,
            entropy: 5e-3,
            max_kl: 0.03,
            warm_up: 0,
        }
    }
}

/// Policy and value networks with their optimisers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Agent {
    /// observations → action.
    pub policy: Network,
    /// The log of the actions' standard deviation.
    pub log_deviation: f32,
    /// observations, and what else only training knows → value.
    pub value: Network,
    optimisers: [Adam; 3],
}

/// Figures of an update.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// Mean KL divergence of the last pass.
    #[serde(with = "number")]
    pub kl: f32,
    /// Share of samples whose ratio was clipped in the last pass.
    #[serde(with = "number")]
    pub clipped: f32,
    /// 1 − variance of (return − value) / variance of return, before the update.
    #[serde(with = "number")]
    pub explained: f32,
    /// Passes done.
    pub passes: usize,
    /// Mean of −min(ratio·A, clip(ratio)·A) in the last pass, A normalised.
    #[serde(with = "number", default)]
    pub policy_loss: f32,
    /// Mean of ½(value − return)² in the last pass.
    #[serde(with = "number", default)]
    pub value_loss: f32,
    /// Of the actions' distribution, all outputs together, in nats.
    #[serde(with = "number", default)]
    pub entropy: f32,
    /// Of the policy network, in this iteration.
    #[serde(with = "number", default)]
    pub rate: f32,
}

/// A sample of the update.
struct Sample {
    input: [f32; VALUE_INPUTS],
    action: [f32; ACTIONS],
    log_density: f32,
    advantage: f32,
    goal: f32,
}

/// Sums over a minibatch.
#[derive(Clone, Default)]
struct Sums {
    policy: Vec<f32>,
    value: Vec<f32>,
    log_deviation: f32,
    kl: f32,
    clipped: f32,
    policy_loss: f32,
    value_loss: f32,
}

/// Tasks that a minibatch of so many samples is cut into.
#[must_use]
pub fn tasks(minibatch: usize) -> usize {
    minibatch.div_ceil(TILES * LANES)
}

impl Agent {
    /// Draws the networks.
    #[must_use]
    pub fn new(networks: &Networks<'_>) -> Self {
        let mut rng = generator(networks.seed, Stream::Start);
        let Interface { value_inputs, .. } = networks.mode.interface();
        let policy = networks.mode.first_policy(networks.policy, &mut rng);
        let value = Network::orthogonal(value_inputs, networks.value, 1.0, &mut rng);
        let optimisers = [policy.parameters().len(), value.parameters().len(), 1].map(Adam::new);
        Self { policy, log_deviation: networks.log_deviation, value, optimisers }
    }

    /// The first field that does not fit the configuration, if one does not.
    pub(super) fn fault(&self, networks: &Networks<'_>) -> Option<String> {
        let Interface { observations, value_inputs, outputs, .. } = networks.mode.interface();
        let pair = [
            ("policy", &self.policy, observations, networks.policy, outputs),
            ("value", &self.value, value_inputs, networks.value, 1),
        ];
        for (name, network, inputs, hidden, outputs) in pair {
            if let Some(fault) = network.fault(inputs, hidden, outputs) {
                return Some(format!("{name}: {fault}"));
            }
        }
        if !self.log_deviation.is_finite() {
            return Some("log_deviation is not finite".to_owned());
        }
        let counts = [self.policy.parameters().len(), self.value.parameters().len(), 1];
        (0..).zip(&self.optimisers).zip(counts).find_map(
            |((index, optimiser), count): ((usize, _), _)| {
                Some(format!("optimisers[{index}]: {}", optimiser.fault(count)?))
            },
        )
    }

    /// Plays the round's episodes.
    #[must_use]
    pub fn play(&self, round: &Round<'_>) -> Vec<Vec<Transition>> {
        let deviation = libm::expf(self.log_deviation);
        let actor = Actor::exploring(round.policy(self.policy.clone()), deviation);
        let (count, mut episodes) = (round.episodes, Vec::new());
        let mut decisions = 0;
        while episodes.len() < count || decisions < round.decisions {
            let next = (episodes.len()..episodes.len() + count).into_par_iter();
            let play = |draw| round.episode(&actor, draw as u64);
            let played: Vec<Vec<Transition>> = next.map(play).collect();
            decisions += played.iter().map(Vec::len).sum::<usize>();
            episodes.extend(played);
        }
        episodes
    }

    /// The update after a round.
    pub fn learn(&mut self, round: &Round<'_>, ppo: &Ppo, episodes: &[Vec<Transition>]) -> Update {
        let mut rng = generator(round.draw(u64::MAX), Stream::Batch);
        let scale = if ppo.anneal { round.annealed() } else { 1.0 };
        let policy = if round.iteration < ppo.warm_up { 0.0 } else { scale };
        let update = self.update(ppo, episodes, [policy, scale], &mut rng);
        Update { rate: policy * ppo.rates[0], entropy: self.entropy(), ..update }
    }

    /// One iteration's update from whole episodes; `scales` multiply the rates of policy and value.
    pub fn update(
        &mut self,
        ppo: &Ppo,
        episodes: &[Vec<Transition>],
        scales: [f32; 2],
        rng: &mut Rng,
    ) -> Update {
        let (samples, explained) = self.samples(ppo, episodes);
        let mut order: Vec<u32> = (0..samples.len() as u32).collect();
        let mut update = Update { explained, ..Update::default() };
        let size = ppo.minibatch.clamp(1, samples.len().max(1));
        for _ in 0..ppo.passes {
            tinynmf_core::random::batch(&mut order, 1.0, rng);
            update.passes += 1;
            (update.kl, update.clipped) = (0.0, 0.0);
            (update.policy_loss, update.value_loss) = (0.0, 0.0);
            for minibatch in order.chunks_exact(size) {
                let sums = self.gradient(ppo, &samples, minibatch);
                update.kl += sums.kl / samples.len() as f32;
                update.clipped += sums.clipped / samples.len() as f32;
                update.policy_loss += sums.policy_loss / samples.len() as f32;
                update.value_loss += sums.value_loss / samples.len() as f32;
                self.descend(ppo, &sums, size, scales);
            }
            if update.kl > ppo.max_kl {
                break;
            }
        }
        update
    }

    /// The entropy of one decision's actions, all outputs together, in nats.
    fn entropy(&self) -> f32 {
        let outputs = self.policy.sizes().last().copied().unwrap_or_default() as f32;
        outputs * (0.5 * libm::logf(2.0 * PI * E) + self.log_deviation)
    }

    /// Values, advantages and returns; and how much of the returns' variance the values explain.
    fn samples(&self, ppo: &Ppo, episodes: &[Vec<Transition>]) -> (Vec<Sample>, f32) {
        let outputs = self.policy.sizes().last().copied().unwrap_or_default();
        let samples: Vec<Sample> = episodes
            .par_iter()
            .flat_map_iter(|episode| {
                let rewards: Vec<f32> = episode.iter().map(|t| t.reward).collect();
                let estimates =
                    advantages(&rewards, &self.values(episode), ppo.discount, ppo.lambda);
                episode.iter().zip(estimates).map(|(t, [advantage, goal])| Sample {
                    input: t.input,
                    action: t.action,
                    log_density: log_density(&t.noise[..outputs], self.log_deviation),
                    advantage,
                    goal,
                })
            })
            .collect();
        let variance = |of: &dyn Fn(&Sample) -> f32| {
            let mean = samples.iter().map(of).sum::<f32>() / samples.len() as f32;
            samples.iter().map(|s| (of(s) - mean).powi(2)).sum::<f32>()
        };
        let explained = 1.0 - variance(&|s| s.advantage) / variance(&|s| s.goal).max(1e-9);
        (samples, explained)
    }

    fn values(&self, episode: &[Transition]) -> Vec<f32> {
        let mut tape = Tape::default();
        let mut values = Vec::with_capacity(episode.len());
        for tile in episode.chunks(LANES) {
            let input = lanes(self.value.sizes()[0], tile.iter().map(|t| &t.input[..]));
            self.value.forward(&input, &mut tape);
            values.extend_from_slice(&tape.output()[..tile.len()]);
        }
        values
    }

    /// Sums of the loss's gradient over a minibatch, the same for any number of threads.
    fn gradient(&self, ppo: &Ppo, samples: &[Sample], minibatch: &[u32]) -> Sums {
        let of = |index: &u32| &samples[*index as usize];
        let size = minibatch.len() as f32;
        let mean = minibatch.iter().map(|i| of(i).advantage).sum::<f32>() / size;
        let variance =
            minibatch.iter().map(|i| (of(i).advantage - mean).powi(2)).sum::<f32>() / size;
        let scale = 1.0 / (variance.sqrt() + 1e-8);
        let parts: Vec<Sums> = minibatch
            .par_chunks(TILES * LANES)
            .map(|part| {
                let mut sums = Sums::default();
                let mut tapes = [Tape::default(), Tape::default()];
                for tile in part.chunks(LANES) {
                    let tile: Vec<&Sample> = tile.iter().map(of).collect();
                    self.tile(ppo, &tile, [mean, scale], &mut tapes, &mut sums);
                }
                [sums.policy, sums.value] = tapes.map(|mut tape| tape.take_gradient());
                sums
            })
            .collect();
        let mut total = Sums::default();
        for part in parts {
            total.add(part);
        }
        total
    }

    /// Adds one tile's part of the gradient of −min(ratio·A, clip(ratio)·A) and of ½(value − goal)².
    fn tile(
        &self,
        ppo: &Ppo,
        tile: &[&Sample],
        [mean, scale]: [f32; 2],
        [policy, value]: &mut [Tape; 2],
        sums: &mut Sums,
    ) {
        let input = lanes(self.value.sizes()[0], tile.iter().map(|s| &s.input[..]));
        let inverse = libm::expf(-self.log_deviation);
        self.policy.forward(&input[..self.policy.sizes()[0]], policy);
        let outputs = policy.outputs().len();
        let mut slopes = vec![[0.0; LANES]; outputs];
        for (lane, sample) in tile.iter().enumerate() {
            let noises: Vec<f32> = policy
                .outputs()
                .iter()
                .zip(sample.action)
                .map(|(mean, action)| (action - mean[lane]) * inverse)
                .collect();
            let log_ratio = log_density(&noises, self.log_deviation) - sample.log_density;
            let ratio = libm::expf(log_ratio.clamp(-20.0, 20.0));
            let advantage = (sample.advantage - mean) * scale;
            let outside = (ratio > 1.0 + ppo.clip && advantage > 0.0)
                || (ratio < 1.0 - ppo.clip && advantage < 0.0);
            sums.kl += (ratio - 1.0) - log_ratio;
            let clipped = ratio.clamp(1.0 - ppo.clip, 1.0 + ppo.clip);
            sums.policy_loss -= (ratio * advantage).min(clipped * advantage);
            if outside {
                sums.clipped += 1.0;
            } else {
                for (slope, noise) in slopes.iter_mut().zip(noises) {
                    slope[lane] = -advantage * ratio * noise * inverse;
                    sums.log_deviation -= advantage * ratio * (noise * noise - 1.0);
                }
            }
        }
        self.policy.backward(policy, &slopes);
        let mut slope = [0.0; LANES];
        self.value.forward(&input, value);
        for ((slope, output), sample) in slope.iter_mut().zip(value.output()).zip(tile) {
            *slope = output - sample.goal;
            sums.value_loss += 0.5 * *slope * *slope;
        }
        self.value.backward(value, &[slope]);
    }

    fn descend(&mut self, ppo: &Ppo, sums: &Sums, size: usize, scales: [f32; 2]) {
        let mean = |sums: &[f32]| sums.iter().map(|g| g / size as f32).collect::<Vec<_>>();
        let [policy_rate, value_rate] = [ppo.rates[0] * scales[0], ppo.rates[1] * scales[1]];
        let [policy, value, deviation] = &mut self.optimisers;
        let norm = ppo.max_norm;
        policy.step(self.policy.parameters_mut(), &mean(&sums.policy), policy_rate, norm);
        value.step(self.value.parameters_mut(), &mean(&sums.value), value_rate, norm);
        let slope = sums.log_deviation / size as f32 - ppo.entropy;
        let mut log_deviation = [self.log_deviation];
        deviation.step(&mut log_deviation, &[slope], policy_rate, norm);
        self.log_deviation = log_deviation[0].clamp(-4.0, 0.5);
    }
}

/// ln of the density of N(0, deviation²) at deviation·noise, output by output, up to a constant.
fn log_density(noises: &[f32], log_deviation: f32) -> f32 {
    noises.iter().map(|noise| -0.5 * noise * noise - log_deviation).sum()
}

impl Sums {
    fn add(&mut self, other: Self) {
        if self.policy.is_empty() {
            *self = other;
            return;
        }
        self.policy.iter_mut().zip(other.policy).for_each(|(a, b)| *a += b);
        self.value.iter_mut().zip(other.value).for_each(|(a, b)| *a += b);
        self.log_deviation += other.log_deviation;
        self.kl += other.kl;
        self.clipped += other.clipped;
        self.policy_loss += other.policy_loss;
        self.value_loss += other.value_loss;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::episode::single;
    use crate::mode::Mode;
    use tinynmf_core::observe::OBSERVATIONS;
    use tinynmf_core::random::normal;

    /// A bandit whose reward is −(action − 0.3·x₀)²: PPO must find the line.
    #[test]
    fn finds_the_best_action_of_a_contextual_bandit() {
        let ppo = Ppo { rates: [3e-3, 3e-3], minibatch: 256, ..Ppo::default() };
        let mut agent = Agent::new(&Networks {
            seed: 1,
            mode: Mode::ScaleFree,
            policy: &[16],
            value: &[16],
            log_deviation: -0.7,
        });
        let mut rng = generator(4, Stream::Rule);
        for _ in 0..150 {
            let deviation = agent.log_deviation.exp();
            let episodes: Vec<Vec<Transition>> = (0..512)
                .map(|_| {
                    let mut input = [0.0; VALUE_INPUTS];
                    input[0] = normal(&mut rng).clamp(-2.0, 2.0);
                    let noise = normal(&mut rng);
                    let action = agent.policy.evaluate(&input[..OBSERVATIONS]) + deviation * noise;
                    let reward = -(action - 0.3 * input[0]).powi(2);
                    let [action, noise] = [action, noise].map(single);
                    vec![Transition { observed: [0.0; OBSERVATIONS], input, action, noise, reward }]
                })
                .collect();
            agent.update(&ppo, &episodes, [1.0; 2], &mut rng);
        }
        for x in [-1.5, -0.5, 0.0, 1.0] {
            let mut input = [0.0; OBSERVATIONS];
            input[0] = x;
            let action = agent.policy.evaluate(&input);
            assert!((action - 0.3 * x).abs() < 0.1, "{action} at {x}");
        }
        assert!(agent.log_deviation < -1.0, "{}", agent.log_deviation);
    }
}
