//! Says which chip the target stands for. The linker finds the chip's memory from the HAL, and the scripts of the
//! runtime and of defmt.

use std::env;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(stm32h7, stm32u5)");
    let v8m = env::var("TARGET").is_ok_and(|target| target.starts_with("thumbv8m"));
    println!("cargo::rustc-cfg={}", if v8m { "stm32u5" } else { "stm32h7" });
    for argument in ["--nmagic", "-Tlink.x", "-Tdefmt.x"] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
