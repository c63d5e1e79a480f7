//! The settings of an HTTP proxy: `proxyconfig`.

use core::fmt;
use core::net::Ipv4Addr;

use heapless::String;

use super::copied::{Copied, Copies};
use super::error::{Uncarried, check_length};
use super::path::KeyPath;
use super::place::{cloned, filled, put_text, same, wipe_text};
use super::proxy_address::ProxyAddress;
use super::quote::Quote;
use super::schema::{Reading, Rule, Schema, Takes};
use super::secret::{Exposed, SEALING_OVERHEAD, Secret};
use super::{Medium, NicError, NicProblem};

pub(super) const TABLE: &str = "proxyconfig";
pub(super) static SCHEMA: Schema = Schema::new(
    TABLE,
    &[Medium::Wifi, Medium::Ethernet],
    &["type", "address", "port", "username", "user", "password"],
    &[
        Rule::optional(Takes::Text(read_type)),
        Rule::required(Takes::Text(read_address)),
        Rule::required(Takes::Integer(read_port)),
        Rule::instead_of_next(Takes::Text(read_username)),
        Rule::optional(Takes::Text(read_username)),
        Rule::optional(Takes::Secret(read_password)),
    ],
);
const ADDRESS: KeyPath = KeyPath::known(TABLE, "address");
const PORT: KeyPath = KeyPath::known(TABLE, "port");
const USERNAME: KeyPath = KeyPath::known(TABLE, "username");
const PASSWORD: KeyPath = KeyPath::known(TABLE, "password");

/// The longest plaintext password, in bytes.
const LONGEST_PASSWORD: usize = 32;
/// The longest sealed one.
pub(super) const LONGEST_SEALED_PASSWORD: usize = LONGEST_PASSWORD + SEALING_OVERHEAD;

/// An HTTP proxy: address, port, and optional credentials (NIC-9).
///
/// ```
/// use lankeeper::nic::ProxyPassword;
/// use lankeeper::ProxySettings;
///
/// let proxy = ProxySettings::new("proxy.example", 3128)?
///     .with_credentials("hub", Some(ProxyPassword::plaintext("swordfish")?))?;
/// assert_eq!(proxy.address().to_string(), "proxy.example");
/// assert_eq!(proxy.username(), Some("hub"));
/// assert!(!format!("{proxy:?}").contains("swordfish"));
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Eq)]
// Aligned for cycles: memcpy copies words instead of bytes. Of text it saves 2 bytes.
#[repr(align(4))]
pub struct ProxySettings {
    address: ProxyAddress,
    /// Not zero.
    port: u16,
    /// Empty if there is none.
    username: String<32, u8>,
    /// None without a user name.
    password: ProxyPassword,
}

/// A password for a proxy, in plaintext or sealed by the backend (NIC-9).
///
/// A plaintext password is wiped from memory when dropped or replaced (SEC-2). A move leaves a copy
/// behind, as every move in Rust does: see [`nic`](crate::nic#secrets).
///
/// ```
/// use lankeeper::nic::{Exposed, ProxyPassword};
///
/// let password = ProxyPassword::plaintext("swordfish")?;
/// assert_eq!(password.expose(), Exposed::Plaintext("swordfish"));
/// assert_eq!(format!("{password:?}"), "Plaintext");
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(PartialEq, Eq)]
pub struct ProxyPassword(Secret<LONGEST_SEALED_PASSWORD>);

impl ProxySettings {
    /// The proxy at `address`, a dotted quad or a host name of at most 64 bytes, and `port`, 1 to
    /// 65535, without credentials.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] or [`NicProblem::ProxyAddress`] for the address,
    /// [`NicProblem::Port`] for port 0.
    pub fn new(address: &str, port: u16) -> Result<Self, NicError> {
        filled(Self::blank, |proxy| {
            proxy
                .address
                .set(address)
                .map_err(|problem| ADDRESS.error(problem))?;
            proxy
                .set_port(port.into())
                .map_err(|problem| PORT.error(problem))
        })
    }

