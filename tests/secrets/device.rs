//! A device with Wi-Fi and Ethernet whose backend answers every command at once. It records the
//! text of everything that could be displayed or logged.

use std::collections::VecDeque;

use lankeeper::manager::{Input, Reconfigure, Reply, SealTicket};
use lankeeper::nic::{Exposed, Secrets};
use lankeeper::{
    Action, Command, Config, ConnectOutcome, Duration, Event, Instant, InterfaceConfig,
    InterfaceId, Manager, Notice, Policy, Report, ServerAction, ServerReport, ServerTicket, Ticket,
};

use super::search::{Show, debug, renderings};
use crate::support::bound::{bounded, turns};
use crate::support::{forged, lease, secs};

pub(crate) const WL0: InterfaceId = InterfaceId::WIFI;
pub(crate) const ETH0: InterfaceId = InterfaceId::ETHERNET;

/// The answers of the backend that a test can choose.
pub(crate) struct Answers {
    pub(crate) join: Option<Report>,
    pub(crate) proxy: ServerReport,
    pub(crate) server: Option<ServerReport>,
    /// How the backend seals; `None` if it does not answer.
    pub(crate) seal: Option<fn(&str) -> Vec<u8>>,
    /// Whether it can persist, or the code of its failure.
    pub(crate) persists: Result<(), i32>,
}

pub(crate) struct Device {
    /// In a box, so that its bytes stay in one place and can be searched.
    pub(crate) manager: Box<Manager<2, 4, 4, 64>>,
    pub(crate) now: Instant,
    pub(crate) answers: Answers,
    /// The text of every command, event, notice, input and reply.
    pub(crate) shown: Vec<String>,
    /// Whether to record no texts.
    pub(crate) is_quiet: bool,
    /// The ticket of the latest connection to the server.
    pub(crate) connection: ServerTicket,
    /// The ticket of the latest power-up, and that of the latest action of all.
    pub(crate) power: Option<Ticket>,
    pub(crate) newest: Option<Ticket>,
    commands: usize,
    /// The ticket of every command to seal.
    pub(crate) sealings: Vec<SealTicket>,
    /// The record of every command to persist.
    pub(crate) records: Vec<Vec<u8>>,
    pub(crate) notices: Vec<Notice>,
}

/// What the backend will answer.
enum Answer {
    Event(Event),
    /// The key and the password.
    Sealed(SealTicket, [Option<Vec<u8>>; 2]),
}

impl Device {
    /// A device that has just started without stored settings, under `ReturnOnError`.
    pub(crate) fn new() -> Self {
        Self::with(Reconfigure::Refuse)
    }

    /// The same, but an interface in use may be opened with equal settings (OPEN-3).
    pub(crate) fn allowing_equal() -> Self {
        Self::with(Reconfigure::AllowEqual)
    }

    fn with(reconfigure: Reconfigure) -> Self {
        let interfaces = [WL0, ETH0].map(InterfaceConfig::new);
        let mut config = Config::new(0, interfaces);
        config.reconfigure = reconfigure;
        let manager = Manager::with_capacities(&config);
        let mut manager = Box::new(manager.unwrap());
        manager.set_policy(Instant::EPOCH, Policy::ReturnOnError);
        Self {
            manager,
            now: secs(1),
            answers: Answers {
                join: Some(Report::Joined),
                proxy: ServerReport::ProxyReached,
                server: Some(ServerReport::Connected),
                seal: Some(scrambled),
                persists: Ok(()),
            },
            shown: Vec::new(),
            is_quiet: false,
            // Of no command yet.
            connection: ServerTicket::from_bits(forged(WL0, 0).to_bits()).unwrap(),
            power: None,
            newest: None,
            commands: 0,
            sealings: Vec::new(),
            records: Vec::new(),
            notices: Vec::new(),
        }
    }

    /// A device that has just started and loaded this record.
    pub(crate) fn started_with(record: &[u8]) -> Self {
        let mut device = Self::new();
        device.manager.load_stored(record).unwrap();
        device
    }

