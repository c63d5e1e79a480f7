//! What an input is, without its data: with the state that it meets it makes a pair to measure.

use lankeeper::{InterfaceId, ServerState, State};

macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($kind),* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];
            /// Those that are drawn.
            pub const DRAWN: &'static [Self] = Self::ALL.split_last().expect("there are some").1;
        }
    };
}

kinds! {
    // Requests and time.
    Timeout, Open, Close, Retry, Enable, Disable,
    UdpOpen, UdpSetReceiving, UdpSend, UdpClose,
    Connect, ConnectWith, Disconnect, ServerCall, Woke, SetPolicy, SetServerOrder,
    StoreWifi, StoreStatic, StoreProxy, ClearStored,
    // What the backend tells.
    Datagram, Ready, WpsStarted, NetworkFound, NetworkNotFound, Joined, WrongKey, JoinRejected,
    LinkLost, CarrierUp, CarrierDown, Lease, LeaseRefused, LeaseLost, ModemAlive, SimReady,
    SimFailed, Registered, RegistrationDenied, RegistrationLost, PppUp, PppDown, Fault,
    // What it tells of the server connection, and of settings.
    Resolved, NotResolved, ProxyReached, ProxyUnreachable, ProxyRefused, ServerConnected,
    Unreachable, NoConnectivity, ServerLost, SendTimedOut, Flushed, ServerFault,
    Sealed, PersistFailed, Provisioned,
    // Time, told at the instant for which the device had asked. Not drawn: measured on a copy.
    OnTime,
}

impl Kind {
    /// What leads on from a state.
    pub const fn leading_on_from(state: State) -> &'static [Self] {
        match state {
            State::Starting => &[Self::Ready, Self::Ready, Self::WpsStarted],
            State::WifiScanning => &[Self::NetworkFound],
            State::WifiJoining | State::WifiWpsing => &[Self::Joined],
            State::EthernetLinkUp | State::EthernetStoppedNoLink => &[Self::CarrierUp],
            State::WifiDhcping | State::EthernetDhcping => &[Self::Lease],
            State::CellularPinging => &[Self::ModemAlive],
            State::CellularWaitingForSim => &[Self::SimReady],
            State::CellularRegistering => &[Self::Registered, Self::RegistrationDenied],
            State::CellularPppConnecting => &[Self::PppUp],
            State::Connected => &[
                Self::UdpOpen,
                Self::UdpSetReceiving,
                Self::UdpSend,
                Self::UdpSend,
                Self::Datagram,
                Self::Datagram,
            ],
            // It may be disabled.
            _ => &[Self::Open, Self::Open, Self::Enable],
        }
    }

    /// What leads on from a state of the server connection; nothing where its interface has to.
    pub const fn leading_on_from_server(state: ServerState) -> &'static [Self] {
        match state {
            ServerState::Disconnected => &[
                Self::SetPolicy,
                Self::Connect,
                Self::ConnectWith,
                Self::ConnectWith,
            ],
            ServerState::Resolving => &[Self::Resolved],
            ServerState::ReachingProxy => &[Self::ProxyReached],
            ServerState::Connecting => &[Self::ServerConnected],
            ServerState::Connected => &[
                Self::Sealed,
                Self::ServerCall,
                Self::ServerLost,
                Self::Disconnect,
            ],
            ServerState::Flushing => &[Self::Flushed],
            _ => &[],
        }
    }
}

/// An input and the states that it meets: that of the interface that it concerns (where it concerns
/// none, that of one drawn at random), and that of the server connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meeting {
    pub interface: InterfaceId,
    pub state: State,
    pub server: ServerState,
    pub kind: Kind,
}
