//! The reader of tables: finds the known keys and turns their values into what they should be.

use super::path::KeyPath;
use super::{NicError, NicProblem, Table, Value, ValueKind};

/// A known key of a table, or an item of a list, with what stands there.
pub(super) struct Field<'a> {
    path: KeyPath,
    value: Option<Value<'a>>,
    repeated: bool,
}

/// Finds the known keys of a table in one walk over it, in the order of `keys`.
///
/// Only an unknown key is an error yet, the first one, for a misspelt key explains a missing one.
/// The rest is told by each field when its turn comes.
pub(super) fn read_fields<'a, const KEYS: usize>(
    table: &'static str,
    keys: &'static [&'static str; KEYS],
    entries: Table<'a>,
) -> Result<[Field<'a>; KEYS], NicError> {
    let mut fields = keys.map(|key| Field {
        path: KeyPath::known(table, key),
        value: None,
        repeated: false,
    });
    for (name, value) in entries.entries() {
        let known = keys
            .iter()
            .zip(&mut fields)
            .find_map(|(key, field)| (key == name).then_some(field));
        let Some(field) = known else {
            let problem = NicProblem::UnknownKey { allowed: keys };
            return Err(KeyPath::unknown(table, name).error(problem));
        };
        field.repeated = field.value.is_some();
        field.value = Some(*value);
    }
    Ok(fields)
}

/// What a value can be read as.
pub(super) trait FromValue<'a>: Sized {
    /// The kinds of value that can be read so.
    const ALLOWED: &'static [ValueKind];

    /// `None` for a value of another kind.
    fn from_value(value: Value<'a>) -> Option<Self>;
}

impl<'a> Field<'a> {
    pub(super) fn path(&self) -> &KeyPath {
        &self.path
    }

    /// The field for both this key and another one of the same meaning.
    pub(super) fn or_alias(self, alias: Self) -> Self {
        match (self.value, alias.value) {
            (Some(_), Some(_)) => Self {
                repeated: true,
                ..self
            },
            (_, None) => self,
            (None, Some(_)) => alias,
        }
    }

    /// The item of the list at this key.
    pub(super) fn item(&self, index: usize, value: Value<'a>) -> Self {
        Self {
            path: self.path.item(index),
            value: Some(value),
            repeated: false,
        }
    }

    pub(super) fn required<T: FromValue<'a>>(&self) -> Result<T, NicError> {
        self.optional()?.ok_or_else(|| {
            self.path.error(NicProblem::MissingKey {
                allowed: T::ALLOWED,
            })
        })
    }

    pub(super) fn optional<T: FromValue<'a>>(&self) -> Result<Option<T>, NicError> {
        if self.repeated {
            return Err(self.path.error(NicProblem::DuplicateKey));
        }
        self.value.map(|value| read(&self.path, value)).transpose()
    }
}

pub(super) fn read<'a, T: FromValue<'a>>(path: &KeyPath, value: Value<'a>) -> Result<T, NicError> {
    T::from_value(value).ok_or_else(|| {
        path.error(NicProblem::WrongType {
            found: value.kind(),
            allowed: T::ALLOWED,
        })
    })
}

/// What may be a text or bytes: the same thing for an SSID, plaintext or sealed for a secret.
pub(super) enum TextOrBlob<'a> {
    Text(&'a str),
    Blob(&'a [u8]),
}

impl<'a> FromValue<'a> for TextOrBlob<'a> {
    const ALLOWED: &'static [ValueKind] = &[ValueKind::String, ValueKind::Blob];

    fn from_value(value: Value<'a>) -> Option<Self> {
        match value {
            Value::String(text) => Some(Self::Text(text)),
            Value::Blob(bytes) => Some(Self::Blob(bytes)),
            Value::Null | Value::Integer(_) | Value::List(_) | Value::Table(_) => None,
        }
    }
}

impl<'a> FromValue<'a> for &'a str {
    const ALLOWED: &'static [ValueKind] = &[ValueKind::String];

    fn from_value(value: Value<'a>) -> Option<Self> {
        if let Value::String(text) = value {
            Some(text)
        } else {
            None
        }
    }
}

impl FromValue<'_> for i64 {
    const ALLOWED: &'static [ValueKind] = &[ValueKind::Integer];

    fn from_value(value: Value<'_>) -> Option<Self> {
        if let Value::Integer(number) = value {
            Some(number)
        } else {
            None
        }
    }
}

impl<'a> FromValue<'a> for &'a [Value<'a>] {
    const ALLOWED: &'static [ValueKind] = &[ValueKind::List];

    fn from_value(value: Value<'a>) -> Option<Self> {
        if let Value::List(items) = value {
            Some(items)
        } else {
            None
        }
    }
}

impl<'a> FromValue<'a> for Table<'a> {
    const ALLOWED: &'static [ValueKind] = &[ValueKind::Table];

    fn from_value(value: Value<'a>) -> Option<Self> {
        if let Value::Table(table) = value {
            Some(table)
        } else {
            None
        }
    }
}
