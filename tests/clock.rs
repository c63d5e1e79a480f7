//! A clock that goes back or jumps (TIME-7).

use lankeeper::manager::{ConfigError, Wake};
use lankeeper::sim::{
    Condition, Happening, ServerChange, Simulated, World as Surroundings, poll_until,
};
use lankeeper::udp::{Bucket, RateLimiter};
use lankeeper::{
    Backend, Binding, Command, Config, Duration, Event, Instant, InterfaceConfig, InterfaceId,
    Manager, Nic, Policy, Quota, Received, ServerState, Span,
};
use proptest::prelude::*;

use crate::support::bound::bounded;
use crate::support::operation::{Op, config, id, op};
use crate::support::world::World;

fn micros(micros: u64) -> Instant {
    Instant::from_micros(micros)
}

// spec: TIME-7
#[test]
fn an_input_is_early_one_microsecond_before_the_latest_one() -> Result<(), ConfigError> {
    let config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    let mut manager = Manager::new(&config)?;
    manager.handle_timeout(micros(7));
    manager.handle_timeout(micros(7));
    assert_eq!(manager.early_inputs(), 0);
    manager.handle_timeout(micros(6));
    manager.server_call(micros(0)).unwrap();
    assert_eq!(manager.early_inputs(), 2);
    // A clock that was reset is no early input, and neither is what comes on it.
    manager.rebase(micros(3));
    manager.handle_timeout(micros(3));
    assert_eq!(manager.early_inputs(), 2);
    Ok(())
}

/// A clock that may be anywhere, but leaves room for what comes.
fn anywhere() -> impl Strategy<Value = Instant> {
    prop_oneof![
        Just(Instant::EPOCH),
        (0..1_u64 << 50).prop_map(micros),
        (1_u64 << 62..1_u64 << 63).prop_map(micros),
    ]
}

/// When what is due next is due, in microseconds from now, and why.
fn next<const H: usize, const N: usize>(
    manager: &Manager<1, H, 4, N>,
    now: Instant,
) -> Option<(u64, Wake)> {
    let deadline = manager.poll_at()?;
    let left = deadline
        .at
        .checked_duration_since(now)
        .expect("not overdue");
    Some((left.as_micros(), deadline.reason))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    // spec: TIME-7
    #[test]
    fn whatever_was_done_before_all_goes_on_as_if_the_clock_had_not_jumped(
        config in config(id()), before in prop::collection::vec(op(), 1..30),
        to in anywhere(), after in prop::collection::vec(op(), 1..30),
    ) {
        let mut still = World::new(&config);
        before.iter().for_each(|op| still.step(op));
        prop_assume!(still.rig.now < micros(1 << 60));
        let mut moved = World::new(&config);
        before.iter().for_each(|op| moved.step(op));
        moved.rig.manager.rebase(to);
        moved.rig.now = to;
        for op in &after {
            // Both stay within the range, where nothing saturates.
            if matches!(op, Op::Pass(span) | Op::Back(span) if *span > 1 << 40) {
                continue;
            }
            still.step(op);
            moved.step(op);
            prop_assert_eq!(
                next(&still.rig.manager, still.rig.now),
                next(&moved.rig.manager, moved.rig.now)
            );
        }
        prop_assert_eq!(still.log, moved.log);
    }

    // spec: TIME-7
    #[test]
    fn a_limit_has_the_tokens_that_it_had(
        rate in 1..1_000_u32, burst in 1..100_u32, taken in 0..100_u32,
        at in 0..1_u64 << 40, to in anywhere(), later in 0..10_000_000_u64,
    ) {
        let quota = Quota::new(rate, burst).unwrap();
        let mut still = RateLimiter::new(quota);
        let _ = still.try_acquire_n(micros(at / 2), taken.min(burst));
        let mut moved = still.clone();
        moved.rebase(micros(at), to);
        let elapsed = Duration::from_micros(later);
        prop_assert_eq!(
            still.available(micros(at + later)),
            moved.available(to.saturating_add(elapsed))
        );
    }
}

