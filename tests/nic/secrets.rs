//! Secrets are never displayed, and are wiped when dropped or replaced.

use core::fmt::Debug;
use core::mem::MaybeUninit;
use core::ptr;

use lankeeper::nic::{Exposed, NicError, ProxyPassword, Security, Table, Value};
use lankeeper::{Nic, ProxySettings, WifiKey, WifiSettings};

use super::{nic, proxy, table, wifi};
use crate::secrets::kept::is_left;
use crate::secrets::search::{MARKER, assert_hidden, debug, renderings};

fn error(error: Result<impl Debug, NicError>) -> Vec<String> {
    let error = error.unwrap_err();
    let mut shown = vec![error.to_string(), error.problem().to_string()];
    shown.extend(renderings(&error));
    shown
}

// spec: SEC-1
#[test]
fn no_debug_output_contains_a_secret() {
    let (text, blob) = (Value::from(MARKER), Value::from(MARKER.as_bytes()));
    let mut shown = Vec::new();
    for secret in [text, blob] {
        shown.extend(renderings(secret));
        let list = [secret];
        shown.extend(renderings(Value::List(&list)));
        let wifi = [("ssid", "shed".into()), ("key", secret)];
        let proxy = [
            ("address", "a".into()),
            ("port", 1.into()),
            ("user", "hub".into()),
            ("password", secret),
        ];
        let all = [
            ("interface", "wl0".into()),
            ("wificonfig", table(&wifi)),
            ("proxyconfig", table(&proxy)),
        ];
        shown.extend(renderings(Table::new(&wifi)));
        shown.extend(renderings(table(&all)));
        let nic = nic(&all).unwrap();
        let (wifi, proxy) = (nic.wifi().unwrap(), nic.proxy().unwrap());
        shown.extend(renderings(&nic));
        shown.extend(renderings(wifi));
        shown.extend(renderings(wifi.key()));
        shown.extend(renderings(wifi.key().expose()));
        shown.extend(renderings(proxy));
        shown.extend(renderings(proxy.password()));
        shown.extend(renderings(proxy.password().unwrap().expose()));
        let builder = Nic::builder("wl0").wifi(wifi.clone()).proxy(proxy.clone());
        shown.extend(renderings(&builder));
    }
    assert_hidden(&shown);
}

// spec: SEC-1
#[test]
fn no_error_contains_a_secret() {
    let long = MARKER.repeat(12);
    let mut hexish = format!("{MARKER}{}", "0".repeat(64));
    hexish.truncate(64);
    let unprintable = format!("{MARKER}\n");
    let key = |value: Value<'_>| error(wifi(&[("ssid", "s".into()), ("key", value)]));
    let password = |more: &[super::Entry<'_>]| {
        error(proxy(
            &[&[("address", "a".into()), ("port", 1.into())], more].concat(),
        ))
    };
    let list = [Value::from(MARKER)];
    let inner = [("key", Value::from(MARKER))];
    let mut shown = Vec::new();
    for value in [
        long.as_str().into(),
        long.as_bytes().into(),
        hexish.as_str().into(),
        unprintable.as_str().into(),
        MARKER[..4].into(),
        Value::List(&list),
        table(&inner),
    ] {
        shown.extend(key(value));
    }
    for value in [
        long.as_str().into(),
        long.as_bytes().into(),
        Value::List(&list),
    ] {
        shown.extend(password(&[("user", "hub".into()), ("password", value)]));
    }
    shown.extend(password(&[("password", MARKER.into())]));
    shown.extend(password(&[("password", MARKER.as_bytes().into())]));
    shown.extend(error(wifi(&[("ssid", "".into()), ("key", MARKER.into())])));
    shown.extend(error(WifiKey::plaintext(&long)));
    shown.extend(error(WifiKey::sealed(long.as_bytes())));
    shown.extend(error(ProxyPassword::plaintext(&long)));
    shown.extend(error(ProxyPassword::sealed(long.as_bytes())));
    assert_hidden(&shown);
}

