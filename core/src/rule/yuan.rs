//! dai_yuan, sdc(h, m): Cauchy steps c, then Yuan's step
//! 2/(√((1/c₀ − 1/c)² + 4‖g‖²/(c₀‖g₀‖)²) + 1/c₀ + 1/c), with g the free gradient G_F and c₀, g₀ those of this factor's
//! last half-step.
//!
//! In the plane, two Cauchy steps and Yuan's end at the minimum (Yuan, A new stepsize for the steepest descent method,
//! 2006). Its gram A is another one at every half-step here, so that c₀ is taken in units of its own 1/L.

use super::StepRule;
use crate::Error;
use crate::float::ratio;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// Two Cauchy steps, then two of Yuan's, each from the last two gradients: Dai & Yuan, Analysis of monotone gradient
/// methods (2005).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DaiYuan;

/// h Cauchy steps, then one of Yuan's, m times the same: De Asmundis, di Serafino, Hager, Toraldo & Zhang, An efficient
/// gradient method using the Yuan steplength (2014).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Sdc {
    cauchy: u32,
    constant: u32,
}

/// Steps of a kind in a row at most.
const MOST: u32 = 64;

impl Sdc {
    /// `cauchy` steps of Cauchy, then `constant` steps of Yuan's length.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless both are 1 to 64.
    pub fn new(cauchy: u32, constant: u32) -> Result<Self, Error> {
        let range = 1..=MOST;
        if range.contains(&cauchy) && range.contains(&constant) {
            Ok(Self { cauchy, constant })
        } else {
            Err(Error::Parameter { what: "sdc(h, m)", needs: "whole numbers of 1 to 64" })
        }
    }

    /// h and m.
    #[must_use]
    pub fn parameters(&self) -> [f32; 2] {
        [self.cauchy as f32, self.constant as f32]
    }
}

impl StepRule for DaiYuan {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        if at.own.steps % 4 < 2 { cauchy(at) } else { yuan(at) }
    }
}

impl StepRule for Sdc {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let place = at.own.steps % (self.cauchy + self.constant).max(1);
        match place {
            place if place < self.cauchy => cauchy(at),
            place if place == self.cauchy => yuan(at),
            // The last one again, in units of 1/L.
            _ => libm::expf(at.own.log_rate[0]) * at.safe_rate(),
        }
    }
}

fn cauchy(at: &Situation<'_>) -> f32 {
    ratio(at.slope.free_norm_squared, at.slope.free_curvature).unwrap_or(at.safe_rate())
}

/// Yuan's step; Cauchy's where the last gradient is not known.
fn yuan(at: &Situation<'_>) -> f32 {
    let (slope, own) = (&at.slope, at.own);
    let inverse = ratio(slope.free_curvature, at.lipschitz * slope.free_norm_squared);
    let shrunk = ratio(slope.free_norm_squared, own.free_norm_squared);
    let (Some(inverse), Some(shrunk)) = (inverse, shrunk) else { return cauchy(at) };
    // 1/(cL) and 1/(c₀L₀).
    let first = libm::expf(-own.log_curvature);
    let difference = first - inverse;
    let root = libm::sqrtf(difference * difference + 4.0 * first * first * shrunk);
    at.safe_rate() * (2.0 / (root + first + inverse))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::{rate_at, rate_of, situation};
    use crate::situation::Memory;
    use crate::subproblem::Slope;

    /// ½(a·x² + b·y²) from (x, y), without bounds.
    struct Plane([f64; 2]);

    const CURVATURES: [f64; 2] = [1.0, 9.0];

    impl Plane {
        fn gradient(&self) -> [f64; 2] {
            [self.0[0] * CURVATURES[0], self.0[1] * CURVATURES[1]]
        }

        fn slope(&self) -> Slope {
            let [g, h] = self.gradient();
            let norm = (g * g + h * h) as f32;
            let curvature = (g * g * CURVATURES[0] + h * h * CURVATURES[1]) as f32;
            Slope { free_norm_squared: norm, free_curvature: curvature, ..Slope::default() }
        }
    }

    /// The steps of a rule in the plane, and the gradient that they leave.
    fn descend(mut rule: impl StepRule, steps: u32) -> (std::vec::Vec<f32>, f64) {
        let (mut plane, mut own) = (Plane([5.0, 2.0]), Memory::default());
        let mut rates = std::vec::Vec::new();
        for _ in 0..steps {
            let (slope, lipschitz) = (plane.slope(), 9.0);
            let rate = rate_of(&mut rule, &Situation { lipschitz, slope, ..situation(&own) });
            own.record(rate, lipschitz, &slope, &crate::subproblem::Change::default());
            let [g, h] = plane.gradient();
            plane.0[0] -= f64::from(rate) * g;
            plane.0[1] -= f64::from(rate) * h;
            rates.push(rate);
        }
        (rates, f64::from(plane.slope().free_norm_squared))
    }

    extern crate std;

    #[test]
    fn yuans_step_between_two_of_cauchy_ends_at_the_minimum_of_a_plane() {
        let start = f64::from(Plane([5.0, 2.0]).slope().free_norm_squared);
        // Cauchy, Yuan, Cauchy.
        let (_, left) = descend(Sdc::new(1, 1).unwrap(), 3);
        assert!(left < 1e-9 * start, "{left}");
        let (rates, left) = descend(DaiYuan, 2);
        assert!(left > 1e-3 * start, "two of Cauchy's do not: {left}");
        // g = (5, 18): c = (5² + 18²)/(5² + 9·18²).
        assert!((rates[0] - 349.0 / 2941.0).abs() < 1e-6, "{rates:?}");
    }

    #[test]
    fn cycles_are_as_long_as_they_are_said_to_be() {
        let rate = |rule: &mut Sdc, steps| {
            let own = Memory {
                steps,
                log_rate: [libm::logf(0.25), 0.0],
                log_curvature: libm::logf(4.0),
                free_norm_squared: 2.0,
                ..Memory::default()
            };
            let slope = Slope { free_norm_squared: 1.0, free_curvature: 1.0, ..Slope::default() };
            rate_of(rule, &Situation { lipschitz: 2.0, slope, ..situation(&own) })
        };
        // c = 1, 1/(cL) = ½, 1/(c₀L) = ¼: Yuan's 1/L·2/(√(1/16 + 4·1/16·1/2) + 3/4).
        let yuan = 0.5 * 2.0 / (libm::sqrtf(3.0 / 16.0) + 0.75);
        let rates: std::vec::Vec<_> =
            (0..10).map(|t| rate(&mut Sdc::new(3, 2).unwrap(), t)).collect();
        let cycle = [1.0, 1.0, 1.0, yuan, 0.125];
        for (found, expected) in rates.iter().zip(cycle.iter().cycle()) {
            assert!((found - expected).abs() < 1e-6, "{rates:?}");
        }
        assert!((rate_at(DaiYuan, 0, None) - 0.5).abs() < 1e-6);
        assert!(Sdc::new(0, 1).is_err() && Sdc::new(1, 0).is_err() && Sdc::new(65, 1).is_err());
    }
}
