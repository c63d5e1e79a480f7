//! The Wi-Fi networks, the events around them, and the requests of the phone.

use lankeeper::nic::ProxyPassword;
use lankeeper::sim::{
    AccessPoint, AccessPointId, AirChange, CableChange, Happening, HttpProxy, ServerChange, World,
};
use lankeeper::{Duration, Nic, ProxySettings, WifiKey, WifiSettings};

/// Every secret of the story; none of them may appear in an output.
#[cfg(test)]
pub const SECRETS: [&str; 7] = [
    HOME_KEY,
    OFFICE_KEY,
    OFFICE_KEY_MISTYPED,
    GARDEN_KEY,
    WORKSHOP_KEY,
    PROXY_PASSWORD,
    PROXY_PASSWORD_OLD,
];
const HOME_KEY: &str = "correct horse";
const OFFICE_KEY: &str = "battery staple";
const OFFICE_KEY_MISTYPED: &str = "battery stable";
const GARDEN_KEY: &str = "tulips and bees";
const WORKSHOP_KEY: &str = "mind the gap";
const PROXY_PASSWORD: &str = "swordfish";
const PROXY_PASSWORD_OLD: &str = "codfish";

/// The story has no faults after this time, so that its end shows whether everything recovers.
pub const QUIET: Duration = minutes(66);
/// The length of the story.
pub const LENGTH: Duration = minutes(100);

/// A Wi-Fi network as the phone knows it.
#[derive(Clone)]
pub struct Wlan {
    pub name: &'static str,
    pub nic: Nic,
}

/// The access points, in the order of the list.
pub struct Places([AccessPointId; 6]);

/// An event of the story.
pub struct Scene {
    /// The time since the start.
    pub at: Duration,
    /// The text for the timeline.
    pub text: &'static str,
    pub what: What,
}

pub enum What {
    /// Changes to the world.
    World(Vec<Happening>),
    /// The phone requests this network.
    Ask(&'static str),
    /// The phone sends new settings for a network of the list, and requests it.
    Change(Box<Wlan>),
}

/// Returns the list that the phone has sent to the device.
pub fn wlans() -> Vec<Wlan> {
    vec![
        wlan("home", HOME_KEY, None),
        wlan("office", OFFICE_KEY_MISTYPED, None),
        wlan("garden", GARDEN_KEY, None),
        wlan("workshop", WORKSHOP_KEY, None),
        wlan("cafe", "", None),
        wlan("depot", "", Some(PROXY_PASSWORD_OLD)),
    ]
}

/// Sets the world up: every network but the garden's is in range, and there is no cable.
pub fn prepare(world: &mut World) -> Places {
    let mut add = |access_point| world.wifi.add(access_point).expect("there is room for six");
    let of = |name, key| AccessPoint::new(network(name, key));
    let places = Places([
        add(of("home", HOME_KEY)),
        add(of("office", OFFICE_KEY)),
        add(of("garden", GARDEN_KEY).with_signal(None)),
        add(of("workshop", WORKSHOP_KEY).with_firewall()),
        add(of("cafe", "").with_captive_portal()),
        add(of("depot", "").with_firewall()),
    ]);
    let proxy = HttpProxy::new(proxy(PROXY_PASSWORD));
    world.happen(ServerChange::Proxy(Some(proxy)));
    world.happen(CableChange::Pulled);
    places
}

/// Returns the story in order.
#[rustfmt::skip]
pub fn scenes(places: &Places) -> Vec<Scene> {
    let [.., cafe, _] = places.0;
    vec![
        scene(2, "the phone asks for office: its key is mistyped", What::Ask("office")),
        scene(5, "the phone asks for garden: it is out of range", What::Ask("garden")),
        scene(8, "the phone asks for workshop: a firewall blocks the server", What::Ask("workshop")),
        scene(11, "the phone asks for cafe: there is a captive portal", What::Ask("cafe")),
        scene(14, "a user accepts the terms of the portal", world([AirChange::Captive(cafe, false)])),
        scene(15, "the phone asks for cafe", What::Ask("cafe")),
        scene(19, "the phone asks for depot: the password for the proxy has changed", What::Ask("depot")),
        scene(22, "the phone sends the new password and asks for depot",
              What::Change(wlan("depot", "", Some(PROXY_PASSWORD)).into())),
        scene(26, "the phone asks for home", What::Ask("home")),
        scene(30, "a power cut: every network is gone",
              world(places.0.map(|place| AirChange::Signal(place, None)))),
        scene(45, "a cable is plugged in", world([CableChange::Plugged])),
        scene(58, "the cable is pulled", world([CableChange::Pulled])),
        scene(65, "the power is back", world(places.0.map(|place| AirChange::Signal(place, Some(-60))))),
    ]
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

fn scene(minute: u64, text: &'static str, what: What) -> Scene {
    let at = minutes(minute);
    Scene { at, text, what }
}

fn world<const N: usize>(changes: [impl Into<Happening>; N]) -> What {
    What::World(changes.map(Into::into).into())
}

/// Returns the settings for a network; an empty key means an open network.
fn wlan(name: &'static str, key: &str, proxy_password: Option<&str>) -> Wlan {
    let mut nic = Nic::builder("wl0").wifi(network(name, key));
    if let Some(password) = proxy_password {
        nic = nic.proxy(proxy(password));
    }
    let nic = nic.build().expect("valid Wi-Fi settings");
    Wlan { name, nic }
}

fn network(name: &str, key: &str) -> WifiSettings {
    let key = WifiKey::plaintext(key).expect("a valid key");
    WifiSettings::new(name.as_bytes(), key).expect("a valid SSID")
}

fn proxy(password: &str) -> ProxySettings {
    let password = ProxyPassword::plaintext(password).expect("a valid password");
    ProxySettings::new("proxy.depot.example", 3128)
        .and_then(|proxy| proxy.with_credentials("hub", Some(password)))
        .expect("a valid proxy")
}
