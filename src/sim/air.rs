//! The access points around a radio.

use core::ops::RangeInclusive;

use heapless::Vec;

use super::access_point::AccessPoint;
use super::dhcp::DhcpServer;
use super::schedule::CapacityError;
use crate::{Duration, Instant, WifiKey, WifiSettings};

/// The weakest signal that a radio can receive, in dBm.
const SENSITIVITY: i8 = -90;

/// Identifies one access point of a radio.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AccessPointId(usize);

/// A change to an access point.
///
/// The radio reports at once when a change ends its association.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AirChange {
    /// The received signal strength changes, in dBm; `None` means out of range. The radio receives
    /// -90 dBm and above.
    Signal(AccessPointId, Option<i8>),
    /// The access point restarts and is off the air for this long.
    Restarts(AccessPointId, Duration),
    /// The key of the network changes; associated stations are disconnected.
    Key(AccessPointId, WifiKey),
    /// The access point starts or stops rejecting new stations; associated ones stay.
    Rejects(AccessPointId, bool),
    /// A captive portal appears or disappears.
    Captive(AccessPointId, bool),
    /// A firewall appears or disappears.
    Firewall(AccessPointId, bool),
    /// The DHCP server is replaced.
    Dhcp(AccessPointId, DhcpServer),
    /// Somebody presses the buttons for Wi-Fi Protected Setup on the device and on this access
    /// point.
    WpsPressed(AccessPointId),
}

impl AirChange {
    /// The access point that changes.
    pub(super) const fn access_point(&self) -> AccessPointId {
        match self {
            Self::Signal(id, _)
            | Self::Restarts(id, _)
            | Self::Key(id, _)
            | Self::Rejects(id, _)
            | Self::Captive(id, _)
            | Self::Firewall(id, _)
            | Self::Dhcp(id, _)
            | Self::WpsPressed(id) => *id,
        }
    }

    /// Whether the change disconnects every associated station.
    pub(super) const fn disconnects(&self) -> bool {
        matches!(self, Self::Key(..) | Self::Restarts(..))
    }
}

/// Up to `N` access points.
#[derive(Clone, Debug)]
pub(super) struct Air<const N: usize>(Vec<AccessPoint, N>);

impl<const N: usize> Air<N> {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(super) fn add(
        &mut self,
        access_point: AccessPoint,
    ) -> Result<AccessPointId, CapacityError> {
        let id = AccessPointId(self.0.len());
        let pushed = self.0.push(access_point);
        pushed.map(|()| id).map_err(|_| CapacityError(N))
    }

    pub(super) fn get(&self, id: AccessPointId) -> Option<&AccessPoint> {
        self.0.get(id.0)
    }

    /// Returns the access point if it can be received on these channels.
    pub(super) fn heard(
        &self,
        now: Instant,
        id: AccessPointId,
        channels: &RangeInclusive<u8>,
    ) -> Option<&AccessPoint> {
        self.get(id).filter(|access_point| {
            access_point.restarts_until <= now
                && channels.contains(&access_point.channel)
                && access_point
                    .signal
                    .is_some_and(|signal| signal >= SENSITIVITY)
        })
    }

    /// Returns the access point of the wanted network with the strongest signal; the first one wins a
    /// tie.
    pub(super) fn best(
        &self,
        now: Instant,
        wanted: &WifiSettings,
        channels: &RangeInclusive<u8>,
    ) -> Option<(AccessPointId, &AccessPoint)> {
        let heard = (0..self.0.len()).filter_map(|index| {
            let id = AccessPointId(index);
            self.heard(now, id, channels)
                .map(|access_point| (id, access_point))
        });
        heard
            .filter(|(_, access_point)| access_point.answers(wanted))
            .reduce(|best, other| {
                if other.1.signal > best.1.signal {
                    other
                } else {
                    best
                }
            })
    }

    /// Applies a change; an id from another radio is ignored.
    pub(super) fn change(&mut self, now: Instant, change: AirChange) {
        let Some(access_point) = self.0.get_mut(change.access_point().0) else {
            return;
        };
        match change {
            AirChange::Signal(_, signal) => access_point.signal = signal,
            AirChange::Restarts(_, duration) => {
                access_point.restarts_until = now.saturating_add(duration)
            }
            AirChange::Key(_, key) => access_point.set_key(key),
            AirChange::Rejects(_, rejects) => access_point.rejects = rejects,
            AirChange::Captive(_, captive) => access_point.captive = captive,
            AirChange::Firewall(_, firewall) => access_point.firewall = firewall,
            AirChange::Dhcp(_, dhcp) => access_point.dhcp = dhcp,
            AirChange::WpsPressed(_) => {}
        }
    }
}
