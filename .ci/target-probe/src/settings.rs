//! What devices are made of and opened with.

use core::net::Ipv4Addr;

use lankeeper::{
    BackOffConfig, Config, Duration, Instant, InterfaceConfig, InterfaceId, IpConfig, Nic,
    NicError, Prefix, Recovery, WifiKey, WifiSettings,
};

use crate::random::SplitMix;

/// The interfaces of every device.
pub const INTERFACES: [InterfaceId; 3] = [
    InterfaceId::WIFI,
    InterfaceId::ETHERNET,
    InterfaceId::CELLULAR,
];
/// The address that a device mostly has.
pub const OWN: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 50);
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);

/// How many NICs of `Nics` name each interface.
const CHOICES: u64 = 5;

/// The NICs that interfaces are opened with, and names that lead nowhere.
pub struct Nics([Nic; 15]);

impl Nics {
    pub fn new() -> Result<Self, NicError> {
        let network = |key| WifiSettings::new(b"a network with a name that is 32", key);
        let own = Prefix::new(OWN, 24).expect("24 is a length");
        let ip = IpConfig::new(own, Some(GATEWAY), &[GATEWAY]).expect("it is a host address");
        let wifi = |settings| Nic::builder("wl0").wifi(settings).build();
        Ok(Self([
            wifi(network(WifiKey::plaintext(
                "a key of sixty-three characters is the longest that WPA2 allows",
            )?)?)?,
            wifi(network(WifiKey::sealed(&[0xA5; 112])?)?)?,
            wifi(network(WifiKey::open())?)?,
            Nic::builder("wifi")
                .wifi(network(WifiKey::open())?)
                .ip_config(ip)
                .build()?,
            Nic::named("wl0")?,
            Nic::named("eth0")?,
            Nic::named("ethernet")?,
            Nic::named("eth0")?,
            Nic::builder("eth0").ip_config(ip).build()?,
            Nic::named("eth9")?,
            Nic::named("cell0")?,
            Nic::named("cell")?,
            Nic::named("cell0")?,
            Nic::named("cell0")?,
            Nic::named("cell9")?,
        ]))
    }

    /// One that names `INTERFACES[which]`, as a rule.
    pub fn draw(&self, random: &mut SplitMix, which: usize) -> &Nic {
        &self.0[which * CHOICES as usize + random.below(CHOICES) as usize]
    }
}

/// One of the configurations that a device may have.
pub fn config(random: &mut SplitMix) -> Config<3> {
    Config::new(INTERFACES.map(|id| {
        let mut config = InterfaceConfig::new(id);
        config.recovery = match random.below(4) {
            0 => Recovery::Manual,
            _ => {
                let mut back_off = BackOffConfig::default();
                back_off.seed = random.below(u64::MAX);
                Recovery::Automatic(back_off)
            }
        };
        config
    }))
}

/// When a device boots: mostly at the epoch, now and then shortly before the end of time.
pub fn epoch(random: &mut SplitMix) -> Instant {
    match random.below(16) {
        0 => Instant::from_micros(u64::MAX - Duration::from_secs(300).as_micros()),
        _ => Instant::EPOCH,
    }
}
