//! A device in a world that answers by itself: each interface and the server behind it work or not.

use std::collections::{BTreeMap, VecDeque};

use lankeeper::manager::{Reconfigure, SealTicket};
use lankeeper::nic::{Exposed, Secrets};
use lankeeper::{
    Action, AttemptId, Command, Config, Event, Handle, Instant, InterfaceConfig, InterfaceId,
    IpConfig, Manager, Medium, Nic, Notice, Policy, Report, ServerReport, ServerTicket, Ticket,
};

use super::answers::{answer_of, ends, of_server};
use super::{after, named, network};
use crate::support::bound::bounded;
use crate::support::{lease, name};

/// What an interface makes of its commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Every step succeeds.
    Good,
    /// No network, no carrier, no SIM.
    Dead,
    /// It answers nothing after its power-up.
    Silent,
    /// A lease or registration takes long.
    Slow,
}

/// What becomes of a try to reach the server over an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Server {
    Answers,
    Refuses,
    Silent,
}

/// What an interface was last joined and addressed with, as its commands say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Runs {
    pub(super) network: Option<String>,
    pub(super) ip: Option<IpConfig>,
}

pub(super) struct Rig<const N: usize> {
    pub(super) manager: Manager<N, 8, 4, 256, N>,
    pub(super) now: Instant,
    pub(super) health: BTreeMap<InterfaceId, Health>,
    pub(super) server: BTreeMap<InterfaceId, Server>,
    /// How long each answer takes, in milliseconds.
    pub(super) delay: u64,
    /// Whether secrets are sealed.
    pub(super) seals: bool,
    pub(super) runs: BTreeMap<InterfaceId, Runs>,
    /// The proxy of the newest command to connect, by its address.
    pub(super) proxy: Option<String>,
    /// Secrets that were to be sealed while nothing was.
    pub(super) unsealed: Vec<Unsealed>,
    /// The commands since the last call of [`Rig::commands`].
    pub(super) commands: Vec<(Instant, String)>,
    pub(super) notices: Vec<(Instant, Notice)>,
    /// The newest ticket of each kind of action of each interface; none once it is over.
    pub(super) tickets: BTreeMap<(InterfaceId, &'static str), Ticket>,
    connection: Option<ServerTicket>,
    queue: BTreeMap<(Instant, u64), Event>,
    queued: u64,
    /// The newest lines of all that happened, for the message of a failure.
    pub(super) log: VecDeque<String>,
}

impl<const N: usize> Rig<N> {
    pub(super) fn with(config: &Config<N>) -> Self {
        let ids = config.interfaces.each_ref().map(|interface| interface.id);
        let mut rig = Self {
            manager: Manager::with_capacities(config).unwrap(),
            now: Instant::EPOCH,
            health: ids.map(|id| (id, Health::Good)).into(),
            server: ids.map(|id| (id, Server::Answers)).into(),
            delay: 0,
            seals: true,
            runs: BTreeMap::new(),
            proxy: None,
            unsealed: Vec::new(),
            commands: Vec::new(),
            notices: Vec::new(),
            tickets: BTreeMap::new(),
            connection: None,
            queue: BTreeMap::new(),
            queued: 0,
            log: VecDeque::new(),
        };
        rig.manager.store_wifi(rig.now, &network("home"));
        rig.settle();
        rig
    }

    pub(super) fn new(policy: Policy, ids: [InterfaceId; N]) -> Self {
        let mut config = config(ids);
        config.policy = policy;
        Self::with(&config)
    }

    /// As [`Rig::new`], where an open with the settings in use is allowed.
    pub(super) fn allowing(policy: Policy, ids: [InterfaceId; N]) -> Self {
        let mut config = config(ids);
        config.policy = policy;
        config.reconfigure = Reconfigure::AllowEqual;
        Self::with(&config)
    }

    // Requests.

    pub(super) fn open(&mut self, nic: &Nic) -> Result<Handle, lankeeper::manager::OpenError> {
        self.note(format!("request: open {}", shown(nic)));
        let opened = self.manager.open(self.now, nic);
        self.note(format!("  {opened:?}"));
        self.settle();
        opened
    }

