//! What is measured though nobody calls it: the methods of the largest manager, and room for one
//! value of each type that firmware keeps.

use core::mem::MaybeUninit;

use lankeeper::{
    AddressFilter, Backend, Bucket, Command, Delivery, Event, Gate, Instant, Manager, Nic,
    Progress, RateLimiter, SendError, SocketId, Target, drive, send,
};

use crate::methods::methods;

pub type Largest = Manager<3, 8, 4, 16>;

/// The address of a function: which one it is makes no difference for its size.
#[expect(dead_code, reason = "it is kept, never read")]
pub struct Door(*const ());

// SAFETY: nothing is ever read or written through it.
unsafe impl Sync for Door {}

macro_rules! doors {
    ($with:ident: $($name:ident($($argument:expr),*)),*; $($elsewhere:tt)*) => {
        /// How a manager is made and driven, and all that it can be asked.
        pub static DOORS: [Door; 3 + [$(stringify!($name)),*].len()] = [
            Door(Largest::new as *const ()),
            Door(drive_largest as *const ()),
            Door(send_largest as *const ()),
            $(Door(Largest::$name as *const ())),*
        ];
    };
}

methods!(doors!);

/// Hardware whose code is elsewhere.
struct Hardware {
    execute: fn(Command<'_>),
    next_event: fn() -> Option<Event<'static>>,
}

impl Backend for Hardware {
    fn execute(&mut self, command: Command<'_>) {
        (self.execute)(command);
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        (self.next_event)()
    }
}

fn drive_largest(
    manager: &mut Largest,
    hardware: &mut Hardware,
    now: Instant,
    deliver: fn(Delivery<'_>),
) -> Progress {
    drive(manager, hardware, now, deliver)
}

fn send_largest(
    manager: &mut Largest,
    hardware: &mut Hardware,
    now: Instant,
    (socket, target, port): (SocketId, Target<'_>, u16),
    payload: &[u8],
) -> Result<(), SendError> {
    send(manager, hardware, now, socket, target, port, payload)
}

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
