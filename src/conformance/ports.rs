//! Local ports and stored settings: what is received, what is given back, and what fails.

use core::net::{Ipv4Addr, SocketAddrV4};

use super::probe::Probe;
use super::{Bed, Change, Check, Seen, Skip, Traffic, payload};
use crate::driver::Backend;
use crate::manager::{Command, Event};
use crate::nic::Medium;
use crate::stored::StoredSettings;
use crate::time::Duration;
use crate::udp::{Binding, Datagram, Received};

/// Fills a buffer before a receive: a byte that is still there was not written.
const UNTOUCHED: u8 = 0xA5;
/// How often a datagram is sent that does not arrive, as any may be lost.
const TRIES: usize = 3;
/// How many ports are bound at once, to see whether that fails visibly.
const MANY: u16 = 20;
/// How many datagrams are sent at once.
const BURST: u32 = 8;
/// A payload that exceeds a frame.
const LONG: &[u8] = &[0; 2000];
/// A port to send to.
const DISCARD: u16 = 9;

const CHECKS: [Check; 5] = [
    Check::Receives,
    Check::BufferLength,
    Check::Unbound,
    Check::BindFailure,
    Check::SendFailure,
];

impl<B: Bed> Probe<'_, '_, B> {
    pub(super) fn check_ports(&mut self) {
        if self.medium() == Medium::Cellular {
            for check in CHECKS {
                self.skip(check, Skip::OtherMedium);
            }
            return;
        }
        let Some(binding) = self.binding(self.plan.port) else {
            return;
        };
        self.bind(binding);
        let mut last = binding;
        if self.come_up(Check::Recovers) {
            if self.check_receives(binding) {
                self.check_buffer(binding);
                last = self.check_unbound(binding).unwrap_or(binding);
                last = self.check_binding(last).unwrap_or(last);
            }
            self.check_sending(last);
        }
        self.unbind(last);
        self.end();
    }

    pub(super) fn bind(&mut self, binding: Binding) {
        self.bed.backend().execute(Command::Bind(binding));
    }

    pub(super) fn unbind(&mut self, binding: Binding) {
        self.bed.backend().execute(Command::Unbind(binding));
    }

    fn send(&mut self, binding: Binding, own: Ipv4Addr, to: SocketAddrV4, payload: &[u8]) {
        self.bed.backend().execute(Command::Send(Datagram {
            binding,
            source: SocketAddrV4::new(own, self.plan.port),
            destination: to,
            payload,
        }));
    }

    /// Sends to an address that nobody has: the datagram waits in the backend, and so may a question.
    pub(super) fn send_to_nobody(&mut self, binding: Binding) {
        if let (Some(own), Some(to)) = (self.own, self.plan.nobody) {
            self.send(binding, own.address(), to, payload(8));
        }
    }

    /// Has a neighbour send a datagram to the port. Returns whether the bed can.
    pub(super) fn arrive(&mut self, length: usize) -> Option<Change> {
        let address = self.own.map_or(Ipv4Addr::UNSPECIFIED, |own| own.address());
        let to = SocketAddrV4::new(address, self.plan.port);
        let change = Change::Datagram(to, length);
        self.bed.change(change).then_some(change)
    }

    /// Receives at once, into a buffer with this much room.
    pub(super) fn receive(&mut self, binding: Binding, room: usize) -> Option<Received> {
        let mut buffer = [UNTOUCHED; 64];
        let room = buffer.get_mut(..room)?;
        let received = self.bed.backend().receive(binding, room)?;
        let sent = payload(received.length);
        let is_right = room
            .iter()
            .enumerate()
            .all(|(index, byte)| *byte == sent.get(index).copied().unwrap_or(UNTOUCHED));
        if !is_right {
            let expected = "the bytes of the datagram, and no others";
            self.fail(Check::BufferLength, expected, Seen::OtherBytes);
        }
        Some(received)
    }

    /// Receives a datagram that is on its way, for at most this time.
    fn await_datagram(
        &mut self,
        binding: Binding,
        room: usize,
        within: Duration,
    ) -> Option<Received> {
        let deadline = self.bed.now().saturating_add(within);
        loop {
            // Backends look for frames when they are asked for events.
            let _ = self.hear(Duration::ZERO, |_| false);
            if let Some(received) = self.receive(binding, room) {
                return Some(received);
            }
            if self.bed.now() >= deadline {
                return None;
            }
            self.bed.wait(deadline);
        }
    }

    /// Has a datagram sent and receives it. One that is lost is sent again.
    fn exchange(&mut self, binding: Binding, length: usize, room: usize) -> Option<Received> {
        for _ in 0..TRIES {
            self.arrive(length)?;
            let mut within = self.plan.grace.duration();
            // One that was sent again may come twice, and another length is of one before.
            while let Some(received) = self.await_datagram(binding, room, within) {
                if received.length == length {
                    return Some(received);
                }
                within = Duration::ZERO;
            }
        }
        None
    }

