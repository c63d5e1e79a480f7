//! What the notices and `current_config` told, held against what is.

use lankeeper::nic::InterfaceName;
use lankeeper::{
    AttemptId, ConnectOutcome, Instant, InterfaceId, Medium, Notice, Policy, ServerState, State,
};

use super::after;
use super::rig::{Rig, Runs};

type Current = (&'static str, Runs, Option<String>);

#[derive(Default)]
pub(super) struct Told {
    newest: Option<AttemptId>,
    /// Attempts that another one took the place of.
    superseded: Vec<AttemptId>,
    /// The newest attempt while it has no result, and since when it has to have one.
    pending: Option<(AttemptId, Instant)>,
    ended: Option<AttemptId>,
    suspended: bool,
    /// Whether a request since the newest attempt can end it as NOT_CONNECTED.
    may_end: bool,
    hurried: bool,
    was_connected: bool,
    config: Option<Current>,
    states: Vec<(InterfaceId, State)>,
    server: Option<ServerState>,
}

impl Told {
    /// `hurried`: whether a power-up can be too slow, which is NOT_CONNECTED too.
    pub(super) fn new(hurried: bool) -> Self {
        Self {
            hurried,
            ..Self::default()
        }
    }

    /// Takes over what there is, of which nothing is checked.
    pub(super) fn begin<const N: usize>(&mut self, rig: &Rig<N>, notices: &[Notice]) {
        self.take(rig, notices);
        self.called();
    }

    pub(super) fn began(&mut self, attempt: AttemptId, now: Instant) {
        self.superseded.extend(self.pending.map(|(older, _)| older));
        self.pending = Some((attempt, now));
        self.newest = Some(attempt);
        self.may_end = false;
    }

    pub(super) fn called(&mut self) {
        self.may_end = true;
    }

    pub(super) fn disconnected(&mut self) {
        self.may_end = true;
    }

    pub(super) fn disabled(&mut self) {
        self.may_end = true;
    }

    /// Takes the notices since the last call.
    pub(super) fn take<const N: usize>(&mut self, rig: &Rig<N>, notices: &[Notice]) -> Vec<String> {
        let mut broken = Vec::new();
        for notice in notices {
            broken.extend(self.one(rig, notice).err());
        }
        broken.extend(self.compare(rig).err());
        broken.extend(self.overdue(rig));
        broken
    }

    fn one<const N: usize>(&mut self, rig: &Rig<N>, notice: &Notice) -> Result<(), String> {
        let fail = |rule: &str| Err(format!("{rule}: {notice:?}"));
        match *notice {
            Notice::ConnectEnded {
                attempt,
                interface,
                outcome,
                ..
            } => {
                if self.ended == Some(attempt) {
                    return fail("two results of one request (CON-2)");
                }
                self.ended = Some(attempt);
                self.pending = self.pending.filter(|(one, _)| *one != attempt);
                if self.superseded.contains(&attempt) {
                    return fail("a result of an attempt that was superseded (CON-9)");
                }
                let id = interface.resolve(rig.ids()).unwrap();
                if outcome == ConnectOutcome::ServerConnected {
                    let over = rig.manager.server_interface();
                    if rig.is_connected() && over != Some(id) {
                        return fail("another name than that of the interface in use (CON-24)");
                    }
                } else if !fits(outcome, id.medium()) {
                    return fail("a result of another medium (CON-24)");
                } else if outcome == ConnectOutcome::NotConnected && !self.may_end && !self.hurried
                {
                    return fail("no real failure is told (CON-23)");
                }
            }
            Notice::ServerLost {
                interface, outcome, ..
            } if !fits(outcome, interface.medium()) => {
                return fail("a loss of another medium (CON-24)");
            }
            Notice::ServerBack { interface }
                if rig.is_connected() && rig.manager.server_interface() != Some(interface) =>
            {
                return fail("back over another interface (CON-24)");
            }
            Notice::Suspended { .. } if self.suspended => return fail("suspended twice (CON-13)"),
            Notice::Suspended { .. } => self.suspended = true,
            Notice::Resumed if !self.suspended => return fail("resumed twice (CON-13)"),
            Notice::Resumed => self.suspended = false,
            Notice::ServerStateChanged { state } => {
                if self.server == Some(state) {
                    return fail("the same state twice (CON-17)");
                }
                self.server = Some(state);
            }
            Notice::StateChanged {
                interface, state, ..
            } => {
                if self.states.contains(&(interface, state)) {
                    return fail("the same state twice (IFC-9)");
                }
                self.states.retain(|(id, _)| *id != interface);
                self.states.push((interface, state));
            }
            Notice::Lagged(_) => return fail("it lagged"),
            _ => {}
        }
        Ok(())
    }

    /// Each request has its result in time, unless the policy suspends (CON-2, CON-3).
    fn overdue<const N: usize>(&mut self, rig: &Rig<N>) -> Option<String> {
        let (attempt, since) = self.pending?;
        if rig.manager.policy() == Policy::SuspendOnError {
            self.pending = Some((attempt, rig.now));
            return None;
        }
        let each = if self.hurried { 24 } else { 120_000 };
        let end = after(since, each * u64::try_from(N).unwrap() + 1);
        (rig.now > end).then(|| {
            self.pending = None;
            format!("no result in time (CON-2): {attempt:?}")
        })
    }

    /// What `current_config` says is what the newest connection ran with.
    fn compare<const N: usize>(&mut self, rig: &Rig<N>) -> Result<(), String> {
        let connected = rig.server_state() == ServerState::Connected;
        let current = rig.current();
        let before = core::mem::replace(&mut self.config, current.clone());
        let was_connected = core::mem::replace(&mut self.was_connected, connected);
        if let Some(told) = self.server
            && told != rig.server_state()
        {
            return Err(format!("{told} was told last (CON-17)"));
        }
        if connected {
            if !was_connected || current != before {
                let over = rig.manager.server_interface().unwrap();
                let (name, runs, via) = current.clone().ok_or("connected, and nothing is told")?;
                let in_use = rig.runs(over);
                let parsed: InterfaceName = name.parse().unwrap();
                let id = parsed.resolve(rig.ids());
                if id != Some(over) {
                    return Err(format!("another name is told (CON-24): {name} over {over}"));
                }
                if runs.ip != in_use.ip && over.medium() != Medium::Cellular {
                    return Err(format!(
                        "other settings are told (OPEN-9): {runs:?}, {in_use:?} in use"
                    ));
                }
                if over.medium() == Medium::Wifi && runs.network != in_use.network {
                    return Err(format!(
                        "other settings are told (OPEN-9): {runs:?}, {in_use:?} in use"
                    ));
                }
                if via != rig.proxy {
                    let through = &rig.proxy;
                    return Err(format!(
                        "another proxy is told (OPEN-9): {via:?}, {through:?} in use"
                    ));
                }
            }
        } else if current != before {
            return Err(format!(
                "told without a connection (CFG-4): {current:?} after {before:?}"
            ));
        }
        Ok(())
    }
}

/// Whether an outcome can come from an interface of a medium (CON-11).
fn fits(outcome: ConnectOutcome, medium: Medium) -> bool {
    match outcome {
        ConnectOutcome::NoWifi => medium == Medium::Wifi,
        ConnectOutcome::NoLink => medium == Medium::Ethernet,
        ConnectOutcome::NoIpAddress => medium != Medium::Cellular,
        ConnectOutcome::NoModem
        | ConnectOutcome::SimError
        | ConnectOutcome::NoRegistration
        | ConnectOutcome::RegistrationDenied
        | ConnectOutcome::NoPppConnection
        | ConnectOutcome::PppNoConnectivity => medium == Medium::Cellular,
        _ => true,
    }
}
