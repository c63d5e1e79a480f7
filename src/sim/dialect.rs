//! What each kind of simulated device is asked to do, and what it reports.

use core::fmt::Debug;
use core::net::Ipv4Addr;

use super::code;
use super::delays::{Delays, ServerDelays};
use crate::connect::{ServerReport, ServerStep};
use crate::generation::Generation;
use crate::interface::{Lease, Report, Step};
use crate::manager::Event;
use crate::nic::{InterfaceId, Medium};
use crate::time::Duration;

/// The reports of a kind of device, and what its line to the manager has to know of them.
pub(super) trait Dialect: Copy + Debug + 'static {
    /// Which device of the kind.
    type Device: Copy + Debug;
    /// What the device can be asked to do.
    type Step: Copy + Debug;
    /// How long each of that takes.
    type Delays: Clone + Debug + Default;

    fn delay(delays: &Self::Delays, step: Self::Step) -> Duration;

    /// Whether a step can lead to it.
    fn belongs_to(&self, step: Self::Step) -> bool;

    /// The report of a driver that failed.
    fn fault(code: i32) -> Self;

    /// Everything that a device can report.
    fn all(device: Self::Device) -> &'static [Self];

    fn event(device: Self::Device, generation: Generation, report: Self) -> Event<'static>;
}

impl Dialect for Report {
    type Device = InterfaceId;
    type Step = Step;
    type Delays = Delays;

    fn delay(delays: &Delays, step: Step) -> Duration {
        delays.of(step)
    }

    fn belongs_to(&self, step: Step) -> bool {
        self.is_of(step)
    }

    fn fault(code: i32) -> Self {
        Self::Fault { code }
    }

    fn all(device: InterfaceId) -> &'static [Self] {
        match device.medium() {
            Medium::Wifi => &[
                Self::Ready,
                Self::WpsStarted,
                Self::NetworkFound,
                Self::NetworkNotFound { code: CODE },
                Self::Joined,
                Self::WrongKey { code: CODE },
                Self::JoinRejected { code: CODE },
                Self::LinkLost { code: CODE },
                Self::Lease(LEASE),
                Self::LeaseRefused { code: CODE },
                Self::LeaseLost,
                Self::Fault { code: CODE },
            ],
            Medium::Ethernet => &[
                Self::Ready,
                Self::CarrierUp,
                Self::CarrierDown,
                Self::Lease(LEASE),
                Self::LeaseRefused { code: CODE },
                Self::LeaseLost,
                Self::Fault { code: CODE },
            ],
            Medium::Cellular => &[
                Self::Ready,
                Self::ModemAlive,
                Self::SimReady,
                Self::SimFailed { code: CODE },
                Self::Registered,
                Self::RegistrationDenied { code: CODE },
                Self::RegistrationLost,
                Self::PppUp(LEASE),
                Self::PppDown { code: CODE },
                Self::Fault { code: CODE },
            ],
        }
    }

    fn event(interface: InterfaceId, generation: Generation, report: Self) -> Event<'static> {
        Event::Interface {
            interface,
            generation,
            report,
        }
    }
}

impl Dialect for ServerReport {
    type Device = ();
    type Step = ServerStep;
    type Delays = ServerDelays;

    fn delay(delays: &ServerDelays, step: ServerStep) -> Duration {
        delays.of(step)
    }

    fn belongs_to(&self, step: ServerStep) -> bool {
        self.is_of(step)
    }

    fn fault(code: i32) -> Self {
        Self::Fault { code }
    }

    fn all((): ()) -> &'static [Self] {
        &[
            Self::Resolved,
            Self::NotResolved { code: CODE },
            Self::ProxyReached,
            Self::ProxyUnreachable { code: CODE },
            Self::ProxyRefused { code: CODE },
            Self::Connected,
            Self::Unreachable { code: CODE },
            Self::NoConnectivity { code: CODE },
            Self::Lost { code: CODE },
            Self::SendTimedOut { code: CODE },
            Self::Flushed,
            Self::Fault { code: CODE },
        ]
    }

    fn event((): (), generation: Generation, report: Self) -> Event<'static> {
        Event::Server { generation, report }
    }
}

const CODE: i32 = code::RANDOM_FAULT;
const LEASE: Lease = Lease::new(Ipv4Addr::new(10, 9, 8, 7), 24);
