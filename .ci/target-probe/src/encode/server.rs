//! What concerns the server connection.

use core::hash::Hasher;

use lankeeper::{
    ConnectError, NotConnectedError, OrderError, Outcome, ProxyAddress, ProxyPassword,
    ProxySettings, ServerAction, ServerCall, ServerState, ServerTimer,
};

use super::{Encode, text, unknown};

impl Encode for ServerAction<'_> {
    fn encode(&self, to: &mut impl Hasher) {
        let (number, proxy) = match self {
            Self::Resolve(_, proxy) => (0, *proxy),
            Self::ReachProxy(_, proxy) => (1, Some(*proxy)),
            Self::Connect(_, proxy) => (2, *proxy),
            Self::Flush(_) => (3, None),
            Self::Disconnect => (4, None),
            _ => unknown(),
        };
        to.write_u8(number);
        if let Some(generation) = self.generation() {
            to.write_u32(generation.to_bits());
        }
        proxy.encode(to);
    }
}

impl Encode for ProxySettings {
    fn encode(&self, to: &mut impl Hasher) {
        match self.address() {
            ProxyAddress::Ip(address) => {
                to.write_u8(0);
                address.encode(to);
            }
            ProxyAddress::Host(name) => {
                to.write_u8(1);
                text(name.as_str(), to);
            }
        }
        to.write_u16(self.port());
        text(self.username().unwrap_or_default(), to);
        self.password().map(ProxyPassword::expose).encode(to);
    }
}

impl Encode for Outcome {
    fn encode(&self, to: &mut impl Hasher) {
        // Two share a code.
        match Self::ALL.iter().position(|outcome| outcome == self) {
            Some(place) => to.write_u8(place as u8),
            None => unknown(),
        }
    }
}

impl Encode for ServerState {
    fn encode(&self, to: &mut impl Hasher) {
        match Self::ALL.iter().position(|state| state == self) {
            Some(place) => to.write_u8(place as u8),
            None => unknown(),
        }
    }
}

impl Encode for ServerTimer {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u8(match self {
            Self::Attempt => 0,
            Self::Round => 1,
            Self::Flush => 2,
            Self::Retry => 3,
            Self::Pause => 4,
            Self::Stability => 5,
            _ => unknown(),
        });
    }
}

impl Encode for ServerCall {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u8(match self {
            Self::Connected => 0,
            Self::Connecting => 1,
        });
    }
}

impl Encode for NotConnectedError {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u8(self.code());
    }
}

impl Encode for ConnectError {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Suspends => to.write_u8(0),
            Self::Interface(error) => {
                to.write_u8(2);
                error.encode(to);
            }
            Self::Active => to.write_u8(3),
            Self::NothingToTry => to.write_u8(4),
            _ => unknown(),
        }
    }
}

impl Encode for OrderError {
    fn encode(&self, to: &mut impl Hasher) {
        let (number, id) = match self {
            Self::Absent(id) => (0, id),
            Self::Twice(id) => (1, id),
            _ => unknown(),
        };
        to.write_u8(number);
        id.encode(to);
    }
}
