//! The peers as engines: each takes the same events in its own form.

use statig::blocking::{IntoStateMachineExt, StateMachine};

use crate::book::Book;
use crate::number;
use crate::peers::matched::{self, Matched};
use crate::peers::{Event, in_smlang, in_statig};
use crate::shared::engine::Engine;
use crate::stream::Moment;

pub type Smlang = in_smlang::StateMachine<Book>;
pub type Statig = StateMachine<in_statig::Life>;

/// One that keeps a book.
pub trait Peer: Engine<Moment> {
    fn book(&self) -> &Book;
}

/// The number of a peer's state.
macro_rules! number_of {
    ($states:path, $state:expr) => {{
        use $states as States;
        number(Some(match $state {
            States::Unknown { .. } => -1,
            States::Starting { .. } => 0,
            States::Connected { .. } => 1,
            States::Scanning { .. } => 100,
            States::Joining { .. } => 101,
            States::Wpsing { .. } => 102,
            States::Dhcping { .. } => 104,
            States::Stopped { .. } => 105,
            States::Unhappy { .. } => 106,
        }))
    }};
}

/// The events in the form of a peer, one that has taken none, how it takes one, its book and state.
macro_rules! peer {
    ($peer:ty, $event:ty: $prepare:expr, $fresh:expr, $take:expr, $book:expr, $state:expr) => {
        impl Engine<Moment> for $peer {
            type Input = (u64, $event);
            const BYTES: usize = size_of::<Self>();

            fn fresh() -> Self {
                $fresh
            }

            fn prepare(moment: &Moment) -> Self::Input {
                (moment.now, $prepare(moment.event))
            }

            fn decide(&mut self, (now, event): &Self::Input) -> u64 {
                let take: fn(&mut Self, u64, $event) = $take;
                take(self, *now, *event);
                0
            }

            fn common(&self, _: u64) -> u64 {
                let state: fn(&Self) -> u64 = $state;
                state(self)
            }
        }

        impl Peer for $peer {
            fn book(&self) -> &Book {
                let book: fn(&Self) -> &Book = $book;
                book(self)
            }
        }
    };
}

peer! {
    Matched, Event: |event| event, Self::new(), Self::take,
    |matched| &matched.book,
    |matched| number_of!(matched::State, matched.state)
}

peer! {
    Smlang, in_smlang::Events: Event::in_smlang, Self::new(Book::new()),
    |machine, now, event| drop(machine.process_event(now, event)),
    |machine| machine.context(),
    |machine| number_of!(in_smlang::States, machine.state())
}

peer! {
    Statig, Event: |event| event, in_statig::Life(Book::new()).state_machine(),
    |machine, mut now, event| machine.handle_with_context(&event, &mut now),
    |machine| &machine.inner().0,
    |machine| number_of!(in_statig::State, machine.state())
}

/// The loop alone.
pub struct Idle;

impl Engine<Moment> for Idle {
    type Input = (u64, Event);
    const BYTES: usize = 0;

    fn fresh() -> Self {
        Self
    }

    fn prepare(moment: &Moment) -> Self::Input {
        (moment.now, moment.event)
    }

    fn decide(&mut self, _: &Self::Input) -> u64 {
        0
    }
}
