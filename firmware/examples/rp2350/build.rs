//! The linker finds the memory of this folder for the core that is built for, and the scripts of the runtime and of
//! defmt.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=riscv.x");
    println!("cargo::rustc-link-search={}", env!("CARGO_MANIFEST_DIR"));
    let riscv = env::var("TARGET").is_ok_and(|target| target.starts_with("riscv"));
    let memory = riscv.then_some("-Triscv.x");
    for argument in memory.into_iter().chain(["--nmagic", "-Tlink.x", "-Tdefmt.x"]) {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