    fn check_receives(&mut self, binding: Binding) -> bool {
        let probe = Change::Datagram(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0), 0);
        let expected = "the datagram, with its whole length";
        let time = self.plan.grace.duration();
        if self.arrive(24).is_none() {
            for check in CHECKS.into_iter().take(4) {
                self.skip(check, Skip::Change(probe));
            }
            return false;
        }
        let received = self
            .await_datagram(binding, 64, time)
            .or_else(|| self.exchange(binding, 24, 64));
        match received {
            Some(Received { length: 24, .. }) => {
                self.pass(Check::Receives);
                true
            }
            Some(Received { length, .. }) => {
                self.fail(Check::Receives, expected, Seen::Datagram(length));
                true
            }
            None => {
                self.fail(Check::Receives, expected, Seen::Nothing(time));
                false
            }
        }
    }

    /// A datagram that is longer than the buffer, which may have no room at all.
    fn check_buffer(&mut self, binding: Binding) {
        let check = Check::BufferLength;
        let expected = "a datagram of 40 bytes, of which 16 fit";
        for room in [16, 0] {
            self.arrive(40);
            let within = self.plan.grace.duration();
            match self.await_datagram(binding, room, within) {
                Some(Received { length: 40, .. }) => {}
                Some(Received { length, .. }) => {
                    return self.fail(check, expected, Seen::Datagram(length));
                }
                None => return self.fail(check, expected, Seen::Nothing(within)),
            }
            let rest = 40_usize.saturating_sub(room);
            if let Some(received) = self.receive(binding, 64)
                && received.length == rest
            {
                let expected = "one datagram, of which the rest is dropped";
                return self.fail(check, expected, Seen::Datagram(received.length));
            }
        }
        self.pass(check);
    }

    /// A datagram waits while its port is given back, and is bound again. Returns the new binding.
    fn check_unbound(&mut self, old: Binding) -> Option<Binding> {
        let check = Check::Unbound;
        self.arrive(8);
        self.settle();
        self.unbind(old);
        let new = self.binding(self.plan.port)?;
        self.bind(new);
        self.settle();
        let expected = "nothing of what came before";
        for binding in [new, old] {
            if let Some(received) = self.receive(binding, 64) {
                self.fail(check, expected, Seen::Datagram(received.length));
            }
        }
        if self.exchange(new, 24, 64).is_some() {
            self.pass(check);
        } else {
            let expected = "a datagram to the port that was bound again";
            let time = self.plan.grace.duration();
            self.fail(check, expected, Seen::Nothing(time));
        }
        Some(new)
    }

    /// Binds many ports, the one that the bed can send to last: it works, or its failure is reported.
    fn check_binding(&mut self, old: Binding) -> Option<Binding> {
        let check = Check::BindFailure;
        self.unbind(old);
        let first = self.generation();
        let others = 1..=MANY;
        for offset in others.clone() {
            if let Some(binding) = self.binding(self.plan.port.saturating_add(offset)) {
                self.bind(binding);
                let _ = self.hear(Duration::ZERO, |_| false);
            }
        }
        let new = self.binding(self.plan.port)?;
        self.bind(new);
        let failed =
            |event: &Event| matches!(event, Event::BindFailed { binding, .. } if *binding == new);
        let grace = self.plan.grace.duration();
        let is_reported = self.hear(grace, failed).is_ok();
        let works = !is_reported && self.exchange(new, 24, 64).is_some();
        if is_reported || works {
            self.pass(check);
        } else {
            let expected = "datagrams at every port that was bound without a BindFailed";
            self.fail(check, expected, Seen::Nothing(grace));
        }
        for offset in others {
            let number = first.wrapping_add(u32::from(offset));
            if let Some(binding) = self.numbered(number, self.plan.port.saturating_add(offset)) {
                self.unbind(binding);
            }
        }
        if is_reported {
            self.bind(new);
        }
        Some(new)
    }

    /// Sends a burst, what exceeds a frame, and to nobody: each is seen on the network, or reported.
    fn check_sending(&mut self, binding: Binding) {
        let check = Check::SendFailure;
        let Some(own) = self.own else {
            return;
        };
        let all = own.broadcast().unwrap_or(Ipv4Addr::BROADCAST);
        let all = SocketAddrV4::new(all, DISCARD);
        let sees = self.bed.count(Traffic::Datagrams).is_some();
        if !sees {
            self.skip(check, Skip::Unseen);
        }
        let burst = (BURST, all, payload(8));
        let long = (1, all, LONG);
        let nobody = self.plan.nobody.map(|to| (1, to, payload(8)));
        for (times, to, bytes) in [Some(burst), Some(long), nobody].into_iter().flatten() {
            let before = self.bed.count(Traffic::Datagrams);
            for _ in 0..times {
                self.send(binding, own.address(), to, bytes);
            }
            let mut failed = 0_u32;
            let _ = self.hear(self.plan.notice.duration(), |event| {
                if matches!(event, Event::SendFailed { destination, .. } if *destination == to) {
                    failed = failed.saturating_add(1);
                }
                failed >= times
            });
            let seen = match (before, self.bed.count(Traffic::Datagrams)) {
                (Some(before), Some(after)) => after.saturating_sub(before),
                // What was not reported counts as sent.
                _ => times.saturating_sub(failed),
            };
            if seen.saturating_add(failed) != times {
                let expected = if times == 1 {
                    "1 datagram on the network, or reported as not sent"
                } else {
                    "8 datagrams on the network, or reported as not sent"
                };
                let seen = Seen::Count(seen.saturating_add(failed));
                return self.fail(check, expected, seen);
            }
        }
        if sees {
            self.pass(check);
        }
    }

    /// Settings that cannot be stored.
    pub(super) fn check_storage(&mut self) {
        let check = Check::PersistFailure;
        let can = self.bed.change(Change::Storage(false));
        let settings = StoredSettings::default();
        self.bed.backend().execute(Command::Persist(&settings));
        let failed = |event: &Event| matches!(event, Event::PersistFailed { .. });
        let time = self.plan.notice.duration();
        if self.hear(time, failed).is_ok() {
            self.pass(check);
        } else if can {
            self.fail(check, "PersistFailed", Seen::Nothing(time));
        } else {
            self.skip(check, Skip::Change(Change::Storage(false)));
        }
        self.bed.change(Change::Storage(true));
    }
}
