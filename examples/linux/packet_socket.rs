//! A network card through a raw packet socket. smoltcp has one too, which panics as soon as the
//! interface is switched off.

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

use super::Trouble;
use super::adapter::Adapter;
use crate::stack::NetworkCard;

/// The longest frame that we send, its header included.
const FRAME: usize = 1514;
/// The longest that the kernel may hand over: it joins TCP segments that came one after another.
const JOINED: usize = 14 + 65_535;

/// An Ethernet interface of the host, past the kernel's own stack.
pub struct PacketSocket {
    name: String,
    port: Port,
    /// The frame that came in last.
    frame: Vec<u8>,
    refused: Cell<u32>,
}

/// The socket, bound to the interface that had the name when it was opened.
struct Port {
    socket: OwnedFd,
    mac: EthernetAddress,
    index: usize,
}

impl PacketSocket {
    /// Opens the interface that the kernel knows as `name`.
    pub fn open(name: &str) -> Result<Self, Trouble> {
        Ok(Self {
            name: name.to_owned(),
            port: Port::open(name)?,
            frame: vec![0; JOINED],
            refused: Cell::new(0),
        })
    }

    /// Frames that the kernel did not take: the interface was switched off, or its queue full.
    pub fn refused(&self) -> u32 {
        self.refused.get()
    }
}

impl Port {
    fn open(name: &str) -> Result<Self, Trouble> {
        let adapter = Adapter::find(name)?;
        if let Some(address) = adapter.address {
            return Err(Trouble::AddressInUse {
                name: name.to_owned(),
                address,
            });
        }
        if !adapter.is_up {
            warn!("{name} is switched off; switch it on:   ip link set {name} up");
        }
        let (kind, flags) = (
            SockType::Raw,
            SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC,
        );
        let socket =
            socket(AddressFamily::Packet, kind, flags, SockProtocol::EthAll).map_err(|errno| {
                match errno {
                    Errno::EPERM | Errno::EACCES => Trouble::NoPermission {
                        name: name.to_owned(),
                    },
                    errno => Trouble::system("open a raw socket")(errno),
                }
            })?;
        bind(socket.as_raw_fd(), &adapter.link)
            .map_err(Trouble::system(format!("bind a raw socket to {name}")))?;
        Ok(Self {
            socket,
            mac: adapter.mac,
            index: adapter.link.ifindex(),
        })
    }

    /// The next frame of this interface. Before it was bound, the socket took those of all.
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
            Err(trouble) => {
                warn!("{trouble}");
                Err(trouble.code())
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
            // Told once when the interface is switched off: the carrier tells it to the core.
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

/// A frame that came in.
pub struct Incoming<'a>(&'a [u8]);

impl RxToken for Incoming<'_> {
    fn consume<R, F: FnOnce(&[u8]) -> R>(self, f: F) -> R {
        f(self.0)
    }
}

/// Room for a frame that goes out.
pub struct Outgoing<'a>(&'a OwnedFd, &'a Cell<u32>);

impl TxToken for Outgoing<'_> {
    fn consume<R, F: FnOnce(&mut [u8]) -> R>(self, length: usize, f: F) -> R {
        let mut room = [0; FRAME];
        let frame = &mut room[..length];
        let result = f(frame);
        // What is not taken is lost, as on a wire.
        if send(self.0.as_raw_fd(), frame, MsgFlags::empty()).is_err() {
            self.1.set(self.1.get().saturating_add(1));
        }
        result
    }
}
