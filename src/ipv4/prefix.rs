//! An IPv4 address with its prefix length.

use core::fmt;
use core::net::Ipv4Addr;
use core::str::FromStr;

use super::{DottedQuadError, parse_dotted_quad};

/// An IPv4 address and its prefix length, 0 to 32, as `192.168.1.7/24`.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::Prefix;
///
/// let own = Prefix::new(Ipv4Addr::new(192, 168, 1, 7), 24)?;
/// assert_eq!(own, "192.168.1.7/24".parse()?);
/// assert_eq!(own.network(), Ipv4Addr::new(192, 168, 1, 0));
/// assert_eq!(own.broadcast(), Some(Ipv4Addr::new(192, 168, 1, 255)));
/// assert!(own.contains(Ipv4Addr::new(192, 168, 1, 200)));
/// assert!(!own.contains(Ipv4Addr::new(192, 168, 2, 1)));
/// # Ok::<(), lankeeper::ipv4::PrefixError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Prefix {
    address: Ipv4Addr,
    /// 0 to 32.
    length: u8,
}

/// Why a prefix length, a mask or a text is not a valid [`Prefix`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PrefixError {
    /// The length is above 32.
    #[error("prefix length {0}, at most 32")]
    Length(u8),
    /// The ones of the mask are not contiguous from the left.
    #[error("mask {0} has holes")]
    Holes(Ipv4Addr),
    /// The text before the slash, or all of a text without one, is not a strict dotted quad.
    #[error("address: {0}")]
    Address(DottedQuadError),
    /// The text after the slash is not a number of one or two digits, or there is no slash.
    #[error("no prefix length, allowed is 0 to 32 without leading zeros, as 192.168.1.7/24")]
    LengthText,
}

impl Prefix {
    /// The prefix of `address` with a length of 0 to 32 bits.
    ///
    /// # Errors
    ///
    /// [`PrefixError::Length`] above 32.
    pub const fn new(address: Ipv4Addr, length: u8) -> Result<Self, PrefixError> {
        if length > 32 {
            return Err(PrefixError::Length(length));
        }
        Ok(Self { address, length })
    }

    /// The same for a length that is already checked.
    pub(super) const fn of(address: Ipv4Addr, length: u8) -> Self {
        Self { address, length }
    }

    /// The prefix of a single address, with length 32.
    #[must_use]
    pub const fn host(address: Ipv4Addr) -> Self {
        Self {
            address,
            length: 32,
        }
    }

    /// The prefix of `address` under a mask such as 255.255.255.0.
    ///
    /// # Errors
    ///
    /// [`PrefixError::Holes`] if the mask's ones are not contiguous from the left.
    ///
    /// ```
    /// use core::net::Ipv4Addr;
    /// use lankeeper::Prefix;
    ///
    /// let address = Ipv4Addr::new(10, 0, 0, 1);
    /// assert_eq!(Prefix::from_mask(address, Ipv4Addr::new(255, 240, 0, 0))?.length(), 12);
    /// assert!(Prefix::from_mask(address, Ipv4Addr::new(255, 0, 255, 0)).is_err());
    /// # Ok::<(), lankeeper::ipv4::PrefixError>(())
    /// ```
    pub const fn from_mask(address: Ipv4Addr, mask: Ipv4Addr) -> Result<Self, PrefixError> {
        #[expect(clippy::as_conversions, reason = "at most 32, and `From` is not const")]
        let length = mask.to_bits().leading_ones() as u8;
        if mask_bits(length) == mask.to_bits() {
            return Ok(Self { address, length });
        }
        Err(PrefixError::Holes(mask))
    }

    /// The address, including its host part.
    #[must_use]
    pub const fn address(self) -> Ipv4Addr {
        self.address
    }

    /// The prefix length, 0 to 32.
    #[must_use]
    pub const fn length(self) -> u8 {
        self.length
    }

    /// The subnet mask, as 255.255.255.0.
    #[must_use]
    pub const fn mask(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(mask_bits(self.length))
    }

