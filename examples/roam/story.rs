//! What happens in a day, and when.

use lankeeper::sim::{
    AccessPoint, AccessPointId, AirChange, CableChange, CellularChange, Coverage, DhcpServer,
    Happening, SimCard, World,
};
use lankeeper::{Duration, Lease, WifiKey, WifiSettings};

/// The places with a Wi-Fi network.
pub struct Places {
    home: AccessPointId,
    cafe: AccessPointId,
}

/// Something of the day.
pub struct Scene {
    /// Since midnight.
    pub at: Duration,
    /// What somebody who was there would tell.
    pub text: &'static str,
    pub what: What,
}

pub enum What {
    /// It happens to the device.
    World(Happening),
    /// The application opens Wi-Fi with other settings.
    Use(WifiSettings),
}

fn network(ssid: &str, key: &str) -> WifiSettings {
    let key = WifiKey::plaintext(key).expect("a key as networks take it");
    WifiSettings::new(ssid.as_bytes(), key).expect("an SSID of allowed length")
}

pub fn home() -> WifiSettings {
    network("home", "correct horse")
}

fn office(silent: bool) -> CableChange {
    let lease = Lease::new([10, 1, 0, 77].into(), 16).with_gateway([10, 1, 0, 1].into());
    let server = DhcpServer::new(lease, Duration::from_secs(1_800));
    CableChange::Dhcp(if silent { server.silent() } else { server })
}

/// The world at midnight: the device is at home, without a cable.
pub fn prepare(world: &mut World) -> Places {
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

/// The day from midnight on, in order.
pub fn day(
    &Places {
        home: at_home,
        cafe,
    }: &Places,
) -> Vec<Scene> {
    let air = Happening::Air;
    let scenes: Vec<(u64, u64, &str, Happening)> = vec![
        (
            2,
            30,
            "the router at home installs an update and restarts",
            air(AirChange::Restarts(at_home, Duration::from_secs(95))),
        ),
        (
            7,
            40,
            "the device leaves home",
            air(AirChange::Signal(at_home, None)),
        ),
        (
            8,
            5,
            "the train goes into a tunnel",
            CellularChange::Coverage(Coverage::None).into(),
        ),
        (
            8,
            9,
            "the train comes out of the tunnel",
            CellularChange::Coverage(Coverage::Home).into(),
        ),
        (
            8,
            40,
            "at the office somebody plugs the cable in",
            CableChange::Plugged.into(),
        ),
        (
            9,
            50,
            "the DHCP server of the office falls silent",
            office(true).into(),
        ),
        (
            10,
            35,
            "the DHCP server answers again",
            office(false).into(),
        ),
        (
            12,
            5,
            "the cable is pulled out: lunch",
            CableChange::Pulled.into(),
        ),
        (
            12,
            10,
            "the café is in range",
            air(AirChange::Signal(cafe, Some(-71))),
        ),
        (
            12,
            31,
            "somebody agrees to the terms of the café's portal",
            air(AirChange::Captive(cafe, false)),
        ),
        (
            12,
            50,
            "the café is out of range",
            air(AirChange::Signal(cafe, None)),
        ),
        (
            12,
            51,
            "the café forgets who agreed",
            air(AirChange::Captive(cafe, true)),
        ),
        (
            13,
            0,
            "back at the office the cable is plugged in",
            CableChange::Plugged.into(),
        ),
        (
            14,
            15,
            "somebody takes the SIM out",
            CellularChange::Card(SimCard::Missing).into(),
        ),
        (
            14,
            20,
            "the SIM is back",
            CellularChange::Card(SimCard::Ready).into(),
        ),
        (
            15,
            30,
            "the modem hangs",
            CellularChange::Hangs(true).into(),
        ),
        (
            15,
            42,
            "the modem is well again",
            CellularChange::Hangs(false).into(),
        ),
        (
            17,
            30,
            "the cable is pulled out: the end of work",
            CableChange::Pulled.into(),
        ),
        (
            17,
            55,
            "across the border another network takes over",
            CellularChange::Coverage(Coverage::Roaming).into(),
        ),
        (
            18,
            10,
            "the next network refuses",
            CellularChange::Coverage(Coverage::Denied).into(),
        ),
        (
            18,
            25,
            "home again: the own network",
            CellularChange::Coverage(Coverage::Home).into(),
        ),
        (
            18,
            40,
            "the device is at home",
            air(AirChange::Signal(at_home, Some(-55))),
        ),
        (
            21,
            0,
            "the cellular network ends the session",
            CellularChange::SessionDropped.into(),
        ),
    ];
    let uses = vec![
        (
            12,
            11,
            "the application tries the café with a key that is misspelt",
            network("cafe", "flat whit"),
        ),
        (
            12,
            20,
            "the application is given the right key",
            network("cafe", "flat white"),
        ),
        (
            13,
            1,
            "the application goes back to the network at home",
            home(),
        ),
    ];
    let scene = |(hour, minute, text, what): (u64, u64, _, _)| Scene {
        at: Duration::from_secs((hour * 60 + minute) * 60),
        text,
        what,
    };
    let world = scenes
        .into_iter()
        .map(|(hour, minute, text, what)| scene((hour, minute, text, What::World(what))));
    let application = uses
        .into_iter()
        .map(|(hour, minute, text, what)| scene((hour, minute, text, What::Use(what))));
    let mut day: Vec<_> = world.chain(application).collect();
    day.sort_by_key(|scene| scene.at);
    day
}
