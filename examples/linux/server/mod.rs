//! The way to the server, step by step: resolve a name, reach the proxy if there is one, connect,
//! notice when the connection is gone. Each step is begun by a call and ends in one report. The codes
//! in the reports are those of the system's errors, or of HTTP as they stand.

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

/// How long a TCP connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a proxy may take to answer: it has to reach the server first.
const ANSWER: Duration = Duration::from_secs(20);
/// How often a silent server is asked for a sign of life, and when it is taken for gone.
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(35);

/// The size of the buffers of the connection, in bytes, each way.
const BUFFER: usize = 4096;
/// The lowest port of those that the operating system may choose (RFC 6335).
const EPHEMERAL: u16 = 49_152;
/// Connections that may be on their way to their end.
const LEAVING: usize = 4;

/// The one connection to the server.
pub struct Server {
    endpoint: Endpoint,
    phase: Phase,
    /// What is to be reported before anything else happens.
    report: Option<ServerReport>,
    resolver: Option<SocketHandle>,
    /// Connections that are over for us, until their last packets are out.
    leaving: Vec<SocketHandle>,
    local_port: u16,
}

/// How far the way is gone.
enum Phase {
    Nowhere,
    Resolving(QueryHandle),
    Resolved(Ipv4Addr),
    Reaching(Peer, Connection),
    ProxyReached(SocketHandle),
    Asking(Connection, Request, Vec<u8>),
    Connected(SocketHandle),
    Flushing(SocketHandle),
}

/// Whom a TCP connection goes to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peer {
    Proxy,
    Server,
}

/// A TCP connection that has until then.
struct Connection {
    socket: SocketHandle,
    until: Instant,
}

impl Server {
    /// A server that nobody is connected to.
    pub fn new(endpoint: Endpoint) -> Self {
        // A port used shortly before a restart is still remembered at the other end.
        let [low, high, ..] = random().to_le_bytes();
        Self {
            endpoint,
            phase: Phase::Nowhere,
            report: None,
            resolver: None,
            leaving: Vec::new(),
            local_port: EPHEMERAL | u16::from_le_bytes([low, high]),
        }
    }

