//! Every command can fail visibly (DRV-6). A stop or power-down that failed is reported, and changes
//! nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lankeeper::nic::ProxyPassword;
use lankeeper::{
    Cause, Command, Config, Event, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Notice,
    Policy, ProxySettings, Report, ServerReport, ServerState, Span, State, Tickets,
};

use crate::support::bound::bounded;
use crate::support::operation::id;
use crate::support::{ETH0, Rig, good_answer, nic};
use proptest::prelude::*;

const CODE: i32 = -16;

fn failed(interface: InterfaceId) -> Notice {
    let code = CODE;
    Notice::StopFailed { interface, code }
}

/// Closes an interface, and returns the tickets of the stop and of the power-down.
fn closed(id: InterfaceId) -> (Rig, [lankeeper::Ticket; 2]) {
    let mut rig = Rig::with(InterfaceConfig::new(id));
    let handle = rig.open();
    rig.come_up();
    rig.manager.close(rig.now, handle);
    let tickets = ["stop", "power down"].map(|name| rig.latest(&[name]).unwrap());
    rig.commands();
    rig.notices();
    (rig, tickets)
}

proptest! {
    // spec: DRV-6, IFC-12
    #[test]
    fn a_power_down_that_failed_is_reported_once_and_changes_nothing(id in id()) {
        let (mut rig, [_, power_down]) = closed(id);
        let before = (rig.state(), rig.cause(), rig.next_timer());
        prop_assert_eq!(before.1, Some(Cause::Closed));
        rig.report_as(power_down, Report::Fault { code: CODE });
        prop_assert_eq!(rig.notices(), [failed(id)]);
        prop_assert_eq!((rig.state(), rig.cause(), rig.next_timer()), before);
        prop_assert!(rig.commands().is_empty());
        prop_assert_eq!(rig.manager.ignored(id).unwrap().stale, 0);
        // The second time it is stale.
        rig.report_as(power_down, Report::Fault { code: CODE });
        prop_assert!(rig.notices().is_empty());
        prop_assert_eq!(rig.manager.ignored(id).unwrap().stale, 1);
    }
}

// spec: DRV-6
#[test]
fn a_stop_that_failed_in_a_back_off_is_reported_and_the_retry_goes_on() {
    let id = InterfaceId::WIFI;
    let mut rig = Rig::up_to(id, State::WifiScanning);
    rig.report(Report::NetworkNotFound { code: 1 });
    let stop = rig.latest(&["stop"]).unwrap();
    rig.notices();
    let (state, timer) = (rig.state(), rig.next_timer());
    assert_eq!(state, State::WifiStopped);
    rig.report_as(stop, Report::Fault { code: CODE });
    assert_eq!(rig.notices(), [failed(id)]);
    assert_eq!((rig.state(), rig.next_timer()), (state, timer));
    assert_eq!(rig.cause(), Some(Cause::NotFound), "the reason stays");
    rig.go(timer.unwrap());
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

// spec: DRV-6
#[test]
fn a_failure_is_reported_although_the_interface_comes_up_again() {
    let (mut rig, [_, power_down]) = closed(ETH0);
    rig.open();
    rig.come_up();
    rig.notices();
    rig.report_as(power_down, Report::Fault { code: CODE });
    assert_eq!(rig.notices(), [failed(ETH0)]);
    assert_eq!(rig.state(), State::Connected);
}

// spec: DRV-6, IFC-10
#[test]
fn a_failure_of_an_earlier_stop_is_stale() {
    let (mut rig, [_, former]) = closed(ETH0);
    let handle = rig.open();
    rig.come_up();
    rig.manager.close(rig.now, handle);
    rig.commands();
    rig.notices();
    rig.report_as(former, Report::Fault { code: CODE });
    assert!(rig.notices().is_empty());
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 1);
}

// spec: DRV-6, IFC-10
#[test]
fn a_stop_and_the_power_down_that_follows_are_reported_as_one() {
    let (mut rig, [stop, power_down]) = closed(ETH0);
    assert_eq!(stop, power_down);
    rig.report_as(stop, Report::Fault { code: CODE });
    assert_eq!(rig.notices(), [failed(ETH0)]);
    rig.report_as(power_down, Report::Fault { code: CODE });
    assert!(rig.notices().is_empty());
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 1);
}

// spec: DRV-6, IFC-10
#[test]
fn a_stop_is_answered_by_nothing_but_its_failure() {
    let (mut rig, [_, power_down]) = closed(ETH0);
    for report in [Report::Ready, Report::CarrierDown, Report::LeaseLost] {
        rig.report_as(power_down, report);
    }
    assert!(rig.notices().is_empty());
    assert_eq!(rig.manager.ignored(ETH0).unwrap().stale, 3);
    assert_eq!(rig.state(), State::EthernetStopped);
}

const IDS: [InterfaceId; 3] = [
    InterfaceId::WIFI,
    InterfaceId::ETHERNET,
    InterfaceId::CELLULAR,
];
const NOW: Instant = Instant::EPOCH;

