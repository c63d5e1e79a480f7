//! A network card through a raw packet socket. smoltcp's own one panics when the interface goes
//! down.

use core::cell::Cell;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

use log::{debug, warn};
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, LinkAddr, MsgFlags, SockFlag, SockProtocol, SockType, bind, recvfrom, send,
    socket,
};
use smoltcp::phy::{Device, DeviceCapabilities, Medium, RxToken, TxToken};
use smoltcp::time::Instant;
use smoltcp::wire::EthernetAddress;

use super::LinuxError;
use super::adapter::Adapter;
use crate::stack::NetworkCard;

/// The longest frame to send, including its header.
const FRAME: usize = 1514;
/// The longest frame that the kernel may deliver, because it coalesces TCP segments.
const COALESCED: usize = 14 + 65_535;

/// An Ethernet interface of the host, bypassing the kernel's stack.
pub struct PacketSocket {
    name: String,
    port: Port,
    /// The latest received frame.
    frame: Vec<u8>,
    refused: Cell<u32>,
}

/// A socket bound to the interface that had the name at that time.
struct Port {
    socket: OwnedFd,
    mac: EthernetAddress,
    index: usize,
}

impl PacketSocket {
    /// Opens the interface with this name.
    pub fn open(name: &str) -> Result<Self, LinuxError> {
        Ok(Self {
            name: name.to_owned(),
            port: Port::open(name)?,
            frame: vec![0; COALESCED],
            refused: Cell::new(0),
        })
    }

    /// The number of frames that the kernel refused, because the interface was down or its queue
    /// was full.
    pub fn refused(&self) -> u32 {
        self.refused.get()
    }
}

impl Port {
    fn open(name: &str) -> Result<Self, LinuxError> {
        let adapter = Adapter::find(name)?;
        if let Some(address) = adapter.address {
            return Err(LinuxError::AddressInUse {
                name: name.to_owned(),
                address,
            });
        }
        if !adapter.is_up {
            warn!("{name} is down; bring it up:   ip link set {name} up");
        }
        let (kind, flags) = (
            SockType::Raw,
            SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC,
        );
        let socket =
            socket(AddressFamily::Packet, kind, flags, SockProtocol::EthAll).map_err(|errno| {
                match errno {
                    Errno::EPERM | Errno::EACCES => LinuxError::NoPermission {
                        name: name.to_owned(),
                    },
                    errno => LinuxError::system("open a raw socket")(errno),
                }
            })?;
        bind(socket.as_raw_fd(), &adapter.link)
            .map_err(LinuxError::system(format!("bind a raw socket to {name}")))?;
        Ok(Self {
            socket,
            mac: adapter.mac,
            index: adapter.link.ifindex(),
        })
    }

    /// Receives the next frame of this interface. Before `bind`, the socket received frames of all
    /// interfaces.
    fn receive(&self, frame: &mut [u8]) -> Result<usize, Errno> {
        loop {
            let (length, from) = recvfrom::<LinkAddr>(self.socket.as_raw_fd(), frame)?;
            if from.is_some_and(|from| from.ifindex() == self.index) {
                return Ok(length);
            }
        }
    }
}

impl NetworkCard for PacketSocket {
    fn mac(&self) -> EthernetAddress {
        self.port.mac
    }

    fn power_up(&mut self) -> Result<(), i32> {
        match Port::open(&self.name) {
            Ok(port) => {
                self.port = port;
                Ok(())
            }
            Err(error) => {
                warn!("{error}");
                Err(error.code())
            }
        }
    }
}

impl Device for PacketSocket {
    type RxToken<'a> = Incoming<'a>;
    type TxToken<'a> = Outgoing<'a>;

    fn receive(&mut self, _: Instant) -> Option<(Incoming<'_>, Outgoing<'_>)> {
        match self.port.receive(&mut self.frame) {
            Ok(length) => Some((
                Incoming(&self.frame[..length]),
                Outgoing(&self.port.socket, &self.refused),
            )),
            Err(Errno::EAGAIN) => None,
            // Happens once when the interface goes down; the carrier reports that to the core.
            Err(errno) => {
                debug!("{}: {}", self.name, errno.desc());
                None
            }
        }
    }

    fn transmit(&mut self, _: Instant) -> Option<Outgoing<'_>> {
        Some(Outgoing(&self.port.socket, &self.refused))
    }

    fn capabilities(&self) -> DeviceCapabilities {
        let mut capabilities = DeviceCapabilities::default();
        capabilities.medium = Medium::Ethernet;
        capabilities.max_transmission_unit = FRAME;
        capabilities
    }
}

impl AsFd for PacketSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.port.socket.as_fd()
    }
}

/// A received frame.
pub struct Incoming<'a>(&'a [u8]);

impl RxToken for Incoming<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

/// A buffer for a frame to send.
pub struct Outgoing<'a>(&'a OwnedFd, &'a Cell<u32>);

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut room = [0; FRAME];
        let frame = &mut room[..length];
        let result = f(frame);
        // A refused frame is lost, as on a wire.
        if send(self.0.as_raw_fd(), frame, MsgFlags::empty()).is_err() {
            self.1.set(self.1.get().saturating_add(1));
        }
        result
    }
}
