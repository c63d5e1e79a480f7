//! The untyped form of a configuration, as a scripting language or a decoder provides it.

use core::fmt;

/// A borrowed, untyped value of a configuration (NIC-4).
///
/// Its `Debug` output shows the kind only, because the value may be a secret.
///
/// ```
/// use lankeeper::nic::{Value, ValueKind};
///
/// let key = Value::from("correct horse");
/// assert_eq!(key.kind(), ValueKind::String);
/// assert_eq!(format!("{key:?}"), "String");
/// ```
#[derive(Clone, Copy)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the kinds of value that configurations are made of"
)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// True or false.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A string.
    String(&'a str),
    /// Arbitrary bytes.
    Blob(&'a [u8]),
    /// A list of values.
    List(&'a [Self]),
    /// Keys with their values.
    Table(Table<'a>),
}

/// The kind of a [`Value`], without its content. Displays with an article, as `a string`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "one for each kind of value")]
pub enum ValueKind {
    /// [`Value::Null`].
    Null,
    /// [`Value::Boolean`].
    Boolean,
    /// [`Value::Integer`].
    Integer,
    /// [`Value::String`].
    String,
    /// [`Value::Blob`].
    Blob,
    /// [`Value::List`].
    List,
    /// [`Value::Table`].
    Table,
}

/// A borrowed table: keys with their values, in the order of the input.
///
/// ```
/// use lankeeper::nic::Table;
/// use lankeeper::Nic;
///
/// let wifi = [("ssid", "shed".into()), ("key", "correct horse".into())];
/// let nic = [("interface", "wl0".into()), ("wificonfig", Table::new(&wifi).into())];
/// let nic = Nic::from_table(&Table::new(&nic))?;
/// assert_eq!(nic.wifi().unwrap().ssid(), b"shed");
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Table<'a> {
    entries: &'a [(&'a str, Value<'a>)],
}

impl Value<'_> {
    /// The kind of the value.
    #[must_use]
    pub const fn kind(&self) -> ValueKind {
        match self {
            Self::Null => ValueKind::Null,
            Self::Boolean(_) => ValueKind::Boolean,
            Self::Integer(_) => ValueKind::Integer,
            Self::String(_) => ValueKind::String,
            Self::Blob(_) => ValueKind::Blob,
            Self::List(_) => ValueKind::List,
            Self::Table(_) => ValueKind::Table,
        }
    }
}

impl<'a> Table<'a> {
    /// A table of these entries. [`Nic::from_table`](crate::Nic::from_table) reports duplicate
    /// keys.
    #[must_use]
    pub const fn new(entries: &'a [(&'a str, Value<'a>)]) -> Self {
        Self { entries }
    }

    /// The entries in the order of the input.
    #[must_use]
    pub const fn entries(&self) -> &'a [(&'a str, Value<'a>)] {
        self.entries
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.kind(), f)
    }
}

impl fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&ValueKind::Table, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Value<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", self.kind());
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Table<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", ValueKind::Table);
    }
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Integer => "an integer",
            Self::String => "a string",
            Self::Blob => "a blob",
            Self::List => "a list",
            Self::Table => "a table",
        })
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Boolean(flag)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::String(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a, const LENGTH: usize> From<&'a [u8; LENGTH]> for Value<'a> {
    fn from(bytes: &'a [u8; LENGTH]) -> Self {
        Self::Blob(bytes)
    }
}

impl<'a> From<&'a [Self]> for Value<'a> {
    fn from(items: &'a [Self]) -> Self {
        Self::List(items)
    }
}

impl<'a> From<Table<'a>> for Value<'a> {
    fn from(table: Table<'a>) -> Self {
        Self::Table(table)
    }
}
