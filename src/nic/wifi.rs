//! The settings of a Wi-Fi network: `wificonfig`.

use core::fmt;

use heapless::Vec;

use super::copied::{Copied, Copies};
use super::error::check_length;
use super::path::KeyPath;
use super::place::{cloned, filled, made, put_bytes, same, wipe};
use super::schema::{Reading, Rule, Schema, Takes};
use super::secret::{Exposed, SEALING_OVERHEAD, Secret};
use super::{Bssid, Medium, NicError, NicProblem, Security};

pub(super) const TABLE: &str = "wificonfig";
pub(super) static SCHEMA: Schema = Schema::new(
    TABLE,
    &[Medium::Wifi],
    &["ssid", "security", "key", "hidden", "bssid"],
    &[
        Rule::required(Takes::Bytes(read_ssid)),
        // Before the key, which has to go with it.
        Rule::optional(Takes::Text(read_security)),
        Rule::required(Takes::SecretOrNull(read_key)),
        Rule::optional(Takes::Boolean(read_hidden)),
        Rule::optional(Takes::Bssid(read_bssid)),
    ],
);
const SSID: KeyPath = KeyPath::known(TABLE, "ssid");
const KEY: KeyPath = KeyPath::known(TABLE, "key");
pub(super) const BSSID: KeyPath = KeyPath::known(TABLE, "bssid");

/// The longest plaintext key, in bytes.
const LONGEST_KEY: usize = 64;
/// The longest sealed one.
pub(super) const LONGEST_SEALED_KEY: usize = LONGEST_KEY + SEALING_OVERHEAD;

/// A Wi-Fi network to join: its SSID, its key with the security, whether it is hidden, and the only
/// access point to join (NIC-6).
///
/// ```
/// use lankeeper::{WifiKey, WifiSettings};
///
/// let shed = WifiSettings::new(b"shed", WifiKey::plaintext("correct horse")?)?;
/// assert_eq!(shed.ssid(), b"shed");
/// let shed = shed.with_hidden(true).with_bssid(Some("02:00:5e:00:53:01".parse()?));
/// assert!(shed.is_hidden());
/// assert!(!format!("{shed:?}").contains("horse"));
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
// Aligned for cycles: memcpy copies words instead of bytes. Of text it saves 2 bytes.
#[repr(align(4))]
pub struct WifiSettings {
    ssid: Ssid,
    key: WifiKey,
    hidden: bool,
    bssid: OnlyAccessPoint,
}

/// The only access point to join, or zero for any. Not an `Option`, whose unused bytes may be left from
/// a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
// Aligned for cycles: 259 instructions less where settings are provisioned.
#[repr(align(2))]
struct OnlyAccessPoint([u8; 6]);

impl OnlyAccessPoint {
    const ANY: Self = Self([0; 6]);

    fn new(bssid: Option<Bssid>) -> Self {
        bssid.map_or(Self::ANY, |bssid| Self(bssid.bytes()))
    }

    fn get(self) -> Option<Bssid> {
        Bssid::check(self.0).ok()
    }
}

/// 1 to 32 bytes of any value.
#[derive(Eq)]
struct Ssid(Vec<u8, 32, u8>);

impl PartialEq for Ssid {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

/// The key of a Wi-Fi network: none, in plaintext, or sealed by the backend, and the [`Security`] that
/// it goes with (NIC-6, NIC-7).
///
/// A plaintext key is wiped from memory when dropped or replaced (SEC-2). A move leaves a copy
/// behind, as every move in Rust does: see [`nic`](crate::nic#secrets).
///
/// ```
/// use lankeeper::nic::Exposed;
/// use lankeeper::WifiKey;
///
/// let key = WifiKey::plaintext("correct horse")?;
/// assert_eq!(key.expose(), Some(Exposed::Plaintext("correct horse")));
/// assert_eq!(WifiKey::open().expose(), None);
/// assert!(WifiKey::plaintext("short!").is_err());
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Eq)]
pub struct WifiKey {
    secret: Secret<LONGEST_SEALED_KEY>,
    /// Counts for nothing without a secret.
    security: Security,
}

