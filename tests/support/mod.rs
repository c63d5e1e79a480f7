//! A device with one interface; the test plays its backend.

pub(crate) mod action;
pub(crate) mod bound;
pub(crate) mod diagram;
pub(crate) mod dice;
pub(crate) mod exact;
pub(crate) mod golden;
pub(crate) mod operation;
mod picture;
pub(crate) mod smt;
pub(crate) mod table;
pub(crate) mod world;

pub(crate) use action::name;
use bound::bounded;
use core::net::Ipv4Addr;

use lankeeper::{
    Action, Binding, Cause, Command, Config, Duration, Handle, Instant, InterfaceConfig,
    InterfaceId, Lease, Manager, Medium, Nic, Notice, Report, Span, State, Ticket, WifiKey,
    WifiSettings,
};

pub(crate) const ETH0: InterfaceId = InterfaceId::ETHERNET;

/// A configured span of this many seconds; `None` for zero.
pub(crate) const fn span(secs: u32) -> Option<Span> {
    Span::from_secs(secs)
}

/// The instant `secs` seconds after the epoch.
pub(crate) fn secs(secs: u64) -> Instant {
    Instant::EPOCH.saturating_add(Duration::from_secs(secs))
}

/// A usable lease: 192.168.1.50/24 from 192.168.1.1.
pub(crate) fn lease() -> Lease {
    Lease::new(Ipv4Addr::new(192, 168, 1, 50), 24).with_gateway(Ipv4Addr::new(192, 168, 1, 1))
}

/// A manager, the current time, and the outputs of the manager.
pub(crate) struct Rig {
    pub(crate) manager: Manager<1, 4, 4, 64>,
    pub(crate) now: Instant,
    /// The only interface of the device.
    pub(crate) id: InterfaceId,
    /// Polled commands that [`Rig::commands`] has not returned yet.
    commands: Vec<Command<'static>>,
    /// Polled notices that [`Rig::notices`] has not returned yet.
    notices: Vec<Notice>,
    /// Name and ticket of every polled action, in order.
    handed_out: Vec<(&'static str, Ticket)>,
    /// Every binding that the backend was given, in order.
    bindings: Vec<Binding>,
}

impl Rig {
    /// An Ethernet device with default settings, at the epoch.
    pub(crate) fn new() -> Self {
        Self::with(InterfaceConfig::new(ETH0))
    }

    pub(crate) fn with(interface: InterfaceConfig) -> Self {
        Self::with_config(&Config::new(0, [interface]))
    }

    pub(crate) fn with_config(config: &Config<1>) -> Self {
        Self {
            manager: Manager::with_capacities(config).unwrap(),
            now: Instant::EPOCH,
            id: config.interfaces[0].id,
            commands: Vec::new(),
            notices: Vec::new(),
            handed_out: Vec::new(),
            bindings: Vec::new(),
        }
    }

    /// An Ethernet device that is CONNECTED by DHCP, and the handle that holds it; all outputs are
    /// taken.
    pub(crate) fn connected() -> (Self, Handle) {
        let mut rig = Self::new();
        let handle = rig.open();
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
        rig.commands();
        rig.notices();
        (rig, handle)
    }

    /// An open interface that has come up as far as `state`; all outputs are taken.
    pub(crate) fn up_to(id: InterfaceId, state: State) -> Self {
        let mut rig = Self::with(InterfaceConfig::new(id));
        rig.open();
        rig.come_up_to(state);
        rig
    }

    /// Opens the interface with the settings that it needs to come up.
    pub(crate) fn open(&mut self) -> Handle {
        self.manager.open(self.now, &nic(self.id)).unwrap()
    }

    /// Answers the current step and all that follow, until CONNECTED.
    pub(crate) fn come_up(&mut self) {
        while let Some(report) = good_answer(self.state()) {
            self.report(report);
        }
    }

    /// Answers the current step and all that follow, until `state`; all outputs are taken.
    pub(crate) fn come_up_to(&mut self, state: State) {
        while self.state() != state {
            let answer = good_answer(self.state());
            self.report(answer.unwrap_or_else(|| panic!("coming up never reaches {state}")));
        }
        self.commands();
        self.notices();
    }

    /// Sends a report, with the ticket of the latest action that it can answer.
    pub(crate) fn report(&mut self, report: Report) {
        let ticket = self.ticket(report);
        self.report_as(ticket, report);
    }

    /// The ticket of the latest action that a report can answer; without one, a ticket that was
    /// never given.
    pub(crate) fn ticket(&mut self, report: Report) -> Ticket {
        self.poll_commands();
        let of = actions_of(report);
        self.latest(of).unwrap_or_else(|| forged(self.id, 0))
    }

