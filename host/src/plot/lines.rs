//! What a panel of curves shows.

use std::ops::Range;

/// A panel of curves over a common axis.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    pub(super) title: String,
    pub(super) x_label: String,
    pub(super) y_label: String,
    pub(super) log_y: bool,
    pub(super) limits: Option<Range<f64>>,
    pub(super) series: Vec<Series>,
    pub(super) references: Vec<(f64, String)>,
}

/// One curve.
#[derive(Debug, Clone, Default)]
pub struct Series {
    pub(super) name: String,
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) band: Option<(Vec<f64>, Vec<f64>)>,
    pub(super) step: bool,
    pub(super) emphasis: bool,
}

impl Lines {
    /// A panel without curves yet.
    pub fn new(
        title: impl Into<String>,
        x_label: impl Into<String>,
        y_label: impl Into<String>,
    ) -> Self {
        let (title, x_label, y_label) = (title.into(), x_label.into(), y_label.into());
        Self { title, x_label, y_label, ..Self::default() }
    }

    /// Makes the vertical axis logarithmic; values that are not above 0 are then gaps.
    #[must_use]
    pub fn log_y(mut self) -> Self {
        self.log_y = true;
        self
    }

    /// Shows only values in the range: a curve that leaves it runs to the edge and ends there.
    #[must_use]
    pub fn limits(mut self, range: Range<f64>) -> Self {
        self.limits = Some(range);
        self
    }

    /// Adds a curve.
    #[must_use]
    pub fn series(mut self, series: Series) -> Self {
        self.series.push(series);
        self
    }

    /// Adds a thin horizontal line at `value` with a name, like the bound 2/L.
    #[must_use]
    pub fn reference(mut self, value: f64, name: impl Into<String>) -> Self {
        self.references.push((value, name.into()));
        self
    }

    /// The position of a value on the vertical axis, or none if it has no place there.
    pub(super) fn position(&self, value: f64) -> Option<f64> {
        let position = if self.log_y { value.log10() } else { value };
        position.is_finite().then_some(position)
    }

    /// The ends of the horizontal axis.
    pub(super) fn x_range(&self) -> Range<f64> {
        let all = self.series.iter().flat_map(|series| series.x.iter().copied());
        span(all.filter(|x| x.is_finite())).unwrap_or(0.0..1.0)
    }

    /// The ends of the vertical axis, as positions, with some air.
    pub(super) fn y_range(&self) -> Range<f64> {
        if let Some(limits) = &self.limits
            && let (Some(low), Some(high)) =
                (self.position(limits.start), self.position(limits.end))
        {
            return low..high;
        }
        let curves = self.series.iter().flat_map(|series| {
            let band = series.band.iter().flat_map(|(low, high)| low.iter().chain(high));
            series.y.iter().chain(band).copied()
        });
        let references = self.references.iter().map(|&(value, _)| value);
        let positions = curves.chain(references).filter_map(|value| self.position(value));
        let range = span(positions).unwrap_or(0.0..1.0);
        let air = 0.04 * (range.end - range.start);
        range.start - air..range.end + air
    }
}

impl Series {
    /// The values `y` at 0, 1, 2, …: losses by epoch, say. A value that is not finite leaves a gap.
    pub fn new(name: impl Into<String>, y: impl IntoIterator<Item = f64>) -> Self {
        let y: Vec<f64> = y.into_iter().collect();
        let x = (0..y.len()).map(|k| k as f64).collect();
        Self { name: name.into(), x, y, ..Self::default() }
    }

    /// The points (x, y) with x ascending. A value that is not finite leaves a gap.
    pub fn points(name: impl Into<String>, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let (x, y) = points.into_iter().unzip();
        Self { name: name.into(), x, y, ..Self::default() }
    }

    /// Shades the range from `low` to `high` around the curve, given at the same places: a spread over seeds, say.
    #[must_use]
    pub fn band(
        mut self,
        low: impl IntoIterator<Item = f64>,
        high: impl IntoIterator<Item = f64>,
    ) -> Self {
        self.band = Some((low.into_iter().collect(), high.into_iter().collect()));
        self
    }

    /// Holds each value until the next one, as a rate is held during its epoch.
    #[must_use]
    pub fn step(mut self) -> Self {
        self.step = true;
        self
    }

    /// Draws the curve thicker and above the others.
    #[must_use]
    pub fn emphasised(mut self) -> Self {
        self.emphasis = true;
        self
    }
}

/// The least range that holds all values; one with a single value is widened.
fn span(values: impl Iterator<Item = f64>) -> Option<Range<f64>> {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    match high - low {
        0.0 => Some(low - 0.5..high + 0.5),
        width if width > 0.0 => Some(low..high),
        _ => None,
    }
}
