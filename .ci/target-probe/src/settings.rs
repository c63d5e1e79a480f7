//! What devices are made of, opened and connected with.

use core::net::Ipv4Addr;

use lankeeper::back_off::BackOffConfig;
use lankeeper::manager::Reconfigure;
use lankeeper::nic::{NicError, ProxyPassword};
use lankeeper::stored::StoredSettings;
use lankeeper::{
    Config, Duration, Instant, InterfaceConfig, InterfaceId, IpConfig, Manager, Nic, Prefix,
    ProxySettings, Recovery, WifiKey, WifiSettings,
};

use crate::random::Random;

/// The interfaces of every device.
pub const INTERFACES: [InterfaceId; 3] = [
    InterfaceId::WIFI,
    InterfaceId::ETHERNET,
    InterfaceId::CELLULAR,
];
/// Orders in which the server is looked for; some name what is absent, or something twice.
pub static ORDERS: [&[InterfaceId]; 6] = [
    &INTERFACES,
    &[
        InterfaceId::CELLULAR,
        InterfaceId::ETHERNET,
        InterfaceId::WIFI,
    ],
    &[InterfaceId::CELLULAR, InterfaceId::WIFI],
    &[InterfaceId::ETHERNET],
    &[],
    &[InterfaceId::WIFI, InterfaceId::WIFI],
];
pub const PORTS: [u16; 3] = [1024, 20_001, 49_152];
/// The address that a device mostly has.
pub const OWN: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 50);
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);

/// As many bytes as the longest sealed key has, and one more.
pub static BLOB: [u8; 113] = [0xA5; 113];
const KEY: &str = "a key of sixty-three characters is the longest that WPA2 allows";
const HOST: &str = "a-proxy.with-a-name.of-sixty-four.bytes.which-is-the.longest.one";
const USER: &str = "a user name of thirty-two bytes.";
const PASSWORD: &str = "a password of thirty-two letters";

/// Everything that inputs refer to.
pub struct Settings {
    /// Those that name each interface, as a rule.
    pub nics: [[Nic; 8]; INTERFACES.len()],
    /// With the longest key in plaintext, with the longest sealed one, and without.
    pub networks: [WifiSettings; 3],
    pub addresses: [IpConfig; 2],
    /// The longest in plaintext, the longest sealed, and the shortest.
    pub proxies: [ProxySettings; 3],
    pub stored: [StoredSettings; 3],
}

impl Settings {
    pub fn new() -> Result<Self, NicError> {
        let network = |key| WifiSettings::new(b"a network with a name that is 32", key);
        let networks = [
            network(WifiKey::plaintext(KEY)?)?,
            network(WifiKey::sealed(&BLOB[..112])?)?,
            network(WifiKey::open())?,
        ];
        let asked =
            |password| ProxySettings::new(HOST, 3128)?.with_credentials(USER, Some(password));
        let proxies = [
            asked(ProxyPassword::plaintext(PASSWORD)?)?,
            asked(ProxyPassword::sealed(&BLOB[..80])?)?,
            ProxySettings::new("10.0.0.1", 80)?,
        ];
        let addresses = [OWN, Ipv4Addr::new(192, 168, 1, 51)].map(|own| {
            let own = Prefix::new(own, 24).expect("24 is a length");
            IpConfig::new(own, Some(GATEWAY), &[GATEWAY]).expect("it is a host address")
        });
        let stored = [None, Some(0), Some(1)].map(|place| {
            let mut stored = StoredSettings::default();
            stored.wifi = place.map(|place: usize| networks[place].clone());
            stored.ip_config = place.map(|place| addresses[place]);
            stored.proxy = place.map(|place| proxies[place].clone());
            stored
        });

        let ip = addresses[0];
        let wifi = |place: usize| Nic::builder("wl0").wifi(networks[place].clone());
        let wired = |place: usize| Nic::builder("eth0").proxy(proxies[place].clone());
        let nics = [
            [
                wifi(0).build()?,
                wifi(1).build()?,
                wifi(2).build()?,
                wifi(2).ip_config(ip).build()?,
                wifi(0).ip_config(ip).proxy(proxies[0].clone()).build()?,
                wifi(1).proxy(proxies[1].clone()).build()?,
                Nic::named("wifi")?,
                Nic::named("wl0")?,
            ],
            [
                Nic::builder("eth0").ip_config(ip).build()?,
                wired(0).ip_config(ip).build()?,
                wired(1).build()?,
                wired(2).build()?,
                Nic::named("eth0")?,
                Nic::named("eth0")?,
                Nic::named("ethernet")?,
                Nic::named("eth9")?,
            ],
            [
                "cell0", "cell0", "cell0", "cell0", "cell0", "cell0", "cell", "cell9",
            ]
            .map(|name| Nic::named(name).expect("it is a name")),
        ];
        Ok(Self {
            nics,
            networks,
            addresses,
            proxies,
            stored,
        })
    }
}

/// A device with one of the configurations that it may have.
pub fn device(random: &mut Random) -> Manager<3, 8, 4, 16> {
    let interfaces = INTERFACES.map(|id| {
        let mut config = InterfaceConfig::new(id);
        config.recovery = match random.below(4) {
            0 => Recovery::Manual,
            _ => Recovery::Automatic(BackOffConfig::default()),
        };
        config
    });
    let mut config = Config::new(random.any().into(), interfaces);
    if random.one_in(2) {
        config.reconfigure = Reconfigure::AllowEqual;
    }
    Manager::new(&config).expect("these settings are allowed")
}

/// When a device boots: mostly at the epoch, now and then shortly before the end of time.
pub fn epoch(random: &mut Random) -> Instant {
    match random.below(16) {
        0 => Instant::from_micros(u64::MAX - Duration::from_secs(300).as_micros()),
        _ => Instant::EPOCH,
    }
}