    pub(super) fn open_named(&mut self, name: &str) -> Handle {
        self.open(&named(name)).unwrap()
    }

    pub(super) fn connect_with(
        &mut self,
        nic: &Nic,
    ) -> Result<AttemptId, lankeeper::manager::ConnectError> {
        self.note(format!("request: connect with {}", shown(nic)));
        let begun = self.manager.connect_with(self.now, nic, None);
        self.note(format!("  {begun:?}"));
        self.settle();
        begun
    }

    pub(super) fn connect(&mut self) -> Result<AttemptId, lankeeper::manager::ConnectError> {
        self.note("request: connect".to_owned());
        let begun = self.manager.connect(self.now, None);
        self.note(format!("  {begun:?}"));
        self.settle();
        begun
    }

    pub(super) fn disconnect(&mut self) {
        self.request("disconnect", |manager, now| manager.disconnect(now, None));
    }

    pub(super) fn enable(&mut self, id: InterfaceId, enabled: bool) {
        self.request(&format!("enable {id}: {enabled}"), |manager, now| {
            manager.set_enabled(now, id, enabled).unwrap();
        });
    }

    pub(super) fn order(&mut self, order: &[InterfaceId]) {
        self.request(&format!("order {order:?}"), |manager, now| {
            manager.set_server_order(now, order).unwrap();
        });
    }

    pub(super) fn policy(&mut self, policy: Policy) {
        self.request(&format!("policy {policy:?}"), |manager, now| {
            manager.set_policy(now, policy);
        });
    }

    /// Makes any other request, and takes its outputs.
    pub(super) fn request<R>(
        &mut self,
        what: &str,
        request: impl FnOnce(&mut Manager<N, 8, 4, 256, N>, Instant) -> R,
    ) -> R {
        self.note(format!("request: {what}"));
        let reply = request(&mut self.manager, self.now);
        self.settle();
        reply
    }

    // The world.

    /// The server is lost, over whatever interface; it stays as it is for the next try.
    pub(super) fn lose_server(&mut self) {
        if let Some(ticket) = self.connection {
            self.event(ticket.report(ServerReport::Lost { code: 7 }));
        }
    }

    /// From now on no server answers over any interface; a connection is lost.
    pub(super) fn server_down(&mut self, how: Server) {
        self.server.values_mut().for_each(|server| *server = how);
        self.lose_server();
    }

    /// After so many milliseconds the server refuses what was begun.
    pub(super) fn pass_to_and_refuse(&mut self, millis: u64) {
        let at = after(self.now, millis);
        if let Some(ticket) = self.connection {
            self.queued += 1;
            let event = ticket.report(ServerReport::Unreachable { code: 5 });
            self.queue.insert((at, self.queued), event);
        }
        self.pass(millis);
    }

    pub(super) fn server_up(&mut self) {
        self.server
            .values_mut()
            .for_each(|server| *server = Server::Answers);
    }

    /// Changes what an interface is like; one that dies loses what it had, and the return of a
    /// carrier is reported.
    pub(super) fn set_health(&mut self, id: InterfaceId, health: Health) {
        self.health.insert(id, health);
        if health == Health::Good {
            let late = [
                ("start dhcp", Report::Lease(lease())),
                ("register", Report::Registered),
            ];
            for (action, report) in late {
                if let Some(ticket) = self.tickets.get(&(id, action))
                    && !self.state(id).is_terminal()
                {
                    self.event(ticket.report(report));
                }
            }
        }
        let (action, report) = match (id.medium(), health) {
            (Medium::Wifi, Health::Dead) => ("join", Report::LinkLost { code: 9 }),
            (Medium::Ethernet, Health::Dead) => ("start link", Report::CarrierDown),
            (Medium::Ethernet, Health::Good) => ("start link", Report::CarrierUp),
            (Medium::Cellular, Health::Dead) => ("read sim", Report::SimFailed { code: 9 }),
            _ => return,
        };
        if let Some(ticket) = self.tickets.get(&(id, action)) {
            self.event(ticket.report(report));
        }
    }

