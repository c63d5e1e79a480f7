//! The loop between the manager and a backend: `Manager::poll` and `send_to`.

use core::net::SocketAddrV4;

use lankeeper::driver::{Pair, SealedSecret, VaultError};
use lankeeper::manager::Wake;
use lankeeper::nic::SecretPurpose;
use lankeeper::{
    Backend, Binding, Command, Config, Delivery, Duration, Event, Instant, InterfaceConfig,
    Manager, Nic, Notice, Received, Report, SendError, State,
};

use crate::door::port::Port;
use crate::support::bound::bounded;
use crate::support::{ETH0, secs};

fn manager() -> Manager<1> {
    Manager::new(&Config::new(0, [InterfaceConfig::new(ETH0)])).unwrap()
}

fn nic() -> Nic {
    Nic::named("eth0").unwrap()
}

/// Polls until nothing is left, and returns the states that were reported.
fn states<B: Backend + ?Sized>(manager: &mut Manager<1>, port: &mut B, now: Instant) -> Vec<State> {
    let mut states = Vec::new();
    while let Some(delivery) = bounded(manager.poll(now, port, &mut [0; 64])) {
        if let Delivery::Notice(Notice::StateChanged { state, .. }) = delivery {
            states.push(state);
        }
    }
    states
}

// spec: DRV-1, IFC-9
#[test]
fn brings_an_interface_up_and_delivers_every_state_in_order() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    manager.open(secs(0), &nic()).unwrap();
    assert_eq!(
        states(&mut manager, &mut port, secs(0)),
        [
            State::Starting,
            State::EthernetLinkUp,
            State::EthernetDhcping,
            State::Connected
        ]
    );
    let deadline = manager.poll_at().unwrap();
    assert_eq!(deadline.at, secs(5 * 60));
    assert!(matches!(deadline.reason, Wake::Interface(ETH0, _)));
}

// spec: DRV-1
#[test]
fn a_backend_behind_a_reference_is_a_backend() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    manager.open(secs(0), &nic()).unwrap();
    states(&mut manager, &mut &mut port, secs(0));
    assert_eq!(manager.state(ETH0), Some(State::Connected));
    // One whose type is not known.
    port.happen(Report::CarrierDown);
    let unknown: &mut dyn Backend = &mut port;
    states(&mut manager, unknown, secs(0));
    assert_eq!(manager.state(ETH0), Some(State::EthernetStoppedNoLink));
}

/// A backend with no more than it needs.
struct Least;

impl Backend for Least {
    fn execute(&mut self, _: Command<'_>) {}

    fn next_event(&mut self) -> Option<Event> {
        None
    }

    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        None
    }
}

/// A backend that receives always the same, and seals.
struct Full;

impl Backend for Full {
    fn execute(&mut self, _: Command<'_>) {}

    fn next_event(&mut self) -> Option<Event> {
        None
    }

    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        Some(Received {
            source: "192.168.1.9:7".parse().unwrap(),
            destination: [192, 168, 1, 50].into(),
            length: 3,
        })
    }

    fn seal(
        &mut self,
        _: SecretPurpose,
        _: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        sealed.push(b"sealed")
    }
}

// spec: DRV-1, SEC-3
#[test]
fn a_reference_and_a_pair_receive_and_seal_as_their_backends_do() {
    let seals = |backend: &mut dyn Backend| {
        let mut sealed = SealedSecret::new();
        let result = backend.seal(SecretPurpose::WifiKey, "correct horse", &mut sealed);
        result.map(|()| sealed.as_bytes() == b"sealed")
    };
    let receives = |backend: &mut dyn Backend| {
        let binding = crate::support::unbound(ETH0, 2_000);
        backend.receive(binding, &mut []).is_some()
    };
    assert_eq!(seals(&mut Least), Err(VaultError::Failed { code: 0 }));
    assert!(!receives(&mut Least));
    assert_eq!(seals(&mut Full), Ok(true));
    assert_eq!(seals(&mut &mut Full), Ok(true));
    assert!(receives(&mut &mut Full));
    let mut pair = Pair::new(ETH0, Full, Least);
    assert_eq!(seals(&mut pair), Ok(true));
    assert!(receives(&mut pair));
    // The second one does not seal.
    let mut pair = Pair::new(ETH0, Least, Full);
    assert!(seals(&mut pair).is_err());
}

