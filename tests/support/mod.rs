//! A device with one Ethernet interface, on a bench: the test is its backend.

pub(crate) mod operation;

use core::net::Ipv4Addr;

use lankeeper::{
    Action, Command, Config, Duration, Event, Generation, Handle, Instant, InterfaceConfig,
    InterfaceId, Lease, Manager, Nic, Notice, Report, State,
};

pub(crate) const ETH0: InterfaceId = InterfaceId::ETHERNET;

/// The instant `secs` seconds after the epoch.
pub(crate) fn secs(secs: u64) -> Instant {
    Instant::EPOCH.saturating_add(Duration::from_secs(secs))
}

/// A usable lease: 192.168.1.50/24 from 192.168.1.1.
pub(crate) fn lease() -> Lease {
    Lease::new(Ipv4Addr::new(192, 168, 1, 50), 24).with_gateway(Ipv4Addr::new(192, 168, 1, 1))
}

/// A manager, the time on the bench, and what the manager has asked of its backend.
pub(crate) struct Rig {
    pub(crate) manager: Manager<1, 4, 4, 64>,
    pub(crate) now: Instant,
    /// Every command that was polled and not taken by [`Rig::commands`] yet.
    commands: Vec<Command<'static>>,
    /// Every notice that was polled and not taken by [`Rig::notices`] yet.
    notices: Vec<Notice>,
    /// The generations of all commands that had one, in their order.
    handed_out: Vec<Generation>,
    power: Generation,
    link: Generation,
    address: Generation,
}

impl Rig {
    /// A device with default settings at the epoch.
    pub(crate) fn new() -> Self {
        Self::with(InterfaceConfig::new(ETH0))
    }

    pub(crate) fn with(interface: InterfaceConfig) -> Self {
        Self::with_config(&Config::new([interface]))
    }

    pub(crate) fn with_config(config: &Config<1>) -> Self {
        Self {
            manager: Manager::new(config).unwrap(),
            now: Instant::EPOCH,
            commands: Vec::new(),
            notices: Vec::new(),
            handed_out: Vec::new(),
            power: Generation::default(),
            link: Generation::default(),
            address: Generation::default(),
        }
    }

    /// A device that is CONNECTED by DHCP, and the handle that holds it up; all outputs taken.
    pub(crate) fn connected() -> (Self, Handle) {
        let mut rig = Self::new();
        let handle = rig.open();
        rig.come_up();
        assert_eq!(rig.state(), State::Connected);
        rig.commands();
        rig.notices();
        (rig, handle)
    }

    pub(crate) fn open(&mut self) -> Handle {
        self.manager
            .open(self.now, &Nic::named("eth0").unwrap())
            .unwrap()
    }

    /// Answers every step from power-up to the lease at once.
    pub(crate) fn come_up(&mut self) {
        for report in [Report::Ready, Report::CarrierUp, Report::Lease(lease())] {
            self.report(report);
        }
    }

    /// Reports with the generation of the latest command that the report belongs to.
    pub(crate) fn report(&mut self, report: Report) {
        self.poll_commands();
        let generation = match report {
            Report::Ready => self.power,
            Report::CarrierUp | Report::CarrierDown => self.link,
            Report::Lease(_) | Report::LeaseRefused { .. } | Report::LeaseLost => self.address,
            _ => self.power,
        };
        self.report_as(generation, report);
    }

    pub(crate) fn report_as(&mut self, generation: Generation, report: Report) {
        self.manager.handle_event(
            self.now,
            Event::Interface {
                interface: ETH0,
                generation,
                report,
            },
        );
    }

    /// The generations of the latest power, link and address commands.
    pub(crate) fn generations(&mut self) -> (Generation, Generation, Generation) {
        self.poll_commands();
        (self.power, self.link, self.address)
    }

    /// The generations of all commands that were polled so far, in their order.
    pub(crate) fn handed_out(&self) -> &[Generation] {
        &self.handed_out
    }

    /// Goes to an instant and fires what is due.
    pub(crate) fn go(&mut self, to: Instant) {
        self.now = to;
        self.manager.handle_timeout(to);
    }

    /// Goes on by a span and fires what is due.
    pub(crate) fn pass(&mut self, span: Duration) {
        self.go(self.now.saturating_add(span));
    }

    pub(crate) fn state(&self) -> State {
        self.manager.state(ETH0).unwrap()
    }

    /// The commands since the last call.
    pub(crate) fn commands(&mut self) -> Vec<Command<'static>> {
        self.poll_commands();
        core::mem::take(&mut self.commands)
    }

    /// The names of the interface commands since the last call.
    pub(crate) fn actions(&mut self) -> Vec<&'static str> {
        let name = |command| match command {
            Command::Interface {
                action: Action::PowerUp(_),
                ..
            } => "power up",
            Command::Interface {
                action: Action::StartLink(_),
                ..
            } => "start link",
            Command::Interface {
                action: Action::StartDhcp(_),
                ..
            } => "start dhcp",
            Command::Interface {
                action: Action::SetAddress(..),
                ..
            } => "set address",
            Command::Interface {
                action: Action::Stop,
                ..
            } => "stop",
            Command::Interface {
                action: Action::PowerDown,
                ..
            } => "power down",
            other => panic!("not of an interface: {other:?}"),
        };
        self.commands().into_iter().map(name).collect()
    }

    /// The notices since the last call.
    pub(crate) fn notices(&mut self) -> Vec<Notice> {
        self.poll_notices();
        core::mem::take(&mut self.notices)
    }

    /// The states that were reported since the last call.
    pub(crate) fn states(&mut self) -> Vec<State> {
        let state = |notice| match notice {
            Notice::StateChanged {
                interface: ETH0,
                state,
            } => state,
            other => panic!("not a change of state: {other:?}"),
        };
        self.notices().into_iter().map(state).collect()
    }

    /// When the next timer fires; outputs are polled first.
    pub(crate) fn next_timer(&mut self) -> Option<Instant> {
        self.poll_commands();
        self.poll_notices();
        self.manager.poll_at().map(|deadline| deadline.at)
    }

    fn poll_notices(&mut self) {
        while let Some(notice) = self.manager.poll_notice() {
            self.notices.push(notice);
        }
    }

    fn poll_commands(&mut self) {
        while let Some(command) = self.manager.poll_command() {
            let command = match command {
                Command::Interface { interface, action } => {
                    let begun = match action {
                        Action::PowerUp(generation) => Some((&mut self.power, generation)),
                        Action::StartLink(generation) => Some((&mut self.link, generation)),
                        Action::StartDhcp(generation) | Action::SetAddress(generation, _) => {
                            Some((&mut self.address, generation))
                        }
                        _ => None,
                    };
                    if let Some((latest, generation)) = begun {
                        *latest = generation;
                        self.handed_out.push(generation);
                    }
                    Command::Interface { interface, action }
                }
                Command::Bind { interface, port } => Command::Bind { interface, port },
                Command::Unbind { interface, port } => Command::Unbind { interface, port },
                other => panic!("never polled: {other:?}"),
            };
            self.commands.push(command);
        }
    }
}