    /// Handles an input, and lets the backend answer until no command is left.
    pub(crate) fn input<'a>(&mut self, input: Input<'a>) -> Reply<'a> {
        let reply = self.input_only(input);
        self.settle();
        reply
    }

    /// Handles an input; the outputs stay pending.
    pub(crate) fn input_only<'a>(&mut self, input: Input<'a>) -> Reply<'a> {
        self.show(input);
        let reply = self.manager.handle_input(self.now, input);
        self.show(&reply);
        reply
    }

    pub(crate) fn pass(&mut self, seconds: u64) {
        self.now = self.now.saturating_add(Duration::from_secs(seconds));
        self.input(Input::Timeout);
    }

    /// The server closes the connection.
    pub(crate) fn lose_server(&mut self) {
        self.settle();
        let report = ServerReport::Lost { code: 104 };
        self.input(Input::Event(self.connection.report(report)));
    }

    /// Executes all commands and handles the answers.
    pub(crate) fn settle(&mut self) {
        let mut answers = VecDeque::new();
        for () in turns() {
            while let Some(command) = bounded(self.manager.poll_command()) {
                self.commands += 1;
                if !self.is_quiet {
                    self.shown.extend(renderings(command));
                }
                if let Command::Server {
                    ticket,
                    action: ServerAction::Connect(_),
                } = command
                {
                    self.connection = ticket;
                }
                if let Command::Interface { ticket, action } = command {
                    self.newest = Some(ticket);
                    if action == Action::PowerUp {
                        self.power = Some(ticket);
                    }
                }
                if let Command::Seal { ticket, .. } = command {
                    self.sealings.push(ticket);
                }
                if let Command::Persist(settings) = command
                    && !self.is_quiet
                {
                    self.records.push(settings.to_record().as_bytes().to_vec());
                }
                answers.extend(self.answers.to(command));
            }
            while let Some(notice) = bounded(self.manager.poll_notice()) {
                self.show(notice);
                self.notices.push(notice);
            }
            let Some(answer) = answers.pop_front() else {
                break;
            };
            let input = answer.input();
            self.show(input);
            let _ = self.manager.handle_input(self.now, input);
        }
        if self.is_quiet {
            return;
        }
        self.shown.extend(debug(&self.manager));
        let snapshots: Vec<_> = self.manager.snapshot().collect();
        for snapshot in snapshots {
            self.show(snapshot);
        }
        self.shown.extend(renderings(self.manager.current_config()));
        self.shown.extend(renderings(self.manager.stored()));
        self.shown.extend(renderings(self.manager.poll_at()));
    }

    /// How many commands were executed.
    pub(crate) fn commands(&self) -> usize {
        self.commands
    }

    /// The result of the latest request to connect.
    pub(crate) fn outcome(&self) -> Option<ConnectOutcome> {
        self.notices.iter().rev().find_map(|notice| match notice {
            Notice::ConnectEnded { outcome, .. } => Some(*outcome),
            _ => None,
        })
    }

    fn show(&mut self, value: impl Show) {
        if !self.is_quiet {
            self.shown.extend(renderings(value));
        }
    }
}

impl Answers {
    fn to(&self, command: Command<'_>) -> Option<Answer> {
        match command {
            Command::Interface { ticket, action } => {
                let report = match action {
                    Action::PowerUp => Report::Ready,
                    Action::Scan(..) => Report::NetworkFound,
                    Action::Join(..) => self.join?,
                    Action::StartLink => Report::CarrierUp,
                    Action::StartDhcp => Report::Lease(lease()),
                    _ => return None,
                };
                Some(Answer::Event(ticket.report(report)))
            }
            Command::Server { ticket, action } => {
                let report = match action {
                    ServerAction::Resolve(..) => ServerReport::Resolved,
                    ServerAction::ReachProxy(..) => self.proxy,
                    ServerAction::Connect(..) => self.server?,
                    ServerAction::Flush => ServerReport::Flushed,
                    _ => return None,
                };
                Some(Answer::Event(ticket.report(report)))
            }
            Command::Seal { ticket, secrets } => {
                let seal = self.seal?;
                let blob = |secret| match secret {
                    Exposed::Plaintext(text) => seal(text),
                    Exposed::Sealed(_) => panic!("sealed already"),
                };
                let blobs = [secrets.key, secrets.password].map(|secret| secret.map(blob));
                Some(Answer::Sealed(ticket, blobs))
            }
            Command::Persist(_) => {
                let code = self.persists.err()?;
                Some(Answer::Event(Event::PersistFailed { code }))
            }
            _ => None,
        }
    }
}

impl Answer {
    fn input(&self) -> Input<'_> {
        match *self {
            Self::Event(event) => Input::Event(event),
            Self::Sealed(ticket, ref blobs) => {
                let [key, password] = blobs
                    .each_ref()
                    .map(|blob| blob.as_deref().map(Exposed::Sealed));
                Input::Sealed(ticket, Secrets { key, password })
            }
        }
    }
}

/// A blob without a trace of the secret; nothing here unseals it.
pub(crate) fn scrambled(text: &str) -> Vec<u8> {
    text.bytes().map(|byte| byte ^ 0xA5).collect()
}
