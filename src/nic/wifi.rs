//! The settings of a Wi-Fi network: `wificonfig`.

use core::fmt;

use heapless::Vec;

use super::error::check_length;
use super::path::KeyPath;
use super::schema::{Reading, Rule, Schema, Takes};
use super::secret::{Exposed, Secret, assign};
use super::{Medium, NicError, NicProblem};

pub(super) const TABLE: &str = "wificonfig";
pub(super) static SCHEMA: Schema = Schema::new(
    TABLE,
    &[Medium::Wifi],
    &["ssid", "key"],
    &[
        Rule::required(Takes::Bytes(read_ssid)),
        Rule::required(Takes::SecretOrNull(read_key)),
    ],
);
const SSID: KeyPath = KeyPath::known(TABLE, "ssid");
const KEY: KeyPath = KeyPath::known(TABLE, "key");

/// A Wi-Fi network to join: its SSID and its key (NIC-6).
///
/// ```
/// use lankeeper::{WifiKey, WifiSettings};
///
/// let shed = WifiSettings::new(b"shed", WifiKey::plaintext("correct horse")?)?;
/// assert_eq!(shed.ssid(), b"shed");
/// assert_eq!(format!("{shed:?}"), r#"WifiSettings { ssid: "shed", key: Plaintext }"#);
/// # Ok::<(), lankeeper::NicError>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WifiSettings {
    ssid: Ssid,
    key: WifiKey,
}

/// 1 to 32 bytes of any value.
#[derive(Clone, PartialEq, Eq)]
struct Ssid(Vec<u8, 32, u8>);

/// What a Wi-Fi network wants to hear: nothing, a plaintext key, or a key that the backend has
/// sealed (NIC-6, NIC-7).
///
/// A plaintext key is wiped from memory when dropped or replaced (SEC-2); a move leaves a copy behind, as all
/// moves do.
///
/// ```
/// use lankeeper::{Exposed, WifiKey};
///
/// let key = WifiKey::plaintext("correct horse")?;
/// assert_eq!(key.expose(), Some(Exposed::Plaintext("correct horse")));
/// assert_eq!(WifiKey::open().expose(), None);
/// assert!(WifiKey::plaintext("short!").is_err());
/// # Ok::<(), lankeeper::NicError>(())
/// ```
#[derive(PartialEq, Eq)]
pub struct WifiKey(Option<Secret>);

impl WifiSettings {
    /// The settings of the network with this SSID.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] unless the SSID has 1 to 32 bytes.
    pub fn new(ssid: &[u8], key: WifiKey) -> Result<Self, NicError> {
        let mut settings = Self {
            key,
            ..Self::blank()
        };
        match settings.ssid.set(ssid) {
            Ok(()) => Ok(settings),
            Err(problem) => Err(SSID.error(problem)),
        }
    }

    /// A network without a name: room for another one.
    pub(crate) const fn blank() -> Self {
        Self {
            ssid: Ssid(Vec::new()),
            key: WifiKey::open(),
        }
    }

    /// Copies the network that is there straight to the place, or wipes what is there.
    pub(crate) fn assign(place: &mut Option<Self>, source: Option<&Self>) {
        assign(place, source, Self::blank);
    }

    /// The same network with another key.
    pub(crate) fn with_key(&self, key: WifiKey) -> Self {
        Self {
            ssid: self.ssid.clone(),
            key,
        }
    }

    /// The network's key, to be changed in its place.
    pub(crate) const fn key_mut(&mut self) -> &mut WifiKey {
        &mut self.key
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
}

impl Clone for WifiSettings {
    fn clone(&self) -> Self {
        let mut copy = Self::blank();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        self.ssid.clone_from(&source.ssid);
        self.key.clone_from(&source.key);
    }
}

impl Clone for WifiKey {
    fn clone(&self) -> Self {
        let mut copy = Self::open();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        assign(&mut self.0, source.0.as_ref(), Secret::blank);
    }
}

impl WifiKey {
    /// No key: the network is open.
    #[must_use]
    pub const fn open() -> Self {
        Self(None)
    }

    /// A key as people type it; an empty one means an open network (NIC-6).
    ///
    /// # Errors
    ///
    /// [`NicProblem::KeyLength`], [`NicProblem::KeyNotPrintable`] and
    /// [`NicProblem::KeyNotHexadecimal`] for what no network takes (NIC-7).
    pub fn plaintext(text: &str) -> Result<Self, NicError> {
        Self::new(Exposed::Plaintext(text))
    }

    /// A key that the backend sealed, 1 to 112 opaque bytes (SEC-3).
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] for another length.
    pub fn sealed(blob: &[u8]) -> Result<Self, NicError> {
        Self::new(Exposed::Sealed(blob))
    }

    fn new(given: Exposed<'_>) -> Result<Self, NicError> {
        let mut key = Self::open();
        match key.set(given) {
            Ok(()) => Ok(key),
            Err(problem) => Err(KEY.error(problem)),
        }
    }

    /// Puts a key straight in the place of this one.
    pub(crate) fn set(&mut self, given: Exposed<'_>) -> Result<(), NicProblem> {
        if let Exposed::Plaintext(text) = given {
            if text.is_empty() {
                *self = Self::open();
                return Ok(());
            }
            check_plaintext(text.as_bytes())?;
        }
        self.0.insert(Secret::blank()).fill(given, 64)
    }

    /// The key laid open, `None` for an open network.
    #[must_use]
    pub fn expose(&self) -> Option<Exposed<'_>> {
        self.0.as_ref().map(Secret::expose)
    }
}

impl Ssid {
    fn set(&mut self, bytes: &[u8]) -> Result<(), NicProblem> {
        check_length(bytes.len(), 1, 32)?;
        self.0.clear();
        // It fits: its length was checked.
        let _ = self.0.extend_from_slice(bytes);
        Ok(())
    }
}

fn read_ssid(reading: &mut Reading, bytes: &[u8]) -> Result<(), NicProblem> {
    settings(reading).ssid.set(bytes)
}

/// The only place where `null` is a value.
fn read_key(reading: &mut Reading, given: Option<Exposed<'_>>) -> Result<(), NicProblem> {
    match given {
        Some(given) => settings(reading).key.set(given),
        None => Ok(()),
    }
}

/// What is being read, blank at first. Out of line, for every reader calls it.
#[inline(never)]
fn settings(reading: &mut Reading) -> &mut WifiSettings {
    reading.nic.wifi.get_or_insert_with(WifiSettings::blank)
}

/// The forms of a key that IEEE 802.11 knows (NIC-7). 5 bytes may have any value.
fn check_plaintext(key: &[u8]) -> Result<(), NicProblem> {
    match key.len() {
        5 => Ok(()),
        8..=63 if key.iter().all(|byte| matches!(byte, b' '..=b'~')) => Ok(()),
        8..=63 => Err(NicProblem::KeyNotPrintable),
        64 if key.iter().all(u8::is_ascii_hexdigit) => Ok(()),
        64 => Err(NicProblem::KeyNotHexadecimal),
        length => Err(NicProblem::KeyLength(length)),
    }
}

impl fmt::Debug for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Debug for WifiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(secret) => secret.fmt(f),
            None => f.write_str("Open"),
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
impl defmt::Format for WifiKey {
    fn format(&self, f: defmt::Formatter<'_>) {
        match &self.0 {
            Some(secret) => secret.format(f),
            None => defmt::write!(f, "Open"),
        }
    }
}
