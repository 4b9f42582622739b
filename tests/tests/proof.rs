//! Nothing in core can panic, shown by the linker; and what core does not carry.

use tinynmf_host::device::{Contents, DeviceError, MPS2_AN386, build};

fn proof(arguments: &[&str]) -> Result<Contents, DeviceError> {
    let elf = build(MPS2_AN386.target, &[&["--package", "tinynmf-proof"], arguments].concat())?;
    Contents::read(&elf)
}

/// One test, because both builds write the same file.
#[test]
fn core_links_only_without_a_path_to_a_panic() {
    let planted = proof(&["--bin", "everything", "--features", "planted"]);
    let Err(DeviceError::Build(message)) = planted else { panic!("it linked: {planted:?}") };
    assert!(message.contains("at least one panicking branch"), "{message}");

    let contents = proof(&["--bin", "everything"]).unwrap_or_else(|error| panic!("{error}"));
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
