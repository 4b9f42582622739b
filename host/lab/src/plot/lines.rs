//! Lines of a panel of curves.

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
    pub(super) marks: Vec<f64>,
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

    /// Makes the vertical axis logarithmic: negative values are gaps, and 0 lies below its end.
    #[must_use]
    pub fn log_y(mut self) -> Self {
        self.log_y = true;
        self
    }

    /// Shows only values in the range: a curve that leaves it runs to the edge, and comes back from there.
    ///
    /// A range that the axis cannot have, like one from 0 on a logarithmic axis, is ignored.
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

    /// Adds a thin dotted vertical line at each of `places`, like the beginnings of episodes.
    #[must_use]
    pub fn marks(mut self, places: impl IntoIterator<Item = f64>) -> Self {
        self.marks.extend(places);
        self
    }

    /// The position of a value on the vertical axis; NaN if it has none there.
    pub(super) fn position(&self, value: f64) -> f64 {
        if self.log_y { value.log10() } else { value }
    }

    /// The ends of the horizontal axis.
    pub(super) fn x_range(&self) -> Range<f64> {
        let all = self.series.iter().flat_map(|series| series.x.iter().copied());
        span(all)
    }

    /// The ends of the vertical axis, as positions, with some air.
    pub(super) fn y_range(&self) -> Range<f64> {
        if let Some(limits) = &self.limits {
            let (low, high) = (self.position(limits.start), self.position(limits.end));
            if low.is_finite() && high.is_finite() && low < high {
                return low..high;
            }
        }
        let curves = self.series.iter().flat_map(|series| {
            let band = series.band.iter().flat_map(|(low, high)| low.iter().chain(high));
            series.y.iter().chain(band).copied()
        });
        let references = self.references.iter().map(|&(value, _)| value);
        let range = span(curves.chain(references).map(|value| self.position(value)));
        let air = 0.04 * (range.end - range.start);
        range.start - air..range.end + air
    }
}

impl Series {
    /// The values `y` at 0, 1, 2, …: losses by epoch, say. NaN leaves a gap.
    /// An infinite value, as of a run that diverged, takes the curve to the edge.
    pub fn new(name: impl Into<String>, y: impl IntoIterator<Item = f64>) -> Self {
        let y: Vec<f64> = y.into_iter().collect();
        let x = (0..y.len()).map(|k| k as f64).collect();
        Self { name: name.into(), x, y, ..Self::default() }
    }

    /// The points (x, y) with x ascending. Values are as in
    /// [`Series::new`].
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

    /// Holds each value until the next one, as a rate is held during its epoch, and the last one as long as the one before.
    #[must_use]
    pub fn step(mut self) -> Self {
        if let ([.., before, last], Some(&held)) = (&self.x[..], self.y.last()) {
            self.x.push(2.0 * last - before);
            self.y.push(held);
        }
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

/// The least range that holds all finite values; one with a single value, or with none, is widened.
fn span(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
    if low > high {
        0.0..1.0
    } else if low < high {
        low..high
    } else {
        low - 0.5..high + 0.5
    }
}
