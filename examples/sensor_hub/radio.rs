//! The driver of a Wi-Fi radio: scans for a network, joins it, and detects its loss.

use std::rc::Rc;

use lankeeper::{Action, Duration, Generation, Instant, InterfaceId, Report, WifiSettings};

use crate::stack::backend::LinkDriver;

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
    generation: Generation,
    wanted: WifiSettings,
    done_at: Instant,
}

#[derive(Clone, Copy)]
enum TaskKind {
    Scan,
    Join,
}

/// An association with an access point. Once broken it stays broken, and is reported soon.
struct Association {
    generation: Generation,
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

    fn scan(&mut self, now: Instant, generation: Generation, wanted: &WifiSettings) {
        self.begin(TaskKind::Scan, now.saturating_add(SCAN), generation, wanted);
    }

    fn join(&mut self, now: Instant, generation: Generation, wanted: &WifiSettings) {
        self.begin(TaskKind::Join, now.saturating_add(JOIN), generation, wanted);
    }

    fn begin(
        &mut self,
        kind: TaskKind,
        done_at: Instant,
        generation: Generation,
        wanted: &WifiSettings,
    ) {
        self.stop();
        self.task = Some(Task {
            kind,
            generation,
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
                self.association = Some(Association {
                    generation: task.generation,
                    lost_at: None,
                });
                Report::Joined
            }
        }
    }
}

impl LinkDriver for Radio {
    fn interface(&self) -> InterfaceId {
        InterfaceId::WIFI
    }

    fn begin(&mut self, now: Instant, action: Action<'_>) {
        match action {
            Action::Scan(generation, network) => self.scan(now, generation, network),
            Action::Join(generation, network) => self.join(now, generation, network),
            // Actions of other media: the core detects the missing answer by its deadline.
            _ => {}
        }
    }

    fn stop(&mut self) {
        self.task = None;
        self.association = None;
    }

    fn next_report(&mut self, now: Instant) -> Option<(Generation, Report)> {
        if let Some(task) = self.task.take_if(|task| task.done_at <= now) {
            return Some((task.generation, self.finish(&task)));
        }
        let lost = |association: &mut Association| association.lost_at.is_some_and(|at| at <= now);
        let association = self.association.take_if(lost)?;
        let code = BEACONS_MISSED;
        Some((association.generation, Report::LinkLost { code }))
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
        (radio.next_report(at).unwrap().1, at)
    }

    #[test]
    fn network_is_found_joined_and_lost() {
        let mut radio = in_reach();
        radio.scan(START, Generation::default(), &settings(false));
        let (report, at) = next(&mut radio, START);
        assert_eq!((report, at), (Report::NetworkFound, after(START, SCAN)));
        radio.join(at, Generation::default(), &settings(false));
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
        radio.join(START, Generation::default(), &settings(false));
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
        radio.join(START, Generation::default(), &settings(true));
        let code = HANDSHAKE_FAILED;
        assert_eq!(next(&mut radio, START).0, Report::WrongKey { code });
        radio.set_air(START, None);
        radio.join(START, Generation::default(), &settings(false));
        let code = NO_ANSWER;
        assert_eq!(next(&mut radio, START).0, Report::JoinRejected { code });
        radio.scan(START, Generation::default(), &settings(false));
        let code = NOT_FOUND;
        assert_eq!(next(&mut radio, START).0, Report::NetworkNotFound { code });
        assert!(!radio.is_associated());
    }

    #[test]
    fn what_is_stopped_reports_nothing() {
        let mut radio = in_reach();
        radio.join(START, Generation::default(), &settings(false));
        radio.stop();
        assert_eq!(radio.poll_at(), None);
        assert!(radio.next_report(after(START, JOIN)).is_none());
    }
}
