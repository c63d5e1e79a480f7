//! What an attempt is, who asked for it and how long it may take, and how a connection is tried:
//! over which interface next, and what becomes of a failure.

use super::machine::{Connector, ConnectorChange};
use super::outcome::{ConnectOutcome, Failure};
use super::{Policy, ServerState};
use crate::nic::{InterfaceId, InterfaceName, Medium};
use crate::span::Span;
use crate::time::Instant;

/// The number of an attempt to connect: its request returns it, and its result carries it (CON-26).
///
/// No number is used again within 4 billion attempts. An attempt that another request supersedes
/// has no result (CON-9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AttemptId(u32);

impl AttemptId {
    /// Before the first attempt.
    pub(super) const NONE: Self = Self(0);

    /// The number itself.
    ///
    /// ```
    /// use lankeeper::AttemptId;
    ///
    /// assert_eq!(AttemptId::from_bits(7).to_bits(), 7);
    /// ```
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// The attempt with this number.
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The number of the next attempt.
    pub(super) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}

/// A connection that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request {
    pub(crate) route: Route,
    /// The name of the interface in the result; if `None`, that of the one that was tried.
    pub(crate) name: Option<InterfaceName>,
    /// How long each interface may take; if `None`, as configured for its medium.
    pub(crate) timeout: Option<Span>,
    /// Whether a fleet may be asking at once: a configured spread puts the attempt off (CON-18).
    pub(crate) is_put_off: bool,
}

/// Why a connection is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Somebody asked for it.
    Asked,
    /// A connection was lost. `ServerLost` is reported only if it does not come back (CON-12).
    Silent,
    /// The application is suspended meanwhile (CON-13).
    Suspended,
}

/// The present attempt, or the most recent one: a present connection is the result of it.
#[derive(Clone, Debug)]
pub(super) struct Attempt {
    pub(super) purpose: Purpose,
    /// The interfaces over which it is tried; the present one carries the connection, if any does.
    pub(super) route: Route,
    /// The name of the interface in the result.
    pub(super) name: Option<InterfaceName>,
    /// Whether somebody waits for a result.
    pub(super) needs_result: bool,
    /// Whether the next wait is put off by a part of the spread: what it follows may have happened
    /// to a whole fleet (CON-18).
    pub(super) is_put_off: bool,
    /// When the try over this interface, or the whole round, is over; never between two rounds.
    pub(super) until: Instant,
    /// How long each interface may take.
    pub(super) timeout: Option<Span>,
    /// How the newest try failed, or that it succeeded.
    pub(super) failure: Failure,
}

impl Attempt {
    /// Nothing was tried yet.
    pub(super) const NONE: Self = Self {
        purpose: Purpose::Silent,
        route: Route::Order { place: 0, more: 0 },
        name: None,
        timeout: None,
        needs_result: false,
        is_put_off: false,
        failure: Failure::NONE,
        until: Instant::NEVER,
    };

    /// An attempt that somebody asks for.
    pub(super) const fn asked(request: &Request) -> Self {
        Self {
            purpose: Purpose::Asked,
            route: request.route,
            name: request.name,
            timeout: request.timeout,
            needs_result: true,
            is_put_off: request.is_put_off,
            ..Self::NONE
        }
    }
}

/// Over which interfaces a connection is tried, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Over this one, with the settings that are stored or in use.
    Named(InterfaceId),
    /// Over this one, with settings that are used for this connection only (CFG-2).
    Given(InterfaceId),
    /// Over the one at this place of the server order, then over so many more, going round.
    Order { place: u8, more: u8 },
}

impl Route {
    /// All of an order of this length, from the beginning.
    pub(super) fn order(length: usize) -> Self {
        Self::round(0, length)
    }

    fn round(place: u8, length: usize) -> Self {
        let length = u8::try_from(length).unwrap_or(u8::MAX);
        Self::Order {
            place: place.checked_rem(length).unwrap_or(0),
            more: length.saturating_sub(1),
        }
    }

    /// The interface to try now.
    pub(super) fn interface(self, order: &[InterfaceId]) -> Option<InterfaceId> {
        match self {
            Self::Named(id) | Self::Given(id) => Some(id),
            Self::Order { place, .. } => order.get(usize::from(place)).copied(),
        }
    }

