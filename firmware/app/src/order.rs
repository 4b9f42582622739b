//! The host's order: the image's command line, and the policy file that it may name.

use core::ffi::CStr;

use semihosting::experimental::env::{self, Args};
use semihosting::fs::File;
use semihosting::io::{self, Read};
use thiserror::Error;
use tinynmf_core::policy;
use tinynmf_core::rule::Bound;
use tinynmf_digits::Order;

/// Bytes that the command line may have.
const MAX_LINE: usize = 256;

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
    #[error("the policy file has more than {0} bytes")]
    Size(usize),
    /// More stack was used than the measurement looks at.
    #[cfg(feature = "costs")]
    #[error("the stack went deeper than what was painted")]
    Stack,
    /// The problem, or the policy, was refused.
    #[error(transparent)]
    Core(#[from] tinynmf_core::Error),
}

impl From<policy::PolicyError> for Refusal {
    fn from(error: policy::PolicyError) -> Self {
        Self::Core(error.into())
    }
}

/// The image's command line.
pub struct CommandLine(Args<MAX_LINE>);

impl CommandLine {
    /// Asks the host for it.
    pub fn read() -> Result<Self, Refusal> {
        env::args().map(Self).map_err(|_| Refusal::CommandLine)
    }

    /// The word after the program's name.
    pub fn word(&self) -> Result<Option<&str>, Refusal> {
        (&self.0).into_iter().nth(1).transpose().map_err(|_| Refusal::CommandLine)
    }
}

/// The step rule that `word` asks for; a policy file goes into `file`.
pub fn read<'p>(word: Option<&str>, file: &'p mut [u8]) -> Result<Order<'p>, Refusal> {
    match word {
        None => Ok(Order::asking(policy::SHIPPED)?),
        Some("bound") => Ok(Order::classic("bound(0.95)", Bound::new(0.95)?)),
        Some(name) => Ok(Order::asking(load(name, file)?)?),
    }
}

/// Reads a whole file of the host.
fn load<'f>(name: &str, buffer: &'f mut [u8]) -> Result<&'f [u8], Refusal> {
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
    Err(Refusal::Size(buffer.len()))
}
