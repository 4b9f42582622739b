//! abbmin(τ, m): the least of the last m values of bb2 where bb2/bb1 < τ, else bb1.
//!
//! Frassoldati, Zanni & Zanghirati, New adaptive stepsize selections in gradient methods (2008), after Zhou, Gao & Dai's
//! abb (2006). bb1 = ‖D‖²/⟨D, DA⟩ and bb2 = ⟨D, DA⟩/‖DA‖² are those of this factor's last step D; bb2/bb1 is the squared
//! cosine of the angle between D and DA, small where the step went across several curvatures.

use super::kept::Kept;
use super::{StepRule, require};
use crate::Error;
use crate::float::ratio;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// The long step of Barzilai and Borwein, or the shortest of the last short ones. Serves one run at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AbbMin {
    threshold: f32,
    window: u32,
    last: Kept<Window>,
}

/// m at most; the paper's experiments look at ten.
const LONGEST: usize = 10;

/// The last values of bb2, the newest first.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Window([f32; LONGEST]);

impl Default for Window {
    fn default() -> Self {
        Self([f32::INFINITY; LONGEST])
    }
}

impl Window {
    fn push(&mut self, newest: f32) {
        let mut moved = newest;
        self.0.iter_mut().for_each(|value| core::mem::swap(value, &mut moved));
    }

    /// The least of the newest `count`.
    fn least(&self, count: u32) -> f32 {
        let newest = self.0.iter().take(count as usize);
        newest.fold(f32::INFINITY, |least, x| if *x < least { *x } else { least })
    }
}

impl AbbMin {
    /// The least of the last `window` short steps where bb2/bb1 is below `threshold`.
    ///
    /// # Errors
    ///
    /// [`Error::Parameter`] unless 0 < τ < 1 and 1 ≤ m ≤ 10.
    pub fn new(threshold: f32, window: u32) -> Result<Self, Error> {
        require("abbmin(τ, m)", "τ between 0 and 1", threshold, 0.0, 1.0)?;
        if !(1..=LONGEST as u32).contains(&window) {
            return Err(Error::Parameter {
                what: "abbmin(τ, m)",
                needs: "a whole number m of 1 to 10",
            });
        }
        Ok(Self { threshold, window, last: Kept::default() })
    }

    /// τ and m.
    #[must_use]
    pub fn parameters(&self) -> [f32; 2] {
        [self.threshold, self.window as f32]
    }
}

impl StepRule for AbbMin {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, _: &mut B, _: &mut Rng) -> f32 {
        let change = &at.own.change;
        let last = self.last.at(at);
        let long = ratio(change.norm_squared, change.curvature);
        let short = ratio(change.curvature, change.image_norm_squared);
        let (Some(long), Some(short)) = (long, short) else { return at.safe_rate() };
        last.push(short);
        if short < self.threshold * long { last.least(self.window) } else { long }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Factor;
    use crate::rule::tests::{rate_at, rate_of, situation};
    use crate::situation::Memory;
    use crate::subproblem::Change;

    /// α after a step with these values of bb1 and bb2.
    fn after(rule: &mut AbbMin, factor: Factor, steps: u32, [long, short]: [f32; 2]) -> f32 {
        let change = Change {
            inner: -1.0,
            curvature: 1.0,
            norm_squared: long,
            image_norm_squared: 1.0 / short,
        };
        let own = Memory { steps, change, ..Memory::default() };
        rate_of(rule, &Situation { factor, lipschitz: 4.0, ..situation(&own) })
    }

    fn is(found: f32, expected: f32) {
        assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
    }

    #[test]
    fn takes_the_least_of_the_window_or_the_long_step() {
        let mut rule = AbbMin::new(0.5, 3).unwrap();
        let mut w = |steps, pair| after(&mut rule, Factor::W, steps, pair);
        is(w(1, [8.0, 1.0]), 1.0);
        is(w(2, [3.0, 2.0]), 3.0); // 2/3 is not below a half.
        is(w(3, [9.0, 4.0]), 1.0); // of 4, 2, 1
        is(w(4, [9.0, 3.0]), 2.0); // of 3, 4, 2
        is(w(6, [9.0, 3.0]), 3.0); // a gap
        // The other factor has a window of its own.
        is(after(&mut rule, Factor::H, 1, [9.0, 4.0]), 4.0);
        is(after(&mut rule, Factor::W, 7, [9.0, 4.0]), 3.0);
    }

    #[test]
    fn begins_with_one_over_l_and_refuses_what_it_cannot_do() {
        is(rate_at(AbbMin::new(0.8, 5).unwrap(), 0, None), 0.5);
        is(rate_at(AbbMin::new(0.8, 5).unwrap(), 1, Some(0.1)), 0.5);
        for (threshold, window) in [(0.0, 5), (1.0, 5), (f32::NAN, 5), (0.5, 0), (0.5, 11)] {
            assert!(AbbMin::new(threshold, window).is_err(), "{threshold} {window}");
        }
    }
}
