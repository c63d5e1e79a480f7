//! Tests against a simulated peer that is name server, proxy and server in one.

use lankeeper::nic::ProxyPassword;
use smoltcp::wire::{EthernetAddress, Ipv4Cidr};

use super::*;
use crate::stack::card::{Card, exchange};

const DEVICE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 9);
const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const SERVER_PORT: u16 = 9000;
const PROXY_PORT: u16 = 8888;

/// The stacks of the device and the peer, and the wire between them.
struct World {
    now: Instant,
    device: Stack,
    peer: Stack,
    server: Server,
    is_wire_cut: bool,
}

fn stack(last: u8, address: Ipv4Addr) -> Stack {
    let card = Card::new(EthernetAddress([2, 0, 0, 0, 0, last]));
    let mut stack = Stack::new(Instant::EPOCH, card, last.into());
    let address = Ipv4Cidr::new(address, 24).into();
    stack.set_address(address, None, [PEER]).unwrap();
    stack
}

impl World {
    fn new(server: &str) -> Self {
        let mut world = Self {
            now: Instant::EPOCH,
            device: stack(9, DEVICE),
            peer: stack(1, PEER),
            server: Server::new(server.parse().unwrap()),
            is_wire_cut: false,
        };
        world.peer.bind(53).unwrap();
        world
    }

    /// Makes the peer accept one connection at a port.
    fn listen(&mut self, port: u16) -> SocketHandle {
        let buffer = || tcp::SocketBuffer::new(vec![0; BUFFER]);
        let mut socket = tcp::Socket::new(buffer(), buffer());
        socket.listen(port).unwrap();
        self.peer.sockets.add(socket)
    }

    fn peer_socket(&mut self, handle: SocketHandle) -> &mut tcp::Socket<'static> {
        self.peer.sockets.get_mut(handle)
    }

    /// Runs for a duration; returns the reports with their times in seconds.
    fn run(&mut self, duration: Duration) -> Vec<(u64, ServerReport)> {
        let begin = self.now;
        let end = begin.saturating_add(duration);
        let mut reports = Vec::new();
        while self.now < end {
            self.device.poll(self.now);
            let report = self.server.next_report(self.now, &mut self.device);
            let age = self.now.saturating_duration_since(begin).as_secs();
            reports.extend(report.map(|report| (age, report)));
            self.answer_names();
            self.device.poll(self.now);
            let next = if self.carry_frames() || report.is_some() {
                self.now.saturating_add(Duration::from_millis(1))
            } else {
                self.wake_at().unwrap_or(end)
            };
            self.now = next.min(end);
        }
        reports
    }

    /// The next deadline. Nothing else may be needed to make progress.
    fn wake_at(&mut self) -> Option<Instant> {
        let (device, peer) = (self.device.poll_at(self.now), self.peer.poll_at(self.now));
        [device, peer, self.server.poll_at()]
            .into_iter()
            .flatten()
            .min()
    }

    /// Carries frames between the stacks, or drops them; returns whether there were any.
    fn carry_frames(&mut self) -> bool {
        if self.is_wire_cut {
            let lost = [self.device.card.take_sent(), self.peer.card.take_sent()];
            return lost.iter().any(|frames| !frames.is_empty());
        }
        exchange(&mut self.device.card, &mut self.peer.card)
    }

    /// Runs for a second and returns the only report.
    fn report(&mut self) -> ServerReport {
        match self.run(Duration::from_secs(1))[..] {
            [(_, report)] => report,
            ref other => panic!("not one report: {other:?}"),
        }
    }

    /// Answers name queries: the peer knows `known.test`, ignores `silent.test`, and denies all
    /// others.
    fn answer_names(&mut self) {
        let mut buffer = [0; 512];
        loop {
            self.peer.poll(self.now);
            let Some(received) = self.peer.receive(53, &mut buffer) else {
                return;
            };
            let mut answer = buffer[..received.length].to_vec();
            let is_for = |name: &[u8]| answer.windows(name.len()).any(|part| part == name);
            if is_for(b"\x06silent\x04test") {
                continue;
            }
            if is_for(b"\x05known\x04test") {
                // A response without error, with one answer: the address of the requested name.
                answer[2..8].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 1]);
                answer.extend_from_slice(&[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
                answer.extend_from_slice(&PEER.octets());
            } else {
                // NXDOMAIN.
                answer[2..4].copy_from_slice(&[0x81, 0x83]);
            }
            self.peer.send(53, received.source, &answer).unwrap();
        }
    }

    /// Resolves the proxy and connects to it.
    fn reach_proxy(&mut self, proxy: &ProxySettings) -> SocketHandle {
        let socket = self.listen(PROXY_PORT);
        self.server.resolve(&mut self.device, Some(proxy));
        assert_eq!(self.report(), ServerReport::Resolved);
        self.server.reach_proxy(self.now, &mut self.device, proxy);
        assert_eq!(self.report(), ServerReport::ProxyReached);
        socket
    }

    /// Requests a tunnel; returns the request as seen by the proxy, and the report.
    fn ask_proxy(&mut self, proxy: &ProxySettings, answer: &str) -> (String, ServerReport) {
        let socket = self.reach_proxy(proxy);
        self.server.connect(self.now, &mut self.device, Some(proxy));
        assert_eq!(self.run(Duration::from_secs(1)), []);
        let request = self
            .peer_socket(socket)
            .recv(|bytes| (bytes.len(), bytes.to_vec()))
            .unwrap();
        self.peer_socket(socket)
            .send_slice(answer.as_bytes())
            .unwrap();
        (String::from_utf8(request).unwrap(), self.report())
    }

    /// Connects to the server without a proxy.
    fn connect(&mut self) -> SocketHandle {
        let socket = self.listen(SERVER_PORT);
        self.server.resolve(&mut self.device, None);
        assert_eq!(self.report(), ServerReport::Resolved);
        self.server.connect(self.now, &mut self.device, None);
        assert_eq!(self.report(), ServerReport::Connected);
        socket
    }

    /// The number of TCP sockets of the device.
    fn open(&self) -> usize {
        let sockets = self.device.sockets.iter();
        sockets
            .filter(|(_, socket)| matches!(socket, smoltcp::socket::Socket::Tcp(_)))
            .count()
    }
}

