//! The settings of a Wi-Fi network: `wificonfig`.

use core::fmt;

use heapless::Vec;

use super::field::{FromValue, TextOrBlob, read_fields};
use super::path::KeyPath;
use super::secret::{Exposed, Secret};
use super::section::Section;
use super::{Medium, NicError, NicProblem, Table, Value, ValueKind};

pub(super) const SECTION: Section = Section {
    key: "wificonfig",
    media: &[Medium::Wifi],
};
const KEYS: [&str; 2] = ["ssid", "key"];
const SSID: KeyPath = KeyPath::known(SECTION.key, "ssid");
const KEY: KeyPath = KeyPath::known(SECTION.key, "key");

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, PartialEq, Eq)]
pub struct WifiKey(Option<Secret<64>>);

impl WifiSettings {
    /// The settings of the network with this SSID.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] unless the SSID has 1 to 32 bytes.
    pub fn new(ssid: &[u8], key: WifiKey) -> Result<Self, NicError> {
        let ssid = Ssid::new(ssid)?;
        Ok(Self { ssid, key })
    }

    pub(super) fn from_table(table: Table<'_>) -> Result<Self, NicError> {
        let [ssid, key] = read_fields(SECTION.key, &KEYS, table)?;
        let ssid = Ssid::new(match ssid.required()? {
            TextOrBlob::Text(text) => text.as_bytes(),
            TextOrBlob::Blob(bytes) => bytes,
        })?;
        let key = match key.required()? {
            GivenKey::Null => WifiKey::open(),
            GivenKey::Text(text) => WifiKey::plaintext(text)?,
            GivenKey::Blob(blob) => WifiKey::sealed(blob)?,
        };
        Ok(Self { ssid, key })
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
        if text.is_empty() {
            return Ok(Self::open());
        }
        check_plaintext(text.as_bytes()).map_err(|problem| KEY.error(problem))?;
        Ok(Self(Some(Secret::plaintext(&KEY, text)?)))
    }

    /// A key that the backend sealed, 1 to 112 opaque bytes (SEC-3).
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] for another length.
    pub fn sealed(blob: &[u8]) -> Result<Self, NicError> {
        Ok(Self(Some(Secret::sealed(&KEY, blob)?)))
    }

    /// The key laid open, `None` for an open network.
    #[must_use]
    pub fn expose(&self) -> Option<Exposed<'_>> {
        self.0.as_ref().map(Secret::expose)
    }
}

impl Ssid {
    fn new(bytes: &[u8]) -> Result<Self, NicError> {
        SSID.check_length(bytes.len(), 1..=32)?;
        let mut ssid = Vec::new();
        // It fits: its length was checked.
        let _ = ssid.extend_from_slice(bytes);
        Ok(Self(ssid))
    }
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

/// A key as a table gives it: the only place where `null` is a value.
enum GivenKey<'a> {
    Null,
    Text(&'a str),
    Blob(&'a [u8]),
}

impl<'a> FromValue<'a> for GivenKey<'a> {
    const ALLOWED: &'static [ValueKind] = &[ValueKind::Null, ValueKind::String, ValueKind::Blob];

    fn from_value(value: Value<'a>) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::String(text) => Some(Self::Text(text)),
            Value::Blob(blob) => Some(Self::Blob(blob)),
            Value::Integer(_) | Value::List(_) | Value::Table(_) => None,
        }
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
