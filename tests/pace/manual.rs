//! Other settings: recovery by request only, and back-offs of other lengths, whose bound follows
//! from them.

use lankeeper::back_off::BackOffConfig;
use lankeeper::{InterfaceId, Policy, Recovery, Report, Span, State};

use super::device::{App, Broken, Device, config, end_of};
use super::hold::{Hold, Quick, losses};
use super::pairs::{Pattern, states};
use super::random::Moody;
use super::world::World;
use super::{MEDIA, STABLE_MS, hours, none_broken};
use crate::support::span;

/// How often an interface can begin in an hour by itself: once at the start of the hour, and again
/// after each delay, which jitter makes three quarters as long. Whenever it has been stable, which
/// takes a while, the delays begin anew, and the first try after the loss comes at once.
fn bound(initial_ms: u64, maximum_ms: u64, stable_ms: u64) -> usize {
    // After how long each of the tries that follow a stable connection begins.
    let mut begins = vec![0];
    let mut doubled = initial_ms;
    while begins.len() <= 2_000 {
        begins.push(begins[begins.len() - 1] + doubled.min(maximum_ms) * 3 / 4);
        doubled = doubled.saturating_mul(2).min(maximum_ms);
    }
    let hour = 3_600_000;
    let mut most = 0;
    // All bursts but the last have `tries` waits, as the worst patterns do; the last one goes on.
    for (waits, lasts) in begins.iter().enumerate().take(100) {
        let cycle = lasts + stable_ms;
        for cycles in 0..=hour / cycle {
            let left = hour - cycles * cycle;
            let in_last = begins.partition_point(|begin| *begin < left);
            let whole = usize::try_from(cycles).unwrap() * (waits + 1);
            most = most.max(whole + in_last);
        }
    }
    most
}

// spec: IFC-13
#[test]
fn the_bound_follows_from_the_settings() {
    // 1 + 6 + (3600 - 47) / 45.
    assert_eq!(bound(1_000, 60_000, u64::MAX / 8), 85);
    assert!((85..=90).contains(&bound(1_000, 60_000, STABLE_MS)));
    // What it would be with a stability time of a minute.
    assert!((240..=300).contains(&bound(1_000, 60_000, 60_000)));
    // 1 + 22.5 s, 45 s, 90 s … 24 min, 45 min.
    assert_eq!(bound(30_000, 3_600_000, u64::MAX / 8), 1 + 7);
}

fn with_back_off(initial: u32, maximum: u32) -> Recovery {
    let spans = [initial, maximum].map(|secs| span(secs).unwrap());
    Recovery::Automatic(BackOffConfig::new(spans[0], spans[1]).unwrap())
}

/// Worlds that are hard on one interface.
fn worlds(id: InterfaceId) -> Vec<(String, Box<dyn World>)> {
    let mut worlds: Vec<(String, Box<dyn World>)> = Vec::new();
    let (lost, refused) = losses(id.medium());
    for (loss, quick) in lost.into_iter().zip(refused.into_iter().cycle()) {
        for (stay, times, quick) in [
            (100, 0, quick),
            (STABLE_MS + 1, 6, quick),
            (STABLE_MS + 1, 2, Quick::Lost(1)),
            (STABLE_MS - 1, 6, Quick::Lost(0)),
        ] {
            let hold = Hold {
                stay,
                loss,
                times,
                quick,
                left: 0,
            };
            worlds.push((format!("{hold:?}"), Box::new(hold)));
        }
    }
    for state in states(id.medium()) {
        let rules = vec![(state, 1, Report::Fault { code: 7 })];
        worlds.push((format!("{rules:?}"), Box::new(Pattern { rules, pace: 0 })));
    }
    for seed in 0..6 {
        worlds.push((format!("drawn {seed}"), Box::new(Moody::new(seed, &[id]))));
    }
    worlds
}

