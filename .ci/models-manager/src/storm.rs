//! Runs in which anything happens at any time, drawn from a seed.

use lankeeper::sim::{CableChange, Condition, ServerChange};
use lankeeper::{InterfaceId, Policy};

use crate::courses::{FLUSH, lease};
use crate::recorder::{Recorder, Seen};

const POLICIES: [Policy; 3] = [
    Policy::SuspendOnError,
    Policy::ReturnOnError,
    Policy::KeepTrying,
];

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).expect("31 bits") % limit
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

pub fn record(seed: u64) -> Vec<Seen> {
    let mut dice = Dice(seed);
    let mut run = Recorder::new(InterfaceId::ETHERNET, dice.of(&POLICIES));
    for _ in 0..80 {
        let condition = dice.of(&[Condition::Works, Condition::Fails, Condition::Hangs]);
        match dice.below(16) {
            0 | 1 => run.open(),
            2 => run.close(),
            3..6 => run.connect(),
            6 => run.disconnect(dice.of(&[None, FLUSH, FLUSH])),
            7 => run.enable(dice.of(&[false, true, true])),
            8 => run.choose(dice.of(&POLICIES)),
            9 => run.happen(CableChange::Pulled),
            10 => run.happen(CableChange::Plugged),
            11 => run.happen(CableChange::Dhcp(dice.of(&[
                lease(50),
                lease(50),
                lease(60),
                lease(60).silent(),
                lease(60).refusing(),
            ]))),
            12 => run.happen(ServerChange::Server(condition)),
            13 => run.happen(ServerChange::Names(condition)),
            14 => run.happen(ServerChange::HangsUp),
            _ => run.happen(ServerChange::Server(Condition::Works)),
        }
        run.pass(dice.of(&[0, 1, 3, 10, 40, 100, 400]));
    }
    run.finish()
}
