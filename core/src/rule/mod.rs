//! Step rules choose the step size α, or the samples and sweeps, of each half-step. Each rule has a file; [`Rule`] is an enum
//! over all of them.
//!
//! The [`Situation`] tells a rule about the past. Some rules keep more: [`Learned`] counts the steps that its safeguard refused;
//! [`AbbMin`] and [`AdagradNorm`] keep a history.

mod abbmin;
mod adagrad;
mod adgd;
mod alternate;
mod armijo;
mod barzilai_borwein;
mod bound;
mod cauchy;
mod cooldown;
mod decay;
mod fixed;
mod kept;
mod learned;
mod lin;
mod random;
pub mod scheduled;
mod silver;
mod sweeps;
pub mod table;
mod thrifty;
mod widening;
mod yuan;

pub use abbmin::AbbMin;
pub use adagrad::AdagradNorm;
pub use adgd::Adgd;
pub use alternate::Alternate;
pub use armijo::Armijo;
pub use barzilai_borwein::{Abb, Bb1, Bb2};
pub use bound::Bound;
pub use cauchy::Cauchy;
pub use cooldown::{LinearCauchy, Wsd};
pub use decay::{Cosine, Decay};
pub use fixed::Fixed;
pub use learned::{Learned, guarded};
pub use lin::Lin;
pub use random::{Around, Random};
pub use scheduled::Scheduled;
pub use silver::Silver;
pub use sweeps::{Adaptive, Growing, Sweeps};
pub use thrifty::Thrifty;
pub use widening::{Decision, SAFE_GROWTH, Widening};
pub use yuan::{DaiYuan, Sdc};

pub use crate::step::{Schedule, StepRule};

use crate::Error;
use crate::float;
use crate::observe::SCHEDULE_SET;
use crate::policy::{Policy, PolicyError, SchedulePolicy};
use crate::random::Rng;
use crate::situation::{Before, Situation};
use crate::step::Open;
use crate::subproblem::{Change, Subproblem};

/// A rule that is known to be one of gradient steps.
struct Step<'a, 'p>(&'a mut Rule<'p>);

impl StepRule for Step<'_, '_> {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
        self.0.rate(at, block, rng).unwrap_or(at.safe_rate())
    }

    fn cost(&self) -> u64 {
        self.0.cost()
    }
}

