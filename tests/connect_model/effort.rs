//! The course of a server connection: attempts, success, failure, loss.

use lankeeper::nic::InterfaceName;
use lankeeper::{
    ConnectOutcome, InterfaceId, Medium, Policy, ServerReport, ServerState, ServerTicket, State,
};

use super::device::Device;
use super::interface::{Origin, SECOND, Timer};
use super::last::Configuration;
use super::outcome::{outcome, stage};
use super::output::{Told, Why};
use super::server::{Effort, Failure, Purpose, Route, Stage, answers};

impl Device {
    /// The only place that changes the state.
    pub(super) fn server_goes(&mut self, state: ServerState) {
        if self.server.state != state {
            self.server.state = state;
            self.tell(Told::Server(state));
            let ended = !matches!(state, ServerState::Connected | ServerState::Flushing);
            if ended {
                self.last.end();
            }
        }
        if matches!(state, ServerState::Connected | ServerState::Disconnected) {
            self.resume();
        }
    }

    pub(super) fn resume(&mut self) {
        if core::mem::take(&mut self.server.suspended) {
            self.tell(Told::Resumed);
        }
    }

    /// Releases the interface.
    pub(super) fn leave(&mut self) {
        self.server.is_to_try = false;
        if let Some(id) = self.server.held.take() {
            self.release_server(id);
        }
    }

    /// Attempts to connect over the next interface.
    pub(super) fn attempt(&mut self) {
        let now = self.now;
        let effort = self.server.effort().clone();
        let Some(id) = self.server.at(effort.route) else {
            return self.conclude();
        };
        if effort.purpose == Purpose::Asked {
            let spans = self.server.spans;
            let default = match id.medium() {
                Medium::Wifi => spans.wifi,
                Medium::Ethernet => spans.ethernet,
                Medium::Cellular => spans.cellular,
            };
            self.server.until = Some(Timer::At(now + effort.timeout.unwrap_or(default)));
        }
        if self.server.held != Some(id) {
            self.leave();
        }
        self.server.held = Some(id);
        self.server.retry = None;
        self.server.stable = None;
        self.server_goes(ServerState::WaitingForInterface);
        self.server.is_to_try = true;
        if !self.fires {
            self.bring_up();
        }
    }

    /// Begins the attempt, if one is pending.
    pub(super) fn bring_up(&mut self) {
        if !core::mem::take(&mut self.server.is_to_try) {
            return;
        }
        let now = self.now;
        let effort = self.server.effort().clone();
        let id = self.server.held.unwrap();
        self.server.tried = Some(id);
        let (network, fixed, proxy) = self.stored_for(id);
        let is_given = matches!(effort.route, Route::Given(_));
        self.server.proxy = if is_given { effort.proxy } else { proxy };
        let interface = self.interface(id);
        if !is_given && !interface.is_held() {
            interface.use_settings(network, fixed, Origin::Stored);
        }
        interface.server = true;
        interface.start(now);
        let (state, why) = (interface.state, interface.reason);
        self.tell_changes(id);
        if state == State::Connected {
            self.interface_up();
        } else if state.is_stopped() {
            // Without credentials it stays as it was.
            self.server_hears(id, state, why);
        }
    }

    fn interface_up(&mut self) {
        if self.server.state == ServerState::WaitingForInterface {
            self.server.begin(Stage::Resolve);
            self.server_goes(ServerState::Resolving);
        }
    }

    /// The interface has changed its state; only the interface of the current attempt matters.
    pub(super) fn server_hears(&mut self, id: InterfaceId, state: State, why: Option<Why>) {
        let concerns_it = self.server.held == Some(id) && !self.server.is_to_try;
        // An interface that only takes long is still coming up (CON-5).
        let is_slow = state.is_stopped() && self.interface(id).keeps_on();
        if !concerns_it || is_slow || self.server.effort.is_none() {
            return;
        }
        let failure = why.map_or((ConnectOutcome::NotConnected, None), |why| {
            (outcome(id.medium(), why), why.code)
        });
        let stopped = state.is_stopped();
        match self.server.state {
            _ if state == State::Connected => self.interface_up(),
            ServerState::Disconnected | ServerState::Waiting => {}
            ServerState::Flushing => self.drop_all(),
            ServerState::Connected => self.lose(failure, !stopped),
            _ if stopped => self.fail(failure),
            ServerState::WaitingForInterface => {}
            _ => {
                self.server.end();
                self.server_goes(ServerState::WaitingForInterface);
            }
        }
    }

    /// The attempt over this interface has failed.
    fn fail(&mut self, failure: Failure) {
        self.server.end();
        let failure = self.by_medium(failure);
        self.server.effort().failure = failure;
        let route = self.server.effort().route;
        let is_asked = self.server.effort().purpose == Purpose::Asked;
        if failure.0 == ConnectOutcome::NotAuthorised && !is_asked {
            return self.wait();
        }
        let mut rest = route;
        while let Some(next) = self.server.rest(rest) {
            rest = next;
            // A disabled interface is passed over (CON-23).
            if self
                .server
                .at(rest)
                .is_some_and(|id| self.interface(id).enabled)
            {
                self.server.effort().route = rest;
                return self.attempt();
            }
        }
        self.server.effort().route = self.server.next_after(route);
        match self.server.effort().purpose {
            Purpose::Asked => self.conclude(),
            Purpose::Silent | Purpose::Suspended => self.wait(),
        }
    }

