//! Labels beside the ends of curves, moved apart where they would touch.

use plotters::prelude::*;

use super::canvas::{Area, Drawn};
use super::frame::Frame;
use super::path::draw_path;
use super::style::{self, INK, Look, MARGIN, QUIET, SCALE, px};

const SIZE: f64 = 16.0;

/// Least distance from one label to the next.
const GAP: u32 = 21;
/// From the axes' right end to the sample of the line, and the sample's length.
const LEADER: u32 = 14;
const SAMPLE: u32 = 24;

/// The name of a curve or of a reference line.
pub(super) struct Label<'a> {
    pub name: &'a str,
    /// How the curve looks; none for a reference line.
    pub look: Option<Look>,
    pub bold: bool,
    /// Where the line ends, if any of it is to be seen.
    pub end: Option<(i32, i32)>,
}

/// Room that the labels need right of the axes.
pub(super) fn width<DB: DrawingBackend>(
    labels: &[Label],
    area: &Area<DB>,
) -> Result<i32, DrawingAreaErrorKind<DB::ErrorType>> {
    let mut widest = 0;
    for label in labels {
        let (width, _) =
            area.estimate_text_size(label.name, &style::text(SIZE, INK, label.bold))?;
        widest = widest.max(width.cast_signed());
    }
    let beside = if widest == 0 { 0 } else { LEADER + SAMPLE + 8 };
    Ok(widest + px(beside + MARGIN / 2))
}

/// Height that so many labels need.
pub(super) fn height(count: usize) -> u32 {
    GAP * u32::try_from(count).unwrap_or(0).saturating_sub(1)
}

/// Draws the labels that have a name and an end, each with a sample of its line.
pub(super) fn draw<DB: DrawingBackend>(
    labels: Vec<Label>,
    frame: &Frame,
    area: &Area<DB>,
) -> Drawn<DB> {
    let named = labels.into_iter().filter(|label| !label.name.is_empty());
    let placed: Vec<_> = named.filter_map(|label| Some((label.end?, label))).collect();
    let wanted: Vec<f64> = placed.iter().map(|((_, y), _)| f64::from(*y)).collect();
    let (top, bottom) = (f64::from(frame.top), f64::from(frame.bottom));
    let heights = spread(&wanted, f64::from(px(GAP)), top, bottom);
    for ((end, label), height) in placed.into_iter().zip(heights) {
        let height = height.round() as i32;
        let (from, to) = (frame.right + px(LEADER), frame.right + px(LEADER + SAMPLE));
        let color = label.look.map_or(QUIET, |look| look.color);
        // A curve that ended earlier has no way to its label that would not cross others.
        if frame.right - end.0 <= px(2) {
            let leader = vec![(frame.right + px(2), end.1), (from, height)];
            area.draw(&PathElement::new(leader, color.mix(0.5).stroke_width(SCALE)))?;
        }
        let sample = vec![(from, height), (to, height)];
        match label.look {
            Some(look) => draw_path(sample, look, label.bold, area)?,
            None => area.draw(&PathElement::new(sample, QUIET.stroke_width(SCALE)))?,
        }
        let text = style::middle_left(SIZE, INK, label.bold);
        area.draw_text(label.name, &text, (to + px(8), height + style::lowered(SIZE)))?;
    }
    Ok(())
}

/// Heights for labels that want to be at `wanted`: at least `gap` apart, within `low..=high` if they fit, in the same
/// order, and as near to the wanted ones as least squares can bring them.
fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|&a, &b| wanted[a].total_cmp(&wanted[b]));
    // With the gaps taken out, labels may touch but not pass: runs that would pass share their mean.
    let mut runs: Vec<(f64, usize)> = Vec::new();
    for (k, &label) in order.iter().enumerate() {
        let mut run = (wanted[label] - k as f64 * gap, 1);
        while let Some(&(mean, count)) = runs.last() {
            if mean <= run.0 {
                break;
            }
            runs.pop();
            let total = count + run.1;
            run = ((mean * count as f64 + run.0 * run.1 as f64) / total as f64, total);
        }
        runs.push(run);
    }
    let room = (high - gap * wanted.len().saturating_sub(1) as f64).max(low);
    let flat = runs.into_iter().flat_map(|(mean, count)| std::iter::repeat_n(mean, count));
    let mut heights = vec![0.0; wanted.len()];
    for (k, (label, height)) in order.into_iter().zip(flat).enumerate() {
        heights[label] = height.clamp(low, room) + k as f64 * gap;
    }
    heights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_labels_with_room_where_they_are() {
        assert_eq!(spread(&[50.0, 10.0, 90.0], 20.0, 0.0, 100.0), [50.0, 10.0, 90.0]);
        assert!(spread(&[], 20.0, 0.0, 100.0).is_empty());
    }

    #[test]
    fn moves_touching_labels_apart_evenly() {
        assert_eq!(spread(&[50.0, 50.0], 20.0, 0.0, 100.0), [40.0, 60.0]);
        assert_eq!(spread(&[98.0, 99.0, 100.0], 20.0, 0.0, 100.0), [60.0, 80.0, 100.0]);
        assert_eq!(spread(&[1.0, 0.0], 20.0, 0.0, 100.0), [20.0, 0.0]);
    }

    #[test]
    fn keeps_the_gap_where_there_is_too_little_room() {
        assert_eq!(spread(&[0.0; 3], 20.0, 0.0, 30.0), [0.0, 20.0, 40.0]);
    }
}
