//! The test bed: the backend, a clock, and what can be done to the world around the device.

use core::net::SocketAddrV4;

use crate::driver::Backend;
use crate::time::Instant;

/// A backend in a world that can be changed. The first three methods are needed; what a bed cannot do
/// to the world is skipped, and the verdicts say so.
///
/// The page [`guide::backend`](crate::guide::backend#conformance) shows one in ten lines.
pub trait Bed {
    /// The backend.
    type Backend: Backend;

    /// The backend. It is asked for anew for each call, so a backend that needs the time can get it
    /// here.
    fn backend(&mut self) -> &mut Self::Backend;

    /// The present instant.
    fn now(&mut self) -> Instant;

    /// Waits until `until`, or until something may have happened in the backend.
    fn wait(&mut self, until: Instant);

    /// Changes the world, and returns once that is done. Returns false if this bed cannot do it.
    fn change(&mut self, change: Change) -> bool {
        let _ = change;
        false
    }

    /// How much the world has seen so far from the device; `None` if this bed does not see that.
    fn count(&mut self, traffic: Traffic) -> Option<u32> {
        let _ = traffic;
        None
    }
}

/// A change to the world around a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Change {
    /// The Ethernet cable is plugged in, or pulled.
    Cable(bool),
    /// The access point of [`Plan::network`](super::Plan::network) is switched on, or off.
    AccessPoint(bool),
    /// There is a cellular network, or none.
    Coverage(bool),
    /// The SIM is there, or pulled.
    Sim(bool),
    /// The network ends the cellular session, once.
    SessionEnds,
    /// The device works, or fails: its driver reports faults, or it hangs.
    Device(bool),
    /// How the DHCP server of the LAN behaves.
    Dhcp(Service),
    /// How the server behaves towards those who connect.
    Server(Service),
    /// The server closes its connections as a program does that ends: a FIN, and not a word. Another
    /// one can be made.
    ServerHangsUp,
    /// The server resets its connections. Another one can be made.
    ServerResets,
    /// A neighbour sends a datagram to this address and port of the device, with the payload
    /// [`payload`](super::payload) of this length, at most 64.
    Datagram(SocketAddrV4, usize),
    /// Settings can be stored, or not.
    Storage(bool),
}

/// How a service of the world behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "a service works, refuses, or does not answer"
)]
pub enum Service {
    /// It works.
    Works,
    /// It refuses.
    Refuses,
    /// It does not answer.
    IsSilent,
}

/// What the world sees of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Traffic {
    /// Everything that the device has sent, in frames.
    Frames,
    /// The datagrams that it has sent from [`Plan::port`](super::Plan::port).
    Datagrams,
}
