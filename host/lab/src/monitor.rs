//! A device's log, drawn: loss and αL against epochs or columns.

use std::fmt::Write;

use textplots::{Chart, Plot, Shape};

/// Dots of a chart: two a character in width, four in height.
const DOTS: (u32, u32) = (128, 32);

/// State of a device, as its log has told it so far.
#[derive(Debug, Clone, Default)]
pub struct Monitor {
    /// The kind of step that is counted: "epoch" or "column".
    unit: String,
    /// (step, log₁₀ of the loss).
    losses: Vec<(f32, f32)>,
    /// (step, log₁₀ of αL), for W and, where the log tells it, for H.
    rates: [Vec<(f32, f32)>; 2],
    last: String,
}

impl Monitor {
    /// Takes in a line of the log, `epoch 3 of 100: loss 12.5, alpha*L 1.2 0.9` or the like; whether it is one.
    pub fn line(&mut self, line: &str) -> bool {
        let Some(step) = Step::parse(line) else { return false };
        if step.unit != self.unit || self.losses.last().is_some_and(|last| last.0 >= step.at) {
            *self = Self { unit: step.unit.to_owned(), ..Self::default() };
        }
        self.losses.push((step.at, step.loss.log10()));
        for (rates, rate) in self.rates.iter_mut().zip(step.rates) {
            rates.push((step.at, rate.log10()));
        }
        line.clone_into(&mut self.last);
        true
    }

    /// Two charts and the last line, in at most 80 columns.
    #[must_use]
    pub fn draw(&self) -> String {
        let mut text = String::new();
        let rates = [self.rates[0].as_slice(), self.rates[1].as_slice()];
        for (title, lines) in
            [("log10 of the loss", &[self.losses.as_slice()][..]), ("log10 of alpha*L", &rates)]
        {
            let _ = writeln!(text, "{title}, by {}", self.unit);
            text += &chart(lines);
        }
        text + &self.last + "\n"
    }
}

/// A line of a log that tells of a step.
struct Step<'l> {
    unit: &'l str,
    at: f32,
    loss: f32,
    rates: Vec<f32>,
}

impl<'l> Step<'l> {
    fn parse(line: &'l str) -> Option<Self> {
        let (head, tail) = line.split_once(": loss ")?;
        let mut words = head.split(' ');
        let (unit, at) = (words.next()?, words.next()?.parse().ok()?);
        let (loss, rates) = tail.split_once(", alpha*L ")?;
        let rates: Result<Vec<f32>, _> = rates.split(' ').map(str::parse).collect();
        Some(Self { unit, at, loss: loss.parse().ok()?, rates: rates.ok()? })
    }
}

fn chart(lines: &[&[(f32, f32)]]) -> String {
    let drawn: Vec<Vec<(f32, f32)>> = lines
        .iter()
        .map(|line| line.iter().copied().filter(|(_, y)| y.is_finite()).collect())
        .collect();
    let steps = drawn.iter().flatten().map(|point| point.0);
    let (low, high) = steps.fold((f32::MAX, f32::MIN), |(a, b), x| (a.min(x), b.max(x)));
    if high <= low {
        return String::new();
    }
    let shapes: Vec<_> = drawn.iter().map(|line| Shape::Lines(line)).collect();
    let mut chart = Chart::new(DOTS.0, DOTS.1, low, high);
    let mut chart = &mut chart;
    for shape in &shapes {
        chart = chart.lineplot(shape);
    }
    chart.axis();
    chart.figures();
    chart.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_taken_in_and_drawn_within_80_columns() {
        let mut monitor = Monitor::default();
        assert!(!monitor.line("256 x 64, rank 10, learned: loss 1234.5"));
        for t in 1..=50 {
            let loss = 100.0 / t as f32;
            assert!(monitor.line(&format!("epoch {t} of 50: loss {loss}, alpha*L 1.2 {loss}")));
        }
        let drawn = monitor.draw();
        assert!(drawn.lines().all(|line| line.chars().count() <= 80), "{drawn}");
        assert!(drawn.lines().count() <= 24, "{drawn}");
        assert!(drawn.contains("epoch 50 of 50: loss 2, alpha*L 1.2 2"), "{drawn}");
        assert!(drawn.chars().filter(|c| ('\u{2801}'..='\u{28FF}').contains(c)).count() > 60);
    }

    #[test]
    fn another_run_starts_another_drawing() {
        let mut monitor = Monitor::default();
        monitor.line("column 10 of 50: loss 4, alpha*L 1");
        monitor.line("column 20 of 50: loss 2, alpha*L 1");
        assert_eq!(monitor.losses.len(), 2);
        monitor.line("column 10 of 50: loss 3, alpha*L NaN");
        assert_eq!((monitor.losses.len(), monitor.rates[1].len()), (1, 0));
        assert!(!monitor.draw().is_empty());
    }
}
