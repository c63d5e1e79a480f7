//! The settings of an HTTP proxy: `proxyconfig`.

use core::fmt;
use core::net::Ipv4Addr;

use heapless::String;

use super::field::{Field, TextOrBlob, read_fields};
use super::path::KeyPath;
use super::quote::Quote;
use super::secret::{Exposed, Secret};
use super::section::Section;
use super::{Medium, NicError, NicProblem, Table};
use crate::ipv4::parse_dotted_quad;

pub(super) const SECTION: Section = Section {
    key: "proxyconfig",
    media: &[Medium::Wifi, Medium::Ethernet],
};
const KEYS: [&str; 6] = ["type", "address", "port", "username", "user", "password"];
const ADDRESS: KeyPath = KeyPath::known(SECTION.key, "address");
const PORT: KeyPath = KeyPath::known(SECTION.key, "port");
const USERNAME: KeyPath = KeyPath::known(SECTION.key, "username");
const PASSWORD: KeyPath = KeyPath::known(SECTION.key, "password");

/// An HTTP proxy: where it is, and perhaps who asks it (NIC-9).
///
/// ```
/// use lankeeper::{ProxyPassword, ProxySettings};
///
/// let proxy = ProxySettings::new("proxy.example", 3128)?
///     .with_credentials("hub", Some(ProxyPassword::plaintext("swordfish")?))?;
/// assert_eq!(proxy.address().to_string(), "proxy.example");
/// assert_eq!(proxy.username(), Some("hub"));
/// assert!(!format!("{proxy:?}").contains("swordfish"));
/// # Ok::<(), lankeeper::NicError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct ProxySettings {
    address: ProxyAddress,
    /// Not zero.
    port: u16,
    username: Option<String<32, u8>>,
    /// Only with a user name.
    password: Option<ProxyPassword>,
}

/// Where a proxy is. Shows as the text that was given.
#[derive(Clone, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a proxy is given by number or by name"
)]
pub enum ProxyAddress {
    /// Its address.
    Ip(Ipv4Addr),
    /// Its name, still to be resolved.
    Host(HostName),
}

/// A host name by RFC 1123 §2.1, at most 64 bytes.
///
/// Labels of 1 to 63 letters, digits and inner hyphens with dots between them; the last is not
/// all digits, so that no name looks like an address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HostName(String<64, u8>);

/// A password for a proxy, in plaintext or as the backend sealed it (NIC-9).
///
/// A plaintext password is wiped from memory when dropped or replaced (SEC-2); a move leaves a copy behind, as all
/// moves do.
///
/// ```
/// use lankeeper::{Exposed, ProxyPassword};
///
/// let password = ProxyPassword::plaintext("swordfish")?;
/// assert_eq!(password.expose(), Exposed::Plaintext("swordfish"));
/// assert_eq!(format!("{password:?}"), "Plaintext");
/// # Ok::<(), lankeeper::NicError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyPassword(Secret<32>);

impl ProxySettings {
    /// The proxy at `address`, a dotted quad or a host name, and `port`, without credentials.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] or [`NicProblem::ProxyAddress`] for the address,
    /// [`NicProblem::Port`] for port 0.
    pub fn new(address: &str, port: u16) -> Result<Self, NicError> {
        Self::at(ProxyAddress::new(address)?, port.into())
    }

    /// The same proxy, asked with these credentials.
    ///
    /// An empty user name counts as none, an empty plaintext password too.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] for a user name above 32 bytes,
    /// [`NicProblem::PasswordWithoutUsername`] for what it says.
    pub fn with_credentials(
        self,
        username: &str,
        password: Option<ProxyPassword>,
    ) -> Result<Self, NicError> {
        self.asked_by(read_username(&USERNAME, username)?, password)
    }

