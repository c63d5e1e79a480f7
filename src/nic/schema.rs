//! Reads tables by a schema: finds the known keys, and reads the value of each by its rule.

use core::net::Ipv4Addr;

use super::path::KeyPath;
use super::place::filled;
use super::quote::Quote;
use super::secret::Exposed;
use super::{Bssid, Medium, Nic, NicError, NicProblem, Table, Value, ValueKind};
use crate::ipv4::{NAME_SERVERS, parse_dotted_quad};

/// The keys of a table, and the rule for each.
pub(super) struct Schema {
    /// The key of the table itself, empty for the outermost one.
    table: &'static str,
    /// The media that can have these settings (NIC-5).
    media: &'static [Medium],
    keys: &'static [&'static str],
    /// One for each key.
    rules: &'static [Rule],
}

/// The rule for one key of a table.
pub(super) struct Rule {
    presence: Presence,
    takes: Takes,
}

/// Whether a table must have a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
    /// Optional, but not together with the next key, which is an alias.
    InsteadOfNext,
}

/// The kinds of value that a key takes, each with its reader.
pub(super) enum Takes {
    Text(fn(&mut Reading<'_>, &str) -> Result<(), NicProblem>),
    /// A dotted quad.
    Address(fn(&mut Reading<'_>, Ipv4Addr) -> Result<(), NicProblem>),
    /// A list of one or two dotted quads.
    NameServers(fn(&mut Reading<'_>, Ipv4Addr) -> Result<(), NicProblem>),
    Boolean(fn(&mut Reading<'_>, bool)),
    Integer(fn(&mut Reading<'_>, i64) -> Result<(), NicProblem>),
    /// The address of an access point, in text or as six bytes.
    Bssid(fn(&mut Reading<'_>, Bssid)),
    /// A string or a blob, which mean the same.
    Bytes(fn(&mut Reading<'_>, &[u8]) -> Result<(), NicProblem>),
    /// A plaintext string or a sealed blob.
    Secret(fn(&mut Reading<'_>, Exposed<'_>) -> Result<(), NicProblem>),
    /// The same, or `null`, which means an empty string.
    SecretOrNull(fn(&mut Reading<'_>, Exposed<'_>) -> Result<(), NicProblem>),
    /// A table of settings.
    Section(&'static Schema),
}

/// A configuration that is being read.
pub(super) struct Reading<'a> {
    /// The settings read so far, where the caller wants them: a move would leave a copy behind.
    pub(super) nic: &'a mut Nic,
    /// The key that is being read. A problem is reported at this key.
    pub(super) path: KeyPath,
    problem: Option<NicProblem>,
}

/// A problem ended the reading. The problem itself is kept in [`Reading`], because its 28 bytes are
/// too many to return through every call.
struct Stopped;

impl Reading<'_> {
    fn stop(&mut self, problem: NicProblem) -> Result<(), Stopped> {
        self.problem = Some(problem);
        Err(Stopped)
    }
}

/// The value found at a key.
#[derive(Clone, Copy)]
enum Found<'a> {
    Nothing,
    Once(&'a Value<'a>),
    Repeatedly,
}

/// One place for each key of the largest table, and an empty one after the last key.
const PLACES: usize = 7;

impl Schema {
    pub(super) const fn new<const KEYS: usize>(
        table: &'static str,
        media: &'static [Medium],
        keys: &'static [&'static str; KEYS],
        rules: &'static [Rule; KEYS],
    ) -> Self {
        const { assert!(KEYS < PLACES) }
        Self {
            table,
            media,
            keys,
            rules,
        }
    }

    /// Checks that an interface of this medium can have these settings.
    pub(super) fn check_medium(&self, medium: Medium) -> Result<(), NicProblem> {
        if self.media.contains(&medium) {
            return Ok(());
        }
        Err(NicProblem::NotOnMedium {
            found: medium,
            allowed: self.media,
        })
    }

    /// The path of the table.
    pub(super) const fn path(&self) -> KeyPath {
        KeyPath::known("", self.table)
    }

    /// Reads a configuration out of a table.
    pub(super) fn read(&self, table: Table<'_>) -> Result<Nic, NicError> {
        filled(Nic::blank, |nic| {
            let mut reading = Reading {
                nic,
                path: self.path(),
                problem: None,
            };
            let _ = self.read_keys(table, &mut reading);
            match reading.problem {
                None => Ok(()),
                Some(problem) => Err(reading.path.error(problem)),
            }
        })
    }

    /// Reads the keys in their order, up to the first problem (NIC-11).
    fn read_keys(&self, table: Table<'_>, reading: &mut Reading<'_>) -> Result<(), Stopped> {
        let mut found = [Found::Nothing; PLACES];
        self.find(table, &mut found, reading)?;
        // Each key together with the next one, which may be its alias.
        let found = found.windows(2);
        for ((key, rule), found) in self.keys.iter().zip(self.rules).zip(found) {
            reading.path = KeyPath::known(self.table, key);
            match (rule.presence, found) {
                (Presence::Required, [Found::Nothing, _]) => {
                    let allowed = rule.takes.kinds();
                    return reading.stop(NicProblem::MissingKey { allowed });
                }
                (_, [Found::Nothing, _]) => {}
                (Presence::InsteadOfNext, [Found::Once(value), Found::Nothing])
                | (Presence::Required | Presence::Optional, [Found::Once(value), _]) => {
                    rule.takes.read(value, reading)?;
                }
                _ => return reading.stop(NicProblem::DuplicateKey),
            }
        }
        Ok(())
    }

    /// Finds the value of every known key in one pass over the table.
    ///
    /// Stops at the first unknown key, because a misspelt key explains a missing one. Any other
    /// problem is reported when the turn of its key comes.
    fn find<'a>(
        &self,
        table: Table<'a>,
        found: &mut [Found<'a>; PLACES],
        reading: &mut Reading<'_>,
    ) -> Result<(), Stopped> {
        for (name, value) in table.entries() {
            let mut known = self.keys.iter().zip(&mut *found);
            let Some((_, found)) = known.find(|(key, _)| *key == name) else {
                reading.path = KeyPath::unknown(self.table, name);
                return reading.stop(NicProblem::UnknownKey { allowed: self.keys });
            };
            *found = match found {
                Found::Nothing => Found::Once(value),
                Found::Once(_) | Found::Repeatedly => Found::Repeatedly,
            };
        }
        Ok(())
    }
}

impl Rule {
    pub(super) const fn required(takes: Takes) -> Self {
        Self {
            presence: Presence::Required,
            takes,
        }
    }

    pub(super) const fn optional(takes: Takes) -> Self {
        Self {
            presence: Presence::Optional,
            takes,
        }
    }

    /// An optional key that excludes the next one, its alias.
    pub(super) const fn instead_of_next(takes: Takes) -> Self {
        Self {
            presence: Presence::InsteadOfNext,
            takes,
        }
    }
}

impl Takes {
    // size: 2 callers, and one error path in `read` instead of one for each kind
    #[inline(never)]
    const fn kinds(&self) -> &'static [ValueKind] {
        match self {
            Self::Text(_) | Self::Address(_) => &[ValueKind::String],
            Self::NameServers(_) => &[ValueKind::List],
            Self::Boolean(_) => &[ValueKind::Boolean],
            Self::Integer(_) => &[ValueKind::Integer],
            Self::Bytes(_) | Self::Bssid(_) | Self::Secret(_) => {
                &[ValueKind::String, ValueKind::Blob]
            }
            Self::SecretOrNull(_) => &[ValueKind::Null, ValueKind::String, ValueKind::Blob],
            Self::Section(_) => &[ValueKind::Table],
        }
    }

    fn read(&self, value: &Value<'_>, reading: &mut Reading<'_>) -> Result<(), Stopped> {
        let result = match (self, value) {
            (Self::Text(read), Value::String(text)) => read(reading, text),
            (Self::Address(read), Value::String(text)) => match parse_dotted_quad(text) {
                Ok(address) => read(reading, address),
                Err(problem) => Err(NicProblem::Address {
                    found: Quote::new(text),
                    problem,
                }),
            },
            (Self::NameServers(read), Value::List(items)) => {
                if !(1..=NAME_SERVERS).contains(&items.len()) {
                    return reading.stop(NicProblem::NameServers(items.len()));
                }
                for (index, item) in items.iter().enumerate() {
                    reading.path.set_index(index);
                    Self::Address(*read).read(item, reading)?;
                }
                Ok(())
            }
            (Self::Boolean(read), Value::Boolean(flag)) => {
                read(reading, *flag);
                Ok(())
            }
            (Self::Integer(read), Value::Integer(number)) => read(reading, *number),
            (Self::Bssid(read), Value::String(text)) => {
                Bssid::read(text).map(|bssid| read(reading, bssid))
            }
            (Self::Bssid(read), Value::Blob(bytes)) => {
                Bssid::read_bytes(bytes).map(|bssid| read(reading, bssid))
            }
            (Self::Bytes(read), Value::String(text)) => read(reading, text.as_bytes()),
            (Self::Bytes(read), Value::Blob(bytes)) => read(reading, bytes),
            (Self::SecretOrNull(read), Value::Null) => read(reading, Exposed::Plaintext("")),
            (Self::Secret(read) | Self::SecretOrNull(read), Value::String(text)) => {
                read(reading, Exposed::Plaintext(text))
            }
            (Self::Secret(read) | Self::SecretOrNull(read), Value::Blob(blob)) => {
                read(reading, Exposed::Sealed(blob))
            }
            (Self::Section(schema), Value::Table(table)) => {
                match schema.check_medium(reading.nic.name.medium()) {
                    Ok(()) => return schema.read_keys(*table, reading),
                    refused => refused,
                }
            }
            (_, other) => Err(NicProblem::WrongType {
                found: other.kind(),
                allowed: self.kinds(),
            }),
        };
        match result {
            Ok(()) => Ok(()),
            Err(problem) => reading.stop(problem),
        }
    }
}
