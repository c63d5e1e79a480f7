//! The search: breadth first, so that the first story of a broken law is a shortest one.

use core::num::NonZero;
use std::thread;

use crate::State;
use crate::alphabet::Bed;
use crate::keys::{ByKey, Bytes, Counts, Key, key};
use crate::operation::{Operation, report_stale};
use crate::story::Log;
use crate::waits::Draw;

/// More states than this are a mistake of the alphabet.
const MOST: usize = 8_000_000;
/// In a healthy world all is well after so many steps.
const SOON: usize = 30;
/// Of so many transitions to a state that is at hand, one is compared with it.
const SAMPLED: u64 = 64;
/// So many states are a part of a level, which one thread expands.
const PART: usize = 2048;

/// How a state was reached first: from which one, and by which of the choices that there were.
type Origin = (u32, u8);

/// The states of a level that one thread expands, with their numbers.
type Part = Vec<(u32, Box<State>)>;

/// What becomes of a state in a healthy world.
enum Healthy {
    /// All is well.
    Well,
    /// It goes on to this state.
    To(Key),
    /// Nothing.
    Stuck,
}

/// The place of no state.
const NOWHERE: u32 = u32::MAX;

/// What one thread has found.
#[derive(Default)]
struct Found {
    /// States that were not known when the level began.
    new: Vec<(Key, Origin, Box<State>)>,
    /// What becomes of each state of the part in a healthy world.
    healthy: Vec<(u32, Healthy)>,
    transitions: u64,
    compared: u64,
}

/// A broken law: in which state, and by what.
struct Broken(u32, By, String);

#[derive(Clone, Copy)]
enum By {
    /// One of the choices that there are.
    Operation(u8),
    /// A report of a command that is over.
    Stale,
    /// That nothing comes of it in a healthy world.
    Time,
}

struct Search<'a> {
    bed: &'a Bed,
    known: ByKey<u32>,
    origins: Vec<Origin>,
    /// Where a healthy world goes from each state: to itself if all is well, or nowhere.
    healthy: Vec<u32>,
    transitions: u64,
    compared: u64,
}

/// Explores all states; returns their counts and how many pairs were compared, or the story of a law
/// that is broken.
pub fn explore(bed: &Bed) -> Result<(Counts, u64), String> {
    let first = State::first(bed);
    let mut search = Search {
        bed,
        known: ByKey::default(),
        origins: vec![(0, 0)],
        healthy: Vec::new(),
        transitions: 0,
        compared: 0,
    };
    search.known.insert(key(&first, &mut Bytes::default()), 0);
    let mut level = vec![vec![(0, Box::new(first))]];
    let mut depth = 0;
    while !level.is_empty() {
        level = search
            .expand_level(level)
            .map_err(|broken| search.story(&broken))?;
        if search.known.len() > MOST {
            return Err(format!("more than {MOST} states"));
        }
        depth += 1;
    }
    let steps = search
        .longest_recovery()
        .map_err(|broken| search.story(&broken))?;
    let counts = Counts {
        states: search.known.len(),
        transitions: search.transitions,
        depth,
        steps,
    };
    Ok((counts, search.compared))
}

impl Search<'_> {
    /// Expands all states of a level, and returns those of the next one. The parts are taken over in
    /// their order, so that the number of threads changes nothing.
    fn expand_level(&mut self, level: Vec<Part>) -> Result<Vec<Part>, Broken> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let mut next: Vec<Part> = Vec::new();
        let mut parts = level.into_iter();
        loop {
            // Each part is dropped when it is expanded, because the frontier takes most of the memory.
            let batch: Vec<Part> = parts.by_ref().take(threads).collect();
            if batch.is_empty() {
                return Ok(next);
            }
            let (bed, known) = (self.bed, &self.known);
            let found: Vec<_> = thread::scope(|scope| {
                let expand = |part| scope.spawn(move || expand(bed, known, part));
                let threads: Vec<_> = batch.into_iter().map(expand).collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            for found in found {
                self.take(found?, &mut next);
            }
        }
    }

    fn take(&mut self, found: Found, next: &mut Vec<Part>) {
        self.transitions += found.transitions;
        self.compared += found.compared;
        for (key, origin, state) in found.new {
            let place = u32::try_from(self.origins.len()).unwrap();
            if self.known.contains_key(&key) {
                continue;
            }
            self.known.insert(key, place);
            self.origins.push(origin);
            match next.last_mut() {
                Some(part) if part.len() < PART => part.push((place, state)),
                _ => next.push(vec![(place, state)]),
            }
        }
        for (place, healthy) in found.healthy {
            self.healthy.push(match healthy {
                Healthy::Well => place,
                Healthy::To(key) => self.known[&key],
                Healthy::Stuck => NOWHERE,
            });
        }
    }

    /// In a healthy world, what is held comes up and what is tried ends: the most steps that takes.
    fn longest_recovery(&self) -> Result<usize, Broken> {
        let mut left: Vec<u8> = vec![u8::MAX; self.healthy.len()];
        let mut path = Vec::new();
        for start in 0..self.healthy.len() {
            let mut at = start;
            while left[at] == u8::MAX {
                let next = self.healthy[at];
                let is_stuck = next == NOWHERE;
                let next = usize::try_from(next).unwrap();
                if next == at {
                    left[at] = 0;
                    break;
                }
                path.push(at);
                if path.len() > SOON || is_stuck {
                    let law = format!("nothing comes of it in {SOON} steps (IFC-11, CON-2)");
                    return Err(Broken(u32::try_from(start).unwrap(), By::Time, law));
                }
                at = next;
            }
            let mut steps = left[at];
            while let Some(place) = path.pop() {
                steps += 1;
                left[place] = steps;
            }
        }
        let longest = left.into_iter().max().unwrap_or(0).into();
        Ok(longest)
    }

    /// How a broken law was reached, from the beginning.
    fn story(&self, broken: &Broken) -> String {
        let Broken(place, by, law) = broken;
        let mut path = match by {
            By::Operation(last) => vec![*last],
            By::Stale | By::Time => Vec::new(),
        };
        let mut at = *place;
        while at != 0 {
            let (before, operation) = self.origins[usize::try_from(at).unwrap()];
            path.push(operation);
            at = before;
        }
        let (mut state, mut log) = (State::first(self.bed), Log::written());
        let mut operations = Vec::new();
        for index in path.into_iter().rev() {
            self.bed
                .operations(&state.world, &state.machine, &mut operations);
            // The last one is what breaks the law.
            let choice = self.bed.choices(&operations).nth(index.into()).unwrap();
            let _ = state.step(self.bed, choice, &mut log);
        }
        if matches!(by, By::Time) {
            self.tell_healthy(state, &mut log);
        }
        format!("{}\nbroken: {law}", log.lines().join("\n"))
    }

    fn tell_healthy(&self, mut state: State, log: &mut Log) {
        log.say(|| "then, in a healthy world:".into());
        let (mut bytes, mut operations) = (Bytes::default(), Vec::new());
        for _ in 0..SOON {
            let before = key(&state, &mut bytes);
            self.bed
                .operations(&state.world, &state.machine, &mut operations);
            let rank = |operation: &Operation| state.world.healthy_rank(*operation);
            operations.retain(|operation| rank(operation).is_some());
            operations.sort_by_key(rank);
            let helps = operations.iter().find(|operation| {
                let mut after = state.clone();
                after
                    .step(self.bed, (**operation, Draw::Longest), &mut Log::none())
                    .is_err()
                    || key(&after, &mut bytes) != before
            });
            match helps {
                Some(operation)
                    if state
                        .step(self.bed, (*operation, Draw::Longest), log)
                        .is_ok() => {}
                _ => return,
            }
        }
    }
}

