//! The states of the server connection, what can happen to it, and what it waits for.

use core::fmt;

/// The state of the server connection; that of the interface it uses is another thing (CON-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerState {
    /// There is no connection, and none is tried.
    Disconnected,
    /// The interface comes up.
    WaitingForInterface,
    /// The name of the server, or of the proxy, is being resolved.
    Resolving,
    /// The proxy is being reached.
    ReachingProxy,
    /// The server is being reached.
    Connecting,
    /// There is a connection.
    Connected,
    /// What waits to be sent goes out before the connection is dropped.
    Flushing,
    /// The connection waits before the next try.
    Waiting,
}

impl ServerState {
    /// Every state, in the order of the table.
    pub const ALL: [Self; 8] = [
        Self::Disconnected,
        Self::WaitingForInterface,
        Self::Resolving,
        Self::ReachingProxy,
        Self::Connecting,
        Self::Connected,
        Self::Flushing,
        Self::Waiting,
    ];

    /// Whether the server, or what is on the way to it, is being reached over the interface.
    pub(super) const fn reaches_server(self) -> bool {
        matches!(
            self,
            Self::Resolving | Self::ReachingProxy | Self::Connecting
        )
    }

    /// The bit of the state in a set of states.
    #[expect(
        clippy::as_conversions,
        reason = "a discriminant, and there are fewer than 32"
    )]
    pub(super) const fn bit(self) -> u32 {
        1_u32.wrapping_shl(self as u32)
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Disconnected => "DISCONNECTED",
            Self::WaitingForInterface => "WAITING_FOR_INTERFACE",
            Self::Resolving => "RESOLVING",
            Self::ReachingProxy => "REACHING_PROXY",
            Self::Connecting => "CONNECTING",
            Self::Connected => "CONNECTED",
            Self::Flushing => "FLUSHING",
            Self::Waiting => "WAITING",
        }
    }
}

impl fmt::Display for ServerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// The events of the table: requests, the interface that is used, reports of the backend, and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerTrigger {
    /// Somebody asks for a connection.
    Connect,
    /// Somebody asks to drop the connection at once.
    Disconnect,
    /// Somebody asks to drop the connection after what waits was sent.
    Flush,
    /// There is traffic for the server.
    Call,
    /// Something changed for which a try is worth while: settings, the order, an interface that is
    /// enabled.
    News,
    /// The interface is CONNECTED.
    InterfaceUp,
    /// The interface left CONNECTED and is coming up again.
    InterfaceLeft,
    /// The interface is stopped.
    InterfaceStopped,
    /// The interface has another address, still CONNECTED.
    AddressChanged,
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
    /// [`ServerReport::Alive`](super::ServerReport::Alive).
    Alive,
    /// [`ServerReport::Flushed`](super::ServerReport::Flushed).
    Flushed,
    /// [`ServerReport::Fault`](super::ServerReport::Fault).
    Fault,
    /// The time of the attempt, the round or the flush is over, or that for a sign of life.
    DeadlinePassed,
    /// The wait before the next try is over.
    RetryDue,
    /// The connection has held long enough to trust it.
    Stable,
}

impl ServerTrigger {
    /// Every trigger, in the order of the table.
    pub const ALL: [Self; 25] = [
        Self::Connect,
        Self::Disconnect,
        Self::Flush,
        Self::Call,
        Self::News,
        Self::InterfaceUp,
        Self::InterfaceLeft,
        Self::InterfaceStopped,
        Self::AddressChanged,
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
        Self::Alive,
        Self::Flushed,
        Self::Fault,
        Self::DeadlinePassed,
        Self::RetryDue,
        Self::Stable,
    ];

    /// The index of the trigger in [`ServerTrigger::ALL`].
    #[expect(
        clippy::as_conversions,
        reason = "a discriminant, and there are fewer than 32"
    )]
    pub(super) const fn index(self) -> u8 {
        self as u8
    }

    /// The bit of the trigger in a set of triggers.
    #[expect(
        clippy::as_conversions,
        reason = "a discriminant, and there are fewer than 32"
    )]
    pub(super) const fn bit(self) -> u32 {
        1_u32.wrapping_shl(self as u32)
    }
}

/// What the server connection waits for until its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerTimer {
    /// The end of the attempt over this interface (CON-10).
    Attempt,
    /// The end of the time for which a lost connection is tried again (CON-12, CON-13).
    Round,
    /// The end of the flush (CON-15).
    Flush,
    /// The next try, or the first one of a server call that was put off (CON-18).
    Retry,
    /// The next round (CON-13).
    Pause,
    /// The proof that the connection is stable, then the back-off begins anew.
    Stability,
    /// The next sign of life (CON-30).
    Alive,
}
