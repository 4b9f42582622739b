//! The training loop: play episodes, learn from them, take in their observations.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use tinynmf::error::Result;

use super::algorithm::Learner;
use super::config::Config;
use super::episode::Transition;
use super::float_policy::FloatPolicy;
use super::imitate;
use super::limits;
use super::mode::Environment;
use super::normaliser::{Normaliser, Scale};
use super::progress::Progress;
use super::round::{Round, discounted};
use super::validation::{Held, HeldOut, Score, Validated};

/// Problems that a rule to be imitated is watched on.
const IMITATED: usize = 64;

/// Everything that a training run carries from one iteration to the next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Iterations done.
    pub iteration: u32,
    /// Networks and optimisers.
    pub learner: Learner,
    /// Normaliser of the observations.
    pub normaliser: Normaliser,
    /// One entry per iteration.
    pub curve: Vec<Progress>,
    /// Findings of validation, if there is any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validated: Option<Validated>,
}

impl State {
    /// The state before the first iteration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            iteration: 0,
            learner: Learner::new(&config.learning()),
            normaliser: Normaliser::default(),
            curve: Vec::new(),
            validated: None,
        }
    }

    /// The first field that no training by `config` can have led to, if there is one.
    #[must_use]
    pub fn fault(&self, config: &Config) -> Option<String> {
        let (done, asked) = (self.iteration, config.iterations);
        if done > asked {
            return Some(format!("iteration is {done}, beyond the configuration's {asked}"));
        }
        if self.curve.len() != done as usize {
            let points = self.curve.len();
            return Some(format!("curve has {points} points after {done} iterations"));
        }
        let normaliser = || Some(format!("normaliser.{}", self.normaliser.fault()?));
        let learner = || Some(format!("learner.{}", self.learner.fault(&config.learning())?));
        let best = || {
            let Held { policy, .. } = &self.validated.as_ref()?.best;
            Some(format!("validated.best.policy.{}", config.networks().fault_of(policy)?))
        };
        normaliser().or_else(learner).or_else(best)
    }

    /// The policy that is exported, trained as `config` says: the best one on problems held out, or as it stands.
    #[must_use]
    pub fn policy(&self, config: &Config) -> FloatPolicy {
        let best = self.validated.as_ref().map(|it| it.best.policy.clone());
        best.unwrap_or_else(|| self.current(config))
    }

    /// The policy as it stands.
    #[must_use]
    pub fn current(&self, config: &Config) -> FloatPolicy {
        FloatPolicy {
            network: self.learner.shipped(),
            scale: self.scale(config),
            limits: config.mode.interface().limits,
        }
    }

    /// The normalisation of the observations that the networks get to see.
    fn scale(&self, config: &Config) -> Scale {
        self.normaliser.scale().without(&config.without)
    }
}

/// A training run.
#[derive(Debug)]
pub struct Trainer {
    config: Config,
    environments: Vec<Environment>,
    held_out: HeldOut,
    state: State,
}

impl Trainer {
    /// Draws the problems and the networks.
    ///
    /// # Errors
    ///
    /// Of [`Config::source`]; of [`limits::check_memory`].
    pub fn new(config: Config) -> Result<Self> {
        let state = State::new(&config);
        Self::resume(config, state)
    }

    /// Goes on from where a state was left: the same bytes as if it had never stopped.
    ///
    /// # Errors
    ///
    /// As [`Trainer::new`]; also if the matrix has changed.
    pub fn resume(mut config: Config, state: State) -> Result<Self> {
        let source = config.source()?;
        limits::check_memory(&config, &source)?;
        let play = config.play();
        let environments = (0..config.problems)
            .into_par_iter()
            .map(|i| Environment::new(&play, source.training_problem(config.seed, i)))
            .collect();
        let held_out = HeldOut::new(config.mode, &config.validation, &config.schedule, &source);
        let mut trainer = Self { config, environments, held_out, state };
        if trainer.state.normaliser == Normaliser::default() {
            trainer.imitate()?;
        }
        Ok(trainer.ready())
    }

    /// Trains on given environments instead of those that the configuration draws.
    #[must_use]
    pub fn on(environments: Vec<Environment>, config: Config, state: State) -> Self {
        Self { config, environments, held_out: HeldOut::default(), state }.ready()
    }

