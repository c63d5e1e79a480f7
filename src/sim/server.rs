//! The simulated server side: name resolution, proxy, server, and the network in between.

use super::Reach;
use super::code;
use super::condition::{Condition, Obstacle};
use super::delays::ServerDelays;
use super::fault::{Fault, FaultRates};
use super::line::{Job, Line, earliest};
use super::proxy::HttpProxy;
use super::server_change::ServerChange;
use super::vault::MockVault;
use crate::connect::ServerStep;
use crate::nic::ProxyAddress;
use crate::{
    Event, Instant, InterfaceId, Medium, ProxySettings, ServerAction, ServerReport, ServerTicket,
};

/// The server side of a device, see [`World::server`](super::World::server). By default everything
/// works, and there is no proxy.
///
/// The [`Reach`] of the interface decides how far a connection gets. An established connection is
/// reset at once when the server or the proxy fails. When its path is blocked or hangs, it is lost
/// after TCP's time-outs, and survives if the path recovers in time. The device is assumed to
/// send all the time. The report queue holds up to `QUEUE` reports.
///
/// ```
/// use lankeeper::sim::{Condition, ServerChange, World, run_until_ended, run_until_server};
/// use lankeeper::{
///     Config, Duration, Instant, InterfaceConfig, InterfaceId, Manager, Nic, ConnectOutcome, Policy,
///     ServerState,
/// };
///
/// let mut world: World = World::new(1);
/// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager = Manager::new(&config)?;
/// manager.set_policy(Instant::EPOCH, Policy::ReturnOnError);
/// manager.connect(Instant::EPOCH, None)?;
/// let (at, outcome) = run_until_ended(&mut manager, &mut world, Duration::from_secs(60))?;
/// assert_eq!(outcome, ConnectOutcome::ServerConnected);
/// assert!(world.server.is_connected());
///
/// world.happen(ServerChange::Server(Condition::Fails));
/// let waits = ServerState::Waiting;
/// assert_eq!(run_until_server(&mut manager, &mut world, waits, Duration::ZERO)?, at);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ServerSide<const QUEUE: usize = 16> {
    line: Line<QUEUE, ServerReport>,
    vault: MockVault,
    names: Condition,
    proxy: Option<HttpProxy>,
    server: Condition,
    ppp: Condition,
    /// The path of the current attempt or connection.
    path: Option<ServerPath>,
    /// A step that got no answer, because a service hangs.
    unanswered: Option<(ServerStep, ServerTicket)>,
    connection: Option<LiveConnection>,
}

/// The path of the device to the server.
#[derive(Clone, Debug)]
struct ServerPath {
    interface: InterfaceId,
    reach: Reach,
    proxy: Option<ProxySettings>,
}

/// An established connection.
#[derive(Clone, Copy, Debug)]
struct LiveConnection {
    ticket: ServerTicket,
    stall: Option<Stall>,
    /// When all pending data is sent, if a flush was requested.
    flushed_at: Option<Instant>,
}

/// A period without acknowledgements.
#[derive(Clone, Copy, Debug)]
struct Stall {
    since: Instant,
    reported: bool,
}

/// The state of the traffic on a connection.
enum Traffic {
    Flows,
    /// Nothing is acknowledged.
    Stalls,
    /// The peer resets the connection.
    Reset,
}

impl<const QUEUE: usize> ServerSide<QUEUE> {
    pub(super) fn new(seed: u64, vault: MockVault) -> Self {
        Self {
            line: Line::new((), seed),
            vault,
            names: Condition::Works,
            proxy: None,
            server: Condition::Works,
            ppp: Condition::Works,
            path: None,
            unanswered: None,
            connection: None,
        }
    }

    /// Sets the delays, from the next command on.
    pub fn set_delays(&mut self, delays: ServerDelays) {
        self.line.set_delays(delays);
    }

    /// Sets the rates of random faults.
    pub fn set_fault_rates(&mut self, rates: FaultRates) {
        self.line.set_rates(rates);
    }

    /// Whether a connection exists, whatever was reported to the manager.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// The interface of the connection or the current attempt.
    #[must_use]
    pub fn interface(&self) -> Option<InterfaceId> {
        self.path.as_ref().map(|path| path.interface)
    }

    /// The number of reports dropped because the queue was full.
    #[must_use]
    pub const fn overflowed(&self) -> u32 {
        self.line.overflowed()
    }
}

impl<const QUEUE: usize> ServerSide<QUEUE> {
    /// Carries out an action. The next `handle_timeout` sets the reach of the interface.
    pub(super) fn execute(&mut self, ticket: ServerTicket, action: ServerAction<'_>) {
        let (step, proxy) = match action {
            ServerAction::Resolve(proxy) => (ServerStep::Resolve, proxy),
            ServerAction::ReachProxy(proxy) => (ServerStep::Proxy, Some(proxy)),
            ServerAction::Connect(proxy) => (ServerStep::Connect, proxy),
            ServerAction::Flush => return self.flush(ticket),
            ServerAction::Disconnect => return self.disconnect(),
        };
        self.disconnect();
        self.path = Some(ServerPath {
            interface: ticket.interface(),
            reach: Reach::Nothing,
            proxy: proxy.cloned(),
        });
        self.line.record(step, ticket);
        if step == ServerStep::Resolve && !self.needs_resolution() {
            self.line.answer(ticket, ServerReport::Resolved);
        } else {
            self.line.begin(step, ticket);
        }
    }

