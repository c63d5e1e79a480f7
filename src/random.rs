//! Numbers that look random and are not: for jitter.

/// SplitMix (Steele, Lea, Flood 2014) in words of 32 bits, which small machines multiply at once: a
/// Weyl sequence, mixed by the finalizer of MurmurHash3 (Appleby 2011). Good enough to spread
/// retries, and the same on every target.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SplitMix32(u32);

impl SplitMix32 {
    /// The generator of a seed and a salt: every bit of both counts, and where they differ by
    /// little, their numbers are far apart in the one cycle that there is. Of 77,000 seeds drawn at
    /// random, two are likely to have the same numbers.
    pub(crate) fn new(seed: u64, salt: u32) -> Self {
        // The digits of a number: small multiples of the base, and of its square, are far from small
        // multiples of the step in `next`.
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

    /// A number below `choices`, or 0 if there is no choice: the upper half of a product. Some
    /// numbers come more often than others, by one in 280,000 for the jitter of a minute and by one
    /// in 4,700 for that of an hour.
    pub(crate) fn below(&mut self, choices: u32) -> u32 {
        let product = u64::from(self.next()).wrapping_mul(choices.into());
        lower_half(product >> 32)
    }
}

fn lower_half(number: u64) -> u32 {
    u32::try_from(number & u64::from(u32::MAX)).unwrap_or(0)
}
