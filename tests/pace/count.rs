//! How often each command is given: in any hour, and hour by hour.

use std::collections::VecDeque;

use lankeeper::{Instant, InterfaceId};

use super::HOUR;
use super::kind::{Kind, ServerKind};

/// What is counted on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Counted {
    Interface(InterfaceId, Kind),
    Server(ServerKind),
}

struct Track {
    what: Counted,
    /// Those of the last hour.
    recent: VecDeque<Instant>,
    /// The most in any hour so far.
    most: usize,
    /// How many in each hour of the clock.
    hourly: Vec<usize>,
}

#[derive(Default)]
pub(super) struct Counts {
    tracks: Vec<Track>,
}

impl Counts {
    /// Counts a command, and returns how many of its kind there were in the hour that ends now.
    pub(super) fn add(&mut self, now: Instant, what: Counted) -> usize {
        let known = self.tracks.iter().position(|track| track.what == what);
        let index = known.unwrap_or_else(|| {
            self.tracks.push(Track {
                what,
                recent: VecDeque::new(),
                most: 0,
                hourly: Vec::new(),
            });
            self.tracks.len() - 1
        });
        let track = &mut self.tracks[index];
        track.recent.push_back(now);
        forget_old(&mut track.recent, now);
        track.most = track.most.max(track.recent.len());
        let hour = hour_of(now);
        if track.hourly.len() <= hour {
            track.hourly.resize(hour + 1, 0);
        }
        track.hourly[hour] += 1;
        track.recent.len()
    }

    /// The most of the commands of one kind that were given to an interface in any hour.
    pub(super) fn most(&self) -> usize {
        let interface = |track: &&Track| matches!(track.what, Counted::Interface(..));
        let tracks = self.tracks.iter().filter(interface);
        tracks.map(|track| track.most).max().unwrap_or(0)
    }

    /// The same of the server connection.
    pub(super) fn most_of_server(&self) -> usize {
        let server = |track: &&Track| matches!(track.what, Counted::Server(_));
        let tracks = self.tracks.iter().filter(server);
        tracks.map(|track| track.most).max().unwrap_or(0)
    }

    /// What was given more often in the hour `last` than in the first, by more than `slack` allows.
    /// What several interfaces were given counts together, because which of them is tried changes
    /// from round to round.
    pub(super) fn growing(
        &self,
        last: usize,
        slack: impl Fn(Counted) -> usize,
    ) -> Option<(Counted, usize, usize)> {
        let hours = |track: &Track| {
            let alike = self
                .tracks
                .iter()
                .filter(|other| other.what.is_like(track.what));
            let in_hour = |hour: usize| {
                let each = alike.clone().map(|track| track.hourly.get(hour).copied());
                each.flatten().sum::<usize>()
            };
            (track.what, in_hour(0), in_hour(last))
        };
        let mut grown = self.tracks.iter().map(hours);
        grown.find(|(what, first, last)| *last > first + slack(*what))
    }
}

impl Counted {
    /// Whether it is the same command, if perhaps of another interface.
    fn is_like(self, other: Self) -> bool {
        match (self, other) {
            (Self::Interface(_, one), Self::Interface(_, another)) => one == another,
            _ => self == other,
        }
    }
}

/// Drops what is an hour old or older.
pub(super) fn forget_old(recent: &mut VecDeque<Instant>, now: Instant) {
    while let Some(oldest) = recent.front()
        && now.saturating_duration_since(*oldest) >= HOUR
    {
        recent.pop_front();
    }
}

pub(super) fn hour_of(now: Instant) -> usize {
    usize::try_from(now.as_micros() / HOUR.as_micros()).unwrap()
}

#[test]
fn counts_in_a_window_that_slides() {
    let mut counts = Counts::default();
    let what = Counted::Server(ServerKind::Connect);
    for (secs, expected) in [(0, 1), (1_800, 2), (3_599, 3), (3_600, 3), (5_400, 3)] {
        assert_eq!(counts.add(Instant::from_secs(secs), what), expected);
    }
    assert_eq!((counts.most_of_server(), counts.most()), (3, 0));
    assert!(counts.growing(1, |_| 0).is_none());
    counts.add(Instant::from_secs(5_401), what);
    counts.add(Instant::from_secs(5_402), what);
    assert_eq!(counts.growing(1, |_| 0), Some((what, 3, 4)));
    assert_eq!(counts.growing(1, |_| 1), None);
}
