//! Stored settings as bytes: versioned, and checked as a whole.
//!
//! A record is `LK`, the version, the length of what follows before the checksum (two bytes, the
//! low one first), the sections, and a CRC-32 of all that (IEEE 802.3, the low byte first). Each
//! section is a tag and what its kind holds; texts and secrets have their length before them. There
//! is one way to write down settings, and nothing else is read: sections come in the order of
//! their tags, each once at most.

use core::net::Ipv4Addr;

use heapless::Vec;
use zeroize::Zeroize;

use super::{StoredParts, StoredSettings};
use crate::ipv4::{IpConfig, Prefix};
use crate::nic::{Exposed, ProxyAddress, ProxyPassword, ProxySettings, WifiSettings};

/// The most bytes that a record has.
pub const RECORD_CAPACITY: usize = 384;

const MAGIC: [u8; 2] = *b"LK";
const VERSION: u8 = 1;
/// Magic, version and length.
const HEADER: usize = 5;
const CHECKSUM: usize = 4;

const WIFI: u8 = 1;
const STATIC: u8 = 2;
const PROXY: u8 = 3;

const NUMBER: u8 = 0;
const NAME: u8 = 1;

const OPEN: u8 = 0;
const PLAINTEXT: u8 = 1;
const SEALED: u8 = 2;

/// The stored settings as bytes for a backend to keep, whole or not at all (CFG-1).
///
/// It holds secrets as they were stored, so it shows neither its bytes nor how many they are
/// (SEC-1), and is wiped when dropped (SEC-2); a move leaves a copy behind, as all moves do. To keep
/// plaintext out of the flash memory, seal the whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Record(Vec<u8, RECORD_CAPACITY>);

impl Record {
    /// The bytes, at most [`RECORD_CAPACITY`].
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn push(&mut self, bytes: &[u8]) {
        // The longest settings take less than the capacity: see the test of the longest record.
        let _ = self.0.extend_from_slice(bytes);
    }

    /// A text or secret with its length, at most 255 bytes.
    fn push_counted(&mut self, bytes: &[u8]) {
        self.push(&[u8::try_from(bytes.len()).unwrap_or(u8::MAX)]);
        self.push(bytes);
    }

    fn push_address(&mut self, address: Option<Ipv4Addr>) {
        self.push(&address.unwrap_or(Ipv4Addr::UNSPECIFIED).octets());
    }

    fn push_secret(&mut self, secret: Option<Exposed<'_>>) {
        match secret {
            None => self.push(&[OPEN]),
            Some(Exposed::Plaintext(text)) => {
                self.push(&[PLAINTEXT]);
                self.push_counted(text.as_bytes());
            }
            Some(Exposed::Sealed(blob)) => {
                self.push(&[SEALED]);
                self.push_counted(blob);
            }
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        // What is behind them was never written.
        self.0.as_mut_slice().zeroize();
    }
}

impl core::fmt::Debug for Record {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Record")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Record {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Record");
    }
}

/// What is wrong with a record. Nothing was read of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RecordError {
    /// It does not begin as a record does.
    #[error("not a record of settings")]
    Foreign,
    /// It was written by a version that is not known.
    #[error("version {0} of a record of settings, allowed is 1")]
    Version(u8),
    /// It is shorter or longer than it says.
    #[error("a record of settings with {found} bytes, it says {expected}")]
    Length {
        /// How long it is.
        found: usize,
        /// How long it says it is.
        expected: usize,
    },
    /// Its checksum is another one.
    #[error("a damaged record of settings")]
    Damaged,
    /// It holds something that is not allowed, or that is not known, at this offset.
    #[error("a record of settings with something that is not allowed at offset {0}")]
    Content(usize),
}

impl StoredSettings {
    /// The settings as bytes.
    #[must_use]
    pub fn to_record(&self) -> Record {
        let mut record = Record(Vec::new());
        record.push(&MAGIC);
        record.push(&[VERSION, 0, 0]);
        if let Some(wifi) = &self.wifi {
            record.push(&[WIFI]);
            record.push_counted(wifi.ssid());
            record.push_secret(wifi.key().expose());
        }
        if let Some(ip) = &self.ip_config {
            record.push(&[STATIC]);
            record.push_address(Some(ip.address()));
            record.push(&[ip.prefix().length()]);
            record.push_address(ip.gateway());
            let mut servers = ip.name_servers();
            record.push_address(servers.next());
            record.push_address(servers.next());
        }
        if let Some(proxy) = &self.proxy {
            record.push(&[PROXY]);
            match proxy.address() {
                ProxyAddress::Ip(address) => {
                    record.push(&[NUMBER]);
                    record.push_address(Some(*address));
                }
                ProxyAddress::Host(name) => {
                    record.push(&[NAME]);
                    record.push_counted(name.as_str().as_bytes());
                }
            }
            record.push(&proxy.port().to_le_bytes());
            record.push_counted(proxy.username().unwrap_or_default().as_bytes());
            record.push_secret(proxy.password().map(ProxyPassword::expose));
        }
        let body = record.0.len().saturating_sub(HEADER);
        let length = u16::try_from(body).unwrap_or(u16::MAX).to_le_bytes();
        for (place, byte) in record.0.iter_mut().skip(3).zip(length) {
            *place = byte;
        }
        let checksum = crc32(&record.0);
        record.push(&checksum.to_le_bytes());
        record
    }

    /// Reads what [`StoredSettings::to_record`] wrote: all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`RecordError`] for whatever is damaged, cut off, foreign, of another version, or holds what
    /// validation does not allow.
    pub fn from_record(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut settings = Self::default();
        settings.read(bytes)?;
        Ok(settings)
    }

