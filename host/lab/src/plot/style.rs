//! Common style of all figures: sizes, colours and letters.

use std::sync::Once;

use plotters::prelude::*;
use plotters::style::register_font;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Width of every figure, in units of the finished picture: its pixels.
pub(super) const WIDTH: u32 = 1600;

/// Room around a figure and between its panels.
pub(super) const MARGIN: u32 = 36;

/// Drawing units per unit of the finished picture: the drawing library counts whole ones only.
pub(super) const SCALE: u32 = 3;

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
pub(super) const QUIET: RGBColor = RGBColor(105, 105, 105);
pub(super) const AXIS: RGBColor = RGBColor(170, 170, 170);
pub(super) const GRID: RGBColor = RGBColor(233, 233, 233);

/// The colours of Okabe and Ito, which colour-blind readers can tell apart, without the yellow that white swallows.
const PALETTE: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

/// How the k-th name of a figure is drawn: after the colours, the dashes change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Look {
    pub color: RGBColor,
    /// Length of the dashes and of the gaps, if the line has any.
    pub dash: Option<(u32, u32)>,
}

pub(super) fn look(k: usize) -> Look {
    let dash = match k / PALETTE.len() {
        0 => None,
        1 => Some((9, 5)),
        2 => Some((3, 4)),
        _ => Some((18, 4)),
    };
    Look { color: PALETTE[k % PALETTE.len()], dash }
}

/// Drawing units of a length in the finished picture.
pub(super) fn px(length: u32) -> i32 {
    (length * SCALE).cast_signed()
}

/// The font's name is also what an SVG viewer looks for, and what it falls back to.
const FAMILY: &str = "Inter, Helvetica, Arial, sans-serif";

static REGULAR: &[u8] = include_bytes!("../../data/fonts/Inter-Regular.ttf");
static BOLD: &[u8] = include_bytes!("../../data/fonts/Inter-SemiBold.ttf");

/// Makes the bundled font known to the drawing library.
pub(super) fn register_fonts() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // A font that cannot be read shows when the first letter is drawn.
        let _ = register_font(FAMILY, FontStyle::Normal, REGULAR);
        let _ = register_font(FAMILY, FontStyle::Bold, BOLD);
    });
}

/// Drawing units that the drawing library takes for one unit of the em square.
pub(super) const LIBRARY_SIZE: f64 = 1.24;

/// Text of `size` (its em, in units of the finished picture), placed by its top left corner.
pub(super) fn text(size: f64, color: RGBColor, bold: bool) -> TextStyle<'static> {
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    let size = size * f64::from(SCALE) * LIBRARY_SIZE;
    let font = (FAMILY, size, style).into_font();
    TextStyle { color: color.to_backend_color(), ..font.into() }
}

/// Text placed by the middle of its left edge.
pub(super) fn middle_left(size: f64, color: RGBColor, bold: bool) -> TextStyle<'static> {
    text(size, color, bold).pos(Pos::new(HPos::Left, VPos::Center))
}

/// Text placed by the middle of its right edge.
pub(super) fn middle_right(size: f64, color: RGBColor) -> TextStyle<'static> {
    text(size, color, false).pos(Pos::new(HPos::Right, VPos::Center))
}

/// How far text that is placed by its middle has to go down for its capitals to be in the middle.
pub(super) fn lowered(size: f64) -> i32 {
    (0.09 * size * f64::from(SCALE)).round() as i32
}

/// Text placed by the middle of its upper edge.
pub(super) fn top_center(size: f64, color: RGBColor) -> TextStyle<'static> {
    text(size, color, false).pos(Pos::new(HPos::Center, VPos::Top))
}