    /// The same proxy with credentials. The user name has at most 32 bytes, and neither a colon nor a
    /// control character.
    ///
    /// An empty user name counts as none, and so does an empty plaintext password.
    ///
    /// # Errors
    ///
    /// [`NicProblem::Length`] for a user name above 32 bytes, [`NicProblem::Credentials`] for what
    /// none can have, [`NicProblem::PasswordWithoutUsername`] for a password without a user name.
    pub fn with_credentials(
        self,
        username: &str,
        password: Option<ProxyPassword>,
    ) -> Result<Self, NicError> {
        // Copied, and the arguments wiped when they are dropped: a move would leave a secret behind.
        filled(Self::blank, |proxy| {
            proxy.clone_from(&self);
            proxy
                .set_username(username)
                .map_err(|problem| USERNAME.error(problem))?;
            let password = password
                .as_ref()
                .map_or(Exposed::Plaintext(""), ProxyPassword::expose);
            proxy
                .set_password(password)
                .map_err(|problem| PASSWORD.error(problem))
        })
    }

    /// Empty settings, to be filled part by part.
    pub(crate) const fn blank() -> Self {
        Self {
            address: ProxyAddress::UNSPECIFIED,
            port: 0,
            username: String::new(),
            password: ProxyPassword(Secret::none()),
        }
    }

    /// Writes an address straight to where it is kept.
    pub(crate) fn set_ip(&mut self, address: Ipv4Addr) {
        self.address.put_ip(address);
    }

    /// Checks a host name and writes it straight to where it is kept.
    pub(crate) fn set_host(&mut self, text: &str) -> Result<(), NicProblem> {
        self.address.set_host(text)
    }

    /// Checks a port and stores it.
    pub(crate) fn set_port(&mut self, number: i64) -> Result<(), NicProblem> {
        match u16::try_from(number) {
            Ok(port @ 1..) => {
                self.port = port;
                Ok(())
            }
            _ => Err(NicProblem::Port(number)),
        }
    }

    /// Checks a user name and writes it straight to where it is kept. An empty one counts as none.
    fn set_username(&mut self, text: &str) -> Result<(), NicProblem> {
        check_carried(text, Some(':'))?;
        self.keep_username(text)
    }

    /// Does the same with one from a record, which an earlier version may have stored without a look
    /// at its characters.
    pub(crate) fn keep_username(&mut self, text: &str) -> Result<(), NicProblem> {
        check_length(text.len(), 0, 32)?;
        put_text(&mut self.username, text);
        Ok(())
    }

    /// Checks a password and writes it straight to where it is kept. An empty one counts as none;
    /// any other needs a user name, which is set first.
    pub(crate) fn set_password(&mut self, given: Exposed<'_>) -> Result<(), NicProblem> {
        check_password(given)?;
        self.keep_password(given)
    }

    /// Does the same with one from a record, as `keep_username` does.
    pub(crate) fn keep_password(&mut self, given: Exposed<'_>) -> Result<(), NicProblem> {
        self.password.set(given)?;
        if self.username.is_empty() && self.password().is_some() {
            return Err(NicProblem::PasswordWithoutUsername);
        }
        Ok(())
    }

    /// The address of the proxy.
    #[must_use]
    pub const fn address(&self) -> &ProxyAddress {
        &self.address
    }

    /// The proxy's TCP port, 1 to 65535.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The user name, 1 to 32 bytes, if there is one.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        Some(self.username.as_str()).filter(|name| !name.is_empty())
    }

    /// The password, if there is one. There is none without a user name.
    #[must_use]
    pub const fn password(&self) -> Option<&ProxyPassword> {
        if self.password.0.is_none() {
            return None;
        }
        Some(&self.password)
    }
}

impl PartialEq for ProxySettings {
    fn eq(&self, other: &Self) -> bool {
        self.port == other.port
            && self.address == other.address
            && same(self.username.as_bytes(), other.username.as_bytes())
            && self.password == other.password
    }
}

impl Copied for ProxySettings {
    fn blank() -> Self {
        Self::blank()
    }

    fn copy_from(&mut self, source: &Self, copies: Copies<'_>) {
        self.address.clone_from(&source.address);
        self.port = source.port;
        put_text(&mut self.username, &source.username);
        self.password.0.copy_from(&source.password.0, copies);
    }
}

impl Drop for ProxySettings {
    fn drop(&mut self) {
        self.address.wipe();
        wipe_text(&mut self.username);
    }
}

impl Clone for ProxySettings {
    fn clone(&self) -> Self {
        cloned(Self::blank, self)
    }

