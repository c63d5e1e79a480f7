//! A manager that was made later over the same running backend: nothing of the former one fits.

use core::net::{Ipv4Addr, SocketAddrV4};

use lankeeper::manager::{Ignored, SealTicket};
use lankeeper::nic::{Exposed, Secrets};
use lankeeper::{
    AttemptId, Binding, Command, Config, Event, Handle, Instant, InterfaceConfig, InterfaceId,
    Lease, Manager, Nic, Policy, Received, Report, ServerReport, ServerState, ServerTicket,
    SocketId, State, Ticket, Tickets,
};
use proptest::prelude::*;

use crate::support::bound::bounded;
use crate::support::{good_answer, lease, named, network};

type Device = Manager<3, 4, 2, 64, 1>;

const INTERFACES: [InterfaceId; 3] = [
    InterfaceId::ETHERNET,
    InterfaceId::WIFI,
    InterfaceId::CELLULAR,
];
const NOW: Instant = Instant::EPOCH;

/// What a manager has handed out.
#[derive(Default)]
struct HandedOut {
    tickets: Vec<Ticket>,
    server_tickets: Vec<ServerTicket>,
    seal_tickets: Vec<SealTicket>,
    bindings: Vec<Binding>,
    handles: Vec<Handle>,
    sockets: Vec<SocketId>,
    attempts: Vec<AttemptId>,
}

impl HandedOut {
    /// Takes all commands.
    fn take(&mut self, manager: &mut Device, latest: &mut [Tickets; 3]) {
        while let Some(command) = bounded(manager.poll_command()) {
            for latest in latest.iter_mut() {
                latest.note(&command);
            }
            match command {
                Command::Interface { ticket, .. } => self.tickets.push(ticket),
                Command::Server { ticket, .. } => self.server_tickets.push(ticket),
                Command::Seal { ticket, .. } => self.seal_tickets.push(ticket),
                Command::Bind(binding) => self.bindings.push(binding),
                _ => {}
            }
        }
        while bounded(manager.poll_notice()).is_some() {}
    }
}

/// A device with this start number that is connected over Wi-Fi, whose key is to be sealed, with every
/// interface open and a socket on Ethernet; and what it has handed out.
fn device(seed: u64, start: u32) -> (Device, HandedOut) {
    let mut config = Config::new(seed, INTERFACES.map(InterfaceConfig::new));
    config.start = start;
    config.policy = Policy::ReturnOnError;
    let mut manager = Device::with_capacities(&config).unwrap();
    let (mut given, mut latest) = (HandedOut::default(), INTERFACES.map(Tickets::new));
    for name in ["eth0", "cell0"] {
        given.handles.push(manager.open(NOW, &named(name)).unwrap());
    }
    given.take(&mut manager, &mut latest);
    let nic = Nic::builder("wl0").wifi(network()).build().unwrap();
    given
        .attempts
        .push(manager.connect_with(NOW, &nic, None).unwrap());
    let ethernet = given.handles[0];
    given
        .sockets
        .push(manager.udp_open(NOW, ethernet, 5_000).unwrap());
    for _ in 0..16 {
        given.take(&mut manager, &mut latest);
        for (id, latest) in INTERFACES.iter().zip(&mut latest) {
            let state = manager.state(*id).unwrap();
            let answer = good_answer(state).filter(|_| state != State::Connected);
            if let Some(event) = answer.and_then(|report| latest.event(report)) {
                manager.handle_event(NOW, event);
            }
        }
        given.take(&mut manager, &mut latest);
        let report = match manager.server_state() {
            ServerState::Resolving => ServerReport::Resolved,
            ServerState::Connecting => ServerReport::Connected,
            _ => continue,
        };
        let ticket = *given.server_tickets.last().unwrap();
        manager.handle_event(NOW, ticket.report(report));
    }
    given.take(&mut manager, &mut latest);
    assert_eq!(manager.server_state(), ServerState::Connected);
    for id in INTERFACES {
        assert_eq!(manager.state(id), Some(State::Connected));
    }
    assert_eq!(given.seal_tickets.len(), 1);
    assert_eq!(given.bindings.len(), 1);
    (manager, given)
}

/// Events that can come late, of everything that was handed out.
fn late_events(former: &HandedOut) -> Vec<(&'static str, Event)> {
    let code = 9;
    let reports = [
        Report::Ready,
        Report::WpsStarted,
        Report::LinkLost { code },
        Report::WrongKey { code },
        Report::CarrierDown,
        Report::Lease(Lease::new([10, 0, 0, 9].into(), 8)),
        Report::LeaseLost,
        Report::AddressConflict,
        Report::RegistrationLost,
        Report::PppDown { code },
        Report::Fault { code },
    ];
    let server_reports = [
        ServerReport::Lost { code },
        ServerReport::SendTimedOut { code },
        ServerReport::Fault { code },
    ];
    let target = SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, 9), 9_000);
    let mut events = Vec::new();
    for ticket in &former.tickets {
        events.extend(reports.map(|report| ("interface", ticket.report(report))));
    }
    for ticket in &former.server_tickets {
        events.extend(server_reports.map(|report| ("server", ticket.report(report))));
    }
    for binding in &former.bindings {
        events.push(("bind", binding.failed(code)));
        events.push(("send", binding.send_failed(target, code)));
    }
    events
}

