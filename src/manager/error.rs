//! What can be wrong with a request.

use crate::nic::{InterfaceId, InterfaceName};

/// Why an interface cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InterfaceError {
    /// No present interface has that name (OPEN-2).
    #[error("{0}: no such interface is present")]
    Absent(InterfaceName),
    /// The interface is disabled (OPEN-2).
    #[error("{0}: the interface is disabled")]
    Disabled(InterfaceName),
}

/// Why an interface was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OpenError {
    /// The interface is absent or disabled (OPEN-2).
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// The interface is in use and the NIC carries settings (OPEN-3).
    #[error("cannot reconfigure interface when active")]
    Active,
    /// Every handle is in use.
    #[error("no free handle, at most {0}")]
    TooMany(usize),
}

/// Why no attempt to connect was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConnectError {
    /// The policy is SuspendOnError, which connects by itself (CON-1).
    #[error("not under the policy SuspendOnError, allowed are the ReturnOnError policies")]
    Suspends,
    /// The interface is absent or disabled (OPEN-2).
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// Somebody has opened the interface, and the NIC carries other settings (OPEN-3).
    #[error("cannot reconfigure interface when active")]
    Active,
    /// No interface of the server order is enabled.
    #[error("no enabled interface in the server order")]
    NothingToTry,
}

/// Why a server order was not taken (CON-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OrderError {
    /// No such interface is present.
    #[error("{0}: no such interface is present")]
    Absent(InterfaceId),
    /// This interface is listed twice.
    #[error("{0}: listed twice")]
    Twice(InterfaceId),
}

/// There is no server connection, and none was begun (CON-16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error("not connected to the server")]
#[non_exhaustive]
pub struct NotConnectedError;

impl NotConnectedError {
    /// The public code: 1.
    #[must_use]
    pub const fn code(self) -> u8 {
        1
    }
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
