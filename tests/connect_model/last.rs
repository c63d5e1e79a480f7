//! The settings of the last successful connection (CFG-4).

use lankeeper::manager::SealTicket;
use lankeeper::nic::{Exposed, ProxyPassword};
use lankeeper::{IpConfig, Nic, ProxySettings, WifiKey, WifiSettings};

/// What is told: the configuration of the latest connection whose secrets are all sealed.
#[derive(Clone, Debug, Default)]
pub(super) struct Last {
    told: Option<Configuration>,
    /// That of the present connection, until its secrets are sealed.
    unsealed: Option<(Configuration, Asked)>,
}

#[derive(Clone, Debug)]
pub(super) struct Configuration {
    pub(super) name: &'static str,
    pub(super) wifi: Option<WifiSettings>,
    pub(super) fixed: Option<IpConfig>,
    pub(super) proxy: Option<ProxySettings>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    NotYet,
    /// The command was polled without a ticket.
    Nameless,
    With(SealTicket),
}

fn text(secret: Option<Exposed<'_>>) -> Option<String> {
    match secret {
        Some(Exposed::Plaintext(text)) => Some(text.to_owned()),
        Some(Exposed::Sealed(_)) | None => None,
    }
}

impl Configuration {
    /// The key and the password, where they are in plaintext.
    fn plaintexts(&self) -> [Option<String>; 2] {
        let key = self.wifi.as_ref().and_then(|wifi| wifi.key().expose());
        let password = self.proxy.as_ref().and_then(|proxy| proxy.password());
        [text(key), text(password.map(ProxyPassword::expose))]
    }

    fn seal_key(&mut self, blob: &[u8]) {
        let ssid = self.wifi.as_ref().unwrap().ssid().to_vec();
        let key = WifiKey::sealed(blob).unwrap();
        self.wifi = Some(WifiSettings::new(&ssid, key).unwrap());
    }

    fn seal_password(&mut self, blob: &[u8]) {
        let proxy = self.proxy.take().unwrap();
        let user = proxy.username().unwrap().to_owned();
        let password = ProxyPassword::sealed(blob).unwrap();
        self.proxy = Some(proxy.with_credentials(&user, Some(password)).unwrap());
    }

    fn is(&self, nic: &Nic) -> bool {
        nic.name().as_str() == self.name
            && nic.wifi() == self.wifi.as_ref()
            && nic.ip_config() == self.fixed.as_ref()
            && nic.proxy() == self.proxy.as_ref()
    }
}

impl Last {
    /// There is a connection.
    pub(super) fn begin(&mut self, configuration: Configuration) {
        if configuration.plaintexts() == [None, None] {
            self.told = Some(configuration);
        } else {
            self.unsealed = Some((configuration, Asked::NotYet));
        }
    }

    /// The connection has ended.
    pub(super) fn end(&mut self) {
        self.unsealed = None;
    }

    pub(super) fn has_order(&self) -> bool {
        matches!(self.unsealed, Some((_, Asked::NotYet)))
    }

    /// The secrets of the command, if it is due.
    pub(super) fn ask(&mut self, ticket: Option<SealTicket>) -> Option<[Option<String>; 2]> {
        let (configuration, asked) = self.unsealed.as_mut()?;
        if *asked != Asked::NotYet {
            return None;
        }
        *asked = ticket.map_or(Asked::Nameless, Asked::With);
        Some(configuration.plaintexts())
    }

    pub(super) fn answer(&mut self, ticket: SealTicket, blobs: &[Option<Vec<u8>>; 2]) {
        let Some((mut configuration, Asked::With(asked))) = self.unsealed.clone() else {
            return;
        };
        let plaintexts = configuration.plaintexts();
        let [key, password] =
            [0, 1].map(|it| blobs[it].clone().filter(|_| plaintexts[it].is_some()));
        let fits = |it: usize, blob: &Option<Vec<u8>>, most| match blob {
            Some(blob) => (1..=most).contains(&blob.len()),
            None => plaintexts[it].is_none(),
        };
        if asked != ticket || !fits(0, &key, 112) || !fits(1, &password, 80) {
            return;
        }
        if let Some(blob) = key {
            configuration.seal_key(&blob);
        }
        if let Some(blob) = password {
            configuration.seal_password(&blob);
        }
        self.told = Some(configuration);
        self.unsealed = None;
    }

    /// Whether this matches what the manager reports.
    pub(super) fn is_told_by(&self, told: Option<&Nic>) -> bool {
        match (&self.told, told) {
            (Some(configuration), Some(nic)) => configuration.is(nic),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}
