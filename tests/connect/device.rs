//! A device with one interface of each medium; the test plays its backend and its server.

use lankeeper::{
    Action, AttemptId, Command, Config, ConnectOutcome, Duration, Handle, Instant, InterfaceConfig,
    InterfaceId, IpConfig, Manager, Nic, Notice, Policy, Prefix, ProxySettings, Report,
    ServerAction, ServerReport, ServerState, ServerTicket, SocketId, State, Ticket, WifiKey,
    WifiSettings,
};

use crate::support::bound::bounded;
pub(super) use crate::support::named;
use crate::support::{self, actions_of, good_answer, name};

pub(super) const WL0: InterfaceId = InterfaceId::WIFI;
pub(super) const ETH0: InterfaceId = InterfaceId::ETHERNET;
pub(super) const CELL0: InterfaceId = InterfaceId::CELLULAR;

/// The result of a connect request: the interface name as given, and the outcome.
pub(super) type Ended = (&'static str, ConnectOutcome);

pub(super) struct Device {
    pub(super) manager: Manager<3, 4, 4, 64>,
    pub(super) now: Instant,
    /// The names and tickets of the actions that the backend was given.
    actions: Vec<(&'static str, Ticket)>,
    /// The same of the server connection.
    server_actions: Vec<(&'static str, ServerTicket)>,
    /// The same as text, since the last call of [`Device::commands`].
    commands: Vec<String>,
    notices: Vec<Notice>,
}

impl Device {
    /// A device that has just started under the policy `ReturnOnError`, with a stored network.
    pub(super) fn new() -> Self {
        let mut device = Self::with(&config());
        device.manager.set_policy(device.now, Policy::ReturnOnError);
        device.manager.store_wifi(device.now, &network("home"));
        device.commands();
        device
    }

    pub(super) fn with(config: &Config<3>) -> Self {
        Self {
            manager: Manager::with_capacities(config).unwrap(),
            now: Instant::EPOCH,
            actions: Vec::new(),
            server_actions: Vec::new(),
            commands: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// A device connected to its server with this NIC; all outputs are taken.
    pub(super) fn connected(nic: &Nic) -> Self {
        let mut device = Self::new();
        device.connect_with(nic);
        device.come_up();
        assert_eq!(device.manager.server_state(), ServerState::Connected);
        device.forget_outputs();
        device
    }

    pub(super) fn connect_with(&mut self, nic: &Nic) -> AttemptId {
        self.manager.connect_with(self.now, nic, None).unwrap()
    }

    pub(super) fn connect(&mut self) -> AttemptId {
        self.manager.connect(self.now, None).unwrap()
    }

    pub(super) fn open(&mut self, name: &str) -> Handle {
        self.manager.open(self.now, &named(name)).unwrap()
    }

    /// Opens an interface and brings it up to CONNECTED; all outputs are taken.
    pub(super) fn open_up(&mut self, id: InterfaceId) -> Handle {
        let handle = self.open(&id.to_string());
        self.bring_up(id);
        self.forget_outputs();
        handle
    }

    /// A device that is connected to its server over `eth0`, which a local holder with a socket
    /// holds too; all outputs are taken.
    pub(super) fn shared() -> (Self, Handle, SocketId) {
        let mut device = Self::new();
        let handle = device.open_up(ETH0);
        let opened = device.manager.udp_open(device.now, handle, Some(5000));
        let socket = opened.unwrap();
        device.connect_with(&named("eth0"));
        device.come_up();
        device.forget_outputs();
        (device, handle, socket)
    }

    /// Answers the steps of an interface until it is CONNECTED.
    pub(super) fn bring_up(&mut self, id: InterfaceId) {
        while let Some(report) = good_answer(self.state(id)) {
            self.report(id, report);
        }
        assert_eq!(self.state(id), State::Connected);
    }

    /// Answers the steps of an interface until it reaches that state.
    pub(super) fn bring_up_to(&mut self, id: InterfaceId, state: State) {
        while self.state(id) != state {
            let report = good_answer(self.state(id)).unwrap();
            self.report(id, report);
        }
    }

    /// Waits until an interface that has stopped tries again, and brings it up.
    pub(super) fn recover(&mut self, id: InterfaceId) {
        while self.state(id).is_stopped() {
            self.go_on();
        }
        self.bring_up(id);
    }

    /// Answers every command of the attempt until the server is connected.
    pub(super) fn come_up(&mut self) {
        self.come_up_to(ServerState::Connected);
    }

    /// Answers every command of the attempt until it reaches that state.
    pub(super) fn come_up_to(&mut self, state: ServerState) {
        while self.manager.server_state() != state {
            let held = self.manager.server_interface().unwrap();
            match self.manager.server_state() {
                ServerState::WaitingForInterface => self.bring_up(held),
                ServerState::Resolving => self.server(ServerReport::Resolved),
                ServerState::ReachingProxy => self.server(ServerReport::ProxyReached),
                ServerState::Connecting => self.server(ServerReport::Connected),
                other => panic!("{state} does not follow from {other}"),
            }
        }
    }

    /// Sends a report of an interface, with the ticket of the latest action that it can answer.
    pub(super) fn report(&mut self, id: InterfaceId, report: Report) {
        self.poll();
        let of = actions_of(report);
        let mut given = self.actions.iter().rev();
        let latest = given.find(|(what, ticket)| ticket.interface() == id && of.contains(what));
        let ticket = latest.map_or_else(|| support::forged(id, 0), |(_, ticket)| *ticket);
        self.report_as(ticket, report);
    }

    pub(super) fn report_as(&mut self, ticket: Ticket, report: Report) {
        self.manager.handle_event(self.now, ticket.report(report));
    }

    /// Sends a report of the server connection, with the ticket of its latest action.
    pub(super) fn server(&mut self, report: ServerReport) {
        self.poll();
        let mut given = self.server_actions.iter().rev();
        let latest = given.find(|(what, _)| *what != "disconnect");
        let ticket = latest.map_or_else(|| forged(ETH0, 0), |(_, ticket)| *ticket);
        self.server_as(ticket, report);
    }

    pub(super) fn server_as(&mut self, ticket: ServerTicket, report: ServerReport) {
        self.manager.handle_event(self.now, ticket.report(report));
    }

    /// The ticket of the latest of these actions of the server connection over an interface.
    pub(super) fn server_ticket(&mut self, id: InterfaceId, of: &[&str]) -> ServerTicket {
        self.poll();
        let mut given = self.server_actions.iter().rev();
        let latest = given.find(|(what, ticket)| ticket.interface() == id && of.contains(what));
        latest.expect("the action was begun").1
    }

    pub(super) fn go(&mut self, to: Instant) {
        self.now = to;
        self.manager.handle_timeout(to);
    }

    pub(super) fn pass(&mut self, span: Duration) {
        self.go(self.now.saturating_add(span));
    }

    /// Advances to the next deadline.
    pub(super) fn go_on(&mut self) {
        self.poll();
        let next = self.manager.poll_at().expect("something waits");
        self.go(next.at);
    }

    pub(super) fn state(&self, id: InterfaceId) -> State {
        self.manager.state(id).unwrap()
    }

    pub(super) fn server_state(&self) -> ServerState {
        self.manager.server_state()
    }

    /// The commands since the last call, as text.
    pub(super) fn commands(&mut self) -> Vec<String> {
        self.poll();
        core::mem::take(&mut self.commands)
    }

    /// The results since the last call; other notices are dropped.
    pub(super) fn results(&mut self) -> Vec<Ended> {
        let result = |notice| match notice {
            Notice::ConnectEnded {
                interface, outcome, ..
            } => Some((interface.as_str(), outcome)),
            _ => None,
        };
        self.notices().into_iter().filter_map(result).collect()
    }

    pub(super) fn notices(&mut self) -> Vec<Notice> {
        self.poll();
        core::mem::take(&mut self.notices)
    }

    pub(super) fn forget_outputs(&mut self) {
        self.commands();
        self.notices();
    }

    fn poll(&mut self) {
        while let Some(command) = bounded(self.manager.poll_command()) {
            match command {
                Command::Interface { ticket, action } => self.actions.push((name(&action), ticket)),
                Command::Server { ticket, action } => {
                    self.server_actions
                        .push((describe_server(&action).0, ticket));
                }
                _ => {}
            }
            self.commands.push(describe(&command));
        }
        while let Some(notice) = bounded(self.manager.poll_notice()) {
            self.notices.push(notice);
        }
    }
}

/// A command as text.
fn describe(command: &Command<'_>) -> String {
    let text = match command {
        Command::Interface { action, .. } => {
            let network = match action {
                Action::Scan(network) | Action::Join(network) => {
                    format!(" {}", network.ssid().escape_ascii())
                }
                _ => String::new(),
            };
            format!("{}{network}", name(action))
        }
        Command::Server { action, .. } => {
            let (what, proxy) = describe_server(action);
            let via = proxy.map_or_else(String::new, |proxy| format!(" via {}", proxy.address()));
            format!("{what}{via}")
        }
        Command::Persist(_) => return "persist".to_owned(),
        Command::Seal { .. } => return "seal".to_owned(),
        Command::Bind(_) => "bind".to_owned(),
        Command::Unbind(_) => "unbind".to_owned(),
        other => panic!("never polled: {other:?}"),
    };
    let interface = command.interface().unwrap();
    format!("{interface} {text}")
}

/// The name of an action of the server connection, and the proxy that it names.
fn describe_server<'a>(action: &ServerAction<'a>) -> (&'static str, Option<&'a ProxySettings>) {
    match action {
        ServerAction::Resolve(proxy) => ("resolve", *proxy),
        ServerAction::ReachProxy(proxy) => ("reach proxy", Some(*proxy)),
        ServerAction::Connect(proxy) => ("connect", *proxy),
        ServerAction::Flush => ("flush", None),
        ServerAction::Disconnect => ("disconnect", None),
        other => panic!("unknown action: {other:?}"),
    }
}

/// The ticket with this number of a server connection over an interface, whether or not it was ever
/// given.
pub(super) fn forged(id: InterfaceId, number: u32) -> ServerTicket {
    ServerTicket::from_bits(support::forged(id, number).to_bits()).unwrap()
}

pub(super) fn config() -> Config<3> {
    Config::new(0, [WL0, ETH0, CELL0].map(InterfaceConfig::new))
}

/// A Wi-Fi NIC with its own network.
pub(super) fn wifi(ssid: &str) -> Nic {
    Nic::builder("wifi").wifi(network(ssid)).build().unwrap()
}

/// An Ethernet NIC with its own proxy.
pub(super) fn proxied(address: &str) -> Nic {
    let proxy = ProxySettings::new(address, 3128).unwrap();
    Nic::builder("eth0").proxy(proxy).build().unwrap()
}

/// An Ethernet NIC with its own static address.
pub(super) fn fixed() -> Nic {
    Nic::builder("ethernet")
        .ip_config(static_address())
        .build()
        .unwrap()
}

pub(super) fn static_address() -> IpConfig {
    let own = Prefix::new([10, 0, 0, 9].into(), 24).unwrap();
    IpConfig::new(own, None, &[]).unwrap()
}

pub(super) fn network(ssid: &str) -> WifiSettings {
    let key = WifiKey::plaintext("correct horse").unwrap();
    WifiSettings::new(ssid.as_bytes(), key).unwrap()
}

/// One microsecond earlier.
pub(super) fn just_before(instant: Instant) -> Instant {
    Instant::from_micros(instant.as_micros() - 1)
}

pub(super) fn seconds(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
