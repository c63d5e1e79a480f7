//! Transition tables, of the same form for the interfaces and the server connection.
//!
//! A table has two lists. A row says what a trigger does in some states; a machine looks up the
//! rows, which are sorted by trigger. The second list has the pairs of state and trigger that are
//! ignored, each with the reason why that cannot leave the machine stuck.
//! [`TransitionTable::check`] runs at compile time: a table does not compile if it decides a pair
//! twice or not at all, or if a reason claims a deadline or a timer that is not there.

/// What a trigger does in some states.
pub(crate) struct Row<E> {
    states: u32,
    trigger: u8,
    effect: E,
}

/// The states in which some triggers are ignored, and why.
pub(crate) struct IgnoredPairs {
    triggers: u32,
    states: u32,
    reason: Harmless,
}

/// Why ignoring a trigger cannot leave the machine stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Harmless {
    /// What is under way has a deadline.
    UnderWay,
    /// The report belongs to a step that is not under way, and what is under way has a deadline.
    OtherStep,
    /// The report belongs to a step that is over, and losing what the step led to is reported.
    StepOver,
    /// The trigger says what is so already.
    AlreadySo,
    /// Nothing is under way; the next start or request is the way out.
    NotRunning,
    /// The trigger can only end a wait, and there is none.
    NoWait,
    /// The machine waits between two tries, with a timer armed.
    BetweenTries,
    /// The machine passes through the state within one input and never rests in it.
    Passing,
    /// No such timer is armed in the state.
    NotArmed,
}

/// A timer's trigger, and the states in which the timer can be armed, each at its bit.
pub(crate) struct Armed {
    trigger: u8,
    states: u32,
}

impl Armed {
    pub(crate) const fn new(trigger: u8, states: u32) -> Self {
        Self { trigger, states }
    }
}

/// The states and triggers of a machine: every pair of them has to be decided.
pub(crate) struct Domain<'a> {
    /// The states, each at its bit.
    pub(crate) states: u32,
    /// The triggers, each at its bit.
    pub(crate) triggers: u32,
    /// The timers.
    pub(crate) timers: &'a [Armed],
    /// The states in which the machine waits for an answer with a deadline.
    pub(crate) deadlines: u32,
}

/// The rows of a machine. The ignored pairs are kept apart, because only documentation and tests
/// need them: they take no memory on a device.
pub(crate) struct TransitionTable<E: 'static> {
    rows: &'static [Row<E>],
    /// Where the rows of each trigger begin: 176 B for four tables, which save a sixth of the
    /// instructions between the loss of a server connection and its report.
    begins: [u8; TRIGGERS + 1],
}

/// The most triggers that a machine can have: each has a bit.
const TRIGGERS: usize = 32;

impl<E> Row<E> {
    pub(crate) const fn new(trigger: u8, states: u32, effect: E) -> Self {
        Self {
            states,
            trigger,
            effect,
        }
    }
}

impl IgnoredPairs {
    pub(crate) const fn new(triggers: u32, states: u32, reason: Harmless) -> Self {
        Self {
            triggers,
            states,
            reason,
        }
    }

    #[expect(clippy::as_conversions, reason = "widens, where `From` is not const")]
    const fn has(&self, trigger: u8) -> bool {
        self.triggers.wrapping_shr(trigger as u32) & 1 != 0
    }
}

impl<E: Copy> TransitionTable<E> {
    /// What the trigger does in the state at this bit; `None` if it is ignored.
    pub(crate) fn effect(&self, state: u32, trigger: u8) -> Option<E> {
        let [first, end] = *self.begins.get(usize::from(trigger)..)?.first_chunk()?;
        for row in self.rows.get(first.into()..end.into())? {
            if row.states & state != 0 {
                return Some(row.effect);
            }
        }
        None
    }
}

/// Why the trigger is ignored in the state at this bit; `None` if it is not.
pub(crate) fn harmless(ignored: &[IgnoredPairs], state: u32, trigger: u8) -> Option<Harmless> {
    let mut ignored = ignored.iter();
    let pairs = ignored.find(|pairs| pairs.has(trigger) && pairs.states & state != 0)?;
    Some(pairs.reason)
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "runs at compile time, where each of them is an error of the build"
)]
impl<E> TransitionTable<E> {
    pub(crate) const fn new(rows: &'static [Row<E>]) -> Self {
        let mut begins = [0; TRIGGERS + 1];
        let (mut row, mut trigger) = (0, 0);
        while trigger < TRIGGERS {
            begins[trigger] = row as u8;
            while row < rows.len() && rows[row].trigger as usize == trigger {
                row += 1;
            }
            trigger += 1;
        }
        begins[TRIGGERS] = row as u8;
        if row != rows.len() {
            panic!("the rows are not in the order of the triggers");
        }
        Self { rows, begins }
    }

