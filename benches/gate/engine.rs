//! What is compared: engines that take the same stream, each in its own form.

use std::hint::black_box;
use std::time::Instant;

use crate::count;
use crate::report::{Goal, Report, Row};

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

    /// A decision in the terms of all engines.
    fn common(decision: u64) -> u64 {
        decision
    }
}

/// Engines that decide the same, and the streams they do it on.
pub struct Group<T: 'static> {
    pub name: &'static str,
    pub streams: &'static [Stream<T>],
    /// What the loop costs that the others run in.
    pub idle: Contender<T>,
    /// Ours, and then the peers.
    pub contenders: &'static [Contender<T>],
    pub goals: &'static [Goal],
}

/// A recorded stream, the same each time.
pub struct Stream<T> {
    pub name: &'static str,
    pub record: fn() -> Vec<T>,
}

/// One engine, ready to be measured.
pub struct Contender<T> {
    pub name: &'static str,
    bytes: usize,
    decide: fn(&[T]) -> Vec<u64>,
    run: fn(&[T], usize),
    time: fn(&[T]) -> f64,
}

pub const fn contender<T, E: Engine<T>>(name: &'static str) -> Contender<T> {
    Contender {
        name,
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
    inputs
        .iter()
        .map(|input| E::common(engine.decide(input)))
        .collect()
}

fn run<T, E: Engine<T>>(items: &[T], events: usize) {
    let inputs = prepare::<T, E>(items);
    let mut engine = E::fresh();
    black_box(drive(black_box(&mut engine), black_box(&inputs[..events])));
}

fn time<T, E: Engine<T>>(items: &[T]) -> f64 {
    let inputs = prepare::<T, E>(items);
    let nanos = median(51, || {
        let mut engine = E::fresh();
        let begin = Instant::now();
        black_box(drive(black_box(&mut engine), black_box(&inputs)));
        begin.elapsed().as_nanos()
    });
    nanos as f64 / inputs.len() as f64
}

/// The middle one of so many runs.
pub fn median(runs: usize, run: impl FnMut() -> u128) -> u128 {
    let mut times: Vec<u128> = std::iter::repeat_with(run).take(runs).collect();
    times.sort_unstable();
    times[runs / 2]
}

impl<T> Group<T> {
    fn ours(&self) -> &Contender<T> {
        &self.contenders[0]
    }

    pub fn run(&self, engine: &str, stream: &str, events: usize) {
        let named = |contender: &&Contender<T>| contender.name == engine;
        let contender = self.contenders.iter().chain([&self.idle]).find(named);
        let stream = self.streams.iter().find(|other| other.name == stream);
        (contender.unwrap().run)(&(stream.unwrap().record)(), events);
    }

    /// Every engine must decide as ours does.
    pub fn compare(&self) {
        for stream in self.streams {
            let items = (stream.record)();
            let expected = (self.ours().decide)(&items);
            for peer in &self.contenders[1..] {
                for (index, decided) in (peer.decide)(&items).into_iter().enumerate() {
                    assert_eq!(
                        decided, expected[index],
                        "{}/{}: {} decides otherwise at {index}",
                        self.name, stream.name, peer.name
                    );
                }
            }
            let (name, stream, decisions) = (self.name, stream.name, items.len());
            println!("{name}/{stream}: {decisions} decisions, all engines agree");
        }
    }

    /// Measures all engines on all streams.
    pub fn measure(&self, countable: bool, report: &mut Report) -> Result<(), String> {
        for stream in self.streams {
            let items = (stream.record)();
            let count = |contender: &Contender<T>| {
                let engine = format!("{}/{}", self.name, contender.name);
                countable
                    .then(|| count::per_event(&engine, stream.name, items.len()))
                    .transpose()
            };
            let (idle_instructions, idle_nanos) = (count(&self.idle)?, (self.idle.time)(&items));
            for contender in self.contenders {
                let instructions = count(contender)?.zip(idle_instructions);
                report.add(Row {
                    group: self.name,
                    stream: stream.name,
                    engine: contender.name,
                    bytes: Some(contender.bytes),
                    instructions: instructions.map(|(counted, idle)| counted - idle),
                    nanos: (contender.time)(&items) - idle_nanos,
                });
            }
        }
        report.goals(self.name, self.ours().name, self.goals);
        Ok(())
    }
}
