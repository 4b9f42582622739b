//! Results besides W, H and the losses.

use std::path::Path;

use tinynmf::error::{Error, Result};
use tinynmf::matrix::Pictures;
use tinynmf::sound::Sound;
use tinynmf::text::shown;

/// The page that shows what was found.
pub(super) const PAGE: &str = "report.html";

/// Results that are asked for besides the factors.
#[derive(Debug, clap::Args)]
pub(super) struct Extras {
    /// Also write report.html: the loss, the parts drawn, the worst rows
    #[arg(long)]
    pub report: bool,

    /// Also write part1.wav, part2.wav, ...: what each part of a .wav file sounds
    /// like; they add up to it
    #[arg(long)]
    pub sounds: bool,

    /// Also write part1.png, part2.png, ...: what each part of a folder of
    /// pictures looks like; its largest entry is white
    #[arg(long)]
    pub pictures: bool,
}

impl Extras {
    /// The files of sounds and of pictures, a part each; empty where they are not asked for.
    pub fn part_files(&self, rank: usize) -> impl Iterator<Item = Vec<String>> {
        let kinds = [("wav", self.sounds), ("png", self.pictures)].into_iter();
        kinds
            .filter(|(_, asked)| *asked)
            .map(move |(ending, _)| (1..=rank).map(|part| part_file(part, ending)).collect())
    }

    /// The sound whose parts are to be heard.
    pub fn sound(&self, input: &Path) -> Result<Option<Sound>> {
        if !self.sounds {
            return Ok(None);
        }
        if input == Path::new("-") {
            let problem = "a sound is read twice, and standard input only once";
            return Err(Error::argument("--sounds", problem, "name a file"));
        }
        Sound::read(input).map(Some)
    }

    /// The pictures whose parts are to be seen, or are drawn on the page.
    pub fn pictures(&self, input: &Path) -> Result<Option<Pictures>> {
        let found = if self.report || self.pictures { Pictures::of(input)? } else { None };
        if self.pictures && found.is_none() {
            let problem = format!("{} is no folder of .png pictures", shown(input));
            return Err(Error::argument("--pictures", problem, "leave it out, or name a folder"));
        }
        Ok(found)
    }
}

/// The file of a part's sound or picture, by its number from 1.
pub(super) fn part_file(part: usize, ending: &str) -> String {
    format!("part{part}.{ending}")
}
