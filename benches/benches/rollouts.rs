//! `cargo bench --bench rollouts -- CONFIGURATION.toml SECONDS`: decisions a second of the episodes that a training plays,
//! its network's answers included; for `host/python/benches/environments.py`.

use std::path::Path;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use tinynmf_core::random::{Stream, generator};
use tinynmf_train::Config;
use tinynmf_train::actor::Actor;
use tinynmf_train::mode::Environment;
use tinynmf_train::trainer::State;

/// Episodes that are played side by side, as in an iteration of a training.
const EPISODES: u64 = 64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let [path, seconds] = &words[..] else { return Err("CONFIGURATION.toml SECONDS".into()) };
    let mut config = Config::parse(path, &std::fs::read_to_string(Path::new(path))?)?;
    let duration = Duration::from_secs_f64(seconds.parse()?);
    let source = config.source()?;
    let environments: Vec<_> = (0..config.problems)
        .into_par_iter()
        .map(|number| {
            Environment::new(&config.play(), source.training_problem(config.seed, number))
        })
        .collect();
    let mut policy = State::new(&config).policy(&config);
    policy.network = config.mode.first_policy(&config.policy, &mut generator(0, Stream::Start));
    let actor = Actor::exploring(policy, config.log_deviation.exp());
    let (start, mut round, mut decisions) = (Instant::now(), 0, 0);
    while start.elapsed() < duration {
        let play = |number: u64| {
            let seed = EPISODES * round + number;
            environments[(seed % environments.len() as u64) as usize].play(&actor, seed).len()
        };
        decisions += (0..EPISODES).into_par_iter().map(play).sum::<usize>();
        round += 1;
    }
    println!("{}", decisions as f64 / start.elapsed().as_secs_f64());
    Ok(())
}
