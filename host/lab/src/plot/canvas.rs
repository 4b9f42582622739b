//! From drawing calls to the bytes of a PNG or an SVG.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingErrorKind,
};

use super::style::{LIBRARY_SIZE, SCALE, WIDTH, register_fonts};

/// A part of the picture, addressed in drawing units from its upper left corner.
pub(super) type Area<DB> = DrawingArea<DB, Shift>;

/// The result of drawing on a backend.
pub(super) type Drawn<DB> = Result<(), DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>>;

/// The picture that `draw` makes, as an SVG document.
pub(super) fn svg(
    height: u32,
    draw: impl FnOnce(&Area<SVGBackend<'_>>) -> Drawn<SVGBackend<'static>>,
) -> Result<String, String> {
    register_fonts();
    let (wide, high) = (WIDTH * SCALE, height * SCALE);
    let mut document = String::new();
    {
        let area = SVGBackend::with_string(&mut document, (wide, high)).into_drawing_area();
        area.fill(&WHITE)
            .and_then(|()| draw(&area))
            .and_then(|()| area.present())
            .map_err(|error| error.to_string())?;
    }
    // The drawing units stay in the view box; on the page they are finer than pixels.
    let drawn = format!("width=\"{wide}\" height=\"{high}\"");
    Ok(document.replacen(&drawn, &format!("width=\"{WIDTH}\" height=\"{height}\""), 1))
}

/// The picture that `draw` makes, as a PNG file.
pub(super) fn png(
    height: u32,
    draw: impl FnOnce(&Area<Pen<'_>>) -> Drawn<Pen<'static>>,
) -> Result<Vec<u8>, String> {
    register_fonts();
    let (wide, high) = (WIDTH * SCALE, height * SCALE);
    let mut fine = vec![255; 3 * (wide * high) as usize];
    {
        let area = Pen(BitMapBackend::with_buffer(&mut fine, (wide, high))).into_drawing_area();
        draw(&area).and_then(|()| area.present()).map_err(|error| error.to_string())?;
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, WIDTH, height);
    encoder.set_color(png::ColorType::Rgb);
    let encoded =
        encoder.write_header().and_then(|mut writer| writer.write_image_data(&averaged(&fine)));
    encoded.map_err(|error| error.to_string())?;
    Ok(file)
}

/// The picture with each pixel the mean of its `SCALE` × `SCALE` drawing units, which smooths all edges.
fn averaged(fine: &[u8]) -> Vec<u8> {
    let scale = SCALE as usize;
    let stride = 3 * WIDTH as usize * scale;
    let mut coarse = Vec::with_capacity(fine.len() / (scale * scale));
    for band in fine.chunks_exact(stride * scale) {
        for x in 0..WIDTH as usize {
            for channel in 0..3 {
                let unit =
                    |k: usize| band[k / scale * stride + 3 * (x * scale + k % scale) + channel];
                let sum: usize = (0..scale * scale).map(|k| usize::from(unit(k))).sum();
                coarse.push((sum / (scale * scale)) as u8);
            }
        }
    }
    coarse
}

/// The bitmap backend with thick lines drawn piece by piece, round at their joints (it makes one polygon of the whole
/// line, which goes wrong where a curve turns sharply), and with text as high as the SVG backend puts it.
pub(super) struct Pen<'a>(BitMapBackend<'a>);

impl<'a> DrawingBackend for Pen<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        self.0.get_size()
    }

    fn ensure_prepared(&mut self) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.ensure_prepared()
    }

    fn present(&mut self) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.present()
    }

    fn draw_pixel(
        &mut self,
        point: BackendCoord,
        color: BackendColor,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.draw_pixel(point, color)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        self.0.draw_rect(upper_left, bottom_right, style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        let mut last = None;
        for point in path {
            if let Some(last) = last {
                self.0.draw_path([last, point], style)?;
                self.0.draw_circle(point, style.stroke_width() / 2, style, true)?;
            }
            last = Some(point);
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(
        &mut self,
        text: &str,
        style: &S,
        (x, y): BackendCoord,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>> {
        let lower = (0.14 * style.size() / LIBRARY_SIZE) as i32;
        self.0.draw_text(text, style, (x, y + lower))
    }
}
