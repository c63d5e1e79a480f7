//! Two backends as one.

use lankeeper::driver::Pair;
use lankeeper::{
    Config, Delivery, InterfaceConfig, InterfaceId, Manager, Medium, Nic, Notice, Report, SocketId,
    State,
};

use super::port::Port;
use crate::support::bound::bounded;
use crate::support::{ETH0, secs};

const FLOOD: u32 = 1_000_000;

fn ids() -> [InterfaceId; 2] {
    [ETH0, InterfaceId::new(Medium::Ethernet, 1).unwrap()]
}

/// Two ports under one manager, both CONNECTED, each with a socket on port 5000.
fn up() -> (Manager<2>, Pair<Port, Port>, [SocketId; 2]) {
    let ids = ids();
    let mut manager = Manager::new(&Config::new(1, ids.map(InterfaceConfig::new))).unwrap();
    let mut pair = Pair::new(ids[0], Port::new(ids[0]), Port::new(ids[1]));
    let sockets = ids.map(|id| {
        let nic = Nic::named(&id.to_string()).unwrap();
        let handle = manager.open(secs(0), &nic).unwrap();
        manager.udp_open(secs(0), handle, 5000).unwrap()
    });
    while bounded(manager.poll(secs(0), &mut pair, &mut [])).is_some() {}
    for id in ids {
        assert_eq!(manager.state(id), Some(State::Connected));
    }
    (manager, pair, sockets)
}

// spec: DRV-1
#[test]
fn each_interface_has_its_backend() {
    let (mut manager, mut pair, sockets) = up();
    // `Port` panics at a command for another interface. Both got as many commands.
    assert_eq!(pair.first.executed.len(), 4);
    assert_eq!(pair.second.executed.len(), 4);
    for (number, socket) in (1..).zip(sockets) {
        let to = (core::net::Ipv4Addr::new(192, 168, number, 7), 7);
        manager
            .send_to(secs(0), &mut pair, socket, to, &[number])
            .unwrap();
    }
    assert_eq!(pair.first.sent, [[1]]);
    assert_eq!(pair.second.sent, [[2]]);
}

/// Floods one port with events and datagrams. What happens at the calm port is delivered early in
/// the first round.
fn flooded(first: bool) {
    let (mut manager, mut pair, sockets) = up();
    let (busy, calm) = if first {
        (&mut pair.first, &mut pair.second)
    } else {
        (&mut pair.second, &mut pair.first)
    };
    let [busy_socket, calm_socket] = if first {
        sockets
    } else {
        [sockets[1], sockets[0]]
    };
    let event = busy.tickets.event(Report::CarrierUp).unwrap();
    busy.event_flood = Some((event, FLOOD));
    busy.flood = (5000, FLOOD);
    calm.arrive(5000, b"calm");
    let (mut from, mut received) = (Vec::new(), Vec::new());
    let mut buffer = [0; 4];
    while let Some(delivery) = bounded(manager.poll(secs(0), &mut pair, &mut buffer)) {
        if let Delivery::Datagram { socket, .. } = delivery {
            from.push(socket);
            received.push(buffer);
        }
    }
    let place = from.iter().position(|socket| *socket == calm_socket);
    assert!(place.is_some_and(|place| place <= 1), "{place:?}");
    assert_eq!(&received[place.unwrap()], b"calm");
    assert!(from.contains(&busy_socket), "nor is the busy one starved");

    let calm = if first {
        &mut pair.second
    } else {
        &mut pair.first
    };
    calm.happen(Report::CarrierDown);
    let mut lost = None;
    while let Some(delivery) = bounded(manager.poll(secs(0), &mut pair, &mut buffer)) {
        if let Delivery::Notice(Notice::StateChanged { interface, .. }) = delivery {
            lost = Some(interface);
        }
    }
    assert_eq!(lost, Some(ids()[usize::from(first)]));
}

// spec: DRV-1
#[test]
fn a_flood_at_one_does_not_starve_the_other() {
    flooded(true);
    flooded(false);
}

// spec: DRV-1
#[test]
fn a_pair_of_one_and_a_pair_is_three() {
    let third = InterfaceId::new(Medium::Ethernet, 2).unwrap();
    let ids = [ids()[0], ids()[1], third];
    let mut manager = Manager::new(&Config::new(1, ids.map(InterfaceConfig::new))).unwrap();
    let rest = Pair::new(ids[1], Port::new(ids[1]), Port::new(ids[2]));
    let mut three = Pair::new(ids[0], Port::new(ids[0]), rest);
    for id in ids {
        let nic = Nic::named(&id.to_string()).unwrap();
        manager.open(secs(0), &nic).unwrap();
    }
    while bounded(manager.poll(secs(0), &mut three, &mut [])).is_some() {}
    for id in ids {
        assert_eq!(manager.state(id), Some(State::Connected));
    }
}
