//! The server connection as the only holder, and beside others: under every policy, however the
//! application uses it.

use lankeeper::{InterfaceId, Policy, Recovery, ServerState, Span};

use super::device::{App, Broken, Device, config, end_of};
use super::hold::{Hold, Quick, losses};
use super::random::Moody;
use super::server::{Both, Renumbers, ServerHold, ServerMoody, ServerPattern, server_patterns};
use super::world::{Friendly, World};
use super::{CELL0, ETH0, MEDIA, SERVER_STABLE_MS, STABLE_MS, WL0, after, hours, none_broken};

/// How many more commands the last hour may have than the first. Full jitter draws each delay between
/// an eighth and all of it: of the 107 delays to 60 s in an hour, one hour has 30 more than another
/// once in some hundred thousand. With rounds, an hour has one more or less of them: 8 tries.
const SERVER_SLACK: usize = 30;

/// The same of each interface that goes along with the tries of the server connection.
const SLACK: usize = 15;

/// The pause between rounds, a round, and all that an interface needs after that.
const WELL_MS: u64 = 1_500_000;

const APPS: [App; 3] = [App::Once, App::Calls, App::Asks];

fn policies() -> Vec<Policy> {
    vec![
        Policy::SuspendOnError,
        Policy::ReturnOnError,
        Policy::ReturnOnErrorNoDisconnect,
        Policy::KeepTrying,
    ]
}

/// What a run has.
struct Case<'a, const N: usize> {
    name: String,
    ids: [InterfaceId; N],
    /// These have a local holder too.
    local: &'a [InterfaceId],
    policy: Policy,
    app: App,
    recovery: Option<Recovery>,
    /// Whether how often the server is tried is looked at elsewhere.
    only_interfaces: bool,
    /// Whether each hour is like the first.
    repeats: bool,
}

impl<const N: usize> Case<'_, N> {
    fn run(&self, world: &mut dyn World, seed: u64, hours: u64) -> Result<(usize, usize), Broken> {
        let Self { policy, app, .. } = *self;
        let name = format!("{policy:?}, {app:?}, {:?}: {}", self.ids, self.name);
        let mut config = config(seed, self.ids);
        for interface in &mut config.interfaces {
            interface.recovery = self.recovery.unwrap_or(interface.recovery);
        }
        let mut device = Device::new(&name, seed, &config);
        if self.only_interfaces {
            device.limits.server = usize::MAX;
        }
        for id in self.local {
            device.open(*id);
        }
        device.use_server(app, policy);
        device.run(world, end_of(hours))?;
        if self.repeats {
            device.must_not_grow(SLACK * N, SERVER_SLACK)?;
        }
        device.run_well(after(device.now, WELL_MS))?;
        let tries =
            app == App::Asks || policy == Policy::SuspendOnError || policy == Policy::KeepTrying;
        let state = device.manager.server_state();
        if tries && state != ServerState::Connected {
            device.breaks(format!("all is well since {WELL_MS} ms, and it is {state}"))?;
        }
        Ok((device.counts.most(), device.counts.most_of_server()))
    }
}

