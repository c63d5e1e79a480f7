//! The carrier of a real Ethernet interface, as reported by the kernel.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use lankeeper::{Action, Instant, InterfaceId, Report};
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket,
};

use super::LinuxError;
use super::adapter::Adapter;
use crate::stack::backend::LinkDriver;
use crate::stack::cable::{Cable, Carrier};

/// The multicast group for link changes, `RTMGRP_LINK`.
const LINK_NOTIFICATIONS: u32 = 1;

/// Watches an interface of the host. A netlink message only triggers a look-up of the present
/// state, so a lost or misread one does no harm.
pub struct CarrierWatch {
    name: String,
    netlink: OwnedFd,
    cable: Cable,
    /// The index of the interface since the watch began. It changes when the interface is removed
    /// and added again, for example a USB adapter.
    index: Option<usize>,
    watches: bool,
    fault: bool,
}

impl CarrierWatch {
    /// Prepares to watch the interface with this name.
    pub fn new(name: &str) -> Result<Self, LinuxError> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let route = SockProtocol::NetlinkRoute;
        let netlink = socket(AddressFamily::Netlink, SockType::Raw, flags, route)
            .map_err(LinuxError::system("open a netlink socket"))?;
        bind(
            netlink.as_raw_fd(),
            &NetlinkAddr::new(0, LINK_NOTIFICATIONS),
        )
        .map_err(LinuxError::system("listen to netlink"))?;
        Ok(Self {
            name: name.to_owned(),
            netlink,
            cable: Cable::new(),
            index: None,
            watches: false,
            fault: false,
        })
    }

    /// Whether a notification has arrived since the last call.
    fn has_notifications(&self) -> bool {
        let mut notified = false;
        let mut message = [0; 4096];
        loop {
            match recv(self.netlink.as_raw_fd(), &mut message, MsgFlags::MSG_TRUNC) {
                // ENOBUFS: the socket dropped notifications, so there were some.
                Ok(1..) | Err(Errno::ENOBUFS) => notified = true,
                Ok(0) | Err(_) => return notified,
            }
        }
    }

    fn refresh(&mut self) {
        let adapter = Adapter::find(&self.name).ok();
        let carrier = adapter.as_ref().map_or(Carrier::Absent, |it| it.carrier);
        self.cable.set_carrier(carrier);
        if let Some(adapter) = adapter {
            let index = adapter.link.ifindex();
            // The packet socket is bound to an interface that no longer exists; only a power-up
            // helps.
            self.fault |= *self.index.get_or_insert(index) != index;
        }
    }
}

impl LinkDriver for CarrierWatch {
    fn interface(&self) -> InterfaceId {
        self.cable.interface()
    }

    fn begin(&mut self, now: Instant, action: Action<'_>) -> Result<(), i32> {
        self.refresh();
        self.cable.begin(now, action)?;
        self.watches = true;
        Ok(())
    }

    fn stop(&mut self) {
        self.cable.stop();
        (self.index, self.watches, self.fault) = (None, false, false);
    }

    fn next_report(&mut self, now: Instant) -> Option<Report> {
        if self.has_notifications() {
            self.refresh();
        }
        if core::mem::take(&mut self.fault) && self.watches {
            let code = libc::ENODEV;
            return Some(Report::Fault { code });
        }
        self.cable.next_report(now)
    }

    fn poll_at(&self) -> Option<Instant> {
        // The kernel reports every change.
        self.cable.poll_at()
    }
}

impl AsFd for CarrierWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.netlink.as_fd()
    }
}
