//! Properties that are checked from outside, without the model.

use lankeeper::{InterfaceId, Nic, ServerState, State};

use super::Device3;
use super::output::{Order, ServerTask, Task, Told};
use super::settings::{GIVEN, numbers};

/// The given settings that a device may still use, and the requests without a result so far.
#[derive(Debug, Default)]
pub(super) struct Laws {
    /// The settings given for the server connection or the attempt at one.
    connection: Option<u32>,
    /// Settings that an interface was opened with.
    opened: Vec<(u32, InterfaceId)>,
    owes_result: bool,
}

/// The situation before a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    pub(super) state: ServerState,
    pub(super) interface: Option<InterfaceId>,
}

impl Laws {
    /// A request for the server connection was taken, with settings of this number if with any.
    pub(super) fn requested(&mut self, manager: &Device3, before: Before, given: Option<u32>) {
        self.owes_result = true;
        let confirmed = before.state == ServerState::Connected
            && manager.server_state() == ServerState::Connected;
        if confirmed {
            return;
        }
        self.connection = given;
        // After a switch the former interface is off (CON-6). A call that is put off is none yet.
        if let Some(former) = before.interface
            && manager.server_interface().is_some_and(|now| now != former)
        {
            let stands = manager.snapshot().find(|stands| stands.interface == former);
            let stands = stands.unwrap();
            assert!(
                !stands.server_holder && stands.local_holders == 0,
                "{former} is held after a switch"
            );
            let is_off = stands.state.is_stopped() || stands.state == State::Unknown;
            assert!(is_off, "{former} runs after a switch");
        }
    }

    pub(super) fn opened(&mut self, id: InterfaceId, nic: &Nic, number: u32) {
        if !nic.is_name_only() {
            self.opened.push((number, id));
        }
    }

    /// Checks a notice: at most one result for each request (CON-2).
    pub(super) fn told(&mut self, told: &Told) {
        if let Told::Ended(..) = told {
            assert!(self.owes_result, "a result that nobody waits for");
            self.owes_result = false;
        }
    }

    /// Checks the state after each operation and its effects.
    pub(super) fn check(&mut self, manager: &Device3) {
        let state = manager.server_state();
        // CFG-2: the attempt has failed, or the connection has ended.
        if matches!(state, ServerState::Disconnected | ServerState::Waiting) {
            self.connection = None;
        }
        if matches!(
            state,
            ServerState::Disconnected | ServerState::Connected | ServerState::Flushing
        ) {
            assert!(
                !self.owes_result,
                "{state}, and somebody waits for a result"
            );
        }
        if !self.opened.is_empty() {
            self.opened.retain(|(_, id)| is_held(manager, *id));
        }
    }

    /// Checks a command that is about to be polled.
    pub(super) fn check_order(&self, manager: &Device3, order: &Order) {
        for number in numbers(order) {
            let opened = self.opened.iter().any(|(other, _)| *other == number);
            assert!(
                number < GIVEN || opened || self.connection == Some(number),
                "settings {number} had to be forgotten: {order:?}"
            );
        }
        let ends = |task: &Task| matches!(task, Task::Stop | Task::PowerDown);
        match order {
            Order::Interface(id, task) => {
                assert!(
                    ends(task) || is_held(manager, *id),
                    "nobody holds {id}: {order:?}"
                );
            }
            Order::Server(id, task) => assert!(
                *task == ServerTask::Disconnect || manager.server_interface() == Some(*id),
                "over another interface: {order:?}"
            ),
            Order::Persist(_) | Order::Seal(_) => {}
        }
    }
}

fn is_held(manager: &Device3, id: InterfaceId) -> bool {
    let mut all = manager.snapshot();
    all.any(|stands| stands.interface == id && (stands.local_holders > 0 || stands.server_holder))
}
