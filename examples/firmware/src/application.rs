//! What the device is for: it sends every datagram back to where it came from, keeps a connection
//! to its server, and tells of its states.

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

/// The port at which datagrams are sent back.
const PORT: u16 = 20_001;
/// Datagrams on their way back.
const ECHOES: usize = 4;
const MAX_PAYLOAD: usize = 1472;
/// Between two reports of the rate limit.
const REPORT_GAP: Duration = Duration::from_secs(1);
const GREETING: &[u8] = b"this is the device\n";
const FAREWELL: &[u8] = b"goodbye\n";
/// By this byte, ASCII's end of transmission, the server sends the device away.
const END: u8 = 4;
/// How long the farewell may take to arrive.
const FLUSH: Option<Span> = Span::from_secs(5);
/// After the connection was given up or ended: when the server is called again.
const CALL_GAP: Duration = Duration::from_secs(60);

/// One interface, a handle on it, a socket for each port, and notices on their way.
pub type Device = Manager<1, 1, PORTS, 8>;

pub struct Application {
    handle: Handle,
    socket: Option<SocketId>,
    echoes: Deque<Echo, ECHOES>,
    /// Address and subnet when they were last looked at.
    own: Option<Prefix>,
    /// The state of the server connection when it was last looked at.
    server: ServerState,
    /// When to call the server.
    call_at: Option<Instant>,
    /// Echoes that the rate limit has refused since that was told.
    refused: u32,
    refused_told: Instant,
    /// Whether a state has changed since they were last looked at.
    changed: bool,
}

struct Echo {
    to: SocketAddrV4,
    payload: Vec<u8, MAX_PAYLOAD>,
}

impl Application {
    /// Opens the interface, and calls the server if there is one.
    pub fn start(
        device: &mut Device,
        now: Instant,
        nic: &Nic,
        calls: bool,
    ) -> Result<Self, OpenError> {
        let handle = device.open(now, nic)?;
        // This application goes on without its server: it wants to be told, not suspended.
        device.set_policy(now, Policy::ReturnOnError);
        Ok(Self {
            handle,
            socket: None,
            echoes: Deque::new(),
            own: None,
            server: device.server_state(),
            call_at: calls.then_some(now),
            refused: 0,
            refused_told: now,
            changed: false,
        })
    }

    /// Takes what the manager has to tell. Answers have to wait: the manager is busy.
    pub fn take(&mut self, now: Instant, delivery: Delivery<'_>) {
        match delivery {
            Delivery::Datagram(_, datagram) => self.take_datagram(datagram),
            Delivery::Notice(notice) => {
                tell(now, notice);
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

    /// Does what is to be done; tells whether there was anything.
    pub fn run(&mut self, device: &mut Device, backend: &mut Firmware, now: Instant) -> bool {
        let mut busy = false;
        if core::mem::take(&mut self.changed) {
            self.look(device, backend, now);
            busy = true;
        }
        while let Some(echo) = self.echoes.pop_front() {
            self.send_back(device, backend, now, &echo);
            busy = true;
        }
        if self.call_at.is_some_and(|at| at <= now) {
            self.call_at = None;
            // Its one result comes as a notice.
            if let Err(error) = device.connect(now, None) {
                hprintln!("{} server: not called, {}", Uptime(now), error);
            }
            busy = true;
        }
        busy | self.listen(device, backend, now)
    }

    /// When it has something to do if nothing comes before.
    pub const fn poll_at(&self) -> Option<Instant> {
        self.call_at
    }

    fn take_datagram(&mut self, datagram: Datagram<'_>) {
        // One that does not fit is lost, as any datagram may be.
        if let Ok(payload) = Vec::from_slice(datagram.payload) {
            let to = datagram.source;
            let _ = self.echoes.push_back(Echo { to, payload });
        }
    }

    /// Looks at the states, after one has changed.
    fn look(&mut self, device: &mut Device, backend: &mut Firmware, now: Instant) {
        if self.socket.is_none() {
            self.open_socket(device, now);
        }
        let own = device
            .ip_config(InterfaceId::ETHERNET)
            .map(|ip| ip.prefix());
        let before = core::mem::replace(&mut self.own, own);
        if let Some(own) = own.filter(|_| own != before) {
            hprintln!("address: {}/{}", own.address(), own.length());
        }
        let before = core::mem::replace(&mut self.server, device.server_state());
        match self.server {
            state if state == before => {}
            ServerState::Connected => backend.stack.say_to_server(GREETING),
            ServerState::Disconnected => self.call_at = Some(now.saturating_add(CALL_GAP)),
            _ => {}
        }
    }

    fn open_socket(&mut self, device: &mut Device, now: Instant) {
        // An interface that is stopped refuses: the next change of state asks again.
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
            Ok(()) if self.refused > 0 => self.tell_refused(now),
            Ok(()) => {}
            Err(SendError::WouldBlock(_)) => self.refused += 1,
            Err(error) => hprintln!("not sent: {}", error),
        }
    }

    /// Tells how many echoes were refused, once in a while.
    fn tell_refused(&mut self, now: Instant) {
        if now.saturating_duration_since(self.refused_told) >= REPORT_GAP {
            hprintln!("rate limit: {} not sent", self.refused);
            self.refused = 0;
            self.refused_told = now;
        }
    }

    /// Hears what the server has to say, and leaves when it is sent away.
    fn listen(&mut self, device: &mut Device, backend: &mut Firmware, now: Instant) -> bool {
        let mut sent_away = false;
        let heard = backend.stack.hear_server(|bytes| {
            sent_away |= bytes.contains(&END);
        });
        if sent_away {
            backend.stack.say_to_server(FAREWELL);
            device.disconnect(now, FLUSH);
        }
        heard
    }
}

/// Tells the user what the manager has to tell.
fn tell(now: Instant, notice: Notice) {
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

/// The backend's own code, where there is one.
struct Code(Option<i32>);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => write!(f, ", code {code}"),
            None => Ok(()),
        }
    }
}
