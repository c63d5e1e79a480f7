//! Values in a fixed number of slots, found by keys. A key may outlive its value, but never identifies
//! another one (OPEN-6).

use crate::generation::Generation;

/// Identifies a value. Keys are numbered one after the other: none is used again within 4 billion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Key(u32);

impl Key {
    /// The number.
    pub(crate) const fn to_bits(self) -> u32 {
        self.0
    }

    /// The key with this number.
    pub(crate) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }
}

/// Up to `N` values.
#[derive(Clone, Debug)]
// size: two arrays, because an array of pairs would pad a value of one byte to four. That is 24
// bytes of RAM for eight handles.
pub(crate) struct Slots<T, const N: usize> {
    /// The key of the value in each slot; without one it counts for nothing.
    keys: [Key; N],
    values: [Option<T>; N],
    /// The key that was given most recently.
    newest: Key,
}

impl<T, const N: usize> Slots<T, N> {
    /// No values. The first one gets the key after `base`.
    pub(crate) const fn new(base: Generation) -> Self {
        Self {
            keys: [Key(0); N],
            values: [const { None }; N],
            newest: Key(base.to_bits()),
        }
    }

    /// Stores a value in the first free slot; returns the value if there is none.
    pub(crate) fn insert(&mut self, value: T) -> Result<Key, T> {
        for (key, slot) in self.keys.iter_mut().zip(&mut self.values) {
            if slot.is_none() {
                *slot = Some(value);
                self.newest = Key(self.newest.0.wrapping_add(1));
                *key = self.newest;
                return Ok(*key);
            }
        }
        Err(value)
    }

    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        self.values.get(self.index(key)?)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let index = self.index(key)?;
        self.values.get_mut(index)?.as_mut()
    }

    /// Removes and returns a value. From now on its key identifies nothing.
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let index = self.index(key)?;
        self.values.get_mut(index)?.take()
    }

    /// Removes every value for which `unwanted` returns true; calls `removed` with each key.
    pub(crate) fn remove_if(
        &mut self,
        unwanted: impl Fn(&T) -> bool,
        mut removed: impl FnMut(Key),
    ) {
        for (key, slot) in self.keys.iter().zip(&mut self.values) {
            if slot.take_if(|value| unwanted(value)).is_some() {
                removed(*key);
            }
        }
    }

    /// The value in a slot, with its key.
    pub(crate) fn at(&self, index: usize) -> Option<(Key, &T)> {
        let value = self.values.get(index)?.as_ref()?;
        Some((*self.keys.get(index)?, value))
    }

    /// The values with their keys, in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        let slots = self.keys.iter().zip(&self.values);
        slots.filter_map(|(key, value)| Some((*key, value.as_ref()?)))
    }

    /// The index of the slot that had this key most recently.
    pub(crate) fn index(&self, key: Key) -> Option<usize> {
        index(&self.keys, key)
    }
}

// size: 9 callers
#[inline(never)]
fn index(keys: &[Key], key: Key) -> Option<usize> {
    keys.iter().position(|other| *other == key)
}
