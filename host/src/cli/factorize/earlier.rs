//! What an earlier factorisation left in a folder: factors to start from, and files that a new one replaces.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use tinynmf::error::{Error, Result};
use tinynmf::factorize::{LOSS_COLUMNS, OutputFormat};
use tinynmf::text::shown;
use tinynmf_lab::parts::HEADING;

use super::START;
use super::extras::PAGE;

/// The files of W and H in `folder`, in whichever format they are.
pub(super) fn factors(folder: &Path) -> Result<[PathBuf; 2]> {
    let files = |format: OutputFormat| {
        let [w, h, _] = format.files();
        [w, h].map(|name| folder.join(name))
    };
    let [npy, csv] = [OutputFormat::Npy, OutputFormat::Csv].map(files);
    match [&npy, &csv].map(|pair| pair.iter().any(|path| path.exists())) {
        [true, true] => {
            let problem = format!("{} holds factors as .npy and as .csv", shown(folder));
            Err(Error::argument("--start", problem, "name two of them with --w0 and --h0"))
        }
        [false, true] => Ok(csv),
        _ => Ok(npy),
    }
}

/// The names of files in `folder` that an earlier run wrote there; none of the `inputs` of this one is among them.
///
/// A folder without the losses of a run holds nothing of one.
pub(super) fn files<'p>(folder: &Path, inputs: impl IntoIterator<Item = &'p Path>) -> Vec<String> {
    let mut first = String::new();
    let losses = File::open(folder.join("loss.csv"));
    let read = losses.and_then(|file| BufReader::new(file.take(64)).read_line(&mut first));
    if read.is_err() || first.trim_end() != LOSS_COLUMNS.join(",") {
        return Vec::new();
    }
    let inputs: Vec<PathBuf> =
        inputs.into_iter().filter_map(|it| fs::canonicalize(it).ok()).collect();
    let is_read = |name: &str| {
        let place = fs::canonicalize(folder.join(name)).unwrap_or_default();
        inputs.iter().any(|input| place == *input || place.parent() == Some(input))
    };
    let names = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = names.filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| is_result(folder, name) && !is_read(name)).collect()
}

/// Whether a run writes files of this name.
fn is_result(folder: &Path, name: &str) -> bool {
    let factors = [OutputFormat::Npy, OutputFormat::Csv].map(OutputFormat::files);
    if name == PAGE {
        // A name that others use as well.
        return fs::read_to_string(folder.join(name)).is_ok_and(|page| page.contains(HEADING));
    }
    factors.iter().flatten().any(|file| file == name) || START.contains(&name) || is_part(name)
}

/// Whether this is the name of a part's sound or picture.
fn is_part(name: &str) -> bool {
    let stem = name.strip_suffix(".wav").or_else(|| name.strip_suffix(".png"));
    let number = stem.and_then(|stem| stem.strip_prefix("part"));
    number
        .is_some_and(|it| it.parse::<usize>().is_ok_and(|part| part > 0 && part.to_string() == it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_run_wrote_is_of_one() {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let found = |inputs: &[&Path]| {
            let mut found = files(folder.path(), inputs.iter().copied());
            found.sort();
            found
        };
        for name in ["w.npy", "h0.npy", "part2.png", "part02.png", "part.wav", "parts.csv", "v.csv"]
        {
            put(name, "");
        }
        put("report.html", "<p>mine</p>");
        assert!(found(&[]).is_empty());
        put("loss.csv", "time,loss\n");
        assert!(found(&[]).is_empty());
        put("loss.csv", "epoch,cost,objective\n0,0,1\n");
        assert_eq!(found(&[]), ["h0.npy", "loss.csv", "part2.png", "w.npy"]);
        let input = folder.path().join("h0.npy");
        assert_eq!(found(&[&input]), ["loss.csv", "part2.png", "w.npy"]);
        assert!(found(&[folder.path()]).is_empty());
        put("report.html", "<h2>Parts: the rows of H</h2>");
        assert!(found(&[]).contains(&"report.html".to_owned()));
    }
}
