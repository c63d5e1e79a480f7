//! The local network of a simulated device: its neighbours, and the ports that it binds.

use core::net::SocketAddrV4;

use lankeeper::sim::{CableChange, Simulated, World, code, poll_until, run_for, run_until_state};
use lankeeper::{
    Config, Delivery, Duration, Handle, Instant, InterfaceConfig, InterfaceId, Manager, Nic,
    Notice, Quota, SocketId, State,
};

use crate::support::secs;

const ETH0: InterfaceId = InterfaceId::ETHERNET;
const NEIGHBOUR: &str = "192.168.2.9:4000";

fn at(text: &str) -> SocketAddrV4 {
    text.parse().unwrap()
}

/// A device that is CONNECTED, with this many sockets on the ports from 5000 on.
struct Lan {
    manager: Manager<1, 1, 20, 64, 1>,
    handle: Handle,
    world: World,
    sockets: Vec<SocketId>,
}

impl Lan {
    fn with(sockets: u16) -> Self {
        let mut world: World = World::new(1);
        let mut config = Config::new(1, [InterfaceConfig::new(ETH0)]);
        config.quota = Quota::new(25, 1_000).unwrap();
        let mut manager = Manager::with_capacities(&config).unwrap();
        let handle = manager.open(secs(0), &Nic::named("eth0").unwrap()).unwrap();
        let span = Duration::from_secs(30);
        run_until_state(&mut manager, &mut world, (ETH0, State::Connected), span).unwrap();
        let open = |port| manager.udp_open(world.now(), handle, port).unwrap();
        let sockets = (5000..5000 + sockets).map(open).collect();
        Self {
            manager,
            handle,
            world,
            sockets,
        }
    }

    /// What the application gets now.
    fn deliveries(&mut self) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        let deliver = |_, delivery| deliveries.push(delivery);
        run_for(&mut self.manager, &mut self.world, Duration::ZERO, deliver).unwrap();
        deliveries
    }

    /// Whether the world has something for the device now.
    fn waits(&self) -> bool {
        self.world.poll_at() == Some(self.world.now())
    }

    fn arrive(&mut self, port: u16, payload: &[u8]) -> bool {
        let to = SocketAddrV4::new([192, 168, 2, 50].into(), port);
        let arrived = self.world.arrive(ETH0, at(NEIGHBOUR), to, payload);
        arrived.is_ok()
    }

    fn send(&mut self, socket: usize, payload: &[u8]) {
        let (now, socket) = (self.world.now(), self.sockets[socket]);
        let sent = self
            .manager
            .send_to(now, &mut self.world, socket, at(NEIGHBOUR), payload);
        sent.unwrap();
    }
}

