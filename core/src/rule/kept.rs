//! Memory of a rule between the half-steps of a factor, beyond the situation's.

use crate::Factor;
use crate::situation::Situation;

/// A value for each factor, good for as long as the factor's half-steps follow each other without a gap.
///
/// A gap is another run, another column, or a run that was restored: the value is then forgotten. A rule that keeps something
/// serves one run at a time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Kept<T> {
    w: Since<T>,
    h: Since<T>,
}

/// A value, and how many half-steps the factor has taken when it is asked for next.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Since<T> {
    steps: u32,
    value: T,
}

impl<T: Default> Kept<T> {
    /// The value of the factor that moves; asked for once in a half-step.
    pub fn at(&mut self, at: &Situation<'_>) -> &mut T {
        let since = match at.factor {
            Factor::W => &mut self.w,
            Factor::H => &mut self.h,
        };
        if since.steps != at.own.steps || at.own.steps == 0 {
            since.value = T::default();
        }
        since.steps = at.own.steps.saturating_add(1);
        &mut since.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::tests::situation;
    use crate::situation::Memory;

    #[test]
    fn a_gap_begins_anew() {
        let mut kept = Kept::<u32>::default();
        let mut ask = |factor, steps| {
            let own = Memory { steps, ..Memory::default() };
            let value = kept.at(&Situation { factor, ..situation(&own) });
            *value += 1;
            *value
        };
        assert_eq!([ask(Factor::W, 0), ask(Factor::W, 1), ask(Factor::W, 2)], [1, 2, 3]);
        assert_eq!([ask(Factor::H, 0), ask(Factor::H, 1), ask(Factor::W, 3)], [1, 2, 4]);
        assert_eq!([ask(Factor::W, 3), ask(Factor::W, 4)], [1, 2], "a half-step again");
        assert_eq!([ask(Factor::W, 0), ask(Factor::W, 0)], [1, 1], "two first half-steps");
    }
}
