//! The own bytes of values: after every move, and after every change.

use std::hint::black_box;
use std::mem;

use lankeeper::driver::{Plaintext, SealedSecret};
use lankeeper::stored::{StoredParts, StoredSettings};

use crate::memory::Search;
use crate::samples::{HARMLESS, Holds, SECRETS, each_clonable};

pub(crate) fn search(search: &mut Search) {
    each_clonable!(moves(search));
    moves::<Plaintext>(search);
    moves::<SealedSecret>(search);

    each_clonable!(clones(search));

    parts(search);
}

/// A value passed on by a function that the compiler does not look into.
#[inline(never)]
fn passed<T>(value: T) -> T {
    black_box(value)
}

/// All the ways in which a value moves on to another place.
fn moves<T: Holds>(search: &mut Search) {
    for way in 0..T::WAYS {
        let make = || T::make(black_box(SECRETS), black_box(way));
        let other = || T::make(HARMLESS, T::WAYS - 1);
        let name = |how: &str| format!("{}, way {way}, {how}", T::NAME);
        search.own(&name("made"), make);
        search.own(&name("passed on"), || passed(make()));
        search.own(&name("from an Option"), || {
            passed(Some(make())).take().unwrap()
        });
        search.own(&name("from a Result"), || {
            passed(Ok::<_, ()>(make())).ok().unwrap()
        });
        search.own(&name("from an array"), || {
            let [_, value, _] = passed([other(), make(), other()]);
            value
        });
        search.own(&name("from a Vec"), || {
            let mut values = vec![other(), make()];
            values.swap(0, 1);
            values.push(other());
            values.remove(0)
        });
        search.own(&name("from a Box"), || *Box::new(make()));
        search.own(&name("replaced"), || {
            let mut value = make();
            drop(mem::replace(&mut value, passed(other())));
            value
        });
        search.own(&name("swapped"), || {
            let (mut one, mut two) = (make(), other());
            mem::swap(&mut one, passed(&mut two));
            two
        });
        search.own(&name("assigned"), || {
            let mut value = passed(make());
            *black_box(&mut value) = passed(other());
            value
        });
    }
}

/// All the ways in which a value takes the place of another one.
fn clones<T: Holds + Clone>(search: &mut Search) {
    for way in 0..T::WAYS {
        let original = T::make(SECRETS, way);
        search.own(&format!("{}, way {way}, cloned", T::NAME), || {
            original.clone()
        });
        for other_way in 0..T::WAYS {
            let other = T::make(HARMLESS, other_way);
            let name = |how: &str| format!("{}, way {way}, {how} way {other_way}", T::NAME);
            search.replaced(&name("cloned from"), &original, |value| {
                value.clone_from(&other)
            });
            search.replaced(&name("assigned a clone of"), &original, |value| {
                *value = other.clone();
            });
            search.own(&name("made, then cloned from"), || {
                let mut value = passed(original.clone());
                value.clone_from(&other);
                value
            });
        }
    }
}

/// What is public of stored settings changes part by part.
fn parts(search: &mut Search) {
    for way in 0..StoredSettings::WAYS {
        let original = StoredSettings::make(SECRETS, way);
        let other = StoredSettings::make(HARMLESS, 7);
        let name = |how: &str| format!("StoredSettings, way {way}, {how}");
        search.replaced(&name("parts set to none"), &original, |settings| {
            settings.wifi = None;
            settings.ip_config = None;
            settings.proxy = None;
        });
        search.replaced(&name("parts cloned from"), &original, |settings| {
            settings.wifi.clone_from(&other.wifi);
            settings.proxy.clone_from(&other.proxy);
        });
        search.replaced(&name("parts assigned"), &original, |settings| {
            settings.wifi = other.wifi.clone();
            settings.proxy = other.proxy.clone();
        });
        search.own(&name("parts taken"), || {
            let mut settings = passed(original.clone());
            drop((settings.wifi.take(), settings.proxy.take()));
            settings
        });
        assert_eq!(original.parts().contains(StoredParts::WIFI), way & 1 != 0);
    }
}
