//! What is compared: engines that take the same stream, each in its own form.

use std::hint::black_box;
use std::time::Instant;

use super::count;
use super::on_one_core;
use super::report::{Goal, Report, Row, Spread};

/// How often everything is timed. The engines take turns, so that a slow spell of the machine hits
/// all of them.
const ROUNDS: usize = 9;

/// Something that takes a stream of `T`, one decision each.
pub trait Engine<T> {
    /// The form in which it takes them.
    type Input;

    /// What it has to remember, in bytes.
    const BYTES: usize;

    /// One that has taken nothing.
    fn fresh() -> Self;

    /// An item in its form; made before anything is measured.
    fn prepare(item: &T) -> Self::Input;

    /// What is measured.
    fn decide(&mut self, input: &Self::Input) -> u64;

    /// The last decision in the terms of all engines. Not measured.
    fn common(&self, decision: u64) -> u64 {
        decision
    }
}

/// Engines that decide the same, and the streams they do it on.
pub struct Group<T: 'static> {
    pub name: &'static str,
    pub streams: &'static [Stream<T>],
    /// How often a stream is taken for one time; the middle one counts.
    pub passes: usize,
    /// What the loop costs that the others run in.
    pub idle: Contender<T>,
    /// Ours first.
    pub contenders: &'static [Contender<T>],
    pub goals: &'static [Goal],
}

/// A recorded stream, the same each time.
pub struct Stream<T> {
    pub name: &'static str,
    pub record: fn() -> Vec<T>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Ours,
    Peer,
    /// Shows what is possible, and decides nothing.
    Bound,
}

/// One engine, ready to be measured.
pub struct Contender<T> {
    pub name: &'static str,
    role: Role,
    bytes: usize,
    decide: fn(&[T]) -> Vec<u64>,
    run: fn(&[T], usize),
    time: fn(&[T], usize) -> f64,
}

pub const fn ours<T, E: Engine<T>>(name: &'static str) -> Contender<T> {
    contender::<T, E>(name, Role::Ours)
}

pub const fn peer<T, E: Engine<T>>(name: &'static str) -> Contender<T> {
    contender::<T, E>(name, Role::Peer)
}

pub const fn bound<T, E: Engine<T>>(name: &'static str) -> Contender<T> {
    contender::<T, E>(name, Role::Bound)
}

const fn contender<T, E: Engine<T>>(name: &'static str, role: Role) -> Contender<T> {
    Contender {
        name,
        role,
        bytes: E::BYTES,
        decide: decide::<T, E>,
        run: run::<T, E>,
        time: time::<T, E>,
    }
}

/// The one door through which every engine is measured.
#[inline(never)]
fn drive<T, E: Engine<T>>(engine: &mut E, inputs: &[E::Input]) -> u64 {
    let mut sum = 0_u64;
    for input in inputs {
        black_box(&mut *engine);
        sum = sum.wrapping_add(engine.decide(input));
    }
    sum
}

fn prepare<T, E: Engine<T>>(items: &[T]) -> Vec<E::Input> {
    items.iter().map(E::prepare).collect()
}

fn decide<T, E: Engine<T>>(items: &[T]) -> Vec<u64> {
    let mut engine = E::fresh();
    let inputs = prepare::<T, E>(items);
    let decide = |input| {
        let decision = engine.decide(input);
        engine.common(decision)
    };
    inputs.iter().map(decide).collect()
}

fn run<T, E: Engine<T>>(items: &[T], events: usize) {
    let inputs = prepare::<T, E>(items);
    let mut engine = E::fresh();
    black_box(drive(black_box(&mut engine), black_box(&inputs[..events])));
}

fn time<T, E: Engine<T>>(items: &[T], passes: usize) -> f64 {
    let inputs = prepare::<T, E>(items);
    let mut times: Vec<u128> = (0..passes)
        .map(|_| {
            let mut engine = E::fresh();
            let begin = Instant::now();
            black_box(drive(black_box(&mut engine), black_box(&inputs)));
            begin.elapsed().as_nanos()
        })
        .collect();
    times.sort_unstable();
    times[passes / 2] as f64 / inputs.len() as f64
}

/// A group of whatever stream.
pub trait Compared {
    fn name(&self) -> &'static str;

    /// Runs one engine on the beginning of a stream.
    fn run(&self, engine: &str, stream: &str, events: usize);

    /// Every engine must decide as ours does.
    fn compare(&self);

    /// Measures all engines on all streams.
    fn measure(&self, countable: bool, report: &mut Report) -> Result<(), String>;
}

impl<T: Sync> Compared for Group<T> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&self, engine: &str, stream: &str, events: usize) {
        let named = |contender: &&Contender<T>| contender.name == engine;
        let contender = self.contenders.iter().chain([&self.idle]).find(named);
        let stream = self.streams.iter().find(|other| other.name == stream);
        (contender.unwrap().run)(&(stream.unwrap().record)(), events);
    }

    fn compare(&self) {
        for stream in self.streams {
            let items = (stream.record)();
            let expected = (self.contenders[0].decide)(&items);
            let others = self.contenders[1..].iter();
            for other in others.filter(|other| other.role != Role::Bound) {
                for (index, decided) in (other.decide)(&items).into_iter().enumerate() {
                    assert_eq!(
                        decided, expected[index],
                        "{}/{}: {} decides otherwise at {index}",
                        self.name, stream.name, other.name
                    );
                }
            }
            let (name, stream, decisions) = (self.name, stream.name, items.len());
            println!("{name}/{stream}: {decisions} decisions, all engines agree");
        }
    }

    fn measure(&self, countable: bool, report: &mut Report) -> Result<(), String> {
        for stream in self.streams {
            eprintln!("measuring {}/{}", self.name, stream.name);
            let items = (stream.record)();
            let all = || [&self.idle].into_iter().chain(self.contenders);
            // One row of times for each round, the loop's first.
            let round = |_| all().map(|one| (one.time)(&items, self.passes)).collect();
            let rounds: Vec<Vec<f64>> = on_one_core(|| (0..ROUNDS).map(round).collect());
            let count = |contender: &Contender<T>| {
                countable
                    .then(|| count::per_event(self.name, contender.name, stream.name, items.len()))
                    .transpose()
            };
            let idle = count(&self.idle)?;
            for (place, contender) in self.contenders.iter().enumerate() {
                let counted = count(contender)?.zip(idle);
                report.rows.push(Row {
                    group: self.name,
                    stream: stream.name,
                    engine: contender.name,
                    role: contender.role,
                    bytes: contender.bytes,
                    instructions: counted.map(|(counted, idle)| counted - idle),
                    nanos: Spread::of(rounds.iter().map(|round| round[place + 1] - round[0])),
                });
            }
        }
        report.goals(self.name, self.contenders[0].name, self.goals);
        Ok(())
    }
}
