//! Whether two files that belong together name their rows, or their columns, alike.

use tinynmf::error::{Error, Result};

use super::missing::V;

/// A side of a matrix whose entries have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Rows,
    Columns,
}

/// Refuses a file, `name`, that has other names than V on this side, or the same in another order. Numbers in order, from 0
/// or 1, are no names: programs write them where there are none.
pub fn agree(name: &str, names: Option<&[String]>, v: &V, side: Side) -> Result<()> {
    let (kind, of_v) = match side {
        Side::Rows => ("row", v.names()[0]),
        Side::Columns => ("column", v.names()[1]),
    };
    let (Some(names), Some(of_v)) = (given(names), given(of_v)) else { return Ok(()) };
    let Some(at) = names.iter().zip(of_v).position(|(a, b)| a != b) else { return Ok(()) };
    let problem = format!("{kind} {} is {:?}, but {:?} in {}", at + 1, names[at], of_v[at], v.name);
    let remedy = format!("give both files the same {kind}s in the same order");
    Err(Error::format(name, problem, remedy))
}

/// Names that are not just numbers in order.
fn given(names: Option<&[String]>) -> Option<&[String]> {
    let count = |from: usize| {
        move |names: &&[String]| {
            names.iter().enumerate().all(|(at, name)| *name == (at + from).to_string())
        }
    };
    names.filter(|names| !count(0)(names) && !count(1)(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_order_are_no_names() {
        let names = |words: &str| words.split(' ').map(str::to_owned).collect::<Vec<_>>();
        for words in ["0 1 2", "1 2 3"] {
            assert_eq!(given(Some(&names(words))), None, "{words}");
        }
        for words in ["1 0 2", "a b", "2 3", "1990 1991"] {
            assert!(given(Some(&names(words))).is_some(), "{words}");
        }
    }
}
