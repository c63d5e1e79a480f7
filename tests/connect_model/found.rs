//! Differences that the model has found, each as a scenario of its own.

use lankeeper::nic::InterfaceName;
use lankeeper::{
    Action, Command, Config, ConnectOutcome, Duration, Event, Instant, InterfaceConfig,
    InterfaceId, IpConfig, Manager, Nic, Notice, Policy, Prefix, Report, ServerAction,
    ServerReport, ServerState, State, WifiKey, WifiSettings,
};

use crate::support::{lease, span};

/// A device with Ethernet and Wi-Fi whose rounds take five seconds.
struct Device {
    manager: Manager<2>,
    now: Instant,
}

/// The answers of a backend for which every step succeeds.
fn good_answer(command: &Command<'_>) -> Option<Event> {
    match *command {
        Command::Interface { ticket, action } => {
            let report = match action {
                Action::PowerUp => Report::Ready,
                Action::Scan(..) => Report::NetworkFound,
                Action::Join(..) => Report::Joined,
                Action::StartLink => Report::CarrierUp,
                Action::StartDhcp => Report::Lease(lease()),
                _ => return None,
            };
            Some(ticket.report(report))
        }
        Command::Server { ticket, action } => {
            let report = match action {
                ServerAction::Resolve(..) => ServerReport::Resolved,
                ServerAction::Connect(..) => ServerReport::Connected,
                _ => return None,
            };
            Some(ticket.report(report))
        }
        _ => None,
    }
}

impl Device {
    fn new(policy: Policy) -> Self {
        let interfaces = [InterfaceId::ETHERNET, InterfaceId::WIFI].map(InterfaceConfig::new);
        let mut config = Config::new(0, interfaces);
        config.server.grace = span(5).unwrap();
        let mut manager = Manager::new(&config).unwrap();
        manager.set_policy(Instant::EPOCH, policy);
        Self {
            manager,
            now: Instant::EPOCH,
        }
    }

    /// Polls the next command and answers it.
    fn answer(&mut self) -> bool {
        let Some(command) = self.manager.poll_command() else {
            return false;
        };
        if let Some(event) = good_answer(&command) {
            self.manager.handle_event(self.now, event);
        }
        true
    }

    fn notices(&mut self) -> Vec<Notice> {
        core::iter::from_fn(|| self.manager.poll_notice()).collect()
    }

    /// Advances to the next deadline without an answer.
    fn wait(&mut self) {
        while self.manager.poll_output().is_some() {}
        self.now = self.manager.poll_at().expect("something is tried").at;
        self.manager.handle_timeout(self.now);
    }

    fn wait_for(&mut self, state: ServerState) {
        while self.manager.server_state() != state {
            self.wait();
        }
    }
}

fn static_address() -> IpConfig {
    let own = Prefix::new([10, 0, 0, 7].into(), 24).unwrap();
    IpConfig::new(own, None, &[]).unwrap()
}

// spec: CON-13
#[test]
fn a_suspended_application_goes_on_although_it_has_asked_for_a_connection() {
    let mut device = Device::new(Policy::SuspendOnError);
    device.manager.connect(device.now, None).unwrap();
    device.wait_for(ServerState::Waiting);
    device.manager.connect(device.now, None).unwrap();
    device.notices();
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    assert_eq!(device.notices(), [Notice::Resumed]);
}

// spec: CON-14
#[test]
fn a_result_names_the_interface_that_was_tried_last() {
    let mut device = Device::new(Policy::SuspendOnError);
    device.manager.connect(device.now, None).unwrap();
    device.wait_for(ServerState::Waiting);
    let mut tried = None;
    while let Some(interface) = device.manager.server_interface() {
        tried = Some(InterfaceName::from(interface));
        device.wait();
    }
    device.notices();
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    let result = device
        .notices()
        .into_iter()
        .find_map(|notice| match notice {
            Notice::ConnectEnded { interface, .. } => Some(interface),
            _ => None,
        });
    assert_eq!(result, tried);
}