fn proxy() -> ProxySettings {
    ProxySettings::new("10.0.0.1", PROXY_PORT).unwrap()
}

#[test]
fn known_name_is_resolved_and_an_unknown_one_is_not() {
    for (server, report) in [
        ("known.test:9000", ServerReport::Resolved),
        ("10.0.0.1:9000", ServerReport::Resolved),
        (
            "unknown.test:9000",
            ServerReport::NotResolved {
                code: Errno::ENOENT as i32,
            },
        ),
    ] {
        let mut world = World::new(server);
        world.server.resolve(&mut world.device, None);
        assert_eq!(world.report(), report, "{server}");
    }
}

#[test]
fn silent_name_server_is_given_up() {
    let mut world = World::new("silent.test:9000");
    world.server.resolve(&mut world.device, None);
    let reports = world.run(Duration::from_secs(30));
    assert!(
        matches!(reports[..], [(10..=20, ServerReport::NotResolved { .. })]),
        "{reports:?}"
    );
}

#[test]
fn without_name_servers_no_name_is_resolved() {
    let mut world = World::new("known.test:9000");
    world.device.name_servers.clear();
    world.server.resolve(&mut world.device, None);
    assert_eq!(
        world.report(),
        ServerReport::NotResolved {
            code: Errno::EHOSTUNREACH as i32
        }
    );
}

#[test]
fn server_is_connected_to_and_left() {
    let mut world = World::new("known.test:9000");
    let socket = world.connect();
    world.server.flush();
    assert_eq!(world.report(), ServerReport::Flushed);
    world.server.disconnect(&mut world.device);
    assert_eq!(world.run(Duration::from_secs(1)), []);
    assert_eq!(world.peer_socket(socket).state(), tcp::State::CloseWait);
    world.peer_socket(socket).close();
    assert_eq!(world.run(Duration::from_secs(30)), []);
    assert_eq!(world.open(), 0);
}

#[test]
fn server_that_does_not_listen_is_unreachable_at_once() {
    let mut world = World::new("10.0.0.1:9001");
    world.server.resolve(&mut world.device, None);
    assert_eq!(world.report(), ServerReport::Resolved);
    world.server.connect(world.now, &mut world.device, None);
    assert_eq!(
        world.report(),
        ServerReport::Unreachable {
            code: Errno::ECONNREFUSED as i32
        }
    );
    assert_eq!(world.run(Duration::from_secs(1)), []);
    assert_eq!(world.open(), 0);
}

#[test]
fn server_that_does_not_answer_is_unreachable_in_time() {
    let mut world = World::new("10.0.0.77:9000");
    world.server.resolve(&mut world.device, None);
    assert_eq!(world.report(), ServerReport::Resolved);
    world.server.connect(world.now, &mut world.device, None);
    let reports = world.run(Duration::from_secs(30));
    let late = ServerReport::Unreachable {
        code: Errno::ETIMEDOUT as i32,
    };
    assert_eq!(reports, [(CONNECT_TIMEOUT.as_secs(), late)]);
}

