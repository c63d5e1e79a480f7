//! The rows of all media.

use super::table::Row;
use super::{Medium, cellular, ethernet, wifi};

/// The rows of a medium.
pub(super) const fn rows(medium: Medium) -> &'static [Row] {
    match medium {
        Medium::Wifi => wifi::ROWS,
        Medium::Ethernet => ethernet::ROWS,
        Medium::Cellular => cellular::ROWS,
    }
}
