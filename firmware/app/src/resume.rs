//! A supply that breaks down in the middle of epochs, or while an epoch is being saved: the processor restarts,
//! and the factorisation goes on from the last epoch that was saved.
#![allow(unsafe_code)] // memory that the start-up code leaves alone, and half a save

use core::ptr;

use defmt::println;
use tinynmf_core::Subproblem;
use tinynmf_core::nmf::NmfOver;
use tinynmf_core::random::Rng;
use tinynmf_core::retained::Retained;
use tinynmf_core::situation::Situation;
use tinynmf_core::storage::Arrays;
use tinynmf_core::{Data, Factor, Policy, Rule, Settings, StepRule, policy};
use tinynmf_digits::fingerprint;
use tinynmf_digits::images::{Images, PIXELS, SCALE};

use crate::kept::{kept, restart};
use crate::order::Refusal;

const IMAGES: usize = 12;
const RANK: usize = 3;
const EPOCHS: u32 = 20;

/// Where the power fails.
#[derive(Clone, Copy, PartialEq)]
enum Point {
    /// The power goes in the half-step of a factor.
    HalfStep(Factor),
    /// Between an epoch and its save.
    BeforeSave,
    /// When half of the save is written.
    InSave,
}

/// The end of each life but the last: epoch, and point within it.
const FAILURES: [(u32, Point); 7] = [
    (0, Point::HalfStep(Factor::W)),
    (0, Point::InSave),
    (3, Point::HalfStep(Factor::W)),
    (3, Point::HalfStep(Factor::H)),
    (8, Point::BeforeSave),
    (8, Point::InSave),
    (13, Point::InSave),
];

/// Memory that survives a restart: numbers alone, so that any content after power-up is a value.
struct Memory {
    /// Lives so far, and their complement as long as that is true.
    lives: [u32; 2],
    retained: Retained<IMAGES, PIXELS, RANK>,
}

/// The learned rule, and a restart at a half-step.
struct Cut {
    rule: Rule<'static>,
    failure: Option<(u32, Point)>,
}

impl StepRule for Cut {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
        if self.failure == Some((at.progress.epoch, Point::HalfStep(at.factor))) {
            restart();
        }
        self.rule.rate(at, block, rng).unwrap_or(at.safe_rate())
    }
}

/// Factorises digits in as many lives as the power fails, and one more.
#[inline(never)]
pub fn report() -> Result<(), Refusal> {
    // SAFETY: called once in a life; `Memory` is numbers alone.
    let Memory { lives, retained } = unsafe { kept::<Memory>() };
    let life = if lives[0] == !lives[1] { lives[0] } else { 0 };
    *lives = [life + 1, !(life + 1)];

    let failure = FAILURES.get(life as usize).copied();
    let data = Data::new(Images::<IMAGES>::PIXELS.as_flattened(), IMAGES, PIXELS, SCALE)?;
    let rule = Rule::learned(Policy::from_bytes(policy::SHIPPED)?);
    let mut rule = Cut { rule, failure };
    // The smallest RAM does not hold two of it while it is moved.
    let mut memory = Arrays::<IMAGES, PIXELS, RANK>::new();
    let settings = Settings { horizon: EPOCHS, ..Settings::default() };
    let mut nmf = NmfOver::over(&mut memory, settings)?;
    let done = retained.restore(&mut nmf).unwrap_or(0);
    println!("life from epoch {=u32}", done);
    for epoch in done..EPOCHS {
        nmf.run(data)?.epoch(&mut rule);
        if failure == Some((epoch, Point::BeforeSave)) {
            restart();
        }
        if failure == Some((epoch, Point::InSave)) {
            tear(retained, &nmf);
        }
        retained.save(&nmf);
    }
    let run = nmf.run(data)?;
    println!(
        "resumed {{\"lives\":{=u32},\"w\":{=u64},\"h\":{=u64}}}",
        life + 1,
        fingerprint(run.w()),
        fingerprint(run.h())
    );
    // The next cold start finds nothing.
    (*lives, *retained) = ([0; 2], Retained::new());
    Ok(())
}

/// Writes half of a save, and restarts.
fn tear(
    retained: &mut Retained<IMAGES, PIXELS, RANK>,
    nmf: &NmfOver<'_, IMAGES, PIXELS, RANK>,
) -> ! {
    let mut whole = retained.clone();
    whole.save(nmf);
    // A save changes one of two slots of the same size: half of each is half of that one.
    let slot = size_of_val(retained) / 2;
    for start in [0, slot] {
        // SAFETY: both are of this type, whose every bit pattern is a value.
        unsafe {
            let from = (&raw const whole).cast::<u8>().add(start);
            ptr::copy_nonoverlapping(from, (&raw mut *retained).cast::<u8>().add(start), slot / 2);
        }
    }
    restart()
}
