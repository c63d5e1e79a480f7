//! How the interfaces and the server connection react to each other.
//!
//! ```text
//!   Connector                       Manager                        Interface
//!   ─────────                       ───────                        ─────────
//!   wanted ────bring_up_wanted──────────────────────hold─────────▶ holders
//!      │                                                              │
//!      └──────release_unwanted──────────────end_connection──────────▶ │
//!                                                                     ▼
//!   InterfaceUp, Left, Stopped ◀──────take_interface_changes─────── changes ──▶ notices
//!      ▼
//!   changes ──────take_server_changes──────▶ notices
//! ```
//!
//! Which interface the connection is over is said twice: by what the connector wants, and by what the
//! server connection holds. [`Manager::reconcile`] makes the second follow the first, at the end of
//! every input that can change either; `Manager::advance` does its two halves itself, the second only
//! when everything due has fired.

use super::in_use::Refresh;
use super::{Manager, Notice, find};
use crate::connect::{ConnectOutcome, ConnectorChange, Failure, ServerState, ServerTrigger};
use crate::interface::{Cause, Change, Holder, Interface, State, Step, StopReason};
use crate::nic::{InterfaceId, Medium};
use crate::time::Instant;

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Releases the interface that is not wanted any more, then begins the tries that wait.
    // size: 7 callers
    #[inline(never)]
    pub(super) fn reconcile(&mut self, now: Instant) {
        self.release_unwanted(now);
        self.bring_up_wanted(now);
    }

    /// Takes what changed in an interface, and lets all react to it.
    pub(super) fn settle_interface(&mut self, place: usize, now: Instant) {
        self.take_interface_changes(place, now);
        self.reconcile(now);
    }

    /// Turns what changed in an interface into notices, and reports it to the connector if the
    /// connector uses the interface. While that waits, any interface that comes up is news (CON-19);
    /// one that is about to repeat a slow step, or that begins anew, is still coming up (CON-5).
    // size: 5 callers
    #[inline(never)]
    pub(super) fn take_interface_changes(&mut self, place: usize, now: Instant) {
        while let Some(managed) = self.interfaces.get_mut(place) {
            let interface = managed.machine.id();
            let Some(change) = managed.machine.take_change() else {
                // An interface that has stopped goes on with what is stored now.
                if managed.refresh(&mut self.settings, Refresh::Next, now) {
                    continue;
                }
                return;
            };
            match change {
                Change::State(state, reason) => {
                    managed.note_state(state);
                    self.notices.push(Notice::StateChanged {
                        interface,
                        state,
                        reason,
                    });
                    let is_up = state == State::Connected && self.connector.listens(interface);
                    let is_kept = managed.machine.keeps_on() || managed.machine.begins_anew(reason);
                    // One that left CONNECTED to join or to be addressed anew does so with the stored
                    // settings of now, if it uses stored ones.
                    if reason.is_some() && !state.is_stopped() {
                        managed.refresh(&mut self.settings, Refresh::Left, now);
                    }
                    if is_up || (self.connector.uses(interface) && !is_kept) {
                        self.inform(interface, state, reason, now);
                    }
                }
                Change::Address { moved } => {
                    self.notices.push(Notice::AddressChanged { interface });
                    if moved && self.connector.uses(interface) {
                        let trigger = ServerTrigger::AddressChanged;
                        self.connector
                            .handle_interface(interface, trigger, None, now);
                    }
                }
            }
        }
    }

    /// Reports to the connector what became of the interface that it uses.
    fn inform(&mut self, id: InterfaceId, state: State, reason: Option<StopReason>, now: Instant) {
        let trigger = if state == State::Connected {
            ServerTrigger::InterfaceUp
        } else if state.is_stopped() {
            ServerTrigger::InterfaceStopped
        } else {
            ServerTrigger::InterfaceLeft
        };
        let failure = reason.and_then(|reason| failure_of(id.medium(), reason));
        self.connector.handle_interface(id, trigger, failure, now);
    }

    /// Turns what changed in the connector into notices, and releases an interface that the
    /// connector does not want any more.
    // size: 3 callers
    #[inline(never)]
    pub(super) fn release_unwanted(&mut self, now: Instant) {
        self.take_server_changes();
        let wanted = self.connector.wanted();
        let held = self.held_by_server().filter(|held| Some(*held) != wanted);
        if let Some((place, interface)) = held.and_then(|id| find(&mut self.interfaces, id)) {
            interface.end_connection(&mut self.settings, now);
            self.take_interface_changes(place, now);
        }
        // Needed too when a try is given up before it begins: it was never in use.
        if wanted.is_none() {
            self.settings.drop_proxy();
        }
    }

    /// The interface that the server connection holds: of those that the connector wanted most
    /// recently, the last one that nothing has stopped since.
    pub(super) fn held_by_server(&self) -> Option<InterfaceId> {
        let mut machines = self.interfaces.iter().map(|interface| &interface.machine);
        machines
            .find(|machine| machine.is_held_by_server())
            .map(Interface::id)
    }

    /// Brings up the interface that the connector wants, if a try over one waits.
    pub(super) fn bring_up_wanted(&mut self, now: Instant) {
        // Each pass but the final one moves the connector on to another interface of its route.
        for _ in 0..I.saturating_add(2) {
            let Some(wanted) = self.connector.begin_try() else {
                return;
            };
            self.use_interface(wanted, now);
            self.release_unwanted(now);
        }
    }

    /// Brings an interface up for the connector, or reports that it is up.
    fn use_interface(&mut self, id: InterfaceId, now: Instant) {
        let is_given = self.connector.is_given();
        if !is_given {
            self.settings.adopt_proxy(id.medium());
        }
        self.connector.set_proxy(self.settings.proxy().is_some());
        let Some((place, interface)) = find(&mut self.interfaces, id) else {
            return;
        };
        if !is_given && !interface.machine.is_held() {
            interface.adopt(&mut self.settings);
        }
        let starts = if self.connector.is_asked() {
            interface.machine.hold(Holder::Server, now);
            // Without credentials one that is stopped stays so, which is no change.
            !interface.machine.state().is_stopped()
        } else {
            interface.machine.hold_patiently(Holder::Server, now)
        };
        let (state, reason) = (interface.machine.state(), interface.machine.reason());
        let keeps_on = interface.machine.keeps_on();
        if state == State::Connected || (!starts && !keeps_on) {
            self.inform(id, state, reason, now);
        }
        self.take_interface_changes(place, now);
    }

    /// Turns what changed in the connector into notices.
    pub(super) fn take_server_changes(&mut self) {
        while let Some(change) = self.connector.take_change() {
            self.report(change);
        }
    }

    /// Turns one change into a notice. A new connection's settings are kept for
    /// [`Manager::current_config`], at once if there is nothing to seal; one that is over leaves no
    /// secret to be sealed.
    // size: 20 B, and it keeps the loop of the caller short
    #[inline(never)]
    fn report(&mut self, change: ConnectorChange) {
        let failure = self.connector.failure();
        let (outcome, code) = (failure.outcome(), failure.code);
        let notice = match change {
            ConnectorChange::State(state) => {
                if state == ServerState::Connected {
                    self.begin_connection();
                } else if state != ServerState::Flushing {
                    self.last_connection.give_up();
                }
                Notice::ServerStateChanged { state }
            }
            ConnectorChange::Resumed => Notice::Resumed,
            ConnectorChange::Ended(interface) => Notice::ConnectEnded {
                attempt: self.connector.attempt_id(),
                interface,
                outcome,
                code,
            },
            ConnectorChange::GivenUp(interface) => Notice::ServerLost {
                interface,
                outcome,
                code,
            },
            ConnectorChange::Back(interface) => Notice::ServerBack { interface },
            ConnectorChange::Suspended(interface) => Notice::Suspended {
                interface,
                outcome,
                code,
            },
        };
        self.notices.push(notice);
    }

    /// How an attempt fails that is over now, as far as its interface says (CON-10), and whether that
    /// is on its way, if it is held: where a try has not begun yet, it is not.
    // size: 50 B
    #[inline(never)]
    pub(super) fn stage(&self) -> (ConnectOutcome, Option<bool>) {
        let wanted = self.connector.wanted().and_then(|id| self.machine(id));
        let Some(interface) = wanted else {
            return (ConnectOutcome::NotConnected, None);
        };
        let hindrance = interface.hindrance();
        let failure = hindrance.and_then(|reason| failure_of(interface.id().medium(), reason));
        let outcome = failure.unwrap_or(Failure::NONE).outcome();
        let is_held = interface.is_held_by_server();
        (outcome, is_held.then(|| interface.is_on_its_way()))
    }
}

