//! A simulated Wi-Fi radio.

use core::ops::RangeInclusive;

use super::access_point::AccessPoint;
use super::air::{AccessPointId, Air, AirChange};
use super::delays::Delays;
use super::dhcp::{DhcpClient, DhcpReport};
use super::fault::{Fault, FaultRates};
use super::line::{Job, Line, earliest};
use super::schedule::CapacityError;
use super::vault::{MockVault, UnsealError};
use super::{Reach, Simulated, code};
use crate::interface::Step;
use crate::nic::{NameError, Security};
use crate::{
    Action, Backend, Binding, Command, Event, Instant, InterfaceId, Medium, Received, Report,
    Ticket, WifiKey, WifiSettings,
};

/// A Wi-Fi radio with access points around it. It unseals keys that were sealed by a
/// [`World`](super::World) with the same seed.
///
/// Holds up to `ACCESS_POINTS` access points and `QUEUE` pending reports.
///
/// ```
/// use lankeeper::sim::{AccessPoint, WifiRadio};
/// use lankeeper::{WifiKey, WifiSettings};
///
/// let shed = WifiSettings::new(b"shed", WifiKey::plaintext("correct horse")?)?;
/// let mut radio: WifiRadio = WifiRadio::new(1);
/// let access_point = radio.add(AccessPoint::new(shed))?;
/// assert_eq!(radio.associated_with(), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct WifiRadio<const ACCESS_POINTS: usize = 8, const QUEUE: usize = 16> {
    line: Line<QUEUE>,
    vault: MockVault,
    air: Air<ACCESS_POINTS>,
    channels: RangeInclusive<u8>,
    powered: Option<Ticket>,
    /// The network to scan for or to join.
    wanted: Option<WifiSettings>,
    /// The access point whose button was pressed last.
    pressed: Option<AccessPointId>,
    association: Option<(AccessPointId, Ticket)>,
    client: DhcpClient,
}

impl<const ACCESS_POINTS: usize, const QUEUE: usize> WifiRadio<ACCESS_POINTS, QUEUE> {
    /// Creates the radio `wl0`, without access points. Random faults are drawn from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_id(InterfaceId::WIFI, seed)
    }

    /// Creates the radio with this number, for a device that has several.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the number is above 9.
    pub fn numbered(number: u8, seed: u64) -> Result<Self, NameError> {
        Ok(Self::with_id(InterfaceId::new(Medium::Wifi, number)?, seed))
    }

    fn with_id(id: InterfaceId, seed: u64) -> Self {
        Self {
            line: Line::new(id, seed),
            vault: MockVault::new(seed),
            air: Air::new(),
            channels: 0..=u8::MAX,
            powered: None,
            wanted: None,
            pressed: None,
            association: None,
            client: DhcpClient::default(),
        }
    }

    /// Sets the delays.
    #[must_use]
    pub fn with_delays(mut self, delays: Delays) -> Self {
        self.set_delays(delays);
        self
    }

    /// Limits the radio to these channels.
    #[must_use]
    pub const fn with_channels(mut self, channels: RangeInclusive<u8>) -> Self {
        self.channels = channels;
        self
    }

    /// Adds an access point.
    ///
    /// # Errors
    ///
    /// [`CapacityError`] beyond `ACCESS_POINTS`.
    pub fn add(&mut self, access_point: AccessPoint) -> Result<AccessPointId, CapacityError> {
        self.air.add(access_point)
    }

    /// The interface of this radio.
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

    /// Applies a change to an access point.
    pub fn handle_change(&mut self, now: Instant, change: AirChange) {
        self.handle_timeout(now);
        let (id, disconnects) = (change.access_point(), change.disconnects());
        if matches!(change, AirChange::WpsPressed(_)) {
            self.press(id);
        }
        self.air.change(self.line.now(), change);
        self.check_association(id, disconnects);
    }

    /// The access point that the radio is associated with.
    #[must_use]
    pub fn associated_with(&self) -> Option<AccessPointId> {
        self.association.map(|(id, _)| id)
    }

    /// How far traffic over this interface would get.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let access_point = self.associated_with().and_then(|id| self.air.get(id));
        match access_point.filter(|_| self.client.has_address()) {
            Some(access_point) if access_point.captive => Reach::Portal,
            Some(access_point) if access_point.firewall => Reach::Firewall,
            Some(_) => Reach::Internet,
            None => Reach::Nothing,
        }
    }

    /// The number of reports dropped because the queue was full.
    #[must_use]
    pub const fn overflowed(&self) -> u32 {
        self.line.overflowed()
    }
}

impl<const ACCESS_POINTS: usize, const QUEUE: usize> WifiRadio<ACCESS_POINTS, QUEUE> {
    fn act(&mut self, ticket: Ticket, action: &Action<'_>) {
        self.line.record_action(ticket, action);
        match *action {
            Action::PowerUp => {
                self.power_down();
                self.line.begin(Step::Power, ticket);
            }
            Action::Stop => self.stop(),
            Action::PowerDown => self.power_down(),
            // A radio without power ignores every other command.
            _ if self.powered.is_none() => {}
            Action::Scan(network) => {
                self.stop();
                self.wanted = Some(network.clone());
                self.line.begin(Step::Scan, ticket);
            }
            Action::Join(network) => {
                self.stop();
                self.wanted = Some(network.clone());
                self.line.begin(Step::Join, ticket);
            }
            Action::Wps => {
                self.stop();
                self.line.begin(Step::Wps, ticket);
            }
            Action::StartDhcp => {
                let at = self.line.after(Step::Dhcp);
                self.client = DhcpClient::Requesting { ticket, at };
            }
            Action::SetAddress(..) => self.client = DhcpClient::Static,
            Action::StartLink
            | Action::PingModem
            | Action::ReadSim
            | Action::Register
            | Action::Dial => self.line.refuse(ticket),
        }
    }

