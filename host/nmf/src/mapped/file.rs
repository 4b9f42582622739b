//! Lines of a `.npy` file as floats: rows, or columns where the file is by columns.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use memmap2::{Mmap, MmapOptions};
use multiversion::multiversion;
use rayon::prelude::*;

use super::GROUP;
use crate::error::{Error, Place, Result};
use crate::matrix::npy::{Element, Layout};
use crate::matrix::{LARGEST, checked, something};
use crate::text::shown;

/// More than the longest header of a file that is read.
const HEAD: u64 = 1 << 14;

/// Bytes between two wanted lines that are mapped with them: to read on takes less time than to begin anew.
const NEAR: usize = 1 << 16;

/// Bytes that are mapped at a time, but for a single line.
const WINDOW: usize = 1 << 26;

/// Entries that a thread turns into floats at least.
const SHARED: usize = 1 << 16;

/// A file that holds a matrix.
#[derive(Debug)]
pub struct MappedFile {
    pub name: String,
    /// Runs of the file that belong together, and the entries of each.
    pub lines: usize,
    pub width: usize,
    /// Whether lines are columns.
    pub column_major: bool,
    file: File,
    begin: u64,
    element: Element,
}

/// Lines of a file, ascending.
#[derive(Debug, Clone, Copy)]
pub enum Lines<'a> {
    /// The first, and how many.
    Run(usize, usize),
    /// These.
    Some(&'a [u32]),
}

impl<'a> Lines<'a> {
    pub fn run(first: usize, count: usize) -> Self {
        Self::Run(first, count)
    }

    pub fn len(self) -> usize {
        match self {
            Self::Run(_, count) => count,
            Self::Some(lines) => lines.len(),
        }
    }

    pub fn get(self, at: usize) -> usize {
        match self {
            Self::Run(first, _) => first + at,
            Self::Some(lines) => lines[at] as usize,
        }
    }

    /// Some of them, by their number.
    pub fn part(self, from: usize, count: usize) -> Self {
        match self {
            Self::Run(first, _) => Self::Run(first + from, count),
            Self::Some(lines) => Self::Some(&lines[from..from + count]),
        }
    }

    /// Parts of at most so many.
    pub fn groups(self, most: usize) -> impl Iterator<Item = Lines<'a>> {
        let len = self.len();
        (0..len).step_by(most).map(move |from| self.part(from, most.min(len - from)))
    }
}

impl MappedFile {
    pub fn open(path: &Path) -> Result<Self> {
        let name = shown(path);
        let fault = |source| Error::read(path, source);
        // Before it is opened, since a pipe would wait for whoever writes to it.
        if !fs::metadata(path).map_err(fault)?.is_file() {
            let problem = "only a regular file can be mapped";
            return Err(Error::format(&name, problem, "name a .npy file"));
        }
        let file = File::open(path).map_err(fault)?;
        let metadata = file.metadata().map_err(fault)?;
        let mut head = Vec::new();
        (&file).take(HEAD).read_to_end(&mut head).map_err(fault)?;
        let (layout, begin) = Layout::parse(&name, &head, metadata.len())?;
        let [rows, columns] = layout.sides(&name)?;
        let Layout { element, column_major, .. } = layout;
        something(&name, rows, columns, 1.0)?;
        let (lines, width) = if column_major { (columns, rows) } else { (rows, columns) };
        Ok(Self { name, lines, width, column_major, file, begin: begin as u64, element })
    }

    /// m and n.
    pub fn shape(&self) -> [usize; 2] {
        if self.column_major { [self.width, self.lines] } else { [self.lines, self.width] }
    }

    /// Bytes of all entries.
    pub fn bytes(&self) -> usize {
        self.lines * self.line_bytes()
    }

    /// Lines that are read at a time.
    pub fn group(&self) -> usize {
        (GROUP / self.width).max(1)
    }

