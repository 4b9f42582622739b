//! What an image logs through defmt, decoded by the format strings that the image holds.

use std::fs;

use defmt_decoder::{DecodeError, Table};

use super::emulate::failed;
use super::{DeviceError, Image};

impl Image {
    /// The lines of a log.
    pub(super) fn decode(&self, bytes: &[u8]) -> Result<Vec<String>, DeviceError> {
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

/// What `T` the lines that begin with `word` hold, in their order, as JSON.
pub(super) fn records<T: serde::de::DeserializeOwned>(
    log: &[String],
    word: &str,
) -> Result<Vec<T>, DeviceError> {
    log.iter()
        .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
        .map(|json| serde_json::from_str(json).map_err(|e| DeviceError::Log(e.to_string())))
        .collect()
}
