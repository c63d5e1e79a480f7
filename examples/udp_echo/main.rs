//! An echo server on a real network: it sends every datagram on its UDP port back to the sender,
//! within lankeeper's limits.
//!
//! It runs on Linux, on an Ethernet interface on which the kernel has no address (see
//! `../linux/mod.rs`), and needs the privilege to open raw sockets:
//!
//! ```sh
//! cargo build --release --example udp_echo
//! sudo target/release/examples/udp_echo --interface echo0
//! ```
//!
//! With `--server HOST:PORT` it also stays connected to a server, over the same interface and
//! through a proxy if there is one. Each attempt logs its result, such as `server: NO_PROXY (6)`. A
//! lost connection is retried, and reported only if that fails for a minute; with settings from a
//! file it is reported at once.
//!
//! To see how a program uses the crate, read `echo.rs` and `server.rs`, then `../stack/backend.rs`
//! and `../linux/`.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::std_instead_of_core,
    clippy::wildcard_enum_match_arm,
    unreachable_pub,
    reason = "an example may panic; these lints guard the core"
)]
#![cfg_attr(
    not(target_os = "linux"),
    allow(dead_code, unused_imports, reason = "it runs on Linux only")
)]

mod echo;
#[path = "../shared/endpoint.rs"]
mod endpoint;
#[cfg(target_os = "linux")]
#[path = "../linux/mod.rs"]
mod linux;
mod nic_file;
mod options;
mod server;
#[path = "../stack/mod.rs"]
mod stack;
mod status;

use core::error::Error;
use std::process::ExitCode;

use clap::Parser;
use lankeeper::Clock;

use echo::Echo;
use options::Options;
use status::StatusLine;

fn main() -> ExitCode {
    let options = Options::parse();
    env_logger::Builder::new()
        .filter_level(log::LevelFilter::Info)
        .parse_default_env()
        .format_timestamp_millis()
        .format_target(false)
        .init();
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("udp_echo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Echoes until a signal stops it.
#[cfg(target_os = "linux")]
fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    use linux::{LinuxBackend, Wait, Woken};
    use std::os::fd::AsFd;

    let nic = options.nic()?;
    let clock = Clock::new();
    let wait = Wait::new()?;
    let mut backend = linux::open(clock.now(), &options.interface, options.server.clone())?;
    let mut echo = Echo::open(clock.now(), options, &nic, linux::random())?;
    let mut status_line = StatusLine::default();
    let refused = |backend: &LinuxBackend| backend.interface.stack.card.refused();
    loop {
        let now = clock.now();
        backend.set_now(now);
        echo.run(now, &mut backend);
        status_line.print(now, echo.status(now, refused(&backend)));

        let wake_at = [echo.poll_at(), backend.poll_at(), status_line.poll_at()];
        let timeout = wake_at
            .into_iter()
            .flatten()
            .min()
            .map(|at| at.saturating_duration_since(clock.now()));
        let interface = &backend.interface;
        let sources = [interface.stack.card.as_fd(), interface.link.as_fd()];
        if wait.sleep(sources, timeout)? == Woken::Stop {
            break;
        }
    }
    let now = clock.now();
    backend.set_now(now);
    echo.close(now, &mut backend);
    status::print(&echo.status(now, refused(&backend)));
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn run(_: &Options) -> Result<(), Box<dyn Error>> {
    Err("this example runs on Linux only: its backend is made of Linux's packet sockets".into())
}
