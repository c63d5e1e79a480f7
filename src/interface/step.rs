//! The steps of coming up: each has one command for the backend and one deadline.

/// One step of bringing an interface up (IFC-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Step {
    /// Powering the interface up, in STARTING.
    Power,
    /// Looking for the network, in WIFI_SCANNING.
    Scan,
    /// Joining the network, in WIFI_JOINING.
    Join,
    /// Joining by Wi-Fi Protected Setup, in WIFI_WPSING.
    Wps,
    /// Waiting for the Ethernet carrier, in ETHERNET_LINK_UP.
    Link,
    /// Getting a lease, in WIFI_DHCPING or ETHERNET_DHCPING.
    Dhcp,
    /// Asking the modem for a sign of life, in CELLULAR_PINGING.
    Modem,
    /// Reading the SIM, in CELLULAR_WAITING_FOR_SIM.
    Sim,
    /// Registering with a network, in CELLULAR_REGISTERING.
    Registration,
    /// Dialling up, in CELLULAR_PPP_CONNECTING.
    Ppp,
    /// Using a static address; nothing is waited for (IFC-3).
    StaticAddress,
}

impl Step {
    /// The bit of the step in a set of steps.
    #[expect(
        clippy::as_conversions,
        reason = "a discriminant, and there are fewer than 16"
    )]
    pub(crate) const fn bit(self) -> u16 {
        1_u16.wrapping_shl(self as u32)
    }

    /// How many layers there are.
    pub(crate) const LAYERS: usize = 5;

    /// The layer of the step: a step builds on those of lower layers, and beginning it ends every
    /// step of its own layer and above.
    // size: 73 B: one table of bytes
    #[inline(never)]
    pub(crate) const fn layer(self) -> u8 {
        match self {
            Self::Power => 0,
            Self::Scan | Self::Join | Self::Wps | Self::Link | Self::Modem => 1,
            Self::Sim => 2,
            Self::Registration => 3,
            Self::Dhcp | Self::StaticAddress | Self::Ppp => 4,
        }
    }
}
