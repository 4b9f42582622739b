//! The linker finds the scripts of the runtime and of defmt; the memory is in that of lm3s6965.

fn main() {
    for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