// spec: IFC-13, IFC-7
#[test]
fn other_back_offs_have_their_own_bound() {
    let mut broken = Vec::new();
    let mut runs = 0;
    for id in MEDIA {
        for (initial, maximum) in [(30, 3_600), (1, 3_600), (60, 60), (2, 10)] {
            let limit = bound(
                u64::from(initial) * 1_000,
                u64::from(maximum) * 1_000,
                STABLE_MS,
            );
            // A look for the carrier comes after the longest delay and is no try: one after the last.
            let limit = limit + 2;
            for (name, mut world) in worlds(id) {
                let seed = runs as u64;
                let mut config = config(seed, [id]);
                config.interfaces[0].recovery = with_back_off(initial, maximum);
                config.interfaces[0].stable_after = Span::secs::<300>();
                let name = format!("{id}, {initial} s to {maximum} s, {name}");
                let mut device = Device::new(&name, seed, &config);
                device.limits.interface = limit;
                device.open(id);
                let length = if maximum == 10 { hours(1) } else { hours(6) };
                broken.extend(device.run(world.as_mut(), end_of(length)).err());
                runs += 1;
            }
        }
    }
    none_broken(runs, &broken);
}

// spec: IFC-13, CON-5
#[test]
fn the_server_connection_keeps_other_back_offs_too() {
    let mut broken = Vec::new();
    let mut runs = 0;
    for id in MEDIA {
        for (policy, app) in [
            (Policy::SuspendOnError, App::Once),
            (Policy::SuspendOnError, App::Calls),
            (Policy::ReturnOnError, App::Calls),
            (Policy::ReturnOnError, App::Asks),
            (Policy::KeepTrying, App::Once),
        ] {
            for (name, mut world) in worlds(id) {
                runs += 1;
                if hours(0) == 0 && runs % 4 != 0 {
                    continue;
                }
                let seed = runs as u64;
                let mut config = config(seed, [id]);
                config.interfaces[0].recovery = with_back_off(30, 3_600);
                let name = format!("{id}, {policy:?}, {app:?}, 30 s to 3600 s, {name}");
                let mut device = Device::new(&name, seed, &config);
                device.limits.interface = bound(30_000, 3_600_000, STABLE_MS) + 2;
                device.limits.server = usize::MAX;
                device.use_server(app, policy);
                broken.extend(device.run(world.as_mut(), end_of(hours(6))).err());
            }
        }
    }
    none_broken(runs, &broken);
}

/// Lets a world be hard on an interface that only requests start.
fn manual(id: InterfaceId, name: &str, world: &mut dyn World, seed: u64) -> Result<(), Broken> {
    let mut config = config(seed, [id]);
    config.interfaces[0].recovery = Recovery::Manual;
    let mut device = Device::new(&format!("{id}, Manual, {name}"), seed, &config);
    device.app = App::LocalOnly;
    // The open is the only request: nothing is given twice, not even in a day.
    device.limits.interface = 1;
    device.open(id);
    device.run(world, end_of(hours(24)))?;
    let begun = device.counts.most();
    let handle = device.handles[0];
    if device.manager.state(id).is_some_and(State::is_stopped) {
        device.limits.interface = 2;
        device.manager.retry(device.now, handle).unwrap();
        device.run_well(end_of(hours(24) + 1))?;
        let state = device.manager.state(id).unwrap();
        if state != State::Connected {
            device.breaks(format!("after a request all is well, and it is {state}"))?;
        }
    }
    if begun > 1 {
        device.breaks(format!("{begun} commands of a kind without a request"))?;
    }
    Ok(())
}

// spec: IFC-13, IFC-7, IFC-6
#[test]
fn under_manual_recovery_only_requests_start_an_interface() {
    let mut broken = Vec::new();
    let mut runs = 0;
    for id in MEDIA {
        for (name, mut world) in worlds(id) {
            broken.extend(manual(id, &name, world.as_mut(), runs as u64).err());
            runs += 1;
        }
    }
    none_broken(runs, &broken);
}
