//! Simulated devices as backends in virtual time, for testing firmware without hardware. Needs the
//! feature `sim`.
//!
//! A [`World`] contains a Wi-Fi radio with access points around it, an Ethernet port with a cable,
//! a cellular modem with its network, and the server side behind them ([`ServerSide`]): name
//! resolution, proxy and server. Each device can also be used alone. Changes to the world are data,
//! applied at once ([`World::happen`]) or scheduled ([`World::at`]). A [`Fault`] between a device
//! and the manager is scripted or drawn from a seed ([`FaultRates`]). Nothing here reads a clock or
//! allocates, and the same seed and script give the same run on every target.
//!
//! ```
//! use lankeeper::sim::{AccessPoint, AirChange, World, run_for, run_until_state};
//! use lankeeper::{
//!     Cause, Config, Duration, Instant, InterfaceConfig, InterfaceId, Manager, Nic, State, WifiKey,
//!     WifiSettings,
//! };
//!
//! let home = WifiSettings::new(b"home", WifiKey::plaintext("correct horse")?)?;
//! let mut world: World = World::new(1);
//! let router = world.wifi.add(AccessPoint::new(home.clone()))?;
//! let config = Config::new(1, [InterfaceConfig::new(InterfaceId::WIFI)]);
//! let mut manager = Manager::new(&config)?;
//! manager.open(Instant::EPOCH, &Nic::builder("wl0").wifi(home).build()?)?;
//!
//! let connected = (InterfaceId::WIFI, State::Connected);
//! run_until_state(&mut manager, &mut world, connected, Duration::from_secs(30))?;
//! // The router restarts: the network disappears for a while, and the device reconnects.
//! world.happen(AirChange::Restarts(router, Duration::from_secs(90)));
//! run_for(&mut manager, &mut world, Duration::from_secs(80), |_, _| {})?;
//! assert_eq!(manager.reason(InterfaceId::WIFI).map(|reason| reason.cause), Some(Cause::NotFound));
//! run_until_state(&mut manager, &mut world, connected, Duration::from_secs(90))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Only the run functions advance virtual time. A loop of your own calls
//! [`Simulated::handle_timeout`] before [`Manager::poll`](crate::Manager::poll), and advances to
//! the earlier of [`Simulated::poll_at`] and [`Manager::poll_at`](crate::Manager::poll_at).

mod access_point;
mod air;
mod cellular;
pub mod code;
mod condition;
mod delays;
mod dhcp;
mod ethernet;
mod failures;
mod fault;
mod lan;
mod line;
mod memory;
mod protocol;
mod proxy;
mod random;
mod run;
mod schedule;
mod server;
mod server_change;
mod surroundings;
mod vault;
mod wifi;
mod world;

pub use access_point::AccessPoint;
pub use air::{AccessPointId, AirChange};
pub use cellular::CellularModem;
pub use condition::Condition;
pub use delays::{Delays, ServerDelays};
pub use dhcp::DhcpServer;
pub use ethernet::{CableChange, EthernetPort};
pub use fault::{Fault, FaultRates};
pub use lan::LanDatagram;
pub use proxy::HttpProxy;
pub use run::{
    RunError, poll_until, run_for, run_until, run_until_ended, run_until_server, run_until_state,
};
pub use schedule::CapacityError;
pub use server::ServerSide;
pub use server_change::ServerChange;
pub use surroundings::{CellularChange, Coverage, PppService, SimCard};
pub use vault::SealedBlob;
pub use wifi::WifiRadio;
pub use world::{Happening, World};

use crate::driver::Pair;
use crate::{Backend, Instant};

/// A backend in virtual time. The caller advances its clock.
pub trait Simulated: Backend {
    /// The current instant: the latest one that the caller has provided.
    fn now(&self) -> Instant;

    /// Advances the clock to `now` and does what is due. Call this before executing commands,
    /// because their delays start at this instant. An earlier instant than the current one does
    /// nothing.
    fn handle_timeout(&mut self, now: Instant);

    /// When to call [`handle_timeout`](Self::handle_timeout) next, unless a command comes first.
    fn poll_at(&self) -> Option<Instant>;
}

impl<A: Simulated, B: Simulated> Simulated for Pair<A, B> {
    fn now(&self) -> Instant {
        self.first.now().max(self.second.now())
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.first.handle_timeout(now);
        self.second.handle_timeout(now);
    }

    fn poll_at(&self) -> Option<Instant> {
        line::earliest(self.first.poll_at(), self.second.poll_at())
    }
}

/// How far the traffic of an interface would get, which the interface itself cannot know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "tests match on all four")]
pub enum Reach {
    /// Nowhere: there is no link or no address.
    Nothing,
    /// To a captive portal.
    Portal,
    /// To a firewall: names are resolved, and everything else needs a proxy.
    Firewall,
    /// To the Internet.
    Internet,
}
