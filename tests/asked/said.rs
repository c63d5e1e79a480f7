//! What the notices said, and the questions that have the same answer.

use std::collections::BTreeMap;

use lankeeper::manager::ConnectResult;
use lankeeper::{
    Cause, ConnectOutcome, Handle, InterfaceId, IpConfig, Manager, Notice, ServerState, SocketId,
    State, StopReason,
};

use super::twins::INTERFACES;

/// What is known from notices alone.
#[derive(Default)]
pub(crate) struct Said {
    states: BTreeMap<InterfaceId, (State, Option<StopReason>)>,
    /// The address as it was asked, and what was said since.
    addresses: BTreeMap<InterfaceId, (Option<IpConfig>, Address)>,
    closed_handles: Vec<Handle>,
    closed_sockets: Vec<SocketId>,
    server: Option<ServerState>,
    /// Over which interface the connection is back, until its next state.
    back: Option<InterfaceId>,
    result: Option<(ConnectResultParts, u32)>,
    loss: Option<(InterfaceId, ConnectOutcome, Option<i32>)>,
    is_suspended: bool,
    is_unsaved: bool,
    failures: [u32; 5],
    /// How many notices of each kind.
    pub(crate) counts: BTreeMap<&'static str, u32>,
}

type ConnectResultParts = (u32, &'static str, ConnectOutcome, Option<i32>);

#[derive(Clone, Copy, Default, PartialEq)]
enum Address {
    #[default]
    Same,
    /// The state changed.
    Open,
    Other,
}

impl Said {
    /// The command to persist was polled.
    pub(crate) fn note_persisted(&mut self) {
        self.is_unsaved = false;
    }

    pub(crate) fn note(&mut self, notice: Notice) {
        let kind = self.take(notice);
        *self.counts.entry(kind).or_insert(0) += 1;
    }

    fn take(&mut self, notice: Notice) -> &'static str {
        match notice {
            Notice::StateChanged {
                interface,
                state,
                reason,
            } => {
                self.states.insert(interface, (state, reason));
                self.addresses.entry(interface).or_default().1 = Address::Open;
                "StateChanged"
            }
            Notice::Joined {
                interface, state, ..
            } => {
                let known = self.states.get(&interface).map(|(state, _)| *state);
                assert_eq!(known, Some(state));
                "Joined"
            }
            Notice::AddressChanged { interface } => {
                let (_, address) = self.addresses.entry(interface).or_default();
                if *address == Address::Same {
                    *address = Address::Other;
                }
                "AddressChanged"
            }
            Notice::HandleClosed { handle } => {
                self.closed_handles.push(handle);
                "HandleClosed"
            }
            Notice::SocketClosed { socket } => {
                self.closed_sockets.push(socket);
                "SocketClosed"
            }
            Notice::BindFailed { socket, .. } => {
                self.closed_sockets.push(socket);
                self.failures[0] += 1;
                "BindFailed"
            }
            Notice::SendFailed { .. } => {
                self.failures[1] += 1;
                "SendFailed"
            }
            Notice::StopFailed { .. } => {
                self.failures[2] += 1;
                "StopFailed"
            }
            Notice::DisconnectFailed { .. } => {
                self.failures[3] += 1;
                "DisconnectFailed"
            }
            Notice::PersistFailed { .. } => {
                self.failures[4] += 1;
                self.is_unsaved = true;
                "PersistFailed"
            }
            Notice::ServerStateChanged { state } => {
                self.server = Some(state);
                self.back = None;
                "ServerStateChanged"
            }
            Notice::ConnectEnded {
                attempt,
                interface,
                outcome,
                code,
            } => {
                let ended = self.result.map_or(0, |(_, ended)| ended) + 1;
                let parts = (attempt.to_bits(), interface.as_str(), outcome, code);
                self.result = Some((parts, ended));
                "ConnectEnded"
            }
            Notice::ServerLost {
                interface,
                outcome,
                code,
            } => {
                self.loss = Some((interface, outcome, code));
                "ServerLost"
            }
            Notice::Suspended {
                interface,
                outcome,
                code,
            } => {
                self.loss = Some((interface, outcome, code));
                self.is_suspended = true;
                "Suspended"
            }
            Notice::Resumed => {
                self.is_suspended = false;
                "Resumed"
            }
            Notice::ServerBack { interface } => {
                self.back = Some(interface);
                "ServerBack"
            }
            Notice::Provisioned => "Provisioned",
            other => panic!("nobody expects {other:?}"),
        }
    }

    /// Asks a manager of which nobody took a notice.
    pub(crate) fn check<const H: usize, const S: usize, const N: usize>(
        &mut self,
        manager: &Manager<3, H, S, N, 1>,
    ) {
        for id in INTERFACES {
            self.check_interface(manager, id);
        }
        for handle in &self.closed_handles {
            assert!(manager.interface(*handle).is_err());
        }
        for socket in &self.closed_sockets {
            assert!(manager.udp_port(*socket).is_err());
        }
        let server = manager.server_state();
        assert_eq!(server, self.server.unwrap_or(ServerState::Disconnected));
        if self.back.is_some() {
            let asked = (server, manager.server_interface());
            assert_eq!(asked, (ServerState::Connected, self.back));
        }
        let parts = |result: ConnectResult| {
            let (attempt, name) = (result.attempt.to_bits(), result.interface.as_str());
            (attempt, name, result.outcome, result.code)
        };
        let result = manager.last_result().map(parts);
        assert_eq!(result, self.result.map(|(parts, _)| parts));
        let ended = self.result.map_or(0, |(_, ended)| ended);
        assert_eq!(manager.ended_attempts(), ended);
        let loss = manager.server_loss();
        let loss = loss.map(|loss| (loss.interface, loss.outcome, loss.code));
        assert_eq!(loss, self.loss);
        assert_eq!(manager.is_suspended(), self.is_suspended);
        if self.is_unsaved {
            assert!(!manager.is_persisted());
        }
        let failures = manager.failures();
        let failures = [
            failures.binds,
            failures.sends,
            failures.stops,
            failures.disconnects,
            failures.persists,
        ];
        assert_eq!(failures, self.failures);
    }

    fn check_interface<const H: usize, const S: usize, const N: usize>(
        &mut self,
        manager: &Manager<3, H, S, N, 1>,
        id: InterfaceId,
    ) {
        let (state, reason) = *self.states.get(&id).unwrap_or(&(State::Unknown, None));
        assert_eq!(manager.state(id), Some(state), "{id}");
        let (before, address) = self.addresses.entry(id).or_default();
        if *address == Address::Open {
            // There may be a newer reason in the same state, which no notice says (IFC-9): later, or at
            // once when nobody holds it any more or there is nothing to try again with.
            if state.is_stopped() {
                let asked = manager.reason(id);
                let newer = [Cause::Closed, Cause::NoCredentials];
                let is_newer = asked.is_some_and(|asked| newer.contains(&asked.cause));
                assert!(asked == reason || is_newer, "{id}: {asked:?}, {reason:?}");
            } else if reason.is_some() {
                assert_eq!(manager.loss(id), reason, "{id}");
            }
        }
        let now = manager.ip_config(id);
        match address {
            Address::Same => assert_eq!(*before, now, "{id}"),
            Address::Other => assert_ne!(*before, now, "{id}"),
            Address::Open => assert_eq!(now.is_some(), state == State::Connected, "{id}"),
        }
        (*before, *address) = (now, Address::Same);
    }
}
