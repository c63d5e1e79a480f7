//! The backend: carries out lankeeper's commands with the stack and the Ethernet controller.
//!
//! It decides nothing. Each command becomes one or two calls, and each event carries the ticket of
//! its command.

use core::net::SocketAddrV4;

use cortex_m_semihosting::hprintln;
use lankeeper::interface::Step;
use lankeeper::{
    Action, Backend, Binding, Command, Event, Instant, InterfaceId, Received, Report, ServerAction,
    ServerReport, ServerTicket, Ticket, Tickets,
};
use smoltcp::wire::Ipv4Cidr;

use crate::board::{Clock, Sleeper};
use crate::lan9118::{ChipError, PowerUp};
use crate::server::ServerEvent;
use crate::stack::{DhcpEvent, NO_ROOM, Stack};

/// Fault code: the device does not support the action.
const UNKNOWN_ACTION: i32 = 100;
/// Error code: no server is configured.
const NO_SERVER_KNOWN: i32 = 101;
/// Error code: the board has no flash for settings.
const NO_FLASH: i32 = 102;

pub struct Firmware {
    pub stack: Stack,
    pub clock: Clock,
    sleeper: Sleeper,
    /// The commands that are in force.
    tickets: Tickets,
    /// The result of a power-up, until it is reported.
    power_up: Option<Result<PowerUp, ChipError>>,
    /// Whether `Resolved` or `NotResolved` has to be reported.
    resolving: bool,
    /// Whether `PersistFailed` has to be reported.
    persist_failed: bool,
    /// The carrier that was reported last. The initial absence is not reported, because the port may
    /// still be negotiating.
    carrier: bool,
    /// The server, by address, so that there is nothing to resolve.
    server: Option<SocketAddrV4>,
}

impl Firmware {
    /// Creates a backend with the port powered down.
    pub const fn new(
        stack: Stack,
        clock: Clock,
        sleeper: Sleeper,
        server: Option<SocketAddrV4>,
    ) -> Self {
        Self {
            stack,
            clock,
            sleeper,
            tickets: Tickets::new(InterfaceId::ETHERNET),
            power_up: None,
            resolving: false,
            persist_failed: false,
            carrier: false,
            server,
        }
    }

    /// Makes sure that whatever happens from here on ends the next sleep.
    pub fn wake(&mut self) {
        self.sleeper.clear_pending();
        self.stack.ethernet.chip.acknowledge();
    }

    /// Sleeps until a frame arrives, the carrier changes or the deadline is reached; not at all
    /// while an event or a datagram waits here.
    pub fn wait(&mut self, deadline: Option<Instant>) {
        let now = self.clock.now();
        let wanted = [
            deadline,
            self.stack.poll_at(now),
            self.has_event().then_some(now),
        ];
        self.sleeper.sleep(now, wanted.into_iter().flatten().min());
    }

    fn has_event(&self) -> bool {
        self.power_up.is_some()
            || !self.stack.failures.is_empty()
            || self.resolving
            || self.persist_failed
    }

    fn act(&mut self, ticket: Ticket, action: Action<'_>) {
        match action {
            Action::PowerUp => {
                self.stack.stop_dhcp();
                let result = self.stack.ethernet.chip.power_up();
                if let Ok(PowerUp::Reset) = result {
                    hprintln!("chip: reset");
                }
                self.power_up = Some(result);
            }
            Action::StartLink => {
                self.stack.stop_dhcp();
                self.carrier = false;
            }
            Action::StartDhcp => self.stack.start_dhcp(),
            Action::SetAddress(ip) => {
                self.stack.stop_dhcp();
                let own = Ipv4Cidr::new(ip.address(), ip.prefix().length());
                if !self.stack.set_address(own, ip.gateway()) {
                    let fault = Report::Fault { code: NO_ROOM };
                    self.stack.failures.push(ticket.report(fault));
                }
            }
            Action::Stop => self.stack.stop_dhcp(),
            Action::PowerDown => {
                if let Err(error) = self.stack.ethernet.chip.power_down() {
                    self.stack.failures.push(ticket.report(fault(error)));
                }
            }
            // Actions of other media.
            _ => {
                let code = UNKNOWN_ACTION;
                let event = ticket.report(Report::Fault { code });
                self.stack.failures.push(event);
            }
        }
    }

