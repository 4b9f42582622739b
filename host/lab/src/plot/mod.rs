//! Pictures of runs and of learned parts, in one calm style, as PNG or SVG.
//!
//! A [`Figure`] says what to show; how it looks is decided here, once for all figures. Nothing of the system is needed:
//! the letters come from the bundled font.

mod canvas;
mod chart;
mod clip;
mod frame;
mod images;
mod labels;
mod lines;
mod path;
mod style;
mod ticks;

use std::path::Path;
use tinynmf::text::shown;

pub use images::Images;
pub use lines::{Lines, Series};

use canvas::{Area, Drawn};
use plotters::prelude::{DrawingAreaErrorKind, DrawingBackend};
use style::{MARGIN, WIDTH, px};
use tinynmf::error::{Error, Result};
use tinynmf::matrix::extension;
use tinynmf::output;

/// A picture of panels in rows under a title.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    title: String,
    caption: String,
    rows: Vec<Vec<Panel>>,
}

/// One part of a figure.
#[derive(Debug, Clone)]
pub enum Panel {
    /// Curves over a common axis.
    Lines(Lines),
    /// Small grey images.
    Images(Images),
}

impl From<Lines> for Panel {
    fn from(lines: Lines) -> Self {
        Self::Lines(lines)
    }
}

impl From<Images> for Panel {
    fn from(images: Images) -> Self {
        Self::Images(images)
    }
}

/// The format of a picture's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Png,
    Svg,
}

impl Format {
    fn of(path: &Path) -> Result<Self> {
        match extension(path).as_str() {
            "png" => Ok(Self::Png),
            "svg" => Ok(Self::Svg),
            _ => {
                let path = shown(path);
                Err(Error::Extension { path, known: ".png or .svg" })
            }
        }
    }
}

/// Checks that a picture can be saved at `path`, so that the work before it is not in vain.
///
/// # Errors
///
/// A name that ends in neither `.png` nor `.svg`; a place that cannot be written.
pub fn check(path: &Path) -> Result<()> {
    Format::of(path).and_then(|_| output::check(path))
}

impl Figure {
    /// A figure without panels yet; an empty title takes no room.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds a line of smaller text under the title.
    #[must_use]
    pub fn caption(mut self, caption: impl Into<String>) -> Self {
        self.caption = caption.into();
        self
    }

    /// Adds a row of panels of equal width.
    #[must_use]
    pub fn row(mut self, panels: impl IntoIterator<Item = impl Into<Panel>>) -> Self {
        self.rows.push(panels.into_iter().map(Into::into).collect());
        self
    }

    /// Adds rows of `columns` panels each; the last one may have fewer, of the same width.
    #[must_use]
    pub fn grid(
        mut self,
        columns: usize,
        panels: impl IntoIterator<Item = impl Into<Panel>>,
    ) -> Self {
        let panels: Vec<Panel> = panels.into_iter().map(Into::into).collect();
        self.rows.extend(panels.chunks(columns.max(1)).map(<[Panel]>::to_vec));
        self
    }

    /// Saves the figure, whole or not at all; the name's ending, `.png` or `.svg`, is the format.
    ///
    /// # Errors
    ///
    /// Another ending; a place that cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let bytes = self.bytes(path)?;
        output::write(path, |file| file.write_all(&bytes))
    }

    /// The bytes that [`Figure::save`] writes to `path`.
    ///
    /// # Errors
    ///
    /// Another ending than `.png` or `.svg`.
    pub fn bytes(&self, path: &Path) -> Result<Vec<u8>> {
        let bytes = match Format::of(path)? {
            Format::Png => self.png(),
            Format::Svg => self.svg().map(String::into_bytes),
        };
        bytes.map_err(|problem| {
            let problem = format!("the picture cannot be drawn ({problem})");
            Error::format(&shown(path), problem, "report this as a bug")
        })
    }

    /// The figure as an SVG document, for example to embed it in a report.
    ///
    /// # Errors
    ///
    /// An error of the drawing library, which no input can cause.
    pub fn svg(&self) -> Result<String, String> {
        canvas::svg(self.height(), |area| self.draw(area))
    }

    fn png(&self) -> Result<Vec<u8>, String> {
        canvas::png(self.height(), |area| self.draw(area))
    }

    /// Height of the title and the caption.
    fn header(&self) -> u32 {
        let title = if self.title.is_empty() { 0 } else { 46 };
        let caption = if self.caption.is_empty() { 0 } else { 28 };
        title + caption + 2 * MARGIN / 3
    }

    fn height(&self) -> u32 {
        self.header()
            + (0..self.rows.len()).map(|row| self.row_height(row)).sum::<u32>()
            + MARGIN / 3
    }

    /// Width of the panels in a row; a short last row of a grid keeps the width of the row above.
    fn panel_width(&self, row: usize) -> u32 {
        let above = row.checked_sub(1).map_or(0, |above| self.rows[above].len());
        let short = row + 1 == self.rows.len() && above >= 3;
        let columns = if short { self.rows[row].len().max(above) } else { self.rows[row].len() };
        WIDTH / columns.max(1) as u32
    }

    fn row_height(&self, row: usize) -> u32 {
        let width = self.panel_width(row);
        self.rows[row].iter().map(|panel| panel.height(width)).max().unwrap_or(0)
    }

    fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        let names = self.names();
        let left = px(MARGIN);
        let baseline = px(2 * MARGIN / 3);
        area.draw_text(&self.title, &style::text(26.0, style::INK, true), (left, baseline))?;
        let under = if self.title.is_empty() { 0 } else { 40 };
        let caption = style::text(17.0, style::QUIET, false);
        area.draw_text(&self.caption, &caption, (left, baseline + px(under)))?;
        let (_, mut below) = area.split_vertically(px(self.header()));
        for row in 0..self.rows.len() {
            let (strip, rest) = below.split_vertically(px(self.row_height(row)));
            below = rest;
            let label_width = self.label_width(row, area)?;
            let mut right = strip;
            for panel in &self.rows[row] {
                let (cell, rest) = right.split_horizontally(px(self.panel_width(row)));
                right = rest;
                match panel {
                    Panel::Lines(lines) => chart::draw(lines, &names, label_width, &cell)?,
                    Panel::Images(images) => images.draw(&cell)?,
                }
            }
        }
        Ok(())
    }

    /// Room for the labels in a row: as much as any panel of that width needs, so that all axes line up.
    fn label_width<DB: DrawingBackend>(
        &self,
        row: usize,
        area: &Area<DB>,
    ) -> Result<i32, DrawingAreaErrorKind<DB::ErrorType>> {
        let alike =
            (0..self.rows.len()).filter(|&it| self.panel_width(it) == self.panel_width(row));
        let mut widest = 0;
        for panel in alike.flat_map(|row| &self.rows[row]) {
            if let Panel::Lines(lines) = panel {
                widest = widest.max(chart::label_width(lines, area)?);
            }
        }
        Ok(widest)
    }

    /// The series' names in the order of their first appearance: a name has one colour in the whole figure.
    fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for panel in self.rows.iter().flatten() {
            let Panel::Lines(lines) = panel else { continue };
            for series in &lines.series {
                if !names.contains(&series.name) {
                    names.push(series.name.clone());
                }
            }
        }
        names
    }
}

impl Panel {
    fn height(&self, width: u32) -> u32 {
        match self {
            // As high as its labels need, which would else run into the panels below.
            Self::Lines(lines) => (width * 5 / 8).clamp(300, 620).max(chart::label_height(lines)),
            Self::Images(images) => images.height(width),
        }
    }
}

#[cfg(test)]
mod tests;
