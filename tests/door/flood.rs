//! A flood holds nothing up: no event, no deadline, no other socket, no other interface.

use lankeeper::manager::Wake;
use lankeeper::{
    Config, Delivery, Duration, Instant, InterfaceConfig, Manager, Nic, Notice, Report, SocketId,
    State,
};

use super::port::Port;
use crate::support::bound::{bounded, turns};
use crate::support::{ETH0, secs};

const FLOOD: u32 = 1_000_000;

/// What one round takes at most (DRV-1).
const ROUND: u32 = 64;

/// A device that is CONNECTED, with sockets on the ports 5000 and 6000.
fn up() -> (Manager<1>, Port, [SocketId; 2]) {
    let mut manager = Manager::new(&Config::new(1, [InterfaceConfig::new(ETH0)])).unwrap();
    let mut port = Port::new(ETH0);
    let handle = manager.open(secs(0), &Nic::named("eth0").unwrap()).unwrap();
    let sockets = [5000, 6000].map(|port| manager.udp_open(secs(0), handle, port).unwrap());
    while bounded(manager.poll(secs(0), &mut port, &mut [])).is_some() {}
    assert_eq!(manager.state(ETH0), Some(State::Connected));
    assert!(manager.poll_at().unwrap().at > secs(0));
    (manager, port, sockets)
}

fn has_more(manager: &Manager<1>) -> bool {
    manager.poll_at().map(|due| due.reason) == Some(Wake::Backend)
}

// spec: DRV-1, UDP-9
#[test]
fn of_a_million_datagrams() {
    let (mut manager, mut port, [flooded, other]) = up();
    port.flood = (5000, FLOOD);
    port.happen(Report::CarrierDown);
    let (mut now, mut rounds, mut delivered) = (secs(0), 0_u32, 0_u32);
    let mut others = Vec::new();
    let mut lost_in = None;
    let mut buffer = [0; 4];
    for () in turns() {
        now = now.saturating_add(Duration::from_micros(10));
        match rounds {
            // There must be a carrier for anything to be received; it counts after the back-off.
            1 => {
                now = now.saturating_add(Duration::from_secs(1));
                port.happen(Report::CarrierUp);
            }
            10 | 1_000 | 15_000 => port.arrive(6000, b"me"),
            _ => {}
        }
        let (mut datagrams, mut before_other) = (0, 0);
        while let Some(delivery) = bounded(manager.poll(now, &mut port, &mut buffer)) {
            match delivery {
                Delivery::Datagram { socket, length, .. } if socket == other => {
                    assert_eq!((&buffer[..length], length), (&b"me"[..], 2));
                    others.push((rounds, before_other));
                    datagrams += 1;
                }
                Delivery::Datagram { socket, .. } => {
                    assert_eq!(socket, flooded);
                    before_other += 1;
                    datagrams += 1;
                    delivered += 1;
                }
                Delivery::Notice(Notice::StateChanged {
                    state: State::EthernetStoppedNoLink,
                    ..
                }) => lost_in = lost_in.or(Some(rounds)),
                Delivery::Notice(_) => {}
            }
        }
        assert!(datagrams <= ROUND, "{datagrams} in round {rounds}");
        rounds += 1;
        if !has_more(&manager) {
            break;
        }
        assert_eq!(manager.poll_at().unwrap().at, now, "the rest is due now");
    }
    assert_eq!(lost_in, Some(0), "reported in the first round");
    let expected = FLOOD / ROUND;
    assert!((expected..=expected + 2).contains(&rounds), "{rounds}");
    let in_rounds: Vec<_> = others.iter().map(|(round, _)| *round).collect();
    assert_eq!(in_rounds, [10, 1_000, 15_000], "the other socket at once");
    assert!(others.iter().all(|(_, before)| *before <= 2), "{others:?}");
    let drops = manager.udp_drops();
    assert_eq!(
        drops.total(),
        drops.not_connected,
        "while there was no link"
    );
    assert_eq!(delivered + drops.total(), FLOOD, "none was lost");
    assert!(delivered > FLOOD - 3 * ROUND, "{delivered}");
}

// spec: DRV-1, UDP-9
#[test]
fn of_datagrams_that_are_all_dropped() {
    let (mut manager, mut port, _) = up();
    port.flood = (5000, FLOOD);
    port.flooder = "8.8.8.8:9".parse().unwrap();
    for round in 1..=10 {
        assert_eq!(manager.poll(secs(0), &mut port, &mut [0; 4]), None);
        assert_eq!(manager.udp_drops().source, round * ROUND);
        assert!(has_more(&manager));
    }
}

