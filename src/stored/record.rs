//! The binary form of the stored settings: versioned, with a checksum.
//!
//! | field | bytes |
//! |---|---|
//! | magic `LK` | 2 |
//! | version | 1 |
//! | length of the sections | 2, little-endian |
//! | sections | as many |
//! | CRC-32 of all before (IEEE 802.3) | 4, little-endian |
//!
//! A section is a tag, the version of its fields, their length, and the fields. A string or secret has
//! its length before it. The encoding is canonical: sections come in the order of their tags, each at
//! most once, and a reader refuses everything else. A record of version 1, whose sections have no
//! version and no length, is still read.

use core::net::Ipv4Addr;

use heapless::Vec;
use zeroize::Zeroize;

use super::{StoredParts, StoredSettings};
use crate::ipv4::{IpConfig, Prefix};
use crate::nic::place::{cloned, filled, made};
use crate::nic::{
    Bssid, Exposed, ProxyAddress, ProxyPassword, ProxySettings, Security, WifiSettings,
};

/// The longest record, in bytes.
pub const RECORD_CAPACITY: usize = 384;

const MAGIC: [u8; 2] = *b"LK";
const VERSION: u8 = 2;
const FORMER_VERSION: u8 = 1;
/// Magic, version and length.
const HEADER: usize = 5;
const CHECKSUM: usize = 4;

const WIFI: u8 = 1;
const STATIC: u8 = 2;
const PROXY: u8 = 3;

const NUMBER: u8 = 0;
const NAME: u8 = 1;

/// The version of the fields of every section.
const FIELDS: u8 = 1;

const OPEN: u8 = 0;
const PLAINTEXT: u8 = 1;
const SEALED: u8 = 2;

/// The stored settings as bytes for the backend to save, whole or not at all (CFG-1).
///
/// A record contains secrets as they were stored, possibly in plaintext. Its `Debug` output shows
/// neither its bytes nor their number (SEC-1), and it is wiped when dropped (SEC-2). A move leaves
/// a copy behind, as every move in Rust does: see [`nic`](crate::nic#secrets). To keep plaintext out of the flash memory, encrypt
/// the whole record.
#[derive(PartialEq, Eq)]
pub struct Record(Vec<u8, RECORD_CAPACITY>);

impl Record {
    /// The bytes, at most [`RECORD_CAPACITY`].
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Wipes the whole capacity, and empties the record.
    fn wipe(&mut self) {
        self.0.as_mut_view().zeroize();
    }

    fn push(&mut self, bytes: &[u8]) {
        // Always fits: a test shows that the longest settings take less than the capacity.
        let _ = self.0.extend_from_slice(bytes);
    }

    /// Replaces bytes that were pushed before.
    fn put<const COUNT: usize>(&mut self, start: usize, bytes: [u8; COUNT]) {
        for (place, byte) in self.0.iter_mut().skip(start).zip(bytes) {
            *place = byte;
        }
    }

    /// Appends a section of at most 255 bytes: its tag, the version and the length of its fields, and
    /// the fields that `push` appends.
    fn push_section(&mut self, tag: u8, push: impl FnOnce(&mut Self)) {
        self.push(&[tag, FIELDS, 0]);
        let start = self.0.len();
        push(self);
        let length = self.0.len().saturating_sub(start);
        let length = u8::try_from(length).unwrap_or(u8::MAX);
        self.put(start.saturating_sub(1), [length]);
    }

    /// Appends a string or secret of at most 255 bytes, after its length.
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

impl Clone for Record {
    fn clone(&self) -> Self {
        cloned(|| Self(Vec::new()), self)
    }

    fn clone_from(&mut self, source: &Self) {
        self.wipe();
        self.push(source.as_bytes());
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.wipe();
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

/// Why a record was refused. No settings were read from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum RecordError {
    /// It does not begin with the magic bytes.
    #[error("not a record of settings")]
    Foreign,
    /// Its version is not supported.
    #[error("version {0} of a record of settings, allowed are 1 and 2")]
    Version(u8),
    /// The length differs from the one in the header. The error tells neither, because both reveal how
    /// long the secrets are (SEC-1).
    #[error("a record of settings that is cut off, or goes on after its end")]
    Length,
    /// Its checksum is wrong.
    #[error("a damaged record of settings")]
    Damaged,
    /// This section, counted from 1, is unknown, or validation does not allow its content.
    #[error("something that is not allowed in section {0} of a record of settings")]
    Content(u8),
}

impl StoredSettings {
    /// The settings as a record.
    #[must_use]
    pub fn to_record(&self) -> Record {
        made(|| {
            let mut record = Record(Vec::new());
            self.write(&mut record);
            record
        })
    }

