//! The states of the server connection.

use core::fmt;

/// The state of the server connection; that of the interface it uses is another thing (CON-17).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ServerState {
    /// There is none, and none is tried.
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
    /// It waits before it tries again.
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
