//! The address of a server or a proxy.

use core::fmt;
use core::net::Ipv4Addr;
use core::str::FromStr;

use lankeeper::ProxySettings;
use lankeeper::nic::ProxyAddress;

/// A host, by address or by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    Ip(Ipv4Addr),
    Name(String),
}

/// A TCP port of a host, in text form `HOST:PORT`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub host: Host,
    pub port: u16,
}

impl From<&ProxySettings> for Endpoint {
    fn from(proxy: &ProxySettings) -> Self {
        let host = match proxy.address() {
            ProxyAddress::Ip(address) => Host::Ip(*address),
            ProxyAddress::Host(name) => Host::Name(name.as_str().to_owned()),
        };
        Self {
            host,
            port: proxy.port(),
        }
    }
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "allowed is HOST:PORT, such as server.example:443";
        let (host, port) = text.rsplit_once(':').ok_or(FORM)?;
        let port = port.parse().map_err(|_| FORM)?;
        // The rules for server names are those for proxy names.
        let checked = ProxySettings::new(host, port)
            .map_err(|_| format!("{FORM}, the host a dotted quad or a name of up to 64 bytes"))?;
        Ok(Self::from(&checked))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(address) => address.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}