    fn line_bytes(&self) -> usize {
        self.width * self.element.size
    }

    /// `lines` times `scale`, one below the other.
    pub fn load(&self, lines: Lines<'_>, scale: f32, out: &mut Vec<f32>) -> Result<()> {
        let (width, size) = (self.width, self.line_bytes());
        out.resize(lines.len() * width, 0.0);
        let mut from = 0;
        while from < lines.len() {
            let mut to = from + 1;
            let is_near = |to: usize| {
                let [first, last, line] = [from, to - 1, to].map(|at| lines.get(at));
                (line - last).saturating_sub(1) * size <= NEAR
                    && (line + 1 - first) * size <= WINDOW
            };
            while to < lines.len() && is_near(to) {
                to += 1;
            }
            let near = lines.part(from, to - from);
            self.load_near(near, scale, &mut out[from * width..to * width])?;
            from = to;
        }
        Ok(())
    }

    /// The same of lines that are mapped together.
    fn load_near(&self, lines: Lines<'_>, scale: f32, out: &mut [f32]) -> Result<()> {
        let (width, size) = (self.width, self.line_bytes());
        let first = lines.get(0);
        let map = self.map(first, lines.get(lines.len() - 1) + 1)?;
        let raw = |line: usize| &map[(line - first) * size..][..size];
        let floats = |(at, out): (usize, &mut [f32])| {
            (self.element.floats)(raw(lines.get(at)), out);
            let fine = are_usable(out);
            if scale.to_bits() != 1.0_f32.to_bits() {
                out.iter_mut().for_each(|v| *v *= scale);
            }
            fine
        };
        let threads = out.par_chunks_mut(width).with_min_len(SHARED.div_ceil(width));
        if threads.enumerate().map(floats).reduce(|| true, |a, b| a & b) {
            return Ok(());
        }
        // One at least is wrong, or -0.
        for (at, out) in out.chunks_exact_mut(width).enumerate() {
            let line = lines.get(at);
            let entries = raw(line).chunks_exact(self.element.size);
            for (across, (out, entry)) in out.iter_mut().zip(entries).enumerate() {
                let value = checked((self.element.decode)(entry)).map_err(|fault| {
                    let (row, column) =
                        if self.column_major { (across, line) } else { (line, across) };
                    let place = Place::Row(row + 1, column + 1);
                    Error::Entry { path: self.name.clone(), place, fault }
                })?;
                *out = value * scale;
            }
        }
        Ok(())
    }

    /// The bytes of lines `from` to `to`.
    #[allow(unsafe_code)]
    fn map(&self, from: usize, to: usize) -> Result<Mmap> {
        let fault = |source| Error::read(Path::new(&self.name), source);
        let size = self.line_bytes();
        let begin = self.begin + (from * size) as u64;
        let length = (to - from) * size;
        if self.file.metadata().map_err(fault)?.len() < begin + length as u64 {
            let problem = "the file became shorter while it was read";
            return Err(Error::format(&self.name, problem, "leave it as it is, and start again"));
        }
        let mut options = MmapOptions::new();
        // All of it is read at once, which page by page would take four times as long.
        options.offset(begin).len(length).populate();
        // SAFETY: nobody writes through this map. Whoever changes the file meanwhile changes numbers that are copied and
        // checked right after, and the map is gone by the end of the copy; a file that is cut off in this moment ends the
        // program by SIGBUS, which no check can exclude.
        let map = unsafe { options.map(&self.file) };
        map.map_err(fault)
    }
}

/// Whether every entry is one that NMF can use for sure; -0 is not.
#[multiversion(targets("x86_64+avx512f+avx512vl", "x86_64+avx2"))]
fn are_usable(v: &[f32]) -> bool {
    // Bits of negative numbers, -0 among them, and of NaN are above those of all others.
    v.iter().fold(true, |fine, v| fine & (v.to_bits() < (LARGEST as f32).to_bits()))
}
