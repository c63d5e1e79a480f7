//! The checks of a send in the order of UDP-7, independent of any socket.

use core::net::Ipv4Addr;

use super::filter::AddressFilter;
use super::{Quota, RateLimiter, SendError, Target};
use crate::ipv4::{Prefix, parse_dotted_quad};
use crate::time::Instant;

/// The longest payload of a datagram: 65535 bytes less the headers of IPv4 (20, RFC 791) and UDP
/// (8, RFC 768).
const PAYLOAD: usize = 65_507;

/// Checks address, port, size, subnet and rate of a send in one call (UDP-3 to UDP-7, RATE). For
/// firmware that has its own sockets; a [`Manager`](crate::Manager) makes the same checks itself.
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::{Gate, Instant, Prefix, Quota, SendError};
///
/// let mut gate = Gate::new(Quota::default());
/// let now = Instant::EPOCH; // from your clock, in microseconds
/// assert_eq!(gate.check(now, "192.168.1.9", 5000, 3), Err(SendError::NotConnected));
///
/// gate.set_own(Some(Prefix::new(Ipv4Addr::new(192, 168, 1, 50), 24)?));
/// assert_eq!(gate.check(now, "192.168.1.9", 5000, 3), Ok(Ipv4Addr::new(192, 168, 1, 9)));
/// assert_eq!(gate.check(now, "192.168.2.9", 5000, 3), Err(SendError::OutsideSubnet));
/// assert_eq!(gate.check(now, "8.8.8.8", 53, 3), Err(SendError::NotLocal));
/// # Ok::<(), lankeeper::PrefixError>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Gate {
    /// `None` while the interface is not connected.
    filter: Option<AddressFilter>,
    limiter: RateLimiter,
}

impl Gate {
    /// The gate of an interface that is not connected, with a full bucket.
    #[must_use]
    pub const fn new(quota: Quota) -> Self {
        Self {
            filter: None,
            limiter: RateLimiter::new(quota),
        }
    }

    /// Sets the address and subnet of the interface; `None` while it is not connected. Keeps the
    /// tokens.
    pub fn set_own(&mut self, own: Option<Prefix>) {
        self.filter = own.map(AddressFilter::new);
    }

    /// Checks a send of `length` bytes. If every check succeeds, takes one token and returns the
    /// address to send to.
    ///
    /// # Errors
    ///
    /// The first [`SendError`] in the order of UDP-7; no token is taken. After
    /// [`SendError::Address`] or [`SendError::NotLocal`] the caller must close the socket (UDP-3,
    /// UDP-4). [`SendError::Closed`] never occurs, because a gate has no sockets.
    pub fn check<'t>(
        &mut self,
        now: Instant,
        target: impl Into<Target<'t>>,
        port: u16,
        length: usize,
    ) -> Result<Ipv4Addr, SendError> {
        let address = check(self.filter.as_ref(), target.into(), port, length)?;
        self.limiter.try_acquire(now)?;
        Ok(address)
    }

    /// The filter for received datagrams (UDP-9); `None` while not connected.
    #[must_use]
    pub const fn filter(&self) -> Option<&AddressFilter> {
        self.filter.as_ref()
    }

    /// The whole tokens that are left at `now`.
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
    port: u16,
    length: usize,
) -> Result<Ipv4Addr, SendError> {
    let address = local_address(target)?;
    if matches!(port, 0 | 67 | 68) {
        return Err(SendError::Port(port));
    }
    if length > PAYLOAD {
        return Err(SendError::TooLong(length));
    }
    match filter.ok_or(SendError::NotConnected)?.destination(address) {
        Some(_) => Ok(address),
        None => Err(SendError::OutsideSubnet),
    }
}

fn local_address(target: Target<'_>) -> Result<Ipv4Addr, SendError> {
    let address = match target {
        Target::Text(text) => parse_dotted_quad(text).map_err(SendError::Address)?,
        Target::Address(address) => address,
    };
    if AddressFilter::is_local(address) {
        Ok(address)
    } else {
        Err(SendError::NotLocal)
    }
}
