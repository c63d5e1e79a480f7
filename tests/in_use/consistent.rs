//! What holds at any time between the states, the holders, and the server connection.

use lankeeper::{ServerState, State};

use super::rig::Rig;

impl<const N: usize> Rig<N> {
    /// What holds at any time of what the snapshot says.
    pub(super) fn consistent(&self) -> Result<(), String> {
        let (state, over) = (self.server_state(), self.manager.server_interface());
        let carries = matches!(state, ServerState::Connected | ServerState::Flushing);
        for one in self.manager.snapshot() {
            let id = one.interface;
            let is_over = over == Some(id);
            let check = |holds: bool, rule: &str| match holds {
                true => Ok(()),
                false => Err(format!("{rule}: server {state} over {over:?}, {one:?}")),
            };
            let is_idle = state == ServerState::Disconnected;
            check(
                !(is_idle && one.server_holder),
                "held by no connection (CON-7)",
            )?;
            check(
                !(is_idle && is_over),
                "over no interface while disconnected",
            )?;
            check(
                one.carries_server == (carries && is_over),
                "what carries the server (OPEN-7)",
            )?;
            check(
                !one.carries_server || one.server_holder,
                "what carries is held (OPEN-7)",
            )?;
            check(
                !one.carries_server || one.state == State::Connected,
                "carries and is not up",
            )?;
            check(!one.server_holder || is_over, "held and not in use (CON-7)")?;
            let used = one.server_holder || one.local_holders > 0;
            check(one.enabled || !used, "disabled and held (OPEN-2)")?;
            let rests = one.state.is_stopped() || one.state == State::Unknown;
            check(used || rests, "without a holder and not stopped (IFC-8)")?;
            let tries = matches!(
                state,
                ServerState::WaitingForInterface
                    | ServerState::Resolving
                    | ServerState::ReachingProxy
                    | ServerState::Connecting
            );
            check(
                !(tries && is_over) || one.server_holder,
                "tried and not held (CON-7)",
            )?;
        }
        Ok(())
    }
}
