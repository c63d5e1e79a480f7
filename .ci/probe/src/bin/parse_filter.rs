//! A destination as text: read it, and check it against the subnet.
#![no_std]
#![no_main]

use lankeeper::ipv4::parse_dotted_quad;
use lankeeper::udp::{AddressFilter, Destination};
use lankeeper_probe as _;

#[unsafe(no_mangle)]
fn _start(filter: &AddressFilter, text: &str) -> Option<Destination> {
    filter.check(parse_dotted_quad(text).ok()?).ok()
}
