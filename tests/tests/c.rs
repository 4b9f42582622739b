//! tinynmf from C: the header, the example and its bits, and what happens to those who misuse it.

use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../firmware/c"))
}

/// `TINYNMF_BLESS=1 cargo test -p tinynmf-tests --test c header` makes it anew.
#[test]
fn the_header_is_what_cbindgen_makes() {
    let folder = folder();
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let builder = ["error", "element", "matrix", "rule", "nmf", "transform"]
        .into_iter()
        .fold(cbindgen::Builder::new().with_config(config), |builder, module| {
            builder.with_src(folder.join(format!("src/{module}.rs")))
        });
    let mut made = Vec::new();
    builder.generate().unwrap().write(&mut made);
    let header = folder.join("include/tinynmf.h");
    if std::env::var_os("TINYNMF_BLESS").is_some() {
        std::fs::write(&header, &made).unwrap();
    }
    let made = String::from_utf8(made).unwrap();
    assert!(made == std::fs::read_to_string(header).unwrap(), "tinynmf.h is out of date");
}
