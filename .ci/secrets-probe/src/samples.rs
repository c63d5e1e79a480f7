//! Every public type that holds a secret, made in every public way.

use lankeeper::driver::{Plaintext, SealedSecret};
use lankeeper::nic::NicBuilder;
use lankeeper::nic::{Exposed, ProxyPassword, Security, Table, Value};
use lankeeper::stored::{Record, StoredSettings};
use lankeeper::{IpConfig, Nic, Prefix, ProxySettings, WifiKey, WifiSettings};

use crate::memory::{HEXADECIMAL, SECRET};

/// The texts of a value: secrets, or harmless ones that the search ignores.
#[derive(Clone, Copy)]
pub(crate) struct Texts {
    pub(crate) text: &'static str,
    pub(crate) hexadecimal: &'static str,
    pub(crate) blob: &'static [u8; 112],
}

pub(crate) const SECRETS: Texts = Texts {
    text: SECRET,
    hexadecimal: HEXADECIMAL,
    // Sealed, so nothing to look for.
    blob: &blob(DOTS),
};
const DOTS: &str = "................................................................";
pub(crate) const HARMLESS: Texts = Texts {
    text: DOTS,
    hexadecimal: "0000000000000000000000000000000000000000000000000000000000000000",
    blob: &blob(DOTS),
};

/// The longest sealed secret: the text, and more of it.
const fn blob(text: &str) -> [u8; 112] {
    let mut blob = [0; 112];
    let mut place = 0;
    while place < blob.len() {
        blob[place] = text.as_bytes()[place % text.len()];
        place += 1;
    }
    blob
}

/// A type that holds secrets.
pub(crate) trait Holds: Sized {
    const NAME: &'static str;
    /// How many ways to make one there are.
    const WAYS: usize;
    /// Makes one in the way of this number, 0 to one less than `WAYS`.
    fn make(texts: Texts, way: usize) -> Self;
}

impl Texts {
    fn start(self, length: usize) -> &'static str {
        &self.text[..length]
    }
}

impl Holds for WifiKey {
    const NAME: &'static str = "WifiKey";
    const WAYS: usize = 8;

    fn make(texts: Texts, way: usize) -> Self {
        let made = match way {
            0 => Self::new(Security::Wep, Exposed::Plaintext(texts.start(5))),
            1 => Self::plaintext(texts.start(8)),
            2 => Self::plaintext(texts.start(32)),
            3 => Self::plaintext(texts.start(63)),
            4 => Self::plaintext(texts.hexadecimal),
            5 => Self::sealed(&texts.blob[..1]),
            6 => Self::sealed(texts.blob),
            _ => return Self::open(),
        };
        made.unwrap()
    }
}

impl Holds for WifiSettings {
    const NAME: &'static str = "WifiSettings";
    const WAYS: usize = WifiKey::WAYS;

    fn make(texts: Texts, way: usize) -> Self {
        let ssid: &[u8] = if way.is_multiple_of(2) {
            b"s"
        } else {
            &[b'x'; 32]
        };
        Self::new(ssid, WifiKey::make(texts, way)).unwrap()
    }
}

impl Holds for ProxyPassword {
    const NAME: &'static str = "ProxyPassword";
    const WAYS: usize = 6;

    fn make(texts: Texts, way: usize) -> Self {
        let made = match way {
            0 => Self::plaintext(texts.start(4)),
            1 => Self::plaintext(texts.start(20)),
            2 => Self::plaintext(texts.start(32)),
            3 => Self::sealed(&texts.blob[..7]),
            4 => Self::sealed(&texts.blob[..80]),
            _ => Self::plaintext(""),
        };
        made.unwrap()
    }
}

impl Holds for ProxySettings {
    const NAME: &'static str = "ProxySettings";
    const WAYS: usize = 2 * ProxyPassword::WAYS + 2;

    fn make(texts: Texts, way: usize) -> Self {
        let address = [
            "10.0.0.9",
            "proxy.example.very-long-name.of-a-host.somewhere.example",
        ][way % 2];
        let proxy = Self::new(address, 3128).unwrap();
        let username = ["hub", "a-user-name-of-thirty-two-bytes."][way % 2];
        if way < 2 {
            return proxy;
        }
        let password = ProxyPassword::make(texts, way / 2 - 1);
        proxy.with_credentials(username, Some(password)).unwrap()
    }
}

fn address() -> IpConfig {
    let own = Prefix::new([10, 0, 0, 7].into(), 24).unwrap();
    IpConfig::new(own, Some([10, 0, 0, 1].into()), &[[9, 9, 9, 9].into()]).unwrap()
}

impl Holds for NicBuilder {
    const NAME: &'static str = "NicBuilder";
    const WAYS: usize = 10;

    fn make(texts: Texts, way: usize) -> Self {
        let wifi = |way| WifiSettings::make(texts, way);
        let proxy = |way| ProxySettings::make(texts, way);
        match way {
            0 => Nic::builder("cell"),
            1 => Nic::builder("no name"),
            2 => Nic::builder("wl0").wifi(wifi(2)),
            3 => Nic::builder("eth0").proxy(proxy(6)),
            4 => Nic::builder("eth0").ip_config(address()),
            5 => Nic::builder("wifi")
                .proxy(proxy(7))
                .ip_config(address())
                .wifi(wifi(3)),
            6 => Nic::builder("wl0i").wifi(wifi(4)).wifi(wifi(7)),
            7 => Nic::builder("wl0").proxy(proxy(7)).proxy(proxy(0)),
            8 => Nic::builder("wl0").wifi(wifi(6)).proxy(proxy(11)),
            _ => Nic::builder("cell0").wifi(wifi(1)),
        }
    }
}

