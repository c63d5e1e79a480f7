//! The checks of a send in the order of UDP-7 and of a received datagram (UDP-9), independent of
//! any socket.

use core::net::{Ipv4Addr, SocketAddrV4};

use super::filter::AddressFilter;
use super::{DropReason, Drops, GateError, Quota, RateLimiter, Target};
use crate::ipv4::{Prefix, parse_dotted_quad};
use crate::time::Instant;

/// The longest payload of a datagram: 65535 bytes less the headers of IPv4 (20, RFC 791) and UDP
/// (8, RFC 768).
const PAYLOAD: usize = 65_507;

/// Checks address, port, size, subnet and rate of a send in one call (UDP-3 to UDP-7, RATE), and
/// source and destination of what was received (UDP-9). For firmware that has its own sockets; a
/// [`Manager`](crate::Manager) makes the same checks itself.
///
/// A gate knows one interface. Of UDP-13 it has all but one thing: on a device with several
/// interfaces, drop what comes from the address of another one yourself.
///
/// ```
/// use lankeeper::udp::{DropReason, Gate, GateError};
/// use lankeeper::{Instant, Prefix, Quota};
///
/// let mut gate = Gate::new(Quota::per_second::<25>().with_burst::<100>());
/// let now = Instant::from_millis(0); // from your clock
/// assert_eq!(gate.check(now, ("192.168.1.9", 5000), 3), Err(GateError::NotConnected));
///
/// let own: Prefix = "192.168.1.50/24".parse()?;
/// gate.set_own(Some(own));
/// assert_eq!(gate.check(now, ("192.168.1.9", 5000), 3), Ok("192.168.1.9:5000".parse()?));
/// assert_eq!(gate.check(now, ("192.168.2.9", 5000), 3), Err(GateError::OutsideSubnet));
/// assert_eq!(gate.check(now, ("8.8.8.8", 53), 3), Err(GateError::NotLocal));
///
/// let stranger = "8.8.8.8:53".parse()?;
/// assert_eq!(gate.check_received(stranger, own.address()), Err(DropReason::Source));
/// assert_eq!(gate.drops().source, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gate {
    /// `None` while the interface is not connected.
    filter: Option<AddressFilter>,
    limiter: RateLimiter,
    drops: Drops,
}

impl Gate {
    /// The gate of an interface that is not connected, with a full bucket.
    ///
    /// ```
    /// use lankeeper::udp::Gate;
    /// use lankeeper::{Instant, Quota};
    ///
    /// const GATE: Gate = Gate::new(Quota::per_second::<25>().with_burst::<100>());
    /// assert_eq!(GATE.available(Instant::EPOCH), 100);
    /// ```
    #[must_use]
    pub const fn new(quota: Quota) -> Self {
        Self {
            filter: None,
            limiter: RateLimiter::new(quota),
            drops: Drops::NONE,
        }
    }

    /// Sets the address and subnet of the interface; `None` while it is not connected. Keeps the
    /// tokens and the counters. With an address that is not private the gate is as closed as without
    /// one (UDP-13).
    ///
    /// ```
    /// use lankeeper::udp::{Gate, GateError};
    /// use lankeeper::{Instant, Quota};
    ///
    /// let (mut gate, now) = (Gate::new(Quota::default()), Instant::EPOCH);
    /// gate.set_own(Some("10.0.0.7/24".parse()?));
    /// assert!(gate.check(now, ("10.0.0.9", 5000), 3).is_ok());
    /// for closed in [None, Some("8.8.8.7/24".parse()?)] {
    ///     gate.set_own(closed);
    ///     assert_eq!(gate.check(now, ("10.0.0.9", 5000), 3), Err(GateError::NotConnected));
    /// }
    /// # Ok::<(), lankeeper::ipv4::PrefixError>(())
    /// ```
    pub fn set_own(&mut self, own: Option<Prefix>) {
        self.filter = own.map(AddressFilter::new);
    }

