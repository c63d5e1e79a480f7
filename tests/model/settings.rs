//! The configurations that a walk is made with, and the settings that are opened.

use lankeeper::back_off::BackOffConfig;
use lankeeper::manager::Reconfigure;
use lankeeper::udp::LimitScope;
use lankeeper::{
    Config, InterfaceConfig, InterfaceId, IpConfig, Medium, Nic, Policy, Prefix, ProxySettings,
    Quota, Recovery, Span, WifiKey, WifiSettings,
};

pub(crate) const IDS: [InterfaceId; 3] = [
    InterfaceId::ETHERNET,
    InterfaceId::WIFI,
    InterfaceId::CELLULAR,
];

/// How the interfaces of a walk are configured, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct Times {
    pub(crate) steps: Vec<(&'static str, u64)>,
    /// The first and the longest delay; none under `Recovery::Manual`.
    pub(crate) delays: Option<(u64, u64)>,
    pub(crate) cycle_after: u32,
    pub(crate) stable: u64,
    pub(crate) refused: u64,
    pub(crate) hold: Option<u64>,
}

impl Times {
    pub(crate) fn step(&self, step: &str) -> u64 {
        self.steps.iter().find(|one| one.0 == step).unwrap().1
    }
}

/// The times of the rules, or others.
pub(crate) fn times(choice: u8) -> Times {
    let names = [
        "start",
        "scan",
        "join",
        "wps",
        "link",
        "dhcp",
        "modem",
        "sim",
        "registration",
        "ppp",
    ];
    let rules = [10, 15, 20, 120, 5, 30, 30, 30, 180, 60].map(|secs| secs * 1_000);
    let mut times = Times {
        steps: names.into_iter().zip(rules).collect(),
        delays: Some((1_000, 60_000)),
        cycle_after: 4,
        stable: 300_000,
        refused: 600_000,
        hold: None,
    };
    match choice % 8 {
        1 => times.delays = None,
        2 => times.hold = Some(2_500),
        3 => {
            times.delays = Some((3, 50));
            times.stable = 70;
            times.cycle_after = 2;
            times.refused = 100;
            times.hold = Some(6);
            for (index, step) in times.steps.iter_mut().enumerate() {
                step.1 = 5 + 3 * u64::try_from(index).unwrap();
            }
        }
        4 => {
            times.cycle_after = 0;
            times.stable = 20_000;
        }
        5 => {
            times.delays = None;
            times.hold = Some(300);
            times.cycle_after = 1;
        }
        6 => {
            times.stable = 7_000;
            times.cycle_after = 1;
            times.refused = 40_000;
        }
        _ => {}
    }
    times
}

/// How the server connection of a walk is configured, in milliseconds.
#[derive(Clone, Debug)]
pub(crate) struct ServerTimes {
    pub(crate) policy: Policy,
    /// An attempt over Ethernet, Wi-Fi, cellular.
    pub(crate) time_outs: [u64; 3],
    pub(crate) grace: u64,
    /// Between two rounds under `SuspendOnError`.
    pub(crate) pause: u64,
    /// How long a proxy is left alone that has refused.
    pub(crate) refused: u64,
    pub(crate) delays: (u64, u64),
    pub(crate) stable: u64,
    pub(crate) alive: Option<u64>,
    /// What is stored from the start.
    pub(crate) stored: Given,
}

impl ServerTimes {
    pub(crate) fn time_out(&self, medium: Medium) -> u64 {
        match medium {
            Medium::Ethernet => self.time_outs[0],
            Medium::Wifi => self.time_outs[1],
            Medium::Cellular => self.time_outs[2],
        }
    }
}

/// The times of the rules, or others.
pub(crate) fn server_times(choice: u8) -> ServerTimes {
    let mut times = ServerTimes {
        policy: Policy::ReturnOnError,
        time_outs: [60_000; 3],
        grace: [60_000, 60_000, 7_000, 1][usize::from(choice / 64)],
        pause: [540_000, 540_000, 20_000, 90_000][usize::from(choice / 64)],
        refused: [600_000, 10_000, 2_000, 1_000][usize::from(choice / 64)],
        delays: (1_000, 60_000),
        stable: 60_000,
        alive: None,
        stored: Given::default(),
    };
    if choice.is_multiple_of(2) {
        times.stored.network = Some("home".to_owned());
    }
    if choice / 8 % 4 == 1 {
        times.stored.proxy = Some("p.example".to_owned());
    }
    if choice / 8 % 4 == 2 {
        times.alive = Some(20_000);
        times.time_outs = [45_000, 90_000, 120_000];
    }
    if choice / 8 % 4 == 3 {
        times.policy = if choice / 32 % 2 == 1 {
            Policy::KeepTrying
        } else {
            Policy::SuspendOnError
        };
    } else if choice / 32 % 2 == 1 {
        times.policy = Policy::ReturnOnErrorNoDisconnect;
    }
    times
}

