//! The connection to the server, step by step: resolve the name, connect to the proxy if there is
//! one, connect to the server, detect a loss. A call starts each step, and one report ends it.
//! Reports carry the system's error numbers or HTTP status codes.

#[cfg(test)]
mod tests;
mod tunnel;

use core::net::Ipv4Addr;

use lankeeper::{Duration, Instant, ProxySettings, ServerReport};
use nix::errno::Errno;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::dns::{self, GetQueryResultError, QueryHandle};
use smoltcp::socket::tcp;
use smoltcp::wire::{DnsQueryType, IpAddress};

use super::random;
use crate::endpoint::{Endpoint, Host};
use crate::stack::{NetworkCard, Stack};
use tunnel::{Answer, Request};

/// How long the TCP handshake may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the proxy may take to answer, because it connects to the server first.
const TUNNEL_TIMEOUT: Duration = Duration::from_secs(20);
/// The interval of keep-alive packets, and the silence after which the peer counts as dead.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const DEAD_AFTER: Duration = Duration::from_secs(35);

/// The size of each buffer of the connection, in bytes.
const BUFFER: usize = 4096;
/// The first ephemeral port (RFC 6335).
const EPHEMERAL: u16 = 49_152;
/// The most closing connections.
const MAX_CLOSING: usize = 4;

/// The only connection to the server.
pub struct Server {
    endpoint: Endpoint,
    phase: Phase,
    /// A report that is due before anything else.
    report: Option<ServerReport>,
    resolver: Option<SocketHandle>,
    /// Closed connections, until their last packets are sent.
    closing: Vec<SocketHandle>,
    local_port: u16,
}

/// The progress of the connection.
enum Phase {
    Idle,
    Resolving(QueryHandle),
    Resolved(Ipv4Addr),
    Connecting(Peer, Connection),
    ProxyReached(SocketHandle),
    OpeningTunnel(Connection, Request, Vec<u8>),
    Connected(SocketHandle),
    Flushing(SocketHandle),
}

/// The peer of a TCP connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peer {
    Proxy,
    Server,
}

/// A TCP connection with a deadline for the current step.
struct Connection {
    socket: SocketHandle,
    deadline: Instant,
}

impl Server {
    /// Creates a disconnected server.
    pub fn new(endpoint: Endpoint) -> Self {
        // A random start, because the peer may still remember a port used shortly before a restart.
        let [low, high, ..] = random().to_le_bytes();
        Self {
            endpoint,
            phase: Phase::Idle,
            report: None,
            resolver: None,
            closing: Vec::new(),
            local_port: EPHEMERAL | u16::from_le_bytes([low, high]),
        }
    }

    /// Starts to resolve the name of the proxy if there is one, otherwise of the server: `Resolved`
    /// or `NotResolved` follows.
    pub fn resolve<C: NetworkCard>(&mut self, stack: &mut Stack<C>, proxy: Option<&ProxySettings>) {
        self.disconnect(stack);
        let host = proxy
            .map_or_else(|| self.endpoint.clone(), Endpoint::from)
            .host;
        let result = match &host {
            Host::Ip(address) => {
                self.report = Some(ServerReport::Resolved);
                Ok(Phase::Resolved(*address))
            }
            Host::Name(name) => self.start_query(stack, name).map(Phase::Resolving),
        };
        match result {
            Ok(phase) => self.phase = phase,
            Err(errno) => self.report = Some(ServerReport::NotResolved { code: errno as i32 }),
        }
    }

    /// Starts to connect to the resolved proxy: `ProxyReached` or `ProxyUnreachable` follows.
    pub fn reach_proxy<C: NetworkCard>(
        &mut self,
        now: Instant,
        stack: &mut Stack<C>,
        proxy: &ProxySettings,
    ) {
        self.connect_to(now, stack, Peer::Proxy, proxy.port());
    }

