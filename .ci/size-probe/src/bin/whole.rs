//! The manager, and the settings that it is opened with.
#![no_std]
#![no_main]

use lankeeper::{Nic, NicError, Table};
use lankeeper_size_probe::manager::{DOORS, Doors};

static WHOLE: Whole = Whole {
    manager: &DOORS,
    settings: Nic::from_table,
};

#[allow(dead_code, reason = "it is kept, never read")]
struct Whole {
    manager: &'static Doors,
    settings: fn(&Table<'_>) -> Result<Nic, NicError>,
}

#[unsafe(no_mangle)]
fn _start() -> &'static Whole {
    &WHOLE
}
