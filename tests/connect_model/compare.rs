//! Compares manager and model: notices, everything that can be queried, and timers.

use lankeeper::manager::Wake;
use lankeeper::{Deadline, ServerState};

use super::Device3;
use super::bench::{Bench, instant, place};
use super::output::{Told, Topic, Why};

impl Bench {
    /// Takes all notices.
    pub(super) fn take_notices(&mut self) {
        let expected = core::mem::take(&mut self.device.told);
        self.looked_at = 0;
        let mut told = Vec::with_capacity(expected.len());
        while let Some(notice) = self.manager.poll_notice() {
            told.push(match Told::of(&notice) {
                // The request came about by a server call, which returns no number.
                Told::Ended(Some(attempt), name, outcome, code)
                    if !self.attempts.contains(&attempt) =>
                {
                    Told::Ended(None, name, outcome, code)
                }
                told => told,
            });
        }
        if told == expected {
            return;
        }
        let of = |list: &[Told], topic| -> Vec<Told> {
            let of_topic = list.iter().filter(|told| told.topic() == topic);
            of_topic.cloned().collect()
        };
        let interfaces = self.ids.map(Topic::Interface);
        for topic in [Topic::Server, Topic::Stored].into_iter().chain(interfaces) {
            assert_eq!(of(&told, topic), of(&expected, topic));
        }
        let (told, expected) = (of(&told, Topic::Closed), of(&expected, Topic::Closed));
        assert_eq!(told.len(), expected.len(), "{told:?} and not {expected:?}");
        assert!(
            told.iter().all(|told| expected.contains(told)),
            "{told:?} and not {expected:?}"
        );
    }

    /// Compares everything that can be queried.
    pub(super) fn compare(&mut self) {
        self.look();
        self.see_timers();
        let (manager, device) = (&self.manager, &self.device);
        for (stands, interface) in manager.snapshot().zip(&device.interfaces) {
            let id = interface.id;
            assert_eq!(stands.interface, id);
            assert_eq!(stands.enabled, interface.enabled, "{id}");
            assert_eq!(stands.state, interface.state, "{id}");
            assert_eq!(stands.reason.map(Why::from), interface.reason, "{id}");
            let holders = device.handles.iter().filter(|(_, of)| *of == id).count();
            assert_eq!(stands.local_holders, holders, "{id}");
            assert_eq!(stands.server_holder, interface.server, "{id}");
            assert_eq!(stands.ip_config, interface.address, "{id}");
            let carries = device.server.held == Some(id)
                && matches!(
                    device.server.state,
                    ServerState::Connected | ServerState::Flushing
                );
            assert_eq!(stands.carries_server, carries, "{id}");
        }
        let server = &device.server;
        assert_eq!(manager.server_state(), server.state);
        assert_eq!(manager.server_interface(), server.held);
        assert_eq!(manager.policy(), server.policy);
        assert_eq!(manager.server_order(), server.order);
        assert_eq!(*manager.stored(), device.stored);
        let told = manager.current_config();
        let right = device.last.is_told_by(told);
        assert!(right, "{told:?} and not {:?}", device.last);
        for handle in &self.handles {
            let mut open = device.handles.iter();
            let expected = open.find(|(other, _)| other == handle).map(|(_, id)| *id);
            assert_eq!(manager.interface(*handle).ok(), expected);
        }
        let waits = device.has_orders() || !device.told.is_empty();
        let next = manager.poll_at();
        if waits {
            assert_eq!(next.map(|next| next.reason), Some(Wake::Output));
        } else {
            let timers = device.timers().map(|(_, timer)| timer.earliest());
            assert_eq!(next.map(|next| next.at.as_micros()), timers.min());
        }
        let state = server.state;
        self.seen.states[place(&ServerState::ALL, &state)] += 1;
        self.laws.check(&self.manager);
    }

    /// Observes when an attempt begins that was put off, in a copy of the manager, and checks that the
    /// instant is within its bounds.
    fn see_timers(&mut self) {
        if self.device.server.is_unseen() {
            let first = next(&mut self.without_interfaces());
            self.device.server.see_retry(first.at.as_micros());
        }
    }

    /// A copy of the manager in which nothing but the server connection goes on.
    fn without_interfaces(&self) -> Device3 {
        let now = instant(self.device.now);
        let mut alone = self.manager.clone();
        for id in self.ids {
            alone.set_enabled(now, id, false).unwrap();
        }
        alone
    }
}

/// The next timer of a manager; its outputs are dropped.
fn next(manager: &mut Device3) -> Deadline<Wake> {
    while manager.poll_output().is_some() {}
    manager.poll_at().expect("a timer is armed")
}