    fn act_for_server(&mut self, ticket: ServerTicket, action: ServerAction<'_>) {
        let stack = &mut self.stack;
        match (action, self.server) {
            (ServerAction::Resolve(None), _) => self.resolving = true,
            (ServerAction::Connect(None), Some(to)) => {
                stack.with_server(|server, socket, context| server.connect(socket, context, to));
            }
            (ServerAction::Flush, _) => stack.with_server(|server, _, _| server.flush()),
            (ServerAction::Disconnect, _) => {
                stack.with_server(|server, socket, _| server.disconnect(socket));
            }
            // Actions that use a proxy.
            _ => {
                let code = UNKNOWN_ACTION;
                let event = ticket.report(ServerReport::Fault { code });
                stack.failures.push(event);
            }
        }
    }

    fn power_event(&mut self) -> Option<Event> {
        self.tickets.event(match self.power_up.take()? {
            Ok(_) => Report::Ready,
            Err(error) => fault(error),
        })
    }

    fn carrier_event(&mut self) -> Option<Event> {
        if !self.tickets.runs(Step::Link) {
            return None;
        }
        let report = match self.stack.ethernet.chip.has_carrier() {
            Ok(present) if present == self.carrier => return None,
            Ok(true) => Report::CarrierUp,
            Ok(false) => {
                // No command does this: losing the carrier ends the lease.
                self.stack.stop_dhcp();
                Report::CarrierDown
            }
            Err(error) => fault(error),
        };
        self.carrier = report == Report::CarrierUp;
        self.tickets.event(report)
    }

    fn dhcp_event(&mut self) -> Option<Event> {
        let report = match self.stack.next_dhcp_event()? {
            DhcpEvent::Lease(lease) => Report::Lease(lease),
            DhcpEvent::Lost => Report::LeaseLost,
            DhcpEvent::Failed => Report::Fault { code: NO_ROOM },
        };
        self.tickets.event(report)
    }

    fn server_event(&mut self) -> Option<Event> {
        if core::mem::take(&mut self.resolving) {
            let code = NO_SERVER_KNOWN;
            return self.tickets.server_event(match self.server {
                Some(_) => ServerReport::Resolved,
                None => ServerReport::NotResolved { code },
            });
        }
        let event = self
            .stack
            .with_server(|server, socket, _| server.next_event(socket))?;
        let code = event as i32;
        self.tickets.server_event(match event {
            ServerEvent::Connected => ServerReport::Connected,
            ServerEvent::NoAddress => ServerReport::NoConnectivity { code },
            ServerEvent::Unreachable => ServerReport::Unreachable { code },
            ServerEvent::HungUp | ServerEvent::BrokenOff => ServerReport::Lost { code },
            ServerEvent::Flushed => ServerReport::Flushed,
        })
    }
}

impl Backend for Firmware {
    fn execute(&mut self, command: Command<'_>) {
        self.tickets.note(&command);
        match command {
            Command::Interface { ticket, action } => self.act(ticket, action),
            Command::Server { ticket, action } => self.act_for_server(ticket, action),
            Command::Bind(binding) => self.stack.bind(binding),
            Command::Unbind(binding) => self.stack.unbind(self.clock.now(), binding),
            Command::Send(datagram) => self.stack.send(&datagram),
            // A device with flash writes `to_record()` there, and passes it to `load_stored` at
            // boot. This board has none, so it reports a failure.
            Command::Persist(_) => self.persist_failed = true,
            // The board has no key to seal secrets with, so `Command::Seal` gets no answer.
            _ => {}
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        self.stack.poll(self.clock.now());
        if core::mem::take(&mut self.persist_failed) {
            return Some(Event::PersistFailed { code: NO_FLASH });
        }
        self.power_event()
            .or_else(|| self.stack.failures.pop())
            .or_else(|| self.carrier_event())
            .or_else(|| self.dhcp_event())
            .or_else(|| self.server_event())
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        self.stack.receive(binding, buffer)
    }
}

fn fault(error: ChipError) -> Report {
    Report::Fault { code: error as i32 }
}
