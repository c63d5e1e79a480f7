//! Validation of network interface configurations (NICs).

use core::fmt::Debug;

use lankeeper::nic::{NicError, Table, Value};
use lankeeper::{IpConfig, Nic, ProxySettings, WifiSettings};

mod address;
mod differences;
mod keys;
mod large;
mod meaning;
pub(crate) mod model;
mod name;
mod order;
mod properties;
mod proxy;
mod secrets;
pub(crate) mod tree;
mod wifi;

type Entry<'a> = (&'a str, Value<'a>);

fn table<'a>(entries: &'a [Entry<'a>]) -> Value<'a> {
    Table::new(entries).into()
}

fn nic(entries: &[Entry<'_>]) -> Result<Nic, NicError> {
    Nic::from_table(&Table::new(entries))
}

fn wifi(settings: &[Entry<'_>]) -> Result<WifiSettings, NicError> {
    let nic = nic(&[("interface", "wl0".into()), ("wificonfig", table(settings))])?;
    Ok(nic.wifi().unwrap().clone())
}

fn address(settings: &[Entry<'_>]) -> Result<IpConfig, NicError> {
    let nic = nic(&[
        ("interface", "eth0".into()),
        ("staticconfig", table(settings)),
    ])?;
    Ok(*nic.ip_config().unwrap())
}

fn proxy(settings: &[Entry<'_>]) -> Result<ProxySettings, NicError> {
    let nic = nic(&[
        ("interface", "eth0".into()),
        ("proxyconfig", table(settings)),
    ])?;
    Ok(nic.proxy().unwrap().clone())
}

/// The text of the error.
fn refusal<T: Debug>(result: Result<T, NicError>) -> String {
    result.unwrap_err().to_string()
}
