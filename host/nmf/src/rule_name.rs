//! Names of step rules, `bound(0.95)` and the like, to rules and back.
//!
//! The names are those of core's [`table`]; `learned` and `schedule` ask a policy, see [`Asked`].

use tinynmf_core::policy::{SCHEDULE, SHIPPED, SchedulePolicy};
use tinynmf_core::rule::table::{self, KINDS, Kind};
use tinynmf_core::{Error as CoreError, Policy, Rule};

use crate::error::{Error, Result};
use crate::policy_file::Asked;

/// Stands for every rule in a list.
const ALL: &str = "all";

/// The rule that asks a policy.
const LEARNED: &str = "learned";

/// The rule that asks the policy of schedules that ships.
const SCHEDULED: &str = "schedule";

/// The rules that ask a policy.
const ASKING: [&str; 2] = [LEARNED, SCHEDULED];

/// The rule that `text` names, `bound(0.95)` or `bound`; `learned` and `schedule` ask the policies in `asked`.
///
/// # Errors
///
/// An unknown name, with those that are known; a parameter that is missing, in excess, not a number or out of range.
pub fn parse<'p>(text: &str, asked: impl Into<Asked<'p>>) -> Result<Rule<'p>> {
    let asked = asked.into();
    let text = text.trim();
    let refuse = |problem: &str, remedy: String| {
        Err(Error::argument(format!("rule '{text}'"), problem, remedy))
    };
    let (name, parameters) = match text.split_once('(') {
        None => (text, None),
        Some((name, rest)) => match rest.strip_suffix(')') {
            Some(parameters) => (name.trim_end(), Some(parameters)),
            None => {
                return refuse("it lacks its last parenthesis", "write name(number,...)".into());
            }
        },
    };
    if name == LEARNED {
        return match parameters {
            None => Ok(Rule::learned(asked.learned)),
            Some(_) => refuse("learned takes no parameters", format!("write it like {LEARNED}")),
        };
    }
    if name == SCHEDULED {
        return match parameters {
            None => {
                let shipped = || SchedulePolicy::from_bytes(SCHEDULE).map_err(CoreError::Policy);
                Ok(Rule::scheduled(asked.schedule.map_or_else(shipped, Ok)?))
            }
            Some(_) => refuse("schedule takes no parameters", format!("write it like {SCHEDULED}")),
        };
    }
    let Some(kind) = table::kind(name) else {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).chain(ASKING).collect();
        return refuse("there is no such rule", format!("use one of {}", names.join(", ")));
    };
    let numbers: Option<Vec<f32>> = parameters.map_or(Some(defaults(kind)), |list| {
        list.split(',').map(|number| number.trim().parse().ok()).collect()
    });
    let example = || format!("write it like {}", written(kind.name, &defaults(kind)));
    let expected = kind.parameters.len();
    match numbers {
        Some(numbers) if numbers.len() == expected => {
            kind.make(&numbers).or_else(|reason| refuse(&reason.to_string(), example()))
        }
        Some(_) => refuse(&format!("{name} takes {}", counted(expected)), example()),
        None => refuse("a parameter is not a number", example()),
    }
}

/// So many parameters, in words.
fn counted(parameters: usize) -> String {
    match parameters {
        0 => "no parameters".into(),
        1 => "1 parameter".into(),
        _ => format!("{parameters} parameters"),
    }
}

/// Parameters of a kind whose name comes without any.
fn defaults(kind: &Kind) -> Vec<f32> {
    kind.parameters.iter().map(|parameter| parameter.default).collect()
}

/// As [`parse`], where no policy is at hand.
///
/// # Errors
///
/// As [`parse`]; also for `learned`.
pub fn classical(text: &str) -> Result<Rule<'static>> {
    let policy = Policy::from_bytes(SHIPPED).map_err(CoreError::Policy)?;
    match parse(text, &policy)? {
        Rule::Learned(_) => {
            let remedy = "name a rule that needs no policy";
            Err(Error::argument(format!("rule '{text}'"), "it is the policy's own", remedy))
        }
        rule => Ok(rule),
    }
}

/// The rules in a list like `bound(0.5),armijo(0.1,0.5,1)`, each once; `all` is every rule in its short form.
///
/// # Errors
///
/// As [`parse`].
pub fn parse_list<'p>(text: &str, asked: impl Into<Asked<'p>>) -> Result<Vec<Rule<'p>>> {
    let asked = asked.into();
    let mut rules: Vec<Rule<'p>> = Vec::new();
    let mut add = |text: &str| -> Result<()> {
        let rule = parse(text, &asked)?;
        if rules.iter().all(|known| name(known) != name(&rule)) {
            rules.push(rule);
        }
        Ok(())
    };
    for item in split(text) {
        match item.trim() {
            ALL => KINDS.iter().map(|kind| kind.name).chain(ASKING).try_for_each(&mut add)?,
            item => add(item)?,
        }
    }
    Ok(rules)
}

