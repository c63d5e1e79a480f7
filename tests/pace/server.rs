//! What the server does, and the network between.

use lankeeper::{Instant, InterfaceId, Lease, Medium, Report, ServerReport, ServerState, State};

use super::kind::{Kind, SERVER_FAILURES, ServerKind};
use super::world::{Later, World};
use super::{SERVER_STABLE_MS, after};
use crate::support::dice::Dice;

/// The interfaces of one world with the server of another.
pub(super) struct Both(pub(super) Box<dyn World>, pub(super) Box<dyn World>);

impl World for Both {
    fn answer(&mut self, now: Instant, id: InterfaceId, kind: Kind) -> Vec<Later<Report>> {
        self.0.answer(now, id, kind)
    }

    fn entered(&mut self, now: Instant, id: InterfaceId, state: State) -> Vec<Later<Report>> {
        self.0.entered(now, id, state)
    }

    fn wake(&mut self, now: Instant) -> (Vec<(InterfaceId, Report)>, Option<Instant>) {
        self.0.wake(now)
    }

    fn serve(&mut self, now: Instant, kind: ServerKind) -> Vec<Later<ServerReport>> {
        self.1.serve(now, kind)
    }

    fn server_entered(&mut self, now: Instant, state: ServerState) -> Vec<Later<ServerReport>> {
        self.1.server_entered(now, state)
    }
}

/// A network that gives an interface another address again and again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Renumbers {
    pub(super) id: InterfaceId,
    pub(super) every: u64,
    pub(super) next: u8,
}

impl World for Renumbers {
    fn wake(&mut self, now: Instant) -> (Vec<(InterfaceId, Report)>, Option<Instant>) {
        self.next = self.next % 100 + 1;
        let lease = Lease::new([192, 168, 1, self.next].into(), 24);
        let report = match self.id.medium() {
            Medium::Cellular => Report::PppUp(lease),
            _ => Report::Lease(lease),
        };
        (vec![(self.id, report)], Some(after(now, self.every)))
    }
}

/// In this state this report comes, so many milliseconds after it was entered.
pub(super) struct ServerPattern(pub(super) (ServerState, u64, ServerReport));

/// Every such pair that can happen without a proxy.
pub(super) fn server_patterns() -> Vec<(ServerState, u64, ServerReport)> {
    let mut patterns = Vec::new();
    let states = [
        ServerState::Resolving,
        ServerState::Connecting,
        ServerState::Connected,
    ];
    for state in states {
        for report in SERVER_FAILURES {
            patterns.extend([0, 1, 100, 9_000].map(|wait| (state, wait, report)));
        }
    }
    patterns
}

impl World for ServerPattern {
    fn serve(&mut self, _: Instant, kind: ServerKind) -> Vec<Later<ServerReport>> {
        let silenced = match kind {
            ServerKind::Resolve => self.0.0 == ServerState::Resolving,
            ServerKind::Connect => self.0.0 == ServerState::Connecting,
            _ => false,
        };
        let answer = kind.success().filter(|_| !silenced);
        answer.map(|report| (0, report)).into_iter().collect()
    }

    fn server_entered(&mut self, _: Instant, state: ServerState) -> Vec<Later<ServerReport>> {
        let (of, wait, report) = self.0;
        if state == of {
            vec![(wait, report)]
        } else {
            Vec::new()
        }
    }
}

/// A server that is lost when the connection has held for `stay`, and then `times` times quickly.
#[derive(Clone, Copy, Debug)]
pub(super) struct ServerHold {
    pub(super) stay: u64,
    pub(super) times: u32,
    pub(super) wait: u64,
    pub(super) left: u32,
}

impl World for ServerHold {
    fn server_entered(&mut self, _: Instant, state: ServerState) -> Vec<Later<ServerReport>> {
        if state != ServerState::Connected {
            return Vec::new();
        }
        let wait = if self.left > 0 {
            self.left -= 1;
            self.wait
        } else {
            self.left = self.times;
            self.stay
        };
        vec![(wait, ServerReport::Lost { code: 7 })]
    }
}

/// A server with habits.
pub(super) struct ServerMoody {
    dice: Dice,
    succeeds: u64,
    keeps: u64,
}

impl ServerMoody {
    pub(super) fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed ^ 0x005e_12e1);
        Self {
            succeeds: dice.one_of(&[20, 60, 95, 100]),
            keeps: dice.one_of(&[0, 20, 90]),
            dice,
        }
    }

    fn failure(&mut self) -> ServerReport {
        self.dice.one_of(&SERVER_FAILURES)
    }
}

impl World for ServerMoody {
    fn serve(&mut self, _: Instant, kind: ServerKind) -> Vec<Later<ServerReport>> {
        let whole = self.dice.below(30_000);
        let wait = self.dice.one_of(&[0, 1, 100, whole]);
        if self.dice.percent(self.succeeds) {
            return kind.succeeds(wait);
        }
        let report = self.failure();
        if kind.allows(report) {
            vec![(wait, report)]
        } else {
            Vec::new()
        }
    }

    fn server_entered(&mut self, _: Instant, state: ServerState) -> Vec<Later<ServerReport>> {
        if state != ServerState::Connected || self.dice.percent(self.keeps) {
            return Vec::new();
        }
        // Not just long enough: what that comes to has a test of its own.
        let whole = self.dice.below(SERVER_STABLE_MS);
        let wait = self.dice.one_of(&[0, 1, 100, whole, SERVER_STABLE_MS - 1]);
        vec![(wait, self.failure())]
    }
}
