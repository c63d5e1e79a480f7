//! The stack below a call that makes a value where it is used, or reads one by reference. Nothing
//! moves a value here but the crate itself: what it leaves behind is found.

use lankeeper::driver::{Plaintext, SealedSecret, Vault, VaultError};
use lankeeper::nic::{Bssid, Exposed, ProxyPassword, SecretPurpose, Security};
use lankeeper::stored::StoredSettings;
use lankeeper::{Nic, ProxySettings, WifiKey, WifiSettings};

use crate::memory::{HEXADECIMAL, SECRET, Search, used};
use crate::samples::{HARMLESS, Holds, SECRETS, TABLES, each_clonable, with_table};

pub(crate) fn search(search: &mut Search) {
    keys(search);
    settings(search);
    configurations(search);
    records(search);
    vaults(search);
    each_clonable!(clones(search));
}

fn keys(search: &mut Search) {
    for text in [
        &SECRET[..5],
        &SECRET[..8],
        &SECRET[..32],
        &SECRET[..63],
        SECRET,
        HEXADECIMAL,
    ] {
        let length = text.len();
        search.stack(&format!("key of {length}"), || {
            used(&WifiKey::plaintext(text))
        });
        for security in [Security::Wep, Security::Wpa3] {
            search.stack(&format!("key of {length} for {security}"), || {
                used(&WifiKey::new(security, Exposed::Plaintext(text)));
            });
        }
        search.stack(&format!("sealed key of {length}"), || {
            used(&WifiKey::sealed(text.as_bytes()))
        });
        search.stack(&format!("password of {length}"), || {
            used(&ProxyPassword::plaintext(text))
        });
        search.stack(&format!("sealed password of {length}"), || {
            used(&ProxyPassword::sealed(text.as_bytes()));
        });
    }
}

/// A clone is made where it is an argument.
fn settings(search: &mut Search) {
    for way in 0..WifiKey::WAYS {
        let key = WifiKey::make(SECRETS, way);
        for ssid in [&b"shed"[..], &[], &[b's'; 33]] {
            search.stack(&format!("network with key {way}, {ssid:?}"), || {
                used(&WifiSettings::new(ssid, key.clone()));
            });
        }
    }
    for way in 0..WifiSettings::WAYS {
        let network = WifiSettings::make(SECRETS, way);
        let bssid = Bssid::new([2, 0, 0, 0, 0, 1]).ok();
        search.stack(&format!("network {way} that is hidden"), || {
            used(&network.clone().with_hidden(true));
        });
        search.stack(&format!("network {way} of an access point"), || {
            used(&network.clone().with_bssid(bssid));
        });
    }
    for way in 0..ProxyPassword::WAYS {
        let full = ProxySettings::make(SECRETS, 2 * way + 3);
        // A password is given in an `Option`: who makes one moves it.
        for username in ["", "hub", "a user name with more than thirty-two bytes"] {
            search.stack(
                &format!("proxy with password {way} of {username:?}"),
                || {
                    used(&full.clone().with_credentials(username, None));
                },
            );
        }
    }
}

fn configurations(search: &mut Search) {
    for way in 0..TABLES {
        search.stack(&format!("table {way}"), || {
            with_table(SECRETS, way, |table| used(&Nic::from_value(table)));
        });
    }
    let (wifi, proxy) = (
        WifiSettings::make(SECRETS, 3),
        ProxySettings::make(SECRETS, 7),
    );
    for name in ["wl0", "eth0", "cell", "no name"] {
        search.stack(&format!("builder of {name}"), || {
            used(&Nic::builder(name).wifi(wifi.clone()));
            used(&Nic::builder(name).proxy(proxy.clone()));
            used(&Nic::builder(name).proxy(proxy.clone()).wifi(wifi.clone()));
        });
        search.stack(&format!("built {name}"), || {
            used(&Nic::builder(name).wifi(wifi.clone()).build());
            used(&Nic::builder(name).proxy(proxy.clone()).build());
            used(
                &Nic::builder(name)
                    .proxy(proxy.clone())
                    .wifi(wifi.clone())
                    .build(),
            );
        });
    }
    for way in 0..Nic::WAYS {
        let (nic, other) = (Nic::make(SECRETS, way), Nic::make(HARMLESS, 30));
        search.stack(&format!("Nic {way} read"), || {
            used(&nic.means_same_as(&other, []));
            used(&nic.means_same_as(&nic, []));
            used(&format!("{nic:?}"));
        });
    }
}

fn records(search: &mut Search) {
    for way in 0..StoredSettings::WAYS {
        let settings = StoredSettings::make(SECRETS, way);
        let record = settings.to_record();
        let bytes = record.as_bytes();
        search.stack(&format!("settings {way} to a record"), || {
            used(&settings.to_record())
        });
        search.stack(&format!("settings {way} from a record"), || {
            used(&StoredSettings::from_record(bytes));
            used(&StoredSettings::from_record(&bytes[..bytes.len() - 1]));
        });
        search.stack(&format!("settings {way} read"), || {
            used(&(settings == settings));
            used(&format!("{settings:?} {record:?}"));
        });
    }
}

/// A vault that "seals" by reversing.
struct Reverse;

impl Vault for Reverse {
    fn seal(
        &mut self,
        _: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        plaintext
            .bytes()
            .rev()
            .try_for_each(|byte| sealed.push(&[byte]))
    }

    fn unseal(
        &mut self,
        _: SecretPurpose,
        sealed: &[u8],
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError> {
        sealed
            .iter()
            .rev()
            .try_for_each(|byte| plaintext.push(&[*byte]))
    }
}

fn vaults(search: &mut Search) {
    let reversed: Vec<u8> = SECRET.bytes().rev().collect();
    for secret in [Exposed::Plaintext(SECRET), Exposed::Sealed(&reversed)] {
        search.stack(&format!("{secret:?} revealed"), || {
            let mut plaintext = Plaintext::new();
            used(&Reverse.reveal(SecretPurpose::WifiKey, secret, &mut plaintext));
            used(&plaintext.as_str());
        });
    }
}

fn clones<T: Holds + Clone>(search: &mut Search) {
    let harmless: Vec<T> = (0..T::WAYS).map(|way| T::make(HARMLESS, way)).collect();
    for way in 0..T::WAYS {
        let original = T::make(SECRETS, way);
        search.stack(&format!("{} {way} cloned", T::NAME), || {
            used(&original.clone())
        });
        for other in &harmless {
            search.stack(&format!("{} {way} cloned over another", T::NAME), || {
                let mut value = other.clone();
                value.clone_from(&original);
                used(&value);
            });
        }
    }
}
