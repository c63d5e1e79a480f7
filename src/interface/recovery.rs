//! What becomes of an interface that was stopped by a failure (IFC-7).

use crate::back_off::BackOffConfig;

/// What happens when an interface is stopped by a failure (IFC-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "the specification knows these two")]
pub enum Recovery {
    /// It tries again after a back-off, for ever, while a local holder remains.
    Automatic(BackOffConfig),
    /// Stopped stays stopped until asked.
    Manual,
}

impl Default for Recovery {
    fn default() -> Self {
        Self::Automatic(BackOffConfig::default())
    }
}
