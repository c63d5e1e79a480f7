//! Uses the crate as firmware does: `core`, a panic handler, and no allocator.
//!
//! A library alone may name `alloc` without anybody noticing; the final link is where an allocator
//! must be there. A static library is such a final link.
#![no_std]

use core::hint::black_box;
use core::panic::PanicInfo;

use lankeeper::{
    Backend, Command, Config, Event, Instant, InterfaceConfig, InterfaceId, Manager, Nic, State,
    drive, send,
};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Hardware that takes every command and never answers.
struct Silent;

impl Backend for Silent {
    fn execute(&mut self, command: Command<'_>) {
        black_box(command);
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        black_box(None)
    }
}

/// One pass through the paved path, kept in the image.
#[unsafe(no_mangle)]
pub extern "C" fn lankeeper_probe(micros: u64) -> i32 {
    run(Instant::from_micros(micros)).map_or(i32::MIN, |state| state.code().into())
}

fn run(now: Instant) -> Option<State> {
    let config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
    let mut manager: Manager<1> = Manager::new(&config).ok()?;
    let nic = Nic::named(black_box("eth0")).ok()?;
    let handle = manager.open(now, &nic).ok()?;
    let socket = manager.udp_open(now, handle, Some(20_001)).ok()?;
    let mut backend = Silent;
    let _ = black_box(drive(&mut manager, &mut backend, now, |delivery| {
        black_box(delivery);
    }));
    let target = black_box("192.168.1.255");
    black_box(
        send(
            &mut manager,
            &mut backend,
            now,
            socket,
            target,
            20_001,
            b"hello",
        )
        .ok(),
    );
    manager.close(now, handle);
    manager.state(InterfaceId::ETHERNET)
}
