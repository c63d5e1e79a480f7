//! The page for authors of backends: which report answers which command. Found by trying every
//! report of every command in every state that the running manager can be brought to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::LazyLock;

use lankeeper::interface::Step;
use lankeeper::manager::Ignored;
use lankeeper::{
    Command, Config, Event, Handle, Instant, InterfaceConfig, InterfaceId, IpConfig, Lease,
    Manager, Medium, Nic, Policy, Prefix, ProxySettings, Report, ServerReport, ServerState,
    ServerTicket, Span, State, Ticket, Tickets,
};

use super::codes::variant;
use super::page::{Page, Table};
use super::source::members;
use crate::support::bound::bounded;
use crate::support::network;

const PAGE: &str = "src/guide/backend.md";

/// What a backend does for each action.
#[rustfmt::skip]
const ACTIONS: [(&str, &str); 13] = [
    ("PowerUp", "power the interface up; if it is up, bring it back to how it is after power-up first, without a reset of what works"),
    ("Scan", "look for the network; a driver without a scan of its own reports `NetworkFound` at once"),
    ("Join", "join the network; report later that the association is lost"),
    ("Wps", "go on with the Wi-Fi Protected Setup that `WpsStarted` reported"),
    ("StartLink", "watch the carrier; report what there is now, then each change, and nothing while the port still negotiates; it comes again with each new carrier"),
    ("StartDhcp", "get a lease anew and keep it renewed; report each lease, and the loss of it; it takes the place of the one before"),
    ("SetAddress", "use this static address; success is not reported"),
    ("PingModem", "ask the modem for a sign of life"),
    ("ReadSim", "read the SIM; report later that it was pulled"),
    ("Register", "register with a network; a search under way goes on, and a registration that there is already is reported at once; report later that it is lost"),
    ("Dial", "dial up; report the address, another one too, and the end of the session; it takes the place of the one before"),
    ("Stop", "end everything above power: address, DHCP, association, watch on the carrier, session, registration; success is not reported"),
    ("PowerDown", "power the interface down; success is not reported"),
];

/// What a backend does for each action of the server connection.
#[rustfmt::skip]
const SERVER_ACTIONS: [(&str, &str); 5] = [
    ("Resolve", "resolve the name of the proxy or, without one, of the server; report `Resolved` at once where there is no name"),
    ("ReachProxy", "connect to the proxy"),
    ("Connect", "connect to the server, through the proxy where there is one; report later that the connection is lost"),
    ("Flush", "send what waits to be sent; it comes with the ticket of the connection"),
    ("Disconnect", "drop the connection and whatever was begun for it; success is not reported"),
];

/// Commands of other kinds.
#[rustfmt::skip]
const OTHERS: [(&str, &str, &str); 5] = [
    ("Bind", "keep what comes to this port, for `receive`; holds until `Unbind`, whatever the interface goes through", "`binding.failed(code)`: the socket is closed, `Notice::BindFailed`"),
    ("Unbind", "send what was given to be sent from it, give the port back, drop what lies there", ""),
    ("Send", "send the datagram, which has passed all checks", "`binding.send_failed(destination, code)`, now or later: `Notice::SendFailed`"),
    ("Persist", "keep these settings over a restart: whole or not at all", "`Event::PersistFailed`: `Notice::PersistFailed`"),
    ("Seal", "seal secrets, and have the program pass them to `Manager::sealed`; comes only where `Backend::seal` cannot", ""),
];

/// Actions whose success is not reported.
const SILENT: [&str; 4] = ["SetAddress", "Stop", "PowerDown", "Disconnect"];

/// Which reports of an action count, by the name of the action.
pub(super) type Answers = BTreeMap<String, Reports>;

#[derive(Default)]
pub(super) struct Reports {
    /// Those that count while the action is the newest one and nothing has answered it.
    pub(super) first: BTreeSet<String>,
    /// Those that count at another time.
    pub(super) later: BTreeSet<String>,
    /// The actions that it ends.
    ends: BTreeSet<&'static str>,
}

/// Found once, because it takes a while.
pub(super) static ANSWERS: LazyLock<Answers> = LazyLock::new(answers);

fn page() -> Page {
    let answers = &*ANSWERS;
    let table = |kind, actions| action_table(kind, actions, answers);
    Page::new(
        PAGE,
        vec![
            ("actions", table("`Action`", &ACTIONS)),
            ("server actions", table("`ServerAction`", &SERVER_ACTIONS)),
            ("ends", ends(answers)),
            ("others", other_commands()),
        ],
    )
}

