//! A manager in a simulated world, and what an application sees of it.

use std::fmt;

use lankeeper::AttemptId;
use lankeeper::manager::Snapshot;
use lankeeper::sim::{Happening, Simulated, World};
use lankeeper::{
    Action, Backend, Command, Config, Duration, Handle, Instant, InterfaceConfig, InterfaceId,
    Manager, Nic, Notice, Policy, ServerState, Span, State, WifiSettings,
};

/// What an application sees, in the words of `lankeeper.tla`. Shows as a record of TLA+.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub policy: &'static str,
    pub enabled: bool,
    pub local: bool,
    pub holds: bool,
    pub iface: &'static str,
    pub server: &'static str,
    pub number: u8,
    pub owed: bool,
    pub results: u8,
    pub suspended: bool,
    pub lost: bool,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let truth = |is_true: bool| if is_true { "TRUE" } else { "FALSE" };
        write!(
            f,
            "[policy |-> \"{}\", enabled |-> {}, local |-> {}, holds |-> {}, iface |-> \"{}\", \
             server |-> \"{}\", number |-> {}, owed |-> {}, results |-> {}, suspended |-> {}, \
             lost |-> {}]",
            self.policy,
            truth(self.enabled),
            truth(self.local),
            truth(self.holds),
            self.iface,
            self.server,
            self.number,
            truth(self.owed),
            self.results,
            truth(self.suspended),
            truth(self.lost),
        )
    }
}

/// More results than any request has: for a notice that must not come.
const STRAY: u8 = 9;

pub struct Recorder {
    pub world: World,
    manager: Manager<1>,
    interface: InterfaceId,
    handle: Option<Handle>,
    newest: Option<AttemptId>,
    /// Whether the newest command about the power of the interface is a power-up.
    is_powered: bool,
    number: u8,
    owed: bool,
    results: u8,
    lost: bool,
    seen: Vec<Seen>,
}

impl Recorder {
    pub fn new(interface: InterfaceId, policy: Policy) -> Self {
        let mut config = Config::new(1, [InterfaceConfig::new(interface)]);
        config.policy = policy;
        let manager = Manager::new(&config).expect("the configuration is valid");
        let mut recorder = Self {
            world: World::new(1),
            manager,
            interface,
            handle: None,
            newest: None,
            is_powered: false,
            number: 0,
            owed: false,
            results: 0,
            lost: false,
            seen: Vec::new(),
        };
        recorder.note();
        recorder
    }

    /// What was seen.
    pub fn finish(self) -> Vec<Seen> {
        self.seen
    }

    /// Carries out what the manager has to say after an input, and notes what is seen now.
    fn settle(&mut self) {
        while let Some(command) = self.manager.poll_command() {
            if let Command::Interface { action, .. } = &command {
                match action {
                    Action::PowerUp => self.is_powered = true,
                    Action::PowerDown => self.is_powered = false,
                    _ => {}
                }
            }
            self.world.execute(command);
        }
        let was_suspended = self.seen.last().is_some_and(|seen| seen.suspended);
        while let Some(notice) = self.manager.poll_notice() {
            match notice {
                Notice::ConnectEnded { attempt, .. } if Some(attempt) == self.newest => {
                    self.owed = false;
                    self.results += 1;
                }
                Notice::ConnectEnded { .. } => self.results = STRAY,
                // The end of a suspension reports its failure (CON-13), any other loss is new.
                Notice::ServerLost { .. } if self.lost && !was_suspended => self.results = STRAY,
                Notice::ServerLost { .. } => self.lost = true,
                Notice::ServerStateChanged {
                    state: ServerState::Connected,
                } => self.lost = false,
                _ => {}
            }
        }
        self.note();
    }

