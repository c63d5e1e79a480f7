//! The command line.

use core::error::Error;
use core::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;

use clap::Parser;
use lankeeper::{IpConfig, Nic, Prefix};

use crate::nic_file;

/// Echoes UDP on an Ethernet interface of its own: by unicast and broadcast, to private addresses
/// of the own subnet only, never more than 100 packets at once and 25 a second. Ctrl-C ends it.
#[derive(Clone, Debug, Parser)]
#[command(name = "udp_echo", version)]
pub struct Options {
    /// The interface as the kernel calls it; the kernel must have no address on it
    #[arg(long, value_name = "NAME")]
    pub interface: String,
    /// The UDP port to echo on, 1024 to 65535
    #[arg(long, value_name = "N", default_value_t = 7777,
          value_parser = clap::value_parser!(u16).range(1024..))]
    pub port: u16,
    /// Send a datagram there whenever the interface gets connected; can be given several times
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub announce: Vec<SocketAddrV4>,
    /// The configuration of the interface, a JSON file such as {"interface": "eth0"}
    #[arg(long, value_name = "FILE", conflicts_with = "address")]
    pub nic: Option<PathBuf>,
    /// A static address with its prefix length, such as 192.168.1.7/24; without it DHCP
    #[arg(long = "static", value_name = "ADDRESS/LENGTH", value_parser = prefix)]
    pub address: Option<Prefix>,
    /// The gateway beside a static address
    #[arg(long, value_name = "ADDRESS", requires = "address")]
    pub gateway: Option<Ipv4Addr>,
    /// A name server beside a static address; can be given twice
    #[arg(long, value_name = "ADDRESS", requires = "address")]
    pub dns: Vec<Ipv4Addr>,
}

impl Options {
    /// The configuration that they add up to.
    pub fn nic(&self) -> Result<Nic, Box<dyn Error>> {
        if let Some(path) = &self.nic {
            return nic_file::read(path);
        }
        let builder = Nic::builder("ethernet");
        Ok(match self.address {
            Some(address) => {
                let config = IpConfig::new(address, self.gateway, &self.dns)
                    .map_err(|error| format!("--static, --gateway, --dns: {error}"))?;
                builder.ip_config(config).build()?
            }
            None => builder.build()?,
        })
    }
}

fn prefix(text: &str) -> Result<Prefix, String> {
    const FORM: &str = "allowed is an address with its prefix length, such as 192.168.1.7/24";
    let (address, length) = text.split_once('/').ok_or(FORM)?;
    let address = lankeeper::parse_dotted_quad(address).map_err(|error| error.to_string())?;
    let length = length.parse().map_err(|_| FORM)?;
    Prefix::new(address, length).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Options, String> {
        Options::try_parse_from([&["udp_echo"], arguments].concat())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn bad_values_are_refused_with_what_is_allowed() {
        for (arguments, allowed) in [
            (&["--port", "7777"] as &[&str], "--interface"),
            (&["--interface", "a", "--port", "1023"], "1024..=65535"),
            (
                &["--interface", "a", "--static", "10.0.0.1"],
                "192.168.1.7/24",
            ),
            (
                &["--interface", "a", "--static", "10.0.0.1/x"],
                "192.168.1.7/24",
            ),
            (
                &["--interface", "a", "--static", "10.0.0.01/8"],
                "leading zero",
            ),
            (
                &["--interface", "a", "--static", "10.0.0.1/33"],
                "at most 32",
            ),
            (&["--interface", "a", "--gateway", "10.0.0.1"], "--static"),
            (
                &["--interface", "a", "--nic", "f", "--static", "10.0.0.1/8"],
                "cannot be used with",
            ),
        ] {
            let message = parse(arguments).unwrap_err();
            assert!(message.contains(allowed), "{arguments:?}: {message}");
        }
    }

    #[test]
    fn address_gateway_and_name_servers_make_a_configuration() {
        let options = |rest: &[&str]| {
            let own = ["--interface", "a", "--static", "10.0.0.9/24"];
            parse(&[&own, rest].concat()).unwrap().nic()
        };
        let nic = options(&["--gateway", "10.0.0.1", "--dns", "10.0.0.2"]).unwrap();
        let config = nic.ip_config().unwrap();
        assert_eq!(config.prefix().to_string(), "10.0.0.9/24");
        assert_eq!(config.gateway(), Some([10, 0, 0, 1].into()));
        assert_eq!(config.name_servers().count(), 1);
        let error = options(&["--gateway", "10.0.1.1"]).unwrap_err();
        assert!(error.to_string().contains("gateway"), "{error}");
    }

    #[test]
    fn without_settings_the_interface_is_only_named() {
        let nic = parse(&["--interface", "a"]).unwrap().nic().unwrap();
        assert!(nic.is_name_only());
    }
}
