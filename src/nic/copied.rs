//! How settings with a secret in them come to where they stay: copied straight there, for a move would
//! leave the secret behind.

use super::secret::Secret;

/// Settings that hold a secret.
pub(crate) trait Copied: PartialEq + Sized {
    /// None yet: room for others.
    fn blank() -> Self;

    /// Takes over all parts of others, the secret as `copies` says.
    fn copy_from(&mut self, source: &Self, copies: Copies);

    /// Whether they are the same, or both none.
    // Many compare, and a call takes less room.
    #[inline(never)]
    fn are_same(one: Option<&Self>, other: Option<&Self>) -> bool {
        one == other
    }

    /// Copies what is there straight to the place, or wipes what is there.
    fn assign(place: &mut Option<Self>, source: Option<&Self>) {
        Self::replace(place, source, Copies::All);
    }

    /// Does the same, but leaves out a secret in plaintext.
    fn assign_without_plaintext(place: &mut Option<Self>, source: Option<&Self>) {
        Self::replace(place, source, Copies::Sealed);
    }

    // Many assign, and this is long.
    #[inline(never)]
    fn replace(place: &mut Option<Self>, source: Option<&Self>, copies: Copies) {
        match source {
            Some(source) => place
                .get_or_insert_with(Self::blank)
                .copy_from(source, copies),
            None => *place = None,
        }
    }
}

/// Which secrets are copied; what was in the place of another one is wiped.
#[derive(Clone, Copy)]
pub(crate) enum Copies {
    All,
    /// None that is in plaintext.
    Sealed,
}

impl<const LONGEST: usize> Secret<LONGEST> {
    /// Puts another secret in the place of this one.
    pub(super) fn copy_from(&mut self, source: &Self, copies: Copies) {
        match (source, copies) {
            (Self::Plaintext(_), Copies::Sealed) => self.put(None),
            (_, Copies::All | Copies::Sealed) => self.put(source.expose()),
        }
    }
}
