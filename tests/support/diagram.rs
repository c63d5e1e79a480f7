//! State diagrams: a machine's table in the language of Graphviz.
//!
//! What most states have in common stands below the picture instead of in it.

use core::fmt::Write;
use std::collections::{BTreeMap, BTreeSet};

/// A machine as its picture shows it.
pub(crate) struct Diagram {
    pub(crate) name: &'static str,
    pub(crate) states: Vec<Node>,
    /// The names of the states from the first one to the one that is aimed at.
    pub(crate) main: Vec<String>,
    pub(crate) moves: Vec<Move>,
}

/// A state.
pub(crate) struct Node {
    pub(crate) name: String,
    pub(crate) code: Option<i16>,
    /// Whether nothing is tried in it.
    pub(crate) is_stopped: bool,
}

/// What an event in a state can lead to.
#[derive(Debug)]
pub(crate) struct Move {
    pub(crate) from: String,
    pub(crate) event: String,
    /// Its states, in the order of the table.
    pub(crate) to: Vec<String>,
}

/// Events by the states that they lead from and to.
type Ways<'a> = BTreeMap<(String, String), Vec<&'a str>>;

impl Diagram {
    /// Whether something leads from a state to another one.
    pub(crate) fn is_left(&self, state: &str) -> bool {
        let mut moves = self.moves.iter();
        moves.any(|one| one.from == state && one.to.iter().any(|to| to != state))
    }

    /// Whether something leads to a state from another one.
    pub(crate) fn is_reached(&self, state: &str) -> bool {
        let mut moves = self.moves.iter();
        moves.any(|one| one.from != state && one.to.iter().any(|to| to == state))
    }

    /// The picture in the language of Graphviz.
    pub(crate) fn description(&self) -> String {
        let (ways, choices) = self.ways();
        let mut text = format!("digraph \"{}\" {{\n{STYLE}", self.name);
        writeln!(text, "    label=\"{}\"", self.legend(!choices.is_empty())).unwrap();
        let mut states: Vec<_> = self.states.iter().collect();
        states.sort_by_key(|node| self.place(&node.name));
        for node in states {
            writeln!(text, "    {}", self.node(node)).unwrap();
        }
        for choice in choices {
            writeln!(text, "    {choice} [{CHOICE}]").unwrap();
        }
        // Graphviz lays out along the arrows that come first.
        let mut ways: Vec<_> = ways.into_iter().collect();
        ways.sort_by_key(|((from, to), _)| (!self.is_step(from, to), self.place(from)));
        for ((from, to), events) in &ways {
            writeln!(text, "    {}", self.edge(from, to, events)).unwrap();
        }
        text.push_str("}\n");
        text
    }

    /// Where a state stands on the main way; those that do not come last.
    fn place(&self, name: &str) -> usize {
        let place = self.main.iter().position(|main| main == name);
        place.unwrap_or(self.main.len())
    }

    /// Whether the main way leads from one state to the other.
    fn is_step(&self, from: &str, to: &str) -> bool {
        self.main.windows(2).any(|step| step == [from, to])
    }

    fn is_main(&self, one: &Move) -> bool {
        one.to.iter().any(|to| self.is_step(&one.from, to))
    }

    /// Whether more than half of the states have this move: it stands below the picture then.
    fn is_common(&self, one: &Move) -> bool {
        2 * self.sharing(one).len() > self.states.len()
    }

    /// The states in which the same event leads to the same.
    fn sharing(&self, one: &Move) -> BTreeSet<&str> {
        let same = |other: &&Move| (&other.event, &other.to) == (&one.event, &one.to);
        let sharing = self.moves.iter().filter(same);
        sharing.map(|other| other.from.as_str()).collect()
    }

