//! The settings and reports that the tests of this folder use and that are new.

use lankeeper::connect::ServerConfig;
use lankeeper::{InterfaceConfig, Policy, Report, Span};

/// How long CONNECTED must last before the back-off begins anew.
pub(super) const fn set_stable_after(config: &mut InterfaceConfig, span: Span) {
    config.stable_after = span;
}

/// After how many failed tries in a row an interface is powered down and up again.
pub(super) const fn set_power_cycle_after(config: &mut InterfaceConfig, tries: u8) {
    config.power_cycle_after = tries;
}

/// How soon a carrier or link has to be back so that it was not lost.
pub(super) const fn set_hold_down(config: &mut InterfaceConfig, span: Option<Span>) {
    config.hold_down = span;
}

/// How long a refusal lasts that will not change in a minute.
pub(super) const fn set_refused_delay(config: &mut InterfaceConfig, span: Span) {
    config.refused_delay = span;
}

/// How long a server connection counts as alive without a sign of it.
pub(super) const fn set_alive_within(config: &mut ServerConfig, span: Option<Span>) {
    config.alive_within = span;
}

/// The policy under which a connection is tried for ever.
pub(super) const fn keep_trying() -> Option<Policy> {
    Some(Policy::KeepTrying)
}

/// The report that somebody else has the address.
pub(super) const fn address_conflict() -> Option<Report> {
    Some(Report::AddressConflict)
}
