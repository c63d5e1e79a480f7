//! What the world takes away from an interface, or never gives.

use super::probe::Probe;
use super::{Bed, Change, Check, Seen, Service, Skip};
use crate::interface::{Action, Report, Step};
use crate::manager::Event;
use crate::nic::Medium;
use crate::{WifiKey, WifiSettings};

/// A network that nobody has.
const NOBODYS_NETWORK: &[u8] = b"lankeeper conformance: no such";
/// A key that nobody has.
const NOBODYS_KEY: &str = "lankeeper conformance: no such key";

impl<B: Bed> Probe<'_, '_, B> {
    /// The link is lost while the interface has an address, and is back.
    pub(super) fn check_loss(&mut self) {
        let (lost, step, expected): (fn(&Report) -> bool, _, _) = match self.medium() {
            Medium::Ethernet => (
                |report| *report == Report::CarrierDown,
                Step::Link,
                "CarrierDown, with the ticket of StartLink",
            ),
            Medium::Wifi => (
                |report| matches!(report, Report::LinkLost { .. }),
                Step::Join,
                "LinkLost, with the ticket of Join",
            ),
            Medium::Cellular => (
                |report| *report == Report::RegistrationLost,
                Step::Registration,
                "RegistrationLost, with the ticket of Register",
            ),
        };
        if !self.come_up(Check::Recovers) {
            return self.end();
        }
        let Some(ticket) = self.newest(step) else {
            return;
        };
        if !self.set_link(Check::Loss, false) {
            self.set_link(Check::Return, true);
            return self.end();
        }
        if self
            .next_link_report(Check::Loss, step, lost, expected)
            .is_some()
        {
            self.pass(Check::Loss);
        } else {
            self.forget_last(ticket);
        }
        if self.medium() == Medium::Wifi {
            self.skip(Check::Return, Skip::OtherMedium);
            self.find_nothing();
            self.set_link(Check::Return, true);
        } else if self.set_link(Check::Return, true) {
            let back = if self.medium() == Medium::Ethernet {
                Report::CarrierUp
            } else {
                Report::Registered
            };
            let wanted = |report: &Report| *report == back;
            let expected = "the return, with the ticket of the command that watches";
            let within = self.plan.step_timeouts.registration;
            let within = if step == Step::Link {
                self.plan.notice
            } else {
                within
            };
            if self
                .next_report(Check::Return, ticket, within, wanted, expected)
                .is_some()
            {
                self.pass(Check::Return);
            }
        }
        // As a manager would: the carrier or registration once more, and an address anew.
        let is_linked = match self.medium() {
            Medium::Ethernet => self.watch_link(Check::Repeats),
            Medium::Wifi => self.link_up(Check::Recovers),
            Medium::Cellular => self.register(Check::Repeats),
        };
        if is_linked {
            self.address(Check::Recovers);
        }
        self.end();
    }

    /// Waits for a report of the newest command of a step.
    fn next_link_report(
        &mut self,
        check: Check,
        step: Step,
        wanted: fn(&Report) -> bool,
        expected: &'static str,
    ) -> Option<Report> {
        let ticket = self.newest(step)?;
        self.next_report(check, ticket, self.plan.notice, wanted, expected)
    }

    /// A network that is not there: it is not found by the scan, or not by the join.
    fn find_nothing(&mut self) {
        let Some(network) = self.plan.network else {
            return;
        };
        self.seek(Check::Absence, network);
    }

    /// Looks for a network and joins it, which has to fail.
    fn seek(&mut self, check: Check, network: &WifiSettings) {
        let times = self.plan.step_timeouts;
        let expected = "no network found, as the answer to Scan or Join";
        let scanned = |report: &Report| {
            matches!(
                report,
                Report::NetworkFound | Report::NetworkNotFound { .. } | Report::WrongKey { .. }
            )
        };
        let found = self.ask(check, Action::Scan(network), times.scan, scanned, expected);
        if found == Some(Report::NetworkFound) {
            let is_key = check == Check::WrongKey;
            let refused = |report: &Report| {
                matches!(report, Report::JoinRejected { .. })
                    || if is_key {
                        matches!(report, Report::WrongKey { .. })
                    } else {
                        matches!(report, Report::NetworkNotFound { .. })
                    }
            };
            let join = Action::Join(network);
            if self
                .ask(check, join, times.join, refused, expected)
                .is_some()
            {
                self.pass(check);
            }
        } else if let Some(report) = found
            && (check == Check::WrongKey) == matches!(report, Report::WrongKey { .. })
        {
            self.pass(check);
        } else if let (Some(report), Some(ticket)) = (found, self.newest(Step::Scan)) {
            self.fail(check, expected, Seen::Event(ticket.report(report)));
        }
        self.command(Action::Stop);
        self.settle();
    }

