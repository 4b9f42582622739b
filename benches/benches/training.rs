//! `cargo bench --bench training`: environment steps per second of a whole training iteration on
//! 50 × 40 problems of rank 5, update included, beside the same epochs without a network.
//!
//! An environment step is an epoch: two half-steps, two decisions.

use divan::Bencher;
use divan::counter::ItemsCount;
use rayon::prelude::*;
use tinynmf::family::Family;
use tinynmf_core::{Rule, rule};
use tinynmf_train::{Config, Ppo, Trainer};

const EPISODES: usize = 64;
const SAMPLES: u32 = 20;
const HORIZON: u32 = 100;

fn main() {
    divan::main();
}

fn config() -> Config {
    let family = Family {
        rows: [50, 50],
        columns: [40, 40],
        rank: [5, 5],
        horizon: [HORIZON, HORIZON],
        ..Family::default()
    };
    Config {
        episodes: EPISODES,
        problems: EPISODES,
        iterations: 100_000,
        // The policy stays bound(0.95) and its problems unsolved.
        ppo: Ppo { rates: [1e-12; 2], ..Ppo::default() },
        gap_floor: 1e-9,
        family,
        ..Config::default()
    }
}

fn steps() -> ItemsCount {
    ItemsCount::new(EPISODES * HORIZON as usize)
}

#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn iteration(bencher: Bencher<'_, '_>) {
    let mut trainer = Trainer::new(config()).expect("no matrix is read");
    // Some episodes find a lower loss than their problem's reference and end: steps are counted, not assumed.
    let decisions: usize = (0..SAMPLES).map(|_| trainer.iterate().steps).sum();
    let steps = ItemsCount::new(decisions / 2 / SAMPLES as usize);
    bencher.counter(steps).bench_local(|| trainer.iterate());
}

#[divan::bench(sample_count = SAMPLES, sample_size = 1)]
fn arithmetic_alone(bencher: Bencher<'_, '_>) {
    let family = config().family;
    let problems: Vec<_> = (0..EPISODES as u64).map(|seed| family.problem(seed)).collect();
    bencher.counter(steps()).bench_local(|| {
        problems.par_iter().for_each(|problem| {
            let mut memory = problem.memory();
            let mut run = memory.run(problem.data()).expect("the memory was made for this shape");
            let mut rule = Rule::from(rule::Abb);
            for _ in 0..HORIZON {
                run.epoch(&mut rule);
            }
        });
    });
}
