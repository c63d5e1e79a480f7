//! Copies settings that contain a secret straight to where they are kept. A move would leave a copy
//! of the secret in the old place.

use super::secret::{Exposed, Secret};

/// Settings that contain a secret.
pub(crate) trait Copied: PartialEq + Sized {
    /// Empty settings, to be filled by [`copy_from`](Self::copy_from) or part by part.
    fn blank() -> Self;

    /// Copies every part of `source`, its secret as `copies` says.
    fn copy_from(&mut self, source: &Self, copies: Copies<'_>);

    /// Whether both are equal, or both `None`.
    // size: 7 callers
    #[inline(never)]
    fn are_same(one: Option<&Self>, other: Option<&Self>) -> bool {
        one == other
    }

    /// Copies `source` straight to `place`, and wipes the secret that was there.
    fn assign(place: &mut Option<Self>, source: Option<&Self>) {
        Self::replace(place, source, Copies::All);
    }

    /// Does the same, but with `sealed` in place of a plaintext secret.
    fn assign_sealed(place: &mut Option<Self>, source: Option<&Self>, sealed: Option<Exposed<'_>>) {
        Self::replace(place, source, Copies::Sealed(sealed));
    }

    /// Makes the drop of what is at `place` reach all of its bytes. Those of `None` are unused, and may
    /// be left from a secret that was moved.
    fn occupy(place: &mut Option<Self>) {
        place.get_or_insert_with(Self::blank);
    }

    // size: 7 callers
    #[inline(never)]
    fn replace(place: &mut Option<Self>, source: Option<&Self>, copies: Copies<'_>) {
        match source {
            Some(source) => place
                .get_or_insert_with(Self::blank)
                .copy_from(source, copies),
            None => *place = None,
        }
    }
}

/// Which secrets are copied.
#[derive(Clone, Copy)]
pub(crate) enum Copies<'a> {
    All,
    /// Only sealed ones, and this one in place of one in plaintext.
    Sealed(Option<Exposed<'a>>),
}

impl<const LONGEST: usize> Secret<LONGEST> {
    /// Replaces this secret by a copy of another one, or by what `copies` says.
    pub(super) fn copy_from(&mut self, source: &Self, copies: Copies<'_>) {
        match copies {
            Copies::Sealed(sealed) if source.is_plaintext() => self.put(sealed),
            Copies::All | Copies::Sealed(_) => self.put(source.expose()),
        }
    }
}
