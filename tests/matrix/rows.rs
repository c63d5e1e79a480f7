//! The rows as public data, pair by pair against what the running machine does.

use lankeeper::State;
use lankeeper::interface::{Guard, Step, Timer, Transition, Trigger, transitions};
use lankeeper::manager::Wake;

use super::{TABLES, try_out};
use crate::matrix::ways::{Variant, variants, with_other_settings};

/// The name of the command that begins a step.
fn command(step: Step) -> &'static str {
    match step {
        Step::Power => "power up",
        Step::Scan => "scan",
        Step::Join => "join",
        Step::Wps => "wps",
        Step::Link => "start link",
        Step::Dhcp => "start dhcp",
        Step::Modem => "ping modem",
        Step::Sim => "read sim",
        Step::Registration => "register",
        Step::Ppp => "dial",
        Step::StaticAddress => "set address",
        _ => panic!("{step:?}"),
    }
}

/// Tries a pair; returns which way it went, if it left its state, and which it passed through.
fn check(variant: &mut Variant, pair: &Transition) -> (Option<Guard>, Option<Guard>) {
    let told = format!(
        "{} {:?} after {}",
        pair.state(),
        pair.trigger(),
        variant.name
    );
    let rig = &mut variant.rig;
    try_out(rig, variant.handle, pair);
    let states = rig.states_reported();
    let actions = rig.actions();
    assert_eq!(pair.why_ignored().is_some(), pair.is_ignored(), "{told}");
    let Some((reached, passed)) = states.split_last() else {
        return (None, None);
    };
    let passed = passed.first().map(|passed| {
        let way = pair.ways().find(|way| way.target() == *passed);
        way.unwrap_or_else(|| panic!("{told}: {passed}")).guard()
    });
    let way = pair.ways().find(|way| way.target() == *reached);
    let way = way.unwrap_or_else(|| panic!("{told}: {reached}"));
    if let Some(step) = way.step() {
        assert_eq!(actions.last(), Some(&command(step)), "{told}");
    }
    // UNHAPPY has powered down already; a try may begin with a power cycle.
    let powers_down = pair.powers_down() && !is_unhappy(pair.state());
    let is_down = actions.contains(&"power down") && way.step().is_none();
    assert_eq!(is_down, powers_down, "{told}");
    let begins_stop = reached.is_stopped() && !pair.state().is_stopped();
    if reached.is_stopped() && way.guard() != Guard::WithoutNetwork {
        // What an application asks for has no cause in the table.
        let is_asked =
            pair.cause().is_none() && (!begins_stop || variant.handle.is_none() || powers_down);
        assert!(
            is_asked || rig.cause() == pair.cause(),
            "{told}: {:?}",
            rig.cause()
        );
    }
    let armed = match rig.manager.poll_at().map(|deadline| deadline.reason) {
        Some(Wake::Interface(_, timer)) => Some(timer),
        _ => None,
    };
    // Under manual recovery no timer but that of a step is armed.
    if !variant.needs_request || matches!(way.timer(), Some(Timer::Step(_)) | None) {
        assert_eq!(armed, way.timer(), "{told}");
    }
    (Some(way.guard()), passed)
}

fn is_unhappy(state: State) -> bool {
    matches!(
        state,
        State::WifiStoppedUnhappy | State::EthernetStoppedUnhappy | State::CellularStoppedUnhappy
    )
}

// spec: IFC-2, IFC-4, IFC-11
#[test]
fn the_rows_are_what_the_machine_does() {
    let (mut tried, mut taken) = (0, Vec::new());
    for (id, _) in TABLES {
        for pair in transitions(id.medium()) {
            let others = with_other_settings(id, pair.state());
            for mut variant in variants(id, pair.state()).chain(others) {
                let (guard, passed) = check(&mut variant, &pair);
                assert!(matches!(passed, None | Some(Guard::Passing)), "{pair:?}");
                assert_ne!(
                    guard,
                    Some(Guard::Stable),
                    "{pair:?} after {}",
                    variant.name
                );
                taken.extend(guard.into_iter().chain(passed));
                tried += 1;
            }
            if pair.state() == State::Connected {
                for mut variant in variants(id, pair.state()) {
                    variant.rig.prove_stable();
                    variant.rig.notices();
                    if pair.trigger() != Trigger::Stable {
                        let (guard, _) = check(&mut variant, &pair);
                        assert_ne!(
                            guard,
                            Some(Guard::NotStable),
                            "{pair:?} after {}",
                            variant.name
                        );
                        taken.extend(guard);
                    }
                }
            }
        }
    }
    for guard in [
        Guard::Always,
        Guard::HasNetwork,
        Guard::WithoutNetwork,
        Guard::AsksDhcp,
        Guard::StaticAddress,
        Guard::Passing,
        Guard::Stable,
        Guard::NotStable,
        Guard::AfterBackOff,
        Guard::NoBackOff,
        Guard::FailedStep,
        Guard::AtOnce,
    ] {
        assert!(taken.contains(&guard), "{guard:?} was never taken");
    }
    assert!(tried >= 700, "{tried}");
}

// spec: IFC-11
#[test]
fn the_condition_of_a_way_fits_its_target() {
    for (id, _) in TABLES {
        for pair in transitions(id.medium()) {
            for way in pair.ways() {
                let told = format!("{} {:?}: {way:?}", pair.state(), pair.trigger());
                let (step, rests) = (way.step(), way.target().is_stopped());
                match way.guard() {
                    Guard::HasNetwork => assert_eq!(step, Some(Step::Scan), "{told}"),
                    Guard::AsksDhcp => assert_eq!(step, Some(Step::Dhcp), "{told}"),
                    Guard::StaticAddress => assert_eq!(step, Some(Step::StaticAddress), "{told}"),
                    Guard::Passing => assert_eq!((step, way.timer()), (None, None), "{told}"),
                    Guard::AtOnce => assert_eq!(way.target(), State::Connected, "{told}"),
                    Guard::Stable => assert!(step.is_some(), "{told}"),
                    Guard::WithoutNetwork => {
                        assert!(rests && way.timer().is_none(), "{told}");
                    }
                    Guard::NotStable => assert!(rests, "{told}"),
                    _ => {}
                }
            }
        }
    }
}
