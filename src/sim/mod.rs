//! Simulated devices as backends, in virtual time: for testing firmware without hardware.
//!
//! A [`World`] has a Wi-Fi radio with access points around it, an Ethernet port with a cable and a
//! cellular modem with its network, each of which can be used alone too, and what is behind them:
//! name resolution, proxy and server ([`ServerSide`]). What happens to them is data, at once
//! ([`World::happen`]) or later ([`World::at`]); what goes wrong between them and the manager
//! is a [`Fault`], scripted or drawn from a seed ([`FaultRates`]). Nothing here reads a clock or
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
//! let config = Config::new([InterfaceConfig::new(InterfaceId::WIFI)]);
//! let mut manager: Manager<1> = Manager::new(&config)?;
//! manager.open(Instant::EPOCH, &Nic::builder("wl0").wifi(home).build()?)?;
//!
//! let connected = (InterfaceId::WIFI, State::Connected);
//! run_until_state(&mut manager, &mut world, connected, Duration::from_secs(30))?;
//! // The router restarts: the network is gone for a while, and the device finds back.
//! world.happen(AirChange::Restarts(router, Duration::from_secs(90)));
//! run_for(&mut manager, &mut world, Duration::from_secs(80), |_, _| {})?;
//! assert_eq!(manager.reason(InterfaceId::WIFI).map(|reason| reason.cause), Some(Cause::NotFound));
//! run_until_state(&mut manager, &mut world, connected, Duration::from_secs(90))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Virtual time passes in the run functions only. A loop of one's own calls
//! [`Simulated::handle_timeout`] before [`drive`](crate::drive), and goes on at the earlier one of
//! [`Simulated::poll_at`] and [`Manager::poll_at`](crate::Manager::poll_at).

mod access_point;
mod agenda;
mod air;
mod cellular;
pub mod code;
mod condition;
mod delays;
mod dhcp;
mod dialect;
mod ethernet;
mod fault;
mod line;
mod memory;
mod proxy;
mod random;
mod run;
mod server;
mod server_change;
mod surroundings;
mod vault;
mod wifi;
mod world;

pub use access_point::AccessPoint;
pub use agenda::CapacityError;
pub use air::{AccessPointId, AirChange};
pub use cellular::CellularModem;
pub use condition::Condition;
pub use delays::{Delays, ServerDelays};
pub use dhcp::DhcpServer;
pub use ethernet::{CableChange, EthernetPort};
pub use fault::{Fault, FaultRates};
pub use proxy::HttpProxy;
pub use run::{RunError, run_for, run_until, run_until_ended, run_until_server, run_until_state};
pub use server::ServerSide;
pub use server_change::ServerChange;
pub use surroundings::{CellularChange, Coverage, PppService, SimCard};
pub use vault::SealedSecret;
pub use wifi::WifiRadio;
pub use world::{Happening, World};

use crate::driver::Backend;
use crate::time::Instant;

/// A backend in virtual time: it is told the time, and tells when it wants to be told again.
pub trait Simulated: Backend {
    /// The latest instant that it was told.
    fn now(&self) -> Instant;

    /// Time has come to `now`: does what is due. To be called before commands are executed, which
    /// count from that instant. An earlier instant than the latest one does nothing.
    fn handle_timeout(&mut self, now: Instant);

    /// When the next thing happens, if nothing else does before.
    fn poll_at(&self) -> Option<Instant>;
}

/// How far the traffic of an interface would get: what no interface can know by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "tests tell these four apart")]
pub enum Reach {
    /// There is no link, or no address.
    Nothing,
    /// As far as a captive portal.
    Portal,
    /// As far as a firewall: names are resolved, and only a proxy leads further.
    Firewall,
    /// Everywhere.
    Internet,
}