macro_rules! rules {
    (
        steps { $($(#[$step_doc:meta])* $step:ident($step_type:ty)),* $(,)? }
        sweeps { $($(#[$sweep_doc:meta])* $sweep:ident($sweep_type:ty)),* $(,)? }
    ) => {
        /// Every rule.
        // A policy's layers take 300 bytes; without a heap there is nowhere else to put them.
        #[allow(clippy::large_enum_variant)]
        #[derive(Debug, Clone)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Rule<'p> {
            $($(#[$step_doc])* $step($step_type),)*
            $($(#[$sweep_doc])* $sweep($sweep_type),)*
        }

        impl Rule<'_> {
            /// Whether it sweeps over components, rather than making a gradient step.
            #[must_use]
            pub fn is_of_sweeps(&self) -> bool {
                match self {
                    $(Self::$step(_) => false,)*
                    $(Self::$sweep(_) => true,)*
                }
            }

            /// α of a rule of gradient steps; `None` of a schedule of sweeps.
            #[inline(never)]
            pub fn rate<B: Subproblem>(
                &mut self,
                at: &Situation<'_>,
                block: &mut B,
                rng: &mut Rng,
            ) -> Option<f32> {
                match self {
                    $(Self::$step(rule) => Some(rule.rate(at, block, rng)),)*
                    $(Self::$sweep(_) => None,)*
                }
            }

            /// [`StepRule::cost`] of a rule of gradient steps; a schedule of sweeps adds its decisions to a half-step itself.
            fn cost(&self) -> u64 {
                match self {
                    $(Self::$step(rule) => rule.cost(),)*
                    $(Self::$sweep(_) => 0,)*
                }
            }
        }

        impl Schedule for Rule<'_> {
            fn share(&mut self, before: &Before<'_>) -> f32 {
                match self {
                    $(Self::$step(rule) => rule.share(before),)*
                    $(Self::$sweep(rule) => rule.share(before),)*
                }
            }

            fn passes(&self) -> bool {
                match self {
                    $(Self::$step(rule) => rule.passes(),)*
                    $(Self::$sweep(rule) => rule.passes(),)*
                }
            }

            fn moves<S: Subproblem>(&mut self, open: &mut Open<'_, S>, rng: &mut Rng) {
                match self {
                    $(Self::$step(_) => open.step(&mut Step(self), rng),)*
                    $(Self::$sweep(rule) => rule.moves(open, rng),)*
                }
            }
        }

        $(impl<'p> From<$step_type> for Rule<'p> {
            fn from(rule: $step_type) -> Self {
                Self::$step(rule)
            }
        })*

        $(impl<'p> From<$sweep_type> for Rule<'p> {
            fn from(rule: $sweep_type) -> Self {
                Self::$sweep(rule)
            }
        })*
    };
}

rules! {
    steps {
    /// A constant α.
    Fixed(Fixed),
    /// A constant share of the bound.
    Bound(Bound),
    /// Uniform under the bound.
    Random(Random),
    /// Uniform around the bound.
    Around(Around),
    /// Armijo's projected line search.
    Armijo(Armijo),
    /// Lin's projected line search.
    Lin(Lin),
    /// The exact minimiser along the free gradient.
    Cauchy(Cauchy),
    /// Barzilai and Borwein's first step.
    Bb1(Bb1),
    /// Barzilai and Borwein's second step.
    Bb2(Bb2),
    /// The two in turn.
    Abb(Abb),
    /// The silver schedule.
    Silver(Silver),
    /// A share of the bound that decays like 1/t.
    Decay(Decay),
    /// A share of the bound that decays like a half cosine.
    Cosine(Cosine),
    /// A relaxed Cauchy step after a short one.
    Alternate(Alternate),
    /// Two Cauchy steps, then two of Yuan's.
    DaiYuan(DaiYuan),
    /// Cauchy steps, then one of Yuan's several times.
    Sdc(Sdc),
    /// Barzilai and Borwein's first step, or the least of the last second ones.
    AbbMin(AbbMin),
    /// Adaptive gradient descent.
    Adgd(Adgd),
    /// A share of the bound that cools down before the horizon.
    Wsd(Wsd),
    /// A multiple of the Cauchy step that cools down before the horizon.
    LinearCauchy(LinearCauchy),
    /// Steps that shrink as gradients add up.
    AdagradNorm(AdagradNorm),
    /// The policy.
    Learned(Learned<'p>),
    }
    sweeps {
    /// Sweeps over all of V; HALS is one of relaxation 1.
    Sweeps(Sweeps),
    /// Sweeps over samples that grow with the epochs.
    Growing(Growing),
    /// Sweeps over samples that grow when they disagree.
    Adaptive(Adaptive),
    /// Sweeps for as long as they are worth their price, over such samples.
    Thrifty(Thrifty),
    /// Sweeps for as long as they are worth their price, over samples of a few indices a component that widen.
    Widening(Widening),
    /// The policy of schedules.
    Scheduled(Scheduled<'p>),
    }
}

impl<'p> Rule<'p> {
    /// The rule that asks a policy.
    #[must_use]
    pub fn learned(policy: Policy<'p>) -> Self {
        Self::Learned(Learned::new(policy))
    }

    /// The schedule that asks a policy.
    #[must_use]
    pub fn scheduled(policy: SchedulePolicy<'p>) -> Self {
        Self::Scheduled(Scheduled::new(policy))
    }

    /// The rule that asks the policy in `blob`: `learned` or `schedule`, whichever it is made for.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] says which check of the blob failed.
    pub fn asking(blob: &'p [u8]) -> Result<Self, PolicyError> {
        match Policy::from_bytes(blob) {
            Err(PolicyError::Observations(SCHEDULE_SET)) => {
                SchedulePolicy::from_bytes(blob).map(Self::scheduled)
            }
            policy => policy.map(Self::learned),
        }
    }

    /// The CRC-32 of the policy that it asks; 0 of a rule without one.
    #[must_use]
    pub fn policy_checksum(&self) -> u32 {
        match self {
            Self::Learned(rule) => rule.policy().checksum(),
            Self::Scheduled(rule) => rule.policy().checksum(),
            _ => 0,
        }
    }
}

/// The first α = α_max·βᵏ that `accept` takes; α ≤ `sure` is taken unseen.
///
/// `sure` is where the condition holds by the Lipschitz bound: it ends the search where rounding would
/// let no α pass, and is taken after [`MOST_TRIALS`].
fn backtrack<B: Subproblem>(
    block: &mut B,
    alpha_max: f32,
    shrink: f32,
    sure: f32,
    accept: impl Fn(f32, &Change) -> bool,
) -> f32 {
    let mut alpha = alpha_max;
    for _ in 0..MOST_TRIALS {
        if alpha <= sure || accept(alpha, &block.try_step(alpha)) {
            return alpha;
        }
        alpha *= shrink;
    }
    float::limit(alpha, 0.0, sure)
}

/// Trials of a line search at most: with β = ½ they cover the range from the largest float to 1. A β near 1
/// would need millions, each of k·r² multiply-adds.
pub const MOST_TRIALS: u32 = 128;

/// Refuses a parameter that is not in (low, high).
fn require(
    rule: &'static str,
    needs: &'static str,
    x: f32,
    low: f32,
    high: f32,
) -> Result<(), Error> {
    if x > low && x < high { Ok(()) } else { Err(Error::Parameter { what: rule, needs }) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Change, Situation, StepRule, Subproblem};
    use crate::Factor;
    use crate::random::{Stream, generator};
    use crate::situation::{Memory, Progress};
    use crate::subproblem::Slope;

    /// F(x) = ½·curvature·x² − x on x ≥ 0 from x = 0: G = −1, A = curvature.
    pub struct Parabola {
        pub curvature: f32,
    }

    impl Subproblem for Parabola {
        fn sample(&mut self) -> bool {
            true
        }
        fn loss(&mut self) -> f32 {
            1.0
        }
        fn sweep(&mut self, relaxation: f32) -> Change {
            self.step(relaxation / self.curvature)
        }
        fn shape(&self) -> [usize; 2] {
            [1, 1]
        }
        fn lipschitz(&mut self) -> f32 {
            self.curvature
        }
        fn gradient(&mut self) -> Slope {
            let c = self.curvature;
            Slope { loss: 1.0, norm_squared: 1.0, free_norm_squared: 1.0, free_curvature: c }
        }
        fn try_step(&mut self, rate: f32) -> Change {
            let c = self.curvature;
            Change {
                inner: -rate,
                curvature: rate * rate * c,
                norm_squared: rate * rate,
                image_norm_squared: rate * rate * c * c,
            }
        }
        fn step(&mut self, rate: f32) -> Change {
            self.try_step(rate)
        }
    }

    /// A parabola that counts what is tried.
    pub struct Counted {
        pub parabola: Parabola,
        pub tries: u32,
    }

    impl Subproblem for Counted {
        fn sample(&mut self) -> bool {
            true
        }
        fn loss(&mut self) -> f32 {
            self.parabola.loss()
        }
        fn sweep(&mut self, relaxation: f32) -> Change {
            self.parabola.sweep(relaxation)
        }
        fn shape(&self) -> [usize; 2] {
            self.parabola.shape()
        }
        fn lipschitz(&mut self) -> f32 {
            self.parabola.lipschitz()
        }
        fn gradient(&mut self) -> Slope {
            self.parabola.gradient()
        }
        fn try_step(&mut self, rate: f32) -> Change {
            self.tries += 1;
            self.parabola.try_step(rate)
        }
        fn step(&mut self, rate: f32) -> Change {
            self.parabola.step(rate)
        }
    }

    /// A first half-step of W on a parabola of curvature 1, where both factors remember `own`.
    pub fn situation(own: &Memory) -> Situation<'_> {
        Situation {
            factor: Factor::W,
            progress: Progress { epoch: 0, horizon: 10, share: 1.0, first_loss: 1.0 },
            lipschitz: 1.0,
            slope: Parabola { curvature: 1.0 }.gradient(),
            own,
            other: own,
            exponent: 0,
        }
    }

    /// The α of a rule that looks at the situation alone.
    pub fn rate_of(rule: &mut impl StepRule, at: &Situation<'_>) -> f32 {
        rule.rate(at, &mut Parabola { curvature: 1.0 }, &mut generator(0, Stream::Rule))
    }

    /// The α of a rule at the first half-step on a block of the given L.
    pub fn rate_on(rule: &mut impl StepRule, block: &mut impl Subproblem, lipschitz: f32) -> f32 {
        let memory = Memory::default();
        let situation = Situation { lipschitz, slope: block.gradient(), ..situation(&memory) };
        rule.rate(&situation, block, &mut generator(0, Stream::Rule))
    }

    /// The α of a rule at an epoch of 10, on a parabola of curvature 2, after a step of `last`.
    pub fn rate_at(mut rule: impl StepRule, epoch: u32, last: Option<f32>) -> f32 {
        let mut block = Parabola { curvature: 2.0 };
        let change = last.map(|rate| block.step(rate));
        let own = Memory {
            steps: u32::from(last.is_some()),
            change: change.unwrap_or_default(),
            ..Memory::default()
        };
        let situation = Situation {
            factor: Factor::W,
            progress: Progress { epoch, horizon: 10, share: 1.0, first_loss: 1.0 },
            lipschitz: 2.0,
            slope: block.gradient(),
            own: &own,
            other: &Memory::default(),
            exponent: 0,
        };
        let mut rng = generator(u64::from(epoch), Stream::Rule);
        rule.rate(&situation, &mut block, &mut rng)
    }

    #[test]
    fn a_blob_says_which_rule_asks_it() {
        use super::Rule;
        use crate::policy::{PolicyError, SCHEDULE, SHIPPED};
        for (blob, name) in [(SHIPPED, "learned"), (SCHEDULE, "schedule")] {
            let rule = Rule::asking(blob).unwrap();
            let [.., a, b, c, d] = *blob else { panic!("a blob ends with its checksum") };
            assert_eq!(
                (rule.name(), rule.policy_checksum()),
                (name, u32::from_le_bytes([a, b, c, d]))
            );
            assert_eq!(Rule::asking(&blob[1..]).unwrap_err(), PolicyError::Magic);
        }
        assert_eq!(Rule::from(super::Silver).policy_checksum(), 0);
    }
}
