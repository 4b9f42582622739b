//! Nothing in core can panic, shown by the linker; and what core does not carry.

// Firmware is built in its own profiles, whatever that of the tests: once is enough.
#![cfg(not(debug_assertions))]

use tinynmf_lab::device::{Contents, DeviceError, MPS2_AN386, RELEASE, SMALL, build};

fn proof(profile: &str, arguments: &[&str]) -> Result<Contents, DeviceError> {
    let arguments = [&["--package", "tinynmf-proof", "--bin", "everything"], arguments].concat();
    Contents::read(&build(MPS2_AN386.target, profile, &arguments)?)
}

/// One test, because all builds of a profile write the same file.
#[test]
fn core_links_only_without_a_path_to_a_panic() {
    let planted = proof(RELEASE, &["--features", "planted"]);
    let Err(DeviceError::Build(message)) = planted else { panic!("it linked: {planted:?}") };
    assert!(message.contains("at least one panicking branch"), "{message}");

    for profile in [RELEASE, SMALL] {
        let contents = proof(profile, &[]).unwrap_or_else(|error| panic!("{profile}: {error}"));
        assert!(contents.flash > 10_000, "core is not in the image: {} bytes", contents.flash);
        for unwanted in [
            "rust_alloc",     // a heap
            "_Unwind",        // unwinding
            "eh_personality", // the same
            "flt2dec",        // text of floats
            "fmt5float",      // the same
            "panic_fmt",      // a panic's message
        ] {
            let found: Vec<_> =
                contents.symbols.iter().filter(|name| name.contains(unwanted)).collect();
            assert!(found.is_empty(), "{unwanted}: {found:?}");
        }
    }
}

/// Core and policy fit into 24 KiB of a Cortex-M4F's flash.
#[test]
fn a_factorisation_with_the_policy_takes_little_flash() {
    let arguments = ["--package", "tinynmf-proof", "--bin", "learned"];
    let elf = build(MPS2_AN386.target, SMALL, &arguments).unwrap_or_else(|e| panic!("{e}"));
    let flash = Contents::read(&elf).unwrap().flash;
    assert!((12 * 1024..24 * 1024).contains(&flash), "{flash} bytes");
}
