//! A half-step from outside: nothing calls back, so that a scheduler, or a learner, can come between the moves.
//!
//! `cargo run -p tinynmf-core --example half_steps`

use tinynmf_core::{Data, Error, Factor, Nmf, Settings};

fn main() -> Result<(), Error> {
    let entries: [u16; 20] = core::array::from_fn(|k| (k * k % 11) as u16);
    let mut nmf = Nmf::<5, 4, 2>::new(Settings::default())?;
    let mut run = nmf.run(Data::new(&entries, 5, 4, 0.5)?)?;
    for epoch in 0..5 {
        for factor in [Factor::W, Factor::H] {
            let mut half = run.begin(factor, 1.0);
            let mut before = half.loss();
            // Sweeps go on for as long as one gains a hundredth.
            loop {
                let after = before + half.sweep(1.0).loss();
                if after > 0.99 * before || half.record().moves.is_full() {
                    break;
                }
                before = after;
            }
            let record = half.close();
            println!("epoch {epoch}, {factor:?}: {} sweeps", record.moves.as_slice().len());
        }
        run.end_epoch();
    }
    Ok(())
}