    /// The first policy already needs a normalisation to stand on.
    fn ready(mut self) -> Self {
        if self.state.normaliser == Normaliser::default() {
            let round = round(&self.config, &self.environments, &self.state);
            let episodes = self.state.learner.play(&round, &self.config.learning());
            self.take_in(&episodes);
        }
        if self.state.validated.is_none() {
            self.state.validated = self.held().map(Validated::new);
        }
        self
    }

    /// The policy as it stands with what it comes to on the problems held out, if there are any.
    fn held(&self) -> Option<Held> {
        let policy = self.state.current(&self.config);
        let score = self.held_out.score(&policy)?;
        Some(Held { iteration: self.state.iteration, score, policy })
    }

    /// Measures the policy where the configuration asks for it, and keeps the best one.
    fn validate(&mut self) -> Option<Score> {
        let every = self.config.validation.every;
        if every == 0 || !(self.finished() || self.state.iteration.is_multiple_of(every)) {
            return None;
        }
        let held = self.held()?;
        let score = held.score;
        match &mut self.state.validated {
            Some(validated) => validated.take(held),
            none => *none = Some(Validated::new(held)),
        }
        Some(score)
    }

    /// Lets the first policy imitate the rule that the configuration names, if any.
    fn imitate(&mut self) -> Result<()> {
        let Some(rule) = self.config.teacher().transpose()? else { return Ok(()) };
        let problems = self.environments.par_iter().take(IMITATED).map(Environment::problem);
        let seen = imitate::demonstrate(problems, &rule);
        seen.iter().for_each(|it| self.state.normaliser.observe(&it.observed));
        let (scale, seed) = (self.state.scale(&self.config), self.config.seed);
        imitate::imitate(self.state.learner.network_mut(), &scale, &seen, seed);
        Ok(())
    }

    /// Configuration of the run.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// State that the run carries on.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Whether all iterations are done.
    #[must_use]
    pub fn finished(&self) -> bool {
        self.state.iteration >= self.config.iterations
    }

    /// The policy that is exported: the best one on problems held out, or as it stands.
    #[must_use]
    pub fn policy(&self) -> FloatPolicy {
        self.state.policy(&self.config)
    }

    /// One iteration.
    pub fn iterate(&mut self) -> Progress {
        let round = round(&self.config, &self.environments, &self.state);
        let learning = self.config.learning();
        let episodes = self.state.learner.play(&round, &learning);
        let update = self.state.learner.learn(&round, &learning, &episodes);
        let log_deviation = self.state.learner.log_deviation(&learning);
        self.take_in(&episodes);
        self.state.iteration += 1;
        let validation = self.validate();
        let mean = |of: &dyn Fn(&[Transition]) -> f32| {
            episodes.iter().map(|e| of(e)).sum::<f32>() / episodes.len() as f32
        };
        let discount = self.config.ppo.discount;
        let progress = Progress {
            reward: mean(&|e| e.iter().map(|t| t.reward).sum()),
            discounted: mean(&|e| discounted(e, discount)),
            steps: episodes.iter().map(Vec::len).sum(),
            log_deviation,
            update,
            validation,
        };
        self.state.curve.push(progress);
        progress
    }

    /// Takes in the observations. The normalisation of the episodes just used stays what it was until
    /// the update is over.
    fn take_in(&mut self, episodes: &[Vec<Transition>]) {
        for transition in episodes.iter().flatten() {
            self.state.normaliser.observe(&transition.observed);
        }
    }
}

