//! Content of a policy of schedules: its numbers, and how much each output changes as each observation varies.

use std::fmt::Write;

use tinynmf_core::observe::{SCHEDULE_NAMES, SCHEDULE_OBSERVATIONS, SCHEDULE_SET};
use tinynmf_core::policy::{SCHEDULE_OUTPUTS, SchedulePolicy};

use super::{CAPTION, name_width, numbers, reach, span};
use crate::plot::{Figure, Lines, Series};

/// What each output corrects, in core's order: [`tinynmf_core::rule::scheduled`] says how.
const OUTPUTS: [&str; SCHEDULE_OUTPUTS] = ["share", "relaxation", "rise", "worth", "extrapolation"];

/// The outputs against one observation, while every other one stays where its int8 input is 0.
struct Response {
    name: &'static str,
    points: Vec<(f32, [f32; SCHEDULE_OUTPUTS])>,
}

/// One response for each observation, of `count` points.
fn responses(policy: &SchedulePolicy<'_>, count: usize) -> Vec<Response> {
    let mut middle = [0.0; SCHEDULE_OBSERVATIONS];
    for (middle, [offset, _]) in middle.iter_mut().zip(policy.parts().normaliser()) {
        *middle = offset;
    }
    let response = |(index, scale): (usize, [f32; 2])| {
        let [low, high] = reach(scale);
        let point = |step: usize| {
            let x = low + (high - low) * step as f32 / (count - 1) as f32;
            let mut observations = middle;
            observations[index] = x;
            (x, policy.outputs(&observations))
        };
        Response { name: SCHEDULE_NAMES[index], points: (0..count).map(point).collect() }
    };
    policy.parts().normaliser().enumerate().map(response).collect()
}

/// Sizes, scales, limits and checksum of a policy of schedules, and how much each output changes with each observation, in at
/// most 80 columns.
#[must_use]
pub fn describe_schedule(policy: &SchedulePolicy<'_>) -> String {
    let [low, high] = policy.parts().limits();
    let range = format!(
        "outputs       from {low:.3} to {high:.3}: corrections of `widening`, which all 0 are\n"
    );
    let outputs = OUTPUTS.map(|name| format!("the {name}'s correction"));
    let outputs = outputs.each_ref().map(String::as_str);
    let mut text = numbers(policy.parts(), &SCHEDULE_NAMES, SCHEDULE_SET, &range, &outputs);
    let mut line = |line: String| {
        let _ = writeln!(text, "{line}");
    };
    let width = name_width(&SCHEDULE_NAMES);
    let cells = |cells: [String; SCHEDULE_OUTPUTS]| cells.map(|it| format!(" {it:>6}")).concat();
    let short = OUTPUTS.map(|name| name[..name.len().min(6)].to_owned());
    line(format!("\n{:<width$}{}", "change over", cells(short)));
    for Response { name, points } in responses(policy, 255) {
        let change = |place: usize| {
            let (low, high) = span(points.iter().map(|(_, outputs)| outputs[place]));
            format!("{:.3}", high - low)
        };
        line(format!("{name:<width$}{}", cells(std::array::from_fn(change))));
    }
    line("Each varies over its int8 input's range, the others stay at their offsets.".into());
    text
}

/// The responses as a picture, a panel for each observation.
#[must_use]
pub fn figure_schedule(policy: &SchedulePolicy<'_>, name: &str) -> Figure {
    let responses = responses(policy, 255);
    let all = || responses.iter().flat_map(|it| &it.points).flat_map(|(_, outputs)| *outputs);
    let (bottom, top) = span(all());
    let air = 0.05 * (top - bottom);
    let limits = f64::from(bottom - air)..f64::from(top + air);
    let panel = |response: &Response| {
        let lines = Lines::new(response.name, "", "correction").limits(limits.clone());
        OUTPUTS.iter().enumerate().fold(lines, |lines, (place, output)| {
            let points = response.points.iter().map(|(x, y)| (f64::from(*x), f64::from(y[place])));
            lines.series(Series::points(*output, points))
        })
    };
    Figure::new(format!("What {name} chooses"))
        .caption(CAPTION)
        .grid(3, responses.iter().map(panel))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::policy::SCHEDULE;

    #[test]
    fn a_description_fits_80_columns_and_names_every_observation_and_output() {
        let policy = SchedulePolicy::from_bytes(SCHEDULE).unwrap();
        let text = describe_schedule(&policy);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(SCHEDULE_NAMES.iter().all(|name| text.matches(name).count() >= 2), "{text}");
        assert!(OUTPUTS.iter().all(|name| text.contains(&format!("the {name}'s"))), "{text}");
        assert!(text.contains(&format!("{:#010x}", policy.checksum())), "{text}");
        assert!(text.contains("15 -> 5\n"), "{text}");
    }
}
