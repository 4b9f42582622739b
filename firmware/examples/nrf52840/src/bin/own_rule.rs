//! A rule of one's own on readings at AIN0 (P0.02): it looks at ever more of V, and its relaxations rise within a half-step.
#![no_std]
#![no_main]

use cortex_m::asm::delay;
use cortex_m_rt::entry;
use defmt::{info, unwrap};
use nrf52840::{CLOCK, converter};
use tinynmf_core::random::Rng;
use tinynmf_core::situation::Before;
use tinynmf_core::{Data, Nmf, Open, Schedule, Settings, Subproblem};

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

#[entry]
fn main() -> ! {
    let mut read = converter();
    loop {
        let entries: [u16; 16 * 24] = core::array::from_fn(|_| {
            delay(CLOCK / 1_000);
            read()
        });
        let mut nmf = unwrap!(Nmf::<16, 24, 3>::new(Settings::default()));
        let mut run = unwrap!(nmf.run(unwrap!(Data::new(&entries, 16, 24, 1.0 / 4096.0))));
        let cost: u64 = (0..12).map(|_| run.epoch(&mut Rising)).map(|e| e.w.cost + e.h.cost).sum();
        info!("F {=f32} after {=u64} multiply-adds", run.loss(), cost);
    }
}
