//! The crate's own tables and machine, taken in by their files: the crate keeps them to itself,
//! and a benchmark is no reason to show them.
//!
//! Below them is a machine that does with a table no more than the peers do with their matches.

#[path = "../../src/interface/awaited.rs"]
mod awaited;
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
#[path = "../../src/interface/laid.rs"]
mod laid;
#[path = "../../src/interface/layout.rs"]
mod layout;
#[path = "../../src/interface/lookup.rs"]
mod lookup;
#[path = "../../src/interface/machine.rs"]
mod machine;
#[path = "../../src/interface/pending.rs"]
mod pending;
#[path = "../../src/interface/phase.rs"]
mod phase;
#[path = "../../src/interface/reason.rs"]
mod reason;
#[path = "../../src/interface/recovery.rs"]
mod recovery;
#[path = "../../src/interface/rows.rs"]
mod rows;
#[path = "../../src/interface/state.rs"]
mod state;
#[path = "../../src/interface/step.rs"]
mod step;
#[path = "../../src/interface/table.rs"]
mod table;
#[path = "../../src/interface/transition.rs"]
mod transition;
#[path = "../../src/interface/trigger.rs"]
mod trigger;
#[path = "../../src/interface/wifi.rs"]
mod wifi;

pub use command::Action;
pub use config::InterfaceConfig;
pub use event::{Lease, Report};
pub(crate) use machine::{Addressing, Change, Holders, Interface};
pub use phase::Timer;
pub use reason::{Cause, Reason};
pub use recovery::Recovery;
pub use state::{State, UnknownCode};
pub use step::Step;
pub use transition::{Transition, transitions};
pub use trigger::Trigger;

use crate::book::{Book, Spans};
use crate::nic::Medium;
use awaited::Awaited;
use laid::Untimed;
use lookup::Outcome;

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
        let Some(outcome) = Outcome::of(medium, self.state, trigger) else {
            return;
        };
        if let Some(timed) = outcome.timed() {
            self.state = timed.state;
            return self.book.arm(now, span(&self.book.spans, timed.awaited));
        }
        match outcome.untimed() {
            Some(Untimed::Close(state)) => {
                self.state = state;
                self.book.disarm();
            }
            Some(Untimed::Trust) => self.book.disarm(),
            Some(Untimed::Renew) => self.book.count(),
            None => {}
        }
    }
}

const fn span(spans: &Spans, awaited: Awaited) -> u64 {
    match awaited {
        Awaited::Power => spans.start,
        Awaited::Scan => spans.scan,
        Awaited::Join => spans.join,
        Awaited::Wps => spans.wps,
        Awaited::Link => spans.link,
        Awaited::Dhcp => spans.dhcp,
        Awaited::Modem => spans.modem,
        Awaited::Sim => spans.sim,
        Awaited::Registration => spans.registration,
        Awaited::Ppp => spans.ppp,
        Awaited::Stability => spans.stable,
        Awaited::BackOff => spans.retry,
    }
}
