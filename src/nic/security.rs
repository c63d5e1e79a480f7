//! How a Wi-Fi network is secured, and which keys go with that (NIC-7).

use core::fmt;

use super::secret::Exposed;
use super::{NicProblem, Quote};

/// The security that a device insists on when it joins a Wi-Fi network (NIC-6). Enterprise security
/// (802.1X) is not supported.
///
/// ```
/// use lankeeper::WifiKey;
/// use lankeeper::nic::{Exposed, Security};
///
/// let short = Exposed::Plaintext("horse");
/// assert!(WifiKey::new(Security::Any, short).is_err());
/// let key = WifiKey::new(Security::Wpa3, short)?;
/// assert_eq!(key.security(), Security::Wpa3);
/// assert_eq!(Security::Wpa3.to_string(), "wpa3");
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Security {
    /// The network is open: `open`.
    Open,
    /// Wired Equivalent Privacy, which protects nothing: `wep`.
    Wep,
    /// WPA2-Personal, with a pre-shared key: `wpa2`.
    Wpa2,
    /// WPA3-Personal, with SAE: `wpa3`.
    Wpa3,
    /// Whatever the access point has that goes with the key, but not WEP: `any`, the default.
    Any,
}

impl Security {
    /// All of them, with the text of each.
    const TEXTS: [(&'static str, Self); 5] = [
        ("open", Self::Open),
        ("wep", Self::Wep),
        ("wpa2", Self::Wpa2),
        ("wpa3", Self::Wpa3),
        ("any", Self::Any),
    ];

    pub(super) fn read(text: &str) -> Result<Self, NicProblem> {
        let mut known = Self::TEXTS.iter();
        match known.find(|(known, _)| *known == text) {
            Some((_, security)) => Ok(*security),
            None => Err(NicProblem::Security(Quote::new(text))),
        }
    }

    /// Its place among all, as a record has it.
    pub(crate) fn code(self) -> u8 {
        let codes = (0..).zip(Self::TEXTS);
        let mut same = codes.filter(|(_, (_, security))| *security == self);
        same.next().map_or(0, |(code, _)| code)
    }

    /// The one with this place.
    pub(crate) fn from_code(code: u8) -> Option<Self> {
        Self::TEXTS
            .get(usize::from(code))
            .map(|(_, security)| *security)
    }

    /// Checks that a key goes with this security. An empty one is none.
    pub(super) fn check(self, given: Exposed<'_>) -> Result<(), NicProblem> {
        match given {
            Exposed::Plaintext(text) => self.check_plaintext(text),
            Exposed::Sealed(_) if self == Self::Open => Err(NicProblem::KeyForm(self)),
            Exposed::Sealed(_) => Ok(()),
        }
    }

    fn check_plaintext(self, key: &str) -> Result<(), NicProblem> {
        let is_hexadecimal = || key.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_right = match (self, key.len()) {
            (Self::Open | Self::Any, 0) | (Self::Wep, 5 | 13) => true,
            (Self::Wep, 10 | 26) => is_hexadecimal(),
            (Self::Open | Self::Wep, _) => false,
            // Before its length is looked at, of which the error then says nothing (SEC-1).
            _ if key.chars().any(char::is_control) => return Err(NicProblem::KeyControl),
            (Self::Wpa2 | Self::Any, 8..=63) | (Self::Wpa3, 1..=63) => true,
            (Self::Wpa2 | Self::Any, 64) => is_hexadecimal(),
            _ => false,
        };
        if is_right {
            return Ok(());
        }
        Err(NicProblem::KeyForm(self))
    }

    /// The keys that go with it.
    pub(super) const fn allowed(self) -> &'static str {
        match self {
            Self::Open => "none",
            Self::Wep => "5 or 13 bytes, or 10 or 26 hexadecimal digits",
            Self::Wpa2 => "8 to 63 bytes, or 64 hexadecimal digits",
            Self::Wpa3 => "1 to 63 bytes",
            Self::Any => "8 to 63 bytes, 64 hexadecimal digits, or none",
        }
    }
}

/// As `wificonfig.security` has it.
impl fmt::Display for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = Self::TEXTS.iter();
        let text = all.find(|(_, security)| security == self);
        f.write_str(text.map_or("", |(text, _)| text))
    }
}
