//! The settings of a Wi-Fi network: `wificonfig`.

use core::fmt;

use heapless::Vec;

use super::copied::{Copied, Copies};
use super::error::check_length;
use super::path::KeyPath;
use super::place::{cloned, filled, put_bytes, same, wipe};
use super::schema::{Reading, Rule, Schema, Takes};
use super::secret::{Exposed, SEALING_OVERHEAD, Secret};
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

/// The longest plaintext key, in bytes.
const LONGEST_KEY: usize = 64;
/// The longest sealed one.
pub(super) const LONGEST_SEALED_KEY: usize = LONGEST_KEY + SEALING_OVERHEAD;

/// A Wi-Fi network to join: its SSID and its key (NIC-6).
///
/// ```
/// use lankeeper::{WifiKey, WifiSettings};
///
/// let shed = WifiSettings::new(b"shed", WifiKey::plaintext("correct horse")?)?;
/// assert_eq!(shed.ssid(), b"shed");
/// assert_eq!(format!("{shed:?}"), r#"WifiSettings { ssid: "shed", key: Plaintext }"#);
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
// Aligned for cycles: memcpy copies words instead of bytes. Of text it saves 2 bytes.
#[repr(align(4))]
pub struct WifiSettings {
    ssid: Ssid,
    key: WifiKey,
}

/// 1 to 32 bytes of any value.
#[derive(Eq)]
struct Ssid(Vec<u8, 32, u8>);

impl PartialEq for Ssid {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

/// The key of a Wi-Fi network: none, in plaintext, or sealed by the backend (NIC-6, NIC-7).
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
#[derive(PartialEq, Eq)]
pub struct WifiKey(Secret<LONGEST_SEALED_KEY>);

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

    /// Empty settings, to be filled part by part.
    pub(crate) const fn blank() -> Self {
        Self {
            ssid: Ssid(Vec::new()),
            key: WifiKey::open(),
        }
    }

    /// Checks an SSID and writes it straight to where it is kept.
    pub(crate) fn set_ssid(&mut self, ssid: &[u8]) -> Result<(), NicProblem> {
        check_length(ssid.len(), 1, 32)?;
        put_bytes(&mut self.ssid.0, ssid);
        Ok(())
    }

    /// Checks a key and writes it straight to where it is kept.
    pub(crate) fn set_key(&mut self, given: Exposed<'_>) -> Result<(), NicProblem> {
        self.key.set(given)
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

impl Copied for WifiSettings {
    fn blank() -> Self {
        Self::blank()
    }

    fn copy_from(&mut self, source: &Self, copies: Copies<'_>) {
        put_bytes(&mut self.ssid.0, source.ssid());
        self.key.0.copy_from(&source.key.0, copies);
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
        self.0.clone_from(&source.0);
    }
}

impl WifiKey {
    /// No key: the network is open.
    #[must_use]
    pub const fn open() -> Self {
        Self(Secret::none())
    }

    /// A key as a user types it: 5 bytes, 8 to 63 bytes of printable ASCII, or 64 hexadecimal
    /// digits (NIC-7). An empty one means an open network (NIC-6).
    ///
    /// # Errors
    ///
    /// [`NicProblem::KeyNotPrintable`] or [`NicProblem::KeyForm`] for any other text.
    pub fn plaintext(text: &str) -> Result<Self, NicError> {
        Self::new(Exposed::Plaintext(text))
    }

    /// A key that the backend sealed, 1 to 112 opaque bytes (SEC-3).
    ///
    /// # Errors
    ///
    /// [`NicProblem::SealedLength`] for any other length.
    pub fn sealed(blob: &[u8]) -> Result<Self, NicError> {
        Self::new(Exposed::Sealed(blob))
    }

    fn new(given: Exposed<'_>) -> Result<Self, NicError> {
        filled(Self::open, |key| {
            key.set(given).map_err(|problem| KEY.error(problem))
        })
    }

    fn set(&mut self, given: Exposed<'_>) -> Result<(), NicProblem> {
        self.0.set(given, |text| check_plaintext(text.as_bytes()))
    }

    /// The content of the key; `None` for an open network.
    #[must_use]
    pub fn expose(&self) -> Option<Exposed<'_>> {
        self.0.expose()
    }
}

fn read_ssid(reading: &mut Reading<'_>, bytes: &[u8]) -> Result<(), NicProblem> {
    settings(reading).set_ssid(bytes)
}

fn read_key(reading: &mut Reading<'_>, given: Exposed<'_>) -> Result<(), NicProblem> {
    settings(reading).set_key(given)
}

/// The settings that are being read, blank at first.
fn settings<'a>(reading: &'a mut Reading<'_>) -> &'a mut WifiSettings {
    reading.nic.wifi.get_or_insert_with(WifiSettings::blank)
}

/// Checks that a key has a form that IEEE 802.11 defines (NIC-7), or is empty. The five bytes of a
/// WEP-40 key may have any value.
fn check_plaintext(key: &[u8]) -> Result<(), NicProblem> {
    match key.len() {
        0 | 5 => Ok(()),
        // Before its length is looked at, of which the error then says nothing (SEC-1).
        _ if !key.iter().all(|byte| matches!(byte, b' '..=b'~')) => {
            Err(NicProblem::KeyNotPrintable)
        }
        8..=63 => Ok(()),
        64 if key.iter().all(u8::is_ascii_hexdigit) => Ok(()),
        _ => Err(NicProblem::KeyForm),
    }
}

impl fmt::Debug for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Debug for WifiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.expose() {
            Some(key) => key.fmt(f),
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
        match self.expose() {
            Some(key) => key.format(f),
            None => defmt::write!(f, "Open"),
        }
    }
}
