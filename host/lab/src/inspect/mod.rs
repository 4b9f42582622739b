//! Content of a policy: its numbers, and the rate it chooses, or the schedule, as each observation varies.

mod schedule;

pub use schedule::{describe_schedule, figure_schedule};

use std::fmt::Write;

use tinynmf_core::Policy;
use tinynmf_core::observe::{LIMIT, NAMES, OBSERVATION_SET, OBSERVATIONS};
use tinynmf_core::policy::{HIDDEN_UNIT, Hidden};

use crate::plot::{Figure, Lines, Series};

/// The largest int8 input.
const LARGEST_INPUT: f32 = 127.0;

/// The bars of a small chart, from the lowest rate to the highest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Columns of a small chart.
const WIDTH: usize = 20;

/// What a picture's panels show.
const CAPTION: &str =
    "One observation varies over the range of its int8 input, the others stay at their offsets";

/// αL against one observation, while every other one stays where its int8 input is 0.
struct Response {
    name: &'static str,
    /// (observation, αL), over all of the int8 input's range.
    points: Vec<(f32, f32)>,
}

impl Response {
    fn rates(&self) -> impl Iterator<Item = f32> + '_ {
        self.points.iter().map(|point| point.1)
    }
}

/// One response for each observation, of `count` points.
fn responses(policy: &Policy<'_>, count: usize) -> Vec<Response> {
    let mut middle = [0.0; OBSERVATIONS];
    for (middle, [offset, _]) in middle.iter_mut().zip(policy.normaliser()) {
        *middle = offset;
    }
    let response = |(index, scale): (usize, [f32; 2])| {
        let [low, high] = reach(scale);
        let point = |step: usize| {
            let x = low + (high - low) * step as f32 / (count - 1) as f32;
            let mut observations = middle;
            observations[index] = x;
            (x, policy.log_rate(&observations).exp())
        };
        Response { name: NAMES[index], points: (0..count).map(point).collect() }
    };
    policy.normaliser().enumerate().map(response).collect()
}

/// Sizes, scales, limits and checksum of a policy, and its responses as small charts, in at most 80 columns.
#[must_use]
pub fn describe(policy: &Policy<'_>) -> String {
    let [low, high] = policy.limits().map(f32::exp);
    let range = format!("rate          αL from {low:.3} to {high:.3}\n");
    let mut text = numbers(policy, &NAMES, OBSERVATION_SET, &range, &["log(αL)"]);
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    let responses = responses(policy, WIDTH);
    let (bottom, top) = span(responses.iter().flat_map(Response::rates));
    line(format!("\n{:<28} {:>6} {:^WIDTH$} {:<6} {:>12}", "αL against", "from", "", "to", "αL"));
    for response in &responses {
        let bars: String = response.rates().map(|rate| bar(rate, bottom, top)).collect();
        let (low, high) = span(response.rates());
        let (Some(first), Some(last)) = (response.points.first(), response.points.last()) else {
            continue;
        };
        let range = format!("{low:.2}–{high:.2}");
        line(format!("{:<28} {:>6.2} {bars} {:<6.2} {range:>12}", response.name, first.0, last.0));
    }
    line("Each varies over its int8 input's range, the others stay at their offsets;".into());
    line(format!("bars are logarithmic, from {bottom:.2} to {top:.2}."));
    text
}

