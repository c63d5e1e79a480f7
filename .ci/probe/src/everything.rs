//! Every public function of the core. Formatting (`Display`, `Debug`, and the comparison of a
//! `KeyPath` with a text, which formats) is left out: `core::fmt` has panic paths of its own.

use core::hash::Hasher;
use core::net::{Ipv4Addr, SocketAddrV4};
use core::str::FromStr;

use lankeeper::back_off::BackOffConfig;
use lankeeper::connect::{ServerTransition, ServerWay, server_transitions};
use lankeeper::driver::{Pair, Plaintext, SealedSecret, SecretBuffer, Vault, VaultError};
use lankeeper::interface::{Transition, Trigger, Way, transitions};
use lankeeper::ipv4::{is_private, is_unicast, parse_dotted_quad};
use lankeeper::manager::{NotConnectedError, SealTicket};
use lankeeper::nic::{
    Bssid, Exposed, HostName, InterfaceName, NicBuilder, NicError, ProxyPassword, SecretPurpose,
    Table, Value,
};
use lankeeper::stored::{Record, StoredParts, StoredSettings};
use lankeeper::udp::{
    AddressFilter, Bucket, DropReason, Drops, Gate, GateError, RateLimiter, WouldBlock,
};
use lankeeper::{
    Action, AttemptId, Binding, Cause, Command, Config, ConnectOutcome, Deadline, Delivery,
    Duration, Event, Instant, InterfaceConfig, InterfaceId, IpConfig, Lease, Manager, Medium, Nic,
    Prefix, ProxySettings, Quota, SendError, ServerState, ServerTicket, SocketId, Span, State,
    StopReason, Ticket, Tickets, WifiKey, WifiSettings,
};

use crate::Door;
use crate::methods::{Generic, Hardware, methods};

methods! { SMALL, REST_OF_SMALL: Manager<1> }
methods! { MIXED, REST_OF_MIXED: Mixed }
methods! { TIGHT, REST_OF_TIGHT: Manager<3, 1, 1, 1, 0> }

type Mixed = Manager<3, 4, 4, 8, 2>;

