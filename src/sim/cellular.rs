//! A simulated cellular modem.

use super::delays::Delays;
use super::fault::{Fault, FaultRates};
use super::line::{Job, Line};
use super::surroundings::{CellularChange, Coverage, PppService, SimCard};
use super::{Reach, Simulated, code};
use crate::interface::Step;
use crate::nic::NameError;
use crate::{
    Action, Backend, Binding, Command, Event, Instant, InterfaceId, Medium, Received, Report,
    Ticket,
};

/// A cellular modem. By default it works, its SIM is ready, its home network is in range, and
/// dialling up grants 10.64.0.2. A search for a network goes on until it ends or a `Stop` or a
/// power cycle ends it; another `Register` does not begin it anew.
///
/// The report queue holds up to `QUEUE` reports.
///
/// ```
/// use lankeeper::Instant;
/// use lankeeper::sim::{CellularChange, CellularModem, Coverage};
///
/// let mut modem: CellularModem = CellularModem::new(1);
/// modem.handle_change(Instant::EPOCH, CellularChange::Coverage(Coverage::Roaming));
/// assert!(!modem.is_registered());
/// ```
#[derive(Clone, Debug)]
pub struct CellularModem<const QUEUE: usize = 16> {
    line: Line<QUEUE>,
    hangs: bool,
    card: SimCard,
    coverage: Coverage,
    service: PppService,
    powered: bool,
    /// The command whose ticket SIM reports carry.
    reading: Option<Ticket>,
    registration: Option<Registration>,
    session: Option<Ticket>,
}

/// The state of the registration, and the ticket that its reports carry.
#[derive(Clone, Copy, Debug)]
enum Registration {
    /// With coverage, the search is the step in progress.
    Searching(Ticket),
    Registered(Ticket),
}

impl<const QUEUE: usize> CellularModem<QUEUE> {
    /// Creates the modem `cell0`. Random faults are drawn from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_id(InterfaceId::CELLULAR, seed)
    }

    /// Creates the modem with this number, for a device that has several.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the number is above 9.
    pub fn numbered(number: u8, seed: u64) -> Result<Self, NameError> {
        let id = InterfaceId::new(Medium::Cellular, number)?;
        Ok(Self::with_id(id, seed))
    }

    fn with_id(id: InterfaceId, seed: u64) -> Self {
        Self {
            line: Line::new(id, seed),
            hangs: false,
            card: SimCard::Ready,
            coverage: Coverage::Home,
            service: PppService::default(),
            powered: false,
            reading: None,
            registration: None,
            session: None,
        }
    }

    /// Sets the delays.
    #[must_use]
    pub fn with_delays(mut self, delays: Delays) -> Self {
        self.set_delays(delays);
        self
    }

    /// The interface of this modem.
    #[must_use]
    pub const fn id(&self) -> InterfaceId {
        self.line.id()
    }

    /// Sets the delays, from the next command on.
    pub fn set_delays(&mut self, delays: Delays) {
        self.line.set_delays(delays);
    }

    /// Sets the rates of random faults.
    pub fn set_fault_rates(&mut self, rates: FaultRates) {
        self.line.set_rates(rates);
    }

    /// Injects a fault.
    pub fn handle_fault(&mut self, now: Instant, fault: Fault) {
        self.handle_timeout(now);
        self.line.handle_fault(fault);
    }

    /// Applies a change to the modem or its surroundings.
    pub fn handle_change(&mut self, now: Instant, change: CellularChange) {
        self.handle_timeout(now);
        match change {
            CellularChange::Hangs(hangs) => {
                self.hangs = hangs;
                if hangs {
                    // The PPP stack of the host detects the dead peer.
                    self.drop_session();
                    self.stop();
                }
            }
            CellularChange::Card(card) => self.set_card(card),
            CellularChange::Coverage(coverage) => self.set_coverage(coverage),
            CellularChange::SearchTakes(takes) => {
                let mut delays = *self.line.delays();
                delays.registration = takes;
                self.line.set_delays(delays);
            }
            CellularChange::Ppp(service) => self.set_service(service),
            CellularChange::SessionDropped => self.drop_session(),
        }
    }

    /// Whether the modem is registered, at home or roaming.
    #[must_use]
    pub const fn is_registered(&self) -> bool {
        matches!(self.registration, Some(Registration::Registered(_)))
    }

    /// How far traffic over this interface would get.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        if self.session.is_some() {
            Reach::Internet
        } else {
            Reach::Nothing
        }
    }

    /// The number of reports dropped because the queue was full.
    #[must_use]
    pub const fn overflowed(&self) -> u32 {
        self.line.overflowed()
    }
}

impl<const QUEUE: usize> CellularModem<QUEUE> {
    fn act(&mut self, ticket: Ticket, action: &Action<'_>) {
        self.line.record_action(ticket, action);
        match *action {
            Action::PowerUp => {
                self.power_down();
                self.line.begin(Step::Power, ticket);
            }
            Action::Stop => self.stop(),
            Action::PowerDown => self.power_down(),
            // A modem without power ignores every other command.
            _ if !self.powered => {}
            Action::PingModem => {
                self.stop();
                self.line.begin(Step::Modem, ticket);
            }
            Action::ReadSim => {
                self.stop();
                self.line.begin(Step::Sim, ticket);
            }
            Action::Register => self.register(ticket),
            Action::Dial => {
                self.session = None;
                self.line.begin(Step::Ppp, ticket);
            }
            Action::Scan(..)
            | Action::Join(..)
            | Action::Wps
            | Action::StartLink
            | Action::StartDhcp
            | Action::SetAddress(..) => self.line.refuse(ticket),
        }
    }

