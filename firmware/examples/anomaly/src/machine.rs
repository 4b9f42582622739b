//! A synthetic machine: the current that it draws in the [`ROWS`] parts of a cycle, with 12 bits.
//!
//! A cycle is Σₖ sₖ · pₖ + noise. The profile pₖ of a load is fixed, its strength sₖ is drawn anew for every cycle, uniform
//! from 0.3 to 1. The noise of every reading is normal, with a deviation of [`NOISE`]. No real machine was measured.

use tinynmf_core::random::{Rng, Stream, generator, normal, uniform};

/// Readings of a cycle.
pub const ROWS: usize = 16;

/// The loads.
pub const LOADS: usize = 3;

/// Deviation of the noise, in steps of the converter.
pub const NOISE: f32 = 12.0;

/// The current of every load at full strength: a pump that starts and runs down, a heater that is switched, a conveyor.
pub const PROFILES: [[f32; ROWS]; LOADS] = [
    [0., 500., 900., 1000., 980., 960., 950., 900., 700., 400., 150., 0., 0., 0., 0., 0.],
    [0., 0., 0., 0., 0., 850., 850., 850., 850., 850., 850., 850., 850., 0., 0., 0.],
    [700., 600., 300., 0., 0., 0., 0., 0., 0., 200., 500., 700., 700., 700., 700., 700.],
];

/// How the machine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// As it should be.
    Normal,
    /// A bearing is worn: the conveyor draws 10 % more and less in turn.
    Ripple,
    /// A valve sticks: a quarter of the pump's profile comes one reading late.
    Late,
    /// An element of the heater fails: it draws 14 % less in the first half.
    Weak,
    /// Friction: up to 75 steps more towards the end of a cycle.
    Friction,
}

/// Every condition that is an anomaly.
pub const ANOMALIES: [Condition; 4] =
    [Condition::Ripple, Condition::Late, Condition::Weak, Condition::Friction];

/// The machine.
#[derive(Debug, Clone)]
pub struct Machine {
    rng: Rng,
}

impl Machine {
    /// One whose strengths and noise come of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { rng: generator(seed, Stream::Noise) }
    }

    /// The readings of the next cycle.
    pub fn cycle(&mut self, condition: Condition) -> [u16; ROWS] {
        let [pump, heater, conveyor] = [(); LOADS].map(|()| 0.3 + 0.7 * uniform(&mut self.rng));
        let [of_pump, of_heater, of_conveyor] = &PROFILES;
        core::array::from_fn(|i| {
            let before = i.checked_sub(1).and_then(|i| of_pump.get(i)).copied().unwrap_or(0.0);
            let change = match condition {
                Condition::Ripple if i % 2 == 0 => 0.1 * conveyor * of_conveyor[i],
                Condition::Ripple => -0.1 * conveyor * of_conveyor[i],
                Condition::Late => pump * (before - of_pump[i]) / 4.0,
                Condition::Weak if i < 9 => -0.14 * heater * of_heater[i],
                Condition::Normal | Condition::Weak => 0.0,
                Condition::Friction => 5.0 * i as f32,
            };
            let loads = pump * of_pump[i] + heater * of_heater[i] + conveyor * of_conveyor[i];
            // `as` saturates at both ends of u16; the converter ends at 12 bits.
            ((loads + change + NOISE * normal(&mut self.rng) + 0.5) as u16).min(4095)
        })
    }
}
