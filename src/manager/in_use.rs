//! Settings that something runs with: the stored ones, for as long as those stay as they are.

use crate::nic::Copied;

/// Settings in use, or none. Stored ones are not copied until others are about to be stored: so a
/// secret is in one place only, and to take them over costs next to nothing.
#[derive(Clone, Debug)]
pub(super) struct InUse<T> {
    own: Option<T>,
    /// Whether the stored ones are in use. Then it has none of its own.
    is_stored: bool,
}

impl<T: Copied> InUse<T> {
    // No constant: that would be kept and copied, with room for the longest settings.
    pub(super) const fn none() -> Self {
        Self {
            own: None,
            is_stored: false,
        }
    }

    /// What is in use, where `stored` is what is stored.
    // A call takes less room, and many look.
    #[inline(never)]
    pub(super) fn get<'a>(&'a self, stored: &'a Option<T>) -> Option<&'a T> {
        if self.is_stored {
            stored.as_ref()
        } else {
            self.own.as_ref()
        }
    }

    pub(super) const fn is_some(&self) -> bool {
        self.is_stored || self.own.is_some()
    }

    /// Takes over the stored ones, if there are any that can be used.
    // As above.
    #[inline(never)]
    pub(super) fn adopt(&mut self, there_are_some: bool) {
        self.own = None;
        self.is_stored = there_are_some;
    }

    /// Takes over others, or none.
    pub(super) fn give(&mut self, given: Option<&T>) {
        T::assign(&mut self.own, given);
        self.is_stored = false;
    }

    /// What is stored is about to change: what is in use goes on as it is.
    pub(super) fn keep(&mut self, stored: Option<&T>) {
        if self.is_stored {
            self.give(stored);
        }
    }
}
