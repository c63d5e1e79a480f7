//! Keeps a connection to a server: a failed attempt is repeated after a delay.

use lankeeper::{ConnectOutcome, Duration, Instant, Manager, Nic, Notice, Policy, Span};
use log::{info, warn};

/// The delay between a failure and the next attempt.
const RETRY_DELAY: Duration = Duration::from_secs(5);
/// How long pending data may take to be sent at the end.
const FLUSH: Option<Span> = Span::from_secs(1);

/// A persistent connection over the interface of a configuration.
pub struct ServerConnection {
    nic: Nic,
    /// When to start the next attempt; `None` while one is in progress.
    next: Option<Instant>,
}

impl ServerConnection {
    /// Creates a connection whose first attempt is due at once.
    pub fn new<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
        now: Instant,
        manager: &mut Manager<I, H, S, N, W>,
        nic: Nic,
    ) -> Self {
        // This program does not depend on its server, so it wants errors reported.
        manager.set_policy(now, Policy::ReturnOnError);
        let next = Some(now);
        Self { nic, next }
    }

    /// Starts an attempt if one is due.
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
            self.schedule_attempt(now);
        }
    }

    /// Logs the result of an attempt or a loss, and schedules the next attempt.
    pub fn handle_notice(&mut self, now: Instant, notice: &Notice) {
        match *notice {
            Notice::ServerStateChanged { state } => info!("server: {state}"),
            Notice::ConnectEnded { outcome, code, .. } => {
                info!("server: {}", ResultText(outcome, code));
                if outcome != ConnectOutcome::ServerConnected {
                    self.schedule_attempt(now);
                }
            }
            Notice::ServerLost { outcome, code, .. } => {
                warn!("server: lost: {}", ResultText(outcome, code));
                self.schedule_attempt(now);
            }
            _ => {}
        }
    }

    /// Disconnects for good.
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

    fn schedule_attempt(&mut self, now: Instant) {
        self.next = Some(now.saturating_add(RETRY_DELAY));
    }
}

/// A result with its public code, and the backend's code if there is one.
struct ResultText(ConnectOutcome, Option<i32>);

impl core::fmt::Display for ResultText {
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

    fn connection(interface: &str) -> (Small, ServerConnection) {
        let config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
        let mut manager = Manager::new(&config).unwrap();
        let nic = Nic::named(interface).unwrap();
        let connection = ServerConnection::new(Instant::EPOCH, &mut manager, nic);
        (manager, connection)
    }

    fn ended(outcome: ConnectOutcome) -> Notice {
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
        let (mut manager, mut connection) = connection("ethernet");
        assert_eq!(connection.poll_at(), Some(Instant::EPOCH));
        connection.run(Instant::EPOCH, &mut manager);
        assert_eq!(manager.server_state(), ServerState::WaitingForInterface);
        assert_eq!(connection.poll_at(), None);

        let now = Instant::from_micros(1_000_000);
        let later = Some(now.saturating_add(RETRY_DELAY));
        let lost = Notice::ServerLost {
            interface: InterfaceId::ETHERNET,
            outcome: ConnectOutcome::NoServer,
            code: Some(111),
        };
        for (notice, next) in [
            (ended(ConnectOutcome::ServerConnected), None),
            (lost, later),
            (ended(ConnectOutcome::NoProxy), later),
        ] {
            connection.next = None;
            connection.handle_notice(now, &notice);
            assert_eq!(connection.poll_at(), next, "{notice:?}");
        }
        connection.end(now, &mut manager);
        assert_eq!(connection.poll_at(), None);
        assert_eq!(manager.server_state(), ServerState::Disconnected);
    }

    #[test]
    fn a_refused_request_is_made_again() {
        let (mut manager, mut connection) = connection("wifi");
        connection.run(Instant::EPOCH, &mut manager);
        assert_eq!(
            connection.poll_at(),
            Some(Instant::EPOCH.saturating_add(RETRY_DELAY))
        );
        assert_eq!(manager.server_state(), ServerState::Disconnected);
    }

    #[test]
    fn results_show_both_codes() {
        let text = ResultText(ConnectOutcome::NoProxy, Some(111)).to_string();
        assert_eq!(text, "NO_PROXY (6), code 111");
        assert_eq!(
            ResultText(ConnectOutcome::NoLink, None).to_string(),
            "NO_LINK (1)"
        );
    }
}
