//! The policy: layers alone, then from the situation to α.

use core::hint::black_box;

use tinynmf_core::observe::observe;
use tinynmf_core::policy::{self, MAX_WIDTH, Network};
use tinynmf_core::random::{Stream, generator};
use tinynmf_core::situation::{Memory, Progress, Situation};
use tinynmf_core::subproblem::{Change, Slope, Subproblem};
use tinynmf_core::{Factor, Policy, Rule};

use super::name;
use crate::count::count;
use crate::order::Refusal;

/// The layers that others publish counts of, the policy that ships, and a whole choice with it.
#[inline(never)]
pub fn choices() -> Result<(), Refusal> {
    let x = black_box([[40_i8, -70, 3, 127, -9, 0, 55, -128]; MAX_WIDTH / 8]);
    let Some(x) = x.as_flattened().first_chunk() else { return Ok(()) };
    for (what, bytes) in
        [("layers, 8-16-16-1", &layers::<708>(16)[..]), ("layers, 8-32-32-1", &layers::<1908>(32))]
    {
        let network = Network::from_bytes(black_box(bytes), 8, 3)?;
        black_box(count(|| network.forward::<1>(x)));
        name(what, 1);
    }

    let memory = Memory { steps: 3, free_norm_squared: 2.0, ..Memory::default() };
    let situation = black_box(Situation {
        factor: Factor::W,
        progress: Progress { epoch: 9, horizon: 100, share: 1.0, first_loss: 5.0 },
        lipschitz: 3.0,
        slope: Slope { loss: 2.0, norm_squared: 1.5, free_norm_squared: 1.0, free_curvature: 2.5 },
        own: &memory,
        other: &memory,
        exponent: 0,
    });
    let policy = Policy::from_bytes(policy::SHIPPED)?;
    let observations = black_box(observe(&situation));
    black_box(count(|| policy.log_rate(&observations)));
    name("layers, shipped policy", 1);
    let (mut rule, mut rng) = (Rule::learned(policy), generator(0, Stream::Rule));
    // As a half-step asks, so that flash holds the rules once.
    let mut untouched: &mut dyn Subproblem = &mut Untouched;
    black_box(count(|| rule.rate(&situation, &mut untouched, &mut rng)));
    name("choice, shipped policy", 1);
    Ok(())
}

/// Stands in for a factor where only the choice counts.
struct Untouched;

impl Subproblem for Untouched {
    fn sample(&mut self) -> bool {
        true
    }
    fn loss(&mut self) -> f32 {
        0.0
    }
    fn sweep(&mut self, _: f32) -> Change {
        Change::default()
    }
    fn shape(&self) -> [usize; 2] {
        [0, 0]
    }
    fn lipschitz(&mut self) -> f32 {
        0.0
    }
    fn gradient(&mut self) -> Slope {
        Slope::default()
    }
    fn try_step(&mut self, _: f32) -> Change {
        Change::default()
    }
    fn step(&mut self, _: f32) -> Change {
        Change::default()
    }
}

/// A network of 8 inputs and two hidden layers of `width` in a policy's format.
const fn layers<const BYTES: usize>(width: usize) -> [u8; BYTES] {
    let (mut bytes, mut at, mut inputs, mut layer) = ([0; BYTES], 0, 8, 0);
    while layer < 2 {
        bytes[at] = inputs as u8;
        bytes[at + 2] = width as u8;
        at += 4 + 4 * width;
        let mut k = 0;
        while k < width {
            bytes[at + 4 * k + 3] = 0x40; // a multiplier of one half
            bytes[at + 4 * width + k] = 6; // its shift
            k += 1;
        }
        at += 5 * width;
        k = 0;
        while k < width * inputs {
            bytes[at + k] = (k * 37 % 251) as u8;
            k += 1;
        }
        at += width * inputs;
        inputs = width;
        layer += 1;
    }
    bytes[at] = inputs as u8;
    bytes[at + 2] = 1;
    at += 12;
    let mut k = 0;
    while k < inputs {
        bytes[at + k] = (k * 53 % 251) as u8;
        k += 1;
    }
    assert!(at + inputs == BYTES);
    bytes
}
