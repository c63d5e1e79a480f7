//! A manager keeps no plaintext secret in memory once nothing uses it.

use core::hint::black_box;
use core::mem::MaybeUninit;
use core::ptr;
use std::sync::LazyLock;
use std::thread;

use lankeeper::manager::{Input, Reply};
use lankeeper::nic::{Exposed, Secrets};
use lankeeper::stored::{Record, StoredParts, StoredSettings};
use lankeeper::{ConnectOutcome, Handle, Nic, Policy, Report, ServerReport, WifiKey, WifiSettings};
use proptest::collection::vec;
use proptest::prelude::*;

use super::device::{Device, ETH0, WL0};
use super::search::MARKER;
use super::shown::Marked;
use crate::support::{named, span};

/// Every byte of a value in place, including padding and unused parts.
fn bytes_of<T>(value: &T) -> Vec<u8> {
    let start = ptr::from_ref(value).cast::<u8>();
    // SAFETY: the bytes are inside the value. A volatile read returns some value even for bytes
    // that were never written.
    let byte = |index| unsafe { ptr::read_volatile(start.add(index)) };
    (0..size_of::<T>()).map(byte).collect()
}

/// Whether the bytes contain a piece of the secret. A piece is enough, because overwriting may have
/// removed only its beginning or its end.
fn has_piece(bytes: &[u8]) -> bool {
    let pieces: Vec<_> = MARKER.as_bytes().windows(4).collect();
    bytes.windows(4).any(|window| pieces.contains(&window))
}

/// Whether a piece of the secret is in the place of a value after `act` was applied to it.
pub(crate) fn is_left<T>(value: T, act: fn(*mut T)) -> bool {
    let mut place = MaybeUninit::zeroed();
    place.write(value);
    act(place.as_mut_ptr());
    has_piece(&bytes_of(&place))
}

impl Device {
    fn keeps_secret(&self) -> bool {
        has_piece(&bytes_of(&*self.manager))
    }

    fn opens(&mut self, nic: &Nic) -> Handle {
        match self.input(Input::Open(nic)) {
            Reply::Opened(Ok(handle)) => handle,
            other => panic!("{other:?}"),
        }
    }

    fn connects(&mut self, nic: &Nic) {
        self.input(Input::ConnectWith(nic, None));
        assert_eq!(self.outcome(), Some(ConnectOutcome::ServerConnected));
        assert!(self.keeps_secret(), "the search finds a secret in use");
    }
}

/// Overwrites whatever earlier calls, or a former thread with the same stack, left below.
#[inline(never)]
fn clean_stack() {
    black_box(&mut [0_u8; 512 * 1024]);
}

/// A device that records no texts, because rendering copies secrets.
fn quiet() -> Device {
    clean_stack();
    let mut device = Device::new();
    device.is_quiet = true;
    device
}

fn other_network() -> WifiSettings {
    WifiSettings::new(b"cafe", WifiKey::plaintext("flat white").unwrap()).unwrap()
}

/// Settings with the marker, each kept where it was built.
struct Prepared {
    marked: Marked,
    /// One for Wi-Fi and one for Ethernet.
    nics: [Nic; 2],
    stored: StoredSettings,
    record: Record,
}

/// Made once, on another stack, because the search is for copies made by the manager, not for those
/// made while building and moving the settings.
static PREPARED: LazyLock<Box<Prepared>> = LazyLock::new(|| {
    let prepare = || {
        let marked = Marked::plaintext();
        Box::new(Prepared {
            nics: [marked.wifi_nic(), marked.ethernet_nic()],
            stored: marked.stored(),
            record: marked.stored().to_record(),
            marked,
        })
    };
    thread::spawn(prepare).join().unwrap()
});

fn nics() -> &'static [Nic; 2] {
    &PREPARED.nics
}

#[test]
fn the_search_finds_pieces() {
    let mut bytes = MARKER.as_bytes().to_vec();
    assert!(has_piece(&bytes));
    bytes[..6].fill(0);
    assert!(has_piece(&bytes));
    bytes[6] = 0;
    assert!(!has_piece(&bytes));
}

