//! The frame of every report: one HTML file that needs nothing beside it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "
body { font: 16px/1.5 Inter, Helvetica, Arial, sans-serif; color: #222; max-width: 1080px; margin: 2em auto; padding: 0 1em }
h1, h2, h3 { line-height: 1.2; margin: 2em 0 .5em } h1 { margin-top: 0 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px }
th, td { text-align: right; padding: .2em .8em; border-bottom: 1px solid #e9e9e9; white-space: nowrap }
th { border-bottom-color: #aaa; font-weight: 600 } th:first-child, td:first-child { text-align: left; padding-left: 0 }
table.words th, table.words td { text-align: left; white-space: normal; vertical-align: top }
tr.learned td { font-weight: 600 } tr.ceiling td, tr.algorithm td { color: #696969 } tr.best td:first-child::after { content: ' ★' }
img.part { width: 132px; margin: 0 14px 14px 0; border: 1px solid #aaa; image-rendering: pixelated }
small { color: #696969 } svg { width: 100%; height: auto } .wide { overflow-x: auto }
";

/// A whole document.
#[must_use]
pub fn page(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    }
    .into_string()
}