// spec: CON-2
#[test]
fn an_order_that_became_empty_takes_no_result_away() {
    let mut device = Device::new(Policy::SuspendOnError);
    device.manager.connect(device.now, None).unwrap();
    device.wait_for(ServerState::Waiting);
    while device.manager.server_interface().is_some() {
        device.wait();
    }
    device.notices();
    device.manager.set_server_order(device.now, &[]).unwrap();
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    let is_result = |notice: &Notice| matches!(notice, Notice::ConnectEnded { .. });
    assert!(device.notices().iter().any(is_result));
}

// spec: CFG-2
#[test]
fn given_settings_are_not_used_again_while_the_application_is_suspended() {
    let mut device = Device::new(Policy::ReturnOnError);
    let network = WifiSettings::new(b"given", WifiKey::open()).unwrap();
    let nic = Nic::builder("wl0").wifi(network).build().unwrap();
    device.manager.connect_with(device.now, &nic, None).unwrap();
    let mut connection = None;
    while let Some(command) = device.manager.poll_command() {
        if let Command::Server { ticket, .. } = &command {
            connection = Some(*ticket);
        }
        if let Some(event) = good_answer(&command) {
            device.manager.handle_event(device.now, event);
        }
    }
    assert_eq!(device.manager.server_state(), ServerState::Connected);
    device
        .manager
        .set_policy(device.now, Policy::SuspendOnError);
    let lost = connection.unwrap().report(ServerReport::Lost { code: 1 });
    device.manager.handle_event(device.now, lost);
    assert_eq!(device.manager.server_state(), ServerState::Waiting);
    // The network was joined for that connection only.
    let state = device.manager.state(InterfaceId::WIFI);
    assert_eq!(state, Some(State::WifiStopped));
}

// spec: CON-11
#[test]
fn a_static_address_that_cannot_be_set_is_no_address() {
    let mut device = Device::new(Policy::ReturnOnError);
    let nic = Nic::builder("eth0").ip_config(static_address());
    let nic = nic.build().unwrap();
    let attempt = device.manager.connect_with(device.now, &nic, None);
    let ticket = loop {
        let command = device.manager.poll_command().unwrap();
        match &command {
            Command::Interface {
                ticket,
                action: Action::SetAddress(_),
            } => break *ticket,
            command => {
                if let Some(event) = good_answer(command) {
                    device.manager.handle_event(device.now, event);
                }
            }
        }
    };
    let fault = ticket.report(Report::Fault { code: 7 });
    device.manager.handle_event(device.now, fault);
    let result = Notice::ConnectEnded {
        attempt: attempt.unwrap(),
        interface: *nic.name(),
        outcome: ConnectOutcome::NoIpAddress,
        code: Some(7),
    };
    assert!(device.notices().contains(&result));
}

// spec: TIME-3
#[test]
fn a_late_call_fires_a_try_and_the_end_of_its_round() {
    let mut device = Device::new(Policy::SuspendOnError);
    let nics = ["eth0", "wl0"].map(|name| Nic::named(name).unwrap());
    for nic in &nics {
        device.manager.open(device.now, nic).unwrap();
    }
    device.manager.connect(device.now, None).unwrap();
    device.wait_for(ServerState::Waiting);
    // Both back-offs, the next attempt and the end of the round are long past.
    device.now = device.now.saturating_add(Duration::from_secs(100));
    device.manager.handle_timeout(device.now);
    while device.manager.poll_output().is_some() {}
    let next = device.manager.poll_at().unwrap();
    assert!(next.at > device.now, "{next:?} is due");
}

// spec: CFG-2
#[test]
fn an_address_that_was_given_is_not_set_after_its_connection() {
    let mut device = Device::new(Policy::ReturnOnError);
    let nic = Nic::builder("eth0").ip_config(static_address());
    let nic = nic.build().unwrap();
    device.manager.connect_with(device.now, &nic, None).unwrap();
    let shares = Nic::named("eth0").unwrap();
    device.manager.open(device.now, &shares).unwrap();
    while device.manager.state(InterfaceId::ETHERNET) != Some(State::Connected) {
        device.answer();
    }
    // The backend has not polled the address yet.
    device.manager.disconnect(device.now, None);
    let mut actions = Vec::new();
    while let Some(command) = device.manager.poll_command() {
        let Command::Interface { action, .. } = command else {
            continue;
        };
        actions.push(crate::support::name(&action));
    }
    assert_eq!(actions, ["stop", "power down", "power up"]);
}