// spec: TIME-7
#[test]
fn a_full_bucket_is_full_on_any_clock() {
    let quota = Quota::default();
    let mut bucket = Bucket::FULL;
    bucket.rebase(&quota, Instant::MAX, Instant::EPOCH);
    assert_eq!(bucket.available(&quota, Instant::EPOCH), quota.burst());
    bucket.rebase(&quota, Instant::EPOCH, Instant::MAX);
    assert_eq!(bucket.available(&quota, Instant::MAX), quota.burst());
}

/// A backend that answers nothing.
struct Silence;

impl Backend for Silence {
    fn execute(&mut self, _: Command<'_>) {}

    fn next_event(&mut self) -> Option<Event> {
        None
    }

    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        None
    }
}

/// Compares a manager with one whose clock jumps now: what comes next, and next after that. Notes the
/// timers that are met.
fn compare(manager: &Manager<1>, mut now: Instant, to: Instant, met: &mut Vec<Wake>) {
    let (mut still, mut moved, mut elsewhere) = (manager.clone(), manager.clone(), to);
    moved.rebase(to);
    for _ in 0..20 {
        while bounded(still.poll(now, &mut Silence, &mut [])).is_some() {}
        while bounded(moved.poll(elsewhere, &mut Silence, &mut [])).is_some() {}
        let expected = next(&still, now);
        assert_eq!(next(&moved, elsewhere), expected, "at {now:?}");
        let Some((left, wake)) = expected else { break };
        if !met.contains(&wake) {
            met.push(wake);
        }
        now = now.saturating_add(Duration::from_micros(left));
        elsewhere = elsewhere.saturating_add(Duration::from_micros(left));
    }
}

/// Runs a device whose server comes and goes, and compares it everywhere with one whose clock jumps
/// there. Returns the timers that were met.
fn timers_met(policy: Policy, to: Instant) -> Vec<Wake> {
    let mut config = Config::new(1, [InterfaceConfig::new(InterfaceId::ETHERNET)]);
    config.policy = policy;
    let mut manager = Manager::new(&config).unwrap();
    let mut world: Surroundings = Surroundings::new(1);
    for (secs, condition) in [
        (0, Condition::Hangs),
        (80, Condition::Works),
        (190, Condition::Fails),
        (900, Condition::Works),
        (1_000, Condition::Fails),
    ] {
        let change: Happening = ServerChange::Server(condition).into();
        world.at(Instant::from_secs(secs), change).unwrap();
    }
    manager
        .open(world.now(), &Nic::named("eth0").unwrap())
        .unwrap();
    manager.connect(world.now(), None).unwrap();

    let mut met = Vec::new();
    for secs in (0..2_000).step_by(10) {
        let end = Instant::from_secs(secs);
        while poll_until(&mut manager, &mut world, end, &mut [])
            .unwrap()
            .is_some()
        {
            compare(&manager, world.now(), to, &mut met);
        }
        // The application connects where it can, and leaves while the server works.
        match manager.server_state() {
            ServerState::Disconnected => {
                manager.connect(world.now(), None).unwrap();
            }
            ServerState::Connected if secs > 900 => {
                manager.disconnect(world.now(), Span::from_secs(5));
            }
            _ => {}
        }
        compare(&manager, world.now(), to, &mut met);
    }
    met
}

// spec: TIME-7
#[test]
fn every_timer_of_the_server_connection_keeps_its_time() {
    use lankeeper::connect::ServerTimer::{Attempt, Flush, Pause, Retry, Round, Stability};

    let mut met = Vec::new();
    for policy in [Policy::SuspendOnError, Policy::ReturnOnError] {
        for to in [Instant::EPOCH, Instant::from_secs(1 << 40)] {
            met.extend(timers_met(policy, to));
        }
    }
    for timer in [Attempt, Flush, Pause, Retry, Round, Stability] {
        assert!(
            met.contains(&Wake::Server(timer)),
            "{timer:?} was never armed: {met:?}"
        );
    }
}
