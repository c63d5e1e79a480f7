//! The carrier of a real Ethernet interface, as the kernel tells it.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use lankeeper::{Action, Generation, Instant, InterfaceId, Report};
use nix::errno::Errno;
use nix::libc;
use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, socket,
};

use super::Trouble;
use super::adapter::Adapter;
use crate::stack::backend::LinkDriver;
use crate::stack::cable::{Cable, Carrier};

/// The kernel's news of interfaces, `RTMGRP_LINK`.
const LINK_NEWS: u32 = 1;

/// Watches an interface of the host. What netlink has to tell is only taken as a hint to look: so
/// no news can be missed or misread.
pub struct CarrierWatch {
    name: String,
    news: OwnedFd,
    cable: Cable,
    /// The index of the interface since the watch began: it changes when the interface is taken
    /// away and made anew, as that of a USB adapter.
    index: Option<usize>,
    watch: Option<Generation>,
    fault: bool,
}

impl CarrierWatch {
    /// Prepares to watch the interface that the kernel knows as `name`.
    pub fn new(name: &str) -> Result<Self, Trouble> {
        let flags = SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC;
        let route = SockProtocol::NetlinkRoute;
        let news = socket(AddressFamily::Netlink, SockType::Raw, flags, route)
            .map_err(Trouble::system("open a netlink socket"))?;
        bind(news.as_raw_fd(), &NetlinkAddr::new(0, LINK_NEWS))
            .map_err(Trouble::system("listen to netlink"))?;
        Ok(Self {
            name: name.to_owned(),
            news,
            cable: Cable::new(),
            index: None,
            watch: None,
            fault: false,
        })
    }

    /// Whether the kernel has told anything since the last call.
    fn has_news(&self) -> bool {
        let mut news = false;
        let mut message = [0; 4096];
        loop {
            match recv(self.news.as_raw_fd(), &mut message, MsgFlags::MSG_TRUNC) {
                // Too many for the socket to keep: some were lost, which is news too.
                Ok(1..) | Err(Errno::ENOBUFS) => news = true,
                Ok(0) | Err(_) => return news,
            }
        }
    }

    fn look(&mut self) {
        let adapter = Adapter::find(&self.name).ok();
        let carrier = adapter.as_ref().map_or(Carrier::Absent, |it| it.carrier);
        self.cable.set_carrier(carrier);
        if let Some(adapter) = adapter {
            let index = adapter.link.ifindex();
            // The socket is bound to one that is no more: only powering up helps.
            self.fault |= *self.index.get_or_insert(index) != index;
        }
    }
}

impl LinkDriver for CarrierWatch {
    fn interface(&self) -> InterfaceId {
        self.cable.interface()
    }

    fn begin(&mut self, now: Instant, action: Action<'_>) {
        if let Action::StartLink(generation) = action {
            self.watch = Some(generation);
            self.look();
        }
        self.cable.begin(now, action);
    }

    fn stop(&mut self) {
        self.cable.stop();
        (self.index, self.watch, self.fault) = (None, None, false);
    }

    fn next_report(&mut self, now: Instant) -> Option<(Generation, Report)> {
        if self.has_news() {
            self.look();
        }
        if core::mem::take(&mut self.fault) {
            let code = libc::ENODEV;
            return Some((self.watch?, Report::Fault { code }));
        }
        self.cable.next_report(now)
    }

    fn poll_at(&self) -> Option<Instant> {
        // The kernel tells of every change.
        self.cable.poll_at()
    }
}

impl AsFd for CarrierWatch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.news.as_fd()
    }
}
