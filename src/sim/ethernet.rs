//! A simulated Ethernet port.

use super::delays::Delays;
use super::dhcp::{DhcpClient, DhcpReport, DhcpServer};
use super::fault::{Fault, FaultRates};
use super::line::{Job, Line, earliest};
use super::{Reach, Simulated};
use crate::interface::Step;
use crate::nic::NameError;
use crate::{
    Action, Backend, Binding, Command, Duration, Event, Instant, InterfaceId, Lease, Medium,
    Received, Report, Ticket,
};

/// A change at an Ethernet port.
///
/// ```
/// use lankeeper::sim::{CableChange, World, run_until_state};
/// use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Span, State};
///
/// let mut world: World = World::new(1);
/// world.happen(CableChange::ForwardsAfter(Duration::from_secs(50)));
///
/// // A device that waits for its lease for longer than the switch takes.
/// let eth0 = InterfaceId::ETHERNET;
/// let mut interface = InterfaceConfig::new(eth0);
/// interface.step_timeouts.dhcp = Span::secs::<70>();
/// let mut manager = Manager::new(&Config::new(1, [interface]))?;
/// manager.open(lankeeper::Instant::EPOCH, &Nic::named("eth0")?)?;
/// run_until_state(&mut manager, &mut world, (eth0, State::Connected), Duration::from_secs(60))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum CableChange {
    /// The cable is plugged in; the carrier follows after negotiation.
    Plugged,
    /// The cable is pulled.
    Pulled,
    /// The DHCP server is replaced.
    Dhcp(DhcpServer),
    /// From the next link-up on, the switch forwards no frame until this long after it, as with
    /// spanning tree, where it takes 30 to 50 s. By default it forwards at once.
    ForwardsAfter(Duration),
}

/// What the switch does with the frames of the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Uplink {
    /// There is no link: the PHY has no power, or no cable.
    Down,
    /// The link comes up, and the switch drops all frames until then.
    Blocks { until: Instant },
    /// All frames pass.
    Forwards,
}

/// An Ethernet port. By default a cable is plugged in, and a DHCP server grants 192.168.2.50/24 for
/// an hour. Powering up resets the PHY: the link goes down and comes up again. It lasts until then,
/// whatever else the manager commands, or until the power or the cable is gone.
///
/// The report queue holds up to `QUEUE` reports.
///
/// ```
/// use lankeeper::Instant;
/// use lankeeper::sim::{CableChange, EthernetPort};
///
/// let mut port: EthernetPort = EthernetPort::new(1);
/// port.handle_change(Instant::EPOCH, CableChange::Pulled);
/// ```
#[derive(Clone, Debug)]
pub struct EthernetPort<const QUEUE: usize = 16> {
    line: Line<QUEUE>,
    server: DhcpServer,
    plugged: bool,
    powered: bool,
    uplink: Uplink,
    forwards_after: Duration,
    /// The command that watches the carrier, and the carrier that was last reported for it.
    watch: Option<(Ticket, Option<bool>)>,
    client: DhcpClient,
}

