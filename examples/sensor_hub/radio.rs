//! The driver of a Wi-Fi radio: scans for a network, joins it, and detects its loss.

use std::rc::Rc;

use lankeeper::{Action, Duration, Instant, InterfaceId, Report, WifiSettings};

use crate::stack::backend::{LinkDriver, UNKNOWN_ACTION};

/// How long a scan of all channels takes.
const SCAN: Duration = Duration::from_millis(1_200);
/// How long authentication, association and handshake take.
const JOIN: Duration = Duration::from_millis(600);
/// How long an access point must be silent before it counts as lost.
const SILENCE: Duration = Duration::from_millis(300);

/// The driver's own codes.
const NOT_FOUND: i32 = 1;
const HANDSHAKE_FAILED: i32 = 2;
const NO_ANSWER: i32 = 3;
const BEACONS_MISSED: i32 = 4;

/// A radio.
#[derive(Default)]
pub struct Radio {
    /// The network in range.
    air: Option<Rc<WifiSettings>>,
    task: Option<Task>,
    association: Option<Association>,
}

/// The task in progress.
struct Task {
    kind: TaskKind,
    wanted: WifiSettings,
    done_at: Instant,
}

#[derive(Clone, Copy)]
enum TaskKind {
    Scan,
    Join,
}

/// An association with an access point. Once broken it stays broken, and is reported soon.
#[derive(Default)]
struct Association {
    lost_at: Option<Instant>,
}

impl Radio {
    /// Sets the network in range.
    pub fn set_air(&mut self, now: Instant, air: Option<Rc<WifiSettings>>) {
        self.air = air;
        if let (None, Some(association)) = (&self.air, &mut self.association) {
            association
                .lost_at
                .get_or_insert(now.saturating_add(SILENCE));
        }
    }

    fn start(&mut self, kind: TaskKind, done_at: Instant, wanted: &WifiSettings) {
        self.stop();
        self.task = Some(Task {
            kind,
            wanted: wanted.clone(),
            done_at,
        });
    }

    /// Whether frames get through.
    pub fn is_associated(&self) -> bool {
        self.association
            .as_ref()
            .is_some_and(|association| association.lost_at.is_none())
    }

    fn finish(&mut self, task: &Task) -> Report {
        let network = self.air.as_deref();
        let network = network.filter(|network| network.ssid() == task.wanted.ssid());
        match (task.kind, network) {
            (TaskKind::Scan, Some(_)) => Report::NetworkFound,
            (TaskKind::Scan, None) => Report::NetworkNotFound { code: NOT_FOUND },
            (TaskKind::Join, None) => Report::JoinRejected { code: NO_ANSWER },
            (TaskKind::Join, Some(network)) if network.key() != task.wanted.key() => {
                let code = HANDSHAKE_FAILED;
                Report::WrongKey { code }
            }
            (TaskKind::Join, Some(_)) => {
                self.association = Some(Association::default());
                Report::Joined
            }
        }
    }
}

impl LinkDriver for Radio {
    fn interface(&self) -> InterfaceId {
        InterfaceId::WIFI
    }

    fn begin(&mut self, now: Instant, action: Action<'_>) -> Result<(), i32> {
        match action {
            Action::Scan(network) => self.start(TaskKind::Scan, now.saturating_add(SCAN), network),
            Action::Join(network) => self.start(TaskKind::Join, now.saturating_add(JOIN), network),
            _ => return Err(UNKNOWN_ACTION),
        }
        Ok(())
    }

    fn stop(&mut self) {
        self.task = None;
        self.association = None;
    }

    fn next_report(&mut self, now: Instant) -> Option<Report> {
        if let Some(task) = self.task.take_if(|task| task.done_at <= now) {
            return Some(self.finish(&task));
        }
        let lost = |association: &mut Association| association.lost_at.is_some_and(|at| at <= now);
        self.association.take_if(lost)?;
        let code = BEACONS_MISSED;
        Some(Report::LinkLost { code })
    }

    fn poll_at(&self) -> Option<Instant> {
        let done = self.task.as_ref().map(|task| task.done_at);
        done.or_else(|| self.association.as_ref()?.lost_at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access_point::{self, AccessPoint};

    const START: Instant = Instant::EPOCH;

    fn settings(mistyped: bool) -> WifiSettings {
        access_point::nic(mistyped).unwrap().wifi().unwrap().clone()
    }

    fn after(start: Instant, duration: Duration) -> Instant {
        start.saturating_add(duration)
    }

    fn in_reach() -> Radio {
        let mut radio = Radio::default();
        radio.set_air(START, AccessPoint::new().unwrap().air_at(0));
        radio
    }

    /// Returns the next report, and when it is due.
    fn next(radio: &mut Radio, now: Instant) -> (Report, Instant) {
        let at = radio.poll_at().unwrap();
        assert!(at > now && radio.next_report(now).is_none());
        (radio.next_report(at).unwrap(), at)
    }

    #[test]
    fn network_is_found_joined_and_lost() {
        let mut radio = in_reach();
        radio.begin(START, Action::Scan(&settings(false))).unwrap();
        let (report, at) = next(&mut radio, START);
        assert_eq!((report, at), (Report::NetworkFound, after(START, SCAN)));
        radio.begin(at, Action::Join(&settings(false))).unwrap();
        assert!(!radio.is_associated());
        let (report, at) = next(&mut radio, at);
        assert_eq!(
            (report, at),
            (Report::Joined, after(after(START, SCAN), JOIN))
        );
        assert!(radio.is_associated());
        assert_eq!(radio.poll_at(), None);
        radio.set_air(at, None);
        assert!(!radio.is_associated(), "broken, though not noticed yet");
        let code = BEACONS_MISSED;
        assert_eq!(next(&mut radio, at).0, Report::LinkLost { code });
        assert_eq!(radio.poll_at(), None);
    }

    #[test]
    fn broken_association_is_reported_even_if_the_network_is_back() {
        let mut radio = in_reach();
        radio.begin(START, Action::Join(&settings(false))).unwrap();
        let (_, at) = next(&mut radio, START);
        radio.set_air(at, None);
        radio.set_air(at, AccessPoint::new().unwrap().air_at(0));
        assert!(!radio.is_associated());
        let code = BEACONS_MISSED;
        assert_eq!(next(&mut radio, at).0, Report::LinkLost { code });
    }

    #[test]
    fn refusals_carry_their_code() {
        let mut radio = in_reach();
        radio.begin(START, Action::Join(&settings(true))).unwrap();
        let code = HANDSHAKE_FAILED;
        assert_eq!(next(&mut radio, START).0, Report::WrongKey { code });
        radio.set_air(START, None);
        radio.begin(START, Action::Join(&settings(false))).unwrap();
        let code = NO_ANSWER;
        assert_eq!(next(&mut radio, START).0, Report::JoinRejected { code });
        radio.begin(START, Action::Scan(&settings(false))).unwrap();
        let code = NOT_FOUND;
        assert_eq!(next(&mut radio, START).0, Report::NetworkNotFound { code });
        assert!(!radio.is_associated());
    }

    #[test]
    fn an_action_that_no_radio_knows_is_an_error() {
        let begun = in_reach().begin(START, Action::StartLink);
        assert_eq!(begun, Err(UNKNOWN_ACTION));
    }

    #[test]
    fn what_is_stopped_reports_nothing() {
        let mut radio = in_reach();
        radio.begin(START, Action::Join(&settings(false))).unwrap();
        radio.stop();
        assert_eq!(radio.poll_at(), None);
        assert!(radio.next_report(after(START, JOIN)).is_none());
    }
}
