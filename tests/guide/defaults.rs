//! The page of defaults: what a configuration is where nothing is set, field by field.

use lankeeper::back_off::BackOffConfig;
use lankeeper::driver::{SealedSecret, VaultError};
use lankeeper::manager::{ConfigError, OpenError};
use lankeeper::stored::RECORD_CAPACITY;
use lankeeper::udp::OpenSocketError;
use lankeeper::{
    Config, InterfaceConfig, InterfaceId, Manager, Medium, Nic, Notice, Quota, SendError, Span,
};

use super::page::{Page, Table};
use crate::support::Rig;
use crate::support::bound::bounded;

/// What the page says of a setting besides its default: the fields that lead to it, what it can
/// be, its rules, and what it is.
type Setting = (&'static str, Range, &'static str, &'static str);

/// What a setting can be; a test tries the ends.
#[derive(Clone, Copy)]
enum Range {
    Span,
    /// A span that is not below `initial`.
    LongerSpan,
    /// A span, or none.
    OptionalSpan,
    /// A number of 8 bits.
    Count,
    /// A number of 32 bits.
    Starts,
    Rate,
    Burst,
    /// One of these variants.
    OneOf(&'static str),
    /// Any number of 64 bits, which the application gives.
    Number,
    /// An order of interfaces that are present.
    Order,
}
use Range::{
    Burst, Count, LongerSpan, Number, OneOf, OptionalSpan, Order, Rate, Span as AnySpan, Starts,
};

#[rustfmt::skip]
const INTERFACE: &[Setting] = &[
    ("interfaces.step_timeouts.start", AnySpan, "IFC-2", "powering up"),
    ("interfaces.step_timeouts.scan", AnySpan, "IFC-2", "looking for the Wi-Fi network"),
    ("interfaces.step_timeouts.join", AnySpan, "IFC-2", "joining it"),
    ("interfaces.step_timeouts.wps", AnySpan, "IFC-2", "joining it by Wi-Fi Protected Setup"),
    ("interfaces.step_timeouts.link", AnySpan, "IFC-2", "waiting for the Ethernet carrier"),
    ("interfaces.step_timeouts.dhcp", AnySpan, "IFC-2", "getting a lease"),
    ("interfaces.step_timeouts.modem", AnySpan, "IFC-2", "a sign of life of the modem"),
    ("interfaces.step_timeouts.sim", AnySpan, "IFC-2", "reading the SIM"),
    ("interfaces.step_timeouts.registration", AnySpan, "IFC-2", "registering with the cellular network"),
    ("interfaces.step_timeouts.ppp", AnySpan, "IFC-2", "dialling up"),
    ("interfaces.recovery", OneOf("`Automatic`, `Manual`"), "IFC-7", "whether an interface that stopped is retried"),
    ("interfaces.recovery.initial", AnySpan, "IFC-7", "the first delay; it doubles with every retry"),
    ("interfaces.recovery.maximum", LongerSpan, "IFC-7", "the longest delay"),
    ("interfaces.stable_after", AnySpan, "IFC-6, IFC-7", "how long CONNECTED must last before its loss is no failed try, and the delay is the first one again"),
    ("interfaces.power_cycle_after", Count, "IFC-14", "after how many failed tries in a row the next one begins with a power cycle; 0 for never"),
    ("interfaces.refused_delay", AnySpan, "IFC-16", "how long somebody who refused the device is left alone"),
    ("interfaces.hold_down", OptionalSpan, "IFC-15", "within what time a carrier or link that is back was not lost"),
];

#[rustfmt::skip]
const SERVER: &[Setting] = &[
    ("server.timeouts.wifi", AnySpan, "CON-3", "an attempt over Wi-Fi"),
    ("server.timeouts.ethernet", AnySpan, "CON-3", "an attempt over Ethernet"),
    ("server.timeouts.cellular", AnySpan, "CON-3", "an attempt over cellular"),
    ("server.grace", AnySpan, "CON-12, CON-13", "how long a lost connection is retried before it is given up; a round of `SuspendOnError`"),
    ("server.pause", AnySpan, "CON-13", "the wait between two rounds of `SuspendOnError`"),
    ("server.retry.initial", AnySpan, "CON-12", "the first delay between two tries; it doubles with every try"),
    ("server.retry.maximum", LongerSpan, "CON-12", "the longest delay"),
    ("server.stable_after", AnySpan, "CON-12", "how long a connection must last before the next wait is a short one again"),
    ("server.refused_delay", AnySpan, "IFC-16", "how long a proxy that refused the credentials is left alone"),
    ("server.alive_within", OptionalSpan, "CON-30", "how long a connection may be without a sign of life"),
];

#[rustfmt::skip]
const UDP: &[Setting] = &[
    ("quota.rate", Rate, "RATE-1, RATE-2", "datagrams a second, over time"),
    ("quota.burst", Burst, "RATE-1", "datagrams at once"),
    ("limit_scope", OneOf("`Device`, `Socket`"), "RATE-4", "which sends share the limit"),
];

#[rustfmt::skip]
const DEVICE: &[Setting] = &[
    ("seed", Number, "IFC-7, CON-13, CON-18", "draws what is taken off a delay: a number that no other device has"),
    ("start", Starts, "IFC-10, OPEN-6", "how often the device has started, where a backend goes on meanwhile: no number that was handed out then fits now"),
    ("policy", OneOf("`SuspendOnError`, `ReturnOnError`, `ReturnOnErrorNoDisconnect`, `KeepTrying`"), "CON-1", "what becomes of a server connection that is lost or does not come about"),
    ("server_order", Order, "CON-14", "the interfaces that a connection tries if none is named"),
    ("spread", OptionalSpan, "CON-18", "over how long a fleet spreads what happens to all its devices at once"),
    ("reconfigure", OneOf("`Refuse`, `AllowEqual`"), "OPEN-3", "whether an interface in use can be opened with settings"),
];

/// What an application gives as the seed.
const SERIAL_NUMBER: u64 = 7;

fn config() -> Config<1> {
    Config::new(SERIAL_NUMBER, [InterfaceConfig::new(InterfaceId::ETHERNET)])
}

fn page() -> Page {
    let defaults = fields(&format!("{:#?}", config()));
    let table = |settings: &[Setting]| {
        let header = ["setting", "default", "unit", "range", "rule", "what it is"];
        let mut table = Table::new(&header);
        for (path, range, rules, about) in settings {
            let found = defaults.iter().find(|(field, _)| field == path);
            let (_, default) = found.unwrap_or_else(|| panic!("there is no setting {path}"));
            let path = path.replace("interfaces.", "interfaces[_].");
            let default = range.value(default);
            table.row(&[
                &format!("`{path}`"),
                &default,
                &range.unit(),
                &range.text(),
                rules,
                about,
            ]);
        }
        table
    };
    Page::new(
        "src/guide/defaults.md",
        vec![
            ("device", table(DEVICE)),
            ("interface", table(INTERFACE)),
            ("server", table(SERVER)),
            ("udp", table(UDP)),
            ("capacities", capacities()),
            ("limits", limits()),
        ],
    )
}

impl Range {
    fn text(self) -> String {
        match self {
            Self::Span => format!("{} to {}", millis(Span::MIN), millis(Span::MAX)),
            Self::LongerSpan => format!("`initial` to {}", millis(Span::MAX)),
            Self::OptionalSpan => format!("`None`, {} to {}", millis(Span::MIN), millis(Span::MAX)),
            Self::Count => format!("0 to {}", u8::MAX),
            Self::Starts => format!("0 to {}", grouped(u32::MAX)),
            Self::Rate => format!("1 to {}", grouped(HIGHEST_RATE)),
            Self::Burst => format!("1 to {}", grouped(u32::MAX)),
            Self::OneOf(variants) => variants.into(),
            Self::Number => "any of 64 bits".into(),
            Self::Order => "present interfaces".into(),
        }
    }

    const fn unit(self) -> &'static str {
        match self {
            Self::Span | Self::LongerSpan => "`Span`, ms",
            Self::OptionalSpan => "`Option<Span>`, ms",
            Self::Count => "tries",
            Self::Starts => "starts",
            Self::Rate => "per second",
            Self::Burst => "datagrams",
            Self::OneOf(_) | Self::Number | Self::Order => "",
        }
    }

    /// A default as `Debug` shows it, in words.
    fn value(self, debugged: &str) -> String {
        match self {
            Self::Span | Self::LongerSpan => grouped(debugged.parse().unwrap()),
            Self::OptionalSpan => format!("`{debugged}`"),
            Self::Count | Self::Starts | Self::Rate | Self::Burst => debugged.into(),
            Self::OneOf(variants) => {
                let default = format!("`{debugged}`");
                assert!(
                    variants.contains(&default),
                    "{default} is none of {variants}"
                );
                default
            }
            Self::Number => {
                assert_eq!(debugged, SERIAL_NUMBER.to_string());
                "none: an argument of `Config::new`".into()
            }
            Self::Order => default_order(),
        }
    }
}

/// The media in the order in which a device that has them all tries them.
fn default_order() -> String {
    let mut present = [
        InterfaceId::CELLULAR,
        InterfaceId::WIFI,
        InterfaceId::ETHERNET,
    ];
    let order = |present: [InterfaceId; 3]| {
        let config = Config::new(SERIAL_NUMBER, present.map(InterfaceConfig::new));
        config
            .server_order
            .map(|id| id.expect("each has a place").medium())
    };
    let media = order(present);
    present.reverse();
    assert_eq!(order(present), media);
    media.map(|medium| medium.to_string()).join(", ")
}

fn millis(span: Span) -> String {
    grouped(span.as_millis())
}

/// A number with a comma before every three digits.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The highest rate of a limit; a test tries it.
const HIGHEST_RATE: u32 = 1_000_000;

/// The leaves of a value that `Debug` shows in many lines, each with the fields that lead to it. A
/// variant with data counts as a leaf and as a part of the way; a span is its number.
fn fields(debugged: &str) -> Vec<(String, String)> {
    let mut way: Vec<Option<&str>> = Vec::new();
    let mut fields = Vec::new();
    for line in debugged.lines().map(str::trim) {
        let line = line.trim_end_matches(',');
        if matches!(line, "}" | ")" | "]") {
            way.pop();
            continue;
        }
        let (name, value) = match line.split_once(": ") {
            Some((name, value)) => (Some(name), value),
            None => (None, line),
        };
        let path: Vec<_> = way.iter().flatten().copied().chain(name).collect();
        let path = path.join(".");
        match value.strip_suffix(['{', '(', '[']) {
            None => fields.push((path, value.to_owned())),
            Some(kind) => {
                if value.ends_with('(') && !matches!(kind, "Span" | "Some") {
                    fields.push((path, kind.to_owned()));
                }
                way.push(name);
            }
        }
    }
    fields
}

/// How much room a manager has: found by filling it.
fn capacities() -> Table {
    let mut table = Table::new(&["parameter", "default", "rule", "what it is"]);
    table.row(&[
        &"`INTERFACES`",
        &"as many as the configuration has",
        &"OPEN-2",
        &"interfaces",
    ]);
    table.row(&[&"`HANDLES`", &handles(), &"OPEN-1", &"handles open at once"]);
    table.row(&[&"`SOCKETS`", &sockets(), &"UDP-12", &"sockets open at once"]);
    table.row(&[
        &"`NOTICES`",
        &notices(),
        &"DRV-2",
        &"notices that wait to be polled; those above are counted by `Notice::Lagged`",
    ]);
    table.row(&[
        &"`NETWORKS`",
        &networks(),
        &"NIC-6",
        &"interfaces that may be Wi-Fi, each with its network",
    ]);
    table
}

fn manager() -> Manager<1> {
    Manager::new(&config()).unwrap()
}

fn handles() -> usize {
    let (mut manager, now) = (manager(), lankeeper::Instant::EPOCH);
    loop {
        bounded(Some(()));
        match manager.open(now, &Nic::named("eth0").unwrap()) {
            Ok(_) => {}
            Err(OpenError::TooMany(most)) => return most,
            Err(other) => panic!("{other}"),
        }
    }
}

fn sockets() -> usize {
    let (mut manager, now) = (manager(), lankeeper::Instant::EPOCH);
    let handle = manager.open(now, &Nic::named("eth0").unwrap()).unwrap();
    loop {
        bounded(Some(()));
        match manager.udp_open(now, handle, None) {
            Ok(_) => {}
            Err(OpenSocketError::TooMany(most)) => return most,
            Err(other) => panic!("{other}"),
        }
    }
}

fn notices() -> usize {
    let (mut manager, now) = (manager(), lankeeper::Instant::EPOCH);
    for _ in 0..1000 {
        let handle = manager.open(now, &Nic::named("eth0").unwrap()).unwrap();
        manager.close(now, handle);
    }
    let mut notices = 0;
    while let Some(notice) = bounded(manager.poll_notice()) {
        match notice {
            Notice::Lagged(_) => return notices,
            _ => notices += 1,
        }
    }
    panic!("none was missed");
}

fn networks() -> usize {
    let wifi = |number| InterfaceId::new(Medium::Wifi, number).unwrap();
    let config = Config::new(
        SERIAL_NUMBER,
        [0, 1, 2].map(|number| InterfaceConfig::new(wifi(number))),
    );
    match Manager::<3>::new(&config) {
        Err(ConfigError::TooManyWifi { allowed, .. }) => allowed,
        other => panic!("{other:?}"),
    }
}

/// What no setting changes.
fn limits() -> Table {
    let mut table = Table::new(&["what", "limit", "rule"]);
    let sealed = SealedSecret::new().push(&[0; 1000]);
    let Err(VaultError::TooLong { most: sealed }) = sealed else {
        panic!("it has an end");
    };
    table.row(&[
        &"the longest payload, in bytes",
        &longest_payload(),
        &"UDP-6",
    ]);
    table.row(&[
        &"the first port that a socket without one is bound to",
        &first_free_port(),
        &"UDP-2",
    ]);
    table.row(&[
        &"the longest record of stored settings, in bytes",
        &RECORD_CAPACITY,
        &"CFG-1",
    ]);
    table.row(&[&"the longest sealed secret, in bytes", &sealed, &"NIC-6"]);
    table
}

fn longest_payload() -> usize {
    let payload = vec![0; 65_536];
    let fits = |length: &usize| {
        let (mut rig, _) = Rig::connected();
        let handle = rig.open();
        let socket = rig.manager.udp_open(rig.now, handle, None).unwrap();
        let sent =
            rig.manager
                .udp_send(rig.now, socket, ("192.168.1.9", 5000), &payload[..*length]);
        !matches!(sent, Err(SendError::TooLong(_)))
    };
    let lengths: Vec<_> = (0..=payload.len()).collect();
    lengths.partition_point(fits) - 1
}

fn first_free_port() -> u16 {
    let (mut rig, handle) = Rig::connected();
    let socket = rig.manager.udp_open(rig.now, handle, None).unwrap();
    let sent = rig
        .manager
        .udp_send(rig.now, socket, ("192.168.1.9", 5000), b"");
    sent.unwrap().source.port()
}

// spec: IFC-2, IFC-7, CON-3, CON-12, CON-13, RATE-1, RATE-4, OPEN-3
#[test]
fn the_defaults_are_those_of_the_running_code() {
    page().check();
}

/// Planted failures: a row that is lost or says something else is missed.
#[test]
fn a_change_of_the_defaults_shows() {
    page().check_that_a_change_shows();
}

/// No field is left out.
#[test]
fn every_setting_is_on_the_page() {
    let tables = [DEVICE, INTERFACE, SERVER, UDP];
    let mut named: Vec<_> = tables.concat().iter().map(|(path, ..)| *path).collect();
    // Which interface it is, says the application.
    named.push("interfaces.id");
    let fields = fields(&format!("{:#?}", config()));
    let mut fields: Vec<_> = fields.iter().map(|(path, _)| path.as_str()).collect();
    named.sort_unstable();
    fields.sort_unstable();
    assert_eq!(fields, named);
}

// spec: TIME-6, RATE-2, IFC-7
#[test]
fn nothing_outside_a_range_can_be_set() {
    assert_eq!(Span::from_millis(Span::MIN.as_millis() - 1), None);
    assert_eq!(Span::MAX.as_millis(), u32::MAX);
    assert!(Quota::new(0, 1).is_err() && Quota::new(1, 0).is_err());
    assert!(Quota::new(1, u32::MAX).is_ok() && Quota::new(HIGHEST_RATE, 1).is_ok());
    assert!(Quota::new(HIGHEST_RATE + 1, 1).is_err());
    assert!(BackOffConfig::new(Span::MAX, Span::MAX).is_ok());
    assert!(BackOffConfig::new(Span::MAX, Span::MIN).is_err());
}