    /// Starts to connect to the resolved server, or through the proxy: `Connected`, `Unreachable`,
    /// `ProxyRefused` or `ProxyUnreachable` follows, and later `Lost`.
    pub fn connect<C: NetworkCard>(
        &mut self,
        now: Instant,
        stack: &mut Stack<C>,
        proxy: Option<&ProxySettings>,
    ) {
        let Some(proxy) = proxy else {
            self.connect_to(now, stack, Peer::Server, self.endpoint.port);
            return;
        };
        let Phase::ProxyReached(socket) = self.phase else {
            self.report = Some(ServerReport::ProxyUnreachable {
                code: Errno::ENOTCONN as i32,
            });
            return;
        };
        match Request::new(&self.endpoint, proxy) {
            Ok(request) => {
                let deadline = now.saturating_add(TUNNEL_TIMEOUT);
                self.phase =
                    Phase::OpeningTunnel(Connection { socket, deadline }, request, Vec::new());
            }
            Err(_) => {
                self.report = Some(ServerReport::Fault {
                    code: Errno::ENOKEY as i32,
                })
            }
        }
    }

    /// Starts to wait until all sent data is acknowledged: `Flushed` follows.
    pub fn flush(&mut self) {
        match self.phase {
            Phase::Connected(socket) => self.phase = Phase::Flushing(socket),
            _ => self.report = Some(ServerReport::Flushed),
        }
    }

    /// Ends whatever is in progress, without a report.
    pub fn disconnect<C: NetworkCard>(&mut self, stack: &mut Stack<C>) {
        self.report = None;
        match core::mem::replace(&mut self.phase, Phase::Idle) {
            Phase::Idle | Phase::Resolved(_) => {}
            Phase::Resolving(query) => {
                if let Some(resolver) = self.resolver {
                    let socket = stack.sockets.get_mut::<dns::Socket>(resolver);
                    socket.cancel_query(query);
                }
            }
            Phase::Connecting(_, Connection { socket, .. })
            | Phase::OpeningTunnel(Connection { socket, .. }, ..) => {
                stack.sockets.get_mut::<tcp::Socket>(socket).abort();
                self.start_closing(stack, socket);
            }
            Phase::ProxyReached(socket) | Phase::Connected(socket) | Phase::Flushing(socket) => {
                stack.sockets.get_mut::<tcp::Socket>(socket).close();
                self.start_closing(stack, socket);
            }
        }
    }

    /// Returns the report that is due at `now`; call this after polling the stack.
    pub fn next_report<C: NetworkCard>(
        &mut self,
        now: Instant,
        stack: &mut Stack<C>,
    ) -> Option<ServerReport> {
        self.remove_closed(stack);
        if let Some(report) = self.report.take() {
            return Some(report);
        }
        match &mut self.phase {
            // A proxy that disappears here is detected when the tunnel is opened.
            Phase::Idle | Phase::Resolved(_) | Phase::ProxyReached(_) => None,
            Phase::Resolving(query) => {
                let query = *query;
                self.check_query(stack, query)
            }
            Phase::Connecting(peer, connection) => {
                let (peer, socket) = (*peer, connection.socket);
                let is_late = now >= connection.deadline;
                self.check_handshake(stack, peer, socket, is_late)
            }
            Phase::OpeningTunnel(connection, request, answer) => {
                let socket = stack.sockets.get_mut::<tcp::Socket>(connection.socket);
                let report = open_tunnel(socket, request, answer, now >= connection.deadline)?;
                self.finish_tunnel(stack, report);
                Some(report)
            }
            Phase::Connected(socket) | Phase::Flushing(socket) => {
                let socket = *socket;
                self.check_connection(stack, socket)
            }
        }
    }

