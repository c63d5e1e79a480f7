//! Tables that own their content, for generated tests.

use bumpalo::Bump;
use lankeeper::Nic;
use lankeeper::nic::{Exposed, Table, Value};

#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
    List(Vec<Self>),
    Table(Vec<(String, Self)>),
}

impl Tree {
    /// The borrowed form, with its slices in an arena.
    pub(crate) fn lend<'a>(&'a self, arena: &'a Bump) -> Value<'a> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(flag) => Value::Boolean(*flag),
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::String(text),
            Self::Blob(bytes) => Value::Blob(bytes),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(|item| item.lend(arena)).collect();
                Value::List(arena.alloc_slice_copy(&items))
            }
            Self::Table(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, value)| (&**key, value.lend(arena)));
                let entries: Vec<_> = entries.collect();
                Value::Table(Table::new(arena.alloc_slice_copy(&entries)))
            }
        }
    }

    pub(crate) fn text(text: impl ToString) -> Self {
        Self::Text(text.to_string())
    }

    /// A copy with the entries of every table in reverse order.
    pub(crate) fn reversed(&self) -> Self {
        match self {
            Self::Table(entries) => {
                let entries = entries.iter().rev();
                Self::Table(
                    entries
                        .map(|(key, value)| (key.clone(), value.reversed()))
                        .collect(),
                )
            }
            other => other.clone(),
        }
    }

    /// A table made from what the accessors of a configuration return.
    pub(crate) fn of(nic: &Nic) -> Self {
        let mut entries = vec![("interface", Self::text(nic.name()))];
        if let Some(wifi) = nic.wifi() {
            let key = wifi.key().expose().map_or(Self::Null, Self::secret);
            let mut inside = vec![
                ("ssid", Self::Blob(wifi.ssid().to_vec())),
                ("security", Self::text(wifi.key().security())),
                ("key", key),
                ("hidden", Self::Boolean(wifi.is_hidden())),
            ];
            inside.extend(wifi.bssid().map(|it| ("bssid", Self::text(it))));
            entries.push(("wificonfig", Self::table(inside)));
        }
        if let Some(config) = nic.ip_config() {
            let mut inside = vec![
                ("ip", Self::text(config.address())),
                ("netmask", Self::text(config.prefix().mask())),
            ];
            inside.extend(config.gateway().map(|it| ("gateway", Self::text(it))));
            let servers: Vec<_> = config.name_servers().map(Self::text).collect();
            if !servers.is_empty() {
                inside.push(("dns", Self::List(servers)));
            }
            entries.push(("staticconfig", Self::table(inside)));
        }
        if let Some(proxy) = nic.proxy() {
            let mut inside = vec![
                ("address", Self::text(proxy.address())),
                ("port", Self::Integer(proxy.port().into())),
            ];
            inside.extend(proxy.username().map(|it| ("username", Self::text(it))));
            let password = proxy.password().map(|it| Self::secret(it.expose()));
            inside.extend(password.map(|it| ("password", it)));
            entries.push(("proxyconfig", Self::table(inside)));
        }
        Self::table(entries)
    }

    fn table(entries: impl IntoIterator<Item = (&'static str, Self)>) -> Self {
        let entries = entries.into_iter();
        Self::Table(entries.map(|(key, it)| (key.to_string(), it)).collect())
    }

    fn secret(exposed: Exposed<'_>) -> Self {
        match exposed {
            Exposed::Plaintext(text) => Self::text(text),
            Exposed::Sealed(blob) => Self::Blob(blob.to_vec()),
        }
    }
}

/// A short text, quoted as errors do.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.escape_default())
}
