//! Stored records: what is read beside a naive reader of the format (CFG-1).

use core::net::Ipv4Addr;

use arbitrary::{Result, Unstructured};
use lankeeper::nic::{Bssid, Exposed, ProxyPassword, Security};
use lankeeper::stored::{RECORD_CAPACITY, RecordError, StoredSettings};
use lankeeper::{
    Config, InterfaceConfig, InterfaceId, IpConfig, Manager, Prefix, ProxySettings, WifiKey,
    WifiSettings,
};

use crate::nic::model::first_problem;
use crate::nic::tree::Tree;

/// Reads the bytes as a record or as its sections, or makes settings of them and damages their
/// record. The planted fault is a reader that wants no order of the sections.
pub(crate) fn run(bytes: &[u8], planted: bool) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    match kind % 4 {
        0 => check(rest, planted),
        1 => check(&whole(2, rest), planted),
        3 => check(&whole(1, rest), planted),
        _ => made(&mut Unstructured::new(rest), planted)
            .expect("decoding continues with zeros after the last byte"),
    }
}

fn made(bytes: &mut Unstructured<'_>, planted: bool) -> Result<()> {
    let settings = settings(bytes)?;
    let record = settings.to_record();
    let mut record = record.as_bytes().to_vec();
    assert!(record.len() <= RECORD_CAPACITY);
    assert_eq!(StoredSettings::from_record(&record).as_ref(), Ok(&settings));
    check(&record, planted);
    let place = bytes.int_in_range(0..=record.len() - 1)?;
    match bytes.int_in_range(0..=3)? {
        // A flipped bit is always noticed.
        0 => {
            record[place] ^= 1 << bytes.int_in_range(0..=7)?;
            assert!(StoredSettings::from_record(&record).is_err());
        }
        // So is what is cut off, or comes on top.
        1 => {
            record.truncate(place);
            assert!(StoredSettings::from_record(&record).is_err());
        }
        2 => {
            record.push(bytes.arbitrary()?);
            assert!(StoredSettings::from_record(&record).is_err());
        }
        // Other content behind a right checksum is content.
        _ => {
            let mut body = record[HEADER..record.len() - CHECKSUM].to_vec();
            for _ in 0..bytes.int_in_range(0..=2)? {
                let place = bytes.int_in_range(0..=body.len())?;
                match bytes.int_in_range(0..=2)? {
                    0 if place < body.len() => body[place] = bytes.arbitrary()?,
                    1 => body.truncate(place),
                    _ => body.insert(place, bytes.arbitrary()?),
                }
            }
            let turn = bytes.int_in_range(0..=body.len())?;
            if bytes.ratio(1, 4)? {
                body.rotate_left(turn);
            }
            record = whole(2, &body);
        }
    }
    check(&record, planted);
    Ok(())
}

/// Reads a record, alone and into a manager, beside the naive reader.
fn check(record: &[u8], planted: bool) {
    let read = StoredSettings::from_record(record);
    let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    let mut manager = Manager::new(&config).unwrap();
    assert_eq!(
        manager.load_stored(record),
        read.as_ref().map(|_| ()).map_err(|error| *error)
    );
    match (&read, naive(record, planted)) {
        (Ok(settings), Ok(parts)) => {
            // Settings have one record in each version: the newest one is written as it was read.
            let written = settings.to_record();
            if record[2] == 2 {
                assert_eq!(written.as_bytes(), record);
            } else {
                let again = StoredSettings::from_record(written.as_bytes());
                assert_eq!(again.as_ref(), Ok(settings));
            }
            assert_eq!(manager.stored(), settings);
            assert_eq!(settings.parts().bits().count_ones(), parts);
        }
        (Err(error), Err(expected)) => {
            assert_eq!(*error, expected);
            assert_eq!(
                *manager.stored(),
                StoredSettings::default(),
                "nothing is stored"
            );
        }
        (read, expected) => panic!("{read:?}, where the rules say {expected:?}: {record:?}"),
    }
}

