//! Tells the linker where the memory of the board is.

use std::path::PathBuf;
use std::{env, fs};

/// All of the board's memory: the sizes of a small device are the business of the example.
const MEMORY: &str =
    "MEMORY { FLASH : ORIGIN = 0, LENGTH = 4M  RAM : ORIGIN = 0x20000000, LENGTH = 4M }\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("none") {
        let folder = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
        fs::write(folder.join("memory.x"), MEMORY).expect("the build folder can be written to");
        println!("cargo::rustc-link-search={}", folder.display());
        println!("cargo::rustc-link-arg-bins=-Tlink.x");
    }
}
