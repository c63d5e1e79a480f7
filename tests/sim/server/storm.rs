//! Hours of random events between device and server, then a healthy world.

use lankeeper::sim::{
    AirChange, CableChange, CellularChange, Condition, Coverage, FaultRates, Happening, HttpProxy,
    PppService, ServerChange, Simulated,
};
use lankeeper::{Duration, Instant, Policy, ProxySettings, ServerState};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

use super::Trip;
use crate::sim::ALL;
use crate::support::network;

/// Two pauses and rounds, in seconds: a round may just have begun with the worst interface.
const BOUND: u64 = 2 * (9 * 60 + 60);

struct Storm {
    trip: Trip,
    random: Pcg32,
}

impl Storm {
    fn new(seed: u64) -> Self {
        let mut trip = Trip::with_seed(seed);
        let now = Instant::EPOCH;
        trip.manager.store_wifi(now, &network());
        trip.manager.store_proxy(now, &proxy());
        // Both never give up.
        let policies = [Policy::SuspendOnError, Policy::KeepTrying];
        let policy = policies[usize::from(seed % 2 == 1)];
        trip.manager.set_policy(now, policy);
        trip.manager.connect(now, None).unwrap();
        let mut storm = Self {
            trip,
            random: Pcg32::seed_from_u64(seed),
        };
        storm.heal();
        storm
    }

    fn weather(&mut self) -> Happening {
        let home = self.trip.home;
        let even = self.random.random::<bool>();
        let condition =
            [Condition::Works, Condition::Fails, Condition::Hangs][self.random.random_range(0..3)];
        match self.random.random_range(0..12) {
            0 => AirChange::Signal(home, even.then_some(-70)).into(),
            1 => AirChange::Captive(home, even).into(),
            2 => AirChange::Firewall(home, even).into(),
            3 => CableChange::Pulled.into(),
            4 => CableChange::Plugged.into(),
            5 => CellularChange::SessionDropped.into(),
            6 => CellularChange::Coverage(Coverage::Home).into(),
            7 => CellularChange::Coverage(Coverage::None).into(),
            8 => ServerChange::Names(condition).into(),
            9 => ServerChange::Proxy(Some(HttpProxy::new(proxy()).in_condition(condition))).into(),
            10 => ServerChange::Server(condition).into(),
            _ => ServerChange::Ppp(condition).into(),
        }
    }

    fn blow(&mut self, until: Instant, mut check: impl FnMut(&Trip)) {
        while self.trip.world.now() < until {
            let happening = self.weather();
            self.trip.happen(happening);
            let micros = self.random.random_range(0..300_000_000);
            self.trip.pass_for(Duration::from_micros(micros));
            self.trip.seen.clear();
            check(&self.trip);
        }
    }

    /// Makes the world healthy again.
    fn heal(&mut self) {
        let home = self.trip.home;
        let proxy = HttpProxy::new(proxy());
        let well: [Happening; 11] = [
            AirChange::Signal(home, Some(-60)).into(),
            AirChange::Captive(home, false).into(),
            AirChange::Firewall(home, false).into(),
            CableChange::Plugged.into(),
            CellularChange::Coverage(Coverage::Home).into(),
            CellularChange::Ppp(PppService::default()).into(),
            ServerChange::Names(Condition::Works).into(),
            ServerChange::Proxy(Some(proxy)).into(),
            ServerChange::Server(Condition::Works).into(),
            ServerChange::Ppp(Condition::Works).into(),
            Happening::ServerFaultRates(FaultRates::NONE),
        ];
        for happening in well {
            self.trip.happen(happening);
        }
        for id in ALL {
            self.trip
                .happen(Happening::FaultRates(id, FaultRates::NONE));
        }
    }
}

fn proxy() -> ProxySettings {
    ProxySettings::new("proxy.example", 3128).unwrap()
}

const DAY: Instant = Instant::from_micros(24 * 3_600 * 1_000_000);

// spec: CON-13, CON-17
#[test]
fn notices_are_true_during_bad_weather_and_it_connects_afterwards() {
    let mut connected = 0;
    for seed in 0..20 {
        let mut storm = Storm::new(seed);
        storm.blow(DAY, |trip| {
            assert!(trip.is_truthful(), "seed {seed} at {:?}", trip.world.now());
            connected += u32::from(trip.state() == ServerState::Connected);
        });
        storm.heal();
        storm.trip.reach(ServerState::Connected, BOUND);
        storm.trip.pass(600);
        assert!(storm.trip.is_truthful());
    }
    assert!(connected > 300, "{connected}");
}

// spec: CON-13
#[test]
fn it_connects_after_bad_weather_and_faults() {
    for seed in 0..20 {
        let mut storm = Storm::new(seed);
        let mut rates = FaultRates::each(40);
        // A spurious connection would be believed for ever.
        rates.spurious = 0;
        storm.trip.happen(Happening::ServerFaultRates(rates));
        for id in ALL {
            storm.trip.happen(Happening::FaultRates(id, rates));
        }
        storm.blow(DAY, |_| {});
        assert_eq!(storm.trip.world.server.overflowed(), 0);
        storm.heal();
        // Delayed reports still arrive.
        storm.trip.pass(90);
        storm.trip.reach(ServerState::Connected, BOUND);
        storm.trip.pass(600);
        assert!(storm.trip.is_truthful(), "seed {seed}");
    }
}
