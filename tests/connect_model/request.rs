//! Requests for the server connection (CON).

use lankeeper::manager::ConnectError;
use lankeeper::nic::InterfaceName;
use lankeeper::{AttemptId, Cause, ConnectOutcome, InterfaceId, Nic, Policy, ServerState};

use super::device::Device;
use super::interface::{Origin, Timer};
use super::output::Told;
use super::server::{Effort, Purpose, Route};

impl Device {
    pub(super) fn connect_with(
        &mut self,
        attempt: Option<AttemptId>,
        nic: &Nic,
        timeout: Option<u64>,
    ) -> Result<(), ConnectError> {
        if self.server.policy == Policy::SuspendOnError {
            return Err(ConnectError::Suspends);
        }
        let id = self.usable(nic).map_err(ConnectError::Interface)?;
        let name = nic.name().as_str();
        let former = self.server.held;
        let over_it = former == Some(id);
        let name_only = nic.is_name_only();
        let runs_with = self.runs_with(id, nic);
        let interface = self.interface(id);
        let other_settings = if name_only {
            interface.origin == Origin::Connection
        } else {
            interface.is_held() && !runs_with
        };
        let equal = !other_settings && self.server.proxy.as_ref() == nic.proxy();
        if over_it && self.server.state == ServerState::Connected && (name_only || equal) {
            if name_only {
                self.server.named = Some(id);
            }
            self.confirm(attempt, name);
            return Ok(());
        }
        if other_settings && !over_it {
            return Err(ConnectError::Active);
        }
        if name_only {
            self.server.named = Some(id);
        }
        self.drop_former(!over_it || other_settings);
        if !name_only && !self.interface(id).is_held() {
            self.configure(id, nic, Origin::Connection);
        }
        let route = match name_only {
            true => Route::Named(id),
            false => Route::Given(id),
        };
        self.ask(Effort {
            name: Some(name),
            timeout,
            proxy: nic.proxy().cloned(),
            ..asked(attempt, route)
        });
        Ok(())
    }

    pub(super) fn connect(
        &mut self,
        attempt: Option<AttemptId>,
        timeout: Option<u64>,
    ) -> Result<(), ConnectError> {
        self.connect_by_order(attempt, timeout, false)
    }

    fn connect_by_order(
        &mut self,
        attempt: Option<AttemptId>,
        timeout: Option<u64>,
        is_first_call: bool,
    ) -> Result<(), ConnectError> {
        let former = self.server.held;
        let was_given = self.server.is_given();
        if let (Some(id), ServerState::Connected, false) = (former, self.server.state, was_given) {
            self.confirm(attempt, InterfaceName::from(id).as_str());
            return Ok(());
        }
        // A selected interface that is disabled does not hide the order (CON-23).
        let selected = self.server.named;
        let mut route = match selected.filter(|id| self.interface(*id).enabled) {
            Some(id) => Route::Named(id),
            None => self.server.round(0),
        };
        let first = loop {
            match self.server.at(route) {
                Some(id) if self.interface(id).enabled => break id,
                _ => route = self.server.rest(route).ok_or(ConnectError::NothingToTry)?,
            }
        };
        self.drop_former(former != Some(first) || was_given);
        let effort = Effort {
            timeout,
            ..asked(attempt, route)
        };
        if is_first_call && self.server.spans.spread.is_some() {
            self.ask_later(effort, first);
        } else {
            self.ask(effort);
        }
        Ok(())
    }

    pub(super) fn disconnect(&mut self, flush: u64) {
        match self.server.state {
            ServerState::Disconnected => {}
            ServerState::Connected if flush > 0 => {
                self.server.until = Some(Timer::At(self.now + flush));
                self.server.flushes = true;
                self.server.stable = None;
                self.server_goes(ServerState::Flushing);
            }
            ServerState::Flushing if flush > 0 => {}
            _ => self.drop_all(),
        }
    }

    /// Whether the traffic can be sent now (`Some(true)`) or later, if it can.
    pub(super) fn server_call(&mut self) -> Option<bool> {
        let is_first = !self.server.called;
        let suspends = self.server.policy == Policy::SuspendOnError;
        match self.server.state {
            ServerState::Connected => Some(true),
            ServerState::Disconnected if suspends || is_first => {
                let begun = self.connect_by_order(None, None, is_first);
                begun.ok().map(|()| false)
            }
            ServerState::Disconnected | ServerState::Flushing => None,
            _ => suspends.then_some(false),
        }
    }

    pub(super) fn wake(&mut self) {
        self.server.called = false;
    }

    pub(super) fn set_policy(&mut self, policy: Policy) {
        self.server.policy = policy;
        if policy == Policy::SuspendOnError {
            return;
        }
        let is_up = matches!(
            self.server.state,
            ServerState::Connected | ServerState::Flushing
        );
        match &self.server.effort {
            Some(effort) if effort.purpose == Purpose::Suspended && !is_up => {
                self.server.end();
                self.finish();
            }
            // An attempt that was requested meanwhile continues.
            _ => self.resume(),
        }
    }

    /// Ends the current connection or attempt in favour of a new one.
    fn drop_former(&mut self, shuts_down: bool) {
        self.server.end();
        self.server.effort = None;
        if shuts_down && let Some(former) = self.server.held.take() {
            self.shut_down(former, Cause::Switched);
        }
    }

    fn ask(&mut self, effort: Effort) {
        self.server.called = true;
        self.server.effort = Some(effort);
        self.attempt();
    }

    /// Begins within the spread, and holds no interface until then (CON-18).
    fn ask_later(&mut self, effort: Effort, first: InterfaceId) {
        self.server.called = true;
        self.server.effort = Some(effort);
        self.leave();
        self.server.tried = Some(first);
        self.server.until = None;
        self.server.stable = None;
        self.server.retry = Some(self.server.put_off(Timer::At(self.now)));
        self.server_goes(ServerState::Waiting);
    }

    /// The requested connection exists already.
    fn confirm(&mut self, attempt: Option<AttemptId>, name: &'static str) {
        let outcome = ConnectOutcome::ServerConnected;
        self.tell(Told::Ended(attempt, name, outcome, None));
    }
}

/// A request without name, timeout and proxy.
fn asked(id: Option<AttemptId>, route: Route) -> Effort {
    Effort {
        id,
        route,
        purpose: Purpose::Asked,
        owes_result: true,
        name: None,
        timeout: None,
        proxy: None,
        failure: (ConnectOutcome::NotConnected, None),
    }
}
