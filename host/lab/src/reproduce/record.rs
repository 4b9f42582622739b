//! One run: its losses, rates, bounds and time, and how it is kept in a file.

use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;
use tinynmf::input;
use tinynmf::text::shown;

use tinynmf::descent::Workload;
use tinynmf::error::{Error, Result};
use tinynmf_core::Factor;
use tinynmf_core::Rule;
use tinynmf_core::Subproblem;
use tinynmf_core::random::Rng;
use tinynmf_core::rule::StepRule;
use tinynmf_core::situation::Situation;
use tinynmf_train::paper::first_factors;

use super::setup::{SOLVED, Setup};
use crate::evaluate::statistics::median;

/// A run that climbs to this many times its first loss is stopped.
const LOST: f32 = 1e3;

/// How α is chosen.
// There are a few hundred of them at most.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Clone)]
pub enum Choice {
    /// One of core's rules chooses.
    Rule(Rule<'static>),
    /// A constant for W and one for H.
    Each([f32; 2]),
    /// One α for both half-steps, at a share of the lower of the two bounds.
    Joint(Joint),
}

/// A share of the lower bound: that of W now, or that of H in the epoch before.
#[derive(Debug, Clone, Copy)]
pub struct Joint {
    share: f32,
    alpha: f32,
    bound_h: f32,
}

impl Joint {
    /// α = `share`·min(2/L of W, 2/L of H).
    #[must_use]
    pub fn new(share: f32) -> Self {
        Self { share, alpha: 0.0, bound_h: f32::INFINITY }
    }
}

impl Choice {
    /// Whether it looks at curvatures, which GEMM can leave out.
    fn curvatures(&self) -> bool {
        use Rule::{Abb, Bb1, Bb2, Cauchy, Learned};
        matches!(self, Self::Rule(Cauchy(_) | Bb1(_) | Bb2(_) | Abb(_) | Learned(_)))
    }
}

impl StepRule for Choice {
    fn rate<B: Subproblem>(&mut self, at: &Situation<'_>, block: &mut B, rng: &mut Rng) -> f32 {
        match (self, at.factor) {
            (Self::Rule(rule), _) => rule.rate(at, block, rng).unwrap_or(at.safe_rate()),
            (Self::Each([w, _]), Factor::W) => *w,
            (Self::Each([_, h]), Factor::H) => *h,
            (Self::Joint(it), Factor::W) => {
                it.alpha = it.share * at.bound().min(it.bound_h);
                it.alpha
            }
            (Self::Joint(it), Factor::H) => {
                it.bound_h = at.bound();
                it.alpha
            }
        }
    }
}

/// Course of a run, epoch by epoch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Record {
    /// F after every epoch, the start's first; NaN where it was not measured.
    pub loss: Vec<f32>,
    /// α of the W and the H half-steps; 0 where none was taken.
    pub alpha: [Vec<f32>; 2],
    /// 2/L of the W and the H half-steps.
    pub bound: [Vec<f32>; 2],
    /// Seconds that the epochs took by their median, without measuring losses that no rule looks at.
    pub seconds: f64,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Below its start.
    Descended,
    /// Above its start, or with a loss that is no number.
    Diverged,
    /// The run ended with a factor that is zero.
    Collapsed,
}

impl Fate {
    /// The end of the run, in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Descended => "descends",
            Self::Diverged => "diverges",
            Self::Collapsed => "collapses to zero",
        }
    }
}

impl Record {
    /// Does the epochs of `setup` on an instance from its own start, or fewer if F falls below `end`; `seed` is
    /// that of batches and random rules.
    ///
    /// # Panics
    ///
    /// If the instance is not one of `setup`.
    #[must_use]
    pub fn play(setup: &Setup, work: &Workload, mut choice: Choice, seed: u64, end: f32) -> Self {
        let start = first_factors(work.problem(), work.problem().settings.seed, true);
        let mut run = work.descent(setup.settings(seed), &start, choice.curvatures());
        let mut record = Self { loss: vec![run.loss()], ..Self::default() };
        let mut times = Vec::new();
        for epoch in 1..=setup.epochs {
            let before = Instant::now();
            let done = run.epoch(&mut choice);
            times.push(before.elapsed().as_secs_f64());
            for (factor, half_step) in [done.w, done.h].into_iter().enumerate() {
                record.alpha[factor].push(half_step.rate);
                record.bound[factor].push(half_step.bound);
            }
            let loss = if setup.measured(epoch) { run.loss() } else { f32::NAN };
            record.loss.push(loss);
            let going = loss >= end && loss <= LOST * record.loss[0];
            if setup.measured(epoch) && !going {
                break;
            }
        }
        record.seconds = times.len() as f64 * median(times);
        record
    }

    /// The measured losses with their epochs.
    pub fn curve(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let points = self.loss.iter().enumerate().filter(|(_, loss)| !loss.is_nan());
        points.map(|(epoch, loss)| (epoch as f64, f64::from(*loss)))
    }

    /// The loss after `epoch` or, if it was not measured then, the last one before; what a run that was
    /// stopped had come to.
    #[must_use]
    pub fn loss_at(&self, epoch: u32) -> f32 {
        let upto = &self.loss[..self.loss.len().min(epoch as usize + 1)];
        upto.iter().rev().copied().find(|loss| !loss.is_nan()).unwrap_or(f32::NAN)
    }

