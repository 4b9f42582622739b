//! The experiments of "Efficient learning rate schedules for stochastic non-negative matrix factorization via
//! reinforcement learning" (Subramanian, Ganapathiram & El Gamal, ICLR 2023 Tiny Papers), remade.
//!
//! | what | in |
//! |---|---|
//! | the problem at two scales | [`setup`] |
//! | a run, and the place where runs are made and kept | [`record`], [`lab`] |
//! | Figures 1a, 1b, 2; 3, 4 | [`fixed`]; [`mod@random`], [`course`] |
//! | the agents; Figures 1c, 5 to 9 | [`agents`]; [`learned`] |
//! | Theorem A.3 | [`theorem`], [`half_problem`] |
//! | schedules that the paper lacks | [`rivals`] |
//! | what a figure comes to; the report | [`plate`]; [`report`] |
//!
//! At the small scale everything but time is the same bits on every machine. At the paper's scale products
//! are GEMM's, and runs agree as far as rounding lets them.

pub mod agents;
pub mod course;
pub mod fixed;
pub mod half_problem;
pub mod lab;
pub mod learned;
pub mod plate;
pub mod random;
pub mod record;
pub mod report;
pub mod rivals;
pub mod setup;
pub mod theorem;

use clap::ValueEnum;

use lab::Lab;
use plate::Plate;
use setup::Setup;
use tinynmf::error::Result;

/// A figure of the paper, or an experiment on its theorem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Figure {
    /// Constant rates
    #[value(name = "1a")]
    Fig1a,
    /// The bound along their runs
    #[value(name = "1b")]
    Fig1b,
    /// The learned schedule against the bound
    #[value(name = "1c")]
    Fig1c,
    /// Constant rates, in full
    #[value(name = "2")]
    Fig2,
    /// Random rates under the bound
    #[value(name = "3")]
    Fig3,
    /// Random rates around the bound
    #[value(name = "4")]
    Fig4,
    /// PPO, rate 0.01, 10K iterations
    #[value(name = "5")]
    Fig5,
    /// PPO, rate 0.01, 20K iterations
    #[value(name = "6")]
    Fig6,
    /// PPO, rate 0.01, 50K iterations
    #[value(name = "7")]
    Fig7,
    /// PPO, rate 0.01, 100K iterations
    #[value(name = "8")]
    Fig8,
    /// PPO, rate 0.1, 100K iterations
    #[value(name = "9")]
    Fig9,
    /// Theorem A.3 and Armijo's rule
    A3,
}

impl Figure {
    /// Every figure.
    #[must_use]
    pub fn all() -> Vec<Self> {
        Self::value_variants().to_vec()
    }

    /// As the paper numbers it, and files are named.
    ///
    /// # Panics
    ///
    /// Never: no figure is hidden.
    #[must_use]
    pub fn id(self) -> String {
        self.to_possible_value().expect("no figure is hidden").get_name().to_owned()
    }
}

/// Epochs of all runs that `figures` need.
#[must_use]
pub fn epochs(setup: &Setup, figures: &[Figure]) -> u64 {
    let asked = |of: &[Figure]| figures.iter().any(|figure| of.contains(figure));
    let mut runs = 0_u64;
    if asked(&[Figure::Fig1a, Figure::Fig1b, Figure::Fig2]) {
        runs += fixed::count() as u64;
    }
    for figure in [Figure::Fig3, Figure::Fig4] {
        if asked(&[figure]) {
            runs += random::count(setup);
        }
    }
    let ids: Vec<String> = figures.iter().map(|figure| figure.id()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let theorem = if asked(&[Figure::A3]) { theorem::epochs(setup.searched) } else { 0 };
    runs * u64::from(setup.epochs) + learned::epochs(&ids, setup) + theorem
}

/// Remakes `figures`, in the paper's order; `each` is given every plate as soon as it is made.
///
/// # Errors
///
/// A file that cannot be written, or that holds something else; what `each` says.
pub fn reproduce(
    lab: &Lab<'_>,
    figures: &[Figure],
    mut each: impl FnMut(&Plate) -> Result<()>,
) -> Result<Vec<Plate>> {
    let asked = |figure: Figure| figures.contains(&figure);
    let mut plates: Vec<Plate> = Vec::new();
    let mut add = |new: Vec<Plate>| -> Result<()> {
        for plate in new {
            if figures.iter().any(|figure| figure.id() == plate.id) {
                each(&plate)?;
                plates.push(plate);
            }
        }
        Ok(())
    };
    if [Figure::Fig1a, Figure::Fig1b, Figure::Fig2].into_iter().any(asked) {
        add(fixed::plates(lab)?)?;
    }
    for (figure, number) in [(Figure::Fig3, 3), (Figure::Fig4, 4)] {
        if asked(figure) {
            add(vec![random::plate(lab, number)?])?;
        }
    }
    if asked(Figure::A3) {
        add(vec![theorem::plate(lab)])?;
    }
    let ids: Vec<String> = figures.iter().map(|figure| figure.id()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    add(learned::plates(lab, &ids)?)?;
    let order = |plate: &Plate| ids.iter().position(|id| *id == plate.id);
    plates.sort_by_key(order);
    Ok(plates)
}

#[cfg(test)]
mod tests;