impl PartialEq for WifiKey {
    fn eq(&self, other: &Self) -> bool {
        self.security() == other.security() && self.secret == other.secret
    }
}

impl WifiSettings {
    /// The settings of a network with this SSID, 1 to 32 bytes of any value.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] for an SSID of any other length.
    pub fn new(ssid: &[u8], key: WifiKey) -> Result<Self, NicError> {
        filled(Self::blank, |settings| {
            settings.key.clone_from(&key);
            settings
                .set_ssid(ssid)
                .map_err(|problem| SSID.error(problem))
        })
    }

    /// The same network, which does not broadcast its SSID if it is `hidden`: a scan has to ask for it.
    #[must_use]
    pub fn with_hidden(self, hidden: bool) -> Self {
        self.with(|settings| settings.hidden = hidden)
    }

    /// The same network, of which only this access point is joined, or any.
    #[must_use]
    pub fn with_bssid(self, bssid: Option<Bssid>) -> Self {
        self.with(|settings| settings.bssid = OnlyAccessPoint::new(bssid))
    }

    /// A copy with a change, made where it is used: a move would leave the key behind.
    fn with(self, change: impl FnOnce(&mut Self)) -> Self {
        made(|| {
            let mut settings = Self::blank();
            settings.clone_from(&self);
            change(&mut settings);
            settings
        })
    }

    /// Empty settings, to be filled part by part.
    pub(crate) const fn blank() -> Self {
        Self {
            ssid: Ssid(Vec::new()),
            key: WifiKey::blank(),
            hidden: false,
            bssid: OnlyAccessPoint::ANY,
        }
    }

    /// Checks an SSID and writes it straight to where it is kept.
    pub(crate) fn set_ssid(&mut self, ssid: &[u8]) -> Result<(), NicProblem> {
        check_length(ssid.len(), 1, 32)?;
        put_bytes(&mut self.ssid.0, ssid);
        Ok(())
    }

    /// Checks a key and writes it straight to where it is kept.
    pub(crate) fn set_key(
        &mut self,
        security: Security,
        given: Exposed<'_>,
    ) -> Result<(), NicProblem> {
        self.key.set(security, given)
    }

    /// Sets how the network is found.
    pub(crate) fn set_place(&mut self, hidden: bool, bssid: Option<Bssid>) {
        (self.hidden, self.bssid) = (hidden, OnlyAccessPoint::new(bssid));
    }

    /// The network's SSID, 1 to 32 bytes of any value.
    #[must_use]
    pub fn ssid(&self) -> &[u8] {
        &self.ssid.0
    }

    /// The network's key.
    #[must_use]
    pub const fn key(&self) -> &WifiKey {
        &self.key
    }

    /// Whether the network does not broadcast its SSID.
    #[must_use]
    pub const fn is_hidden(&self) -> bool {
        self.hidden
    }

    /// The only access point to join, if there is one.
    #[must_use]
    pub fn bssid(&self) -> Option<Bssid> {
        self.bssid.get()
    }
}

impl Copied for WifiSettings {
    fn blank() -> Self {
        Self::blank()
    }

    fn copy_from(&mut self, source: &Self, copies: Copies<'_>) {
        put_bytes(&mut self.ssid.0, source.ssid());
        self.key.secret.copy_from(&source.key.secret, copies);
        self.key.security = source.key.security;
        (self.hidden, self.bssid) = (source.hidden, source.bssid);
    }
}

impl Drop for Ssid {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

impl Clone for WifiSettings {
    fn clone(&self) -> Self {
        cloned(Self::blank, self)
    }

    fn clone_from(&mut self, source: &Self) {
        self.copy_from(source, Copies::All);
    }
}

impl Clone for WifiKey {
    fn clone(&self) -> Self {
        cloned(Self::open, self)
    }

    fn clone_from(&mut self, source: &Self) {
        self.secret.clone_from(&source.secret);
        self.security = source.security;
    }
}

impl WifiKey {
    /// No key: the network is open.
    #[must_use]
    pub const fn open() -> Self {
        Self::blank()
    }

    /// An empty key, for a network with any security.
    const fn blank() -> Self {
        Self {
            secret: Secret::none(),
            security: Security::Any,
        }
    }

