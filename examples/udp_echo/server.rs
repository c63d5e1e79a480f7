//! Keeps a connection to a server: a failed attempt is repeated after a delay.

use lankeeper::{ConnectOutcome, Duration, Instant, Manager, Nic, Notice, Policy, Span};
use log::{info, warn};

/// This program does not depend on its server, so it wants errors reported. It asks again by itself,
/// because settings of its NIC are forgotten with each failure.
pub const POLICY: Policy = Policy::ReturnOnError;
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
    pub fn new(now: Instant, nic: Nic) -> Self {
        let next = Some(now);
        Self { nic, next }
    }

    /// Starts an attempt if one is due.
    pub fn run(&mut self, now: Instant, manager: &mut Manager<1>) {
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
    pub fn end(&mut self, now: Instant, manager: &mut Manager<1>) {
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
    use lankeeper::{AttemptId, Config, InterfaceConfig, InterfaceId, ServerState};

    fn connection(interface: &str) -> (Manager<1>, ServerConnection) {
        let mut config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
        config.policy = POLICY;
        let manager = Manager::new(&config).unwrap();
        let nic = Nic::named(interface).unwrap();
        (manager, ServerConnection::new(Instant::EPOCH, nic))
    }

    fn ended(attempt: AttemptId, outcome: ConnectOutcome) -> Notice {
        let interface = InterfaceId::ETHERNET.into();
        let code = None;
        Notice::ConnectEnded {
            attempt,
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

        let attempt = manager.connect(Instant::EPOCH, None).unwrap();
        let now = Instant::from_micros(1_000_000);
        let later = Some(now.saturating_add(RETRY_DELAY));
        let lost = Notice::ServerLost {
            interface: InterfaceId::ETHERNET,
            outcome: ConnectOutcome::NoServer,
            code: Some(111),
        };
        for (notice, next) in [
            (ended(attempt, ConnectOutcome::ServerConnected), None),
            (lost, later),
            (ended(attempt, ConnectOutcome::NoProxy), later),
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
