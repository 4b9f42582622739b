//! The linker finds the scripts of the HAL and of defmt.

fn main() {
    for argument in ["-Tlinkall.x", "-Tdefmt.x"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