impl<const QUEUE: usize> EthernetPort<QUEUE> {
    /// Creates the port `eth0`. Random faults are drawn from the seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self::with_id(InterfaceId::ETHERNET, seed)
    }

    /// Creates the port with this number, for a device that has several.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the number is above 9.
    pub fn numbered(number: u8, seed: u64) -> Result<Self, NameError> {
        let id = InterfaceId::new(Medium::Ethernet, number)?;
        Ok(Self::with_id(id, seed))
    }

    fn with_id(id: InterfaceId, seed: u64) -> Self {
        let lease = Lease::new([192, 168, 2, 50].into(), 24).with_gateway([192, 168, 2, 1].into());
        Self {
            line: Line::new(id, seed),
            server: DhcpServer::new(lease, Duration::from_secs(3_600)),
            plugged: true,
            powered: false,
            uplink: Uplink::Down,
            forwards_after: Duration::ZERO,
            watch: None,
            client: DhcpClient::default(),
        }
    }

    /// Sets the delays.
    #[must_use]
    pub fn with_delays(mut self, delays: Delays) -> Self {
        self.set_delays(delays);
        self
    }

    /// The interface of this port.
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

    /// Applies a change to the port.
    pub fn handle_change(&mut self, now: Instant, change: CableChange) {
        self.handle_timeout(now);
        match change {
            CableChange::Plugged => self.plug(),
            CableChange::Pulled => self.pull(),
            CableChange::Dhcp(server) => self.server = server,
            CableChange::ForwardsAfter(after) => self.forwards_after = after,
        }
    }

    /// How far traffic over this interface would get.
    #[must_use]
    pub const fn reach(&self) -> Reach {
        if self.has_carrier() && self.forwards() && self.client.has_address() {
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

impl<const QUEUE: usize> EthernetPort<QUEUE> {
    fn act(&mut self, ticket: Ticket, action: &Action<'_>) {
        self.line.record_action(ticket, action);
        match *action {
            Action::PowerUp => {
                self.power_down();
                self.line.begin(Step::Power, ticket);
            }
            Action::Stop => self.stop(),
            Action::PowerDown => self.power_down(),
            // A port without power ignores every other command.
            _ if !self.powered => {}
            Action::StartLink => {
                self.stop();
                self.watch = Some((ticket, None));
                self.line.begin(Step::Link, ticket);
            }
            Action::StartDhcp => {
                let at = self.line.after(Step::Dhcp);
                self.client = DhcpClient::Requesting { ticket, at };
            }
            Action::SetAddress(..) => self.client = DhcpClient::Static,
            Action::Scan(..)
            | Action::Join(..)
            | Action::Wps
            | Action::PingModem
            | Action::ReadSim
            | Action::Register
            | Action::Dial => self.line.refuse(ticket),
        }
    }

    fn stop(&mut self) {
        self.line.cancel();
        self.watch = None;
        self.client = DhcpClient::Off;
    }

    fn power_down(&mut self) {
        self.stop();
        self.powered = false;
        self.uplink = Uplink::Down;
    }

    /// Resets the port together with the device.
    pub(super) fn reset(&mut self) {
        self.power_down();
        self.line.reset();
    }

    fn finish(&mut self, job: Job) {
        match job.step {
            Step::Power => {
                self.powered = true;
                self.link_up();
                self.line.answer(job.ticket, Report::Ready);
            }
            Step::Link => self.report_carrier(),
            // `act` and `plug` never start these.
            Step::Scan
            | Step::Join
            | Step::Wps
            | Step::Dhcp
            | Step::StaticAddress
            | Step::Modem
            | Step::Sim
            | Step::Registration
            | Step::Ppp => {}
        }
    }

    const fn has_carrier(&self) -> bool {
        matches!(self.watch, Some((_, Some(true))))
    }

    /// Whether frames pass the switch.
    pub(super) const fn forwards(&self) -> bool {
        matches!(self.uplink, Uplink::Forwards)
    }

    /// Brings the link up, unless it is. That needs no command: the PHY negotiates by itself.
    fn link_up(&mut self) {
        if self.plugged && self.powered && self.uplink == Uplink::Down {
            let link = self.line.after(Step::Link);
            let until = link.saturating_add(self.forwards_after);
            self.uplink = Uplink::Blocks { until };
        }
    }

    /// Reports the carrier to the command that watches it, unless that has been reported already.
    fn report_carrier(&mut self) {
        let Some((ticket, reported)) = self.watch else {
            return;
        };
        if reported == Some(self.plugged) {
            return;
        }
        self.watch = Some((ticket, Some(self.plugged)));
        let report = if self.plugged {
            Report::CarrierUp
        } else {
            Report::CarrierDown
        };
        match reported {
            None => self.line.answer(ticket, report),
            Some(_) => self.line.report(ticket, report),
        }
    }

    fn plug(&mut self) {
        self.plugged = true;
        self.link_up();
        if let Some((ticket, _)) = self.watch {
            self.line.begin(Step::Link, ticket);
        }
    }

    fn pull(&mut self) {
        self.plugged = false;
        self.uplink = Uplink::Down;
        if self.has_carrier() {
            self.line.cancel();
            self.report_carrier();
        }
    }
}

impl<const QUEUE: usize> Backend for EthernetPort<QUEUE> {
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

impl<const QUEUE: usize> Simulated for EthernetPort<QUEUE> {
    fn now(&self) -> Instant {
        self.line.now()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.line.advance(now);
        if let Some(job) = self.line.take_done() {
            self.finish(job);
        }
        if let Uplink::Blocks { until } = self.uplink
            && until <= self.line.now()
        {
            self.uplink = Uplink::Forwards;
        }
        let is_reached = self.has_carrier() && self.forwards();
        let server = is_reached.then_some(&self.server);
        match self.client.handle_timeout(self.line.now(), server) {
            Some(DhcpReport::Answer(ticket, report)) => self.line.answer(ticket, report),
            Some(DhcpReport::Unsolicited(ticket, report)) => self.line.report(ticket, report),
            None => {}
        }
    }

    fn poll_at(&self) -> Option<Instant> {
        let forwards_at = match self.uplink {
            Uplink::Blocks { until } => Some(until),
            Uplink::Down | Uplink::Forwards => None,
        };
        let device = earliest(self.line.poll_at(), self.client.poll_at());
        earliest(device, forwards_at)
    }
}