/// Makes a configuration out of a table, and lends it.
pub(crate) fn with_table<R>(texts: Texts, way: usize, read: impl FnOnce(&Value<'_>) -> R) -> R {
    let key = match way % 4 {
        0 => Value::Null,
        1 => texts.start(32).into(),
        2 => texts.hexadecimal.into(),
        _ => texts.blob.into(),
    };
    let password = match way % 3 {
        0 => texts.start(32).into(),
        1 => "".into(),
        _ => texts.blob[..80].into(),
    };
    let wifi = [
        ("ssid", "shed".into()),
        ("security", "any".into()),
        ("key", key),
        ("hidden", true.into()),
        ("bssid", "02:00:5e:00:53:01".into()),
    ];
    let ip = [
        ("ip", "10.0.0.7".into()),
        ("netmask", "255.255.255.0".into()),
    ];
    let proxy = [
        ("address", ["10.0.0.9", "proxy.example"][way % 2].into()),
        ("port", 3128.into()),
        ("user", "hub".into()),
        ("password", password),
    ];
    let (wifi, ip, proxy) = (
        ("wificonfig", Table::new(&wifi).into()),
        ("staticconfig", Table::new(&ip).into()),
        ("proxyconfig", Table::new(&proxy).into()),
    );
    let name = |name: &'static str| ("interface", Value::from(name));
    // The last two are refused after a secret was read.
    let unknown = [
        ("address", "10.0.0.9".into()),
        ("password", texts.start(32).into()),
    ];
    let unknown = ("proxyconfig", Table::new(&unknown).into());
    match way / 12 {
        0 => read(&Table::new(&[name("wl0"), wifi]).into()),
        1 => read(&Table::new(&[name("eth0"), proxy]).into()),
        2 => read(&Table::new(&[name("wifi"), wifi, ip, proxy]).into()),
        3 => read(&Table::new(&[name("eth1"), ip]).into()),
        4 => read(&name("cell").1),
        5 => read(&Table::new(&[name("wl0"), wifi, unknown]).into()),
        _ => read(&Table::new(&[name("wl0"), wifi, ip, proxy, ip]).into()),
    }
}
/// How many tables `with_table` makes, and how many of them are valid.
pub(crate) const TABLES: usize = 7 * 12;
const VALID: usize = 5 * 12;

impl Holds for Nic {
    const NAME: &'static str = "Nic";
    const WAYS: usize = VALID + 8;

    fn make(texts: Texts, way: usize) -> Self {
        match way.checked_sub(VALID) {
            None => with_table(texts, way, Nic::from_value).unwrap(),
            Some(0) => Self::named("wl0").unwrap(),
            // All but the first, whose name is none, and the last, whose medium has no network.
            Some(way) => NicBuilder::make(texts, [0, 2, 3, 4, 5, 6, 7, 8][way])
                .build()
                .unwrap(),
        }
    }
}

impl Holds for StoredSettings {
    const NAME: &'static str = "StoredSettings";
    const WAYS: usize = 12;

    fn make(texts: Texts, way: usize) -> Self {
        let mut settings = Self::default();
        if way & 1 != 0 {
            settings.wifi = Some(WifiSettings::make(texts, 2 + way / 4));
        }
        if way & 2 != 0 {
            settings.proxy = Some(ProxySettings::make(texts, 6 + way / 4));
        }
        if way & 4 != 0 {
            settings.ip_config = Some(address());
        }
        if way & 8 != 0 {
            return Self::from_record(settings.to_record().as_bytes()).unwrap();
        }
        settings
    }
}

impl Holds for Record {
    const NAME: &'static str = "Record";
    const WAYS: usize = 8;

    fn make(texts: Texts, way: usize) -> Self {
        StoredSettings::make(texts, way).to_record()
    }
}

impl Holds for Plaintext {
    const NAME: &'static str = "Plaintext";
    const WAYS: usize = 4;

    fn make(texts: Texts, way: usize) -> Self {
        let mut buffer = Self::new();
        buffer
            .push(texts.start([0, 5, 64, 64][way]).as_bytes())
            .unwrap();
        if way == 3 {
            buffer.clear();
            buffer.push(b"x").unwrap();
        }
        buffer
    }
}

impl Holds for SealedSecret {
    const NAME: &'static str = "SealedSecret";
    const WAYS: usize = 2;

    fn make(texts: Texts, way: usize) -> Self {
        let mut buffer = Self::new();
        buffer.push(&texts.blob[..[5, 112][way]]).unwrap();
        buffer
    }
}

/// Calls a function for each public type that holds a secret and can be cloned.
macro_rules! each_clonable {
    ($call:ident($search:ident)) => {
        $call::<lankeeper::WifiKey>($search);
        $call::<lankeeper::WifiSettings>($search);
        $call::<lankeeper::nic::ProxyPassword>($search);
        $call::<lankeeper::ProxySettings>($search);
        $call::<lankeeper::nic::NicBuilder>($search);
        $call::<lankeeper::Nic>($search);
        $call::<lankeeper::stored::StoredSettings>($search);
        $call::<lankeeper::stored::Record>($search);
    };
}
pub(crate) use each_clonable;
