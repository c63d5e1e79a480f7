//! Deterministic pseudo-random numbers, for jitter.

/// SplitMix (Steele, Lea, Flood 2014) with 32-bit words, because 32-bit targets multiply those in
/// one instruction: a Weyl sequence, mixed by the finalizer of MurmurHash3 (Appleby 2011). Good
/// enough to spread retries, and the same on every target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplitMix32(u32);

impl SplitMix32 {
    /// A generator for a seed and a salt. Every bit of both counts. All generators run through the
    /// same cycle of 2^32 states; seeds or salts that differ by little start far apart in it. Among
    /// 77,000 random seeds, two start at the same state with a probability of one half.
    pub(crate) fn new(seed: u64, salt: u32) -> Self {
        // Salt and halves of the seed are the digits of a number. Its base is chosen so that small
        // multiples of it and of its square are far from small multiples of the step in `next`.
        let append = |number: u32, digit| number.wrapping_mul(0x85EB_CA6B).wrapping_add(digit);
        let number = append(salt, lower_half(seed >> 32));
        Self(append(number, lower_half(seed)))
    }

    fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9);
        let mixed = (self.0 ^ (self.0 >> 16)).wrapping_mul(0x85EB_CA6B);
        let mixed = (mixed ^ (mixed >> 13)).wrapping_mul(0xC2B2_AE35);
        mixed ^ (mixed >> 16)
    }

    /// A number below `choices`, or 0 if `choices` is 0: the upper half of a product. The
    /// distribution is uniform up to one part in 280,000 for the jitter of a minute, and in 4,700
    /// for that of an hour.
    pub(crate) fn below(&mut self, choices: u32) -> u32 {
        let product = u64::from(self.next()).wrapping_mul(choices.into());
        lower_half(product >> 32)
    }
}

fn lower_half(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(0)
}