    fn stop(&mut self) {
        self.line.cancel();
        self.wanted = None;
        self.association = None;
        self.client = DhcpClient::Off;
    }

    fn power_down(&mut self) {
        self.stop();
        self.powered = None;
        self.pressed = None;
    }

    /// Resets the radio together with the device.
    pub(super) fn reset(&mut self) {
        self.power_down();
        self.line.reset();
    }

    fn finish(&mut self, job: Job) {
        let ticket = job.ticket;
        let report = match job.step {
            Step::Power => {
                self.powered = Some(ticket);
                Report::Ready
            }
            Step::Scan => self.scan(),
            Step::Join => self.join(ticket),
            Step::Wps => self.join_pressed(ticket),
            // `act` never starts these.
            Step::Link
            | Step::Dhcp
            | Step::StaticAddress
            | Step::Modem
            | Step::Sim
            | Step::Registration
            | Step::Ppp => return,
        };
        self.line.answer(ticket, report);
    }

    fn best(&self) -> Option<(AccessPointId, &AccessPoint)> {
        let wanted = self.wanted.as_ref()?;
        self.air.best(self.line.now(), wanted, &self.channels)
    }

    fn scan(&self) -> Report {
        match self.best() {
            Some(_) => Report::NetworkFound,
            None => Report::NetworkNotFound {
                code: code::NO_ACCESS_POINT,
            },
        }
    }

    fn join(&mut self, ticket: Ticket) -> Report {
        let Some((id, access_point)) = self.best() else {
            let code = code::NO_ACCESS_POINT;
            return Report::JoinRejected { code };
        };
        if access_point.rejects {
            let code = code::TOO_MANY_STATIONS;
            return Report::JoinRejected { code };
        }
        let key = access_point.network.key();
        let own_key = self.wanted.as_ref().map(WifiSettings::key);
        if !own_key.is_some_and(|own| goes_with(own.security(), key.security())) {
            let code = code::OTHER_SECURITY;
            return Report::JoinRejected { code };
        }
        let own_key = own_key.and_then(WifiKey::expose);
        let code = match self.vault.matches(own_key, key.expose()) {
            Ok(true) => {
                self.association = Some((id, ticket));
                return Report::Joined;
            }
            Ok(false) => code::HANDSHAKE_TIMEOUT,
            Err(UnsealError) => code::NOT_UNSEALED,
        };
        Report::WrongKey { code }
    }

    fn join_pressed(&mut self, ticket: Ticket) -> Report {
        match self.pressed.take().filter(|id| self.hears(*id)) {
            Some(id) => {
                self.association = Some((id, ticket));
                Report::Joined
            }
            None => Report::JoinRejected {
                code: code::NO_ACCESS_POINT,
            },
        }
    }

    fn press(&mut self, id: AccessPointId) {
        let Some(powered) = self.powered else { return };
        if self.hears(id) && self.air.get(id).is_some_and(|known| known.wps) {
            self.pressed = Some(id);
            self.line.report(powered, Report::WpsStarted);
        }
    }

    fn hears(&self, id: AccessPointId) -> bool {
        let heard = self.air.heard(self.line.now(), id, &self.channels);
        heard.is_some()
    }

    /// Ends the association and reports it if the access point has gone.
    fn check_association(&mut self, changed: AccessPointId, disconnects: bool) {
        if let Some((id, ticket)) = self.association
            && id == changed
            && (disconnects || !self.hears(id))
        {
            self.association = None;
            let code = code::STATION_LEFT;
            self.line.report(ticket, Report::LinkLost { code });
        }
    }
}

impl<const ACCESS_POINTS: usize, const QUEUE: usize> Backend for WifiRadio<ACCESS_POINTS, QUEUE> {
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

impl<const ACCESS_POINTS: usize, const QUEUE: usize> Simulated for WifiRadio<ACCESS_POINTS, QUEUE> {
    fn now(&self) -> Instant {
        self.line.now()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.line.advance(now);
        if let Some(job) = self.line.take_done() {
            self.finish(job);
        }
        let access_point = self.associated_with().and_then(|id| self.air.get(id));
        let server = access_point.map(|access_point| &access_point.dhcp);
        match self.client.handle_timeout(self.line.now(), server) {
            Some(DhcpReport::Answer(ticket, report)) => self.line.answer(ticket, report),
            Some(DhcpReport::Unsolicited(ticket, report)) => self.line.report(ticket, report),
            None => {}
        }
    }

    fn poll_at(&self) -> Option<Instant> {
        earliest(self.line.poll_at(), self.client.poll_at())
    }
}

/// Whether a radio that insists on its own security joins an access point with this one.
fn goes_with(own: Security, other: Security) -> bool {
    match own {
        Security::Any => other != Security::Wep,
        // Without a key nothing is insisted on: whether the key matches is seen afterwards.
        Security::Open => true,
        Security::Wep => other == Security::Wep,
        Security::Wpa2 | Security::Wpa3 => other == own || other == Security::Any,
    }
}