    /// When the next report is due if no frame comes before.
    pub fn poll_at(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Connecting(_, connection) | Phase::OpeningTunnel(connection, ..) => {
                Some(connection.deadline)
            }
            _ => None,
        }
    }

    /// Queries the name servers that came with the address.
    fn start_query<C: NetworkCard>(
        &mut self,
        stack: &mut Stack<C>,
        name: &str,
    ) -> Result<QueryHandle, Errno> {
        let servers: Vec<IpAddress> = stack.name_servers.iter().map(|it| (*it).into()).collect();
        if servers.is_empty() {
            return Err(Errno::EHOSTUNREACH);
        }
        let resolver = *self
            .resolver
            .get_or_insert_with(|| stack.sockets.add(dns::Socket::new(&[], Vec::new())));
        let socket = stack.sockets.get_mut::<dns::Socket>(resolver);
        socket.update_servers(&servers);
        socket
            .start_query(stack.interface.context(), name, DnsQueryType::A)
            .map_err(|_| Errno::EINVAL)
    }

    fn check_query<C: NetworkCard>(
        &mut self,
        stack: &mut Stack<C>,
        query: QueryHandle,
    ) -> Option<ServerReport> {
        let socket = stack.sockets.get_mut::<dns::Socket>(self.resolver?);
        let found = match socket.get_query_result(query) {
            Err(GetQueryResultError::Pending) => return None,
            Err(GetQueryResultError::Failed) => None,
            Ok(addresses) => addresses.first().map(|IpAddress::Ipv4(address)| *address),
        };
        match found {
            Some(address) => {
                self.phase = Phase::Resolved(address);
                Some(ServerReport::Resolved)
            }
            None => {
                self.phase = Phase::Idle;
                Some(ServerReport::NotResolved {
                    code: Errno::ENOENT as i32,
                })
            }
        }
    }

    fn connect_to<C: NetworkCard>(
        &mut self,
        now: Instant,
        stack: &mut Stack<C>,
        peer: Peer,
        port: u16,
    ) {
        let unreachable = peer.unreachable(Errno::EHOSTUNREACH);
        let Phase::Resolved(address) = self.phase else {
            self.report = Some(unreachable);
            return;
        };
        let buffer = || tcp::SocketBuffer::new(vec![0; BUFFER]);
        let mut socket = tcp::Socket::new(buffer(), buffer());
        self.local_port = EPHEMERAL | self.local_port.wrapping_add(1);
        let context = stack.interface.context();
        match socket.connect(context, (address, port), self.local_port) {
            Ok(()) => {
                let socket = stack.sockets.add(socket);
                let deadline = now.saturating_add(CONNECT_TIMEOUT);
                self.phase = Phase::Connecting(peer, Connection { socket, deadline });
            }
            // There is no address, or the port is 0.
            Err(_) => self.report = Some(unreachable),
        }
    }

    fn check_handshake<C: NetworkCard>(
        &mut self,
        stack: &mut Stack<C>,
        peer: Peer,
        socket: SocketHandle,
        is_late: bool,
    ) -> Option<ServerReport> {
        let errno = match stack.sockets.get::<tcp::Socket>(socket).state() {
            tcp::State::SynSent | tcp::State::SynReceived if is_late => Errno::ETIMEDOUT,
            tcp::State::SynSent | tcp::State::SynReceived => return None,
            tcp::State::Closed => Errno::ECONNREFUSED,
            _ if peer == Peer::Proxy => {
                self.phase = Phase::ProxyReached(socket);
                return Some(ServerReport::ProxyReached);
            }
            _ => {
                self.set_connected(stack, socket);
                return Some(ServerReport::Connected);
            }
        };
        self.disconnect(stack);
        Some(peer.unreachable(errno))
    }

    fn finish_tunnel<C: NetworkCard>(&mut self, stack: &mut Stack<C>, report: ServerReport) {
        match &self.phase {
            Phase::OpeningTunnel(connection, ..) if report == ServerReport::Connected => {
                let socket = connection.socket;
                self.set_connected(stack, socket);
            }
            _ => self.disconnect(stack),
        }
    }

    /// Marks the connection as established and turns on keep-alive.
    fn set_connected<C: NetworkCard>(&mut self, stack: &mut Stack<C>, socket: SocketHandle) {
        let connection = stack.sockets.get_mut::<tcp::Socket>(socket);
        connection.set_keep_alive(Some(smoltcp_duration(KEEP_ALIVE)));
        connection.set_timeout(Some(smoltcp_duration(DEAD_AFTER)));
        self.phase = Phase::Connected(socket);
    }

    fn check_connection<C: NetworkCard>(
        &mut self,
        stack: &mut Stack<C>,
        handle: SocketHandle,
    ) -> Option<ServerReport> {
        let socket = stack.sockets.get_mut::<tcp::Socket>(handle);
        // Discards what the server sends: this example only stays connected.
        let _ = socket.recv(|bytes| (bytes.len(), ()));
        let errno = match socket.state() {
            tcp::State::Established => {
                let is_flushed = socket.send_queue() == 0;
                return match self.phase {
                    Phase::Flushing(_) if is_flushed => {
                        self.phase = Phase::Connected(handle);
                        Some(ServerReport::Flushed)
                    }
                    _ => None,
                };
            }
            // The connection was reset or timed out, or the address has gone.
            tcp::State::Closed => Errno::ECONNRESET,
            // The server has closed the connection.
            _ => Errno::ESHUTDOWN,
        };
        self.disconnect(stack);
        Some(ServerReport::Lost { code: errno as i32 })
    }

    /// Keeps a socket until it is closed. If there are too many, the oldest one is dropped.
    fn start_closing<C: NetworkCard>(&mut self, stack: &mut Stack<C>, socket: SocketHandle) {
        self.closing.push(socket);
        if self.closing.len() > MAX_CLOSING {
            stack.sockets.remove(self.closing.remove(0));
        }
    }

    /// Removes sockets that have sent their last packet.
    fn remove_closed<C: NetworkCard>(&mut self, stack: &mut Stack<C>) {
        self.closing.retain(|handle| {
            let socket = stack.sockets.get::<tcp::Socket>(*handle);
            let is_over = !socket.is_open() && socket.local_endpoint().is_none();
            if is_over {
                stack.sockets.remove(*handle);
            }
            !is_over
        });
    }
}