// spec: SEC-2
#[test]
fn a_failed_attempt_leaves_no_secret() {
    for nic in nics() {
        let mut device = quiet();
        device.answers.join = Some(Report::WrongKey { code: 15 });
        device.answers.proxy = ServerReport::ProxyRefused { code: 407 };
        device.input(Input::ConnectWith(nic, None));
        assert!(matches!(
            device.outcome(),
            Some(ConnectOutcome::NoWifi | ConnectOutcome::NotAuthorised)
        ));
        assert!(!device.keeps_secret(), "{nic:?}");
    }
}

// spec: SEC-2
#[test]
fn an_attempt_that_timed_out_leaves_no_secret() {
    let [wifi, _] = nics();
    let mut device = quiet();
    device.answers.join = None;
    device.input(Input::ConnectWith(wifi, span(5)));
    assert!(device.keeps_secret());
    device.pass(5);
    assert_eq!(device.outcome(), Some(ConnectOutcome::NoWifi));
    assert!(!device.keeps_secret());
}

// spec: SEC-2, CFG-4
#[test]
fn a_connection_leaves_only_sealed_secrets() {
    for nic in nics() {
        for flush in [None, span(1)] {
            let mut device = quiet();
            device.connects(nic);
            device.input(Input::Disconnect(flush));
            assert!(!device.keeps_secret(), "{nic:?}");
            let used = device.manager.current_config().unwrap();
            assert!(!used.is_name_only());
        }
    }
}

// spec: SEC-2, CFG-4
#[test]
fn settings_that_wait_to_be_sealed_hold_no_plaintext() {
    for nic in nics() {
        // A backend that does not seal.
        let mut device = quiet();
        device.answers.seal = None;
        device.connects(nic);
        assert!(device.manager.current_config().is_none());
        device.input(Input::Disconnect(None));
        assert!(device.manager.current_config().is_none());
        assert!(!device.keeps_secret(), "{nic:?}");

        // A backend that got no command to seal, because the connection ended before it polled.
        let mut device = quiet();
        device.answers.seal = None;
        device.connects(nic);
        device.input_only(Input::Disconnect(None));
        assert!(!device.keeps_secret(), "{nic:?}");
        device.settle();
        assert!(device.manager.current_config().is_none());
    }
}

// spec: CFG-4, SEC-3
#[test]
fn seals_for_an_earlier_connection_are_not_used_for_the_present_one() {
    let sealed = |device: &mut Device, ticket| {
        let blob = Some(Exposed::Sealed(&[7; 20]));
        let secrets = Secrets {
            key: blob,
            password: blob,
        };
        device.input(Input::Sealed(ticket, secrets));
    };
    for nic in nics() {
        let mut device = quiet();
        device.answers.seal = None;
        device.connects(nic);
        let former = core::mem::take(&mut device.sealings);
        assert!(!former.is_empty());
        device.input(Input::Disconnect(None));
        device.connects(nic);
        for ticket in former {
            sealed(&mut device, ticket);
            assert!(device.manager.current_config().is_none());
        }
        for ticket in device.sealings.clone() {
            assert!(device.manager.current_config().is_none());
            sealed(&mut device, ticket);
        }
        assert!(device.manager.current_config().is_some());
    }
}

// spec: SEC-2
#[test]
fn a_switch_to_another_interface_leaves_no_secret() {
    let names = ["eth0", "wl0"];
    for (nic, other) in nics().iter().zip(names) {
        let mut device = quiet();
        device.connects(nic);
        device.input(Input::ConnectWith(&named(other), None));
        assert!(!device.keeps_secret(), "{nic:?}");
    }
}

// spec: SEC-2
#[test]
fn a_switch_to_other_settings_leaves_no_secret() {
    let [wifi, _] = nics();
    let cafe = Nic::builder("wl0").wifi(other_network()).build().unwrap();
    let mut device = quiet();
    device.connects(wifi);
    device.input(Input::ConnectWith(&cafe, None));
    assert!(!device.keeps_secret());
    // `connect` without settings.
    for nic in nics() {
        let mut device = quiet();
        device.connects(nic);
        device.input(Input::Connect(None));
        assert!(!device.keeps_secret(), "{nic:?}");
    }
}

