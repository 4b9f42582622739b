//! Which columns of a table are names of its rows, and which are numbers of the matrix.

use serde_json::Value;

use super::{Kind, Schema, Table};
use crate::error::{Error, Result};
use crate::matrix::options::{Choice, ReadOptions};
use crate::matrix::text::names::{are_keys, counts, is_key, is_title};

/// The columns by what they are for.
pub(super) struct Roles {
    /// Names of rows.
    pub names: Vec<usize>,
    /// Numbers.
    pub numbers: Vec<usize>,
    /// Assumptions, as sentences for the user.
    pub notes: Vec<String>,
}

impl Roles {
    pub(super) fn of(table: &impl Table, options: ReadOptions) -> Result<Self> {
        let columns = &table.schema().columns;
        let index = match options.index {
            Choice::No => Vec::new(),
            Choice::Yes => (0..columns.len()).take(1).collect(),
            Choice::Auto => index(table)?,
        };
        let mut notes = vec!["column names from the schema".to_owned()];
        let is_name = |at: &usize| !matches!(columns[*at].1, Kind::Other(_));
        let (names, left_out): (Vec<usize>, Vec<usize>) = index.into_iter().partition(is_name);
        if !names.is_empty() {
            notes.push(format!("row names from {}", list(columns, &names)));
        }
        if !left_out.is_empty() {
            notes.push(format!("the index {} left out", list(columns, &left_out)));
        }
        let is_number = |at: &usize| !names.contains(at) && !left_out.contains(at);
        let numbers: Vec<usize> = (0..columns.len()).filter(is_number).collect();
        for at in &numbers {
            let (column, kind) = &columns[*at];
            let what = match kind {
                Kind::Text => "text",
                Kind::Other(what) => what,
                Kind::Numbers => continue,
            };
            let problem = format!("column {column:?} holds {what}");
            let remedy = "save only the columns that are numbers, or make them the index";
            return Err(Error::format(table.name(), problem, remedy));
        }
        Ok(Self { names, numbers, notes })
    }
}

fn list(columns: &[(String, Kind)], listed: &[usize]) -> String {
    let quoted: Vec<String> = listed.iter().map(|at| format!("{:?}", columns[*at].0)).collect();
    format!("column {}", quoted.join(" and "))
}

/// The columns that hold the names of the rows, if that is certain.
fn index(table: &impl Table) -> Result<Vec<usize>> {
    let Schema { rows, columns, pandas } = table.schema();
    let of_pandas = pandas.as_deref().map(index_of_pandas).unwrap_or_default();
    let place = |name: &String| columns.iter().position(|(column, _)| column == name);
    let found: Vec<usize> = of_pandas.iter().filter_map(place).collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let Some((name, kind)) = columns.first().filter(|_| columns.len() > 1) else {
        return Ok(Vec::new());
    };
    if *kind == Kind::Text || (*kind == Kind::Numbers && is_title(name)) {
        return Ok(vec![0]);
    }
    if *kind != Kind::Numbers || *rows < 2 {
        return Ok(Vec::new());
    }
    let numbers = &table.numbers(&[0])?[0];
    let what = if is_key(name) && are_keys(numbers) {
        "looks like a key"
    } else if *rows > 2 && counts(numbers, None) {
        "counts"
    } else {
        return Ok(Vec::new());
    };
    let problem = format!("column {name:?} {what}, and can be row names or numbers");
    Err(Error::format(table.name(), problem, "say --index yes or --index no"))
}

/// The names of the columns in which pandas kept the index; a range is kept in none.
fn index_of_pandas(metadata: &str) -> Vec<String> {
    let metadata: Value = serde_json::from_str(metadata).unwrap_or_default();
    let columns = metadata["index_columns"].as_array();
    columns.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
