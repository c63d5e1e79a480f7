//! Pseudorandom numbers for simulated faults and seals.

/// The SplitMix64 generator (Steele, Lea, Flood 2014): one word of state, good enough for fault
/// injection, and the same on every target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplitMix(u64);

impl SplitMix {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `choices`, or 0 if `choices` is 0. It takes the upper half of a
    /// product, because a 64-bit remainder costs a 32-bit processor about a thousand instructions.
    /// The bias is below one in 2^20 for up to 2^44 choices.
    pub(crate) fn below(&mut self, choices: u64) -> u64 {
        let product = u128::from(self.next()).wrapping_mul(u128::from(choices));
        // This cannot fail: the product has 128 bits.
        u64::try_from(product >> 64).unwrap_or(0)
    }
}
