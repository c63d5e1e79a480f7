//! What the story has to show, and what it must not show.

use clap::Parser;
use lankeeper::sim::World;
use lankeeper::{ConnectOutcome, Duration, Instant};

use crate::device::Device;
use crate::diary::Attempt;
use crate::story::{self, SECRETS};
use crate::switcher::{Request, Switcher, name_of};
use crate::{Options, plot};

fn live(seed: u64, faults: u16) -> Device {
    Device::live(&Options {
        seed,
        faults,
        all: true,
        svg: None,
    })
}

fn minute(minutes: u64) -> Instant {
    Instant::EPOCH.saturating_add(Duration::from_secs(60 * minutes))
}

/// Returns the names and outcomes of the attempts between two minutes.
fn between(device: &Device, from: u64, to: u64) -> Vec<(&str, Option<ConnectOutcome>)> {
    let within = |attempt: &&Attempt| (minute(from)..minute(to)).contains(&attempt.at);
    let attempts = device.diary.attempts.iter().filter(within);
    attempts
        .map(|attempt| {
            (
                attempt.name.as_str(),
                attempt.ended.map(|(_, outcome)| outcome),
            )
        })
        .collect()
}

#[test]
fn each_story_ends_well() {
    for (seed, faults) in [(1, 0), (2, 20), (3, 50), (4, 100)] {
        let device = live(seed, faults);
        assert!(device.is_well(), "{seed}:\n{}", device.diary.text());
    }
}

#[test]
fn each_switch_ends_as_it_must_and_falls_back() {
    let device = live(1, 0);
    let connected = Some(ConnectOutcome::ServerConnected);
    let home = ("home", connected);
    assert_eq!(between(&device, 0, 2), [home]);
    for (at, name, outcome) in [
        (2, "office", ConnectOutcome::NoWifi),
        (5, "garden", ConnectOutcome::NoWifi),
        (8, "workshop", ConnectOutcome::NoServer),
        (11, "cafe", ConnectOutcome::NoServer),
    ] {
        assert_eq!(between(&device, at, at + 3), [(name, Some(outcome)), home]);
    }
    assert_eq!(between(&device, 15, 19), [("cafe", connected)]);
    assert_eq!(
        between(&device, 19, 22),
        [
            ("depot", Some(ConnectOutcome::NotAuthorised)),
            ("cafe", connected)
        ]
    );
    assert_eq!(between(&device, 22, 26), [("depot", connected)]);
    assert_eq!(between(&device, 26, 30), [home]);
    let no_wifi = Some(ConnectOutcome::NoWifi);
    let list = ["home", "office", "garden", "workshop", "cafe", "depot"];
    let mut dead = vec![("home", no_wifi)];
    dead.extend(list.map(|name| (name, no_wifi)));
    dead.push(("last resort", connected));
    assert_eq!(between(&device, 30, 31), dead);
    let text = device.diary.text();
    for line in [
        "NO_WIFI (1), code of the backend 15",
        "NO_WIFI (1), code of the backend 201",
        "NO_SERVER (4), code of the backend 111",
        "NO_SERVER (4), code of the backend 42",
        "NOT_AUTHORISED (7), code of the backend 407",
        "last resort over cell0: SERVER_CONNECTED (5)",
        "last resort over eth0: SERVER_CONNECTED (5)",
    ] {
        assert!(text.contains(line), "{line} is missing:\n{text}");
    }
}

#[test]
fn a_dead_list_is_not_hammered() {
    let device = live(1, 0);
    let rounds: Vec<_> = device
        .diary
        .attempts
        .iter()
        .filter(|attempt| attempt.name == "last resort")
        .map(|attempt| attempt.at)
        .collect();
    assert!((4..=7).contains(&rounds.len()), "{rounds:?}");
    // The delays double, less up to a quarter, plus the time that a round takes.
    let pauses: Vec<_> = rounds
        .windows(2)
        .map(|pair| pair[1].saturating_duration_since(pair[0]).as_secs())
        .collect();
    assert!(pauses.iter().all(|pause| *pause >= 45), "{pauses:?}");
    assert!(pauses.last().unwrap() > &(4 * pauses[0]), "{pauses:?}");
    // In between it is connected most of the time.
    let durations = device.diary.attempts.iter().filter_map(|attempt| {
        let duration = attempt
            .connected_for()
            .filter(|_| attempt.name == "last resort")?;
        Some(duration.as_secs())
    });
    let dead = minute(78).saturating_duration_since(minute(30)).as_secs();
    assert!(durations.sum::<u64>() > dead * 9 / 10);
}

