//! The manager, the settings that it is opened with, and those that were stored.
#![no_std]
#![no_main]

use lankeeper::Nic;
use lankeeper::nic::{NicError, Table};
use lankeeper::stored::RecordError;
use lankeeper_probe::Door;
use lankeeper_probe::largest::{DOORS, Largest};

#[unsafe(no_mangle)]
fn _start(
    table: &Table<'_>,
    manager: &mut Largest,
    record: &[u8],
) -> (
    &'static [Door],
    Result<Nic, NicError>,
    Result<(), RecordError>,
) {
    (&DOORS, Nic::from_table(table), manager.load_stored(record))
}
