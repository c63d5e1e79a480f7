//! The application: it echoes every datagram, keeps a connection to its server, and prints state
//! changes.

use core::fmt;
use core::net::SocketAddrV4;

use cortex_m_semihosting::hprintln;
use heapless::{Deque, Vec};
use lankeeper::{
    Datagram, Delivery, Duration, Handle, Instant, InterfaceId, Manager, Nic, Notice, OpenError,
    Policy, Prefix, SendError, ServerState, SocketId, Span, send,
};

use crate::backend::Firmware;
use crate::stack::PORTS;

/// The echo port.
const PORT: u16 = 20_001;
/// The most echoes waiting to be sent.
const ECHOES: usize = 4;
const MAX_PAYLOAD: usize = 1472;
/// The shortest time between two messages about the rate limit.
const REPORT_GAP: Duration = Duration::from_secs(1);
const GREETING: &[u8] = b"this is the device\n";
const FAREWELL: &[u8] = b"goodbye\n";
/// The server ends the connection with this byte, ASCII's end of transmission.
const END: u8 = 4;
/// How long the farewell may take to arrive.
const FLUSH: Option<Span> = Span::from_secs(5);
/// How long to wait before calling the server again after the connection was given up or ended.
const CALL_GAP: Duration = Duration::from_secs(60);

/// One interface, one handle, a socket for each port, and a queue of eight notices.
pub type Device = Manager<1, 1, PORTS, 8>;

pub struct Application {
    handle: Handle,
    socket: Option<SocketId>,
    echoes: Deque<Echo, ECHOES>,
    /// The address and subnet at the last check.
    address: Option<Prefix>,
    /// The state of the server connection at the last check.
    server: ServerState,
    /// When to call the server.
    call_at: Option<Instant>,
    /// Echoes refused by the rate limit since the last message about it.
    refused: u32,
    refused_reported_at: Instant,
    /// Whether a state has changed since the last check.
    changed: bool,
}

struct Echo {
    to: SocketAddrV4,
    payload: Vec<u8, MAX_PAYLOAD>,
}

impl Application {
    /// Opens the interface, and schedules the call to the server if there is one.
    pub fn start(
        device: &mut Device,
        now: Instant,
        nic: &Nic,
        has_server: bool,
    ) -> Result<Self, OpenError> {
        let handle = device.open(now, nic)?;
        // This application goes on without its server, so it wants errors reported.
        device.set_policy(now, Policy::ReturnOnError);
        Ok(Self {
            handle,
            socket: None,
            echoes: Deque::new(),
            address: None,
            server: device.server_state(),
            call_at: has_server.then_some(now),
            refused: 0,
            refused_reported_at: now,
            changed: false,
        })
    }

    /// Handles a notice or a datagram. Echoes have to wait, because `drive` borrows the manager.
    pub fn handle_delivery(&mut self, now: Instant, delivery: Delivery<'_>) {
        match delivery {
            Delivery::Datagram(_, datagram) => self.take_datagram(datagram),
            Delivery::Notice(notice) => {
                print_notice(now, notice);
                match notice {
                    Notice::StateChanged { .. }
                    | Notice::AddressChanged { .. }
                    | Notice::ServerStateChanged { .. }
                    | Notice::Lagged(_) => self.changed = true,
                    Notice::SocketClosed { .. } => self.socket = None,
                    _ => {}
                }
            }
        }
    }

    /// Does what is due; returns whether there was anything to do.
    pub fn run(&mut self, device: &mut Device, backend: &mut Firmware, now: Instant) -> bool {
        let mut busy = false;
        if core::mem::take(&mut self.changed) {
            self.check_states(device, backend, now);
            busy = true;
        }
        while let Some(echo) = self.echoes.pop_front() {
            self.send_back(device, backend, now, &echo);
            busy = true;
        }
        if self.call_at.is_some_and(|at| at <= now) {
            self.call_at = None;
            // The result arrives as a notice.
            if let Err(error) = device.connect(now, None) {
                hprintln!("{} server: not called, {}", Uptime(now), error);
            }
            busy = true;
        }
        busy | self.read_server(device, backend, now)
    }

    /// When to run again if nothing happens before.
    pub const fn poll_at(&self) -> Option<Instant> {
        self.call_at
    }

