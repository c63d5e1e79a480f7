//! How long the server connection waits between two tries, and what keeps a server that comes and
//! goes from being tried more and more often (CON-12, IFC-13).

use super::ServerConfig;
use crate::back_off::BackOff;
use crate::span::Span;
use crate::time::Instant;

/// The interfaces take other salts: their ordinals, which are not 0.
pub(super) const SALT: u32 = 0;

/// The back-off of the server connection.
#[derive(Clone, Debug)]
pub(super) struct Delays {
    pub(super) back_off: BackOff,
    /// How far delays had grown before the connection proved stable. Until it has held for five
    /// times as long, only the first delay is short: the second one goes on from here.
    pub(super) grown: Span,
    /// Whether delays grow no further than the limit of an outage: nothing failed before it.
    pub(super) is_capped: bool,
    /// Within it a server should be found again: the limit is a quarter of it.
    grace: Span,
    spread: Option<Span>,
    refused_delay: Span,
    /// A try that nobody asks for begins no sooner: a wait that news cut short is not over before,
    /// and a proxy that refused the credentials will not have changed its mind (IFC-16).
    pub(super) not_before: Instant,
}

impl Delays {
    /// No try has failed yet. `seed` is that of the device.
    // size: 30 B
    #[inline(never)]
    pub(super) fn new(config: &ServerConfig, seed: u64, spread: Option<Span>) -> Self {
        Self {
            back_off: BackOff::new(&config.retry, seed, SALT),
            grown: config.retry.initial(),
            is_capped: true,
            grace: config.grace,
            spread,
            refused_delay: config.refused_delay,
            not_before: Instant::EPOCH,
        }
    }

    /// Somebody asks for a connection, or has done something for it: nothing stands against a try.
    pub(super) const fn forgive(&mut self) {
        self.not_before = Instant::EPOCH;
    }

    /// A connection is lost. Delays grow without a limit if others were lost shortly before.
    pub(super) fn begin_outage(&mut self) {
        self.is_capped = self.back_off.next_delay().max(self.grown) == self.back_off.initial();
    }

    /// Whether only one wait was over since the connection was lost, and nothing had failed before.
    pub(super) fn are_fresh(&self) -> bool {
        self.is_capped && self.back_off.next_delay() <= self.back_off.initial().doubled()
    }

    /// The time within which a server should be found again is over: the delays may grow on.
    pub(super) const fn uncap(&mut self) {
        self.is_capped = false;
    }

    /// A pause between two rounds begins. It ends with a short delay, so that its round tries often
    /// enough; before, news cuts it short only after a delay as before any try.
    pub(super) fn pause(&mut self, pause: Span, now: Instant) -> Instant {
        let news = self.back_off.spread_delay().after(self.begin(now));
        let end = self.back_off.shortened(pause).after(now);
        let end = self.put_off(end).max(self.not_before);
        self.not_before = news;
        self.is_capped = true;
        end
    }

    /// A wait begins: returns its end. One that follows something which may have happened to a whole
    /// fleet `is_put_off` by a part of the spread; so as not to undo that, each other one lasts at
    /// least as long as the spread (CON-18).
    pub(super) fn wait(&mut self, is_put_off: bool, now: Instant) -> Instant {
        let begin = self.begin(now);
        let delay = self.back_off.spread_delay();
        match self.spread {
            Some(_) if is_put_off => self.put_off(delay.after(begin)),
            Some(spread) => delay.max(self.back_off.lengthened(spread)).after(begin),
            None => delay.after(begin),
        }
    }

    /// News cuts a wait short that lasts until `end`: returns its new end. What is left of it comes
    /// on top of the next one, so that there are no more tries than waits. The round that comes
    /// instead of the rest of a pause goes on with the delay that there was.
    pub(super) fn cut(
        &mut self,
        end: Instant,
        is_pause: bool,
        is_call: bool,
        now: Instant,
    ) -> Instant {
        let mut sooner = self.begin(now);
        if !is_call {
            sooner = self.put_off(sooner);
        }
        if sooner >= end {
            return end;
        }
        if is_pause {
            self.is_capped = false;
        } else {
            self.not_before = end;
        }
        sooner
    }

    /// A wait is over, and another try begins.
    // size: 2 callers
    #[inline(never)]
    pub(super) fn lengthen(&mut self) {
        if self.back_off.next_delay() < self.grown {
            self.back_off.lengthen_at_least_to(self.grown);
        } else if self.is_capped {
            self.back_off.lengthen_to(self.grace.quarter());
        } else {
            self.back_off.lengthen();
        }
    }

    /// A pause is over, and a round begins. If nothing cut the pause short, the delay is one of which a
    /// round has several.
    pub(super) fn begin_round(&mut self) {
        if self.is_capped {
            self.back_off.shorten_to(self.grace.quarter());
            self.forget();
        } else {
            self.lengthen();
        }
    }

    /// The proxy refuses the credentials, and will for a while.
    pub(super) fn refuse(&mut self, now: Instant) {
        let refused = self.back_off.lengthened(self.refused_delay).after(now);
        self.not_before = self.not_before.max(refused);
    }

    /// The connection has held for its stability time: the next delay is the first one again.
    /// Returns whether there were longer ones.
    pub(super) fn rest(&mut self) -> bool {
        self.grown = self.grown.max(self.back_off.next_delay());
        self.back_off.reset();
        self.grown > self.back_off.initial()
    }

    /// The connection has held for much longer: earlier failures count no more.
    pub(super) const fn forget(&mut self) {
        self.grown = self.back_off.initial();
    }

    /// The end of the time within which a server should be found again.
    // size: 54 B
    #[inline(never)]
    pub(super) fn end_of_grace(&mut self, now: Instant) -> Instant {
        self.put_off(self.grace.after(now))
    }

    /// An instant, later by some part of the spread if one is configured.
    // size: 6 callers
    #[inline(never)]
    pub(super) fn put_off(&mut self, instant: Instant) -> Instant {
        match self.spread {
            Some(spread) => self.back_off.part(spread).after(instant),
            None => instant,
        }
    }

    pub(super) const fn is_spread(&self) -> bool {
        self.spread.is_some()
    }

    /// Moves what is not over to a clock that says `to` where it said `from` (TIME-7).
    pub(super) const fn rebase(&mut self, from: Instant, to: Instant) {
        self.not_before = self.not_before.rebased(from, to);
    }

    /// When a try may begin that nobody asks for.
    // size: 30 B
    #[inline(never)]
    fn begin(&self, now: Instant) -> Instant {
        self.not_before.max(now)
    }
}