// spec: SEC-2
#[test]
fn a_lost_connection_leaves_no_secret() {
    for policy in [Policy::ReturnOnError, Policy::SuspendOnError] {
        for nic in nics() {
            let mut device = quiet();
            device.connects(nic);
            device.manager.set_policy(device.now, policy);
            device.lose_server();
            assert!(!device.keeps_secret(), "{policy:?} {nic:?}");
        }
    }
}

// spec: SEC-2, CFG-5
#[test]
fn cleared_settings_are_wiped_as_soon_as_nothing_uses_them() {
    let marked = &PREPARED.marked;
    let mut device = quiet();
    device.input(Input::StoreWifi(&marked.wifi));
    device.input(Input::StoreProxy(&marked.proxy));
    assert!(device.keeps_secret());
    device.input(Input::ClearStored(StoredParts::WIFI | StoredParts::PROXY));
    assert!(!device.keeps_secret());

    for name in ["wl0", "eth0"] {
        let mut device = quiet();
        device.input(Input::StoreWifi(&marked.wifi));
        device.input(Input::StoreProxy(&marked.proxy));
        device.connects(&named(name));
        device.input(Input::ClearStored(StoredParts::all()));
        assert!(device.keeps_secret(), "the secret is in use");
        device.input(Input::Disconnect(None));
        assert!(!device.keeps_secret(), "{name}");
    }
}

// spec: SEC-2
#[test]
fn replaced_stored_settings_are_wiped() {
    let stored = || {
        let mut device = quiet();
        device.input(Input::Provision(&PREPARED.stored));
        assert!(device.keeps_secret());
        device
    };
    let mut device = stored();
    device.input(Input::StoreWifi(&other_network()));
    device.input(Input::ClearStored(StoredParts::PROXY));
    assert!(!device.keeps_secret());

    let mut device = stored();
    device.input(Input::Provision(&StoredSettings::default()));
    assert!(!device.keeps_secret());

    let mut device = stored();
    device.manager.load_stored(b"no record").unwrap_err();
    assert!(!device.keeps_secret());

    let mut device = stored();
    let nothing = StoredSettings::default().to_record();
    device.manager.load_stored(nothing.as_bytes()).unwrap();
    assert!(!device.keeps_secret());

    // A record with only its last section refused leaves nothing of the others.
    let mut bytes = PREPARED.record.as_bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let mut device = quiet();
    device.manager.load_stored(&bytes).unwrap_err();
    assert!(!device.keeps_secret());
}

// spec: SEC-2
#[test]
fn settings_of_an_open_are_wiped_with_the_last_close() {
    let [wifi, _] = nics();
    let mut device = quiet();
    let first = device.opens(wifi);
    let second = device.opens(&named("wl0"));
    device.input(Input::Close(first));
    assert!(device.keeps_secret());
    device.input(Input::Close(second));
    assert!(!device.keeps_secret());
    device.opens(wifi);
    device.input(Input::SetEnabled(WL0, false));
    assert!(!device.keeps_secret());
}

// spec: SEC-2, TIME-3
#[test]
fn a_round_that_ends_before_its_next_attempt_leaves_no_secret() {
    let mut device = quiet();
    let mut handles = Vec::new();
    let (late, later) = (Op::Pass(10), Op::Pass(60));
    for op in [Op::StoreProxy, Op::Connect, Op::Policy(true), late, later] {
        act(&mut device, &mut handles, op);
    }
    assert_eq!(device.manager.server_interface(), None);
    device.input_only(Input::ClearStored(StoredParts::all()));
    assert!(!device.keeps_secret());
}

