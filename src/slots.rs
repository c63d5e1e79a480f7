//! A fixed number of places for things that are known outside by a key. A key outlives its thing,
//! but never names another one (OPEN-6).

/// Which place, and the how-manieth thing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Key {
    place: u8,
    generation: u32,
}

impl Key {
    /// The index of the place.
    pub(crate) fn place(self) -> usize {
        self.place.into()
    }
}

/// Up to `N` things, at most 256.
#[derive(Clone, Debug)]
// In two arrays: beside its generation a thing of one byte would take the room of four.
pub(crate) struct Slots<T, const N: usize> {
    /// What the key of the thing in each place says, or that of the next one.
    generations: [u32; N],
    things: [Option<T>; N],
}

impl<T, const N: usize> Slots<T, N> {
    /// Without any things. As a constant, so that it is written straight to where it stays.
    pub(crate) const EMPTY: Self = {
        assert!(N <= 256, "a key tells 256 places apart");
        Self {
            generations: [0; N],
            things: [const { None }; N],
        }
    };

    /// Puts a thing into the first free place; gives it back if there is none.
    pub(crate) fn insert(&mut self, thing: T) -> Result<Key, T> {
        for (index, place) in self.things.iter_mut().enumerate() {
            if place.is_none() {
                *place = Some(thing);
                return Ok(self.key(index));
            }
        }
        Err(thing)
    }

    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        let thing = self.things.get(key.place())?.as_ref();
        thing.filter(|_| self.is_current(key))
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let is_current = self.is_current(key);
        let thing = self.things.get_mut(key.place())?.as_mut();
        thing.filter(|_| is_current)
    }

    /// Takes the thing out; from now on the key names nothing.
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        self.get(key)?;
        if let Some(generation) = self.generations.get_mut(key.place()) {
            *generation = generation.wrapping_add(1);
        }
        self.things.get_mut(key.place())?.take()
    }

    /// Takes out every thing that `unwanted` tells; calls `gone` with each key.
    pub(crate) fn remove_if(&mut self, unwanted: impl Fn(&T) -> bool, mut gone: impl FnMut(Key)) {
        for index in 0..N {
            let key = self.key(index);
            if self.get(key).is_some_and(&unwanted) {
                self.remove(key);
                gone(key);
            }
        }
    }

    /// The things with their keys, in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        let things = self.things.iter().enumerate();
        things.filter_map(|(index, thing)| Some((self.key(index), thing.as_ref()?)))
    }

    /// Whether nothing was taken out of a key's place since it was given.
    fn is_current(&self, key: Key) -> bool {
        self.generations.get(key.place()) == Some(&key.generation)
    }

    /// What names the thing that is in a place, or the next one there.
    fn key(&self, index: usize) -> Key {
        Key {
            // There are no more places than that.
            place: u8::try_from(index).unwrap_or(u8::MAX),
            generation: self.generations.get(index).copied().unwrap_or_default(),
        }
    }
}
