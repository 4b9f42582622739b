//! Readings, gathered into a matrix.

/// Readings of a window: a column of V.
pub const ROWS: usize = 16;

/// Windows of a matrix.
pub const COLUMNS: usize = 24;

/// A signal to try it with: the reading at time `t`, with 12 bits, of two profiles whose strengths come and go.
#[must_use]
pub fn signal(t: usize) -> u16 {
    let (row, column) = (t % ROWS, t / ROWS);
    (row * 17 * (column * 5 % 7) + (ROWS - row) * 11 * (column * 3 % 11) + t * 31 % 40) as u16
}

/// Readings that become a matrix, row by row, as they come window by window.
#[derive(Debug, Clone)]
pub struct Readings {
    entries: [u16; ROWS * COLUMNS],
    count: usize,
}

impl Default for Readings {
    fn default() -> Self {
        Self { entries: [0; ROWS * COLUMNS], count: 0 }
    }
}

impl Readings {
    /// Whether all entries are there.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.count == ROWS * COLUMNS
    }

    /// Takes a reading in; where all are there already, it is lost.
    pub fn push(&mut self, reading: u16) {
        let (row, column) = (self.count % ROWS, self.count / ROWS);
        if let Some(entry) = self.entries.get_mut(row * COLUMNS + column)
            && column < COLUMNS
        {
            *entry = reading;
            self.count += 1;
        }
    }

    /// The entries; gathering begins again.
    pub fn take(&mut self) -> [u16; ROWS * COLUMNS] {
        self.count = 0;
        self.entries
    }
}
