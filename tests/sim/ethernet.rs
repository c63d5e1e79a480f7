//! The simulated Ethernet port and its cable.

use lankeeper::sim::{CableChange, DhcpServer, Reach};
use lankeeper::{Cause, Duration, InterfaceId, Lease, State};

use super::Scene;

const ETH0: InterfaceId = InterfaceId::ETHERNET;

fn server(last: u8, secs: u64) -> DhcpServer {
    let lease = Lease::new([192, 168, 2, last].into(), 24);
    DhcpServer::new(lease, Duration::from_secs(secs))
}

// spec: IFC-1, IFC-2, IFC-5
#[test]
fn it_comes_up_step_by_step() {
    let mut scene = Scene::new(ETH0);
    scene.pass(10);
    assert_eq!(
        scene.states(),
        [
            State::Starting,
            State::EthernetLinkUp,
            State::EthernetDhcping,
            State::Connected,
        ]
    );
    assert_eq!(scene.world.reach(ETH0), Reach::Internet);
}

// spec: IFC-4, IFC-6
#[test]
fn the_link_follows_the_cable() {
    let mut scene = Scene::new(ETH0);
    scene.happen(CableChange::Pulled);
    scene.reach(State::EthernetStoppedNoLink, 10);
    assert_eq!(
        scene.stopped(),
        Some((State::EthernetStoppedNoLink, Cause::NoCarrier))
    );
    scene.pass(3_600);
    scene.happen(CableChange::Plugged);
    scene.reach(State::Connected, 10);
}

// spec: IFC-6, IFC-9
#[test]
fn a_pulled_cable_is_reported_at_once_and_each_time() {
    let mut scene = Scene::connected(ETH0);
    for _ in 0..5 {
        scene.pass(1);
        scene.states();
        scene.happen(CableChange::Pulled);
        assert_eq!(scene.world.reach(ETH0), Reach::Nothing);
        scene.pass_for(Duration::ZERO);
        assert_eq!(scene.states(), [State::EthernetStoppedNoLink]);
        scene.happen(CableChange::Plugged);
        // The fifth loss in a row is followed by a back-off of 16 s.
        scene.reach(State::Connected, 30);
    }
}

// spec: IFC-6
#[test]
fn only_the_final_cable_state_after_negotiation_counts() {
    let mut scene = Scene::new(ETH0);
    scene.pass(1);
    for change in [
        CableChange::Pulled,
        CableChange::Plugged,
        CableChange::Pulled,
    ] {
        scene.happen(change);
    }
    scene.reach(State::EthernetStoppedNoLink, 6);
    scene.happen(CableChange::Plugged);
    scene.happen(CableChange::Pulled);
    scene.pass(600);
    assert_ne!(scene.state(), State::Connected);
}

// spec: IFC-5
#[test]
fn a_short_lease_is_renewed_and_its_address_may_change() {
    let mut scene = Scene::new(ETH0);
    scene.happen(CableChange::Dhcp(server(60, 30)));
    scene.reach(State::Connected, 10);
    scene.pass(3_600);
    assert_eq!(scene.states(), [], "a renewal does not change the state");
    scene.happen(CableChange::Dhcp(server(61, 30)));
    scene.pass(15);
    assert_eq!(scene.states(), []);
    let address = scene.manager.ip_config(ETH0).unwrap().prefix().to_string();
    assert_eq!(address, "192.168.2.61/24");
}

// spec: IFC-4, IFC-6
#[test]
fn a_lease_expires_when_the_server_is_silent() {
    let mut scene = Scene::new(ETH0);
    scene.happen(CableChange::Dhcp(server(60, 30)));
    scene.reach(State::Connected, 10);
    scene.prove_stable();
    scene.happen(CableChange::Dhcp(server(60, 30).silent()));
    let held = scene.reach(State::EthernetDhcping, 31);
    assert_eq!(held, Duration::from_secs(30));
    assert_eq!(scene.lost(), Some(Cause::LeaseLost));
    scene.pass(20);
    scene.happen(CableChange::Dhcp(server(60, 30)));
    let asked_again = scene.reach(State::Connected, 10);
    assert!(asked_again <= Duration::from_secs(5));
}

// spec: IFC-4, IFC-6
#[test]
fn a_refused_renewal_requests_a_new_lease() {
    let mut scene = Scene::new(ETH0);
    scene.happen(CableChange::Dhcp(server(60, 30)));
    scene.reach(State::Connected, 10);
    scene.prove_stable();
    scene.happen(CableChange::Dhcp(server(60, 30).refusing()));
    scene.reach(State::EthernetDhcping, 16);
    scene.reach(State::EthernetStopped, 2);
    assert_eq!(
        scene.stopped(),
        Some((State::EthernetStopped, Cause::NoAddress))
    );
    scene.happen(CableChange::Dhcp(server(60, 30)));
    scene.reach(State::Connected, 10);
}
