//! Prefixes, ranges and validated address settings, compared with `ipnet`.

use core::net::Ipv4Addr;

use ipnet::Ipv4Net;
use lankeeper::ipv4::{IpConfigError, PrefixError, is_private, is_unicast, parse_dotted_quad};
use lankeeper::{IpConfig, Prefix};
use proptest::prelude::*;

use crate::support::ip;

fn prefix(text: &str) -> Prefix {
    let (address, length) = text.split_once('/').unwrap();
    Prefix::new(ip(address), length.parse().unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    // spec: NIC-8
    #[test]
    fn prefixes_agree_with_ipnet(bits in any::<u32>(), length in 0..=32_u8, other in any::<u32>(), shared in 0..=32_u32) {
        let address = Ipv4Addr::from(bits);
        let net = Ipv4Net::new(address, length).unwrap();
        let prefix = Prefix::new(address, length).unwrap();
        prop_assert_eq!((prefix.address(), prefix.length()), (net.addr(), net.prefix_len()));
        prop_assert_eq!(prefix.mask(), net.netmask());
        prop_assert_eq!(prefix.network(), net.network());
        prop_assert_eq!(prefix.broadcast(), (length < 31).then(|| net.broadcast()));
        prop_assert_eq!(prefix.to_string(), net.to_string());
        prop_assert_eq!(format!("{prefix:?}"), net.to_string());
        prop_assert_eq!(Prefix::from_mask(address, net.netmask()), Ok(prefix));

        // Another address with the same first bits, and the edges of the subnet with their
        // neighbours.
        let near = bits ^ other.checked_shr(shared).unwrap_or(0);
        let (first, last) = (u32::from(net.network()), u32::from(net.broadcast()));
        for other in [near, first.wrapping_sub(1), first, first.wrapping_add(1), last.wrapping_sub(1), last, last.wrapping_add(1)] {
            let other = Ipv4Addr::from(other);
            prop_assert_eq!(prefix.contains(other), net.contains(&other));
            // Both addresses of a /31 and that of a /32 are hosts (RFC 3021).
            let edge = length < 31 && [net.network(), net.broadcast()].contains(&other);
            let host = net.contains(&other) && !edge;
            prop_assert_eq!(prefix.has_host(other), host);
        }
    }

    // spec: NIC-8
    #[test]
    fn masks_with_holes_are_refused(ones in 0..=32_u32, flips in prop::collection::vec(0..32_u32, 0..3), any in any::<u32>()) {
        let whole = u32::MAX.checked_shl(32 - ones).unwrap_or(0);
        let flipped = flips.into_iter().fold(whole, |mask, bit| mask ^ (1 << bit));
        for bits in [whole, flipped, any, !whole] {
            let mask = Ipv4Addr::from(bits);
            let expected = ipnet::ipv4_mask_to_prefix(mask).map_err(|_| PrefixError::Holes(mask));
            prop_assert_eq!(Prefix::from_mask(Ipv4Addr::LOCALHOST, mask).map(Prefix::length), expected);
        }
    }

    // spec: NIC-8
    #[test]
    fn settings_are_accepted_exactly_as_the_rule_says(
        bits in prop_oneof![
            any::<u32>(),
            any::<u32>().prop_map(|bits| bits & 0xFFFF_FF03),
            any::<u16>().prop_map(|bits| 0xA9FE_0000 | u32::from(bits)),
        ],
        length in 0..=32_u8,
        gateway in prop::option::of(prop_oneof![any::<u32>(), (0..8_u32)]),
        servers in prop::collection::vec(any::<u32>().prop_map(Ipv4Addr::from), 0..4),
    ) {
        let address = Ipv4Addr::from(bits);
        let gateway = gateway.map(|other| Ipv4Addr::from(if other < 8 { bits ^ other } else { other }));
        let net = Ipv4Net::new(address, length).unwrap();
        let edge = |other: Ipv4Addr| length < 31 && [net.network(), net.broadcast()].contains(&other);
        let host = |other: Ipv4Addr| net.contains(&other) && !edge(other);
        let unicast = |address: &Ipv4Addr| !address.is_unspecified() && !address.is_multicast() && address.octets()[0] < 240;
        let usable = unicast(&address) && !address.is_loopback() && !address.is_link_local();
        let lease_fits = length > 0 && usable && host(address);
        let own_fits = length < 32 && lease_fits;
        let other_host = |other: Ipv4Addr| {
            !edge(other) && other != address && unicast(&other) && !other.is_loopback()
        };
        let gateway_fits = gateway.is_none_or(|other| host(other) && other_host(other));
        let servers_fit = servers.len() <= 2 && servers.iter().all(unicast);

        let own = Prefix::new(address, length).unwrap();
        let strict = IpConfig::new(own, gateway, &servers);
        prop_assert_eq!(strict.is_ok(), own_fits && gateway_fits && servers_fit);
        if let Ok(config) = strict {
            prop_assert_eq!((config.prefix(), config.address(), config.gateway()), (own, address, gateway));
            prop_assert_eq!(config.name_servers().collect::<Vec<_>>(), servers.clone());
        }

        // A lease is refused only because of its address; the rest is used as far as it is valid.
        let lenient = IpConfig::from_lease(own, gateway, servers.iter().copied());
        prop_assert_eq!(lenient.is_ok(), lease_fits);
        if let Ok(config) = lenient {
            prop_assert_eq!((config.prefix(), config.address()), (own, address));
            // A gateway outside the subnet is kept.
            prop_assert_eq!(config.gateway(), gateway.filter(|other| other_host(*other)));
            let usable: Vec<_> = servers.into_iter().filter(unicast).take(2).collect();
            prop_assert_eq!(config.name_servers().collect::<Vec<_>>(), usable.clone());
            let strict = IpConfig::new(own, config.gateway(), &usable);
            let is_inside = config.gateway().is_none_or(|gateway| net.contains(&gateway));
            prop_assert_eq!(strict.ok(), (own_fits && is_inside).then_some(config));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    // spec: UDP-3, NIC-8
    #[test]
    fn a_prefix_is_read_back_from_what_it_displays(bits in any::<u32>(), length in 0..=32_u8) {
        let prefix = Prefix::new(Ipv4Addr::from(bits), length).unwrap();
        prop_assert_eq!(prefix.to_string().parse(), Ok(prefix));
        prop_assert_eq!(prefix.to_string().parse::<Ipv4Net>().unwrap(), Ipv4Net::new(bits.into(), length).unwrap());
    }

    // spec: UDP-3, NIC-8
    #[test]
    fn no_text_is_a_prefix_but_what_one_displays(
        text in "[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9+ -]{0,3}",
        other in ".{0,20}",
        at in any::<prop::sample::Index>(),
        put in "[0-9./ +-]{0,2}",
    ) {
        // The same with something put into it or taken out of it.
        let place = at.index(text.len());
        let changed = format!("{}{put}{}", &text[..place], &text[place + 1..]);
        let longer = format!("{}{put}{}", &text[..place], &text[place..]);
        for text in [text, changed, longer, other] {
            let by_ipnet = text.parse::<Ipv4Net>().ok().filter(|net| net.to_string() == text);
            let expected = by_ipnet.map(|net| Prefix::new(net.addr(), net.prefix_len()).unwrap());
            prop_assert_eq!(text.parse::<Prefix>().ok(), expected, "{}", text);
        }
    }
}

// spec: UDP-3, NIC-8
#[test]
fn the_error_of_a_text_names_its_first_wrong_part() {
    use PrefixError::{Length, LengthText};
    let address = PrefixError::Address(parse_dotted_quad("").unwrap_err());
    for (text, expected) in [
        ("10.0.0.1/0", Ok(0)),
        ("10.0.0.1/9", Ok(9)),
        ("10.0.0.1/10", Ok(10)),
        ("10.0.0.1/32", Ok(32)),
        ("10.0.0.1/33", Err(Length(33))),
        ("10.0.0.1/99", Err(Length(99))),
        ("10.0.0.1/100", Err(LengthText)),
        ("10.0.0.1/00", Err(LengthText)),
        ("10.0.0.1/08", Err(LengthText)),
        ("10.0.0.1/024", Err(LengthText)),
        ("10.0.0.1/+8", Err(LengthText)),
        ("10.0.0.1/-8", Err(LengthText)),
        ("10.0.0.1/ 8", Err(LengthText)),
        ("10.0.0.1/8 ", Err(LengthText)),
        ("10.0.0.1/8/", Err(LengthText)),
        ("10.0.0.1/8/8", Err(LengthText)),
        ("10.0.0.1/:", Err(LengthText)),
        ("10.0.0.1/٣", Err(LengthText)),
        ("10.0.0.1/255.0.0.0", Err(LengthText)),
        ("10.0.0.1/", Err(LengthText)),
        ("10.0.0.1", Err(LengthText)),
        ("10.0.0.256", Err(address)),
        ("10.0.0.256/33", Err(address)),
        ("10.0.01.1/8", Err(address)),
        ("10.0.0/8", Err(address)),
        (" 10.0.0.1/8", Err(address)),
        ("10.0.0.1 /8", Err(address)),
        ("/8", Err(address)),
        ("/", Err(address)),
        ("", Err(address)),
    ] {
        assert_eq!(text.parse().map(Prefix::length), expected, "{text:?}");
    }
    assert_eq!(Length(33).to_string(), "prefix length 33, at most 32");
    assert_eq!(
        LengthText.to_string(),
        "no prefix length, allowed is 0 to 32 without leading zeros, as 192.168.1.7/24"
    );
    assert_eq!(
        address.to_string(),
        "address: not a dotted quad, allowed are four numbers 0 to 255 without leading zeros, as \
         192.168.1.7"
    );
}

// spec: NIC-8
#[test]
fn prefix_lengths_end_at_32() {
    for length in 0..=32 {
        assert_eq!(
            Prefix::new(ip("10.0.0.1"), length).map(Prefix::length),
            Ok(length)
        );
    }
    for length in [33, 64, 128, u8::MAX] {
        assert_eq!(
            Prefix::new(ip("10.0.0.1"), length),
            Err(PrefixError::Length(length))
        );
    }
    assert_eq!(prefix("10.0.0.1/0").network(), Ipv4Addr::UNSPECIFIED);
    assert_eq!(prefix("10.0.0.1/0").broadcast(), Some(Ipv4Addr::BROADCAST));
}

// spec: IFC-5, UDP-5, OPEN-7
#[test]
fn subnets_of_31_and_32_bits_have_hosts_only() {
    for (own, hosts, broadcast) in [
        ("10.0.0.5/29", "123456", Some("10.0.0.7")),
        ("10.0.0.5/30", "56", Some("10.0.0.7")),
        ("10.0.0.5/31", "45", None),
        ("10.0.0.6/31", "67", None),
        ("10.0.0.5/32", "5", None),
    ] {
        let prefix = prefix(own);
        for last in 0..9 {
            let other = Ipv4Addr::new(10, 0, 0, last);
            let is_host = hosts.contains(&last.to_string());
            assert_eq!(prefix.has_host(other), is_host, "{other} in {own}");
        }
        assert_eq!(prefix.broadcast(), broadcast.map(ip), "{own}");
    }
}

// spec: UDP-4
#[test]
fn the_private_ranges_have_the_right_ends() {
    let ranges: [Ipv4Net; 3] =
        ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(|text| text.parse().unwrap());
    for range in ranges {
        let (first, last) = (u32::from(range.network()), u32::from(range.broadcast()));
        assert!(!is_private(Ipv4Addr::from(first - 1)) && is_private(Ipv4Addr::from(first)));
        assert!(is_private(Ipv4Addr::from(last)) && !is_private(Ipv4Addr::from(last + 1)));
    }
    // One address of every /16.
    for high in 0..=u16::MAX {
        let address = Ipv4Addr::from(u32::from(high) << 16 | 0x8001);
        assert_eq!(
            is_private(address),
            ranges.iter().any(|range| range.contains(&address)),
            "{address}"
        );
        assert_eq!(is_private(address), address.is_private(), "{address}");
    }
}

// spec: NIC-8
#[test]
fn unicast_addresses_lie_between_unspecified_and_multicast() {
    for (text, unicast) in [
        ("0.0.0.0", false),
        ("0.0.0.1", true),
        ("127.0.0.1", true),
        ("223.255.255.255", true),
        ("224.0.0.0", false),
        ("239.255.255.255", false),
        ("240.0.0.0", false),
        ("255.255.255.254", false),
        ("255.255.255.255", false),
    ] {
        assert_eq!(is_unicast(ip(text)), unicast, "{text}");
    }
}

// spec: NIC-8
#[test]
fn each_setting_is_tested_on_either_side_of_its_limit() {
    use IpConfigError::{LinkLocal, NotAHost, PrefixLength, Unusable};
    for (own, expected) in [
        ("10.0.0.1/1", Ok(())),
        ("10.0.0.1/0", Err(PrefixLength(0))),
        ("10.0.0.1/30", Ok(())),
        ("10.0.0.0/24", Err(NotAHost)),
        ("10.0.0.1/24", Ok(())),
        ("10.0.0.254/24", Ok(())),
        ("10.0.0.255/24", Err(NotAHost)),
        ("10.0.0.4/30", Err(NotAHost)),
        ("10.0.0.5/30", Ok(())),
        ("10.0.0.6/30", Ok(())),
        ("10.0.0.7/30", Err(NotAHost)),
        // Both addresses of a /31 are hosts (RFC 3021).
        ("10.0.0.6/31", Ok(())),
        ("10.0.0.7/31", Ok(())),
        ("126.255.255.254/8", Ok(())),
        ("127.0.0.1/8", Err(Unusable)),
        ("127.255.255.254/8", Err(Unusable)),
        ("128.0.0.1/8", Ok(())),
        ("223.255.255.254/8", Ok(())),
        ("224.0.0.1/8", Err(Unusable)),
        ("240.0.0.1/8", Err(Unusable)),
        ("255.255.255.254/8", Err(Unusable)),
        ("0.0.0.0/8", Err(Unusable)),
        ("0.0.0.1/8", Ok(())),
        ("169.253.255.255/8", Ok(())),
        ("169.254.0.0/8", Err(LinkLocal)),
        ("169.254.255.255/8", Err(LinkLocal)),
        ("169.254.255.255/32", Err(LinkLocal)),
        ("169.255.0.0/8", Ok(())),
    ] {
        let own = prefix(own);
        assert_eq!(IpConfig::new(own, None, &[]).map(|_| ()), expected, "{own}");
        assert_eq!(
            IpConfig::from_lease(own, None, []).map(|_| ()),
            expected,
            "{own}"
        );
    }

    // The widest subnets contain addresses that no host can have.
    let wide = prefix("192.168.1.7/1");
    for (gateway, allowed) in [
        ("223.255.255.255", true),
        ("224.0.0.0", false),
        ("240.0.0.1", false),
    ] {
        assert_eq!(
            IpConfig::new(wide, Some(ip(gateway)), &[]).is_ok(),
            allowed,
            "{gateway}"
        );
    }

    let own = prefix("192.168.1.7/24");
    for (gateway, allowed) in [
        ("192.168.1.1", true),
        ("192.168.1.254", true),
        ("192.168.1.6", true),
        ("192.168.1.7", false),
        ("192.168.1.8", true),
        ("192.168.1.0", false),
        ("192.168.1.255", false),
        ("192.168.0.255", false),
        ("192.168.2.0", false),
        ("192.168.2.1", false),
    ] {
        let gateway = ip(gateway);
        let strict = IpConfig::new(own, Some(gateway), &[]).map(|config| config.gateway());
        assert_eq!(
            strict,
            if allowed {
                Ok(Some(gateway))
            } else {
                Err(IpConfigError::Gateway)
            },
            "{gateway}"
        );
    }
}

// spec: IFC-5
#[test]
fn a_lease_has_1_to_32_bits_and_its_gateway_may_be_outside() {
    use IpConfigError::{NotAHost, PrefixLength};
    // A static address has at most 31 bits (NIC-8).
    for (own, leased, fixed) in [
        ("10.0.0.6/0", Err(PrefixLength(0)), Err(PrefixLength(0))),
        ("10.0.0.6/1", Ok(()), Ok(())),
        ("10.0.0.6/29", Ok(()), Ok(())),
        ("10.0.0.6/30", Ok(()), Ok(())),
        ("10.0.0.7/30", Err(NotAHost), Err(NotAHost)),
        ("10.0.0.6/31", Ok(()), Ok(())),
        ("10.0.0.7/31", Ok(()), Ok(())),
        ("10.0.0.6/32", Ok(()), Err(PrefixLength(32))),
    ] {
        let own = prefix(own);
        let lease = IpConfig::from_lease(own, None, []);
        assert_eq!(lease.map(|config| config.prefix()), leased.map(|()| own));
        assert_eq!(IpConfig::new(own, None, &[]).map(|_| ()), fixed, "{own}");
    }

    for (own, gateway, kept) in [
        ("192.168.1.7/24", "192.168.1.1", true),
        ("192.168.1.7/24", "192.168.1.7", false),
        // The network and the broadcast address of the subnet, and their neighbours.
        ("192.168.1.7/24", "192.168.0.255", true),
        ("192.168.1.7/24", "192.168.1.0", false),
        ("192.168.1.7/24", "192.168.1.255", false),
        ("192.168.1.7/24", "192.168.2.0", true),
        ("10.0.0.6/31", "10.0.0.5", true),
        ("10.0.0.6/31", "10.0.0.6", false),
        ("10.0.0.6/31", "10.0.0.7", true),
        ("10.0.0.6/32", "10.0.0.5", true),
        ("10.0.0.6/32", "10.0.0.6", false),
        ("10.0.0.6/32", "172.31.1.1", true),
        // Some clouds have such a gateway.
        ("10.0.0.6/32", "169.254.1.1", true),
        ("10.0.0.6/32", "126.255.255.255", true),
        ("10.0.0.6/32", "127.0.0.1", false),
        ("10.0.0.6/32", "223.255.255.255", true),
        ("10.0.0.6/32", "224.0.0.1", false),
        ("10.0.0.6/32", "240.0.0.1", false),
        ("10.0.0.6/32", "0.0.0.0", false),
    ] {
        let lease = IpConfig::from_lease(prefix(own), Some(ip(gateway)), []).unwrap();
        assert_eq!(
            lease.gateway(),
            kept.then(|| ip(gateway)),
            "{gateway} of {own}"
        );
    }
    // A session still grants any other unicast address as gateway, and a link-local address of its own.
    let session = IpConfig::point_to_point(ip("169.254.0.1"), Some(ip("127.0.0.1")), []).unwrap();
    assert_eq!(session.gateway(), Some(ip("127.0.0.1")));
}

// spec: NIC-8
#[test]
fn at_most_two_unicast_name_servers_are_kept() {
    let own = prefix("192.168.1.7/24");
    let [good, better, third, bad] = ["8.8.8.8", "1.1.1.1", "9.9.9.9", "224.0.0.1"].map(ip);
    let strict = |servers: &[Ipv4Addr]| {
        IpConfig::new(own, None, servers).map(|config| config.name_servers().collect::<Vec<_>>())
    };
    assert_eq!(strict(&[]), Ok(vec![]));
    assert_eq!(strict(&[good]), Ok(vec![good]));
    assert_eq!(strict(&[good, better]), Ok(vec![good, better]));
    assert_eq!(
        strict(&[good, better, third]),
        Err(IpConfigError::TooManyNameServers(3))
    );
    assert_eq!(strict(&[bad, good]), Err(IpConfigError::NameServer(0)));
    assert_eq!(strict(&[good, bad]), Err(IpConfigError::NameServer(1)));
    // The first problem in argument order is reported.
    assert_eq!(
        IpConfig::new(own, Some(own.address()), &[bad]),
        Err(IpConfigError::Gateway)
    );

    let lenient = |servers: &[Ipv4Addr]| -> Vec<_> {
        IpConfig::from_lease(own, None, servers.iter().copied())
            .unwrap()
            .name_servers()
            .collect()
    };
    assert_eq!(lenient(&[bad, good, bad, better, third]), [good, better]);
    assert!(lenient(&[bad, bad]).is_empty());
}

#[cfg(feature = "ipnet")]
mod conversions {
    use super::{Ipv4Addr, Ipv4Net, Prefix};
    use proptest::prelude::*;

    proptest! {
        // spec: NIC-8
        #[test]
        fn prefixes_convert_to_ipnet_and_back_unchanged(bits in any::<u32>(), length in 0..=32_u8) {
            let net = Ipv4Net::new(Ipv4Addr::from(bits), length).unwrap();
            let prefix = Prefix::new(Ipv4Addr::from(bits), length).unwrap();
            prop_assert_eq!(Ipv4Net::from(prefix), net);
            prop_assert_eq!(Prefix::from(net), prefix);
        }
    }
}
