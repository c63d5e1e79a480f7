//! The application: it echoes every datagram, keeps a connection to its server, and prints state
//! changes.

use core::fmt;

use cortex_m_semihosting::hprintln;
use lankeeper::{
    ConnectOutcome, Delivery, Duration, Error, Instant, InterfaceId, Manager, Nic, Notice,
    SendError, ServerState, Span, State,
};

use crate::backend::Firmware;
use crate::stack::PORTS;

/// The echo port.
const PORT: u16 = 20_001;
/// The shortest time between two messages about the rate limit.
const REPORT_GAP: Duration = Duration::from_secs(1);
const GREETING: &[u8] = b"this is the device\n";
const FAREWELL: &[u8] = b"goodbye\n";
/// The server ends the connection with this byte, ASCII's end of transmission.
const END: u8 = 4;
/// How long the farewell may take to arrive.
const FLUSH: Span = Span::secs::<5>();
/// How long to wait before calling the server again after it asked to disconnect.
const CALL_GAP: Duration = Duration::from_secs(60);

/// One interface, one handle, a socket for each port, a queue of eight notices, and no Wi-Fi.
pub type Device = Manager<1, 1, PORTS, 8, 0>;

pub struct Application {
    /// The state of the server connection that was handled last.
    server: ServerState,
    /// When to call the server.
    call_at: Option<Instant>,
    /// Echoes refused by the rate limit since the last message about it.
    refused: u32,
    refused_reported_at: Instant,
}

impl Application {
    /// Opens the interface and the echo port, and schedules the call to the server if there is one.
    pub fn start(device: &mut Device, now: Instant, has_server: bool) -> Result<Self, Error> {
        let handle = device.open(now, &Nic::named("eth0")?)?;
        device.udp_open(now, handle, PORT)?;
        hprintln!("echo: port {}", PORT);
        Ok(Self {
            server: device.server_state(),
            call_at: has_server.then_some(now),
            refused: 0,
            refused_reported_at: now,
        })
    }

    /// Handles a notice, or a datagram that lies in the buffer.
    pub fn handle(
        &mut self,
        device: &mut Device,
        backend: &mut Firmware,
        now: Instant,
        delivery: Delivery,
        buffer: &[u8],
    ) {
        match delivery {
            Delivery::Datagram {
                socket,
                from,
                length,
                ..
            } => match device.send_to(now, backend, socket, from, &buffer[..length]) {
                Ok(()) if self.refused > 0 => self.print_refused(now),
                Ok(()) => {}
                Err(SendError::WouldBlock(_)) => self.refused += 1,
                Err(error) => hprintln!("not sent: {}", error),
            },
            Delivery::Notice(notice) => {
                print_notice(device, now, notice);
                match notice {
                    Notice::ServerStateChanged { state } => self.handle_server(backend, now, state),
                    // The only state that must not be missed: the others are just printed.
                    Notice::Lagged(_) => self.handle_server(backend, now, device.server_state()),
                    _ => {}
                }
            }
        }
    }

    /// Calls the server when it is time, and reads what the server has sent.
    pub fn run(&mut self, device: &mut Device, backend: &mut Firmware, now: Instant) {
        if self.call_at.take_if(|at| *at <= now).is_some() {
            // The result arrives as a notice.
            if let Err(error) = device.connect(now, None) {
                hprintln!("{} server: not called, {}", Uptime(now), error);
            }
        }
        let mut end_requested = false;
        backend.stack.receive_from_server(|bytes| {
            end_requested |= bytes.contains(&END);
        });
        // Disconnects when the server asks for it.
        if end_requested {
            backend.stack.send_to_server(FAREWELL);
            device.disconnect(now, Some(FLUSH));
        }
    }

    /// When to run again if nothing happens before.
    pub const fn poll_at(&self) -> Option<Instant> {
        self.call_at
    }

    /// Greets the server, or schedules the next call.
    fn handle_server(&mut self, backend: &mut Firmware, now: Instant, state: ServerState) {
        if core::mem::replace(&mut self.server, state) == state {
            return;
        }
        match state {
            ServerState::Connected => backend.stack.send_to_server(GREETING),
            ServerState::Disconnected => self.call_at = Some(now.saturating_add(CALL_GAP)),
            _ => {}
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
}

fn print_address(device: &Device) {
    if let Some(ip) = device.ip_config(InterfaceId::ETHERNET) {
        let address = ip.prefix();
        hprintln!("address: {}/{}", address.address(), address.length());
    }
}

/// Prints a notice.
fn print_notice(device: &Device, now: Instant, notice: Notice) {
    let at = Uptime(now);
    match notice {
        Notice::StateChanged {
            interface,
            state,
            reason,
        } => {
            let code = state.code();
            match reason {
                None => hprintln!("{} {}: {} ({})", at, interface, state, code),
                Some(why) => hprintln!("{} {}: {} ({}), {}", at, interface, state, code, why),
            }
            if state == State::Connected {
                print_address(device);
            }
        }
        Notice::AddressChanged { .. } => print_address(device),
        Notice::ServerStateChanged { state } => hprintln!("{} server: {}", at, state),
        Notice::ConnectEnded {
            interface,
            outcome,
            code,
            ..
        } => hprintln!(
            "{} server: called over {}, {}",
            at,
            interface,
            Ending(outcome, code)
        ),
        Notice::ServerLost {
            interface,
            outcome,
            code,
        } => hprintln!(
            "{} server: lost over {}, {}",
            at,
            interface,
            Ending(outcome, code)
        ),
        Notice::ServerBack { interface } => hprintln!("{} server: back over {}", at, interface),
        Notice::PersistFailed { code } => hprintln!("{} settings: not kept, code {}", at, code),
        Notice::BindFailed { code, .. } => hprintln!("{} echo: port not bound, code {}", at, code),
        Notice::SendFailed { to, code, .. } => {
            hprintln!("{} echo: not sent to {}, code {}", at, to, code)
        }
        Notice::StopFailed { interface, code } => {
            hprintln!("{} {}: not stopped, code {}", at, interface, code)
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

/// How a connection ended, with the backend's own code if there is one.
struct Ending(ConnectOutcome, Option<i32>);

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(outcome, code) = self;
        write!(f, "{outcome} ({})", outcome.code())?;
        match code {
            Some(code) => write!(f, ", code {code}"),
            None => Ok(()),
        }
    }
}
