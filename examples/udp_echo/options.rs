//! The command line. A configuration file is used as it is for the interface and the server
//! connection; an address or a proxy on the command line becomes a stored setting of the device.

use core::error::Error;
use core::net::{Ipv4Addr, SocketAddrV4};
use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use lankeeper::nic::ProxyPassword;
use lankeeper::{IpConfig, Nic, Prefix, ProxySettings, Span};
use zeroize::Zeroize;

use crate::endpoint::Endpoint;
use crate::nic_file;

/// Echoes UDP datagrams on an Ethernet interface of its own: unicast and broadcast, only to private
/// addresses in its own subnet, at most 100 packets in a burst and 25 per second. Ctrl-C ends it.
#[derive(Clone, Debug, Parser)]
#[command(name = "udp_echo", version)]
pub struct Options {
    /// Name of the interface; the kernel must have no address on it
    #[arg(long, value_name = "NAME")]
    pub interface: String,
    /// UDP port of the echo server, 1024 to 65535
    #[arg(long, value_name = "N", default_value_t = 7777,
          value_parser = clap::value_parser!(u16).range(1024..))]
    pub port: u16,
    /// Send a datagram there whenever the interface connects; can be given several times
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub announce: Vec<SocketAddrV4>,
    /// Configuration of the interface: a JSON file, such as {"interface": "eth0"}
    #[arg(long, value_name = "FILE", conflicts_with_all = ["address", "proxy"])]
    pub nic: Option<PathBuf>,
    /// Static address with its prefix length, such as 192.168.1.7/24; default is DHCP
    #[arg(long = "static", value_name = "ADDRESS/LENGTH")]
    pub address: Option<Prefix>,
    /// Gateway for the static address
    #[arg(long, value_name = "ADDRESS", requires = "address")]
    pub gateway: Option<Ipv4Addr>,
    /// Name server for the static address; can be given twice
    #[arg(long, value_name = "ADDRESS", requires = "address")]
    pub dns: Vec<Ipv4Addr>,
    /// How long to wait for a lease before the next try, in seconds, 1 to 600; default is 30
    #[arg(long, value_name = "SECONDS", conflicts_with = "address", value_parser = seconds)]
    pub dhcp_timeout: Option<Span>,
    /// Stay connected to this server, by TCP over the same interface
    #[arg(long, value_name = "HOST:PORT")]
    pub server: Option<Endpoint>,
    /// HTTP proxy for the connection to the server
    #[arg(long, value_name = "HOST:PORT", requires = "server")]
    pub proxy: Option<Endpoint>,
    /// User name for the proxy
    #[arg(long, value_name = "NAME", requires = "proxy")]
    pub proxy_user: Option<String>,
    /// File with the password for the proxy, on one line
    #[arg(long, value_name = "FILE", requires = "proxy_user")]
    pub proxy_password_file: Option<PathBuf>,
}

impl Options {
    /// The configuration from the file, or one that only names the interface.
    pub fn nic(&self) -> Result<Nic, Box<dyn Error>> {
        match &self.nic {
            Some(path) => nic_file::read(path),
            None => Ok(Nic::named("ethernet")?),
        }
    }

    /// The static address.
    pub fn ip_config(&self) -> Result<Option<IpConfig>, Box<dyn Error>> {
        let Some(address) = self.address else {
            return Ok(None);
        };
        let config = IpConfig::new(address, self.gateway, &self.dns)
            .map_err(|error| format!("--static, --gateway, --dns: {error}"))?;
        Ok(Some(config))
    }

    /// The proxy, with its credentials.
    pub fn proxy(&self) -> Result<Option<ProxySettings>, Box<dyn Error>> {
        let Some(endpoint) = &self.proxy else {
            return Ok(None);
        };
        let proxy = ProxySettings::new(&endpoint.host.to_string(), endpoint.port)
            .map_err(|error| format!("--proxy: {error}"))?;
        let Some(user) = &self.proxy_user else {
            return Ok(Some(proxy));
        };
        let password = self.proxy_password_file.as_deref();
        let proxy = proxy
            .with_credentials(user, password.map(read_password).transpose()?)
            .map_err(|error| format!("--proxy-user, --proxy-password-file: {error}"))?;
        Ok(Some(proxy))
    }
}

