//! Input of any size takes linear time, and errors have bounded length.

use lankeeper::Nic;
use lankeeper::nic::Value;

use super::{Entry, address, nic, proxy, refusal, table, wifi};

/// The longest text of any error.
pub(super) const LONGEST_ERROR: usize = 512;

// spec: NIC-11
#[test]
fn ten_megabytes_anywhere_give_a_short_error() {
    for piece in ["a", "\0", "é", "1.", "@", "\""] {
        let long = piece.repeat(10_000_000 / piece.len());
        let text = Value::from(long.as_str());
        let blob = Value::from(long.as_bytes());
        let (ip, mask) = (("ip", "10.0.0.1".into()), ("netmask", "255.0.0.0".into()));
        let (host, port) = (("address", "a".into()), ("port", 1.into()));
        let (ssid, open) = (("ssid", "s".into()), ("key", Value::Null));
        let errors = [
            refusal(Nic::from_value(&text)),
            refusal(Nic::named(&long)),
            refusal(Nic::builder(&long).build()),
            refusal(nic(&[("interface", text)])),
            refusal(nic(&[(long.as_str(), text)])),
            refusal(wifi(&[(long.as_str(), text)])),
            refusal(wifi(&[("ssid", text)])),
            refusal(wifi(&[("ssid", blob)])),
            refusal(wifi(&[ssid, ("key", text)])),
            refusal(wifi(&[ssid, ("key", blob)])),
            refusal(wifi(&[ssid, ("security", text)])),
            refusal(wifi(&[ssid, open, ("bssid", text)])),
            refusal(wifi(&[ssid, open, ("bssid", blob)])),
            refusal(address(&[("ip", text)])),
            refusal(address(&[ip, ("netmask", text)])),
            refusal(address(&[ip, mask, ("gateway", text)])),
            refusal(address(&[ip, mask, ("dns", Value::List(&[text]))])),
            refusal(proxy(&[("type", text)])),
            refusal(proxy(&[("address", text)])),
            refusal(proxy(&[host, port, ("username", text)])),
            refusal(proxy(&[host, port, ("password", text)])),
            refusal(proxy(&[host, port, ("password", blob)])),
        ];
        for error in errors {
            assert!(error.len() <= LONGEST_ERROR, "{error}");
        }
        assert!(format!("{:?}", Nic::builder(&long)).len() <= LONGEST_ERROR);
    }
}

// spec: NIC-11
#[test]
fn a_million_entries_give_the_usual_errors() {
    let repeated = vec![("interface", Value::from("wl0")); 1_000_000];
    assert_eq!(
        refusal(nic(&repeated)),
        "interface: duplicate key, allowed is one"
    );
    let items = vec![Value::from("9.9.9.9"); 1_000_000];
    let text = refusal(address(&[
        ("ip", "10.0.0.1".into()),
        ("netmask", "255.0.0.0".into()),
        ("dns", items.as_slice().into()),
    ]));
    assert_eq!(
        text,
        "staticconfig.dns: 1000000 name servers, allowed are 1 or 2"
    );
    let mut almost: Vec<Entry<'_>> = vec![("port", 1.into()); 1_000_000];
    almost.push(("prot", 1.into()));
    assert!(refusal(proxy(&almost)).starts_with("proxyconfig.prot: unknown key"));
}

// spec: NIC-11
#[test]
fn nesting_of_any_depth_is_not_followed() {
    fn nest(value: Value<'_>, depth: usize, then: &mut dyn FnMut(Value<'_>)) {
        if depth == 0 {
            return then(value);
        }
        let entries = [("wificonfig", value)];
        nest(table(&entries), depth - 1, then);
    }
    nest(Value::Null, 1_000, &mut |value| {
        let text = refusal(nic(&[("interface", "wl0".into()), ("wificonfig", value)]));
        assert_eq!(
            text,
            "wificonfig.wificonfig: unknown key, allowed are ssid, security, key, hidden, bssid"
        );
        assert_eq!(format!("{value:?}"), "Table");
    });
}
