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
pub(crate) struct Slots<T, const N: usize> {
    places: [Place<T>; N],
}

#[derive(Clone, Debug)]
struct Place<T> {
    generation: u32,
    thing: Option<T>,
}

impl<T, const N: usize> Slots<T, N> {
    /// Without any things. As a constant, so that it is written straight to where it stays.
    pub(crate) const EMPTY: Self = {
        assert!(N <= 256, "a key tells 256 places apart");
        Self {
            places: [const {
                Place {
                    generation: 0,
                    thing: None,
                }
            }; N],
        }
    };

    /// Puts a thing into the first free place; gives it back if there is none.
    pub(crate) fn insert(&mut self, thing: T) -> Result<Key, T> {
        for (index, slot) in self.places.iter_mut().enumerate() {
            if slot.thing.is_none() {
                slot.thing = Some(thing);
                return Ok(slot.key(index));
            }
        }
        Err(thing)
    }

    pub(crate) fn get(&self, key: Key) -> Option<&T> {
        let place = self.places.get(usize::from(key.place))?;
        place
            .thing
            .as_ref()
            .filter(|_| place.generation == key.generation)
    }

    pub(crate) fn get_mut(&mut self, key: Key) -> Option<&mut T> {
        let place = self.places.get_mut(usize::from(key.place))?;
        place
            .thing
            .as_mut()
            .filter(|_| place.generation == key.generation)
    }

    /// Takes the thing out; from now on the key names nothing.
    pub(crate) fn remove(&mut self, key: Key) -> Option<T> {
        let place = self.places.get_mut(usize::from(key.place))?;
        if place.generation == key.generation {
            place.empty()
        } else {
            None
        }
    }

    /// Takes out every thing that `unwanted` tells; calls `gone` with each key.
    pub(crate) fn remove_if(&mut self, unwanted: impl Fn(&T) -> bool, mut gone: impl FnMut(Key)) {
        for (index, slot) in self.places.iter_mut().enumerate() {
            if slot.thing.as_ref().is_some_and(&unwanted) {
                let key = slot.key(index);
                slot.empty();
                gone(key);
            }
        }
    }

    /// The things with their keys, in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        let places = self.places.iter().enumerate();
        places.filter_map(|(index, slot)| Some((slot.key(index), slot.thing.as_ref()?)))
    }
}

impl<T> Place<T> {
    /// What names the thing that is here, at this index.
    fn key(&self, index: usize) -> Key {
        Key {
            // There are no more places than that.
            place: u8::try_from(index).unwrap_or(u8::MAX),
            generation: self.generation,
        }
    }

    fn empty(&mut self) -> Option<T> {
        let thing = self.thing.take()?;
        self.generation = self.generation.wrapping_add(1);
        Some(thing)
    }
}