    /// The ticket of the latest of these actions.
    pub(crate) fn latest(&mut self, of: &[&str]) -> Option<Ticket> {
        self.poll_commands();
        let mut given = self.handed_out.iter().rev();
        let (_, ticket) = given.find(|(name, _)| of.contains(name))?;
        Some(*ticket)
    }

    pub(crate) fn report_as(&mut self, ticket: Ticket, report: Report) {
        self.manager.handle_event(self.now, ticket.report(report));
    }

    /// The tickets of all actions polled so far that begin something, in order.
    pub(crate) fn handed_out(&self) -> Vec<Ticket> {
        let begins = |name| !matches!(name, "stop" | "power down");
        let handed_out = self.handed_out.iter().filter(|(name, _)| begins(*name));
        handed_out.map(|(_, ticket)| *ticket).collect()
    }

    /// The newest binding of a local port; where it was never bound, one of no socket.
    pub(crate) fn binding(&mut self, port: u16) -> Binding {
        self.poll_commands();
        let mut bindings = self.bindings.iter().rev();
        let bound = bindings.find(|binding| binding.port() == port);
        bound.copied().unwrap_or_else(|| unbound(self.id, port))
    }

    /// Stays CONNECTED for the stability time, so that earlier failures are forgotten.
    pub(crate) fn prove_stable(&mut self) {
        assert_eq!(self.state(), State::Connected);
        self.pass(Duration::from_secs(5 * 60));
    }

    /// Waits for the next timer, the end of a back-off for example.
    pub(crate) fn wait(&mut self) {
        let at = self.next_timer().expect("a timer is armed");
        self.go(at);
    }

    /// Sets the time and fires everything due.
    pub(crate) fn go(&mut self, to: Instant) {
        self.now = to;
        self.manager.handle_timeout(to);
    }

    /// Advances the time by a span and fires everything due.
    pub(crate) fn pass(&mut self, span: Duration) {
        self.go(self.now.saturating_add(span));
    }

    pub(crate) fn state(&self) -> State {
        self.manager.state(self.id).unwrap()
    }

    pub(crate) fn cause(&self) -> Option<Cause> {
        self.manager.reason(self.id).map(|reason| reason.cause)
    }

    /// The commands since the last call.
    pub(crate) fn commands(&mut self) -> Vec<Command<'static>> {
        self.poll_commands();
        core::mem::take(&mut self.commands)
    }

    /// The names of the actions since the last call.
    pub(crate) fn actions(&mut self) -> Vec<&'static str> {
        let name = |command| match command {
            Command::Interface { action, .. } => name(&action),
            other => panic!("not an interface command: {other:?}"),
        };
        self.commands().into_iter().map(name).collect()
    }

    /// The notices since the last call.
    pub(crate) fn notices(&mut self) -> Vec<Notice> {
        self.poll_notices();
        core::mem::take(&mut self.notices)
    }

    /// The states reported since the last call; any other notice is a failure.
    pub(crate) fn states(&mut self) -> Vec<State> {
        let state = |notice| match notice {
            Notice::StateChanged { state, .. } => state,
            other => panic!("not a change of state: {other:?}"),
        };
        self.notices().into_iter().map(state).collect()
    }

    /// The states among the notices since the last call.
    pub(crate) fn states_reported(&mut self) -> Vec<State> {
        let state = |notice| match notice {
            Notice::StateChanged { state, .. } => Some(state),
            _ => None,
        };
        self.notices().into_iter().filter_map(state).collect()
    }

    /// When the next timer fires; outputs are polled first.
    pub(crate) fn next_timer(&mut self) -> Option<Instant> {
        self.poll_commands();
        self.poll_notices();
        self.manager.poll_at().map(|deadline| deadline.at)
    }

    fn poll_notices(&mut self) {
        while let Some(notice) = bounded(self.manager.poll_notice()) {
            self.notices.push(notice);
        }
    }

    fn poll_commands(&mut self) {
        while let Some(command) = bounded(self.manager.poll_command()) {
            let command = kept(command);
            match command {
                Command::Interface { ticket, action } => {
                    self.handed_out.push((name(&action), ticket));
                }
                Command::Bind(binding) => self.bindings.push(binding),
                _ => {}
            }
            self.commands.push(command);
        }
    }
}

/// The longest that an interface waits before a try: after a refusal (IFC-16), or for a carrier.
pub(crate) fn longest_wait(id: InterfaceId) -> Duration {
    match id.medium() {
        Medium::Wifi | Medium::Cellular => Duration::from_secs(750),
        // A look for the carrier, 10 s later after an address conflict.
        Medium::Ethernet => Duration::from_millis(70_001),
    }
}

