//! Two reports that play into each other's hands: a loss or refusal, and what comes while the
//! interface is stopped.

use lankeeper::{InterfaceId, Report, State};

use super::kind::reports;
use super::pairs::{self, Pattern, run, states};
use super::{CELL0, ETH0, WL0, hours, none_broken, setting};
use crate::support::dice::Dice;

/// How many more commands of a kind the last hour may have than the first. Where a report comes about
/// when a delay ends, jitter decides which of the two is first, and with it what is begun: a fair coin
/// for each of 68 tries differs by less than this from hour to hour.
const SLACK: usize = 25;

/// Draws pairs of pairs: one where the interface works, one where it is stopped.
fn storm(id: InterfaceId) {
    let runs = setting("LANKEEPER_PACE_SEEDS", 400);
    let medium = id.medium();
    let reports = reports(medium);
    let (stopped, working): (Vec<_>, Vec<_>) = states(medium)
        .into_iter()
        .filter(|state| *state != State::WifiLinkUp)
        .partition(|state| state.is_stopped());
    let mut broken = Vec::new();
    let mut most = 0;
    for seed in 0..runs {
        let mut dice = Dice::new(seed);
        let wait = [0, 1, 100, 700, 1_000, 2_500, 46_000, 61_000];
        let mut rule = |states: &[State]| {
            let (state, wait) = (dice.one_of(states), dice.one_of(&wait));
            (state, wait, dice.one_of(&reports))
        };
        let rules = vec![rule(&working), rule(&stopped), rule(&stopped)];
        let pace = dice.one_of(&[0, 1, 100]);
        match run(id, &Pattern { rules, pace }, seed, hours(2), SLACK) {
            Ok(of_run) => most = most.max(of_run),
            Err(error) => broken.push(error),
        }
    }
    println!("{id}: {runs} patterns, at most {most} commands of a kind in an hour");
    none_broken(usize::try_from(runs).unwrap(), &broken);
}

// spec: IFC-13
#[test]
fn no_two_reports_of_wifi_make_it_begin_too_often() {
    storm(WL0);
}

// spec: IFC-13
#[test]
fn no_two_reports_of_ethernet_make_it_begin_too_often() {
    storm(ETH0);
}

// spec: IFC-13
#[test]
fn no_two_reports_of_cellular_make_it_begin_too_often() {
    storm(CELL0);
}

// spec: IFC-6, IFC-13
#[test]
fn a_link_that_comes_and_goes_all_day_is_slowed() {
    let code = 7;
    let mut broken = Vec::new();
    let mut runs = 0;
    for wait in [0, 1, 100, 4_000] {
        let ethernet = |state| {
            vec![
                (state, wait, Report::CarrierDown),
                (State::EthernetStoppedNoLink, wait, Report::CarrierUp),
            ]
        };
        let patterns = [
            (ETH0, ethernet(State::EthernetLinkUp)),
            (ETH0, ethernet(State::EthernetDhcping)),
            (ETH0, ethernet(State::Connected)),
            (ETH0, vec![(State::Connected, wait, Report::LeaseLost)]),
            (
                ETH0,
                vec![(State::Connected, wait, Report::LeaseRefused { code })],
            ),
            (WL0, vec![(State::Connected, wait, Report::LeaseLost)]),
            (
                WL0,
                vec![(State::Connected, wait, Report::LinkLost { code })],
            ),
            (
                WL0,
                vec![(State::WifiDhcping, wait, Report::LinkLost { code })],
            ),
            (
                CELL0,
                vec![(State::Connected, wait, Report::PppDown { code })],
            ),
            (
                CELL0,
                vec![(State::Connected, wait, Report::RegistrationLost)],
            ),
            (
                CELL0,
                vec![(State::CellularPppConnecting, wait, Report::RegistrationLost)],
            ),
        ];
        for (id, rules) in patterns {
            runs += 1;
            let pattern = Pattern { rules, pace: 0 };
            broken.extend(run(id, &pattern, wait, hours(24), pairs::SLACK).err());
        }
    }
    none_broken(runs, &broken);
}