/// The iteration that a state is about to do.
fn round<'a>(config: &'a Config, environments: &'a [Environment], state: &State) -> Round<'a> {
    let Config { seed, mode, iterations, episodes, decisions, .. } = *config;
    let (scale, iteration) = (state.scale(config), state.iteration);
    Round { seed, mode, iterations, episodes, decisions, environments, scale, iteration }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::actor::Actor;
    use crate::algorithm::Algorithm;
    use crate::es::Es;
    use crate::mode::Mode;
    use crate::schedule::Schedule;
    use crate::validation::Validation;
    use tinynmf::structured::Structured;

    /// A training run of a second.
    pub fn tiny() -> Config {
        let family = tinynmf::family::Family { horizon: [10, 20], ..Default::default() };
        Config { iterations: 4, episodes: 6, problems: 5, family, ..Config::default() }
    }

    /// [`tiny`] in every mode, by every algorithm.
    pub fn all() -> [Config; 6] {
        let tiny = || Config { es: Es { pairs: 3, ..Es::default() }, ..tiny() };
        let es = || Config { algorithm: Algorithm::Es, ..tiny() };
        let paper = |config| Config { mode: Mode::Paper, log_deviation: -3.0, ..config };
        let problems = Structured { rows: [10, 16], columns: [10, 16], ..Structured::default() };
        let schedule = Schedule { problems, budget: 5.0, ..Schedule::default() };
        let schedules = |config| Config {
            mode: Mode::Schedule,
            schedule: schedule.clone(),
            validation: Validation { every: 2, problems: 3 },
            ..config
        };
        [tiny(), es(), paper(tiny()), paper(es()), schedules(tiny()), schedules(es())]
    }

    /// The mean discounted reward of the policy as it stands, without exploration, on every problem.
    pub fn score(trainer: &Trainer) -> f32 {
        let actor = Actor::exploring(trainer.state.current(&trainer.config), 0.0);
        let discount = trainer.config.ppo.discount;
        let play = |e: &Environment| discounted(&e.play(&actor, 0), discount);
        trainer.environments.iter().map(play).sum::<f32>() / trainer.environments.len() as f32
    }

    /// Trains to the end.
    pub fn finish(config: Config) -> Trainer {
        let mut trainer = Trainer::new(config).unwrap();
        while !trainer.finished() {
            trainer.iterate();
        }
        trainer
    }

    #[test]
    fn is_deterministic_whatever_the_number_of_threads() {
        for config in all() {
            let train = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| finish(config.clone()).state)
            };
            let state = train(1);
            assert_eq!(state, train(3));
            assert_ne!(state.learner, Learner::new(&config.learning()));
        }
    }

    #[test]
    fn es_improves_on_a_tiny_family() {
        let es = Es { pairs: 8, ..Es::default() };
        let config =
            Config { algorithm: Algorithm::Es, es, iterations: 40, episodes: 32, ..tiny() };
        let before = score(&Trainer::new(config.clone()).unwrap());
        let after = score(&finish(config));
        assert!(after > before + 0.1, "{after} after {before}");
    }

    #[test]
    fn the_mean_of_the_last_centres_ships() {
        let es = Es { pairs: 3, average: 0.5, by_problem: true, ..Es::default() };
        let config = Config { algorithm: Algorithm::Es, es, ..tiny() };
        let mut trainer = Trainer::new(config).unwrap();
        let mut centres = Vec::new();
        while !trainer.finished() {
            trainer.iterate();
            centres.push(trainer.state().learner.network().parameters().to_vec());
        }
        assert!(centres.len() == 4 && centres[2] != centres[3]);
        let ships = trainer.policy().network;
        for (place, found) in ships.parameters().iter().enumerate() {
            let expected = 0.5 * (centres[2][place] + centres[3][place]);
            assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
        }
    }

    #[test]
    fn es_improves_schedules() {
        let config = Config {
            mode: Mode::Schedule,
            algorithm: Algorithm::Es,
            policy: vec![],
            iterations: 25,
            episodes: 64,
            es: Es { pairs: 8, deviation: 0.3, rate: 0.1, ..Es::default() },
            ..all()[5].clone()
        };
        let before = score(&Trainer::new(config.clone()).unwrap());
        let after = score(&finish(config));
        assert!(after > before + 0.05, "{after} after {before}");
    }

    #[test]
    fn ppo_improves_in_the_environment_of_the_paper() {
        let config = Config {
            mode: Mode::Paper,
            log_deviation: -4.0,
            iterations: 40,
            episodes: 32,
            ..tiny()
        };
        let before = score(&Trainer::new(config.clone()).unwrap());
        let after = score(&finish(config));
        assert!(after > before + 0.1, "{after} after {before}");
    }
}