const HEADER: usize = 5;
const CHECKSUM: usize = 4;

/// A record of this version with these sections, and with the right length and checksum.
fn whole(version: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap_or(0).to_le_bytes();
    let mut bytes = [&b"LK"[..], &[version], &length, body].concat();
    bytes.extend(crc32(&bytes).to_le_bytes());
    bytes
}

/// CRC-32 of IEEE 802.3 as a division of polynomials, bit by bit from the front.
fn crc32(bytes: &[u8]) -> u32 {
    let bits = bytes
        .iter()
        .flat_map(|byte| (0..8).map(move |place| byte >> place & 1));
    let step = |rest: u32, bit: u8| {
        let out = rest >> 31 ^ u32::from(bit);
        (rest << 1) ^ (0x04C1_1DB7 * out)
    };
    !bits.fold(!0, step).reverse_bits()
}

/// How many sections a record has, read as its format is documented.
fn naive(record: &[u8], planted: bool) -> core::result::Result<u32, RecordError> {
    if !record.starts_with(b"LK") || record.len() < 3 {
        return Err(RecordError::Foreign);
    }
    if ![1, 2].contains(&record[2]) {
        return Err(RecordError::Version(record[2]));
    }
    if record.len() < HEADER {
        return Err(RecordError::Length);
    }
    let length = usize::from(record[3]) + 256 * usize::from(record[4]);
    if record.len() != HEADER + length + CHECKSUM {
        return Err(RecordError::Length);
    }
    let (covered, sum) = record.split_at(HEADER + length);
    if sum != crc32(covered).to_le_bytes() {
        return Err(RecordError::Damaged);
    }
    let (mut rest, mut tags) = (&covered[HEADER..], Vec::new());
    while let Some((tag, after)) = rest.split_first() {
        let number = u8::try_from(tags.len() + 1).unwrap_or(u8::MAX);
        let is_next = planted && !tags.contains(tag) || tags.iter().all(|before| before < tag);
        let after = if is_next {
            section(record[2], *tag, after)
        } else {
            None
        };
        rest = after.ok_or(RecordError::Content(number))?;
        tags.push(*tag);
    }
    Ok(u32::try_from(tags.len()).unwrap())
}

/// The fields of a section, which say in the second version what they are and how long; what is left.
fn section(version: u8, tag: u8, bytes: &[u8]) -> Option<&[u8]> {
    let read = |fields| match tag {
        1 => wifi(version, fields),
        2 => address(fields),
        3 => proxy(fields),
        _ => None,
    };
    if version == 1 {
        return read(bytes);
    }
    let (1, bytes) = bytes.split_first().map(|(form, rest)| (*form, rest))? else {
        return None;
    };
    let (fields, rest) = counted(bytes)?;
    read(fields)?.is_empty().then_some(rest)
}

/// A text or blob after its length; what is left.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

/// A secret or none; what is left.
fn secret(bytes: &[u8]) -> Option<(Tree, &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    if *kind == 0 {
        return Some((Tree::Null, rest));
    }
    let (secret, rest) = counted(rest)?;
    let tree = match kind {
        1 if !secret.is_empty() => Tree::text(str::from_utf8(secret).ok()?),
        2 => Tree::Blob(secret.to_vec()),
        _ => return None,
    };
    Some((tree, rest))
}

/// Whether a NIC with this section is valid.
fn is_valid(interface: &str, section: &str, entries: &[(&str, Tree)]) -> bool {
    let entries = entries.iter();
    let entries = entries
        .map(|(key, it)| (key.to_string(), it.clone()))
        .collect();
    let nic = [
        ("interface", Tree::text(interface)),
        (section, Tree::Table(entries)),
    ];
    let nic = nic.map(|(key, it)| (key.to_string(), it));
    first_problem(&Tree::Table(nic.into())).is_none()
}

