//! What an application holds an open interface by, and what can be wrong with opening one.

use crate::nic::{InterfaceId, InterfaceName};
use crate::slots::Key;

/// An opened interface. Once closed, or closed under its owner, it is an error to use it, and
/// never another interface (OPEN-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Handle(pub(super) Key);

/// Why an interface was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OpenError {
    /// No present interface has that name (OPEN-2).
    #[error("{0}: no such interface is present")]
    Absent(InterfaceName),
    /// The interface is disabled (OPEN-2).
    #[error("{0}: the interface is disabled")]
    Disabled(InterfaceName),
    /// The interface is in use and the NIC carries settings (OPEN-3).
    #[error("cannot reconfigure interface when active")]
    Active,
    /// Every handle is in use.
    #[error("no free handle, at most {0}")]
    TooMany(usize),
}

/// No such interface is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("{0}: no such interface is present")]
#[non_exhaustive]
pub struct AbsentError(pub InterfaceId);

/// The handle's interface was closed (OPEN-6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("the interface was closed")]
#[non_exhaustive]
pub struct StaleHandleError;
