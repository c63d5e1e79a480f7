//! `Manager::handle_input` acts and answers as the method of the same name, for every input.
//!
//! Two managers live through the same random history, one through `handle_input` and one through
//! the methods. After each step they have to agree in everything that can be asked of them.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lankeeper::manager::{Input, Reply, SealTicket};
use lankeeper::nic::{Exposed, ProxyPassword, Secrets};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::udp::{LimitScope, Target};
use lankeeper::{
    Binding, Command, Config, Event, Handle, Instant, InterfaceConfig, InterfaceId, IpConfig,
    Lease, Manager, Medium, Nic, Policy, ProxySettings, Quota, Received, Report, ServerReport,
    ServerState, ServerTicket, SocketId, Span, State, Tickets, WifiKey, WifiSettings,
};

use crate::support::bound::bounded;
use crate::support::dice::Dice;
use crate::support::{good_answer, ip};

type Device = Manager<3, 3, 3, 8, 1>;

const IDS: [InterfaceId; 3] = [
    InterfaceId::WIFI,
    InterfaceId::ETHERNET,
    InterfaceId::CELLULAR,
];

/// Every input by its name, and how a history makes one.
type Make = for<'a> fn(&mut Draws, &'a Seen) -> Option<Input<'a>>;

/// Each input comes as often as all others: what is needed to get anywhere comes on top.
const INPUTS: [(&str, Make); 27] = [
    ("Timeout", |_, _| Some(Input::Timeout)),
    ("Rebase", |_, _| Some(Input::Rebase)),
    ("Event", event),
    ("UdpReceive", |dice, seen| {
        Some(Input::UdpReceive {
            binding: dice.recent(&seen.bindings)?,
            received: Received {
                source: SocketAddrV4::new(dice.one_of(&ADDRESSES)?, 7),
                destination: dice.one_of(&ADDRESSES)?,
                length: 3,
            },
            room: dice.one_of(&[2, 3, 4])?,
        })
    }),
    ("Sealed", |dice, seen| {
        let blob = Exposed::Sealed(&SECRET[..dice.one_of(&[0, 48, 80, 112, 113])?]);
        let secrets = [blob, blob, blob, Exposed::Plaintext("a plain key")].map(Some);
        let secrets = Secrets {
            key: dice.one_of(&secrets)?,
            password: dice.one_of(&[None, Some(blob)])?,
        };
        Some(Input::Sealed(dice.one_of(&seen.seals)?, secrets))
    }),
    ("Provision", |dice, seen| {
        Some(Input::Provision(dice.one_in(&seen.settings.stored)?))
    }),
    ("Reapply", |_, _| Some(Input::Reapply)),
    ("Open", |dice, seen| {
        Some(Input::Open(dice.one_in(&seen.settings.nics)?))
    }),
    ("Close", |dice, seen| {
        Some(Input::Close(dice.recent(&seen.handles)?))
    }),
    ("Retry", |dice, seen| {
        Some(Input::Retry(dice.recent(&seen.handles)?))
    }),
    ("SetEnabled", |dice, _| {
        let absent = InterfaceId::new(Medium::Ethernet, 7).ok()?;
        let [first, second, third] = IDS;
        let id = dice.one_of(&[first, second, third, absent])?;
        Some(Input::SetEnabled(id, dice.below(4) > 0))
    }),
    ("UdpOpen", |dice, seen| {
        let port = dice.one_of(&[None, Some(5000), Some(5001), Some(80)])?;
        Some(Input::UdpOpen(dice.recent(&seen.handles)?, port))
    }),
    ("UdpSetReceiving", |dice, seen| {
        let socket = dice.recent(&seen.sockets)?;
        Some(Input::UdpSetReceiving(socket, dice.below(3) > 0))
    }),
    ("UdpSend", |dice, seen| {
        let target = match dice.below(8) {
            0 => Target::Text("8.8.8.8", 7),
            1 => Target::Text("peer", 7),
            2 => Target::Text("192.168.1.9", 67),
            3 => Target::Text("192.168.1.9", 7),
            _ => Target::Address(SocketAddrV4::new(dice.one_of(&ADDRESSES)?, 9)),
        };
        let payload = &SECRET[..dice.one_of(&[0, 3])?];
        Some(Input::UdpSend(dice.recent(&seen.sockets)?, target, payload))
    }),
    ("UdpClose", |dice, seen| {
        Some(Input::UdpClose(dice.recent(&seen.sockets)?))
    }),
    ("Connect", |dice, _| Some(Input::Connect(dice.span()?))),
    ("ConnectWith", |dice, seen| {
        let nic = dice.one_in(&seen.settings.nics)?;
        Some(Input::ConnectWith(nic, dice.span()?))
    }),
    ("Disconnect", |dice, _| {
        Some(Input::Disconnect(dice.span()?))
    }),
    ("ServerCall", |_, _| Some(Input::ServerCall)),
    ("NoteWake", |_, _| Some(Input::NoteWake)),
    ("SetPolicy", |dice, _| {
        Some(Input::SetPolicy(dice.one_of(&[
            Policy::SuspendOnError,
            Policy::ReturnOnError,
            Policy::ReturnOnErrorNoDisconnect,
            Policy::KeepTrying,
        ])?))
    }),
    ("Select", |dice, _| {
        let absent = InterfaceId::new(Medium::Ethernet, 7).ok()?;
        let [first, second, third] = IDS.map(Some);
        let id = dice.one_of(&[None, first, second, third, Some(absent)])?;
        Some(Input::Select(id))
    }),
    ("SetServerOrder", |dice, _| {
        const ORDERS: [&[InterfaceId]; 5] = [
            &IDS,
            &[InterfaceId::CELLULAR, InterfaceId::WIFI],
            &[InterfaceId::ETHERNET],
            &[],
            &[InterfaceId::WIFI, InterfaceId::WIFI],
        ];
        Some(Input::SetServerOrder(dice.one_of(&ORDERS)?))
    }),
    ("StoreWifi", |dice, seen| {
        let all = seen.settings.stored.iter();
        let wifi: Vec<_> = all.filter_map(|it| it.wifi.as_ref()).collect();
        Some(Input::StoreWifi(dice.one_of(&wifi)?))
    }),
    ("StoreStatic", |dice, _| {
        Some(Input::StoreStatic(fixed(dice.one_of(&[1, 2])?)))
    }),
    ("StoreProxy", |dice, seen| {
        let all = seen.settings.stored.iter();
        let proxies: Vec<_> = all.filter_map(|it| it.proxy.as_ref()).collect();
        Some(Input::StoreProxy(dice.one_of(&proxies)?))
    }),
    ("ClearStored", |dice, _| {
        let bits = u8::try_from(dice.below(8)).ok()?;
        Some(Input::ClearStored(StoredParts::from_bits_truncate(bits)))
    }),
];

