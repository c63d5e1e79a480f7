//! The largest manager whose size is measured, and room for one value of each type that firmware
//! keeps.

use core::mem::MaybeUninit;

use lankeeper::udp::{AddressFilter, Bucket, Gate, RateLimiter};
use lankeeper::{Manager, Nic};

use crate::methods::{Generic, methods};

pub type Largest = Manager<3, 8, 4, 16>;

methods! { DOORS, REST: Largest }

macro_rules! rooms {
    ($($name:ident: $kept:ty,)*) => {
        $(
            #[unsafe(no_mangle)]
            static $name: MaybeUninit<$kept> = MaybeUninit::uninit();
        )*

        /// What is not asked for would not be linked.
        pub fn rooms() -> [*const (); 8] {
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
    MANAGER_OF_ONE_ROOM: Manager<1>,
    MANAGER_ROOM: Largest,
}