    fn clone_from(&mut self, source: &Self) {
        self.copy_from(source, Copies::All);
    }
}

impl Clone for ProxyPassword {
    fn clone(&self) -> Self {
        cloned(|| Self(Secret::none()), self)
    }

    fn clone_from(&mut self, source: &Self) {
        self.0.clone_from(&source.0);
    }
}

impl ProxyPassword {
    /// A password as a user types it: at most 32 bytes, without control characters. An empty one
    /// counts as none.
    ///
    /// # Errors
    ///
    /// [`NicProblem::PasswordLength`] above 32 bytes, [`NicProblem::Credentials`] for a control
    /// character.
    pub fn plaintext(text: &str) -> Result<Self, NicError> {
        Self::new(Exposed::Plaintext(text))
    }

    /// A password that the backend sealed, 1 to 80 opaque bytes (SEC-3).
    ///
    /// # Errors
    ///
    /// [`NicProblem::SealedLength`] for any other length.
    pub fn sealed(blob: &[u8]) -> Result<Self, NicError> {
        Self::new(Exposed::Sealed(blob))
    }

    fn new(given: Exposed<'_>) -> Result<Self, NicError> {
        filled(
            || Self(Secret::none()),
            |password| {
                check_password(given)
                    .and_then(|()| password.set(given))
                    .map_err(|problem| PASSWORD.error(problem))
            },
        )
    }

    fn set(&mut self, given: Exposed<'_>) -> Result<(), NicProblem> {
        self.0.set(given, check_password_length)
    }

    /// The content of the password.
    #[must_use]
    pub fn expose(&self) -> Exposed<'_> {
        self.0.expose().unwrap_or(Exposed::Plaintext(""))
    }
}

fn read_type(_: &mut Reading<'_>, text: &str) -> Result<(), NicProblem> {
    match text {
        "http" => Ok(()),
        other => Err(NicProblem::ProxyType(Quote::without_credentials(other))),
    }
}

fn read_address(reading: &mut Reading<'_>, text: &str) -> Result<(), NicProblem> {
    settings(reading).address.set(text)
}

fn read_port(reading: &mut Reading<'_>, number: i64) -> Result<(), NicProblem> {
    settings(reading).set_port(number)
}

fn read_username(reading: &mut Reading<'_>, text: &str) -> Result<(), NicProblem> {
    settings(reading).set_username(text)
}

fn read_password(reading: &mut Reading<'_>, given: Exposed<'_>) -> Result<(), NicProblem> {
    settings(reading).set_password(given)
}

/// The settings that are being read, blank at first.
fn settings<'a>(reading: &'a mut Reading<'_>) -> &'a mut ProxySettings {
    reading.nic.proxy.get_or_insert_with(ProxySettings::blank)
}

fn check_password_length(password: &str) -> Result<(), NicProblem> {
    if password.len() > LONGEST_PASSWORD {
        let most = LONGEST_PASSWORD;
        return Err(NicProblem::PasswordLength { most });
    }
    Ok(())
}

fn check_password(given: Exposed<'_>) -> Result<(), NicProblem> {
    match given {
        Exposed::Plaintext(text) => check_carried(text, None),
        Exposed::Sealed(_) => Ok(()),
    }
}

/// Checks that HTTP can carry the text: RFC 7617 allows no control characters in credentials, and in
/// a user name not the colon that ends it.
// size: 3 callers
#[inline(never)]
fn check_carried(text: &str, end: Option<char>) -> Result<(), NicProblem> {
    for character in text.chars() {
        let found = match character {
            _ if Some(character) == end => Uncarried::Colon,
            _ if character.is_control() => Uncarried::Control,
            _ => continue,
        };
        return Err(NicProblem::Credentials { found });
    }
    Ok(())
}

impl fmt::Debug for ProxySettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxySettings")
            .field("address", &self.address)
            .field("port", &self.port)
            .field("username", &self.username())
            .field("password", &self.password())
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ProxySettings {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "ProxySettings {{ address: {}, port: {}, username: {}, password: {} }}",
            self.address,
            self.port,
            self.username(),
            self.password()
        );
    }
}

impl fmt::Debug for ProxyPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.expose().fmt(f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for ProxyPassword {
    fn format(&self, f: defmt::Formatter<'_>) {
        self.expose().format(f);
    }
}
