//! The search: breadth first, so that the first story of a broken law is a shortest one.

use core::hash::Hasher;
use std::collections::HashMap;

use crate::alphabet::{Alphabet, Operation};
use crate::world::{Machine, World};

/// More states than this are a mistake of the alphabet.
const MOST: usize = 8_000_000;

/// Of so many transitions to a state that is at hand, one is compared with it.
const SAMPLED: u64 = 64;

type State = (World, Machine);

/// Keeps all that is written: two states are one only if every byte agrees.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

fn key(world: &World, machine: &Machine) -> Box<[u8]> {
    let mut bytes = Bytes::default();
    machine.view(&mut bytes);
    world.view(&mut bytes);
    bytes.0.into_boxed_slice()
}

/// Explores all states; returns their counts, or the story of a law that is broken.
pub fn explore(alphabet: &Alphabet) -> Result<String, String> {
    let first = (World::default(), alphabet.machine());
    let mut known: HashMap<Box<[u8]>, u32> = HashMap::new();
    known.insert(key(&first.0, &first.1), 0);
    // How each state was reached first.
    let mut origins: Vec<(u32, Operation)> = vec![(0, Operation::Drain)];
    let mut frontier = vec![(0_u32, first)];
    let (mut depth, mut transitions, mut twins, mut compared) = (0_u32, 0_u64, 0_u64, 0_u64);
    let mut operations = Vec::new();
    while !frontier.is_empty() {
        let mut next: Vec<(u32, State)> = Vec::new();
        let level = origins.len();
        for (index, (world, machine)) in frontier {
            alphabet
                .recovers(world.clone(), machine.clone(), &mut Vec::new())
                .map_err(|law| story(alphabet, &origins, index, None, &law))?;
            alphabet.operations(&world, &machine, &mut operations);
            for operation in &operations {
                transitions += 1;
                let (mut world, mut machine) = (world.clone(), machine.clone());
                alphabet
                    .step(&mut world, &mut machine, *operation, &mut Vec::new())
                    .map_err(|law| story(alphabet, &origins, index, Some(*operation), &law))?;
                let key = key(&world, &machine);
                if let Some(place) = known.get(&key) {
                    twins += 1;
                    // Of those that are at hand, some are compared.
                    let place = usize::try_from(*place).unwrap();
                    let twin = place.checked_sub(level).and_then(|place| next.get(place));
                    if let Some((_, twin)) = twin.filter(|_| twins % SAMPLED == 0) {
                        compared += 1;
                        compare(alphabet, twin, &(world, machine)).map_err(|law| {
                            story(alphabet, &origins, index, Some(*operation), &law)
                        })?;
                    }
                    continue;
                }
                let place = u32::try_from(origins.len()).unwrap();
                known.insert(key, place);
                if known.len() > MOST {
                    return Err(format!("more than {MOST} states"));
                }
                origins.push((index, *operation));
                next.push((place, (world, machine)));
            }
        }
        frontier = next;
        depth += 1;
    }
    Ok(format!(
        "{} states, {transitions} transitions of which {twins} lead to a known state, \
         {compared} pairs of equal view compared, depth {depth}",
        known.len()
    ))
}

/// Checks that two managers of equal view answer everything alike, and are equal again.
fn compare(alphabet: &Alphabet, one: &State, other: &State) -> Result<(), String> {
    let mut operations = Vec::new();
    alphabet.operations(&one.0, &one.1, &mut operations);
    for operation in operations {
        let answer = |(world, machine): &State| {
            let (mut world, mut machine, mut log) = (world.clone(), machine.clone(), Vec::new());
            let law = alphabet.step(&mut world, &mut machine, operation, &mut log);
            // Its first line has the time.
            (log.split_off(1), law, key(&world, &machine))
        };
        if answer(one) != answer(other) {
            return Err(format!(
                "two of equal view answer {operation:?} differently"
            ));
        }
    }
    Ok(())
}

/// How the broken law was reached, from the beginning.
fn story(
    alphabet: &Alphabet,
    origins: &[(u32, Operation)],
    index: u32,
    last: Option<Operation>,
    law: &str,
) -> String {
    let mut path: Vec<Operation> = last.into_iter().collect();
    let mut at = index;
    while at != 0 {
        let (before, operation) = origins[usize::try_from(at).unwrap()];
        path.push(operation);
        at = before;
    }
    path.reverse();
    let (mut world, mut machine, mut log) = (World::default(), alphabet.machine(), Vec::new());
    for operation in path {
        if alphabet
            .step(&mut world, &mut machine, operation, &mut log)
            .is_err()
        {
            break;
        }
    }
    if last.is_none() {
        log.push("then, in a healthy world:".into());
        let _ = alphabet.recovers(world, machine, &mut log);
    }
    format!("{}\nbroken: {law}", log.join("\n"))
}
