//! All figures as one HTML file that needs nothing beside it, and the claims as a table.

use std::fmt::Write;

use maud::{Markup, PreEscaped, html};

use super::plate::{Plate, Table};
use super::setup::{Scale, Setup};
use crate::html::page;

/// The report.
///
/// # Errors
///
/// An error of the drawing library, which no input can cause.
pub fn html(scale: Scale, setup: &Setup, plates: &[Plate]) -> Result<String, String> {
    let pictures = plates.iter().map(|plate| plate.picture.svg()).collect::<Result<Vec<_>, _>>()?;
    let body = html! {
        h1 { "The paper, reproduced" }
        p {
            "Subramanian, Ganapathiram & El Gamal, " i { "Efficient learning rate schedules for stochastic non-negative "
            "matrix factorization via reinforcement learning" } " (ICLR 2023 Tiny Papers): every experiment, repeated. "
            (problem(setup))
        }
        h2 { "The paper's claims" }
        table.words {
            tr { th { "claim" } th { "" } th { "measured" } th { "command" } }
            @for claim in plates.iter().flat_map(|plate| &plate.claims) {
                tr {
                    td { (claim.claim) } td { b { (claim.verdict.word()) } } td { (claim.evidence) }
                    td { code { (command(scale, claim.figure)) } }
                }
            }
        }
        @for (plate, picture) in plates.iter().zip(pictures) { (section(plate, &picture)) }
    };
    Ok(page("tinynmf: the paper, reproduced", &body))
}

/// The problem in words.
fn problem(setup: &Setup) -> String {
    format!(
        "V is {} × {} of planted random sparse factors of rank {}, scaled so that the first bound 2/L is about 0.1; \
         gradients are from mini-batches of {} %; runs take {} epochs; an episode is solved at F < 10.",
        setup.rows,
        setup.columns,
        setup.rank,
        100.0 * setup.batch,
        setup.epochs
    )
}

fn section(plate: &Plate, picture: &str) -> Markup {
    html! {
        h2 { @if plate.id == "a3" { "Theorem A.3" } @else { "Figure " (plate.id) } ": " (plate.title) }
        p { b { "The paper: " } (plate.paper) }
        p { b { "Measured: " } @for sentence in &plate.measured { (sentence) " " } }
        @for claim in &plate.claims { p { b { (claim.verdict.word()) } ": " (claim.claim) } }
        (PreEscaped(picture))
        @if !plate.summary.rows.is_empty() { div.wide { (table(&plate.summary)) } }
    }
}

fn table(it: &Table) -> Markup {
    html! {
        table {
            tr { @for name in &it.header { th { (name) } } }
            @for row in &it.rows { tr { @for cell in row { td { (cell) } } } }
        }
    }
}

/// The command that makes a figure.
fn command(scale: Scale, figure: &str) -> String {
    let scale = match scale {
        Scale::Small => "small",
        Scale::Paper => "paper",
    };
    format!("tinynmf reproduce --figure {figure} --scale {scale} --out DIR")
}

/// The claims as CSV.
#[must_use]
pub fn claims(scale: Scale, plates: &[Plate]) -> Table {
    let mut table = Table::new(&["claim", "verdict", "measured", "command"]);
    for claim in plates.iter().flat_map(|plate| &plate.claims) {
        table.row([
            claim.claim.to_owned(),
            claim.verdict.word().to_owned(),
            claim.evidence.clone(),
            command(scale, claim.figure),
        ]);
    }
    table
}

/// The claims as text of at most 80 columns.
#[must_use]
pub fn text(plates: &[Plate]) -> String {
    let mut text = String::new();
    for claim in plates.iter().flat_map(|plate| &plate.claims) {
        let line = format!("{:<9} {}", claim.verdict.word(), claim.claim);
        let _ = writeln!(text, "{}", wrapped(&line, "          "));
    }
    text
}

/// Breaks a line at 79 columns; what follows is indented.
fn wrapped(line: &str, indent: &str) -> String {
    let (mut text, mut column) = (String::new(), 0);
    for word in line.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > 79 {
            let _ = write!(text, "\n{indent}");
            column = indent.len();
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length.max(1);
    }
    text
}
