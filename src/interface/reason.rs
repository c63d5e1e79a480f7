//! Why an interface is stopped, or left CONNECTED.

use core::fmt;

use super::Step;

/// Why an interface is stopped, or why it left CONNECTED: finer than its state (IFC-4).
///
/// ```
/// use lankeeper::Cause;
///
/// assert!(Cause::NotFound.retry_is_sensible());
/// assert!(!Cause::WrongCredentials.retry_is_sensible());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct StopReason {
    /// What went wrong, if anything did.
    pub cause: Cause,
    /// The step that it happened in; `None` where no step was under way.
    pub step: Option<Step>,
    /// The backend's own code, unchanged, where it reported one.
    pub code: Option<i32>,
}

/// What stopped an interface, or took it out of CONNECTED.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Cause {
    /// The last holder closed it.
    Closed,
    /// It was disabled.
    Disabled,
    /// The server connection went to another interface or other settings, and with it this one
    /// (CON-6).
    Switched,
    /// The step's answer did not come before its deadline; of the carrier that is [`Self::NoCarrier`].
    TimedOut,
    /// The driver failed.
    Fault,
    /// There are no settings of a Wi-Fi network (OPEN-5).
    NoCredentials,
    /// The Wi-Fi network is not there.
    NotFound,
    /// The Wi-Fi network did not take the key, as far as can be told.
    WrongCredentials,
    /// The Wi-Fi network did not let the radio in.
    Rejected,
    /// The association with the Wi-Fi network was lost.
    LinkLost,
    /// There is no Ethernet carrier.
    NoCarrier,
    /// The DHCP server refused, or the address that was granted cannot be used.
    NoAddress,
    /// The lease ran out or was withdrawn.
    LeaseLost,
    /// Another device uses the address.
    AddressConflict,
    /// The SIM is missing, locked, broken or was pulled.
    Sim,
    /// The cellular network refused the registration.
    RegistrationDenied,
    /// The registration with the cellular network was lost.
    RegistrationLost,
    /// The PPP session failed or ended.
    Ppp,
}

impl Cause {
    /// Whether trying the same again may go better without anybody changing anything.
    ///
    /// Recovery does not ask: an access point that reboots may look like a wrong key, so what is
    /// not sensible is still tried, with a growing back-off.
    #[must_use]
    pub const fn retry_is_sensible(self) -> bool {
        match self {
            Self::Closed
            | Self::Disabled
            | Self::Switched
            | Self::NoCredentials
            | Self::WrongCredentials
            | Self::Sim
            | Self::RegistrationDenied => false,
            Self::TimedOut
            | Self::Fault
            | Self::NotFound
            | Self::Rejected
            | Self::LinkLost
            | Self::NoCarrier
            | Self::NoAddress
            | Self::LeaseLost
            | Self::AddressConflict
            | Self::RegistrationLost
            | Self::Ppp => true,
        }
    }

    /// Why an interface stops whose step has reached its deadline.
    pub(super) const fn of_deadline(step: Step) -> Self {
        // A carrier that does not come is none.
        if matches!(step, Step::Link) {
            Self::NoCarrier
        } else {
            Self::TimedOut
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Disabled => "disabled",
            Self::Switched => "switched",
            Self::TimedOut => "timed out",
            Self::Fault => "driver fault",
            Self::NoCredentials => "no credentials",
            Self::NotFound => "network not found",
            Self::WrongCredentials => "wrong credentials likely",
            Self::Rejected => "rejected",
            Self::LinkLost => "link lost",
            Self::NoCarrier => "no carrier",
            Self::NoAddress => "no usable address",
            Self::LeaseLost => "lease lost",
            Self::AddressConflict => "address conflict",
            Self::Sim => "SIM trouble",
            Self::RegistrationDenied => "registration denied",
            Self::RegistrationLost => "registration lost",
            Self::Ppp => "PPP down",
        }
    }
}

impl StopReason {
    /// A reason without a step or code.
    pub(super) const fn of(cause: Cause) -> Self {
        Self {
            cause,
            step: None,
            code: None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        match self.code {
            Some(code) => write!(f, " (code {code})"),
            None => Ok(()),
        }
    }
}
