//! wsd(c, q): α = (c/L)·min(1, (1 − t/T)/q). linear_cauchy(c, q): the same share of c times the Cauchy step
//! ‖G_F‖²/⟨G_F, G_F A⟩.
//!
//! Warm-up, stable, decay: Hu et al., MiniCPM (2024), here without the warm-up; Hägele et al., Scaling laws and
//! compute-optimal training beyond fixed training durations (2024), have the cool-down over the last share q. q = 1 is
//! linear decay: Defazio, Cutkosky, Mehta & Mishchenko, Optimal linear decay learning rate schedules (2023).

use super::{StepRule, require};
use crate::Error;
use crate::float::ratio;
use crate::random::Rng;
use crate::situation::{Progress, Situation};
use crate::subproblem::Subproblem;

/// A constant share of the bound that falls to zero over the last epochs before the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Wsd {
    factor: f32,
    cooldown: f32,
}

/// A multiple of the Cauchy step that falls to zero over the last epochs before the horizon.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LinearCauchy {
    factor: f32,
    cooldown: f32,
}

impl Wsd {
    /// `factor`/L, down to 0 over the last share `cooldown` of the horizon.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < c < 2 and 0 < q ≤ 1.
    pub fn new(factor: f32, cooldown: f32) -> Result<Self, Error> {
        check("wsd(c, q)", factor, cooldown)?;
        Ok(Self { factor, cooldown })
    }

    /// c and q.
    #[must_use]
    pub fn parameters(&self) -> [f32; 2] {
        [self.factor, self.cooldown]
    }
}

impl LinearCauchy {
    /// `factor` times the Cauchy step, down to 0 over the last share `cooldown` of the horizon.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < c < 2 and 0 < q ≤ 1.
    pub fn new(factor: f32, cooldown: f32) -> Result<Self, Error> {
        check("linear_cauchy(c, q)", factor, cooldown)?;
        Ok(Self { factor, cooldown })
    }

    /// c and q.
    #[must_use]
    pub fn parameters(&self) -> [f32; 2] {
        [self.factor, self.cooldown]
    }
}

impl StepRule for Wsd {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        self.factor * at.safe_rate() * left(&at.progress, self.cooldown)
    }
}

impl StepRule for LinearCauchy {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let cauchy = ratio(at.slope.free_norm_squared, at.slope.free_curvature);
        self.factor * cauchy.unwrap_or(at.safe_rate()) * left(&at.progress, self.cooldown)
    }
}

/// min(1, (1 − t/T)/q).
fn left(progress: &Progress, cooldown: f32) -> f32 {
    let left = (1.0 - progress.elapsed()) / cooldown;
    if left < 1.0 { left } else { 1.0 }
}

fn check(rule: &'static str, factor: f32, cooldown: f32) -> Result<(), Error> {
    require(rule, "c between 0 and 2", factor, 0.0, 2.0)?;
    require(rule, "q above 0, at most 1", cooldown, 0.0, 1.0_f32.next_up())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::rate_at;

    /// On a parabola of curvature 2 both 1/L and the Cauchy step are a half; the horizon is 10.
    #[test]
    fn stay_and_then_fall_to_the_horizon() {
        let (wsd, linear) = (Wsd::new(1.6, 0.5).unwrap(), LinearCauchy::new(1.6, 0.5).unwrap());
        for (epoch, expected) in [(0, 0.8), (5, 0.8), (6, 0.64), (9, 0.16), (10, 0.16)] {
            for found in [rate_at(wsd, epoch, None), rate_at(linear, epoch, None)] {
                assert!((found - expected).abs() < 1e-6, "{found} at {epoch}");
            }
        }
        let decay = Wsd::new(1.0, 1.0).unwrap();
        assert!((rate_at(decay, 0, None) - 0.5).abs() < 1e-6);
        assert!((rate_at(decay, 5, None) - 0.25).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_work_is_refused() {
        for [factor, cooldown] in
            [[0.0, 0.5], [2.0, 0.5], [f32::NAN, 0.5], [1.0, 0.0], [1.0, 1.1], [1.0, f32::NAN]]
        {
            assert!(Wsd::new(factor, cooldown).is_err(), "{factor} {cooldown}");
            assert!(LinearCauchy::new(factor, cooldown).is_err(), "{factor} {cooldown}");
        }
    }
}
