//! The Wi-Fi access point: one network, for all hosts in range.

use std::collections::BTreeSet;
use std::rc::Rc;

use lankeeper::nic::NicError;
use lankeeper::{Nic, WifiKey, WifiSettings};

use crate::lan::PortId;

const SSID: &[u8] = b"greenhouse";
const KEY: &str = "tomato-basil-thyme";
/// The key with a typing error.
const MISTYPED_KEY: &str = "tomato-basil-time";

/// An access point. It is part of the switch: an associated radio acts like a host with a cable.
pub struct AccessPoint {
    network: Rc<WifiSettings>,
    on: bool,
    out_of_range: BTreeSet<PortId>,
}

impl AccessPoint {
    /// Creates an access point that is on, with every host in range.
    pub fn new() -> Result<Self, NicError> {
        Ok(Self {
            network: Rc::new(WifiSettings::new(SSID, WifiKey::plaintext(KEY)?)?),
            on: true,
            out_of_range: BTreeSet::new(),
        })
    }

    /// Switches it on or off.
    pub fn set_power(&mut self, on: bool) {
        self.on = on;
    }

    /// Moves a host out of range, or back.
    pub fn set_in_range(&mut self, host: PortId, in_range: bool) {
        if in_range {
            self.out_of_range.remove(&host);
        } else {
            self.out_of_range.insert(host);
        }
    }

    /// Returns the network that a host can receive, if any.
    pub fn air_at(&self, host: PortId) -> Option<Rc<WifiSettings>> {
        let reached = self.on && !self.out_of_range.contains(&host);
        reached.then(|| Rc::clone(&self.network))
    }
}

/// Returns a node's configuration, with the right key or the mistyped one.
pub fn nic(mistyped: bool) -> Result<Nic, NicError> {
    let key = WifiKey::plaintext(if mistyped { MISTYPED_KEY } else { KEY })?;
    Nic::builder("wl0")
        .wifi(WifiSettings::new(SSID, key)?)
        .build()
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// Secrets that must not appear in any output.
    pub const SECRETS: [&str; 2] = [KEY, MISTYPED_KEY];

    #[test]
    fn network_is_in_the_air_only_in_range_and_under_power() {
        let mut access_point = AccessPoint::new().unwrap();
        access_point.set_in_range(3, false);
        assert!(access_point.air_at(2).is_some());
        assert!(access_point.air_at(3).is_none());
        access_point.set_in_range(3, true);
        assert!(access_point.air_at(3).is_some());
        access_point.set_power(false);
        assert!(access_point.air_at(3).is_none());
    }

    #[test]
    fn mistyped_key_is_allowed_but_another() {
        assert_ne!(nic(true).unwrap().wifi(), nic(false).unwrap().wifi());
    }
}
