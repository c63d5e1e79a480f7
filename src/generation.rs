//! How an event tells which command it belongs to.

/// Which command an event belongs to (IFC-10).
///
/// The core numbers its commands; a backend gives the number back with each event that the
/// command leads to, at once or much later. Events of a command that is over are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Generation(u32);

impl Generation {
    /// The generation with this number: for a backend that keeps its events elsewhere, behind a
    /// queue or a link.
    ///
    /// ```
    /// use lankeeper::Generation;
    ///
    /// let generation = Generation::from_bits(7);
    /// assert_eq!(Generation::from_bits(generation.to_bits()), generation);
    /// ```
    #[must_use]
    pub const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    /// The generation as a number.
    #[must_use]
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    /// The generation of the next command.
    pub(crate) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}