    pub(super) fn ids(&self) -> Vec<InterfaceId> {
        self.health.keys().copied().collect()
    }

    pub(super) fn all_good(&mut self) {
        for id in self.ids() {
            self.set_health(id, Health::Good);
        }
    }

    /// Sends a report of an interface with the newest ticket of an action.
    pub(super) fn report(&mut self, id: InterfaceId, action: &'static str, report: Report) {
        let ticket = self.tickets[&(id, action)];
        self.event(ticket.report(report));
    }

    fn event(&mut self, event: Event) {
        self.note(format!("event: {event:?}"));
        self.manager.handle_event(self.now, event);
        self.settle();
    }

    /// Lets this many milliseconds pass.
    pub(super) fn pass(&mut self, millis: u64) {
        let end = after(self.now, millis);
        while let Some(next) = bounded(self.next().filter(|next| *next <= end)) {
            self.go_to(next);
        }
        self.now = end;
        self.manager.handle_timeout(end);
        self.settle();
    }

    /// Runs until something holds, for at most so many milliseconds; whether it holds.
    pub(super) fn pass_until(
        &mut self,
        millis: u64,
        mut holds: impl FnMut(&mut Self) -> bool,
    ) -> bool {
        let end = after(self.now, millis);
        loop {
            if holds(self) {
                return true;
            }
            match bounded(self.next()) {
                Some(next) if next <= end => self.go_to(next),
                _ => {
                    self.now = end;
                    return false;
                }
            }
        }
    }

    /// Lets the next thing happen.
    pub(super) fn step(&mut self) {
        let next = self.next().expect("something waits");
        self.go_to(next);
    }

    /// When something happens next.
    pub(super) fn next(&self) -> Option<Instant> {
        let answer = self.queue.keys().next().map(|(at, _)| *at);
        let deadline = self.manager.poll_at().map(|deadline| deadline.at);
        [answer, deadline].into_iter().flatten().min()
    }

    fn go_to(&mut self, next: Instant) {
        self.now = self.now.max(next);
        let due = self.queue.keys().next().copied();
        let event = due
            .filter(|(at, _)| *at <= self.now)
            .and_then(|key| self.queue.remove(&key));
        match event {
            Some(event) => self.event(event),
            None => {
                self.manager.handle_timeout(self.now);
                self.settle();
            }
        }
    }

    pub(super) fn note(&mut self, line: String) {
        if self.log.len() == 150 {
            self.log.pop_front();
        }
        let at = self.now.as_millis();
        self.log.push_back(format!("{at:>9} ms  {line}"));
    }

    fn answer(&mut self, event: Event) {
        self.queued += 1;
        let key = (after(self.now, self.delay), self.queued);
        self.queue.insert(key, event);
    }

