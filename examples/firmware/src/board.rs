//! The board `mps2-an385`: its clock, and how it sleeps. Another board has another such file.

use core::ptr::read_volatile;

use cortex_m::Peripherals;
use cortex_m::interrupt::InterruptNumber;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m::peripheral::{NVIC, SCB, SYST};
use lankeeper::Instant;

use crate::lan9118::Lan9118;

/// A counter of 32 bits that counts up, as long as the board has power.
const COUNTER: *const u32 = 0x4002_8018 as *const u32;
/// Both the counter and SysTick run at 25 MHz.
const TICKS_PER_MICROSECOND: u32 = 25;
/// SysTick has 24 bits.
const LONGEST_SLEEP: u32 = 0x00FF_FFFF;

/// The line by which the Ethernet controller calls.
#[derive(Clone, Copy)]
struct EthernetLine;

// SAFETY: the board has the controller there.
unsafe impl InterruptNumber for EthernetLine {
    fn number(self) -> u16 {
        13
    }
}

/// What is on the board.
pub struct Board {
    pub clock: Clock,
    pub chip: Lan9118,
    pub sleeper: Sleeper,
}

impl Board {
    /// The parts of the board; `None` if they were taken before.
    ///
    /// Interrupts wake the processor and are never served: everything happens in the main loop.
    pub fn take() -> Option<Self> {
        let peripherals = Peripherals::take()?;
        cortex_m::interrupt::disable();
        let mut timer = peripherals.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.enable_interrupt();
        // SAFETY: there is no handler whose peace it could disturb.
        unsafe { NVIC::unmask(EthernetLine) };
        Some(Self {
            clock: Clock { ticks: 0 },
            // SAFETY: the peripherals can be taken once only, and so can this.
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
    /// The present instant. To be asked at least once in 171 s: then the counter comes round.
    pub fn now(&mut self) -> Instant {
        // SAFETY: a counter to be read at any time.
        let counter = unsafe { read_volatile(COUNTER) };
        let passed = counter.wrapping_sub(self.ticks as u32);
        self.ticks += u64::from(passed);
        Instant::from_micros(self.ticks / u64::from(TICKS_PER_MICROSECOND))
    }
}

/// Stops the processor while there is nothing to do.
pub struct Sleeper {
    timer: SYST,
}

impl Sleeper {
    /// Forgets what called so far: what calls from now on ends the next sleep at once.
    pub fn awake(&mut self) {
        NVIC::unpend(EthernetLine);
        SCB::clear_pendst();
    }

    /// Sleeps until something calls, at most until `deadline`, and never for more than 0.67 s.
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
        // Returns as soon as something is pending, although interrupts are off.
        cortex_m::asm::wfi();
        self.timer.disable_counter();
    }
}
