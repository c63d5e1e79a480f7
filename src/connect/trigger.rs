//! What can happen to the server connection, without its data.

/// The events of the table: requests, the interface that is used, reports of the backend, and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerTrigger {
    /// Somebody asks for a connection.
    Connect,
    /// Somebody asks for none, at once.
    Disconnect,
    /// Somebody asks for none, after what waits was sent.
    Flush,
    /// The interface is CONNECTED.
    InterfaceUp,
    /// The interface is CONNECTED no more, and on its way again.
    InterfaceLeft,
    /// The interface is stopped.
    InterfaceStopped,
    /// [`ServerReport::Resolved`](super::ServerReport::Resolved).
    Resolved,
    /// [`ServerReport::NotResolved`](super::ServerReport::NotResolved).
    NotResolved,
    /// [`ServerReport::ProxyReached`](super::ServerReport::ProxyReached).
    ProxyReached,
    /// [`ServerReport::ProxyUnreachable`](super::ServerReport::ProxyUnreachable).
    ProxyUnreachable,
    /// [`ServerReport::ProxyRefused`](super::ServerReport::ProxyRefused).
    ProxyRefused,
    /// [`ServerReport::Connected`](super::ServerReport::Connected).
    Connected,
    /// [`ServerReport::Unreachable`](super::ServerReport::Unreachable).
    Unreachable,
    /// [`ServerReport::NoConnectivity`](super::ServerReport::NoConnectivity).
    NoConnectivity,
    /// [`ServerReport::Lost`](super::ServerReport::Lost).
    Lost,
    /// [`ServerReport::SendTimedOut`](super::ServerReport::SendTimedOut).
    SendTimedOut,
    /// [`ServerReport::Flushed`](super::ServerReport::Flushed).
    Flushed,
    /// [`ServerReport::Fault`](super::ServerReport::Fault).
    Fault,
    /// The time of the attempt, the round or the flush is over.
    DeadlinePassed,
    /// The wait before the next try is over.
    RetryDue,
    /// The connection has held long enough to trust it.
    Stable,
}

impl ServerTrigger {
    /// Every trigger, in the order of the table.
    pub const ALL: [Self; 21] = [
        Self::Connect,
        Self::Disconnect,
        Self::Flush,
        Self::InterfaceUp,
        Self::InterfaceLeft,
        Self::InterfaceStopped,
        Self::Resolved,
        Self::NotResolved,
        Self::ProxyReached,
        Self::ProxyUnreachable,
        Self::ProxyRefused,
        Self::Connected,
        Self::Unreachable,
        Self::NoConnectivity,
        Self::Lost,
        Self::SendTimedOut,
        Self::Flushed,
        Self::Fault,
        Self::DeadlinePassed,
        Self::RetryDue,
        Self::Stable,
    ];
}