doors! { PARTS:
    // Time.
    Instant::from_micros, Instant::from_millis, Instant::from_secs, Instant::as_micros,
    Instant::as_millis, Instant::checked_add, Instant::saturating_add,
    Instant::checked_duration_since, Instant::saturating_duration_since,
    Duration::from_micros, Duration::from_millis, Duration::from_secs, Duration::as_micros,
    Duration::as_millis, Duration::as_secs, Duration::is_zero, Duration::saturating_add,
    Duration::saturating_sub, Duration::saturating_mul,
    // The way back is left out: `core::time::Duration` is made by core's code.
    <Duration as From<core::time::Duration>>::from,
    Span::from_millis, Span::from_secs, Span::secs::<1>, Span::millis::<1>, Span::as_millis,
    Span::duration, Deadline::<()>::earliest, BackOffConfig::new, BackOffConfig::initial,
    BackOffConfig::maximum,

    // Addresses.
    parse_dotted_quad, is_private, is_unicast, Prefix::new, Prefix::host, Prefix::from_mask,
    Prefix::address, Prefix::length, Prefix::mask, Prefix::network, Prefix::broadcast,
    Prefix::contains, Prefix::has_host, Prefix::from_str, IpConfig::new, IpConfig::prefix,
    IpConfig::address, IpConfig::gateway, <IpConfig as PartialEq>::eq, ip_configs, Lease::new,
    Lease::with_gateway, Lease::config,

    // The gate.
    Quota::new, Quota::per_second::<1>, Quota::with_burst::<1>, Quota::rate, Quota::burst,
    Quota::default, RateLimiter::new, RateLimiter::try_acquire, RateLimiter::try_acquire_n,
    RateLimiter::available, RateLimiter::rebase, RateLimiter::quota, RateLimiter::clone, WouldBlock::retry_at,
    Bucket::default, Bucket::try_acquire, Bucket::try_acquire_n, Bucket::available, Bucket::rebase,
    AddressFilter::new, AddressFilter::is_local, AddressFilter::check, AddressFilter::admits_source,
    AddressFilter::admits_destination, Gate::new, Gate::set_own, check_text, check_address,
    Gate::check_received, Gate::drops, Gate::filter, Gate::available, Gate::rebase, GateError::code,
    <SendError as From<GateError>>::from, SendError::code, SendError::closes_socket, Drops::total,
    drops,

    // Interfaces and the server connection.
    State::from_code, State::code, State::name, State::medium, State::is_terminal,
    State::is_stopped, Cause::retry_is_sensible, Trigger::is_of,
    <StopReason as PartialEq>::eq, Transition::state, Transition::trigger, Transition::is_ignored,
    Transition::cause, Transition::powers_down, Transition::why_ignored, Way::target, Way::guard,
    Way::step, Way::timer,
    each_transition, Action::step, InterfaceConfig::new, Config::<3>::new, Manager::<3>::new,
    ConnectOutcome::code, NotConnectedError::code, ServerTransition::state,
    ServerTransition::trigger, ServerTransition::is_ignored, ServerTransition::outcome, ServerTransition::why_ignored,
    ServerWay::target, ServerWay::guard, ServerWay::step, ServerWay::disconnects, ServerWay::timers,
    each_server_transition, view, Mixed::reseed,

    // Backends.
    Command::interface, <Command<'static> as PartialEq>::eq, <Event as PartialEq>::eq,
    Ticket::interface, Ticket::report, Ticket::to_bits, Ticket::from_bits,
    ServerTicket::interface, ServerTicket::report, ServerTicket::to_bits, ServerTicket::from_bits,
    SealTicket::to_bits, SealTicket::from_bits, Binding::interface, Binding::port, Binding::socket,
    Binding::failed, Binding::send_failed, Binding::to_bits, Binding::from_bits, AttemptId::to_bits,
    AttemptId::from_bits, Tickets::new,
    Tickets::note, Tickets::event, Tickets::server_event, Tickets::stop_failed,
    Tickets::disconnect_failed, Tickets::runs, Pair::<Hardware, Hardware>::new, poll_both,
    send_to_both, send_to_text,

    // Names and settings.
    Medium::generic_name, InterfaceId::new, InterfaceId::from_str, InterfaceId::medium,
    InterfaceId::number, <InterfaceId as PartialOrd>::lt, InterfaceName::from_str,
    InterfaceName::as_str, InterfaceName::medium, <InterfaceName as PartialEq>::eq, resolve,
    Nic::from_table, Nic::from_value, Nic::named, Nic::builder, Nic::name, Nic::wifi,
    Nic::ip_config, Nic::proxy, Nic::is_name_only, Nic::clone, means_same_as, NicBuilder::wifi,
    NicBuilder::ip_config, NicBuilder::proxy, NicBuilder::build, NicError::path,
    NicError::problem, NicError::clone, <NicError as PartialEq>::eq, WifiSettings::new,
    WifiSettings::ssid, WifiSettings::key, WifiKey::open, WifiKey::plaintext, WifiKey::sealed,
    WifiKey::expose, WifiKey::new, WifiKey::security, WifiSettings::with_hidden,
    WifiSettings::with_bssid, WifiSettings::is_hidden, WifiSettings::bssid, Bssid::new,
    Bssid::from_str, Bssid::bytes, ProxySettings::new, ProxySettings::with_credentials, ProxySettings::address,
    ProxySettings::port, ProxySettings::username, ProxySettings::password, HostName::as_str,
    ProxyPassword::plaintext, ProxyPassword::sealed, ProxyPassword::expose, Table::new,
    Table::entries, Value::kind, <Value<'static> as From<bool>>::from,
    <Value<'static> as From<i64>>::from,
    <Value<'static> as From<&'static str>>::from, <Value<'static> as From<&'static [u8]>>::from,

    // What is stored, and secrets.
    StoredSettings::from_record, StoredSettings::to_record, StoredSettings::parts,
    StoredSettings::clone, StoredParts::empty, StoredParts::all, StoredParts::bits,
    StoredParts::from_bits, StoredParts::from_bits_truncate, StoredParts::is_empty,
    StoredParts::contains, StoredParts::intersects, StoredParts::union, Record::as_bytes,
    VaultError::code, VaultError::join_report, VaultError::proxy_report, reveal,
    SecretBuffer::<1>::new, SecretBuffer::<1>::push, SecretBuffer::<1>::as_mut_bytes,
    SecretBuffer::<1>::as_str, SecretBuffer::<1>::as_bytes, SecretBuffer::<1>::clear,
}

