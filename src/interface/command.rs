//! What the core asks of a backend for one interface.

use crate::generation::Generation;
use crate::ipv4::IpConfig;
use crate::nic::WifiSettings;

/// One thing to do on an interface (DRV-1).
///
/// Actions are to be executed in the order in which they come. Those with a [`Generation`] start
/// something whose reports carry it, see [`Report`](super::Report); a failure of one is reported
/// as [`Report::Fault`](super::Report::Fault) of that generation (DRV-3). `Stop` and `PowerDown`
/// have none: what cannot be ended shows when it is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Action<'a> {
    /// Power the interface up and report `Ready`. If it is up already, bring it back to how it is
    /// after power-up first. A radio on which somebody begins Wi-Fi Protected Setup reports
    /// `WpsStarted`, at any later time too.
    PowerUp(Generation),
    /// Look for this network: report `NetworkFound` or `NetworkNotFound`.
    Scan(Generation, &'a WifiSettings),
    /// Join this network: report `Joined`, `WrongKey` or `JoinRejected`, and `LinkLost` when it is
    /// lost afterwards.
    Join(Generation, &'a WifiSettings),
    /// Go on with the Wi-Fi Protected Setup that was begun: report as for `Join`.
    Wps(Generation),
    /// Watch the Ethernet carrier: report `CarrierUp` as soon as there is one, `CarrierDown` as
    /// soon as it is certain that there is none (a port that still negotiates is neither), and
    /// each change afterwards. A lost carrier ends lease and address: no command says so.
    StartLink(Generation),
    /// Get a lease anew and keep it renewed: report `Lease` for the first and for every renewed
    /// one (those that changed nothing may be left out), `LeaseRefused` when the server refuses,
    /// `LeaseLost` when a lease ran out.
    StartDhcp(Generation),
    /// Use this address; nothing is reported but a fault.
    SetAddress(Generation, IpConfig),
    /// Ask the modem for a sign of life: report `ModemAlive`.
    PingModem(Generation),
    /// Read the SIM: report `SimReady` or `SimFailed`, the latter at any later time too.
    ReadSim(Generation),
    /// Register with a network: report `Registered` or `RegistrationDenied`, and
    /// `RegistrationLost` or `RegistrationDenied` when that changes afterwards.
    Register(Generation),
    /// Dial up: report `PppUp` with the address, again when it changes, and `PppDown` when it
    /// fails or ends.
    Dial(Generation),
    /// End everything above power: address, DHCP client, association, watch on the carrier, PPP
    /// session, registration.
    Stop,
    /// Power the interface down.
    PowerDown,
}

impl Action<'_> {
    /// The generation that reports of the action carry; `None` for those that end something.
    ///
    /// A backend that does not know an action can answer it with
    /// [`Report::Fault`](super::Report::Fault) of this generation.
    #[must_use]
    pub const fn generation(&self) -> Option<Generation> {
        match self {
            Self::PowerUp(generation)
            | Self::Scan(generation, _)
            | Self::Join(generation, _)
            | Self::Wps(generation)
            | Self::StartLink(generation)
            | Self::StartDhcp(generation)
            | Self::SetAddress(generation, _)
            | Self::PingModem(generation)
            | Self::ReadSim(generation)
            | Self::Register(generation)
            | Self::Dial(generation) => Some(*generation),
            Self::Stop | Self::PowerDown => None,
        }
    }
}