/// The method with the name of the input, and its answer.
fn by_method<'a>(device: &mut Device, now: Instant, input: Input<'a>) -> Reply<'a> {
    match input {
        Input::Timeout => device.handle_timeout(now),
        Input::Rebase => device.rebase(now),
        Input::Event(event) => device.handle_event(now, event),
        Input::UdpReceive {
            binding,
            received,
            room,
        } => return Reply::UdpReceived(device.udp_receive(now, binding, &received, room)),
        Input::Sealed(ticket, secrets) => device.sealed(now, ticket, secrets),
        Input::Provision(settings) => device.provision(now, settings),
        Input::Reapply => device.reapply(now),
        Input::Open(nic) => return Reply::Opened(device.open(now, nic)),
        Input::Close(handle) => device.close(now, handle),
        Input::Retry(handle) => return Reply::Retried(device.retry(now, handle)),
        Input::SetEnabled(id, on) => return Reply::Enabled(device.set_enabled(now, id, on)),
        Input::UdpOpen(handle, port) => {
            return Reply::UdpOpened(device.udp_open(now, handle, port));
        }
        Input::UdpSetReceiving(socket, on) => {
            return Reply::UdpReceiving(device.udp_set_receiving(now, socket, on));
        }
        Input::UdpSend(socket, target, payload) => {
            return Reply::UdpSent(device.udp_send(now, socket, target, payload));
        }
        Input::UdpClose(socket) => device.udp_close(now, socket),
        Input::Connect(timeout) => return Reply::Connecting(device.connect(now, timeout)),
        Input::ConnectWith(nic, timeout) => {
            return Reply::Connecting(device.connect_with(now, nic, timeout));
        }
        Input::Disconnect(flush) => device.disconnect(now, flush),
        Input::ServerCall => return Reply::ServerCalled(device.server_call(now)),
        Input::NoteWake => device.note_wake(now),
        Input::SetPolicy(policy) => device.set_policy(now, policy),
        Input::SetServerOrder(order) => {
            return Reply::ServerOrderSet(device.set_server_order(now, order));
        }
        Input::Select(selected) => return Reply::Selected(device.select(now, selected)),
        Input::StoreWifi(settings) => device.store_wifi(now, settings),
        Input::StoreStatic(config) => device.store_static(now, config),
        Input::StoreProxy(settings) => device.store_proxy(now, settings),
        Input::ClearStored(parts) => device.clear_stored(now, parts),
        other => panic!("no method is known for {other:?}"),
    }
    Reply::Done
}

