//! Sets of stored settings.

use core::fmt;
use core::ops::{BitOr, BitOrAssign, Not};

/// A set of stored settings, for example those to clear (CFG-5).
///
/// ```
/// use lankeeper::stored::StoredParts;
///
/// let network = StoredParts::WIFI | StoredParts::STATIC;
/// assert!(StoredParts::all().contains(network));
/// assert_eq!(!network, StoredParts::PROXY);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct StoredParts(u8);

impl StoredParts {
    /// The Wi-Fi network.
    pub const WIFI: Self = Self(1);
    /// The static address.
    pub const STATIC: Self = Self(2);
    /// The proxy.
    pub const PROXY: Self = Self(4);

    const NAMES: [(Self, &'static str); 3] = [
        (Self::WIFI, "WIFI"),
        (Self::STATIC, "STATIC"),
        (Self::PROXY, "PROXY"),
    ];

    /// None of them.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    ///
    /// assert_eq!(StoredParts::empty(), StoredParts::default());
    /// ```
    #[must_use]
    pub const fn empty() -> Self {
        Self(0)
    }

    /// All of them.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    ///
    /// assert_eq!(StoredParts::all(), !StoredParts::empty());
    /// ```
    #[must_use]
    pub const fn all() -> Self {
        Self::WIFI.union(Self::STATIC).union(Self::PROXY)
    }

    /// The set as a number: 1 for the network, 2 for the address and 4 for the proxy, added up.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    ///
    /// assert_eq!((StoredParts::WIFI | StoredParts::PROXY).bits(), 5);
    /// ```
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The set with this number; `None` above 7.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    ///
    /// assert_eq!(StoredParts::from_bits(2), Some(StoredParts::STATIC));
    /// assert_eq!(StoredParts::from_bits(8), None);
    /// ```
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        if bits > Self::all().0 {
            return None;
        }
        Some(Self(bits))
    }

    /// The set with this number; what it has above 7 is left out.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    ///
    /// assert_eq!(StoredParts::from_bits_truncate(8 + 2), StoredParts::STATIC);
    /// ```
    #[must_use]
    pub const fn from_bits_truncate(bits: u8) -> Self {
        Self(bits & Self::all().0)
    }

    /// Whether none is in the set.
    ///
    /// ```
    /// use lankeeper::stored::{StoredParts, StoredSettings};
    ///
    /// assert!(StoredSettings::default().parts().is_empty());
    /// assert!(!StoredParts::WIFI.is_empty());
    /// ```
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are in the set.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    ///
    /// let network = StoredParts::WIFI | StoredParts::STATIC;
    /// assert!(network.contains(StoredParts::WIFI));
    /// assert!(!network.contains(StoredParts::all()));
    /// ```
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether one of `other` is in the set.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    ///
    /// assert!(StoredParts::WIFI.intersects(StoredParts::all()));
    /// assert!(!StoredParts::WIFI.intersects(StoredParts::PROXY));
    /// ```
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Those of both sets, as `|` for constants.
    ///
    /// ```
    /// use lankeeper::stored::StoredParts;
    ///
    /// const NETWORK: StoredParts = StoredParts::WIFI.union(StoredParts::STATIC);
    /// assert_eq!(NETWORK, StoredParts::WIFI | StoredParts::STATIC);
    /// ```
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Those of both sets.
impl BitOr for StoredParts {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

/// Adds those of another set.
impl BitOrAssign for StoredParts {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.union(other);
    }
}

/// Those that are not in the set.
impl Not for StoredParts {
    type Output = Self;

    fn not(self) -> Self {
        Self::from_bits_truncate(!self.0)
    }
}

/// The names with `|` between them, as `StoredParts(WIFI | PROXY)`.
impl fmt::Debug for StoredParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredParts(")?;
        let mut between = "";
        for (part, name) in Self::NAMES {
            if self.contains(part) {
                write!(f, "{between}{name}")?;
                between = " | ";
            }
        }
        f.write_str(")")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for StoredParts {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "StoredParts({=u8:b})", self.0);
    }
}
