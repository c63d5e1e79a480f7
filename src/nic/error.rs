//! The errors of a configuration: what is wrong, and at which key.

use core::fmt;

use super::bssid::Shown;
use super::path::KeyPath;
use super::quote::Quote;
use super::{Medium, NameError, Security, ValueKind};
use crate::ipv4::{DottedQuadError, IpConfigError, PrefixError};

/// Why a table, text or set of parts is not a valid [`Nic`](crate::Nic): the first problem, and
/// the key it was found at (NIC-4, NIC-11).
///
/// Displays as `wificonfig.ssid: 33 bytes, at most 32`. It quotes at most 24 bytes of the input,
/// escaped. Of a refused key or password it shows nothing, not even the length (SEC-1).
///
/// ```
/// use lankeeper::nic::NicProblem;
/// use lankeeper::Nic;
///
/// let error = Nic::named("eth10").unwrap_err();
/// assert!(matches!(error.problem(), NicProblem::Name { .. }));
/// assert!(error.to_string().starts_with("interface: \"eth10\" is not an interface name"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{path}: {problem}")]
pub struct NicError {
    path: KeyPath,
    problem: NicProblem,
}

/// What was found at a key, and which values are allowed there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum NicProblem {
    /// The table has no such key (NIC-4).
    #[error("unknown key, allowed are {}", Listed(allowed, ", "))]
    UnknownKey {
        /// The keys that the table can have.
        allowed: &'static [&'static str],
    },
    /// The key, or another one with the same meaning, appears twice in the table (NIC-4).
    #[error("duplicate key, allowed is one")]
    DuplicateKey,
    /// The key is required (NIC-4).
    #[error("missing, required is {}", Listed(allowed, " or "))]
    MissingKey {
        /// The kinds of value that the key takes.
        allowed: &'static [ValueKind],
    },
    /// The value has a kind that the key does not take (NIC-4).
    #[error("{found}, allowed is {}", Listed(allowed, " or "))]
    WrongType {
        /// The kind of the value.
        found: ValueKind,
        /// The kinds that the key takes.
        allowed: &'static [ValueKind],
    },
    /// The section does not apply to the interface's medium (NIC-5).
    #[error("not for {found}, allowed is {}", Listed(allowed, " or "))]
    NotOnMedium {
        /// The interface's medium.
        found: Medium,
        /// The media that the section applies to.
        allowed: &'static [Medium],
    },
    /// The text names no interface (NIC-1).
    #[error("{found} is {problem}")]
    Name {
        /// What was given.
        found: Quote,
        /// The error, which lists the allowed names.
        problem: NameError,
    },
    /// A string or blob that is no secret is too short or too long (NIC-6, NIC-9).
    #[error("{}, {}", Bytes(*found), Bound { found: *found, least: *least, most: *most })]
    Length {
        /// The length that was given, in bytes.
        found: usize,
        /// The shortest allowed length, in bytes.
        least: usize,
        /// The longest allowed length, in bytes.
        most: usize,
    },
    /// The text is no kind of security that a Wi-Fi network can have (NIC-6).
    #[error("{0} is not a security, allowed are open, wep, wpa2, wpa3, any")]
    Security(Quote),
    /// The key does not go with the security of the network (NIC-7). Which of the forms it comes near
    /// would tell its length (SEC-1).
    #[error("not a key for security {0}, allowed: {allowed}", allowed = .0.allowed())]
    KeyForm(Security),
    /// A passphrase for a Wi-Fi network contains a control character (NIC-7).
    #[error("a control character, allowed are all others")]
    KeyControl,
    /// The text is not an address of six bytes (NIC-6).
    #[error(
        "{0} is not a BSSID, allowed are six pairs of hexadecimal digits, as 02:00:5e:00:53:01"
    )]
    Bssid(Quote),
    /// No access point has this address (NIC-6).
    #[error("{} is not an access point, allowed are neither zero nor a group address", Shown(*.0))]
    NoAccessPoint([u8; 6]),
    /// A sealed secret is empty or too long (NIC-6, NIC-9). How long it is would tell the length of
    /// the plaintext (SEC-1).
    #[error("a sealed secret of a length that is not allowed, allowed are 1 to {most} bytes")]
    SealedLength {
        /// The longest allowed length, in bytes.
        most: usize,
    },
    /// A plaintext password is too long (NIC-9).
    #[error("too long, allowed are at most {most} bytes")]
    PasswordLength {
        /// The longest allowed length, in bytes.
        most: usize,
    },
    /// A user name or password contains a control character, or a user name a colon (NIC-9): RFC 7617
    /// cannot carry them. It is not quoted, because a user name with a colon may have the password
    /// behind it.
    #[error("a {found}, allowed are neither control characters nor, in a user name, colons")]
    Credentials {
        /// What was found.
        found: Uncarried,
    },
    /// The text is not a strict dotted quad (NIC-8).
    #[error("{found} is {problem}")]
    Address {
        /// What was given.
        found: Quote,
        /// The error, which describes the allowed form.
        problem: DottedQuadError,
    },
    /// The ones of the mask are not contiguous (NIC-8).
    #[error("{0}, allowed are ones followed by zeros, as 255.255.255.0")]
    Netmask(PrefixError),
    /// The address is not allowed at this key (NIC-8).
    #[error(transparent)]
    IpConfig(#[from] IpConfigError),
    /// This many name servers were given (NIC-8).
    #[error("{0} name servers, allowed are 1 or 2")]
    NameServers(usize),
    /// The proxy type is not supported (NIC-9).
    #[error("{0} is not a known type of proxy, allowed is \"http\"")]
    ProxyType(Quote),
    /// The proxy's address is neither a dotted quad nor a host name (NIC-9).
    #[error(
        "{0} is neither a dotted quad nor a host name, allowed in a name are labels of 1 to 63 letters, digits, underscores and inner hyphens, the last not all digits"
    )]
    ProxyAddress(Quote),
    /// The number is not a port, 1 to 65535 (NIC-9).
    #[error("{0} is not a port, allowed are 1 to 65535")]
    Port(i64),
    /// A password was given without a user name (NIC-9).
    #[error("a password without a user name, allowed is both or a user name alone")]
    PasswordWithoutUsername,
}

