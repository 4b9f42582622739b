//! Draws a panel of curves.

use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::canvas::{Area, Drawn};
use super::clip::{Point, visible};
use super::frame::Frame;
use super::labels::{self, Label};
use super::lines::{Lines, Series};
use super::path::draw_path;
use super::style::{self, INK, Look, MARGIN, QUIET, SCALE, px};

const LABEL_SIZE: f64 = 16.0;

/// Room above the axes for the panel's title and the name of the vertical axis.
const ABOVE: u32 = 68;
/// Room below the axes for the numbers and the name of the horizontal axis.
const BELOW: u32 = 64;
/// Room left of the axes for the numbers.
const NUMBERS: u32 = 78;

/// Room that the labels of `lines` need right of the axes, in drawing units.
pub(super) fn label_width<DB: DrawingBackend>(
    lines: &Lines,
    area: &Area<DB>,
) -> Result<i32, DrawingAreaErrorKind<DB::ErrorType>> {
    labels::width(&labels(lines, &[]), area)
}

/// Height of a panel whose labels all fit beside the axes.
pub(super) fn label_height(lines: &Lines) -> u32 {
    let curves = lines.series.iter().map(|series| &series.name);
    let names = curves.chain(lines.references.iter().map(|(_, name)| name));
    ABOVE + labels::height(names.filter(|name| !name.is_empty()).count()) + BELOW
}

/// Draws `lines` into `area` with `right` units for labels; the place of a series in `names` gives its colour.
pub(super) fn draw<DB: DrawingBackend>(
    lines: &Lines,
    names: &[String],
    right: i32,
    area: &Area<DB>,
) -> Drawn<DB> {
    area.draw_text(&lines.title, &style::text(19.0, INK, true), (px(MARGIN), px(8)))?;
    area.draw_text(&lines.y_label, &style::text(LABEL_SIZE, QUIET, false), (px(MARGIN), px(36)))?;
    let mut labels = labels(lines, names);
    let (width, height) = area.dim_in_pixel();
    let frame = Frame {
        left: px(NUMBERS),
        right: width.cast_signed() - right,
        top: px(ABOVE),
        bottom: height.cast_signed() - px(BELOW),
        x: lines.x_range(),
        y: lines.y_range(),
    };
    frame.draw(lines.log_y, area)?;
    let under = (i32::midpoint(frame.left, frame.right), frame.bottom + px(33));
    area.draw_text(&lines.x_label, &style::top_center(LABEL_SIZE, QUIET), under)?;
    for &(value, _) in &lines.references {
        let y = lines.position(value);
        let ends = [frame.x.start, frame.x.end].map(|x| frame.place((x, y)));
        area.draw(&PathElement::new(ends.to_vec(), QUIET.stroke_width(SCALE)))?;
    }
    for &at in lines.marks.iter().filter(|at| frame.x.contains(at)) {
        let ends = [frame.y.start, frame.y.end].map(|y| frame.place((at, y)));
        let style = QUIET.mix(0.6).stroke_width(SCALE);
        area.draw(&DashedPathElement::new(ends, px(3), px(3), style))?;
    }
    for series in &lines.series {
        draw_band(lines, series, &frame, look(series, names), area)?;
    }
    for series in in_order(lines) {
        for part in visible(lines, series, &frame.y) {
            let path = part.into_iter().map(|point| frame.place(point)).collect();
            // Thick steps would run into each other.
            let thick = series.emphasis && !series.step;
            draw_path(path, look(series, names), thick, area)?;
        }
    }
    for (label, end) in labels.iter_mut().zip(ends(lines, &frame)) {
        label.end = end;
    }
    labels::draw(labels, &frame, area)
}

/// The emphasised curves come last and so lie on top.
fn in_order(lines: &Lines) -> impl Iterator<Item = &Series> {
    let (on_top, below): (Vec<_>, Vec<_>) = lines.series.iter().partition(|it| it.emphasis);
    below.into_iter().chain(on_top)
}

fn look(series: &Series, names: &[String]) -> Look {
    style::look(names.iter().position(|name| *name == series.name).unwrap_or(0))
}

fn draw_band<DB: DrawingBackend>(
    lines: &Lines,
    series: &Series,
    frame: &Frame,
    look: Look,
    area: &Area<DB>,
) -> Drawn<DB> {
    let Some((low, high)) = &series.band else { return Ok(()) };
    let edge = |values: &[f64]| -> Vec<(i32, i32)> {
        let points = series.x.iter().zip(values).map(|(&x, &y)| (x, lines.position(y)));
        let kept = points.filter(|(x, y)| !x.is_nan() && !y.is_nan());
        kept.map(|(x, y)| frame.place((x, y.clamp(frame.y.start, frame.y.end)))).collect()
    };
    let outline: Vec<_> = edge(low).into_iter().chain(edge(high).into_iter().rev()).collect();
    area.draw(&Polygon::new(outline, look.color.mix(0.18)))
}

/// A label for each curve and each reference line.
fn labels<'a>(lines: &'a Lines, names: &[String]) -> Vec<Label<'a>> {
    let curves = lines.series.iter().map(|series| Label {
        name: &series.name,
        look: Some(look(series, names)),
        bold: series.emphasis,
        end: None,
    });
    let references = lines.references.iter();
    let references = references.map(|(_, name)| Label { name, look: None, bold: false, end: None });
    curves.chain(references).collect()
}

/// Where each of the labelled things ends, in the order of [`labels`].
fn ends(lines: &Lines, frame: &Frame) -> Vec<Option<(i32, i32)>> {
    let curves = lines.series.iter().map(|series| -> Option<Point> {
        visible(lines, series, &frame.y).last().and_then(|part| part.last()).copied()
    });
    let references = lines.references.iter();
    let references = references.map(|&(value, _)| Some((frame.x.end, lines.position(value))));
    curves.chain(references).map(|end| end.map(|point| frame.place(point))).collect()
}