    fn stop(&mut self) {
        self.line.cancel();
        self.reading = None;
        self.registration = None;
        self.session = None;
    }

    fn power_down(&mut self) {
        self.stop();
        self.powered = false;
    }

    /// Resets the modem together with the device.
    pub(super) fn reset(&mut self) {
        self.power_down();
        self.line.reset();
    }

    fn finish(&mut self, Job { step, ticket, .. }: Job) {
        if self.hangs {
            return;
        }
        let report = match step {
            Step::Power => {
                self.powered = true;
                Report::Ready
            }
            Step::Modem => Report::ModemAlive,
            Step::Sim => self.read(ticket),
            Step::Registration => self.found(ticket),
            Step::Ppp => self.dial(ticket),
            // `act` never starts these.
            Step::Scan | Step::Join | Step::Wps | Step::Link | Step::Dhcp | Step::StaticAddress => {
                return;
            }
        };
        self.line.answer(ticket, report);
    }

    fn read(&mut self, ticket: Ticket) -> Report {
        self.reading = Some(ticket);
        match self.card.code() {
            None => Report::SimReady,
            Some(code) => Report::SimFailed { code },
        }
    }

    /// Reports a registration that there is, goes on with a search under way, or begins one.
    fn register(&mut self, ticket: Ticket) {
        self.session = None;
        if self.is_registered() {
            // Whatever else was in progress has a newer command in its place.
            self.line.cancel();
            self.registration = Some(Registration::Registered(ticket));
            self.line.answer(ticket, Report::Registered);
        } else {
            self.search(ticket);
        }
    }

    /// Searches for this command. A search under way goes on; without coverage it has to wait.
    fn search(&mut self, ticket: Ticket) {
        self.registration = Some(Registration::Searching(ticket));
        if self.coverage == Coverage::None {
            self.line.cancel();
        } else if !self.line.take_over(Step::Registration, ticket) {
            self.line.begin(Step::Registration, ticket);
        }
    }

    /// The search has ended, which takes coverage.
    fn found(&mut self, ticket: Ticket) -> Report {
        if self.coverage == Coverage::Denied {
            self.registration = None;
            let code = code::REGISTRATION_DENIED;
            return Report::RegistrationDenied { code };
        }
        self.registration = Some(Registration::Registered(ticket));
        Report::Registered
    }

    fn dial(&mut self, ticket: Ticket) -> Report {
        match self.service {
            PppService::Grants(lease) if self.is_registered() => {
                self.session = Some(ticket);
                Report::PppUp(lease)
            }
            PppService::Grants(_) | PppService::Fails => {
                let code = code::NO_CARRIER;
                Report::PppDown { code }
            }
        }
    }

    fn set_card(&mut self, card: SimCard) {
        self.card = card;
        if let (Some(reading), Some(code)) = (self.reading, card.code()) {
            self.stop();
            self.line.report(reading, Report::SimFailed { code });
        }
    }

    fn set_coverage(&mut self, coverage: Coverage) {
        self.coverage = coverage;
        match (self.registration, coverage) {
            (Some(Registration::Registered(ticket)), Coverage::None) => {
                self.end_registration(ticket, Report::RegistrationLost);
                self.registration = Some(Registration::Searching(ticket));
            }
            (Some(Registration::Registered(ticket)), Coverage::Denied) => {
                let code = code::REGISTRATION_DENIED;
                self.end_registration(ticket, Report::RegistrationDenied { code });
            }
            (Some(Registration::Searching(ticket)), _) => self.search(ticket),
            (Some(Registration::Registered(_)), Coverage::Home | Coverage::Roaming) | (None, _) => {
            }
        }
    }

    fn end_registration(&mut self, ticket: Ticket, report: Report) {
        self.registration = None;
        self.session = None;
        self.line.cancel();
        self.line.report(ticket, report);
    }

    fn set_service(&mut self, service: PppService) {
        let before = core::mem::replace(&mut self.service, service);
        match (self.session, service) {
            (Some(session), PppService::Grants(lease)) if service != before => {
                self.line.report(session, Report::PppUp(lease));
            }
            (Some(_), PppService::Fails) => self.drop_session(),
            (Some(_) | None, _) => {}
        }
    }

    fn drop_session(&mut self) {
        if let Some(session) = self.session.take() {
            let code = code::NO_CARRIER;
            self.line.report(session, Report::PppDown { code });
        }
    }
}

impl<const QUEUE: usize> Backend for CellularModem<QUEUE> {
    fn execute(&mut self, command: Command<'_>) {
        if let Some((ticket, action)) = self.line.own(command) {
            self.act(ticket, &action);
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        self.handle_timeout(self.now());
        self.line.next_event()
    }

    /// Datagrams are not simulated here.
    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        None
    }
}

impl<const QUEUE: usize> Simulated for CellularModem<QUEUE> {
    fn now(&self) -> Instant {
        self.line.now()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.line.advance(now);
        if let Some(job) = self.line.take_done() {
            self.finish(job);
        }
    }

    fn poll_at(&self) -> Option<Instant> {
        self.line.poll_at()
    }
}
