//! A path of a curve, or of its sample beside the label.

use plotters::element::DashedPathElement;
use plotters::prelude::*;

use super::canvas::{Area, Drawn};
use super::style::{Look, SCALE, px};

/// Draws a path of a curve or of its sample beside the label; a single point is a dot.
pub(super) fn draw_path<DB: DrawingBackend>(
    path: Vec<(i32, i32)>,
    look: Look,
    emphasis: bool,
    area: &Area<DB>,
) -> Drawn<DB> {
    let style = look.color.stroke_width(if emphasis { 10 } else { 6 } * SCALE / 3);
    if let [point] = path[..] {
        area.draw(&Circle::new(point, px(3), look.color.filled()))
    } else if let Some((dash, gap)) = look.dash {
        area.draw(&DashedPathElement::new(path, px(dash), px(gap), style))
    } else {
        area.draw(&PathElement::new(path, style))
    }
}
