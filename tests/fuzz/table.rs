//! NIC tables: the validation beside the second implementation of its rules (NIC).

use arbitrary::{Result, Unstructured};
use bumpalo::Bump;
use lankeeper::Nic;
use lankeeper::nic::NicError;

use crate::nic::model::{Finding, first_problem, word};
use crate::nic::tree::Tree;

/// The longest text of an error: a path, a quotation, and what is allowed.
const LONGEST_ERROR: usize = 512;

/// Decodes a table and validates it. The planted fault is a model that knows no rule for a gateway.
pub(crate) fn run(bytes: &[u8], planted: bool) {
    let mut bytes = Unstructured::new(bytes);
    let tree = table(&mut bytes).expect("decoding continues with zeros after the last byte");
    let found = check(&tree, &Nic::from_value(&tree.lend(&Bump::new())));
    let expected = predicted(&tree)
        .filter(|(path, word)| !(planted && path == "staticconfig.gateway" && *word == "value"));
    assert_eq!(found, expected);

    // The order of the entries matters only to which unknown key is reported.
    let turned = tree.reversed();
    let turned = check(&turned, &Nic::from_value(&turned.lend(&Bump::new())));
    match found {
        Some((_, "unknown")) => assert_eq!(turned.map(|(_, word)| word), Some("unknown")),
        found => assert_eq!(found, turned),
    }
}

/// The problem in the terms of the model, after checks of the error or of the configuration.
pub(super) fn check(tree: &Tree, read: &Result<Nic, NicError>) -> Option<Finding> {
    let nic = match read {
        Ok(nic) => nic,
        Err(error) => {
            let text = error.to_string();
            let path = error.path().to_string();
            assert!(text.len() <= LONGEST_ERROR, "{text}");
            assert!(text.starts_with(&path), "{text}");
            let is_plain = |c: char| c == '…' || c == ' ' || c.is_ascii_graphic();
            assert!(text.chars().all(is_plain), "{text}");
            return Some(in_short(path, word(error.problem())));
        }
    };
    let again = Tree::of(nic);
    let again = Nic::from_value(&again.lend(&Bump::new())).expect("it was valid before");
    assert!(again.means_same_as(nic, []), "{tree:?}");
    assert_eq!(again.name(), nic.name());
    assert_eq!(format!("{again:?}"), format!("{nic:?}"));
    None
}

/// The first problem of the table by the model.
pub(super) fn predicted(tree: &Tree) -> Option<Finding> {
    first_problem(tree).map(|(path, word)| in_short(path, word))
}

/// The crate quotes an unknown key, the model does not: its table says enough.
fn in_short(path: String, word: &'static str) -> Finding {
    match word {
        "unknown" => {
            let mut sections = ["wificonfig.", "staticconfig.", "proxyconfig."].into_iter();
            let section = sections.find(|section| path.starts_with(*section));
            (section.unwrap_or_default().into(), word)
        }
        _ => (path, word),
    }
}

/// A table in which most keys are right.
pub(super) fn table(bytes: &mut Unstructured<'_>) -> Result<Tree> {
    let entry = |key: &str, value| (key.to_string(), value);
    let mut entries = Vec::new();
    if !bytes.ratio(1, 32)? {
        let name = near(bytes, &["eth0", "wl0", "wifi", "wl0i", "ethernet", "cell"])?;
        entries.push(entry("interface", name));
    }
    let sections = bytes.int_in_range(0..=7)?;
    if sections & 1 != 0 {
        entries.push(entry("wificonfig", section(bytes, &WIFI)?));
    }
    if sections & 2 != 0 {
        entries.push(entry("staticconfig", section(bytes, &STATIC)?));
    }
    if sections & 4 != 0 {
        entries.push(entry("proxyconfig", section(bytes, &PROXY)?));
    }
    disturb(bytes, &mut entries)?;
    Ok(Tree::Table(entries))
}