    fn take_datagram(&mut self, datagram: Datagram<'_>) {
        // A datagram that does not fit is dropped, as any network may do.
        if let Ok(payload) = Vec::from_slice(datagram.payload) {
            let to = datagram.source;
            let _ = self.echoes.push_back(Echo { to, payload });
        }
    }

    /// Checks the states after a change.
    fn check_states(&mut self, device: &mut Device, backend: &mut Firmware, now: Instant) {
        if self.socket.is_none() {
            self.open_socket(device, now);
        }
        let address = device
            .ip_config(InterfaceId::ETHERNET)
            .map(|ip| ip.prefix());
        let before = core::mem::replace(&mut self.address, address);
        if let Some(address) = address.filter(|_| address != before) {
            hprintln!("address: {}/{}", address.address(), address.length());
        }
        let before = core::mem::replace(&mut self.server, device.server_state());
        match self.server {
            state if state == before => {}
            ServerState::Connected => backend.stack.send_to_server(GREETING),
            ServerState::Disconnected => self.call_at = Some(now.saturating_add(CALL_GAP)),
            _ => {}
        }
    }

    fn open_socket(&mut self, device: &mut Device, now: Instant) {
        // A stopped interface refuses to open a socket; the next state change tries again.
        if let Ok(socket) = device.udp_open(now, self.handle, Some(PORT)) {
            self.socket = device
                .udp_set_receiving(now, socket, true)
                .is_ok()
                .then_some(socket);
            hprintln!("echo: port {}", PORT);
        }
    }

    fn send_back(
        &mut self,
        device: &mut Device,
        backend: &mut Firmware,
        now: Instant,
        echo: &Echo,
    ) {
        let Some(socket) = self.socket else { return };
        let (to, port) = (*echo.to.ip(), echo.to.port());
        match send(device, backend, now, socket, to, port, &echo.payload) {
            Ok(()) if self.refused > 0 => self.print_refused(now),
            Ok(()) => {}
            Err(SendError::WouldBlock(_)) => self.refused += 1,
            Err(error) => hprintln!("not sent: {}", error),
        }
    }

    /// Prints how many echoes were refused, at most once per `REPORT_GAP`.
    fn print_refused(&mut self, now: Instant) {
        if now.saturating_duration_since(self.refused_reported_at) >= REPORT_GAP {
            hprintln!("rate limit: {} not sent", self.refused);
            self.refused = 0;
            self.refused_reported_at = now;
        }
    }

    /// Reads what the server has sent, and disconnects when the server asks for it.
    fn read_server(&mut self, device: &mut Device, backend: &mut Firmware, now: Instant) -> bool {
        let mut end_requested = false;
        let received = backend.stack.receive_from_server(|bytes| {
            end_requested |= bytes.contains(&END);
        });
        if end_requested {
            backend.stack.send_to_server(FAREWELL);
            device.disconnect(now, FLUSH);
        }
        received
    }
}

/// Prints a notice.
fn print_notice(now: Instant, notice: Notice) {
    let at = Uptime(now);
    match notice {
        Notice::StateChanged {
            interface,
            state,
            reason,
        } => match reason {
            None => hprintln!("{} {}: {} ({})", at, interface, state, state.code()),
            Some(reason) => {
                hprintln!(
                    "{} {}: {} ({}), {}",
                    at,
                    interface,
                    state,
                    state.code(),
                    reason
                )
            }
        },
        Notice::ServerStateChanged { state } => hprintln!("{} server: {}", at, state),
        Notice::ConnectEnded {
            interface,
            outcome,
            code,
        } => hprintln!(
            "{} server: called over {}, {} ({}){}",
            at,
            interface,
            outcome,
            outcome.code(),
            Code(code)
        ),
        Notice::ServerLost {
            interface,
            outcome,
            code,
        } => hprintln!(
            "{} server: lost over {}, {} ({}){}",
            at,
            interface,
            outcome,
            outcome.code(),
            Code(code)
        ),
        Notice::PersistFailed { code } => {
            hprintln!("{} settings: not kept{}", at, Code(Some(code)));
        }
        _ => {}
    }
}

/// The time since boot, in seconds.
struct Uptime(Instant);

impl fmt::Display for Uptime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = self.0.as_micros() / 1000;
        write!(f, "{:4}.{:03}", millis / 1000, millis % 1000)
    }
}

/// The backend's own code, if there is one.
struct Code(Option<i32>);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, ", code {code}"),
            None => Ok(()),
        }
    }
}
