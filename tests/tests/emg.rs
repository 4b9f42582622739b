//! Gestures from muscle synergies: the pieces, the bundled part of a session here and on the Cortex-M4F, and its costs.

use std::path::Path;

use tinynmf_emg::amplitude::HOP;
use tinynmf_emg::features::{FEATURES, features};
use tinynmf_emg::learnt::LEARNT;
use tinynmf_emg::recognizer::FLOATS;
use tinynmf_emg::session::Window;
use tinynmf_emg::{
    Amplitude, CHANNELS, Classifier, GESTURES, Integers, PART, RANK, Recognize, Recognizer, WINDOW,
};
use tinynmf_lab::device::{MICROBIT, MPS2_AN386, Unit};

// The modules of the lab's example, of which a test needs the most.
#[allow(dead_code)]
#[path = "../../host/lab/examples/emg/budget.rs"]
mod budget;
#[allow(dead_code)]
#[path = "../../host/lab/examples/emg/emulation.rs"]
mod emulation;
#[allow(dead_code)]
#[path = "../../host/lab/examples/emg/learning.rs"]
mod learning;
#[allow(dead_code)]
#[path = "../../host/lab/examples/emg/playing.rs"]
mod playing;
#[allow(dead_code)]
#[path = "../../host/lab/examples/emg/recording.rs"]
mod recording;

use budget::{Budget, LIMIT, WHAT, WORDS};
use recording::Recording;

fn part() -> Recording {
    Recording::read(Path::new(PART)).unwrap()
}

/// Samples that reach both ends of int8.
fn sample(t: usize) -> [i8; CHANNELS] {
    core::array::from_fn(|channel| ((t * 37 + channel * 101 + t * t % 29) as u8).cast_signed())
}

#[test]
fn amplitudes_are_sums_over_the_last_samples() {
    for hop in [1, HOP, 57] {
        let mut amplitude = Amplitude::new(hop);
        let mut completed = 0;
        for t in 0..5 * WINDOW {
            let found = amplitude.push(sample(t));
            let due = t + 1 >= WINDOW && (t + 1 - WINDOW).is_multiple_of(hop);
            assert_eq!(found.is_some(), due, "sample {t}, hop {hop}");
            let Some(sums) = found else { continue };
            completed += 1;
            let expected = core::array::from_fn(|channel| {
                let last = t + 1 - WINDOW..=t;
                last.map(|t| u16::from(sample(t)[channel].unsigned_abs())).sum::<u16>()
            });
            assert_eq!(sums, expected, "sample {t}, hop {hop}");
        }
        assert_eq!(completed, (4 * WINDOW) / hop + 1);
    }
}

#[test]
fn features_do_not_depend_on_how_w_is_scaled() {
    let (h, sums) = ([1.0, 0.0, 3.0, 4.0, 0.5], [1.0, 2.0, 0.5, 0.25, 4.0]);
    let found = features(&h, &sums);
    let total = 1.0 + 1.5 + 1.0 + 2.0;
    let shares = [1.0, 0.0, 1.5, 1.0, 2.0].map(|c| c / total);
    for (found, share) in found.iter().zip(shares) {
        assert!((found - share).abs() < 1e-6, "{found} for {share}");
    }
    assert!((found[RANK] - f32::ln(total)).abs() < 1e-6);
    let scaled = features(&h.map(|h| 8.0 * h), &sums.map(|sum| sum / 8.0));
    assert_eq!(scaled.map(f32::to_bits), found.map(f32::to_bits));
    // Silence is a quantum of no synergy.
    let silence = features(&[0.0; RANK], &sums);
    assert!(silence[..RANK].iter().all(|share| share.to_bits() == 0));
    assert!((silence[RANK] + f32::ln(WINDOW as f32)).abs() < 1e-6, "{silence:?}");
}

#[test]
fn the_largest_score_is_the_gesture_and_the_first_of_equal_ones() {
    let mut classifier = Classifier { weights: [[0.0; FEATURES]; GESTURES], bias: [0.0; GESTURES] };
    assert_eq!(classifier.gesture(&[0.5; FEATURES]), 0);
    classifier.weights[5][2] = 1.0;
    classifier.bias[3] = 0.5;
    assert_eq!(classifier.gesture(&[0.5; FEATURES]), 3);
    assert_eq!(classifier.gesture(&[0.75; FEATURES]), 5);
}

#[test]
fn recordings_are_written_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.npy");
    part().write(&path).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(PART).unwrap());
    assert_eq!(Recording::read(&path).unwrap(), part());
    // Every gesture once is what the part is.
    assert_eq!(part().part(1), part());
    std::fs::write(&path, b"\x93NUMPY\x01\x00no header").unwrap();
    let refused = Recording::read(&path).unwrap_err().to_string();
    assert!(refused.contains("again.npy") && refused.contains("give a .npy file"), "{refused}");
}

