//! What is kept of a state and of an exploration: a hash, and counts.

use core::fmt;
use core::hash::{BuildHasherDefault, Hasher};
use std::collections::HashMap;
use std::hash::DefaultHasher;

use crate::State;

/// What was found: what is kept of each exploration, to be compared with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts {
    pub states: usize,
    pub transitions: u64,
    pub depth: u32,
    /// The most steps after which all is well in a healthy world.
    pub steps: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            states,
            transitions,
            depth,
            steps,
        } = self;
        write!(
            f,
            "{states} states, {transitions} transitions, depth {depth}, well after {steps} steps"
        )
    }
}

/// The hash of a view: 64 bits of SipHash, so that among 8 million states two are taken for one with a
/// probability of two in a million.
pub type Key = u64;

/// Hashes a hash.
#[derive(Default)]
pub struct Same(u64);

impl Hasher for Same {
    fn write(&mut self, _: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What is known of states, by their keys.
pub type ByKey<T> = HashMap<Key, T, BuildHasherDefault<Same>>;

/// All that is written, one after the other.
#[derive(Default)]
pub struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(&self.0);
        hasher.finish()
    }
}

pub fn key(state: &State, bytes: &mut Bytes) -> Key {
    bytes.0.clear();
    state.machine.view(bytes);
    state.world.view(bytes);
    bytes.finish()
}
