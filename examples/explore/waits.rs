//! How long the server connection waits between two tries where its delays grow: from one millisecond
//! to two, of which one or two are drawn (CON-12, CON-18).

use core::hash::{Hash, Hasher};

use lankeeper::{Duration, Instant, ServerState};

use crate::operation::Operation;

/// The end of a range that every draw takes.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Draw {
    #[default]
    Longest,
    Shortest,
}

impl Draw {
    /// A seed whose first numbers are all in the lower or in the upper quarter.
    pub const fn seed(self) -> u64 {
        match self {
            Self::Longest => 75,
            Self::Shortest => 92,
        }
    }

    /// How long a wait is.
    const fn delay(self, is_long: bool) -> Duration {
        match self {
            Self::Longest if is_long => Duration::from_millis(2),
            _ => Duration::from_millis(1),
        }
    }
}

/// A connection that lasted for so long was stable, and for so long takes everything back.
const STABLE: Duration = Duration::from_millis(2);
const FORGOTTEN: Duration = Duration::from_millis(10);

/// The delays as the application knows them.
#[derive(Clone, Copy, Default)]
pub struct Waits {
    /// Whether the next delay is the long one.
    is_long: bool,
    /// Whether it was before the connection was stable: the second delay is long again.
    was_long: bool,
    /// Whether a failure or a loss was reported, so that nothing limits the delays.
    is_reported: bool,
    connected: Option<Instant>,
    /// When the present wait ends by itself: not sooner, and not later.
    soonest: Option<Instant>,
    latest: Option<Instant>,
}

impl Waits {
    pub fn view(&self, now: Instant, into: &mut impl Hasher) {
        (self.is_long, self.was_long, self.is_reported).hash(into);
        let lasted = self.lasted(now).map(|lasted| lasted.min(FORGOTTEN));
        lasted.map(|lasted| lasted.as_micros()).hash(into);
        for end in [self.soonest, self.latest] {
            let left = end.map(|end| end.saturating_duration_since(now));
            left.map(|left| left.as_micros()).hash(into);
        }
    }

    /// A failure or a loss is reported, and it is tried on.
    pub const fn report(&mut self) {
        self.is_reported = true;
    }

    /// An interface has come up: the wait is shorter (CON-19).
    pub const fn cut(&mut self) {
        self.soonest = None;
    }

    /// The server connection has another state by this operation.
    pub fn change(
        &mut self,
        (before, state): (Option<ServerState>, ServerState),
        (operation, draw): (Operation, Draw),
        now: Instant,
    ) -> Result<(), String> {
        let was_stable = self.lasted(now).is_some_and(|lasted| lasted >= STABLE);
        if before == Some(ServerState::Connected) {
            self.disconnect(now);
        }
        if before == Some(ServerState::Waiting) {
            self.end(state, operation, now)?;
        }
        match state {
            ServerState::Connected => self.connected = Some(now),
            ServerState::Waiting => {
                let end = now.saturating_add(draw.delay(self.is_long));
                self.soonest = Some(end);
                self.latest = was_stable.then_some(end);
            }
            _ => {}
        }
        Ok(())
    }

    /// Time has passed.
    pub fn check(&self, now: Instant) -> Result<(), String> {
        if self.latest.is_some_and(|latest| latest <= now) {
            return Err(
                "the first delay after a stable connection is not the first one (CON-12)".into(),
            );
        }
        Ok(())
    }

    fn lasted(&self, now: Instant) -> Option<Duration> {
        self.connected
            .map(|connected| now.saturating_duration_since(connected))
    }

    fn disconnect(&mut self, now: Instant) {
        let lasted = self.lasted(now).unwrap_or_default();
        if lasted >= STABLE {
            self.was_long |= self.is_long;
            self.is_long = false;
        }
        self.was_long &= lasted < FORGOTTEN;
        // What was lost shortly after another one is as if that was reported.
        self.is_reported = self.is_long || self.was_long;
        self.connected = None;
    }

    fn end(
        &mut self,
        state: ServerState,
        operation: Operation,
        now: Instant,
    ) -> Result<(), String> {
        let by_time = matches!(operation, Operation::Deadline | Operation::Millisecond);
        let is_early = self.soonest.is_some_and(|soonest| now < soonest);
        let tries = state == ServerState::WaitingForInterface;
        if by_time && tries && is_early {
            return Err(
                "tried again before the delay that was drawn is over (CON-12, CON-18)".into(),
            );
        }
        // A request leaves the delay as it is (CON-19).
        if tries && (by_time || matches!(operation, Operation::Report(..))) {
            self.is_long |= self.is_reported || self.was_long;
        }
        (self.soonest, self.latest) = (None, None);
        Ok(())
    }
}
