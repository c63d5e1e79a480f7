//! Which interface the server connection uses: the order, and one that is selected.

use super::config::check_order;
use super::{AbsentError, Manager};
use crate::connect::Named;
use crate::nic::InterfaceId;
use crate::time::Instant;

/// Why a server order was not taken (CON-14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum OrderError {
    /// No such interface is present.
    #[error("{0}: no such interface is present")]
    Absent(InterfaceId),
    /// This interface is listed twice.
    #[error("{0}: listed twice")]
    Twice(InterfaceId),
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Sets the order in which interfaces are tried if no request names one (CON-14). Where the server
    /// connection waits for its next try, that begins at once (CON-19).
    ///
    /// ```
    /// use lankeeper::manager::OrderError;
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    ///
    /// manager.set_server_order(now, &[InterfaceId::ETHERNET])?;
    /// let absent = manager.set_server_order(now, &[InterfaceId::WIFI]);
    /// assert_eq!(absent, Err(OrderError::Absent(InterfaceId::WIFI)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`OrderError`]: an interface that is absent, or listed twice; nothing has changed then.
    pub fn set_server_order(
        &mut self,
        now: Instant,
        order: &[InterfaceId],
    ) -> Result<(), OrderError> {
        let now = self.advance(now);
        check_order(order.iter(), |id| self.machine(id).is_some())?;
        self.connector.set_order(order);
        self.take_news(None, now);
        Ok(())
    }

    /// The order in which interfaces are tried if no request names one (CON-14).
    ///
    /// ```
    /// # use lankeeper::sim::{Simulated, World, run_until_ended};
    /// # use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Policy};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let (mut manager, mut world): (_, World) = (Manager::new(&config)?, World::new(1));
    /// # let now = world.now();
    /// assert_eq!(manager.server_order(), [InterfaceId::ETHERNET]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn server_order(&self) -> &[InterfaceId] {
        self.connector.order().listed()
    }

    /// Selects an interface for later connections that name none, as a
    /// [`connect_with`](Self::connect_with) that only names one does, or none: then the server order
    /// counts again (CFG-3). What was asked for goes on; where the server connection waits for its next
    /// try, that begins at once (CON-19).
    ///
    /// ```
    /// # use lankeeper::{Config, InterfaceConfig, InterfaceId, Manager};
    /// # let interfaces = [InterfaceId::ETHERNET, InterfaceId::WIFI].map(InterfaceConfig::new);
    /// # let mut manager = Manager::<2>::new(&Config::new(1, interfaces))?;
    /// # let now = lankeeper::Instant::EPOCH;
    ///
    /// manager.select(now, Some(InterfaceId::WIFI))?;
    /// manager.connect(now, None)?; // over wl0, and no other
    /// assert_eq!(manager.server_interface(), Some(InterfaceId::WIFI));
    /// manager.select(now, None)?; // from the next connection on by the order
    /// assert_eq!(manager.selected(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`AbsentError`] if there is no such interface.
    pub fn select(
        &mut self,
        now: Instant,
        selected: Option<InterfaceId>,
    ) -> Result<(), AbsentError> {
        let now = self.advance(now);
        if let Some(absent) = selected.filter(|id| self.machine(*id).is_none()) {
            return Err(AbsentError(absent));
        }
        self.connector.select(selected.map(Named::from));
        self.take_news(None, now);
        Ok(())
    }

    /// The interface over which connections are made that name none; `None` if that goes by the server
    /// order.
    ///
    /// ```
    /// # use lankeeper::{Config, InterfaceConfig, InterfaceId, Manager};
    /// # let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// # let manager = Manager::new(&config)?;
    /// assert_eq!(manager.selected(), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn selected(&self) -> Option<InterfaceId> {
        self.connector.order().selected()
    }
}