const SECRET: [u8; 113] = [7; 113];

const ADDRESSES: [Ipv4Addr; 5] = [
    Ipv4Addr::new(192, 168, 1, 50),
    Ipv4Addr::new(192, 168, 1, 9),
    Ipv4Addr::new(192, 168, 1, 9),
    Ipv4Addr::new(192, 168, 1, 255),
    Ipv4Addr::new(192, 168, 2, 9),
];

/// What a history draws; `None` where there is nothing to draw from.
struct Draws(Dice);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        self.0.below(end)
    }

    fn one_in<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let end = u64::try_from(choices.len()).ok().filter(|end| *end > 0)?;
        choices.get(usize::try_from(self.below(end)).ok()?)
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        self.one_in(choices).copied()
    }

    /// One of the last few, or sometimes an older one.
    fn recent<T: Copy>(&mut self, choices: &[T]) -> Option<T> {
        let from = choices.len().saturating_sub(3);
        let old = self.below(8) == 0;
        self.one_of(if old { choices } else { &choices[from..] })
    }

    fn span(&mut self) -> Option<Option<Span>> {
        self.one_of(&[None, None, Span::from_millis(1), Span::from_secs(20)])
    }
}

/// The settings that requests contain.
struct Settings {
    nics: Vec<Nic>,
    stored: Vec<StoredSettings>,
}

fn fixed(last: u8) -> IpConfig {
    let own = format!("192.168.1.{last}/24").parse().unwrap();
    IpConfig::new(own, None, &[]).unwrap()
}

fn settings() -> Settings {
    let network = |key| WifiSettings::new(b"shed", WifiKey::plaintext(key).unwrap()).unwrap();
    let plain = ProxySettings::new("proxy.lan", 8080).unwrap();
    let password = ProxyPassword::plaintext("a password").unwrap();
    let proxy = plain.clone().with_credentials("me", Some(password));
    let proxy = proxy.unwrap();
    let mut all = StoredSettings::default();
    all.wifi = Some(network("correct horse"));
    all.proxy = Some(plain);
    let mut other = StoredSettings::default();
    other.wifi = Some(network("battery staple"));
    other.ip_config = Some(fixed(3));
    other.proxy = Some(proxy.clone());
    let nic = Nic::builder;
    Settings {
        nics: [
            nic("eth0"),
            nic("ethernet"),
            nic("wl0"),
            nic("cell0"),
            nic("eth7"),
            nic("eth0").ip_config(fixed(4)),
            nic("eth0").proxy(proxy),
            nic("wl0").wifi(network("correct horse")),
            nic("wl0").wifi(network("battery staple")),
        ]
        .map(|builder| builder.build().unwrap())
        .into(),
        stored: vec![all, other, StoredSettings::default()],
    }
}

/// What the two managers have given away so far.
struct Seen {
    settings: Settings,
    handles: Vec<Handle>,
    sockets: Vec<SocketId>,
    bindings: Vec<Binding>,
    seals: Vec<SealTicket>,
    servers: Vec<ServerTicket>,
    tickets: [Tickets; 3],
    states: [Option<State>; 3],
    server: ServerState,
}

