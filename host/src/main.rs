//! The `tinynmf` binary.
fn main() {}
