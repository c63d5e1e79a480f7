//! What devices are made of, opened and connected with.

use core::net::Ipv4Addr;

use lankeeper::{
    BackOffConfig, Config, Duration, Instant, InterfaceConfig, InterfaceId, IpConfig, Nic,
    NicError, Prefix, ProxyPassword, ProxySettings, Reconfigure, Recovery, StoredSettings, WifiKey,
    WifiSettings,
};

use crate::random::SplitMix;

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
/// The address that a device mostly has.
pub const OWN: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 50);
pub const GATEWAY: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);

/// As many bytes as the longest sealed key has, and one more.
pub static BLOB: [u8; 113] = [0xA5; 113];
const KEY: &str = "a key of sixty-three characters is the longest that WPA2 allows";
const PASSWORD: &str = "a password of thirty-two letters";

/// How many NICs name each interface.
const CHOICES: usize = 8;

/// Everything that inputs refer to.
pub struct Settings {
    nics: [[Nic; CHOICES]; INTERFACES.len()],
    networks: [WifiSettings; 3],
    addresses: [IpConfig; 2],
    proxies: [ProxySettings; 3],
    stored: [StoredSettings; 3],
}

impl Settings {
    pub fn new() -> Result<Self, NicError> {
        let networks = networks()?;
        let proxies = proxies()?;
        let addresses = [address(OWN), address(Ipv4Addr::new(192, 168, 1, 51))];
        Ok(Self {
            nics: [
                wifi(&networks, &addresses, &proxies)?,
                ethernet(&addresses, &proxies)?,
                cellular()?,
            ],
            stored: [
                StoredSettings::default(),
                stored(&networks[0], addresses[0], &proxies[0]),
                stored(&networks[1], addresses[1], &proxies[1]),
            ],
            networks,
            addresses,
            proxies,
        })
    }

    /// A NIC that names `INTERFACES[which]`, as a rule.
    pub fn nic(&self, random: &mut SplitMix, which: usize) -> &Nic {
        one_of(&self.nics[which], random)
    }

    pub fn network(&self, random: &mut SplitMix) -> &WifiSettings {
        one_of(&self.networks, random)
    }

    pub fn address(&self, random: &mut SplitMix) -> IpConfig {
        *one_of(&self.addresses, random)
    }

    pub fn proxy(&self, random: &mut SplitMix) -> &ProxySettings {
        one_of(&self.proxies, random)
    }

    pub fn stored(&self, random: &mut SplitMix) -> &StoredSettings {
        one_of(&self.stored, random)
    }
}

/// With the longest key in plaintext, with the longest sealed one, and without.
fn networks() -> Result<[WifiSettings; 3], NicError> {
    let network = |key| WifiSettings::new(b"a network with a name that is 32", key);
    Ok([
        network(WifiKey::plaintext(KEY)?)?,
        network(WifiKey::sealed(&BLOB[..112])?)?,
        network(WifiKey::open())?,
    ])
}

/// The longest in plaintext, the longest sealed, and the shortest.
fn proxies() -> Result<[ProxySettings; 3], NicError> {
    const HOST: &str = "a-proxy.with-a-name.of-sixty-four.bytes.which-is-the.longest.one";
    let user = "a user name of thirty-two bytes.";
    let asked = |password| ProxySettings::new(HOST, 3128)?.with_credentials(user, Some(password));
    Ok([
        asked(ProxyPassword::plaintext(PASSWORD)?)?,
        asked(ProxyPassword::sealed(&BLOB[..80])?)?,
        ProxySettings::new("10.0.0.1", 80)?,
    ])
}

fn address(own: Ipv4Addr) -> IpConfig {
    let own = Prefix::new(own, 24).expect("24 is a length");
    IpConfig::new(own, Some(GATEWAY), &[GATEWAY]).expect("it is a host address")
}

fn stored(wifi: &WifiSettings, ip: IpConfig, proxy: &ProxySettings) -> StoredSettings {
    let mut stored = StoredSettings::default();
    stored.wifi = Some(wifi.clone());
    stored.ip_config = Some(ip);
    stored.proxy = Some(proxy.clone());
    stored
}

fn wifi(
    [plain, sealed, open]: &[WifiSettings; 3],
    [ip, _]: &[IpConfig; 2],
    [asked, asked_sealed, _]: &[ProxySettings; 3],
) -> Result<[Nic; CHOICES], NicError> {
    let with = |network: &WifiSettings| Nic::builder("wl0").wifi(network.clone());
    Ok([
        with(plain).build()?,
        with(sealed).build()?,
        with(open).build()?,
        with(open).ip_config(*ip).build()?,
        with(plain).ip_config(*ip).proxy(asked.clone()).build()?,
        with(sealed).proxy(asked_sealed.clone()).build()?,
        Nic::named("wifi")?,
        Nic::named("wl0")?,
    ])
}

fn ethernet(
    [ip, _]: &[IpConfig; 2],
    [asked, asked_sealed, number]: &[ProxySettings; 3],
) -> Result<[Nic; CHOICES], NicError> {
    let with = |proxy: &ProxySettings| Nic::builder("eth0").proxy(proxy.clone());
    Ok([
        Nic::builder("eth0").ip_config(*ip).build()?,
        with(asked).ip_config(*ip).build()?,
        with(asked_sealed).build()?,
        with(number).build()?,
        Nic::named("eth0")?,
        Nic::named("eth0")?,
        Nic::named("ethernet")?,
        Nic::named("eth9")?,
    ])
}

fn cellular() -> Result<[Nic; CHOICES], NicError> {
    Ok([
        Nic::named("cell0")?,
        Nic::named("cell0")?,
        Nic::named("cell0")?,
        Nic::named("cell0")?,
        Nic::named("cell0")?,
        Nic::named("cell0")?,
        Nic::named("cell")?,
        Nic::named("cell9")?,
    ])
}

fn one_of<'a, T>(things: &'a [T], random: &mut SplitMix) -> &'a T {
    &things[random.below(things.len() as u64) as usize]
}

/// One of the configurations that a device may have.
pub fn config(random: &mut SplitMix) -> Config<3> {
    let mut config = Config::new(INTERFACES.map(|id| {
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
    }));
    config.server.retry.seed = random.below(u64::MAX);
    if random.below(2) == 0 {
        config.reconfigure = Reconfigure::AllowEqual;
    }
    config
}

/// When a device boots: mostly at the epoch, now and then shortly before the end of time.
pub fn epoch(random: &mut SplitMix) -> Instant {
    match random.below(16) {
        0 => Instant::from_micros(u64::MAX - Duration::from_secs(300).as_micros()),
        _ => Instant::EPOCH,
    }
}
