//! The crate's own tables and machine, taken in by their files: the crate keeps them to itself,
//! and a benchmark is no reason to show them.
//!
//! Below them is a machine that does with a table no more than the peers do with their matches.

#[path = "../../src/interface/cellular.rs"]
mod cellular;
#[path = "../../src/interface/command.rs"]
mod command;
#[path = "../../src/interface/config.rs"]
mod config;
#[path = "../../src/interface/ethernet.rs"]
mod ethernet;
#[path = "../../src/interface/event.rs"]
mod event;
#[path = "../../src/interface/layout.rs"]
mod layout;
#[path = "../../src/interface/lookup.rs"]
mod lookup;
#[path = "../../src/interface/machine.rs"]
mod machine;
#[path = "../../src/interface/phase.rs"]
mod phase;
#[path = "../../src/interface/reason.rs"]
mod reason;
#[path = "../../src/interface/recovery.rs"]
mod recovery;
#[path = "../../src/interface/state.rs"]
mod state;
#[path = "../../src/interface/step.rs"]
mod step;
#[path = "../../src/interface/table.rs"]
mod table;
#[path = "../../src/interface/trigger.rs"]
mod trigger;
#[path = "../../src/interface/wifi.rs"]
mod wifi;

pub use command::Action;
pub use config::{InterfaceConfig, InterfaceConfigError};
pub use event::{Lease, Report};
pub(crate) use machine::{Addressing, Change, Holders, Interface};
pub use phase::Timer;
pub use reason::{Cause, Reason};
pub use recovery::Recovery;
pub use state::{State, UnknownCode};
pub use step::Step;
pub use table::{Transition, transitions};
pub use trigger::Trigger;

use crate::book::Book;
use crate::nic::Medium;
use lookup::table;
use table::Effect;

/// Wi-Fi's table, and the same action as the peers have.
pub struct Tabled {
    pub state: State,
    pub book: Book,
}

impl Tabled {
    pub const fn new() -> Self {
        Self {
            state: State::Unknown,
            book: Book::new(),
        }
    }

    pub fn take(&mut self, now: u64, trigger: Trigger) {
        self.take_as(Medium::Wifi, now, trigger);
    }

    /// The same with the table of any medium.
    #[inline(always)]
    pub fn take_as(&mut self, medium: Medium, now: u64, trigger: Trigger) {
        let spans = &self.book.spans;
        let Some(effect) = table(medium).effect(self.state, trigger) else {
            return;
        };
        let span = match *effect {
            Effect::Enter(state)
            | Effect::Search(state, _)
            | Effect::Resume(state)
            | Effect::Associate(state, _)
            | Effect::Address(state) => {
                self.state = state;
                // As the crate's machine finds the deadline of a state.
                match Step::of(state) {
                    Some(Step::Power) => spans.start,
                    Some(Step::Scan) => spans.scan,
                    Some(Step::Join) => spans.join,
                    Some(Step::Wps) => spans.wps,
                    Some(Step::Link) => spans.link,
                    Some(Step::Modem) => spans.modem,
                    Some(Step::Sim) => spans.sim,
                    Some(Step::Registration) => spans.registration,
                    Some(Step::Ppp) => spans.ppp,
                    _ => spans.dhcp,
                }
            }
            Effect::Connect => {
                self.state = State::Connected;
                spans.stable
            }
            Effect::Halt(state, ..) => {
                self.state = state;
                spans.retry
            }
            Effect::Close(state) => {
                self.state = state;
                return self.book.disarm();
            }
            Effect::Trust => return self.book.disarm(),
            Effect::Renew => return self.book.count(),
            Effect::Ignore(_) => return,
        };
        self.book.arm(now, span);
    }
}
