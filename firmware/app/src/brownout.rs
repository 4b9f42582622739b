//! A supply that breaks down in the middle of a step: the processor restarts, and W goes on from the last
//! whole column.
#![allow(unsafe_code)] // memory that the start-up code leaves alone

use defmt::println;
use tinynmf_core::Subproblem;
use tinynmf_core::random::Rng;
use tinynmf_core::situation::Situation;
use tinynmf_core::{Factor, Policy, Rule, StepRule, policy};
use tinynmf_stream::mixture::Mixture;
use tinynmf_stream::separator::FLOATS;
use tinynmf_stream::{BINS, RANK, Retained, Separator};

use crate::kept::{kept, restart};
use crate::order::Refusal;
use crate::stream::found;

/// Columns at which the power fails, once in a W half-step and once while W is being kept, and at the end.
const FIRST: u32 = 100;
const SECOND: u32 = 200;
const END: u32 = 500;

type Memory = Retained<{ BINS * RANK }>;

/// The learned rule, and a restart at its n-th choice for W.
struct Cut {
    rule: Rule<'static>,
    choices: u32,
}

impl StepRule for Cut {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
        if at.factor == Factor::W {
            self.choices = self.choices.saturating_sub(1);
            if self.choices == 0 {
                restart();
            }
        }
        self.rule.rate(at, block, rng).unwrap_or(at.safe_rate())
    }
}

/// Separates the mixture in three lives.
#[inline(never)]
pub fn report() -> Result<(), Refusal> {
    // SAFETY: called once in a life; `Memory` is integers alone.
    let retained = unsafe { kept::<Memory>() };
    let past = retained.latest();
    let start = past.map_or(0, |(columns, _)| columns);
    println!("life from column {=u32}", start);

    let mut memory = [0.0; FLOATS];
    let rule = Rule::learned(Policy::from_bytes(policy::SHIPPED)?);
    let choices = if start < FIRST { FIRST + 1 - start } else { u32::MAX };
    let mut separator = Separator::with_rule(&mut memory, Cut { rule, choices })?;
    if let Some((_, w)) = past {
        separator.set(&w)?;
    }
    let mut columns = start;
    for sample in Mixture::default().skip(start as usize * 64) {
        if separator.sample(sample)?.is_none() {
            continue;
        }
        columns += 1;
        if columns == SECOND && start != SECOND - 1 {
            tear(retained, separator.w());
        }
        retained.keep(columns, separator.w());
        if columns == END {
            break;
        }
    }
    found(columns, separator.w());
    // The next cold start finds nothing.
    retained.words().for_each(|word| *word = 0);
    Ok(())
}

/// Keeps half of W, and restarts.
fn tear(retained: &mut Memory, w: &[f32]) -> ! {
    let mut whole = *retained;
    whole.keep(SECOND, w);
    for (k, (word, new)) in retained.words().zip(whole.words()).enumerate() {
        if k % (BINS * RANK + 2) < BINS * RANK / 2 {
            *word = *new;
        }
    }
    restart()
}
