//! What the parent has still to be told.

use bitflags::bitflags;

bitflags! {
    /// What came about since it was last taken, in the order in which it is told; what there is to
    /// say of it, the connector says. There is no more than one of each: the parent takes them
    /// before anything else happens to the connector.
    #[derive(Clone, Copy, Debug, Default)]
    pub(crate) struct Changes: u8 {
        /// Another state.
        const STATE = 1;
        /// The application goes on: there is a connection, or nothing is tried any more.
        const RESUMED = 1 << 1;
        /// There is a connection.
        const MADE = 1 << 2;
        /// What was asked for has ended (CON-2).
        const ENDED = 1 << 3;
        /// A connection was lost and did not come back (CON-12).
        const LOST = 1 << 4;
        /// The application is to be suspended (CON-13).
        const SUSPENDED = 1 << 5;
    }
}
