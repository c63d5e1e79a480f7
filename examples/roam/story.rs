//! The events of days on the way.

use lankeeper::sim::{
    AccessPoint, AccessPointId, AirChange, CableChange, CellularChange, Coverage, DhcpServer,
    Happening, SimCard, World,
};
use lankeeper::{Duration, Lease, WifiKey, WifiSettings};

/// The access points by place.
struct Places {
    home: AccessPointId,
    cafe: AccessPointId,
}

/// What happens to the device.
pub struct Story {
    /// The events, in order.
    pub scenes: Vec<Scene>,
    /// When the story ends.
    pub end: Duration,
}

/// An event.
pub struct Scene {
    /// The time since the beginning of the story.
    pub at: Duration,
    /// The text for the timeline; nothing is printed without one.
    pub text: &'static str,
    pub what: What,
}

pub enum What {
    /// A change to the world.
    World(Happening),
    /// The application reopens Wi-Fi with other settings.
    Use(WifiSettings),
    /// A user opens a web page over Wi-Fi.
    Browse,
    /// From here on there are no random faults, so that the end shows whether everything recovers.
    Quiet,
}

const DAY: Duration = Duration::from_secs(86_400);

/// Sets the world up, and returns the events of so many days. The last half-hour has no faults.
pub fn days(world: &mut World, days: u64) -> Story {
    let places = prepare(world);
    let end = DAY.saturating_mul(days);
    let mut scenes = vec![Scene {
        at: end.saturating_sub(Duration::from_secs(1_800)),
        text: "",
        what: What::Quiet,
    }];
    for number in 0..days {
        let midnight = DAY.saturating_mul(number);
        scenes.extend(day(&places).into_iter().map(|scene| Scene {
            at: midnight.saturating_add(scene.at),
            ..scene
        }));
    }
    scenes.sort_by_key(|scene| scene.at);
    Story { scenes, end }
}

fn network(ssid: &str, key: &str) -> WifiSettings {
    let key = WifiKey::plaintext(key).expect("a valid key");
    WifiSettings::new(ssid.as_bytes(), key).expect("a valid SSID")
}

pub fn home() -> WifiSettings {
    network("home", "correct horse")
}

fn office(silent: bool) -> CableChange {
    let lease = Lease::new([10, 1, 0, 77].into(), 16).with_gateway([10, 1, 0, 1].into());
    let server = DhcpServer::new(lease, Duration::from_secs(1_800));
    CableChange::Dhcp(if silent { server.silent() } else { server })
}

/// Sets the world up for midnight: the device is at home, without a cable.
fn prepare(world: &mut World) -> Places {
    let mut add = |access_point| world.wifi.add(access_point).expect("there is room for two");
    let home = add(AccessPoint::new(home()));
    let cafe = add(AccessPoint::new(network("cafe", "flat white"))
        .on_channel(11)
        .with_signal(None)
        .with_captive_portal());
    world.happen(CableChange::Pulled);
    world.happen(office(false));
    Places { home, cafe }
}

/// Returns the events of a day in order.
#[rustfmt::skip]
fn day(&Places { home: at_home, cafe }: &Places) -> Vec<Scene> {
    vec![
        scene(2, 30, "the router at home installs an update and restarts",
              AirChange::Restarts(at_home, Duration::from_secs(95))),
        scene(7, 40, "the device leaves home",
              AirChange::Signal(at_home, None)),
        scene(8, 5, "the train enters a tunnel",
              CellularChange::Coverage(Coverage::None)),
        scene(8, 9, "the train leaves the tunnel",
              CellularChange::Coverage(Coverage::Home)),
        scene(8, 40, "the device arrives at the office, and the cable is plugged in",
              CableChange::Plugged),
        scene(9, 50, "the DHCP server of the office stops answering",
              office(true)),
        scene(10, 35, "the DHCP server answers again",
              office(false)),
        scene(12, 5, "the cable is pulled out: lunch",
              CableChange::Pulled),
        scene(12, 10, "the café is in range",
              AirChange::Signal(cafe, Some(-71))),
        scene(12, 11, "the application opens the café with a mistyped key",
              network("cafe", "flat whit")),
        scene(12, 20, "the application opens the café with the right key",
              network("cafe", "flat white")),
        scene(12, 21, "a user opens a web page over Wi-Fi",
              What::Browse),
        scene(12, 31, "a user accepts the terms of the portal",
              AirChange::Captive(cafe, false)),
        scene(12, 32, "a user opens a web page over Wi-Fi",
              What::Browse),
        scene(12, 50, "the café is out of range",
              AirChange::Signal(cafe, None)),
        scene(12, 51, "the application opens the home network again",
              home()),
        scene(13, 0, "the device is back at the office, and the cable is plugged in",
              CableChange::Plugged),
        scene(14, 15, "the SIM is removed",
              CellularChange::Card(SimCard::Missing)),
        scene(14, 20, "the SIM is inserted again",
              CellularChange::Card(SimCard::Ready)),
        scene(15, 30, "the modem hangs",
              CellularChange::Hangs(true)),
        scene(15, 42, "the modem recovers",
              CellularChange::Hangs(false)),
        scene(17, 30, "the cable is pulled out: the end of work",
              CableChange::Pulled),
        scene(17, 55, "across the border the device roams to another network",
              CellularChange::Coverage(Coverage::Roaming)),
        scene(18, 10, "the next network denies the registration",
              CellularChange::Coverage(Coverage::Denied)),
        scene(18, 25, "back across the border: the home network",
              CellularChange::Coverage(Coverage::Home)),
        scene(18, 40, "the device is at home",
              AirChange::Signal(at_home, Some(-55))),
        scene(21, 0, "the cellular network ends the session",
              CellularChange::SessionDropped),
        scene(23, 59, "overnight the portal of the café forgets its users",
              AirChange::Captive(cafe, true)),
    ]
}

pub fn scene(hour: u64, minute: u64, text: &'static str, what: impl Into<What>) -> Scene {
    let at = Duration::from_secs((hour * 60 + minute) * 60);
    let what = what.into();
    Scene { at, text, what }
}

impl From<AirChange> for What {
    fn from(change: AirChange) -> Self {
        Self::World(change.into())
    }
}

impl From<CableChange> for What {
    fn from(change: CableChange) -> Self {
        Self::World(change.into())
    }
}

impl From<CellularChange> for What {
    fn from(change: CellularChange) -> Self {
        Self::World(change.into())
    }
}

impl From<WifiSettings> for What {
    fn from(network: WifiSettings) -> Self {
        Self::Use(network)
    }
}