    /// What is not there from the beginning: a cable, a network, a key.
    pub(super) fn check_absence(&mut self) {
        match self.medium() {
            Medium::Cellular => {}
            Medium::Ethernet => {
                if self.set_link(Check::Absence, false) {
                    if self.power_up(Check::Recovers) {
                        self.command(Action::StartLink);
                        let within = self.plan.step_timeouts.link.duration();
                        let heard = self.hear(within, |event| is_report(event, Report::CarrierUp));
                        match heard {
                            Ok(event) => self.fail(
                                Check::Absence,
                                "CarrierDown or nothing without a cable",
                                Seen::Event(event),
                            ),
                            Err(_) => self.pass(Check::Absence),
                        }
                    }
                    self.set_link(Check::Absence, true);
                    self.end();
                }
            }
            Medium::Wifi => {
                let keyed = self.plan.network.map(WifiSettings::ssid).and_then(|ssid| {
                    let key = WifiKey::plaintext(NOBODYS_KEY).ok()?;
                    WifiSettings::new(ssid, key).ok()
                });
                let foreign = WifiKey::plaintext(NOBODYS_KEY)
                    .and_then(|key| WifiSettings::new(NOBODYS_NETWORK, key))
                    .ok();
                for (check, network) in [(Check::Absence, foreign), (Check::WrongKey, keyed)] {
                    if let Some(network) = network
                        && self.power_up(Check::Recovers)
                    {
                        self.seek(check, &network);
                    }
                    self.end();
                }
            }
        }
    }

    /// A DHCP server that is silent, refuses, or lets a lease run out.
    pub(super) fn check_dhcp(&mut self) {
        if self.medium() == Medium::Cellular {
            return;
        }
        if self.plan.static_address.is_some() {
            for check in [Check::SilentDhcp, Check::RefusedLease, Check::LostLease] {
                self.skip(check, Skip::NotPlanned);
            }
            return;
        }
        if self.begin_dhcp(Check::SilentDhcp, Service::IsSilent) {
            self.command(Action::StartDhcp);
            let granted = |event: &Event| {
                matches!(
                    event,
                    Event::Interface {
                        report: Report::Lease(_),
                        ..
                    }
                )
            };
            match self.hear(self.plan.silence.duration(), granted) {
                Ok(event) => self.fail(
                    Check::SilentDhcp,
                    "no lease while the server is silent",
                    Seen::Event(event),
                ),
                Err(_) => self.pass(Check::SilentDhcp),
            }
            self.ask_dhcp_again();
        }
        self.end();
        if self.begin_dhcp(Check::RefusedLease, Service::Refuses) {
            let refused = |report: &Report| matches!(report, Report::LeaseRefused { .. });
            let expected = "LeaseRefused, as the answer to StartDhcp";
            let within = self.plan.step_timeouts.dhcp;
            let (check, action) = (Check::RefusedLease, Action::StartDhcp);
            if self.ask(check, action, within, refused, expected).is_some() {
                self.pass(check);
            }
            self.ask_dhcp_again();
        }
        self.end();
        self.check_lease();
    }

    /// A lease that a silent server does not renew.
    fn check_lease(&mut self) {
        let check = Check::LostLease;
        let Some(lease) = self.plan.lease else {
            return self.skip(check, Skip::NotPlanned);
        };
        if self.come_up(Check::Recovers) && self.change(check, Change::Dhcp(Service::IsSilent)) {
            let lost = |report: &Report| *report == Report::LeaseLost;
            let expected = "LeaseLost, when the lease has run out";
            if let Some(ticket) = self.newest(Step::Dhcp)
                && self
                    .next_report(check, ticket, lease, lost, expected)
                    .is_some()
            {
                self.pass(check);
            }
            self.ask_dhcp_again();
        }
        self.end();
    }

    /// Powers up to the link, with a DHCP server that behaves so.
    fn begin_dhcp(&mut self, check: Check, service: Service) -> bool {
        self.change(check, Change::Dhcp(service))
            && self.power_up(Check::Recovers)
            && self.link_up(Check::Recovers)
    }

    /// Lets the DHCP server work again, and asks it once more.
    fn ask_dhcp_again(&mut self) {
        self.bed.change(Change::Dhcp(Service::Works));
        self.address(Check::Recovers);
    }

    pub(super) fn check_cellular(&mut self) {
        if self.medium() != Medium::Cellular {
            return;
        }
        if self.come_up(Check::Recovers) {
            if self.change(Check::LostSession, Change::SessionEnds) {
                let down = |report: &Report| matches!(report, Report::PppDown { .. });
                let expected = "PppDown, with the ticket of Dial";
                if self
                    .next_link_report(Check::LostSession, Step::Ppp, down, expected)
                    .is_some()
                {
                    self.pass(Check::LostSession);
                }
                self.address(Check::Recovers);
            }
            if self.change(Check::LostSim, Change::Sim(false)) {
                let failed = |report: &Report| matches!(report, Report::SimFailed { .. });
                let expected = "SimFailed, with the ticket of ReadSim";
                if self
                    .next_link_report(Check::LostSim, Step::Sim, failed, expected)
                    .is_some()
                {
                    self.pass(Check::LostSim);
                }
                self.change(Check::LostSim, Change::Sim(true));
                self.read_sim(Check::Recovers);
            }
        }
        self.end();
    }

    /// The device itself fails, and works again after a power cycle.
    pub(super) fn check_device(&mut self) {
        if self.come_up(Check::Recovers) && self.bed.change(Change::Device(false)) {
            self.settle();
            self.end();
            self.bed.change(Change::Device(true));
            self.come_up(Check::Recovers);
        }
        self.end();
    }
}

fn is_report(event: &Event, wanted: Report) -> bool {
    matches!(event, Event::Interface { report, .. } if *report == wanted)
}
