//! The picture of a switch from one interface to another, drawn from a run.

use core::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use lankeeper::driver::Pair;
use lankeeper::{
    Action, Backend, Binding, Command, Config, Delivery, Event, Instant, InterfaceConfig,
    InterfaceId, Lease, Manager, Notice, Policy, Received, Report, ServerAction, ServerReport,
    ServerState, ServerTicket,
};

use super::codes::variant;
use super::sequence::{Lane, Message, Sequence};
use crate::support::bound::bounded;
use crate::support::golden::{is_updating, read, same, write};
use crate::support::{named, network};

const FILE: &str = "src/guide/switch.svg";

const APPLICATION: usize = 0;
const MANAGER: usize = 1;
const A: usize = 2;
const B: usize = 3;

type Log = Rc<RefCell<Vec<Message>>>;

/// A backend that answers every command at once, and notes what it says and hears.
struct Eager {
    lane: usize,
    log: Log,
    answers: VecDeque<Event>,
    connection: Option<ServerTicket>,
}

impl Eager {
    fn new(lane: usize, log: &Log) -> Self {
        Self {
            lane,
            log: log.clone(),
            answers: VecDeque::new(),
            connection: None,
        }
    }

    fn note(&self, from: usize, to: usize, text: String) {
        self.log.borrow_mut().push(message(from, to, text));
    }
}

fn message(from: usize, to: usize, text: String) -> Message {
    Message {
        from,
        to,
        text,
        counts: true,
    }
}

impl Backend for Eager {
    fn execute(&mut self, command: Command<'_>) {
        let text = match &command {
            Command::Interface { action, .. } => action_text(action),
            Command::Server { action, .. } => variant(action),
            Command::Bind(binding) => format!("Bind port {}", binding.port()),
            Command::Unbind(binding) => format!("Unbind port {}", binding.port()),
            other => variant(other),
        };
        self.note(MANAGER, self.lane, text);
        match command {
            Command::Interface { ticket, action } => {
                self.answers
                    .extend(good_report(&action).map(|report| ticket.report(report)));
            }
            Command::Server { ticket, action } => {
                let report = match action {
                    ServerAction::Resolve(_) => ServerReport::Resolved,
                    ServerAction::Connect(_) => {
                        self.connection = Some(ticket);
                        ServerReport::Connected
                    }
                    // The loss of what was just given up was under way already.
                    ServerAction::Disconnect => {
                        let lost = ServerReport::Lost { code: 1 };
                        self.answers
                            .extend(self.connection.map(|ticket| ticket.report(lost)));
                        return;
                    }
                    other => panic!("not asked for in this run: {other:?}"),
                };
                self.answers.push_back(ticket.report(report));
            }
            _ => {}
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        let event = self.answers.pop_front()?;
        let text = match event {
            Event::Interface { report, .. } => report_text(&report),
            Event::Server { report, .. } => variant(&report),
            other => variant(&other),
        };
        self.note(self.lane, MANAGER, text);
        Some(event)
    }

    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        None
    }
}

fn action_text(action: &Action<'_>) -> String {
    match action {
        Action::Scan(network) | Action::Join(network) => {
            format!("{} {}", variant(action), network.ssid().escape_ascii())
        }
        other => variant(other),
    }
}

fn report_text(report: &Report) -> String {
    match report {
        Report::Lease(lease) => {
            let own = lease.config().unwrap().prefix();
            format!("Lease {}/{}", own.address(), own.length())
        }
        other => variant(other),
    }
}

fn good_report(action: &Action<'_>) -> Option<Report> {
    Some(match action {
        Action::PowerUp => Report::Ready,
        Action::Scan(_) => Report::NetworkFound,
        Action::Join(_) => Report::Joined,
        Action::StartLink => Report::CarrierUp,
        Action::StartDhcp => Report::Lease(Lease::new([192, 168, 1, 50].into(), 24)),
        Action::Stop | Action::PowerDown => return None,
        other => panic!("not asked for in this run: {other:?}"),
    })
}