    /// Checks that every pair is decided exactly once, and that timers and reasons agree.
    pub(crate) const fn check(&self, ignored: &[IgnoredPairs], domain: &Domain<'_>) {
        let mut trigger = 0;
        while trigger < TRIGGERS as u8 {
            let changing = self.changing(trigger);
            let idle = domain.ignoring(ignored, trigger);
            if changing & idle != 0 {
                panic!("a pair has a row and is ignored");
            }
            let is_known = domain.triggers >> trigger & 1 != 0;
            if changing | idle != if is_known { domain.states } else { 0 } {
                panic!("a pair is not decided, or belongs to another machine");
            }
            let mut timer = 0;
            while timer < domain.timers.len() {
                let Armed {
                    trigger: fired,
                    states,
                } = domain.timers[timer];
                if fired == trigger && changing != states {
                    panic!("the rows of a timer are not those of the states that arm it");
                }
                timer += 1;
            }
            trigger += 1;
        }
    }

    /// The states in which a trigger changes something.
    const fn changing(&self, trigger: u8) -> u32 {
        let (mut states, mut row) = (0, 0);
        while row < self.rows.len() {
            if self.rows[row].trigger == trigger {
                if states & self.rows[row].states != 0 {
                    panic!("two rows decide one pair");
                }
                states |= self.rows[row].states;
            }
            row += 1;
        }
        states
    }
}

#[expect(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "runs at compile time, where each of them is an error of the build"
)]
impl Domain<'_> {
    /// The states in which a trigger is ignored.
    const fn ignoring(&self, ignored: &[IgnoredPairs], trigger: u8) -> u32 {
        let (mut states, mut place) = (0, 0);
        while place < ignored.len() {
            let pairs = &ignored[place];
            place += 1;
            if !pairs.has(trigger) {
                continue;
            }
            if states & pairs.states != 0 {
                panic!("a pair is ignored twice");
            }
            states |= pairs.states;
            match pairs.reason {
                Harmless::UnderWay | Harmless::OtherStep | Harmless::BetweenTries => {
                    if pairs.states & !self.deadlines != 0 {
                        panic!("a deadline is claimed in a state that has none");
                    }
                }
                Harmless::NotArmed => {
                    if !self.is_timer(trigger) {
                        panic!("a trigger is ignored as not armed, but is no timer's");
                    }
                }
                Harmless::NoWait
                | Harmless::StepOver
                | Harmless::AlreadySo
                | Harmless::NotRunning
                | Harmless::Passing => {}
            }
        }
        states
    }

    const fn is_timer(&self, trigger: u8) -> bool {
        let mut timer = 0;
        while timer < self.timers.len() {
            if self.timers[timer].trigger == trigger {
                return true;
            }
            timer += 1;
        }
        false
    }
}

impl Harmless {
    /// The reason in words, for the pages of the tables.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::UnderWay => "what is under way has a deadline",
            Self::OtherStep => "not of the step under way, which has a deadline",
            Self::StepOver => "of a step that is over",
            Self::AlreadySo => "says what is so already",
            Self::NotRunning => "nothing is under way, the next start or request is the way out",
            Self::NoWait => "there is no wait that it could end",
            Self::BetweenTries => "between two tries, the next of which has its time",
            Self::Passing => "never rested in",
            Self::NotArmed => "no such timer is armed here",
        }
    }
}

/// Defines a function that makes a set out of a list, each item at its bit.
macro_rules! set_of {
    ($name:ident: $item:ty) => {
        #[expect(
            clippy::arithmetic_side_effects,
            clippy::indexing_slicing,
            reason = "runs at compile time, where each of them is an error of the build"
        )]
        const fn $name(items: &[$item]) -> u32 {
            let (mut set, mut place) = (0, 0);
            while place < items.len() {
                set |= items[place].bit();
                place += 1;
            }
            set
        }
    };
}
pub(crate) use set_of;
