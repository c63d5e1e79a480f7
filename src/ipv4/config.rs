//! The address settings of an interface, from a static configuration or a lease.

use core::fmt;
use core::net::Ipv4Addr;
use core::num::NonZero;

use super::optional::OptionalAddress;
use super::range::is_link_local;
use super::{Prefix, is_unicast};

/// How many name servers an interface keeps (NIC-8).
pub const NAME_SERVERS: usize = 2;

/// Checked address settings: a host address with its subnet, an optional gateway, and up to two
/// name servers.
///
/// A value of [`IpConfig::new`] obeys NIC-8: a prefix length of 1 to 31, a usable host address, a
/// gateway that is another host of the same subnet, unicast name servers. What DHCP or a
/// point-to-point session granted may be wider: see [`IpConfig::from_lease`] and
/// [`IpConfig::point_to_point`].
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

/// The longest prefix of a static address: a link of two hosts (NIC-8, RFC 3021).
const LONGEST_STATIC: u8 = 31;
/// The prefix length of a single address: 32. The longest one of a lease (IFC-5).
const ALONE: NonZero<u8> = NonZero::<u8>::MIN.saturating_add(31);

/// Which part of the address settings is not allowed (NIC-8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum IpConfigError {
    /// The prefix length is not 1 to 31, or that of a lease not 1 to 32.
    #[error("prefix length {0}, allowed is 1 to 31, in a lease up to 32")]
    PrefixLength(u8),
    /// The address is loopback, multicast, reserved or unspecified.
    #[error("not usable for a host, allowed is a unicast address outside 127.0.0.0/8")]
    Unusable,
    /// The address is link-local, in 169.254.0.0/16: one that a host gives itself where nobody
    /// else gives it one.
    #[error("a link-local address, allowed is one outside 169.254.0.0/16")]
    LinkLocal,
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
        (self.address, self.length, self.gateway) == (other.address, other.length, other.gateway)
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
        config.set_address(prefix.address())?;
        config.set_length(prefix.length())?;
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

    /// Takes the usable parts of a lease (IFC-5). The prefix length is 1 to 32: both addresses of a
    /// /31 are hosts (RFC 3021), and a /32 is a subnet of its own. A gateway outside the subnet is
    /// kept, because clouds and point-to-point links have such gateways; the backend installs the
    /// host route to it. A gateway that no host can be, a name server that is not a unicast address
    /// and every name server after the second are left out.
    ///
    /// Length 0 is refused. It would make every address a neighbour, and the gateway useless. Most
    /// likely the server sent no mask.
    ///
    /// ```
    /// use lankeeper::IpConfig;
    ///
    /// let gateway = "172.31.1.1".parse()?;
    /// let config = IpConfig::from_lease("10.0.0.2/32".parse()?, Some(gateway), [])?;
    /// assert_eq!(config.gateway(), Some(gateway));
    /// assert!(IpConfig::from_lease("169.254.7.7/16".parse()?, None, []).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Only for the address: [`IpConfigError::PrefixLength`], [`IpConfigError::Unusable`],
    /// [`IpConfigError::LinkLocal`] or [`IpConfigError::NotAHost`].
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
        if let Some(length) = prefix_length {
            config.set_address(address)?;
            config.set_length_up_to(ALONE.get(), length)?;
        } else {
            config.set_point(address)?;
        }
        let is_session = prefix_length.is_none();
        let gateway = gateway.get();
        let gateway = gateway.filter(|gateway| config.can_use(*gateway, is_session));
        config.gateway = gateway.into();
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

    /// Overwrites every byte, because those of a `None` may be left from a secret (SEC-2).
    pub(crate) fn wipe(place: &mut Option<Self>) {
        *place = Some(Self::blank());
        zeroize::optimization_barrier(place);
    }

    /// Sets the address of a point-to-point session.
    const fn set_point(&mut self, address: Ipv4Addr) -> Result<(), IpConfigError> {
        if !is_usable(address) {
            return Err(IpConfigError::Unusable);
        }
        self.address = address;
        Ok(())
    }

    /// Sets the address of a static configuration or a lease alone, without a subnet.
    pub(crate) const fn set_address(&mut self, address: Ipv4Addr) -> Result<(), IpConfigError> {
        if is_link_local(address) {
            return Err(IpConfigError::LinkLocal);
        }
        self.set_point(address)
    }

    /// Sets the subnet of the static address that was set before (NIC-8).
    pub(crate) fn set_length(&mut self, length: u8) -> Result<(), IpConfigError> {
        self.set_length_up_to(LONGEST_STATIC, length)
    }

    /// Sets the subnet of the address that was set before.
    fn set_length_up_to(&mut self, longest: u8, length: u8) -> Result<(), IpConfigError> {
        let allowed = NonZero::new(length).filter(|length| length.get() <= longest);
        let Some(allowed) = allowed else {
            return Err(IpConfigError::PrefixLength(length));
        };
        if Prefix::of(self.address, length).is_edge(self.address) {
            return Err(IpConfigError::NotAHost);
        }
        self.length = allowed;
        Ok(())
    }

    /// Sets the gateway of a static address: another host of its subnet (NIC-8).
    pub(crate) fn set_gateway(&mut self, gateway: Ipv4Addr) -> Result<(), IpConfigError> {
        if !self.prefix().contains(gateway) || !self.can_use(gateway, false) {
            return Err(IpConfigError::Gateway);
        }
        self.gateway = Some(gateway).into();
        Ok(())
    }

    /// Whether a gateway can be used: a unicast address other than the own one. Except for that of
    /// a session, it is neither loopback nor the network or broadcast address of the subnet.
    fn can_use(&self, gateway: Ipv4Addr, is_session: bool) -> bool {
        let can_be_host = !gateway.is_loopback() && !self.prefix().is_edge(gateway);
        is_unicast(gateway) && gateway != self.address && (is_session || can_be_host)
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

    /// The gateway, if there is one. That of a lease may be outside the subnet.
    #[must_use]
    pub const fn gateway(&self) -> Option<Ipv4Addr> {
        self.gateway.get()
    }

    /// The name servers in their order, up to two.
    pub fn name_servers(&self) -> impl Iterator<Item = Ipv4Addr> + use<> {
        let first = self.first_name_server.get();
        first.into_iter().chain(self.second_name_server.get())
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
