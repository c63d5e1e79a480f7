//! Room for one value of each type that firmware keeps: the table of symbols tells how much it is.

use core::mem::MaybeUninit;

use lankeeper::{AddressFilter, Bucket, Gate, Manager, Nic, RateLimiter};

use crate::connect::Connector;
use crate::interface::Interface;

macro_rules! rooms {
    ($($name:ident: $kept:ty,)*) => {
        $(
            #[unsafe(no_mangle)]
            static $name: MaybeUninit<$kept> = MaybeUninit::uninit();
        )*

        /// What is not asked for would not be linked.
        pub fn rooms() -> [*const (); 10] {
            [$((&raw const $name).cast()),*]
        }
    };
}

rooms! {
    // A known size, to show that what is measured is right.
    PLANTED_ROOM: [u8; 1024],
    LIMITER_ROOM: RateLimiter,
    BUCKET_ROOM: Bucket,
    FILTER_ROOM: AddressFilter,
    GATE_ROOM: Gate,
    NIC_ROOM: Nic,
    INTERFACE_ROOM: Interface,
    CONNECTOR_ROOM: Connector<3>,
    MANAGER_OF_ONE_ROOM: Manager<1>,
    MANAGER_ROOM: crate::manager::Whole,
}
