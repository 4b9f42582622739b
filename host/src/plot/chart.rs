//! Draws a panel of curves.

use std::ops::Range;

use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;
use plotters::series::DashedLineSeries;

use super::canvas::{Area, Drawn};
use super::labels::spread;
use super::lines::{Lines, Series};
use super::style::{self, AXIS, GRID, INK, Look, MARGIN, QUIET, SCALE, px};
use super::ticks::Ticks;

const LABEL_SIZE: f64 = 16.0;
const TICK_SIZE: f64 = 15.0;
/// Room for the panel's title and the name of the vertical axis, for the horizontal axis, and for the numbers at the
/// vertical one.
const ABOVE: u32 = 68;
const BELOW: u32 = 58;
const NUMBERS: u32 = 60;
/// From the right end of the axis to the labels: the leader and the swatch.
const LEADER: u32 = 14;
const SWATCH: u32 = 22;
const LABEL_GAP: f64 = 21.0;

type Chart<'a, DB> = ChartContext<'a, DB, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// Draws `lines` into `area`; the place of a series in `names` gives its colour.
pub(super) fn draw<DB: DrawingBackend>(
    lines: &Lines,
    names: &[String],
    area: &Area<DB>,
) -> Drawn<DB> {
    let (x, y) = (lines.x_range(), lines.y_range());
    let (width, height) = area.dim_in_pixel();
    let right = label_width(lines, area)?;
    let x_ticks = Ticks::linear(x.start, x.end, (width / SCALE / 110).clamp(3, 10) as usize);
    let marks = (height / SCALE / 60).clamp(3, 8) as usize;
    let y_ticks = if lines.log_y {
        Ticks::decades(y.start, y.end, marks)
    } else {
        Ticks::linear(y.start, y.end, marks)
    };
    let title = style::text(19.0, INK, true);
    area.draw_text(&lines.title, &title, (px(MARGIN), px(8)))?;
    area.draw_text(&lines.y_label, &style::text(LABEL_SIZE, QUIET, false), (px(MARGIN), px(36)))?;
    let mut chart = ChartBuilder::on(area)
        .margin_top(px(ABOVE))
        .margin_right(right)
        .margin_left(px(MARGIN / 2))
        .x_label_area_size(px(BELOW))
        .y_label_area_size(px(NUMBERS))
        .build_cartesian_2d(x.clone(), y.clone())?;
    draw_grid(area, &chart, &x_ticks, &y_ticks)?;
    let frame = Frame::of(area, &chart);
    let under = (i32::midpoint(frame.left, frame.right), frame.bottom + px(33));
    area.draw_text(&lines.x_label, &style::top_center(LABEL_SIZE, QUIET), under)?;
    for (value, _) in &lines.references {
        if let Some(position) = lines.position(*value) {
            let ends = vec![(x.start, position), (x.end, position)];
            chart
                .draw_series([PathElement::new(ends, QUIET.stroke_width(px(1).cast_unsigned()))])?;
        }
    }
    for series in &lines.series {
        draw_band(&mut chart, lines, series, look(series, names))?;
    }
    // A stable sort: the emphasised curves come last and so lie on top.
    let mut order: Vec<&Series> = lines.series.iter().collect();
    order.sort_by_key(|series| series.emphasis);
    for series in order {
        for piece in pieces(lines, series, &y) {
            draw_curve(&mut chart, piece, series.emphasis, look(series, names))?;
        }
    }
    draw_labels(lines, names, area, &chart)
}

/// The rectangle that the axes span, in the panel's drawing units.
struct Frame {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    origin: (i32, i32),
}

impl Frame {
    fn of<DB: DrawingBackend>(area: &Area<DB>, chart: &Chart<'_, DB>) -> Self {
        let origin = area.get_base_pixel();
        let (across, down) = chart.plotting_area().get_pixel_range();
        let (left, right) = (across.start - origin.0, across.end - origin.0);
        Self { left, right, top: down.start - origin.1, bottom: down.end - origin.1, origin }
    }

    /// The place of a point of the chart.
    fn place<DB: DrawingBackend>(&self, chart: &Chart<'_, DB>, point: (f64, f64)) -> (i32, i32) {
        let (x, y) = chart.backend_coord(&point);
        (x - self.origin.0, y - self.origin.1)
    }
}

fn look(series: &Series, names: &[String]) -> Look {
    style::look(names.iter().position(|name| *name == series.name).unwrap_or(0))
}

/// Room for the labels at the right of the axes, in drawing units.
fn label_width<DB: DrawingBackend>(
    lines: &Lines,
    area: &Area<DB>,
) -> Result<i32, DrawingAreaErrorKind<DB::ErrorType>> {
    let mut widest = 0;
    let names = lines.series.iter().map(|series| &series.name);
    for name in names.chain(lines.references.iter().map(|(_, name)| name)) {
        let (width, _) = area.estimate_text_size(name, &style::text(LABEL_SIZE, INK, true))?;
        widest = widest.max(width.cast_signed());
    }
    Ok(if widest == 0 { px(MARGIN) } else { widest + px(LEADER + SWATCH + 8 + MARGIN / 2) })
}

