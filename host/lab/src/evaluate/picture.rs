//! An evaluation as pictures: profiles, and the gaps of every family by epoch.

use super::Evaluation;
use super::contenders::Role;
use super::family::{Contender, FamilyResult};
use super::metric::Measure;
use crate::plot::{Figure, Lines, Series};

/// Gaps below this are not shown: the best run's own gap ends at 0.
const SMALLEST_GAP: f64 = 1e-4;

/// Factors beyond this are not shown.
const LARGEST_FACTOR: f64 = 4.0;

impl Evaluation {
    /// The share of all instances that each rule does within a factor of the best rule.
    #[must_use]
    pub fn profile_figure(&self) -> Figure {
        let of = match self.measure {
            Measure::Epochs => "epochs, as a multiple of the fewest that any rule needed",
            Measure::Cost => "multiply-adds, as a multiple of the fewest that any rule needed",
            Measure::Gap => "gap, as a multiple of the smallest that any rule reached",
        };
        let mut lines = Lines::new("", of, "share of instances").limits(0.0..1.02);
        for profile in &self.profiles {
            let points = profile.factor.iter().copied().zip(profile.share.iter().copied());
            let series =
                Series::points(&*profile.name, points.take_while(|it| it.0 <= LARGEST_FACTOR));
            lines = lines.series(emphasise(series, profile.name == "learned"));
        }
        Figure::new("").row([lines])
    }

    /// The median gap by epoch: the policy, the reference, the best tuned rule and what stands beside them.
    #[must_use]
    pub fn gap_figure(&self) -> Figure {
        Figure::new("").grid(2, self.families.iter().map(panel))
    }
}

fn panel(family: &FamilyResult) -> Lines {
    let shown = family
        .contenders
        .iter()
        .enumerate()
        .filter(|(place, it)| *place == family.best || it.role != Role::Rival);
    let lines = Lines::new(&*family.name, "epoch", "median gap").log_y().limits(SMALLEST_GAP..1.0);
    shown.fold(lines, |lines, (_, contender)| lines.series(curve(contender)))
}

fn curve(contender: &Contender) -> Series {
    let series = Series::new(&*contender.name, contender.curve.iter().map(|gap| f64::from(*gap)));
    emphasise(series, contender.role == Role::Learned)
}

fn emphasise(series: Series, yes: bool) -> Series {
    if yes { series.emphasised() } else { series }
}
