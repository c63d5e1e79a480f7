//! What the manager can ask of each kind of device, and what the device can report.

use core::fmt::Debug;
use core::net::Ipv4Addr;

use super::code;
use super::delays::{Delays, ServerDelays};
use crate::connect::ServerStep;
use crate::interface::Step;
use crate::{
    Duration, Event, InterfaceId, Lease, Medium, Report, ServerReport, ServerTicket, Ticket,
};

/// The reports of one kind of device, and what its [`Line`](super::line::Line) needs to know about
/// them.
pub(super) trait Protocol: Copy + Debug + 'static {
    /// Identifies a device of this kind.
    type DeviceId: Copy + Debug;
    /// Which command a report belongs to.
    type Ticket: Copy + Debug;
    /// A step that the device can perform.
    type Operation: Copy + Debug;
    /// The time that each step takes.
    type Latencies: Clone + Debug + Default;

    fn delay(delays: &Self::Latencies, step: Self::Operation) -> Duration;

    /// Whether the report can result from this step.
    fn belongs_to(&self, step: Self::Operation) -> bool;

    /// The report of a failed driver.
    fn fault(code: i32) -> Self;

    /// Every report that the device can send.
    fn all(device: Self::DeviceId) -> &'static [Self];

    fn event(ticket: Self::Ticket, report: Self) -> Event;
}

impl Protocol for Report {
    type DeviceId = InterfaceId;
    type Ticket = Ticket;
    type Operation = Step;
    type Latencies = Delays;

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

    fn event(ticket: Ticket, report: Self) -> Event {
        ticket.report(report)
    }
}

impl Protocol for ServerReport {
    type DeviceId = ();
    type Ticket = ServerTicket;
    type Operation = ServerStep;
    type Latencies = ServerDelays;

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

    fn event(ticket: ServerTicket, report: Self) -> Event {
        ticket.report(report)
    }
}

const CODE: i32 = code::RANDOM_FAULT;
const LEASE: Lease = Lease::new(Ipv4Addr::new(10, 9, 8, 7), 24);
