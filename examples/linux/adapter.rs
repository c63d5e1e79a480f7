//! Properties of a network interface, as known to the kernel.

use core::net::Ipv4Addr;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::LinkAddr;
use smoltcp::wire::EthernetAddress;

use super::LinuxError;
use crate::stack::cable::Carrier;

/// The kernel's hardware type for Ethernet, `ARPHRD_ETHER`.
const ETHERNET: u16 = 1;

/// The present state of an Ethernet interface.
pub struct Adapter {
    /// The address for binding a packet socket. It contains the index, which identifies the
    /// interface even if another one gets its name later.
    pub link: LinkAddr,
    pub mac: EthernetAddress,
    /// Whether the interface is up.
    pub is_up: bool,
    pub carrier: Carrier,
    /// An address that the kernel has assigned to it.
    pub address: Option<Ipv4Addr>,
}

impl Adapter {
    /// Looks up an interface by name.
    pub fn find(name: &str) -> Result<Self, LinuxError> {
        let all: Vec<InterfaceAddress> = getifaddrs()
            .map_err(LinuxError::system("list the interfaces"))?
            .collect();
        let links = all.iter().filter_map(|entry| {
            let link = entry.address.as_ref()?.as_link_addr()?;
            Some((entry, *link))
        });
        let Some((entry, link)) = links
            .clone()
            .find(|(entry, _)| entry.interface_name == name)
        else {
            let present = links.map(|(entry, _)| entry.interface_name.clone());
            return Err(LinuxError::NoSuchInterface {
                name: name.to_owned(),
                present: present.collect(),
            });
        };
        let mac = link.addr().filter(|_| link.hatype() == ETHERNET);
        let mac = mac.ok_or_else(|| LinuxError::NotEthernet {
            name: name.to_owned(),
        })?;
        let address = all
            .iter()
            .filter(|entry| entry.interface_name == name)
            .find_map(|entry| Some(entry.address.as_ref()?.as_sockaddr_in()?.ip()));
        Ok(Self {
            link,
            mac: EthernetAddress(mac),
            is_up: entry.flags.contains(InterfaceFlags::IFF_UP),
            carrier: carrier(entry.flags),
            address,
        })
    }
}

/// Derives the carrier from the flags; an interface that is down has none.
fn carrier(flags: InterfaceFlags) -> Carrier {
    if !flags.contains(InterfaceFlags::IFF_UP | InterfaceFlags::IFF_LOWER_UP) {
        Carrier::Absent
    } else if flags.contains(InterfaceFlags::IFF_DORMANT) {
        // For example, the port still has to authenticate (IEEE 802.1X).
        Carrier::Negotiating
    } else {
        Carrier::Present
    }
}
