//! What the core asks of a backend for one interface.

use super::Generation;
use crate::ipv4::IpConfig;

/// One thing to do on an interface (DRV-1).
///
/// Actions are to be executed in the order in which they come. Those with a [`Generation`] start
/// something whose events carry it, see [`Report`](super::Report); a failure of any is reported
/// as [`Report::Fault`](super::Report::Fault) (DRV-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Action {
    /// Power the interface up and report `Ready`. If it is up already, bring it back to how it is
    /// after power-up first.
    PowerUp(Generation),
    /// Watch the Ethernet carrier: report `CarrierUp` as soon as there is one, `CarrierDown` as
    /// soon as it is certain that there is none (a port that still negotiates is neither), and
    /// each change afterwards.
    StartLink(Generation),
    /// Get a lease anew and keep it renewed: report `Lease` for the first and for every renewed
    /// one, `LeaseRefused` when the server refuses, `LeaseLost` when a lease ran out.
    StartDhcp(Generation),
    /// Use this address; nothing is reported but a fault.
    SetAddress(Generation, IpConfig),
    /// End everything above power: the address, the DHCP client, the watch on the carrier.
    Stop,
    /// Power the interface down.
    PowerDown,
}