/// The grid, the axes and their numbers.
fn draw_grid<DB: DrawingBackend>(
    area: &Area<DB>,
    chart: &Chart<'_, DB>,
    x_ticks: &Ticks,
    y_ticks: &Ticks,
) -> Drawn<DB> {
    let frame = Frame::of(area, chart);
    let thin = |color: RGBColor, from, to| PathElement::new(vec![from, to], color.stroke_width(SCALE));
    for (at, text) in x_ticks.at.iter().zip(&x_ticks.text) {
        let x = frame.place(chart, (*at, chart.y_range().start)).0;
        area.draw(&thin(GRID, (x, frame.top), (x, frame.bottom)))?;
        area.draw(&thin(AXIS, (x, frame.bottom), (x, frame.bottom + px(5))))?;
        area.draw_text(text, &style::top_center(TICK_SIZE, QUIET), (x, frame.bottom + px(9)))?;
    }
    for (at, text) in y_ticks.at.iter().zip(&y_ticks.text) {
        let y = frame.place(chart, (chart.x_range().start, *at)).1;
        area.draw(&thin(GRID, (frame.left, y), (frame.right, y)))?;
        area.draw(&thin(AXIS, (frame.left - px(5), y), (frame.left, y)))?;
        area.draw_text(text, &style::middle_right(TICK_SIZE, QUIET), (frame.left - px(10), y))?;
    }
    area.draw(&thin(AXIS, (frame.left, frame.bottom), (frame.right, frame.bottom)))?;
    area.draw(&thin(AXIS, (frame.left, frame.top), (frame.left, frame.bottom)))
}

/// The unbroken parts of a curve, in positions on the axes, with steps made explicit and kept within `range`.
fn pieces(lines: &Lines, series: &Series, range: &Range<f64>) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = vec![Vec::new()];
    let mut outside = false;
    for (&x, &y) in series.x.iter().zip(&series.y) {
        let place = lines.position(y).filter(|_| x.is_finite());
        let (Some(piece), Some(y)) = (pieces.last_mut(), place) else {
            pieces.push(Vec::new());
            outside = false;
            continue;
        };
        let inside = y.clamp(range.start, range.end);
        if outside && inside != y {
            continue;
        }
        if series.step
            && let Some(&(_, held)) = piece.last()
        {
            piece.push((x, held));
        }
        piece.push((x, inside));
        outside = inside != y;
    }
    pieces.retain(|piece: &Vec<(f64, f64)>| !piece.is_empty());
    pieces
}

fn draw_curve<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    piece: Vec<(f64, f64)>,
    emphasis: bool,
    look: Look,
) -> Drawn<DB> {
    let width = if emphasis { 10 } else { 6 };
    let style = look.color.stroke_width(width * SCALE / 3);
    if let [(x, y)] = piece[..] {
        chart.draw_series([Circle::new((x, y), px(3), look.color.filled())])?;
    } else if let Some((dash, gap)) = look.dash {
        chart.draw_series(DashedLineSeries::new(piece, px(dash), px(gap), style))?;
    } else {
        chart.draw_series([PathElement::new(piece, style)])?;
    }
    Ok(())
}

fn draw_band<DB: DrawingBackend>(
    chart: &mut Chart<'_, DB>,
    lines: &Lines,
    series: &Series,
    look: Look,
) -> Drawn<DB> {
    let Some((low, high)) = &series.band else { return Ok(()) };
    let range = lines.y_range();
    // A lower edge without a place (0 on a logarithmic axis) is the axis's end.
    let edge = |values: &[f64]| -> Vec<(f64, f64)> {
        let place =
            |value: f64| lines.position(value).unwrap_or(range.start).clamp(range.start, range.end);
        let kept =
            series.x.iter().zip(values).filter(|(x, value)| x.is_finite() && !value.is_nan());
        kept.map(|(&x, &value)| (x, place(value))).collect()
    };
    let outline: Vec<(f64, f64)> =
        edge(low).into_iter().chain(edge(high).into_iter().rev()).collect();
    chart.draw_series([Polygon::new(outline, look.color.mix(0.18))])?;
    Ok(())
}

/// Names every curve beside its end, and every reference line.
fn draw_labels<DB: DrawingBackend>(
    lines: &Lines,
    names: &[String],
    area: &Area<DB>,
    chart: &Chart<'_, DB>,
) -> Drawn<DB> {
    struct Label<'a> {
        name: &'a str,
        look: Option<Look>,
        bold: bool,
        /// Where the curve ends.
        end: (i32, i32),
    }
    let y = lines.y_range();
    let frame = Frame::of(area, chart);
    let curves = lines.series.iter().filter_map(|series| {
        let end = *pieces(lines, series, &y).last()?.last()?;
        Some(Label {
            name: &series.name,
            look: Some(look(series, names)),
            bold: series.emphasis,
            end: frame.place(chart, end),
        })
    });
    let references = lines.references.iter().filter_map(|(value, name)| {
        let end = (lines.x_range().end, lines.position(*value)?);
        Some(Label { name, look: None, bold: false, end: frame.place(chart, end) })
    });
    let labels: Vec<Label> =
        curves.chain(references).filter(|label| !label.name.is_empty()).collect();
    let wanted: Vec<f64> = labels.iter().map(|label| f64::from(label.end.1)).collect();
    let (top, bottom) = (f64::from(frame.top), f64::from(frame.bottom));
    let heights = spread(&wanted, LABEL_GAP * f64::from(SCALE), top, bottom);
    let edge = frame.right;
    for (label, height) in labels.iter().zip(heights) {
        let height = height as i32;
        let from = edge + px(LEADER);
        let to = from + px(SWATCH);
        let color = label.look.map_or(QUIET, |look| look.color);
        if (edge - label.end.0).abs() <= px(2) {
            let leader = vec![(edge + px(2), label.end.1), (from, height)];
            area.draw(&PathElement::new(leader, color.mix(0.5).stroke_width(SCALE)))?;
        }
        let width = if label.look.is_none() {
            SCALE
        } else if label.bold {
            4 * SCALE
        } else {
            3 * SCALE
        };
        let swatch = vec![(from, height), (to, height)];
        area.draw(&PathElement::new(swatch, color.stroke_width(width)))?;
        let text = style::middle_left(LABEL_SIZE, INK, label.bold);
        area.draw_text(label.name, &text, (to + px(8), height))?;
    }
    Ok(())
}