    /// Begins to look up the name of the proxy, or without one that of the server: `Resolved` or
    /// `NotResolved`.
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
            Host::Name(name) => self.ask(stack, name).map(Phase::Resolving),
        };
        match result {
            Ok(phase) => self.phase = phase,
            Err(errno) => self.report = Some(ServerReport::NotResolved { code: errno as i32 }),
        }
    }

    /// Begins to open a TCP connection to the proxy that was resolved: `ProxyReached` or
    /// `ProxyUnreachable`.
    pub fn reach_proxy<C: NetworkCard>(
        &mut self,
        now: Instant,
        stack: &mut Stack<C>,
        proxy: &ProxySettings,
    ) {
        self.reach(now, stack, Peer::Proxy, proxy.port());
    }

    /// Begins to connect to the server that was resolved, or through the proxy that was reached:
    /// `Connected`, `Unreachable`, `ProxyRefused` or `ProxyUnreachable`. Afterwards `Lost`.
    pub fn connect<C: NetworkCard>(
        &mut self,
        now: Instant,
        stack: &mut Stack<C>,
        proxy: Option<&ProxySettings>,
    ) {
        let Some(proxy) = proxy else {
            self.reach(now, stack, Peer::Server, self.endpoint.port);
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
                let until = now.saturating_add(ANSWER);
                self.phase = Phase::Asking(Connection { socket, until }, request, Vec::new());
            }
            Err(_) => {
                self.report = Some(ServerReport::Fault {
                    code: Errno::ENOKEY as i32,
                })
            }
        }
    }

    /// Begins to wait until all that was sent has arrived: `Flushed`.
    pub fn flush(&mut self) {
        match self.phase {
            Phase::Connected(socket) => self.phase = Phase::Flushing(socket),
            _ => self.report = Some(ServerReport::Flushed),
        }
    }

    /// Ends whatever was begun. Nothing is reported.
    pub fn disconnect<C: NetworkCard>(&mut self, stack: &mut Stack<C>) {
        self.report = None;
        match core::mem::replace(&mut self.phase, Phase::Nowhere) {
            Phase::Nowhere | Phase::Resolved(_) => {}
            Phase::Resolving(query) => {
                if let Some(resolver) = self.resolver {
                    let socket = stack.sockets.get_mut::<dns::Socket>(resolver);
                    socket.cancel_query(query);
                }
            }
            Phase::Reaching(_, Connection { socket, .. })
            | Phase::Asking(Connection { socket, .. }, ..) => {
                stack.sockets.get_mut::<tcp::Socket>(socket).abort();
                self.leave(stack, socket);
            }
            Phase::ProxyReached(socket) | Phase::Connected(socket) | Phase::Flushing(socket) => {
                stack.sockets.get_mut::<tcp::Socket>(socket).close();
                self.leave(stack, socket);
            }
        }
    }

    /// What there is to report at `now`, after the stack was polled.
    pub fn next_report<C: NetworkCard>(
        &mut self,
        now: Instant,
        stack: &mut Stack<C>,
    ) -> Option<ServerReport> {
        self.bury(stack);
        if let Some(report) = self.report.take() {
            return Some(report);
        }
        match &mut self.phase {
            // Whether the proxy is still there shows when it is asked.
            Phase::Nowhere | Phase::Resolved(_) | Phase::ProxyReached(_) => None,
            Phase::Resolving(query) => {
                let query = *query;
                self.look_up(stack, query)
            }
            Phase::Reaching(peer, connection) => {
                let (peer, socket) = (*peer, connection.socket);
                let is_late = now >= connection.until;
                self.look_at_handshake(stack, peer, socket, is_late)
            }
            Phase::Asking(connection, request, answer) => {
                let socket = stack.sockets.get_mut::<tcp::Socket>(connection.socket);
                let report = ask_proxy(socket, request, answer, now >= connection.until)?;
                self.finish_asking(stack, report);
                Some(report)
            }
            Phase::Connected(socket) | Phase::Flushing(socket) => {
                let socket = *socket;
                self.look_at_connection(stack, socket)
            }
        }
    }

    /// When there will be something to report if nothing comes in before.
    pub fn poll_at(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Reaching(_, connection) | Phase::Asking(connection, ..) => {
                Some(connection.until)
            }
            _ => None,
        }
    }

    /// Asks the name servers that came with the address.
    fn ask<C: NetworkCard>(
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

    fn look_up<C: NetworkCard>(
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
                self.phase = Phase::Nowhere;
                Some(ServerReport::NotResolved {
                    code: Errno::ENOENT as i32,
                })
            }
        }
    }

    fn reach<C: NetworkCard>(&mut self, now: Instant, stack: &mut Stack<C>, peer: Peer, port: u16) {
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
                let until = now.saturating_add(CONNECT);
                self.phase = Phase::Reaching(peer, Connection { socket, until });
            }
            // There is no address, or port 0 was asked for.
            Err(_) => self.report = Some(unreachable),
        }
    }

    fn look_at_handshake<C: NetworkCard>(
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
                self.settle(stack, socket);
                return Some(ServerReport::Connected);
            }
        };
        self.disconnect(stack);
        Some(peer.unreachable(errno))
    }

    fn finish_asking<C: NetworkCard>(&mut self, stack: &mut Stack<C>, report: ServerReport) {
        match &self.phase {
            Phase::Asking(connection, ..) if report == ServerReport::Connected => {
                let socket = connection.socket;
                self.settle(stack, socket);
            }
            _ => self.disconnect(stack),
        }
    }

    /// The connection stands: from now on a silent server is noticed.
    fn settle<C: NetworkCard>(&mut self, stack: &mut Stack<C>, socket: SocketHandle) {
        let connection = stack.sockets.get_mut::<tcp::Socket>(socket);
        connection.set_keep_alive(Some(wire_span(KEEP_ALIVE)));
        connection.set_timeout(Some(wire_span(SILENCE)));
        self.phase = Phase::Connected(socket);
    }

    fn look_at_connection<C: NetworkCard>(
        &mut self,
        stack: &mut Stack<C>,
        handle: SocketHandle,
    ) -> Option<ServerReport> {
        let socket = stack.sockets.get_mut::<tcp::Socket>(handle);
        // What the server says is nothing to an example that only stays connected.
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
            // Reset, or silent for too long, or the address is gone.
            tcp::State::Closed => Errno::ECONNRESET,
            // The server has said goodbye.
            _ => Errno::ESHUTDOWN,
        };
        self.disconnect(stack);
        Some(ServerReport::Lost { code: errno as i32 })
    }

    /// A connection is over for us. Should too many linger, the oldest is forgotten.
    fn leave<C: NetworkCard>(&mut self, stack: &mut Stack<C>, socket: SocketHandle) {
        self.leaving.push(socket);
        if self.leaving.len() > LEAVING {
            stack.sockets.remove(self.leaving.remove(0));
        }
    }

    /// Removes what has sent its last packet.
    fn bury<C: NetworkCard>(&mut self, stack: &mut Stack<C>) {
        self.leaving.retain(|handle| {
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

/// Sends what is left of the request, reads the answer; what it comes to, if it is complete.
fn ask_proxy(
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

/// smoltcp's own form of a span of time.
fn wire_span(span: Duration) -> smoltcp::time::Duration {
    smoltcp::time::Duration::from_micros(span.as_micros())
}
