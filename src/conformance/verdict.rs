//! The verdicts of a run, as data.

use core::fmt;

use super::Change;
use crate::manager::Event;
use crate::time::Duration;

/// Declares the checks: name, rule, and text.
macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident $rule:literal $text:literal,)+) => {
        /// A thing that is checked. Each has one verdict in a run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "defmt", derive(defmt::Format))]
        #[non_exhaustive]
        pub enum Check {
            $(#[doc = $text] $(#[$doc])* $name,)+
        }

        impl Check {
            /// All checks, in the order of their verdicts.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The rule of the [specification](crate::spec) that is checked.
            #[must_use]
            pub const fn rule(self) -> &'static str {
                match self {
                    $(Self::$name => $rule,)+
                }
            }

            const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }

        /// How many checks there are.
        const COUNT: usize = [$(Check::$name),+].len();
    };
}

checks! {
    Answers "IFC-2" "Every command that begins a step is answered, in its deadline.",
    Tickets "IFC-10" "A report has the ticket of its command, and none is made up.",
    Once "DRV-5" "What happened is reported once.",
    Repeats "IFC-2" "A command that comes again is answered again, and ends are harmless twice.",
    Unknown "DRV-3" "A command that the backend does not know is answered by a fault.",
    Stopped "IFC-8" "After a stop nothing is reported or sent.",
    PoweredDown "IFC-8" "After a power-down nothing is reported, sent or received.",
    Loss "IFC-6" "A cable that is pulled, an access point or network that vanishes is reported.",
    Return "IFC-6" "A carrier or network that is back is reported.",
    Absence "IFC-4" "What is not there is not found.",
    WrongKey "IFC-4" "A key that is wrong is refused.",
    SilentDhcp "IFC-4" "A silent DHCP server grants nothing.",
    RefusedLease "IFC-4" "A lease that is refused is reported.",
    LostLease "IFC-5" "A lease that runs out is reported.",
    LostSession "IFC-6" "A session that the network ends is reported.",
    LostSim "IFC-4" "A SIM that is pulled is reported.",
    Recovers "IFC-11" "After all of that the interface comes up again.",
    ServerAnswers "CON-5" "Every command of the server connection is answered, in its deadline.",
    ServerHungUp "CON-12" "A server that hangs up without a word is noticed.",
    ServerReset "CON-12" "A connection that the server resets is lost.",
    ServerRefuses "CON-5" "A server that refuses is reported.",
    ServerSilent "CON-5" "A server that is silent is not connected.",
    Disconnected "CON-15" "After a disconnect nothing is reported of the server.",
    Receives "UDP-9" "A datagram to a bound port is received as it was sent.",
    BufferLength "DRV-1" "A datagram that exceeds the buffer is cut, and its whole length returned.",
    Unbound "UDP-11" "What came to a port that was given back is never for a later binding.",
    BindFailure "DRV-6" "A port that cannot be bound is reported.",
    SendFailure "DRV-6" "A datagram that was not sent is reported.",
    PersistFailure "DRV-6" "Settings that were not stored are reported.",
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(clippy::exhaustive_enums, reason = "there is no fourth")]
pub enum Outcome {
    /// The backend does it.
    Passed,
    /// It does not: what was seen of it first, and what was expected then.
    Failed {
        /// What a right backend does.
        expected: &'static str,
        /// What this one did.
        seen: Seen,
    },
    /// It was not checked.
    Skipped(Skip),
}

/// What was seen in place of what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Seen {
    /// Nothing, for this time.
    Nothing(Duration),
    /// This event.
    Event(Event),
    /// Events without an end.
    Flood,
    /// So many frames or datagrams.
    Count(u32),
    /// A datagram of this length.
    Datagram(usize),
    /// A buffer with other bytes than those of the datagram.
    OtherBytes,
}

/// Why a check was skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Skip {
    /// It is about another medium.
    OtherMedium,
    /// The bed cannot do this.
    Change(Change),
    /// The bed does not see the traffic.
    Unseen,
    /// The plan leaves it out.
    NotPlanned,
    /// What it needs did not work.
    NotReached,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing(time) => write!(f, "nothing for {} ms", time.as_millis()),
            Self::Event(event) => write!(f, "{event:?}"),
            Self::Flood => f.write_str("events without an end"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Datagram(length) => write!(f, "a datagram of {length} bytes"),
            Self::OtherBytes => f.write_str("other bytes"),
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OtherMedium => f.write_str("it is about another medium"),
            Self::Change(change) => write!(f, "the bed has no {change:?}"),
            Self::Unseen => f.write_str("the bed does not see the traffic"),
            Self::NotPlanned => f.write_str("the plan leaves it out"),
            Self::NotReached => f.write_str("what it needs did not work"),
        }
    }
}

/// The verdict of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Verdict {
    /// What was checked.
    pub check: Check,
    /// What became of it.
    pub outcome: Outcome,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (check, rule) = (self.check, self.check.rule());
        match self.outcome {
            Outcome::Passed => write!(f, "passed  {rule:<7} {check:?}: {check}"),
            Outcome::Failed { expected, seen } => write!(
                f,
                "FAILED  {rule:<7} {check:?}: {check} Expected: {expected}; seen: {seen}"
            ),
            Outcome::Skipped(skip) => write!(f, "skipped {rule:<7} {check:?}: {skip}"),
        }
    }
}

/// The verdicts of a run: one for each check. `Display` has a line for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdicts([Outcome; COUNT]);

impl Verdicts {
    /// Nothing has been checked.
    pub(super) const fn new() -> Self {
        Self([Outcome::Skipped(Skip::NotReached); COUNT])
    }

    /// All verdicts, in the order of [`Check::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = Verdict> {
        let all = Check::ALL.iter().zip(self.0);
        all.map(|(&check, outcome)| Verdict { check, outcome })
    }

    /// The verdicts of what failed.
    pub fn failed(&self) -> impl Iterator<Item = Verdict> {
        self.iter()
            .filter(|verdict| matches!(verdict.outcome, Outcome::Failed { .. }))
    }

    /// What became of a check.
    #[must_use]
    pub fn of(&self, check: Check) -> Outcome {
        let mut all = self.iter().filter(|verdict| verdict.check == check);
        all.next()
            .map_or(Outcome::Skipped(Skip::NotReached), |it| it.outcome)
    }

    /// Whether nothing failed. What was skipped was not shown to be right.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failed().next().is_none()
    }

    /// Sets the outcome of a check: the first failure stays, and so does a pass beside a skip.
    pub(super) fn set(&mut self, check: Check, outcome: Outcome) {
        let places = Check::ALL.iter().zip(&mut self.0);
        for (_, place) in places.filter(|(other, _)| **other == check) {
            match (*place, outcome) {
                (Outcome::Failed { .. }, _) | (Outcome::Passed, Outcome::Skipped(_)) => {}
                (Outcome::Passed | Outcome::Skipped(_), _) => *place = outcome,
            }
        }
    }
}

impl fmt::Display for Verdicts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|verdict| writeln!(f, "{verdict}"))
    }
}
