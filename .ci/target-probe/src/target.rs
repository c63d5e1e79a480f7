//! The probe on the emulated board `mps2-an385`: a Cortex-M3 without operating system.

mod gauge;
mod table;

use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln, nr, syscall};
use panic_semihosting as _;

use crate::Order;
use crate::sequence::{self, Unmeasured};
use gauge::Meter;
use table::Table;

#[entry]
fn main() -> ! {
    let mut text = [0; 128];
    let order = command_line(&mut text).and_then(|line| Order::read(line.split(' ').skip(1)));
    match order {
        Some(order) => run(order),
        None => hprintln!("probe hash|cost SEED COUNT"),
    }
    debug::exit(match order {
        Some(_) => debug::EXIT_SUCCESS,
        None => debug::EXIT_FAILURE,
    });
    loop {
        cortex_m::asm::wfi();
    }
}

fn run(order: Order) {
    let hash = if order.measures {
        let mut table = Table::new(Meter::calibrated());
        let hash = sequence::run(order.seed, order.count, &mut table);
        table.print();
        hash
    } else {
        sequence::run(order.seed, order.count, &mut Unmeasured)
    };
    hprintln!("hash {:016x}", hash);
}

/// What the emulator was given by `arg=`, joined by spaces.
fn command_line(text: &mut [u8]) -> Option<&str> {
    let block = [text.as_mut_ptr() as usize, text.len()];
    // SAFETY: the host writes at most the given length, and the length into the block.
    let status = unsafe { syscall(nr::GET_CMDLINE, &block) };
    // SAFETY: as above; the compiler does not know that the block has changed.
    let length = unsafe { core::ptr::read_volatile(&block[1]) };
    if status != 0 {
        return None;
    }
    core::str::from_utf8(text.get(..length)?).ok()
}
