//! The three machines in smlang.
#![no_std]
#![no_main]

use lankeeper_size_probe::book::Book;
use lankeeper_size_probe::peers::in_smlang as wifi;
use lankeeper_size_probe::three::{cellular, ethernet};

pub enum Engine {
    Wifi(wifi::StateMachine<Book>),
    Ethernet(ethernet::StateMachine<Book>),
    Cellular(cellular::StateMachine<Book>),
}

pub enum Events {
    Wifi(wifi::Events),
    Ethernet(ethernet::Events),
    Cellular(cellular::Events),
}

#[unsafe(no_mangle)]
fn _start(engine: &mut Engine, now: u64, event: Events) {
    match (engine, event) {
        (Engine::Wifi(engine), Events::Wifi(event)) => drop(engine.process_event(now, event)),
        (Engine::Ethernet(engine), Events::Ethernet(event)) => {
            drop(engine.process_event(now, event));
        }
        (Engine::Cellular(engine), Events::Cellular(event)) => {
            drop(engine.process_event(now, event));
        }
        _ => {}
    }
}