    fn write(&self, record: &mut Record) {
        record.push(&MAGIC);
        record.push(&[VERSION, 0, 0]);
        if let Some(wifi) = &self.wifi {
            record.push_section(WIFI, |record| {
                record.push_counted(wifi.ssid());
                record.push(&[wifi.key().security().code()]);
                record.push_secret(wifi.key().expose());
                record.push(&[wifi.is_hidden().into()]);
                record.push(&wifi.bssid().map_or([0; 6], Bssid::bytes));
            });
        }
        if let Some(ip) = &self.ip_config {
            record.push_section(STATIC, |record| {
                record.push_address(Some(ip.address()));
                record.push(&[ip.prefix().length()]);
                record.push_address(ip.gateway());
                let mut servers = ip.name_servers();
                record.push_address(servers.next());
                record.push_address(servers.next());
            });
        }
        if let Some(proxy) = &self.proxy {
            record.push_section(PROXY, |record| {
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
            });
        }
        let body = record.0.len().saturating_sub(HEADER);
        record.put(3, u16::try_from(body).unwrap_or(u16::MAX).to_le_bytes());
        let checksum = crc32(&record.0);
        record.push(&checksum.to_le_bytes());
    }

    /// Reads a record that [`StoredSettings::to_record`] wrote, as a whole or not at all.
    ///
    /// # Errors
    ///
    /// [`RecordError`] for a record that is damaged, cut off, foreign, of another version, or has
    /// content that validation does not allow.
    pub fn from_record(bytes: &[u8]) -> Result<Self, RecordError> {
        filled(Self::default, |settings| settings.read(bytes))
    }

    /// Reads a record straight to where the settings are kept. After an error they are empty.
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<(), RecordError> {
        self.clear(StoredParts::all());
        let (version, body) = checked_body(bytes)?;
        let result = self.read_sections(version, body);
        if result.is_err() {
            self.clear(StoredParts::all());
        }
        result
    }

    fn read_sections(&mut self, version: u8, body: &[u8]) -> Result<(), RecordError> {
        let mut reader = Reader {
            body,
            offset: 0,
            version,
        };
        let mut last_tag = 0;
        let mut section = 0_u8;
        while let Some(tag) = reader.byte() {
            section = section.saturating_add(1);
            let read = (tag > last_tag).then(|| self.read_section(tag, &mut reader));
            read.flatten().ok_or(RecordError::Content(section))?;
            last_tag = tag;
        }
        Ok(())
    }

    fn read_section(&mut self, tag: u8, reader: &mut Reader<'_>) -> Option<()> {
        let end = match reader.version {
            FORMER_VERSION => None,
            _ => Some(reader.section_end()?),
        };
        match tag {
            WIFI => reader.wifi(&mut self.wifi)?,
            STATIC => reader.ip_config(&mut self.ip_config)?,
            PROXY => reader.proxy(&mut self.proxy)?,
            _ => return None,
        }
        (end.is_none() || end == Some(reader.offset)).then_some(())
    }
}

/// Checks the frame of a record, and returns its version and its sections.
fn checked_body(bytes: &[u8]) -> Result<(u8, &[u8]), RecordError> {
    let [first, second, version, rest @ ..] = bytes else {
        return Err(RecordError::Foreign);
    };
    if [*first, *second] != MAGIC {
        return Err(RecordError::Foreign);
    }
    if !matches!(*version, FORMER_VERSION | VERSION) {
        return Err(RecordError::Version(*version));
    }
    let [low, high, body @ ..] = rest else {
        return Err(RecordError::Length);
    };
    let length = usize::from(u16::from_le_bytes([*low, *high]));
    let expected = length.saturating_add(HEADER).saturating_add(CHECKSUM);
    if bytes.len() != expected {
        return Err(RecordError::Length);
    }
    let (Some((covered, checksum)), Some(body)) = (bytes.split_last_chunk(), body.get(..length))
    else {
        return Err(RecordError::Damaged);
    };
    if crc32(covered) != u32::from_le_bytes(*checksum) {
        return Err(RecordError::Damaged);
    }
    Ok((*version, body))
}

/// Reads sections. Each method returns `None` for content that is not allowed.
struct Reader<'a> {
    body: &'a [u8],
    offset: usize,
    /// That of the record.
    version: u8,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.offset.checked_add(length)?;
        let taken = self.body.get(self.offset..end)?;
        self.offset = end;
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

