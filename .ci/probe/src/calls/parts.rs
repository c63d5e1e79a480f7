//! The parts that can be used alone: addresses, limiter, filter, states, tables, time.

use core::net::Ipv4Addr;

use lankeeper::{
    Action, AddressFilter, BackOffConfig, Bucket, Cause, Deadline, Drops, Duration, Gate,
    Generation, Instant, IpConfig, Lease, Medium, Prefix, Quota, RateLimiter, Reason, Recovery,
    ServerAction, Span, State, Step, Trigger, is_private, is_unicast, parse_dotted_quad,
    server_transitions, transitions,
};

use super::opaque::{address, any, duration, instant, keep, prefix, quota, span, text};

pub fn call() {
    time();
    addresses();
    limiter();
    filter();
    gate();
    interfaces();
}

fn time() {
    keep(Instant::from_micros(any(1)).as_micros());
    keep(instant().checked_add(duration()));
    keep(instant().saturating_add(duration()));
    keep(instant().checked_duration_since(instant()));
    keep(instant().saturating_duration_since(instant()));
    keep(Duration::from_micros(any(1)));
    keep(Duration::from_millis(any(1)));
    keep(Duration::from_secs(any(1)));
    keep((duration().as_micros(), duration().as_millis()));
    keep((duration().as_secs(), duration().is_zero()));
    keep(duration().saturating_add(duration()));
    keep(duration().saturating_sub(duration()));
    keep(duration().saturating_mul(any(2)));
    keep(Duration::from(any(core::time::Duration::ZERO)));
    // The way back is left out: `core::time::Duration` is made by core's code.
    keep(Span::from_millis(any(1)));
    keep(Span::from_secs(any(1)));
    keep((span().as_millis(), span().duration()));
    keep(Deadline::earliest(any(None::<Deadline<()>>), any(None)));
}

fn addresses() {
    keep(parse_dotted_quad(text()));
    keep(is_private(address()));
    keep(is_unicast(address()));
    keep(Prefix::new(address(), any(24)));
    keep(Prefix::host(address()));
    keep(Prefix::from_mask(address(), address()));
    keep((prefix().address(), prefix().length(), prefix().mask()));
    keep((prefix().network(), prefix().broadcast()));
    keep((prefix().contains(address()), prefix().has_host(address())));
    let servers = any([Ipv4Addr::UNSPECIFIED; 3]);
    let gateway = any(Some(address()));
    let servers_given = servers.get(..any(2)).unwrap_or_default();
    let configs = [
        IpConfig::new(prefix(), gateway, servers_given),
        IpConfig::from_lease(prefix(), gateway, servers),
        IpConfig::point_to_point(address(), gateway, servers),
    ];
    for ip in any(configs).into_iter().flatten() {
        keep((ip.prefix(), ip.address(), ip.gateway()));
        ip.name_servers().for_each(keep);
        keep(ip == any(ip));
    }
    let lease = any(Lease::new(address(), any(24)).with_gateway(address()));
    keep(lease.with_name_servers(servers).config());
}

fn limiter() {
    keep(Quota::new(any(25), any(100)));
    keep((quota().rate(), quota().burst()));
    let mut limiter = any(RateLimiter::new(quota()));
    keep(limiter.available(instant()));
    keep(limiter.quota());
    if let Err(refusal) = limiter.try_acquire(instant()) {
        keep(any(refusal).retry_at());
    }
    let mut limiter = any(limiter);
    keep(limiter.try_acquire_n(instant(), any(1)));
    keep(any(limiter).clone());
    let mut bucket = any(Bucket::default());
    keep(bucket.try_acquire(&quota(), instant()));
    let mut bucket = any(bucket);
    keep(bucket.try_acquire_n(&quota(), instant(), any(1)));
    keep(any(bucket).available(&quota(), instant()));
}

fn gate() {
    let mut gate = any(Gate::new(quota()));
    gate.set_own(any(Some(prefix())));
    let mut gate = any(gate);
    keep(gate.check(instant(), text(), any(1), any(1)));
    let mut gate = any(gate);
    if let Err(error) = gate.check(instant(), address(), any(1), any(1)) {
        keep((error.code(), any(error).closes_socket()));
    }
    let gate = any(gate);
    keep(gate.filter());
    keep(gate.available(instant()));
}

fn filter() {
    let filter = any(AddressFilter::new(prefix()));
    keep(AddressFilter::is_local(address()));
    keep(filter.check(address()));
    keep(filter.admits_source(address()));
    keep(filter.admits_destination(address()));
    let drops = any(Drops::default());
    keep(drops.total());
    drops.iter().for_each(keep);
}

fn interfaces() {
    keep(State::from_code(any(1)));
    let state = any(State::Unknown);
    keep((state.code(), state.name(), state.medium()));
    keep((state.is_terminal(), state.is_stopped()));
    keep(any(Cause::Closed).retry_is_sensible());
    keep(any(Trigger::Start).is_of(any(Medium::Wifi)));
    keep(any(Medium::Wifi).generic_name());
    transitions(any(Medium::Wifi)).for_each(|pair| {
        let pair = any(pair);
        keep((pair.state(), pair.trigger(), pair.is_ignored()));
        pair.targets().for_each(keep);
    });
    server_transitions().for_each(|pair| {
        let pair = any(pair);
        keep((pair.state(), pair.trigger(), pair.is_ignored()));
        pair.targets().for_each(keep);
    });
    let generation = any(Generation::from_bits(any(1)));
    keep(generation.to_bits());
    keep(any(Action::PowerUp(generation)).generation());
    keep(any(ServerAction::Flush(generation)).generation());
    keep(any(None::<(Reason, Step)>) == any(None));
    keep(Recovery::Automatic(BackOffConfig::default()) == any(Recovery::default()));
    keep(BackOffConfig::new(span(), span()));
    let back_off = any(BackOffConfig::default());
    keep((back_off.initial(), back_off.maximum()));
}
