//! Stays connected to a server: an attempt that fails is made again after a pause.

use lankeeper::{Duration, Instant, Manager, Nic, Notice, Outcome, Policy, Span};
use log::{info, warn};

/// Between a failure and the next attempt.
const PAUSE: Duration = Duration::from_secs(5);
/// How long what waits to be sent may take at the end.
const FLUSH: Option<Span> = Span::from_secs(1);

/// The wish to be connected, over the interface of a configuration.
pub struct ServerWish {
    nic: Nic,
    /// When to ask for the next attempt, unless one is under way.
    next: Option<Instant>,
}

impl ServerWish {
    /// The first attempt is due at once.
    pub fn new<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
        now: Instant,
        manager: &mut Manager<I, H, S, N, W>,
        nic: Nic,
    ) -> Self {
        // This program has other things to do than to wait for its server.
        manager.set_policy(now, Policy::ReturnOnError);
        let next = Some(now);
        Self { nic, next }
    }

    /// Asks for an attempt if one is due.
    pub fn run<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
        &mut self,
        now: Instant,
        manager: &mut Manager<I, H, S, N, W>,
    ) {
        if self.next.is_none_or(|at| now < at) {
            return;
        }
        self.next = None;
        if let Err(error) = manager.connect_with(now, &self.nic, None) {
            warn!("server: {error}");
            self.try_later(now);
        }
    }

    /// Tells what became of an attempt or a connection.
    pub fn take_notice(&mut self, now: Instant, notice: &Notice) {
        match *notice {
            Notice::ServerStateChanged { state } => info!("server: {state}"),
            Notice::ConnectEnded { outcome, code, .. } => {
                info!("server: {}", Told(outcome, code));
                if outcome != Outcome::ServerConnected {
                    self.try_later(now);
                }
            }
            Notice::ServerLost { outcome, code, .. } => {
                warn!("server: lost: {}", Told(outcome, code));
                self.try_later(now);
            }
            _ => {}
        }
    }

    /// Wants to be connected no more.
    pub fn end<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
        &mut self,
        now: Instant,
        manager: &mut Manager<I, H, S, N, W>,
    ) {
        self.next = None;
        manager.disconnect(now, FLUSH);
    }

    /// When to run again.
    pub fn poll_at(&self) -> Option<Instant> {
        self.next
    }

    fn try_later(&mut self, now: Instant) {
        self.next = Some(now.saturating_add(PAUSE));
    }
}

/// A result with its public code, and the backend's where it gave one.
struct Told(Outcome, Option<i32>);

impl core::fmt::Display for Told {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self(outcome, code) = self;
        write!(f, "{outcome} ({})", outcome.code())?;
        match code {
            Some(code) => write!(f, ", code {code}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lankeeper::{Config, InterfaceConfig, InterfaceId, ServerState};

    type Small = Manager<1, 1, 1, 16>;

    fn wish(interface: &str) -> (Small, ServerWish) {
        let config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
        let mut manager = Manager::new(&config).unwrap();
        let nic = Nic::named(interface).unwrap();
        let wish = ServerWish::new(Instant::EPOCH, &mut manager, nic);
        (manager, wish)
    }

    fn ended(outcome: Outcome) -> Notice {
        let interface = InterfaceId::ETHERNET.into();
        let code = None;
        Notice::ConnectEnded {
            interface,
            outcome,
            code,
        }
    }

    #[test]
    fn an_attempt_is_made_at_once_and_after_each_failure() {
        let (mut manager, mut wish) = wish("ethernet");
        assert_eq!(wish.poll_at(), Some(Instant::EPOCH));
        wish.run(Instant::EPOCH, &mut manager);
        assert_eq!(manager.server_state(), ServerState::WaitingForInterface);
        assert_eq!(wish.poll_at(), None);

        let now = Instant::from_micros(1_000_000);
        let later = Some(now.saturating_add(PAUSE));
        let lost = Notice::ServerLost {
            interface: InterfaceId::ETHERNET,
            outcome: Outcome::NoServer,
            code: Some(111),
        };
        for (notice, next) in [
            (ended(Outcome::ServerConnected), None),
            (lost, later),
            (ended(Outcome::NoProxy), later),
        ] {
            wish.next = None;
            wish.take_notice(now, &notice);
            assert_eq!(wish.poll_at(), next, "{notice:?}");
        }
        wish.end(now, &mut manager);
        assert_eq!(wish.poll_at(), None);
        assert_eq!(manager.server_state(), ServerState::Disconnected);
    }

    #[test]
    fn a_refused_request_is_made_again() {
        let (mut manager, mut wish) = wish("wifi");
        wish.run(Instant::EPOCH, &mut manager);
        assert_eq!(wish.poll_at(), Some(Instant::EPOCH.saturating_add(PAUSE)));
        assert_eq!(manager.server_state(), ServerState::Disconnected);
    }

    #[test]
    fn results_are_told_with_both_codes() {
        let told = Told(Outcome::NoProxy, Some(111)).to_string();
        assert_eq!(told, "NO_PROXY (6), code 111");
        assert_eq!(Told(Outcome::NoLink, None).to_string(), "NO_LINK (1)");
    }
}
