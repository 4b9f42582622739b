//! Runs an image under QEMU.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use wait_timeout::ChildExt;

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
        let argument = if word.is_empty() { String::new() } else { format!(",arg={word}") };
        let mut qemu = Command::new(self.board.emulator)
            .current_dir(folder)
            .args(self.board.machine)
            .args(["-display", "none", "-semihosting-config"])
            .arg(format!("enable=on,target=native,arg={}{argument}", self.board.name))
            .args(options)
            .arg("-kernel")
            .arg(&self.elf)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => self.board.no_emulator(),
                _ => failed("QEMU did not start")(error),
            })?;
        let (stdout, stderr) = (drain(qemu.stdout.take()), drain(qemu.stderr.take()));
        let status = qemu.wait_timeout(limit).map_err(failed("QEMU got lost"))?;
        if status.is_none() {
            qemu.kill().and_then(|()| qemu.wait()).map_err(failed("QEMU cannot be stopped"))?;
        }
        let mut log = self.decode(&stdout.join().unwrap_or_default())?;
        let complaints = stderr.join().unwrap_or_default();
        log.extend(String::from_utf8_lossy(&complaints).lines().map(str::to_owned));
        match status {
            Some(status) if status.success() => Ok(log),
            Some(status) => Err(DeviceError::Stopped { status, log: log.join("\n") }),
            None => Err(DeviceError::Timeout { limit, log: log.join("\n") }),
        }
    }
}

/// Reads a pipe to its end on a thread, so that QEMU never waits for a reader.
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

pub(super) fn failed(what: &'static str) -> impl Fn(io::Error) -> DeviceError {
    move |source| DeviceError::Io { what, source }
}