/// Sizes, scales and checksum of any policy; `range` is the line about what it answers.
fn numbers(policy: &Policy<'_>, names: &[&str], set: u16, range: &str, outputs: &[&str]) -> String {
    let hidden = policy.hidden().iter().map(|layer| format!("{} -> ", layer.outputs));
    let weights: usize = policy.hidden().iter().map(|layer| layer.weights().len()).sum();
    let (last, inputs) = (policy.last(), names.len());
    let between = if policy.hidden().is_empty() { "" } else { ", tanh between them" };
    let mut text = format!(
        "format        version {}, {} bytes, CRC-32 {:#010x}\n\
         observations  {inputs} (set {set})\n\
         layers        {inputs} -> {}{}{between}\n\
         weights       {} of int8\n\
         {range}",
        policy.blob()[4],
        policy.blob().len(),
        policy.checksum(),
        hidden.collect::<String>(),
        last.outputs,
        weights + last.weights().len(),
    );
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    line("\nlayer      inputs  outputs  one step of its int32 sum is worth".into());
    for (index, layer) in policy.hidden().iter().enumerate() {
        let [low, high] = steps(layer);
        let name = format!("hidden {}", index + 1);
        line(format!(
            "{name:<9} {:>7}  {:>7}  {low:.2e} to {high:.2e} of tanh's argument",
            layer.inputs, layer.outputs
        ));
    }
    for (output, (_, scale)) in outputs.iter().zip(last.channels()) {
        line(format!("{:<9} {:>7}  {:>7}  {scale:.2e} of {output}", "last", last.inputs, 1));
    }
    let width = name_width(names);
    line(format!("\n{:<width$} {:>8} {:>10}", "observation", "offset", "int8 step"));
    for (name, [offset, gain]) in names.iter().zip(policy.normaliser()) {
        line(format!("{name:<width$} {offset:>8.3} {:>10.4}", 1.0 / gain));
    }
    text
}

/// Room for the names of observations.
fn name_width(names: &[&str]) -> usize {
    names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(28)
}

/// Where an observation varies to: the range of its int8 input, within the limits of all observations.
fn reach([offset, gain]: [f32; 2]) -> [f32; 2] {
    let reach = (LARGEST_INPUT / gain).abs();
    [(offset - reach).max(-LIMIT), (offset + reach).min(LIMIT)]
}

/// The responses as a picture, a panel for each observation.
#[must_use]
pub fn figure(policy: &Policy<'_>, name: &str) -> Figure {
    let responses = responses(policy, 255);
    let (bottom, top) = span(responses.iter().flat_map(Response::rates));
    let limits = f64::from(bottom) / 1.1..f64::from(top) * 1.1;
    let panel = |response: &Response| {
        let points = response.points.iter().map(|(x, y)| (f64::from(*x), f64::from(*y)));
        Lines::new(response.name, "", "rate in units of 1/L")
            .log_y()
            .limits(limits.clone())
            .series(Series::points("", points))
    };
    Figure::new(format!("What {name} chooses"))
        .caption(CAPTION)
        .grid(3, responses.iter().map(panel))
}

/// One step of the accumulators of the smallest and of the largest output channel.
fn steps(layer: &Hidden<'_>) -> [f32; 2] {
    let step = |(_, multiplier, shift): (i32, i32, u8)| {
        HIDDEN_UNIT * multiplier as f32 / 2_f32.powi(31 + i32::from(shift))
    };
    let (low, high) = span(layer.channels().map(step));
    [low, high]
}

fn bar(rate: f32, bottom: f32, top: f32) -> char {
    let height = (rate / bottom).ln() / (top / bottom).ln();
    let level = if height.is_finite() { (height * BARS.len() as f32) as usize } else { 0 };
    BARS[level.min(BARS.len() - 1)]
}

fn span(values: impl Iterator<Item = f32>) -> (f32, f32) {
    values.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::policy::SHIPPED;

    #[test]
    fn a_description_fits_80_columns_and_names_every_observation() {
        let policy = Policy::from_bytes(SHIPPED).unwrap();
        let text = describe(&policy);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(NAMES.iter().all(|name| text.matches(name).count() >= 2), "{text}");
        assert!(text.contains(&format!("{:#010x}", policy.checksum())), "{text}");
    }

    #[test]
    fn bars_span_the_chart() {
        assert_eq!([1.0, 10.0, 100.0].map(|rate| bar(rate, 1.0, 100.0)), ['▁', '▅', '█']);
        assert_eq!(bar(3.0, 3.0, 3.0), '▁');
    }
}
