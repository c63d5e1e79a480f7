//! A carrier or link that is back at once was not lost (IFC-15).

use lankeeper::interface::Timer;
use lankeeper::manager::Wake;
use lankeeper::{Cause, Duration, Instant, InterfaceId, Report, Span, State};

use super::{CODE, ETHERNET, FAULT, LINK_LOST, REFUSED, WIFI, changed};
use crate::support::{Rig, lease, secs};

const HOLD_DOWN: u64 = 2_000;

/// Its id, the loss, the return, the state after the loss, and the cause.
const LINKS: [(InterfaceId, Report, Report, State, Cause); 2] = [
    (
        ETHERNET,
        Report::CarrierDown,
        Report::CarrierUp,
        State::EthernetStoppedNoLink,
        Cause::NoCarrier,
    ),
    (
        WIFI,
        LINK_LOST,
        Report::Joined,
        State::WifiStopped,
        Cause::LinkLost,
    ),
];

fn up_to(id: InterfaceId, state: State) -> Rig {
    changed(id, state, |config| {
        config.hold_down = Span::from_millis(HOLD_DOWN as u32);
    })
}

// spec: IFC-15
#[test]
fn by_default_every_loss_counts_at_once() {
    for (id, lost, _, stopped, _) in LINKS {
        let mut rig = Rig::up_to(id, State::Connected);
        rig.report(lost);
        assert_eq!(rig.states(), [stopped]);
    }
}

// spec: IFC-15
#[test]
fn what_is_back_within_the_hold_down_was_not_lost() {
    for (id, lost, back, stopped, cause) in LINKS {
        let mut rig = up_to(id, State::Connected);
        let ip = rig.manager.ip_config(id);
        for _ in 0..10 {
            rig.report(lost);
            rig.pass(Duration::from_millis(HOLD_DOWN - 1));
            rig.report(back);
        }
        rig.pass(Duration::from_secs(200));
        assert_eq!((rig.states().len(), rig.actions().len()), (0, 0));
        assert_eq!(
            (rig.state(), rig.manager.ip_config(id)),
            (State::Connected, ip)
        );
        assert_eq!(rig.manager.loss(id), None);
        // One that is not back by then is lost.
        rig.report(lost);
        rig.pass(Duration::from_millis(HOLD_DOWN - 1));
        assert_eq!(rig.state(), State::Connected);
        rig.pass(Duration::from_millis(1));
        assert_eq!(rig.states(), [stopped]);
        let loss = rig.manager.loss(id).unwrap();
        assert_eq!(loss.cause, cause);
        assert_eq!(loss.code, (id == WIFI).then_some(CODE));
    }
}

// spec: IFC-15
#[test]
fn a_return_at_the_end_comes_too_late() {
    let mut rig = up_to(ETHERNET, State::Connected);
    rig.report(Report::CarrierDown);
    rig.now = rig.now.saturating_add(Duration::from_millis(HOLD_DOWN));
    rig.report(Report::CarrierUp);
    assert_eq!(rig.states(), [State::EthernetStoppedNoLink]);
}

// spec: IFC-15
#[test]
fn the_timer_is_that_of_the_first_loss() {
    let mut rig = up_to(ETHERNET, State::Connected);
    rig.report(Report::CarrierDown);
    rig.pass(Duration::from_millis(1_500));
    rig.report(Report::CarrierDown);
    assert_eq!(rig.next_timer(), Some(secs(2)));
    let reason = rig.manager.poll_at().map(|deadline| deadline.reason);
    assert_eq!(reason, Some(Wake::Interface(ETHERNET, Timer::HoldDown)));
}

// spec: IFC-15
#[test]
fn the_hold_down_goes_before_another_timer_of_the_same_instant() {
    let mut rig = up_to(WIFI, State::Connected);
    let stable = rig.next_timer().unwrap();
    let lost = Duration::from_micros(stable.as_micros() - HOLD_DOWN * 1_000);
    rig.now = Instant::EPOCH.saturating_add(lost);
    rig.manager.handle_timeout(rig.now);
    rig.report(LINK_LOST);
    let deadline = rig.manager.poll_at().unwrap();
    assert_eq!(deadline.at, stable);
    assert_eq!(deadline.reason, Wake::Interface(WIFI, Timer::HoldDown));
    rig.pass(Duration::from_millis(HOLD_DOWN));
    // It was not stable yet.
    assert_eq!(rig.states(), [State::WifiStopped]);
}