// spec: SEC-1
#[test]
fn a_password_inside_an_address_or_type_is_not_quoted() {
    for text in [
        format!("http://hub:{MARKER}@proxy.example"),
        format!("http://hub:{MARKER}"),
        format!("hub:{MARKER}@proxy"),
        format!("hub@{MARKER}"),
    ] {
        let shown = error(ProxySettings::new(&text, 1));
        assert_hidden(&shown);
        let section = [
            ("type", text.as_str().into()),
            ("address", "proxy".into()),
            ("port", 1.into()),
        ];
        let nic = [
            ("interface", "eth0".into()),
            ("proxyconfig", Table::new(&section).into()),
        ];
        assert_hidden(error(Nic::from_table(&Table::new(&nic))));
    }
    let shown = error(ProxySettings::new("proxy:8080", 1));
    assert!(
        shown[0].starts_with("proxyconfig.address: \"proxy…\" is neither"),
        "{}",
        shown[0]
    );
}

// spec: SEC-1
#[test]
fn nothing_reveals_the_length_of_a_secret() {
    let shown = |length| {
        let text = "7".repeat(length);
        let key = WifiKey::plaintext(&text).unwrap();
        let password = ProxyPassword::plaintext(&text).unwrap();
        [debug(key), debug(password)]
    };
    assert_eq!(shown(8), shown(32));
    assert_eq!(shown(8), [["Plaintext", "Plaintext"]; 2]);
    let key = |length| debug(WifiKey::sealed(&vec![7; length]).unwrap());
    assert_eq!(key(1), key(112));
    let password = |length| debug(ProxyPassword::sealed(&vec![7; length]).unwrap());
    assert_eq!(password(1), password(80));
    assert_eq!([key(1), password(1)], [["Sealed", "Sealed"]; 2]);
    assert_eq!(debug(WifiKey::open()), ["Open", "Open"]);
}

// spec: SEC-1
#[test]
fn no_error_reveals_the_length_of_a_refused_secret() {
    fn same(errors: impl IntoIterator<Item = Vec<String>>) -> Vec<String> {
        let mut errors = errors.into_iter();
        let first = errors.next().unwrap();
        for error in errors {
            assert_eq!(error, first);
        }
        first
    }
    let text = |length| "g".repeat(length);
    // 64 bytes that are not hexadecimal are no other case than any refused length.
    let lengths = [1, 4, 6, 7, 64, 65, 200];
    same(lengths.map(|length| error(WifiKey::plaintext(&text(length)))));
    let unprintable = [1, 4, 6, 7, 8, 63, 64, 65, 200];
    same(unprintable.map(|length| error(WifiKey::plaintext(&format!("{}\n", text(length - 1))))));
    same([33, 34, 200].map(|length| error(ProxyPassword::plaintext(&text(length)))));
    same(
        [1, 32, 33, 200]
            .map(|length| error(ProxyPassword::plaintext(&format!("\n{}", text(length))))),
    );
    same([0, 113, 200].map(|length| error(WifiKey::sealed(&vec![7; length]))));
    same([0, 81, 200].map(|length| error(ProxyPassword::sealed(&vec![7; length]))));
    // What may have a password in it, where it does not belong.
    let url = |length| format!("http://hub:{}@proxy", text(length));
    same([1, 40, 50, 200].map(|length| error(ProxySettings::new(&url(length), 1))));
    let named = |length| {
        let proxy = ProxySettings::new("proxy", 1).unwrap();
        error(proxy.with_credentials(&format!("hub:{}", text(length)), None))
    };
    same([1, 28, 29, 200].map(named));
}

/// The bytes at a secret's address after `act` was applied to its owner in place.
///
/// Reads only the bytes of the secret itself, because the rest of the place may hold copies that
/// earlier moves left behind.
fn left_behind<T>(
    owner: T,
    expose: impl FnOnce(&T) -> Option<Exposed<'_>>,
    act: impl FnOnce(*mut T),
) -> Vec<u8> {
    let mut place = MaybeUninit::new(owner);
    // SAFETY: the place holds the owner.
    let exposed = expose(unsafe { place.assume_init_ref() });
    let Some(Exposed::Plaintext(secret)) = exposed else {
        panic!("no plaintext")
    };
    assert_eq!(secret, MARKER);
    let start = secret.as_ptr();
    act(place.as_mut_ptr());
    // SAFETY: the bytes are inside the place, which is still there, and were written.
    let byte = |index| unsafe { ptr::read_volatile(start.add(index)) };
    (0..MARKER.len()).map(byte).collect()
}

