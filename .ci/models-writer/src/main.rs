//! Writes the rows of the media as TLA+ and Promela: `write DIRECTORY [PLANT]`.
//!
//! A model has three worlds. In the healthy one every report is a good one, and from every state the
//! interface comes to CONNECTED. In the refusing one any report comes at any time, and between two
//! waits no more steps begin than there are rungs. In the silent one nothing is reported: wherever
//! something is under way or has failed, time alone goes on, so that no state traps.
//!
//! The server connection begins tries: one for each interface of its route, which has three. Its table
//! does not say which interface is next, so the model counts how many are left. A try that waits for its
//! interface once more is the same try: the table of that interface paces it.

use std::fmt::Write;
use std::{env, fs};

use lankeeper::connect::{ServerGuard, ServerTimer, ServerTrigger, server_transitions};
use lankeeper::interface::{Guard, Trigger, transitions};
use lankeeper::{Medium, ServerState, State};

/// A move between two states that are rested in.
#[derive(Clone, PartialEq)]
struct Edge {
    from: String,
    to: String,
    /// It happens where all is well.
    is_good: bool,
    /// A report or a time-out brings it about, no request.
    is_unasked: bool,
    /// Time alone brings it about.
    is_time: bool,
    /// It ends a wait.
    ends_wait: bool,
    /// It begins a step, or a try.
    begins: bool,
    /// It is taken only while the route has another interface.
    needs_another: bool,
    /// It leads to a stopped state that only a request leaves, or WPS.
    waives: bool,
    /// It is taken only after such an edge.
    needs_waived: bool,
}

#[derive(Clone)]
struct Machine {
    name: &'static str,
    states: Vec<String>,
    edges: Vec<Edge>,
    /// The states in which nothing needs to go on.
    resting: Vec<String>,
    /// The most steps, or tries, between two waits.
    rungs: usize,
}

fn is_good(trigger: Trigger) -> bool {
    use Trigger as T;
    matches!(
        trigger,
        T::Start
            | T::Ready
            | T::NetworkFound
            | T::Joined
            | T::CarrierUp
            | T::Lease
            | T::ModemAlive
            | T::SimReady
            | T::Registered
            | T::PppUp
            | T::RetryDue
    )
}

fn interface(medium: Medium, name: &'static str, rungs: usize) -> Machine {
    let is_of = |state: &State| state.medium().is_none_or(|of| of == medium);
    let rests = |state: &State| is_of(state) && *state != State::WifiLinkUp;
    let mut edges = Vec::new();
    for pair in transitions(medium).filter(|pair| rests(&pair.state())) {
        for way in pair.ways().filter(|way| way.guard() != Guard::Passing) {
            let trigger = pair.trigger();
            let is_time = matches!(trigger, Trigger::DeadlinePassed | Trigger::RetryDue);
            edges.push(Edge {
                from: pair.state().to_string(),
                to: way.target().to_string(),
                is_good: is_good(trigger) && way.guard() != Guard::WithoutNetwork,
                is_unasked: !matches!(trigger, Trigger::Start | Trigger::Stop),
                is_time,
                ends_wait: trigger == Trigger::RetryDue
                    || matches!(way.guard(), Guard::AfterBackOff | Guard::Stable),
                begins: way.step().is_some(),
                needs_another: false,
                waives: way.guard() == Guard::WithoutNetwork,
                needs_waived: way.guard() == Guard::NoBackOff,
            });
        }
    }
    Machine {
        name,
        states: State::ALL
            .iter()
            .filter(|state| rests(state))
            .map(State::to_string)
            .collect(),
        edges,
        resting: vec![State::Unknown.to_string(), State::Connected.to_string()],
        rungs,
    }
}

/// The trigger that a timer of the server connection brings about.
fn fires(timer: ServerTimer) -> ServerTrigger {
    match timer {
        ServerTimer::Retry | ServerTimer::Pause => ServerTrigger::RetryDue,
        ServerTimer::Stability => ServerTrigger::Stable,
        _ => ServerTrigger::DeadlinePassed,
    }
}