    /// The network address, the first of the subnet.
    #[must_use]
    pub const fn network(self) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.address.to_bits() & mask_bits(self.length))
    }

    /// The broadcast address, the last of the subnet (RFC 919). `None` for a length of 31 or 32:
    /// such a subnet has hosts only (RFC 3021).
    ///
    /// ```
    /// use lankeeper::Prefix;
    ///
    /// let link: Prefix = "10.0.0.2/31".parse()?;
    /// assert_eq!(link.broadcast(), None);
    /// assert!(link.has_host("10.0.0.2".parse()?) && link.has_host("10.0.0.3".parse()?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn broadcast(self) -> Option<Ipv4Addr> {
        if self.has_hosts_only() {
            return None;
        }
        let last = self.address.to_bits() | !mask_bits(self.length);
        Some(Ipv4Addr::from_bits(last))
    }

    /// Whether `other` is in the subnet.
    #[must_use]
    pub const fn contains(self, other: Ipv4Addr) -> bool {
        (self.address.to_bits() ^ other.to_bits()) & mask_bits(self.length) == 0
    }

    /// Whether `other` can be a host of the subnet: in it, and neither its network nor its
    /// broadcast address. Both addresses of a /31 are hosts, and so is the one of a /32 (RFC 3021).
    #[must_use]
    pub const fn has_host(self, other: Ipv4Addr) -> bool {
        self.contains(other) && !self.is_edge(other)
    }

    /// Whether `other` is the network or the broadcast address of the subnet.
    pub(super) const fn is_edge(self, other: Ipv4Addr) -> bool {
        let host_bits = !mask_bits(self.length);
        let network = self.address.to_bits() & !host_bits;
        let bits = other.to_bits();
        !self.has_hosts_only() && (bits == network || bits == network | host_bits)
    }

    /// Whether no address is set apart as that of the network or for broadcasts (RFC 3021).
    const fn has_hosts_only(self) -> bool {
        self.length >= 31
    }
}

const fn mask_bits(length: u8) -> u32 {
    // `checked_shr`, because length 32 would shift by the width of the type.
    #[expect(clippy::as_conversions, reason = "widening, and `From` is not const")]
    match u32::MAX.checked_shr(length as u32) {
        Some(host_bits) => !host_bits,
        None => u32::MAX,
    }
}

/// The length in text: one or two digits, no leading zero before another digit.
fn read_length(text: &str) -> Option<u8> {
    let digit = |character: &u8| character.wrapping_sub(b'0');
    match text.as_bytes() {
        [ones @ b'0'..=b'9'] => Some(digit(ones)),
        [tens @ b'1'..=b'9', ones @ b'0'..=b'9'] => {
            // At most 99.
            Some(digit(tens).wrapping_mul(10).wrapping_add(digit(ones)))
        }
        _ => None,
    }
}

/// Reads exactly what `Display` writes: a strict dotted quad (UDP-3), a slash and a length of 0 to
/// 32 without leading zeros.
///
/// ```
/// use lankeeper::ipv4::PrefixError;
/// use lankeeper::Prefix;
///
/// let own: Prefix = "192.168.1.7/24".parse()?;
/// assert_eq!(own.to_string(), "192.168.1.7/24");
/// assert_eq!("192.168.1.7/33".parse::<Prefix>(), Err(PrefixError::Length(33)));
/// assert_eq!("192.168.1.7/08".parse::<Prefix>(), Err(PrefixError::LengthText));
/// assert_eq!("192.168.1.7".parse::<Prefix>(), Err(PrefixError::LengthText));
/// assert!(matches!("192.168.01.7/24".parse::<Prefix>(), Err(PrefixError::Address(_))));
/// # Ok::<(), PrefixError>(())
/// ```
impl FromStr for Prefix {
    type Err = PrefixError;

    /// # Errors
    ///
    /// The first part that is not allowed: [`PrefixError::Address`], [`PrefixError::LengthText`] or
    /// [`PrefixError::Length`].
    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let (address, length) = text.split_once('/').unwrap_or((text, ""));
        let address = parse_dotted_quad(address).map_err(PrefixError::Address)?;
        let length = read_length(length).ok_or(PrefixError::LengthText)?;
        Self::new(address, length)
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Prefix {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}/{=u8}", self.address, self.length);
    }
}

#[cfg(feature = "ipnet")]
impl From<Prefix> for ipnet::Ipv4Net {
    fn from(prefix: Prefix) -> Self {
        // The length is at most 32; the fallback only keeps the function total.
        Self::new(prefix.address, prefix.length).unwrap_or_else(|_| Self::from(prefix.address))
    }
}

#[cfg(feature = "ipnet")]
impl From<ipnet::Ipv4Net> for Prefix {
    fn from(net: ipnet::Ipv4Net) -> Self {
        Self {
            address: net.addr(),
            length: net.prefix_len(),
        }
    }
}