/// A device with an interface of each medium, whose backend succeeds in everything until a command
/// comes that is to fail.
struct Device {
    manager: Manager<3, 4, 4, 64>,
    tickets: [Tickets; 3],
}

impl Device {
    fn new() -> Self {
        let mut config = Config::new(0, IDS.map(InterfaceConfig::new));
        config.policy = Policy::ReturnOnError;
        Self {
            manager: Manager::with_capacities(&config).unwrap(),
            tickets: IDS.map(Tickets::new),
        }
    }

    fn open(&mut self, nic: &Nic) {
        self.manager.open(NOW, nic).unwrap();
    }

    fn connect(&mut self, nic: &Nic) {
        self.manager.connect_with(NOW, nic, None).unwrap();
    }

    /// Succeeds until the command with this name comes, and returns how that fails; `None` if it
    /// does not come.
    fn up_to(&mut self, wanted: &str) -> Option<Event> {
        loop {
            while let Some(command) = bounded(self.manager.poll_command()) {
                for tickets in &mut self.tickets {
                    tickets.note(&command);
                }
                let (name, failure) = failure(&command);
                if name == wanted {
                    return failure;
                }
            }
            let event = bounded(self.good_event())?;
            self.manager.handle_event(NOW, event);
        }
    }

    fn good_event(&mut self) -> Option<Event> {
        let server = match self.manager.server_state() {
            ServerState::Resolving => Some(ServerReport::Resolved),
            ServerState::ReachingProxy => Some(ServerReport::ProxyReached),
            ServerState::Connecting => Some(ServerReport::Connected),
            _ => None,
        };
        let manager = &self.manager;
        self.tickets.iter_mut().zip(IDS).find_map(|(tickets, id)| {
            let of_interface = good_answer(manager.state(id)?);
            let event = of_interface.and_then(|report| tickets.event(report));
            event.or_else(|| tickets.server_event(server?))
        })
    }

    /// Succeeds in everything.
    fn climb(&mut self) {
        assert_eq!(self.up_to("none"), None);
    }

    /// The notices about an event that contain the code, by their names.
    fn told(&mut self, event: Event) -> Vec<String> {
        while bounded(self.manager.poll_notice()).is_some() {}
        self.manager.handle_event(NOW, event);
        let notices = core::iter::from_fn(|| self.manager.poll_notice());
        let of_failure = notices.filter(|notice| format!("{notice:?}").contains("-16"));
        of_failure.map(|notice| variant(&notice)).collect()
    }
}

/// The name of a command, or of its action, and the event with which it fails.
fn failure(command: &Command<'_>) -> (String, Option<Event>) {
    let code = CODE;
    match command {
        Command::Interface { ticket, action } => {
            (variant(action), Some(ticket.report(Report::Fault { code })))
        }
        Command::Server { ticket, action } => {
            let fault = ServerReport::Fault { code };
            (variant(action), Some(ticket.report(fault)))
        }
        Command::Bind(binding) => (variant(command), Some(binding.failed(code))),
        Command::Persist(_) => (variant(command), Some(Event::PersistFailed { code })),
        _ => (variant(command), None),
    }
}

/// The name of a variant, as the `Debug` output of a value begins.
fn variant(value: &impl core::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric());
    text[..end.unwrap_or(text.len())].to_string()
}

/// The variants of an enumeration, as the sources declare them.
fn declared(file: &str, name: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let source = fs::read_to_string(path).expect("the source can be read");
    let rest = source.split(&format!("pub enum {name}<'a> {{\n")).nth(1);
    let body = rest.unwrap().split("\n}\n").next().unwrap();
    // A variant is indented by four spaces, its fields by more.
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let variants = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let end = |letter: char| !letter.is_ascii_alphanumeric();
    let names = variants.map(|line| line.split(end).next().unwrap().to_string());
    names.collect()
}

fn proxy() -> ProxySettings {
    let password = ProxyPassword::plaintext("a password").unwrap();
    let proxy = ProxySettings::new("proxy.lan", 8080).unwrap();
    proxy.with_credentials("me", Some(password)).unwrap()
}

/// What has a device give a command.
type Request = fn(&mut Device);

