//! learned: α = exp(policy(observations))/L, under a safeguard.

use super::StepRule;
use crate::observe::observe;
use crate::policy::Policy;
use crate::random::Rng;
use crate::situation::Situation;
use crate::subproblem::Subproblem;

/// The step size that a frozen int8 policy chooses from the observations.
#[derive(Debug, Clone)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Learned<'p> {
    policy: Policy<'p>,
    refused: u32,
}

impl<'p> Learned<'p> {
    /// Asks `policy` at every half-step.
    #[must_use]
    pub fn new(policy: Policy<'p>) -> Self {
        Self { policy, refused: 0 }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy<'p> {
        &self.policy
    }

    /// How often the safeguard took 1/L in place of the policy's step.
    #[must_use]
    pub fn refused(&self) -> u32 {
        self.refused
    }
}

impl StepRule for Learned<'_> {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, _: &mut Rng) -> f32 {
        guarded(self.policy.log_rate(&observe(at)), at, block).unwrap_or_else(|| {
            self.refused = self.refused.saturating_add(1);
            at.safe_rate()
        })
    }

    fn cost(&self) -> u64 {
        self.policy.network.cost()
    }
}

/// α of a log(αL), or `None` where the safeguard refuses it.
pub fn guarded<B: Subproblem>(log_rate: f32, at: &Situation<'_>, block: &mut B) -> Option<f32> {
    let rate = libm::expf(log_rate) * at.safe_rate();
    (!climbs_above_the_start(rate, at, block)).then_some(rate)
}

/// The safeguard: whether a step would lift F above its value at the start.
///
/// Steps within the bound never do (exact gradients) and pass unseen; a longer one is tried first, which
/// takes scalars only and r² operations a row, but no product with V. With it F ≤ F₀ throughout, so that
/// no policy diverges, whatever it was trained on.
fn climbs_above_the_start<B: Subproblem>(rate: f32, at: &Situation<'_>, block: &mut B) -> bool {
    if rate <= at.bound() {
        return false;
    }
    let loss = at.slope.loss + block.try_step(rate).loss();
    loss.is_nan() || loss > at.progress.first_loss
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Factor;
    use crate::situation::{Memory, Progress};
    use crate::subproblem::{Change, Slope};

    /// A block whose every step changes F by a given amount.
    struct Lift(f32);

    impl Subproblem for Lift {
        fn sample(&mut self) -> bool {
            true
        }
        fn loss(&mut self) -> f32 {
            1.0
        }
        fn sweep(&mut self, relaxation: f32) -> Change {
            self.step(relaxation)
        }
        fn shape(&self) -> [usize; 2] {
            [1, 1]
        }
        fn lipschitz(&mut self) -> f32 {
            1.0
        }
        fn gradient(&mut self) -> Slope {
            Slope { loss: 1.0, ..Slope::default() }
        }
        fn try_step(&mut self, _: f32) -> Change {
            Change { inner: self.0, ..Change::default() }
        }
        fn step(&mut self, rate: f32) -> Change {
            self.try_step(rate)
        }
    }

    #[test]
    fn only_a_long_step_above_the_start_is_refused() {
        let refused = |rate: f32, lift: f32| {
            let memory = Memory::default();
            let at = Situation {
                factor: Factor::W,
                progress: Progress { epoch: 5, horizon: 9, share: 1.0, first_loss: 3.0 },
                lipschitz: 1.0,
                slope: Lift(lift).gradient(),
                own: &memory,
                other: &memory,
                exponent: 0,
            };
            climbs_above_the_start(rate, &at, &mut Lift(lift))
        };
        assert!(!refused(1.9, 9.0), "within the bound nothing is tried");
        assert!(!refused(8.0, -0.5) && !refused(8.0, 1.9), "a detour below the start is allowed");
        assert!(refused(8.0, 2.1) && refused(8.0, f32::NAN) && refused(8.0, f32::INFINITY));
    }
}
