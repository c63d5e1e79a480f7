//! A conformance suite for backends (DRV-5). Needs the feature `conformance`.
//!
//! The suite gives the commands that a manager would give, changes the world through a [`Bed`], and
//! judges what the backend reports: [`run`] returns a [`Verdict`] for each [`Check`], with what was
//! seen and what was expected. It reads no clock and allocates nothing, so that it also runs in
//! firmware. What the bed cannot do is skipped, and the verdict says so. A run ends with the interface
//! powered down.
//!
//! ```
//! use lankeeper::conformance::{Bed, Change, Plan, run};
//! use lankeeper::sim::{CableChange, Simulated, World};
//! use lankeeper::{Instant, InterfaceId};
//!
//! struct Bench(World); // your backend, and whatever handles the world around it
//!
//! impl Bed for Bench {
//!     type Backend = World;
//!     fn backend(&mut self) -> &mut World {
//!         &mut self.0
//!     }
//!     fn now(&mut self) -> Instant {
//!         self.0.now()
//!     }
//!     fn wait(&mut self, until: Instant) {
//!         let next = self.0.poll_at().filter(|at| *at > self.0.now());
//!         self.0.handle_timeout(next.map_or(until, |at| at.min(until)));
//!     }
//!     fn change(&mut self, change: Change) -> bool {
//!         match change {
//!             Change::Cable(true) => self.0.happen(CableChange::Plugged),
//!             Change::Cable(false) => self.0.happen(CableChange::Pulled),
//!             _ => return false, // skipped, and the verdict says so
//!         }
//!         true
//!     }
//! }
//!
//! let verdicts = run(&mut Bench(World::new(1)), &Plan::new(InterfaceId::ETHERNET));
//! assert!(verdicts.is_clean(), "{verdicts}");
//! ```

mod bed;
mod interface;
mod losses;
mod plan;
mod ports;
mod probe;
mod server;
mod verdict;

pub use bed::{Bed, Change, Service, Traffic};
pub use plan::Plan;
pub use verdict::{Check, Outcome, Seen, Skip, Verdict, Verdicts};

use probe::Probe;

/// The longest payload that a bed sends.
const PAYLOAD: usize = 64;
/// No two bytes of it are equal.
const BYTES: [u8; PAYLOAD] = {
    let mut bytes = [0; PAYLOAD];
    let mut rest: &mut [u8] = &mut bytes;
    let mut value = 1;
    while let Some((first, others)) = rest.split_first_mut() {
        *first = value;
        value = value.saturating_add(1);
        rest = others;
    }
    bytes
};

/// The payload of a datagram of this length: what [`Change::Datagram`] sends.
///
/// ```
/// assert_eq!(lankeeper::conformance::payload(3), [1, 2, 3]);
/// ```
#[must_use]
pub fn payload(length: usize) -> &'static [u8] {
    BYTES.get(..length).unwrap_or(&BYTES)
}

/// Checks a backend on a bed, and returns the verdicts.
///
/// It begins with an interface that is powered down and a world in which everything works. What the
/// bed changes is put back in order before the next check. A real backend takes some minutes.
pub fn run<B: Bed>(bed: &mut B, plan: &Plan<'_>) -> Verdicts {
    let mut probe = Probe::new(bed, plan);
    if probe.check_interface() {
        probe.check_server();
        probe.check_ports();
    }
    probe.check_storage();
    for check in [Check::Tickets, Check::Once] {
        probe.pass(check);
    }
    probe.verdicts
}
