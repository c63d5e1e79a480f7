//! Operations of the stored settings.

use super::super::settings::{Given, address};

/// A request about the stored settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StoreOp {
    Network(u8),
    Address(u8),
    Proxy(u8),
    /// Clears by flags: the network, the address, the proxy.
    Clear(u8),
    Reapply,
    Provision(u8),
}

impl StoreOp {
    pub(crate) fn decode(choice: u8) -> Self {
        let what = choice / 16;
        match choice % 16 {
            0..=3 => Self::Network(what),
            4..=6 => Self::Address(what),
            7 => Self::Proxy(what),
            8 | 9 => Self::Clear(what % 8),
            10..=12 => Self::Reapply,
            _ => Self::Provision(what),
        }
    }

    /// The stored settings after it.
    pub(crate) fn stores(self, before: &Given) -> Given {
        let mut stored = before.clone();
        match self {
            Self::Network(what) => stored.network = network(what),
            Self::Address(what) => stored.ip = Some(address(7 + what % 2)),
            Self::Proxy(what) => stored.proxy = proxy(what),
            Self::Clear(flags) => {
                stored.network = stored.network.filter(|_| flags & 1 == 0);
                stored.ip = stored.ip.filter(|_| flags & 2 == 0);
                stored.proxy = stored.proxy.filter(|_| flags & 4 == 0);
            }
            Self::Reapply => {}
            Self::Provision(what) => {
                stored = Given {
                    network: network(what).filter(|_| what % 8 != 7),
                    ip: Some(address(7)).filter(|_| what / 4 % 2 == 1),
                    proxy: proxy(what).filter(|_| what / 8 % 2 == 1),
                };
            }
        }
        stored
    }
}

fn network(what: u8) -> Option<String> {
    Some(["home", "shed"][usize::from(what % 2)].to_owned())
}

fn proxy(what: u8) -> Option<String> {
    Some(["p.example", "q.example"][usize::from(what % 2)].to_owned())
}
