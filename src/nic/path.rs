//! The path of a key in a table.

use core::fmt::{self, Write};

use super::quote::Quote;

/// The full path of a key: `interface`, `wificonfig.ssid`, `staticconfig.dns[1]` (NIC-4).
///
/// Compares equal to its text, so that a user interface can mark the wrong field:
///
/// ```
/// use lankeeper::nic::Table;
/// use lankeeper::Nic;
///
/// let error = Nic::from_table(&Table::new(&[])).unwrap_err();
/// assert_eq!(*error.path(), "interface");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPath {
    /// Empty for the outermost table.
    table: &'static str,
    key: Segment,
}

/// The key itself, the last segment of the path.
#[derive(Clone, PartialEq, Eq)]
enum Segment {
    Known {
        key: &'static str,
        /// The index into the list at the key.
        item: Option<usize>,
    },
    Unknown(Quote),
}

impl KeyPath {
    pub(super) const fn known(table: &'static str, key: &'static str) -> Self {
        let key = Segment::Known { key, item: None };
        Self { table, key }
    }

    /// Moves to another key of the same table.
    pub(super) fn set_key(&mut self, key: &'static str) {
        self.key = Segment::Known { key, item: None };
    }

    /// Moves to an item of the list at this key.
    pub(super) fn set_index(&mut self, index: usize) {
        if let Segment::Known { item, .. } = &mut self.key {
            *item = Some(index);
        }
    }

    pub(super) fn unknown(table: &'static str, key: &str) -> Self {
        let key = Segment::Unknown(Quote::new(key));
        Self { table, key }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.table.is_empty() {
            write!(f, "{}.", self.table)?;
        }
        match &self.key {
            Segment::Known { key, item: None } => f.write_str(key),
            Segment::Known {
                key,
                item: Some(item),
            } => write!(f, "{key}[{item}]"),
            Segment::Unknown(key) if key.is_plain() => f.write_str(key.as_str()),
            Segment::Unknown(key) => write!(f, "{key}"),
        }
    }
}

impl fmt::Debug for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for KeyPath {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{}", defmt::Display2Format(self));
    }
}

impl PartialEq<str> for KeyPath {
    fn eq(&self, text: &str) -> bool {
        let mut rest = Rest(text);
        write!(rest, "{self}").is_ok() && rest.0.is_empty()
    }
}

impl PartialEq<&str> for KeyPath {
    fn eq(&self, text: &&str) -> bool {
        *self == **text
    }
}

/// A text without the parts written so far: compares formatted output without a buffer.
struct Rest<'t>(&'t str);

impl Write for Rest<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
        Ok(())
    }
}
