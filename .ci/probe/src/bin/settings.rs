//! Settings as a table: checked once, typed ever after.
#![no_std]
#![no_main]

use lankeeper::Nic;
use lankeeper::nic::{NicError, Table};
use lankeeper_probe as _;

#[unsafe(no_mangle)]
fn _start(table: &Table<'_>) -> Result<Nic, NicError> {
    Nic::from_table(table)
}
