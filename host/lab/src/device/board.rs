//! The boards that are measured and compared: rows of `firmware/boards/boards.txt`, read by the compiler.

use std::process::Command;

use super::{DeviceError, RELEASE};

/// The table, which firmware, scripts and tests read too.
const TABLE: &str = include_str!("boards.txt");

/// A board of `firmware/boards`, and the machine that stands in for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Board {
    /// The board; its first image has this name.
    pub name: &'static str,
    /// The package of its images in the firmware workspace.
    pub package: &'static str,
    /// Rust target triple.
    pub target: &'static str,
    /// QEMU's program.
    pub emulator: &'static str,
    /// Debian's package that holds it.
    pub debian: &'static str,
    /// The processor.
    pub core: &'static str,
    /// QEMU's machine and its properties.
    pub machine: &'static str,
    /// Its images, as [`Board::build`] reads them: features, and a profile unless it is the release profile.
    pub images: &'static str,
}

/// An image of a board.
pub(super) struct NamedImage {
    /// The binary's name.
    pub binary: String,
    /// Its features of `firmware/app`, with commas.
    pub features: String,
    /// The profile that it is built in.
    pub profile: &'static str,
}

/// Every board with images of `firmware/boards`; what else is in the table has examples only.
pub const BOARDS: [Board; COUNT] = {
    let (mut boards, mut table) = ([row(TABLE); COUNT], TABLE);
    let mut k = 0;
    while k < COUNT {
        table = with_images(table);
        boards[k] = row(table);
        table = line(table).1;
        k += 1;
    }
    boards
};

const COUNT: usize = {
    let (mut count, mut table) = (0, with_images(TABLE));
    while !table.is_empty() {
        count += 1;
        table = with_images(line(table).1);
    }
    count
};

/// A Cortex-M4F.
pub const MPS2_AN386: Board = named("mps2-an386");

/// A Cortex-M0, whose flash does not hold all that an image can do.
pub const MICROBIT: Board = named("microbit");

/// The row of `name`; the compiler stops where the table has none.
const fn named(name: &str) -> Board {
    let mut k = 0;
    while !equal(BOARDS[k].name, name) {
        k += 1;
    }
    BOARDS[k]
}

/// The table from its first row on that has images.
const fn with_images(mut table: &'static str) -> &'static str {
    while !table.is_empty() && (table.as_bytes()[0] == b'#' || equal(row(table).images, "-")) {
        table = line(table).1;
    }
    table
}

/// The table's first line as a board.
const fn row(table: &'static str) -> Board {
    let mut text = line(table).0;
    let mut words = [""; 11];
    let mut k = 0;
    while k < words.len() {
        (words[k], text) = word(text);
        k += 1;
    }
    let [name, package, target, emulator, debian, core, machine, _flash, _ram, _problem, images] =
        words;
    Board { name, package, target, emulator, debian, core, machine, images }
}

/// The first line of `text`, and all that follows.
const fn line(text: &'static str) -> (&'static str, &'static str) {
    let mut end = 0;
    while end < text.len() {
        end += 1;
        if text.as_bytes()[end - 1] == b'\n' {
            break;
        }
    }
    text.split_at(end)
}

/// The first word of `text`, and all that follows.
const fn word(text: &'static str) -> (&'static str, &'static str) {
    let text = text.trim_ascii_start();
    let mut end = 0;
    while end < text.len() && !text.as_bytes()[end].is_ascii_whitespace() {
        end += 1;
    }
    text.split_at(end)
}

const fn equal(a: &str, b: &str) -> bool {
    let mut k = 0;
    while k < a.len() && k < b.len() && a.as_bytes()[k] == b.as_bytes()[k] {
        k += 1;
    }
    k == a.len() && k == b.len()
}

impl Board {
    /// Whether one of its images counts costs. A board that runs another's code has that one's counts.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.image("costs").is_some()
    }

    /// The image that has a feature of `firmware/app`.
    pub(super) fn image(&self, feature: &str) -> Option<NamedImage> {
        let mut images = self.images.split(',').enumerate();
        images.find_map(|(k, image)| {
            let (features, profile) = image.split_once('/').unwrap_or((image, RELEASE));
            features.split('+').any(|has| has == feature).then(|| NamedImage {
                binary: if k == 0 { self.name.into() } else { format!("{}-{features}", self.name) },
                features: features.replace('+', ","),
                profile,
            })
        })
    }

    /// Place of a run, as the table of identities names it: the emulator, and the machine if it has many.
    #[must_use]
    pub fn place(&self) -> String {
        let machine = self.machine.split(',').next().filter(|machine| !machine.is_empty());
        let names: Vec<_> = [self.emulator].into_iter().chain(machine).collect();
        names.join(" ")
    }

    /// Whether QEMU for this board is installed.
    #[must_use]
    pub fn is_emulated(&self) -> bool {
        Command::new(self.emulator).arg("--version").output().is_ok()
    }

    /// The error that says so where it is not.
    #[must_use]
    pub fn no_emulator(&self) -> DeviceError {
        DeviceError::NoEmulator { program: self.emulator, package: self.debian }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_board_or_has_examples_only() {
        let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
        let rows: Vec<Vec<_>> = rows.map(|line| line.split_whitespace().collect()).collect();
        assert!(rows.iter().all(|row| row.len() == 11), "{rows:?}");
        let (boards, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row[10] != "-");
        assert_eq!(boards.len(), BOARDS.len());
        for (row, board) in boards.iter().zip(&BOARDS) {
            let Board { name, package, target, emulator, debian, core, machine, images } = *board;
            assert_eq!(row[..7], [name, package, target, emulator, debian, core, machine]);
            assert_eq!(row[10], images);
        }
        // The memory of what has examples lies in the folder of the examples.
        assert!(others.iter().all(|row| row[7..] == ["-"; 4]), "{others:?}");
    }
}