    /// Checks a send of `length` bytes. If every check succeeds, takes one token and returns the
    /// address to send to.
    ///
    /// # Errors
    ///
    /// The first [`GateError`] in the order of UDP-7; no token is taken.
    ///
    /// ```
    /// use lankeeper::udp::{Gate, GateError};
    /// use lankeeper::{Instant, Quota};
    ///
    /// let (mut gate, now) = (Gate::new(Quota::per_second::<1>()), Instant::EPOCH);
    /// gate.set_own(Some("192.168.1.50/24".parse()?));
    /// assert_eq!(gate.check(now, ("192.168.1.9", 68), 3), Err(GateError::Port(68)));
    /// assert!(gate.check(now, ("192.168.1.9", 5000), 3).is_ok());
    /// match gate.check(now, ("192.168.1.9", 5000), 3) {
    ///     Err(GateError::WouldBlock(refusal)) => assert_eq!(refusal.retry_at(), Instant::from_secs(1)),
    ///     other => panic!("{other:?}"),
    /// }
    /// # Ok::<(), lankeeper::ipv4::PrefixError>(())
    /// ```
    pub fn check<'t>(
        &mut self,
        now: Instant,
        target: impl Into<Target<'t>>,
        length: usize,
    ) -> Result<SocketAddrV4, GateError> {
        let destination = check(self.filter.as_ref(), target.into(), length)?;
        self.limiter.try_acquire(now)?;
        Ok(destination)
    }

    /// Checks where a received datagram came from and which address it was sent to (UDP-9), and
    /// counts it if it is to be dropped. Takes no token. The caller checks whether a socket listens
    /// on its port. Every source port is allowed.
    ///
    /// # Errors
    ///
    /// [`DropReason::NotConnected`], [`DropReason::Destination`] or [`DropReason::Source`], the
    /// first in this order.
    ///
    /// ```
    /// use core::net::Ipv4Addr;
    /// use lankeeper::udp::{DropReason, Gate};
    /// use lankeeper::Quota;
    ///
    /// let mut gate = Gate::new(Quota::default());
    /// gate.set_own(Some("192.168.1.50/24".parse()?));
    /// let peer = "192.168.1.9:5000".parse()?;
    /// assert_eq!(gate.check_received(peer, Ipv4Addr::new(192, 168, 1, 50)), Ok(()));
    /// assert_eq!(gate.check_received(peer, Ipv4Addr::BROADCAST), Ok(()));
    /// let multicast = Ipv4Addr::new(224, 0, 0, 251);
    /// assert_eq!(gate.check_received(peer, multicast), Err(DropReason::Destination));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check_received(
        &mut self,
        source: SocketAddrV4,
        destination: Ipv4Addr,
    ) -> Result<(), DropReason> {
        check_received(self.filter.as_ref(), *source.ip(), destination)
            .inspect_err(|reason| self.drops.count(*reason))
    }

    /// The received datagrams that [`check_received`](Self::check_received) refused so far. Those
    /// that only sockets can refuse ([`DropReason::Port`], [`DropReason::NotReceiving`]) stay zero.
    ///
    /// ```
    /// use lankeeper::udp::Gate;
    /// use lankeeper::Quota;
    ///
    /// let mut gate = Gate::new(Quota::default());
    /// let own = "192.168.1.50".parse()?;
    /// assert!(gate.check_received("192.168.1.9:5000".parse()?, own).is_err());
    /// assert_eq!(gate.drops().not_connected, 1);
    /// assert_eq!(gate.drops().total(), 1);
    /// # Ok::<(), core::net::AddrParseError>(())
    /// ```
    #[must_use]
    pub const fn drops(&self) -> Drops {
        self.drops
    }

    /// The filter of the interface's addresses; `None` while not connected.
    ///
    /// ```
    /// use core::net::Ipv4Addr;
    /// use lankeeper::udp::{Destination, Gate};
    /// use lankeeper::Quota;
    ///
    /// let mut gate = Gate::new(Quota::default());
    /// assert!(gate.filter().is_none());
    /// gate.set_own(Some("192.168.1.50/24".parse()?));
    /// let to = gate.filter().map(|filter| filter.check(Ipv4Addr::new(192, 168, 1, 255)));
    /// assert_eq!(to, Some(Ok(Destination::SubnetBroadcast)));
    /// # Ok::<(), lankeeper::ipv4::PrefixError>(())
    /// ```
    #[must_use]
    pub const fn filter(&self) -> Option<&AddressFilter> {
        self.filter.as_ref()
    }

    /// Moves the limit to a clock that says `to` where it said `from`, as
    /// [`Bucket::rebase`](super::Bucket::rebase) does (TIME-7).
    pub fn rebase(&mut self, from: Instant, to: Instant) {
        self.limiter.rebase(from, to);
    }

    /// The whole tokens that are left at `now`.
    ///
    /// ```
    /// use lankeeper::udp::Gate;
    /// use lankeeper::{Instant, Quota};
    ///
    /// let mut gate = Gate::new(Quota::per_second::<1>().with_burst::<3>());
    /// gate.set_own(Some("192.168.1.50/24".parse()?));
    /// assert!(gate.check(Instant::EPOCH, ("192.168.1.9", 5000), 3).is_ok());
    /// assert_eq!(gate.available(Instant::EPOCH), 2);
    /// assert_eq!(gate.available(Instant::from_secs(1)), 3);
    /// # Ok::<(), lankeeper::ipv4::PrefixError>(())
    /// ```
    #[must_use]
    pub fn available(&self, now: Instant) -> u32 {
        self.limiter.available(now)
    }
}

/// Makes every check but the rate, and returns the address to send to. `filter` is `None` while the
/// interface is not connected.
#[inline]
pub(super) fn check(
    filter: Option<&AddressFilter>,
    target: Target<'_>,
    length: usize,
) -> Result<SocketAddrV4, GateError> {
    let destination = match target {
        Target::Text(text, port) => {
            SocketAddrV4::new(parse_dotted_quad(text).map_err(GateError::Address)?, port)
        }
        Target::Address(destination) => destination,
    };
    let address = *destination.ip();
    let is_local = AddressFilter::is_local(address);
    // The broadcast address of the own subnet is no mistake of whoever sends to it (UDP-13).
    if !is_local && !filter.is_some_and(|filter| filter.is_broadcast(address)) {
        return Err(GateError::NotLocal);
    }
    let port = destination.port();
    if matches!(port, 0 | 67 | 68) {
        return Err(GateError::Port(port));
    }
    if length > PAYLOAD {
        return Err(GateError::TooLong(length));
    }
    let filter = filter
        .filter(|filter| is_local && filter.has_private_address())
        .ok_or(GateError::NotConnected)?;
    if address == Ipv4Addr::BROADCAST || filter.has_in_subnet(address) {
        return Ok(destination);
    }
    Err(GateError::OutsideSubnet)
}

/// Makes the checks of a received datagram that need no socket (UDP-9). `filter` is `None` while
/// the interface is not connected.
#[inline]
pub(super) fn check_received(
    filter: Option<&AddressFilter>,
    source: Ipv4Addr,
    destination: Ipv4Addr,
) -> Result<(), DropReason> {
    let filter = filter
        .filter(|filter| filter.has_private_address())
        .ok_or(DropReason::NotConnected)?;
    if !filter.admits_destination(destination) {
        return Err(DropReason::Destination);
    }
    if !filter.admits_source(source) {
        return Err(DropReason::Source);
    }
    Ok(())
}
