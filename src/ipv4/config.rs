//! The address settings of an interface, from a static configuration or a lease.

use core::fmt;
use core::net::Ipv4Addr;
use core::num::NonZero;

use super::optional::OptionalAddress;
use super::{Prefix, is_unicast};

/// How many name servers an interface keeps (NIC-8).
pub const NAME_SERVERS: usize = 2;

/// Checked address settings: a host address with its subnet, an optional gateway, and up to two
/// name servers.
///
/// Every value obeys NIC-8: a prefix length of 1 to 30, a usable host address, a gateway that is
/// another host of the same subnet, unicast name servers. Only a point-to-point session has prefix
/// length 32.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::ipv4::IpConfigError;
/// use lankeeper::{IpConfig, Prefix};
///
/// let own = Prefix::new(Ipv4Addr::new(192, 168, 1, 7), 24)?;
/// let config = IpConfig::new(own, Some(Ipv4Addr::new(192, 168, 1, 1)), &[])?;
/// assert_eq!(config.prefix(), own);
/// assert_eq!(
///     IpConfig::new(own, Some(Ipv4Addr::new(192, 168, 2, 1)), &[]),
///     Err(IpConfigError::Gateway),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Eq, Hash)]
#[expect(
    clippy::derived_hash_with_manual_eq,
    reason = "equal are those whose parts are, as for the hash"
)]
pub struct IpConfig {
    address: Ipv4Addr,
    /// The prefix length. Never 0, which saves 4 bytes in every `Option<IpConfig>`.
    length: NonZero<u8>,
    gateway: OptionalAddress,
    first_name_server: OptionalAddress,
    second_name_server: OptionalAddress,
}

/// The prefix length of a single address: 32.
const ALONE: NonZero<u8> = NonZero::<u8>::MIN.saturating_add(31);

/// Which part of the address settings is not allowed (NIC-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum IpConfigError {
    /// The prefix length is not 1 to 30.
    #[error("prefix length {0}, allowed is 1 to 30")]
    PrefixLength(u8),
    /// The address is loopback, multicast, reserved or unspecified.
    #[error("not usable for a host, allowed is a unicast address outside 127.0.0.0/8")]
    Unusable,
    /// The address is the first or the last of its subnet.
    #[error("the network or broadcast address of its subnet, allowed is a host address")]
    NotAHost,
    /// The gateway is not another host of the same subnet.
    #[error("not allowed as gateway, allowed is another host of the same subnet")]
    Gateway,
    /// The name server with this index, 0 or 1, is not a unicast address.
    #[error("not a unicast address")]
    NameServer(usize),
    /// This many name servers were given.
    #[error("{0} name servers, at most 2")]
    TooManyNameServers(usize),
}

impl PartialEq for IpConfig {
    // size: 56 B
    #[inline(never)]
    fn eq(&self, other: &Self) -> bool {
        self.same_route(other)
            && self.first_name_server == other.first_name_server
            && self.second_name_server == other.second_name_server
    }
}

impl IpConfig {
    /// Checks address settings (NIC-8).
    ///
    /// # Errors
    ///
    /// The first part that is not allowed, in the order of the arguments.
    pub fn new(
        prefix: Prefix,
        gateway: Option<Ipv4Addr>,
        name_servers: &[Ipv4Addr],
    ) -> Result<Self, IpConfigError> {
        let mut config = Self::blank();
        config.set_prefix(prefix)?;
        if let Some(gateway) = gateway {
            config.set_gateway(gateway)?;
        }
        if name_servers.len() > NAME_SERVERS {
            return Err(IpConfigError::TooManyNameServers(name_servers.len()));
        }
        for server in name_servers {
            config.add_name_server(*server)?;
        }
        Ok(config)
    }

    /// Takes the usable parts of a lease. The address must be usable (IFC-5). A gateway or name
    /// server that breaks NIC-8 is left out, and so is every name server after the second.
    ///
    /// # Errors
    ///
    /// Only for the address: [`IpConfigError::PrefixLength`], [`IpConfigError::Unusable`] or
    /// [`IpConfigError::NotAHost`].
    pub fn from_lease(
        prefix: Prefix,
        gateway: Option<Ipv4Addr>,
        name_servers: impl IntoIterator<Item = Ipv4Addr>,
    ) -> Result<Self, IpConfigError> {
        let servers = usable_name_servers(name_servers);
        Self::granted(
            prefix.address(),
            Some(prefix.length()),
            gateway.into(),
            servers,
        )
    }

    /// Takes the usable parts of what a point-to-point session granted. Its subnet is the single
    /// address, with prefix length 32 (IFC-5), and its gateway is any other unicast address.
    ///
    /// # Errors
    ///
    /// [`IpConfigError::Unusable`] if the address is loopback, multicast, reserved or unspecified.
    pub fn point_to_point(
        address: Ipv4Addr,
        gateway: Option<Ipv4Addr>,
        name_servers: impl IntoIterator<Item = Ipv4Addr>,
    ) -> Result<Self, IpConfigError> {
        let servers = usable_name_servers(name_servers);
        Self::granted(address, None, gateway.into(), servers)
    }

    /// Takes the usable parts of a grant: of a lease, or, without a prefix length, of a
    /// point-to-point session. The caller has already left out unusable name servers.
    pub(crate) fn granted(
        address: Ipv4Addr,
        prefix_length: Option<u8>,
        gateway: OptionalAddress,
        name_servers: [OptionalAddress; NAME_SERVERS],
    ) -> Result<Self, IpConfigError> {
        let mut config = Self::blank();
        config.set_address(address)?;
        if let Some(length) = prefix_length {
            config.set_length(length)?;
        }
        let gateway = gateway.get();
        config.gateway = gateway.filter(|gateway| config.reaches(*gateway)).into();
        [config.first_name_server, config.second_name_server] = name_servers;
        Ok(config)
    }