fn action_table(kind: &str, actions: &[(&str, &str)], answers: &Answers) -> Table {
    let header = [
        kind,
        "what the backend does",
        "what it reports",
        "and at any later time",
    ];
    let mut table = Table::new(&header);
    for (action, does) in actions {
        let reports = answers
            .get(*action)
            .unwrap_or_else(|| panic!("{action} is never given"));
        let (first, later) = (listed(&reports.first), listed(&reports.later));
        table.row(&[&format!("`{action}`"), does, &first, &later]);
    }
    table
}

/// Reports in the order of their enums, and the fault, which both have, last.
fn listed(names: &BTreeSet<String>) -> String {
    let mut order = reports().map(|report| variant(&report)).to_vec();
    order.extend(server_reports().map(|report| variant(&report)));
    let mut order: Vec<_> = order.into_iter().filter(|name| name != "Fault").collect();
    order.push("Fault".into());
    order.retain(|name| names.contains(name));
    code(&order)
}

/// Names in the type of code.
fn code(names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        return "–".to_owned();
    }
    names.join(", ")
}

/// What each action of an interface ends, because it takes its place or because it built on that.
fn ends(answers: &Answers) -> Table {
    let mut table = Table::new(&["`Action`", "what is over then"]);
    for (action, _) in ACTIONS {
        let ended = &answers[action].ends;
        let order = ACTIONS.iter().map(|(name, _)| *name);
        let ended = order.filter(|name| ended.contains(name)).map(str::to_owned);
        let ended: Vec<_> = ended.collect();
        table.row(&[&format!("`{action}`"), &code(&ended)]);
    }
    table
}

/// The steps that a backend can have in force, each with its action; a test holds them against the
/// enum.
const STEPS: [(Step, &str); 11] = [
    (Step::Power, "PowerUp"),
    (Step::Scan, "Scan"),
    (Step::Join, "Join"),
    (Step::Wps, "Wps"),
    (Step::Link, "StartLink"),
    (Step::Dhcp, "StartDhcp"),
    (Step::Modem, "PingModem"),
    (Step::Sim, "ReadSim"),
    (Step::Registration, "Register"),
    (Step::Ppp, "Dial"),
    (Step::StaticAddress, "SetAddress"),
];

fn other_commands() -> Table {
    let mut table = Table::new(&[
        "`Command`",
        "what the backend does",
        "how it reports a failure",
    ]);
    for (command, does, failure) in OTHERS {
        table.row(&[&format!("`{command}`"), &does, &failure]);
    }
    table
}

/// What can be reported of a command of an interface; a test holds it against the enum.
fn reports() -> [Report; 23] {
    let lease = Lease::new([192, 168, 1, 60].into(), 24);
    let code = 1;
    [
        Report::Ready,
        Report::WpsStarted,
        Report::NetworkFound,
        Report::NetworkNotFound { code },
        Report::Joined,
        Report::WrongKey { code },
        Report::JoinRejected { code },
        Report::LinkLost { code },
        Report::CarrierUp,
        Report::CarrierDown,
        Report::Lease(lease),
        Report::LeaseRefused { code },
        Report::LeaseLost,
        Report::AddressConflict,
        Report::ModemAlive,
        Report::SimReady,
        Report::SimFailed { code },
        Report::Registered,
        Report::RegistrationDenied { code },
        Report::RegistrationLost,
        Report::PppUp(lease),
        Report::PppDown { code },
        Report::Fault { code },
    ]
}

/// What can be reported of a command of the server connection; a test holds it against the enum.
fn server_reports() -> [ServerReport; 13] {
    let code = 1;
    [
        ServerReport::Resolved,
        ServerReport::NotResolved { code },
        ServerReport::ProxyReached,
        ServerReport::ProxyUnreachable { code },
        ServerReport::ProxyRefused { code },
        ServerReport::Connected,
        ServerReport::Unreachable { code },
        ServerReport::NoConnectivity { code },
        ServerReport::Lost { code },
        ServerReport::SendTimedOut { code },
        ServerReport::Alive,
        ServerReport::Flushed,
        ServerReport::Fault { code },
    ]
}

/// The answers of every action: on each medium, with a static address, and with a server.
fn answers() -> Answers {
    let own = Prefix::new([10, 0, 0, 9].into(), 24).unwrap();
    let fixed = IpConfig::new(own, None, &[]).unwrap();
    let proxy = ProxySettings::new("proxy.example", 3128).unwrap();
    let wifi = Nic::builder("wl0").wifi(network());
    let mut answers = Answers::new();
    for nic in [
        wifi.clone().build(),
        wifi.ip_config(fixed).build(),
        Nic::named("eth0"),
        Nic::builder("eth0").ip_config(fixed).build(),
        Nic::named("cell0"),
    ] {
        explore(Place::opened(&nic.unwrap()), &mut answers);
    }
    let proxied = Nic::builder("eth0").proxy(proxy).build().unwrap();
    explore(Place::connecting(&proxied), &mut answers);
    answers
}