/// A character that the credentials of a proxy cannot carry (NIC-9, RFC 7617).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "RFC 7617 has no others")]
pub enum Uncarried {
    /// A colon, which ends the user name.
    Colon,
    /// A control character.
    Control,
}

impl fmt::Display for Uncarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Colon => "colon",
            Self::Control => "control character",
        })
    }
}

impl NicError {
    /// The key that the problem was found at.
    #[must_use]
    pub const fn path(&self) -> &KeyPath {
        &self.path
    }

    /// What was found at the key, and which values are allowed.
    #[must_use]
    pub const fn problem(&self) -> &NicProblem {
        &self.problem
    }
}

impl KeyPath {
    pub(super) const fn error(self, problem: NicProblem) -> NicError {
        NicError {
            path: self,
            problem,
        }
    }
}

/// Checks a length in bytes.
pub(super) const fn check_length(
    found: usize,
    least: usize,
    most: usize,
) -> Result<(), NicProblem> {
    if found < least || found > most {
        return Err(NicProblem::Length { found, least, most });
    }
    Ok(())
}

/// Displays a length with its unit.
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = if self.0 == 1 { "byte" } else { "bytes" };
        write!(f, "{} {unit}", self.0)
    }
}

/// Displays the limit that a length breaks.
struct Bound {
    found: usize,
    least: usize,
    most: usize,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.found < self.least {
            write!(f, "at least {}", self.least)
        } else {
            write!(f, "at most {}", self.most)
        }
    }
}

/// Displays items with a separator between them.
struct Listed<'a, T>(&'a [T], &'a str);

impl<T: fmt::Display> fmt::Display for Listed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(items, separator) = self;
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                f.write_str(separator)?;
            }
            write!(f, "{item}")?;
        }
        Ok(())
    }
}
