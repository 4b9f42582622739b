//! The largest numbers that a configuration may ask for, and the memory that a training then takes.

use std::mem::size_of;

use super::config::Config;
use super::episode::Transition;
use super::mode::{Interface, Mode};
use super::network::Network;
use super::progress::Progress;
use super::source::Source;
use tinynmf::error::Result;
use tinynmf::memory::{allow, product};

/// The most iterations of a training.
pub const ITERATIONS: u32 = 1_000_000;

// A checkpoint holds every weight three times, in up to 13 bytes, and up to 450 bytes an iteration: that is below
// `input::CHECKPOINT`.

/// Bytes of an f32.
const FLOAT: usize = size_of::<f32>();

/// Copies of every parameter: itself, the two moments of its optimiser, its gradient, and one a task of the update.
const COPIES: usize = 4;

/// The first count that is out of its range, if one is.
#[must_use]
pub fn fault(config: &Config) -> Option<String> {
    let Config { ppo, es, family, validation, .. } = config;
    let widest = config.value.iter().copied().max().unwrap_or(1);
    let narrowest = config.value.iter().copied().min().unwrap_or(1);
    let ranks = config.matrix.as_ref().map_or(1, |given| given.ranks.len());
    let inputs = config.mode.interface().value_inputs;
    let parameters =
        Network::count(&Network::layout(inputs, &config.value, 1)).unwrap_or(usize::MAX);
    let counts = [
        ("iterations", config.iterations as usize, 1, ITERATIONS as usize),
        ("episodes", config.episodes, 1, 1 << 20),
        ("decisions", config.decisions, 0, 1 << 26),
        ("problems", config.problems, 1, 1 << 20),
        ("the number of layers of value", config.value.len(), 0, 8),
        ("value", narrowest, 1, 4096),
        ("value", widest, 1, 4096),
        ("the number of weights of value", parameters, 1, 1 << 22),
        ("ppo.passes", ppo.passes, 1, 1000),
        ("ppo.minibatch", ppo.minibatch, 1, 1 << 24),
        ("ppo.warm_up", ppo.warm_up as usize, 0, ITERATIONS as usize),
        ("es.pairs", es.pairs, 0, 1 << 16),
        ("validation.every", validation.every as usize, 0, ITERATIONS as usize),
        ("validation.problems", validation.problems, 1, 1 << 16),
        ("family.rows", family.rows[1], 1, 1 << 16),
        ("family.columns", family.columns[1], 1, 1 << 16),
        ("family.rank", family.rank[1], 1, 1 << 12),
        ("family.horizon", family.horizon[1] as usize, 1, 1_000_000),
        ("the number of entries of family.batch", family.batch.len(), 1, 1024),
        ("the number of entries of family.gradient_noise", family.gradient_noise.len(), 1, 1024),
        ("the number of entries of without", config.without.len(), 0, 64),
        ("the number of entries of matrix.ranks", ranks, 1, 1024),
    ];
    let wrong = counts.iter().find(|(_, count, low, high)| !(low..=high).contains(&count));
    wrong.map(|(name, count, low, high)| {
        format!("{name} is {count}, but must be from {low} to {high}")
    })
}

