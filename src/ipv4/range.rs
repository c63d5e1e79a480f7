//! Address ranges, by the standards that define them.

use core::net::Ipv4Addr;

/// Whether `address` is private: 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918 §3).
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::ipv4::is_private;
///
/// assert!(is_private(Ipv4Addr::new(172, 31, 255, 255)));
/// assert!(!is_private(Ipv4Addr::new(172, 32, 0, 0)));
/// ```
#[must_use]
pub const fn is_private(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    bits & 0xFF00_0000 == 0x0A00_0000
        || bits & 0xFFF0_0000 == 0xAC10_0000
        || bits & 0xFFFF_0000 == 0xC0A8_0000
}

/// Whether `address` is link-local: 169.254.0.0/16 (RFC 3927 §2.1).
pub(super) const fn is_link_local(address: Ipv4Addr) -> bool {
    address.to_bits() & 0xFFFF_0000 == 0xA9FE_0000
}

/// Whether `address` can belong to a single host: not unspecified, multicast (224.0.0.0/4, RFC
/// 5771) or reserved (240.0.0.0/4, RFC 1112 §4, which includes the limited broadcast).
///
/// ```
/// use core::net::Ipv4Addr;
/// use lankeeper::ipv4::is_unicast;
///
/// assert!(is_unicast(Ipv4Addr::new(223, 255, 255, 255)));
/// assert!(!is_unicast(Ipv4Addr::new(224, 0, 0, 0)));
/// assert!(!is_unicast(Ipv4Addr::UNSPECIFIED));
/// ```
#[must_use]
pub const fn is_unicast(address: Ipv4Addr) -> bool {
    let bits = address.to_bits();
    bits != 0 && bits < 0xE000_0000
}
