//! Measures a call: the instructions that it takes, and how deep its stack goes.
//!
//! Instructions are counted by time. The emulator is told (`-icount shift=7`) that each takes
//! 128 ns, and the board has a counter of 25 MHz: 16 of its ticks are 5 instructions.

use core::arch::asm;
use core::hint::black_box;
use core::ptr::{read_volatile, write_volatile};

use cortex_m::register::msp;

/// The counter of the board: 32 bits, upwards.
const COUNTER: *const u32 = 0x4002_8018 as *const u32;
/// How far down the stack is painted. No call may come so far: checked for each.
const DEPTH: u32 = 4 * 1024;
const PAINT: u32 = 0xCCCC_CCCC;
const WORD: u32 = 4;

/// What a call took.
#[derive(Clone, Copy)]
pub struct Reading {
    pub instructions: u32,
    pub stack: u32,
}

pub struct Meter {
    /// The ticks that a call of nothing takes.
    empty: u32,
}

impl Meter {
    /// A meter that has shown to measure right.
    pub fn calibrated() -> Self {
        let mut meter = Self { empty: 0 };
        meter.empty = meter.ticks(|| ()).0;
        let planted = meter.measure(|| turn(1000)).0;
        // A turn is 3 instructions, but one in the last; and some lead there and back.
        assert!(
            (2997..3020).contains(&planted.instructions),
            "3000 planted instructions were measured as {}: was -icount shift=7 given?",
            planted.instructions
        );
        let planted = meter
            .measure(|| black_box(&[black_box(1_u32); 128]).len())
            .0;
        assert!(
            (512..640).contains(&planted.stack),
            "512 planted bytes of stack were measured as {}",
            planted.stack
        );
        meter
    }

    #[inline(never)]
    pub fn measure<R>(&self, call: impl FnOnce() -> R) -> (Reading, R) {
        let top = msp::read();
        // SAFETY: below the stack pointer there is nothing, and nothing interrupts.
        unsafe { paint(top - DEPTH, top) };
        let (ticks, result) = self.ticks(call);
        // SAFETY: as above.
        let lowest = unsafe { first_without_paint(top - DEPTH, top) };
        assert!(
            lowest > top - DEPTH,
            "the call went deeper than was painted"
        );
        let reading = Reading {
            instructions: (ticks.saturating_sub(self.empty) * 5 + 8) / 16,
            stack: top - lowest,
        };
        (reading, result)
    }

    #[inline(always)]
    fn ticks<R>(&self, call: impl FnOnce() -> R) -> (u32, R) {
        // SAFETY: a counter to be read at any time.
        let before = unsafe { read_volatile(COUNTER) };
        let result = alone(call);
        // SAFETY: as above.
        let after = unsafe { read_volatile(COUNTER) };
        (after.wrapping_sub(before), result)
    }
}

/// Keeps the call what it is: a call, with a frame of its own.
#[inline(never)]
fn alone<R>(call: impl FnOnce() -> R) -> R {
    black_box(call())
}

/// A loop of 3 instructions.
#[inline(never)]
fn turn(times: u32) {
    // SAFETY: it counts down a register.
    unsafe {
        asm!("2:", "subs {0}, #1", "nop", "bne 2b", inout(reg) times => _, options(nomem, nostack));
    }
}

#[inline(always)]
unsafe fn paint(from: u32, to: u32) {
    let mut at = from;
    while at < to {
        // SAFETY: the caller's.
        unsafe { write_volatile(at as *mut u32, PAINT) };
        at += WORD;
    }
}

#[inline(always)]
unsafe fn first_without_paint(from: u32, to: u32) -> u32 {
    let mut at = from;
    // SAFETY: the caller's.
    while at < to && unsafe { read_volatile(at as *const u32) } == PAINT {
        at += WORD;
    }
    at
}
