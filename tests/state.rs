//! The public interface states and their codes.

use lankeeper::{Medium, State};

/// The state table of the specification, row by row.
const CODES: [(&str, i16); 22] = [
    ("UNKNOWN", -1),
    ("STARTING", 0),
    ("CONNECTED", 1),
    ("WIFI_SCANNING", 100),
    ("WIFI_JOINING", 101),
    ("WIFI_WPSING", 102),
    ("WIFI_LINK_UP", 103),
    ("WIFI_DHCPING", 104),
    ("WIFI_STOPPED", 105),
    ("WIFI_STOPPED_UNHAPPY", 106),
    ("ETHERNET_LINK_UP", 200),
    ("ETHERNET_DHCPING", 201),
    ("ETHERNET_STOPPED", 202),
    ("ETHERNET_STOPPED_UNHAPPY", 203),
    ("ETHERNET_STOPPED_NO_LINK", 204),
    ("CELLULAR_PINGING", 300),
    ("CELLULAR_WAITING_FOR_SIM", 301),
    ("CELLULAR_PPP_CONNECTING", 302),
    ("CELLULAR_REGISTERING", 303),
    ("CELLULAR_REGISTRATION_DENIED", 304),
    ("CELLULAR_STOPPED", 305),
    ("CELLULAR_STOPPED_UNHAPPY", 306),
];

// spec: STATE-1
#[test]
fn codes_and_names_match_the_specification_in_both_directions() {
    assert_eq!(State::ALL.map(|state| (state.name(), state.code())), CODES);
    for state in State::ALL {
        assert_eq!(State::from_code(state.code().into()), Ok(state));
        assert_eq!(state.to_string(), state.name());
    }
}

// spec: STATE-1
#[test]
fn an_unlisted_code_is_an_error() {
    let listed: Vec<i32> = CODES.iter().map(|(_, code)| (*code).into()).collect();
    for code in (-70_000..70_000).chain([i32::MIN, i32::MAX]) {
        assert_eq!(
            State::from_code(code).is_ok(),
            listed.contains(&code),
            "{code}"
        );
    }
    let error = State::from_code(107).unwrap_err();
    assert_eq!(error.to_string(), "107 is the code of no interface state");
}

// spec: STATE-2
#[test]
fn terminal_and_stopped_states_match_the_specification() {
    let codes = |wanted: fn(State) -> bool| -> Vec<i16> {
        State::ALL
            .into_iter()
            .filter(|state| wanted(*state))
            .map(State::code)
            .collect()
    };
    assert_eq!(
        codes(State::is_stopped),
        [105, 106, 202, 203, 204, 304, 305, 306]
    );
    assert_eq!(
        codes(State::is_terminal),
        [1, 105, 106, 202, 203, 204, 304, 305, 306]
    );
}

// spec: STATE-3
#[test]
fn a_state_belongs_to_the_medium_of_its_name() {
    for state in State::ALL {
        let medium = match state.name().split('_').next().unwrap() {
            "WIFI" => Some(Medium::Wifi),
            "ETHERNET" => Some(Medium::Ethernet),
            "CELLULAR" => Some(Medium::Cellular),
            _ => None,
        };
        assert_eq!(state.medium(), medium, "{state}");
    }
}
