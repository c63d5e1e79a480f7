//! Ten hours in slow surroundings: a switch that forwards 50 s after each link-up, and a network for
//! which the modem searches ten minutes. Both take longer than a try.

use lankeeper::Duration;
use lankeeper::sim::{AccessPoint, AirChange, CableChange, CellularChange, Coverage, World};

use crate::story::{self, Scene, Story, What, scene};

const HOURS: u64 = 10;

/// The last ten minutes without an event are enough for what happens before.
const CALM: Duration = Duration::from_secs((HOURS - 1) * 3_600 + 50 * 60);

/// Sets the world up, and returns the events: in each hour every medium is lost, and comes back
/// slowly. The last hour has no random faults. What a fault made the device believe ends with the
/// events of that hour.
pub fn hours(world: &mut World) -> Story {
    let home = world.wifi.add(AccessPoint::new(story::home()));
    let home = home.expect("there is room for one");
    world.happen(CableChange::ForwardsAfter(Duration::from_secs(50)));
    world.happen(CellularChange::SearchTakes(Duration::from_secs(600)));
    let mut scenes: Vec<Scene> = (0..HOURS)
        .flat_map(|hour| {
            [
                scene(hour, 5, "the cable is pulled out", CableChange::Pulled),
                scene(hour, 7, "the cable is plugged in", CableChange::Plugged),
                scene(
                    hour,
                    15,
                    "a tunnel",
                    CellularChange::Coverage(Coverage::None),
                ),
                scene(
                    hour,
                    18,
                    "its end",
                    CellularChange::Coverage(Coverage::Roaming),
                ),
                scene(
                    hour,
                    40,
                    "the router restarts",
                    AirChange::Restarts(home, Duration::from_secs(180)),
                ),
                scene(hour, 50, "the session ends", CellularChange::SessionDropped),
            ]
        })
        .filter(|scene| scene.at < CALM)
        .collect();
    scenes.push(scene(HOURS - 1, 0, "", What::Quiet));
    scenes.sort_by_key(|scene| scene.at);
    Story {
        scenes,
        end: Duration::from_secs(HOURS * 3_600),
    }
}
