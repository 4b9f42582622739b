//! Content of an image: bytes of flash, and functions by their names.

use std::path::Path;

use object::{Object, ObjectSection, ObjectSymbol, SectionFlags};

use super::build::{RELEASE, SMALL, build};
use super::log::image;
use super::{Cost, DeviceError};

/// An image's contents, as its ELF file tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Bytes of flash: code, constants, and the start values of variables.
    pub flash: u64,
    /// The names of functions and variables, mangled.
    pub symbols: Vec<String>,
}

impl Contents {
    /// Reads an ELF file.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Io`]; [`DeviceError::Build`] for a file that is none.
    pub fn read(elf: &Path) -> Result<Self, DeviceError> {
        let bytes = image(elf)?;
        let file =
            object::File::parse(&*bytes).map_err(|error| DeviceError::Build(error.to_string()))?;
        let loaded = |flags| match flags {
            SectionFlags::Elf { sh_flags } => sh_flags & u64::from(object::elf::SHF_ALLOC) != 0,
            _ => false,
        };
        let in_file = |section: &object::Section<'_, '_>| section.file_range().is_some();
        let flash = file
            .sections()
            .filter(|section| loaded(section.flags()) && in_file(section))
            .map(|section| section.size())
            .sum();
        let symbols = file.symbols().filter_map(|symbol| Some(symbol.name().ok()?.to_owned()));
        Ok(Self { flash, symbols: symbols.collect() })
    }
}

/// Flash of a factorisation on a target: with the policy that ships (`firmware/proof/src/learned.rs`), with that of
/// schedules, and of sweeps without one.
///
/// # Errors
///
/// As [`build`].
pub fn flash(target: &'static str) -> Result<Vec<Cost>, DeviceError> {
    let weigh = |(profile, binary, what): (&str, &str, &str)| {
        let elf = build(target, profile, &["--package", "tinynmf-proof", "--bin", binary])?;
        Ok(Cost { what: what.to_owned(), per: 1, count: Contents::read(&elf)?.flash })
    };
    let weighed = [
        (RELEASE, "learned", "flash"),
        (SMALL, "learned", "flash, profile small"),
        (SMALL, "scheduled", "flash, profile small, schedule"),
        (SMALL, "swept", "flash, profile small, sweeps without policy"),
    ];
    weighed.into_iter().map(weigh).collect()
}
