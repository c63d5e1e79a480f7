//! Settings that something runs with: the stored ones, for as long as those stay as they are.

use crate::nic::Copied;

/// Settings in use. Stored ones are not copied until others are about to be stored: so a secret is
/// in one place only, and to take them over costs next to nothing.
#[derive(Clone, Debug)]
pub(super) enum InUse<T> {
    /// The stored ones.
    Stored,
    /// Others, or none.
    Own(Option<T>),
}

impl<T: Copied> InUse<T> {
    /// What is in use, where `stored` is what is stored.
    pub(super) fn get<'a>(&'a self, stored: &'a Option<T>) -> Option<&'a T> {
        match self {
            Self::Stored => stored.as_ref(),
            Self::Own(own) => own.as_ref(),
        }
    }

    /// Has others used, or none.
    pub(super) fn give(&mut self, given: Option<&T>) {
        if matches!(self, Self::Stored) {
            *self = Self::Own(None);
        }
        if let Self::Own(own) = self {
            T::assign(own, given);
        }
    }

    /// What is stored is about to change: what is in use goes on as it is.
    pub(super) fn keep(&mut self, stored: Option<&T>) {
        if matches!(self, Self::Stored) {
            self.give(stored);
        }
    }
}