fn settings() -> (WifiSettings, ProxySettings) {
    let key = WifiKey::plaintext(MARKER).unwrap();
    let password = ProxyPassword::plaintext(MARKER).unwrap();
    let proxy = ProxySettings::new("a", 1).unwrap();
    (
        WifiSettings::new(b"shed", key).unwrap(),
        proxy.with_credentials("hub", Some(password)).unwrap(),
    )
}

fn drop_in_place<T>(place: *mut T) {
    // SAFETY: the place holds a value that is not used afterwards.
    unsafe { ptr::drop_in_place(place) }
}

fn of_wifi(wifi: &WifiSettings) -> Option<Exposed<'_>> {
    wifi.key().expose()
}

fn of_proxy(proxy: &ProxySettings) -> Option<Exposed<'_>> {
    proxy.password().map(ProxyPassword::expose)
}

// spec: SEC-2
#[test]
fn a_dropped_secret_is_wiped() {
    let (wifi, proxy) = settings();
    let nic = || {
        let builder = Nic::builder("wl0").wifi(wifi.clone());
        builder.proxy(proxy.clone()).build().unwrap()
    };
    let key = || wifi.key().clone();
    let password = || proxy.password().unwrap().clone();
    // Without a drop the secret stays, which shows that the search works.
    let marker = MARKER.as_bytes();
    assert_eq!(left_behind(key(), WifiKey::expose, |_| ()), marker);
    assert_eq!(left_behind(proxy.clone(), of_proxy, |_| ()), marker);
    for bytes in [
        left_behind(key(), WifiKey::expose, drop_in_place),
        left_behind(password(), |it| Some(it.expose()), drop_in_place),
        left_behind(wifi.clone(), of_wifi, drop_in_place),
        left_behind(proxy.clone(), of_proxy, drop_in_place),
        left_behind(nic(), |it| of_wifi(it.wifi().unwrap()), drop_in_place),
        left_behind(nic(), |it| of_proxy(it.proxy().unwrap()), drop_in_place),
    ] {
        assert_eq!(bytes, [0; MARKER.len()]);
    }
}

// spec: SEC-2
#[test]
fn a_drop_wipes_what_is_no_secret_too() {
    // It may be a secret that was given as a name.
    let builder = || Nic::builder(MARKER);
    assert!(is_left(builder(), |_| ()), "the search finds what is there");
    assert!(!is_left(builder(), drop_in_place));
    // The place of a name may hold bytes of a secret that was moved.
    let proxy = || ProxySettings::new(MARKER, 1).unwrap();
    assert!(is_left(proxy(), |_| ()));
    assert!(!is_left(proxy(), drop_in_place));
    let wifi = || WifiSettings::new(MARKER.as_bytes(), WifiKey::open()).unwrap();
    assert!(is_left(wifi(), |_| ()));
    assert!(!is_left(wifi(), drop_in_place));
}

/// How many bytes of a key survive when another key is assigned in its place, not counting those
/// that the other key overwrites.
fn left_behind_by(other: &WifiKey) -> usize {
    let replace = |place: *mut WifiKey| {
        // SAFETY: the place holds a key.
        unsafe { &mut *place }.clone_from(other);
    };
    let key = WifiKey::plaintext(MARKER).unwrap();
    let left = left_behind(key, WifiKey::expose, replace);
    let length = match other.expose() {
        Some(Exposed::Plaintext(text)) => text.len(),
        Some(Exposed::Sealed(blob)) => blob.len(),
        None => 0,
    };
    // The remaining bytes need not be zero, because unused bytes are deliberately not copied.
    let bytes = left.into_iter().zip(MARKER.bytes());
    bytes.skip(length).filter(|(left, was)| left == was).count()
}

// spec: SEC-2
#[test]
fn a_secret_replaced_by_a_shorter_one_leaves_nothing_behind() {
    let one_shorter = [7; MARKER.len() - 1];
    for other in [
        Ok(WifiKey::open()),
        WifiKey::new(Security::Wpa3, Exposed::Plaintext("1")),
        WifiKey::plaintext("123456789"),
        WifiKey::sealed(&[7]),
        WifiKey::sealed(&one_shorter),
    ] {
        let other = other.unwrap();
        assert_eq!(left_behind_by(&other), 0, "{other:?}");
    }
}