/// Every command and action that can fail, what leads to it, and the notice with the code.
const FAILURES: [(&str, Request, &str); 20] = [
    ("PowerUp", |it| it.open(&nic(ETH0)), "StateChanged"),
    ("Scan", |it| it.open(&nic(IDS[0])), "StateChanged"),
    ("Join", |it| it.open(&nic(IDS[0])), "StateChanged"),
    ("Wps", begin_wps, "StateChanged"),
    ("StartLink", |it| it.open(&nic(ETH0)), "StateChanged"),
    ("StartDhcp", |it| it.open(&nic(ETH0)), "StateChanged"),
    ("SetAddress", |it| it.open(&fixed()), "StateChanged"),
    ("PingModem", |it| it.open(&nic(IDS[2])), "StateChanged"),
    ("ReadSim", |it| it.open(&nic(IDS[2])), "StateChanged"),
    ("Register", |it| it.open(&nic(IDS[2])), "StateChanged"),
    ("Dial", |it| it.open(&nic(IDS[2])), "StateChanged"),
    ("Stop", open_and_close, "StopFailed"),
    ("PowerDown", open_and_close, "StopFailed"),
    ("Resolve", |it| it.connect(&proxied()), "ConnectEnded"),
    ("ReachProxy", |it| it.connect(&proxied()), "ConnectEnded"),
    ("Connect", |it| it.connect(&proxied()), "ConnectEnded"),
    (
        "Flush",
        |it| connect_and_leave(it, Span::from_secs(1)),
        "DisconnectFailed",
    ),
    (
        "Disconnect",
        |it| connect_and_leave(it, None),
        "DisconnectFailed",
    ),
    ("Bind", open_socket, "BindFailed"),
    (
        "Persist",
        |it| it.manager.store_proxy(NOW, &proxy()),
        "PersistFailed",
    ),
];

fn fixed() -> Nic {
    let own = "192.168.1.7/24".parse().unwrap();
    let ip = lankeeper::IpConfig::new(own, None, &[]).unwrap();
    Nic::builder("eth0").ip_config(ip).build().unwrap()
}

fn proxied() -> Nic {
    Nic::builder("eth0").proxy(proxy()).build().unwrap()
}

fn begin_wps(device: &mut Device) {
    device.open(&nic(IDS[0]));
    device.up_to("Scan").unwrap();
    let event = device.tickets[0].event(Report::WpsStarted);
    device.manager.handle_event(NOW, event.unwrap());
}

fn open_and_close(device: &mut Device) {
    let handle = device.manager.open(NOW, &nic(ETH0)).unwrap();
    device.climb();
    device.manager.close(NOW, handle);
}

fn connect_and_leave(device: &mut Device, flush: Option<Span>) {
    device.connect(&proxied());
    device.climb();
    assert_eq!(device.manager.server_state(), ServerState::Connected);
    device.manager.disconnect(NOW, flush);
}

fn open_socket(device: &mut Device) {
    let handle = device.manager.open(NOW, &nic(ETH0)).unwrap();
    device.manager.udp_open(NOW, handle, 5000).unwrap();
}

// spec: DRV-3, DRV-6
#[test]
fn every_command_can_fail_visibly() {
    let mut failed = BTreeSet::new();
    for (name, request, notice) in FAILURES {
        let mut device = Device::new();
        request(&mut device);
        let event = device.up_to(name);
        let event = event.unwrap_or_else(|| panic!("{name} never comes"));
        let told = device.told(event);
        assert_eq!(told, [notice], "{name}");
        // What has failed is over.
        assert!(
            device.told(event).is_empty() || notice == "PersistFailed",
            "{name}"
        );
        failed.insert(name.to_string());
    }
    let of = |file, name| declared(file, name);
    let actions = of("src/interface/message.rs", "Action");
    let server_actions = of("src/connect/message.rs", "ServerAction");
    let commands = of("src/manager/output.rs", "Command");
    let mut all: BTreeSet<_> = [actions, server_actions, commands]
        .into_iter()
        .flatten()
        .collect();
    // These two are their actions, the others have tests of their own below.
    for other in ["Interface", "Server", "Send", "Unbind", "Seal"] {
        assert!(all.remove(other), "{other}");
    }
    assert_eq!(failed, all, "every command has its place in the list");
}

// spec: DRV-6
#[test]
fn a_datagram_can_fail_visibly() {
    let mut device = Device::new();
    let handle = device.manager.open(NOW, &nic(ETH0)).unwrap();
    let socket = device.manager.udp_open(NOW, handle, None).unwrap();
    device.climb();
    let target = ("192.168.1.9", 7);
    let datagram = device.manager.udp_send(NOW, socket, target, b"abc");
    let (binding, to) = datagram.map(|it| (it.binding, it.destination)).unwrap();
    let told = device.told(binding.send_failed(to, CODE));
    assert_eq!(told, ["SendFailed"]);
}

// spec: DRV-6
#[test]
fn a_port_that_was_not_given_back_fails_when_it_is_bound_again() {
    let mut device = Device::new();
    let handle = device.manager.open(NOW, &nic(ETH0)).unwrap();
    let socket = device.manager.udp_open(NOW, handle, 5000).unwrap();
    device.climb();
    device.manager.udp_close(NOW, socket);
    device.manager.udp_open(NOW, handle, 5000).unwrap();
    // The backend has kept the port, says nothing, and has none for the next socket.
    assert_eq!(device.up_to("Unbind"), None);
    let event = device.up_to("Bind").unwrap();
    assert_eq!(device.told(event), ["BindFailed"]);
}

// spec: CFG-4, DRV-6
#[test]
fn without_a_seal_there_is_no_configuration_to_be_asked_for() {
    let mut device = Device::new();
    device.connect(&proxied());
    device.up_to("Seal");
    device.climb();
    assert_eq!(device.manager.server_state(), ServerState::Connected);
    assert!(device.manager.current_config().is_none());
}
