//! What decides the future of a manager, for whoever explores all of its states.

use core::hash::{Hash, Hasher};
use core::mem::discriminant;

use super::Manager;
use crate::nic::WifiSettings;
use crate::time::Instant;

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>
    Manager<I, H, S, N, W>
{
    /// Writes what decides how this manager answers from now on. Two managers of one configuration
    /// that write the same answer every input alike, but for numbers: those of commands, handles,
    /// sockets and attempts, which each counts by itself.
    ///
    /// Deadlines are relative to the latest instant seen. Left out are numbers, counters, the state of
    /// the random numbers, notices that wait, and what is only there to be asked: so take all notices
    /// before. Of settings the networks are written by their names, and proxies not at all; rate limits
    /// are not either. So compare managers that differ in neither proxies nor limits, and in which a
    /// network has one key.
    ///
    /// ```
    /// use std::hash::{DefaultHasher, Hasher};
    ///
    /// use lankeeper::{Config, Instant, InterfaceConfig, InterfaceId, Manager};
    ///
    /// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// let mut manager = Manager::new(&config)?;
    /// let view = |manager: &Manager| {
    ///     let mut hasher = DefaultHasher::new();
    ///     manager.view(&mut hasher);
    ///     hasher.finish()
    /// };
    /// let before = view(&manager);
    /// manager.handle_timeout(Instant::from_secs(5)); // nothing was due
    /// assert_eq!(view(&manager), before);
    /// # Ok::<(), lankeeper::manager::ConfigError>(())
    /// ```
    pub fn view(&self, into: &mut impl Hasher) {
        let now = self.latest;
        for interface in &self.interfaces {
            interface.machine.view(now, into);
            discriminant(&interface.network).hash(into);
            discriminant(&interface.address).hash(into);
            (interface.is_given, interface.is_unknown()).hash(into);
            let id = interface.machine.id();
            let network = self.settings.network(id);
            network.map(WifiSettings::ssid).hash(into);
            self.connector.is_enabled(id).hash(into);
        }
        let stored = self.settings.stored.wifi.as_ref();
        stored.map(WifiSettings::ssid).hash(into);
        self.connector.view(now, into);
        for place in 0..H {
            self.handles.at(place).map(|(_, id)| *id).hash(into);
        }
        self.udp.view(into);
        discriminant(&self.persistence).hash(into);
    }

    /// Begins the random numbers anew, with this seed in the place of the configured one. They are not
    /// in the [view](Self::view): two managers of one view answer alike if both draw from one seed.
    /// Whoever explores all states begins them anew before each input, once for each thing that may be
    /// drawn.
    ///
    /// ```
    /// use lankeeper::{Config, InterfaceConfig, InterfaceId, Manager};
    ///
    /// let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    /// let mut manager = Manager::new(&config)?;
    /// manager.reseed(2); // as if the configuration had it
    /// # Ok::<(), lankeeper::manager::ConfigError>(())
    /// ```
    pub fn reseed(&mut self, seed: u64) {
        for interface in &mut self.interfaces {
            interface.machine.reseed(seed);
        }
        self.connector.reseed(seed);
    }
}

impl Instant {
    /// What is left until this instant, for ever if it is never; what is over is over.
    pub(crate) const fn rest(self, now: Self) -> u64 {
        if self.as_micros() == Self::NEVER.as_micros() {
            return u64::MAX;
        }
        self.saturating_duration_since(now).as_micros()
    }
}
