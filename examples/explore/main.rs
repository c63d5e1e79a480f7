//! Explores every state that the manager can reach with short deadlines, breadth first, and checks
//! laws in each. It prints how many states and transitions there are, or the shortest story of a
//! law that is broken, and exits with 1 then.
//!
//! ```sh
//! cargo run --release --example explore            # all alphabets
//! cargo run --release --example explore -- socket  # one of them
//! ```
#![allow(
    unreachable_pub,
    clippy::arithmetic_side_effects,
    clippy::collapsible_match,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "an example may panic; these lints guard the core"
)]

mod alphabet;
mod search;
mod world;

use std::process::ExitCode;

use lankeeper::InterfaceId;
use lankeeper::Policy::{KeepTrying, ReturnOnError, SuspendOnError};

use alphabet::Alphabet;

const ETH0: InterfaceId = InterfaceId::ETHERNET;

fn alphabets() -> Vec<Alphabet> {
    let socket = Alphabet {
        name: "socket",
        interfaces: [ETH0, "eth1".parse().unwrap()],
        opened: 1,
        connects: 0,
        sockets: true,
        late: true,
        policies: &[],
        orders: false,
        enabling: true,
    };
    let server = Alphabet {
        name: "server",
        connects: 1,
        sockets: false,
        late: true,
        enabling: false,
        policies: &[ReturnOnError],
        ..socket
    };
    let policies = Alphabet {
        name: "policies",
        opened: 0,
        late: false,
        policies: &[ReturnOnError, SuspendOnError, KeepTrying],
        ..server
    };
    let order = Alphabet {
        name: "order",
        opened: 0,
        connects: 2,
        late: false,
        orders: true,
        ..server
    };
    let cellular = Alphabet {
        name: "cellular",
        interfaces: [ETH0, "cell0".parse().unwrap()],
        orders: false,
        ..order
    };
    vec![socket, server, policies, order, cellular]
}

fn main() -> ExitCode {
    let wanted = std::env::args().nth(1);
    let mut chosen = alphabets();
    chosen.retain(|alphabet| wanted.as_deref().is_none_or(|name| name == alphabet.name));
    for alphabet in &chosen {
        match search::explore(alphabet) {
            Ok(counts) => println!("{}: {counts}", alphabet.name),
            Err(story) => {
                println!("{}: a law is broken\n{story}", alphabet.name);
                return ExitCode::FAILURE;
            }
        }
    }
    if chosen.is_empty() {
        println!("there is no such alphabet");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
