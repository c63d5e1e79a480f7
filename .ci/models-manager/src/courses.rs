//! The courses of events that are recorded.

use lankeeper::sim::{
    AccessPoint, AccessPointId, AirChange, CableChange, Condition, DhcpServer, ServerChange,
};
use lankeeper::{Duration, InterfaceId, Lease, Policy, Span, WifiKey, WifiSettings};

use crate::recorder::{Recorder, Seen};

pub struct Course {
    pub name: &'static str,
    policy: Policy,
    way: Way,
}

/// Over which interface, and what happens.
enum Way {
    Cable(fn(&mut Recorder)),
    /// There is one access point.
    Air(fn(&mut Recorder, AccessPointId)),
}

impl Course {
    pub fn record(&self) -> Vec<Seen> {
        let interface = match self.way {
            Way::Cable(_) => InterfaceId::ETHERNET,
            Way::Air(_) => InterfaceId::WIFI,
        };
        let mut run = Recorder::new(interface, self.policy);
        match self.way {
            Way::Cable(happens) => happens(&mut run),
            Way::Air(happens) => {
                let router = add_router(&mut run);
                happens(&mut run, router);
            }
        }
        run.finish()
    }
}

/// Adds an access point, and has its network stored.
pub fn add_router(run: &mut Recorder) -> AccessPointId {
    let home = WifiSettings::new(b"home", key("correct horse")).expect("settings");
    run.store_wifi(&home);
    run.world.wifi.add(AccessPoint::new(home)).expect("room")
}

pub fn key(text: &str) -> WifiKey {
    WifiKey::plaintext(text).expect("a key")
}

pub fn lease(last: u8) -> DhcpServer {
    let lease = Lease::new([192, 168, 2, last].into(), 24);
    DhcpServer::new(lease, Duration::from_secs(600))
}

pub const FLUSH: Option<Span> = Some(Span::secs::<5>());
const HANGS: ServerChange = ServerChange::Server(Condition::Hangs);
const AWAY: ServerChange = ServerChange::Server(Condition::Fails);
const BACK: ServerChange = ServerChange::Server(Condition::Works);

const fn cable(name: &'static str, policy: Policy, happens: fn(&mut Recorder)) -> Course {
    let way = Way::Cable(happens);
    Course { name, policy, way }
}

const fn air(
    name: &'static str,
    policy: Policy,
    happens: fn(&mut Recorder, AccessPointId),
) -> Course {
    let way = Way::Air(happens);
    Course { name, policy, way }
}

pub const COURSES: &[Course] = &[
    air("healthy", Policy::ReturnOnError, |run, _| {
        run.open();
        run.pass(30);
        run.connect();
        run.pass(30);
        run.connect();
        run.disconnect(None);
        run.close();
        run.pass(30);
    }),
    cable("cable_out", Policy::ReturnOnError, |run| {
        run.open();
        run.connect();
        run.pass(30);
        run.happen(CableChange::Pulled);
        run.pass(20);
        run.happen(CableChange::Plugged);
        run.pass(60);
        run.happen(CableChange::Pulled);
        run.pass(600);
    }),
    air("wrong_key", Policy::ReturnOnError, |run, router| {
        run.happen(AirChange::Key(router, key("another horse")));
        run.connect();
        run.pass(120);
    }),
    cable("server_away", Policy::ReturnOnError, |run| {
        run.happen(AWAY);
        run.connect();
        run.pass(120);
        run.happen(BACK);
        run.connect();
        run.pass(30);
        run.happen(ServerChange::HangsUp);
        run.pass(120);
        run.happen(AWAY);
        run.happen(ServerChange::HangsUp);
        run.pass(300);
    }),
    cable("time_out", Policy::ReturnOnError, |run| {
        run.happen(HANGS);
        run.open();
        run.pass(30);
        run.connect();
        run.pass(120);
    }),
    cable("flushed", Policy::ReturnOnError, |run| {
        run.open();
        run.connect();
        run.pass(30);
        run.disconnect(FLUSH);
        run.pass(30);
        run.connect();
        run.pass(30);
        run.close();
        run.happen(HANGS);
        run.disconnect(FLUSH);
        run.pass(30);
    }),
    air("superseded", Policy::ReturnOnError, |run, _| {
        run.connect();
        run.pass(2);
        run.connect();
        run.pass(30);
        run.disconnect(None);
        run.connect();
        run.pass(2);
        run.disconnect(None);
    }),
    air("suspended", Policy::SuspendOnError, |run, router| {
        run.connect();
        run.pass(30);
        run.happen(AirChange::Restarts(router, Duration::from_secs(1500)));
        run.pass(1800);
        run.happen(AirChange::Restarts(router, Duration::from_secs(90)));
        run.pass(300);
    }),
    cable("suspended_request", Policy::SuspendOnError, |run| {
        run.happen(AWAY);
        run.connect();
        run.pass(900);
        run.connect();
        run.pass(30);
        run.happen(BACK);
        run.pass(900);
        run.happen(AWAY);
        run.happen(ServerChange::HangsUp);
        run.pass(30);
        run.disconnect(None);
    }),
    cable("keeps_trying", Policy::KeepTrying, |run| {
        run.open();
        run.connect();
        run.pass(30);
        run.happen(AWAY);
        run.happen(ServerChange::HangsUp);
        run.pass(300);
        run.happen(CableChange::Pulled);
        run.pass(300);
        run.happen(CableChange::Plugged);
        run.happen(BACK);
        run.pass(300);
    }),
    cable("keeps_trying_slowly", Policy::KeepTrying, |run| {
        run.happen(CableChange::Dhcp(lease(50).silent()));
        run.connect();
        run.pass(300);
        run.happen(CableChange::Dhcp(lease(50)));
        run.pass(120);
    }),
    cable("last_holder_leaves", Policy::ReturnOnError, |run| {
        run.open();
        run.pass(30);
        run.close();
        run.open();
        run.connect();
        run.pass(30);
        run.close();
        run.pass(30);
        run.disconnect(None);
        run.pass(30);
    }),
    cable("disabled", Policy::KeepTrying, |run| {
        run.open();
        run.connect();
        run.pass(30);
        run.enable(false);
        run.pass(120);
        run.enable(true);
        run.pass(60);
    }),
    cable("disabled_attempt", Policy::ReturnOnError, |run| {
        run.connect();
        run.pass(1);
        run.enable(false);
        run.pass(120);
        run.enable(true);
        run.pass(60);
    }),
    air(
        "link_lost_for_a_moment",
        Policy::SuspendOnError,
        |run, router| {
            run.connect();
            // Until it has proved stable: then it is looked for at once.
            run.pass(400);
            run.happen(AirChange::Restarts(router, Duration::from_millis(100)));
            run.pass(60);
        },
    ),
    cable("other_address", Policy::SuspendOnError, |run| {
        run.happen(CableChange::Dhcp(lease(50)));
        run.connect();
        run.pass(120);
        run.happen(CableChange::Dhcp(lease(60)));
        run.pass(900);
    }),
    air("other_policy", Policy::SuspendOnError, |run, router| {
        run.happen(AirChange::Signal(router, None));
        run.connect();
        run.pass(200);
        run.choose(Policy::KeepTrying);
        run.pass(200);
        run.choose(Policy::SuspendOnError);
        run.pass(20);
        run.choose(Policy::ReturnOnError);
        run.pass(60);
        run.happen(AirChange::Signal(router, Some(-60)));
        run.connect();
        run.pass(60);
    }),
];