/// Refuses a training that would take more memory than [`tinynmf::memory::LIMIT`], before any of it is asked for.
///
/// # Errors
///
/// Too little memory, with the estimate.
pub fn check_memory(config: &Config, source: &Source) -> Result<()> {
    let [rows, columns, rank] = source.largest();
    let factors = (rows + columns).saturating_mul(rank);
    // V, what it is measured with, and for transforms a copy of its columns.
    let problem = product([rows, columns, 2 * FLOAT]).saturating_add(product([factors, FLOAT]));
    let held_out = if config.mode == Mode::Schedule { config.validation.problems } else { 0 };
    let count = config.problems.saturating_add(held_out);
    let problems = product([count]).saturating_mul(problem);

    let Interface { decisions, observations, value_inputs, outputs, .. } = config.mode.interface();
    let horizon = config.family.horizon[1] as usize;
    let played = product([config.episodes, decisions, horizon]);
    let played = played.saturating_add(config.decisions as u64);
    // Every transition becomes a sample of about its size.
    let transitions = played.saturating_mul(2 * size_of::<Transition>() as u64);

    let policy = Network::count(&Network::layout(observations, &config.policy, outputs))
        .unwrap_or(usize::MAX);
    let value =
        Network::count(&Network::layout(value_inputs, &config.value, 1)).unwrap_or(usize::MAX);
    let tasks = super::ppo::tasks(config.ppo.minibatch);
    let networks = product([policy.saturating_add(value), FLOAT, COPIES + tasks]);
    allow(
        "training",
        &[
            ("problems, or the sizes of the family or the matrix", problems),
            ("episodes, decisions or family.horizon", transitions),
            ("value or ppo.minibatch", networks),
            ("iterations", product([config.iterations as usize, size_of::<Progress>()])),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf::family::Family;

    /// A count too high, by its name.
    fn refused(name: &str, change: impl Fn(&mut Config)) {
        let mut config = Config::default();
        change(&mut config);
        let fault = config.fault().unwrap_or_else(|| panic!("{name} is accepted"));
        assert!(fault.contains(name), "{fault}");
    }

    #[test]
    fn every_count_has_an_upper_limit() {
        const MANY: usize = usize::MAX;
        refused("iterations", |c| c.iterations = u32::MAX);
        refused("episodes", |c| c.episodes = MANY);
        refused("decisions", |c| c.decisions = MANY);
        refused("problems", |c| c.problems = 1 << 40);
        refused("policy", |c| c.policy = vec![1; 1 << 16]);
        refused("layers of value", |c| c.value = vec![1; 1 << 16]);
        refused("value", |c| c.value = vec![MANY]);
        refused("value", |c| c.value = vec![0]);
        refused("weights of value", |c| c.value = vec![4096; 3]);
        refused("ppo.passes", |c| c.ppo.passes = MANY);
        refused("ppo.minibatch", |c| c.ppo.minibatch = MANY);
        refused("ppo.warm_up", |c| c.ppo.warm_up = u32::MAX);
        refused("es.pairs", |c| c.es.pairs = MANY);
        refused("validation.every", |c| c.validation.every = u32::MAX);
        refused("validation.problems", |c| c.validation.problems = MANY);
        refused("family.rows", |c| c.family.rows[1] = MANY);
        refused("family.columns", |c| c.family.columns[1] = MANY);
        refused("family.horizon", |c| c.family.horizon[1] = u32::MAX);
        refused("family.batch", |c| c.family.batch = vec![1.0; 2000]);
        refused("family.gradient_noise", |c| c.family.gradient_noise = vec![0.0; 2000]);
        refused("without", |c| c.without = vec!["t/T".into(); 2000]);
        refused("log_deviation", |c| c.log_deviation = f32::NAN);
        refused("entropy", |c| c.ppo.entropy = f32::INFINITY);
    }

    #[test]
    fn memory_is_told_before_it_is_asked_for() {
        let refusal = |change: &dyn Fn(&mut Config)| {
            let mut config = Config::default();
            change(&mut config);
            assert_eq!(config.fault(), None);
            let source = Source::Family(config.family.clone());
            check_memory(&config, &source).unwrap_err().to_string()
        };
        let large = || Family { rows: [4000; 2], columns: [4000; 2], ..Family::default() };
        let problems = refusal(&|config| config.family = large());
        assert!(problems.contains("122.3 GiB"), "{problems}");
        assert!(problems.contains("lower problems"), "{problems}");
        let episodes = refusal(&|config| config.episodes = 1 << 20);
        assert!(episodes.contains("lower episodes"), "{episodes}");
        let value = refusal(&|config| {
            config.value = vec![2000, 2000];
            config.ppo.minibatch = 1 << 17;
        });
        assert!(value.contains("lower value"), "{value}");
    }

    #[test]
    fn the_policies_that_ship_are_far_below_the_limits() {
        for name in ["shipped", "batches", "noisy"] {
            let path = format!("{}/../policies/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            let mut config = Config::read(path.as_ref()).unwrap();
            let source = config.source().unwrap();
            check_memory(&config, &source).unwrap();
        }
    }
}
