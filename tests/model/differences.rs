//! Where rules and code differ, by the shortest sequence: the rules decide.

use lankeeper::back_off::BackOffConfig;
use lankeeper::manager::{OpenError, Reconfigure};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{Action, Notice, Recovery, Report, Span, State, Ticket};
use lankeeper::{Cause, Command, Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
use lankeeper::{Policy, ServerAction, ServerReport, ServerState};

use super::operation::lease_of;
use super::settings::{address, network_of, proxy_of};
use crate::support::bound::bounded;
use crate::support::name;

/// A device with one interface, which is open; the tickets of all its commands.
struct Device {
    manager: Manager,
    id: InterfaceId,
    tickets: Vec<Ticket>,
}

impl Device {
    fn opened(id: InterfaceId, name: &str) -> Self {
        let config = Config::new(1, [InterfaceConfig::new(id)]);
        let mut manager = Manager::new(&config).unwrap();
        manager
            .open(Instant::EPOCH, &Nic::named(name).unwrap())
            .unwrap();
        let tickets = Vec::new();
        Self {
            manager,
            id,
            tickets,
        }
    }

    /// Takes the commands; whether there is one to register among them.
    fn registers(&mut self) -> bool {
        let mut registers = false;
        while let Some(command) = bounded(self.manager.poll_command()) {
            if let Command::Interface { ticket, action } = command {
                registers |= matches!(action, Action::Register);
                self.tickets.push(ticket);
            }
        }
        registers
    }

    /// A report of the newest command.
    fn report(&mut self, report: Report) {
        self.registers();
        let ticket = *self.tickets.last().unwrap();
        self.manager
            .handle_event(Instant::EPOCH, ticket.report(report));
    }

    /// A modem whose registration was denied.
    fn denied() -> Self {
        let mut device = Self::opened(InterfaceId::CELLULAR, "cell0");
        device.report(Report::Ready);
        device.report(Report::ModemAlive);
        device.report(Report::SimReady);
        device.report(Report::RegistrationDenied { code: 1 });
        device
    }
}

// spec: IFC-16
#[test]
fn a_denial_after_a_late_success_is_a_refusal_too() {
    let mut device = Device::denied();
    device.report(Report::Registered);
    device.report(Report::RegistrationDenied { code: 2 });
    let reason = device.manager.reason(device.id).unwrap();
    assert_eq!(reason.cause, Cause::RegistrationDenied);
    device.manager.handle_timeout(Instant::from_secs(599));
    assert!(!device.registers());
}

// spec: IFC-16
#[test]
fn a_late_success_ends_the_wait_for_good() {
    let mut device = Device::denied();
    device.report(Report::Registered);
    device.report(Report::Fault { code: 2 });
    device.manager.handle_timeout(Instant::from_secs(1));
    assert_eq!(device.manager.state(device.id), Some(State::Starting));
}

// spec: IFC-7
#[test]
fn a_look_for_the_carrier_comes_no_sooner_than_three_quarters_of_the_longest_delay() {
    for seed in 0..200 {
        let mut interface = InterfaceConfig::new(InterfaceId::ETHERNET);
        let delays = BackOffConfig::new(Span::secs::<32>(), Span::secs::<60>()).unwrap();
        interface.recovery = Recovery::Automatic(delays);
        let config = Config::new(seed, [interface]);
        let mut manager = Manager::<1>::new(&config).unwrap();
        let nic = Nic::named("eth0").unwrap();
        manager.open(Instant::EPOCH, &nic).unwrap();
        for report in [Report::Ready, Report::CarrierDown] {
            let mut newest = None;
            while let Some(command) = manager.poll_command() {
                if let Command::Interface { ticket, .. } = command {
                    newest = Some(ticket);
                }
            }
            manager.handle_event(Instant::EPOCH, newest.unwrap().report(report));
        }
        while manager.poll_output().is_some() {}
        let back_off = manager.poll_at().unwrap().at;
        manager.handle_timeout(back_off);
        manager.handle_timeout(Instant::from_millis(44_999));
        let state = manager.state(InterfaceId::ETHERNET);
        assert_eq!(state, Some(State::EthernetStoppedNoLink), "seed {seed}");
    }
}

// spec: IFC-16
#[test]
fn a_denial_after_a_late_success_that_was_lost_is_a_refusal_too() {
    let mut device = Device::denied();
    device.report(Report::Registered);
    device.report(Report::RegistrationLost);
    device.report(Report::RegistrationDenied { code: 2 });
    device.manager.handle_timeout(Instant::from_secs(599));
    assert!(!device.registers());
}

// spec: CON-5
/// A try of five minutes goes on after a deadline of DHCP: the interface tries on by itself.
#[test]
fn a_deadline_of_dhcp_ends_no_try_without_power_cycles() {
    let mut interface = InterfaceConfig::new(InterfaceId::ETHERNET);
    interface.power_cycle_after = 0;
    let mut config = Config::new(1, [interface]);
    config.policy = Policy::ReturnOnError;
    let mut manager = Manager::new(&config).unwrap();
    manager
        .connect(Instant::EPOCH, Span::from_secs(300))
        .unwrap();
    for report in [Report::Ready, Report::CarrierUp] {
        let mut newest = None;
        while let Some(command) = bounded(manager.poll_command()) {
            if let Command::Interface { ticket, .. } = command {
                newest = Some(ticket);
            }
        }
        manager.handle_event(Instant::EPOCH, newest.unwrap().report(report));
    }
    manager.handle_timeout(Instant::from_secs(30));
    assert_eq!(
        manager.state(InterfaceId::ETHERNET),
        Some(State::EthernetStopped)
    );
    assert_eq!(manager.server_state(), ServerState::WaitingForInterface);
}

// spec: CON-2, CON-24
/// Both interfaces of the order are disabled in turn: the newest try was over the second one.
#[test]
fn a_result_names_the_interface_of_the_newest_try() {
    let ids = [InterfaceId::ETHERNET, InterfaceId::WIFI];
    let mut config = Config::new(1, ids.map(InterfaceConfig::new));
    config.policy = Policy::ReturnOnError;
    let mut manager = Manager::new(&config).unwrap();
    manager.connect(Instant::EPOCH, None).unwrap();
    for id in ids {
        assert_eq!(manager.server_interface(), Some(id));
        manager.set_enabled(Instant::EPOCH, id, false).unwrap();
    }
    let result = manager.last_result().unwrap();
    assert_eq!(result.interface.to_string(), "wl0");
}

// spec: CFG-2, CON-20
/// A connection with a network of its own gets another address under `SuspendOnError`.
#[test]
fn another_address_ends_the_settings_of_a_connection() {
    let mut config = Config::new(1, [InterfaceConfig::new(InterfaceId::WIFI)]);
    config.policy = Policy::ReturnOnError;
    let mut manager = Manager::<1>::with_capacities(&config).unwrap();
    manager.store_wifi(Instant::EPOCH, &network_of("home"));
    let nic = Nic::builder("wl0").wifi(network_of("shed")).build();
    manager
        .connect_with(Instant::EPOCH, &nic.unwrap(), None)
        .unwrap();
    manager.set_policy(Instant::EPOCH, Policy::SuspendOnError);
    let mut dhcp = None;
    while let Some(command) = bounded(manager.poll_command()) {
        let event = match command {
            Command::Interface { ticket, action } => ticket.report(match action {
                Action::PowerUp => Report::Ready,
                Action::Scan(_) => Report::NetworkFound,
                Action::Join(_) => Report::Joined,
                _ => {
                    dhcp = Some(ticket);
                    Report::Lease(lease_of(5))
                }
            }),
            Command::Server { ticket, action } => ticket.report(match action {
                ServerAction::Resolve(_) => ServerReport::Resolved,
                _ => ServerReport::Connected,
            }),
            _ => continue,
        };
        manager.handle_event(Instant::EPOCH, event);
    }
    assert_eq!(manager.server_state(), ServerState::Connected);
    let later = Instant::from_secs(100);
    manager.handle_timeout(later);
    let lease = dhcp.unwrap().report(Report::Lease(lease_of(3)));
    manager.handle_event(later, lease);
    let state = manager.state(InterfaceId::WIFI);
    assert_ne!(
        state,
        Some(State::Connected),
        "with the network that is forgotten"
    );
}

/// A radio that is CONNECTED, by the stored network or by Wi-Fi Protected Setup, for long enough.
struct Radio {
    manager: Manager,
    now: Instant,
    tickets: Vec<(&'static str, Ticket)>,
    states: Vec<State>,
}

impl Radio {
    fn config() -> Config<1> {
        Config::new(1, [InterfaceConfig::new(InterfaceId::WIFI)])
    }

    fn connected(by_wps: bool) -> Self {
        Self::with(&Self::config(), by_wps)
    }

    fn with(config: &Config<1>, by_wps: bool) -> Self {
        let mut radio = Self::opened(config, &Nic::named("wl0").unwrap());
        if !by_wps {
            radio.manager.store_wifi(radio.now, &network_of("home"));
        }
        radio.report("power up", Report::Ready);
        if by_wps {
            radio.report("power up", Report::WpsStarted);
            radio.report("wps", Report::Joined);
        } else {
            radio.report("scan", Report::NetworkFound);
            radio.report("join", Report::Joined);
        }
        radio.report("start dhcp", Report::Lease(lease_of(5)));
        radio.now = Instant::from_secs(400);
        radio.manager.handle_timeout(radio.now);
        radio.actions();
        radio.states.clear();
        radio
    }

    fn opened(config: &Config<1>, nic: &Nic) -> Self {
        let mut manager = Manager::new(config).unwrap();
        manager.open(Instant::EPOCH, nic).unwrap();
        Self {
            manager,
            now: Instant::EPOCH,
            tickets: Vec::new(),
            states: Vec::new(),
        }
    }

    /// Takes the new commands, and notes the states that were reported.
    fn actions(&mut self) -> Vec<&'static str> {
        let before = self.tickets.len();
        while let Some(command) = bounded(self.manager.poll_command()) {
            if let Command::Interface { ticket, action } = command {
                self.tickets.push((name(&action), ticket));
            }
        }
        while let Some(notice) = bounded(self.manager.poll_notice()) {
            if let Notice::StateChanged { state, .. } = notice {
                self.states.push(state);
            }
        }
        let new = self.tickets[before..].iter();
        new.map(|one| one.0).collect()
    }

    fn report(&mut self, of: &str, report: Report) {
        self.actions();
        let mut given = self.tickets.iter().rev();
        let ticket = given.find(|one| one.0 == of).unwrap().1;
        self.manager.handle_event(self.now, ticket.report(report));
    }
}

// spec: OPEN-8, OPEN-9
/// A stored network takes the place of an unknown one. Without one, nothing could.
#[test]
fn reapply_leaves_an_unknown_network_for_a_stored_one_only() {
    let mut radio = Radio::connected(true);
    radio.manager.store_static(radio.now, address(7));
    radio.manager.reapply(radio.now);
    assert_eq!(radio.actions(), [""; 0]);
    radio.manager.store_wifi(radio.now, &network_of("home"));
    radio.manager.reapply(radio.now);
    assert_eq!(radio.actions(), ["stop", "power down", "power up"]);
}

// spec: OPEN-8, OPEN-9
#[test]
fn what_wps_has_joined_is_left_once_it_is_known_and_another_one_is_provisioned() {
    let mut radio = Radio::connected(true);
    let mut settings = StoredSettings::default();
    settings.wifi = Some(network_of("home"));
    radio.manager.provision(radio.now, &settings);
    assert_eq!(radio.actions(), [""; 0]);
    settings.wifi = Some(network_of("shed"));
    radio.manager.provision(radio.now, &settings);
    assert_eq!(radio.actions(), ["stop", "power down", "power up"]);
}

// spec: OPEN-3, OPEN-9
#[test]
fn a_lost_lease_makes_no_network_known() {
    let mut config = Radio::config();
    config.reconfigure = Reconfigure::AllowEqual;
    let mut radio = Radio::with(&config, true);
    radio.report("start dhcp", Report::LeaseLost);
    // There is no stored network, and it runs with one.
    let nic = Nic::builder("wl0").proxy(proxy_of("gate")).build().unwrap();
    assert_eq!(radio.manager.open(radio.now, &nic), Err(OpenError::Active));
}

// spec: OPEN-3, OPEN-9
#[test]
fn wps_that_fails_leaves_no_unknown_network() {
    let mut config = Radio::config();
    config.reconfigure = Reconfigure::AllowEqual;
    let nic = Nic::builder("wl0").ip_config(address(7)).build().unwrap();
    let mut radio = Radio::opened(&config, &nic);
    radio.report("power up", Report::Ready);
    radio.report("power up", Report::WpsStarted);
    // It may join a network that nobody knows.
    let again = radio.manager.open(radio.now, &nic);
    assert_eq!(again, Err(OpenError::Active));
    radio.report("wps", Report::WrongKey { code: 1 });
    assert!(radio.manager.open(radio.now, &nic).is_ok());
}

// spec: OPEN-3, OPEN-5, OPEN-9
#[test]
fn what_wps_has_joined_is_left_for_a_stored_network_while_it_is_stopped() {
    let mut config = Radio::config();
    config.reconfigure = Reconfigure::AllowEqual;
    config.interfaces[0].recovery = Recovery::Manual;
    let nic = Nic::builder("wl0").ip_config(address(7)).build().unwrap();
    let mut radio = Radio::opened(&config, &nic);
    radio.report("power up", Report::Ready);
    radio.report("power up", Report::WpsStarted);
    radio.report("wps", Report::Joined);
    radio.report("set address", Report::AddressConflict);
    let again = radio.manager.open(radio.now, &nic);
    assert_eq!(again, Err(OpenError::Active));
    radio.actions();
    radio.manager.store_wifi(radio.now, &network_of("home"));
    assert_eq!(radio.actions(), ["stop"]);
    assert!(radio.manager.open(radio.now, &nic).is_ok());
}

// spec: OPEN-5, IFC-6, IFC-14
#[test]
fn a_lost_lease_leads_to_another_address_without_a_power_cycle() {
    let mut radio = Radio::connected(false);
    radio.manager.store_static(radio.now, address(7));
    radio.report("start dhcp", Report::LeaseLost);
    assert_eq!(radio.actions(), ["set address"]);
    assert_eq!(radio.states.last(), Some(&State::Connected));
}

// spec: IFC-14, OPEN-8
#[test]
fn a_lost_lease_leads_to_the_scan_for_another_network() {
    let mut radio = Radio::connected(false);
    radio.manager.store_wifi(radio.now, &network_of("shed"));
    radio.report("start dhcp", Report::LeaseLost);
    assert_eq!(radio.actions(), ["stop", "scan"]);
}

// spec: OPEN-5
#[test]
fn a_lost_link_without_a_stored_network_is_at_once_without_credentials() {
    let mut radio = Radio::connected(false);
    radio.manager.clear_stored(radio.now, StoredParts::all());
    radio.report("join", Report::LinkLost { code: 1 });
    assert_eq!(radio.actions(), ["stop"]);
    assert_eq!(radio.states, [State::WifiStopped]);
    let reason = radio.manager.reason(InterfaceId::WIFI).unwrap();
    // As the notice said, with the code of the loss (CON-26).
    assert_eq!((reason.cause, reason.code), (Cause::NoCredentials, Some(1)));
}
