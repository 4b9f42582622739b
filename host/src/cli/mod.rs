//! The command line: the commands, their options, and the functions that run them.

mod boards;
mod compare;
mod demo;
mod evaluate;
mod export;
mod factorize;
mod inspect;
mod missing;
mod monitor;
mod names;
mod options;
mod race;
mod ranks;
mod reproduce;
mod study;
mod train;
mod transform;

use std::io::{self, Write};
use std::path::Path;
use tinynmf::text::one_line;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use tinynmf::error::{EXIT_CODES, Error, Result};

/// Non-negative matrix factorisation that picks its own learning rate.
#[derive(Debug, Parser)]
#[command(name = "tinynmf", version, max_term_width = 80, disable_help_subcommand = true)]
#[command(after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::Args),
    Factorize(Box<factorize::Args>),
    Transform(transform::Args),
    Compare(compare::Args),
    Evaluate(evaluate::Args),
    Race(race::Args),
    Train(train::Args),
    Export(export::Args),
    Inspect(inspect::Args),
    Study(study::Args),
    Boards(boards::Args),
    Monitor(monitor::Args),
    Reproduce(reproduce::Args),
}

/// Does what the command line asks for.
///
/// # Errors
///
/// Whatever the user can put right. Help and version are printed, and are no errors.
pub fn run() -> Result<()> {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if !error.use_stderr() => return print(&error.render().to_string()),
        Err(error) => return Err(sentence(&error)),
    };
    match cli.command {
        Command::Demo(args) => demo::run(&args),
        Command::Factorize(args) => factorize::run(&args),
        Command::Transform(args) => transform::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Race(args) => race::run(&args),
        Command::Train(args) => train::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Study(args) => study::run(&args),
        Command::Boards(args) => boards::run(&args),
        Command::Monitor(args) => monitor::run(&args),
        Command::Reproduce(args) => reproduce::run(&args),
    }
}

/// Prints to stdout; a reader that has closed its end has read enough.
fn print(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::write(Path::new("standard output"), error))
        }
        _ => Ok(()),
    }
}

/// Says on stderr what went wrong without being in the way of the result.
fn warn(text: &str) {
    // Where stderr is closed, nobody is there to be warned.
    let _ = writeln!(io::stderr(), "tinynmf: warning: {}", one_line(text));
}

/// Clap's message of several lines, as one sentence.
fn sentence(error: &clap::Error) -> Error {
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let known = "use one of those that `tinynmf --help` lists";
        return Error::argument("command line", "there is no command", known);
    }
    let text = error.render().to_string();
    let problem = text.split("\n\n").next().unwrap_or(&text).trim_start_matches("error: ");
    let tip = text.lines().find_map(|line| line.trim_start().strip_prefix("tip: "));
    let remedy = tip.unwrap_or("add --help for the options");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Error::argument("command line", words(problem), words(remedy))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    fn refusal(line: &str) -> String {
        sentence(&Cli::try_parse_from(line.split_whitespace()).unwrap_err()).to_string()
    }

    #[test]
    fn the_definitions_are_sound_and_the_help_fits_80_columns() {
        let mut command = Cli::command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands_mut() {
            let help = sub.render_long_help().to_string();
            assert!(help.lines().all(|line| line.chars().count() <= 80), "{help}");
            assert!(help.contains("tinynmf "), "{help}");
        }
    }

    #[test]
    fn the_readme_has_the_exit_codes() {
        assert!(include_str!("../../../README.md").contains(EXIT_CODES));
        assert!(Cli::command().render_help().to_string().contains(EXIT_CODES));
    }

    #[test]
    fn wrong_usage_is_told_in_one_sentence() {
        assert_eq!(
            refusal("tinynmf factorize --rank 2 --out o"),
            "command line: the following required arguments were not provided: --input <V>; \
             add --help for the options"
        );
        assert_eq!(
            refusal("tinynmf factorise"),
            "command line: unrecognized subcommand 'factorise'; \
             a similar subcommand exists: 'factorize'"
        );
        assert!(refusal("tinynmf").contains("there is no command"));
        let batch = refusal("tinynmf compare --input v.npy --rank 2 --batch -1");
        assert!(
            batch.contains("'-1' for '--batch <F>': a share is above 0 and at most 1"),
            "{batch}"
        );
        for line in ["--rank x", "--rank 2 --seeds 0", "--rank 2 --epochs 0", "--rank 2 --wat"] {
            let refusal = refusal(&format!("tinynmf compare --input v.npy {line}"));
            assert_eq!(refusal.lines().count(), 1, "{refusal}");
        }
    }
}
