//! A simulated access point.

use core::net::Ipv4Addr;

use super::dhcp::DhcpServer;
use crate::{Duration, Instant, Lease, WifiKey, WifiSettings};

/// A Wi-Fi access point: its network, its signal strength, and the uplink behind it.
///
/// Defaults: channel 6, -60 dBm, a DHCP server that grants 192.168.1.50/24 for an hour, and an
/// uplink to the Internet.
///
/// ```
/// use lankeeper::sim::AccessPoint;
/// use lankeeper::{WifiKey, WifiSettings};
///
/// let cafe = WifiSettings::new(b"cafe", WifiKey::open())?;
/// let counter = AccessPoint::new(cafe.clone()).with_captive_portal();
/// let garden = AccessPoint::new(cafe).on_channel(11).with_signal(Some(-82));
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct AccessPoint {
    pub(super) network: WifiSettings,
    pub(super) channel: u8,
    /// In dBm; `None` means out of range.
    pub(super) signal: Option<i8>,
    pub(super) captive: bool,
    pub(super) firewall: bool,
    pub(super) wps: bool,
    pub(super) rejects: bool,
    pub(super) dhcp: DhcpServer,
    /// The access point is off the air until this instant, because it restarts.
    pub(super) restarts_until: Instant,
}

impl AccessPoint {
    /// Creates an access point for this network, hidden if the network is, with the address that the
    /// network has.
    #[must_use]
    pub fn new(network: WifiSettings) -> Self {
        let router = Ipv4Addr::new(192, 168, 1, 1);
        let lease = Lease::new(Ipv4Addr::new(192, 168, 1, 50), 24)
            .with_gateway(router)
            .with_name_servers([router]);
        Self {
            network,
            channel: 6,
            signal: Some(-60),
            captive: false,
            firewall: false,
            wps: false,
            rejects: false,
            dhcp: DhcpServer::new(lease, Duration::from_secs(3_600)),
            restarts_until: Instant::EPOCH,
        }
    }

    /// Whether it answers a radio that asks for this network: a hidden one only if it is asked for by
    /// name.
    pub(super) fn answers(&self, wanted: &WifiSettings) -> bool {
        let is_other = wanted
            .bssid()
            .is_some_and(|bssid| self.network.bssid() != Some(bssid));
        self.network.ssid() == wanted.ssid()
            && !is_other
            && (wanted.is_hidden() || !self.network.is_hidden())
    }

    /// Sets the channel.
    #[must_use]
    pub const fn on_channel(mut self, channel: u8) -> Self {
        self.channel = channel;
        self
    }

    /// Sets the received signal strength in dBm; `None` means out of range.
    #[must_use]
    pub const fn with_signal(mut self, signal: Option<i8>) -> Self {
        self.signal = signal;
        self
    }

    /// Adds a captive portal between the network and the Internet.
    #[must_use]
    pub const fn with_captive_portal(mut self) -> Self {
        self.captive = true;
        self
    }

    /// Adds a firewall between the network and the Internet. It lets name resolution through;
    /// everything else needs a proxy.
    #[must_use]
    pub const fn with_firewall(mut self) -> Self {
        self.firewall = true;
        self
    }

    /// Adds a button for Wi-Fi Protected Setup.
    #[must_use]
    pub const fn with_wps(mut self) -> Self {
        self.wps = true;
        self
    }

    /// Replaces the DHCP server.
    #[must_use]
    pub const fn with_dhcp(mut self, dhcp: DhcpServer) -> Self {
        self.dhcp = dhcp;
        self
    }

    /// Replaces the key of the network.
    pub(super) fn set_key(&mut self, key: WifiKey) {
        // This cannot fail, because the SSID was accepted before.
        if let Ok(network) = WifiSettings::new(self.network.ssid(), key) {
            self.network = network;
        }
    }
}
