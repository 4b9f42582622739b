//! Names of step rules, `bound(0.95)` and the like, to rules and back.
//!
//! | name | short for | α |
//! |---|---|---|
//! | `fixed` | `fixed(0.01)` | the number itself |
//! | `bound` | `bound(0.95)` | that share of 2/L |
//! | `random` | | uniform under 2/L |
//! | `around` | `around(0.5)` | uniform within that share around 2/L |
//! | `armijo` | `armijo(0.1,0.5,1)` | line search: sufficient decrease, factor, first trial |
//! | `lin` | `lin(0.01,0.5,1)` | Lin's line search: the same three |
//! | `cauchy`, `bb1`, `bb2`, `abb`, `silver` | | formulas without parameters |
//! | `decay` | `decay(0.95,50)` | share of 2/L, halved after so many epochs |
//! | `cosine` | `cosine(0.95)` | share of 2/L, down to 0 at the horizon |
//! | `learned` | | the policy's choice |

use tinynmf_core::policy::SHIPPED;
use tinynmf_core::rule::{
    Abb, Armijo, Around, Bb1, Bb2, Bound, Cauchy, Cosine, Decay, Fixed, Lin, Random, Rule, Silver,
};
use tinynmf_core::{Error as CoreError, Policy};

use crate::error::{Error, Result};

/// Stands for every rule in a list.
const ALL: &str = "all";

/// A kind of rule: its name, the parameters that its bare name stands for, and how it is made of parameters.
struct Kind {
    name: &'static str,
    defaults: &'static [f32],
    make: for<'p> fn(&[f32], &Policy<'p>) -> Result<Rule<'p>, CoreError>,
}

/// Lists kinds as `name [defaults] => |parameters, policy| rule`.
macro_rules! kinds {
    ($($name:literal [$($default:literal),*] => |$p:pat_param, $policy:pat_param| $make:expr;)*) => {
        /// Every kind, in the order of `all`.
        static KINDS: &[Kind] = &[$(Kind {
            name: $name,
            defaults: &[$($default),*],
            make: |parameters, $policy| match *parameters {
                $p => $make,
                _ => Err(CoreError::Parameter { rule: $name, needs: "another number of parameters" }),
            },
        }),*];
    };
}

kinds! {
    "fixed" [0.01] => |[a], _| Ok(Fixed::new(a)?.into());
    "bound" [0.95] => |[c], _| Ok(Bound::new(c)?.into());
    "random" [] => |[], _| Ok(Random.into());
    "around" [0.5] => |[p], _| Ok(Around::new(p)?.into());
    "armijo" [0.1, 0.5, 1.0] => |[c, shrink, max], _| Ok(Armijo::new(c, shrink, max)?.into());
    "lin" [0.01, 0.5, 1.0] => |[sigma, shrink, max], _| Ok(Lin::new(sigma, shrink, max)?.into());
    "cauchy" [] => |[], _| Ok(Cauchy.into());
    "bb1" [] => |[], _| Ok(Bb1.into());
    "bb2" [] => |[], _| Ok(Bb2.into());
    "abb" [] => |[], _| Ok(Abb.into());
    "silver" [] => |[], _| Ok(Silver.into());
    "decay" [0.95, 50.0] => |[c, half_life], _| Ok(Decay::new(c, half_life)?.into());
    "cosine" [0.95] => |[c], _| Ok(Cosine::new(c)?.into());
    "learned" [] => |[], policy| Ok(Rule::learned(policy.clone()));
}

/// The rule that `text` names, `bound(0.95)` or `bound`; `learned` asks `policy`.
///
/// # Errors
///
/// An unknown name, with those that are known; a parameter that is missing, in excess, not a number or out of range.
pub fn parse<'p>(text: &str, policy: &Policy<'p>) -> Result<Rule<'p>> {
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
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        let names: Vec<_> = KINDS.iter().map(|kind| kind.name).collect();
        return refuse("there is no such rule", format!("use one of {}", names.join(", ")));
    };
    let numbers: Option<Vec<f32>> = parameters.map_or(Some(kind.defaults.to_vec()), |list| {
        list.split(',').map(|number| number.trim().parse().ok()).collect()
    });
    let example = || format!("write it like {}", written(kind.name, kind.defaults));
    match numbers {
        Some(numbers) if numbers.len() == kind.defaults.len() => {
            (kind.make)(&numbers, policy).or_else(|reason| refuse(&reason.to_string(), example()))
        }
        Some(_) => refuse(&format!("{name} takes {} parameter(s)", kind.defaults.len()), example()),
        None => refuse("a parameter is not a number", example()),
    }
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
pub fn parse_list<'p>(text: &str, policy: &Policy<'p>) -> Result<Vec<Rule<'p>>> {
    let mut rules: Vec<Rule<'p>> = Vec::new();
    let mut add = |text: &str| -> Result<()> {
        let rule = parse(text, policy)?;
        if rules.iter().all(|known| name(known) != name(&rule)) {
            rules.push(rule);
        }
        Ok(())
    };
    for item in split(text) {
        match item.trim() {
            ALL => KINDS.iter().try_for_each(|kind| add(kind.name))?,
            item => add(item)?,
        }
    }
    Ok(rules)
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
    match rule {
        Rule::Fixed(rule) => written("fixed", &[rule.alpha()]),
        Rule::Bound(rule) => written("bound", &[rule.share()]),
        Rule::Random(_) => written("random", &[]),
        Rule::Around(rule) => written("around", &[rule.spread()]),
        Rule::Armijo(rule) => written("armijo", &rule.parameters()),
        Rule::Lin(rule) => written("lin", &rule.parameters()),
        Rule::Cauchy(_) => written("cauchy", &[]),
        Rule::Bb1(_) => written("bb1", &[]),
        Rule::Bb2(_) => written("bb2", &[]),
        Rule::Abb(_) => written("abb", &[]),
        Rule::Silver(_) => written("silver", &[]),
        Rule::Decay(rule) => written("decay", &rule.parameters()),
        Rule::Cosine(rule) => written("cosine", &[rule.share()]),
        Rule::Learned(_) => written("learned", &[]),
        // Core may gain rules that have no name here yet.
        other => format!("{other:?}"),
    }
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
        assert_eq!(all.len(), KINDS.len());
        for (printed, kind) in all.iter().zip(KINDS) {
            assert_eq!(name(&parse(printed, &policy()).unwrap()), *printed);
            assert_eq!(*printed, written(kind.name, kind.defaults));
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
        assert_eq!(names("learned,all").len(), KINDS.len());
    }

    #[test]
    fn refusals_tell_what_to_write_instead() {
        assert_eq!(
            refusal("newton"),
            "rule 'newton': there is no such rule; use one of fixed, bound, random, around, armijo, \
             lin, cauchy, bb1, bb2, abb, silver, decay, cosine, learned"
        );
        assert_eq!(
            refusal("bound(1.5)"),
            "rule 'bound(1.5)': bound(c) needs c between 0 and 1; write it like bound(0.95)"
        );
        assert!(refusal("armijo(0.1)").contains("armijo takes 3 parameter(s)"));
        assert!(refusal("cauchy(1)").contains("cauchy takes 0 parameter(s); write it like cauchy"));
        assert!(refusal("bound(half)").contains("not a number; write it like bound(0.95)"));
        assert!(refusal("bound(0.5").contains("parenthesis"));
        assert!(refusal("fixed(NaN)").contains("positive, finite a"));
        assert!(refusal("").contains("no such rule"));
        assert!(parse_list("bound,,abb", &policy()).is_err());
    }
}