#[test]
fn a_datagram_waits_until_it_is_received_unless_the_port_is_not_bound() {
    let mut lan = Lan::with(2);
    assert!(
        lan.arrive(5000, b"early") && lan.deliveries().is_empty(),
        "not bound yet"
    );
    assert!(lan.arrive(5002, b"lost"));
    assert!(!lan.waits());
    for port in [5001, 5000, 5001] {
        assert!(lan.arrive(port, &port.to_be_bytes()));
    }
    assert!(lan.waits());
    let sockets = lan.sockets.clone();
    let mut received: Vec<_> = lan
        .deliveries()
        .into_iter()
        .map(|delivery| match delivery {
            Delivery::Datagram {
                socket,
                from,
                to,
                length: 2,
                ..
            } => {
                assert_eq!((from, to), (at(NEIGHBOUR), [192, 168, 2, 50].into()));
                sockets.iter().position(|other| *other == socket).unwrap()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    received.sort_unstable();
    assert_eq!(received, [0, 1, 1]);
    assert!(!lan.waits());
}

#[test]
fn there_is_room_for_eight_of_256_bytes() {
    let mut lan = Lan::with(1);
    lan.deliveries();
    assert!(!lan.arrive(5000, &[0; 257]));
    for _ in 0..8 {
        assert!(lan.arrive(5000, &[0; 256]));
    }
    assert!(!lan.arrive(5000, b""));
    // Of those that were sent, the newest eight are kept.
    for number in 0..10 {
        lan.send(0, &[number; 256]);
    }
    let sent: Vec<_> = core::iter::from_fn(|| lan.world.take_sent()).collect();
    let numbers: Vec<_> = sent.iter().map(|sent| sent.payload()[255]).collect();
    assert_eq!(numbers, [2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(sent[0].interface, ETH0);
    assert_eq!(
        (sent[0].source, sent[0].destination),
        (at("192.168.2.50:5000"), at(NEIGHBOUR))
    );
}

// spec: UDP-11
#[test]
fn what_waits_is_dropped_with_its_port() {
    let mut lan = Lan::with(2);
    lan.deliveries();
    assert!(lan.arrive(5000, b"gone") && lan.arrive(5001, b"here"));
    lan.manager.udp_close(lan.world.now(), lan.sockets[0]);
    let delivered = lan.deliveries();
    assert_eq!(delivered.len(), 1);
    assert!(
        matches!(delivered[0], Delivery::Datagram { socket, .. } if socket == lan.sockets[1]),
        "{delivered:?}"
    );
    assert!(!lan.waits());
}

// spec: DRV-6
#[test]
fn a_datagram_that_is_too_long_for_it_was_not_sent() {
    let mut lan = Lan::with(1);
    lan.send(0, &[0; 257]);
    let failed = Notice::SendFailed {
        socket: lan.sockets[0],
        to: at(NEIGHBOUR),
        code: code::NO_ROOM,
    };
    assert_eq!(lan.deliveries(), [Delivery::Notice(failed)]);
    assert!(lan.world.take_sent().is_none());
}

// spec: DRV-6
#[test]
fn the_seventeenth_port_cannot_be_bound() {
    let mut lan = Lan::with(17);
    let failed = Notice::BindFailed {
        socket: lan.sockets[16],
        code: code::NO_ROOM,
    };
    assert_eq!(lan.deliveries(), [Delivery::Notice(failed)]);
    assert!(lan.manager.udp_port(lan.sockets[16]).is_err());
    assert!(lan.manager.udp_port(lan.sockets[15]).is_ok());
}

// spec: DRV-6
#[test]
fn a_port_that_was_not_bound_is_told_however_many_datagrams_were_not_sent() {
    let mut lan = Lan::with(17);
    lan.deliveries();
    let failures = |lan: &mut Lan| {
        let all = lan.deliveries().into_iter();
        all.map(|delivery| match delivery {
            Delivery::Notice(Notice::SendFailed { .. }) => None,
            Delivery::Notice(Notice::BindFailed { socket, .. }) => Some(socket),
            other => panic!("{other:?}"),
        })
        .collect::<Vec<_>>()
    };
    for before in [0, 15, 16, 20] {
        for _ in 0..before {
            lan.send(0, &[0; 257]);
        }
        let now = lan.world.now();
        let socket = lan.manager.udp_open(now, lan.handle, 6000).unwrap();
        // The port is bound before the next datagram is sent.
        for _ in 0..20 {
            lan.send(0, &[0; 257]);
        }
        let told = failures(&mut lan);
        assert_eq!(told.len(), 16, "after {before}");
        let ports: Vec<_> = told.into_iter().flatten().collect();
        assert_eq!(ports, [socket], "after {before}");
    }
}

// spec: TIME-3
#[test]
fn an_application_that_answers_runs_through_virtual_time() {
    let mut lan = Lan::with(1);
    lan.deliveries();
    let pulled = lan.world.now().saturating_add(Duration::from_secs(100));
    lan.world.at(pulled, CableChange::Pulled).unwrap();
    assert!(lan.arrive(5000, b"echo"));
    let (mut buffer, mut seen) = ([0; 256], Vec::new());
    while let Some(delivery) =
        poll_until(&mut lan.manager, &mut lan.world, pulled, &mut buffer).unwrap()
    {
        let now: Instant = lan.world.now();
        match delivery {
            Delivery::Datagram {
                socket,
                from,
                length,
                ..
            } => {
                let echo = &buffer[..length];
                lan.manager
                    .send_to(now, &mut lan.world, socket, from, echo)
                    .unwrap();
            }
            Delivery::Notice(Notice::StateChanged { state, .. }) => seen.push((now, state)),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(lan.world.take_sent().unwrap().payload(), b"echo");
    assert_eq!(
        seen,
        [(pulled, State::EthernetStoppedNoLink)],
        "the end is still done"
    );
}
