//! The address filter for local datagrams, compared with `ipnet`.

use core::net::Ipv4Addr;

use ipnet::Ipv4Net;
use lankeeper::Prefix;
use lankeeper::udp::{AddressError, AddressFilter, Destination};
use proptest::prelude::*;

use crate::support::exact::{exhaustive, share_out};
use crate::support::ip;

fn private_ranges() -> [Ipv4Net; 3] {
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(|text| text.parse().unwrap())
}

fn is_private(address: Ipv4Addr) -> bool {
    private_ranges()
        .iter()
        .any(|range| range.contains(&address))
}

/// The last address of a subnet, unless all of its addresses are hosts (RFC 3021).
fn broadcast(own: Ipv4Net) -> Option<Ipv4Addr> {
    (own.prefix_len() < 31).then(|| own.broadcast())
}

/// UDP-4, UDP-5 and UDP-13, word by word.
fn destination(own: Ipv4Net, address: Ipv4Addr) -> Result<Destination, AddressError> {
    let is_allowed = is_private(address) || address == Ipv4Addr::BROADCAST;
    match address {
        _ if !is_allowed && broadcast(own) == Some(address) => Err(AddressError::NotPrivate),
        _ if is_allowed && !is_private(own.addr()) => Err(AddressError::NotPrivate),
        Ipv4Addr::BROADCAST => Ok(Destination::LimitedBroadcast),
        _ if !is_allowed => Err(AddressError::NotLocal),
        _ if !own.contains(&address) => Err(AddressError::OutsideSubnet),
        _ if broadcast(own) == Some(address) => Ok(Destination::SubnetBroadcast),
        _ => Ok(Destination::Unicast),
    }
}

/// The rules of UDP-9 and UDP-13 for sources, word by word.
fn source(own: Ipv4Net, address: Ipv4Addr) -> bool {
    let edge = own.prefix_len() < 31 && [own.network(), own.broadcast()].contains(&address);
    let is_other_host = own.contains(&address) && !edge && address != own.addr();
    is_private(own.addr()) && is_private(address) && is_other_host
}

fn check(own: Ipv4Net, address: Ipv4Addr) {
    let filter = AddressFilter::new(Prefix::new(own.addr(), own.prefix_len()).unwrap());
    assert_eq!(
        filter.check(address),
        destination(own, address),
        "{own} {address}"
    );
    assert_eq!(
        filter.admits_source(address),
        source(own, address),
        "{own} {address}"
    );
    let is_for_us =
        [own.addr(), Ipv4Addr::BROADCAST].contains(&address) || broadcast(own) == Some(address);
    assert_eq!(
        filter.admits_destination(address),
        is_private(own.addr()) && is_for_us,
        "{own} {address}"
    );
    assert_eq!(
        AddressFilter::is_local(address),
        is_private(address) || address == Ipv4Addr::BROADCAST,
        "{address}"
    );
}

/// The edges of every private range and of the own subnet, the own address, the ends of the
/// address range, and the neighbours of all of these.
fn edges(own: Ipv4Net) -> Vec<Ipv4Addr> {
    let nets = private_ranges().into_iter().chain([own]);
    nets.flat_map(|net| [net.network(), net.broadcast()])
        .chain([own.addr(), Ipv4Addr::UNSPECIFIED, Ipv4Addr::BROADCAST])
        .map(u32::from)
        .flat_map(|bits| [bits.wrapping_sub(1), bits, bits.wrapping_add(1)])
        .map(Ipv4Addr::from)
        .collect()
}

