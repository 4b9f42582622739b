//! NumPy's `.npy` files. What the header claims is checked against the file's true length before anything is allocated.

mod element;
mod header;
#[cfg(test)]
mod tests;
#[cfg(feature = "files")]
mod write;

#[cfg(feature = "files")]
pub use write::write_npy;

pub(crate) use self::element::Element;
use super::options::ReadOptions;
use super::{Collected, Entries, Input, Matrix};
use crate::error::{Error, Place, Result};

/// The fault and the remedy.
type Refusal = (String, &'static str);

/// Layout of a `.npy` file, from its header.
#[derive(Debug)]
pub(crate) struct Layout {
    /// The length along every axis.
    pub shape: Vec<usize>,
    /// The type of the entries.
    pub element: Element,
    /// Whether the first index varies fastest.
    pub column_major: bool,
}

/// A numeric array of any shape, in the bytes of its file.
pub(super) struct Array<'a> {
    /// Layout, from the header.
    pub layout: Layout,
    body: &'a [u8],
}

pub(super) fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(header::MAGIC)
}

pub(super) fn parse(name: &str, bytes: &[u8], options: ReadOptions) -> Result<Input> {
    Ok(Input::Dense(matrix(name, bytes, options.missing)?))
}

/// The matrix in the bytes of a `.npy` file.
pub(super) fn matrix(name: &str, bytes: &[u8], accepts_missing: bool) -> Result<Matrix> {
    Array::parse(name, bytes)?.matrix(name, accepts_missing)
}

/// The text in a `.npy` file that holds one string, as SciPy names the format of a sparse matrix.
#[cfg(feature = "npz")]
pub(super) fn word(bytes: &[u8]) -> Option<String> {
    let (header, body) = header::split(bytes).ok()?;
    let is_text = header.code.contains(['S', 'U', 'a']) && body.len() <= 64;
    let letters = body.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte));
    is_text.then(|| letters.collect())
}

impl Layout {
    /// Of the file that begins with `bytes`, and where its entries begin; `length` is that of the file.
    pub fn parse(name: &str, bytes: &[u8], length: u64) -> Result<(Self, usize)> {
        let fault = |(problem, remedy): Refusal| Error::format(name, problem, remedy);
        let (header, rest) = header::split(bytes).map_err(fault)?;
        let element = Element::named(&header.code).map_err(fault)?;
        let begin = bytes.len() - rest.len();
        let body = length.saturating_sub(begin as u64);
        let count =
            header.shape.iter().try_fold(1_usize, |product, side| product.checked_mul(*side));
        if count.and_then(|count| count.checked_mul(element.size)).map(|it| it as u64) != Some(body)
        {
            let sides: Vec<String> = header.shape.iter().map(usize::to_string).collect();
            let shape = if sides.is_empty() { "1".to_owned() } else { sides.join(" x ") };
            let claims = format!("the header promises {shape} entries of {} bytes", element.size);
            let problem = format!("{claims} but {body} bytes follow");
            return Err(fault((
                problem,
                "the file is cut off or damaged, so copy or save it again",
            )));
        }
        Ok((Self { shape: header.shape, element, column_major: header.column_major }, begin))
    }

    /// Rows and columns, if it has these.
    pub fn sides(&self, name: &str) -> Result<[usize; 2]> {
        if let [rows, cols] = *self.shape {
            return Ok([rows, cols]);
        }
        let (axes, remedy) = match self.shape.len() {
            0 => ("a single number", "NMF needs rows and columns, so name another file"),
            1 => (
                "1 dimension",
                "NMF needs rows and columns, so choose them, v.reshape(rows, columns)",
            ),
            _ => ("more than 2 dimensions", "keep one axis as rows, v.reshape(len(v), -1)"),
        };
        let problem = format!("the array has {axes} ({:?})", self.shape);
        Err(Error::format(name, problem, remedy))
    }
}

impl<'a> Array<'a> {
    pub(super) fn parse(name: &str, bytes: &'a [u8]) -> Result<Self> {
        let (layout, begin) = Layout::parse(name, bytes, bytes.len() as u64)?;
        Ok(Self { layout, body: &bytes[begin..] })
    }

    /// The entries as numbers, in the order of the file.
    pub(super) fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let Element { size, decode, .. } = self.layout.element;
        self.body.chunks_exact(size).map(decode)
    }

    /// The array as a matrix, if it has rows and columns; NaN may be an entry that is not known.
    pub(super) fn matrix(&self, name: &str, accepts_missing: bool) -> Result<Matrix> {
        let [rows, cols] = self.layout.sides(name)?;
        let Layout { element, column_major, .. } = self.layout;
        let place =
            |k: usize| if column_major { (k % rows, k / rows) } else { (k / cols, k % cols) };
        let mut missing = Vec::new();
        let entries: Entries = if element.is_byte {
            let mut bytes = self.body.to_vec();
            if column_major {
                self.body.iter().enumerate().for_each(|(k, byte)| {
                    let (row, col) = place(k);
                    bytes[row * cols + col] = *byte;
                });
            }
            bytes.into()
        } else {
            let mut collected = Collected::new(rows * cols, accepts_missing);
            for (k, value) in self.values().enumerate() {
                let (row, col) = place(k);
                collected.set(row * cols + col, value).map_err(|fault| {
                    let place = Place::Row(row + 1, col + 1);
                    Error::Entry { path: name.to_owned(), place, fault }
                })?;
            }
            let (entries, unknown) = collected.finish();
            missing = unknown;
            entries.into()
        };
        Matrix::from_known(name, rows, cols, entries, missing)
    }
}
