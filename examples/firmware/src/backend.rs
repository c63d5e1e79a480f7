//! The backend: what lankeeper asks for, done by the stack and the Ethernet controller.
//!
//! It decides nothing: each command becomes one or two calls, each thing that happened becomes one
//! event, with the generation of the command that it belongs to.

use core::net::SocketAddrV4;

use lankeeper::{
    Action, Backend, Command, Datagram, Event, Generation, Instant, InterfaceId, Report,
    ServerAction, ServerReport,
};
use smoltcp::wire::Ipv4Cidr;

use crate::lan9118::Trouble;
use crate::server::News;
use crate::stack::{DhcpNews, Stack};

/// The code of a fault: an action that this device does not know.
const UNKNOWN_ACTION: i32 = 100;
/// Nobody has told which server.
const NO_SERVER_KNOWN: i32 = 101;
/// There is nowhere to keep settings.
const NO_FLASH: i32 = 102;

pub struct Firmware {
    pub stack: Stack,
    now: Instant,
    /// What a command was answered with at once.
    answer: Option<(Generation, Report)>,
    carrier: Option<CarrierWatch>,
    /// The command that runs the DHCP client.
    dhcp: Option<Generation>,
    /// Where the server is: a number, so that there is nothing to resolve.
    server: Option<SocketAddrV4>,
    server_answer: Option<(Generation, ServerReport)>,
    /// The command that made the connection to the server, or tries to.
    connection: Option<Generation>,
    /// Whether it is still to be told that settings were not kept.
    not_kept: bool,
}

/// The watch on the carrier, as long as somebody wants it.
struct CarrierWatch {
    generation: Generation,
    /// What was told last. A port that has no carrier at first may still negotiate, so that is not
    /// told.
    told: bool,
}

impl Firmware {
    /// A port that is powered down.
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
            not_kept: false,
        }
    }

    /// Sets the time at which commands are executed and events are looked for.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
    }

    fn act(&mut self, action: Action<'_>) {
        match action {
            Action::PowerUp(generation) => {
                self.end_link();
                self.answer = Some(match self.stack.ethernet.chip.power_up() {
                    Ok(()) => (generation, Report::Ready),
                    Err(trouble) => fault(generation, trouble),
                });
            }
            Action::StartLink(generation) => {
                self.end_link();
                self.carrier = Some(CarrierWatch {
                    generation,
                    told: false,
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
                // What cannot be turned off shows when it is turned on again.
                let _ = self.stack.ethernet.chip.power_down();
            }
            // Of other media.
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
            // Through a proxy.
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

    /// Ends the DHCP client and gives the address up, whoever set it.
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
            Ok(there) if there == watch.told => None,
            Ok(true) => {
                watch.told = true;
                Some((generation, Report::CarrierUp))
            }
            Ok(false) => {
                watch.told = false;
                // No command says so: with the carrier the lease is over.
                self.end_address();
                Some((generation, Report::CarrierDown))
            }
            Err(trouble) => {
                self.carrier = None;
                Some(fault(generation, trouble))
            }
        }
    }

    fn dhcp_report(&mut self) -> Option<(Generation, Report)> {
        let generation = self.dhcp?;
        Some((
            generation,
            match self.stack.dhcp_news()? {
                DhcpNews::Lease(lease) => Report::Lease(lease),
                DhcpNews::Lost => Report::LeaseLost,
            },
        ))
    }

    fn server_report(&mut self) -> Option<(Generation, ServerReport)> {
        if let Some(answer) = self.server_answer.take() {
            return Some(answer);
        }
        let generation = self.connection?;
        let news = self
            .stack
            .with_server(|server, socket, _| server.next_news(socket))?;
        let code = news as i32;
        Some((
            generation,
            match news {
                News::Connected => ServerReport::Connected,
                News::NoAddress => ServerReport::NoConnectivity { code },
                News::Unreachable => ServerReport::Unreachable { code },
                News::HungUp | News::BrokenOff => ServerReport::Lost { code },
                News::Flushed => ServerReport::Flushed,
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
            // A device with flash puts `to_record()` there, and hands it to `load_stored` when it
            // boots. This board has none, and says so.
            Command::Persist(_) => self.not_kept = true,
            // Nor has it a key to seal secrets with: `Command::Seal` stays without an answer.
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
        if core::mem::take(&mut self.not_kept) {
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

fn fault(generation: Generation, trouble: Trouble) -> (Generation, Report) {
    let code = trouble as i32;
    (generation, Report::Fault { code })
}
