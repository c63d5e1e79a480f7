//! Sets of stored settings, compared with sets of the standard library.

use std::collections::BTreeSet;

use lankeeper::stored::StoredParts;

const PARTS: [(StoredParts, &str); 3] = [
    (StoredParts::WIFI, "WIFI"),
    (StoredParts::STATIC, "STATIC"),
    (StoredParts::PROXY, "PROXY"),
];

/// Every set, and the places of its members in `PARTS`.
fn sets() -> impl Iterator<Item = (StoredParts, BTreeSet<usize>)> {
    (0..1_u8 << PARTS.len()).map(|number| {
        let members: BTreeSet<_> = (0..PARTS.len())
            .filter(|member| number & 1 << member != 0)
            .collect();
        let mut parts = StoredParts::empty();
        for member in &members {
            parts |= PARTS[*member].0;
        }
        (parts, members)
    })
}

// spec: CFG-5
#[test]
fn the_operations_are_those_of_sets() {
    let all: BTreeSet<_> = (0..PARTS.len()).collect();
    let find = |wanted: &BTreeSet<usize>| {
        let found = sets().find(|(_, members)| members == wanted);
        found.unwrap().0
    };
    for (left, of_left) in sets() {
        assert_eq!(left.is_empty(), of_left.is_empty());
        assert_eq!(!left, find(&(&all - &of_left)));
        for (right, of_right) in sets() {
            assert_eq!(left == right, of_left == of_right);
            assert_eq!(left | right, find(&(&of_left | &of_right)));
            assert_eq!(left.union(right), left | right);
            assert_eq!(left.contains(right), of_left.is_superset(&of_right));
            assert_eq!(left.intersects(right), !of_left.is_disjoint(&of_right));
        }
    }
    assert_eq!(StoredParts::all(), find(&all));
    assert_eq!(StoredParts::default(), StoredParts::empty());
}

// spec: CFG-5
#[test]
fn a_set_is_a_number_from_0_to_7() {
    let flags = PARTS.map(|(part, _)| part.bits());
    assert_eq!(flags, [1, 2, 4]);
    for bits in 0..=u8::MAX {
        let known = StoredParts::from_bits_truncate(bits);
        assert_eq!(known.bits(), bits % 8);
        assert_eq!(
            StoredParts::from_bits(bits),
            (bits <= 7).then_some(known),
            "{bits}"
        );
    }
}

// spec: CFG-5
#[test]
fn debug_names_the_members() {
    for (parts, members) in sets() {
        let names: Vec<_> = members.iter().map(|member| PARTS[*member].1).collect();
        let expected = format!("StoredParts({})", names.join(" | "));
        assert_eq!(format!("{parts:?}"), expected);
    }
}
