//! The log of an image, written through defmt and decoded by the format strings that the image holds.

use std::io::{ErrorKind, Read};
use std::path::Path;

use defmt_decoder::{DecodeError, Table};

use super::DeviceError;
use super::error::failed;
use tinynmf::input;

/// The format strings of an image, by which its log is decoded.
pub struct Formats(Table);

/// The bytes of an image.
pub(super) fn image(elf: &Path) -> Result<Vec<u8>, DeviceError> {
    input::read(elf, input::IMAGE).map_err(|error| DeviceError::Image(error.to_string()))
}

impl Formats {
    /// Finds them in the bytes of an ELF file.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Image`] for what is no ELF file, or holds no format strings.
    pub fn parse(elf: &[u8]) -> Result<Self, DeviceError> {
        let table = Table::parse(elf).map_err(|error| {
            DeviceError::Image(format!("not an ELF file with the texts of a log ({error})"))
        })?;
        table
            .map(Self)
            .ok_or_else(|| DeviceError::Image("the ELF file has no texts of a log".into()))
    }

    /// Decodes a log as it comes, from QEMU, a probe's RTT or serial dump, until it ends: `each` gets a line.
    ///
    /// Returns the number of frames that were damaged and left out, which only some encodings can tell.
    ///
    /// # Errors
    ///
    /// [`DeviceError::Io`]; [`DeviceError::Log`] for a log that is not this image's.
    pub fn follow(
        &self,
        input: &mut dyn Read,
        mut each: impl FnMut(&str),
    ) -> Result<u32, DeviceError> {
        let table = &self.0;
        let mut decoder = table.new_stream_decoder();
        let (mut buffer, mut damaged) = ([0; 4096], 0);
        loop {
            let read = match input.read(&mut buffer) {
                // The stream ends, perhaps within a frame where the image was stopped.
                Ok(0) => return Ok(damaged),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed("the log cannot be read")(error)),
            };
            decoder.received(&buffer[..read]);
            loop {
                match decoder.decode() {
                    Ok(frame) => each(&frame.display_message().to_string()),
                    Err(DecodeError::UnexpectedEof) => break,
                    Err(DecodeError::Malformed) if table.encoding().can_recover() => damaged += 1,
                    Err(error) => return Err(DeviceError::Log(error.to_string())),
                }
            }
        }
    }
}

/// The lines of a whole log of the image `elf`.
pub(super) fn decode(elf: &Path, mut bytes: &[u8]) -> Result<Vec<String>, DeviceError> {
    let mut lines = Vec::new();
    Formats::parse(&image(elf)?)?.follow(&mut bytes, |line| lines.push(line.to_owned()))?;
    Ok(lines)
}

/// JSON of the lines that begin with `word`, in their order.
///
/// # Errors
///
/// [`DeviceError::Log`] for a line that holds something else.
pub fn records<T: serde::de::DeserializeOwned>(
    log: &[String],
    word: &str,
) -> Result<Vec<T>, DeviceError> {
    log.iter()
        .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
        .map(|json| serde_json::from_str(json).map_err(|e| DeviceError::Log(e.to_string())))
        .collect()
}
