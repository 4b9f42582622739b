//! The device's factorisation once more, on the host.

use std::ops::ControlFlow;

use tinynmf::digits;
use tinynmf::error::Result;
use tinynmf::nmf_vec::NmfVec;
use tinynmf::play::play;
use tinynmf::rule_name;
use tinynmf_core::noise::GradientNoise;
use tinynmf_core::{Data, Fingerprint, Rule, Settings, policy};

use super::{Order, Report};

/// Unit of a pixel on the device: V is in 0..=1.
const SCALE: f32 = 1.0 / 16.0;

impl Order<'_> {
    /// The rule's name, the rule, and the checksum of the policy that it asks.
    fn rule(&self) -> Result<(&'static str, Rule<'_>, u32)> {
        Ok(match self {
            Order::Shipped => asking(policy::SHIPPED)?,
            Order::Bound => ("bound(0.95)", rule_name::classical("bound(0.95)")?, 0),
            Order::Policy(blob) => asking(blob)?,
        })
    }
}

/// The rule that asks the policy in `blob`.
fn asking(blob: &[u8]) -> Result<(&'static str, Rule<'_>, u32)> {
    let rule = Rule::asking(blob).map_err(tinynmf_core::Error::from)?;
    let (name, checksum) = (rule.name(), rule.policy_checksum());
    Ok((name, rule, checksum))
}

impl Report {
    /// Report of the host on the same problem for `order`: equal to `self` unless a bit differs
    /// somewhere on the way.
    ///
    /// # Errors
    ///
    /// Of the policy in `order`, and of a problem that is none.
    pub fn recompute(&self, order: Order<'_>) -> Result<Self> {
        self.recompute_with(order.rule()?)
    }

    /// Report of the host on the same problem with the rule that the report names and the shipped policies.
    ///
    /// # Errors
    ///
    /// Of a rule or a problem that is none.
    pub fn recompute_named(&self) -> Result<Self> {
        let name: &str = &self.rule;
        self.recompute_with(match name {
            "learned" => asking(policy::SHIPPED)?,
            "schedule" => asking(policy::SCHEDULE)?,
            _ => (name, rule_name::classical(name)?, 0),
        })
    }

    fn recompute_with(&self, (name, mut rule, checksum): (&str, Rule<'_>, u32)) -> Result<Self> {
        let v = digits::first(self.rows);
        let entries = v.entries();
        let data = Data::new(&entries, v.rows(), v.cols(), SCALE)?;
        let Self { epochs: horizon, batch, noise, seed, .. } = *self;
        let settings = Settings { horizon, batch, seed, ..Settings::default() };
        let noise = GradientNoise::new(noise, seed)?;
        let mut nmf = NmfVec::new(v.rows(), v.cols(), self.rank, settings)?;
        let mut run = nmf.run(noise.on(data))?;
        let mut losses = vec![run.loss()];
        play(&mut run, &mut rule, horizon, |run, _| {
            losses.push(run.loss());
            ControlFlow::Continue(())
        });
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

fn fingerprint(floats: &[f32]) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(floats);
    fingerprint.value()
}
