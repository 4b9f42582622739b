//! Recordings: `.npy` files of int8, a row a sample: eight channels and the gesture that was asked for.

use std::path::Path;

use tinynmf::error::{Error, Result};
use tinynmf::text::shown;
use tinynmf::{input, output};
use tinynmf_emg::session::{ROW, Window, Windows};

/// Bytes before the length of the header, and with it.
const MAGIC: usize = 8;
const PREFIX: usize = 10;

/// The rows of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recording {
    rows: Vec<[u8; ROW]>,
}

impl Recording {
    /// Reads a recording.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, or is no int8 array of nine columns.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = input::read(path, input::IMAGE)?;
        let wrong = |problem: &str| {
            let remedy = "give a .npy file of int8 with nine columns: eight channels, gesture";
            Error::format(&shown(path), problem, remedy)
        };
        let length = bytes.get(MAGIC..PREFIX).filter(|_| bytes.starts_with(b"\x93NUMPY\x01"));
        let length = length.ok_or_else(|| wrong("it is no .npy file of version 1"))?;
        let start = PREFIX + usize::from(u16::from_le_bytes([length[0], length[1]]));
        let header = bytes.get(PREFIX..start).ok_or_else(|| wrong("its header is cut off"))?;
        let header = String::from_utf8_lossy(header);
        let columns = format!(", {ROW})");
        if ["'|i1'", "'fortran_order': False", &*columns].iter().any(|it| !header.contains(*it)) {
            return Err(wrong("it is no int8 array of nine columns by rows"));
        }
        let (rows, rest) = bytes[start..].as_chunks::<ROW>();
        if rows.is_empty() || !rest.is_empty() {
            return Err(wrong("it does not end with a whole row"));
        }
        Ok(Self { rows: rows.to_vec() })
    }

    /// Writes a recording.
    ///
    /// # Errors
    ///
    /// A place that cannot be written.
    pub fn write(&self, path: &Path) -> Result<()> {
        let shape = format!("({}, {ROW})", self.rows.len());
        let header = format!("{{'descr': '|i1', 'fortran_order': False, 'shape': {shape}, }}");
        // The data begins at a multiple of 64 bytes.
        let width = (PREFIX + header.len() + 1).next_multiple_of(64) - PREFIX - 1;
        let header = format!("{header:width$}\n");
        output::write(path, |file| {
            file.write_all(b"\x93NUMPY\x01\x00")?;
            file.write_all(&(header.len() as u16).to_le_bytes())?;
            file.write_all(header.as_bytes())?;
            file.write_all(self.bytes())
        })
    }

    /// The rows as a device reads them.
    pub fn bytes(&self) -> &[u8] {
        self.rows.as_flattened()
    }

    /// All windows, as a device makes them.
    pub fn windows(&self) -> Vec<Window> {
        let mut windows = Windows::default();
        self.rows.iter().filter_map(|row| windows.push(row)).collect()
    }

    /// Every gesture once, in the order of the recording: the `repetition`-th time, with the rest before it.
    pub fn part(&self, repetition: usize) -> Self {
        let blocks: Vec<&[[u8; ROW]]> =
            self.rows.chunk_by(|a, b| a[ROW - 1] == b[ROW - 1]).collect();
        let mut seen = [0; tinynmf_emg::GESTURES];
        let mut rows = Vec::new();
        for pair in blocks.windows(2) {
            let gesture = usize::from(pair[1][0][ROW - 1]);
            if gesture == 0 || gesture >= seen.len() {
                continue;
            }
            seen[gesture] += 1;
            if seen[gesture] == repetition {
                rows.extend(pair.iter().flat_map(|block| block.iter().copied()));
            }
        }
        Self { rows }
    }
}
