//! Learning on a first session: synergies, their past, and a classifier of activations.

use std::fmt::Write;

use tinynmf::nmf_vec::NmfVec;
use tinynmf_core::rule::Sweeps;
use tinynmf_core::{Data, Error, Settings};
use tinynmf_emg::amplitude::SCALE;
use tinynmf_emg::classifier::{Classifier, GESTURES};
use tinynmf_emg::features::{FEATURES, column_sums};
use tinynmf_emg::recognizer::{FLOATS, MEMORY};
use tinynmf_emg::session::Window;
use tinynmf_emg::{CHANNELS, Model, RANK, Recognize, Recognizer};
use tinynmf_lab::logistic::Logistic;

/// Starts of the factorisation, the best of which is kept, and epochs from each.
const STARTS: u64 = 4;
const EPOCHS: u32 = 1000;

/// Weight of an error against the size of the classifier's weights: scikit-learn's default.
const C: f64 = 1.0;

/// Learns a model; also the loss F of its factorisation, and the largest F of the other starts.
///
/// # Errors
///
/// Of windows that core refuses: silent ones.
pub fn learn(windows: &[Window]) -> Result<(Model, [f32; 2]), Error> {
    let (w, losses) = synergies(windows)?;
    let silent = Classifier { weights: [[0.0; FEATURES]; GESTURES], bias: [0.0; GESTURES] };
    let mut model = Model { w, past: past(windows), classifier: silent };
    let mut memory = [0.0; FLOATS];
    let mut recognizer = Recognizer::fixed(&model, &mut memory)?;
    let mut rows = Vec::new();
    for window in windows {
        let features = recognizer.window(&window.amplitudes)?.features;
        rows.push(features.iter().copied().map(f64::from).collect());
    }
    let labels: Vec<usize> = windows.iter().map(|window| usize::from(window.gesture)).collect();
    let Logistic { weights, bias } = Logistic::fit(&rows, &labels, GESTURES, C);
    model.classifier = Classifier {
        weights: core::array::from_fn(|k| core::array::from_fn(|i| weights[k][i] as f32)),
        bias: core::array::from_fn(|k| bias[k] as f32),
    };
    Ok((model, losses))
}

/// W of the lowest F, its columns of sum 1, and the lowest and the highest F.
fn synergies(windows: &[Window]) -> Result<([f32; CHANNELS * RANK], [f32; 2]), Error> {
    let n = windows.len();
    let entries: Vec<u16> = (0..CHANNELS)
        .flat_map(|channel| windows.iter().map(move |window| window.amplitudes[channel]))
        .collect();
    let v = Data::new(&entries, CHANNELS, n, SCALE)?;
    let (mut best, mut losses) = ([0.0; CHANNELS * RANK], [f32::INFINITY, 0.0]);
    for seed in 0..STARTS {
        let mut nmf = NmfVec::new(CHANNELS, n, RANK, Settings { seed, ..Settings::default() })?;
        let mut run = nmf.run(v)?;
        for _ in 0..EPOCHS {
            run.epoch(&mut Sweeps::new(1.0, 2)?);
        }
        let loss = run.loss();
        losses[1] = if loss > losses[1] { loss } else { losses[1] };
        if loss < losses[0] {
            losses[0] = loss;
            best.copy_from_slice(run.w());
        }
    }
    let sums = column_sums(&best);
    for row in best.as_chunks_mut::<RANK>().0 {
        row.iter_mut().zip(sums).for_each(|(w, sum)| *w /= sum);
    }
    Ok((best, losses))
}

/// The mean window of every gesture, times √(its share · [`MEMORY`]).
fn past(windows: &[Window]) -> [[f32; CHANNELS]; GESTURES] {
    core::array::from_fn(|gesture| {
        let of: Vec<_> = windows.iter().filter(|it| usize::from(it.gesture) == gesture).collect();
        let count = of.len().max(1) as f64;
        let weight = (count / windows.len() as f64 * f64::from(MEMORY)).sqrt();
        core::array::from_fn(|channel| {
            let sum: f64 = of.iter().map(|it| f64::from(it.amplitudes[channel])).sum();
            (sum / count * weight * f64::from(SCALE)) as f32
        })
    })
}

/// The model as Rust source, `learnt.rs`.
pub fn source(model: &Model) -> String {
    let Model { w, past, classifier: Classifier { weights, bias } } = model;
    let mut text = String::from(
        "//! Learnt on the first session: `cargo run --release -p tinynmf-lab --example emg -- learn --data DIR` writes it.\n\n\
         use crate::{Classifier, Model};\n\n\
         /// W, its past and the classifier.\n\
         #[rustfmt::skip]\n\
         #[expect(clippy::unreadable_literal, reason = \"numbers to their last bit\")]\n\
         pub static LEARNT: Model = Model {\n",
    );
    let rows = |text: &mut String, rows: &[&[f32]], brackets: [&str; 2]| {
        for row in rows {
            let numbers: Vec<_> = row.iter().map(|number| format!("{number:?}")).collect();
            let _ = writeln!(text, "        {}{}{},", brackets[0], numbers.join(", "), brackets[1]);
        }
    };
    text += "    w: [\n";
    rows(&mut text, &w.chunks(RANK).collect::<Vec<_>>(), ["", ""]);
    text += "    ],\n    past: [\n";
    rows(&mut text, &past.iter().map(|row| &row[..]).collect::<Vec<_>>(), ["[", "]"]);
    text += "    ],\n    classifier: Classifier {\n        weights: [\n";
    rows(&mut text, &weights.iter().map(|row| &row[..]).collect::<Vec<_>>(), ["[", "]"]);
    text += "        ],\n        bias: [\n";
    rows(&mut text, &[&bias[..]], ["", ""]);
    text + "        ],\n    },\n};\n"
}
