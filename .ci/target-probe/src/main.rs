//! Drives a manager with a random sequence of inputs and tells what came of it.
//!
//! ```text
//! probe hash SEED COUNT    the hash of all outputs
//! probe cost SEED COUNT    what the most expensive input of each pair costs
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

mod hash;
#[cfg(not(target_os = "none"))]
mod host;
mod kind;
mod random;
mod recorder;
mod sequence;
mod settings;
#[cfg(target_os = "none")]
mod target;

#[cfg(not(target_os = "none"))]
fn main() -> std::process::ExitCode {
    host::main()
}

/// What the probe is to do.
#[derive(Clone, Copy)]
struct Order {
    measures: bool,
    seed: u64,
    count: u32,
}

impl Order {
    /// Reads the arguments that follow the name of the program.
    fn read<'a>(mut arguments: impl Iterator<Item = &'a str>) -> Option<Self> {
        let measures = match arguments.next()? {
            "hash" => false,
            "cost" => true,
            _ => return None,
        };
        Some(Self {
            measures,
            seed: arguments.next()?.parse().ok()?,
            count: arguments.next()?.parse().ok()?,
        })
    }
}