/// A model that is learnt on every other window tells the ones in between.
#[test]
fn a_model_is_learnt_from_windows() {
    let windows = part().windows();
    let half = |of: usize| -> Vec<Window> { windows.iter().copied().skip(of).step_by(2).collect() };
    let (model, [best, worst]) = learning::learn(&half(0)).unwrap();
    assert!(worst < 1.05 * best, "starts end at {best} to {worst}");
    let [unseen, shipped] =
        [&model, &LEARNT].map(|model| playing::play(model, &half(1)).unwrap()[0].tally.accuracy());
    assert!(unseen > 0.9 && unseen > shipped, "{unseen}; learnt on another session: {shipped}");
    // The file holds the model as it was learnt: numbers are printed to their last bit.
    let source = learning::source(&model);
    assert!(model.w.iter().all(|w| source.contains(&format!("{w:?}"))), "{source}");
}

/// Tables of what was measured on the whole session.
const PAGE: &str = include_str!("../../firmware/examples/emg/README.md");

/// The numbers of the page's row for a window.
fn row(what: &str) -> Vec<f64> {
    let start = format!("| a window, {what} |");
    let line = PAGE.lines().find(|line| line.starts_with(&start)).unwrap();
    line.split('|').filter_map(|cell| cell.trim().parse().ok()).collect()
}

/// Half a point more or less is a matter of the session; integers may cost a point.
#[test]
fn the_part_is_recognised_in_floats_and_in_integers() {
    let played = playing::play(&LEARNT, &part().windows()).unwrap();
    let [fixed, relearnt, integers, in_both] = played.map(|it| it.tally.accuracy());
    assert!(fixed > 0.866 && relearnt > fixed + 0.01, "{fixed} fixed, {relearnt} relearnt");
    assert!((integers - fixed).abs() < 0.01, "{integers} in integers, {fixed} in floats");
    assert!((in_both - relearnt).abs() < 0.01, "{in_both} in integers, {relearnt} in floats");
}

/// Saturated, silent and one-sided windows: nothing overflows, and latents are those of floats.
#[test]
fn integers_take_every_window() {
    let full = 128 * WINDOW as u16;
    let one_sided = (0..CHANNELS).map(|k| core::array::from_fn(|i| if i == k { full } else { 0 }));
    let [mut memory, mut floats] = [[0.0; FLOATS]; 2];
    let mut integers = Integers::relearning(&LEARNT, &mut memory).unwrap();
    let mut fixed = Integers::fixed(&LEARNT);
    let mut exact = Recognizer::fixed(&LEARNT, &mut floats).unwrap();
    for amplitudes in one_sided.chain([[full; CHANNELS], [0; CHANNELS], [1; CHANNELS]]) {
        let found = integers.window(&amplitudes).unwrap();
        assert!(found.features.iter().all(|it| it.is_finite()) && found.residual >= 0.0);
        let [found, expected] =
            [fixed.window(&amplitudes).unwrap(), exact.window(&amplitudes).unwrap()];
        if amplitudes.iter().sum::<u16>() > 100 {
            for (found, expected) in found.features[..RANK].iter().zip(expected.features) {
                assert!((found - expected).abs() < 0.02, "{amplitudes:?}: {found}, {expected}");
            }
        }
    }
}

#[test]
fn the_boards_recognise_what_the_host_does_within_their_budget() {
    let recording = part();
    let played = playing::play(&LEARNT, &recording.windows()).unwrap();
    let image = emulation::image(&MPS2_AN386).unwrap_or_else(|error| panic!("{error}"));
    for (column, unit) in [(0, Unit::Instructions), (2, Unit::Cycles)] {
        let (budget, emulated) =
            Budget::measure(&image, &recording, unit).unwrap_or_else(|error| panic!("{error}"));
        for ((played, emulated), word) in played.iter().zip(&emulated).zip(WORDS) {
            assert_eq!(emulated.outcome, played.outcome(), "{word}: other bits");
        }
        for (what, measured) in WHAT.iter().zip(budget.windows) {
            let (written, [measured, _]) = (row(what)[column], measured);
            assert!((measured / written - 1.0).abs() < 0.03, "{what}: {measured} for {written}");
        }
        let [slow, _, fast] = budget.shares();
        assert!(slow < 0.01 && fast < 0.10, "{slow} and {fast} of 64 MHz");
    }
    let small = emulation::image(&MICROBIT).unwrap_or_else(|error| panic!("{error}"));
    let emulated = emulation::run(&small, WORDS[2], &recording, Unit::Instructions, LIMIT)
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(emulated.outcome, played[2].outcome(), "Cortex-M0: other bits");
    let ([mean, _], written) = (emulation::mean_and_largest(&emulated.windows), row(WHAT[2])[4]);
    assert!((mean / written - 1.0).abs() < 0.03, "Cortex-M0: {mean} for {written}");
}
