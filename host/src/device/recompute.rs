//! The device's factorisation once more, on the host.

use tinynmf_core::rule::Bound;
use tinynmf_core::{Data, Error, Fingerprint, Policy, Rule, Settings, policy};

use super::{Order, Report};
use crate::digits;
use crate::nmf_vec::NmfVec;

/// What one step of a pixel counts on the device: V is in 0..=1.
const SCALE: f32 = 1.0 / 16.0;

impl Report {
    /// What the host reports on the same problem with the same step rule: equal to `self` unless a bit
    /// differs somewhere on the way.
    ///
    /// # Errors
    ///
    /// Of the policy in `order`, and of a problem that is none.
    pub fn recompute(&self, order: Order<'_>) -> Result<Self, Error> {
        let (name, checksum, mut rule) = match order {
            Order::Shipped => learned(policy::SHIPPED)?,
            Order::Bound => ("bound(0.95)", 0, Bound::new(0.95)?.into()),
            Order::Policy(blob) => learned(blob)?,
        };
        let v = digits::first(self.rows);
        let data = Data::new(v.entries(), v.rows(), v.cols(), SCALE)?;
        let settings = Settings { horizon: self.epochs, seed: self.seed, ..Settings::default() };
        let mut nmf = NmfVec::new(v.rows(), v.cols(), self.rank, settings)?;
        let mut run = nmf.run(data)?;
        let mut losses = vec![run.loss()];
        for _ in 0..self.epochs {
            run.epoch(&mut rule);
            losses.push(run.loss());
        }
        Ok(Self {
            rule: name.to_owned(),
            checksum,
            rows: v.rows(),
            columns: v.cols(),
            loss_bits: losses[losses.len() - 1].to_bits(),
            w: fingerprint(run.w()),
            h: fingerprint(run.h()),
            losses: fingerprint(&losses),
            ..*self
        })
    }
}

fn learned(blob: &[u8]) -> Result<(&'static str, u32, Rule<'_>), Error> {
    let policy = Policy::from_bytes(blob)?;
    Ok(("learned", policy.checksum(), Rule::learned(policy)))
}

fn fingerprint(floats: &[f32]) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(floats);
    fingerprint.value()
}
