//! Interface names and their meaning.

use lankeeper::nic::{InterfaceIdError, InterfaceName};
use lankeeper::{InterfaceId, Medium, Nic};
use proptest::prelude::*;

use super::refusal;

fn id(medium: Medium, number: u8) -> InterfaceId {
    InterfaceId::new(medium, number).unwrap()
}

// spec: NIC-1
#[test]
fn every_valid_name_is_accepted() {
    let stems = [
        (Medium::Wifi, "wifi", "wl"),
        (Medium::Ethernet, "ethernet", "eth"),
        (Medium::Cellular, "cell", "cell"),
    ];
    for (medium, generic, stem) in stems {
        assert_eq!(Nic::named(generic).unwrap().name().medium(), medium);
        for number in 0..=9 {
            let text = format!("{stem}{number}");
            let name = *Nic::named(&text).unwrap().name();
            assert_eq!(name.medium(), medium);
            assert_eq!(name.resolve([id(medium, number)]), Some(id(medium, number)));
            assert_eq!(id(medium, number).to_string(), text);
        }
        assert!(Nic::named(&format!("{stem}10")).is_err());
        assert!(InterfaceId::new(medium, 10).is_err());
    }
}

/// Texts that name no interface, each close to one that does.
const OTHERS: [&str; 24] = [
    "",
    "w",
    "wl",
    "eth",
    "wlan0",
    "wifi0",
    "ethernet0",
    "WIFI",
    "Wl0",
    "ETH0",
    " wl0",
    "wl0 ",
    "wl0\n",
    "wl0\0",
    "wl-1",
    "wl+1",
    "wl00",
    "wl01",
    "wl0i0",
    "wl1i",
    "eth0i",
    "wl٣",
    "cella",
    "eth0,eth1",
];

// spec: NIC-1
#[test]
fn nothing_else_is_a_name() {
    for other in OTHERS {
        assert!(Nic::named(other).is_err(), "{other:?}");
        assert!(other.parse::<InterfaceName>().is_err(), "{other:?}");
    }
}

// spec: NIC-1
#[test]
fn the_error_quotes_what_was_given() {
    assert_eq!(
        refusal(Nic::named("eth10")),
        "interface: \"eth10\" is not an interface name, allowed are wifi, ethernet, cell, \
         wl0 to wl9, eth0 to eth9, cell0 to cell9"
    );
}

// spec: NIC-1, NIC-3
#[test]
fn wl0i_means_wl0_and_keeps_its_text() {
    let nic = Nic::named("wl0i").unwrap();
    assert_eq!(nic.name().as_str(), "wl0i");
    assert_eq!(nic.name().to_string(), "wl0i");
    assert_eq!(
        nic.name().resolve([InterfaceId::WIFI]),
        Some(InterfaceId::WIFI)
    );
}

// spec: NIC-2, NIC-3
#[test]
fn a_generic_name_means_the_lowest_present_one_of_its_medium() {
    let ethernet = Nic::named("ethernet").unwrap();
    let present = [
        InterfaceId::WIFI,
        id(Medium::Ethernet, 7),
        id(Medium::Ethernet, 3),
    ];
    assert_eq!(
        ethernet.name().resolve(present),
        Some(id(Medium::Ethernet, 3))
    );
    assert_eq!(ethernet.name().resolve([InterfaceId::WIFI]), None);
    assert_eq!(ethernet.name().as_str(), "ethernet");
}

// spec: NIC-1, NIC-2
#[test]
fn only_names_of_one_interface_are_read_as_one() {
    for medium in [Medium::Wifi, Medium::Ethernet, Medium::Cellular] {
        for number in 0..=9 {
            let id = id(medium, number);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        let generic = medium.generic_name().parse::<InterfaceId>();
        assert_eq!(generic, Err(InterfaceIdError::Generic), "{medium}");
    }
    assert_eq!("wl0i".parse(), Ok(InterfaceId::WIFI));
    for other in OTHERS.into_iter().chain(["wl10", "eth10", "cell10"]) {
        let result = other.parse::<InterfaceId>();
        assert_eq!(result, Err(InterfaceIdError::Unknown), "{other:?}");
    }
    let texts =
        [InterfaceIdError::Generic, InterfaceIdError::Unknown].map(|error| error.to_string());
    assert_eq!(
        texts,
        [
            "a name for any interface of a medium, allowed are wl0 to wl9, eth0 to eth9, cell0 to cell9",
            "not an interface, allowed are wl0 to wl9, eth0 to eth9, cell0 to cell9",
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    // spec: NIC-1, NIC-2
    #[test]
    fn a_text_is_one_interface_if_its_name_means_one_whatever_is_present(
        text in prop_oneof!["(wl|eth|cell|wifi|ethernet|wlan)[0-9i]{0,2}", "[a-z0-9]{0,6}", ".{0,4}"],
    ) {
        let read = text.parse::<InterfaceId>();
        let expected = match text.parse::<InterfaceName>() {
            Err(_) => Err(InterfaceIdError::Unknown),
            Ok(name) => {
                let of_medium = (0..=9).map(|number| id(name.medium(), number));
                let meant: Vec<_> = of_medium.filter(|id| name.resolve([*id]).is_some()).collect();
                <[_; 1]>::try_from(meant).map(|[id]| id).map_err(|_| InterfaceIdError::Generic)
            }
        };
        prop_assert_eq!(read, expected);
        if let Ok(id) = read {
            prop_assert!(id.to_string() == text || text == "wl0i");
        }
    }
}
