//! A hash of all that comes out: the same on every target and with every compiler.

use core::fmt::{self, Debug, Write};

use lankeeper::nic::{Exposed, ProxyPassword};
use lankeeper::{Action, Command, Nic, ProxySettings, ServerAction, WifiSettings};

/// 64-bit FNV-1a.
pub struct Fnv(pub u64);

impl Fnv {
    pub const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    /// Takes what the `Debug` form of an output says.
    pub fn debug(&mut self, output: &impl Debug) {
        write!(self, "{output:?};").expect("a hash takes everything");
    }

    /// Takes what the `Debug` form of a command leaves out.
    pub fn secrets(&mut self, command: &Command<'_>) {
        match command {
            Command::Interface {
                action: Action::Scan(network) | Action::Join(network),
                ..
            } => self.network(network),
            Command::Server {
                action:
                    ServerAction::Resolve(Some(proxy))
                    | ServerAction::ReachProxy(proxy)
                    | ServerAction::Connect(Some(proxy)),
                ..
            } => self.proxy(proxy),
            Command::Persist(settings) => {
                self.bytes(settings.to_record().as_bytes());
            }
            Command::Seal { secrets, .. } => {
                let all = [secrets.key, secrets.password];
                all.into_iter()
                    .flatten()
                    .for_each(|secret| self.secret(secret));
            }
            _ => {}
        }
    }

    /// Takes a configuration with its secrets.
    pub fn nic(&mut self, nic: &Nic) {
        self.debug(nic);
        nic.wifi()
            .into_iter()
            .for_each(|network| self.network(network));
        nic.proxy().into_iter().for_each(|proxy| self.proxy(proxy));
    }

    fn network(&mut self, network: &WifiSettings) {
        network
            .key()
            .expose()
            .into_iter()
            .for_each(|key| self.secret(key));
    }

    fn proxy(&mut self, proxy: &ProxySettings) {
        let password = proxy.password().map(ProxyPassword::expose);
        password.into_iter().for_each(|secret| self.secret(secret));
    }

    fn secret(&mut self, secret: Exposed<'_>) {
        match secret {
            Exposed::Plaintext(text) => self.bytes(text.as_bytes()),
            Exposed::Sealed(blob) => self.bytes(blob),
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
        }
    }
}

impl fmt::Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}
