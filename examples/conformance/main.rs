//! Checks the Linux backend of `udp_echo` by the conformance suite, on a real Ethernet interface and in
//! a world that can be changed: a network namespace with a DHCP server and the other end of the cable.
//! `.ci/netns check conformance` makes both, and starts this within the namespace of the device.
//!
//! It prints a verdict for each check, and ends with status 1 if one failed. `bed.rs` is what the
//! author of another backend writes.
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

#[cfg(target_os = "linux")]
mod bed;
#[cfg(target_os = "linux")]
#[path = "../shared/endpoint.rs"]
mod endpoint;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "udp_echo uses the rest")]
#[path = "../linux/mod.rs"]
mod linux;
#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "other examples use the rest")]
#[path = "../stack/mod.rs"]
mod stack;

#[cfg(target_os = "linux")]
fn main() -> Result<std::process::ExitCode, Box<dyn core::error::Error>> {
    use std::process::ExitCode;

    use clap::Parser;
    use lankeeper::conformance::{Plan, run};
    use lankeeper::{InterfaceId, Span};

    let options = bed::Options::parse();
    let mut plan = Plan::new(InterfaceId::ETHERNET);
    plan.server = true;
    (plan.silence, plan.grace) = (Span::secs::<3>(), Span::secs::<1>());
    plan.nobody = Some(options.nobody);
    plan.lease = options.lease;
    let verdicts = run(&mut bed::NamespaceBed::new(options)?, &plan);
    print!("{verdicts}");
    Ok(if verdicts.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

#[cfg(not(target_os = "linux"))]
fn main() {
    eprintln!("this example runs on Linux only: its backend is made of Linux's packet sockets");
}
