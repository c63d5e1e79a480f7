//! Where in a table something stands.

use core::fmt::{self, Write};

use super::quote::Quote;

/// The full path of a key: `interface`, `wificonfig.ssid`, `staticconfig.dns[1]` (NIC-4).
///
/// Compares with text, so that a form can mark the field that is wrong:
///
/// ```
/// use lankeeper::{Nic, Table};
///
/// let error = Nic::from_table(&Table::new(&[])).unwrap_err();
/// assert_eq!(*error.path(), "interface");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct KeyPath {
    /// Empty for the outermost table.
    table: &'static str,
    key: Key,
}

#[derive(Clone, PartialEq, Eq)]
enum Key {
    Known {
        key: &'static str,
        /// Which item of the list at the key.
        item: Option<usize>,
    },
    Unknown(Quote),
}

impl KeyPath {
    pub(super) const fn known(table: &'static str, key: &'static str) -> Self {
        let key = Key::Known { key, item: None };
        Self { table, key }
    }

    /// Turns to another key of the table.
    pub(super) fn set_key(&mut self, key: &'static str) {
        self.key = Key::Known { key, item: None };
    }

    /// Goes on to an item of the list at this key.
    pub(super) fn set_index(&mut self, index: usize) {
        if let Key::Known { item, .. } = &mut self.key {
            *item = Some(index);
        }
    }

    pub(super) fn unknown(table: &'static str, key: &str) -> Self {
        let key = Key::Unknown(Quote::new(key));
        Self { table, key }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.table.is_empty() {
            write!(f, "{}.", self.table)?;
        }
        match &self.key {
            Key::Known { key, item: None } => f.write_str(key),
            Key::Known {
                key,
                item: Some(item),
            } => write!(f, "{key}[{item}]"),
            Key::Unknown(key) if key.is_plain() => f.write_str(key.as_str()),
            Key::Unknown(key) => write!(f, "{key}"),
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

/// What is left of a text after the parts that were written so far.
struct Rest<'t>(&'t str);

impl Write for Rest<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
        Ok(())
    }
}
