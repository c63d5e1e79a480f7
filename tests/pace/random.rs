//! Worlds that are drawn: each has habits of its own, and keeps them for hours.

use lankeeper::{Instant, InterfaceId, Report, State};

use super::device::{App, Broken, Device, config, end_of};
use super::kind::{Kind, reports};
use super::pairs::{REFUSED_MS, patience};
use super::world::{Later, World};
use super::{CELL0, ETH0, STABLE_MS, WL0, after, hours, none_broken, setting};
use crate::support::dice::Dice;

/// A world with habits.
pub(super) struct Moody {
    pub(super) dice: Dice,
    ids: Vec<InterfaceId>,
    /// How many of a hundred commands succeed, and how many of the others are never answered.
    succeeds: u64,
    silent: u64,
    /// How many of a hundred states are met with a report, of themselves.
    meddles: u64,
    /// The few reports that it likes best, of each interface.
    favourites: Vec<Vec<Report>>,
    /// The longest time between two reports at no particular moment; zero for no such reports.
    gap: u64,
}

impl Moody {
    pub(super) fn new(seed: u64, ids: &[InterfaceId]) -> Self {
        let mut dice = Dice::new(seed ^ 0x5eed);
        let favourites = |dice: &mut Dice, id: InterfaceId| {
            let all = reports(id.medium());
            let few = 1 + dice.below(4);
            (0..few).map(|_| dice.one_of(&all)).collect()
        };
        Self {
            succeeds: dice.one_of(&[50, 90, 97, 100]),
            silent: dice.one_of(&[0, 10, 50]),
            meddles: dice.one_of(&[0, 20, 60, 100]),
            favourites: ids.iter().map(|id| favourites(&mut dice, *id)).collect(),
            gap: dice.one_of(&[0, 0, 3_000, 30_000, 400_000]),
            ids: ids.to_vec(),
            dice,
        }
    }

    fn moment(&mut self, latest: u64) -> u64 {
        let whole = self.dice.below(latest);
        self.dice.one_of(&[0, 1, 100, whole, latest - 1])
    }

    fn any_report(&mut self, id: InterfaceId) -> Report {
        let index = self.ids.iter().position(|known| *known == id).unwrap();
        if self.dice.percent(80) {
            self.dice.one_of(&self.favourites[index])
        } else {
            self.dice.one_of(&reports(id.medium()))
        }
    }
}

impl World for Moody {
    fn answer(&mut self, _: Instant, id: InterfaceId, kind: Kind) -> Vec<Later<Report>> {
        let wait = self.moment(kind.timeout_ms());
        if self.dice.percent(self.succeeds) {
            return kind.succeeds(wait);
        }
        if self.dice.percent(self.silent) {
            return Vec::new();
        }
        let allowed = |report: &Report| kind.allows(*report);
        let answers: Vec<_> = reports(id.medium()).into_iter().filter(allowed).collect();
        if answers.is_empty() {
            return Vec::new();
        }
        vec![(wait, self.dice.one_of(&answers))]
    }

    fn entered(&mut self, _: Instant, id: InterfaceId, state: State) -> Vec<Later<Report>> {
        if !self.dice.percent(self.meddles) {
            return Vec::new();
        }
        let wait = if state == State::Connected {
            let quick = self.moment(STABLE_MS);
            let just = self.dice.one_of(&[STABLE_MS - 1, STABLE_MS, STABLE_MS + 1]);
            self.dice.one_of(&[quick, quick, just])
        } else {
            self.moment(60_000)
        };
        vec![(wait, self.any_report(id))]
    }

    fn wake(&mut self, now: Instant) -> (Vec<(InterfaceId, Report)>, Option<Instant>) {
        if self.gap == 0 {
            return (Vec::new(), None);
        }
        let id = self.dice.one_of(&self.ids);
        let report = self.any_report(id);
        let next = after(now, 1 + self.dice.below(self.gap));
        (vec![(id, report)], Some(next))
    }
}

fn run(id: InterfaceId, seed: u64, hours: u64) -> Result<usize, Broken> {
    let name = format!("{id}, a drawn world");
    let mut device = Device::new(&name, seed, &config(seed, [id]));
    device.app = App::LocalOnly;
    device.open(id);
    device.run(&mut Moody::new(seed, &[id]), end_of(hours))?;
    // With the wait of a refusal by somebody who does not change his mind.
    device.run_well(after(device.now, patience(id.medium()) + REFUSED_MS))?;
    let state = device.manager.state(id).unwrap();
    if state != State::Connected {
        device.breaks(format!("all is well again, and it is {state}"))?;
    }
    Ok(device.counts.most())
}

fn storm(id: InterfaceId) {
    let seeds = setting("LANKEEPER_PACE_SEEDS", 200);
    let results: Vec<_> = (0..seeds).map(|seed| run(id, seed, hours(6))).collect();
    let most = results.iter().flatten().max();
    println!("{id}: at most {most:?} commands of a kind in an hour");
    let broken: Vec<_> = results.into_iter().filter_map(Result::err).collect();
    none_broken(usize::try_from(seeds).unwrap(), &broken);
}

// spec: IFC-13
#[test]
fn wifi_keeps_its_pace_in_any_world() {
    storm(WL0);
}

// spec: IFC-13
#[test]
fn ethernet_keeps_its_pace_in_any_world() {
    storm(ETH0);
}

// spec: IFC-13
#[test]
fn cellular_keeps_its_pace_in_any_world() {
    storm(CELL0);
}
