//! Passes the memory layout to the linker.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    fs::copy("memory.x", folder.join("memory.x")).expect("OUT_DIR is writable");
    println!("cargo::rustc-link-search={}", folder.display());
    // The linker script of cortex-m-rt.
    println!("cargo::rustc-link-arg-bins=-Tlink.x");
}
