//! The probe on a host. Measuring is done by callgrind: it counts what happens in `measured`.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::io::{BufRead, stdin};
use std::process::ExitCode;

use crate::Order;
use crate::kind::{Kind, Met};
use crate::sequence::{self, Gauge, Unmeasured};

pub fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(order) = Order::read(arguments.iter().map(String::as_str)) else {
        eprintln!("probe hash|cost SEED COUNT");
        return ExitCode::from(2);
    };
    let hash = if order.measures {
        let mut selected = Selected::read();
        let hash = sequence::run(order.seed, order.count, &mut selected);
        if selected.wanted.first().is_some() {
            eprintln!("there are inputs on the list that never came");
            return ExitCode::FAILURE;
        }
        hash
    } else {
        sequence::run(order.seed, order.count, &mut Unmeasured)
    };
    println!("hash {hash:016x}");
    ExitCode::SUCCESS
}

/// Measures the inputs whose places in the sequence stand on standard input, one in a line.
struct Selected {
    wanted: BTreeSet<u32>,
    place: u32,
}

impl Selected {
    fn read() -> Self {
        let places = stdin().lock().lines().map_while(Result::ok);
        Self {
            wanted: places.filter_map(|line| line.trim().parse().ok()).collect(),
            place: 0,
        }
    }
}

impl Gauge for Selected {
    const APART: bool = true;

    fn measure<R>(&mut self, _: Kind, _: [Met; 2], call: impl FnOnce() -> R) -> R {
        let place = self.place;
        self.place += 1;
        if self.wanted.remove(&place) {
            measured(call)
        } else {
            call()
        }
    }
}

/// Callgrind counts what is called from here, and writes it down when this returns.
#[inline(never)]
fn measured<R>(call: impl FnOnce() -> R) -> R {
    black_box(call())
}