// spec: DRV-1
#[test]
fn a_backend_with_endless_events_cannot_block_the_loop() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    let stale = crate::support::forged(ETH0, 0).report(Report::CarrierUp);
    port.event_flood = Some((stale, u32::MAX));
    for round in 1..=3 {
        assert_eq!(manager.poll(secs(0), &mut port, &mut []), None);
        assert_eq!(manager.ignored(ETH0).unwrap().stale, round * 64);
        let due = manager.poll_at().unwrap();
        assert_eq!((due.at, due.reason), (secs(0), Wake::Backend));
    }
    // Nothing is left.
    port.event_flood = None;
    assert_eq!(manager.poll(secs(0), &mut port, &mut []), None);
    assert_eq!(manager.poll_at(), None);
}

// spec: DRV-3
#[test]
fn a_failed_command_comes_back_as_an_event_and_is_retried() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    port.fails = true;
    manager.open(secs(0), &nic()).unwrap();
    states(&mut manager, &mut port, secs(0));
    let retry = manager.poll_at().expect("a retry is armed");
    assert_eq!(manager.state(ETH0), Some(State::EthernetStoppedUnhappy));
    assert_eq!(manager.reason(ETH0).unwrap().code, Some(5));
    port.fails = false;
    states(&mut manager, &mut port, retry.at);
    assert_eq!(manager.state(ETH0), Some(State::Connected));
}

// spec: DRV-2, UDP-8
#[test]
fn pending_commands_are_executed_before_a_datagram_is_sent() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    let handle = manager.open(secs(0), &nic()).unwrap();
    states(&mut manager, &mut port, secs(0));
    let socket = manager.udp_open(secs(0), handle, 2_000).unwrap();
    port.executed.clear();
    let mut send = |to: &str| manager.send_to(secs(0), &mut port, socket, (to, 7), b"hello");
    assert_eq!(send("192.168.1.9"), Ok(()));
    assert_eq!(send("10.0.0.1"), Err(SendError::OutsideSubnet));
    assert_eq!(port.executed.len(), 2);
    assert!(port.executed[0].starts_with("Bind"), "{}", port.executed[0]);
    assert!(port.executed[1].starts_with("Send"), "{}", port.executed[1]);
    assert_eq!(port.sent, [b"hello"]);
    // Parsed or as text, it is the same destination.
    let parsed: SocketAddrV4 = "192.168.1.9:7".parse().unwrap();
    manager
        .send_to(secs(0), &mut port, socket, parsed, b"hello")
        .unwrap();
    let pair = (*parsed.ip(), 7);
    manager
        .send_to(secs(0), &mut port, socket, pair, b"hello")
        .unwrap();
    assert_eq!(port.executed[1..], [port.executed[1].as_str(); 3]);
}

// spec: UDP-9
#[test]
fn only_an_admitted_datagram_is_delivered() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    let handle = manager.open(secs(0), &nic()).unwrap();
    let listener = manager.udp_open(secs(0), handle, 2_000).unwrap();
    states(&mut manager, &mut port, secs(0));
    let mut received = |source: &str| {
        port.flood = (2_000, 1);
        port.flooder = source.parse().unwrap();
        let mut buffer = [9; 6];
        let delivery = manager.poll(secs(0), &mut port, &mut buffer)?;
        let Delivery::Datagram {
            socket,
            from,
            to,
            length,
            ..
        } = delivery
        else {
            panic!("{delivery:?}");
        };
        assert_eq!((socket, length), (listener, 4));
        assert_eq!((to, buffer), ([192, 168, 1, 50].into(), [0, 0, 0, 0, 9, 9]));
        assert_eq!(manager.poll(secs(0), &mut port, &mut buffer), None);
        Some(from)
    };
    let neighbour = "192.168.1.9:99";
    assert_eq!(received(neighbour), Some(neighbour.parse().unwrap()));
    assert_eq!(received("192.168.2.9:99"), None);
    assert_eq!(manager.udp_drops().source, 1);
}