impl Peer {
    fn unreachable(self, errno: Errno) -> ServerReport {
        match self {
            Self::Proxy => ServerReport::ProxyUnreachable { code: errno as i32 },
            Self::Server => ServerReport::Unreachable { code: errno as i32 },
        }
    }
}

/// Sends the rest of the request and reads the answer; returns a report once the answer is
/// complete.
fn open_tunnel(
    socket: &mut tcp::Socket<'_>,
    request: &mut Request,
    answer: &mut Vec<u8>,
    is_late: bool,
) -> Option<ServerReport> {
    if let Ok(sent) = socket.send_slice(request.rest()) {
        request.sent(sent);
    }
    let _ = socket.recv(|bytes| (bytes.len(), answer.extend_from_slice(bytes)));
    match Answer::read(answer) {
        Answer::Established => Some(ServerReport::Connected),
        Answer::Unauthorised(status) => Some(ServerReport::ProxyRefused {
            code: status.into(),
        }),
        Answer::Refused(status) => Some(ServerReport::Unreachable {
            code: status.into(),
        }),
        Answer::Unreadable => Some(ServerReport::ProxyUnreachable {
            code: Errno::EPROTO as i32,
        }),
        Answer::Incomplete if !socket.may_recv() => Some(ServerReport::ProxyUnreachable {
            code: Errno::ECONNRESET as i32,
        }),
        Answer::Incomplete if is_late => Some(ServerReport::ProxyUnreachable {
            code: Errno::ETIMEDOUT as i32,
        }),
        Answer::Incomplete => None,
    }
}

/// Converts a duration to smoltcp's type.
fn smoltcp_duration(duration: Duration) -> smoltcp::time::Duration {
    smoltcp::time::Duration::from_micros(duration.as_micros())
}