// spec: DRV-1
#[test]
fn of_events_with_a_datagram_among_them() {
    let (mut manager, mut port, [_, other]) = up();
    // It changes nothing, because the carrier is there.
    let event = port.tickets.event(Report::CarrierUp).unwrap();
    port.event_flood = Some((event, FLOOD));
    port.arrive(6000, b"me");
    let taken = |port: &Port| FLOOD - port.event_flood.unwrap().1;
    let delivery = manager.poll(secs(0), &mut port, &mut [0; 4]);
    assert!(
        matches!(delivery, Some(Delivery::Datagram { socket, .. }) if socket == other),
        "{delivery:?}"
    );
    assert!(taken(&port) < ROUND, "in the first round");
    assert_eq!(manager.poll(secs(0), &mut port, &mut [0; 4]), None);
    assert_eq!(taken(&port), ROUND - 1, "the datagram counts too");
    assert!(has_more(&manager));
    assert_eq!(manager.poll(secs(0), &mut port, &mut [0; 4]), None);
    assert_eq!(taken(&port), 2 * ROUND - 1);
}

// spec: DRV-1, TIME-3
#[test]
fn no_deadline_is_late_by_more_than_a_round() {
    let (mut manager, mut port, _) = up();
    // The lease is trusted; nobody answers the DHCP that begins when it is lost.
    let start = secs(5 * 60);
    manager.handle_timeout(start);
    port.is_silent = true;
    port.happen(Report::LeaseLost);
    port.flood = (5000, FLOOD);
    let step = Duration::from_millis(7);
    let (mut now, mut begun) = (start, None);
    let ended = loop {
        bounded(Some(()));
        now = now.saturating_add(step);
        while manager.poll(now, &mut port, &mut [0; 4]).is_some() {}
        assert!(has_more(&manager), "the flood goes on");
        match manager.state(ETH0).unwrap() {
            State::EthernetDhcping => begun = begun.or(Some(now)),
            State::EthernetStopped => break now,
            other => panic!("{other}"),
        }
    };
    let deadline = begun.unwrap().saturating_add(Duration::from_secs(30));
    assert!((deadline..deadline.saturating_add(step)).contains(&ended));
}

// spec: DRV-1, TIME-3
#[test]
fn what_is_asked_after_the_loop_is_never_stale() {
    let mut manager = Manager::new(&Config::new(1, [InterfaceConfig::new(ETH0)])).unwrap();
    let mut port = Port::new(ETH0);
    let nic = Nic::named("eth0").unwrap();
    let due = |manager: &Manager<1>| manager.poll_at().map(|due| (due.at, due.reason));
    let settle = |manager: &mut Manager<1>, port: &mut Port, now: Instant| {
        while bounded(manager.poll(now, port, &mut [])).is_some() {}
    };
    settle(&mut manager, &mut port, secs(1));
    assert_eq!(due(&manager), None);
    // Each request after the loop is due at once.
    let now = Some((secs(2), Wake::Output));
    let handle = manager.open(secs(2), &nic).unwrap();
    assert_eq!(due(&manager), now);
    settle(&mut manager, &mut port, secs(2));
    assert_ne!(due(&manager), now);
    manager.udp_open(secs(2), handle, 5000).unwrap();
    assert_eq!(due(&manager), now);
    settle(&mut manager, &mut port, secs(2));
    manager.connect(secs(2), None).unwrap();
    assert_eq!(due(&manager), now);
    settle(&mut manager, &mut port, secs(2));
    manager.close(secs(2), handle);
    assert_eq!(due(&manager), now);
}

// spec: UDP-9
#[test]
fn a_datagram_longer_than_the_buffer_is_dropped_and_the_next_one_delivered() {
    let (mut manager, mut port, [_, other]) = up();
    port.arrive(6000, b"longer");
    port.arrive(6000, b"four");
    let mut buffer = *b"....";
    let delivery = manager.poll(secs(0), &mut port, &mut buffer);
    assert!(
        matches!(delivery, Some(Delivery::Datagram { socket, length: 4, .. }) if socket == other),
        "{delivery:?}"
    );
    assert_eq!(&buffer, b"four");
    assert_eq!(manager.udp_drops().too_long, 1);
    // Without a buffer there is still room for an empty one.
    port.arrive(6000, b"");
    port.arrive(6000, b"1");
    let delivery = manager.poll(secs(0), &mut port, &mut []);
    assert!(matches!(
        delivery,
        Some(Delivery::Datagram { length: 0, .. })
    ));
    assert_eq!(manager.poll(secs(0), &mut port, &mut []), None);
    assert_eq!(manager.udp_drops().too_long, 2);
}
