//! The backend: carries out lankeeper's commands with the stack and the Ethernet controller.
//!
//! It decides nothing. Each command becomes one or two calls, and each event carries the generation
//! of its command.

use core::net::SocketAddrV4;

use lankeeper::{
    Action, Backend, Command, Datagram, Event, Generation, Instant, InterfaceId, Report,
    ServerAction, ServerReport,
};
use smoltcp::wire::Ipv4Cidr;

use crate::lan9118::ChipError;
use crate::server::ServerEvent;
use crate::stack::{DhcpEvent, Stack};

/// Fault code: the device does not support the action.
const UNKNOWN_ACTION: i32 = 100;
/// Error code: no server is configured.
const NO_SERVER_KNOWN: i32 = 101;
/// Error code: the board has no flash for settings.
const NO_FLASH: i32 = 102;

pub struct Firmware {
    pub stack: Stack,
    now: Instant,
    /// The immediate answer to a command.
    answer: Option<(Generation, Report)>,
    carrier: Option<CarrierWatch>,
    /// The command that runs the DHCP client.
    dhcp: Option<Generation>,
    /// The server, by address, so that there is nothing to resolve.
    server: Option<SocketAddrV4>,
    server_answer: Option<(Generation, ServerReport)>,
    /// The command of the current connection or attempt.
    connection: Option<Generation>,
    /// Whether `PersistFailed` has to be reported.
    persist_failed: bool,
}

/// Present while a command watches the carrier.
struct CarrierWatch {
    generation: Generation,
    /// The carrier that was reported last. The initial absence is not reported, because the port
    /// may still be negotiating.
    reported: bool,
}

impl Firmware {
    /// Creates a backend with the port powered down.
    pub const fn new(stack: Stack, server: Option<SocketAddrV4>) -> Self {
        Self {
            stack,
            now: Instant::EPOCH,
            answer: None,
            carrier: None,
            dhcp: None,
            server,
            server_answer: None,
            connection: None,
            persist_failed: false,
        }
    }

