//! What is to be checked, and how long things may take.

use core::net::SocketAddrV4;

use crate::interface::StepTimeouts;
use crate::ipv4::IpConfig;
use crate::nic::{InterfaceId, ProxySettings, WifiSettings};
use crate::span::Span;

/// What a suite checks, and how long each thing may take.
///
/// ```
/// use lankeeper::conformance::Plan;
/// use lankeeper::{InterfaceId, Span};
///
/// let mut plan = Plan::new(InterfaceId::ETHERNET);
/// plan.server = true; // the bed has one
/// plan.step_timeouts.dhcp = Span::secs::<70>(); // behind a switch with spanning tree
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Plan<'a> {
    /// The interface.
    pub interface: InterfaceId,
    /// The network of a Wi-Fi interface, which the access point of the bed has.
    pub network: Option<&'a WifiSettings>,
    /// A static address to use in place of DHCP.
    pub static_address: Option<IpConfig>,
    /// How long each step may take: as configured for the manager.
    pub step_timeouts: StepTimeouts,
    /// How soon a change of the world has to be reported. Default 10 s.
    pub notice: Span,
    /// How long silence is watched. Default 5 s.
    pub silence: Span,
    /// How long what is on its way may still come after a stop. Default 1 s.
    pub grace: Span,
    /// How long a lease lasts at most that a silent server does not renew; without it no lease is
    /// watched to its end. Default none.
    pub lease: Option<Span>,
    /// Whether there is a server to connect to. Default false.
    pub server: bool,
    /// The proxy to reach the server by.
    pub proxy: Option<&'a ProxySettings>,
    /// How long each step to the server may take. Default 60 s.
    pub server_timeout: Span,
    /// The local port that is bound. Default 50000.
    pub port: u16,
    /// An address of the subnet that nobody has, to send to.
    pub nobody: Option<SocketAddrV4>,
    /// The number before that of the first command. Another one than in a run before, where the backend
    /// goes on. Default 1000.
    pub start: u32,
}

impl Plan<'_> {
    /// The defaults for an interface.
    #[must_use]
    pub fn new(interface: InterfaceId) -> Self {
        Self {
            interface,
            network: None,
            static_address: None,
            step_timeouts: StepTimeouts::default(),
            notice: Span::secs::<10>(),
            silence: Span::secs::<5>(),
            grace: Span::secs::<1>(),
            lease: None,
            server: false,
            proxy: None,
            server_timeout: Span::secs::<60>(),
            port: 50_000,
            nobody: None,
            start: 1000,
        }
    }
}
