//! Core's table of rules, and the two that ask a policy.

use core::fmt;

use tinynmf_core::policy::{SCHEDULE, SHIPPED, SchedulePolicy};
use tinynmf_core::rule::table::{KINDS, PARAMETERS, Parameter};
use tinynmf_core::{Error, Policy, Rule};

use crate::line::say;

/// The parameters of the rule that is chosen next, in the order of its line.
pub type Parameters = [f32; PARAMETERS];

/// The rules that ask a policy, by their places behind the table: what each does.
const ASKING: [&str; 2] = [
    "a policy of int8 weights chooses the share of V and the sweeps",
    "a policy of int8 weights chooses α",
];

fn asking(place: usize) -> Result<Option<Rule<'static>>, Error> {
    Ok(match place {
        0 => Some(Rule::scheduled(SchedulePolicy::from_bytes(SCHEDULE)?)),
        1 => Some(Rule::learned(Policy::from_bytes(SHIPPED)?)),
        _ => None,
    })
}

/// The rule of a place: of [`KINDS`], then of those that ask a policy; `None` beyond.
///
/// # Errors
///
/// A parameter out of its range.
pub fn made(place: usize, parameters: &Parameters) -> Result<Option<Rule<'static>>, Error> {
    match KINDS.get(place) {
        Some(kind) => kind.make_from(parameters).map(Some),
        None => asking(place - KINDS.len()),
    }
}

/// Parameters as JSON: names and defaults.
struct List(&'static [Parameter]);

impl fmt::Display for List {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, Parameter { name, default }) in self.0.iter().enumerate() {
            let comma = if k > 0 { "," } else { "" };
            write!(out, r#"{comma}["{name}",{default}]"#)?;
        }
        Ok(())
    }
}

/// Prints every rule in the order of places, a line each: name, what it does, whether it asks a policy, whether it
/// sweeps over components, and its parameters with their defaults.
#[unsafe(no_mangle)]
pub extern "C" fn rules() -> u32 {
    let line = |rule: &Rule<'_>, does: &str, policy: bool, parameters| {
        let (name, sweeps, parameters) = (rule.name(), rule.is_of_sweeps(), List(parameters));
        say(format_args!(
            r#"{{"name":"{name}","does":"{does}","policy":{policy},"sweeps":{sweeps},"parameters":[{parameters}]}}"#
        ))
    };
    let mut said = true;
    for kind in KINDS {
        said &=
            kind.make_from(&[]).is_ok_and(|rule| line(&rule, kind.does, false, kind.parameters));
    }
    for (place, does) in ASKING.into_iter().enumerate() {
        said &= matches!(asking(place), Ok(Some(rule)) if line(&rule, does, true, &[]));
    }
    u32::from(said)
}