/// All that can be seen of a manager, but for the counts of stale events.
fn seen(manager: &Device) -> String {
    let mut manager = manager.clone();
    let snapshots: Vec<_> = manager.snapshot().collect();
    let meaningless = |ignored: Ignored| ignored.meaningless;
    let ignored = INTERFACES.map(|id| meaningless(manager.ignored(id).unwrap()));
    let server = (
        manager.server_state(),
        meaningless(manager.server_ignored()),
        manager.last_result(),
        manager.failures(),
        manager.current_config().cloned(),
    );
    let socket_drops = manager.udp_tokens(NOW);
    let next = manager.poll_at();
    let mut outputs = Vec::new();
    while let Some(output) = bounded(manager.poll_output()) {
        outputs.push(format!("{output:?}"));
    }
    format!("{snapshots:?} {ignored:?} {server:?} {socket_drops:?} {next:?} {outputs:?}")
}

/// The kinds of what a former manager has handed out that mean something to a later one.
fn fits(later: &Device, former: &HandedOut) -> Vec<&'static str> {
    let mut fits = Vec::new();
    let before = seen(later);
    for (kind, event) in late_events(former) {
        let mut manager = later.clone();
        manager.handle_event(NOW, event);
        if seen(&manager) != before {
            fits.push(kind);
        }
    }
    let received = Received {
        source: SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, 9), 9_000),
        destination: *lease_address(),
        length: 5,
    };
    for binding in &former.bindings {
        let mut manager = later.clone();
        if manager.udp_receive(NOW, *binding, &received, 100).is_ok() {
            fits.push("receive");
        }
    }
    for ticket in &former.seal_tickets {
        let mut manager = later.clone();
        let secrets = Secrets {
            key: Some(Exposed::Sealed(b"of the former one")),
            password: None,
        };
        manager.sealed(NOW, *ticket, secrets);
        if seen(&manager) != before {
            fits.push("seal");
        }
    }
    for handle in &former.handles {
        let mut manager = later.clone();
        manager.close(NOW, *handle);
        let is_closed = seen(&manager) != before;
        let mut manager = later.clone();
        let is_known = manager.interface(*handle).is_ok()
            || manager.retry(NOW, *handle).is_ok()
            || manager.udp_open(NOW, *handle, None).is_ok();
        if is_closed || is_known {
            fits.push("handle");
        }
    }
    for socket in &former.sockets {
        let mut manager = later.clone();
        manager.udp_close(NOW, *socket);
        let is_closed = seen(&manager) != before;
        let mut manager = later.clone();
        let is_known = manager.udp_port(*socket).is_ok()
            || manager.udp_set_receiving(NOW, *socket, false).is_ok()
            || manager
                .udp_send(NOW, *socket, ("192.168.1.9", 9_000), b"hello")
                .is_ok();
        if is_closed || is_known {
            fits.push("socket");
        }
    }
    let result = later.last_result().unwrap();
    if former.attempts.contains(&result.attempt) {
        fits.push("attempt");
    }
    fits.dedup();
    fits
}

const fn lease_address() -> &'static Ipv4Addr {
    const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 50);
    &ADDRESS
}

// spec: IFC-10, OPEN-6, DRV-6
#[test]
fn nothing_of_an_earlier_start_fits_a_later_one() {
    assert_eq!(
        lease(),
        Lease::new(*lease_address(), 24).with_gateway([192, 168, 1, 1].into())
    );
    for (former, later) in [(0, 1), (1, 2), (u32::MAX, 0), (7, 1_006), (1_006, 7)] {
        let (_, former) = device(1, former);
        let (later, _) = device(1, later);
        assert_eq!(fits(&later, &former), [] as [&str; 0]);
    }
}

// spec: IFC-10, OPEN-6, DRV-6
#[test]
fn with_the_same_start_everything_fits() {
    let (_, former) = device(1, 3);
    let (later, _) = device(1, 3);
    let all = [
        "interface",
        "server",
        "bind",
        "send",
        "receive",
        "seal",
        "handle",
        "socket",
        "attempt",
    ];
    assert_eq!(fits(&later, &former), all);
}

/// The first number that a device with this seed and start hands out.
fn first(seed: u64, start: u32) -> u32 {
    let mut config = Config::new(seed, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    config.start = start;
    let mut manager = Manager::new(&config).unwrap();
    manager.connect(NOW, None).unwrap().to_bits()
}

// spec: IFC-10, OPEN-6
#[test]
fn a_thousand_starts_are_a_million_numbers_apart() {
    for apart in 1..1_000 {
        let distance = first(5, apart).wrapping_sub(first(5, 0));
        let distance = distance.min(distance.wrapping_neg());
        assert!(distance > 1_900_000, "{apart} starts: {distance}");
    }
}

proptest! {
    // spec: IFC-10, OPEN-6
    #[test]
    fn the_distance_of_two_starts_is_the_same_everywhere(seed: u64, start: u32, apart: u32) {
        let of = |start| first(seed, start).wrapping_sub(first(seed, 0));
        let both = of(start).wrapping_add(of(apart));
        prop_assert_eq!(of(start.wrapping_add(apart)), both);
        prop_assert_eq!(first(seed.wrapping_add(1), start), first(seed, start).wrapping_add(1));
    }
}
