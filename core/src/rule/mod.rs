//! Step rules: how α is chosen. One file per rule, an enum over all of them.
//!
//! A rule is a value without state: what it needs of the past stands in the [`Situation`].

mod armijo;
mod barzilai_borwein;
mod bound;
mod cauchy;
mod decay;
mod fixed;
mod learned;
mod lin;
mod random;
mod silver;

pub use armijo::Armijo;
pub use barzilai_borwein::{Abb, Bb1, Bb2};
pub use bound::Bound;
pub use cauchy::Cauchy;
pub use decay::{Cosine, Decay};
pub use fixed::Fixed;
pub use learned::{Learned, guarded};
pub use lin::Lin;
pub use random::{Around, Random};
pub use silver::Silver;

use crate::Error;
use crate::block::{Block, Change};
use crate::policy::Policy;
use crate::random::Rng;
use crate::situation::Situation;

/// How α is chosen.
pub trait StepRule {
    /// α for this half-step; whatever is not a positive finite number is replaced by 1/L.
    fn rate<B: Block>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32;
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident($type:ty)),* $(,)?) => {
        /// Every step rule.
        // A policy's layers take 300 bytes; without a heap there is nowhere else to put them.
        #[allow(clippy::large_enum_variant)]
        #[derive(Debug, Clone)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Rule<'p> {
            $($(#[$doc])* $name($type),)*
        }

        impl StepRule for Rule<'_> {
            fn rate<B: Block>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
                match self {
                    $(Self::$name(rule) => rule.rate(at, block, rng),)*
                }
            }
        }

        $(impl<'p> From<$type> for Rule<'p> {
            fn from(rule: $type) -> Self {
                Self::$name(rule)
            }
        })*
    };
}

rules! {
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
    /// The policy.
    Learned(Learned<'p>),
}

impl<'p> Rule<'p> {
    /// The rule that asks a policy.
    #[must_use]
    pub fn learned(policy: Policy<'p>) -> Self {
        Self::Learned(Learned::new(policy))
    }
}

/// The first α = α_max·βᵏ that `accept` takes; α ≤ `sure` is taken unseen.
///
/// `sure` is where the condition holds by the Lipschitz bound: it ends the search where rounding would
/// let no α pass, and makes its length at most log(α_max / sure) / log(1 / β).
fn backtrack<B: Block>(
    block: &mut B,
    alpha_max: f32,
    shrink: f32,
    sure: f32,
    accept: impl Fn(f32, &Change) -> bool,
) -> f32 {
    let mut alpha = alpha_max;
    while alpha > sure && !accept(alpha, &block.try_step(alpha)) {
        alpha *= shrink;
    }
    alpha
}

/// Refuses a parameter that is not in (low, high).
fn require(
    rule: &'static str,
    needs: &'static str,
    x: f32,
    low: f32,
    high: f32,
) -> Result<(), Error> {
    if x > low && x < high { Ok(()) } else { Err(Error::Parameter { rule, needs }) }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{Block, Change, Rule, Situation, StepRule};
    use crate::block::Slope;
    use crate::random::{Stream, generator};
    use crate::situation::{Factor, Memory, Progress};

    /// F(x) = ½·curvature·x² − x on x ≥ 0 from x = 0: G = −1, A = curvature.
    pub struct Parabola {
        pub curvature: f32,
    }

    impl Block for Parabola {
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

    /// The α of a rule at an epoch of 10, on a parabola of curvature 2, after a step of `last`.
    pub fn rate_at<'p>(rule: impl Into<Rule<'p>>, epoch: u32, last: Option<f32>) -> f32 {
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
        };
        let mut rng = generator(u64::from(epoch), Stream::Rule);
        rule.into().rate(&situation, &mut block, &mut rng)
    }
}
