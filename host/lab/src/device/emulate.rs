//! Runs an image under QEMU.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use wait_timeout::ChildExt;

use super::error::failed;
use super::log::decode;
use super::{DeviceError, Image, Order, Outcome, log};

/// The policy's name on the image's command line: without folders, so that no space can split it.
const POLICY_FILE: &str = "policy.tnmf";

impl Image {
    /// The image, an ELF file.
    #[must_use]
    pub fn elf(&self) -> &Path {
        &self.elf
    }

    /// Factorises digits on the device, for at most `limit`.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Stopped`] with the image's log where it refused the policy, panicked or faulted;
    /// [`DeviceError::Timeout`]; [`DeviceError::Log`].
    pub fn run(&self, order: Order<'_>, limit: Duration) -> Result<Outcome, DeviceError> {
        let (argument, policy) = match order {
            Order::Shipped => ("", None),
            Order::Bound => ("bound", None),
            Order::Policy(blob) => (POLICY_FILE, Some(blob)),
        };
        // The image reads the policy from QEMU's working directory.
        let folder = tempfile::tempdir().map_err(failed("no temporary folder"))?;
        if let Some(blob) = policy {
            fs::write(folder.path().join(POLICY_FILE), blob)
                .map_err(failed("the policy cannot be handed to the device"))?;
        }
        let log = self.execute(argument, folder.path(), &[], limit)?;
        let report = log::records(&log, "report")?.pop();
        let report = report.ok_or_else(|| DeviceError::Log("it has no report".into()))?;
        Ok(Outcome { report, log })
    }

    /// The log of the command `word`, which needs no file.
    ///
    /// # Errors
    ///
    /// As [`Image::run`].
    pub fn command(&self, word: &str, limit: Duration) -> Result<Vec<String>, DeviceError> {
        self.execute(word, Path::new("."), &[], limit)
    }

    /// Runs the image with one word on its command line (none if empty) and more `options` of QEMU; the log.
    pub(super) fn execute(
        &self,
        word: &str,
        folder: &Path,
        options: &[&str],
        limit: Duration,
    ) -> Result<Vec<String>, DeviceError> {
        let elf = if word == COSTS { &self.costs } else { &self.elf };
        let argument = if word.is_empty() { String::new() } else { format!(",arg={word}") };
        let qemu = Command::new(self.board.emulator)
            .current_dir(folder)
            .args(["-machine", self.board.machine])
            .args(["-display", "none", "-semihosting-config"])
            .arg(format!("enable=on,target=native,arg={}{argument}", self.board.name))
            .args(options)
            .arg("-kernel")
            .arg(elf)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => self.board.no_emulator(),
                _ => failed("QEMU did not start")(error),
            })?;
        let ended = attend(qemu, limit)?;
        let log = decode(elf, &ended.stdout)?;
        ended.check(log, limit)
    }
}

/// The word for counting costs.
pub(super) const COSTS: &str = "costs";

/// How an emulator ended.
pub(super) struct Ended {
    /// `None` where it was stopped.
    status: Option<ExitStatus>,
    /// Its output.
    pub stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Ended {
    /// The log, with what the emulator complained of, unless it failed.
    pub fn check(self, mut log: Vec<String>, limit: Duration) -> Result<Vec<String>, DeviceError> {
        log.extend(String::from_utf8_lossy(&self.stderr).lines().map(str::to_owned));
        match self.status {
            Some(status) if status.success() => Ok(log),
            Some(status) => Err(DeviceError::Stopped { status, log: log.join("\n") }),
            None => Err(DeviceError::Timeout { limit, log: log.join("\n") }),
        }
    }
}

/// Waits for an emulator's end, for at most `limit`; then stops it.
pub(super) fn attend(mut emulator: Child, limit: Duration) -> Result<Ended, DeviceError> {
    let (stdout, stderr) = (drain(emulator.stdout.take()), drain(emulator.stderr.take()));
    let status = emulator.wait_timeout(limit).map_err(failed("the emulator got lost"))?;
    if status.is_none() {
        emulator
            .kill()
            .and_then(|()| emulator.wait())
            .map_err(failed("the emulator cannot be stopped"))?;
    }
    let [stdout, stderr] = [stdout, stderr].map(|pipe| pipe.join().unwrap_or_default());
    Ok(Ended { status, stdout, stderr })
}

/// Reads a pipe to its end on a thread, so that the emulator never waits for a reader.
fn drain(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // A broken pipe ends the log; QEMU's exit status tells why.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}
