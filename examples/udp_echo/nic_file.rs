//! A network interface configuration from a JSON file.

use core::error::Error;
use core::fmt;
use std::fs;
use std::path::Path;

use bumpalo::Bump;
use lankeeper::Nic;
use lankeeper::nic::{Table, Value};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Reads and validates a configuration.
pub fn read(path: &Path) -> Result<Nic, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(Into::into);
    text.and_then(|text| parse(&text))
        .map_err(|error| format!("{}: {error}", path.display()).into())
}

pub fn parse(text: &str) -> Result<Nic, Box<dyn Error>> {
    let bump = Bump::new();
    let mut json = serde_json::Deserializer::from_str(text);
    let value = In(&bump).deserialize(&mut json)?;
    json.end()?;
    Ok(Nic::from_value(&value)?)
}

/// Builds the crate's own values; the arena owns what they borrow. Duplicate keys are kept, so that
/// the crate can report them.
#[derive(Clone, Copy)]
struct In<'a>(&'a Bump);

impl<'a, 'de> DeserializeSeed<'de> for In<'a> {
    type Value = Value<'a>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value<'a>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'a, 'de> Visitor<'de> for In<'a> {
    type Value = Value<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("null, a boolean, a whole number, a string, a list or a table")
    }

    fn visit_unit<E>(self) -> Result<Value<'a>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value<'a>, E> {
        Ok(Value::Boolean(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value<'a>, E> {
        Ok(Value::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value<'a>, E> {
        // A number that does not fit is too large for every key.
        Ok(Value::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value<'a>, E> {
        Ok(Value::String(self.0.alloc_str(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<'a>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Value::List(self.0.alloc_slice_copy(&items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Value<'a>, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = table.next_key::<String>()? {
            let key = &*self.0.alloc_str(&key);
            entries.push((key, table.next_value_seed(self)?));
        }
        Ok(Value::Table(Table::new(self.0.alloc_slice_copy(&entries))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lankeeper::nic::Exposed;

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn everything_that_a_configuration_has_is_read() {
        let nic = parse(
            r#"{
                "interface": "eth0",
                "staticconfig": {
                    "ip": "10.0.0.9", "netmask": "255.255.255.0", "dns": ["10.0.0.1"]
                },
                "proxyconfig": {
                    "address": "proxy.test", "port": 8888, "user": "hub", "password": "secret"
                }
            }"#,
        )
        .unwrap();
        assert_eq!(nic.ip_config().unwrap().name_servers().count(), 1);
        let proxy = nic.proxy().unwrap();
        assert_eq!((proxy.port(), proxy.username()), (8888, Some("hub")));
        let password = proxy.password().unwrap().expose();
        assert!(password == Exposed::Plaintext("secret"));
        assert!(parse(r#""ethernet""#).unwrap().is_name_only());
    }

    #[test]
    fn errors_name_the_key_or_the_place() {
        for (text, part) in [
            (r#"{"interface": "eth0", "interface": "eth0"}"#, "interface"),
            (r#"{"interface": 1}"#, "interface"),
            (
                r#"{"interface": "eth0", "staticconfig": {"ip": "10.0.0.9", "netmask": null}}"#,
                "staticconfig.netmask",
            ),
            (
                r#"{"interface": "eth0", "proxyconfig": {"address": "p", "port": 18446744073709551615}}"#,
                "proxyconfig.port",
            ),
            (
                r#"{"interface": "eth0", "retry": true}"#,
                "retry: unknown key",
            ),
            (r#"{"interface": "eth0", "retry": 1.5}"#, "whole number"),
            (r#"{"interface": "eth0""#, "line 1"),
            (r#""eth0" "eth1""#, "line 1"),
        ] {
            assert!(refusal(text).contains(part), "{text}: {}", refusal(text));
        }
    }

    #[test]
    fn an_error_keeps_the_password_to_itself() {
        let text = r#"{"interface": "eth0", "proxyconfig": {"address": "p", "port": 1,
            "password": "swordfish"}, "x": 1.5}"#;
        for text in [text, &text.replace("1.5", "1")] {
            assert!(!refusal(text).contains("swordfish"), "{}", refusal(text));
        }
    }
}
