//! One report in one state, always: each pair of them repeats for hours.

use lankeeper::{Instant, InterfaceId, Medium, Report, State};

use super::device::{App, Broken, Device, config, end_of};
use super::kind::{Kind, reports};
use super::world::{Later, World};
use super::{CELL0, ETH0, WL0, after, hours, none_broken};

/// How many more commands of a kind the last hour may have than the first. The delays of an hour,
/// each of 45 to 60 s, add up to within a hundredth of one another; every fourth or fifth try is one
/// with a power-up, and which of them come first differs from hour to hour. The first hour has the
/// six short delays besides.
pub(super) const SLACK: usize = 4;

/// In these states these reports come, so many milliseconds after the state was entered. A step in
/// such a state has no other answer; all others succeed after `pace` milliseconds.
#[derive(Clone)]
pub(super) struct Pattern {
    pub(super) rules: Vec<(State, u64, Report)>,
    pub(super) pace: u64,
}

impl World for Pattern {
    fn answer(&mut self, _: Instant, _: InterfaceId, kind: Kind) -> Vec<Later<Report>> {
        let silenced = self.rules.iter().any(|rule| state_of(kind, rule.0));
        let answer = kind.success().filter(|_| !silenced);
        answer
            .map(|report| (self.pace, report))
            .into_iter()
            .collect()
    }

    fn entered(&mut self, _: Instant, _: InterfaceId, state: State) -> Vec<Later<Report>> {
        let rules = self.rules.iter().filter(|rule| rule.0 == state);
        rules.map(|(_, wait, report)| (*wait, *report)).collect()
    }
}

/// Whether the command begins the step of that state.
fn state_of(kind: Kind, state: State) -> bool {
    match state {
        State::Starting => kind == Kind::PowerUp,
        State::WifiScanning => kind == Kind::Scan,
        State::WifiJoining => kind == Kind::Join,
        State::WifiWpsing => kind == Kind::Wps,
        State::EthernetLinkUp => kind == Kind::StartLink,
        State::WifiDhcping | State::EthernetDhcping => kind == Kind::StartDhcp,
        State::CellularPinging => kind == Kind::PingModem,
        State::CellularWaitingForSim => kind == Kind::ReadSim,
        State::CellularRegistering => kind == Kind::Register,
        State::CellularPppConnecting => kind == Kind::Dial,
        _ => false,
    }
}

/// How long the step of a state may take; none in other states.
fn timeout_of(state: State) -> Option<u64> {
    use Kind::*;
    let all = [
        PowerUp, Scan, Join, Wps, StartLink, StartDhcp, PingModem, ReadSim, Register, Dial,
    ];
    let kind = all.into_iter().find(|kind| state_of(*kind, state));
    kind.map(Kind::timeout_ms)
}

/// The states that an interface of this medium can rest in.
pub(super) fn states(medium: Medium) -> Vec<State> {
    let of_medium = |state: &State| state.medium() == Some(medium);
    let own = State::ALL.into_iter().filter(of_medium);
    [State::Starting, State::Connected]
        .into_iter()
        .chain(own)
        .collect()
}

/// In how long an interface must be CONNECTED once all is well: the step that is under way, the
/// longest delay, and nothing more.
pub(super) fn patience(medium: Medium) -> u64 {
    let longest_step = match medium {
        Medium::Wifi => Kind::Wps,
        Medium::Ethernet => Kind::StartDhcp,
        Medium::Cellular => Kind::Register,
    };
    longest_step.timeout_ms() + 60_000 + 1_000
}

/// Somebody who refuses is not asked again for ten minutes, and up to a quarter more (IFC-16).
pub(super) const REFUSED_MS: u64 = 750_000;

/// Runs a pattern on an interface that only a local holder has, then lets all be well.
pub(super) fn run(
    id: InterfaceId,
    pattern: &Pattern,
    seed: u64,
    hours: u64,
    slack: usize,
) -> Result<usize, Broken> {
    let name = format!("{id} {:?}", pattern.rules);
    let mut device = Device::new(&name, seed, &config(seed, [id]));
    device.app = App::LocalOnly;
    device.open(id);
    device.run(&mut pattern.clone(), end_of(hours))?;
    let refuses = |rule: &(State, u64, Report)| {
        matches!(
            rule.2,
            Report::RegistrationDenied { .. } | Report::WrongKey { .. }
        )
    };
    let refused = pattern.rules.iter().any(refuses);
    // The long wait after a refusal may be in the first hour, in place of as many tries.
    let slack = slack + if refused { 17 } else { 0 };
    device.must_not_grow(slack, 0)?;
    let wait = patience(id.medium()) + if refused { REFUSED_MS } else { 0 };
    device.run_well(after(device.now, wait))?;
    let state = device.manager.state(id).unwrap();
    if state != State::Connected {
        device.breaks(format!("all is well since {wait} ms, and it is {state}"))?;
    }
    Ok(device.counts.most())
}

/// Every pair on one medium.
fn all_pairs(id: InterfaceId) {
    let mut broken = Vec::new();
    let (mut runs, mut most) = (0, 0);
    for state in states(id.medium()) {
        for report in reports(id.medium()) {
            let mut waits = vec![0, 1, 100];
            // One step before the deadline.
            waits.extend(timeout_of(state).map(|timeout| timeout - 1));
            for wait in waits {
                let rules = vec![(state, wait, report)];
                let pace = [0, 1, 100][runs % 3];
                let result = run(id, &Pattern { rules, pace }, runs as u64, hours(4), SLACK);
                runs += 1;
                match result {
                    Ok(of_run) => most = most.max(of_run),
                    Err(error) => broken.push(error),
                }
            }
        }
    }
    println!("{id}: {runs} patterns, at most {most} commands of a kind in an hour");
    none_broken(runs, &broken);
}

// spec: IFC-13
#[test]
fn no_report_of_wifi_makes_it_begin_too_often() {
    all_pairs(WL0);
}

// spec: IFC-13
#[test]
fn no_report_of_ethernet_makes_it_begin_too_often() {
    all_pairs(ETH0);
}

// spec: IFC-13
#[test]
fn no_report_of_cellular_makes_it_begin_too_often() {
    all_pairs(CELL0);
}

// spec: IFC-7, IFC-13
#[test]
fn a_world_in_which_all_is_well_begins_each_step_once() {
    for id in super::MEDIA {
        for pace in [0, 1, 100] {
            let rules = Vec::new();
            let most = run(id, &Pattern { rules, pace }, 0, 24, 0)
                .unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(most, 1, "{id}");
        }
    }
}
