//! What the kernel knows of an interface.

use core::net::Ipv4Addr;

use nix::ifaddrs::{InterfaceAddress, getifaddrs};
use nix::net::if_::InterfaceFlags;
use nix::sys::socket::LinkAddr;
use smoltcp::wire::EthernetAddress;

use super::Trouble;
use crate::stack::cable::Carrier;

/// The kernel's number for Ethernet, `ARPHRD_ETHER`.
const ETHERNET: u16 = 1;

/// An Ethernet interface as it is now.
pub struct Adapter {
    /// Where a packet socket binds to. It names the interface by its index, which no later
    /// interface of the same name has.
    pub link: LinkAddr,
    pub mac: EthernetAddress,
    /// Whether it is switched on.
    pub is_up: bool,
    pub carrier: Carrier,
    /// An address that the kernel's stack has on it.
    pub address: Option<Ipv4Addr>,
}

impl Adapter {
    /// Looks an interface up.
    pub fn find(name: &str) -> Result<Self, Trouble> {
        let all: Vec<InterfaceAddress> = getifaddrs()
            .map_err(Trouble::system("list the interfaces"))?
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
            return Err(Trouble::NoSuchInterface {
                name: name.to_owned(),
                present: present.collect(),
            });
        };
        let mac = link.addr().filter(|_| link.hatype() == ETHERNET);
        let mac = mac.ok_or_else(|| Trouble::NotEthernet {
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

/// What the flags say of the cable; that of an interface which is switched off is dead.
fn carrier(flags: InterfaceFlags) -> Carrier {
    if !flags.contains(InterfaceFlags::IFF_UP | InterfaceFlags::IFF_LOWER_UP) {
        Carrier::Absent
    } else if flags.contains(InterfaceFlags::IFF_DORMANT) {
        // As a port that has to authenticate itself first (IEEE 802.1X).
        Carrier::Negotiating
    } else {
        Carrier::Present
    }
}
