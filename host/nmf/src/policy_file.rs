//! Policy files on disk.

use std::path::Path;

use tinynmf_core::{Policy, Settings};

use crate::error::{Error, Result};
use crate::input;
use crate::text::shown;

/// The policy in the file at `path`, read into `blob`; without a path the one of those that ship which suits
/// mini-batches of a share of `batch`, or exact gradients where that is 1.
///
/// # Errors
///
/// A file that cannot be read or that is not an intact policy.
pub fn read<'b>(path: Option<&Path>, batch: f32, blob: &'b mut Vec<u8>) -> Result<Policy<'b>> {
    let name = path.map_or("the shipped policy".into(), shown);
    let bytes: &'b [u8] = match path {
        None => Settings { batch, ..Settings::default() }.shipped_policy(),
        Some(path) => {
            *blob = input::read(path, input::POLICY)?;
            blob
        }
    };
    Policy::from_bytes(bytes).map_err(|reason| {
        Error::format(&name, reason.to_string(), "copy it again, or make it with `tinynmf export`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tinynmf_core::policy;

    #[test]
    fn reads_the_shipped_policy_and_its_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy.tnmf");
        std::fs::write(&path, policy::SHIPPED).unwrap();
        let mut blob = Vec::new();
        assert_eq!(read(Some(&path), 1.0, &mut blob).unwrap().blob(), policy::SHIPPED);
        assert_eq!(read(None, 1.0, &mut blob).unwrap().blob(), policy::SHIPPED);
        assert_eq!(read(None, 0.1, &mut blob).unwrap().blob(), policy::BATCHES);
    }

    #[test]
    fn names_the_file_and_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("torn.tnmf");
        std::fs::write(&path, &policy::SHIPPED[..100]).unwrap();
        let refusal = read(Some(&path), 1.0, &mut Vec::new()).unwrap_err().to_string();
        assert!(refusal.contains("torn.tnmf") && refusal.contains("truncated"), "{refusal}");
        let missing =
            read(Some(Path::new("no.tnmf")), 1.0, &mut Vec::new()).unwrap_err().to_string();
        assert!(missing.contains("no.tnmf: cannot be read"), "{missing}");
    }
}