#[test]
fn secrets_are_in_no_output() {
    let world: World = World::new(1);
    for faults in [0, 50] {
        let device = live(1, faults);
        let svg = plot::draw(&device.diary).unwrap();
        let text = device.diary.text() + &svg;
        assert!(text.contains("depot"));
        for secret in SECRETS {
            assert!(!text.contains(secret), "{secret}");
            let blob = world.seal(secret).as_bytes().escape_ascii().to_string();
            assert!(!text.contains(&blob), "{secret}, sealed");
        }
    }
}

#[test]
fn the_same_seed_prints_and_draws_the_same() {
    let output = |seed| {
        let device = live(seed, 30);
        (device.diary.text(), plot::draw(&device.diary).unwrap())
    };
    assert_eq!(output(1), output(1));
    assert_ne!(output(1), output(2));
}

#[test]
fn the_drawing_has_a_row_for_everything() {
    let device = live(1, 0);
    let svg = plot::draw(&device.diary).unwrap();
    for text in [
        "network",
        "server",
        "wl0",
        "eth0",
        "cell0",
        "home",
        "13  the power is back",
    ] {
        assert!(svg.contains(text), "{text}");
    }
}

#[test]
fn only_settings_that_worked_are_returned_to() {
    let mut switcher = Switcher::new(story::wlans(), 1);
    let name = |request: &Request| match request {
        Request::Over(nic) => name_of(nic),
        Request::LastResort => "last resort".to_owned(),
    };
    let ended = |switcher: &mut Switcher| {
        let next = switcher.ended(minute(2), ConnectOutcome::NoWifi);
        next.map(|step| name(&step.request))
    };
    // Nothing worked yet: a round starts at the beginning of the list.
    assert_eq!(name(&switcher.lost().request), "home");
    switcher.remember(&story::wlans()[4].nic);
    switcher.remember(&lankeeper::Nic::named("cell0").unwrap());
    assert_eq!(name(&switcher.ask("office").unwrap()), "office");
    assert_eq!(ended(&mut switcher).unwrap(), "cafe");
    // After that the rest of the list, the last resort, and a delay.
    let names: Vec<_> = core::iter::from_fn(|| ended(&mut switcher)).collect();
    let list = story::wlans().into_iter().map(|wlan| wlan.name.to_owned());
    let expected: Vec<_> = list.chain(["last resort".to_owned()]).collect();
    assert_eq!(names, expected);
    let at = switcher.poll_at().unwrap();
    assert!((minute(2)..=minute(3)).contains(&at));
    assert!(switcher.handle_timeout(minute(2)).is_none());
    assert!(switcher.handle_timeout(at).is_some());
    assert!(switcher.ask("cinema").is_none());

    // The second delay is longer; after a network that works, it starts at the first one again.
    while ended(&mut switcher).is_some() {}
    let at = switcher.poll_at().unwrap();
    let duration = at.saturating_duration_since(minute(2)).as_secs();
    assert!((90..=120).contains(&duration), "{duration}");
    assert!(switcher.ask("home").is_some());
    assert!(
        switcher
            .ended(minute(2), ConnectOutcome::ServerConnected)
            .is_none()
    );
    assert_eq!(switcher.poll_at(), None);
    switcher.lost();
    while ended(&mut switcher).is_some() {}
    assert!(switcher.poll_at().unwrap() <= minute(3));
}

#[test]
fn bad_options_are_refused_with_what_is_allowed() {
    for (arguments, allowed) in [
        (["--faults", "101"], "0..=100"),
        (["--seed", "x"], "--seed"),
        (["--speed", "1"], "--speed"),
    ] {
        let parsed = Options::try_parse_from([&["wifi_switch"], &arguments[..]].concat());
        let message = parsed.unwrap_err().to_string();
        assert!(message.contains(allowed), "{arguments:?}: {message}");
    }
}
