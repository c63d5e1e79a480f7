//! What a transition table may not be. The check runs at compile time, so that the crate has no
//! table that is wrong: here the same code runs for such tables.

#[path = "../src/table.rs"]
mod table;

use std::panic::catch_unwind;

use table::Harmless::{
    self, AlreadySo, BetweenTries, NoWait, NotArmed, NotRunning, OtherStep, Passing, StepOver,
    UnderWay,
};
use table::{Armed, Domain, IgnoredPairs, Row, TransitionTable, harmless, set_of};

/// The states, each at its bit: one at rest, one with a deadline, and the last that there can be.
const IDLE: u32 = 1;
const BUSY: u32 = 1 << 1;
const LAST: u32 = 1 << 31;

/// The triggers: two timers, and the last that there can be. Number 5 is none.
const START: u8 = 0;
const PATIENCE: u8 = 3;
const SLEEP: u8 = 4;
const END: u8 = 31;

type Rows = Vec<(u8, u32)>;
type Ignored = Vec<(u32, u32, Harmless)>;

/// A machine, to be made wrong in one place.
#[derive(Clone)]
struct Machine {
    rows: Rows,
    ignored: Ignored,
    timers: Vec<(u8, u32)>,
}

fn bits(triggers: &[u8]) -> u32 {
    triggers.iter().map(|trigger| 1 << trigger).sum()
}

/// Each pair is decided once, and each timer fires where it can be armed.
fn sound() -> Machine {
    Machine {
        rows: vec![
            (START, IDLE),
            (START, LAST),
            (PATIENCE, BUSY),
            (SLEEP, LAST),
            (END, BUSY),
            (END, LAST),
        ],
        ignored: vec![
            (bits(&[START]), BUSY, UnderWay),
            (bits(&[PATIENCE]), IDLE | LAST, NotArmed),
            (bits(&[SLEEP]), IDLE, NotArmed),
            (bits(&[SLEEP]), BUSY, NotArmed),
            (bits(&[END]), IDLE, AlreadySo),
        ],
        timers: vec![(PATIENCE, BUSY), (SLEEP, LAST)],
    }
}

impl Machine {
    fn has(mut self, row: (u8, u32)) -> Self {
        self.rows.push(row);
        self.rows.sort_by_key(|row| row.0);
        self
    }

    fn lacks(mut self, row: (u8, u32)) -> Self {
        self.rows.retain(|other| *other != row);
        self
    }

    fn ignores(mut self, triggers: &[u8], states: u32, reason: Harmless) -> Self {
        self.ignored.push((bits(triggers), states, reason));
        self
    }

    fn minds(mut self, trigger: u8, states: u32) -> Self {
        let pairs = (bits(&[trigger]), states);
        self.ignored.retain(|it| (it.0, it.1) != pairs);
        self
    }

    fn arms(mut self, trigger: u8, states: u32) -> Self {
        let mut timers = self.timers.iter_mut();
        timers.find(|timer| timer.0 == trigger).unwrap().1 = states;
        self
    }

    /// What the check says against it, if it does.
    fn refusal(self) -> Option<&'static str> {
        let judged = catch_unwind(|| {
            let rows = self.rows.iter().map(|row| Row::new(row.0, row.1, ()));
            let table = TransitionTable::new(rows.collect::<Vec<_>>().leak());
            let pairs = |it: &(u32, u32, Harmless)| IgnoredPairs::new(it.0, it.1, it.2);
            let ignored: Vec<_> = self.ignored.iter().map(pairs).collect();
            let armed = |timer: &(u8, u32)| Armed::new(timer.0, timer.1);
            let timers: Vec<_> = self.timers.iter().map(armed).collect();
            table.check(
                &ignored,
                &Domain {
                    states: IDLE | BUSY | LAST,
                    triggers: bits(&[START, PATIENCE, SLEEP, END]),
                    timers: &timers,
                    deadlines: BUSY,
                },
            );
        });
        judged
            .err()
            .map(|said| *said.downcast_ref().unwrap_or(&"another panic"))
    }
}

const TWICE: Option<&str> = Some("two rows decide one pair");
const IGNORED_TWICE: Option<&str> = Some("a pair is ignored twice");
const BOTH: Option<&str> = Some("a pair has a row and is ignored");
const UNDECIDED: Option<&str> = Some("a pair is not decided, or belongs to another machine");
const UNORDERED: Option<&str> = Some("the rows are not in the order of the triggers");
const NO_DEADLINE: Option<&str> = Some("a deadline is claimed in a state that has none");
const NO_TIMER: Option<&str> = Some("a trigger is ignored as not armed, but is no timer's");
const ARMED_ELSEWHERE: Option<&str> =
    Some("the rows of a timer are not those of the states that arm it");

// spec: IFC-11
#[test]
fn each_pair_has_a_row_or_a_reason_and_not_both() {
    assert_eq!(sound().refusal(), None);
    for (trigger, state) in [(START, IDLE), (START, LAST), (END, BUSY), (END, LAST)] {
        let machine = sound().lacks((trigger, state));
        assert_eq!(machine.clone().refusal(), UNDECIDED, "{trigger} in {state}");
        let machine = machine.ignores(&[trigger], state, NotRunning);
        assert_eq!(machine.refusal(), None, "{trigger} in {state}");
        let machine = sound().ignores(&[trigger], state, NotRunning);
        assert_eq!(machine.refusal(), BOTH, "{trigger} in {state}");
        let machine = sound().has((trigger, state));
        assert_eq!(machine.refusal(), TWICE, "{trigger} in {state}");
    }
    for (trigger, state) in [(START, BUSY), (SLEEP, IDLE), (SLEEP, BUSY), (END, IDLE)] {
        let machine = sound().minds(trigger, state);
        assert_eq!(machine.refusal(), UNDECIDED, "{trigger} in {state}");
        let machine = sound().ignores(&[trigger], state, NoWait);
        assert_eq!(machine.refusal(), IGNORED_TWICE, "{trigger} in {state}");
    }
    // Three in one row or reason, of which one is there twice, are no better.
    let all = IDLE | BUSY | LAST;
    assert_eq!(sound().has((START, all)).refusal(), TWICE);
    let machine = sound().ignores(&[START, END], all, StepOver);
    assert_eq!(machine.refusal(), IGNORED_TWICE);
}

