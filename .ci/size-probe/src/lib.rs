//! The parts whose size is measured. Each program in `bin` begins with one of them and does
//! nothing else: the arguments come from nowhere, for it is linked and never run.
#![no_std]
#![allow(
    dead_code,
    unexpected_cfgs,
    unused_imports,
    reason = "the crate's own modules are taken in as they are, and only some are measured"
)]

#[path = "../../../src/alarm.rs"]
mod alarm;
#[path = "../../../src/back_off.rs"]
mod back_off;
#[path = "../../../benches/dispatch/book.rs"]
pub mod book;
#[path = "../../../src/connect/mod.rs"]
mod connect;
pub mod connector;
#[path = "../../../src/counter.rs"]
mod counter;
#[path = "../../../src/generation.rs"]
mod generation;
#[path = "../../../benches/dispatch/interface.rs"]
pub mod interface;
#[path = "../../../src/ipv4/mod.rs"]
mod ipv4;
pub mod machine;
pub mod manager;
#[path = "../../../src/nic/mod.rs"]
mod nic;
#[path = "../../../benches/dispatch/peers.rs"]
pub mod peers;
#[path = "../../../src/random.rs"]
mod random;
pub mod room;
#[path = "../../../src/span.rs"]
mod span;
pub mod three;
#[path = "../../../src/time.rs"]
mod time;

use core::panic::PanicInfo;

pub use nic::Medium;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}
