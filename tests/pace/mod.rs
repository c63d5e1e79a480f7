//! Nothing begins again faster than its back-off (IFC-13): a hostile world for a virtual day, written
//! from the rules alone.
//!
//! `LANKEEPER_PACE_HOURS` sets how long each pattern lasts in virtual time, `LANKEEPER_PACE_SEEDS`
//! how many worlds and pairs of pairs are drawn for each medium; use release mode for many.

mod count;
mod device;
mod hold;
mod hold_down;
mod holders;
mod joint;
mod kind;
mod ladder;
mod loss;
mod manual;
mod pairs;
mod patience;
mod random;
mod server;
mod slow;
mod world;
mod wps;

use lankeeper::{Duration, Instant, InterfaceId};

const WL0: InterfaceId = InterfaceId::WIFI;
const ETH0: InterfaceId = InterfaceId::ETHERNET;
const CELL0: InterfaceId = InterfaceId::CELLULAR;
const MEDIA: [InterfaceId; 3] = [WL0, ETH0, CELL0];

/// No command of one kind is given to an interface more often within an hour (IFC-13).
const HOURLY: usize = 90;

/// No server command of one kind is given more often within an hour (IFC-13).
const HOURLY_SERVER: usize = 140;

/// How long CONNECTED must last before the back-off of an interface begins anew (IFC-7).
const STABLE_MS: u64 = 300_000;

/// The same of the server connection (CON-12).
const SERVER_STABLE_MS: u64 = 60_000;

const HOUR: Duration = Duration::from_secs(3_600);

/// The length of a pattern in virtual hours: what the environment says, or the default.
fn hours(default: u64) -> u64 {
    setting("LANKEEPER_PACE_HOURS", default)
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a whole number"))
    })
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn after(instant: Instant, millis: u64) -> Instant {
    instant.saturating_add(Duration::from_millis(millis))
}

/// Fails with the first of the broken runs in full, and with the names of all.
fn none_broken(runs: usize, broken: &[device::Broken]) {
    let Some(first) = broken.first() else {
        return;
    };
    let lines: Vec<_> = broken.iter().map(device::Broken::headline).collect();
    panic!(
        "{} of {runs} patterns broke a rule:\n{}\n\nThe first of them:\n{first}",
        broken.len(),
        lines.join("\n")
    );
}
