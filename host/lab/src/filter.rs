//! Parts of what could be measured, chosen by names with wildcards.

use glob::Pattern;
use tinynmf::error::{Error, Result};

/// Those of `all` whose name one of the `patterns` matches, in their order; all of them without patterns.
///
/// In a pattern `*` stands for any characters and `?` for one.
///
/// # Errors
///
/// A pattern of the option `option` that matches nothing, with the names that there are.
pub fn chosen<T>(
    option: &'static str,
    patterns: &[Pattern],
    all: Vec<T>,
    name: impl Fn(&T) -> String,
) -> Result<Vec<T>> {
    let names: Vec<String> = all.iter().map(name).collect();
    if let Some(idle) = patterns.iter().find(|it| !names.iter().any(|name| it.matches(name))) {
        let problem = format!("nothing is called '{idle}'");
        let remedy = format!("there are: {}", names.join("; "));
        return Err(Error::argument(option, problem, remedy));
    }
    let wanted = |name: &str| patterns.is_empty() || patterns.iter().any(|it| it.matches(name));
    Ok(all.into_iter().zip(names).filter(|(_, name)| wanted(name)).map(|(it, _)| it).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_choose_by_name_and_none_may_be_idle() {
        let choose = |patterns: &[&str]| {
            let patterns: Vec<_> = patterns.iter().map(|it| Pattern::new(it).unwrap()).collect();
            chosen("--family", &patterns, vec!["40x30 r4", "64x48 r8", "64x32 r4"], |it| {
                (*it).to_owned()
            })
        };
        assert_eq!(choose(&[]).unwrap().len(), 3);
        assert_eq!(choose(&["*r4"]).unwrap(), ["40x30 r4", "64x32 r4"]);
        assert_eq!(choose(&["64x48*", "40x30 r?"]).unwrap(), ["40x30 r4", "64x48 r8"]);
        let refusal = choose(&["*r4", "digits"]).unwrap_err().to_string();
        assert_eq!(
            refusal,
            "--family: nothing is called 'digits'; there are: 40x30 r4; 64x48 r8; 64x32 r4"
        );
    }
}
