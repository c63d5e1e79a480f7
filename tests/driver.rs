//! The drive loop between the manager and a backend.

use core::net::SocketAddrV4;
use std::collections::VecDeque;

use lankeeper::{
    Action, Backend, Command, Config, Datagram, Delivery, Duration, Event, Generation, Instant,
    InterfaceConfig, Manager, Nic, Notice, Progress, Report, SendError, State, Wake, drive, send,
};

use crate::support::{ETH0, lease, secs};

/// A backend that answers every command at once, unless it is set to fail or to flood.
#[derive(Default)]
struct Port {
    executed: Vec<String>,
    events: VecDeque<(Generation, Report)>,
    incoming: Option<(SocketAddrV4, SocketAddrV4)>,
    flood: bool,
    fails: bool,
}

impl Backend for Port {
    fn execute(&mut self, command: Command<'_>) {
        self.executed.push(format!("{command:?}"));
        let Command::Interface { action, .. } = command else {
            return;
        };
        self.events.extend(match action {
            _ if self.fails => match action {
                Action::PowerUp(generation) | Action::StartLink(generation) => {
                    Some((generation, Report::Fault { code: 5 }))
                }
                _ => None,
            },
            Action::PowerUp(generation) => Some((generation, Report::Ready)),
            Action::StartLink(generation) => Some((generation, Report::CarrierUp)),
            Action::StartDhcp(generation) => Some((generation, Report::Lease(lease()))),
            _ => None,
        });
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        if self.flood {
            return Some(Event::Interface {
                interface: ETH0,
                generation: Generation::default(),
                report: Report::CarrierUp,
            });
        }
        if let Some((generation, report)) = self.events.pop_front() {
            return Some(Event::Interface {
                interface: ETH0,
                generation,
                report,
            });
        }
        let (source, destination) = self.incoming.take()?;
        Some(Event::Datagram(Datagram {
            interface: ETH0,
            source,
            destination,
            payload: b"hello",
        }))
    }
}

fn manager() -> Manager<1> {
    Manager::new(&Config::new([InterfaceConfig::new(ETH0)])).unwrap()
}

fn nic() -> Nic {
    Nic::named("eth0").unwrap()
}

// spec: DRV-1, IFC-9
#[test]
fn brings_an_interface_up_and_delivers_every_state_in_order() {
    let (mut manager, mut port) = (manager(), Port::default());
    manager.open(secs(0), &nic()).unwrap();
    let mut states = Vec::new();
    let progress = drive(&mut manager, &mut port, secs(0), |delivery| {
        if let Delivery::Notice(Notice::StateChanged { state, .. }) = delivery {
            states.push(state);
        }
    });
    assert_eq!(
        states,
        [
            State::Starting,
            State::EthernetLinkUp,
            State::EthernetDhcping,
            State::Connected
        ]
    );
    let Progress::Settled(Some(deadline)) = progress else {
        panic!("{progress:?}")
    };
    assert_eq!(deadline.at, secs(60));
    assert!(matches!(deadline.reason, Wake::Interface(ETH0, _)));
}

// spec: DRV-1
#[test]
fn a_backend_behind_a_reference_is_a_backend() {
    let (mut manager, mut port) = (manager(), Port::default());
    manager.open(secs(0), &nic()).unwrap();
    let _ = drive(&mut manager, &mut &mut port, secs(0), |_| {});
    assert_eq!(manager.state(ETH0), Some(State::Connected));
}

// spec: DRV-1
#[test]
fn a_backend_with_endless_events_cannot_block_the_loop() {
    let (mut manager, mut port) = (
        manager(),
        Port {
            flood: true,
            ..Port::default()
        },
    );
    assert_eq!(
        drive(&mut manager, &mut port, secs(0), |_| {}),
        Progress::Busy
    );
    assert_eq!(manager.ignored(ETH0).unwrap().stale, 64);
}

// spec: DRV-3
#[test]
fn a_failed_command_comes_back_as_an_event_and_is_retried() {
    let (mut manager, mut port) = (
        manager(),
        Port {
            fails: true,
            ..Port::default()
        },
    );
    manager.open(secs(0), &nic()).unwrap();
    let Progress::Settled(Some(retry)) = drive(&mut manager, &mut port, secs(0), |_| {}) else {
        panic!("a retry is armed");
    };
    assert_eq!(manager.state(ETH0), Some(State::EthernetStoppedUnhappy));
    assert_eq!(manager.reason(ETH0).unwrap().code, Some(5));
    port.fails = false;
    let _ = drive(&mut manager, &mut port, retry.at, |_| {});
    assert_eq!(manager.state(ETH0), Some(State::Connected));
}

