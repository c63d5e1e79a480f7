//! The simulated server side: name resolution, proxy, server, and what is between.

use super::Reach;
use super::code;
use super::condition::{Condition, Obstacle};
use super::delays::ServerDelays;
use super::fault::{Fault, FaultRates};
use super::line::{Job, Line, earliest};
use super::proxy::HttpProxy;
use super::server_change::ServerChange;
use super::vault::Vault;
use crate::connect::{ServerAction, ServerReport, ServerStep};
use crate::generation::Generation;
use crate::manager::Event;
use crate::nic::{InterfaceId, Medium, ProxyAddress, ProxySettings};
use crate::time::Instant;

/// What a device meets on its way to the server, see [`World::server`](super::World::server). As
/// it is made, everything works, and there is no proxy.
///
/// How far a connection gets depends on the [`Reach`] of the interface that it is over. One that
/// is made, is lost at once where server or proxy fail; where its way is closed or hangs it is lost
/// as TCP loses it, and survives if the way is open again in time. The device is taken to send all
/// the time. Holds up to `QUEUE` reports on their way.
///
/// ```
/// use lankeeper::sim::{Condition, ServerChange, World, run_until_ended, run_until_server};
/// use lankeeper::{
///     Config, Duration, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Outcome, Policy,
///     ServerState,
/// };
///
/// let mut world: World = World::new(1);
/// let config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager: Manager<1> = Manager::new(&config)?;
/// manager.set_policy(Instant::EPOCH, Policy::ReturnOnError);
/// manager.connect(Instant::EPOCH, None)?;
/// let (at, outcome) = run_until_ended(&mut manager, &mut world, Duration::from_secs(60))?;
/// assert_eq!(outcome, Outcome::ServerConnected);
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
    vault: Vault,
    names: Condition,
    proxy: Option<HttpProxy>,
    server: Condition,
    ppp: Condition,
    /// What the device does, if it does anything.
    way: Option<Way>,
    /// What it waits for, because something hangs.
    unanswered: Option<(ServerStep, Generation)>,
    connection: Option<Connection>,
}

/// How the device goes to the server.
#[derive(Clone, Debug)]
struct Way {
    interface: InterfaceId,
    reach: Reach,
    proxy: Option<ProxySettings>,
}

/// A connection that is made.
#[derive(Clone, Copy, Debug)]
struct Connection {
    generation: Generation,
    stall: Option<Stall>,
    /// When all is sent that waits, if somebody wants to know.
    flushed_at: Option<Instant>,
}

/// Nothing is acknowledged any more.
#[derive(Clone, Copy, Debug)]
struct Stall {
    since: Instant,
    told: bool,
}

/// What becomes of what is sent over a connection.
enum Flow {
    Free,
    /// Nothing comes back.
    Stopped,
    /// The other end says that there is no connection.
    Reset,
}

impl<const QUEUE: usize> ServerSide<QUEUE> {
    pub(super) fn new(seed: u64, vault: Vault) -> Self {
        Self {
            line: Line::new((), seed),
            vault,
            names: Condition::Works,
            proxy: None,
            server: Condition::Works,
            ppp: Condition::Works,
            way: None,
            unanswered: None,
            connection: None,
        }
    }

    /// Lets it take other times from the next command on.
    pub fn set_delays(&mut self, delays: ServerDelays) {
        self.line.set_delays(delays);
    }

    /// Lets random faults strike so often from now on.
    pub fn set_fault_rates(&mut self, rates: FaultRates) {
        self.line.set_rates(rates);
    }

    /// Whether there is a connection, whatever the manager was told.
    #[must_use]
    pub const fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// The interface over which the device has a connection or tries to get one.
    #[must_use]
    pub fn interface(&self) -> Option<InterfaceId> {
        self.way.as_ref().map(|way| way.interface)
    }

    /// Reports that got lost because more than `QUEUE` were on their way.
    #[must_use]
    pub const fn overflowed(&self) -> u32 {
        self.line.overflowed()
    }
}

impl<const QUEUE: usize> ServerSide<QUEUE> {
    /// Does what it is told. How far the interface reaches it is told after that.
    pub(super) fn execute(&mut self, interface: InterfaceId, action: ServerAction<'_>) {
        let (step, generation, proxy) = match action {
            ServerAction::Resolve(generation, proxy) => (ServerStep::Resolve, generation, proxy),
            ServerAction::ReachProxy(generation, proxy) => {
                (ServerStep::Proxy, generation, Some(proxy))
            }
            ServerAction::Connect(generation, proxy) => (ServerStep::Connect, generation, proxy),
            ServerAction::Flush(generation) => return self.flush(generation),
            ServerAction::Disconnect => return self.disconnect(),
        };
        self.disconnect();
        self.way = Some(Way {
            interface,
            reach: Reach::Nothing,
            proxy: proxy.cloned(),
        });
        self.line.remember(step, generation);
        if step == ServerStep::Resolve && !self.has_name() {
            self.line.answer(generation, ServerReport::Resolved);
        } else {
            self.line.begin(step, generation);
        }
    }

