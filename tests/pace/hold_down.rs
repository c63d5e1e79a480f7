//! IFC-15 from the outside: what is back within the hold-down was not lost.

use lankeeper::{InterfaceConfig, InterfaceId, Report, Span, State};

use super::{ETH0, STABLE_MS, WL0, millis};
use crate::support::Rig;

const HOLD_DOWN_MS: u64 = 2_000;
const CODE: i32 = 7;

/// What goes, what comes back, and where the interface goes without it.
fn links() -> [(InterfaceId, Report, Report, State); 2] {
    [
        (
            ETH0,
            Report::CarrierDown,
            Report::CarrierUp,
            State::EthernetStoppedNoLink,
        ),
        (
            WL0,
            Report::LinkLost { code: CODE },
            Report::Joined,
            State::WifiStopped,
        ),
    ]
}

fn connected(id: InterfaceId, hold_down: Option<Span>) -> Rig {
    let mut config = InterfaceConfig::new(id);
    config.hold_down = hold_down;
    let mut rig = Rig::with(config);
    rig.open();
    rig.come_up_to(State::Connected);
    rig
}

fn hold_down() -> Option<Span> {
    Span::from_millis(u32::try_from(HOLD_DOWN_MS).unwrap())
}

// spec: IFC-15
#[test]
fn what_is_back_within_the_hold_down_was_not_lost() {
    for (id, gone, back, _) in links() {
        for wait in [0, 1, 100, HOLD_DOWN_MS - 1] {
            let mut rig = connected(id, hold_down());
            rig.report(gone);
            assert_eq!(rig.state(), State::Connected, "{id}");
            rig.pass(millis(wait));
            rig.report(back);
            rig.pass(millis(HOLD_DOWN_MS));
            assert_eq!(rig.state(), State::Connected, "{id} {wait}");
            assert_eq!(rig.states(), [], "{id} {wait}");
            assert_eq!(rig.actions(), [] as [&str; 0], "{id} {wait}");
        }
    }
}

// spec: IFC-15
#[test]
fn what_is_not_back_within_the_hold_down_is_lost_at_its_end() {
    for (id, gone, _, stopped) in links() {
        let mut rig = connected(id, hold_down());
        rig.report(gone);
        rig.pass(millis(HOLD_DOWN_MS - 1));
        assert_eq!(rig.state(), State::Connected, "{id}");
        rig.pass(millis(1));
        assert_eq!(rig.state(), stopped, "{id}");
    }
}

// spec: IFC-15
#[test]
fn each_loss_has_a_hold_down_of_its_own() {
    for (id, gone, back, stopped) in links() {
        let mut rig = connected(id, hold_down());
        for _ in 0..20 {
            rig.report(gone);
            rig.pass(millis(HOLD_DOWN_MS - 1));
            rig.report(back);
            rig.pass(millis(1));
            assert_eq!(rig.state(), State::Connected, "{id}");
        }
        // A second report of the same loss is no second loss.
        rig.report(gone);
        rig.pass(millis(HOLD_DOWN_MS / 2));
        rig.report(gone);
        rig.pass(millis(HOLD_DOWN_MS / 2));
        assert_eq!(rig.state(), stopped, "{id}");
    }
}

// spec: IFC-15, IFC-6
#[test]
fn without_a_hold_down_a_loss_shows_at_once() {
    for (id, gone, _, stopped) in links() {
        let mut rig = connected(id, None);
        rig.report(gone);
        assert_eq!(rig.state(), stopped, "{id}");
    }
}

// spec: IFC-15, IFC-6
#[test]
fn a_link_that_was_held_down_still_becomes_stable() {
    let (id, gone, back, _) = links()[1];
    let mut rig = connected(id, hold_down());
    rig.pass(millis(STABLE_MS - 1_000));
    rig.report(gone);
    rig.pass(millis(1_000));
    rig.report(back);
    rig.report(Report::LeaseLost);
    assert_eq!(rig.state(), State::WifiDhcping);
}
