//! How things stand, of all interfaces at once (OPEN-7).

use super::Manager;
use crate::interface::{Holders, Reason, State};
use crate::ipv4::IpConfig;
use crate::nic::InterfaceId;

/// How things stand with one interface (OPEN-7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Snapshot {
    /// Which interface.
    pub interface: InterfaceId,
    /// Whether it may be used.
    pub enabled: bool,
    /// Its state.
    pub state: State,
    /// Why it is stopped, if it is.
    pub reason: Option<Reason>,
    /// How many handles hold it.
    pub local_holders: usize,
    /// Whether the server connection, or an attempt at one, holds it.
    pub server_holder: bool,
    /// Whether it carries the server connection.
    pub carries_server: bool,
    /// Its address settings while it is CONNECTED: address, mask, gateway, broadcast address and
    /// name servers.
    pub ip_config: Option<IpConfig>,
}

impl<
    const INTERFACES: usize,
    const HANDLES: usize,
    const SOCKETS: usize,
    const NOTICES: usize,
    const NETWORKS: usize,
> Manager<INTERFACES, HANDLES, SOCKETS, NOTICES, NETWORKS>
{
    /// How things stand with each present interface, in the order of the configuration (OPEN-7).
    pub fn snapshot(&self) -> impl Iterator<Item = Snapshot> {
        self.interfaces.iter().map(|member| {
            let machine = &member.machine;
            let interface = machine.id();
            let handles = self.handles.iter().filter(|(_, id)| **id == interface);
            Snapshot {
                interface,
                enabled: member.enabled,
                state: machine.state(),
                reason: machine.reason(),
                local_holders: handles.count(),
                server_holder: machine.is_held_by(Holders::SERVER),
                carries_server: self.connector.carries(interface),
                ip_config: machine.ip_config(),
            }
        })
    }
}
