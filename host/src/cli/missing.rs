//! V on its way from a file to the library: dense, sparse, with entries that are not known, or left in its file.

use std::path::{Path, PathBuf};

use tinynmf::error::{Error, Result};
use tinynmf::mapped::{MappedMatrix, is_too_large_for_memory};
use tinynmf::matrix::{Choice, Input, MOST_FILLED, Matrix, Sparse};
use tinynmf::sparse::Compressed;

use super::options::{Reading, tell};

/// Which entries are not known.
#[derive(Debug, Clone, clap::Args)]
pub struct Missing {
    /// Leave entries that are not known out of the fit: nan for empty cells, NA
    /// and NaN; zero for zeros; mask FILE for zeros of a matrix of V's shape
    #[arg(long, num_args = 1..=2, value_names = ["nan|zero|mask", "FILE"])]
    missing: Vec<String>,
}

/// How they are marked.
enum Marked {
    Nan,
    Zero,
    Mask(PathBuf),
}

/// A matrix to factorise.
pub struct V {
    /// Its name in errors.
    pub name: String,
    /// m and n.
    pub shape: [usize; 2],
    /// The names of its rows and columns, if it has them.
    pub names: [Option<Vec<String>>; 2],
    /// Its known entries.
    pub entries: Entries,
}

/// Known entries of a matrix.
pub enum Entries {
    /// Every entry.
    All(Matrix),
    /// Every entry; those that are not stored are zero.
    Sparse(Sparse),
    /// The entries that are stored, by rows.
    Known(Compressed),
    /// Every entry, in the file.
    Mapped(MappedMatrix),
}

/// Whether V stays in its file.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Mapped {
    /// Whether a .npy file stays on disk and is read in groups of rows; auto if
    /// reading it whole would take more than half of the memory
    #[arg(long, value_name = "yes|no|auto", default_value = "auto", hide_default_value = true)]
    mapped: Choice,
}

impl Mapped {
    /// The matrix in the file at `path`, if it is to stay there.
    fn read(self, path: &Path, is_complete: bool) -> Result<Option<MappedMatrix>> {
        let wanted = match self.mapped {
            Choice::Yes if !is_complete => {
                let problem = "entries of a mapped file cannot be left out of the fit";
                let remedy = "leave out --missing or --mapped yes";
                return Err(Error::argument("--mapped", problem, remedy));
            }
            Choice::Yes => true,
            Choice::No => false,
            Choice::Auto => is_complete && is_too_large_for_memory(path),
        };
        if wanted { MappedMatrix::open(path).map(Some) } else { Ok(None) }
    }
}

impl Missing {
    /// The file of the mask.
    pub fn mask(&self) -> Option<&Path> {
        self.missing.get(1).map(Path::new)
    }

    fn marked(&self) -> Result<Option<Marked>> {
        let words: Vec<&str> = self.missing.iter().map(String::as_str).collect();
        Ok(match words[..] {
            [] => None,
            ["nan"] => Some(Marked::Nan),
            ["zero"] => Some(Marked::Zero),
            ["mask", file] => Some(Marked::Mask(file.into())),
            _ => {
                let problem = format!("{} is none of the ways", words.join(" "));
                let remedy = "say nan, zero, or mask and a file";
                return Err(Error::argument("--missing", problem, remedy));
            }
        })
    }

