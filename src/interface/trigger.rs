//! What can happen to an interface, without its data.

use super::{Cause, Medium, Step};

/// The events of the transition tables: requests, reports of the backend, and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Trigger {
    /// Somebody wants it up now: a holder joined, or asked for another attempt.
    Start,
    /// Nobody wants it up any more.
    Stop,
    /// [`Report::Ready`](super::Report::Ready).
    Ready,
    /// [`Report::WpsStarted`](super::Report::WpsStarted).
    WpsStarted,
    /// [`Report::NetworkFound`](super::Report::NetworkFound).
    NetworkFound,
    /// [`Report::NetworkNotFound`](super::Report::NetworkNotFound).
    NetworkNotFound,
    /// [`Report::Joined`](super::Report::Joined).
    Joined,
    /// [`Report::WrongKey`](super::Report::WrongKey).
    WrongKey,
    /// [`Report::JoinRejected`](super::Report::JoinRejected).
    JoinRejected,
    /// [`Report::LinkLost`](super::Report::LinkLost).
    LinkLost,
    /// [`Report::CarrierUp`](super::Report::CarrierUp).
    CarrierUp,
    /// [`Report::CarrierDown`](super::Report::CarrierDown).
    CarrierDown,
    /// [`Report::Lease`](super::Report::Lease) with an address that can be used.
    Lease,
    /// [`Report::LeaseRefused`](super::Report::LeaseRefused), or a lease that cannot be used.
    LeaseRefused,
    /// [`Report::LeaseLost`](super::Report::LeaseLost).
    LeaseLost,
    /// [`Report::AddressConflict`](super::Report::AddressConflict).
    AddressConflict,
    /// [`Report::ModemAlive`](super::Report::ModemAlive).
    ModemAlive,
    /// [`Report::SimReady`](super::Report::SimReady).
    SimReady,
    /// [`Report::SimFailed`](super::Report::SimFailed).
    SimFailed,
    /// [`Report::Registered`](super::Report::Registered).
    Registered,
    /// [`Report::RegistrationDenied`](super::Report::RegistrationDenied).
    RegistrationDenied,
    /// [`Report::RegistrationLost`](super::Report::RegistrationLost).
    RegistrationLost,
    /// [`Report::PppUp`](super::Report::PppUp) with an address that can be used.
    PppUp,
    /// [`Report::PppDown`](super::Report::PppDown), or an address that cannot be used.
    PppDown,
    /// [`Report::Fault`](super::Report::Fault).
    Fault,
    /// The deadline of the step passed.
    DeadlinePassed,
    /// The back-off is over.
    RetryDue,
    /// CONNECTED has held long enough to trust it.
    Stable,
}

impl Trigger {
    /// Every trigger, in the order of the tables.
    pub const ALL: [Self; 28] = [
        Self::Start,
        Self::Stop,
        Self::Ready,
        Self::WpsStarted,
        Self::NetworkFound,
        Self::NetworkNotFound,
        Self::Joined,
        Self::WrongKey,
        Self::JoinRejected,
        Self::LinkLost,
        Self::CarrierUp,
        Self::CarrierDown,
        Self::Lease,
        Self::LeaseRefused,
        Self::LeaseLost,
        Self::AddressConflict,
        Self::ModemAlive,
        Self::SimReady,
        Self::SimFailed,
        Self::Registered,
        Self::RegistrationDenied,
        Self::RegistrationLost,
        Self::PppUp,
        Self::PppDown,
        Self::Fault,
        Self::DeadlinePassed,
        Self::RetryDue,
        Self::Stable,
    ];

    /// Whether it can happen to an interface of this medium.
    #[must_use]
    pub const fn is_of(self, medium: Medium) -> bool {
        match self {
            Self::Start
            | Self::Stop
            | Self::Ready
            | Self::Fault
            | Self::DeadlinePassed
            | Self::RetryDue
            | Self::Stable => true,
            Self::WpsStarted
            | Self::NetworkFound
            | Self::NetworkNotFound
            | Self::Joined
            | Self::WrongKey
            | Self::JoinRejected
            | Self::LinkLost => matches!(medium, Medium::Wifi),
            Self::CarrierUp | Self::CarrierDown => matches!(medium, Medium::Ethernet),
            Self::Lease | Self::LeaseRefused | Self::LeaseLost | Self::AddressConflict => {
                matches!(medium, Medium::Wifi | Medium::Ethernet)
            }
            Self::ModemAlive
            | Self::SimReady
            | Self::SimFailed
            | Self::Registered
            | Self::RegistrationDenied
            | Self::RegistrationLost
            | Self::PppUp
            | Self::PppDown => matches!(medium, Medium::Cellular),
        }
    }

