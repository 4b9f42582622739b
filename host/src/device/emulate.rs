//! Runs an image under QEMU and decodes what it logs through defmt.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use defmt_decoder::{DecodeError, Table};
use wait_timeout::ChildExt;

use super::{DeviceError, Image, Order, Outcome};

/// Begins the line that carries the report.
const REPORT: &str = "report ";

/// The policy's name on the image's command line: without folders, so that no space can split it.
const POLICY_FILE: &str = "policy.tnmf";

impl Image {
    /// The image, an ELF file.
    #[must_use]
    pub fn elf(&self) -> &Path {
        &self.elf
    }

    /// Runs the image to its end, for at most `limit`.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Stopped`] with the image's log where it refused the policy, panicked or faulted;
    /// [`DeviceError::Timeout`]; [`DeviceError::Log`].
    pub fn run(&self, order: Order<'_>, limit: Duration) -> Result<Outcome, DeviceError> {
        // The image reads the policy from QEMU's working directory.
        let folder = tempfile::tempdir().map_err(failed("no temporary folder"))?;
        let argument = match order {
            Order::Shipped => "",
            Order::Bound => ",arg=bound",
            Order::Policy(blob) => {
                fs::write(folder.path().join(POLICY_FILE), blob)
                    .map_err(failed("the policy cannot be handed to the device"))?;
                &format!(",arg={POLICY_FILE}")
            }
        };
        let mut qemu = Command::new(self.board.emulator)
            .current_dir(&folder)
            .args(self.board.machine)
            .args(["-display", "none", "-semihosting-config"])
            .arg(format!("enable=on,target=native,arg={}{argument}", self.board.name))
            .arg("-kernel")
            .arg(&self.elf)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => DeviceError::NoEmulator(self.board.emulator),
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
            Some(status) if status.success() => outcome(log),
            Some(status) => Err(DeviceError::Stopped { status, log: log.join("\n") }),
            None => Err(DeviceError::Timeout { limit, log: log.join("\n") }),
        }
    }

    /// The lines of a log, by the format strings that the image holds.
    fn decode(&self, bytes: &[u8]) -> Result<Vec<String>, DeviceError> {
        let elf = fs::read(&self.elf).map_err(failed("the image cannot be read"))?;
        let table = Table::parse(&elf)
            .map_err(|error| DeviceError::Log(error.to_string()))?
            .ok_or_else(|| DeviceError::Log("the image holds no format strings".into()))?;
        let mut decoder = table.new_stream_decoder();
        decoder.received(bytes);
        let mut lines = Vec::new();
        loop {
            match decoder.decode() {
                Ok(frame) => lines.push(frame.display_message().to_string()),
                // The stream ends, perhaps within a frame where the image was stopped.
                Err(DecodeError::UnexpectedEof) => return Ok(lines),
                Err(error) => return Err(DeviceError::Log(error.to_string())),
            }
        }
    }
}

/// Finds the report in a log.
fn outcome(log: Vec<String>) -> Result<Outcome, DeviceError> {
    let report = log
        .iter()
        .find_map(|line| line.strip_prefix(REPORT))
        .ok_or_else(|| DeviceError::Log("it has no report".into()))?;
    let report = serde_json::from_str(report).map_err(|e| DeviceError::Log(e.to_string()))?;
    Ok(Outcome { report, log })
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

fn failed(what: &'static str) -> impl Fn(io::Error) -> DeviceError {
    move |source| DeviceError::Io { what, source }
}
