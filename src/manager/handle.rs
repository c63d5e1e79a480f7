//! What an application holds an open interface by.

use crate::slots::Key;

/// An opened interface. Once closed, or closed under its owner, it is an error to use it, and
/// never another interface (OPEN-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Handle(pub(super) Key);
