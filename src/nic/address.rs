//! Static addressing: `staticconfig`.

use core::net::Ipv4Addr;

use super::schema::{Reading, Rule, Schema, Takes};
use super::{Medium, NicProblem};
use crate::ipv4::{IpConfig, IpConfigError, Prefix};

pub(super) const TABLE: &str = "staticconfig";

/// The reader of each key checks its value against the keys read before it (NIC-8).
pub(super) static SCHEMA: Schema = Schema::new(
    TABLE,
    &[Medium::Wifi, Medium::Ethernet],
    &["ip", "netmask", "gateway", "dns"],
    &[
        Rule::required(Takes::Address(read_ip)),
        Rule::required(Takes::Address(read_netmask)),
        Rule::optional(Takes::Address(read_gateway)),
        Rule::optional(Takes::NameServers(read_name_server)),
    ],
);

fn read_ip(reading: &mut Reading<'_>, address: Ipv4Addr) -> Result<(), NicProblem> {
    Ok(config(reading).set_address(address)?)
}

fn read_netmask(reading: &mut Reading<'_>, mask: Ipv4Addr) -> Result<(), NicProblem> {
    let config = config(reading);
    let prefix = Prefix::from_mask(config.address(), mask).map_err(NicProblem::Netmask)?;
    config.set_length(prefix.length()).map_err(|problem| {
        if problem == IpConfigError::NotAHost {
            // Only the mask reveals it, but the address is wrong.
            reading.path.set_key("ip");
        }
        problem.into()
    })
}

fn read_gateway(reading: &mut Reading<'_>, address: Ipv4Addr) -> Result<(), NicProblem> {
    Ok(config(reading).set_gateway(address)?)
}

fn read_name_server(reading: &mut Reading<'_>, address: Ipv4Addr) -> Result<(), NicProblem> {
    Ok(config(reading).add_name_server(address)?)
}

/// The settings that are being read, blank at first.
// size: 4 callers
#[inline(never)]
fn config<'a>(reading: &'a mut Reading<'_>) -> &'a mut IpConfig {
    reading.nic.ip_config.get_or_insert_with(IpConfig::blank)
}
