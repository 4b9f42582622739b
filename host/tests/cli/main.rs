//! The `tinynmf` program as its users meet it.

#[cfg(unix)]
mod faults;
#[cfg(target_os = "linux")]
mod mapped;
mod modes;
mod race;
mod reading;
mod refusals;
mod reproduce;
mod results;
mod training;

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A folder of its own to run the program in.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    /// `tinynmf` in this folder with the words of `line`.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tinynmf"));
        command.current_dir(self.0.path()).args(line.split_whitespace());
        command
    }

    fn run(&self, line: &str) -> Output {
        self.command(line).output().unwrap()
    }

    /// Output of `line`, once it has succeeded with nothing on stderr but how a matrix was read.
    fn print(&self, line: &str) -> String {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {output:?}");
        let stderr = str::from_utf8(&output.stderr).unwrap();
        // How a matrix was read, how a training stands, what a picture leaves out.
        let known = |line: &str| {
            ["read ", "after ", "the picture shows "].iter().any(|word| line.starts_with(word))
        };
        assert!(stderr.lines().all(known), "{line}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The one sentence with which `line` is refused as it stands; nothing in the folder has changed.
    fn refusal(&self, line: &str) -> String {
        self.told(line, 2)
    }

    /// The one sentence with which `line` ends, before it has changed anything in the folder, and its exit code.
    fn told(&self, line: &str, code: i32) -> String {
        let before = self.names();
        let output = self.run(line);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{line}: {stderr}");
        assert!(output.stdout.is_empty(), "{line}");
        assert!(stderr.ends_with('\n'), "{line}: {stderr}");
        let told: Vec<&str> = stderr.lines().filter(|line| !line.starts_with("read ")).collect();
        assert!(told.len() == 1 && told[0].starts_with("tinynmf: "), "{line}: {stderr}");
        assert!(!stderr.contains("panicked"), "{line}: {stderr}");
        assert_eq!(self.names(), before, "{line}");
        told[0].trim_start_matches("tinynmf: ").to_owned()
    }

    /// Everything in the folder and below, sorted.
    fn names(&self) -> Vec<PathBuf> {
        fn collect(folder: &Path, names: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    collect(&path, names);
                }
                names.push(path);
            }
        }
        let mut names = Vec::new();
        collect(self.0.path(), &mut names);
        names.sort();
        names
    }

    /// The file names in a folder, sorted.
    fn files(&self, folder: &str) -> Vec<String> {
        let of = |path: &Path| path.file_name().and_then(OsStr::to_str).unwrap().to_owned();
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| of(&entry.unwrap().path())).collect();
        names.sort();
        names
    }
}

/// A `.npy` file with the given header fields and content.
fn npy(descr: &str, shape: &str, body: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00".as_slice(), &length, header.as_bytes(), body].concat()
}

/// A `.npy` file of f32 in `rows` rows.
fn floats(rows: usize, entries: &[f32]) -> Vec<u8> {
    let body: Vec<u8> = entries.iter().flat_map(|entry| entry.to_le_bytes()).collect();
    npy("<f4", &format!("({rows}, {})", entries.len().checked_div(rows).unwrap_or(0)), &body)
}

/// A 12 × 9 matrix of rank 3 with some noise.
fn planted() -> Vec<f32> {
    let wave = |k: usize, i: usize| 1.0 + ((k * k + 2) as f32 * 0.7 * i as f32).sin();
    let entry = |i, j| {
        let product: f32 = (0..3).map(|k| wave(k, i) * wave(k + 3, j)).sum();
        product + 0.1 * wave(7, i * 9 + j)
    };
    (0..12 * 9).map(|index| entry(index / 9, index % 9)).collect()
}
