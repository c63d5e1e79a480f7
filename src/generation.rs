//! The generation numbers that match events to commands.

/// The number of a command, by which its events are recognised (IFC-10).
///
/// The core numbers its commands. The backend returns the number with every event that the command
/// causes, at once or much later. The core ignores events of a command that is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Generation(u32);

impl Generation {
    /// The generation with this number, for a backend that passes events through a queue or a link.
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
