//! A device with one interface of each medium; the test plays its backend and its server.

use lankeeper::{
    Action, Command, Config, ConnectOutcome, Duration, Event, Generation, Handle, Instant,
    InterfaceConfig, InterfaceId, IpConfig, Manager, Nic, Notice, Policy, Prefix, ProxySettings,
    Report, ServerAction, ServerReport, ServerState, SocketId, State, WifiKey, WifiSettings,
};

pub(super) use crate::support::named;
use crate::support::{actions_of, good_answer, name};

pub(super) const WL0: InterfaceId = InterfaceId::WIFI;
pub(super) const ETH0: InterfaceId = InterfaceId::ETHERNET;
pub(super) const CELL0: InterfaceId = InterfaceId::CELLULAR;

/// The result of a connect request: the interface name as given, and the outcome.
pub(super) type Ended = (&'static str, ConnectOutcome);

pub(super) struct Device {
    pub(super) manager: Manager<3, 4, 4, 64>,
    pub(super) now: Instant,
    /// The actions handed to the backend: interface, name and generation.
    actions: Vec<(InterfaceId, &'static str, Generation)>,
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
            manager: Manager::new(config).unwrap(),
            now: Instant::EPOCH,
            actions: Vec::new(),
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

    pub(super) fn connect_with(&mut self, nic: &Nic) {
        self.manager.connect_with(self.now, nic, None).unwrap();
    }

    pub(super) fn connect(&mut self) {
        self.manager.connect(self.now, None).unwrap();
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

    /// Sends a report of an interface, with the generation of the latest action that it can answer.
    pub(super) fn report(&mut self, id: InterfaceId, report: Report) {
        let generation = self.generation(id, actions_of(report));
        self.report_as(id, generation, report);
    }

    pub(super) fn report_as(
        &mut self,
        interface: InterfaceId,
        generation: Generation,
        report: Report,
    ) {
        let event = Event::Interface {
            interface,
            generation,
            report,
        };
        self.manager.handle_event(self.now, event);
    }

    /// Sends a report of the server connection, with the generation of its latest action.
    pub(super) fn server(&mut self, report: ServerReport) {
        self.poll();
        let of_server = ["resolve", "reach proxy", "connect", "flush"];
        let latest = self
            .actions
            .iter()
            .rev()
            .find(|(_, what, _)| of_server.contains(what));
        let generation = latest.map_or_else(Generation::default, |action| action.2);
        self.server_as(generation, report);
    }

    pub(super) fn server_as(&mut self, generation: Generation, report: ServerReport) {
        let event = Event::Server { generation, report };
        self.manager.handle_event(self.now, event);
    }

    /// The generation of the latest of these actions.
    pub(super) fn generation(&mut self, id: InterfaceId, of: &[&str]) -> Generation {
        self.poll();
        let latest = self
            .actions
            .iter()
            .rev()
            .find(|(interface, what, _)| *interface == id && of.contains(what));
        latest.map_or_else(Generation::default, |action| action.2)
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
        while let Some(command) = self.manager.poll_command() {
            let (text, action) = describe(command);
            self.commands.push(text);
            self.actions.extend(action);
        }
        while let Some(notice) = self.manager.poll_notice() {
            self.notices.push(notice);
        }
    }
}

/// A command as text, and the action it carries.
fn describe(command: Command<'_>) -> (String, Option<(InterfaceId, &'static str, Generation)>) {
    match command {
        Command::Interface { interface, action } => {
            let what = name(&action);
            let network = match action {
                Action::Scan(_, network) | Action::Join(_, network) => {
                    format!(" {}", network.ssid().escape_ascii())
                }
                _ => String::new(),
            };
            let started = action
                .generation()
                .map(|generation| (interface, what, generation));
            (format!("{interface} {what}{network}"), started)
        }
        Command::Server { interface, action } => {
            let (what, proxy) = match action {
                ServerAction::Resolve(_, proxy) => ("resolve", proxy),
                ServerAction::ReachProxy(_, proxy) => ("reach proxy", Some(proxy)),
                ServerAction::Connect(_, proxy) => ("connect", proxy),
                ServerAction::Flush(_) => ("flush", None),
                ServerAction::Disconnect => ("disconnect", None),
                other => panic!("unknown action: {other:?}"),
            };
            let via = proxy.map_or_else(String::new, |proxy| format!(" via {}", proxy.address()));
            let started = action
                .generation()
                .map(|generation| (interface, what, generation));
            (format!("{interface} {what}{via}"), started)
        }
        Command::Persist(_) => ("persist".to_owned(), None),
        Command::Seal { .. } => ("seal".to_owned(), None),
        Command::Bind { interface, .. } => (format!("{interface} bind"), None),
        Command::Unbind { interface, .. } => (format!("{interface} unbind"), None),
        other => panic!("never polled: {other:?}"),
    }
}

pub(super) fn config() -> Config<3> {
    Config::new([WL0, ETH0, CELL0].map(InterfaceConfig::new))
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