/// An operation, with settings that contain secrets or without.
#[derive(Clone, Copy, Debug)]
enum Op {
    Connect,
    ConnectWith(usize),
    Disconnect(u32),
    Open(usize),
    Close(usize),
    SetEnabled(bool),
    StoreWifi,
    StoreProxy,
    Provision,
    Load,
    Clear(u8),
    Pass(u64),
    Join(bool),
    Seal(bool),
    LoseServer,
    Policy(bool),
    Settle,
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        1 => Just(Op::Connect),
        4 => (0_usize..5).prop_map(Op::ConnectWith),
        1 => (0_u32..2).prop_map(Op::Disconnect),
        2 => (0_usize..5).prop_map(Op::Open),
        2 => any::<usize>().prop_map(Op::Close),
        1 => any::<bool>().prop_map(Op::SetEnabled),
        1 => Just(Op::StoreWifi),
        1 => Just(Op::StoreProxy),
        1 => Just(Op::Provision),
        1 => Just(Op::Load),
        1 => (0_u8..8).prop_map(Op::Clear),
        2 => (0_u64..100).prop_map(Op::Pass),
        1 => any::<bool>().prop_map(Op::Join),
        1 => any::<bool>().prop_map(Op::Seal),
        1 => Just(Op::LoseServer),
        1 => any::<bool>().prop_map(Op::Policy),
        8 => Just(Op::Settle),
    ]
}

/// Executes one operation; outputs stay pending until `Settle`.
fn act(device: &mut Device, handles: &mut Vec<Handle>, op: Op) {
    let marked = &PREPARED.marked;
    let [wifi, ethernet] = nics();
    let cafe = Nic::builder("wl0").wifi(other_network()).build().unwrap();
    let (by_wifi, by_ethernet) = (named("wl0"), named("eth0"));
    let choice = [wifi, ethernet, &by_wifi, &by_ethernet, &cafe];
    match op {
        Op::Connect => {
            device.input_only(Input::Connect(None));
        }
        Op::ConnectWith(which) => {
            device.input_only(Input::ConnectWith(choice[which], None));
        }
        Op::Disconnect(flush) => {
            device.input_only(Input::Disconnect(span(flush)));
        }
        Op::Open(which) => {
            if let Reply::Opened(Ok(handle)) = device.input_only(Input::Open(choice[which])) {
                handles.push(handle);
            }
        }
        Op::Close(which) => {
            if let Some(place) = which.checked_rem(handles.len()) {
                device.input_only(Input::Close(handles[place]));
            }
        }
        Op::SetEnabled(enabled) => {
            device.input_only(Input::SetEnabled(WL0, enabled));
        }
        Op::StoreWifi => {
            device.input_only(Input::StoreWifi(&marked.wifi));
        }
        Op::StoreProxy => {
            device.input_only(Input::StoreProxy(&marked.proxy));
        }
        Op::Provision => {
            device.input_only(Input::Provision(&PREPARED.stored));
        }
        Op::Load => device
            .manager
            .load_stored(PREPARED.record.as_bytes())
            .unwrap(),
        Op::Clear(bits) => {
            let parts = StoredParts::from_bits_truncate(bits);
            device.input_only(Input::ClearStored(parts));
        }
        Op::Pass(seconds) => device.pass(seconds),
        Op::Join(joins) => device.answers.join = joins.then_some(Report::Joined),
        Op::Seal(seals) => {
            device.answers.seal = seals.then_some(super::device::scrambled);
        }
        Op::LoseServer => device.lose_server(),
        Op::Policy(suspends) => {
            let policy = [Policy::ReturnOnError, Policy::SuspendOnError][usize::from(suspends)];
            device.input_only(Input::SetPolicy(policy));
        }
        Op::Settle => device.settle(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    // spec: SEC-2, CFG-4, CFG-5
    #[test]
    fn nothing_is_left_after_any_operations_once_all_has_ended(ops in vec(op(), 1..40)) {
        let mut device = quiet();
        let mut handles = Vec::new();
        for op in ops {
            act(&mut device, &mut handles, op);
        }
        for handle in handles {
            device.input_only(Input::Close(handle));
        }
        device.input_only(Input::Disconnect(None));
        device.input_only(Input::ClearStored(StoredParts::all()));
        prop_assert!(!device.keeps_secret(), "even while outputs are pending");
        device.settle();
        prop_assert!(!device.keeps_secret());
        prop_assert!(device.manager.state(ETH0).is_some());
    }
}
