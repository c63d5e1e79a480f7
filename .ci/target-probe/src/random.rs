//! Numbers drawn from a seed: the same on every target.

use oorandom::Rand32;

pub struct Random(Rand32);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(Rand32::new(seed))
    }

    pub fn any(&mut self) -> u32 {
        self.0.rand_u32()
    }

    pub fn below(&mut self, choices: u32) -> u32 {
        self.0.rand_range(0..choices)
    }

    pub fn one_in(&mut self, choices: u32) -> bool {
        self.below(choices) == 0
    }

    /// One of these, of which there must be some.
    pub fn pick<'a, T>(&mut self, things: &'a [T]) -> &'a T {
        &things[self.below(things.len() as u32) as usize]
    }
}