    /// Reads the matrix at `path`, tells how on stderr, and leaves out what is not known.
    pub fn read(&self, reading: Reading, mapped: Mapped, path: &Path) -> Result<V> {
        let marked = self.marked()?;
        if let Some(matrix) = mapped.read(path, marked.is_none())? {
            tell(&matrix.report());
            let (name, shape) = (matrix.name().to_owned(), matrix.shape());
            return Ok(V { name, shape, names: [None, None], entries: Entries::Mapped(matrix) });
        }
        let accepts_missing = matches!(marked, Some(Marked::Nan));
        let input = reading.input(path, accepts_missing)?;
        let (name, shape, names) = match &input {
            Input::Dense(it) => {
                let names = [it.row_names(), it.column_names()].map(|it| it.map(<[_]>::to_vec));
                (it.name().to_owned(), [it.rows(), it.cols()], names)
            }
            Input::Sparse(it) => (it.name().to_owned(), [it.rows(), it.cols()], [None, None]),
        };
        let entries = match (marked, input) {
            (None, Input::Dense(matrix)) => Entries::All(matrix),
            (None, Input::Sparse(matrix)) => Entries::Sparse(matrix),
            (Some(Marked::Zero), Input::Sparse(matrix)) => Entries::Known(matrix.into_entries()),
            (Some(Marked::Zero), Input::Dense(matrix)) => {
                // Once: entries that are stored as bytes are copied.
                let entries = matrix.entries();
                Entries::Known(kept(&matrix, |at| entries[at] > 0.0)?)
            }
            (Some(Marked::Nan), Input::Dense(matrix)) => {
                let missing = matrix.missing();
                Entries::Known(kept(&matrix, |at| missing.binary_search(&at).is_err())?)
            }
            (Some(Marked::Nan), Input::Sparse(_)) => {
                let problem = format!("{name} is sparse, and what it does not store is zero");
                let remedy = "say zero, or mask and a file, to leave entries out";
                return Err(Error::argument("--missing", problem, remedy));
            }
            (Some(Marked::Mask(file)), input) => {
                let mask = reading.matrix(&file)?;
                if [mask.rows(), mask.cols()] != shape {
                    let ([m, n], rows, cols) = (shape, mask.rows(), mask.cols());
                    let problem = format!("the mask is {rows} x {cols}, but {name} is {m} x {n}");
                    let remedy = "give a mask with an entry for each of V's, 0 where it is missing";
                    return Err(Error::format(mask.name(), problem, remedy));
                }
                let known = mask.entries();
                Entries::Known(kept(&input.into_dense()?, |at| known[at] > 0.0)?)
            }
        };
        if let Entries::Known(known) = &entries {
            let missing = shape[0] as f64 * shape[1] as f64 - known.stored() as f64;
            tell(&format!(
                "read as known: {} entries; {missing} are left out of the fit",
                known.stored()
            ));
        }
        Ok(V { name, shape, names, entries })
    }
}

impl V {
    /// The known entries by rows, zeros included; for a sparse matrix of at most [`MOST_FILLED`] entries.
    pub fn rows(&self) -> Result<Compressed> {
        match &self.entries {
            Entries::All(matrix) => kept(matrix, |_| true),
            Entries::Sparse(matrix) => kept(&matrix.to_dense(MOST_FILLED)?, |_| true),
            Entries::Known(known) => Ok(known.clone()),
            Entries::Mapped(_) => {
                let problem = "ranks are compared by hidden entries, which takes V in memory";
                Err(Error::argument("--rank", problem, "name one rank, or say --mapped no"))
            }
        }
    }

    /// The known entries of a row that are stored, with their columns.
    pub fn row(&self, row: usize) -> Box<dyn Iterator<Item = (usize, f32)> + '_> {
        match &self.entries {
            Entries::All(matrix) => Box::new(matrix.row(row).enumerate()),
            Entries::Sparse(matrix) => Box::new(matrix.entries().slice(row)),
            Entries::Known(known) => Box::new(known.slice(row)),
            // Of a row that can no longer be read, nothing is shown.
            Entries::Mapped(matrix) => {
                Box::new(matrix.row(row).unwrap_or_default().into_iter().enumerate())
            }
        }
    }

    /// Refuses --report where it would read all of V for every row.
    pub fn has_rows_at_hand(&self) -> Result<()> {
        match &self.entries {
            Entries::Mapped(matrix) if matrix.is_by_columns() => {
                let problem = format!("{} is mapped and by columns, but shown by rows", self.name);
                let remedy = "save it as numpy.ascontiguousarray(v), or leave --report out";
                Err(Error::argument("--report", problem, remedy))
            }
            _ => Ok(()),
        }
    }

    /// The names of the rows and the columns.
    pub fn names(&self) -> [Option<&[String]>; 2] {
        self.names.each_ref().map(Option::as_deref)
    }
}

/// The entries, by rows, whose number is wanted.
fn kept(matrix: &Matrix, wanted: impl Fn(usize) -> bool) -> Result<Compressed> {
    let (rows, columns) = (matrix.rows(), matrix.cols());
    let [kept, _] =
        Compressed::from_dense(&matrix.entries(), rows, columns, |_| true)?.split(wanted);
    Ok(kept)
}
