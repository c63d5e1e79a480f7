//! Ports that could not be bound, and datagrams that could not be sent (DRV-6).

use lankeeper::{Backend, Binding, Event, Report};

use super::*;

const CODE: i32 = -98;

fn bind_failed(socket: SocketId) -> Notice {
    let code = CODE;
    Notice::BindFailed { socket, code }
}

fn fail_bind(rig: &mut Rig, binding: Binding) {
    rig.manager.handle_event(rig.now, binding.failed(CODE));
}

// spec: DRV-6, UDP-2
#[test]
fn a_socket_whose_port_cannot_be_bound_is_closed_and_reported() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    let binding = rig.binding(5000);
    commands(&mut rig);
    fail_bind(&mut rig, binding);
    assert_eq!(rig.notices(), [bind_failed(socket)]);
    assert!(port(&rig, socket).is_err());
    assert_eq!(send(&mut rig, socket, PEER), Err(SendError::Closed));
    assert!(commands(&mut rig).is_empty(), "there is nothing to unbind");
    assert_eq!(rig.manager.udp_drops().total(), 0);
    // It is reported once.
    fail_bind(&mut rig, binding);
    rig.manager.close(rig.now, handle);
    assert!(closed(&mut rig).is_empty());
    let commands = commands(&mut rig);
    assert_eq!(commands, ["eth0 stop", "eth0 power down"]);
}

// spec: DRV-6, UDP-2
#[test]
fn a_port_that_could_not_be_bound_is_free_again() {
    let (mut rig, handle) = Rig::connected();
    let first = open(&mut rig, handle, 5000);
    let binding = rig.binding(5000);
    fail_bind(&mut rig, binding);
    let second = open(&mut rig, handle, 5000);
    assert_ne!(first, second);
    assert_eq!(rig.binding(5000).socket(), second, "it is tried anew");
    // A late report about the first binding does not concern the second.
    rig.notices();
    fail_bind(&mut rig, binding);
    assert!(rig.notices().is_empty());
    assert_eq!(receive(&mut rig, (PEER, 7), (OWN, 5000)), Ok(second));
}

// spec: DRV-6, UDP-11
#[test]
fn a_failure_of_an_earlier_binding_of_the_port_is_ignored() {
    let (mut rig, handle) = Rig::connected();
    let first = open(&mut rig, handle, 5000);
    let former = rig.binding(5000);
    rig.manager.udp_close(rig.now, first);
    let second = open(&mut rig, handle, 5000);
    commands(&mut rig);
    fail_bind(&mut rig, former);
    assert!(rig.notices().is_empty());
    assert!(commands(&mut rig).is_empty(), "the port stays bound");
    assert_eq!(port(&rig, second), Ok(Some(5000)));
    assert_eq!(receive(&mut rig, (PEER, 7), (OWN, 5000)), Ok(second));
}

// spec: DRV-6, UDP-11
#[test]
fn a_failure_of_a_socket_that_was_closed_meanwhile_is_not_reported() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    let binding = rig.binding(5000);
    rig.commands();
    rig.manager.udp_close(rig.now, socket);
    fail_bind(&mut rig, binding);
    assert!(rig.notices().is_empty());
    assert!(commands(&mut rig).is_empty(), "there is nothing to unbind");
}

// spec: DRV-6, UDP-2
#[test]
fn the_port_that_a_first_send_has_bound_can_fail_too() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, None);
    let binding = send(&mut rig, socket, PEER).unwrap().binding;
    assert_eq!(rig.binding(49_152), binding);
    fail_bind(&mut rig, binding);
    assert_eq!(rig.notices(), [bind_failed(socket)]);
    assert_eq!(send(&mut rig, socket, PEER), Err(SendError::Closed));
}

// spec: DRV-6
#[test]
fn a_datagram_that_was_not_sent_is_reported_and_the_socket_stays_open() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    let datagram = send(&mut rig, socket, PEER).unwrap();
    let left = tokens(&rig);
    let failed = datagram.binding.send_failed(datagram.destination, CODE);
    rig.commands();
    for _ in 0..2 {
        // Each datagram can fail.
        rig.manager.handle_event(rig.now, failed);
        let told = Notice::SendFailed {
            socket,
            to: SocketAddrV4::new(ip(PEER), 5000),
            code: CODE,
        };
        assert_eq!(rig.notices(), [told]);
    }
    assert!(commands(&mut rig).is_empty());
    assert_eq!(tokens(&rig), left, "no token comes back");
    assert_eq!(port(&rig, socket), Ok(Some(5000)));
    assert!(send(&mut rig, socket, PEER).is_ok());
    assert_eq!(receive(&mut rig, (PEER, 7), (OWN, 5000)), Ok(socket));
}

// spec: DRV-6, UDP-11
#[test]
fn a_failed_datagram_of_a_closed_socket_is_ignored() {
    let (mut rig, handle) = Rig::connected();
    let first = open(&mut rig, handle, 5000);
    let failed = send(&mut rig, first, PEER).unwrap();
    let failed = failed.binding.send_failed(failed.destination, CODE);
    rig.commands();
    rig.manager.udp_close(rig.now, first);
    rig.manager.handle_event(rig.now, failed);
    // It does not concern the next socket on the port either.
    open(&mut rig, handle, 5000);
    rig.commands();
    rig.manager.handle_event(rig.now, failed);
    assert!(rig.notices().is_empty());
}

// spec: DRV-6, UDP-11
#[test]
fn a_datagram_can_fail_while_its_interface_is_lost() {
    let (mut rig, handle) = Rig::connected();
    let socket = open(&mut rig, handle, 5000);
    let datagram = send(&mut rig, socket, PEER).unwrap();
    let failed = datagram.binding.send_failed(datagram.destination, CODE);
    rig.commands();
    rig.report(Report::CarrierDown);
    rig.notices();
    rig.manager.handle_event(rig.now, failed);
    assert!(matches!(rig.notices()[..], [Notice::SendFailed { socket: of, .. }] if of == socket));
}

/// A stack without a free port, whose sends fail.
#[derive(Default)]
struct Full(Vec<Event>);

impl Backend for Full {
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Bind(binding) if binding.port() == 6000 => self.0.push(binding.failed(CODE)),
            Command::Send(datagram) => {
                let failed = datagram.binding.send_failed(datagram.destination, CODE);
                self.0.push(failed);
            }
            _ => {}
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        self.0.pop()
    }

    fn receive(&mut self, binding: Binding, _: &mut [u8]) -> Option<Received> {
        assert_ne!(binding.port(), 6000, "it was never bound");
        None
    }
}

// spec: DRV-1, DRV-6
#[test]
fn a_backend_reports_both_through_the_loop() {
    let (mut rig, handle) = Rig::connected();
    let sockets = [5000, 6000].map(|port| open(&mut rig, handle, port));
    let mut full = Full::default();
    rig.manager
        .send_to(rig.now, &mut full, sockets[0], (PEER, 7), b"abc")
        .unwrap();
    let polled = || rig.manager.poll(rig.now, &mut full, &mut []);
    let deliveries: Vec<_> = core::iter::from_fn(polled).collect();
    let notices: Vec<_> = deliveries
        .into_iter()
        .map(|delivery| match delivery {
            lankeeper::Delivery::Notice(notice) => notice,
            other => panic!("{other:?}"),
        })
        .collect();
    let not_sent = Notice::SendFailed {
        socket: sockets[0],
        to: SocketAddrV4::new(ip(PEER), 7),
        code: CODE,
    };
    assert_eq!(notices, [not_sent, bind_failed(sockets[1])]);
}