fn wifi(version: u8, bytes: &[u8]) -> Option<&[u8]> {
    let (ssid, rest) = counted(bytes)?;
    let ssid = ("ssid", Tree::Blob(ssid.to_vec()));
    if version == 1 {
        let (key, rest) = secret(rest)?;
        // Five bytes of any value were a key for WEP.
        let is_wep = matches!(&key, Tree::Text(text) if text.len() == 5);
        let security = Tree::text(if is_wep { "wep" } else { "any" });
        let entries = [ssid, ("security", security), ("key", key)];
        return is_valid("wl0", "wificonfig", &entries).then_some(rest);
    }
    let (code, rest) = rest.split_first()?;
    let kinds = ["open", "wep", "wpa2", "wpa3", "any"];
    let security = *kinds.get(usize::from(*code))?;
    let (key, rest) = secret(rest)?;
    // An open network has one form.
    if matches!(key, Tree::Null) && security != "open" {
        return None;
    }
    let (hidden, rest) = rest.split_first()?;
    let (bssid, rest) = rest.split_first_chunk::<6>()?;
    let mut entries = vec![ssid, ("security", Tree::text(security)), ("key", key)];
    if *bssid != [0; 6] {
        entries.push(("bssid", Tree::Blob(bssid.to_vec())));
    }
    (*hidden <= 1 && is_valid("wl0", "wificonfig", &entries)).then_some(rest)
}

fn quad(bytes: &[u8]) -> Option<(Ipv4Addr, &[u8])> {
    let (quad, rest) = bytes.split_first_chunk::<4>()?;
    Some((Ipv4Addr::from(*quad), rest))
}

/// What a lease or a session can have granted (IFC-5), or settings (NIC-8).
fn address(bytes: &[u8]) -> Option<&[u8]> {
    let (own, rest) = quad(bytes)?;
    let (length, rest) = rest.split_first()?;
    let (gateway, rest) = quad(rest)?;
    let (first, rest) = quad(rest)?;
    let (second, rest) = quad(rest)?;
    let is_unicast = |it: &Ipv4Addr| !it.is_unspecified() && it.octets()[0] < 224;
    // A session is a subnet of its own, and has a gateway by name only: any other unicast address.
    let is_session = *length == 32;
    let is_own = is_unicast(&own) && !own.is_loopback() && (is_session || !own.is_link_local());
    if !is_own || !(1..=32).contains(length) {
        return None;
    }
    let host = u32::MAX.checked_shr((*length).into()).unwrap_or(0);
    let is_edge = |it: Ipv4Addr| {
        let outside = (it.to_bits() ^ own.to_bits()) & !host != 0;
        let place = it.to_bits() & host;
        *length <= 30 && !outside && (place == 0 || place == host)
    };
    let is_host = |it: Ipv4Addr| !it.is_loopback() && !is_edge(it);
    let is_gateway = gateway.is_unspecified()
        || is_unicast(&gateway) && gateway != own && (is_session || is_host(gateway));
    let servers = [first, second]
        .into_iter()
        .filter(|it| !it.is_unspecified());
    let is_first = !first.is_unspecified() || second.is_unspecified();
    let mut servers = servers;
    (!is_edge(own) && is_gateway && is_first && servers.all(|it| is_unicast(&it))).then_some(rest)
}

