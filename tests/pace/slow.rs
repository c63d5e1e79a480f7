//! Networks that need their time, and that each reset would set back to the start.

use lankeeper::{Instant, InterfaceId, Policy, Report, ServerState, State};

use super::device::{App, Device, config};
use super::kind::{Kind, lease};
use super::world::{Later, World};
use super::{CELL0, ETH0, after};

/// A network that answers a step only when it was begun so long ago, without a reset since.
struct Slow {
    step: Kind,
    /// What begins the wait: the step itself, or one below it.
    from: Kind,
    needs: u64,
    since: Option<Instant>,
}

impl World for Slow {
    fn answer(&mut self, now: Instant, _: InterfaceId, kind: Kind) -> Vec<Later<Report>> {
        if matches!(kind, Kind::PowerUp | Kind::PowerDown | Kind::Stop) {
            self.since = None;
        }
        if kind == self.from {
            self.since.get_or_insert(now);
        }
        let report = kind.success();
        if kind != self.step {
            return report.map(|report| (0, report)).into_iter().collect();
        }
        let since = self.since.unwrap_or(now);
        let ready = after(since, self.needs);
        let wait = ready.saturating_duration_since(now).as_millis();
        // A server for addresses does not answer what it did not hear: the client asks again every
        // ten seconds.
        let asks = if kind == Kind::StartDhcp {
            wait.next_multiple_of(10_000)
        } else {
            wait
        };
        report.map(|report| (asks, report)).into_iter().collect()
    }
}

/// A switch that forwards 50 s after the carrier is there.
fn slow_switch() -> Slow {
    Slow {
        step: Kind::StartDhcp,
        from: Kind::StartLink,
        needs: 50_000,
        since: None,
    }
}

/// A modem that finds its network after ten minutes.
fn slow_registration() -> Slow {
    Slow {
        step: Kind::Register,
        from: Kind::Register,
        needs: 600_000,
        since: None,
    }
}

// spec: IFC-14
#[test]
fn a_slow_network_is_reached() {
    assert_eq!(Kind::StartDhcp.success(), Some(Report::Lease(lease())));
    for seed in 0..20 {
        for (id, mut world, within) in [
            (ETH0, slow_switch(), 100_000),
            (CELL0, slow_registration(), 720_000),
        ] {
            let mut device = Device::new("slow", seed, &config(seed, [id]));
            device.open(id);
            let result = device.run(&mut world, after(Instant::EPOCH, within));
            result.unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(
                device.manager.state(id),
                Some(State::Connected),
                "{id}, seed {seed}: after {within} ms"
            );
        }
    }
}

// spec: IFC-14, CON-5, CON-13
#[test]
fn a_connection_does_not_let_go_of_a_slow_network() {
    let policies = [Policy::SuspendOnError, Policy::KeepTrying];
    for policy in policies {
        for seed in 0..20 {
            for (id, mut world, within) in [
                (ETH0, slow_switch(), 160_000),
                (CELL0, slow_registration(), 780_000),
            ] {
                let mut device = Device::new("slow", seed, &config(seed, [id]));
                device.use_server(App::Once, policy);
                let result = device.run(&mut world, after(Instant::EPOCH, within));
                result.unwrap_or_else(|error| panic!("{error}"));
                let states = (device.manager.state(id), device.manager.server_state());
                let interface = Some(State::Connected);
                // An interface that is up ends a wait of the connection (CON-19).
                assert_eq!(
                    states,
                    (interface, ServerState::Connected),
                    "{policy:?}, {id}, seed {seed}: after {within} ms"
                );
            }
        }
    }
}