/// A name-only NIC.
pub(crate) fn named(name: &str) -> Nic {
    Nic::named(name).unwrap()
}

/// The ticket with this number of an interface, whether or not it was ever given.
pub(crate) fn forged(id: InterfaceId, number: u32) -> Ticket {
    let tickets = (0..=u8::MAX)
        .filter_map(|byte| Ticket::from_bits(u64::from(byte) << 32 | u64::from(number)));
    let mut of_interface = tickets.filter(|ticket| ticket.interface() == id);
    of_interface.next().unwrap()
}

/// A binding of a local port for a socket that has none.
pub(crate) fn unbound(id: InterfaceId, port: u16) -> Binding {
    let interface = forged(id, 0).to_bits() >> 32;
    Binding::from_bits(interface << 16 | u64::from(port)).unwrap()
}

/// An address from its text.
pub(crate) fn ip(text: &str) -> Ipv4Addr {
    text.parse().unwrap()
}

/// A NIC with which the interface can come up; for Wi-Fi it contains a network.
pub(crate) fn nic(id: InterfaceId) -> Nic {
    let builder = Nic::builder(&id.to_string());
    match id.medium() {
        Medium::Wifi => builder.wifi(network()).build().unwrap(),
        Medium::Ethernet | Medium::Cellular => builder.build().unwrap(),
    }
}

/// The settings of a Wi-Fi network.
pub(crate) fn network() -> WifiSettings {
    WifiSettings::new(b"shed", WifiKey::plaintext("correct horse").unwrap()).unwrap()
}

/// The report that completes the step of a state while coming up.
pub(crate) fn good_answer(state: State) -> Option<Report> {
    Some(match state {
        State::Starting => Report::Ready,
        State::WifiScanning => Report::NetworkFound,
        State::WifiJoining | State::WifiWpsing => Report::Joined,
        State::EthernetLinkUp => Report::CarrierUp,
        State::WifiDhcping | State::EthernetDhcping => Report::Lease(lease()),
        State::CellularPinging => Report::ModemAlive,
        State::CellularWaitingForSim => Report::SimReady,
        State::CellularRegistering => Report::Registered,
        State::CellularPppConnecting => Report::PppUp(lease()),
        _ => return None,
    })
}

/// The names of the actions that a report can answer.
pub(crate) fn actions_of(report: Report) -> &'static [&'static str] {
    match report {
        Report::NetworkFound => &["scan"],
        Report::NetworkNotFound { .. } | Report::WrongKey { .. } => &["scan", "join", "wps"],
        Report::Joined | Report::JoinRejected { .. } | Report::LinkLost { .. } => &["join", "wps"],
        Report::CarrierUp | Report::CarrierDown => &["start link"],
        Report::Lease(_)
        | Report::LeaseRefused { .. }
        | Report::LeaseLost
        | Report::AddressConflict => &["start dhcp", "set address"],
        Report::ModemAlive => &["ping modem"],
        Report::SimReady | Report::SimFailed { .. } => &["read sim"],
        Report::Registered | Report::RegistrationDenied { .. } | Report::RegistrationLost => {
            &["register"]
        }
        Report::PppUp(_) | Report::PppDown { .. } => &["dial"],
        _ => &["power up"],
    }
}

/// A copy of the command with leaked settings, which a test can afford.
fn kept(command: Command<'_>) -> Command<'static> {
    let keep = |network: &WifiSettings| &*Box::leak(Box::new(network.clone()));
    match command {
        Command::Interface { ticket, action } => {
            let action = match action {
                Action::Scan(network) => Action::Scan(keep(network)),
                Action::Join(network) => Action::Join(keep(network)),
                Action::PowerUp => Action::PowerUp,
                Action::Wps => Action::Wps,
                Action::StartLink => Action::StartLink,
                Action::StartDhcp => Action::StartDhcp,
                Action::SetAddress(ip) => Action::SetAddress(ip),
                Action::PingModem => Action::PingModem,
                Action::ReadSim => Action::ReadSim,
                Action::Register => Action::Register,
                Action::Dial => Action::Dial,
                Action::Stop => Action::Stop,
                Action::PowerDown => Action::PowerDown,
                other => panic!("unknown: {other:?}"),
            };
            Command::Interface { ticket, action }
        }
        Command::Bind(binding) => Command::Bind(binding),
        Command::Unbind(binding) => Command::Unbind(binding),
        Command::Persist(settings) => Command::Persist(Box::leak(Box::new(settings.clone()))),
        other => panic!("never polled: {other:?}"),
    }
}
