//! A rule of one's own: samples of V that grow with the time, and sweeps whose relaxation rises within a half-step.
//!
//! `cargo run -p tinynmf-core --example own_rule`

use tinynmf_core::random::Rng;
use tinynmf_core::situation::Before;
use tinynmf_core::{Data, Error, Nmf, Open, Schedule, Settings, Subproblem};

struct Rising;

impl Schedule for Rising {
    fn share(&mut self, before: &Before<'_>) -> f32 {
        0.3 + 0.1 * before.progress.epoch as f32
    }

    fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, _: &mut Rng) {
        for relaxation in [1.2, 1.3, 1.55] {
            open.sweep(relaxation);
        }
    }
}

fn main() -> Result<(), Error> {
    let entries: [f32; 48] = core::array::from_fn(|k| ((k / 8 * (k % 8)) % 7) as f32);
    let mut nmf = Nmf::<6, 8, 2>::new(Settings::default())?;
    let mut run = nmf.run(Data::new(&entries, 6, 8, 1.0)?)?;
    let before = run.loss();
    for t in 0..12 {
        let epoch = run.epoch(&mut Rising);
        println!(
            "{t:2}: shares {:.2} and {:.2}, F {:.4}",
            epoch.w.share,
            epoch.h.share,
            run.loss()
        );
    }
    assert!(run.loss() < 0.5 * before);
    Ok(())
}