    /// Goes on to the next interface. Returns false if none is left to be tried.
    pub(super) fn advance(&mut self, order: &[InterfaceId]) -> bool {
        let Self::Order { place, more } = self else {
            return false;
        };
        let length = u8::try_from(order.len()).unwrap_or(u8::MAX);
        let next = place.saturating_add(1).checked_rem(length);
        let (Some(next), Some(rest)) = (next, more.checked_sub(1)) else {
            return false;
        };
        *place = next;
        *more = rest.min(length);
        true
    }

    /// Begins the whole route again, `skipped` interfaces after the present one. Skipping one keeps
    /// an interface that takes all the time from hiding the others.
    // size: 3 callers
    #[inline(never)]
    pub(super) fn restart(&mut self, skipped: u8, order: &[InterfaceId]) {
        if let Self::Order { place, .. } = *self {
            *self = Self::round(place.saturating_add(skipped), order.len());
        }
    }

    pub(super) const fn is_given(self) -> bool {
        matches!(self, Self::Given(_))
    }
}

impl<const N: usize> Connector<N> {
    /// Begins what was asked for: at once, or within the spread if it is to be put off. Until then it
    /// holds no interface.
    pub(super) fn begin(&mut self, now: Instant) {
        if self.spread.is_none() || !core::mem::take(&mut self.attempt.is_put_off) {
            return self.want_next(now);
        }
        self.wanted = None;
        // A result can come before the first try: then it is that of the interface to be tried.
        self.tried = self.attempt.route.interface(&self.order);
        let begin = self.put_off(now);
        self.transition_to(ServerState::Waiting, begin);
    }

    /// An instant, later by some part of the spread if one is configured.
    fn put_off(&mut self, instant: Instant) -> Instant {
        match self.spread {
            Some(spread) => self.back_off.part(spread).after(instant),
            None => instant,
        }
    }

    /// Wants the interface that comes next, so that a try over it begins.
    pub(super) fn want_next(&mut self, now: Instant) {
        let Some(id) = self.attempt.route.interface(&self.order) else {
            return self.conclude(now);
        };
        if self.attempt.purpose == Purpose::Asked {
            let configured = self.timeouts.of(id.medium());
            self.attempt.until = self.attempt.timeout.unwrap_or(configured).after(now);
        }
        self.wanted = Some(id);
        self.transition_to(ServerState::WaitingForInterface, Instant::NEVER);
        self.try_waits = true;
    }

    /// The server is connected: the attempt has succeeded.
    pub(super) fn succeed(&mut self, now: Instant) {
        let stable = self.back_off.stable_after().after(now);
        self.transition_to(ServerState::Connected, stable);
        self.attempt.failure = Failure::of(ConnectOutcome::ServerConnected);
        self.note_result();
    }

    /// Stores why the try or the connection is over.
    pub(super) fn end(&mut self, mut outcome: ConnectOutcome, code: Option<i32>) {
        // PPP_NO_CONNECTIVITY is an outcome of PPP only (CON-11).
        let is_ppp = self
            .wanted
            .is_some_and(|id| id.medium() == Medium::Cellular);
        if outcome == ConnectOutcome::PppNoConnectivity && !is_ppp {
            outcome = ConnectOutcome::NoServer;
        }
        self.attempt.failure = Failure { outcome, code };
    }

    /// The try over this interface failed: goes on to the next one. After the last one a requested
    /// attempt ends, and a round waits before it begins with the next interface.
    pub(super) fn fail(&mut self, now: Instant) {
        if self.attempt.route.advance(&self.order) {
            return self.want_next(now);
        }
        self.attempt.route.restart(1, &self.order);
        match self.attempt.purpose {
            Purpose::Asked => self.conclude(now),
            Purpose::Silent | Purpose::Suspended => self.wait(now),
        }
    }

    /// The time of the try, or of the whole round, is over.
    pub(super) fn time_out(&mut self, now: Instant) {
        match self.attempt.purpose {
            Purpose::Asked => self.fail(now),
            Purpose::Silent | Purpose::Suspended => {
                self.attempt.route.restart(1, &self.order);
                self.conclude(now);
            }
        }
    }

