//! A fixed number of places for things that are known outside by a key. A key outlives its thing,
//! but never names another one (OPEN-6).

/// Which place, and the how-manieth thing in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) struct Key {
    place: u8,
    generation: u32,
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
    pub(crate) fn new() -> Self {
        const { assert!(N <= 256, "a key tells 256 places apart") };
        Self {
            places: core::array::from_fn(|_| Place {
                generation: 0,
                thing: None,
            }),
        }
    }

    /// Puts a thing into the first free place; gives it back if there is none.
    pub(crate) fn insert(&mut self, thing: T) -> Result<Key, T> {
        for (place, slot) in (0..=u8::MAX).zip(&mut self.places) {
            if slot.thing.is_none() {
                slot.thing = Some(thing);
                return Ok(Key {
                    place,
                    generation: slot.generation,
                });
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
        for (place, slot) in (0..=u8::MAX).zip(&mut self.places) {
            let generation = slot.generation;
            if slot.thing.as_ref().is_some_and(&unwanted) {
                slot.empty();
                gone(Key { place, generation });
            }
        }
    }

    /// The things with their keys, in the order of their places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Key, &T)> {
        (0..=u8::MAX).zip(&self.places).filter_map(|(place, slot)| {
            let key = Key {
                place,
                generation: slot.generation,
            };
            slot.thing.as_ref().map(|thing| (key, thing))
        })
    }
}

impl<T> Place<T> {
    fn empty(&mut self) -> Option<T> {
        let thing = self.thing.take()?;
        self.generation = self.generation.wrapping_add(1);
        Some(thing)
    }
}
