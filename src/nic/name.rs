//! Names of interfaces: the medium, the interface, and the text that identifies one.

use core::fmt;
use core::num::NonZero;
use core::str::FromStr;

/// The kind of link of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "the specification knows three media"
)]
pub enum Medium {
    /// Wi-Fi, named `wifi` or `wl<n>`.
    Wifi,
    /// Ethernet, named `ethernet` or `eth<n>`.
    Ethernet,
    /// Cellular, named `cell` or `cell<n>`.
    Cellular,
}

impl Medium {
    pub(super) const ALL: [Self; 3] = [Self::Wifi, Self::Ethernet, Self::Cellular];

    /// The generic name, which means the lowest-numbered present interface (NIC-2).
    #[must_use]
    pub const fn generic_name(self) -> &'static str {
        match self {
            Self::Wifi => "wifi",
            Self::Ethernet => "ethernet",
            Self::Cellular => "cell",
        }
    }

    /// The prefix before the number of a specific name.
    const fn stem(self) -> &'static str {
        match self {
            Self::Wifi => "wl",
            Self::Ethernet => "eth",
            Self::Cellular => "cell",
        }
    }

    /// The specific names, indexed by number.
    const fn specific_names(self) -> &'static [&'static str; 10] {
        match self {
            Self::Wifi => &[
                "wl0", "wl1", "wl2", "wl3", "wl4", "wl5", "wl6", "wl7", "wl8", "wl9",
            ],
            Self::Ethernet => &[
                "eth0", "eth1", "eth2", "eth3", "eth4", "eth5", "eth6", "eth7", "eth8", "eth9",
            ],
            Self::Cellular => &[
                "cell0", "cell1", "cell2", "cell3", "cell4", "cell5", "cell6", "cell7", "cell8",
                "cell9",
            ],
        }
    }
}

impl fmt::Display for Medium {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wifi => "Wi-Fi",
            Self::Ethernet => "Ethernet",
            Self::Cellular => "cellular",
        })
    }
}

/// One interface of the device: a medium and a number from 0 to 9 (NIC-1).
///
/// ```
/// use lankeeper::{InterfaceId, Medium};
///
/// let id = InterfaceId::new(Medium::Ethernet, 0)?;
/// assert_eq!(id.to_string(), "eth0");
/// assert_eq!("eth0".parse(), Ok(id));
/// assert!(InterfaceId::new(Medium::Ethernet, 10).is_err());
/// # Ok::<(), lankeeper::nic::NameError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InterfaceId(
    /// Medium and number in one byte, which compares in one instruction: 16 × the medium (Wi-Fi 0,
    /// Ethernet 1, cellular 2) + the number + 1. Never 0, so that an `Option` takes one byte too.
    NonZero<u8>,
);

impl InterfaceId {
    /// The first Wi-Fi interface, `wl0`.
    pub const WIFI: Self = Self::coded(Medium::Wifi, 0);
    /// The first Ethernet interface, `eth0`.
    pub const ETHERNET: Self = Self::coded(Medium::Ethernet, 0);
    /// The first cellular interface, `cell0`.
    pub const CELLULAR: Self = Self::coded(Medium::Cellular, 0);

    /// The highest number of an interface.
    pub(crate) const HIGHEST_NUMBER: u8 = 9;

    /// The interface with this medium and number, 0 to 9.
    ///
    /// # Errors
    ///
    /// [`NameError`] for a number above 9.
    pub const fn new(medium: Medium, number: u8) -> Result<Self, NameError> {
        if number > Self::HIGHEST_NUMBER {
            return Err(NameError);
        }
        Ok(Self::coded(medium, number))
    }

    const fn coded(medium: Medium, number: u8) -> Self {
        let of_medium: u8 = match medium {
            Medium::Wifi => 0,
            Medium::Ethernet => 16,
            Medium::Cellular => 32,
        };
        Self(NonZero::<u8>::MIN.saturating_add(of_medium.saturating_add(number)))
    }

    /// The medium.
    #[must_use]
    pub const fn medium(self) -> Medium {
        match self.0.get() >> 4 {
            0 => Medium::Wifi,
            1 => Medium::Ethernet,
            2.. => Medium::Cellular,
        }
    }

    /// A number that identifies the interface, 1 and above.
    pub(crate) fn ordinal(self) -> u32 {
        self.to_bits().into()
    }

    /// The byte that identifies the interface, 1 and above.
    pub(crate) const fn to_bits(self) -> u8 {
        self.0.get()
    }

    /// The interface that this byte identifies, if there is one.
    pub(crate) fn from_bits(bits: u8) -> Option<Self> {
        let id = Self(NonZero::new(bits)?);
        (bits <= Self::coded(Medium::Cellular, Self::HIGHEST_NUMBER).to_bits()
            && id.number() <= Self::HIGHEST_NUMBER)
            .then_some(id)
    }

    /// The number among the interfaces of the medium, 0 to 9.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0.get().saturating_sub(1) & 15
    }

    /// The specific name.
    fn as_str(self) -> &'static str {
        let names = self.medium().specific_names();
        // Every number has a name; the fallback only keeps the function total.
        names
            .get(usize::from(self.number()))
            .unwrap_or(&self.medium().stem())
    }
}

