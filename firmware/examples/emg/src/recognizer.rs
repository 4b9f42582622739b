//! Windows to gestures, with synergies that stay or follow the electrodes.

use tinynmf_core::online::{Keep, Latents, Online, OnlineSettings};
use tinynmf_core::penalty::{Penalties, Penalty};
use tinynmf_core::rule::Sweeps;
use tinynmf_core::transform::{Transform, TransformSettings};
use tinynmf_core::{Data, Error};

use crate::amplitude::{CHANNELS, SCALE};
use crate::classifier::Classifier;
use crate::features::{RANK, column_sums, features};
use crate::model::Model;
use crate::session::{Recognize, Recognized};

/// Windows that W is fitted to, about, where it is relearnt: 200 s.
pub const MEMORY: f32 = 2000.0;

/// Floats that a recogniser borrows, whatever it does.
pub const FLOATS: usize = Online::floats(CHANNELS, RANK, SETTINGS.keep);

const NONE: Penalty = Penalty { l1: 0.0, l2: 0.0 };

/// Exact latents, then one sweep of W on the sum over the past.
pub const SETTINGS: OnlineSettings = OnlineSettings {
    latents: Latents::Exact,
    window: MEMORY,
    keep: Keep::Products,
    penalties: Penalties { w: NONE, h: NONE },
    horizon: 0,
    seed: 0,
};

/// The rule of W's half-steps.
fn rule() -> Sweeps {
    Sweeps::HALS
}

/// Synergies and a classifier.
#[derive(Debug)]
pub struct Recognizer<'b> {
    synergies: Synergies<'b>,
    classifier: &'b Classifier,
    sums: [f32; RANK],
}

#[derive(Debug)]
enum Synergies<'b> {
    Fixed(Transform<'b>),
    Relearnt(Online<'b>),
}

impl<'b> Recognizer<'b> {
    /// W stays as it was learnt on the first session.
    ///
    /// # Errors
    ///
    /// [`Error`], if core refuses W.
    pub fn fixed(model: &'b Model, memory: &'b mut [f32; FLOATS]) -> Result<Self, Error> {
        let memory = memory.get_mut(..Transform::floats(RANK)).unwrap_or_default();
        let settings = TransformSettings::default();
        let transform = Transform::new(&model.w, RANK, settings, memory)?;
        Ok(Self::of(model, Synergies::Fixed(transform)))
    }

    /// Every window moves W a little, from what was learnt on the first session.
    ///
    /// # Errors
    ///
    /// [`Error`], if core refuses what was learnt.
    pub fn relearning(model: &'b Model, memory: &'b mut [f32; FLOATS]) -> Result<Self, Error> {
        Ok(Self::of(model, Synergies::Relearnt(primed(model, memory)?)))
    }

    fn of(model: &'b Model, synergies: Synergies<'b>) -> Self {
        Self { synergies, classifier: &model.classifier, sums: column_sums(&model.w) }
    }
}

impl Recognize for Recognizer<'_> {
    /// Recognises a window; then W follows it, unless it is fixed.
    fn window(&mut self, amplitudes: &[u16; CHANNELS]) -> Result<Recognized, Error> {
        let column = Data::column(amplitudes, SCALE)?;
        let (mut h, mut residual) = ([0.0; RANK], [0.0]);
        // The latents of a window are those for W as it was before it.
        let sums = self.sums;
        match &mut self.synergies {
            Synergies::Fixed(transform) => transform.exact(&column, &mut h, &mut residual)?,
            Synergies::Relearnt(online) => {
                online.column(&column, &mut rule())?;
                h.iter_mut().zip(online.h()).for_each(|(h, new)| *h = *new);
                residual = [online.residual()];
                self.sums = column_sums(online.w());
            }
        }
        let features = features(&h, &sums);
        let [residual] = residual;
        Ok(Recognized { gesture: self.classifier.gesture(&features), features, residual })
    }

    fn w(&self) -> &[f32] {
        match &self.synergies {
            Synergies::Fixed(transform) => transform.w(),
            Synergies::Relearnt(online) => online.w(),
        }
    }
}

/// A stream that knows the first session: its past are the mean windows of the gestures, as loud as their shares weigh.
///
/// # Errors
///
/// [`Error`], if core refuses what was learnt.
pub fn primed<'b>(model: &Model, memory: &'b mut [f32; FLOATS]) -> Result<Online<'b>, Error> {
    let mut online = Online::new(CHANNELS, RANK, SETTINGS, memory)?;
    for column in &model.past {
        // Each teaches what its latents are for that W; W itself is not to move yet.
        online.set(&model.w)?;
        online.column(&Data::column(column, 1.0)?, &mut rule())?;
    }
    online.set(&model.w)?;
    Ok(online)
}