/// The keys of a section, with texts that are right or nearly so. A text of digits is a number, one with
/// a comma a list, and one of `yes` and `no` a boolean.
type Section = [(&'static str, &'static [&'static str])];

const WIFI: [(&str, &[&str]); 5] = [
    ("ssid", &["shed", "s", ""]),
    ("key", &["", "12345", "correct horse", "1234567", "hör"]),
    ("security", &["open", "wep", "wpa2", "wpa3", "any", "wpa"]),
    ("hidden", &["yes", "no"]),
    (
        "bssid",
        &["02:00:5e:00:53:01", "03-00-00-00-00-00", "02:00:5e:00:53"],
    ),
];
const STATIC: [(&str, &[&str]); 4] = [
    ("ip", &["10.0.0.1", "10.0.0.2", "10.1.0.0", "192.168.1.1"]),
    (
        "netmask",
        &["255.0.0.0", "255.255.255.252", "255.255.255.254"],
    ),
    ("gateway", &["10.0.0.1", "10.0.0.3", "192.168.1.2"]),
    ("dns", &["9.9.9.9,", "9.9.9.9,10.0.0.9", ",", "1,"]),
];
const PROXY: [(&str, &[&str]); 6] = [
    ("type", &["http", "socks"]),
    ("address", &["proxy", "_a-b_.example.", "10.0.0.1", "a..b"]),
    ("port", &["8080", "1", "65535", "0", "65536"]),
    ("username", &["hub", "", "h:b", "h\nb"]),
    ("user", &["hub", "", "hüb"]),
    ("password", &["swordfish", "", "sword:fish", "s\u{1}"]),
];

fn section(bytes: &mut Unstructured<'_>, keys: &Section) -> Result<Tree> {
    let present: u8 = bytes.arbitrary()?;
    let mut entries = Vec::new();
    for (place, (key, texts)) in keys.iter().enumerate() {
        // All of them more often than some.
        if present & 1 == 0 || present & 2 << place != 0 {
            entries.push((key.to_string(), near(bytes, texts)?));
        }
    }
    disturb(bytes, &mut entries)?;
    Ok(Tree::Table(entries))
}

/// Now and then an entry twice, another place, or an unknown key.
fn disturb(bytes: &mut Unstructured<'_>, entries: &mut Vec<(String, Tree)>) -> Result<()> {
    match bytes.int_in_range(0..=15)? {
        0 if !entries.is_empty() => {
            let entry = bytes.choose(entries)?.clone();
            entries.push(entry);
        }
        1 => {
            let key = *bytes.choose(&["sid", "Key", "", "a.b", "interface", "user", "dns"])?;
            entries.push((key.into(), odd(bytes, 0)?));
        }
        // Without a dot, with which it would look like a path.
        2 => entries.push((text(bytes)?.replace('.', "_"), odd(bytes, 0)?)),
        3 if entries.len() > 1 => entries.rotate_left(1),
        _ => {}
    }
    Ok(())
}

fn near(bytes: &mut Unstructured<'_>, texts: &[&str]) -> Result<Tree> {
    let choice: usize = bytes.int_in_range(0..=63)?;
    if choice >= 60 {
        return odd(bytes, 0);
    }
    let text = texts[choice % texts.len()];
    Ok(match text.parse() {
        _ if ["yes", "no"].contains(&text) => Tree::Boolean(text == "yes"),
        Ok(number) if text != "12345" && text != "1234567" => Tree::Integer(number),
        _ if text.ends_with(',') || text == "9.9.9.9,10.0.0.9" => {
            let items = text.split(',').filter(|item| !item.is_empty());
            Tree::List(items.map(Tree::text).collect())
        }
        _ => Tree::text(text),
    })
}

/// Anything at all, at most four levels deep.
fn odd(bytes: &mut Unstructured<'_>, depth: usize) -> Result<Tree> {
    let lengths = [0, 1, 5, 8, 32, 33, 63, 64, 65, 80, 81, 112, 113];
    Ok(match bytes.int_in_range(0..=10)? {
        0 => Tree::Null,
        10 => Tree::Boolean(bytes.arbitrary()?),
        1 => Tree::Integer(*bytes.choose(&[0, 1, 80, 65_535, 65_536, -1, i64::MIN, i64::MAX])?),
        2 => Tree::Integer(bytes.arbitrary()?),
        3 => Tree::Text(text(bytes)?),
        4 => Tree::Text(
            bytes
                .choose(&["f", "z", "."])?
                .repeat(*bytes.choose(&lengths)?),
        ),
        5 => Tree::Blob(vec![0xFF; *bytes.choose(&lengths)?]),
        6 => {
            let place = format!(
                "{}.{}.0.{}",
                bytes.arbitrary::<u8>()?,
                0,
                bytes.arbitrary::<u8>()?
            );
            Tree::Text(place)
        }
        7 if depth < 4 => {
            let mut items = Vec::new();
            for _ in 0..bytes.int_in_range(0..=3)? {
                items.push(odd(bytes, depth + 1)?);
            }
            Tree::List(items)
        }
        8 if depth < 4 => {
            let mut entries = Vec::new();
            for _ in 0..bytes.int_in_range(0..=3)? {
                let known =
                    *bytes.choose(&["ip", "ssid", "key", "port", "address", "interface"])?;
                entries.push((known.into(), odd(bytes, depth + 1)?));
            }
            Tree::Table(entries)
        }
        _ => Tree::text(bytes.choose(&[
            "eth1",
            "eth10",
            "wl9",
            "a.1",
            "a.b.",
            "-a",
            "255.0.255.0",
        ])?),
    })
}

fn text(bytes: &mut Unstructured<'_>) -> Result<String> {
    let length = bytes.int_in_range(0..=40)?;
    let taken = bytes.bytes(length.min(bytes.len()))?;
    Ok(String::from_utf8_lossy(taken).into_owned())
}
