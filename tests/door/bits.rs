//! Tickets and bindings as numbers, for a backend behind a link or in another language.

use std::collections::BTreeSet;

use lankeeper::manager::SealTicket;
use lankeeper::{Binding, InterfaceId, Medium, ServerTicket, Ticket};
use proptest::prelude::*;

// spec: IFC-10
#[test]
fn a_ticket_names_one_of_the_interfaces_that_can_exist() {
    let of = |byte: u8| Ticket::from_bits(u64::from(byte) << 32).map(Ticket::interface);
    let named: Vec<_> = (0..=u8::MAX).filter_map(of).collect();
    let all = [Medium::Wifi, Medium::Ethernet, Medium::Cellular]
        .into_iter()
        .flat_map(|medium| (0..10).map(move |number| InterfaceId::new(medium, number).unwrap()));
    assert_eq!(named.len(), 30);
    assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), all.collect());
}

/// Numbers, of which more name an interface that can exist than chance would give.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![
        any::<u64>(),
        (any::<u64>(), 0_u32..64).prop_map(|(bits, shift)| bits >> shift)
    ]
}

proptest! {
    // spec: IFC-10, DRV-1
    #[test]
    fn a_number_that_is_taken_is_given_back(bits in number()) {
        if let Some(ticket) = Ticket::from_bits(bits) {
            prop_assert_eq!(ticket.to_bits(), bits);
        }
        if let Some(ticket) = ServerTicket::from_bits(bits) {
            prop_assert_eq!(ticket.to_bits(), bits);
        }
        if let Some(binding) = Binding::from_bits(bits) {
            prop_assert_eq!(binding.to_bits(), bits);
        }
        let low = bits as u32;
        prop_assert_eq!(SealTicket::from_bits(low).to_bits(), low);
    }

    // spec: IFC-10, DRV-1
    #[test]
    fn every_part_of_a_number_counts(interface in 1_u64..=10, rest: u32, port: u16) {
        // The first ten codes are those of the Wi-Fi interfaces.
        let ticket = Ticket::from_bits(interface << 32 | u64::from(rest)).unwrap();
        prop_assert_eq!(u64::from(ticket.interface().number()), interface - 1);
        prop_assert_ne!(Ticket::from_bits(ticket.to_bits() ^ 1), Some(ticket));
        let bits = u64::from(rest) << 24 | interface << 16 | u64::from(port);
        let binding = Binding::from_bits(bits).unwrap();
        prop_assert_eq!(binding.interface(), ticket.interface());
        prop_assert_eq!(binding.port(), port);
        let other = Binding::from_bits(bits ^ 1 << 24).unwrap();
        prop_assert_ne!(other.socket(), binding.socket());
    }
}
