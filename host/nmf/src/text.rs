//! Text that came from outside, made safe to print: one line, and nothing that moves a terminal's cursor.

use std::path::Path;

/// The text on one line: control characters and those that turn the reading direction are written out,
/// as `\n` or `\u{1b}`.
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() || breaks_or_turns(letter) {
            line.extend(letter.escape_default());
        } else {
            line.push(letter);
        }
    }
    line
}

/// A path as every message and report shows it.
#[must_use]
pub fn shown(path: &Path) -> String {
    one_line(&path.to_string_lossy())
}

/// Separators of lines and paragraphs; embeddings, overrides and isolates of the reading direction.
fn breaks_or_turns(letter: char) -> bool {
    matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A number with four digits, as people read it: 0.1235, 1235, 1.235e10.
#[must_use]
pub fn readable(number: f32) -> String {
    const DIGITS: i32 = 4;
    let size = number.abs();
    if size == 0.0 || !size.is_finite() {
        return number.to_string();
    }
    if !(1e-4..1e6).contains(&size) {
        return format!("{number:.3e}");
    }
    // Rounding first, so that 9.9996 becomes 10.00.
    let rounded: f64 = format!("{number:.3e}").parse().unwrap_or(f64::from(number));
    let before = libm::floor(libm::log10(rounded.abs())) as i32 + 1;
    let decimals = (DIGITS - before).max(0) as usize;
    format!("{number:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_on_one_line_and_keeps_what_can_be_read() {
        assert_eq!(one_line("a\nb\r\tc\u{1b}[2J\u{202e}"), "a\\nb\\r\\tc\\u{1b}[2J\\u{202e}");
        let plain = "Prüfung-ü 行列.npy \\ 100 %";
        assert_eq!(one_line(plain), plain);
        assert_eq!(shown(Path::new("two\nlines.npy")), "two\\nlines.npy");
    }

    #[test]
    fn numbers_have_four_digits() {
        for (number, wanted) in [
            (0.0, "0"),
            (0.123_46, "0.1235"),
            (0.000_123_45, "0.0001234"),
            (9.999_6, "10.00"),
            (1234.56, "1235"),
            (999_999.0, "999999"),
            (12_345_678_901.0, "1.235e10"),
            (0.000_012_345, "1.234e-5"),
            (f32::INFINITY, "inf"),
        ] {
            assert_eq!(readable(number), wanted);
        }
    }
}
