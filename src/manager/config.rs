//! What a manager is made from.

use super::OrderError;
use crate::connect::{Policy, ServerConfig};
use crate::generation::Generation;
use crate::interface::InterfaceConfig;
use crate::nic::{InterfaceId, Medium};
use crate::span::Span;
use crate::udp::{LimitScope, Quota};

/// The interfaces that a device has, how it connects to its server, and how it sends local
/// datagrams.
///
/// ```
/// use lankeeper::{Config, InterfaceConfig, InterfaceId, Manager, Policy, Quota};
///
/// let serial_number = 0x5AFE_C0DE;
/// let interfaces = [InterfaceId::WIFI, InterfaceId::CELLULAR].map(InterfaceConfig::new);
/// let mut config = Config::new(serial_number, interfaces);
/// config.policy = Policy::ReturnOnError;
/// config.server_order = [Some(InterfaceId::CELLULAR), None];
/// config.quota = Quota::per_second::<10>().with_burst::<50>();
/// let manager = Manager::new(&config)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Config<const INTERFACES: usize> {
    /// The seed of all jitter: a number that no other device has, such as the serial number, so
    /// that a fleet does not retry in step after an outage (IFC-7, CON-13, CON-18).
    pub seed: u64,
    /// How often the device has started, such as a boot counter: for a backend that goes on where a
    /// manager begins anew. All numbers that a manager hands out, in handles, sockets, bindings, tickets
    /// and attempts, begin at one that is made from the seed and from this.
    ///
    /// Two managers with the same seed whose starts are less than 1,000 apart have no number in common
    /// until one has handed out 1.9 million of a kind. So what belonged to the first is stale for the
    /// second, and a late event of it changes nothing. Only `PersistFailed` carries no number: a late one
    /// is reported, and has the next request persist the settings again. With the same start everything
    /// may fit. Default 0.
    pub start: u32,
    /// The interfaces that are present.
    pub interfaces: [InterfaceConfig; INTERFACES],
    /// What becomes of a server connection that is lost or does not come about, until
    /// [`Manager::set_policy`](crate::Manager::set_policy) changes it (CON-1).
    pub policy: Policy,
    /// The order in which interfaces are tried if no request names one, until
    /// [`Manager::set_server_order`](crate::Manager::set_server_order) changes it (CON-14). By
    /// default Ethernet, Wi-Fi, cellular. Places that are `None` count for nothing.
    pub server_order: [Option<InterfaceId>; INTERFACES],
    /// The limit of outgoing local datagrams (RATE-1).
    pub quota: Quota,
    /// Whether the limit is one for the device or one for each socket (RATE-4).
    pub limit_scope: LimitScope,
    /// How long the server connection tries, and how often.
    pub server: ServerConfig,
    /// Over how long a fleet spreads what happens to all its devices at once: the loss of the server,
    /// the end of the grace, the return of power (CON-18). Default none, which is best for a single
    /// device. At most half the [grace](ServerConfig::grace), or some retries come too late for it.
    pub spread: Option<Span>,
    /// Whether an interface that is in use can be opened with settings (OPEN-3).
    pub reconfigure: Reconfigure,
}

/// Whether an interface that is in use can be opened with settings (OPEN-3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Reconfigure {
    /// Never.
    #[default]
    Refuse,
    /// If they are those in use.
    AllowEqual,
}

impl<const INTERFACES: usize> Config<INTERFACES> {
    /// A device with this seed and these interfaces. All other settings have their defaults.
    #[must_use]
    pub fn new(seed: u64, interfaces: [InterfaceConfig; INTERFACES]) -> Self {
        Self {
            seed,
            start: 0,
            interfaces,
            policy: Policy::default(),
            server_order: default_order(&interfaces),
            quota: Quota::default(),
            limit_scope: LimitScope::default(),
            server: ServerConfig::default(),
            spread: None,
            reconfigure: Reconfigure::default(),
        }
    }

    /// The number before the first one that is handed out. Multiples of the golden ratio lie far apart,
    /// those of neighbours and those of a thousand.
    pub(super) const fn base(&self) -> Generation {
        let [_, _, _, _, seed @ ..] = self.seed.to_be_bytes();
        let start = self.start.wrapping_mul(0x9E37_79B9);
        Generation::from_bits(u32::from_be_bytes(seed).wrapping_add(start))
    }

    /// Checks that no interface is listed twice, and that the server order contains only these
    /// interfaces. Returns those of Wi-Fi, of which there may be `NETWORKS`.
    pub(super) fn check<const NETWORKS: usize>(
        &self,
    ) -> Result<[Option<InterfaceId>; NETWORKS], ConfigError> {
        let mut wifi = [None; NETWORKS];
        let mut places = wifi.iter_mut();
        let mut rest = self.interfaces.iter();
        while let Some(interface) = rest.next() {
            let id = interface.id;
            if rest.clone().any(|other| other.id == id) {
                return Err(ConfigError::Twice(id));
            }
            if id.medium() == Medium::Wifi {
                let allowed = NETWORKS;
                let place = places.next();
                *place.ok_or(ConfigError::TooManyWifi { id, allowed })? = Some(id);
            }
        }
        let is_present = |id| self.interfaces.iter().any(|interface| interface.id == id);
        check_order(self.server_order.iter().flatten(), is_present)?;
        Ok(wifi)
    }
}

/// The order in which interfaces are tried by default.
fn default_order<const N: usize>(interfaces: &[InterfaceConfig; N]) -> [Option<InterfaceId>; N] {
    let mut order = [None; N];
    let mut places = order.iter_mut();
    for medium in [Medium::Ethernet, Medium::Wifi, Medium::Cellular] {
        for number in 0..=InterfaceId::HIGHEST_NUMBER {
            let Ok(id) = InterfaceId::new(medium, number) else {
                continue;
            };
            if interfaces.iter().any(|interface| interface.id == id)
                && let Some(place) = places.next()
            {
                *place = Some(id);
            }
        }
    }
    order
}

/// Checks that each interface of a server order is present, and none is listed twice (CON-14).
pub(super) fn check_order<'a>(
    mut order: impl Iterator<Item = &'a InterfaceId> + Clone,
    is_present: impl Fn(InterfaceId) -> bool,
) -> Result<(), OrderError> {
    while let Some(id) = order.next() {
        if !is_present(*id) {
            return Err(OrderError::Absent(*id));
        }
        if order.clone().any(|other| other == id) {
            return Err(OrderError::Twice(*id));
        }
    }
    Ok(())
}

/// What is wrong with a [`Config`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ConfigError {
    /// This interface is listed twice.
    #[error("{0}: listed twice")]
    Twice(InterfaceId),
    /// The server order is wrong (CON-14).
    #[error("server order: {0}")]
    ServerOrder(#[from] OrderError),
    /// The manager has no room for the network of this Wi-Fi interface.
    #[error("{id}: too many Wi-Fi interfaces, at most {allowed}")]
    TooManyWifi {
        /// The first one without room.
        id: InterfaceId,
        /// How many there may be, by the capacity of the [`Manager`](super::Manager).
        allowed: usize,
    },
}