// spec: DRV-2, UDP-8
#[test]
fn pending_commands_are_executed_before_a_datagram_is_sent() {
    let (mut manager, mut port) = (manager(), Port::default());
    let handle = manager.open(secs(0), &nic()).unwrap();
    let _ = drive(&mut manager, &mut port, secs(0), |_| {});
    let socket = manager.udp_open(secs(0), handle, Some(2_000)).unwrap();
    port.executed.clear();
    assert_eq!(
        send(
            &mut manager,
            &mut port,
            secs(0),
            socket,
            "192.168.1.9",
            7,
            b"hello"
        ),
        Ok(())
    );
    assert_eq!(port.executed.len(), 2);
    assert!(port.executed[0].starts_with("Bind"), "{}", port.executed[0]);
    assert!(port.executed[1].starts_with("Send"), "{}", port.executed[1]);
    let refused = send(
        &mut manager,
        &mut port,
        secs(0),
        socket,
        "10.0.0.1",
        7,
        b"hello",
    );
    assert_eq!(refused, Err(SendError::OutsideSubnet));
    assert_eq!(port.executed.len(), 2);
}

// spec: UDP-9
#[test]
fn only_an_admitted_datagram_is_delivered() {
    let (mut manager, mut port) = (manager(), Port::default());
    let handle = manager.open(secs(0), &nic()).unwrap();
    let _ = drive(&mut manager, &mut port, secs(0), |_| {});
    let socket = manager.udp_open(secs(0), handle, Some(2_000)).unwrap();
    manager.udp_set_receiving(secs(0), socket, true).unwrap();
    let mut received = |source: &str| {
        port.incoming = Some((
            source.parse().unwrap(),
            "192.168.1.50:2000".parse().unwrap(),
        ));
        let mut seen = Vec::new();
        let _ = drive(&mut manager, &mut port, secs(0), |delivery| {
            if let Delivery::Datagram(to, datagram) = delivery {
                assert_eq!(to, socket);
                seen.push((*datagram.source.ip(), datagram.payload.to_vec()));
            }
        });
        seen
    };
    assert_eq!(
        received("192.168.1.9:99"),
        [([192, 168, 1, 9].into(), b"hello".to_vec())]
    );
    assert_eq!(received("192.168.2.9:99"), []);
    assert_eq!(manager.udp_drops().source, 1);
}

// spec: DRV-1, DRV-2
#[test]
fn commands_caused_by_the_last_event_are_executed_in_the_same_call() {
    let (mut manager, mut port) = (manager(), Port::default());
    manager.open(secs(0), &nic()).unwrap();
    let _ = drive(&mut manager, &mut port, secs(0), |_| {});
    // One event less than a call handles, followed by one that stops the interface.
    let stale = (Generation::default(), Report::LeaseLost);
    port.events.extend([stale; 63]);
    port.events
        .push_back((Generation::from_bits(1), Report::Fault { code: 1 }));
    port.executed.clear();
    let mut states = Vec::new();
    let progress = drive(&mut manager, &mut port, secs(0), |delivery| {
        if let Delivery::Notice(Notice::StateChanged { state, .. }) = delivery {
            states.push(state);
        }
    });
    assert_eq!(progress, Progress::Busy);
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
    let (mut manager, mut port) = (manager(), Port::default());
    manager.open(Instant::EPOCH, &nic()).unwrap();
    let late = Instant::EPOCH.saturating_add(Duration::from_secs(10));
    let _ = drive(&mut manager, &mut port, late, |_| {});
    assert_eq!(manager.state(ETH0), Some(State::EthernetStoppedUnhappy));
}

#[cfg(feature = "std")]
// spec: TIME-1
#[test]
fn the_clock_of_a_host_never_goes_backwards() {
    let clock = lankeeper::Clock::new();
    let instants: Vec<_> = (0..1_000).map(|_| clock.now()).collect();
    assert!(instants.is_sorted());
}