    pub(super) fn handle_change(&mut self, change: ServerChange) {
        match change {
            ServerChange::Names(condition) => self.names = condition,
            ServerChange::Proxy(proxy) => self.proxy = proxy,
            ServerChange::Server(condition) => self.server = condition,
            ServerChange::Ppp(condition) => self.ppp = condition,
        }
    }

    pub(super) fn handle_fault(&mut self, fault: Fault<ServerReport>) {
        self.line.handle_fault(fault);
    }

    /// Time has come to `now`, and the interface that is used reaches so far.
    pub(super) fn handle_timeout(&mut self, now: Instant, reach: Reach) {
        self.line.advance(now);
        if let Some(way) = &mut self.way {
            way.reach = reach;
        }
        if let Some((step, generation)) = self.unanswered {
            if self.respond(step).is_some() {
                self.unanswered = None;
                self.line.begin(step, generation);
            }
        }
        if let Some(job) = self.line.take_done() {
            self.finish(job);
        }
        if let Some(connection) = self.connection {
            self.connection = self.go_on(connection);
        }
    }

    pub(super) fn poll_at(&self) -> Option<Instant> {
        earliest(self.line.poll_at(), self.news_at())
    }

    pub(super) fn next_event(&mut self) -> Option<Event<'static>> {
        self.line.next_event()
    }

    /// Forgets the device, which restarts.
    pub(super) fn reset(&mut self) {
        self.disconnect();
        self.line.reset();
    }

    fn disconnect(&mut self) {
        self.line.cancel();
        self.way = None;
        self.unanswered = None;
        self.connection = None;
    }

    fn flush(&mut self, generation: Generation) {
        let at = self.line.now().saturating_add(self.line.delays().flush);
        match &mut self.connection {
            Some(connection) if connection.generation == generation => {
                connection.flushed_at = Some(at);
            }
            Some(_) | None => {
                let code = code::CONNECTION_RESET;
                self.line.answer(generation, ServerReport::Lost { code });
            }
        }
    }

    fn finish(&mut self, job: Job<ServerStep>) {
        let Some(report) = self.respond(job.step) else {
            self.unanswered = Some((job.step, job.generation));
            return;
        };
        if report == ServerReport::Connected {
            self.connection = Some(Connection {
                generation: job.generation,
                stall: None,
                flushed_at: None,
            });
        }
        self.line.answer(job.generation, report);
    }

    /// What a step leads to as things are, if to anything.
    fn respond(&self, step: ServerStep) -> Option<ServerReport> {
        let way = self.way.as_ref()?;
        match self.try_step(step, way) {
            Ok(report) | Err(Obstacle::Answer(report)) => Some(report),
            Err(Obstacle::Silence) => None,
        }
    }

    fn try_step(&self, step: ServerStep, way: &Way) -> Result<ServerReport, Obstacle> {
        self.leave(way)?;
        if step == ServerStep::Resolve {
            self.resolve(way)?;
            return Ok(ServerReport::Resolved);
        }
        if let Some(proxy) = &way.proxy {
            self.reach_proxy(way, proxy)?;
        }
        if step == ServerStep::Proxy {
            return Ok(ServerReport::ProxyReached);
        }
        self.reach_server(way)?;
        Ok(ServerReport::Connected)
    }

    /// Out of the device.
    fn leave(&self, way: &Way) -> Result<(), Obstacle> {
        let code = code::NETWORK_UNREACHABLE;
        let nowhere = ServerReport::NoConnectivity { code };
        match (way.reach, way.interface.medium()) {
            (Reach::Nothing, _) => Err(nowhere.into()),
            (_, Medium::Cellular) => self.ppp.meet(nowhere),
            (_, Medium::Wifi | Medium::Ethernet) => Ok(()),
        }
    }

    fn resolve(&self, way: &Way) -> Result<(), Obstacle> {
        if way.reach == Reach::Portal {
            return Ok(());
        }
        let code = code::NAME_SERVER_FAILED;
        self.names.meet(ServerReport::NotResolved { code })?;
        let knows = |wanted| self.proxy.as_ref().is_some_and(|proxy| proxy.is_at(wanted));
        if way.proxy.as_ref().is_some_and(|wanted| !knows(wanted)) {
            let code = code::NAME_UNKNOWN;
            return Err(ServerReport::NotResolved { code }.into());
        }
        Ok(())
    }

    fn reach_proxy(&self, way: &Way, lent: &ProxySettings) -> Result<(), Obstacle> {
        if let Some(password) = lent.password() {
            self.vault.sealed(password.expose())?;
        }
        match &self.proxy {
            Some(proxy) if way.reach != Reach::Portal => proxy.admit(self.vault, lent),
            Some(_) | None => {
                let code = code::CONNECTION_REFUSED;
                Err(ServerReport::ProxyUnreachable { code }.into())
            }
        }
    }

    fn reach_server(&self, way: &Way) -> Result<(), Obstacle> {
        let code = match (way.reach, &way.proxy) {
            (Reach::Portal, _) => code::BAD_CERTIFICATE,
            (_, Some(_)) => code::BAD_GATEWAY,
            (_, None) => code::CONNECTION_REFUSED,
        };
        let failure = ServerReport::Unreachable { code };
        if way.is_open() {
            self.server.meet(failure)
        } else {
            Err(failure.into())
        }
    }

    /// Whether the device has a name to resolve: its server has one.
    fn has_name(&self) -> bool {
        let proxy = self.way.as_ref().and_then(|way| way.proxy.as_ref());
        !proxy.is_some_and(|proxy| matches!(proxy.address(), ProxyAddress::Ip(_)))
    }

    /// What becomes of a connection by now.
    fn go_on(&mut self, mut connection: Connection) -> Option<Connection> {
        match self.flow() {
            Flow::Free => {
                connection.stall = None;
                let now = self.line.now();
                if connection.flushed_at.take_if(|at| *at <= now).is_some() {
                    self.line
                        .answer(connection.generation, ServerReport::Flushed);
                }
                Some(connection)
            }
            Flow::Stopped => self.stall(connection),
            Flow::Reset => self.lose(connection, code::CONNECTION_RESET),
        }
    }

    /// Nothing is acknowledged: for a while that is borne.
    fn stall(&mut self, mut connection: Connection) -> Option<Connection> {
        let now = self.line.now();
        let stall = connection.stall.get_or_insert(Stall {
            since: now,
            told: false,
        });
        let passed = now.saturating_duration_since(stall.since);
        let delays = self.line.delays();
        let (is_late, is_lost) = (passed >= delays.send, passed >= delays.loss);
        let code = code::CONNECTION_TIMED_OUT;
        if is_lost {
            return self.lose(connection, code);
        }
        if is_late && !core::mem::replace(&mut stall.told, true) {
            let report = ServerReport::SendTimedOut { code };
            self.line.tell(connection.generation, report);
        }
        Some(connection)
    }

    fn lose(&mut self, connection: Connection, code: i32) -> Option<Connection> {
        self.line
            .tell(connection.generation, ServerReport::Lost { code });
        None
    }

    fn flow(&self) -> Flow {
        let Some(way) = &self.way else {
            return Flow::Stopped;
        };
        let is_ppp = way.interface.medium() == Medium::Cellular;
        if !way.is_open() || (is_ppp && self.ppp != Condition::Works) {
            return Flow::Stopped;
        }
        let proxy = match (&way.proxy, &self.proxy) {
            (None, _) => Condition::Works,
            (Some(lent), Some(proxy)) if proxy.is_at(lent) => proxy.condition(),
            (Some(_), _) => Condition::Fails,
        };
        match (proxy, self.server) {
            (Condition::Works, Condition::Works) => Flow::Free,
            (Condition::Hangs, _) | (Condition::Works, Condition::Hangs) => Flow::Stopped,
            (Condition::Fails, _) | (Condition::Works, Condition::Fails) => Flow::Reset,
        }
    }

    /// When there is something to tell of the connection.
    fn news_at(&self) -> Option<Instant> {
        let connection = self.connection?;
        let delays = self.line.delays();
        match connection.stall {
            Some(Stall { since, told: false }) => {
                let first = delays.send.min(delays.loss);
                Some(since.saturating_add(first))
            }
            Some(Stall { since, told: true }) => Some(since.saturating_add(delays.loss)),
            None => connection.flushed_at,
        }
    }
}

impl Way {
    /// Whether it leads to the server, as far as the network goes that the device is in.
    const fn is_open(&self) -> bool {
        match self.reach {
            Reach::Nothing | Reach::Portal => false,
            Reach::Firewall => self.proxy.is_some(),
            Reach::Internet => true,
        }
    }
}
