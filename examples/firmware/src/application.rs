//! What the device is for: it sends every datagram back to where it came from, greets its server,
//! and tells of its states.

use core::net::SocketAddrV4;

use cortex_m_semihosting::hprintln;
use heapless::{Deque, Vec};
use lankeeper::{
    Datagram, Delivery, Duration, Handle, Instant, InterfaceId, Manager, Nic, Notice, OpenError,
    SendError, SocketId, send,
};

use crate::backend::Firmware;
use crate::server::News;
use crate::stack::PORTS;

/// The port at which datagrams are sent back.
const PORT: u16 = 20_001;
/// Datagrams on their way back.
const ECHOES: usize = 4;
const MAX_PAYLOAD: usize = 1472;
/// Between two reports of the rate limit.
const REPORT_GAP: Duration = Duration::from_secs(1);
const GREETING: &[u8] = b"this is the device\n";

/// One interface, a handle on it, a socket for each port, and notices on their way.
pub type Device = Manager<1, 1, PORTS, 8>;

pub struct Application {
    handle: Handle,
    socket: Option<SocketId>,
    echoes: Deque<Echo, ECHOES>,
    server: Option<SocketAddrV4>,
    /// Echoes that the rate limit has refused since that was told.
    refused: u32,
    refused_told: Instant,
    /// Whether the state has changed since it was last looked at.
    changed: bool,
}

struct Echo {
    to: SocketAddrV4,
    payload: Vec<u8, MAX_PAYLOAD>,
}

impl Application {
    /// Opens the interface.
    pub fn start(
        device: &mut Device,
        now: Instant,
        nic: &Nic,
        server: Option<SocketAddrV4>,
    ) -> Result<Self, OpenError> {
        let handle = device.open(now, nic)?;
        Ok(Self {
            handle,
            socket: None,
            echoes: Deque::new(),
            server,
            refused: 0,
            refused_told: now,
            changed: false,
        })
    }

    /// Takes what the manager has to tell. Answers have to wait: the manager is busy.
    pub fn take(&mut self, delivery: Delivery<'_>) {
        match delivery {
            Delivery::Datagram(_, datagram) => self.take_datagram(datagram),
            Delivery::Notice(Notice::StateChanged {
                interface,
                state,
                reason,
            }) => {
                match reason {
                    None => hprintln!("{}: {} ({})", interface, state, state.code()),
                    Some(reason) => {
                        hprintln!("{}: {} ({}), {}", interface, state, state.code(), reason)
                    }
                }
                self.changed = true;
            }
            Delivery::Notice(Notice::AddressChanged { .. } | Notice::Lagged(_)) => {
                self.changed = true;
            }
            Delivery::Notice(Notice::SocketClosed { .. }) => self.socket = None,
            Delivery::Notice(_) => {}
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
        while let Some(news) = backend.stack.with_server(|server, socket, _| {
            let news = server.next_news(socket);
            if news == Some(News::Connected) {
                let _ = socket.send_slice(GREETING);
            }
            news
        }) {
            hprintln!("server: {:?}", news);
            busy = true;
        }
        busy
    }

    fn take_datagram(&mut self, datagram: Datagram<'_>) {
        // One that does not fit is lost, as any datagram may be.
        if let Ok(payload) = Vec::from_slice(datagram.payload) {
            let to = datagram.source;
            let _ = self.echoes.push_back(Echo { to, payload });
        }
    }

    /// Looks at the state, after it has changed.
    fn look(&mut self, device: &mut Device, backend: &mut Firmware, now: Instant) {
        if self.socket.is_none() {
            self.open_socket(device, now);
        }
        if let Some(ip) = device.ip_config(InterfaceId::ETHERNET) {
            hprintln!("address: {}/{}", ip.address(), ip.prefix().length());
            if let Some(to) = self.server {
                backend
                    .stack
                    .with_server(|server, socket, context| server.connect(socket, context, to));
            }
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
}
