//! The address of a proxy: a dotted quad, or the name of a host.

use core::fmt;
use core::net::Ipv4Addr;

use heapless::String;

use super::NicProblem;
use super::error::check_length;
use super::place::{put_text, same, wipe_text};
use super::quote::Quote;
use crate::ipv4::parse_dotted_quad;

/// The address of a proxy. Displays as it was given.
#[derive(Eq)]
#[expect(clippy::exhaustive_enums, reason = "a proxy has an address or a name")]
pub enum ProxyAddress {
    /// An IPv4 address.
    Ip(Ipv4Addr),
    /// A host name, which the backend resolves.
    Host(HostName),
}

/// A host name by RFC 1123 §2.1, at most 64 bytes.
///
/// Labels of 1 to 63 letters, digits, underscores and inner hyphens, separated by dots. The last label
/// is not all digits, so that no name looks like an address. A dot at the end is cut.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct HostName(String<64, u8>);

impl Clone for ProxyAddress {
    fn clone(&self) -> Self {
        let mut copy = Self::UNSPECIFIED;
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        match source {
            Self::Ip(address) => self.put_ip(*address),
            Self::Host(name) => self.put_host(name.as_str()),
        }
    }
}

impl ProxyAddress {
    pub(super) const UNSPECIFIED: Self = Self::Ip(Ipv4Addr::UNSPECIFIED);

    /// Stores what a text means: a dotted quad, or the name of a host.
    pub(super) fn set(&mut self, text: &str) -> Result<(), NicProblem> {
        if let Ok(address) = parse_dotted_quad(text) {
            self.put_ip(address);
            return Ok(());
        }
        match text.strip_suffix('.') {
            // It ends a name that is whole, and says nothing else.
            Some(name) if !name.is_empty() => self.set_host(name),
            _ => self.set_host(text),
        }
    }

    /// Checks a host name and writes it straight to where it is kept.
    pub(super) fn set_host(&mut self, text: &str) -> Result<(), NicProblem> {
        // First, because what is none may have a password in it, and its length tells that of it.
        if !text.is_empty() && !is_host_name(text.as_bytes()) {
            return Err(NicProblem::ProxyAddress(Quote::without_credentials(text)));
        }
        check_length(text.len(), 1, 64)?;
        self.put_host(text);
        Ok(())
    }

    // Not inlined, because the compiler then copies the whole `ProxyAddress`, with the unused bytes
    // of its longer variant. They may be left from a secret (SEC-2).
    pub(super) fn put_ip(&mut self, address: Ipv4Addr) {
        *self = Self::Ip(address);
    }

    /// Wipes every byte.
    pub(super) fn wipe(&mut self) {
        *self = Self::Host(HostName(String::new()));
        if let Self::Host(HostName(name)) = self {
            wipe_text(name);
        }
    }

    /// Stores a host name that is already checked.
    fn put_host(&mut self, text: &str) {
        *self = Self::Host(HostName(String::new()));
        if let Self::Host(HostName(name)) = self {
            put_text(name, text);
        }
    }
}

impl HostName {
    /// The name as it was given, without a dot at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for ProxyAddress {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Ip(address), Self::Ip(other)) => address == other,
            (Self::Host(HostName(name)), Self::Host(HostName(other))) => {
                same(name.as_bytes(), other.as_bytes())
            }
            (Self::Ip(_), Self::Host(_)) | (Self::Host(_), Self::Ip(_)) => false,
        }
    }
}

/// Whether the text is a host name by RFC 1123 §2.1, underscores allowed. Does not check its total
/// length.
fn is_host_name(text: &[u8]) -> bool {
    let mut last: &[u8] = &[];
    for label in text.split(|byte| *byte == b'.') {
        if !is_label(label) {
            return false;
        }
        last = label;
    }
    !last.iter().all(u8::is_ascii_digit)
}

fn is_label(label: &[u8]) -> bool {
    match label {
        [] | [b'-', ..] | [.., b'-'] => false,
        _ => {
            let mut bytes = label.iter();
            label.len() <= 63
                && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        }
    }
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
        match self {
            Self::Ip(address) => address.format(f),
            Self::Host(name) => defmt::write!(f, "{=str}", name.as_str()),
        }
    }
}