/// The worlds in which an interface is refused or lost and the server is well.
fn interface_worlds(ids: &[InterfaceId]) -> Vec<(String, Box<dyn World>)> {
    let mut worlds: Vec<(String, Box<dyn World>)> = Vec::new();
    for id in ids {
        let (lost, refused) = losses(id.medium());
        for (loss, quick) in lost.into_iter().zip(refused.into_iter().cycle()) {
            for (stay, times, quick) in [
                (0, 0, quick),
                (100, 1, quick),
                (STABLE_MS + 1, 6, quick),
                (STABLE_MS - 1, 3, Quick::Lost(1)),
                (SERVER_STABLE_MS + 1, 4, Quick::Lost(100)),
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
    }
    worlds
}

/// All worlds under every policy and application.
fn all<const N: usize>(ids: [InterfaceId; N], local: &[InterfaceId]) {
    let mut broken = Vec::new();
    let (mut runs, mut most, mut variant) = (0, (0, 0), 0);
    for policy in policies() {
        for app in APPS {
            variant += 1;
            let mut worlds = interface_worlds(&ids);
            for rules in server_patterns() {
                let name = format!("{rules:?}");
                let world = Both(Box::new(Friendly), Box::new(ServerPattern(rules)));
                worlds.push((name, Box::new(world)));
            }
            for rules in server_patterns() {
                if local.is_empty() {
                    break;
                }
                // An interface that comes and goes while the connection waits.
                let hold = Hold {
                    stay: [1, 5_000, 30_000, STABLE_MS + 1][worlds.len() % 4],
                    loss: losses(local[0].medium()).0[0],
                    times: 0,
                    quick: Quick::Lost(0),
                    left: 0,
                };
                let name = format!("{hold:?}, {rules:?}");
                let world = Both(Box::new(hold), Box::new(ServerPattern(rules)));
                worlds.push((name, Box::new(world)));
            }
            for seed in 0..13 {
                let world = Both(
                    Box::new(Moody::new(seed, &ids)),
                    Box::new(ServerMoody::new(seed)),
                );
                worlds.push((format!("drawn {seed}"), Box::new(world)));
            }
            for (index, (name, mut world)) in worlds.into_iter().enumerate() {
                // Not all of them for each application, unless somebody has the time.
                if hours(0) == 0 && (index + variant) % 13 != 0 {
                    continue;
                }
                let repeats = !name.starts_with("drawn");
                let case = Case {
                    name,
                    ids,
                    local,
                    policy,
                    app,
                    recovery: None,
                    only_interfaces: false,
                    repeats,
                };
                match case.run(world.as_mut(), runs as u64, hours(2)) {
                    Ok(of_run) => most = (most.0.max(of_run.0), most.1.max(of_run.1)),
                    Err(error) => broken.push(error),
                }
                runs += 1;
            }
        }
    }
    println!("{ids:?}: {runs} runs, at most {most:?} commands of a kind in an hour");
    none_broken(runs, &broken);
}

// spec: IFC-13, CON-5
#[test]
fn the_server_connection_alone_keeps_the_pace_of_wifi() {
    all([WL0], &[]);
}

// spec: IFC-13, CON-5
#[test]
fn the_server_connection_alone_keeps_the_pace_of_ethernet() {
    all([ETH0], &[]);
}

// spec: IFC-13, CON-5
#[test]
fn the_server_connection_alone_keeps_the_pace_of_cellular() {
    all([CELL0], &[]);
}

// spec: IFC-13, CON-5
#[test]
fn the_server_connection_keeps_the_pace_of_three_interfaces() {
    all(MEDIA, &[]);
}

// spec: IFC-13, CON-20
#[test]
fn addresses_that_change_all_day_make_no_storm() {
    let mut broken = Vec::new();
    let mut runs = 0;
    for policy in policies() {
        for id in MEDIA {
            for every in [900, 7_000, 59_000, SERVER_STABLE_MS + 1] {
                let mut world = Renumbers { id, every, next: 0 };
                let case = Case {
                    name: format!("{world:?}"),
                    ids: [id],
                    local: &[],
                    policy,
                    app: APPS[runs % 3],
                    recovery: None,
                    only_interfaces: false,
                    repeats: true,
                };
                broken.extend(case.run(&mut world, runs as u64, hours(3)).err());
                runs += 1;
            }
        }
    }
    none_broken(runs, &broken);
}

// spec: IFC-13, CON-30
#[test]
fn a_server_that_gives_no_sign_of_life_keeps_the_pace() {
    let mut broken = Vec::new();
    for policy in policies() {
        for alive_ms in [1, 1_000, 59_999, 60_001, 300_000] {
            let mut config = config(alive_ms.into(), [ETH0]);
            config.server.alive_within = Span::from_millis(alive_ms);
            let name = format!("{policy:?}, alive within {alive_ms} ms");
            let mut device = Device::new(&name, alive_ms.into(), &config);
            device.use_server(App::Once, policy);
            broken.extend(device.run(&mut Friendly, end_of(hours(3))).err());
        }
    }
    none_broken(5 * policies().len(), &broken);
}

// spec: IFC-13, CON-19
#[test]
fn news_of_interfaces_is_no_faster_than_the_back_off() {
    all(MEDIA, &[WL0, ETH0]);
}

// spec: IFC-13, CON-5
#[test]
fn under_manual_recovery_the_server_connection_keeps_the_pace() {
    let mut broken = Vec::new();
    let mut runs = 0;
    for policy in policies() {
        for id in MEDIA {
            for (index, (name, mut world)) in interface_worlds(&[id]).into_iter().enumerate() {
                if hours(0) == 0 && (index + runs) % 3 != 0 {
                    continue;
                }
                let case = Case {
                    name,
                    ids: [id],
                    local: &[],
                    policy,
                    app: APPS[runs % 3],
                    recovery: Some(Recovery::Manual),
                    only_interfaces: true,
                    repeats: false,
                };
                broken.extend(case.run(world.as_mut(), runs as u64, hours(2)).err());
                runs += 1;
            }
        }
    }
    none_broken(runs, &broken);
}

/// A delay that begins anew after each minute of connection would allow 270 tries an hour.
// spec: IFC-13, CON-12
#[test]
fn a_server_that_is_lost_when_it_was_just_stable_is_slowed() {
    let mut broken = Vec::new();
    let mut runs = 0;
    for policy in policies() {
        for app in APPS {
            for times in 0..=6 {
                for stay in [SERVER_STABLE_MS - 1, SERVER_STABLE_MS, SERVER_STABLE_MS + 1] {
                    let wait = [0, 1, 100][runs / 3 % 3];
                    let hold = ServerHold {
                        stay,
                        times,
                        wait,
                        left: 0,
                    };
                    let id = MEDIA[runs % 3];
                    let case = Case {
                        name: format!("{hold:?}"),
                        ids: [id],
                        local: &[],
                        policy,
                        app,
                        recovery: None,
                        only_interfaces: false,
                        repeats: true,
                    };
                    let mut world = Both(Box::new(Friendly), Box::new(hold));
                    broken.extend(case.run(&mut world, runs as u64, hours(3)).err());
                    runs += 1;
                }
            }
        }
    }
    none_broken(runs, &broken);
}