/// Whether each way into a state arms a timer for the trigger.
fn is_armed(state: ServerState, trigger: ServerTrigger) -> bool {
    server_transitions()
        .flat_map(|pair| pair.ways())
        .filter(|way| way.target() == state)
        .all(|way| way.timers().iter().any(|timer| fires(*timer) == trigger))
}

fn server() -> Machine {
    use ServerTrigger as T;
    let mut edges = Vec::new();
    for pair in server_transitions() {
        let trigger = pair.trigger();
        // A request that takes the place of another is none that a healthy world needs.
        let is_first = trigger != T::Connect || pair.state() == ServerState::Disconnected;
        for way in pair.ways() {
            let waits = pair.state() == ServerState::Waiting
                && way.target() != ServerState::Waiting
                && way.target() != ServerState::Disconnected;
            let tries_on = way.guard() == ServerGuard::TriesOn && trigger != T::InterfaceLeft;
            let is_stable = way.guard() == ServerGuard::Stable;
            edges.push(Edge {
                from: pair.state().to_string(),
                to: way.target().to_string(),
                is_good: matches!(
                    trigger,
                    T::Connect
                        | T::InterfaceUp
                        | T::Resolved
                        | T::ProxyReached
                        | T::Connected
                        | T::Flushed
                        | T::RetryDue
                ) && is_first
                    && way.guard() != ServerGuard::WaitsOn,
                is_unasked: !matches!(
                    trigger,
                    T::Connect | T::Disconnect | T::Flush | T::Call | T::News
                ),
                is_time: matches!(trigger, T::DeadlinePassed | T::RetryDue)
                    && is_armed(pair.state(), trigger),
                ends_wait: waits || is_stable,
                begins: waits || is_stable || tries_on,
                needs_another: tries_on,
                waives: false,
                needs_waived: false,
            });
        }
    }
    Machine {
        name: "server",
        states: ServerState::ALL
            .iter()
            .map(ServerState::to_string)
            .collect(),
        edges,
        resting: vec![
            ServerState::Disconnected.to_string(),
            ServerState::Connected.to_string(),
        ],
        rungs: 3,
    }
}

/// Spoils a machine, as a mistake in its table would.
fn plant(machine: &mut Machine, plant: &str) {
    let before = machine.edges.clone();
    match plant {
        // A step or a back-off has no timer.
        "trap" => machine.edges.retain(|edge| {
            !edge.is_time
                || !edge.from.contains("DHCPING")
                    && !edge.from.contains("REGISTERING")
                    && !edge.from.contains("RESOLVING")
        }),
        // The last good answer is ignored.
        "deaf" => machine
            .edges
            .retain(|edge| edge.to != "CONNECTED" || edge.from.contains("STOPPED")),
        // A failure tries again at once.
        "spin" => {
            for edge in &mut machine.edges {
                let is_stop = edge.to.ends_with("_STOPPED") && edge.is_unasked && !edge.waives;
                if is_stop && !edge.from.contains("STOPPED") {
                    edge.to = "STARTING".into();
                    edge.begins = true;
                }
                if edge.to == "WAITING" && edge.is_unasked && edge.from != "WAITING" {
                    edge.to = "WAITING_FOR_INTERFACE".into();
                    edge.begins = true;
                }
            }
        }
        _ => return,
    }
    assert!(before != machine.edges, "nothing was planted");
}

