//! The generation numbers that match events to commands.

/// The number of a command, by which its events are recognised (IFC-10). It is part of the ticket
/// that goes out with the command. The core ignores events of a command that is over.
///
/// The numbers of a device begin where [`Config::start`](crate::Config::start) says, and so do those of
/// handles, sockets and attempts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Generation(u32);

impl Generation {
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    pub(crate) const fn to_bits(self) -> u32 {
        self.0
    }

    /// The generation of the next command.
    pub(crate) const fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }
}
