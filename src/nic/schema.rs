//! The reader of tables: finds the known keys, and has each one's value read by its rule.

use core::net::Ipv4Addr;

use super::path::KeyPath;
use super::quote::Quote;
use super::secret::Exposed;
use super::{Medium, Nic, NicProblem, Table, Value, ValueKind};
use crate::ipv4::parse_dotted_quad;

/// What a table is made of, and how it is read.
pub(super) struct Schema {
    /// The table's own key, empty for the outermost one.
    table: &'static str,
    /// What can have such settings (NIC-5).
    media: &'static [Medium],
    keys: &'static [&'static str],
    /// One for each key.
    rules: &'static [Rule],
}

/// The rule for one key of a table.
pub(super) struct Rule {
    required: bool,
    takes: Takes,
    /// Another key of the same meaning, which may not stand beside this one.
    alias: Option<&'static str>,
}

/// The kinds of value that a key takes, each with its reader.
pub(super) enum Takes {
    Text(fn(&mut Reading, &str) -> Result<(), NicProblem>),
    /// A dotted quad.
    Address(fn(&mut Reading, Ipv4Addr) -> Result<(), NicProblem>),
    Integer(fn(&mut Reading, i64) -> Result<(), NicProblem>),
    /// A string or a blob of the same meaning.
    Bytes(fn(&mut Reading, &[u8]) -> Result<(), NicProblem>),
    /// A string in plaintext or a sealed blob.
    Secret(fn(&mut Reading, Exposed<'_>) -> Result<(), NicProblem>),
    /// The same or `null`.
    SecretOrNull(fn(&mut Reading, Option<Exposed<'_>>) -> Result<(), NicProblem>),
    /// A list: whether it can have so many items, and what each of them is.
    List(fn(usize) -> Result<(), NicProblem>, &'static Self),
    /// A table of settings.
    Section(&'static Schema),
}

/// A configuration that is being read.
pub(super) struct Reading {
    /// What was read so far.
    pub(super) nic: Nic,
    /// Where the reader is: if there is a problem, it is here.
    pub(super) path: KeyPath,
}

/// What stands at a key.
#[derive(Clone, Copy)]
enum Found<'a> {
    Nothing,
    Once(&'a Value<'a>),
    Repeatedly,
}

/// No table has more keys.
const MOST_KEYS: usize = 6;

impl Schema {
    pub(super) const fn new<const KEYS: usize>(
        table: &'static str,
        media: &'static [Medium],
        keys: &'static [&'static str; KEYS],
        rules: &'static [Rule; KEYS],
    ) -> Self {
        const { assert!(KEYS <= MOST_KEYS) }
        Self {
            table,
            media,
            keys,
            rules,
        }
    }

    /// Checks that an interface of that medium can have such settings.
    pub(super) fn check_medium(&self, medium: Medium) -> Result<(), NicProblem> {
        if self.media.contains(&medium) {
            return Ok(());
        }
        Err(NicProblem::NotOnMedium {
            found: medium,
            allowed: self.media,
        })
    }

    /// Where the table stands.
    pub(super) const fn path(&self) -> KeyPath {
        KeyPath::known("", self.table)
    }

    /// Reads the keys in their order, up to the first problem (NIC-11).
    pub(super) fn read(&self, table: Table<'_>, reading: &mut Reading) -> Result<(), NicProblem> {
        let mut found = [Found::Nothing; MOST_KEYS];
        self.find(table, &mut found, reading)?;
        for ((key, rule), found) in self.keys.iter().zip(self.rules).zip(&found) {
            reading.path = KeyPath::known(self.table, key);
            match found {
                Found::Nothing if rule.required => {
                    let allowed = rule.takes.kinds();
                    return Err(NicProblem::MissingKey { allowed });
                }
                Found::Nothing => {}
                Found::Once(value) if !rule.alias.is_some_and(|alias| has(table, alias)) => {
                    rule.takes.read(value, reading)?;
                }
                Found::Once(_) | Found::Repeatedly => return Err(NicProblem::DuplicateKey),
            }
        }
        Ok(())
    }

    /// Finds the known keys of a table in one walk over it, in the order of the keys.
    ///
    /// Only an unknown key is a problem yet, the first one, for a misspelt key explains a missing
    /// one. The rest is told of each key when its turn comes.
    fn find<'a>(
        &self,
        table: Table<'a>,
        found: &mut [Found<'a>; MOST_KEYS],
        reading: &mut Reading,
    ) -> Result<(), NicProblem> {
        for (name, value) in table.entries() {
            let mut known = self.keys.iter().zip(&mut *found);
            let Some((_, found)) = known.find(|(key, _)| *key == name) else {
                reading.path = KeyPath::unknown(self.table, name);
                return Err(NicProblem::UnknownKey { allowed: self.keys });
            };
            *found = match found {
                Found::Nothing => Found::Once(value),
                Found::Once(_) | Found::Repeatedly => Found::Repeatedly,
            };
        }
        Ok(())
    }
}

fn address(text: &str) -> Result<Ipv4Addr, NicProblem> {
    parse_dotted_quad(text).map_err(|problem| NicProblem::Address {
        found: Quote::new(text),
        problem,
    })
}

fn has(table: Table<'_>, key: &str) -> bool {
    table.entries().iter().any(|(name, _)| *name == key)
}

impl Rule {
    pub(super) const fn required(takes: Takes) -> Self {
        Self {
            required: true,
            takes,
            alias: None,
        }
    }

    pub(super) const fn optional(takes: Takes) -> Self {
        Self {
            required: false,
            takes,
            alias: None,
        }
    }

    /// An optional key beside which another one of the same meaning may not stand.
    pub(super) const fn instead_of(alias: &'static str, takes: Takes) -> Self {
        Self {
            required: false,
            takes,
            alias: Some(alias),
        }
    }
}

impl Takes {
    const fn kinds(&self) -> &'static [ValueKind] {
        match self {
            Self::Text(_) | Self::Address(_) => &[ValueKind::String],
            Self::Integer(_) => &[ValueKind::Integer],
            Self::Bytes(_) | Self::Secret(_) => &[ValueKind::String, ValueKind::Blob],
            Self::SecretOrNull(_) => &[ValueKind::Null, ValueKind::String, ValueKind::Blob],
            Self::List(..) => &[ValueKind::List],
            Self::Section(..) => &[ValueKind::Table],
        }
    }

    fn read(&self, value: &Value<'_>, reading: &mut Reading) -> Result<(), NicProblem> {
        match (self, value) {
            (Self::Text(read), Value::String(text)) => read(reading, text),
            (Self::Address(read), Value::String(text)) => read(reading, address(text)?),
            (Self::Integer(read), Value::Integer(number)) => read(reading, *number),
            (Self::Bytes(read), Value::String(text)) => read(reading, text.as_bytes()),
            (Self::Bytes(read), Value::Blob(bytes)) => read(reading, bytes),
            (Self::Secret(read), Value::String(text)) => read(reading, Exposed::Plaintext(text)),
            (Self::Secret(read), Value::Blob(blob)) => read(reading, Exposed::Sealed(blob)),
            (Self::SecretOrNull(read), Value::Null) => read(reading, None),
            (Self::SecretOrNull(read), Value::String(text)) => {
                read(reading, Some(Exposed::Plaintext(text)))
            }
            (Self::SecretOrNull(read), Value::Blob(blob)) => {
                read(reading, Some(Exposed::Sealed(blob)))
            }
            (Self::List(check_count, each), Value::List(items)) => {
                check_count(items.len())?;
                for (index, item) in items.iter().enumerate() {
                    reading.path.set_index(index);
                    each.read(item, reading)?;
                }
                Ok(())
            }
            (Self::Section(schema), Value::Table(table)) => {
                schema.check_medium(reading.nic.name.medium())?;
                schema.read(*table, reading)
            }
            (_, other) => Err(NicProblem::WrongType {
                found: other.kind(),
                allowed: self.kinds(),
            }),
        }
    }
}