    pub(super) fn handle_change(&mut self, change: ServerChange) {
        match change {
            ServerChange::Names(condition) => self.names = condition,
            ServerChange::Proxy(proxy) => self.proxy = proxy,
            ServerChange::Server(condition) => self.server = condition,
            ServerChange::HangsUp => self.hang_up(),
            ServerChange::Ppp(condition) => self.ppp = condition,
        }
    }

    pub(super) fn handle_fault(&mut self, fault: Fault<ServerReport>) {
        self.line.handle_fault(fault);
    }

    /// Advances the clock to `now`, with the current reach of the interface.
    pub(super) fn handle_timeout(&mut self, now: Instant, reach: Reach) {
        self.line.advance(now);
        if let Some(path) = &mut self.path {
            path.reach = reach;
        }
        if let Some((step, ticket)) = self.unanswered
            && self.respond(step).is_some()
        {
            self.unanswered = None;
            self.line.begin(step, ticket);
        }
        if let Some(job) = self.line.take_done() {
            self.finish(job);
        }
        if let Some(connection) = self.connection {
            self.connection = self.advance(connection);
        }
    }

    pub(super) fn poll_at(&self) -> Option<Instant> {
        earliest(self.line.poll_at(), self.report_at())
    }

    pub(super) fn next_event(&mut self) -> Option<Event> {
        self.line.next_event()
    }

    /// Resets the state together with the device.
    pub(super) fn reset(&mut self) {
        self.disconnect();
        self.line.reset();
    }

    fn disconnect(&mut self) {
        self.line.cancel();
        self.path = None;
        self.unanswered = None;
        self.connection = None;
    }

    fn flush(&mut self, ticket: ServerTicket) {
        let at = self.line.now().saturating_add(self.line.delays().flush);
        match &mut self.connection {
            Some(connection) if connection.ticket == ticket => {
                connection.flushed_at = Some(at);
            }
            Some(_) | None => {
                let code = code::CONNECTION_RESET;
                self.line.answer(ticket, ServerReport::Lost { code });
            }
        }
    }

    fn finish(&mut self, job: Job<ServerStep, ServerTicket>) {
        let Some(report) = self.respond(job.step) else {
            self.unanswered = Some((job.step, job.ticket));
            return;
        };
        if report == ServerReport::Connected {
            self.connection = Some(LiveConnection {
                ticket: job.ticket,
                stall: None,
                flushed_at: None,
            });
        }
        self.line.answer(job.ticket, report);
    }

    /// The report that a step leads to under present conditions; `None` if there is no answer.
    fn respond(&self, step: ServerStep) -> Option<ServerReport> {
        let path = self.path.as_ref()?;
        match self.attempt(step, path) {
            Ok(report) | Err(Obstacle::Failure(report)) => Some(report),
            Err(Obstacle::Silence) => None,
        }
    }

    fn attempt(&self, step: ServerStep, path: &ServerPath) -> Result<ServerReport, Obstacle> {
        self.check_uplink(path)?;
        if step == ServerStep::Resolve {
            self.resolve(path)?;
            return Ok(ServerReport::Resolved);
        }
        if let Some(proxy) = &path.proxy {
            self.reach_proxy(path, proxy)?;
        }
        if step == ServerStep::Proxy {
            return Ok(ServerReport::ProxyReached);
        }
        self.reach_server(path)?;
        Ok(ServerReport::Connected)
    }

    /// Checks that the interface has an uplink.
    fn check_uplink(&self, path: &ServerPath) -> Result<(), Obstacle> {
        let code = code::NETWORK_UNREACHABLE;
        let no_uplink = ServerReport::NoConnectivity { code };
        match (path.reach, path.interface.medium()) {
            (Reach::Nothing, _) => Err(no_uplink.into()),
            (_, Medium::Cellular) => self.ppp.check(no_uplink),
            (_, Medium::Wifi | Medium::Ethernet) => Ok(()),
        }
    }

    fn resolve(&self, path: &ServerPath) -> Result<(), Obstacle> {
        if path.reach == Reach::Portal {
            return Ok(());
        }
        let code = code::NAME_SERVER_FAILED;
        self.names.check(ServerReport::NotResolved { code })?;
        let knows = |wanted| self.proxy.as_ref().is_some_and(|proxy| proxy.is_at(wanted));
        if path.proxy.as_ref().is_some_and(|wanted| !knows(wanted)) {
            let code = code::NAME_UNKNOWN;
            return Err(ServerReport::NotResolved { code }.into());
        }
        Ok(())
    }

