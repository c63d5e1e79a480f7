//! A slot map of fixed capacity. A key may outlive its value, but never identifies another one
//! (OPEN-6).

/// Identifies a value: its slot, and the generation of the slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Key {
    slot: u8,
    generation: u32,
}

impl Key {
    /// The index of the slot.
    pub(crate) fn index(self) -> usize {
        self.slot.into()
    }

    /// Slot and generation as one number of 40 bits.
    pub(crate) fn to_bits(self) -> u64 {
        u64::from(self.slot) << 32 | u64::from(self.generation)
    }

    /// The key with this number; bits above the lowest 40 count for nothing.
    pub(crate) fn from_bits(bits: u64) -> Self {
        let [_, _, _, slot, generation @ ..] = bits.to_be_bytes();
        Self {
            slot,
            generation: u32::from_be_bytes(generation),
        }
    }
}

/// Up to `N` values, `N` at most 256.
#[derive(Clone, Debug)]
// size: two arrays, because an array of pairs would pad a value of one byte to four. That is 24
// bytes of RAM for eight handles.
pub(crate) struct Slots<T, const N: usize> {
    /// The generation of each slot. It advances when the value is removed.
    generations: [u32; N],
    values: [Option<T>; N],
}

impl<T, const N: usize> Slots<T, N> {
    /// No values. A constant, so that the compiler writes it straight to where it is kept.
    pub(crate) const EMPTY: Self = {
        assert!(N <= 256, "the index of a slot must fit in a byte");
        Self {
            generations: [0; N],
            values: [const { None }; N],
        }
    };

    /// Stores a value in the first free slot; returns the value if there is none.
    pub(crate) fn insert(&mut self, value: T) -> Result<Key, T> {
        for (index, slot) in self.values.iter_mut().enumerate() {
            if slot.is_none() {
                *slot = Some(value);
                return Ok(self.key(index));
            }
        }
        Err(value)
    }

    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        let value = self.values.get(key.index())?.as_ref();
        value.filter(|_| self.is_current(key))
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let is_current = self.is_current(key);
        let value = self.values.get_mut(key.index())?.as_mut();
        value.filter(|_| is_current)
    }

    /// Removes and returns a value. From now on its key identifies nothing.
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        if let Some(generation) = self.generations.get_mut(key.index()) {
            *generation = generation.wrapping_add(1);
        }
        self.values.get_mut(key.index())?.take()
    }

    /// Removes every value for which `unwanted` returns true; calls `removed` with each key.
    pub(crate) fn remove_if(
        &mut self,
        unwanted: impl Fn(&T) -> bool,
        mut removed: impl FnMut(Key),
    ) {
        for index in 0..N {
            let key = self.key(index);
            if self.get(key).is_some_and(&unwanted) {
                self.remove(key);
                removed(key);
            }
        }
    }

    /// The values with their keys, in the order of their slots.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        let values = self.values.iter().enumerate();
        values.filter_map(|(index, value)| Some((self.key(index), value.as_ref()?)))
    }

    /// Whether the value of a key was not removed.
    fn is_current(&self, key: Key) -> bool {
        self.generations.get(key.index()) == Some(&key.generation)
    }

    /// The key of the value in a slot, or of the next value there.
    fn key(&self, index: usize) -> Key {
        Key {
            // Every index fits, as `EMPTY` checks.
            slot: u8::try_from(index).unwrap_or(u8::MAX),
            generation: self.generations.get(index).copied().unwrap_or_default(),
        }
    }
}
