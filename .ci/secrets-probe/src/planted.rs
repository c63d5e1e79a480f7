//! What must be found: values that are not wiped, and moves that leave copies on the stack.

use std::hint::black_box;

use lankeeper::{Nic, WifiKey, WifiSettings};

use crate::devices;
use crate::memory::{SECRET, Search, used};

/// A secret that nobody wipes.
#[derive(Clone)]
struct Plain {
    length: u8,
    secret: [u8; 32],
}

/// One that is wiped up to its length only, as text in a longer buffer would be.
struct Half(Plain);

impl Drop for Half {
    fn drop(&mut self) {
        let length = usize::from(self.0.length);
        black_box(self.0.secret[..length].as_mut()).fill(0);
        black_box(&self.0);
    }
}

impl Plain {
    fn new() -> Self {
        let mut plain = Self {
            length: 4,
            secret: [0; 32],
        };
        plain.secret.copy_from_slice(&SECRET.as_bytes()[..32]);
        plain
    }
}

#[inline(never)]
fn moved<T>(value: T) -> T {
    black_box(value)
}

pub(crate) fn search(search: &mut Search) {
    search.own("a plain array", Plain::new);
    search.own("a buffer of which a part is wiped", || Half(Plain::new()));
    search.own("nothing, where a plain array could be", || None::<Plain>);
    let change = |plain: &mut Plain| plain.length = 0;
    search.replaced("a plain array that is shortened", &Plain::new(), change);
    search.stack("a plain array on the stack", || used(&Plain::new()));
    search.stack("a key that is moved by value", || {
        let Ok(key) = WifiKey::plaintext(&SECRET[..32]) else {
            return;
        };
        used(&moved(key));
    });
    search.stack("a configuration that is moved by value", || {
        let Ok(key) = WifiKey::plaintext(&SECRET[..32]) else {
            return;
        };
        let Ok(wifi) = WifiSettings::new(b"shed", key) else {
            return;
        };
        let Ok(nic) = Nic::builder("wl0").wifi(wifi).build() else {
            return;
        };
        used(&moved(nic));
    });
    devices::plant(search);
}
