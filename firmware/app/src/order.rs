//! What the host asks for: the image's command line, and the policy file that it may name.

use core::ffi::CStr;

use semihosting::experimental::env;
use semihosting::fs::File;
use semihosting::io::{self, Read};
use thiserror::Error;
use tinynmf_core::rule::Bound;
use tinynmf_core::{Policy, Rule, policy};

/// Bytes that a policy file may have.
pub const MAX_POLICY: usize = 8 * 1024;

/// Bytes that the command line may have.
const MAX_LINE: usize = 256;

/// A step rule, and what it is called in the report.
pub struct Order<'p> {
    /// As in the table of rules.
    pub name: &'static str,
    /// The policy's CRC-32; 0 without a policy.
    pub checksum: u32,
    /// The rule.
    pub rule: Rule<'p>,
}

/// Why the image ends without a result.
#[derive(Debug, Error)]
pub enum Refusal {
    /// The command line is not text of at most [`MAX_LINE`] bytes.
    #[error("the command line is not UTF-8 text of at most {MAX_LINE} bytes")]
    CommandLine,
    /// The host did not let the policy file be read.
    #[error("the policy file cannot be read: {0}")]
    File(io::Error),
    /// The policy file does not fit into memory.
    #[error("the policy file has more than {MAX_POLICY} bytes")]
    Size,
    /// The problem, or the policy, was refused.
    #[error(transparent)]
    Core(#[from] tinynmf_core::Error),
}

impl From<policy::PolicyError> for Refusal {
    fn from(error: policy::PolicyError) -> Self {
        Self::Core(error.into())
    }
}

impl<'p> Order<'p> {
    /// Reads the command line; a policy file goes into `file`.
    pub fn read(file: &'p mut [u8; MAX_POLICY]) -> Result<Self, Refusal> {
        let line = env::args::<MAX_LINE>().map_err(|_| Refusal::CommandLine)?;
        // The first word is the program's name.
        match (&line).into_iter().nth(1).transpose().map_err(|_| Refusal::CommandLine)? {
            None => Self::learned(policy::SHIPPED),
            Some("bound") => {
                let rule = Bound::new(0.95)?.into();
                Ok(Self { name: "bound(0.95)", checksum: 0, rule })
            }
            Some(name) => Self::learned(load(name, file)?),
        }
    }

    fn learned(blob: &'p [u8]) -> Result<Self, Refusal> {
        let policy = Policy::from_bytes(blob)?;
        Ok(Self { name: "learned", checksum: policy.checksum(), rule: Rule::learned(policy) })
    }
}

/// Reads a whole file of the host.
fn load<'f>(name: &str, buffer: &'f mut [u8; MAX_POLICY]) -> Result<&'f [u8], Refusal> {
    let mut terminated = [0; MAX_LINE + 1];
    let path = terminated.get_mut(..name.len()).ok_or(Refusal::CommandLine)?;
    path.copy_from_slice(name.as_bytes());
    let path = CStr::from_bytes_until_nul(&terminated).map_err(|_| Refusal::CommandLine)?;
    let mut file = File::open(path).map_err(Refusal::File)?;
    let mut length = 0;
    while let Some(free) = buffer.get_mut(length..).filter(|free| !free.is_empty()) {
        match file.read(free).map_err(Refusal::File)? {
            0 => return Ok(&buffer[..length]),
            read => length += read,
        }
    }
    Err(Refusal::Size)
}