    /// Reads a record straight to where the settings stay. After an error there are none.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<(), RecordError> {
        self.clear(StoredParts::all());
        let result = self.read_sections(checked_body(bytes)?);
        if result.is_err() {
            self.clear(StoredParts::all());
        }
        result
    }

    fn read_sections(&mut self, body: &[u8]) -> Result<(), RecordError> {
        let mut reader = Reader { body, at: 0 };
        let mut last_tag = 0;
        loop {
            let section = reader.at;
            let Some(tag) = reader.byte() else {
                return Ok(());
            };
            let read = match tag {
                _ if tag <= last_tag => None,
                WIFI => reader.wifi(&mut self.wifi),
                STATIC => reader.ip_config(&mut self.ip_config),
                PROXY => reader.proxy(&mut self.proxy),
                _ => None,
            };
            read.ok_or(RecordError::Content(section.saturating_add(HEADER)))?;
            last_tag = tag;
        }
    }
}

/// The sections of a record that is whole.
fn checked_body(bytes: &[u8]) -> Result<&[u8], RecordError> {
    let [first, second, version, rest @ ..] = bytes else {
        return Err(RecordError::Foreign);
    };
    if [*first, *second] != MAGIC {
        return Err(RecordError::Foreign);
    }
    if *version != VERSION {
        return Err(RecordError::Version(*version));
    }
    let [low, high, body @ ..] = rest else {
        return Err(RecordError::Length {
            found: bytes.len(),
            expected: HEADER.saturating_add(CHECKSUM),
        });
    };
    let length = usize::from(u16::from_le_bytes([*low, *high]));
    let expected = length.saturating_add(HEADER).saturating_add(CHECKSUM);
    if bytes.len() != expected {
        return Err(RecordError::Length {
            found: bytes.len(),
            expected,
        });
    }
    let (Some((covered, checksum)), Some(body)) = (bytes.split_last_chunk(), body.get(..length))
    else {
        return Err(RecordError::Damaged);
    };
    if crc32(covered) != u32::from_le_bytes(*checksum) {
        return Err(RecordError::Damaged);
    }
    Ok(body)
}

/// Reads sections. Each method is `None` for what is not allowed.
struct Reader<'a> {
    body: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(length)?;
        let taken = self.body.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = self.byte()?;
        self.take(length.into())
    }

    fn text(&mut self) -> Option<&'a str> {
        core::str::from_utf8(self.counted()?).ok()
    }

    /// A secret or none. An empty text would stand for none, which is written in another way.
    fn secret(&mut self) -> Option<Option<Exposed<'a>>> {
        Some(match self.byte()? {
            OPEN => None,
            PLAINTEXT => Some(Exposed::Plaintext(
                self.text().filter(|text| !text.is_empty())?,
            )),
            SEALED => Some(Exposed::Sealed(self.counted()?)),
            _ => return None,
        })
    }

    /// An address; the unspecified one stands for none.
    fn address(&mut self) -> Option<Option<Ipv4Addr>> {
        let octets: [u8; 4] = self.take(4)?.try_into().ok()?;
        Some(Some(Ipv4Addr::from(octets)).filter(|address| !address.is_unspecified()))
    }

    fn wifi(&mut self, wifi: &mut Option<WifiSettings>) -> Option<()> {
        // Each part is read straight to where it stays.
        let wifi = wifi.get_or_insert_with(WifiSettings::blank);
        wifi.set_ssid(self.counted()?).ok()?;
        if let Some(key) = self.secret()? {
            wifi.set_key(key).ok()?;
        }
        Some(())
    }

    fn ip_config(&mut self, ip_config: &mut Option<IpConfig>) -> Option<()> {
        let own = self.address()??;
        let prefix = Prefix::new(own, self.byte()?).ok()?;
        let gateway = self.address()?;
        let (first, second) = (self.address()?, self.address()?);
        let config = match (first, second) {
            (None, Some(_)) => return None,
            // Somebody stored the address of a session, which stands alone.
            (first, second) if prefix.length() == 32 => {
                IpConfig::point_to_point(own, gateway, first.into_iter().chain(second))
            }
            (None, None) => IpConfig::new(prefix, gateway, &[]),
            (Some(first), None) => IpConfig::new(prefix, gateway, &[first]),
            (Some(first), Some(second)) => IpConfig::new(prefix, gateway, &[first, second]),
        };
        // A session leaves out what it cannot use: here nothing may be left out.
        let config = config.ok().filter(|config| {
            config.gateway() == gateway && config.name_servers().eq(first.into_iter().chain(second))
        });
        *ip_config = Some(config?);
        Some(())
    }

    fn proxy(&mut self, proxy: &mut Option<ProxySettings>) -> Option<()> {
        // Each part is read straight to where it stays.
        let proxy = proxy.get_or_insert_with(ProxySettings::blank);
        match self.byte()? {
            NUMBER => proxy.set_ip(self.address()?.unwrap_or(Ipv4Addr::UNSPECIFIED)),
            NAME => proxy.set_host(self.text()?).ok()?,
            _ => return None,
        }
        let port = u16::from_le_bytes(self.take(2)?.try_into().ok()?);
        proxy.set_port(port.into()).ok()?;
        proxy.set_username(self.text()?).ok()?;
        if let Some(password) = self.secret()? {
            proxy.set_password(password).ok()?;
        }
        Some(())
    }
}

/// CRC-32 of IEEE 802.3, bit by bit: records are short and rare.
fn crc32(bytes: &[u8]) -> u32 {
    const POLYNOMIAL: u32 = 0xEDB8_8320;
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let is_odd = crc & 1 == 1;
            crc >>= 1;
            if is_odd {
                crc ^= POLYNOMIAL;
            }
        }
    }
    !crc
}
