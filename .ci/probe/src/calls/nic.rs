//! Configurations: tables and builders with anything in them.

use core::net::Ipv4Addr;

use lankeeper::{
    Exposed, InterfaceId, InterfaceName, IpConfig, Medium, Nic, NicError, ProxyAddress,
    ProxyPassword, ProxySettings, Table, Value, WifiKey, WifiSettings,
};

use super::opaque::{any, bytes, id, keep, prefix, text};

pub fn call() {
    names();
    tables();
    keep(built());
}

fn names() {
    keep(InterfaceId::new(any(Medium::Wifi), any(1)));
    keep((id().medium(), id().number(), id() < id()));
    if let Ok(name) = text().parse::<InterfaceName>() {
        let name = any(name);
        keep(name.as_str());
        keep(name.medium());
        keep(name.resolve(any([id(), id()])));
        keep(name == any(name));
    }
}

fn tables() {
    keep(any(Value::Null).kind());
    keep((
        Value::from(any(1_i64)),
        Value::from(text()),
        Value::from(bytes()),
    ));
    let entries = any([(text(), any(Value::Null))]);
    let table = any(Table::new(any(entries.as_slice())));
    keep(table.entries());
    read(Nic::from_table(&table));
    read(Nic::from_value(&any(Value::Null)));
}

fn read(result: Result<Nic, NicError>) {
    match any(result) {
        Ok(nic) => look_at(&nic),
        Err(error) => {
            keep(error.path());
            keep(error.problem());
            keep(error == any(error.clone()));
        }
    }
}

fn look_at(nic: &Nic) {
    keep(nic.name());
    keep(nic.is_name_only());
    keep(nic.ip_config());
    if let Some(wifi) = nic.wifi() {
        keep(wifi.ssid());
        keep(wifi.key().expose());
    }
    if let Some(proxy) = nic.proxy() {
        match proxy.address() {
            ProxyAddress::Ip(address) => keep(address),
            ProxyAddress::Host(name) => keep(name.as_str()),
        }
        keep((proxy.port(), proxy.username()));
        match proxy.password().map(ProxyPassword::expose) {
            Some(Exposed::Plaintext(text)) => keep(text),
            Some(Exposed::Sealed(blob)) => keep(blob),
            None => {}
        }
    }
    let other = any(nic.clone());
    keep(nic.means_same_as(&other, any([id(), id()])));
}

/// A configuration with anything in it that the typed way allows.
pub fn built() -> Option<Nic> {
    let key = match any(0) {
        0 => WifiKey::open(),
        1 => WifiKey::plaintext(text()).ok()?,
        _ => WifiKey::sealed(bytes()).ok()?,
    };
    let password = match any(0) {
        0 => None,
        1 => Some(ProxyPassword::plaintext(text()).ok()?),
        _ => Some(ProxyPassword::sealed(bytes()).ok()?),
    };
    let proxy = ProxySettings::new(text(), any(80)).ok()?;
    let proxy = any(proxy).with_credentials(text(), any(password)).ok()?;
    let mut builder = any(Nic::builder(text()));
    if any(true) {
        builder = builder.wifi(any(WifiSettings::new(bytes(), any(key)).ok()?));
    }
    if any(true) {
        let ip = IpConfig::new(prefix(), any(None), any([Ipv4Addr::UNSPECIFIED].as_slice()));
        builder = builder.ip_config(any(ip.ok()?));
    }
    if any(true) {
        builder = builder.proxy(any(proxy));
    }
    let nic = any(builder).build();
    read(nic.clone());
    read(Nic::named(text()));
    nic.ok()
}
