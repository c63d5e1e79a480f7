//! The address of an access point.

use core::fmt;
use core::str::FromStr;

use super::wifi::BSSID;
use super::{NicError, NicProblem, Quote};

/// The address of an access point, its BSSID: six bytes, neither zero nor a group address (NIC-6).
///
/// ```
/// use lankeeper::nic::Bssid;
///
/// let bssid: Bssid = "02:00:5e:00:53:01".parse()?;
/// assert_eq!(bssid, Bssid::new([2, 0, 0x5e, 0, 0x53, 1])?);
/// assert_eq!(bssid.to_string(), "02:00:5e:00:53:01");
/// assert!(Bssid::new([0xff; 6]).is_err());
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bssid([u8; 6]);

impl Bssid {
    /// The access point with this address.
    ///
    /// # Errors
    ///
    /// [`NicProblem::NoAccessPoint`] for zero and for a group address, which no access point has.
    pub fn new(bytes: [u8; 6]) -> Result<Self, NicError> {
        Self::check(bytes).map_err(|problem| BSSID.error(problem))
    }

    /// The six bytes.
    #[must_use]
    pub const fn bytes(self) -> [u8; 6] {
        self.0
    }

    pub(super) fn check(bytes: [u8; 6]) -> Result<Self, NicProblem> {
        let [first, ..] = bytes;
        if bytes == [0; 6] || first & 1 == 1 {
            return Err(NicProblem::NoAccessPoint(bytes));
        }
        Ok(Self(bytes))
    }

    /// Reads six pairs of hexadecimal digits with colons or hyphens between them.
    pub(super) fn read(text: &str) -> Result<Self, NicProblem> {
        match six_octets(text.as_bytes()) {
            Some(bytes) => Self::check(bytes),
            None => Err(NicProblem::Bssid(Quote::new(text))),
        }
    }

    /// Reads six bytes.
    pub(crate) fn read_bytes(bytes: &[u8]) -> Result<Self, NicProblem> {
        match bytes.try_into() {
            Ok(bytes) => Self::check(bytes),
            Err(_) => Err(NicProblem::Length {
                found: bytes.len(),
                least: 6,
                most: 6,
            }),
        }
    }
}

fn six_octets(text: &[u8]) -> Option<[u8; 6]> {
    let [_, _, separator @ (b':' | b'-'), ..] = text else {
        return None;
    };
    let mut bytes = [0; 6];
    let mut rest = text;
    for (place, byte) in bytes.iter_mut().enumerate() {
        if place > 0 {
            rest = rest.strip_prefix(&[*separator])?;
        }
        let (pair, after) = rest.split_first_chunk()?;
        *byte = octet(pair)?;
        rest = after;
    }
    rest.is_empty().then_some(bytes)
}

/// A pair of hexadecimal digits.
fn octet(pair: &[u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    let value = high?.checked_mul(16)?.checked_add(low?)?;
    u8::try_from(value).ok()
}

/// Reads six pairs of hexadecimal digits with colons or hyphens between them.
impl FromStr for Bssid {
    type Err = NicError;

    fn from_str(text: &str) -> Result<Self, NicError> {
        Self::read(text).map_err(|problem| BSSID.error(problem))
    }
}

/// In lower case, with colons.
impl fmt::Display for Bssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Shown(self.0), f)
    }
}

/// Displays six bytes as an address, whether an access point can have it or not.
pub(super) struct Shown(pub(super) [u8; 6]);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = self.0;
        write!(f, "{first:02x}")?;
        rest.iter().try_for_each(|byte| write!(f, ":{byte:02x}"))
    }
}

impl fmt::Debug for Bssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Bssid {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}