fn proxy(bytes: &[u8]) -> Option<&[u8]> {
    let (kind, rest) = bytes.split_first()?;
    let (address, rest) = match kind {
        0 => quad(rest).map(|(address, rest)| (address.to_string(), rest))?,
        1 => {
            let (name, rest) = counted(rest)?;
            let name = str::from_utf8(name).ok()?;
            // One is stored without a dot at its end, and an address as a number.
            let is_stored = !name.ends_with('.') && name.parse::<Ipv4Addr>().is_err();
            (is_stored.then(|| name.to_string())?, rest)
        }
        _ => return None,
    };
    let (port, rest) = rest.split_first_chunk::<2>()?;
    let (name, rest) = counted(rest)?;
    let (password, rest) = secret(rest)?;
    // A version before took characters that RFC 7617 cannot carry (NIC-9).
    let plain = |text: &str| {
        text.chars()
            .map(|c| {
                if c.is_ascii_graphic() && c != ':' {
                    c
                } else {
                    'x'
                }
            })
            .collect::<String>()
    };
    let name = str::from_utf8(name).ok()?;
    if name.len() > 32 || name.is_empty() && !matches!(password, Tree::Null) {
        return None;
    }
    let password = match password {
        Tree::Text(text) if text.len() > 32 => return None,
        Tree::Text(text) => Tree::Text(plain(&text)),
        other => other,
    };
    let mut entries = vec![
        ("address", Tree::text(address)),
        ("port", Tree::Integer(u16::from_le_bytes(*port).into())),
        ("username", Tree::text(plain(name))),
    ];
    if !matches!(password, Tree::Null) {
        entries.push(("password", password));
    }
    is_valid("eth0", "proxyconfig", &entries).then_some(rest)
}

/// Settings of any kind.
fn settings(bytes: &mut Unstructured<'_>) -> Result<StoredSettings> {
    let mut settings = StoredSettings::default();
    let parts = bytes.int_in_range(0..=7)?;
    if parts & 1 != 0 {
        let key = match bytes.int_in_range(0..=3)? {
            0 => WifiKey::open(),
            1 => {
                let digits = "0".repeat(64);
                let (security, text) = *bytes.choose(&[
                    (Security::Wep, "12345"),
                    (Security::Any, "correct horse"),
                    (Security::Wpa2, &digits),
                    (Security::Wpa3, "é"),
                ])?;
                WifiKey::new(security, Exposed::Plaintext(text)).unwrap()
            }
            _ => WifiKey::sealed(&vec![bytes.arbitrary()?; bytes.int_in_range(1..=112)?]).unwrap(),
        };
        let ssid = vec![bytes.arbitrary()?; bytes.int_in_range(1..=32)?];
        let wifi = WifiSettings::new(&ssid, key).unwrap();
        let bssid = Bssid::new(bytes.arbitrary()?).ok();
        settings.wifi = Some(wifi.with_hidden(bytes.arbitrary()?).with_bssid(bssid));
    }
    if parts & 2 != 0 {
        let own = Ipv4Addr::from(bytes.arbitrary::<u32>()?);
        let length = bytes.int_in_range(1..=32)?;
        let gateway = Some(Ipv4Addr::from(bytes.arbitrary::<u32>()?));
        let servers = [bytes.arbitrary::<u32>()?, bytes.arbitrary()?].map(Ipv4Addr::from);
        let prefix = Prefix::new(own, length).unwrap();
        settings.ip_config = match length {
            32 => IpConfig::point_to_point(own, gateway, servers).ok(),
            _ => IpConfig::from_lease(prefix, gateway, servers).ok(),
        };
    }
    if parts & 4 != 0 {
        let place = *bytes.choose(&["proxy", "10.0.0.9", "_a.b-c", "A.example."])?;
        let proxy = ProxySettings::new(place, bytes.int_in_range(1..=u16::MAX)?).unwrap();
        let password = match bytes.int_in_range(0..=3)? {
            0 | 1 => None,
            2 => Some(ProxyPassword::plaintext("swordfish").unwrap()),
            _ => {
                let blob = vec![bytes.arbitrary()?; bytes.int_in_range(1..=80)?];
                Some(ProxyPassword::sealed(&blob).unwrap())
            }
        };
        settings.proxy = Some(if bytes.arbitrary()? {
            proxy.with_credentials("hub", password).unwrap()
        } else {
            proxy
        });
    }
    // What is sealed stays what it was.
    if let Some(Exposed::Sealed(blob)) = settings.wifi.as_ref().and_then(|it| it.key().expose()) {
        assert!((1..=112).contains(&blob.len()));
    }
    Ok(settings)
}
