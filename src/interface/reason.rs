//! Why an interface is stopped.

use core::fmt;

use super::Step;

/// Why an interface is stopped: finer than its state (IFC-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Reason {
    /// What went wrong, if anything did.
    pub cause: Cause,
    /// The step that it happened in; `None` where no step was under way.
    pub step: Option<Step>,
    /// The backend's own code, unchanged, where it reported one.
    pub code: Option<i32>,
}

/// What stopped an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Cause {
    /// The last holder closed it.
    Closed,
    /// It was disabled.
    Disabled,
    /// The step's answer did not come before its deadline.
    TimedOut,
    /// There is no Ethernet carrier.
    NoCarrier,
    /// The DHCP server refused, or its lease had no usable address.
    NoAddress,
    /// The driver failed.
    Fault,
}

impl Cause {
    const fn text(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Disabled => "disabled",
            Self::TimedOut => "timed out",
            Self::NoCarrier => "no carrier",
            Self::NoAddress => "no usable address",
            Self::Fault => "driver fault",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.cause.text())?;
        if let Some(code) = self.code {
            write!(f, " (code {code})")?;
        }
        Ok(())
    }
}
