//! A panel of small grey images: the parts that a factorisation has learned.

use plotters::prelude::*;

use super::canvas::{Area, Drawn};
use super::style::{self, AXIS, INK, MARGIN, SCALE, px};

/// Sides of a shown image.
const SMALLEST: u32 = 56;
const LARGEST: u32 = 132;
const GAP: u32 = 14;
const TITLE: u32 = 44;

/// A panel of images of one size; each is scaled to its own largest value, which is black.
#[derive(Debug, Clone)]
pub struct Images {
    title: String,
    rows: u32,
    cols: u32,
    /// Those of one image each.
    pixels: Vec<Vec<f32>>,
}

impl Images {
    /// Images of `rows` × `cols` values >= 0, each row by row.
    pub fn new(
        title: impl Into<String>,
        rows: usize,
        cols: usize,
        images: impl IntoIterator<Item = Vec<f32>>,
    ) -> Self {
        let (title, rows, cols) = (title.into(), rows.max(1) as u32, cols.max(1) as u32);
        Self { title, rows, cols, pixels: images.into_iter().collect() }
    }

    /// How many images stand side by side in a panel of `width`, and how wide one is.
    fn layout(&self, width: u32) -> (u32, u32) {
        let count = (self.pixels.len() as u32).max(1);
        let inner = width.saturating_sub(2 * MARGIN).max(SMALLEST) + GAP;
        let most = inner / (SMALLEST + GAP);
        // Rows of equal length look better than full ones.
        let lines = count.div_ceil(most);
        let columns = count.div_ceil(lines);
        let tallest = (2 * LARGEST * self.cols / self.rows).max(1);
        let side = (inner / columns - GAP).min(LARGEST).min(tallest);
        // Whole pixels for each value keep the edges between them sharp.
        (columns, if side >= self.cols { side - side % self.cols } else { side })
    }

    fn image_height(&self, width: u32) -> u32 {
        width * self.rows / self.cols
    }

    pub(super) fn height(&self, width: u32) -> u32 {
        let (columns, side) = self.layout(width);
        let lines = (self.pixels.len() as u32).div_ceil(columns);
        TITLE + lines * (self.image_height(side) + GAP) + MARGIN / 2
    }

    pub(super) fn draw<DB: DrawingBackend>(&self, area: &Area<DB>) -> Drawn<DB> {
        area.draw_text(&self.title, &style::text(19.0, INK, true), (px(MARGIN), px(8)))?;
        let width = area.dim_in_pixel().0 / SCALE;
        let (columns, side) = self.layout(width);
        let height = self.image_height(side);
        for (k, image) in self.pixels.iter().enumerate() {
            let (line, column) = (k as u32 / columns, k as u32 % columns);
            let left = px(MARGIN + column * (side + GAP));
            let top = px(TITLE + line * (height + GAP));
            self.draw_image(image, area, (left, top), (side * SCALE, height * SCALE))?;
        }
        Ok(())
    }

    fn draw_image<DB: DrawingBackend>(
        &self,
        image: &[f32],
        area: &Area<DB>,
        (left, top): (i32, i32),
        (width, height): (u32, u32),
    ) -> Drawn<DB> {
        let largest = image.iter().copied().fold(0.0, f32::max);
        let grey =
            |value: f32| 255 - (255.0 * value / largest.max(f32::MIN_POSITIVE)).round() as u8;
        let across = |col: usize| left + (width * col as u32 / self.cols).cast_signed();
        let down = |row: usize| top + (height * row as u32 / self.rows).cast_signed();
        for (row, values) in image.chunks(self.cols as usize).enumerate() {
            let mut col = 0;
            // Neighbours of one grey are one rectangle: learned parts are mostly white.
            for run in values.chunk_by(|&a, &b| grey(a) == grey(b)) {
                let corners = [(across(col), down(row)), (across(col + run.len()), down(row + 1))];
                col += run.len();
                let level = grey(run[0]);
                if level < 255 {
                    area.draw(&Rectangle::new(corners, RGBColor(level, level, level).filled()))?;
                }
            }
        }
        let (right, bottom) = (across(self.cols as usize), down(self.rows as usize));
        let frame = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
        area.draw(&PathElement::new(frame.to_vec(), AXIS.stroke_width(SCALE)))
    }
}