/// Goes to every place that can be reached from the first one, and tries every report there.
fn explore(first: Place, answers: &mut Answers) {
    let mut seen = BTreeSet::from([first.key()]);
    let mut places = VecDeque::from([first]);
    while let Some(place) = places.pop_front() {
        let mut next = place.requested();
        for given in &place.given {
            for (report, event) in given.ticket.events() {
                let after = place.after(|manager, now, _| manager.handle_event(now, event));
                if after.ignored() == place.ignored() {
                    let reports = answers.entry(given.action.clone()).or_default();
                    if place.waits_for(&given.action) {
                        reports.first.insert(report);
                    } else {
                        reports.later.insert(report);
                    }
                }
                next.push(after);
            }
        }
        for given in next.iter().flat_map(|place| &place.given) {
            let reports = answers.entry(given.action.clone()).or_default();
            reports.ends.extend(&given.ends);
        }
        places.extend(next.into_iter().filter(|place| seen.insert(place.key())));
    }
}

/// A device, as far as it has come.
#[derive(Clone)]
struct Place {
    manager: Manager<1>,
    now: Instant,
    id: InterfaceId,
    handle: Option<Handle>,
    /// The newest command of each action, in their order.
    given: Vec<Given>,
    tickets: Tickets,
}

/// A command that the backend was given.
#[derive(Clone)]
struct Given {
    action: String,
    ticket: AnyTicket,
    /// The actions that were over with this one.
    ends: Vec<&'static str>,
}

#[derive(Clone, Copy, PartialEq)]
enum AnyTicket {
    Interface(Ticket),
    Server(ServerTicket),
}

impl AnyTicket {
    /// Every event that a command with this ticket can have, with the name of its report.
    fn events(self) -> Vec<(String, Event)> {
        match self {
            Self::Interface(ticket) => {
                let event = |report: Report| (variant(&report), ticket.report(report));
                reports().map(event).to_vec()
            }
            Self::Server(ticket) => {
                let event = |report: ServerReport| (variant(&report), ticket.report(report));
                server_reports().map(event).to_vec()
            }
        }
    }
}

impl Place {
    fn new(nic: &Nic) -> Self {
        let id = nic
            .name()
            .resolve(MEDIA.map(|medium| InterfaceId::new(medium, 0).unwrap()));
        let id = id.expect("it is the first of its medium");
        let mut config = Config::new(1, [InterfaceConfig::new(id)]);
        config.policy = Policy::ReturnOnError;
        Self {
            manager: Manager::new(&config).unwrap(),
            now: Instant::EPOCH,
            id,
            handle: None,
            given: Vec::new(),
            tickets: Tickets::new(id),
        }
    }

    fn opened(nic: &Nic) -> Self {
        let mut place = Self::new(nic);
        place.handle = Some(place.manager.open(place.now, nic).unwrap());
        place.take_outputs();
        place
    }

    fn connecting(nic: &Nic) -> Self {
        let mut place = Self::new(nic);
        place.manager.connect_with(place.now, nic, None).unwrap();
        place.take_outputs();
        place
    }

    /// The same place after something has happened.
    fn after(&self, happen: impl FnOnce(&mut Manager<1>, Instant, Option<Handle>)) -> Self {
        let mut place = self.clone();
        happen(&mut place.manager, place.now, place.handle);
        place.take_outputs();
        place
    }

    /// What the application can do here, and what time does.
    fn requested(&self) -> Vec<Self> {
        let flush = Span::from_secs(5);
        let mut places = vec![
            self.after(|manager, now, _| manager.disconnect(now, None)),
            self.after(|manager, now, _| manager.disconnect(now, flush)),
            self.after(|manager, now, handle| {
                if let Some(handle) = handle {
                    manager.close(now, handle);
                }
            }),
            self.after(|manager, now, handle| {
                if let Some(handle) = handle {
                    let _ = manager.retry(now, handle);
                }
            }),
        ];
        if let Some(deadline) = self.manager.poll_at() {
            let mut place = self.clone();
            place.now = deadline.at;
            places.push(place.after(|manager, now, _| manager.handle_timeout(now)));
        }
        places
    }