/// The limit of what is sent: a rate, a burst, and whether all sockets share it (RATE-1, RATE-4).
pub(crate) fn quota(choice: u8) -> (u32, u32, bool) {
    [
        (25, 100, true),
        (7, 3, true),
        (7, 3, false),
        (25, 100, false),
    ][usize::from(choice / 64)]
}

pub(crate) fn config(
    times: &Times,
    server: &ServerTimes,
    (rate, burst, is_shared): (u32, u32, bool),
    seed: u64,
) -> Config<3> {
    let span = |millis: u64| Span::from_millis(u32::try_from(millis).unwrap()).unwrap();
    let interface = |id| {
        let mut one = InterfaceConfig::new(id);
        let steps = &mut one.step_timeouts;
        let places = [
            &mut steps.start,
            &mut steps.scan,
            &mut steps.join,
            &mut steps.wps,
            &mut steps.link,
            &mut steps.dhcp,
            &mut steps.modem,
            &mut steps.sim,
            &mut steps.registration,
            &mut steps.ppp,
        ];
        for (place, (_, millis)) in places.into_iter().zip(&times.steps) {
            *place = span(*millis);
        }
        one.recovery = match times.delays {
            Some((first, most)) => {
                Recovery::Automatic(BackOffConfig::new(span(first), span(most)).unwrap())
            }
            None => Recovery::Manual,
        };
        one.power_cycle_after = u8::try_from(times.cycle_after).unwrap();
        one.stable_after = span(times.stable);
        one.refused_delay = span(times.refused);
        one.hold_down = times.hold.map(span);
        one
    };
    let mut config = Config::new(seed, IDS.map(interface));
    config.quota = Quota::new(rate, burst).unwrap();
    config.limit_scope = if is_shared {
        LimitScope::Device
    } else {
        LimitScope::Socket
    };
    if seed % 2 == 1 {
        config.reconfigure = Reconfigure::AllowEqual;
    }
    config.policy = server.policy;
    let [ethernet, wifi, cellular] = server.time_outs.map(span);
    config.server.timeouts.ethernet = ethernet;
    config.server.timeouts.wifi = wifi;
    config.server.timeouts.cellular = cellular;
    config.server.grace = span(server.grace);
    config.server.pause = span(server.pause);
    config.server.refused_delay = span(server.refused);
    let (first, most) = server.delays;
    config.server.retry = BackOffConfig::new(span(first), span(most)).unwrap();
    config.server.stable_after = span(server.stable);
    config.server.alive_within = server.alive.map(span);
    config
}

/// What an interface is opened with: a network by name, and a static address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) network: Option<String>,
    pub(crate) ip: Option<IpConfig>,
    pub(crate) proxy: Option<String>,
}

impl Given {
    pub(crate) fn of(choice: u8, port: usize) -> Self {
        let network = ["home", "shed"][usize::from(choice / 8 % 2)].to_owned();
        let (has_network, has_ip) = match (port, choice % 8) {
            (0, 4) => (false, true),
            (1, 1..=3 | 5 | 6) => (true, false),
            (1, 4) => (true, true),
            (1, 7) => (false, true),
            _ => (false, false),
        };
        Self {
            network: has_network.then_some(network),
            ip: has_ip.then(|| address(7)),
            proxy: None,
        }
    }

    /// With a proxy too, if the medium can have one.
    pub(crate) fn with_proxy(choice: u8, port: usize) -> Self {
        let mut given = Self::of(choice % 16, port);
        if port != 2 && choice >= 40 {
            given.proxy = Some(["p.example", "q.example"][usize::from(choice / 16 % 2)].to_owned());
        }
        given
    }

    pub(crate) fn nic(&self, name: &str) -> Nic {
        let mut builder = Nic::builder(name);
        if let Some(network) = &self.network {
            builder = builder.wifi(network_of(network));
        }
        if let Some(ip) = self.ip {
            builder = builder.ip_config(ip);
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy_of(proxy));
        }
        builder.build().unwrap()
    }
}

pub(crate) fn proxy_of(name: &str) -> ProxySettings {
    ProxySettings::new(name, 80).unwrap()
}

pub(crate) fn network_of(name: &str) -> WifiSettings {
    WifiSettings::new(
        name.as_bytes(),
        WifiKey::plaintext("correct horse").unwrap(),
    )
    .unwrap()
}

pub(crate) fn address(host: u8) -> IpConfig {
    IpConfig::new(Prefix::new([10, 1, 1, host].into(), 24).unwrap(), None, &[]).unwrap()
}
