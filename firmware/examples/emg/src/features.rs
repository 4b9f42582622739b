//! Latents to features that do not depend on how W's columns are scaled, and that tell how from how much.

use tinynmf_core::float;

/// Synergies: r.
pub const RANK: usize = 5;

/// The share of every synergy, and the logarithm of their sum.
pub const FEATURES: usize = RANK + 1;

/// Input of a classifier.
pub type Features = [f32; FEATURES];

/// The least amplitude that is told from silence: one step of one channel in one sample.
pub const QUANTUM: f32 = crate::amplitude::SCALE;

/// All cₖ/Σc, and ln Σc, with `cₖ = hₖ · Σᵢ Wᵢₖ`: what synergy k adds to the amplitudes of all channels.
///
/// `sums` are the column sums of W. In silence all shares are 0.
#[must_use]
pub fn features(h: &[f32; RANK], sums: &[f32; RANK]) -> Features {
    let mut features = [0.0; FEATURES];
    let mut total = 0.0;
    for ((feature, h), sum) in features.iter_mut().zip(h).zip(sums) {
        *feature = h * sum;
        total += *feature;
    }
    if let Some(inverse) = float::ratio(1.0, total) {
        for feature in &mut features[..RANK] {
            *feature *= inverse;
        }
    }
    features[RANK] = float::log(if total > QUANTUM { total } else { QUANTUM });
    features
}

/// The column sums of W, row by row.
#[must_use]
pub fn column_sums(w: &[f32]) -> [f32; RANK] {
    tinynmf_latents::column_sums(w)
}