    fn take_outputs(&mut self) {
        while let Some(command) = bounded(self.manager.poll_command()) {
            let ran = STEPS.map(|(step, _)| self.tickets.runs(step));
            self.tickets.note(&command);
            let (action, ticket) = match command {
                Command::Interface { ticket, action } => {
                    (variant(&action), AnyTicket::Interface(ticket))
                }
                Command::Server { ticket, action } => (variant(&action), AnyTicket::Server(ticket)),
                _ => continue,
            };
            // A flush has the ticket of the connection, and goes on with it. A stop and the power-down
            // that follows have one ticket too, but end different things.
            let goes_on = matches!(ticket, AnyTicket::Server(_));
            self.given
                .retain(|given| given.action != action && !(goes_on && given.ticket == ticket));
            let over = STEPS
                .iter()
                .zip(ran)
                .filter(|((step, _), ran)| *ran && !self.tickets.runs(*step));
            let ends = over.map(|((_, name), _)| *name).collect();
            self.given.push(Given {
                action,
                ticket,
                ends,
            });
        }
        while bounded(self.manager.poll_notice()).is_some() {}
    }

    fn ignored(&self) -> (Option<Ignored>, Ignored) {
        (self.manager.ignored(self.id), self.manager.server_ignored())
    }

    /// Whether nothing has answered this action yet.
    fn waits_for(&self, action: &str) -> bool {
        let newest = self.given.last().expect("something was given");
        let rests = match newest.ticket {
            AnyTicket::Interface(_) => self.state().is_terminal(),
            AnyTicket::Server(_) => {
                let rest = [
                    ServerState::Connected,
                    ServerState::Disconnected,
                    ServerState::Waiting,
                ];
                rest.contains(&self.manager.server_state())
            }
        };
        SILENT.contains(&action) || (newest.action == action && !rests)
    }

    fn state(&self) -> State {
        self.manager.state(self.id).unwrap()
    }

    /// What makes two places alike: the states, the timer (without one CONNECTED is stable), the newest
    /// command, and those still in force.
    fn key(&self) -> String {
        let in_force = self.given.iter().filter(|given| {
            let (_, fault) = given
                .ticket
                .events()
                .pop()
                .expect("the fault is the last one");
            let after = self.after(|manager, now, _| manager.handle_event(now, fault));
            after.ignored() == self.ignored()
        });
        let in_force: BTreeSet<_> = in_force.map(|given| &given.action).collect();
        let newest = self.given.last().map(|given| &given.action);
        let (state, server) = (self.state(), self.manager.server_state());
        let timer = self.manager.poll_at().map(|deadline| deadline.reason);
        format!("{state} {server} {timer:?} {newest:?} {in_force:?}")
    }
}

const MEDIA: [Medium; 3] = [Medium::Wifi, Medium::Ethernet, Medium::Cellular];

// spec: DRV-1, DRV-3, DRV-6, IFC-10
#[test]
fn the_map_of_commands_and_reports_is_that_of_the_running_code() {
    page().check();
}

/// Planted failures: a row that is lost or says something else is missed.
#[test]
fn a_change_of_the_map_shows() {
    page().check_that_a_change_shows();
}

/// No command and no report is left out.
#[test]
fn the_map_is_complete() {
    let names = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|pair| pair.0.to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&ACTIONS),
        members("src/interface/message.rs", "Action")
    );
    assert_eq!(
        names(&SERVER_ACTIONS),
        members("src/connect/message.rs", "ServerAction")
    );
    let found = reports().map(|report| variant(&report));
    assert_eq!(
        found.to_vec(),
        members("src/interface/message.rs", "Report")
    );
    let found = server_reports().map(|report| variant(&report));
    assert_eq!(
        found.to_vec(),
        members("src/connect/message.rs", "ServerReport")
    );

    let mut commands = OTHERS.map(|(command, ..)| command.to_owned()).to_vec();
    commands.extend(["Interface".to_owned(), "Server".to_owned()]);
    let mut declared = members("src/manager/output.rs", "Command");
    commands.sort_unstable();
    declared.sort_unstable();
    assert_eq!(commands, declared);

    let steps = STEPS.map(|(step, _)| variant(&step));
    assert_eq!(steps.to_vec(), members("src/interface/step.rs", "Step"));
}

/// Every report answers some command.
#[test]
fn every_report_has_its_command() {
    let counts = |name: &String| {
        let mut found = ANSWERS.values();
        found.any(|reports| reports.first.contains(name) || reports.later.contains(name))
    };
    let names = reports().map(|report| variant(&report));
    let of_server = server_reports().map(|report| variant(&report));
    for name in names.iter().chain(&of_server) {
        assert!(counts(name), "{name}");
    }
}