    /// Outcomes of PPP apply only to cellular interfaces.
    fn by_medium(&self, (outcome, code): Failure) -> Failure {
        let over = self.server.held.map(InterfaceId::medium);
        match outcome {
            ConnectOutcome::PppNoConnectivity if over != Some(Medium::Cellular) => {
                (ConnectOutcome::NoServer, code)
            }
            _ => (outcome, code),
        }
    }

    /// All interfaces have failed, or the round is over.
    fn conclude(&mut self) {
        let purpose = self.server.effort().purpose;
        match (self.server.policy, purpose) {
            (Policy::SuspendOnError, Purpose::Suspended) => self.wait(),
            (Policy::SuspendOnError, _) => self.suspend(),
            _ => self.finish(),
        }
    }

    fn suspend(&mut self) {
        self.server.effort().purpose = Purpose::Suspended;
        if self.server.is_given() {
            // Given settings are not used again (CFG-2).
            self.leave();
            self.server.effort().route = self.server.default_route();
            // Another route ends the name of the request (CON-24).
            self.server.effort().name = None;
        }
        self.wait();
        self.tell_suspended();
    }

    fn tell_suspended(&mut self) {
        let (outcome, code) = self.server.effort().failure;
        if !core::mem::replace(&mut self.server.suspended, true) {
            self.tell(Told::Suspended(outcome, code));
        }
    }

    /// Waits for the next attempt, or for the next round: the model follows it no further.
    fn wait(&mut self) {
        self.server.is_to_try = false;
        self.server.retry = None;
        self.server.until = None;
        self.server.stable = None;
        self.server_goes(ServerState::Waiting);
    }

    /// Gives up, and reports the result.
    pub(super) fn finish(&mut self) {
        let effort = self.server.effort().clone();
        self.leave();
        self.server.effort = None;
        self.server_goes(ServerState::Disconnected);
        let tried = self.server.tried.expect("something was tried");
        let (outcome, code) = effort.failure;
        if effort.owes_result {
            let name = effort
                .name
                .unwrap_or_else(|| InterfaceName::from(tried).as_str());
            self.tell(Told::Ended(effort.id, name, outcome, code));
        } else {
            self.tell(Told::Lost(tried, outcome, code));
        }
    }

    /// Ends everything by request.
    pub(super) fn drop_all(&mut self) {
        self.server.end();
        if self.server.effort().owes_result {
            self.server.effort().failure = (ConnectOutcome::NotConnected, None);
            return self.finish();
        }
        self.leave();
        self.server.effort = None;
        self.server_goes(ServerState::Disconnected);
    }

    /// The interface that carries the connection has another address.
    pub(super) fn server_moves(&mut self, id: InterfaceId) {
        if self.server.held != Some(id) || self.server.state != ServerState::Connected {
            return;
        }
        let returns = self.server.policy != Policy::SuspendOnError;
        let is_stable = self.server.is_stable;
        let is_put_off = self.server.spans.spread.is_some();
        self.begin_outage((ConnectOutcome::AddressChanged, None), false);
        match self.server.effort().route {
            Route::Given(_) if returns => self.finish(),
            Route::Named(_) | Route::Order { .. } if is_stable && !is_put_off => {
                // It counts as a wait that is over at once.
                self.server_goes(ServerState::Waiting);
                self.server.has_waited = true;
                self.attempt();
            }
            _ => self.wait(),
        }
    }

    /// A connection is lost unexpectedly.
    fn lose(&mut self, failure: Failure, is_on_its_way: bool) {
        let suspends = self.server.policy == Policy::SuspendOnError;
        self.begin_outage(failure, suspends);
        match self.server.effort().route {
            Route::Given(_) if suspends => return self.suspend(),
            Route::Given(_) => return self.finish(),
            _ if is_on_its_way => self.server_goes(ServerState::WaitingForInterface),
            _ => self.wait(),
        }
        if suspends {
            self.tell_suspended();
        }
    }

    /// An outage begins: the connection is tried again.
    fn begin_outage(&mut self, failure: Failure, suspends: bool) {
        self.server.end();
        let route = match self.server.effort().route {
            Route::Order { place, .. } => self.server.round(place),
            other => other,
        };
        let failure = self.by_medium(failure);
        self.server.effort = Some(Effort {
            id: None,
            route,
            purpose: match suspends {
                true => Purpose::Suspended,
                false => Purpose::Silent,
            },
            owes_result: false,
            name: None,
            timeout: None,
            proxy: None,
            failure,
        });
        self.server.until = Some(self.server.end_of_grace(self.now));
        self.server.stable = None;
    }

