//! The interface: its commands in order, what comes twice, and what ends.

use super::probe::Probe;
use super::{Bed, Change, Check, Seen, Skip, Traffic};
use crate::interface::{Action, Report};
use crate::nic::Medium;

impl<B: Bed> Probe<'_, '_, B> {
    pub(super) fn medium(&self) -> Medium {
        self.plan.interface.medium()
    }

    /// Returns whether the interface comes up at all.
    pub(super) fn check_interface(&mut self) -> bool {
        self.skip_other_media();
        let is_up = self.come_up(Check::Answers);
        if is_up {
            self.pass(Check::Answers);
            self.repeat();
        }
        self.end();
        if !is_up {
            return false;
        }
        self.check_ends();
        self.check_unknown();
        self.check_loss();
        self.check_absence();
        self.check_dhcp();
        self.check_cellular();
        self.check_device();
        true
    }

    fn skip_other_media(&mut self) {
        let medium = self.medium();
        for (check, has_it) in [
            (Check::WrongKey, medium == Medium::Wifi),
            (Check::Absence, medium != Medium::Cellular),
            (Check::SilentDhcp, medium != Medium::Cellular),
            (Check::RefusedLease, medium != Medium::Cellular),
            (Check::LostLease, medium != Medium::Cellular),
            (Check::LostSession, medium == Medium::Cellular),
            (Check::LostSim, medium == Medium::Cellular),
        ] {
            if !has_it {
                self.skip(check, Skip::OtherMedium);
            }
        }
    }

    /// Brings the interface up, from the power to the address. Returns whether it is up.
    pub(super) fn come_up(&mut self, check: Check) -> bool {
        let is_up = self.power_up(check) && self.link_up(check) && self.address(check);
        if is_up && check == Check::Recovers {
            self.pass(check);
        }
        is_up
    }

    pub(super) fn power_up(&mut self, check: Check) -> bool {
        let within = self.plan.step_timeouts.start;
        let wanted = |report: &Report| *report == Report::Ready;
        self.ask(
            check,
            Action::PowerUp,
            within,
            wanted,
            "Ready, as the answer to PowerUp",
        )
        .is_some()
    }

    pub(super) fn link_up(&mut self, check: Check) -> bool {
        let times = self.plan.step_timeouts;
        match self.medium() {
            Medium::Ethernet => self.watch_link(check),
            Medium::Wifi => {
                let Some(network) = self.plan.network else {
                    return false;
                };
                let found = |report: &Report| *report == Report::NetworkFound;
                let expected = "NetworkFound, as the answer to Scan";
                let joined = |report: &Report| *report == Report::Joined;
                self.ask(check, Action::Scan(network), times.scan, found, expected)
                    .is_some()
                    && self
                        .ask(
                            check,
                            Action::Join(network),
                            times.join,
                            joined,
                            "Joined, as the answer to Join",
                        )
                        .is_some()
            }
            Medium::Cellular => {
                let alive = |report: &Report| *report == Report::ModemAlive;
                let expected = "ModemAlive, as the answer to PingModem";
                self.ask(check, Action::PingModem, times.modem, alive, expected)
                    .is_some()
                    && self.read_sim(check)
                    && self.register(check)
            }
        }
    }

    pub(super) fn watch_link(&mut self, check: Check) -> bool {
        let up = |report: &Report| *report == Report::CarrierUp;
        let expected = "CarrierUp, as the answer to StartLink";
        let within = self.plan.step_timeouts.link;
        self.ask(check, Action::StartLink, within, up, expected)
            .is_some()
    }

    pub(super) fn read_sim(&mut self, check: Check) -> bool {
        let ready = |report: &Report| *report == Report::SimReady;
        let expected = "SimReady, as the answer to ReadSim";
        let within = self.plan.step_timeouts.sim;
        self.ask(check, Action::ReadSim, within, ready, expected)
            .is_some()
    }

    pub(super) fn register(&mut self, check: Check) -> bool {
        let registered = |report: &Report| *report == Report::Registered;
        let expected = "Registered, as the answer to Register";
        let within = self.plan.step_timeouts.registration;
        self.ask(check, Action::Register, within, registered, expected)
            .is_some()
    }

    /// Gets an address, or a session.
    pub(super) fn address(&mut self, check: Check) -> bool {
        let times = self.plan.step_timeouts;
        if self.medium() == Medium::Cellular {
            let up = |report: &Report| matches!(report, Report::PppUp(_));
            let expected = "PppUp, as the answer to Dial";
            return self
                .ask(check, Action::Dial, times.ppp, up, expected)
                .is_some();
        }
        if let Some(ip) = self.plan.static_address {
            self.command(Action::SetAddress(ip));
            self.own = Some(ip.prefix());
            return self.silent(check, self.plan.grace, "no fault after SetAddress");
        }
        let usable = |report: &Report| matches!(report, Report::Lease(it) if it.config().is_ok());
        let expected = "a Lease that can be used, as the answer to StartDhcp";
        let lease = self.ask(check, Action::StartDhcp, times.dhcp, usable, expected);
        if let Some(Report::Lease(lease)) = lease {
            self.own = lease.config().ok().map(|ip| ip.prefix());
        }
        lease.is_some()
    }

