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
mod failures;
mod lan9118;
mod server;
mod stack;

use cortex_m::singleton;
use cortex_m_rt::entry;
use lankeeper::{Config, InterfaceConfig, InterfaceId, Policy};
use panic_semihosting as _;

use application::{Application, Device};
use backend::Firmware;
use board::Board;
use ethernet::Ethernet;
use stack::{Buffers, MAX_PAYLOAD, Sockets, Stack};

#[entry]
fn main() -> ! {
    static mut BUFFERS: Buffers = Buffers::new();
    static mut SOCKETS: Sockets = Sockets::new();
    static mut PAYLOAD: [u8; MAX_PAYLOAD] = [0; MAX_PAYLOAD];

    let mut board = Board::take().expect("the board is taken once");
    // A chip without an address is broken; the manager finds out when it powers up the port.
    let mac = board.chip.address().unwrap_or_default();
    // Devices that boot together must not retry in step, so each one uses its own address as seed.
    let seed = u64::from_le_bytes([mac[0], mac[1], mac[2], mac[3], mac[4], mac[5], 0, 0]);

    let ethernet = Ethernet::new(board.chip);
    let stack = Stack::new(ethernet, BUFFERS, SOCKETS, mac, seed);
    let server = command_line::server();
    let backend = Firmware::new(stack, board.clock, board.sleeper, server);
    // Statics show up in the image size, unlike the stack of `main`.
    let backend = singleton!(BACKEND: Firmware = backend).expect("main runs once");

    let mut config = Config::new(seed, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    // This application goes on without its server, and wants to hear of errors meanwhile.
    config.policy = Policy::KeepTrying;
    let device = Device::with_capacities(&config).unwrap_or_else(|error| panic!("{error}"));
    let device = singleton!(DEVICE: Device = device).expect("main runs once");
    let mut application = Application::start(device, backend.clock.now(), server.is_some())
        .unwrap_or_else(|error| panic!("{error}"));

    loop {
        backend.wake();
        let mut now = backend.clock.now();
        while let Some(delivery) = device.poll(now, backend, PAYLOAD) {
            application.handle(device, backend, now, delivery, PAYLOAD);
            // Read anew, because handling takes time: a printed line about a millisecond.
            now = backend.clock.now();
        }
        application.run(device, backend, now);
        let deadline = device.poll_at().map(|deadline| deadline.at);
        backend.wait(deadline.into_iter().chain(application.poll_at()).min());
    }
}
