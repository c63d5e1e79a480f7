//! The sections of settings, and what they apply to.

use super::field::Field;
use super::path::KeyPath;
use super::{Medium, NicError, NicProblem, Table};

/// A table of settings inside a configuration.
pub(super) struct Section {
    pub(super) key: &'static str,
    /// What can have such settings (NIC-5).
    pub(super) media: &'static [Medium],
}

impl Section {
    /// Reads the section if it is there; what it applies to is checked before its inside.
    pub(super) fn read<'a, T>(
        &self,
        field: &Field<'a>,
        medium: Medium,
        read_table: impl FnOnce(Table<'a>) -> Result<T, NicError>,
    ) -> Result<Option<T>, NicError> {
        let Some(table) = field.optional()? else {
            return Ok(None);
        };
        self.check(medium)?;
        read_table(table).map(Some)
    }

    /// Checks that an interface of that medium can have such settings.
    pub(super) fn check(&self, medium: Medium) -> Result<(), NicError> {
        if self.media.contains(&medium) {
            return Ok(());
        }
        Err(KeyPath::known("", self.key).error(NicProblem::NotOnMedium {
            found: medium,
            allowed: self.media,
        }))
    }
}