// spec: IFC-11
#[test]
fn nothing_is_decided_of_another_machine() {
    let stranger = 5;
    assert_eq!(sound().has((stranger, IDLE)).refusal(), UNDECIDED);
    let machine = sound().ignores(&[stranger], IDLE, AlreadySo);
    assert_eq!(machine.refusal(), UNDECIDED);
    let state = 1 << 7;
    assert_eq!(sound().has((END, state)).refusal(), UNDECIDED);
    let machine = sound().ignores(&[END], state, AlreadySo);
    assert_eq!(machine.refusal(), UNDECIDED);
    // There is no trigger beyond the last.
    assert_eq!(sound().has((END + 1, IDLE)).refusal(), UNORDERED);
}

#[test]
fn rows_are_in_the_order_of_the_triggers() {
    for place in 0..sound().rows.len() - 1 {
        let mut machine = sound();
        let (one, next) = (machine.rows[place].0, machine.rows[place + 1].0);
        machine.rows.swap(place, place + 1);
        let expected = if one == next { None } else { UNORDERED };
        assert_eq!(machine.refusal(), expected, "{place}");
    }
}

// spec: IFC-11
#[test]
fn a_reason_that_names_a_deadline_or_a_timer_needs_one() {
    for reason in [UnderWay, OtherStep, BetweenTries] {
        let with = |trigger, state| {
            let machine = sound().minds(trigger, state).lacks((trigger, state));
            machine.ignores(&[trigger], state, reason).refusal()
        };
        assert_eq!(with(START, BUSY), None, "{reason:?}");
        assert_eq!(with(END, BUSY), None, "{reason:?}");
        for (trigger, state) in [(END, IDLE), (END, LAST), (START, IDLE)] {
            assert_eq!(with(trigger, state), NO_DEADLINE, "{reason:?}");
        }
        let machine = sound().lacks((END, BUSY)).minds(END, IDLE);
        let machine = machine.ignores(&[END], IDLE | BUSY, reason);
        assert_eq!(machine.refusal(), NO_DEADLINE, "{reason:?}");
    }
    for reason in [AlreadySo, NotRunning, NoWait, StepOver, Passing] {
        let machine = sound().minds(END, IDLE).ignores(&[END], IDLE, reason);
        assert_eq!(machine.refusal(), None, "{reason:?}");
    }
    let machine = sound().minds(END, IDLE).ignores(&[END], IDLE, NotArmed);
    assert_eq!(machine.refusal(), NO_TIMER);
}

// spec: IFC-11
#[test]
fn a_timer_has_a_row_wherever_it_can_be_armed_and_nowhere_else() {
    for (trigger, states) in [(PATIENCE, BUSY), (SLEEP, LAST)] {
        for armed in [IDLE, 0, IDLE | states] {
            let machine = sound().arms(trigger, armed);
            assert_eq!(machine.refusal(), ARMED_ELSEWHERE, "{trigger} in {armed}");
        }
        let machine = sound().lacks((trigger, states));
        let machine = machine.ignores(&[trigger], states, NotArmed);
        assert_eq!(machine.refusal(), ARMED_ELSEWHERE, "{trigger}");
    }
}

// spec: IFC-11
#[test]
fn a_pair_has_the_effect_of_its_row_or_the_reason_why_it_is_ignored() {
    const ROWS: &[Row<char>] = &[
        Row::new(START, IDLE | BUSY, 'a'),
        Row::new(START, LAST, 'b'),
        Row::new(PATIENCE, BUSY, 'c'),
        Row::new(END, LAST, 'd'),
    ];
    let table = TransitionTable::new(ROWS);
    for (trigger, state, effect) in [
        (START, IDLE, Some('a')),
        (START, BUSY, Some('a')),
        (START, LAST, Some('b')),
        (1, IDLE, None),
        (PATIENCE, IDLE, None),
        (PATIENCE, BUSY, Some('c')),
        (SLEEP, BUSY, None),
        (30, LAST, None),
        (END, BUSY, None),
        (END, LAST, Some('d')),
        (END + 1, LAST, None),
    ] {
        assert_eq!(table.effect(state, trigger), effect, "{trigger} in {state}");
    }
    let ignored = [
        IgnoredPairs::new(bits(&[START, END]), IDLE, NoWait),
        IgnoredPairs::new(bits(&[END]), BUSY | LAST, Passing),
    ];
    for (trigger, state, reason) in [
        (START, IDLE, Some(NoWait)),
        (START, LAST, None),
        (PATIENCE, IDLE, None),
        (END, IDLE, Some(NoWait)),
        (END, LAST, Some(Passing)),
    ] {
        assert_eq!(harmless(&ignored, state, trigger), reason);
    }
}

struct Item(u32);

impl Item {
    const fn bit(&self) -> u32 {
        1 << self.0
    }
}

set_of!(items_of: Item);

#[test]
fn a_set_has_the_bit_of_each_item() {
    assert_eq!(items_of(&[]), 0);
    assert_eq!(
        items_of(&[Item(0), Item(3), Item(31)]),
        1 | 1 << 3 | 1 << 31
    );
    assert_eq!(NoWait.text(), "there is no wait that it could end");
}
