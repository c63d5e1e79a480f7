//! The settings of the last successful connection (CFG-4).

use lankeeper::manager::SealTicket;
use lankeeper::nic::{Exposed, ProxyPassword};
use lankeeper::{IpConfig, Nic, ProxySettings, WifiKey, WifiSettings};

/// The state of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seal {
    Done,
    /// A command to seal it is pending or running.
    Due(String),
    Under(SealTicket),
    /// The connection ended before the command was polled.
    Missed,
}

#[derive(Clone, Debug)]
pub(super) struct Last {
    name: &'static str,
    wifi: Option<WifiSettings>,
    fixed: Option<IpConfig>,
    proxy: Option<ProxySettings>,
    key: Seal,
    password: Seal,
}

fn seal(secret: Option<Exposed<'_>>) -> Seal {
    match secret {
        Some(Exposed::Plaintext(text)) => Seal::Due(text.to_owned()),
        Some(Exposed::Sealed(_)) | None => Seal::Done,
    }
}

impl Last {
    pub(super) fn new(
        name: &'static str,
        wifi: Option<WifiSettings>,
        fixed: Option<IpConfig>,
        proxy: Option<ProxySettings>,
    ) -> Self {
        let key = seal(wifi.as_ref().and_then(|wifi| wifi.key().expose()));
        let password = proxy.as_ref().and_then(|proxy| proxy.password());
        let password = seal(password.map(ProxyPassword::expose));
        Self {
            name,
            wifi,
            fixed,
            proxy,
            key,
            password,
        }
    }

    pub(super) fn has_order(&self) -> bool {
        matches!(self.key, Seal::Due(_)) || matches!(self.password, Seal::Due(_))
    }

    pub(super) fn take_secret(&mut self, ticket: Option<SealTicket>) -> Option<String> {
        for seal in [&mut self.key, &mut self.password] {
            if let Seal::Due(secret) = seal {
                let secret = core::mem::take(secret);
                *seal = ticket.map_or(Seal::Missed, Seal::Under);
                return Some(secret);
            }
        }
        None
    }

    /// The connection has ended.
    pub(super) fn end(&mut self) {
        for seal in [&mut self.key, &mut self.password] {
            if let Seal::Due(_) = seal {
                *seal = Seal::Missed;
            }
        }
    }

    pub(super) fn sealed(&mut self, ticket: SealTicket, blob: &[u8]) {
        let fits = |most| (1..=most).contains(&blob.len());
        if self.key == Seal::Under(ticket) && fits(112) {
            self.key = Seal::Done;
            let ssid = self.wifi.as_ref().unwrap().ssid().to_vec();
            let key = WifiKey::sealed(blob).unwrap();
            self.wifi = Some(WifiSettings::new(&ssid, key).unwrap());
        }
        if self.password == Seal::Under(ticket) && fits(80) {
            self.password = Seal::Done;
            let proxy = self.proxy.take().unwrap();
            let user = proxy.username().unwrap().to_owned();
            let password = ProxyPassword::sealed(blob).unwrap();
            self.proxy = Some(proxy.with_credentials(&user, Some(password)).unwrap());
        }
    }

    /// Whether this matches what the manager reports: nothing until every secret is sealed.
    pub(super) fn is_told_by(&self, told: Option<&Nic>) -> bool {
        let sealed = self.key == Seal::Done && self.password == Seal::Done;
        let same = |nic: &Nic| {
            nic.name().as_str() == self.name
                && nic.wifi() == self.wifi.as_ref()
                && nic.ip_config() == self.fixed.as_ref()
                && nic.proxy() == self.proxy.as_ref()
        };
        told.map_or(!sealed, |nic| sealed && same(nic))
    }
}