    /// Whether this can be reported of a step.
    pub(super) const fn is_of_step(self, step: Step) -> bool {
        self.steps() & step.bit() != 0
    }

    /// The steps of which this can be reported, each at its bit.
    const fn steps(self) -> u16 {
        match self {
            Self::Ready | Self::WpsStarted => Step::Power.bit(),
            Self::NetworkFound => Step::Scan.bit(),
            Self::NetworkNotFound | Self::WrongKey => {
                Step::Scan.bit() | Step::Join.bit() | Step::Wps.bit()
            }
            Self::Joined | Self::JoinRejected | Self::LinkLost => {
                Step::Join.bit() | Step::Wps.bit()
            }
            Self::CarrierUp | Self::CarrierDown => Step::Link.bit(),
            Self::Lease | Self::LeaseRefused | Self::LeaseLost => Step::Dhcp.bit(),
            Self::AddressConflict => Step::Dhcp.bit() | Step::StaticAddress.bit(),
            Self::ModemAlive => Step::Modem.bit(),
            Self::SimReady | Self::SimFailed => Step::Sim.bit(),
            Self::Registered | Self::RegistrationDenied | Self::RegistrationLost => {
                Step::Registration.bit()
            }
            Self::PppUp | Self::PppDown => Step::Ppp.bit(),
            Self::Fault => u16::MAX,
            Self::Start | Self::Stop | Self::DeadlinePassed | Self::RetryDue | Self::Stable => 0,
        }
    }

    /// The loss of what carries an interface of this medium, where that can be lost for a moment
    /// (IFC-15).
    pub(super) const fn loss_of_link(medium: Medium) -> Self {
        match medium {
            Medium::Ethernet => Self::CarrierDown,
            Medium::Wifi | Medium::Cellular => Self::LinkLost,
        }
    }

    /// Why an interface stops or leaves CONNECTED because of this trigger.
    pub(super) const fn cause(self) -> Cause {
        match self {
            Self::Stop => Cause::Closed,
            Self::NetworkNotFound => Cause::NotFound,
            Self::WrongKey => Cause::WrongCredentials,
            Self::JoinRejected => Cause::Rejected,
            Self::LinkLost => Cause::LinkLost,
            Self::CarrierDown => Cause::NoCarrier,
            Self::LeaseRefused => Cause::NoAddress,
            Self::LeaseLost => Cause::LeaseLost,
            Self::AddressConflict => Cause::AddressConflict,
            Self::SimFailed => Cause::Sim,
            Self::RegistrationDenied => Cause::RegistrationDenied,
            Self::RegistrationLost => Cause::RegistrationLost,
            Self::PppDown => Cause::Ppp,
            Self::DeadlinePassed => Cause::TimedOut,
            Self::Start
            | Self::Ready
            | Self::WpsStarted
            | Self::NetworkFound
            | Self::Joined
            | Self::CarrierUp
            | Self::Lease
            | Self::ModemAlive
            | Self::SimReady
            | Self::Registered
            | Self::PppUp
            | Self::Fault
            | Self::RetryDue
            | Self::Stable => Cause::Fault,
        }
    }

    /// The index of the trigger in [`Trigger::ALL`].
    #[expect(
        clippy::as_conversions,
        reason = "a discriminant, and there are fewer than 32"
    )]
    pub(super) const fn index(self) -> u8 {
        self as u8
    }

    /// The bit of the trigger in a set of triggers.
    #[expect(
        clippy::as_conversions,
        reason = "a discriminant, and there are fewer than 32"
    )]
    pub(super) const fn bit(self) -> u32 {
        1_u32.wrapping_shl(self as u32)
    }
}