#[test]
fn lost_connection_is_noticed_whatever_ends_it() {
    let mut world = World::new("10.0.0.1:9000");
    let socket = world.connect();
    world.peer_socket(socket).close();
    assert_eq!(
        world.report(),
        ServerReport::Lost {
            code: Errno::ESHUTDOWN as i32
        }
    );

    let socket = world.connect();
    world.peer_socket(socket).abort();
    assert_eq!(
        world.report(),
        ServerReport::Lost {
            code: Errno::ECONNRESET as i32
        }
    );

    world.connect();
    assert_eq!(
        world.run(Duration::from_secs(120)),
        [],
        "keep-alive is answered"
    );
    world.is_wire_cut = true;
    let reports = world.run(Duration::from_secs(120));
    assert!(
        matches!(reports[..], [(25..=45, ServerReport::Lost { .. })]),
        "{reports:?}"
    );

    world.is_wire_cut = false;
    world.connect();
    world.device.clear_address();
    let reports = world.run(Duration::from_secs(60));
    assert!(
        matches!(reports[..], [(_, ServerReport::Lost { .. })]),
        "{reports:?}"
    );
}

#[test]
fn proxy_is_asked_with_credentials_and_makes_a_tunnel() {
    let mut world = World::new("elsewhere.test:443");
    let password = ProxyPassword::plaintext("secret").unwrap();
    let proxy = proxy().with_credentials("hub", Some(password)).unwrap();
    let (request, report) = world.ask_proxy(&proxy, "HTTP/1.0 200 Connection established\r\n\r\n");
    assert!(
        request.starts_with("CONNECT elsewhere.test:443 HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("Basic aHViOnNlY3JldA=="), "{request}");
    assert_eq!(report, ServerReport::Connected);
}

#[test]
fn refusals_of_a_proxy_are_distinguished() {
    for (answer, report) in [
        (
            "HTTP/1.0 407 Authenticate\r\n\r\n",
            ServerReport::ProxyRefused { code: 407 },
        ),
        (
            "HTTP/1.0 401 Unauthorized\r\n\r\n",
            ServerReport::ProxyRefused { code: 401 },
        ),
        (
            "HTTP/1.0 403 Forbidden\r\n\r\n",
            ServerReport::Unreachable { code: 403 },
        ),
        (
            "HTTP/1.0 500 No such host\r\n\r\n",
            ServerReport::Unreachable { code: 500 },
        ),
        (
            "220 mail.test ESMTP\r\n",
            ServerReport::ProxyUnreachable {
                code: Errno::EPROTO as i32,
            },
        ),
    ] {
        let mut world = World::new("elsewhere.test:443");
        assert_eq!(world.ask_proxy(&proxy(), answer).1, report, "{answer}");
        assert_eq!(world.run(Duration::from_secs(60)), []);
    }
}

#[test]
fn proxy_that_hangs_up_or_says_nothing_is_unreachable() {
    let mut world = World::new("elsewhere.test:443");
    let socket = world.reach_proxy(&proxy());
    world.peer_socket(socket).close();
    world
        .server
        .connect(world.now, &mut world.device, Some(&proxy()));
    let code = Errno::ECONNRESET as i32;
    assert_eq!(world.report(), ServerReport::ProxyUnreachable { code });

    world.reach_proxy(&proxy());
    world
        .server
        .connect(world.now, &mut world.device, Some(&proxy()));
    let reports = world.run(Duration::from_secs(60));
    let late = ServerReport::ProxyUnreachable {
        code: Errno::ETIMEDOUT as i32,
    };
    assert_eq!(reports, [(TUNNEL_TIMEOUT.as_secs(), late)]);
}

#[test]
fn proxy_that_is_not_there_is_unreachable() {
    let mut world = World::new("elsewhere.test:443");
    world.server.resolve(&mut world.device, Some(&proxy()));
    assert_eq!(world.report(), ServerReport::Resolved);
    world
        .server
        .reach_proxy(world.now, &mut world.device, &proxy());
    let code = Errno::ECONNREFUSED as i32;
    assert_eq!(world.report(), ServerReport::ProxyUnreachable { code });
}

#[test]
fn an_end_leaves_nothing_to_report_and_nothing_open() {
    let mut world = World::new("silent.test:9000");
    world.server.resolve(&mut world.device, None);
    world.server.disconnect(&mut world.device);
    assert_eq!(world.run(Duration::from_secs(30)), []);

    let mut world = World::new("10.0.0.77:9000");
    for _ in 0..10 {
        world.server.resolve(&mut world.device, None);
        world.server.connect(world.now, &mut world.device, None);
        world.server.disconnect(&mut world.device);
        assert!(world.open() <= MAX_CLOSING);
    }
    assert_eq!(world.run(Duration::from_secs(30)), []);
}
