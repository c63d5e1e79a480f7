//! The tickets in force, so that a backend keeps none itself.

use crate::connect::{ServerReport, ServerStep};
use crate::interface::{Action, Report, Step};
use crate::manager::{Command, Event, ServerTicket, Ticket};
use crate::nic::InterfaceId;

/// The tickets in force of one interface, and of the server connection over it, for a driver that
/// does not say which command it reports on. Belongs in the task that reports.
///
/// [`note`](Self::note) each command, then make the event of a report with [`event`](Self::event)
/// or [`server_event`](Self::server_event). The event has the ticket of the newest command that the
/// report can answer. If that command is over, there is no event, because the manager does not wait
/// for the report any more. After a lost carrier or link only the manager knows whether the lease is
/// over, because it may hold the loss back (IFC-15): there is an event, which changes nothing if it is.
///
/// Where it is known which command an answer belongs to, make the event with the ticket of that
/// command ([`Ticket::report`]). A late answer is then recognised as late, whereas here it would
/// get the newest ticket.
///
/// ```
/// use lankeeper::interface::Step;
/// use lankeeper::{
///     Command, Config, Instant, InterfaceConfig, InterfaceId, Manager, Nic, Report, State,
///     Tickets,
/// };
///
/// let mut manager = Manager::new(&Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]))?;
/// manager.open(Instant::EPOCH, &Nic::named("eth0")?)?;
/// let mut tickets = Tickets::new(InterfaceId::ETHERNET);
/// while let Some(command) = manager.poll_command() {
///     tickets.note(&command);
/// }
/// assert!(tickets.runs(Step::Power));
/// assert_eq!(tickets.event(Report::CarrierUp), None); // the link is not watched yet
/// let ready = tickets.event(Report::Ready).ok_or("the power-up is in force")?;
/// manager.handle_event(Instant::EPOCH, ready);
/// assert_eq!(manager.state(InterfaceId::ETHERNET), Some(State::EthernetLinkUp));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Tickets {
    interface: InterfaceId,
    /// By layer: a step that begins ends what is at its layer and above.
    steps: [Option<(Step, Ticket)>; Step::LAYERS],
    doubt: Doubt,
    /// Of the newest action that ended something.
    ended: Option<Ticket>,
    server: Option<(ServerStep, ServerTicket)>,
    server_ended: Option<ServerTicket>,
}

/// How certain the steps above the link are. The manager may hold a loss back: then it ends them later,
/// or never, and no command says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doubt {
    /// As the commands say.
    None,
    /// The link was lost, and no command has begun it anew or ended it since.
    Lost,
    /// It is back, and no command has come since.
    Back,
}

impl Tickets {
    /// No tickets yet, for this interface.
    #[must_use]
    pub const fn new(interface: InterfaceId) -> Self {
        Self {
            interface,
            steps: [None; Step::LAYERS],
            doubt: Doubt::None,
            ended: None,
            server: None,
            server_ended: None,
        }
    }

    /// Notes a command, before it is executed. A command for another interface changes nothing.
    pub fn note(&mut self, command: &Command<'_>) {
        match command {
            Command::Interface { ticket, action } if ticket.interface() == self.interface => {
                self.note_action(*ticket, action);
            }
            Command::Server { ticket, action } if ticket.interface() == self.interface => {
                self.server = action.step().map(|step| (step, *ticket));
                if self.server.is_none() {
                    self.server_ended = Some(*ticket);
                }
            }
            Command::Interface { .. }
            | Command::Server { .. }
            | Command::Bind(_)
            | Command::Unbind(_)
            | Command::Send(_)
            | Command::Persist(_)
            | Command::Seal { .. } => {}
        }
    }

    /// The event of a report about the interface, with the ticket of the step that it belongs to; a
    /// fault belongs to the newest step that is certainly in force. `None` if that step is over.
    ///
    /// A registration or SIM that is lost ends what builds on it although no command says so: after its
    /// event that is over here too. What builds on a lost carrier or link stays until a command ends it,
    /// because the loss may be held back ([`InterfaceConfig::hold_down`](crate::InterfaceConfig)).
    #[must_use]
    pub fn event(&mut self, report: Report) -> Option<Event> {
        // Of a doubtful loss only the power-up is certain: a stop may be on its way.
        let is_fault = matches!(report, Report::Fault { .. });
        let layers = if is_fault && self.doubt != Doubt::None {
            1
        } else {
            Step::LAYERS
        };
        let mut steps = self.steps.iter().take(layers).rev().flatten();
        let (step, ticket) = *steps.find(|(step, _)| report.is_of(*step))?;
        let event = ticket.report(report);
        if report.is_loss_of_link() {
            self.doubt = Doubt::Lost;
        } else if self.doubt == Doubt::Lost && matches!(report, Report::CarrierUp | Report::Joined)
        {
            self.doubt = Doubt::Back;
        } else if report.is_loss() {
            self.end(usize::from(step.layer()).saturating_add(1));
        }
        Some(event)
    }

    /// The event of a report about the server connection; `None` if no command of it is in
    /// force.
    #[must_use]
    pub fn server_event(&self, report: ServerReport) -> Option<Event> {
        let (step, ticket) = self.server?;
        report.is_of(step).then(|| ticket.report(report))
    }

    /// The event of a stop or power-down that failed; `None` if there was none (DRV-6).
    #[must_use]
    pub fn stop_failed(&self, code: i32) -> Option<Event> {
        Some(self.ended?.report(Report::Fault { code }))
    }

    /// The event of a disconnect that failed; `None` if there was none (DRV-6).
    #[must_use]
    pub fn disconnect_failed(&self, code: i32) -> Option<Event> {
        Some(self.server_ended?.report(ServerReport::Fault { code }))
    }

    /// Whether a step has begun and is not over, as far as commands and reports tell.
    #[must_use]
    pub fn runs(&self, step: Step) -> bool {
        self.steps.iter().flatten().any(|(other, _)| *other == step)
    }

    fn note_action(&mut self, ticket: Ticket, action: &Action<'_>) {
        let Some(step) = action.step() else {
            self.doubt = Doubt::None;
            let is_stop = matches!(action, Action::Stop);
            // A stop ends everything above power; a power-down ends power too.
            self.end(if is_stop { 1 } else { 0 });
            self.ended = Some(ticket);
            return;
        };
        // Whatever builds on a link is at one layer: each command ends it or begins it anew. But on a
        // link that is lost it may be over again without one.
        if step.layer() <= 1 || self.doubt == Doubt::Back {
            self.doubt = Doubt::None;
        }
        let layer = usize::from(step.layer());
        self.end(layer);
        if let Some(place) = self.steps.get_mut(layer) {
            *place = Some((step, ticket));
        }
    }

    /// Ends the steps of this layer and above.
    fn end(&mut self, layer: usize) {
        for step in self.steps.iter_mut().skip(layer) {
            *step = None;
        }
    }
}