    /// Empty settings, to be filled part by part in the order of the functions below.
    pub(crate) const fn blank() -> Self {
        Self {
            address: Ipv4Addr::UNSPECIFIED,
            length: ALONE,
            gateway: OptionalAddress::NONE,
            first_name_server: OptionalAddress::NONE,
            second_name_server: OptionalAddress::NONE,
        }
    }

    /// Copies `source` to `place`. `*place = source.copied()` would do the same, but it may copy
    /// the unused bytes of a `None` too, which may be left from a secret (SEC-2).
    // size: 58 B
    #[inline(never)]
    pub(crate) fn assign(place: &mut Option<Self>, source: Option<&Self>) {
        match source {
            Some(source) => *place = Some(*source),
            None => *place = None,
        }
    }

    /// Sets the address alone, without a subnet.
    pub(crate) const fn set_address(&mut self, address: Ipv4Addr) -> Result<(), IpConfigError> {
        if !is_usable(address) {
            return Err(IpConfigError::Unusable);
        }
        self.address = address;
        self.length = ALONE;
        Ok(())
    }

    /// Sets the address and its subnet.
    fn set_prefix(&mut self, prefix: Prefix) -> Result<(), IpConfigError> {
        self.set_address(prefix.address())?;
        self.set_length(prefix.length())
    }

    /// Sets the subnet of the address that was set before.
    pub(crate) fn set_length(&mut self, length: u8) -> Result<(), IpConfigError> {
        let allowed = NonZero::new(length).filter(|length| length.get() <= 30);
        let Some(allowed) = allowed else {
            return Err(IpConfigError::PrefixLength(length));
        };
        if !Prefix::of(self.address, length).has_host(self.address) {
            return Err(IpConfigError::NotAHost);
        }
        self.length = allowed;
        Ok(())
    }

    pub(crate) fn set_gateway(&mut self, gateway: Ipv4Addr) -> Result<(), IpConfigError> {
        if !self.reaches(gateway) {
            return Err(IpConfigError::Gateway);
        }
        self.gateway = Some(gateway).into();
        Ok(())
    }

    /// Whether a gateway is reachable: another host of the subnet or, for a single address, any
    /// other unicast address.
    fn reaches(&self, gateway: Ipv4Addr) -> bool {
        if !is_unicast(gateway) || gateway == self.address {
            return false;
        }
        self.length == ALONE || self.prefix().has_host(gateway) && !gateway.is_loopback()
    }

    /// Adds a name server. There is room for two.
    pub(crate) fn add_name_server(&mut self, server: Ipv4Addr) -> Result<(), IpConfigError> {
        let (index, place) = match (self.first_name_server.get(), self.second_name_server.get()) {
            (None, _) => (0, &mut self.first_name_server),
            (Some(_), None) => (1, &mut self.second_name_server),
            (Some(_), Some(_)) => {
                return Err(IpConfigError::TooManyNameServers(
                    NAME_SERVERS.saturating_add(1),
                ));
            }
        };
        if !is_unicast(server) {
            return Err(IpConfigError::NameServer(index));
        }
        *place = Some(server).into();
        Ok(())
    }

    /// The address of the interface and its subnet.
    #[must_use]
    pub const fn prefix(&self) -> Prefix {
        Prefix::of(self.address, self.length.get())
    }

    /// The address of the interface.
    #[must_use]
    pub const fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// The gateway, if there is one.
    #[must_use]
    pub const fn gateway(&self) -> Option<Ipv4Addr> {
        self.gateway.get()
    }

    /// The name servers in their order, up to two.
    pub fn name_servers(&self) -> impl Iterator<Item = Ipv4Addr> + use<> {
        let first = self.first_name_server.get();
        first.into_iter().chain(self.second_name_server.get())
    }

    /// Whether address, mask and gateway equal those of `other`. A renewed lease that keeps them is
    /// not reported (IFC-5).
    pub(crate) fn same_route(&self, other: &Self) -> bool {
        (self.address, self.length, self.gateway) == (other.address, other.length, other.gateway)
    }
}

/// The first two name servers that are unicast addresses.
pub(crate) fn usable_name_servers(
    servers: impl IntoIterator<Item = Ipv4Addr>,
) -> [OptionalAddress; NAME_SERVERS] {
    let usable = |server: &Ipv4Addr| is_unicast(*server);
    let mut servers = servers.into_iter().filter(usable).fuse();
    core::array::from_fn(|_| servers.next().into())
}

/// Whether a host can have this address, as far as that is known without its subnet (NIC-8).
const fn is_usable(address: Ipv4Addr) -> bool {
    !address.is_loopback() && is_unicast(address)
}

impl fmt::Debug for IpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IpConfig")
            .field("prefix", &self.prefix())
            .field("gateway", &self.gateway)
            .field("first_name_server", &self.first_name_server)
            .field("second_name_server", &self.second_name_server)
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for IpConfig {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "IpConfig {{ prefix: {}, gateway: {}, first_name_server: {}, second_name_server: {} }}",
            self.prefix(),
            self.gateway.get(),
            self.first_name_server.get(),
            self.second_name_server.get(),
        );
    }
}
