//! A hash that is the same on every target and with every compiler.

use core::hash::Hasher;

/// 64-bit FNV-1a.
pub struct Fnv(u64);

impl Fnv {
    pub const fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01B3);
        }
    }

    fn write_u16(&mut self, number: u16) {
        self.write(&number.to_le_bytes());
    }

    fn write_u32(&mut self, number: u32) {
        self.write(&number.to_le_bytes());
    }

    fn write_u64(&mut self, number: u64) {
        self.write(&number.to_le_bytes());
    }

    fn write_i32(&mut self, number: i32) {
        self.write(&number.to_le_bytes());
    }

    fn write_usize(&mut self, _: usize) {
        panic!("of another size on another target");
    }

    fn write_isize(&mut self, _: isize) {
        panic!("of another size on another target");
    }
}