/// How an attempt fails whose interface stopped, or was lost, for this reason (CON-11); `None` if nothing
/// has failed, because somebody stopped it.
const fn failure_of(medium: Medium, reason: StopReason) -> Option<Failure> {
    let outcome = match reason.cause {
        Cause::NoCredentials
        | Cause::NotFound
        | Cause::WrongCredentials
        | Cause::Rejected
        | Cause::LinkLost => ConnectOutcome::NoWifi,
        Cause::NoCarrier => ConnectOutcome::NoLink,
        Cause::NoAddress | Cause::LeaseLost | Cause::AddressConflict => ConnectOutcome::NoIpAddress,
        Cause::Sim => ConnectOutcome::SimError,
        Cause::RegistrationDenied => ConnectOutcome::RegistrationDenied,
        Cause::RegistrationLost => ConnectOutcome::NoRegistration,
        Cause::Ppp => ConnectOutcome::NoPppConnection,
        Cause::Closed | Cause::Disabled | Cause::Switched => return None,
        Cause::TimedOut | Cause::Fault => match reason.step {
            Some(step) => step_outcome(medium, step),
            None => ConnectOutcome::NotConnected,
        },
    };
    Some(Failure {
        code: reason.code,
        ..Failure::of(outcome)
    })
}

/// How an attempt fails in a step that does not say why.
const fn step_outcome(medium: Medium, step: Step) -> ConnectOutcome {
    match (step, medium) {
        (Step::Scan | Step::Join | Step::Wps, _) => ConnectOutcome::NoWifi,
        (Step::Link, _) => ConnectOutcome::NoLink,
        (Step::Dhcp | Step::StaticAddress, _) => ConnectOutcome::NoIpAddress,
        (Step::Modem, _) | (Step::Power, Medium::Cellular) => ConnectOutcome::NoModem,
        (Step::Sim, _) => ConnectOutcome::SimError,
        (Step::Registration, _) => ConnectOutcome::NoRegistration,
        (Step::Ppp, _) => ConnectOutcome::NoPppConnection,
        (Step::Power, Medium::Wifi | Medium::Ethernet) => ConnectOutcome::NotConnected,
    }
}
