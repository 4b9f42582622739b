//! The rectangle that the axes span: its grid, its numbers, and where a point of the data lies in it.

use std::ops::Range;

use plotters::prelude::*;

use super::canvas::{Area, Drawn};
use super::clip::Point;
use super::style::{self, AXIS, GRID, QUIET, SCALE, px};
use super::ticks::Ticks;

const NUMBER_SIZE: f64 = 15.0;

/// Room for one number on the horizontal and on the vertical axis.
const NUMBER_ROOM: (i32, i32) = (110, 56);

/// Axes in a panel: their ranges in positions, their place in drawing units from the panel's corner.
pub(super) struct Frame {
    pub left: i32,
    pub right: i32,
    pub top: i32,
    pub bottom: i32,
    pub x: Range<f64>,
    pub y: Range<f64>,
}

impl Frame {
    /// The place of a point of the data.
    pub fn place(&self, (x, y): Point) -> (i32, i32) {
        let across = (x - self.x.start) / (self.x.end - self.x.start);
        let up = (y - self.y.start) / (self.y.end - self.y.start);
        let x = f64::from(self.left) + across * f64::from(self.right - self.left);
        let y = f64::from(self.bottom) - up * f64::from(self.bottom - self.top);
        (x.round() as i32, y.round() as i32)
    }

    /// Draws the grid, the axes and their numbers.
    pub fn draw<DB: DrawingBackend>(&self, log_y: bool, area: &Area<DB>) -> Drawn<DB> {
        let line =
            |color: RGBColor, from, to| PathElement::new(vec![from, to], color.stroke_width(SCALE));
        let &Self { left, right, top, bottom, .. } = self;
        let wanted = |length: i32, room: i32, most: i32| {
            (length / (room * SCALE.cast_signed())).clamp(3, most) as usize
        };
        let across = wanted(right - left, NUMBER_ROOM.0, 10);
        let up = wanted(bottom - top, NUMBER_ROOM.1, 8);
        let x_ticks = Ticks::linear(self.x.start, self.x.end, across);
        let y_ticks =
            if log_y { Ticks::decades } else { Ticks::linear }(self.y.start, self.y.end, up);
        for (&at, text) in x_ticks.at.iter().zip(&x_ticks.text) {
            let x = self.place((at, self.y.start)).0;
            area.draw(&line(GRID, (x, top), (x, bottom)))?;
            area.draw(&line(AXIS, (x, bottom), (x, bottom + px(5))))?;
            area.draw_text(text, &style::top_center(NUMBER_SIZE, QUIET), (x, bottom + px(9)))?;
        }
        for (&at, text) in y_ticks.at.iter().zip(&y_ticks.text) {
            let y = self.place((self.x.start, at)).1;
            area.draw(&line(GRID, (left, y), (right, y)))?;
            area.draw(&line(AXIS, (left - px(5), y), (left, y)))?;
            let text_at = (left - px(10), y + style::lowered(NUMBER_SIZE));
            area.draw_text(text, &style::middle_right(NUMBER_SIZE, QUIET), text_at)?;
        }
        area.draw(&line(AXIS, (left, bottom), (right, bottom)))?;
        area.draw(&line(AXIS, (left, top), (left, bottom)))
    }
}
