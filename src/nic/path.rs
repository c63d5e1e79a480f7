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
    /// Of an item in a list.
    index: Option<usize>,
}

#[derive(Clone, PartialEq, Eq)]
enum Key {
    Known(&'static str),
    Unknown(Quote),
}

impl KeyPath {
    pub(super) const fn known(table: &'static str, key: &'static str) -> Self {
        Self {
            table,
            key: Key::Known(key),
            index: None,
        }
    }

    pub(super) fn unknown(table: &'static str, key: &str) -> Self {
        Self {
            table,
            key: Key::Unknown(Quote::new(key)),
            index: None,
        }
    }

    pub(super) fn item(&self, index: usize) -> Self {
        Self {
            index: Some(index),
            ..self.clone()
        }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.table.is_empty() {
            write!(f, "{}.", self.table)?;
        }
        match &self.key {
            Key::Known(key) => f.write_str(key)?,
            Key::Unknown(key) if key.is_plain() => f.write_str(key.as_str())?,
            Key::Unknown(key) => write!(f, "{key}")?,
        }
        match self.index {
            Some(index) => write!(f, "[{index}]"),
            None => Ok(()),
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