    fn succeed(&mut self) {
        let id = self.server.held.unwrap();
        let effort = self.server.effort().clone();
        self.server.stable = Some(self.now + 60 * SECOND);
        self.server.is_stable = false;
        self.server_goes(ServerState::Connected);
        let name = effort
            .name
            .unwrap_or_else(|| InterfaceName::from(id).as_str());
        let proxy = self.server.proxy.clone();
        let interface = self.interface(id);
        let known = interface.network.as_ref().filter(|_| !interface.is_unknown);
        let (network, fixed) = (known.cloned(), interface.fixed);
        self.last.begin(Configuration {
            name,
            wifi: network,
            fixed,
            proxy,
        });
        self.server.effort().owes_result = false;
        if effort.owes_result {
            let outcome = ConnectOutcome::ServerConnected;
            self.tell(Told::Ended(effort.id, name, outcome, None));
        }
    }

    /// Its timer fires.
    pub(super) fn fire_server(&mut self) {
        let outcome = match self.server.state {
            ServerState::Connected => {
                // The second time it is trusted for good.
                let for_good = core::mem::replace(&mut self.server.is_stable, true);
                self.server.has_waited &= !for_good;
                let again = self.now + 240 * SECOND;
                self.server.stable = self.server.has_waited.then_some(again);
                return;
            }
            ServerState::Flushing => return self.drop_all(),
            // A server call was put off.
            ServerState::Waiting => return self.attempt(),
            // The attempt has not begun.
            ServerState::WaitingForInterface if self.server.is_to_try => {
                self.server.effort().failure
            }
            ServerState::WaitingForInterface => {
                let id = self.server.held.unwrap();
                (stage(self.interface(id)), None)
            }
            ServerState::Resolving => (ConnectOutcome::NotResolved, None),
            ServerState::ReachingProxy => (ConnectOutcome::NoProxy, None),
            _ => (ConnectOutcome::NoServer, None),
        };
        if self.server.effort().purpose == Purpose::Asked {
            return self.fail(outcome);
        }
        // The round is over.
        self.server.end();
        let failure = self.by_medium(outcome);
        let route = self.server.effort().route;
        let next = self.server.next_after(route);
        self.server.effort().route = next;
        self.server.effort().failure = failure;
        self.conclude();
    }

    pub(super) fn server_report(&mut self, ticket: ServerTicket, report: ServerReport) {
        if let (ServerReport::Fault { code }, true) = (report, self.server.ended == Some(ticket)) {
            self.server.ended = None;
            return self.tell(Told::DisconnectFailed(code));
        }
        let Some((_, stage)) = self
            .server
            .live
            .filter(|(other, _)| *other == ticket)
            .filter(|(_, stage)| answers(report, *stage))
        else {
            return;
        };
        let is_up = self.server.state == ServerState::Connected;
        let is_flushing = self.server.state == ServerState::Flushing;
        let tries = !is_up && !is_flushing;
        let (outcome, code) = match (report, stage) {
            (ServerReport::Resolved, _) if self.server.state == ServerState::Resolving => {
                return if self.server.proxy.is_some() {
                    self.server.begin(Stage::Proxy);
                    self.server_goes(ServerState::ReachingProxy);
                } else {
                    self.server.begin(Stage::Connect);
                    self.server_goes(ServerState::Connecting);
                };
            }
            (ServerReport::ProxyReached, _) if tries => {
                self.server.begin(Stage::Connect);
                return self.server_goes(ServerState::Connecting);
            }
            (ServerReport::Connected, _) if tries => return self.succeed(),
            (ServerReport::Flushed, _) if is_flushing => return self.drop_all(),
            (ServerReport::NotResolved { code }, _) => (ConnectOutcome::NotResolved, code),
            (ServerReport::ProxyUnreachable { code }, _) if tries => {
                (ConnectOutcome::NoProxy, code)
            }
            (ServerReport::ProxyRefused { code }, _) if tries => {
                (ConnectOutcome::NotAuthorised, code)
            }
            (ServerReport::Unreachable { code }, _) if tries => (ConnectOutcome::NoServer, code),
            (ServerReport::NoConnectivity { code }, _) => (ConnectOutcome::PppNoConnectivity, code),
            (ServerReport::Lost { code }, _) => (ConnectOutcome::NoServer, code),
            (ServerReport::SendTimedOut { code }, _) if is_up => {
                if self.server.policy == Policy::ReturnOnErrorNoDisconnect {
                    return;
                }
                (ConnectOutcome::NoServer, code)
            }
            (ServerReport::Fault { code }, Stage::Resolve) => (ConnectOutcome::NotResolved, code),
            (ServerReport::Fault { code }, Stage::Proxy) => (ConnectOutcome::NoProxy, code),
            (ServerReport::Fault { code }, Stage::Connect) => (ConnectOutcome::NoServer, code),
            _ => return,
        };
        if is_up {
            self.lose((outcome, Some(code)), false);
        } else if is_flushing {
            if let ServerReport::Fault { code } = report {
                self.tell(Told::DisconnectFailed(code));
            }
            self.drop_all();
        } else {
            self.fail((outcome, Some(code)));
        }
    }
}
