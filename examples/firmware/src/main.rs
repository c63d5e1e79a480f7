//! Firmware of a small device: it gets its address by DHCP, echoes every datagram, and keeps a
//! connection to its server. It needs no allocator and no operating system.
//!
//! From the hardware upwards: `board` and `lan9118` drive the hardware, `ethernet` and `stack` run
//! smoltcp on it, `backend` carries out lankeeper's commands, `application` is what the device
//! does.
#![no_std]
#![no_main]

mod application;
mod backend;
mod board;
mod command_line;
mod ethernet;
mod lan9118;
mod server;
mod stack;

use cortex_m::singleton;
use cortex_m_rt::entry;
use lankeeper::{
    BackOffConfig, Config, InterfaceConfig, InterfaceId, Nic, Progress, Recovery, drive,
};
use panic_semihosting as _;

use application::{Application, Device};
use backend::Firmware;
use board::Board;
use ethernet::Ethernet;
use stack::{Buffers, Sockets, Stack};

#[entry]
fn main() -> ! {
    static mut BUFFERS: Buffers = Buffers::new();
    static mut SOCKETS: Sockets = Sockets::new();

    let Some(mut board) = Board::take() else {
        panic!("the board is already in use");
    };
    // A chip without an address is broken; the manager finds out when it powers up the port.
    let mac = board.chip.address().unwrap_or_default();
    // Devices that boot together must not retry in step, so each one uses its own address as seed.
    let seed = u64::from_le_bytes([mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], 0, 0]);

    let ethernet = Ethernet::new(board.chip);
    let stack = Stack::new(ethernet, BUFFERS, SOCKETS, mac, seed);
    let server = command_line::server();
    let backend = static_ref(singleton!(BACKEND: Firmware = Firmware::new(stack, server)));
    let device = match Device::new(&config(seed)) {
        Ok(device) => static_ref(singleton!(DEVICE: Device = device)),
        Err(error) => panic!("{error}"),
    };
    let nic = match Nic::named("eth0") {
        Ok(nic) => nic,
        Err(error) => panic!("{error}"),
    };
    let now = board.clock.now();
    let application = match Application::start(device, now, &nic, server.is_some()) {
        Ok(application) => static_ref(singleton!(APPLICATION: Application = application)),
        Err(error) => panic!("{error}"),
    };

    loop {
        board.sleeper.clear_pending();
        backend.stack.ethernet.chip.acknowledge();
        let now = board.clock.now();
        backend.set_now(now);
        let progress = drive(device, backend, now, |delivery| {
            application.handle_delivery(now, delivery);
        });
        let busy = application.run(device, backend, now);
        if let (Progress::Settled(deadline), false) = (progress, busy) {
            let wanted = [
                deadline.map(|deadline| deadline.at),
                backend.stack.poll_at(now),
                application.poll_at(),
            ];
            board.sleeper.sleep(now, wanted.into_iter().flatten().min());
        }
    }
}

/// Returns a static reference. Statics show up in the image size, unlike the stack of `main`.
fn static_ref<T>(slot: Option<&'static mut T>) -> &'static mut T {
    match slot {
        Some(value) => value,
        None => panic!("the static is already in use"),
    }
}

fn config(seed: u64) -> Config<1> {
    let mut back_off = BackOffConfig::default();
    back_off.seed = seed;
    let mut ethernet = InterfaceConfig::new(InterfaceId::ETHERNET);
    ethernet.recovery = Recovery::Automatic(back_off);
    let mut config = Config::new([ethernet]);
    config.server.retry = back_off;
    config
}