impl Seen {
    fn note(&mut self, command: &Command<'_>) {
        for tickets in &mut self.tickets {
            tickets.note(command);
        }
        match command {
            Command::Bind(binding) => self.bindings.push(*binding),
            Command::Seal { ticket, .. } => self.seals.push(*ticket),
            Command::Server { ticket, .. } => self.servers.push(*ticket),
            _ => {}
        }
    }
}

/// An event that the state waits for, or another one.
fn event<'a>(dice: &mut Draws, seen: &'a Seen) -> Option<Input<'a>> {
    let code = 5;
    let place = usize::try_from(dice.below(3)).ok()?;
    let mut tickets = seen.tickets[place];
    let event = match dice.below(24) {
        0 => dice.one_of(&seen.bindings)?.failed(code),
        1 => {
            let to = SocketAddrV4::new(ADDRESSES[1], 9);
            dice.one_of(&seen.bindings)?.send_failed(to, code)
        }
        2 => Event::PersistFailed { code },
        3 => tickets.stop_failed(code)?,
        4 => tickets.disconnect_failed(code)?,
        5 => tickets.event(dice.one_of(&[
            Report::LinkLost { code },
            Report::CarrierDown,
            Report::LeaseLost,
            Report::Lease(Lease::new(ip("192.168.1.51"), 24)),
            Report::RegistrationLost,
            Report::PppDown { code },
            Report::Fault { code },
        ])?)?,
        6 => seen.servers.last()?.report(dice.one_of(&[
            ServerReport::Lost { code },
            ServerReport::NotResolved { code },
            ServerReport::Unreachable { code },
            ServerReport::ProxyRefused { code },
            ServerReport::Alive,
        ])?),
        7..=12 => {
            let report = match seen.server {
                ServerState::Resolving => ServerReport::Resolved,
                ServerState::ReachingProxy => ServerReport::ProxyReached,
                ServerState::Flushing => ServerReport::Flushed,
                _ => ServerReport::Connected,
            };
            seen.servers.last()?.report(report)
        }
        _ => tickets.event(good_answer(seen.states[place]?)?)?,
    };
    Some(Input::Event(event))
}

/// A history, through `handle_input` and through the methods.
struct Pair {
    by_input: Device,
    by_method: Device,
    seen: Seen,
    now: Instant,
    /// The inputs, with whether the reply was good, of all histories.
    replies: BTreeSet<String>,
}

impl Pair {
    fn new(seed: u64, replies: BTreeSet<String>) -> Self {
        let mut config = Config::new(seed, IDS.map(InterfaceConfig::new));
        config.quota = Quota::new(1, 5).unwrap();
        if seed.is_multiple_of(2) {
            config.limit_scope = LimitScope::Socket;
        }
        let device = || Manager::with_capacities(&config).unwrap();
        let by_input = device();
        Self {
            seen: Seen {
                settings: settings(),
                handles: Vec::new(),
                sockets: Vec::new(),
                bindings: Vec::new(),
                seals: Vec::new(),
                servers: Vec::new(),
                tickets: IDS.map(Tickets::new),
                states: IDS.map(|id| by_input.state(id)),
                server: by_input.server_state(),
            },
            by_input,
            by_method: device(),
            now: Instant::EPOCH,
            replies,
        }
    }

    fn step(&mut self, dice: &mut Draws) {
        let later = match dice.below(40) {
            0..=24 => 0,
            25..=29 => 1,
            30..=38 => dice.below(2_000_000),
            _ => dice.below(700_000_000),
        };
        self.now = Instant::from_micros(self.now.as_micros() + later);
        // Now and then an instant that is over.
        let early = if dice.below(20) == 0 { 1_000_000 } else { 0 };
        let now = Instant::from_micros(self.now.as_micros().saturating_sub(early));
        let (_, make) = match dice.below(6) {
            0..=3 => ("Event", event as Make),
            _ => *dice.one_in(&INPUTS).unwrap(),
        };
        let Some(input) = make(dice, &self.seen) else {
            return;
        };
        let name = name(&input);
        let reply = self.by_input.handle_input(now, input);
        assert_eq!(reply, by_method(&mut self.by_method, now, input), "{name}");
        self.replies.insert(format!("{name} {}", is_good(&reply)));
        match reply {
            Reply::Opened(Ok(handle)) => self.seen.handles.push(handle),
            Reply::UdpOpened(Ok(socket)) => self.seen.sockets.push(socket),
            _ => {}
        }
        self.compare(&name);
        if dice.below(3) > 0 {
            self.take_outputs(dice.below(4) > 0, &name);
            self.compare(&name);
        }
    }