/// Reads a time of up to ten minutes.
fn seconds(text: &str) -> Result<Span, String> {
    let seconds = text.parse().ok().filter(|seconds| *seconds <= 600);
    let span = seconds.and_then(Span::from_secs);
    span.ok_or_else(|| "1 to 600 seconds".into())
}

/// Reads a password file. The line end is not part of the password.
fn read_password(path: &Path) -> Result<ProxyPassword, Box<dyn Error>> {
    let mut text =
        fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let password = ProxyPassword::plaintext(text.trim_end_matches(['\r', '\n']));
    text.zeroize();
    password.map_err(|error| format!("{}: {error}", path.display()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lankeeper::nic::Exposed;

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
            (&["--interface", "a", "--dhcp-timeout", "0"], "1 to 600"),
            (&["--interface", "a", "--dhcp-timeout", "601"], "1 to 600"),
            (
                &["--interface=a", "--static=10.0.0.1/8", "--dhcp-timeout=5"],
                "cannot be used with",
            ),
            (
                &["--interface", "a", "--nic", "f", "--static", "10.0.0.1/8"],
                "cannot be used with",
            ),
            (
                &["--interface=a", "--nic=f", "--server=s:1", "--proxy=p:1"],
                "cannot be used with",
            ),
            (&["--interface", "a", "--server", "host"], "HOST:PORT"),
            (&["--interface", "a", "--server", "host:0"], "HOST:PORT"),
            (&["--interface", "a", "--proxy", "host:8888"], "--server"),
            (&["--interface", "a", "--proxy-user", "hub"], "--proxy"),
            (
                &["--interface", "a", "--proxy-password-file", "f"],
                "--proxy-user",
            ),
        ] {
            let message = parse(arguments).unwrap_err();
            assert!(message.contains(allowed), "{arguments:?}: {message}");
        }
    }

    #[test]
    fn address_gateway_and_name_servers_make_an_address() {
        let options = |rest: &[&str]| {
            let own = ["--interface", "a", "--static", "10.0.0.9/24"];
            parse(&[&own, rest].concat()).unwrap().ip_config()
        };
        let config = options(&["--gateway", "10.0.0.1", "--dns", "10.0.0.2"]).unwrap();
        let config = config.unwrap();
        assert_eq!(config.prefix().to_string(), "10.0.0.9/24");
        assert_eq!(config.gateway(), Some([10, 0, 0, 1].into()));
        assert_eq!(config.name_servers().count(), 1);
        let error = options(&["--gateway", "10.0.1.1"]).unwrap_err();
        assert!(error.to_string().contains("gateway"), "{error}");
    }

    #[test]
    fn proxy_and_credentials_make_a_proxy() {
        let path = std::env::temp_dir().join(format!("udp_echo-password-{}", std::process::id()));
        let file = path.to_str().unwrap();
        let proxy = || {
            let own = [
                "--interface",
                "a",
                "--server",
                "s.test:9",
                "--proxy",
                "p.test:8888",
            ];
            let credentials = ["--proxy-user", "hub", "--proxy-password-file", file];
            parse(&[&own[..], &credentials[..]].concat())
                .unwrap()
                .proxy()
                .map_err(|error| error.to_string())
        };
        fs::write(&path, "sword fish \n").unwrap();
        let settings = proxy().unwrap().unwrap();
        assert_eq!((settings.port(), settings.username()), (8888, Some("hub")));
        let password = settings.password().unwrap().expose();
        assert!(password == Exposed::Plaintext("sword fish "));

        fs::write(&path, "swordfish".repeat(4)).unwrap();
        let error = proxy().unwrap_err();
        assert!(error.contains("at most 32"), "{error}");
        assert!(!error.contains("swordfish"), "{error}");
        fs::remove_file(&path).unwrap();
        assert!(proxy().unwrap_err().contains(file));
    }

    #[test]
    fn a_lease_may_take_ten_minutes() {
        for (text, seconds) in [("1", 1), ("600", 600)] {
            let options = parse(&["--interface", "a", "--dhcp-timeout", text]).unwrap();
            assert_eq!(options.dhcp_timeout, Span::from_secs(seconds));
        }
    }

    #[test]
    fn without_settings_the_interface_is_only_named() {
        let nic = parse(&["--interface", "a"]).unwrap().nic().unwrap();
        assert!(nic.is_name_only());
    }
}