    /// The arrows, and the diamonds that some of them lead through: moves with the same several
    /// ends share one, unless they are few or on the main way.
    fn ways(&self) -> (Ways<'_>, Vec<String>) {
        let (common, own): (Vec<_>, Vec<_>) =
            self.moves.iter().partition(|one| self.is_common(one));
        let is_branching = |one: &&&Move| one.to.len() > 1 && !self.is_main(one);
        let mut ends = BTreeMap::<_, usize>::new();
        for one in own.iter().filter(is_branching) {
            *ends.entry(&one.to).or_default() += 1;
        }
        ends.retain(|_, moves| *moves > 2);
        let names = (1..).map(|number| format!("choice_{number}"));
        let choices: Vec<_> = ends.into_keys().zip(names).collect();
        let mut ways = Ways::new();
        let mut add = |from: &str, to: &str, event| {
            let way = (from.to_owned(), to.to_owned());
            if from != to {
                ways.entry(way).or_default().push(event);
            }
        };
        for one in own {
            match choices.iter().find(|(ends, _)| **ends == one.to) {
                Some((_, choice)) if !self.is_main(one) => add(&one.from, choice, &one.event),
                _ => one.to.iter().for_each(|to| add(&one.from, to, &one.event)),
            }
        }
        for (ends, choice) in &choices {
            ends.iter().for_each(|to| add(choice, to, ""));
        }
        // The main way has no gap.
        for one in common {
            for to in one.to.iter().filter(|to| self.is_step(&one.from, to)) {
                let events = ways.entry((one.from.clone(), to.clone())).or_default();
                if events.is_empty() {
                    events.push(&one.event);
                }
            }
        }
        let choices = choices.into_iter().map(|(_, choice)| choice);
        (ways, choices.collect())
    }

    fn node(&self, node: &Node) -> String {
        let name = &node.name;
        let code = node.code.map_or_else(String::new, |code| {
            format!("  <font color=\"#666666\">{code}</font>")
        });
        let look = if self.main.first() == Some(name) {
            FIRST
        } else if self.main.last() == Some(name) {
            AIM
        } else if node.is_stopped {
            STOPPED
        } else {
            STEP
        };
        let line = match self.main.contains(name) {
            true => " group=main",
            false => "",
        };
        format!("{name} [label=<<b>{name}</b>{code}> {look}{line}]")
    }

    fn edge(&self, from: &str, to: &str, events: &[&str]) -> String {
        let look = if self.is_step(from, to) { MAIN } else { "" };
        let label = match events.concat().as_str() {
            "" => String::new(),
            _ => format!("label=\"&nbsp;{}\\l\"", events.join("\\l&nbsp;")),
        };
        format!("{from} -> {to} [{label}{look}]")
    }

    /// What stands below the picture, in the lines of Graphviz.
    fn legend(&self, has_choices: bool) -> String {
        let mut listed = BTreeSet::new();
        let mut text = END.to_owned();
        for one in self.moves.iter().filter(|one| self.is_common(one)) {
            if !listed.insert((&one.event, &one.to)) {
                continue;
            }
            let sharing = self.sharing(one);
            let names = self.states.iter().map(|node| node.name.as_str());
            let others: Vec<_> = names.filter(|name| !sharing.contains(name)).collect();
            let (event, to) = (&one.event, one.to.join(" or "));
            write!(text, "{event} leads to {to} from every state").unwrap();
            match others.as_slice() {
                [] => {}
                [other] => write!(text, " but {other}").unwrap(),
                [others @ .., last] => {
                    // Two lines, or it would be wider than the picture.
                    let others = others.join(", ");
                    write!(text, "{END}{INDENT}but {others} and {last}").unwrap();
                }
            }
            text.push_str(END);
        }
        if has_choices {
            write!(text, "A diamond leads on to one of several states{END}").unwrap();
        }
        text
    }
}

/// Ends a line that begins at the left.
const END: &str = "\\l";
const INDENT: &str = "&nbsp;&nbsp;&nbsp;&nbsp;";

const STYLE: &str = r##"    graph [bgcolor="#fcfcfa" pad=0.2 nodesep=0.2 mclimit=8 ranksep=0.4 labelloc=b labeljust=l]
    graph [fontname="Helvetica,Arial,sans-serif" fontsize=11 fontcolor="#444444"]
    node [fontname="Helvetica,Arial,sans-serif" fontsize=12 fontcolor="#1a1a1a"]
    node [shape=box style="rounded,filled" penwidth=1.2 margin="0.16,0.08"]
    edge [fontname="Helvetica,Arial,sans-serif" fontsize=11 fontcolor="#333333"]
    edge [color="#7a7f87" arrowsize=0.7]
"##;
const FIRST: &str = r##"fillcolor="#ffffff" color="#7a7f87" style="rounded,filled,dashed""##;
const STEP: &str = r##"fillcolor="#e3edfa" color="#4a78b5""##;
const AIM: &str = r##"fillcolor="#d6f0d8" color="#2f8a3c" penwidth=2.4"##;
const STOPPED: &str = r##"fillcolor="#fbe6d9" color="#c06a35""##;
const CHOICE: &str = r##"shape=diamond style=filled fillcolor="#7a7f87" color="#7a7f87" label="" width=0.2 height=0.2"##;
const MAIN: &str = r##" weight=100 color="#1f4e8c" penwidth=2.2 fontcolor="#1a1a1a""##;