// spec: DRV-1, DRV-2
#[test]
fn commands_caused_by_the_last_event_are_executed_in_the_same_round() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    manager.open(secs(0), &nic()).unwrap();
    states(&mut manager, &mut port, secs(0));
    // One event less than a round takes, followed by one that stops the interface.
    let stale = crate::support::forged(ETH0, 0).report(Report::LeaseLost);
    port.events.extend([stale; 63]);
    port.happen(Report::Fault { code: 1 });
    port.executed.clear();
    let states = states(&mut manager, &mut port, secs(0));
    assert_eq!(manager.poll_at().unwrap().reason, Wake::Backend);
    assert_eq!(states, [State::EthernetStoppedUnhappy]);
    assert_eq!(
        port.executed.len(),
        2,
        "stop and power down: {:?}",
        port.executed
    );
}

// spec: TIME-3, DRV-1
#[test]
fn fires_what_is_due_before_it_takes_events() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    manager.open(Instant::EPOCH, &nic()).unwrap();
    let late = Instant::EPOCH.saturating_add(Duration::from_secs(10));
    states(&mut manager, &mut port, late);
    assert_eq!(manager.state(ETH0), Some(State::EthernetStoppedUnhappy));
}

// spec: DRV-1
#[test]
fn the_application_asks_and_requests_between_two_calls() {
    let (mut manager, mut port) = (manager(), Port::new(ETH0));
    let handle = manager.open(secs(0), &nic()).unwrap();
    let socket = manager.udp_open(secs(0), handle, 2_000).unwrap();
    port.flood = (2_000, 3);
    let mut buffer = [0; 64];
    let mut seen = Vec::new();
    while let Some(delivery) = bounded(manager.poll(secs(0), &mut port, &mut buffer)) {
        match delivery {
            // The notice is not behind the state that can be asked.
            Delivery::Notice(Notice::StateChanged {
                interface, state, ..
            }) => seen.push(manager.state(interface) == Some(state)),
            Delivery::Datagram {
                socket: of,
                from,
                length,
                ..
            } => {
                assert_eq!(of, socket);
                let echo = &buffer[..length];
                manager.send_to(secs(0), &mut port, of, from, echo).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(seen, [true; 4]);
    assert_eq!(port.sent, [[2, 0, 0, 0], [1, 0, 0, 0], [0; 4]]);
}

/// Loses nothing, and holds datagrams back while they are not asked for.
#[derive(Default)]
struct Ordered {
    /// The methods that were called, in order.
    asked: Vec<&'static str>,
}

impl Backend for Ordered {
    fn execute(&mut self, _: Command<'_>) {
        self.asked.push("execute");
    }

    fn next_event(&mut self) -> Option<Event> {
        self.asked.push("event");
        None
    }

    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        self.asked.push("receive");
        None
    }
}

// spec: DRV-1, DRV-2
#[test]
fn commands_come_first_then_notices_then_events_then_datagrams() {
    let (mut manager, mut ordered) = (manager(), Ordered::default());
    let handle = manager.open(secs(0), &nic()).unwrap();
    manager.udp_open(secs(0), handle, 2_000).unwrap();
    let delivery = manager.poll(secs(0), &mut ordered, &mut []);
    assert!(
        matches!(delivery, Some(Delivery::Notice(_))),
        "{delivery:?}"
    );
    assert_eq!(ordered.asked, ["execute", "execute"]);
    assert_eq!(manager.poll(secs(0), &mut ordered, &mut []), None);
    assert_eq!(ordered.asked[2..], ["event", "receive"]);
}

#[cfg(feature = "std")]
// spec: TIME-1
#[test]
fn the_clock_of_a_host_goes_with_the_time_and_never_backwards() {
    let clock = lankeeper::Clock::new();
    let instants: Vec<_> = (0..1_000).map(|_| clock.now()).collect();
    assert!(instants.is_sorted());
    let slept = core::time::Duration::from_millis(2);
    std::thread::sleep(slept);
    let passed = clock.now().saturating_duration_since(instants[0]);
    assert!(core::time::Duration::from(passed) >= slept);
}
