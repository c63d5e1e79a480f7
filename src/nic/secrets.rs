//! The secrets of a connection, which are sealed together.

use super::{Exposed, ProxyPassword, ProxySettings, WifiSettings, proxy, wifi};

/// The secrets of a connection's settings: in plaintext in a [`Command::Seal`](crate::Command::Seal),
/// sealed in the answer, [`Manager::sealed`](crate::Manager::sealed). `None` where there is nothing to
/// seal.
///
/// ```
/// use lankeeper::nic::{Exposed, Secrets};
///
/// let sealed = Secrets { key: Some(Exposed::Sealed(b"by the vault")), ..Secrets::default() };
/// assert_eq!(sealed.password, None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_structs,
    reason = "applications make them; there is one for each SecretPurpose"
)]
pub struct Secrets<'a> {
    /// The key of the Wi-Fi network.
    pub key: Option<Exposed<'a>>,
    /// The password for the proxy.
    pub password: Option<Exposed<'a>>,
}

impl<'a> Secrets<'a> {
    /// The secrets of these settings that are in plaintext.
    pub(crate) fn plaintexts(
        wifi: Option<&'a WifiSettings>,
        proxy: Option<&'a ProxySettings>,
    ) -> Self {
        let is_plaintext = |secret: &Exposed<'_>| matches!(secret, Exposed::Plaintext(_));
        let key = wifi.and_then(|wifi| wifi.key().expose());
        let password = proxy.and_then(ProxySettings::password);
        Self {
            key: key.filter(is_plaintext),
            password: password.map(ProxyPassword::expose).filter(is_plaintext),
        }
    }

    /// Whether these can take the place of those in plaintext: each of them is here, and is what a
    /// sealed secret can be.
    pub(crate) fn seal(&self, plaintexts: &Self) -> bool {
        let seals = |sealed, plaintext: Option<_>, longest| match (plaintext, sealed) {
            (None, _) => true,
            (Some(_), Some(Exposed::Sealed(blob))) => (1..=longest).contains(&blob.len()),
            (Some(_), None | Some(Exposed::Plaintext(_))) => false,
        };
        seals(self.key, plaintexts.key, wifi::LONGEST_SEALED_KEY)
            && seals(
                self.password,
                plaintexts.password,
                proxy::LONGEST_SEALED_PASSWORD,
            )
    }
}
