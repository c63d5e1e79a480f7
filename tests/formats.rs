//! What `defmt` sends for addresses and times: numbers, which need no code of `core::fmt`.

use core::net::Ipv4Addr;

use defmt::Format;
use lankeeper::driver::SecretBuffer;
use lankeeper::ipv4::PrefixError;
use lankeeper::nic::{InterfaceIdError, Table, Value};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::udp::{Bucket, GateError, OpenSocketError};
use lankeeper::{
    Duration, Instant, InterfaceId, IpConfig, Lease, Medium, Prefix, ProxySettings, Span,
};

use crate::secrets::logged::sent;
use crate::support::ip;

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Checks that a value is sent with the four numbers of this address, and never as text.
fn assert_as_numbers(value: &impl Format, address: Ipv4Addr) {
    let sent = sent(value);
    // Each number comes after the two bytes that stand for its type.
    let numbers = |window: &[u8]| window.iter().copied().step_by(3).eq(address.octets());
    assert!(
        sent.windows(10).any(numbers),
        "not sent as numbers: {sent:?}"
    );
    assert!(!contains(&sent, address.to_string().as_bytes()), "{sent:?}");
}

#[test]
#[should_panic(expected = "not sent as numbers")]
fn an_address_as_text_is_detected() {
    let address = ip("192.168.1.7");
    assert_as_numbers(&defmt::Display2Format(&address), address);
}

// spec: TIME-1
#[test]
fn times_are_sent_as_numbers() {
    for number in [1, 40_000, 0x0102_0304_0506_0708, u64::MAX - 1, u64::MAX] {
        for sent in [
            sent(&Instant::from_micros(number)),
            sent(&Duration::from_micros(number)),
        ] {
            assert!(contains(&sent, &number.to_le_bytes()), "{sent:?}");
        }
    }
    for span in [Span::MIN, Span::millis::<0x0102_0304>(), Span::MAX] {
        let sent = sent(&span);
        assert!(contains(&sent, &span.as_millis().to_le_bytes()), "{sent:?}");
    }
    // Wherever an instant is part of a larger value.
    assert!(contains(&sent(&Bucket::FULL), &[0xFF; 8]));
}

// spec: NIC-8
#[test]
fn addresses_are_sent_as_four_numbers() {
    let (own, gateway) = (ip("192.168.1.7"), ip("192.168.1.1"));
    let servers = [ip("8.8.8.8"), ip("1.1.1.1")];
    let prefix = Prefix::new(own, 24).unwrap();
    assert_as_numbers(&prefix, own);
    let narrower = sent(&Prefix::new(own, 25).unwrap());
    let pairs = sent(&prefix).into_iter().zip(narrower);
    let different: Vec<_> = pairs.filter(|(wide, narrow)| wide != narrow).collect();
    assert_eq!(different, [(24, 25)]);
    let config = IpConfig::new(prefix, Some(gateway), &servers).unwrap();
    for address in [own, gateway, servers[0], servers[1]] {
        assert_as_numbers(&config, address);
    }
    let mut stored = StoredSettings::default();
    stored.ip_config = Some(config);
    assert_as_numbers(&stored, own);
    let mask = ip("255.0.255.0");
    assert_as_numbers(&Prefix::from_mask(own, mask).unwrap_err(), mask);
    assert_as_numbers(&ProxySettings::new("10.9.9.9", 1).unwrap(), ip("10.9.9.9"));
    let lease = Lease::new(own, 24).with_gateway(gateway);
    assert_as_numbers(&lease, own);
    assert_as_numbers(&lease, gateway);
    // A name is text.
    let named = ProxySettings::new("proxy.example", 1).unwrap();
    assert!(contains(&sent(&named), b"proxy.example"));
}

// spec: UDP-1, UDP-8
#[test]
fn values_without_text_are_sent_without_it() {
    for sent in [
        sent(&OpenSocketError::Medium(Medium::Cellular)),
        sent(&GateError::NotLocal),
        sent(&PrefixError::LengthText),
        sent(&InterfaceIdError::Generic),
        sent(&StoredParts::all()),
    ] {
        assert!(sent.len() < 16, "{sent:?}");
    }
    assert!(contains(&sent(&InterfaceId::WIFI), b"wl0"));
}

/// A value of which nothing is sent.
struct Nothing;

impl Format for Nothing {
    fn format(&self, _: defmt::Formatter<'_>) {}
}

// spec: SEC-1
#[test]
fn what_is_hidden_is_sent_as_its_name() {
    let nothing = sent(&Nothing).len();
    for sent in [
        sent(&SecretBuffer::<16>::new()),
        sent(&StoredSettings::default().to_record()),
        sent(&StoredParts::all()),
        sent(&Table::new(&[])),
    ] {
        assert!(sent.len() > nothing, "{sent:?}");
    }
    let kinds = [
        Value::Null,
        1.into(),
        "secret".into(),
        b"secret".as_slice().into(),
        Value::List(&[]),
        Table::new(&[]).into(),
    ];
    let sent = kinds.map(|value| sent(&value));
    for (index, value) in sent.iter().enumerate() {
        assert!(!sent[..index].contains(value), "{:?}", kinds[index]);
    }
}
