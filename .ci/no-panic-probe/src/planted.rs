//! Code that can panic, to show that it would be noticed.

use crate::opaque::{any, keep};

pub fn call() {
    keep(any([1, 2, 3])[any(1_usize)]);
}
