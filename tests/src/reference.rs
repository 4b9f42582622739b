//! Reads `reference/`: trajectories in float64 from a program that shares no code with this project.

use crate::problem::Problem;
use std::str::{FromStr, SplitWhitespace};
use tinynmf_core::Factor;

/// One problem with its trajectories.
#[derive(Debug)]
pub struct Case {
    /// The file's name.
    pub name: &'static str,
    /// V, W₀ and H₀.
    pub problem: Problem,
    /// Epochs of every trajectory.
    pub epochs: usize,
    /// Per epoch: the columns of the W half-step and the rows of the H half-step, for mini-batch runs.
    pub batches: Vec<[Vec<u32>; 2]>,
    /// One per rule.
    pub trajectories: Vec<Trajectory>,
}

/// Run of one rule.
#[derive(Debug)]
pub struct Trajectory {
    /// On exact gradients, or on the batches of the case.
    pub exact: bool,
    /// The rule's name.
    pub rule: String,
    /// The rule's parameters.
    pub parameters: Vec<f32>,
    /// F before the first epoch and after every one.
    pub loss: Vec<f64>,
    /// The W half-steps.
    pub w: HalfSteps,
    /// The H half-steps.
    pub h: HalfSteps,
}

/// One factor's half-steps, one number per epoch.
#[derive(Debug)]
pub struct HalfSteps {
    /// α.
    pub rate: Vec<f64>,
    /// λmax(A).
    pub lipschitz: Vec<f64>,
    /// ‖G‖ before projection.
    pub gradient: Vec<f64>,
    /// The factor after the last epoch: W by rows or H by columns.
    pub last: Vec<f32>,
}

impl Trajectory {
    /// The half-steps of a factor.
    #[must_use]
    pub fn of(&self, factor: Factor) -> &HalfSteps {
        match factor {
            Factor::W => &self.w,
            Factor::H => &self.h,
        }
    }
}

/// Every case.
#[must_use]
pub fn cases() -> Vec<Case> {
    [
        ("12x9_r2", include_str!("../reference/12x9_r2.txt")),
        ("24x17_r4", include_str!("../reference/24x17_r4.txt")),
        ("40x30_r6", include_str!("../reference/40x30_r6.txt")),
    ]
    .map(|(name, text)| read(name, text))
    .into()
}

fn read(name: &'static str, text: &str) -> Case {
    let mut lines = Lines(text.lines().filter(|line| !line.is_empty()).peekable());
    let [rows, columns, rank] = lines.numbers("shape")[..] else { panic!("{name}: no shape") };
    let [epochs] = lines.numbers("epochs")[..] else { panic!("{name}: no epochs") };
    let v = lines.numbers("v");
    let (w, h) = (lines.numbers("w0"), lines.numbers("h0"));
    let batches = (0..epochs).map(|_| [lines.numbers("columns"), lines.numbers("rows")]).collect();
    let mut trajectories = Vec::new();
    while lines.0.peek().is_some() {
        trajectories.push(lines.trajectory());
    }
    let problem = Problem { rows, columns, rank, v, w, h };
    Case { name, problem, epochs, batches, trajectories }
}

struct Lines<I: Iterator>(std::iter::Peekable<I>);

impl<'a, I: Iterator<Item = &'a str>> Lines<I> {
    /// The words of the next line, which has to begin with `key`.
    fn words(&mut self, key: &str) -> SplitWhitespace<'a> {
        let mut words = self.0.next().unwrap_or_default().split_whitespace();
        assert_eq!(words.next(), Some(key), "reference data out of order");
        words
    }

    fn numbers<T: FromStr<Err: std::fmt::Debug>>(&mut self, key: &str) -> Vec<T> {
        parse(self.words(key))
    }

    fn trajectory(&mut self) -> Trajectory {
        let mut words = self.words("run");
        let exact = words.next() == Some("exact");
        let rule = words.next().unwrap_or_default().to_owned();
        let parameters = parse(words);
        let loss = self.numbers("loss");
        let mut pair = |w, h| [self.numbers(w), self.numbers(h)];
        let [w_rate, h_rate] = pair("alpha_w", "alpha_h");
        let [w_lipschitz, h_lipschitz] = pair("l_w", "l_h");
        let [w_gradient, h_gradient] = pair("grad_w", "grad_h");
        let (w, h) = (self.numbers("w"), self.numbers("h"));
        Trajectory {
            exact,
            rule,
            parameters,
            loss,
            w: HalfSteps { rate: w_rate, lipschitz: w_lipschitz, gradient: w_gradient, last: w },
            h: HalfSteps { rate: h_rate, lipschitz: h_lipschitz, gradient: h_gradient, last: h },
        }
    }
}

fn parse<T: FromStr<Err: std::fmt::Debug>>(words: SplitWhitespace<'_>) -> Vec<T> {
    words.map(|word| word.parse().expect("a number")).collect()
}