/// Does all that can happen in each state of a part.
fn expand(bed: &Bed, known: &ByKey<u32>, part: Part) -> Result<Found, Broken> {
    let (mut found, mut bytes, mut operations) = (Found::default(), Bytes::default(), Vec::new());
    let mut here: ByKey<usize> = ByKey::default();
    let mut twins = 0;
    for (place, state) in part {
        let own = key(&state, &mut bytes);
        check_stale(&state, &mut bytes).map_err(|law| Broken(place, By::Stale, law))?;
        bed.operations(&state.world, &state.machine, &mut operations);
        let mut healthy = None;
        for (index, choice) in (0..).zip(bed.choices(&operations)) {
            found.transitions += 1;
            let broken = |law| Broken(place, By::Operation(index), law);
            let mut after = State::clone(&state);
            after.step(bed, choice, &mut Log::none()).map_err(broken)?;
            let key = key(&after, &mut bytes);
            if let Some(rank) = state.world.healthy_rank(choice.0)
                && key != own
                && healthy.is_none_or(|(best, _)| rank < best)
            {
                healthy = Some((rank, key));
            }
            if known.contains_key(&key) {
                // A drop would wipe what it holds; there is nothing to free.
                core::mem::forget(after);
                continue;
            }
            if let Some(twin) = here.get(&key) {
                twins += 1;
                if twins % SAMPLED == 0 {
                    found.compared += 1;
                    let (.., twin) = &found.new[*twin];
                    compare(bed, twin, &after).map_err(broken)?;
                }
                core::mem::forget(after);
                continue;
            }
            here.insert(key, found.new.len());
            found.new.push((key, (place, index), Box::new(after)));
        }
        let is_drained = !matches!(healthy, Some((0, _)));
        let healthy = match healthy {
            _ if is_drained && state.world.is_well(bed) => Healthy::Well,
            Some((_, key)) => Healthy::To(key),
            None => Healthy::Stuck,
        };
        found.healthy.push((place, healthy));
    }
    Ok(found)
}

/// Checks that reports of commands that are over change nothing (IFC-10).
fn check_stale(state: &State, bytes: &mut Bytes) -> Result<(), String> {
    let before = key(state, bytes);
    let mut after = state.clone();
    report_stale(&after.world, &mut after.machine, after.world.now);
    if after.machine.poll_notice().is_some() || key(&after, bytes) != before {
        return Err("a report of a command that is over changes something (IFC-10)".into());
    }
    Ok(())
}

/// Checks that two managers of equal view answer everything alike, and are equal again.
fn compare(bed: &Bed, one: &State, other: &State) -> Result<(), String> {
    let (mut operations, mut bytes) = (Vec::new(), Bytes::default());
    bed.operations(&one.world, &one.machine, &mut operations);
    for choice in bed.choices(&operations) {
        let mut answer = |state: &State| {
            let (mut state, mut log) = (state.clone(), Log::written());
            let law = state.step(bed, choice, &mut log);
            // Its first line has the time.
            (log.lines().split_off(1), law, key(&state, &mut bytes))
        };
        if answer(one) != answer(other) {
            return Err(format!("two of equal view answer {choice:?} differently"));
        }
    }
    Ok(())
}