    /// Stops and powers down, and lets what is on its way come.
    pub(super) fn end(&mut self) {
        self.command(Action::Stop);
        self.command(Action::PowerDown);
        self.settle();
    }

    /// Gives the commands again that come again.
    fn repeat(&mut self) {
        let again = match self.medium() {
            Medium::Ethernet => {
                self.watch_link(Check::Repeats)
                    && self.watch_link(Check::Repeats)
                    && self.address(Check::Repeats)
            }
            Medium::Wifi => self.link_up(Check::Repeats),
            Medium::Cellular => self.register(Check::Repeats) && self.register(Check::Repeats),
        };
        if again
            && self.address(Check::Repeats)
            && self.power_up(Check::Repeats)
            && self.link_up(Check::Repeats)
            && self.address(Check::Repeats)
        {
            self.pass(Check::Repeats);
        }
    }

    /// Takes the link away, or gives it back. Returns whether the bed can.
    pub(super) fn set_link(&mut self, check: Check, is_there: bool) -> bool {
        self.change(
            check,
            match self.medium() {
                Medium::Ethernet => Change::Cable(is_there),
                Medium::Wifi => Change::AccessPoint(is_there),
                Medium::Cellular => Change::Coverage(is_there),
            },
        )
    }

    /// A stop and a power-down, with a port that is bound, and a world that goes on.
    fn check_ends(&mut self) {
        let binding = self.binding(self.plan.port);
        let binding = binding.filter(|_| self.medium() != Medium::Cellular);
        if let Some(binding) = binding {
            self.bind(binding);
        }
        if self.come_up(Check::Recovers) {
            if let Some(binding) = binding {
                self.send_to_nobody(binding);
            }
            self.command(Action::Stop);
            self.settle();
            let before = self.bed.count(Traffic::Frames);
            let mut ends = [Change::Cable(false), Change::Cable(true)];
            if self.medium() == Medium::Wifi {
                ends = [Change::AccessPoint(false), Change::AccessPoint(true)];
            } else if self.medium() == Medium::Cellular {
                ends = [Change::Coverage(false), Change::Coverage(true)];
            }
            if self.is_quiet(Check::Stopped, ends, "nothing after Stop")
                && self.is_unsent(Check::Stopped, before)
            {
                self.pass(Check::Stopped);
            }
            self.command(Action::PowerDown);
            self.settle();
            let before = self.bed.count(Traffic::Frames);
            let mut is_right = self.is_quiet(Check::PoweredDown, ends, "nothing after PowerDown");
            if let Some(binding) = binding {
                self.arrive(8);
                self.settle();
                if let Some(received) = self.receive(binding, 64) {
                    is_right = false;
                    let seen = Seen::Datagram(received.length);
                    let expected = "nothing received after PowerDown";
                    self.fail(Check::PoweredDown, expected, seen);
                }
            }
            if self.is_unsent(Check::PoweredDown, before) && is_right {
                self.pass(Check::PoweredDown);
            }
            for action in [Action::PowerDown, Action::Stop, Action::PowerDown] {
                self.command(action);
            }
            self.silent(
                Check::Repeats,
                self.plan.grace,
                "no fault of an end that comes twice",
            );
        } else {
            self.end();
        }
        if let Some(binding) = binding {
            self.unbind(binding);
        }
    }

    fn is_quiet(&mut self, check: Check, changes: [Change; 2], expected: &'static str) -> bool {
        changes.into_iter().all(|change| {
            self.bed.change(change);
            self.silent(check, self.plan.silence, expected)
        })
    }

    fn is_unsent(&mut self, check: Check, before: Option<u32>) -> bool {
        let (Some(before), Some(after)) = (before, self.bed.count(Traffic::Frames)) else {
            return true;
        };
        let sent = after.saturating_sub(before);
        if sent > 0 {
            self.fail(check, "no frame sent", Seen::Count(sent));
        }
        sent == 0
    }

    /// An action of another medium.
    fn check_unknown(&mut self) {
        let (check, within) = (Check::Unknown, self.plan.step_timeouts.start);
        let alien = match self.medium() {
            Medium::Cellular => Action::StartLink,
            Medium::Wifi | Medium::Ethernet => Action::Register,
        };
        let fault = |report: &Report| matches!(report, Report::Fault { .. });
        let expected = "Fault, as the answer to an action of another medium";
        if self.power_up(Check::Recovers)
            && self.ask(check, alien, within, fault, expected).is_some()
        {
            self.pass(check);
        }
        self.end();
    }
}