    /// A key as a user types it: 8 to 63 bytes without a control character, or 64 hexadecimal
    /// digits (NIC-7). An empty one means an open network (NIC-6).
    ///
    /// # Errors
    ///
    /// [`NicProblem::KeyControl`] or [`NicProblem::KeyForm`] for any other text.
    pub fn plaintext(text: &str) -> Result<Self, NicError> {
        Self::new(Security::Any, Exposed::Plaintext(text))
    }

    /// A key that the backend sealed, 1 to 112 opaque bytes (SEC-3).
    ///
    /// # Errors
    ///
    /// [`NicProblem::SealedLength`] for any other length.
    pub fn sealed(blob: &[u8]) -> Result<Self, NicError> {
        Self::new(Security::Any, Exposed::Sealed(blob))
    }

    /// A key for a network with this security. An empty text is none.
    ///
    /// ```
    /// use lankeeper::WifiKey;
    /// use lankeeper::nic::{Exposed, Security};
    ///
    /// let none = Exposed::Plaintext("");
    /// assert_eq!(WifiKey::new(Security::Any, none)?, WifiKey::open());
    /// assert!(WifiKey::new(Security::Wpa2, none).is_err());
    /// # Ok::<(), lankeeper::nic::NicError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`NicProblem::KeyControl`] or [`NicProblem::KeyForm`] for a key that does not go with it (NIC-7),
    /// [`NicProblem::SealedLength`] for a sealed one that is empty or longer than 112 bytes.
    pub fn new(security: Security, given: Exposed<'_>) -> Result<Self, NicError> {
        filled(Self::blank, |key| {
            key.set(security, given)
                .map_err(|problem| KEY.error(problem))
        })
    }

    fn set(&mut self, security: Security, given: Exposed<'_>) -> Result<(), NicProblem> {
        security.check(given)?;
        self.secret.set(given, |_| Ok(()))?;
        self.security = security;
        Ok(())
    }

    /// The content of the key; `None` for an open network.
    #[must_use]
    pub fn expose(&self) -> Option<Exposed<'_>> {
        self.secret.expose()
    }

    /// The security to insist on.
    #[must_use]
    pub const fn security(&self) -> Security {
        if self.secret.is_none() {
            return Security::Open;
        }
        self.security
    }
}

fn read_ssid(reading: &mut Reading<'_>, bytes: &[u8]) -> Result<(), NicProblem> {
    settings(reading).set_ssid(bytes)
}

fn read_security(reading: &mut Reading<'_>, text: &str) -> Result<(), NicProblem> {
    settings(reading).key.security = Security::read(text)?;
    Ok(())
}

fn read_key(reading: &mut Reading<'_>, given: Exposed<'_>) -> Result<(), NicProblem> {
    let settings = settings(reading);
    settings.set_key(settings.key.security, given)
}

fn read_hidden(reading: &mut Reading<'_>, hidden: bool) {
    settings(reading).hidden = hidden;
}

fn read_bssid(reading: &mut Reading<'_>, bssid: Bssid) {
    settings(reading).bssid = OnlyAccessPoint::new(Some(bssid));
}

/// The settings that are being read, blank at first.
// size: 5 callers
#[inline(never)]
fn settings<'a>(reading: &'a mut Reading<'_>) -> &'a mut WifiSettings {
    reading.nic.wifi.get_or_insert_with(WifiSettings::blank)
}

impl fmt::Debug for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Debug for OnlyAccessPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl fmt::Debug for WifiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.security(), self.expose()) {
            (Security::Any, Some(key)) => key.fmt(f),
            (security, Some(key)) => write!(f, "{security:?} {key:?}"),
            (security, None) => security.fmt(f),
        }
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Ssid {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=[u8]:a}", &self.0);
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for OnlyAccessPoint {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", self.get());
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for WifiKey {
    fn format(&self, f: defmt::Formatter<'_>) {
        match (self.security(), self.expose()) {
            (Security::Any, Some(key)) => key.format(f),
            (security, Some(key)) => defmt::write!(f, "{} {}", security, key),
            (security, None) => defmt::write!(f, "{}", security),
        }
    }
}