    /// Everything has been tried, or the time is over: does what the policy says.
    fn conclude(&mut self, now: Instant) {
        match (self.policy, self.attempt.purpose) {
            (Policy::SuspendOnError, Purpose::Suspended) => self.pause(now),
            (Policy::SuspendOnError, Purpose::Asked | Purpose::Silent) => self.suspend(now),
            (Policy::ReturnOnError | Policy::ReturnOnErrorNoDisconnect, _) => self.give_up(),
        }
    }

    /// A connection is lost that nobody asked to drop. `comes_back` says whether its interface is
    /// already coming up again.
    pub(super) fn lose(&mut self, comes_back: bool, now: Instant) {
        self.attempt.name = None;
        self.attempt.route.restart(0, &self.order);
        self.begin_round(now);
        let suspends = self.policy == Policy::SuspendOnError;
        self.attempt.purpose = if suspends {
            Purpose::Suspended
        } else {
            Purpose::Silent
        };
        let is_given = self.attempt.route.is_given();
        if comes_back && !is_given {
            self.transition_to(ServerState::WaitingForInterface, Instant::NEVER);
            self.note_suspended();
        } else if suspends {
            self.suspend(now);
        } else if is_given {
            self.give_up();
        } else {
            self.wait(now);
        }
    }

    /// The time of a round begins, of which a wait is the first thing.
    fn begin_round(&mut self, now: Instant) {
        self.attempt.until = self.put_off(self.grace.after(now));
        self.attempt.is_put_off = true;
    }

    /// Suspends the application, and begins a round of tries.
    fn suspend(&mut self, now: Instant) {
        self.attempt.purpose = Purpose::Suspended;
        self.begin_round(now);
        if self.attempt.route.is_given() {
            // Settings that were given for this connection only are not used again (CFG-2).
            self.wanted = None;
            self.attempt.route = self.default_route();
        }
        self.wait(now);
        self.note_suspended();
    }

    /// Waits for the next try of a round: the first one is put off by a part of the spread, and so
    /// as not to undo that, each later one waits at least as long as the spread (CON-18).
    fn wait(&mut self, now: Instant) {
        let delay = self.back_off.spread_delay();
        let retry = match self.spread {
            Some(_) if core::mem::take(&mut self.attempt.is_put_off) => {
                self.put_off(delay.after(now))
            }
            Some(spread) => delay.max(self.back_off.lengthened(spread)).after(now),
            None => delay.after(now),
        };
        self.transition_to(ServerState::Waiting, retry);
    }

    /// Waits between two rounds, and holds no interface meanwhile.
    fn pause(&mut self, now: Instant) {
        self.wanted = None;
        self.attempt.until = Instant::NEVER;
        let pause = self.back_off.shortened(self.pause);
        let next_round = self.put_off(pause.after(now));
        self.transition_to(ServerState::Waiting, next_round);
    }

    /// A wait is over: begins the next try.
    pub(super) fn retry(&mut self, now: Instant) {
        if self.attempt.until == Instant::NEVER {
            // A pause: a new round begins. An attempt that was put off gets an end of its own.
            self.attempt.until = self.put_off(self.grace.after(now));
        } else {
            // Longer ones would miss a server that is back late in the grace (CON-12).
            self.back_off.lengthen_to(self.grace.quarter());
        }
        self.want_next(now);
    }

    /// The connection has proved stable.
    pub(super) fn trust(&mut self) {
        self.back_off.reset();
        self.deadline = Instant::NEVER;
    }

    /// Gives up, and reports it.
    pub(super) fn give_up(&mut self) {
        self.transition_to(ServerState::Disconnected, Instant::NEVER);
        if self.attempt.needs_result {
            self.note_result();
        } else if let Some(interface) = self.tried {
            self.note(ConnectorChange::GivenUp(interface));
        }
    }

    /// Drops everything, because a disconnect was requested.
    pub(super) fn drop_all(&mut self) {
        self.transition_to(ServerState::Disconnected, Instant::NEVER);
        self.note_result();
    }

    /// Reports how the attempt ended, if somebody waits for that.
    fn note_result(&mut self) {
        if core::mem::take(&mut self.attempt.needs_result) {
            self.note_end();
        }
    }

    fn note_suspended(&mut self) {
        let suspends = self.attempt.purpose == Purpose::Suspended;
        if suspends && !core::mem::replace(&mut self.suspended, true) {
            self.note(ConnectorChange::Suspended);
        }
    }
}