/// Every rule with its parameters' defaults, in lines of at most 78 columns.
#[must_use]
pub fn all() -> String {
    let kinds = KINDS.iter().map(|kind| written(kind.name, &defaults(kind)));
    let mut text = String::new();
    let mut width = usize::MAX;
    for name in kinds.chain(ASKING.map(str::to_owned)) {
        if width.saturating_add(1 + name.len()) > 78 {
            text += if text.is_empty() { " " } else { "\n " };
            width = 1;
        }
        width += 1 + name.len();
        text += " ";
        text += &name;
    }
    text
}

/// The items of a list, cut at the commas outside parentheses.
fn split(list: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0;
    list.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    })
}

/// The name of a rule with its parameters, which [`parse`] reads back to the same rule.
#[must_use]
pub fn name(rule: &Rule<'_>) -> String {
    written(rule.name(), &parameters(rule))
}

/// The parameters that a rule takes, in their order.
#[must_use]
pub fn parameters(rule: &Rule<'_>) -> Vec<f32> {
    let count = table::kind(rule.name()).map_or(0, |kind| kind.parameters.len());
    rule.parameters()[..count].to_vec()
}

fn written(name: &str, parameters: &[f32]) -> String {
    if parameters.is_empty() {
        return name.to_owned();
    }
    let parameters: Vec<_> = parameters.iter().map(f32::to_string).collect();
    format!("{name}({})", parameters.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> Policy<'static> {
        Policy::from_bytes(SHIPPED).unwrap()
    }

    fn names(list: &str) -> Vec<String> {
        parse_list(list, &policy()).unwrap().iter().map(name).collect()
    }

    fn refusal(text: &str) -> String {
        parse(text, &policy()).unwrap_err().to_string()
    }

    #[test]
    fn every_rule_is_read_back_from_its_name() {
        let all = names("all");
        assert_eq!(all.len(), KINDS.len() + 2);
        for (printed, kind) in all.iter().zip(KINDS) {
            assert_eq!(name(&parse(printed, &policy()).unwrap()), *printed);
            assert_eq!(*printed, written(kind.name, &defaults(kind)));
        }
        for exact in ["fixed(0.000012345679)", "decay(0.1,3)", "fixed(1000000)"] {
            assert_eq!(names(exact), [exact]);
        }
        assert_eq!(names("fixed(1e-5)"), ["fixed(0.00001)"]);
    }

    #[test]
    fn lists_are_cut_outside_parentheses_and_hold_each_rule_once() {
        assert_eq!(
            names("bound(0.5), armijo(0.1,0.5,1) ,bound,bound(0.95),lin ( 0.02 , 0.5 , 2 )"),
            ["bound(0.5)", "armijo(0.1,0.5,1)", "bound(0.95)", "lin(0.02,0.5,2)"]
        );
        assert_eq!(names("learned,all")[..2], ["learned", "fixed(0.01)"]);
        assert_eq!(names("learned,all").len(), KINDS.len() + 2);
    }

    #[test]
    fn refusals_tell_what_to_write_instead() {
        assert_eq!(
            refusal("newton"),
            "rule 'newton': there is no such rule; use one of fixed, bound, random, around, armijo, \
             lin, cauchy, bb1, bb2, abb, silver, decay, cosine, hals, sweeps, growing, adaptive, \
             thrifty, alternate, dai_yuan, sdc, abbmin, adgd, wsd, linear_cauchy, adagrad_norm, \
             widening, learned, schedule"
        );
        assert_eq!(
            refusal("bound(1.5)"),
            "rule 'bound(1.5)': bound(c) needs c between 0 and 1; write it like bound(0.95)"
        );
        assert!(refusal("armijo(0.1)").contains("armijo takes 3 parameters; write it like"));
        assert!(
            refusal("bound(1,2)").contains("bound takes 1 parameter; write it like bound(0.95)")
        );
        assert!(refusal("cauchy(1)").contains("cauchy takes no parameters; write it like cauchy"));
        assert!(refusal("bound(half)").contains("not a number; write it like bound(0.95)"));
        assert!(refusal("bound(0.5").contains("parenthesis"));
        assert!(refusal("fixed(NaN)").contains("positive, finite a"));
        assert!(refusal("").contains("no such rule"));
        assert!(parse_list("bound,,abb", &policy()).is_err());
    }
}
