//! Where rules and code differ, by the shortest sequence: the rules decide.

use lankeeper::back_off::BackOffConfig;
use lankeeper::connect::ServerTimer;
use lankeeper::manager::Wake;
use lankeeper::{Action, Duration, Lease, Recovery, Report, Span, State, Ticket};
use lankeeper::{Cause, Command, Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
use lankeeper::{Policy, ServerAction, ServerReport, ServerState};

use crate::support::bound::bounded;

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

// rule: CON-2, CON-24
/// Both interfaces of the order are disabled in turn: the newest try was over the second one.
#[test]
#[ignore = "CON-24: the result names the first one"]
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

// rule: CON-12
/// Two connections last for 70 s, which is stable. Within the 60 s after each of them no wait is longer
/// than a quarter of these.
#[test]
#[ignore = "CON-12: after the second one a wait may last for 60 s"]
fn a_stable_connection_limits_the_waits_after_it() {
    for seed in 0..20 {
        let mut config = Config::new(seed, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
        config.policy = Policy::ReturnOnError;
        let mut manager = Manager::new(&config).unwrap();
        manager.connect(Instant::EPOCH, None).unwrap();
        let (mut now, mut connections) = (Instant::EPOCH, 0);
        while manager.server_state() != ServerState::Disconnected {
            while let Some(command) = bounded(manager.poll_command()) {
                let mut newest = None;
                let event = match command {
                    Command::Interface { ticket, action } => ticket.report(match action {
                        Action::PowerUp => Report::Ready,
                        Action::StartLink => Report::CarrierUp,
                        _ => Report::Lease(Lease::new([10, 0, 0, 5].into(), 24)),
                    }),
                    Command::Server { ticket, action } => {
                        newest = Some(ticket);
                        ticket.report(match action {
                            ServerAction::Resolve(_) if connections < 2 => ServerReport::Resolved,
                            ServerAction::Resolve(_) => ServerReport::NotResolved { code: 1 },
                            _ => ServerReport::Connected,
                        })
                    }
                    _ => continue,
                };
                manager.handle_event(now, event);
                if manager.server_state() == ServerState::Connected {
                    connections += 1;
                    now = now.saturating_add(Duration::from_secs(70));
                    let lost = ServerReport::Lost { code: 1 };
                    manager.handle_event(now, newest.unwrap().report(lost));
                }
            }
            while manager.poll_notice().is_some() {}
            let next = manager.poll_at().unwrap();
            if next.reason == Wake::Server(ServerTimer::Retry) {
                let wait = next.at.as_micros() - now.as_micros();
                assert!(wait <= 15_000_000, "seed {seed}: {wait} µs");
            }
            now = next.at;
            manager.handle_timeout(now);
        }
    }
}
