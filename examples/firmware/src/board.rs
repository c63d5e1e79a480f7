//! Clock and sleep of the board `mps2-an385`. Porting to another board means replacing this file.

use core::ptr::read_volatile;

use cortex_m::Peripherals;
use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{NVIC, SCB, SYST};
use lankeeper::Instant;

use crate::lan9118::Lan9118;

/// A free-running 32-bit counter.
const COUNTER: *const u32 = 0x4002_8018 as *const u32;
/// Both the counter and SysTick run at 25 MHz.
const TICKS_PER_MICROSECOND: u32 = 25;
/// SysTick has 24 bits.
const LONGEST_SLEEP: u32 = 0x00FF_FFFF;

/// The interrupt of the Ethernet controller.
#[derive(Clone, Copy)]
struct EthernetLine;

// SAFETY: 13 is the interrupt number of the controller on this board.
unsafe impl InterruptNumber for EthernetLine {
    fn number(self) -> u16 {
        13
    }
}

/// The parts of the board.
pub struct Board {
    pub clock: Clock,
    pub chip: Lan9118,
    pub sleeper: Sleeper,
}

impl Board {
    /// Takes the parts of the board; `None` if they were taken before.
    ///
    /// Interrupts wake the processor but never run a handler: everything happens in the main loop.
    pub fn take() -> Option<Self> {
        let peripherals = Peripherals::take()?;
        cortex_m::interrupt::disable();
        let mut timer = peripherals.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.enable_interrupt();
        // SAFETY: there is no handler or critical section that this could break.
        unsafe { NVIC::unmask(EthernetLine) };
        Some(Self {
            clock: Clock { ticks: 0 },
            // SAFETY: the peripherals can be taken only once, and so can this.
            chip: unsafe { Lan9118::take() },
            sleeper: Sleeper { timer },
        })
    }
}

/// The time since boot.
pub struct Clock {
    ticks: u64,
}

impl Clock {
    /// Returns the current instant. Call this at least every 171 s, because the counter wraps
    /// around.
    pub fn now(&mut self) -> Instant {
        // SAFETY: reading the counter has no side effects.
        let counter = unsafe { read_volatile(COUNTER) };
        let elapsed = counter.wrapping_sub(self.ticks as u32);
        self.ticks += u64::from(elapsed);
        Instant::from_micros(self.ticks / u64::from(TICKS_PER_MICROSECOND))
    }
}

/// Stops the processor while there is nothing to do.
pub struct Sleeper {
    timer: SYST,
}

impl Sleeper {
    /// Clears pending interrupts. An interrupt after this call ends the next sleep at once.
    pub fn clear_pending(&mut self) {
        NVIC::unpend(EthernetLine);
        SCB::clear_pendst();
    }

    /// Sleeps until an interrupt, at most until `deadline`, and never longer than 0.67 s.
    pub fn sleep(&mut self, now: Instant, deadline: Option<Instant>) {
        let ticks = deadline.map_or(LONGEST_SLEEP, |deadline| {
            let micros = deadline.saturating_duration_since(now).as_micros();
            u32::try_from(micros.saturating_mul(TICKS_PER_MICROSECOND.into()))
                .map_or(LONGEST_SLEEP, |ticks| ticks.min(LONGEST_SLEEP))
        });
        if ticks == 0 {
            return;
        }
        self.timer.set_reload(ticks);
        self.timer.clear_current();
        self.timer.enable_counter();
        cortex_m::asm::dsb();
        // WFI returns as soon as an interrupt is pending, even while interrupts are masked.
        cortex_m::asm::wfi();
        self.timer.disable_counter();
    }
}
