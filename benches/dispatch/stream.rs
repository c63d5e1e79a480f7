//! The recorded streams: walks through Wi-Fi's life, the same each time.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::engines::{Engine, Noting};
use crate::interface::{Transition, Trigger, transitions};
use crate::moment::Moment;
use crate::nic::Medium;

/// How many moments each stream has.
pub const LENGTH: usize = 16_384;

/// A kind of stream.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    /// How many of a hundred events the table takes; the others it ignores.
    taken: u32,
}

pub const KINDS: [Kind; 2] = [
    Kind {
        name: "valid",
        taken: 100,
    },
    Kind {
        name: "mixed",
        taken: 40,
    },
];

impl Kind {
    /// Records the stream: at each moment one of the events that the state takes, or one of those
    /// that it ignores, each as likely as the next. Timers run out when they are due and never
    /// else, for only that the crate's machine can be asked.
    pub fn record(self) -> Vec<Moment> {
        let table: Vec<Transition> = transitions(Medium::Wifi).collect();
        let mut random = Pcg64Mcg::seed_from_u64(20_261_120);
        let mut player = Noting::new();
        let mut now = 0;
        let mut moments = Vec::with_capacity(LENGTH);
        while moments.len() < LENGTH {
            let state = player.machine.state();
            let due = player.machine.due();
            let held = player.machine.is_held();
            let take = random.random_range(0..100) < self.taken;
            let choices: Vec<Trigger> = table
                .iter()
                .filter(|row| Some(row.state().code()) == state)
                .filter(|row| row.is_ignored() != take)
                .map(Transition::trigger)
                .filter(|trigger| match trigger {
                    Trigger::DeadlinePassed | Trigger::RetryDue | Trigger::Stable if take => {
                        due.is_some_and(|(_, timer)| timer == *trigger)
                    }
                    // A machine that nobody holds is stopped, and is not asked to stop again.
                    Trigger::Stop => held,
                    _ => true,
                })
                .collect();
            if choices.is_empty() {
                continue;
            }
            let trigger = choices[random.random_range(0..choices.len())];
            now = match (trigger, due) {
                (Trigger::DeadlinePassed | Trigger::RetryDue | Trigger::Stable, Some((at, _)))
                    if take =>
                {
                    at
                }
                // Far below the shortest deadline.
                _ => now + random.random_range(1..10),
            };
            player.play(now, trigger);
            moments.push(Moment { now, trigger });
        }
        moments
    }
}
