//! Pictures: the synergies, and their activity over time.

use tinynmf_emg::amplitude::HOP;
use tinynmf_emg::features::column_sums;
use tinynmf_emg::session::Window;
use tinynmf_emg::{CHANNELS, RANK};
use tinynmf_lab::plot::{Figure, Lines, Series};

use crate::playing::Played;

/// Samples a second.
const RATE: f64 = 200.0;

/// Every synergy, before and after a session that it followed.
pub fn synergies(before: &[f32], after: &[f32]) -> Figure {
    let column = |w: &[f32], k: usize| -> Vec<(f64, f64)> {
        let sum = column_sums(w)[k];
        let share = |i: usize| f64::from(w[i * RANK + k] / sum);
        (0..CHANNELS).map(|i| ((i + 1) as f64, share(i))).collect()
    };
    let panels = (0..RANK).map(|k| {
        Lines::new(format!("synergy {}", k + 1), "electrode", "share of its activity")
            .limits(0.0..0.8)
            .series(Series::points("session 1", column(before, k)))
            .series(Series::points("end of session 2", column(after, k)).emphasised())
    });
    Figure::new("").grid(3, panels)
}

/// Activity and gestures over time.
pub fn activations(windows: &[Window], played: &Played) -> Figure {
    let time = |at: usize| (at * HOP) as f64 / RATE;
    let changes = windows.windows(2).enumerate().filter(|(_, it)| it[0].gesture != it[1].gesture);
    let changes: Vec<f64> = changes.map(|(at, _)| time(at + 1)).collect();
    let activity =
        Lines::new("activity of the synergies", "seconds", "mean amplitude").marks(changes);
    let activity = (0..RANK).fold(activity, |lines, k| {
        let points = played
            .recognized
            .iter()
            .enumerate()
            .map(|(at, it)| (time(at), f64::from(it.features[k] * it.features[RANK].exp())));
        lines.series(Series::points(format!("synergy {}", k + 1), points))
    });
    let gestures = Lines::new("gestures: 0 rest, 1 flexion, 2 extension, 3 radial, 4 ulnar, 5 pronation, 6 supination, 7 fist", "seconds", "gesture")
        .limits(-0.3..7.3)
        .series(Series::points("asked for", windows.iter().enumerate().map(|(at, it)| (time(at), f64::from(it.gesture)))).step())
        .series(Series::points("recognised", played.recognized.iter().enumerate().map(|(at, it)| (time(at), f64::from(it.gesture)))));
    Figure::new("").row([activity]).row([gestures])
}
