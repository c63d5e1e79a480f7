//! Errors that keep an interface from being used, with instructions for the user.

use core::net::Ipv4Addr;

use nix::errno::Errno;
use thiserror::Error;

/// The reason why an interface cannot be used.
#[derive(Debug, Error)]
pub enum LinuxError {
    /// There is no interface with this name.
    #[error("{name}: no such interface; there are: {}", present.join(", "))]
    NoSuchInterface { name: String, present: Vec<String> },
    /// The interface is not an Ethernet interface.
    #[error("{name}: not an Ethernet interface")]
    NotEthernet { name: String },
    /// The kernel's own stack uses the interface.
    #[error(
        "{name}: the kernel has the address {address} on it and would answer our packets with errors\n\
         remove the address:          ip address flush dev {name}\n\
         or use another interface:    ip link add echo0 link {name} type macvlan mode bridge && \
         ip link set echo0 up"
    )]
    AddressInUse { name: String, address: Ipv4Addr },
    /// Raw sockets need a privilege.
    #[error(
        "{name}: no permission to open a raw socket\n\
         run as root, or grant it to the program once:   setcap cap_net_raw+ep PROGRAM"
    )]
    NoPermission { name: String },
    /// Any other error.
    #[error("cannot {doing}: {}", errno.desc())]
    System { doing: String, errno: Errno },
}

impl LinuxError {
    /// Wraps a system error that occurred while `doing` something.
    pub fn system(doing: impl Into<String>) -> impl FnOnce(Errno) -> Self {
        let doing = doing.into();
        move |errno| Self::System { doing, errno }
    }

    /// The system's error number, which the core stores for diagnosis.
    pub fn code(&self) -> i32 {
        let errno = match self {
            Self::NoSuchInterface { .. } => Errno::ENODEV,
            Self::NotEthernet { .. } => Errno::EPFNOSUPPORT,
            Self::AddressInUse { .. } => Errno::EADDRINUSE,
            Self::NoPermission { .. } => Errno::EPERM,
            Self::System { errno, .. } => *errno,
        };
        errno as i32
    }
}