    /// Takes all outputs.
    fn settle(&mut self) {
        let mut answers = Vec::new();
        let mut lines = Vec::new();
        let mut seals = Vec::new();
        let off = self.manager.snapshot().filter(|one| !one.enabled);
        let disabled: Vec<_> = off.map(|one| one.interface).collect();
        let mut begun_disabled = false;
        while let Some(command) = bounded(self.manager.poll_command()) {
            match command {
                Command::Interface { ticket, action } => {
                    let id = ticket.interface();
                    let health = self.health[&id];
                    let kind = name(&action);
                    for over in ends(kind) {
                        self.tickets.remove(&(id, *over));
                    }
                    self.tickets.insert((id, kind), ticket);
                    let mut text = format!("{id} {kind}");
                    let runs = self.runs.entry(id).or_default();
                    match action {
                        Action::Scan(network) => {
                            text = format!("{text} {}", network.ssid().escape_ascii());
                        }
                        Action::Join(network) => {
                            let ssid = network.ssid().escape_ascii().to_string();
                            text = format!("{text} {ssid}");
                            runs.network = Some(ssid);
                        }
                        // Only the radio knows which one.
                        Action::Wps => runs.network = None,
                        Action::StartDhcp => runs.ip = None,
                        Action::SetAddress(ip) => runs.ip = Some(ip),
                        _ => {}
                    }
                    let begins = !matches!(kind, "stop" | "power down");
                    begun_disabled |= begins && disabled.contains(&id);
                    lines.push(text);
                    answers.extend(answer_of(&action, health).map(|report| ticket.report(report)));
                }
                Command::Server { ticket, action } => {
                    let id = ticket.interface();
                    let (text, via) = of_server(&action);
                    let via = via.map(|proxy| proxy.address().to_string());
                    lines.push(match &via {
                        Some(via) => format!("{id} {text} via {via}"),
                        None => format!("{id} {text}"),
                    });
                    let reply = match (text, self.server[&id]) {
                        ("resolve", _) => Some(ServerReport::Resolved),
                        ("reach proxy", _) => Some(ServerReport::ProxyReached),
                        ("connect", Server::Answers) => Some(ServerReport::Connected),
                        ("connect", Server::Refuses) => Some(ServerReport::Unreachable { code: 5 }),
                        ("flush", _) => Some(ServerReport::Flushed),
                        _ => None,
                    };
                    begun_disabled |= text != "disconnect" && disabled.contains(&id);
                    match text {
                        "connect" => {
                            self.connection = Some(ticket);
                            self.proxy = via;
                        }
                        "disconnect" => self.connection = None,
                        _ => {}
                    }
                    answers.extend(reply.map(|report| ticket.report(report)));
                }
                Command::Seal { ticket, secrets } => {
                    let text = |secret: Exposed<'_>| match secret {
                        Exposed::Plaintext(text) => text.to_owned(),
                        sealed => panic!("it is sealed already: {sealed:?}"),
                    };
                    seals.push(Unsealed {
                        ticket,
                        key: secrets.key.map(text),
                        password: secrets.password.map(text),
                    });
                }
                _ => {}
            }
        }
        for line in lines {
            self.note(format!("  <- {line}"));
            self.commands.push((self.now, line));
        }
        for event in answers {
            self.answer(event);
        }
        if self.seals {
            for unsealed in seals {
                self.seal(&unsealed);
            }
        } else {
            self.unsealed.extend(seals);
        }
        while let Some(notice) = bounded(self.manager.poll_notice()) {
            self.note(format!("  {notice:?}"));
            self.notices.push((self.now, notice));
        }
        assert!(
            !begun_disabled,
            "a disabled interface begins something (CON-23)\n{}",
            self.story()
        );
        if let Err(rule) = self.consistent() {
            panic!("{rule}\n{}", self.story());
        }
    }

    /// Seals secrets in the manner of a mock.
    pub(super) fn seal(&mut self, unsealed: &Unsealed) {
        let blob = |secret: &Option<String>| secret.as_ref().map(|text| format!("sealed {text}"));
        let (key, password) = (blob(&unsealed.key), blob(&unsealed.password));
        let sealed = Secrets {
            key: key.as_ref().map(|blob| Exposed::Sealed(blob.as_bytes())),
            password: password
                .as_ref()
                .map(|blob| Exposed::Sealed(blob.as_bytes())),
        };
        self.manager.sealed(self.now, unsealed.ticket, sealed);
    }
}

/// What a command to seal has in plaintext.
#[derive(Clone)]
pub(super) struct Unsealed {
    pub(super) ticket: SealTicket,
    pub(super) key: Option<String>,
    pub(super) password: Option<String>,
}

pub(super) fn config<const N: usize>(ids: [InterfaceId; N]) -> Config<N> {
    Config::new(3, ids.map(InterfaceConfig::new))
}

/// A NIC as text.
fn shown(nic: &Nic) -> String {
    let network = nic
        .wifi()
        .map(|wifi| wifi.ssid().escape_ascii().to_string());
    let ip = nic.ip_config().map(|ip| ip.prefix().to_string());
    let proxy = nic.proxy().map(|proxy| proxy.address().to_string());
    format!("{} {network:?} {ip:?} {proxy:?}", nic.name().as_str())
}