    pub(super) fn from_table(table: Table<'_>) -> Result<Self, NicError> {
        let [kind, address, port, username, user, password] =
            read_fields(SECTION.key, &KEYS, table)?;
        check_type(&kind)?;
        let address = ProxyAddress::new(address.required()?)?;
        let proxy = Self::at(address, port.required()?)?;
        let username = username.or_alias(user);
        let username = match username.optional()? {
            Some(text) => read_username(username.path(), text)?,
            None => None,
        };
        let password = match password.optional()? {
            Some(TextOrBlob::Text(text)) => Some(ProxyPassword::plaintext(text)?),
            Some(TextOrBlob::Blob(blob)) => Some(ProxyPassword::sealed(blob)?),
            None => None,
        };
        proxy.asked_by(username, password)
    }

    fn at(address: ProxyAddress, port: i64) -> Result<Self, NicError> {
        match u16::try_from(port) {
            Ok(port @ 1..) => Ok(Self {
                address,
                port,
                username: None,
                password: None,
            }),
            _ => Err(PORT.error(NicProblem::Port(port))),
        }
    }

    fn asked_by(
        self,
        username: Option<String<32, u8>>,
        password: Option<ProxyPassword>,
    ) -> Result<Self, NicError> {
        let password = password.filter(|password| !password.is_empty());
        if username.is_none() && password.is_some() {
            return Err(PASSWORD.error(NicProblem::PasswordWithoutUsername));
        }
        Ok(Self {
            username,
            password,
            ..self
        })
    }

    /// Where the proxy is.
    #[must_use]
    pub const fn address(&self) -> &ProxyAddress {
        &self.address
    }

    /// The proxy's TCP port, 1 to 65535.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The user name to ask with, 1 to 32 bytes, if there is one.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.username.as_deref()
    }

    /// The password to ask with, if there is one. It never comes without a user name.
    #[must_use]
    pub const fn password(&self) -> Option<&ProxyPassword> {
        self.password.as_ref()
    }
}

impl ProxyAddress {
    fn new(text: &str) -> Result<Self, NicError> {
        if let Ok(address) = parse_dotted_quad(text) {
            return Ok(Self::Ip(address));
        }
        ADDRESS.check_length(text.len(), 1..=64)?;
        HostName::new(text).map(Self::Host).ok_or_else(|| {
            ADDRESS.error(NicProblem::ProxyAddress(Quote::without_credentials(text)))
        })
    }
}

impl HostName {
    fn new(text: &str) -> Option<Self> {
        let labels = || text.as_bytes().split(|byte| *byte == b'.');
        if !labels().all(is_label) || labels().next_back()?.iter().all(u8::is_ascii_digit) {
            return None;
        }
        String::try_from(text).ok().map(Self)
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ProxyPassword {
    /// A password as people type it, at most 32 bytes. An empty one counts as none.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] above 32 bytes.
    pub fn plaintext(text: &str) -> Result<Self, NicError> {
        Secret::plaintext(&PASSWORD, text).map(Self)
    }

    /// A password that the backend sealed, 1 to 112 opaque bytes (SEC-3).
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] for another length.
    pub fn sealed(blob: &[u8]) -> Result<Self, NicError> {
        Secret::sealed(&PASSWORD, blob).map(Self)
    }

    /// The password laid open.
    #[must_use]
    pub fn expose(&self) -> Exposed<'_> {
        self.0.expose()
    }

    fn is_empty(&self) -> bool {
        self.expose() == Exposed::Plaintext("")
    }
}

fn check_type(field: &Field<'_>) -> Result<(), NicError> {
    match field.optional()? {
        None | Some("http") => Ok(()),
        Some(other) => Err(field
            .path()
            .error(NicProblem::ProxyType(Quote::without_credentials(other)))),
    }
}

/// An empty name counts as none.
fn read_username(path: &KeyPath, text: &str) -> Result<Option<String<32, u8>>, NicError> {
    path.check_length(text.len(), 0..=32)?;
    Ok(String::try_from(text).ok().filter(|name| !name.is_empty()))
}

fn is_label(label: &[u8]) -> bool {
    let ends = [label.first(), label.last()];
    label.len() <= 63
        && ends
            .into_iter()
            .all(|end| end.is_some_and(u8::is_ascii_alphanumeric))
        && label
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

impl fmt::Display for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Host(name) => f.write_str(name.as_str()),
        }
    }
}

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ProxyAddress {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

impl fmt::Debug for ProxyPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ProxyPassword {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.0.format(f);
    }
}
