//! What an input is, without its data: with the state that it meets it makes a pair to measure.

use lankeeper::{InterfaceId, State};

macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($kind),* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];
        }
    };
}

kinds! {
    // Requests and time.
    Timeout, Open, Close, Retry, Enable, Disable,
    UdpOpen, UdpSetReceiving, UdpSend, UdpClose,
    // What the backend tells.
    Datagram, Ready, WpsStarted, NetworkFound, NetworkNotFound, Joined, WrongKey, JoinRejected,
    LinkLost, CarrierUp, CarrierDown, Lease, LeaseRefused, LeaseLost, ModemAlive, SimReady,
    SimFailed, Registered, RegistrationDenied, RegistrationLost, PppUp, PppDown, Fault,
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
            _ => &[Self::Open],
        }
    }
}

/// An input and the state of the interface that it concerns; where it concerns none, that of one
/// drawn at random.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub interface: InterfaceId,
    pub state: State,
    pub kind: Kind,
}
