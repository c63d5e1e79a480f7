//! What is on the air around a radio.

use core::ops::RangeInclusive;

use heapless::Vec;

use super::access_point::AccessPoint;
use super::agenda::CapacityError;
use super::dhcp::DhcpServer;
use crate::nic::WifiKey;
use crate::time::{Duration, Instant};

/// The weakest signal that a radio hears, in dBm.
const WEAKEST: i8 = -90;

/// One access point of a radio's surroundings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AccessPointId(usize);

/// What changes on the air.
///
/// A change that ends an association is reported by the radio at once.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AirChange {
    /// The access point is heard so well from now on, in dBm; `None` out of range. The radio hears
    /// -90 dBm and above.
    Signal(AccessPointId, Option<i8>),
    /// It restarts, which takes so long.
    Restarts(AccessPointId, Duration),
    /// Its network gets another key; whoever is associated is sent away.
    Key(AccessPointId, WifiKey),
    /// It takes nobody more, or takes everybody again; who is associated stays.
    Rejects(AccessPointId, bool),
    /// It has a portal before the Internet, or no longer.
    Captive(AccessPointId, bool),
    /// It has a firewall before the Internet, or no longer.
    Firewall(AccessPointId, bool),
    /// Its DHCP server answers otherwise.
    Dhcp(AccessPointId, DhcpServer),
    /// Somebody presses the button for Wi-Fi Protected Setup, at the device and at this access
    /// point.
    WpsPressed(AccessPointId),
}

impl AirChange {
    /// Which access point changes.
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

    /// Whether nobody stays associated.
    pub(super) const fn sends_away(&self) -> bool {
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

    /// The access point, if it can be heard on these channels.
    pub(super) fn heard(
        &self,
        now: Instant,
        id: AccessPointId,
        channels: &RangeInclusive<u8>,
    ) -> Option<&AccessPoint> {
        self.get(id).filter(|access_point| {
            access_point.restarts_until <= now
                && channels.contains(&access_point.channel)
                && access_point.signal.is_some_and(|signal| signal >= WEAKEST)
        })
    }

    /// The best heard access point of a network; of equals the first.
    pub(super) fn best(
        &self,
        now: Instant,
        ssid: &[u8],
        channels: &RangeInclusive<u8>,
    ) -> Option<(AccessPointId, &AccessPoint)> {
        let heard = (0..self.0.len()).filter_map(|index| {
            let id = AccessPointId(index);
            self.heard(now, id, channels)
                .map(|access_point| (id, access_point))
        });
        heard
            .filter(|(_, access_point)| access_point.network.ssid() == ssid)
            .reduce(|best, other| {
                if other.1.signal > best.1.signal {
                    other
                } else {
                    best
                }
            })
    }

    /// Changes an access point; one of another radio is not here.
    pub(super) fn change(&mut self, now: Instant, change: AirChange) {
        let Some(access_point) = self.0.get_mut(change.access_point().0) else {
            return;
        };
        match change {
            AirChange::Signal(_, signal) => access_point.signal = signal,
            AirChange::Restarts(_, span) => access_point.restarts_until = now.saturating_add(span),
            AirChange::Key(_, key) => access_point.set_key(key),
            AirChange::Rejects(_, rejects) => access_point.rejects = rejects,
            AirChange::Captive(_, captive) => access_point.captive = captive,
            AirChange::Firewall(_, firewall) => access_point.firewall = firewall,
            AirChange::Dhcp(_, dhcp) => access_point.dhcp = dhcp,
            AirChange::WpsPressed(_) => {}
        }
    }
}