    /// The last loss.
    #[must_use]
    pub fn last_loss(&self) -> f32 {
        self.loss_at(u32::MAX - 1)
    }

    /// The first measured epoch with F < 10.
    #[must_use]
    pub fn solved(&self) -> Option<usize> {
        self.loss.iter().position(|loss| *loss < SOLVED)
    }

    /// [`Record::solved`], or one more than the epochs of `setup` where it never was.
    #[must_use]
    pub fn solved_or_late(&self, setup: &Setup) -> f64 {
        self.solved().unwrap_or(setup.epochs as usize + 1) as f64
    }

    /// The α of a factor until the problem was solved, or of all epochs.
    #[must_use]
    pub fn alphas(&self, factor: usize) -> &[f32] {
        let until = self.solved().unwrap_or(usize::MAX).max(1);
        &self.alpha[factor][..self.alpha[factor].len().min(until)]
    }

    /// The mean of [`Record::alphas`] of W and of H.
    #[must_use]
    pub fn mean_alpha(&self) -> [f64; 2] {
        [0, 1].map(|factor| mean(self.alphas(factor)))
    }

    /// Milliseconds an epoch.
    #[must_use]
    pub fn milliseconds(&self) -> f64 {
        1e3 * self.seconds / self.alpha[0].len().max(1) as f64
    }

    /// How it ended.
    #[must_use]
    pub fn fate(&self) -> Fate {
        let last = self.last_loss();
        if self.alpha.iter().any(|alpha| alpha.last().is_some_and(|alpha| *alpha <= 0.0)) {
            Fate::Collapsed
        } else if last < self.loss[0] {
            Fate::Descended
        } else {
            Fate::Diverged
        }
    }

    /// Writes the record as CSV; the last line holds the time.
    ///
    /// # Errors
    ///
    /// An error of the writer.
    pub fn write(&self, file: &mut dyn Write) -> io::Result<()> {
        writeln!(file, "epoch,loss,alpha_w,alpha_h,bound_w,bound_h")?;
        for (epoch, loss) in self.loss.iter().enumerate() {
            write!(file, "{epoch},{loss}")?;
            for column in self.alpha.iter().chain(&self.bound) {
                match epoch.checked_sub(1).and_then(|before| column.get(before)) {
                    Some(number) => write!(file, ",{number}")?,
                    None => write!(file, ",")?,
                }
            }
            writeln!(file)?;
        }
        writeln!(file, "seconds,{},,,,", self.seconds)
    }

    /// Reads what [`Record::write`] wrote.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or holds something else.
    pub fn read(path: &Path) -> Result<Self> {
        let text = input::read_text(path, input::RECORD)?;
        Self::parse(&text).ok_or_else(|| {
            let (problem, remedy) =
                ("not the record of a run", "remove it, and the next run makes it again");
            Error::format(&shown(path), problem, remedy)
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let mut record = Self::default();
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [first, loss, numbers @ ..] = &cells[..] else { return None };
            if *first == "seconds" {
                record.seconds = loss.parse().ok()?;
                return (!record.loss.is_empty()).then_some(record);
            }
            record.loss.push(loss.parse().ok()?);
            let columns = record.alpha.iter_mut().chain(&mut record.bound);
            for (column, number) in columns.zip(numbers).filter(|(_, number)| !number.is_empty()) {
                column.push(number.parse().ok()?);
            }
        }
        None
    }
}

/// The mean in double precision.
#[must_use]
pub fn mean(values: &[f32]) -> f64 {
    values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf::seeds::Purpose;
    use tinynmf_core::rule::{Bound, Fixed};

    fn played(choice: Choice) -> Record {
        let setup = Setup { stride: 3, ..Setup::tiny() };
        Record::play(&setup, &setup.instance(Purpose::Training, 0), choice, 1, 0.0)
    }

    #[test]
    fn a_record_is_read_back_as_it_was_written() {
        let record = played(Choice::Rule(Bound::new(0.9).unwrap().into()));
        let mut text = Vec::new();
        record.write(&mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let read = Record::parse(&text).unwrap();
        assert_eq!(format!("{read:?}"), format!("{record:?}"), "NaN does not equal itself");
        assert_eq!(Record::parse(&text[..text.len() / 2]), None);
        assert_eq!((read.loss.len(), read.alpha[1].len()), (41, 40));
        assert!(read.loss[22].is_nan() && read.loss[24] < read.loss[0]);
        assert_eq!(read.fate(), Fate::Descended);
        assert_eq!(read.loss_at(23).to_bits(), read.loss[21].to_bits());
    }

    #[test]
    fn a_step_far_too_long_does_not_descend_and_a_constant_is_kept() {
        let rule = Rule::from(Fixed::new(1e4).unwrap());
        assert_ne!(played(Choice::Rule(rule)).fate(), Fate::Descended);
        let record = played(Choice::Each([0.01, 0.02]));
        let [w, h] = record.mean_alpha();
        assert!((w - 0.01).abs() < 1e-6 && (h - 0.02).abs() < 1e-6, "{w} {h}");
        let joint = played(Choice::Joint(Joint::new(0.9)));
        assert_eq!(joint.alpha[0], joint.alpha[1]);
        for (epoch, alpha) in joint.alpha[0].iter().enumerate().skip(1) {
            let lower = joint.bound[0][epoch].min(joint.bound[1][epoch - 1]);
            assert!((alpha / lower - 0.9).abs() < 1e-5);
        }
    }
}