    fn reach_proxy(&self, path: &ServerPath, settings: &ProxySettings) -> Result<(), Obstacle> {
        if let Some(password) = settings.password() {
            self.vault.sealed(password.expose())?;
        }
        match &self.proxy {
            Some(proxy) if path.reach != Reach::Portal => proxy.admit(self.vault, settings),
            Some(_) | None => {
                let code = code::CONNECTION_REFUSED;
                Err(ServerReport::ProxyUnreachable { code }.into())
            }
        }
    }

    fn reach_server(&self, path: &ServerPath) -> Result<(), Obstacle> {
        let code = match (path.reach, &path.proxy) {
            (Reach::Portal, _) => code::BAD_CERTIFICATE,
            (_, Some(_)) => code::BAD_GATEWAY,
            (_, None) => code::CONNECTION_REFUSED,
        };
        let failure = ServerReport::Unreachable { code };
        if path.is_open() {
            self.server.check(failure)
        } else {
            Err(failure.into())
        }
    }

    /// Whether a name has to be resolved: that of the proxy unless it is an address, or that of the
    /// server.
    fn needs_resolution(&self) -> bool {
        let proxy = self.path.as_ref().and_then(|path| path.proxy.as_ref());
        !proxy.is_some_and(|proxy| matches!(proxy.address(), ProxyAddress::Ip(_)))
    }

    /// Advances a connection; returns `None` once it is lost.
    fn advance(&mut self, mut connection: LiveConnection) -> Option<LiveConnection> {
        match self.traffic() {
            Traffic::Flows => {
                connection.stall = None;
                let now = self.line.now();
                if connection.flushed_at.take_if(|at| *at <= now).is_some() {
                    self.line.answer(connection.ticket, ServerReport::Flushed);
                }
                Some(connection)
            }
            Traffic::Stalls => self.stall(connection),
            Traffic::Reset => self.lose(connection, code::CONNECTION_RESET),
        }
    }

    /// Handles missing acknowledgements, which the connection survives for a while.
    fn stall(&mut self, mut connection: LiveConnection) -> Option<LiveConnection> {
        let now = self.line.now();
        let stall = connection.stall.get_or_insert(Stall {
            since: now,
            reported: false,
        });
        let elapsed = now.saturating_duration_since(stall.since);
        let delays = self.line.delays();
        let (is_late, is_lost) = (elapsed >= delays.send, elapsed >= delays.loss);
        let code = code::CONNECTION_TIMED_OUT;
        if is_lost {
            return self.lose(connection, code);
        }
        if is_late && !core::mem::replace(&mut stall.reported, true) {
            let report = ServerReport::SendTimedOut { code };
            self.line.report(connection.ticket, report);
        }
        Some(connection)
    }

    fn lose(&mut self, connection: LiveConnection, code: i32) -> Option<LiveConnection> {
        self.line
            .report(connection.ticket, ServerReport::Lost { code });
        None
    }

    /// A FIN comes through where anything does.
    fn hang_up(&mut self) {
        if let (Traffic::Flows, Some(connection)) = (self.traffic(), self.connection) {
            self.connection = self.lose(connection, code::CONNECTION_CLOSED);
        }
    }

    fn traffic(&self) -> Traffic {
        let Some(path) = &self.path else {
            return Traffic::Stalls;
        };
        let is_ppp = path.interface.medium() == Medium::Cellular;
        if !path.is_open() || (is_ppp && self.ppp != Condition::Works) {
            return Traffic::Stalls;
        }
        let proxy = match (&path.proxy, &self.proxy) {
            (None, _) => Condition::Works,
            (Some(settings), Some(proxy)) if proxy.is_at(settings) => proxy.condition(),
            (Some(_), _) => Condition::Fails,
        };
        match (proxy, self.server) {
            (Condition::Works, Condition::Works) => Traffic::Flows,
            (Condition::Hangs, _) | (Condition::Works, Condition::Hangs) => Traffic::Stalls,
            (Condition::Fails, _) | (Condition::Works, Condition::Fails) => Traffic::Reset,
        }
    }

    /// When the next report about the connection is due.
    fn report_at(&self) -> Option<Instant> {
        let connection = self.connection?;
        let delays = self.line.delays();
        match connection.stall {
            Some(Stall {
                since,
                reported: false,
            }) => {
                let first = delays.send.min(delays.loss);
                Some(since.saturating_add(first))
            }
            Some(Stall {
                since,
                reported: true,
            }) => Some(since.saturating_add(delays.loss)),
            None => connection.flushed_at,
        }
    }
}

impl ServerPath {
    /// Whether the network lets the device through to the server.
    const fn is_open(&self) -> bool {
        match self.reach {
            Reach::Nothing | Reach::Portal => false,
            Reach::Firewall => self.proxy.is_some(),
            Reach::Internet => true,
        }
    }
}
