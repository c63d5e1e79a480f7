//! `staticconfig`.

use core::net::Ipv4Addr;

use ipnet::Ipv4Net;
use lankeeper::nic::{NicError, Value};
use lankeeper::{IpConfig, Prefix};

use super::{Entry, address, refusal};

fn ip(address_: &str, mask: &str) -> Result<IpConfig, NicError> {
    address(&[("ip", address_.into()), ("netmask", mask.into())])
}

fn with(more: &[Entry<'_>]) -> Result<IpConfig, NicError> {
    let own = [
        ("ip", "192.168.1.7".into()),
        ("netmask", "255.255.255.0".into()),
    ];
    address(&[&own, more].concat())
}

fn dns(items: &[Value<'_>]) -> Result<IpConfig, NicError> {
    with(&[("dns", items.into())])
}

// spec: NIC-8
#[test]
fn a_full_table_is_read() {
    let own = Prefix::new(Ipv4Addr::new(192, 168, 1, 7), 24).unwrap();
    let router = Ipv4Addr::new(192, 168, 1, 1);
    let servers = [Ipv4Addr::new(192, 168, 1, 2), Ipv4Addr::new(9, 9, 9, 9)];
    let read = with(&[
        ("gateway", "192.168.1.1".into()),
        (
            "dns",
            Value::List(&["192.168.1.2".into(), "9.9.9.9".into()]),
        ),
    ]);
    assert_eq!(
        read,
        Ok(IpConfig::new(own, Some(router), &servers).unwrap())
    );
    assert_eq!(with(&[]), Ok(IpConfig::new(own, None, &[]).unwrap()));
}

// spec: NIC-8
#[test]
fn address_and_mask_are_required() {
    assert_eq!(
        refusal(address(&[("netmask", "255.0.0.0".into())])),
        "staticconfig.ip: missing, required is a string"
    );
    assert_eq!(
        refusal(address(&[("ip", "10.0.0.1".into())])),
        "staticconfig.netmask: missing, required is a string"
    );
}

// spec: NIC-8, UDP-3
#[test]
fn all_are_strict_dotted_quads() {
    let loose = [
        "",
        "10",
        "10.1",
        "10.0.0",
        "10.0.0.1.",
        ".10.0.0.1",
        "10..0.1",
        "10.0.0.256",
        "010.0.0.1",
        "10.0.0.01",
        "0x0a.0.0.1",
        "+10.0.0.1",
        " 10.0.0.1",
        "10.0.0.1 ",
        "10.0.0.1\0",
        "10.0.0.1\n",
        "10.0.0.0001",
        "10.0.0.1/8",
        "1٠.0.0.1",
        "localhost",
    ];
    for text in loose {
        let value = Value::from(text);
        let expected = format!("{} is not a dotted quad", super::tree::quoted(text));
        for (key, result) in [
            ("ip", ip(text, "255.0.0.0")),
            ("netmask", ip("10.0.0.2", text)),
            ("gateway", with(&[("gateway", value)])),
            ("dns[0]", dns(&[value, value])),
            ("dns[1]", dns(&["10.0.0.1".into(), value])),
        ] {
            let text = refusal(result);
            assert!(
                text.starts_with(&format!("staticconfig.{key}: {expected}")),
                "{text}"
            );
        }
    }
    assert_eq!(
        refusal(ip("10.0.0.256", "255.0.0.0")),
        "staticconfig.ip: \"10.0.0.256\" is not a dotted quad, allowed are four numbers 0 to 255 \
         without leading zeros, as 192.168.1.7"
    );
}

// spec: NIC-8
#[test]
fn the_mask_has_1_to_31_ones_and_no_holes() {
    for length in 0..=32 {
        let mask = Ipv4Net::new(Ipv4Addr::UNSPECIFIED, length)
            .unwrap()
            .netmask();
        // A host of its subnet at any prefix length.
        let result = ip("85.85.85.85", &mask.to_string());
        if (1..=31).contains(&length) {
            assert_eq!(result.unwrap().prefix().length(), length);
        } else {
            assert_eq!(
                refusal(result),
                format!(
                    "staticconfig.netmask: prefix length {length}, allowed is 1 to 31, in a lease \
                     up to 32"
                )
            );
        }
    }
    assert_eq!(
        refusal(ip("10.0.0.1", "255.0.255.0")),
        "staticconfig.netmask: mask 255.0.255.0 has holes, allowed are ones followed by zeros, \
         as 255.255.255.0"
    );
}

// spec: NIC-8
#[test]
fn a_mask_with_any_one_bit_flipped_is_a_prefix_or_has_holes() {
    for length in 1..=31 {
        let mask = Ipv4Net::new(Ipv4Addr::UNSPECIFIED, length)
            .unwrap()
            .netmask();
        for bit in 0..32 {
            let flipped = Ipv4Addr::from_bits(mask.to_bits() ^ (1 << bit));
            let known = ipnet::ipv4_mask_to_prefix(flipped);
            let result = ip("85.85.85.85", &flipped.to_string());
            let allowed = known.is_ok_and(|length| (1..=31).contains(&length));
            assert_eq!(result.is_ok(), allowed, "{flipped}");
        }
    }
}

// spec: NIC-8
#[test]
fn the_address_must_be_usable_for_a_host() {
    let edges = [
        ("0.0.0.0", false),
        ("0.0.0.1", true),
        ("126.255.255.254", true),
        ("127.0.0.0", false),
        ("127.0.0.1", false),
        ("127.255.255.255", false),
        ("128.0.0.1", true),
        ("223.255.255.254", true),
        ("224.0.0.0", false),
        ("239.255.255.255", false),
        ("240.0.0.0", false),
        ("255.255.255.255", false),
    ];
    for (text, allowed) in edges {
        let result = ip(text, "255.0.0.0");
        assert_eq!(result.is_ok(), allowed, "{text}");
        if !allowed {
            assert_eq!(
                refusal(result),
                "staticconfig.ip: not usable for a host, allowed is a unicast address outside \
                 127.0.0.0/8"
            );
        }
    }
}

// spec: NIC-8
#[test]
fn a_static_address_is_not_link_local() {
    for (text, allowed) in [
        ("169.253.255.255", true),
        ("169.254.0.0", false),
        ("169.254.0.1", false),
        ("169.254.255.255", false),
        ("169.255.0.0", true),
    ] {
        // So wide that none of them is the first or the last of its subnet.
        let result = ip(text, "255.0.0.0");
        assert_eq!(result.is_ok(), allowed, "{text}");
        if !allowed {
            assert_eq!(
                refusal(result),
                "staticconfig.ip: a link-local address, allowed is one outside 169.254.0.0/16"
            );
        }
    }
}

// spec: NIC-8
#[test]
fn the_address_and_the_gateway_are_two_hosts_of_one_subnet() {
    for length in 1..=30_u8 {
        let net = Ipv4Net::new(Ipv4Addr::new(85, 85, 85, 85), length).unwrap();
        let (mask, first, last) = (net.netmask().to_string(), net.network(), net.broadcast());
        let step = |from: Ipv4Addr, by: i64| {
            Ipv4Addr::from_bits(u32::try_from(i64::from(from.to_bits()) + by).unwrap())
        };
        for edge in [first, last] {
            // At lengths 1 to 7 an edge of the subnet may be an address that no host can have.
            let text = refusal(ip(&edge.to_string(), &mask));
            assert!(text.starts_with("staticconfig.ip: "), "{text}");
        }
        let own = step(first, 1);
        for (gateway, allowed) in [
            // At lengths 1 and 2 the last host is a loopback address.
            (step(last, -1), length > 2),
            (step(first, 2), true),
            (own, false),
            (first, false),
            (last, false),
            (step(last, 1), false),
        ] {
            let (own, gateway) = (own.to_string(), gateway.to_string());
            let result = address(&[
                ("ip", own.as_str().into()),
                ("netmask", mask.as_str().into()),
                ("gateway", gateway.as_str().into()),
            ]);
            assert_eq!(result.is_ok(), allowed, "{own} {mask} {gateway}");
            if !allowed {
                assert_eq!(
                    refusal(result),
                    "staticconfig.gateway: not allowed as gateway, allowed is another host of the \
                     same subnet"
                );
            }
        }
    }
    // A link of two hosts: each can be the gateway of the other (RFC 3021).
    for (gateway, allowed) in [
        ("10.0.0.5", false),
        ("10.0.0.6", true),
        ("10.0.0.7", false),
        ("10.0.0.8", false),
    ] {
        let result = address(&[
            ("ip", "10.0.0.7".into()),
            ("netmask", "255.255.255.254".into()),
            ("gateway", gateway.into()),
        ]);
        assert_eq!(result.is_ok(), allowed, "{gateway}");
    }
    assert_eq!(
        refusal(ip("192.168.1.255", "255.255.255.0")),
        "staticconfig.ip: the network or broadcast address of its subnet, allowed is a host address"
    );
}

// spec: NIC-8
#[test]
fn there_are_1_or_2_name_servers() {
    let server = Value::from("9.9.9.9");
    for (count, allowed) in [(0, false), (1, true), (2, true), (3, false), (4, false)] {
        let result = dns(&vec![server; count]);
        assert_eq!(result.is_ok(), allowed, "{count}");
        match result {
            Ok(config) => assert_eq!(config.name_servers().count(), count),
            Err(error) => assert_eq!(
                error.to_string(),
                format!("staticconfig.dns: {count} name servers, allowed are 1 or 2")
            ),
        }
    }
}

// spec: NIC-8
#[test]
fn a_name_server_has_a_unicast_address() {
    for (text, allowed) in [
        ("0.0.0.0", false),
        ("0.0.0.1", true),
        ("127.0.0.1", true),
        ("223.255.255.255", true),
        ("224.0.0.0", false),
        ("240.0.0.0", false),
        ("255.255.255.255", false),
    ] {
        assert_eq!(dns(&[text.into()]).is_ok(), allowed, "{text}");
        assert_eq!(dns(&["9.9.9.9".into(), text.into()]).is_ok(), allowed);
    }
    assert_eq!(
        refusal(dns(&["9.9.9.9".into(), "224.0.0.1".into()])),
        "staticconfig.dns[1]: not a unicast address"
    );
}
