//! A folder of `.png` pictures of one size: every picture is a row, its pixels from the top left on are the columns.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use png::{ColorType, Decoder, DecodingError, Info, Limits, Reader, Transformations};

use super::{Input, Matrix, extension};
use crate::error::{Error, Result};

/// Memory that one picture may take, as its header promises it.
const LARGEST_PICTURE: usize = 1 << 28;

/// The size that all pictures of a folder have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pictures {
    /// Pixels from left to right.
    pub width: usize,
    /// Pixels from top to bottom.
    pub height: usize,
}

impl Pictures {
    /// The size of the first picture in `path`; none if that is no folder with a `.png` file.
    ///
    /// # Errors
    ///
    /// A folder or a picture that cannot be read.
    pub fn of(path: &Path) -> Result<Option<Self>> {
        if !path.is_dir() {
            return Ok(None);
        }
        let first = paths(path)?.into_iter().next();
        let first = first.map(|path| open(&path)).transpose()?;
        Ok(first.map(|reader| Self::in_header(reader.info())))
    }

    fn in_header(header: &Info<'_>) -> Self {
        Self { width: header.width as usize, height: header.height as usize }
    }

    /// A part, a row of H, as a grey PNG file: 0 is black, the part's largest entry white.
    ///
    /// # Errors
    ///
    /// A row of another length.
    pub fn png(self, part: &[f32]) -> Result<Vec<u8>> {
        let Self { width, height } = self;
        let unfit = |problem: String| {
            Error::format("part", problem, "give a row of H of the pictures' factorisation")
        };
        if part.len() != width * height {
            let problem = format!("{} numbers are no picture of {width} x {height}", part.len());
            return Err(unfit(problem));
        }
        let largest = part.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let pixels: Vec<u8> = part.iter().map(|x| (255.0 * (x / largest)).round() as u8).collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
        encoder.set_color(ColorType::Grayscale);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&pixels)?;
            writer.finish()
        });
        written.map_err(|error| unfit(error.to_string()))?;
        Ok(bytes)
    }
}

/// The pictures in the folder by name; none if there is no `.png` file in it.
pub(super) fn read(folder: &Path) -> Result<Option<Input>> {
    let paths = paths(folder)?;
    let mut rows: Vec<u8> = Vec::new();
    let mut size: Option<Pictures> = None;
    for path in &paths {
        let (found, pixels) = picture(path)?;
        let Pictures { width, height } = *size.get_or_insert(found);
        if found != (Pictures { width, height }) {
            let first = paths[0].display();
            let problem = format!(
                "this picture is {} x {} but {first} is {width} x {height}",
                found.width, found.height
            );
            return Err(Error::format(
                &path.display().to_string(),
                problem,
                "crop or scale them to one size",
            ));
        }
        rows.extend(pixels);
    }
    let Some(Pictures { width, height }) = size else { return Ok(None) };
    let name = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let names = paths.iter().map(name).collect();
    let pixels = (1..=height).flat_map(|y| (1..=width).map(move |x| format!("row {y} column {x}")));
    let shown = folder.display().to_string();
    let matrix = Matrix::from_checked(&shown, paths.len(), width * height, rows)?;
    let note = format!("every picture of {width} x {height} pixels is a row");
    Ok(Some(Input::Dense(
        matrix.with_names(Some(names), Some(pixels.collect())).with_notes([note]),
    )))
}

/// The pictures in a folder, by name.
fn paths(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|source| Error::read(folder, source))?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.retain(|path| extension(path) == "png");
    paths.sort();
    Ok(paths)
}

/// A picture whose header has been read.
fn open(path: &Path) -> Result<Reader<BufReader<File>>> {
    let file = File::open(path).map_err(|source| Error::read(path, source))?;
    let limits = Limits { bytes: LARGEST_PICTURE };
    let mut decoder = Decoder::new_with_limits(BufReader::new(file), limits);
    decoder.set_transformations(Transformations::normalize_to_color8());
    decoder.read_info().map_err(|error| unreadable(path, &error))
}

/// A picture's size, and the brightness 0 (black) to 255 (white) of every pixel; of colours, the luma of Rec. 601.
fn picture(path: &Path) -> Result<(Pictures, Vec<u8>)> {
    let mut reader = open(path)?;
    let size = reader.output_buffer_size().filter(|size| *size <= LARGEST_PICTURE);
    let size = size.ok_or_else(|| fault(path, "the picture is too large".to_owned()))?;
    let mut bytes = vec![0; size];
    let frame = reader.next_frame(&mut bytes).map_err(|error| unreadable(path, &error))?;
    bytes.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        ColorType::Grayscale => bytes,
        ColorType::GrayscaleAlpha => bytes.chunks_exact(2).map(|it| it[0]).collect(),
        ColorType::Rgba => bytes.chunks_exact(4).map(luma).collect(),
        _ => bytes.chunks_exact(3).map(luma).collect(),
    };
    Ok((Pictures::in_header(reader.info()), pixels))
}

