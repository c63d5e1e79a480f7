//! What can keep an interface from being used, told to whoever can do something about it.

use core::net::Ipv4Addr;

use nix::errno::Errno;
use thiserror::Error;

/// Why an interface cannot be used.
#[derive(Debug, Error)]
pub enum Trouble {
    /// The kernel knows no interface of that name.
    #[error("{name}: no such interface; there are: {}", present.join(", "))]
    NoSuchInterface { name: String, present: Vec<String> },
    /// It is of another kind.
    #[error("{name}: not an Ethernet interface")]
    NotEthernet { name: String },
    /// The kernel's stack uses it.
    #[error(
        "{name}: the kernel has the address {address} on it and would answer for us, with errors\n\
         take the address away:       ip address flush dev {name}\n\
         or use an interface apart:   ip link add echo0 link {name} type macvlan mode bridge && \
         ip link set echo0 up"
    )]
    AddressInUse { name: String, address: Ipv4Addr },
    /// Only some may open raw sockets.
    #[error(
        "{name}: no permission to open a raw socket\n\
         run as root, or allow it to the program once:   setcap cap_net_raw+ep PROGRAM"
    )]
    NoPermission { name: String },
    /// Anything else.
    #[error("cannot {doing}: {}", errno.desc())]
    System { doing: String, errno: Errno },
}

impl Trouble {
    /// An error of the system while it was `doing` something.
    pub fn system(doing: impl Into<String>) -> impl FnOnce(Errno) -> Self {
        let doing = doing.into();
        move |errno| Self::System { doing, errno }
    }

    /// The number that the core keeps for diagnosis: that of the system's error.
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
