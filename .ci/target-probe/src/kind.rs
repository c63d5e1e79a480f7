//! What an input is, without its data: with the state that it meets it makes a pair to measure.

use core::fmt;

use lankeeper::manager::Input;
use lankeeper::stored::StoredParts;
use lankeeper::{Event, InterfaceId, Policy, Report, ServerReport, ServerState, State};

use crate::sequence::Sequence;
use crate::settings::{BLOB, ORDERS, PORTS};

macro_rules! kinds {
    ($draw:ident: $($kind:ident => $input:expr,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($kind),* }

        impl Kind {
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];
            /// Those that are drawn.
            pub const DRAWN: &'static [Self] = Self::ALL.split_at(Self::OnTime as usize).0;

            /// An input of this kind, with data that are drawn.
            pub fn input<'s>(self, $draw: &mut Sequence<'s>) -> Input<'s> {
                match self {
                    $(Self::$kind => $input,)*
                }
            }
        }
    };
}

kinds! { draw:
    // Requests and time.
    Timeout => Input::Timeout,
    Rebase => Input::Rebase,
    Open => Input::Open(draw.nic()),
    Close => draw.of_handle(Input::Close),
    Retry => draw.of_handle(Input::Retry),
    Enable => Input::SetEnabled(draw.interface(), true),
    Disable => Input::SetEnabled(draw.interface(), false),
    UdpOpen => {
        let port = *draw.random.pick(&[Some(1023), None, Some(PORTS[0]), Some(PORTS[1]), Some(PORTS[2])]);
        draw.of_handle(|handle| Input::UdpOpen(handle, port))
    },
    UdpSetReceiving => {
        let on = !draw.random.one_in(4);
        draw.of_socket(|socket| Input::UdpSetReceiving(socket, on))
    },
    UdpSend => {
        let target = draw.target();
        let payload = draw.payload();
        draw.of_socket(|socket| Input::UdpSend(socket, target, payload))
    },
    UdpClose => draw.of_socket(Input::UdpClose),
    Connect => Input::Connect(draw.timeout()),
    ConnectWith => Input::ConnectWith(draw.nic(), draw.timeout()),
    Disconnect => Input::Disconnect(draw.timeout()),
    ServerCall => Input::ServerCall,
    NoteWake => Input::NoteWake,
    SetPolicy => Input::SetPolicy(*draw.random.pick(&[
        Policy::SuspendOnError,
        Policy::ReturnOnErrorNoDisconnect,
        Policy::ReturnOnError,
        Policy::KeepTrying,
    ])),
    SetServerOrder => Input::SetServerOrder(*draw.random.pick(&ORDERS)),
    Select => Input::Select(draw.random.one_in(2).then(|| draw.interface())),
    StoreWifi => Input::StoreWifi(draw.random.pick(&draw.settings.networks)),
    StoreStatic => Input::StoreStatic(*draw.random.pick(&draw.settings.addresses)),
    StoreProxy => Input::StoreProxy(draw.random.pick(&draw.settings.proxies)),
    ClearStored => Input::ClearStored(StoredParts::from_bits_truncate(draw.random.below(8) as u8)),
    // What the backend receives and reports.
    UdpReceive => {
        let (received, room) = draw.received();
        draw.of_binding(|binding| Input::UdpReceive { binding, received, room })
    },
    BindFailed => {
        let code = draw.code();
        draw.of_binding(|binding| Input::Event(binding.failed(code)))
    },
    SendFailed => {
        let (received, _) = draw.received();
        let code = draw.code();
        draw.of_binding(|binding| Input::Event(binding.send_failed(received.source, code)))
    },
    Ready => draw.report(|_| Report::Ready),
    WpsStarted => draw.report(|_| Report::WpsStarted),
    NetworkFound => draw.report(|_| Report::NetworkFound),
    NetworkNotFound => draw.report(|code| Report::NetworkNotFound { code }),
    Joined => draw.report(|_| Report::Joined),
    WrongKey => draw.report(|code| Report::WrongKey { code }),
    JoinRejected => draw.report(|code| Report::JoinRejected { code }),
    LinkLost => draw.report(|code| Report::LinkLost { code }),
    CarrierUp => draw.report(|_| Report::CarrierUp),
    CarrierDown => draw.report(|_| Report::CarrierDown),
    Lease => {
        let lease = draw.lease();
        draw.report(|_| Report::Lease(lease))
    },
    LeaseRefused => draw.report(|code| Report::LeaseRefused { code }),
    LeaseLost => draw.report(|_| Report::LeaseLost),
    AddressConflict => draw.report(|_| Report::AddressConflict),
    ModemAlive => draw.report(|_| Report::ModemAlive),
    SimReady => draw.report(|_| Report::SimReady),
    SimFailed => draw.report(|code| Report::SimFailed { code }),
    Registered => draw.report(|_| Report::Registered),
    RegistrationDenied => draw.report(|code| Report::RegistrationDenied { code }),
    RegistrationLost => draw.report(|_| Report::RegistrationLost),
    PppUp => {
        let lease = draw.lease();
        draw.report(|_| Report::PppUp(lease))
    },
    PppDown => draw.report(|code| Report::PppDown { code }),
    Fault => draw.report(|code| Report::Fault { code }),
    // What it reports of the server connection, and of settings.
    Resolved => draw.server_report(|_| ServerReport::Resolved),
    NotResolved => draw.server_report(|code| ServerReport::NotResolved { code }),
    ProxyReached => draw.server_report(|_| ServerReport::ProxyReached),
    ProxyUnreachable => draw.server_report(|code| ServerReport::ProxyUnreachable { code }),
    ProxyRefused => draw.server_report(|code| ServerReport::ProxyRefused { code }),
    ServerConnected => draw.server_report(|_| ServerReport::Connected),
    Unreachable => draw.server_report(|code| ServerReport::Unreachable { code }),
    NoConnectivity => draw.server_report(|code| ServerReport::NoConnectivity { code }),
    ServerLost => draw.server_report(|code| ServerReport::Lost { code }),
    SendTimedOut => draw.server_report(|code| ServerReport::SendTimedOut { code }),
    Alive => draw.server_report(|_| ServerReport::Alive),
    Flushed => draw.server_report(|_| ServerReport::Flushed),
    ServerFault => draw.server_report(|code| ServerReport::Fault { code }),
    Sealed => {
        let length = *draw.random.pick(&[1, 80, 80, 112, 113]);
        draw.sealed(&BLOB[..length])
    },
    PersistFailed => Input::Event(Event::PersistFailed { code: draw.code() }),
    Provision => Input::Provision(draw.random.pick(&draw.settings.stored)),
    Reapply => Input::Reapply,
    // Not drawn, measured on a copy: time, at the instant for which the device had asked; and an event
    // that `poll` takes from the backend.
    OnTime => Input::Timeout,
    Poll => Input::Timeout,
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
                Self::UdpReceive,
                Self::UdpReceive,
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

/// A state that an input can meet: that of an interface, or that of the server connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Met {
    Interface(InterfaceId, State),
    Server(ServerState),
}

impl fmt::Display for Met {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interface(id, state) => write!(f, "{id} {state}"),
            Self::Server(state) => write!(f, "server {state}"),
        }
    }
}
