//! The device's factorisation once more, on the host.

use tinynmf::digits;
use tinynmf::error::Result;
use tinynmf::nmf_vec::NmfVec;
use tinynmf::rule_name;
use tinynmf_core::{Data, Fingerprint, Policy, Rule, Settings, policy};

use super::{Order, Report};

/// What one step of a pixel counts on the device: V is in 0..=1.
const SCALE: f32 = 1.0 / 16.0;

impl Order<'_> {
    /// The step rule's name and the policy that it would ask.
    fn rule(&self) -> (&'static str, &[u8]) {
        match self {
            Order::Shipped => ("learned", policy::SHIPPED),
            Order::Bound => ("bound(0.95)", policy::SHIPPED),
            Order::Policy(blob) => ("learned", blob),
        }
    }
}

impl Report {
    /// What the host reports on the same problem for `order`: equal to `self` unless a bit differs
    /// somewhere on the way.
    ///
    /// # Errors
    ///
    /// Of the policy in `order`, and of a problem that is none.
    pub fn recompute(&self, order: Order<'_>) -> Result<Self> {
        let (name, blob) = order.rule();
        self.recompute_with(name, blob)
    }

    /// What the host reports on the same problem with the step rule that the report names and the
    /// shipped policy.
    ///
    /// # Errors
    ///
    /// Of a rule or a problem that is none.
    pub fn recompute_named(&self) -> Result<Self> {
        self.recompute_with(&self.rule, policy::SHIPPED)
    }

    fn recompute_with(&self, name: &str, blob: &[u8]) -> Result<Self> {
        let policy = Policy::from_bytes(blob).map_err(tinynmf_core::Error::from)?;
        let mut rule = rule_name::parse(name, &policy)?;
        let checksum = if let Rule::Learned(_) = rule { policy.checksum() } else { 0 };
        let v = digits::first(self.rows);
        let entries = v.entries();
        let data = Data::new(&entries, v.rows(), v.cols(), SCALE)?;
        let Self { epochs: horizon, batch, noise, seed, .. } = *self;
        let settings = Settings { horizon, batch, noise, seed, ..Settings::default() };
        let mut nmf = NmfVec::new(v.rows(), v.cols(), self.rank, settings)?;
        let mut run = nmf.run(data)?;
        let mut losses = vec![run.loss()];
        for _ in 0..horizon {
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

fn fingerprint(floats: &[f32]) -> u64 {
    let mut fingerprint = Fingerprint::new();
    fingerprint.floats(floats);
    fingerprint.value()
}