/// A notice as the picture shows it.
fn notice_text(notice: &Notice) -> String {
    match notice {
        Notice::StateChanged {
            interface,
            state,
            reason,
        } => {
            let why = reason.map_or_else(String::new, |reason| format!(", {reason}"));
            format!("{interface}: {state}{why}")
        }
        Notice::ServerStateChanged { state } => format!("server: {state}"),
        Notice::ConnectEnded {
            interface, outcome, ..
        } => {
            format!("ConnectEnded {interface}: {outcome} ({})", outcome.code())
        }
        other => variant(other),
    }
}

type Device = Pair<Eager, Eager>;

/// Polls until nothing is left, and notes what the application is told. An event is noted by its
/// backend; whether it counted, the manager says.
fn settle(manager: &mut Manager<2>, device: &mut Device, log: &Log) {
    loop {
        let delivery = manager.poll(Instant::EPOCH, device, &mut []);
        match bounded(delivery) {
            None => return,
            Some(Delivery::Notice(notice)) => {
                let text = notice_text(&notice);
                log.borrow_mut().push(message(MANAGER, APPLICATION, text));
            }
            Some(other) => panic!("not in this run: {other:?}"),
        }
    }
}

/// A device that is connected over `eth0`, where a local socket is open too, goes over to `wl0`.
fn run() -> Vec<Message> {
    let now = Instant::EPOCH;
    let log = Log::default();
    let interfaces = [InterfaceId::ETHERNET, InterfaceId::WIFI].map(InterfaceConfig::new);
    let mut config = Config::new(1, interfaces);
    config.policy = Policy::ReturnOnError;
    let mut manager = Manager::new(&config).unwrap();
    let mut device = Pair::new(
        InterfaceId::ETHERNET,
        Eager::new(A, &log),
        Eager::new(B, &log),
    );

    manager.store_wifi(now, &network());
    let handle = manager.open(now, &named("eth0")).unwrap();
    manager.udp_open(now, handle, 5000).unwrap();
    manager.connect_with(now, &named("eth0"), None).unwrap();
    settle(&mut manager, &mut device, &log);
    assert_eq!(manager.server_state(), ServerState::Connected);

    log.borrow_mut().clear();
    log.borrow_mut()
        .push(message(APPLICATION, MANAGER, "connect_with wl0".into()));
    let before = manager.server_ignored().stale;
    manager.connect_with(now, &named("wl0"), None).unwrap();
    settle(&mut manager, &mut device, &log);
    assert_eq!(manager.server_interface(), Some(InterfaceId::WIFI));
    assert_eq!(manager.server_state(), ServerState::Connected);

    let mut messages = log.take();
    // The only report that came too late.
    assert_eq!(manager.server_ignored().stale, before + 1);
    let late = messages
        .iter_mut()
        .find(|message| message.text == "Lost")
        .unwrap();
    late.counts = false;
    late.text.push_str(", too late: ignored");
    messages
}

fn drawn(messages: Vec<Message>) -> String {
    let lane = |name, x| Lane { name, x };
    let lanes = vec![
        lane("application", 85),
        lane("Manager", 430),
        lane("backend of eth0", 625),
        lane("backend of wl0", 815),
    ];
    let label = "A switch from Ethernet to Wi-Fi: requests, commands, reports and notices in order";
    Sequence {
        label,
        lanes,
        messages,
    }
    .drawn()
}

// spec: CON-6, DRV-2, IFC-10
#[test]
fn the_picture_of_a_switch_is_that_of_a_run() {
    let picture = drawn(run());
    if is_updating() {
        write(FILE, &picture);
    }
    if let Err(why) = same(FILE, &read(FILE), &picture) {
        panic!("{why}");
    }
}

/// Planted failures: a message that is lost, or goes to another, is missed.
#[test]
fn a_change_of_a_run_shows() {
    let messages = run();
    let picture = drawn(messages.clone());
    for place in 0..messages.len() {
        let mut fewer = messages.clone();
        let lost = fewer.remove(place);
        assert!(same(FILE, &picture, &drawn(fewer)).is_err(), "{lost:?}");
        let mut turned = messages.clone();
        let one = &mut turned[place];
        (one.from, one.to) = (one.to, one.from);
        assert!(same(FILE, &picture, &drawn(turned)).is_err(), "{lost:?}");
    }
}
