//! The backend of the firmware under the conformance suite of lankeeper: prints a verdict for each
//! check. The world around the board is changed by `scenes/suite.py`, which is asked for it.
#![no_std]
#![no_main]

#[path = "../../backend.rs"]
mod backend;
mod bed;
#[path = "../../board.rs"]
mod board;
#[path = "../../command_line.rs"]
mod command_line;
#[path = "../../ethernet.rs"]
mod ethernet;
#[path = "../../failures.rs"]
mod failures;
#[path = "../../lan9118.rs"]
mod lan9118;
#[path = "../../server.rs"]
mod server;
#[allow(dead_code, reason = "the application talks to its server")]
#[path = "../../stack.rs"]
mod stack;

use cortex_m::singleton;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use lankeeper::conformance::{Plan, run};
use lankeeper::{InterfaceId, Span};
use panic_semihosting as _;

use backend::Firmware;
use bed::BoardBed;
use board::Board;
use ethernet::Ethernet;
use stack::{Buffers, Sockets, Stack};

#[entry]
fn main() -> ! {
    static mut BUFFERS: Buffers = Buffers::new();
    static mut SOCKETS: Sockets = Sockets::new();

    let mut board = Board::take().expect("the board is taken once");
    let mac = board.chip.address().unwrap_or_default();
    let stack = Stack::new(Ethernet::new(board.chip), BUFFERS, SOCKETS, mac, 1);
    let server = command_line::server();
    let backend = Firmware::new(stack, board.clock, board.sleeper, server);
    let backend = singleton!(BACKEND: Firmware = backend).expect("main runs once");

    let mut plan = Plan::new(InterfaceId::ETHERNET);
    plan.server = server.is_some();
    plan.port = 20_001;
    plan.nobody = "10.0.2.77:9".parse().ok();
    (plan.silence, plan.grace) = (Span::secs::<3>(), Span::secs::<1>());
    for verdict in run(&mut BoardBed::new(backend), &plan).iter() {
        hprintln!("{}", verdict);
    }
    hprintln!("the end");
    debug::exit(debug::EXIT_SUCCESS);
    unreachable!()
}
