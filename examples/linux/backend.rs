//! The backend of a host: one interface, and the connection to the server over it.

use lankeeper::{Backend, Command, Event, Generation, Instant, ServerAction, ServerReport};
use log::info;
use nix::errno::Errno;

use super::server::Server;
use crate::endpoint::Endpoint;
use crate::stack::NetworkCard;
use crate::stack::backend::{LinkDriver, StackBackend};

/// An interface, and the server that is reached over it.
pub struct ServerBackend<L, C> {
    pub interface: StackBackend<L, C>,
    server: Option<Server>,
    now: Instant,
    /// The last action of the server connection: what is reported belongs to it.
    action: Generation,
    /// What there is to report where there is no server.
    refusal: Option<ServerReport>,
}

impl<L: LinkDriver, C: NetworkCard> ServerBackend<L, C> {
    /// An interface that is powered down, and a server that nobody is connected to.
    pub fn new(interface: StackBackend<L, C>, server: Option<Endpoint>) -> Self {
        Self {
            interface,
            server: server.map(Server::new),
            now: Instant::EPOCH,
            action: Generation::default(),
            refusal: None,
        }
    }

    /// Sets the time at which commands are executed and events are looked for.
    pub fn set_now(&mut self, now: Instant) {
        self.now = now;
        self.interface.set_now(now);
    }

    /// When to look for events again if no frame comes before.
    pub fn poll_at(&mut self) -> Option<Instant> {
        let server = self.server.as_ref().and_then(Server::poll_at);
        server.into_iter().chain(self.interface.poll_at()).min()
    }

    fn begin(&mut self, action: ServerAction<'_>) {
        self.action = action.generation().unwrap_or(self.action);
        let Some(server) = &mut self.server else {
            self.refusal = action.generation().map(|_| ServerReport::Fault {
                code: Errno::EDESTADDRREQ as i32,
            });
            return;
        };
        let (now, stack) = (self.now, &mut self.interface.stack);
        match action {
            ServerAction::Resolve(_, proxy) => server.resolve(stack, proxy),
            ServerAction::ReachProxy(_, proxy) => server.reach_proxy(now, stack, proxy),
            ServerAction::Connect(_, proxy) => server.connect(now, stack, proxy),
            ServerAction::Flush(_) => server.flush(),
            ServerAction::Disconnect => server.disconnect(stack),
            // The core would notice the missing answer by its deadline.
            _ => {}
        }
    }

    /// What there is to report of the server connection. The stack moves on first: what it brings
    /// may be of the server, and nobody looks again before the next frame.
    fn server_report(&mut self) -> Option<ServerReport> {
        let server = self.server.as_mut()?;
        let stack = &mut self.interface.stack;
        stack.poll(self.now);
        server.next_report(self.now, stack)
    }
}

impl<L: LinkDriver, C: NetworkCard> Backend for ServerBackend<L, C> {
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Server { action, .. } => self.begin(action),
            Command::Persist(_) => info!("the settings are kept until the program ends"),
            Command::Seal { .. } => info!("no key here to seal a secret with"),
            command => self.interface.execute(command),
        }
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        let report = self.refusal.take().or_else(|| self.server_report());
        if let Some(report) = report {
            return Some(Event::Server {
                generation: self.action,
                report,
            });
        }
        self.interface.next_event()
    }
}
