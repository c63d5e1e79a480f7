//! `proxyconfig`.

use core::net::Ipv4Addr;

use lankeeper::ProxySettings;
use lankeeper::nic::{Exposed, NicError, NicProblem, ProxyAddress, ProxyPassword, Value};

use super::{Entry, proxy, refusal};

fn with(more: &[Entry<'_>]) -> Result<ProxySettings, NicError> {
    let own = [("address", "proxy.example".into()), ("port", 3128.into())];
    proxy(&[&own, more].concat())
}

fn at(address: &str) -> Result<ProxySettings, NicError> {
    let read = proxy(&[("address", address.into()), ("port", 3128.into())]);
    assert_eq!(read, ProxySettings::new(address, 3128));
    read
}

// spec: NIC-9
#[test]
fn the_type_is_http_or_absent() {
    assert_eq!(with(&[("type", "http".into())]), with(&[]));
    for other in ["", "HTTP", "https", "socks5", "http "] {
        assert!(with(&[("type", other.into())]).is_err(), "{other:?}");
    }
    assert_eq!(
        refusal(with(&[("type", "socks5".into())])),
        "proxyconfig.type: \"socks5\" is not a known type of proxy, allowed is \"http\""
    );
}

// spec: NIC-9
#[test]
fn the_address_is_a_dotted_quad_or_a_host_name() {
    let quad = at("10.0.0.1").unwrap();
    assert_eq!(
        *quad.address(),
        ProxyAddress::Ip(Ipv4Addr::new(10, 0, 0, 1))
    );
    let label = |length: usize| "a".repeat(length);
    let good = [
        "a",
        "7a",
        "proxy",
        "Proxy.Example",
        "3com.net",
        "a-b.c--d",
        "1.2.3.4.com",
        "10.0.0.1a",
        "1.a",
        "a_b",
        "_",
        "_proxy._tcp.example_",
    ];
    for name in good.into_iter().map(String::from).chain([label(63)]) {
        assert_eq!(at(&name).unwrap().address().to_string(), name);
    }
    let bad = [
        ".",
        ".a",
        "a..",
        "..",
        "a..b",
        "-a",
        "a-",
        "a.-b",
        "a-.b",
        "a b",
        "10.0.0.1.",
        "a.7.",
        "a-.",
        "a:80",
        "http://a",
        "é",
        "a\0",
        "a\n",
        "1",
        "10.0.0",
        "10.0.0.256",
        "010.0.0.1",
        "a.7",
        "a.b.123",
        "[::1]",
    ];
    for name in bad.into_iter().map(String::from).chain([label(64)]) {
        let error = at(&name).unwrap_err();
        assert!(
            matches!(error.problem(), NicProblem::ProxyAddress(_)),
            "{name:?}"
        );
    }
    assert_eq!(
        refusal(at("a b")),
        "proxyconfig.address: \"a b\" is neither a dotted quad nor a host name, allowed in a name \
         are labels of 1 to 63 letters, digits, underscores and inner hyphens, the last not all digits"
    );
}

// spec: NIC-9
#[test]
fn a_dot_at_the_end_of_a_host_name_is_cut() {
    for (given, kept) in [
        ("a.", "a"),
        ("Proxy.Example.", "Proxy.Example"),
        ("_.", "_"),
    ] {
        assert_eq!(at(given).unwrap().address().to_string(), kept);
        assert_eq!(at(given), at(kept));
    }
    // The dot comes on top of the 64 bytes.
    let longest = ["a".repeat(40), "b".repeat(23)].join(".");
    assert_eq!(longest.len(), 64);
    assert_eq!(at(&format!("{longest}.")), at(&longest));
    assert_eq!(
        refusal(at(&format!("{longest}b."))),
        "proxyconfig.address: 65 bytes, at most 64"
    );
}

// spec: NIC-9, SEC-1
#[test]
fn credentials_that_http_cannot_carry_are_refused() {
    let control = |text: &str| {
        let password = [("user", "hub".into()), ("password", text.into())];
        [
            (refusal(with(&[("username", text.into())])), "username"),
            (refusal(with(&[("user", text.into())])), "user"),
            (refusal(with(&password)), "password"),
            (refusal(ProxyPassword::plaintext(text)), "password"),
            (
                refusal(with(&[]).unwrap().with_credentials(text, None)),
                "username",
            ),
        ]
    };
    for code in (0..=0x1F_u8)
        .chain([0x7F])
        .map(char::from)
        .chain('\u{80}'..='\u{9F}')
    {
        for text in [
            format!("{code}hub"),
            format!("h{code}b"),
            format!("hub{code}"),
        ] {
            for (shown, key) in control(&text) {
                assert_eq!(
                    shown,
                    format!(
                        "proxyconfig.{key}: a control character, allowed are neither control \
                         characters nor, in a user name, colons"
                    )
                );
            }
        }
    }
    for text in [" ", "~", "\u{A0}", "h b", "hüb", "\"", "@/?#%", "\u{1F600}"] {
        let given = [("user", text.into()), ("password", text.into())];
        let proxy = with(&given).unwrap();
        assert_eq!(proxy.username(), Some(text));
        let password = proxy.password().unwrap().expose();
        assert_eq!(password, Exposed::Plaintext(text));
    }
    // A colon ends a user name; a password may have some.
    let colon = "a colon, allowed are neither control characters nor, in a user name, colons";
    for text in [
        ":",
        "hub:",
        ":hub",
        "hub:swordfish",
        "hub:a-very-long-password-that-is-kept-quiet",
    ] {
        for key in ["username", "user"] {
            let refused = refusal(with(&[(key, text.into())]));
            assert_eq!(refused, format!("proxyconfig.{key}: {colon}"));
        }
    }
    let given = [("user", "hub".into()), ("password", "a:b:".into())];
    let proxy = with(&given).unwrap();
    assert_eq!(
        proxy.password().unwrap().expose(),
        Exposed::Plaintext("a:b:")
    );
    // A blob is opaque.
    let sealed = ProxyPassword::sealed(b"\0:\x7F").unwrap();
    assert_eq!(sealed.expose(), Exposed::Sealed(b"\0:\x7F"));
}

// spec: NIC-9
#[test]
fn the_address_has_at_most_64_bytes() {
    let name = |length: usize| format!("{}.{}", "a".repeat(40), "b".repeat(length - 41));
    for (length, allowed) in [(63, true), (64, true), (65, false)] {
        assert_eq!(name(length).len(), length);
        assert_eq!(at(&name(length)).is_ok(), allowed, "{length}");
    }
    assert_eq!(
        refusal(at(&name(65))),
        "proxyconfig.address: 65 bytes, at most 64"
    );
    assert_eq!(refusal(at("")), "proxyconfig.address: 0 bytes, at least 1");
}

// spec: NIC-9
#[test]
fn the_port_is_1_to_65535() {
    for (port, allowed) in [
        (i64::MIN, false),
        (-1, false),
        (0, false),
        (1, true),
        (65_535, true),
        (65_536, false),
        (65_537, false),
        (i64::MAX, false),
    ] {
        let result = proxy(&[("address", "a".into()), ("port", port.into())]);
        assert_eq!(result.is_ok(), allowed, "{port}");
        match result {
            Ok(proxy) => assert_eq!(i64::from(proxy.port()), port),
            Err(error) => assert_eq!(
                error.to_string(),
                format!("proxyconfig.port: {port} is not a port, allowed are 1 to 65535")
            ),
        }
    }
    assert_eq!(
        refusal(ProxySettings::new("a", 0)),
        "proxyconfig.port: 0 is not a port, allowed are 1 to 65535"
    );
}

// spec: NIC-9
#[test]
fn address_and_port_are_required() {
    assert_eq!(
        refusal(proxy(&[("port", 1.into())])),
        "proxyconfig.address: missing, required is a string"
    );
    assert_eq!(
        refusal(proxy(&[("address", "a".into())])),
        "proxyconfig.port: missing, required is an integer"
    );
}

// spec: NIC-9
#[test]
fn user_is_an_alias_of_username() {
    let username = with(&[("username", "hub".into())]);
    assert_eq!(username, with(&[("user", "hub".into())]));
    assert_eq!(username.unwrap().username(), Some("hub"));
    let twice = [("username", "hub".into()), ("user", "hub".into())];
    assert_eq!(
        refusal(with(&twice)),
        "proxyconfig.username: duplicate key, allowed is one"
    );
    assert_eq!(
        refusal(with(&[twice[1], twice[1]])),
        "proxyconfig.user: duplicate key, allowed is one"
    );
}

// spec: NIC-9
#[test]
fn names_and_passwords_have_at_most_32_bytes() {
    for (length, allowed) in [(1, true), (31, true), (32, true), (33, false)] {
        let text = "p".repeat(length);
        let value = Value::from(text.as_str());
        for key in ["username", "user"] {
            let result = with(&[(key, value)]);
            assert_eq!(result.is_ok(), allowed, "{length}");
            if !allowed {
                assert_eq!(
                    refusal(result),
                    format!("proxyconfig.{key}: {length} bytes, at most 32")
                );
            }
        }
        let result = with(&[("username", "hub".into()), ("password", value)]);
        match result {
            Ok(proxy) => assert_eq!(
                proxy.password().unwrap().expose(),
                Exposed::Plaintext(&text)
            ),
            Err(error) => {
                assert!(!allowed);
                assert_eq!(
                    error.to_string(),
                    "proxyconfig.password: too long, allowed are at most 32 bytes"
                );
            }
        }
        assert_eq!(ProxyPassword::plaintext(&text).is_ok(), allowed);
    }
}

// spec: NIC-9
#[test]
fn a_blob_is_a_sealed_password_of_1_to_80_bytes() {
    for (length, allowed) in [(0, false), (1, true), (33, true), (80, true), (81, false)] {
        let blob = vec![0xA5; length];
        let result = with(&[("user", "hub".into()), ("password", blob.as_slice().into())]);
        assert_eq!(result.is_ok(), allowed, "{length}");
        assert_eq!(ProxyPassword::sealed(&blob).is_ok(), allowed);
        if let Ok(proxy) = result {
            assert_eq!(proxy.password().unwrap().expose(), Exposed::Sealed(&blob));
        }
    }
}

// spec: NIC-9
#[test]
fn a_password_needs_a_user_name() {
    let expected = "proxyconfig.password: a password without a user name, allowed is both or a user \
                name alone";
    let password = ("password", "swordfish".into());
    assert_eq!(refusal(with(&[password])), expected);
    assert_eq!(
        refusal(with(&[password, ("username", "".into())])),
        expected
    );
    assert_eq!(refusal(with(&[("password", b"sealed".into())])), expected);
    let typed = ProxySettings::new("a", 1).unwrap();
    let password = ProxyPassword::plaintext("swordfish").unwrap();
    assert_eq!(
        refusal(typed.with_credentials("", Some(password))),
        expected
    );
}

// spec: NIC-9
#[test]
fn empty_credentials_count_as_none() {
    let none = with(&[]).unwrap();
    assert_eq!((none.username(), none.password()), (None, None));
    let empty = [("username", "".into()), ("password", "".into())];
    assert_eq!(with(&empty), Ok(none.clone()));
    let password = ProxyPassword::plaintext("").unwrap();
    assert_eq!(none.clone().with_credentials("", Some(password)), Ok(none));
    let named = with(&[("username", "hub".into()), ("password", "".into())]).unwrap();
    assert_eq!((named.username(), named.password()), (Some("hub"), None));
}

// spec: NIC-9
#[test]
fn new_credentials_replace_earlier_ones() {
    let plain = with(&[]).unwrap();
    let password = || ProxyPassword::plaintext("swordfish").unwrap();
    let full = plain.clone().with_credentials("hub", Some(password()));
    let without_password = full.clone().unwrap().with_credentials("hub", None).unwrap();
    assert_eq!(without_password.username(), Some("hub"));
    assert_eq!(without_password.password(), None);
    assert_eq!(full.unwrap().with_credentials("", None), Ok(plain));
}