/// A host in a private range, or any address, with any prefix length.
fn own() -> impl Strategy<Value = Ipv4Net> {
    let address = prop_oneof![
        4 => (0..3_usize, any::<u32>()).prop_map(|(range, bits)| {
            let range = private_ranges()[range];
            u32::from(range.network()) | (bits & u32::from(range.hostmask()))
        }),
        1 => any::<u32>(),
    ];
    (address, 0..=32_u8)
        .prop_map(|(bits, length)| Ipv4Net::new(Ipv4Addr::from(bits), length).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // spec: UDP-4, UDP-5, UDP-9, UDP-13
    #[test]
    fn every_address_is_checked_by_the_rules(
        own in own(),
        any in any::<u32>(),
        shared in 0..=32_u32,
    ) {
        let near = u32::from(own.addr()) ^ any.checked_shr(shared).unwrap_or(0);
        for address in [Ipv4Addr::from(any), Ipv4Addr::from(near)] {
            check(own, address);
        }
        for address in edges(own) {
            check(own, address);
        }
    }
}

/// The private ranges as three masked comparisons (RFC 1918 §3).
fn is_masked_private(bits: u32) -> bool {
    bits & 0xFF00_0000 == 0x0A00_0000
        || bits & 0xFFF0_0000 == 0xAC10_0000
        || bits & 0xFFFF_0000 == 0xC0A8_0000
}

// spec: UDP-4, UDP-5
#[test]
fn the_whole_address_space_agrees_with_masks_and_with_ipnet() {
    let own = Ipv4Net::new(ip("172.16.5.7"), 13).unwrap();
    let filter = AddressFilter::new(Prefix::new(own.addr(), own.prefix_len()).unwrap());
    let ranges = private_ranges();
    // All 2^32 addresses take half a minute in a release build. The stride is prime, so every bit
    // changes.
    let stride = if exhaustive() { 1 } else { 4_093 };
    share_out(0..=u32::MAX, stride, |addresses| {
        for bits in addresses {
            let address = Ipv4Addr::from(bits);
            let private = is_masked_private(bits);
            let netted = ranges.iter().any(|range| range.contains(&address));
            let broadcast = bits == u32::MAX;
            assert_eq!(private, netted, "{address}");
            assert_eq!(
                AddressFilter::is_local(address),
                private || broadcast,
                "{address}"
            );
            let expected = match (private, own.contains(&address)) {
                _ if broadcast => Ok(Destination::LimitedBroadcast),
                (false, _) => Err(AddressError::NotLocal),
                (true, false) => Err(AddressError::OutsideSubnet),
                (true, true) if address == own.broadcast() => Ok(Destination::SubnetBroadcast),
                (true, true) => Ok(Destination::Unicast),
            };
            assert_eq!(filter.check(address), expected, "{address}");
        }
    });
}

// spec: UDP-4, UDP-5, UDP-9, UDP-13
#[test]
fn subnets_of_every_length_are_checked_at_all_their_edges() {
    for address in [
        "9.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "11.0.0.0",
        "172.15.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "192.168.0.0",
        "192.168.255.255",
        "192.169.0.0",
        "8.8.8.8",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.254",
        "192.168.1.50",
        "192.168.255.254",
    ] {
        for length in 0..=32 {
            let own = Ipv4Net::new(ip(address), length).unwrap();
            for address in edges(own) {
                check(own, address);
            }
        }
    }
}

// spec: UDP-4
#[test]
fn only_private_addresses_and_the_limited_broadcast_are_local() {
    for (address, local) in [
        ("9.255.255.255", false),
        ("10.0.0.0", true),
        ("10.255.255.255", true),
        ("11.0.0.0", false),
        ("172.15.255.255", false),
        ("172.16.0.0", true),
        ("172.31.255.255", true),
        ("172.32.0.0", false),
        ("192.167.255.255", false),
        ("192.168.0.0", true),
        ("192.168.255.255", true),
        ("192.169.0.0", false),
        ("255.255.255.254", false),
        ("255.255.255.255", true),
        ("0.0.0.0", false),
        ("127.0.0.1", false),
        ("169.254.1.1", false),
        ("100.64.0.1", false),
        ("224.0.0.251", false),
        ("8.8.8.8", false),
    ] {
        assert_eq!(AddressFilter::is_local(ip(address)), local, "{address}");
    }
}

// spec: UDP-5
#[test]
fn the_subnet_ends_at_its_own_broadcast_address() {
    let filter = AddressFilter::new(Prefix::new(ip("192.168.1.130"), 25).unwrap());
    for (address, expected) in [
        ("192.168.1.127", Err(AddressError::OutsideSubnet)),
        ("192.168.1.128", Ok(Destination::Unicast)),
        ("192.168.1.130", Ok(Destination::Unicast)),
        ("192.168.1.254", Ok(Destination::Unicast)),
        ("192.168.1.255", Ok(Destination::SubnetBroadcast)),
        ("192.168.2.0", Err(AddressError::OutsideSubnet)),
        ("10.0.0.1", Err(AddressError::OutsideSubnet)),
        ("192.169.0.1", Err(AddressError::NotLocal)),
        ("255.255.255.255", Ok(Destination::LimitedBroadcast)),
    ] {
        assert_eq!(filter.check(ip(address)), expected, "{address}");
    }
}

// spec: UDP-9
#[test]
fn sources_are_other_private_hosts_of_the_subnet() {
    let admits = |own: &str, length, source: &str| {
        AddressFilter::new(Prefix::new(ip(own), length).unwrap()).admits_source(ip(source))
    };
    for (source, admitted) in [
        ("192.168.0.255", false),
        ("192.168.1.0", false),
        ("192.168.1.1", true),
        ("192.168.1.49", true),
        ("192.168.1.50", false),
        ("192.168.1.51", true),
        ("192.168.1.254", true),
        ("192.168.1.255", false),
        ("192.168.2.0", false),
        ("255.255.255.255", false),
        ("0.0.0.0", false),
        ("8.8.8.8", false),
    ] {
        assert_eq!(admits("192.168.1.50", 24, source), admitted, "{source}");
    }
    // Both addresses of a /31 are hosts, and a /32 has no other one (RFC 3021).
    for (own, length, source, admitted) in [
        ("10.0.0.4", 30, "10.0.0.5", true),
        ("10.0.0.5", 30, "10.0.0.4", false),
        ("10.0.0.6", 30, "10.0.0.7", false),
        ("10.0.0.4", 31, "10.0.0.3", false),
        ("10.0.0.4", 31, "10.0.0.4", false),
        ("10.0.0.4", 31, "10.0.0.5", true),
        ("10.0.0.4", 31, "10.0.0.6", false),
        ("10.0.0.5", 31, "10.0.0.4", true),
        ("10.0.0.5", 31, "10.0.0.5", false),
        ("10.0.0.5", 31, "10.0.0.6", false),
        ("10.0.0.5", 32, "10.0.0.4", false),
        ("10.0.0.5", 32, "10.0.0.5", false),
        ("10.0.0.5", 32, "10.0.0.6", false),
    ] {
        let admits = admits(own, length, source);
        assert_eq!(admits, admitted, "{source} to {own}/{length}");
    }
    // Inside the subnet, but public addresses.
    assert!(!admits("192.168.1.50", 8, "192.169.0.1"));
    assert!(!admits("8.8.8.4", 24, "8.8.8.8"));
}

// spec: UDP-5, UDP-9
#[test]
fn subnets_of_31_and_32_bits_have_no_broadcast_address() {
    use AddressError::OutsideSubnet;
    use Destination::{LimitedBroadcast, SubnetBroadcast, Unicast};
    for (own, length, address, expected, admitted) in [
        ("10.0.0.6", 30, "10.0.0.7", Ok(SubnetBroadcast), true),
        ("10.0.0.6", 31, "10.0.0.5", Err(OutsideSubnet), false),
        ("10.0.0.6", 31, "10.0.0.6", Ok(Unicast), true),
        ("10.0.0.6", 31, "10.0.0.7", Ok(Unicast), false),
        ("10.0.0.6", 31, "10.0.0.8", Err(OutsideSubnet), false),
        ("10.0.0.7", 31, "10.0.0.6", Ok(Unicast), false),
        ("10.0.0.7", 31, "10.0.0.7", Ok(Unicast), true),
        (
            "10.0.0.7",
            31,
            "255.255.255.255",
            Ok(LimitedBroadcast),
            true,
        ),
        ("10.0.0.7", 32, "10.0.0.6", Err(OutsideSubnet), false),
        ("10.0.0.7", 32, "10.0.0.7", Ok(Unicast), true),
        ("10.0.0.7", 32, "10.0.0.8", Err(OutsideSubnet), false),
        (
            "10.0.0.7",
            32,
            "255.255.255.255",
            Ok(LimitedBroadcast),
            true,
        ),
    ] {
        let filter = AddressFilter::new(Prefix::new(ip(own), length).unwrap());
        let (checked, admits) = (
            filter.check(ip(address)),
            filter.admits_destination(ip(address)),
        );
        assert_eq!(
            (checked, admits),
            (expected, admitted),
            "{address} at {own}/{length}"
        );
    }
}

// spec: UDP-9
#[test]
fn datagrams_must_be_sent_to_the_own_address_or_a_broadcast() {
    let filter = AddressFilter::new(Prefix::new(ip("192.168.1.50"), 24).unwrap());
    for (destination, admitted) in [
        ("192.168.1.49", false),
        ("192.168.1.50", true),
        ("192.168.1.51", false),
        ("192.168.1.0", false),
        ("192.168.1.254", false),
        ("192.168.1.255", true),
        ("192.168.0.255", false),
        ("255.255.255.254", false),
        ("255.255.255.255", true),
        ("0.0.0.0", false),
        ("224.0.0.251", false),
    ] {
        assert_eq!(
            filter.admits_destination(ip(destination)),
            admitted,
            "{destination}"
        );
    }
}
