//! What is seen of a device.

use lankeeper::manager::Snapshot;
use lankeeper::{ConnectOutcome, Instant, InterfaceId, Notice, ServerState, State};

use super::rig::{Rig, Runs};

impl<const N: usize> Rig<N> {
    pub(super) fn state(&self, id: InterfaceId) -> State {
        self.manager.state(id).unwrap()
    }

    pub(super) fn server_state(&self) -> ServerState {
        self.manager.server_state()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.server_state() == ServerState::Connected
    }

    pub(super) fn snapshot(&self, id: InterfaceId) -> Snapshot {
        let mut all = self.manager.snapshot();
        all.find(|one| one.interface == id).unwrap()
    }

    /// The commands since the last call.
    pub(super) fn commands(&mut self) -> Vec<String> {
        let commands = core::mem::take(&mut self.commands);
        commands.into_iter().map(|(_, text)| text).collect()
    }

    /// Those commands, which stay.
    pub(super) fn peek(&self) -> &[(Instant, String)] {
        &self.commands
    }

    /// The notices since the last call.
    pub(super) fn notices(&mut self) -> Vec<Notice> {
        let notices = core::mem::take(&mut self.notices);
        notices.into_iter().map(|(_, notice)| notice).collect()
    }

    /// The results since the last call; other notices are dropped.
    pub(super) fn results(&mut self) -> Vec<(&'static str, ConnectOutcome)> {
        let result = |notice| match notice {
            Notice::ConnectEnded {
                interface, outcome, ..
            } => Some((interface.as_str(), outcome)),
            _ => None,
        };
        self.notices().into_iter().filter_map(result).collect()
    }

    pub(super) fn forget_commands(&mut self) {
        self.commands.clear();
    }

    pub(super) fn pass_to(&mut self, to: Instant) {
        let millis = to.as_millis().saturating_sub(self.now.as_millis());
        self.pass(millis);
    }

    pub(super) fn has_ticket(&self, id: InterfaceId, action: &'static str) -> bool {
        self.tickets.contains_key(&(id, action))
    }

    pub(super) fn note_heal(&mut self) {
        self.note("all is well from now on".to_owned());
    }

    /// Takes all outputs away.
    pub(super) fn forget(&mut self) {
        self.commands.clear();
        self.notices.clear();
    }

    /// What `current_config` says: the name, and with what it runs.
    pub(super) fn current(&self) -> Option<(&'static str, Runs, Option<String>)> {
        let nic = self.manager.current_config()?;
        let network = nic
            .wifi()
            .map(|wifi| wifi.ssid().escape_ascii().to_string());
        let runs = Runs {
            network,
            ip: nic.ip_config().copied(),
        };
        let proxy = nic.proxy().map(|proxy| proxy.address().to_string());
        Some((nic.name().as_str(), runs, proxy))
    }

    /// What an interface runs with, as the commands told.
    pub(super) fn runs(&self, id: InterfaceId) -> Runs {
        self.runs.get(&id).cloned().unwrap_or_default()
    }

    /// All that happened lately, as text.
    pub(super) fn story(&self) -> String {
        let lines: Vec<_> = self.log.iter().map(String::as_str).collect();
        lines.join("\n")
    }
}