    /// Sets the time for commands and events.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    fn act(&mut self, action: Action<'_>) {
        match action {
            Action::PowerUp(generation) => {
                self.end_link();
                self.answer = Some(match self.stack.ethernet.chip.power_up() {
                    Ok(()) => (generation, Report::Ready),
                    Err(error) => fault(generation, error),
                });
            }
            Action::StartLink(generation) => {
                self.end_link();
                self.carrier = Some(CarrierWatch {
                    generation,
                    reported: false,
                });
            }
            Action::StartDhcp(generation) => {
                self.stack.start_dhcp();
                self.dhcp = Some(generation);
            }
            Action::SetAddress(_, ip) => {
                self.end_address();
                let own = ip.prefix();
                self.stack
                    .set_address(Ipv4Cidr::new(own.address(), own.length()), ip.gateway());
            }
            Action::Stop => self.end_link(),
            Action::PowerDown => {
                self.answer = None;
                // An error shows up again at the next power-up.
                let _ = self.stack.ethernet.chip.power_down();
            }
            // Actions of other media.
            _ => {
                let code = UNKNOWN_ACTION;
                self.answer = action
                    .generation()
                    .map(|generation| (generation, Report::Fault { code }));
            }
        }
    }

    fn act_for_server(&mut self, action: ServerAction<'_>) {
        match (action, self.server) {
            (ServerAction::Resolve(generation, None), Some(_)) => {
                self.server_answer = Some((generation, ServerReport::Resolved));
            }
            (ServerAction::Resolve(generation, None), None) => {
                let code = NO_SERVER_KNOWN;
                self.server_answer = Some((generation, ServerReport::NotResolved { code }));
            }
            (ServerAction::Connect(generation, None), Some(to)) => {
                self.stack
                    .with_server(|server, socket, context| server.connect(socket, context, to));
                self.connection = Some(generation);
            }
            (ServerAction::Flush(_), _) => self.stack.with_server(|server, _, _| server.flush()),
            (ServerAction::Disconnect, _) => {
                self.stack
                    .with_server(|server, socket, _| server.disconnect(socket));
                self.server_answer = None;
                self.connection = None;
            }
            // Actions that use a proxy.
            _ => {
                let code = UNKNOWN_ACTION;
                self.server_answer = action
                    .generation()
                    .map(|generation| (generation, ServerReport::Fault { code }));
            }
        }
    }

    fn end_link(&mut self) {
        self.carrier = None;
        self.end_address();
    }

    /// Stops the DHCP client and removes the address, wherever it came from.
    fn end_address(&mut self) {
        self.dhcp = None;
        self.stack.stop_dhcp();
    }

    fn next_report(&mut self) -> Option<(Generation, Report)> {
        self.answer
            .take()
            .or_else(|| self.carrier_report())
            .or_else(|| self.dhcp_report())
    }

    fn carrier_report(&mut self) -> Option<(Generation, Report)> {
        let watch = self.carrier.as_mut()?;
        let generation = watch.generation;
        match self.stack.ethernet.chip.has_carrier() {
            Ok(present) if present == watch.reported => None,
            Ok(true) => {
                watch.reported = true;
                Some((generation, Report::CarrierUp))
            }
            Ok(false) => {
                watch.reported = false;
                // No command does this: losing the carrier ends the lease.
                self.end_address();
                Some((generation, Report::CarrierDown))
            }
            Err(error) => {
                self.carrier = None;
                Some(fault(generation, error))
            }
        }
    }

    fn dhcp_report(&mut self) -> Option<(Generation, Report)> {
        let generation = self.dhcp?;
        Some((
            generation,
            match self.stack.next_dhcp_event()? {
                DhcpEvent::Lease(lease) => Report::Lease(lease),
                DhcpEvent::Lost => Report::LeaseLost,
            },
        ))
    }

    fn server_report(&mut self) -> Option<(Generation, ServerReport)> {
        if let Some(answer) = self.server_answer.take() {
            return Some(answer);
        }
        let generation = self.connection?;
        let event = self
            .stack
            .with_server(|server, socket, _| server.next_event(socket))?;
        let code = event as i32;
        Some((
            generation,
            match event {
                ServerEvent::Connected => ServerReport::Connected,
                ServerEvent::NoAddress => ServerReport::NoConnectivity { code },
                ServerEvent::Unreachable => ServerReport::Unreachable { code },
                ServerEvent::HungUp | ServerEvent::BrokenOff => ServerReport::Lost { code },
                ServerEvent::Flushed => ServerReport::Flushed,
            },
        ))
    }
}

impl Backend for Firmware {
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Interface { action, .. } => self.act(action),
            Command::Bind { port, .. } => self.stack.bind(port),
            Command::Unbind { port, .. } => self.stack.unbind(port),
            Command::Send(datagram) => {
                self.stack
                    .send(datagram.source, datagram.destination, datagram.payload)
            }
            Command::Server { action, .. } => self.act_for_server(action),
            // A device with flash writes `to_record()` there, and passes it to `load_stored` at
            // boot. This board has none, so it reports a failure.
            Command::Persist(_) => self.persist_failed = true,
            // The board has no key to seal secrets with, so `Command::Seal` gets no answer.
            _ => {}
        }
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        self.stack.poll(self.now);
        if let Some((generation, report)) = self.next_report() {
            return Some(Event::Interface {
                interface: InterfaceId::ETHERNET,
                generation,
                report,
            });
        }
        if let Some((generation, report)) = self.server_report() {
            return Some(Event::Server { generation, report });
        }
        if core::mem::take(&mut self.persist_failed) {
            return Some(Event::PersistFailed { code: NO_FLASH });
        }
        let received = self.stack.receive()?;
        Some(Event::Datagram(Datagram {
            interface: InterfaceId::ETHERNET,
            source: received.source,
            destination: received.destination,
            payload: received.payload,
        }))
    }
}

fn fault(generation: Generation, error: ChipError) -> (Generation, Report) {
    let code = error as i32;
    (generation, Report::Fault { code })
}
