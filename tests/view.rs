//! The view of a manager: it differs where the future does, and only there.

use core::hash::Hasher;

use lankeeper::stored::StoredParts;
use lankeeper::{Config, Duration, InterfaceConfig, InterfaceId, Policy, Report, Span, State};

use crate::support::{ETH0, Rig, secs};

/// All that a view writes.
#[derive(Debug, Default, PartialEq, Eq)]
struct View(Vec<u8>);

impl Hasher for View {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}

fn view(rig: &Rig) -> View {
    let mut view = View::default();
    rig.manager.view(&mut view);
    view
}

/// A device that has lived through this, with all outputs taken.
fn after(story: impl FnOnce(&mut Rig)) -> View {
    after_on(ETH0, story)
}

fn after_on(id: InterfaceId, story: impl FnOnce(&mut Rig)) -> View {
    let mut interface = InterfaceConfig::new(id);
    interface.hold_down = Span::from_secs(2);
    let mut rig = Rig::with(interface);
    story(&mut rig);
    rig.commands();
    rig.notices();
    view(&rig)
}

fn up(rig: &mut Rig) {
    rig.open();
    rig.come_up();
    assert_eq!(rig.state(), State::Connected);
}

// spec: TIME-5
#[test]
fn what_decides_the_future_is_in_the_view() {
    let timeout = |secs| {
        move |rig: &mut Rig| {
            rig.manager.connect(rig.now, Span::from_secs(secs)).unwrap();
        }
    };
    let views = [
        after(|_| {}),
        after(|rig| {
            rig.open();
        }),
        // Another time until the same deadline.
        after(|rig| {
            rig.open();
            rig.pass(Duration::from_secs(1));
        }),
        after(up),
        after(|rig| rig.manager.set_enabled(rig.now, ETH0, false).unwrap()),
        after(|rig| rig.manager.set_policy(rig.now, Policy::ReturnOnError)),
        // A request that ends at another time.
        after(timeout(20)),
        after(timeout(21)),
        after(|rig| {
            let handle = rig.open();
            rig.manager.udp_open(rig.now, handle, 5000).unwrap();
        }),
        after(|rig| rig.manager.clear_stored(rig.now, StoredParts::all())),
    ];
    for (place, one) in views.iter().enumerate() {
        let same = views.iter().rposition(|other| other == one);
        assert_eq!(same, Some(place));
    }
}

// spec: TIME-5, TIME-7
#[test]
fn what_decides_nothing_is_not_in_the_view() {
    // The instant itself.
    assert_eq!(
        after(up),
        after(|rig| {
            rig.go(secs(1_000_000));
            up(rig);
        })
    );
    // The numbers, and which handle it is.
    let config = |start| {
        let mut config = Config::new(0, [InterfaceConfig::new(ETH0)]);
        config.start = start;
        config
    };
    let [one, other] = [0, 1].map(|start| {
        let mut rig = Rig::with_config(&config(start));
        up(&mut rig);
        rig.commands();
        rig.notices();
        view(&rig)
    });
    assert_eq!(one, other);
    // How an attempt went that is over.
    let over = |secs| {
        after(move |rig| {
            rig.manager.connect(rig.now, Span::from_secs(secs)).unwrap();
            rig.manager.disconnect(rig.now, None);
        })
    };
    assert_eq!(over(20), over(21));
}

// spec: IFC-15
#[test]
fn the_code_of_a_loss_is_in_the_view_while_it_is_held_back() {
    let lost = |code, back| {
        after_on(InterfaceId::WIFI, move |rig| {
            up(rig);
            rig.report(Report::LinkLost { code });
            if back {
                rig.report(Report::Joined);
            }
            assert_eq!(rig.state(), State::Connected);
        })
    };
    assert_ne!(lost(1, false), lost(2, false));
    assert_ne!(lost(1, false), lost(1, true));
    assert_eq!(lost(1, true), lost(2, true));
}

// spec: TIME-5, CON-18
#[test]
fn what_is_drawn_comes_from_the_newest_seed() {
    let deadlines = |seed, newest: Option<u64>| {
        let mut rig = Rig::with_config(&Config::new(seed, [InterfaceConfig::new(ETH0)]));
        if let Some(newest) = newest {
            rig.manager.reseed(newest);
        }
        rig.open();
        let mut deadlines = Vec::new();
        for _ in 0..5 {
            rig.report(Report::Fault { code: 1 });
            let deadline = rig.next_timer().unwrap();
            rig.go(deadline);
            deadlines.push(deadline);
        }
        deadlines
    };
    assert_ne!(deadlines(1, None), deadlines(2, None));
    assert_eq!(deadlines(1, Some(2)), deadlines(2, None));
    assert_eq!(deadlines(1, Some(1)), deadlines(1, None));
}