// spec: IFC-15
#[test]
fn a_lease_may_come_within_the_hold_down() {
    let mut rig = up_to(ETHERNET, State::EthernetDhcping);
    rig.report(Report::CarrierDown);
    rig.report(Report::Lease(lease()));
    assert_eq!(rig.states(), [State::Connected]);
    rig.pass(Duration::from_millis(HOLD_DOWN));
    assert_eq!(rig.states(), [State::EthernetStoppedNoLink]);
}

// spec: IFC-15, IFC-6
#[test]
fn a_loss_that_is_held_back_counts_in_the_state_that_it_meets() {
    // The lease is refused meanwhile, so the interface waits to repeat DHCP.
    let mut rig = up_to(ETHERNET, State::EthernetDhcping);
    rig.report(Report::CarrierDown);
    rig.report(REFUSED);
    assert_eq!(rig.states(), [State::EthernetStopped]);
    // The next DHCP begins a second later at most; the carrier is lost in it.
    rig.wait();
    assert_eq!(rig.states(), [State::EthernetDhcping]);
    rig.wait();
    assert_eq!(
        (rig.now, rig.states()),
        (secs(2), vec![State::EthernetStoppedNoLink])
    );
}

// spec: IFC-15, IFC-4
#[test]
fn a_link_that_is_not_up_yet_is_not_held_back() {
    for (id, state, lost, stopped) in [
        (
            ETHERNET,
            State::EthernetLinkUp,
            Report::CarrierDown,
            State::EthernetStoppedNoLink,
        ),
        (WIFI, State::WifiJoining, LINK_LOST, State::WifiStopped),
    ] {
        let mut rig = up_to(id, state);
        rig.report(lost);
        assert_eq!(rig.states(), [stopped]);
    }
}

// spec: IFC-15
#[test]
fn what_ends_the_link_ends_the_hold_down() {
    let mut rig = up_to(ETHERNET, State::Connected);
    rig.report(Report::CarrierDown);
    rig.report(FAULT);
    rig.take();
    rig.wait();
    rig.come_up_to(State::Connected);
    assert!(rig.now < secs(2));
    rig.go(secs(10));
    assert_eq!(rig.states(), [], "the carrier of before");
}

// spec: IFC-15, TIME-7
#[test]
fn a_clock_that_jumps_leaves_the_hold_down_as_it_was() {
    for to in [0, 1_000_000] {
        let mut rig = up_to(ETHERNET, State::Connected);
        rig.pass(Duration::from_secs(50));
        rig.report(Report::CarrierDown);
        rig.pass(Duration::from_millis(500));
        rig.now = secs(to);
        rig.manager.rebase(rig.now);
        assert_eq!(rig.delay(), Duration::from_millis(HOLD_DOWN - 500));
        rig.wait_exactly();
        assert_eq!(rig.states(), [State::EthernetStoppedNoLink]);
    }
}

// spec: IFC-15
#[test]
fn what_ends_the_link_ends_its_timer() {
    let mut rig = changed(ETHERNET, State::Connected, |config| {
        config.hold_down = Some(Span::secs::<2>());
    });
    rig.report(Report::CarrierDown);
    rig.report(FAULT);
    rig.take();
    rig.wait();
    // The next link has not come up yet when the hold-down would be over.
    rig.come_up_to(State::EthernetLinkUp);
    assert!(rig.now < secs(2));
    let deadline = rig.now.saturating_add(Duration::from_secs(5));
    assert_eq!(rig.next_timer(), Some(deadline));
    rig.go(secs(2));
    assert_eq!(rig.states(), []);
    assert_eq!(rig.manager.ignored(ETHERNET).unwrap().meaningless, 0);
}
