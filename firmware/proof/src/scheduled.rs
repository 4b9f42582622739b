//! The parts of core that a product needs for sweeps with the policy of schedules that ships: 64 × 32 floats, rank 4.
#![no_std]
#![no_main]

use core::hint::{black_box, spin_loop};

use panic_never as _;
use tinynmf_core::policy::{self, SchedulePolicy};
use tinynmf_core::rule::Scheduled;
use tinynmf_core::{Data, Error, Nmf, Settings};

#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    let entries = black_box([0.0; 64 * 32]); // on the stack: V is not what is weighed
    let _ = black_box(factorise(&entries));
    loop {
        spin_loop();
    }
}

fn factorise(entries: &[f32]) -> Result<(), Error> {
    let mut rule = Scheduled::new(SchedulePolicy::from_bytes(policy::SCHEDULE)?);
    let mut nmf = Nmf::<64, 32, 4>::new(Settings::default())?;
    let mut run = nmf.run(Data::new(entries, 64, 32, 1.0)?)?;
    for _ in 0..black_box(200) {
        run.epoch(&mut rule);
    }
    black_box((run.w(), run.h()));
    Ok(())
}
