//! The blob as Rust source.

use std::fmt::Write;

/// A Rust module with the blob as a constant, for firmware that has no file system.
#[must_use]
pub fn rust_module(blob: &[u8]) -> String {
    let mut module = format!(
        "/// A policy of tinynmf, for `tinynmf_core::Rule::asking`.\n\
         pub const POLICY: [u8; {}] = [\n",
        blob.len()
    );
    for line in blob.chunks(16) {
        let numbers: Vec<String> = line.iter().map(|byte| format!("{byte:#04x}")).collect();
        // Writing to a string cannot fail.
        let _ = writeln!(module, "    {},", numbers.join(", "));
    }
    module + "];\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_every_byte() {
        let module = rust_module(&[0, 1, 255, 16]);
        assert!(module.contains("[u8; 4]") && module.contains("0x00, 0x01, 0xff, 0x10,"));
    }
}
