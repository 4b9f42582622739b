//! One factorisation, from the matrix that was read to the files and the lines that tell of it.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::time::Instant;

use tinynmf::error::{Error, Result};
use tinynmf::factorize::{Factorization, Options, Seen};
use tinynmf::interrupt;
use tinynmf::matrix::{Pictures, write_npy};
use tinynmf::output::OutputFolder;
use tinynmf::sound::Sound;
use tinynmf::source::Source;
use tinynmf::text::{readable, shown};
use tinynmf_core::Rule;
use tinynmf_lab::parts::{self, About};

use super::extras::{PAGE, part_file};
use super::{Args, START};
use crate::cli::missing::V;
use crate::cli::options::progress;
use crate::cli::{print, warn};

/// A factorisation that the command line asks for.
pub(super) struct Task<'a> {
    pub args: &'a Args,
    pub name: &'a str,
    pub v: &'a V,
    /// The sound to take apart, if its parts are to be heard.
    pub sound: Option<Sound>,
    /// The pictures that V is made of, if parts are drawn.
    pub pictures: Option<Pictures>,
    pub folder: &'a OutputFolder,
    /// Whether the folder was made for this.
    pub fresh: bool,
}

impl Task<'_> {
    pub fn run<V: Source>(&self, v: &V, options: &Options<'_, Rule<'_>>) -> Result<()> {
        let Self { args, folder, v: v_read, .. } = self;
        let begun = Instant::now();
        for (what, unknown) in ["row", "column"].into_iter().zip(v.unknown()) {
            if let [first, others @ ..] = &unknown[..] {
                let others = match others.len() {
                    0 => String::new(),
                    count => format!(" and {count} more"),
                };
                warn(&format!(
                    "no entry of {what} {}{others} is known: 0 stands for its parts",
                    first + 1
                ));
            }
        }
        let steps = u64::from(args.epochs) * args.starts as u64;
        let bar = progress(steps, "epochs");
        let is_shown = std::io::stderr().is_terminal();
        let costs = std::sync::Mutex::new(vec![0.0_f64; args.starts]);
        let listener = interrupt::listen();
        let observer = |seen: &Seen<'_>| {
            if is_shown && let Ok(mut costs) = costs.lock() {
                costs[seen.start] = seen.cost;
                bar.set_position((costs.iter().sum::<f64>() as u64).min(steps));
            }
            if listener.asked() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let found = options.clone().observer(&observer).fit(v)?;
        drop(listener);
        bar.finish_and_clear();
        if found.diverged {
            if self.fresh {
                // Empty unless somebody else uses it by now.
                let _ = std::fs::remove_dir(folder.path());
            }
            let problem = format!("{} made this run diverge; nothing was written", self.name);
            return Err(Error::argument(
                "--rule",
                problem,
                "choose another rule or a smaller step",
            ));
        }
        let seconds = begun.elapsed().as_secs_f64();
        let mut results = folder.stage()?;
        if args.save_start {
            let start = options.clone().max_epochs(0).starts(1).fit(v)?;
            results.save(START[0], |path| write_npy(path, start.rows, start.rank, &start.w))?;
            results.save(START[1], |path| write_npy(path, start.rank, start.columns, &start.h))?;
        }
        found.save(&mut results, v_read.names(), args.output_format)?;
        if let Some(sound) = &self.sound {
            for (part, samples) in sound.parts(&found.w, &found.h, found.rank)?.iter().enumerate() {
                let bytes = sound.wav(samples)?;
                results.write(&part_file(part + 1, "wav"), |file| file.write_all(&bytes))?;
            }
        }
        let pictures = self.drawn(&found)?;
        if args.extras.pictures {
            for (part, bytes) in pictures.iter().enumerate() {
                results.write(&part_file(part + 1, "png"), |file| file.write_all(bytes))?;
            }
        }
        if args.extras.report {
            let page = self.page(&found, &pictures, seconds)?;
            results.write(PAGE, |file| file.write_all(page.as_bytes()))?;
        }
        let earlier = args.earlier_files();
        results.drop_others(|name| earlier.iter().any(|it| it == name))?;
        results.commit()?;
        self.report(&found)
    }

    /// A picture a part, where the rows of V are pictures that somebody will look at.
    fn drawn(&self, found: &Factorization) -> Result<Vec<Vec<u8>>> {
        let Some(pictures) = self.pictures else { return Ok(Vec::new()) };
        found.h.chunks(found.columns).map(|part| pictures.png(part)).collect()
    }

    /// The page that shows what was found.
    fn page(&self, found: &Factorization, pictures: &[Vec<u8>], seconds: f64) -> Result<String> {
        let about = About {
            input: &self.v.name,
            rule: self.name,
            seed: self.args.seed.wrapping_add(found.start as u64),
            seconds,
            names: self.v.names(),
            pictures,
        };
        let page = parts::report(found, &about, |row| self.v.row(row));
        page.map_err(|problem| Error::argument("--report", problem, "leave --report out"))
    }

    fn report(&self, found: &Factorization) -> Result<()> {
        let Self { args, name, folder, .. } = self;
        let ending = args.output_format.extension();
        let page = if args.extras.report { ", report.html" } else { "" };
        let parts: String = args
            .extras
            .part_files(found.rank)
            .map(|files| match &files[..] {
                [first, .., last] => format!(", {first} to {last}"),
                _ => format!(", {}", files.concat()),
            })
            .collect();
        let best = if args.starts > 1 {
            format!(" (the best of {} starts)", args.starts)
        } else {
            String::new()
        };
        print(&format!(
            "rule            {name}, seed {}{best}\n\
             ending          {}\n\
             loss            {} (start: {})\n\
             relative error  {}\n\
             written         {}: w.{ending} ({} x {}), h.{ending} ({} x {}), loss.csv{parts}{page}\n",
            args.seed.wrapping_add(found.start as u64),
            found.ending("--epochs"),
            readable(found.loss),
            readable(found.history[0].objective),
            readable(found.relative_error),
            shown(folder.path()),
            found.rows,
            found.rank,
            found.rank,
            found.columns,
        ))?;
        if !found.stopped {
            return Ok(());
        }
        let place = shown(&args.out);
        Err(Error::Stopped {
            when: format!(
                "after {} epochs' worth of work, and {place} holds the best so far",
                readable(found.cost as f32)
            ),
            remedy: format!("add --start {place} to go on from there"),
        })
    }
}
