//! One type for the error of any request.

use crate::back_off::BackOffError;
use crate::driver::VaultError;
use crate::ipv4::{DottedQuadError, IpConfigError, PrefixError};
use crate::manager::{
    AbsentError, ConfigError, ConnectError, NotConnectedError, OpenError, OrderError,
    StaleHandleError,
};
use crate::nic::{InterfaceIdError, NameError, NicError};
use crate::stored::RecordError;
use crate::udp::{AddressError, ClosedError, GateError, OpenSocketError, QuotaError, SendError};

/// Any error of this crate, for functions of an application that make several requests.
///
/// ```
/// use lankeeper::{Config, Error, Instant, InterfaceConfig, InterfaceId, Manager, Nic};
///
/// fn device() -> Result<Manager<1>, Error> {
///     let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
///     let mut manager = Manager::new(&config)?;
///     let port = manager.open(Instant::EPOCH, &Nic::named("eth0")?)?;
///     manager.udp_open(Instant::EPOCH, port, 5000)?;
///     Ok(manager)
/// }
/// assert!(device().is_ok());
/// ```
///
/// An error type of your own can take all of them by one `From`. Errors of other crates then need
/// `map_err`, because the compiler cannot exclude that they become a [`lankeeper::Error`](Error)
/// too.
///
/// ```
/// use lankeeper::Nic;
///
/// #[derive(Debug)]
/// enum AppError {
///     Network(lankeeper::Error),
///     Full,
/// }
///
/// impl<E: Into<lankeeper::Error>> From<E> for AppError {
///     fn from(error: E) -> Self {
///         Self::Network(error.into())
///     }
/// }
///
/// fn nic(name: &str) -> Result<Nic, AppError> {
///     Ok(Nic::named(name)?)
/// }
/// assert!(matches!(nic("eth99"), Err(AppError::Network(_))));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[error(transparent)]
#[non_exhaustive]
pub enum Error {
    /// The configuration of a manager.
    Config(#[from] ConfigError),
    /// The settings of a NIC.
    Nic(#[from] NicError),
    /// The name of an interface.
    Name(#[from] NameError),
    /// An interface as text.
    InterfaceId(#[from] InterfaceIdError),
    /// A static address.
    IpConfig(#[from] IpConfigError),
    /// An address with the length of its subnet.
    Prefix(#[from] PrefixError),
    /// An address as text.
    DottedQuad(#[from] DottedQuadError),
    /// A secret that was not sealed or unsealed.
    Vault(#[from] VaultError),
    /// The limit of outgoing datagrams.
    Quota(#[from] QuotaError),
    /// The waits between retries.
    BackOff(#[from] BackOffError),
    /// The record of stored settings.
    Record(#[from] RecordError),
    /// An address that is not allowed as a destination.
    Address(#[from] AddressError),
    /// A datagram that a gate refused.
    Gate(#[from] GateError),
    /// An interface that was not opened.
    Open(#[from] OpenError),
    /// A handle whose interface was closed.
    StaleHandle(#[from] StaleHandleError),
    /// An interface that is not present.
    Absent(#[from] AbsentError),
    /// A socket that was not opened.
    OpenSocket(#[from] OpenSocketError),
    /// A socket that was closed.
    Closed(#[from] ClosedError),
    /// A datagram that was not sent.
    Send(#[from] SendError),
    /// An attempt to connect that was not begun.
    Connect(#[from] ConnectError),
    /// Traffic for the server that cannot be sent.
    NotConnected(#[from] NotConnectedError),
    /// A server order that was not taken.
    Order(#[from] OrderError),
}