    /// Everything that can be asked, and whatever else the managers are made of.
    fn compare(&mut self, after: &str) {
        let (one, other) = (&self.by_input, &self.by_method);
        assert_eq!(one.poll_at(), other.poll_at(), "after {after}");
        assert!(one.snapshot().eq(other.snapshot()), "after {after}");
        assert_eq!(one.stored(), other.stored(), "after {after}");
        let configs = (one.current_config(), other.current_config());
        if let (Some(config), Some(same)) = configs {
            // Its text, below, has no secrets.
            assert_eq!(config.wifi(), same.wifi(), "after {after}");
            assert_eq!(config.proxy(), same.proxy(), "after {after}");
        }
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "after {after}");
        self.seen.states = IDS.map(|id| one.state(id));
        self.seen.server = one.server_state();
    }

    /// Takes the commands, and the notices too if they are wanted.
    fn take_outputs(&mut self, with_notices: bool, after: &str) {
        loop {
            let (one, other) = (self.by_input.poll_command(), self.by_method.poll_command());
            assert_eq!(one, other, "after {after}");
            let Some(command) = bounded(one) else { break };
            self.seen.note(&command);
        }
        if !with_notices {
            return;
        }
        loop {
            let (one, other) = (self.by_input.poll_output(), self.by_method.poll_output());
            assert_eq!(one, other, "after {after}");
            if bounded(one).is_none() {
                break;
            }
        }
    }
}

/// The name of an input, as its `Debug` output begins.
fn name(input: &Input<'_>) -> String {
    let text = format!("{input:?}");
    let end = text.find(|letter: char| !letter.is_ascii_alphanumeric());
    text[..end.unwrap_or(text.len())].to_string()
}

fn is_good(reply: &Reply<'_>) -> &'static str {
    let text = format!("{reply:?}");
    match (text.contains("(Ok("), text.contains("(Err(")) {
        (true, _) => "ok",
        (_, true) => "refused",
        _ => "done",
    }
}

/// The inputs that the sources declare.
fn declared() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manager/input.rs");
    let source = fs::read_to_string(path).expect("the source can be read");
    let begin = source.split("pub enum Input<'a> {").nth(1).unwrap();
    let body = begin.split("\n}\n").next().unwrap();
    // A variant is indented by four spaces, its fields by more.
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let variants = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let end = |letter: char| !letter.is_ascii_alphanumeric();
    let names = variants.map(|line| line.split(end).next().unwrap().to_string());
    names.collect()
}

// spec: TIME-5, DRV-4
#[test]
fn every_input_acts_and_answers_as_the_method_of_its_name() {
    let names: BTreeSet<_> = INPUTS.iter().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, declared(), "every input has its place in the list");
    assert_eq!(names.len(), INPUTS.len(), "each stands there once");

    let (histories, steps) = (250, 400);
    let mut replies = BTreeSet::new();
    for seed in 0..histories {
        let mut dice = Draws(Dice::new(seed));
        let mut pair = Pair::new(seed, replies);
        for _ in 0..steps {
            pair.step(&mut dice);
        }
        replies = pair.replies;
    }
    // Each input was made under its name, and where it can be refused it was taken too.
    for name in [
        "UdpReceive ok",
        "UdpReceive refused",
        "UdpSend ok",
        "Sealed done",
    ] {
        assert!(replies.contains(name), "{name}: {replies:?}");
    }
    for name in &names {
        let of_input = |reply: &str| replies.contains(&format!("{name} {reply}"));
        let both = of_input("ok") && of_input("refused");
        assert!(both || of_input("done"), "{name}: {replies:?}");
    }
}
