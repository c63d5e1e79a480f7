//! The server connection through the manager: requests, and what the connector and the interface
//! that it uses have to tell each other.

use super::member::Origin;
use super::open::usable;
use super::{
    ConnectError, Ignored, Manager, NotConnectedError, Notice, OrderError, ServerCall, find,
    find_ref, outcome,
};
use crate::connect::{
    Changes, Connector, Failure, Outcome, Policy, Request, Route, ServerReport, ServerState,
    ServerTrigger,
};
use crate::generation::Generation;
use crate::interface::{Cause, Holders, Interface, Reason, State};
use crate::nic::{Copied, InterfaceId, InterfaceName, Nic, ProxySettings};
use crate::span::Span;
use crate::time::Instant;

impl<
    const INTERFACES: usize,
    const HANDLES: usize,
    const SOCKETS: usize,
    const NOTICES: usize,
    const NETWORKS: usize,
> Manager<INTERFACES, HANDLES, SOCKETS, NOTICES, NETWORKS>
{
    /// Connects to the server over the interface of a NIC, within `timeout` or the medium's default
    /// (CON-2, CON-3). Never waits: the one result comes as [`Notice::ConnectEnded`], unless a later
    /// request supersedes this one (CON-9).
    ///
    /// A connection over another interface is dropped, and that interface powered down whoever
    /// holds it (CON-6). The settings of the NIC are for this connection only (CFG-2); without any
    /// the interface is selected for later connections (CFG-3).
    ///
    /// # Errors
    ///
    /// [`ConnectError`]; nothing has changed then.
    pub fn connect_with(
        &mut self,
        now: Instant,
        nic: &Nic,
        timeout: Option<Span>,
    ) -> Result<(), ConnectError> {
        self.at(now).connect_with_now(nic, timeout)
    }

    pub(super) fn connect_with_now(
        &mut self,
        nic: &Nic,
        timeout: Option<Span>,
    ) -> Result<(), ConnectError> {
        if self.connector.policy() == Policy::SuspendOnError {
            return Err(ConnectError::Suspends);
        }
        let (_, member) = usable(&mut self.interfaces, nic)?;
        let id = member.machine.id();
        let is_used = self.connector.held() == Some(id);
        let name_only = nic.is_name_only();
        // Whether the interface runs, and with something else than is asked for.
        let is_other = if name_only {
            member.is_of_connection()
        } else {
            member.machine.is_held() && !member.runs_with(nic, &self.settings)
        };
        if is_other && !is_used {
            return Err(ConnectError::Active);
        }
        let is_connected = is_used && self.connector.state() == ServerState::Connected;
        let proxy = self.settings.proxy();
        let is_same = name_only || (!is_other && ProxySettings::are_same(proxy, nic.proxy()));
        let route = if name_only {
            self.connector.select(id);
            Route::Named(id)
        } else {
            Route::Given(id)
        };
        if is_connected && is_same {
            self.connector.confirm(*nic.name());
        } else {
            let name = Some(*nic.name());
            let request = Request {
                route,
                name,
                timeout,
            };
            self.begin(id, &request, is_other);
            if !name_only {
                self.settings.give_proxy(nic.proxy());
                match find(&mut self.interfaces, id) {
                    Some((_, member)) if !member.machine.is_held() => {
                        member.configure(nic, &mut self.settings, Origin::Connection);
                    }
                    _ => {}
                }
            }
        }
        self.settle();
        Ok(())
    }

    /// Connects to the server over the interface that was last named, else over those of the server
    /// order, one after the other (CON-14). Each may take `timeout`, or its medium's default. The one
    /// result comes as [`Notice::ConnectEnded`]; under
    /// [`SuspendOnError`](Policy::SuspendOnError) it comes with the connection, however long that
    /// takes.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]; nothing has changed then.
    pub fn connect(&mut self, now: Instant, timeout: Option<Span>) -> Result<(), ConnectError> {
        self.at(now).connect_now(timeout)
    }

    pub(super) fn connect_now(&mut self, timeout: Option<Span>) -> Result<(), ConnectError> {
        let was_given = self.connector.is_given();
        match (self.connector.held(), self.connector.state()) {
            (Some(id), ServerState::Connected) if !was_given => self.connector.confirm(id.into()),
            _ => {
                let interfaces = &self.interfaces;
                let is_enabled = |id| find_ref(interfaces, id).is_some_and(|member| member.enabled);
                let (first, route) = self
                    .connector
                    .first_route(is_enabled)
                    .ok_or(ConnectError::NothingToTry)?;
                let request = Request {
                    route,
                    name: None,
                    timeout,
                };
                self.begin(first, &request, was_given);
            }
        }
        self.settle();
        Ok(())
    }

    /// Drops the server connection or ends the attempt at one: at once, or after what waits was sent
    /// or `flush` has passed (CON-15). Local holders and their sockets are untouched.
    pub fn disconnect(&mut self, now: Instant, flush: Option<Span>) {
        self.at(now).disconnect_now(flush);
    }

    pub(super) fn disconnect_now(&mut self, flush: Option<Span>) {
        self.connector.disconnect(flush);
        self.settle();
    }

    /// There is traffic for the server: says whether it can be sent, and connects where the policy
    /// says so (CON-16).
    ///
    /// # Errors
    ///
    /// [`NotConnectedError`]: it cannot be sent, and nothing was begun.
    pub fn server_call(&mut self, now: Instant) -> Result<ServerCall, NotConnectedError> {
        self.at(now).server_call_now()
    }

    pub(super) fn server_call_now(&mut self) -> Result<ServerCall, NotConnectedError> {
        let is_first = self.connector.note_call();
        let suspends = self.connector.policy() == Policy::SuspendOnError;
        let state = self.connector.state();
        if state == ServerState::Connected {
            return Ok(ServerCall::Connected);
        }
        let rests = matches!(state, ServerState::Disconnected | ServerState::Flushing);
        match (rests, suspends || is_first) {
            (true, true) => self.connect_now(None).map_err(|_| NotConnectedError)?,
            (false, _) if suspends => {}
            _ => return Err(NotConnectedError),
        }
        Ok(ServerCall::Connecting)
    }

    /// The device woke from a sleep in which it could not be connected: the next server call counts
    /// as the first one (CON-16).
    pub fn woke(&mut self, now: Instant) {
        self.at(now).woke_now();
    }

    pub(super) fn woke_now(&mut self) {
        self.connector.wake();
    }

    /// Sets what becomes of a connection that is lost or does not come about (CON-1). An application
    /// that is suspended goes on at once when the policy suspends no more.
    pub fn set_policy(&mut self, now: Instant, policy: Policy) {
        self.at(now).set_policy_now(policy);
    }

    pub(super) fn set_policy_now(&mut self, policy: Policy) {
        self.connector.set_policy(policy);
        self.settle();
    }

    /// Sets the order in which interfaces are tried that nobody names (CON-14).
    ///
    /// # Errors
    ///
    /// [`OrderError`]: an interface that is absent, or listed twice; nothing has changed then.
    pub fn set_server_order(
        &mut self,
        now: Instant,
        order: &[InterfaceId],
    ) -> Result<(), OrderError> {
        self.at(now).set_server_order_now(order)
    }

    pub(super) fn set_server_order_now(&mut self, order: &[InterfaceId]) -> Result<(), OrderError> {
        let mut rest = order.iter();
        while let Some(id) = rest.next() {
            if self.member(*id).is_none() {
                return Err(OrderError::Absent(*id));
            }
            if rest.as_slice().contains(id) {
                return Err(OrderError::Twice(*id));
            }
        }
        self.connector.set_order(order);
        Ok(())
    }

    /// The order in which interfaces are tried that nobody names.
    #[must_use]
    pub fn server_order(&self) -> &[InterfaceId] {
        self.connector.order()
    }

    /// What becomes of a connection that is lost or does not come about.
    #[must_use]
    pub const fn policy(&self) -> Policy {
        self.connector.policy()
    }

    /// The state of the server connection (CON-17).
    #[must_use]
    pub const fn server_state(&self) -> ServerState {
        self.connector.state()
    }

    /// The interface that the server connection, or the attempt at one, uses.
    #[must_use]
    pub const fn server_interface(&self) -> Option<InterfaceId> {
        self.connector.held()
    }

    /// Reports of the server connection that changed nothing.
    #[must_use]
    pub const fn server_ignored(&self) -> Ignored {
        let (meaningless, stale) = self.connector.ignored();
        Ignored { meaningless, stale }
    }

    pub(super) fn handle_server_report(&mut self, generation: Generation, report: ServerReport) {
        self.connector.handle_report(generation, report);
        self.settle();
    }

    /// How an attempt fails that is over now, as far as its interface has to tell.
    pub(super) fn server_stage(&self) -> Outcome {
        let held = self.connector.held().and_then(|id| self.machine(id));
        held.map_or(Outcome::NotConnected, outcome::stage)
    }

    /// Takes what changed in an interface, and lets all react to it.
    // Several requests and events lead here, and to the next three.
    #[inline(never)]
    pub(super) fn settle_interface(&mut self, place: usize) {
        self.take_changes(place);
        self.settle();
    }

    /// Lets interfaces and connector react to each other until all is quiet.
    #[inline(never)]
    pub(super) fn settle(&mut self) {
        self.let_go();
        self.bring_up();
    }

    /// Takes the server's hold off an interface that the connector does not hold any more.
    #[inline(never)]
    pub(super) fn let_go(&mut self) {
        self.take_server_changes();
        let held = self.connector.held();
        if self.served != held {
            let served = self.served.take();
            if let Some((place, member)) = served.and_then(|id| find(&mut self.interfaces, id)) {
                member.end_connection(&mut self.settings);
                self.take_changes(place);
            }
        }
        // Also where it gave up a try before that had begun.
        if held.is_none() {
            self.settings.give_proxy(None);
        }
    }

    /// Brings up the interface that the connector wants to try over, if it wants one.
    #[inline(never)]
    pub(super) fn bring_up(&mut self) {
        // Each round but the last moves the connector on to another interface of its route.
        for _ in 0..INTERFACES.saturating_add(2) {
            let Some(id) = self.connector.take_wish() else {
                return;
            };
            self.serve(id);
            self.let_go();
        }
    }

    /// Turns what changed in the connector into notices.
    pub(super) fn take_server_changes(&mut self) {
        let changes = self.connector.take_changes();
        if changes.contains(Changes::STATE) {
            let state = self.connector.state();
            if !matches!(state, ServerState::Connected | ServerState::Flushing) {
                self.last.give_up();
            }
            self.notices.push(Notice::ServerStateChanged { state });
        }
        if changes.contains(Changes::RESUMED) {
            self.notices.push(Notice::Resumed);
        }
        let failure = self.connector.failure();
        let (outcome, code) = (failure.outcome, failure.code());
        // There is no end without a beginning.
        if let Some((id, name)) = self.connector.tried() {
            if changes.contains(Changes::MADE) {
                self.remember(name);
            }
            if changes.contains(Changes::ENDED) {
                self.notices.push(Notice::ConnectEnded {
                    interface: name,
                    outcome,
                    code,
                });
            }
            if changes.contains(Changes::LOST) {
                self.notices.push(Notice::ServerLost {
                    interface: id,
                    outcome,
                    code,
                });
            }
        }
        if changes.contains(Changes::SUSPENDED) {
            self.notices.push(Notice::Suspended { outcome, code });
        }
    }

    /// Brings the connector's interface up, or tells that it is up.
    fn serve(&mut self, id: InterfaceId) {
        let is_given = self.connector.is_given();
        if !is_given {
            self.settings.adopt_proxy(id.medium());
        }
        self.connector.set_proxy(self.settings.proxy().is_some());
        self.served = Some(id);
        match find(&mut self.interfaces, id) {
            Some((place, member)) if member.enabled => {
                if !is_given && !member.machine.is_held() {
                    member.adopt(&mut self.settings);
                }
                member.machine.hold(Holders::SERVER);
                if member.machine.state() == State::Connected {
                    let up = ServerTrigger::InterfaceUp;
                    self.connector.handle_interface(up, Failure::NONE);
                }
                self.take_changes(place);
            }
            _ => {
                let stopped = ServerTrigger::InterfaceStopped;
                self.connector.handle_interface(stopped, Failure::NONE);
            }
        }
    }

    /// Begins an attempt that tries `first` first. The interface that is used now is powered down
    /// whoever holds it, where it is another one or has to begin `anew` (CON-6).
    // Two requests lead here.
    #[inline(never)]
    fn begin(&mut self, first: InterfaceId, request: &Request, anew: bool) {
        let former = self.connector.held();
        self.connector.connect(request);
        if let Some(former) = former.filter(|former| *former != first || anew) {
            self.shut_down(former, Cause::Switched);
        }
    }

    /// Takes note of the settings of a connection that was made.
    fn remember(&mut self, name: InterfaceName) {
        let held = self.connector.held();
        if let Some(member) = held.and_then(|id| find_ref(&self.interfaces, id)) {
            self.last.put(
                name,
                self.settings.network(member.machine.id()),
                member.ip_config(),
                self.settings.proxy(),
            );
        }
    }

    pub(super) fn machine(&self, id: InterfaceId) -> Option<&Interface> {
        self.member(id).map(|member| &member.machine)
    }
}

/// Tells the connector what became of an interface, if it is the one that it waits for or uses.
pub(super) fn inform<const N: usize>(
    connector: &mut Connector<N>,
    id: InterfaceId,
    state: State,
    reason: Option<Reason>,
) {
    if !connector.watches(id) {
        return;
    }
    let trigger = if state == State::Connected {
        ServerTrigger::InterfaceUp
    } else if state.is_stopped() {
        ServerTrigger::InterfaceStopped
    } else {
        ServerTrigger::InterfaceLeft
    };
    let failure = reason.map_or(Failure::NONE, |reason| {
        outcome::failure(id.medium(), reason)
    });
    connector.handle_interface(trigger, failure);
}