    /// Reads a secret or none. Refuses an empty plaintext, because none has its own encoding.
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

    /// Reads an address; the unspecified one means none.
    fn address(&mut self) -> Option<Option<Ipv4Addr>> {
        let octets: [u8; 4] = self.take(4)?.try_into().ok()?;
        Some(Some(Ipv4Addr::from(octets)).filter(|address| !address.is_unspecified()))
    }

    /// Where the fields of a section end.
    fn section_end(&mut self) -> Option<usize> {
        if self.byte()? != FIELDS {
            return None;
        }
        let length = usize::from(self.byte()?);
        self.offset.checked_add(length)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.byte()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn bssid(&mut self) -> Option<Option<Bssid>> {
        match self.take(6)? {
            [0, 0, 0, 0, 0, 0] => Some(None),
            bytes => Some(Some(Bssid::read_bytes(bytes).ok()?)),
        }
    }

    fn wifi(&mut self, wifi: &mut Option<WifiSettings>) -> Option<()> {
        // Reads each part straight to where it is kept: a move would leave a copy of the key behind.
        let wifi = wifi.get_or_insert_with(WifiSettings::blank);
        wifi.set_ssid(self.counted()?).ok()?;
        if self.version == FORMER_VERSION {
            let key = self.secret()?.unwrap_or(Exposed::Plaintext(""));
            return wifi.set_key(former_security(key), key).ok();
        }
        let security = Security::from_code(self.byte()?)?;
        let key = self.secret()?.unwrap_or(Exposed::Plaintext(""));
        wifi.set_key(security, key).ok()?;
        // An open network has one encoding.
        if wifi.key().security() != security {
            return None;
        }
        wifi.set_place(self.flag()?, self.bssid()?);
        Some(())
    }

    fn ip_config(&mut self, ip_config: &mut Option<IpConfig>) -> Option<()> {
        let own = self.address()??;
        let prefix = Prefix::new(own, self.byte()?).ok()?;
        let gateway = self.address()?;
        let (first, second) = (self.address()?, self.address()?);
        if first.is_none() && second.is_some() {
            return None;
        }
        let servers = || first.into_iter().chain(second);
        // What was granted can be stored as well. Length 32 came from a lease or from a
        // point-to-point session, and the latter may have all that the former may have.
        let config = if prefix.length() == 32 {
            IpConfig::point_to_point(own, gateway, servers())
        } else {
            IpConfig::from_lease(prefix, gateway, servers())
        };
        // Both leave out unusable parts; a record must not have any.
        let config = config
            .ok()
            .filter(|config| config.gateway() == gateway && config.name_servers().eq(servers()));
        *ip_config = Some(config?);
        Some(())
    }

    fn proxy(&mut self, proxy: &mut Option<ProxySettings>) -> Option<()> {
        // Reads each part straight to where it is kept, as in `wifi`.
        let proxy = proxy.get_or_insert_with(ProxySettings::blank);
        match self.byte()? {
            NUMBER => proxy.set_ip(self.address()?.unwrap_or(Ipv4Addr::UNSPECIFIED)),
            NAME => proxy.set_host(self.text()?).ok()?,
            _ => return None,
        }
        let port = u16::from_le_bytes(self.take(2)?.try_into().ok()?);
        proxy.set_port(port.into()).ok()?;
        proxy.keep_username(self.text()?).ok()?;
        if let Some(password) = self.secret()? {
            proxy.keep_password(password).ok()?;
        }
        Some(())
    }
}

/// The security of a key in a record of the former version, in which five bytes of any value were a key
/// for WEP.
const fn former_security(key: Exposed<'_>) -> Security {
    match key {
        Exposed::Plaintext(text) if text.len() == 5 => Security::Wep,
        Exposed::Plaintext(_) | Exposed::Sealed(_) => Security::Any,
    }
}

/// CRC-32 of IEEE 802.3, bit by bit without a table, because records are short and rare.
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
