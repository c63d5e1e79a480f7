//! Runs in which anything happens at any time, drawn from a seed.

use lankeeper::sim::{AccessPointId, AirChange, CableChange, Condition, DhcpServer, ServerChange};
use lankeeper::{Duration, InterfaceId, Policy};

use crate::courses::{FLUSH, add_router, key, lease};
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

/// Each second one is over Wi-Fi.
pub fn record(seed: u64) -> Vec<Seen> {
    let mut dice = Dice(seed);
    let policy = dice.of(&POLICIES);
    let is_wireless = seed.is_multiple_of(2);
    let interface = if is_wireless {
        InterfaceId::WIFI
    } else {
        InterfaceId::ETHERNET
    };
    let mut run = Recorder::new(interface, policy);
    let router = is_wireless.then(|| add_router(&mut run));
    for _ in 0..80 {
        let condition = dice.of(&[Condition::Works, Condition::Fails, Condition::Hangs]);
        match (dice.below(16), router) {
            (0 | 1, _) => run.open(),
            (2, _) => run.close(),
            (3..6, _) => run.connect(),
            (6, _) => run.disconnect(dice.of(&[None, FLUSH, FLUSH])),
            (7, _) => run.enable(dice.of(&[false, true, true])),
            (8, _) => run.choose(dice.of(&POLICIES)),
            (9..12, None) => run.happen(at_the_port(&mut dice)),
            (9..12, Some(router)) => run.happen(on_air(&mut dice, router)),
            (12, _) => run.happen(ServerChange::Server(condition)),
            (13, _) => run.happen(ServerChange::Names(condition)),
            (14, _) => run.happen(ServerChange::HangsUp),
            (_, _) => run.happen(ServerChange::Server(Condition::Works)),
        }
        run.pass(dice.of(&[0, 1, 3, 10, 40, 100, 400]));
    }
    run.finish()
}

fn addresses(dice: &mut Dice) -> DhcpServer {
    dice.of(&[
        lease(50),
        lease(50),
        lease(60),
        lease(60).silent(),
        lease(60).refusing(),
    ])
}

fn at_the_port(dice: &mut Dice) -> CableChange {
    match dice.below(3) {
        0 => CableChange::Pulled,
        1 => CableChange::Plugged,
        _ => CableChange::Dhcp(addresses(dice)),
    }
}

fn on_air(dice: &mut Dice, router: AccessPointId) -> AirChange {
    match dice.below(6) {
        0 => AirChange::Signal(router, None),
        1 => AirChange::Signal(router, Some(-60)),
        2 => AirChange::Restarts(
            router,
            Duration::from_millis(dice.of(&[100, 5_000, 90_000])),
        ),
        3 => AirChange::Rejects(router, dice.of(&[false, false, true])),
        4 => AirChange::Key(router, key(dice.of(&["correct horse", "another horse"]))),
        _ => AirChange::Dhcp(router, addresses(dice)),
    }
}