fn ip_configs(
    (prefix, gateway, servers): (Prefix, Option<Ipv4Addr>, [Ipv4Addr; 3]),
    lease: Lease,
    each: fn(Ipv4Addr),
) -> [Option<IpConfig>; 3] {
    let configs = [
        IpConfig::from_lease(prefix, gateway, servers).ok(),
        IpConfig::point_to_point(prefix.address(), gateway, servers).ok(),
        lease.with_name_servers(servers).config().ok(),
    ];
    configs
        .iter()
        .flatten()
        .for_each(|ip| ip.name_servers().for_each(each));
    configs
}

/// Two backends as one, which are lent.
type Both<'a> = &'a mut Pair<Hardware, Hardware>;

fn poll_both(
    manager: &mut Mixed,
    now: Instant,
    mut backend: Both<'_>,
    buffer: &mut [u8],
) -> Option<Delivery> {
    manager.poll(now, &mut backend, buffer)
}

fn send_to_both(
    manager: &mut Mixed,
    now: Instant,
    mut backend: Both<'_>,
    to: (SocketId, SocketAddrV4),
    payload: &[u8],
) -> Result<(), SendError> {
    manager.send_to(now, &mut backend, to.0, to.1, payload)
}

fn send_to_text(
    manager: &mut Mixed,
    now: Instant,
    backend: &mut Hardware,
    to: (SocketId, &str, u16),
    payload: &[u8],
) -> Result<(), SendError> {
    manager.send_to(now, backend, to.0, (to.1, to.2), payload)
}

fn check_text(
    gate: &mut Gate,
    now: Instant,
    to: (&str, u16),
    length: usize,
) -> Result<SocketAddrV4, GateError> {
    gate.check(now, to, length)
}

fn check_address(
    gate: &mut Gate,
    now: Instant,
    to: (Ipv4Addr, u16),
    length: usize,
) -> Result<SocketAddrV4, GateError> {
    gate.check(now, to, length)
}

fn drops(drops: &Drops, each: fn((DropReason, u32))) {
    drops.iter().for_each(each);
}

fn each_transition(medium: Medium, each: fn(State), each_way: fn(Way)) {
    transitions(medium).for_each(|pair| {
        pair.targets().for_each(each);
        pair.ways().for_each(each_way);
    });
}

/// A hasher that is as small as can be.
struct Sum(u64);

impl Hasher for Sum {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.wrapping_add(u64::from(*byte));
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

fn view(manager: &Mixed, into: &mut Sum) {
    manager.view(into);
}

fn each_server_transition(each: fn(ServerState), each_way: fn(ServerWay)) {
    server_transitions().for_each(|pair| {
        pair.targets().for_each(each);
        pair.ways().for_each(each_way);
    });
}

fn resolve(name: &InterfaceName, present: [InterfaceId; 2]) -> Option<InterfaceId> {
    name.resolve(present)
}

fn means_same_as(nic: &Nic, other: &Nic, present: [InterfaceId; 2]) -> bool {
    nic.means_same_as(other, present)
}

fn reveal(
    mut vault: &mut Elsewhere,
    purpose: SecretPurpose,
    secret: Exposed<'_>,
    into: &mut Plaintext,
) -> Result<(), VaultError> {
    (&mut vault).reveal(purpose, secret, into)
}

type Seal = fn(&mut SealedSecret) -> Result<(), VaultError>;
type Unseal = fn(&mut Plaintext) -> Result<(), VaultError>;

/// A vault whose code is elsewhere.
struct Elsewhere(Seal, Unseal);

impl Vault for Elsewhere {
    fn seal(
        &mut self,
        _: SecretPurpose,
        _: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        (self.0)(sealed)
    }

    fn unseal(
        &mut self,
        _: SecretPurpose,
        _: &[u8],
        plaintext: &mut Plaintext,
    ) -> Result<(), VaultError> {
        (self.1)(plaintext)
    }
}

#[cfg(feature = "planted")]
doors! { PLANTED: planted }

/// The index may be out of bounds.
#[cfg(feature = "planted")]
fn planted(numbers: [u8; 3], place: usize) -> u8 {
    numbers[place]
}

/// Leads to all of them: a static library is linked for it, and a program.
#[unsafe(no_mangle)]
pub fn lankeeper_probe(look: fn(&'static [Door])) {
    look(&PARTS);
    look(&SMALL);
    look(&REST_OF_SMALL);
    look(&MIXED);
    look(&REST_OF_MIXED);
    look(&TIGHT);
    look(&REST_OF_TIGHT);
    #[cfg(feature = "planted")]
    look(&PLANTED);
}