fn unreadable(path: &Path, error: &DecodingError) -> Error {
    fault(path, format!("the picture cannot be read ({error})"))
}

fn fault(path: &Path, problem: String) -> Error {
    Error::format(&path.display().to_string(), problem, "save the picture again as PNG")
}

/// 0.299 R + 0.587 G + 0.114 B, rounded.
fn luma(pixel: &[u8]) -> u8 {
    let weighted: u32 =
        pixel.iter().zip([299, 587, 114]).map(|(it, weight)| u32::from(*it) * weight).sum();
    ((weighted + 500) / 1000) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matrix::Entries;

    fn save(folder: &Path, name: &str, size: [u32; 2], color: ColorType, bytes: &[u8]) {
        let file = File::create(folder.join(name)).unwrap();
        let mut encoder = png::Encoder::new(file, size[0], size[1]);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(bytes).unwrap();
    }

    #[test]
    fn every_picture_is_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert!(read(folder).unwrap().is_none());
        save(folder, "b.png", [2, 1], ColorType::Rgb, &[255, 255, 255, 255, 0, 0]);
        save(folder, "a.png", [2, 1], ColorType::Grayscale, &[7, 9]);
        fs::write(folder.join("notes.txt"), "no picture").unwrap();
        let Some(Input::Dense(it)) = read(folder).unwrap() else { panic!("no matrix") };
        assert_eq!((it.rows(), it.cols()), (2, 2));
        assert_eq!(it.stored(), &Entries::Byte(vec![7, 9, 255, 76]));
        assert_eq!(it.row_names().unwrap(), ["a", "b"]);
        assert_eq!(it.column_names().unwrap(), ["row 1 column 1", "row 1 column 2"]);
        assert!(it.report().ends_with("every picture of 2 x 1 pixels is a row"));
        save(folder, "c.png", [1, 1], ColorType::Grayscale, &[7]);
        let refusal = read(folder).unwrap_err().to_string();
        assert!(refusal.contains("this picture is 1 x 1 but"), "{refusal}");
        fs::write(folder.join("0.png"), "no picture").unwrap();
        let refusal = read(folder).unwrap_err().to_string();
        assert!(refusal.contains("0.png: the picture cannot be read"), "{refusal}");
    }

    #[test]
    fn a_part_is_a_picture_whose_largest_entry_is_white() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(Pictures::of(folder).unwrap(), None);
        save(folder, "a.png", [3, 2], ColorType::Grayscale, &[1, 2, 3, 4, 5, 6]);
        let pictures = Pictures::of(folder).unwrap().unwrap();
        assert_eq!(pictures, Pictures { width: 3, height: 2 });
        let part = pictures.png(&[0.0, 0.5, 1.0, 2.0, 1.5, 0.25]).unwrap();
        fs::write(folder.join("part.png"), part).unwrap();
        let (size, pixels) = picture(&folder.join("part.png")).unwrap();
        assert_eq!(size, pictures);
        assert_eq!(pixels, [0, 64, 128, 255, 191, 32]);
        assert!(pictures.png(&[0.0; 6]).is_ok());
        let refusal = pictures.png(&[1.0; 5]).unwrap_err().to_string();
        assert!(refusal.contains("5 numbers are no picture of 3 x 2"), "{refusal}");
    }

    #[test]
    fn colours_become_grey_and_what_is_clear_counts_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let pixels = |color, bytes: &[u8]| {
            save(folder.path(), "v.png", [2, 1], color, bytes);
            picture(&folder.path().join("v.png")).unwrap().1
        };
        assert_eq!(pixels(ColorType::GrayscaleAlpha, &[7, 0, 9, 255]), [7, 9]);
        assert_eq!(pixels(ColorType::Rgb, &[0, 255, 0, 0, 0, 255]), [150, 29]);
        assert_eq!(pixels(ColorType::Rgba, &[255, 0, 0, 9, 10, 20, 30, 255]), [76, 18]);
        assert!(Pictures::of(&folder.path().join("v.png")).unwrap().is_none());
        save(folder.path(), "v.png", [2, 2], ColorType::Grayscale, &[1, 2, 3, 4]);
        let Some(Input::Dense(it)) = read(folder.path()).unwrap() else { panic!("no matrix") };
        assert_eq!((it.rows(), it.cols()), (1, 4));
        assert_eq!(it.column_names().unwrap()[2], "row 2 column 1");
    }
}