/// Reads the names that mean one interface whatever is present: what `Display` writes, and `wl0i`,
/// which means `wl0` (NIC-1). [`InterfaceName`] also reads the generic names.
///
/// ```
/// use lankeeper::nic::InterfaceIdError;
/// use lankeeper::InterfaceId;
///
/// assert_eq!("wl0".parse(), Ok(InterfaceId::WIFI));
/// assert_eq!("wl0i".parse(), Ok(InterfaceId::WIFI));
/// assert_eq!("wifi".parse::<InterfaceId>(), Err(InterfaceIdError::Generic));
/// assert_eq!("wlan0".parse::<InterfaceId>(), Err(InterfaceIdError::Unknown));
/// ```
impl FromStr for InterfaceId {
    type Err = InterfaceIdError;

    fn from_str(text: &str) -> Result<Self, InterfaceIdError> {
        match read(text) {
            None => Err(InterfaceIdError::Unknown),
            Some(name) if name.is_generic() => Err(InterfaceIdError::Generic),
            Some(name) => Ok(name.id),
        }
    }
}

/// Why a text does not name one interface (NIC-1, NIC-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InterfaceIdError {
    /// It is `wifi`, `ethernet` or `cell`, which means another interface where others are present.
    #[error(
        "a name for any interface of a medium, allowed are wl0 to wl9, eth0 to eth9, cell0 to cell9"
    )]
    Generic,
    /// It is no interface name, or the number is above 9.
    #[error("not an interface, allowed are wl0 to wl9, eth0 to eth9, cell0 to cell9")]
    Unknown,
}

impl fmt::Display for InterfaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for InterfaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for InterfaceId {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.as_str());
    }
}

/// A network interface identifier: the text as given, and the interface that it names (NIC-1,
/// NIC-3).
///
/// ```
/// use lankeeper::nic::InterfaceName;
/// use lankeeper::InterfaceId;
///
/// let name: InterfaceName = "ethernet".parse()?;
/// assert_eq!(name.as_str(), "ethernet");
/// assert_eq!(name.resolve([InterfaceId::WIFI, InterfaceId::ETHERNET]), Some(InterfaceId::ETHERNET));
/// assert!("eth10".parse::<InterfaceName>().is_err());
/// # Ok::<(), lankeeper::nic::NameError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct InterfaceName {
    form: Form,
    /// The interface that is named; for a generic name, number 0 of the medium.
    id: InterfaceId,
}

/// How a name identifies its interface.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Form {
    /// The lowest-numbered present interface of the medium.
    Generic,
    Specific,
    /// An alias of `wl0`.
    Wl0i,
}

/// The text does not name an interface, or the number is above 9 (NIC-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error(
    "not an interface name, allowed are wifi, ethernet, cell, wl0 to wl9, eth0 to eth9, cell0 to cell9"
)]
#[non_exhaustive]
pub struct NameError;

impl InterfaceName {
    pub(super) const WIFI: Self = Self::generic(Medium::Wifi);

    const fn generic(medium: Medium) -> Self {
        Self {
            form: Form::Generic,
            id: InterfaceId::coded(medium, 0),
        }
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self.form {
            Form::Generic => self.medium().generic_name(),
            Form::Specific => self.id.as_str(),
            Form::Wl0i => "wl0i",
        }
    }

    /// The medium that is named.
    #[must_use]
    pub const fn medium(&self) -> Medium {
        self.id.medium()
    }

    /// The interface that the name means among those `present`: for a generic name the
    /// lowest-numbered one of the medium (NIC-2). `None` if there is none.
    pub fn resolve(&self, present: impl IntoIterator<Item = InterfaceId>) -> Option<InterfaceId> {
        present.into_iter().filter(|id| self.means(*id)).min()
    }

    /// Whether both names mean the same interface among those `present`. If neither is present,
    /// whether they are equivalent, as `wl0` and `wl0i`.
    pub(super) fn means_same_as(
        &self,
        other: &Self,
        present: impl IntoIterator<Item = InterfaceId> + Clone,
    ) -> bool {
        match (self.resolve(present.clone()), other.resolve(present)) {
            (None, None) => self.is_generic() == other.is_generic() && self.id == other.id,
            (mine, theirs) => mine == theirs,
        }
    }

    fn means(&self, id: InterfaceId) -> bool {
        id == self.id || self.is_generic() && id.medium() == self.medium()
    }

    /// Whether the name leaves open which interface of the medium is meant.
    fn is_generic(&self) -> bool {
        self.form == Form::Generic
    }
}

/// The specific name of an interface.
impl From<InterfaceId> for InterfaceName {
    fn from(id: InterfaceId) -> Self {
        Self {
            form: Form::Specific,
            id,
        }
    }
}

impl FromStr for InterfaceName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        read(text).ok_or(NameError)
    }
}

fn read(text: &str) -> Option<InterfaceName> {
    if text == "wl0i" {
        let (form, id) = (Form::Wl0i, InterfaceId::WIFI);
        return Some(InterfaceName { form, id });
    }
    let (digit, stem) = text.as_bytes().split_last()?;
    for medium in &Medium::ALL {
        if text == medium.generic_name() {
            return Some(InterfaceName::generic(*medium));
        }
        if stem == medium.stem().as_bytes() {
            let id = InterfaceId::new(*medium, digit.wrapping_sub(b'0')).ok()?;
            return Some(id.into());
        }
    }
    None
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for InterfaceName {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.as_str());
    }
}
