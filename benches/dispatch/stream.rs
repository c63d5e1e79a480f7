//! The recorded streams: walks through Wi-Fi's life, the same each time.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::managed::{Input, Noting};
use crate::peers::{Event, matched::Matched};
use crate::shared::engine::{Engine, Stream};

/// How many events each stream has.
const LENGTH: usize = 16_384;

/// An event, as the peers and as the manager take it.
pub struct Moment {
    pub now: u64,
    pub event: Event,
    pub input: Input,
}

pub const STREAMS: &[Stream<Moment>] = &[
    Stream {
        name: "every event taken",
        record: || record(100),
    },
    Stream {
        name: "40 % taken",
        record: || record(40),
    },
];

/// At each moment one of the events that the state takes, or one of those that it ignores, each as
/// likely as the next; so many of a hundred are taken. A timer runs out when the manager's does and
/// never else, because nothing else makes a manager's run out. What the peers do not know is left
/// out: a try that begins at the step that failed, and losses before CONNECTED was stable.
fn record(taken: u32) -> Vec<Moment> {
    let mut random = Pcg64Mcg::seed_from_u64(20_261_120);
    let (mut player, mut matched) = (Noting::new(), Matched::new());
    let mut now = 0;
    let mut moments = Vec::with_capacity(LENGTH);
    while moments.len() < LENGTH {
        let due = player.due();
        let take = random.random_range(0..100) < taken;
        let possible = |event: &Event| match event {
            Event::DeadlinePassed | Event::RetryDue | Event::Stable if take => {
                due.is_some_and(|(_, timer)| timer == *event)
            }
            // An interface that nobody holds is stopped, and cannot be stopped again.
            Event::Stop => player.is_held(),
            _ => true,
        };
        // Far below the shortest deadline.
        let soon = now + random.random_range(1..10);
        let at = |event| match due {
            Some((at, timer)) if take && timer == event => at,
            _ => soon,
        };
        let agree = |event| {
            let (mut player, mut matched) = (player.clone(), matched.clone());
            matched.take(at(event), event);
            player.play(at(event), event);
            player.number() == matched.common(0)
        };
        let choices: Vec<Event> = Event::ALL
            .iter()
            .copied()
            .filter(|event| takes(&matched, *event) == take && possible(event) && agree(*event))
            .collect();
        if choices.is_empty() {
            continue;
        }
        let event = choices[random.random_range(0..choices.len())];
        now = at(event);
        matched.take(now, event);
        let input = player.play(now, event);
        moments.push(Moment { now, event, input });
    }
    moments
}

/// Whether an event is taken, not ignored.
fn takes(matched: &Matched, event: Event) -> bool {
    let mut tried = matched.clone();
    tried.take(0, event);
    tried.book.taken != matched.book.taken
}
