//! Whether a board does what the host does, bit by bit, with every step rule.

use std::fmt::Write;
use std::time::Duration;

use tinynmf::error::Result;
use tinynmf_core::Fingerprint;

use super::{Board, DeviceError, Image, Report};

/// The reports of one board, and those of the host on the same problems.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    /// The board.
    pub board: Board,
    /// The device's reports, one for each step rule.
    pub device: Vec<Report>,
    /// The host's reports on the same problem.
    pub host: Vec<Report>,
}

impl Image {
    /// Factorises a few digits with every step rule on the device, for at most `limit` in all.
    ///
    /// # Errors
    ///
    /// As [`Image::run`].
    pub fn identity(&self, limit: Duration) -> Result<Identity, DeviceError> {
        Identity::of(self.board, &self.command("identity", limit)?)
    }
}

impl Identity {
    /// The reports in a log, and the host's.
    pub(super) fn of(board: Board, log: &[String]) -> Result<Self, DeviceError> {
        let device: Vec<Report> = super::log::records(log, "report")?;
        let host: Result<_> = device.iter().map(Report::recompute_named).collect();
        let host = host.map_err(|error| DeviceError::Log(error.to_string()))?;
        Ok(Self { board, device, host })
    }

    /// Reports that agree with the host's in every bit.
    #[must_use]
    pub fn equal(&self) -> usize {
        self.device.iter().zip(&self.host).filter(|(device, host)| device == host).count()
    }
}

/// One number for all of W, H and losses in the reports.
#[must_use]
pub fn fingerprint(reports: &[Report]) -> u64 {
    let mut all = Fingerprint::new();
    for word in reports.iter().flat_map(|report| [report.w, report.h, report.losses]) {
        all.word(word);
    }
    all.value()
}

/// A Markdown table: the host, then a line a board.
#[must_use]
pub fn table(identities: &[Identity]) -> String {
    let mut text = String::from(
        "| processor | Rust target | in | runs with the host's bits | fingerprint |\n\
         |---|---|---|---:|---|\n",
    );
    if let Some(first) = identities.first() {
        let fingerprint = fingerprint(&first.host);
        let _ = writeln!(text, "| x86-64 | the host's | | | `{fingerprint:016x}` |");
    }
    for identity in identities {
        let Identity { board, device, .. } = identity;
        let _ = writeln!(
            text,
            "| {} | `{}` | `{}` | {} of {} | `{:016x}` |",
            board.core,
            board.target,
            board.place(),
            identity.equal(),
            device.len(),
            fingerprint(device)
        );
    }
    text
}