    fn note(&mut self) {
        let snapshot = self.manager.snapshot().next().expect("one interface");
        let seen = Seen {
            policy: match self.manager.policy() {
                Policy::SuspendOnError => "suspend",
                Policy::ReturnOnError | Policy::ReturnOnErrorNoDisconnect => "return",
                Policy::KeepTrying => "keep",
            },
            enabled: snapshot.enabled,
            local: snapshot.local_holders > 0,
            holds: snapshot.server_holder,
            iface: self.stage(&snapshot),
            server: match self.manager.server_state() {
                ServerState::Disconnected => "idle",
                ServerState::WaitingForInterface => "interface",
                ServerState::Resolving | ServerState::ReachingProxy | ServerState::Connecting => {
                    "reach"
                }
                ServerState::Connected => "up",
                ServerState::Flushing => "flush",
                ServerState::Waiting => "wait",
                other => panic!("{other} is not in the specification"),
            },
            number: self.number,
            owed: self.owed,
            results: self.results,
            suspended: self.manager.is_suspended(),
            lost: self.lost,
        };
        if self.seen.last() != Some(&seen) {
            self.seen.push(seen);
        }
    }

    fn stage(&self, snapshot: &Snapshot) -> &'static str {
        let is_held = snapshot.local_holders > 0 || snapshot.server_holder;
        match snapshot.state {
            State::Starting => "power",
            State::WifiScanning
            | State::WifiJoining
            | State::WifiWpsing
            | State::WifiLinkUp
            | State::EthernetLinkUp => "link",
            State::WifiDhcping | State::EthernetDhcping => "address",
            State::Connected => "up",
            State::Unknown => "off",
            _ if is_held => "stopped",
            _ if self.is_powered => "left with power",
            _ => "off",
        }
    }

    /// Lets time pass, with all that is due in it: each input is noted.
    pub fn pass(&mut self, seconds: u64) {
        let end = self
            .world
            .now()
            .saturating_add(Duration::from_secs(seconds));
        loop {
            let now = self.world.now();
            self.world.handle_timeout(now);
            self.manager.handle_timeout(now);
            self.settle();
            while let Some(event) = self.world.next_event() {
                self.manager.handle_event(now, event);
                self.settle();
            }
            let deadline = self.manager.poll_at().map(|deadline| deadline.at);
            let next = [self.world.poll_at(), deadline].into_iter().flatten().min();
            match next {
                Some(next) if next < end => self.world.handle_timeout(next),
                _ if now == end => return,
                _ => self.world.handle_timeout(end),
            }
        }
    }

    pub fn happen(&mut self, happening: impl Into<Happening>) {
        self.world.happen(happening);
        self.pass(0);
    }

    pub fn store_wifi(&mut self, settings: &WifiSettings) {
        self.manager.store_wifi(self.world.now(), settings);
    }

    pub fn open(&mut self) {
        let nic = Nic::named(&self.interface.to_string()).expect("a name");
        let is_open = self
            .handle
            .is_some_and(|handle| self.manager.interface(handle).is_ok());
        if !is_open {
            self.handle = self.manager.open(self.now(), &nic).ok();
        }
        self.settle();
    }

    pub fn close(&mut self) {
        if let Some(handle) = self.handle.take() {
            self.manager.close(self.now(), handle);
        }
        self.settle();
    }

    pub fn connect(&mut self) {
        if let Ok(attempt) = self.manager.connect(self.now(), None) {
            self.newest = Some(attempt);
            self.number = 1 - self.number;
            (self.owed, self.results, self.lost) = (true, 0, false);
        }
        self.settle();
    }

    pub fn disconnect(&mut self, flush: Option<Span>) {
        self.manager.disconnect(self.now(), flush);
        self.settle();
    }

    pub fn enable(&mut self, enabled: bool) {
        let now = self.now();
        let done = self.manager.set_enabled(now, self.interface, enabled);
        done.expect("it is there");
        self.settle();
    }

    pub fn choose(&mut self, policy: Policy) {
        self.manager.set_policy(self.now(), policy);
        self.settle();
    }

    fn now(&self) -> Instant {
        self.world.now()
    }
}
