//! Stored records: what is read beside a naive reader of the format (CFG-1).

use core::net::Ipv4Addr;

use arbitrary::{Result, Unstructured};
use lankeeper::nic::{Exposed, ProxyPassword};
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
    match kind % 3 {
        0 => check(rest, planted),
        1 => check(&whole(rest), planted),
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
            record = whole(&body);
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
            // What is read is written the same way, so that nothing has two records.
            assert_eq!(settings.to_record().as_bytes(), record);
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

/// A record with these sections, and with the right length and checksum.
fn whole(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap_or(0).to_le_bytes();
    let mut bytes = [b"LK\x01", &length[..], body].concat();
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
    if record[2] != 1 {
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
        let after = match tag {
            _ if !is_next => None,
            1 => wifi(after),
            2 => address(after),
            3 => proxy(after),
            _ => None,
        };
        rest = after.ok_or(RecordError::Content(number))?;
        tags.push(*tag);
    }
    Ok(u32::try_from(tags.len()).unwrap())
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

fn wifi(bytes: &[u8]) -> Option<&[u8]> {
    let (ssid, rest) = counted(bytes)?;
    let (key, rest) = secret(rest)?;
    let entries = [("ssid", Tree::Blob(ssid.to_vec())), ("key", key)];
    is_valid("wl0", "wificonfig", &entries).then_some(rest)
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
            1 => WifiKey::plaintext(bytes.choose(&["12345", "correct horse", &"0".repeat(64)])?)
                .unwrap(),
            _ => WifiKey::sealed(&vec![bytes.arbitrary()?; bytes.int_in_range(1..=112)?]).unwrap(),
        };
        let ssid = vec![bytes.arbitrary()?; bytes.int_in_range(1..=32)?];
        settings.wifi = Some(WifiSettings::new(&ssid, key).unwrap());
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