fn tla(machine: &Machine, world: &str) -> String {
    let module = format!("{}_{world}", machine.name);
    let mut text = format!(
        "---- MODULE {module} ----\nEXTENDS Naturals\nVARIABLES state, begun, waived\n\
         vars == <<state, begun, waived>>\nStates == {{{}}}\n\
         Init == state \\in States /\\ begun = 0 /\\ waived = FALSE\n",
        quoted(&machine.states)
    );
    let mut all = String::new();
    for edge in edges(machine, world) {
        let begun = match (edge.ends_wait, edge.begins) {
            (true, begins) => usize::from(begins).to_string(),
            (false, true) => "begun + 1".into(),
            (false, false) => "begun".into(),
        };
        let mut needs = String::new();
        if edge.needs_waived {
            needs += " /\\ waived";
        }
        if edge.needs_another {
            write!(needs, " /\\ begun < {}", machine.rungs).unwrap();
        }
        writeln!(
            all,
            "  \\/ state = \"{}\"{needs} /\\ state' = \"{}\" /\\ begun' = {} /\\ waived' = {}",
            edge.from,
            edge.to,
            if world == "refusing" {
                begun
            } else {
                "0".into()
            },
            if edge.waives { "TRUE" } else { "FALSE" }
        )
        .unwrap();
    }
    write!(
        text,
        "Moves ==\n{all}Rests == state \\in {{{}}} /\\ UNCHANGED vars\nNext == Moves \\/ Rests\n\
         Spec == Init /\\ [][Next]_vars /\\ WF_vars(Moves)\n\
         Paced == begun <= {}\nArrives == <>(state = \"CONNECTED\")\n====\n",
        quoted(&machine.resting),
        machine.rungs
    )
    .unwrap();
    text
}

/// The moves of a world.
fn edges<'a>(machine: &'a Machine, world: &'a str) -> impl Iterator<Item = &'a Edge> {
    machine.edges.iter().filter(move |edge| match world {
        // A renewed lease is no move.
        "healthy" => edge.is_good && edge.from != "CONNECTED",
        "refusing" => edge.is_unasked,
        _ => edge.is_time,
    })
}

fn cfg(world: &str) -> &'static str {
    match world {
        "healthy" => "SPECIFICATION Spec\nPROPERTY Arrives\n",
        "refusing" => "INIT Init\nNEXT Next\nINVARIANT Paced\n",
        _ => "INIT Init\nNEXT Next\n",
    }
}

fn quoted(names: &[String]) -> String {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
    quoted.join(", ")
}

fn promela(machine: &Machine, world: &str) -> String {
    let mut text = format!(
        "mtype = {{ {} }};\nmtype state;\nint begun = 0;\nbool waived = false;\n\
         active proctype machine() {{\n  if\n",
        machine.states.join(", ")
    );
    for state in &machine.states {
        writeln!(text, "  :: state = {state}").unwrap();
    }
    text += "  fi;\n  do\n";
    for edge in edges(machine, world) {
        let mut needs = String::new();
        if edge.needs_waived {
            needs += " && waived";
        }
        if edge.needs_another {
            write!(needs, " && begun < {}", machine.rungs).unwrap();
        }
        let mut then = format!("state = {}; waived = {}", edge.to, edge.waives);
        if world == "refusing" {
            if edge.ends_wait {
                then += "; begun = 0";
            }
            if edge.begins {
                then += "; begun++";
            }
            write!(then, "; assert(begun <= {})", machine.rungs).unwrap();
        }
        writeln!(
            text,
            "  :: atomic {{ state == {}{needs} -> {then} }}",
            edge.from
        )
        .unwrap();
    }
    for state in &machine.resting {
        writeln!(text, "  :: state == {state} -> skip").unwrap();
    }
    text += "  od\n}\n";
    if world == "healthy" {
        text += "ltl arrives { <> (state == CONNECTED) }\n";
    }
    text
}

fn main() {
    let mut words = env::args().skip(1);
    let directory = words.next().expect("a directory");
    let planted = words.next().unwrap_or_default();
    let machines = [
        interface(Medium::Wifi, "wifi", 6),
        interface(Medium::Ethernet, "ethernet", 3),
        interface(Medium::Cellular, "cellular", 5),
        server(),
    ];
    for mut machine in machines {
        plant(&mut machine, &planted);
        for world in ["silent", "healthy", "refusing"] {
            let file = format!("{directory}/{}_{world}", machine.name);
            let mut machine = machine.clone();
            if world == "healthy" {
                // Something is wanted.
                machine.resting = vec!["CONNECTED".into()];
            }
            let machine = &machine;
            fs::write(format!("{file}.tla"), tla(machine, world)).unwrap();
            fs::write(format!("{file}.cfg"), cfg(world)).unwrap();
            fs::write(format!("{file}.pml"), promela(machine, world)).unwrap();
        }
    }
}
