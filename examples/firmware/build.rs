//! Tells the linker where the memory is.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    fs::copy("memory.x", folder.join("memory.x")).expect("the build folder can be written to");
    println!("cargo::rustc-link-search={}", folder.display());
    // The linker script of cortex-m-rt.
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
}
