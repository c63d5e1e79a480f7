//! A bed of simulated devices, for right and for bad backends.

use lankeeper::conformance::{Bed, Change, Plan, Service, Traffic, Verdicts, payload, run};
use lankeeper::sim::{
    AccessPoint, AccessPointId, AirChange, CableChange, CellularChange, Condition, Coverage,
    DhcpServer, Fault, Happening, HttpProxy, ServerChange, SimCard, Simulated, World,
};
use lankeeper::{
    Duration, Event, Instant, InterfaceId, Lease, Medium, ProxySettings, Report, ServerReport, Span,
};

use super::bad::{Bad, Flaw};
use crate::support::network;

/// How long a lease of the bed lasts.
const LIFETIME: u64 = 60;

/// A simulated world around a backend with a flaw, or with none.
pub(super) struct Bench {
    pub(super) device: Bad,
    interface: InterfaceId,
    home: AccessPointId,
    /// What the world cannot do.
    cannot: Option<fn(Change) -> bool>,
    sent: u32,
}

impl Bench {
    pub(super) fn new(interface: InterfaceId, flaw: Option<Flaw>) -> Self {
        let mut world = World::new(1);
        let home = world.wifi.add(AccessPoint::new(network())).unwrap();
        let mut bench = Self {
            device: Bad::new(world, flaw),
            interface,
            home,
            cannot: None,
            sent: 0,
        };
        bench.set_dhcp(DhcpServer::granting);
        bench
    }

    pub(super) fn without(mut self, cannot: fn(Change) -> bool) -> Self {
        self.cannot = Some(cannot);
        self
    }

    fn set_dhcp(&mut self, behave: fn(DhcpServer) -> DhcpServer) {
        let lease = Lease::new([192, 168, 2, 50].into(), 24);
        let server = behave(DhcpServer::new(lease, Duration::from_secs(LIFETIME)));
        let world = &mut self.device.world;
        match self.interface.medium() {
            Medium::Wifi => world.happen(AirChange::Dhcp(self.home, server)),
            _ => world.happen(CableChange::Dhcp(server)),
        }
    }

    fn set_server(&mut self, condition: Condition) {
        self.device.world.happen(ServerChange::Server(condition));
    }
}

/// What is checked of an interface of the bench.
pub(super) fn plan<'a>(
    interface: InterfaceId,
    network: &'a lankeeper::WifiSettings,
    proxy: Option<&'a ProxySettings>,
) -> Plan<'a> {
    let mut plan = Plan::new(interface);
    plan.network = Some(network);
    plan.server = true;
    plan.proxy = proxy;
    plan.lease = Span::from_secs(90);
    plan.nobody = Some("192.168.2.77:9".parse().unwrap());
    plan
}

/// The verdicts of a backend with this flaw.
pub(super) fn verdicts(interface: InterfaceId, flaw: Option<Flaw>) -> Verdicts {
    let network = network();
    let plan = plan(interface, &network, None);
    run(&mut Bench::new(interface, flaw), &plan)
}

/// Those of one without a flaw that reaches its server by a proxy.
pub(super) fn verdicts_by_proxy(interface: InterfaceId) -> Verdicts {
    let (network, proxy) = (network(), ProxySettings::new("10.9.9.9", 8080).unwrap());
    let mut bench = Bench::new(interface, None);
    let known = HttpProxy::new(proxy.clone());
    bench.device.world.happen(ServerChange::Proxy(Some(known)));
    run(&mut bench, &plan(interface, &network, Some(&proxy)))
}

impl Bed for Bench {
    type Backend = Bad;

    fn backend(&mut self) -> &mut Bad {
        &mut self.device
    }

    fn now(&mut self) -> Instant {
        self.device.world.now()
    }

    fn wait(&mut self, until: Instant) {
        let world = &mut self.device.world;
        let next = world.poll_at().filter(|at| *at > world.now());
        let next = next.map_or(until, |at| at.min(until));
        world.handle_timeout(next);
        self.device.pass(next);
    }

    fn change(&mut self, change: Change) -> bool {
        if self.cannot.is_some_and(|cannot| cannot(change)) {
            return false;
        }
        self.device.changed(change);
        let (home, id) = (self.home, self.interface);
        let world = &mut self.device.world;
        match change {
            Change::Cable(true) => world.happen(CableChange::Plugged),
            Change::Cable(false) => world.happen(CableChange::Pulled),
            Change::AccessPoint(on) => {
                world.happen(AirChange::Signal(home, on.then_some(-50)));
            }
            Change::Coverage(on) => world.happen(CellularChange::Coverage(if on {
                Coverage::Home
            } else {
                Coverage::None
            })),
            Change::Sim(there) => world.happen(CellularChange::Card(if there {
                SimCard::Ready
            } else {
                SimCard::Missing
            })),
            Change::SessionEnds => world.happen(CellularChange::SessionDropped),
            Change::Device(works) if id.medium() == Medium::Cellular => {
                world.happen(CellularChange::Hangs(!works));
            }
            Change::Device(true) => {}
            Change::Device(false) => {
                world.happen(Happening::Fault(id, Fault::Driver { code: 7 }));
            }
            Change::Dhcp(Service::Works) => self.set_dhcp(DhcpServer::granting),
            Change::Dhcp(Service::Refuses) => self.set_dhcp(DhcpServer::refusing),
            Change::Dhcp(Service::IsSilent) => self.set_dhcp(DhcpServer::silent),
            Change::Server(Service::Works) => self.set_server(Condition::Works),
            Change::Server(Service::Refuses) => self.set_server(Condition::Fails),
            Change::Server(Service::IsSilent) => self.set_server(Condition::Hangs),
            Change::ServerHangsUp => world.happen(ServerChange::HangsUp),
            Change::ServerResets => {
                self.set_server(Condition::Fails);
                self.set_server(Condition::Works);
            }
            Change::Datagram(to, length) => {
                let neighbour = "192.168.2.9:4000".parse().unwrap();
                let arrived = world.arrive(id, neighbour, to, payload(length));
                self.device.arrived(to, length);
                return arrived.is_ok();
            }
            Change::Storage(works) => world.happen(Happening::FlashFails(!works)),
            other => panic!("another change: {other:?}"),
        }
        true
    }

    fn count(&mut self, traffic: Traffic) -> Option<u32> {
        while self.device.world.take_sent().is_some() {
            self.sent += 1;
        }
        Some(match traffic {
            Traffic::Frames => self.sent + self.device.frames,
            _ => self.sent,
        })
    }
}

/// Whether an event is a report of the interface that this holds for.
pub(super) fn is_of_interface(event: &Event, of: impl Fn(&Report) -> bool) -> bool {
    matches!(event, Event::Interface { report, .. } if of(report))
}

/// Whether an event is a report of the server connection that this holds for.
pub(super) fn is_of_server(event: &Event, of: impl Fn(&ServerReport) -> bool) -> bool {
    matches!(event, Event::Server { report, .. } if of(report))
}
