//! The transition table of Wi-Fi.

use super::State::{
    Connected, Starting, Unknown, WifiDhcping as Dhcping, WifiJoining as Joining,
    WifiLinkUp as LinkUp, WifiScanning as Scanning, WifiStopped as Stopped,
    WifiStoppedUnhappy as Unhappy, WifiWpsing as Wpsing,
};
use super::Step;
use super::Trigger::{
    DeadlinePassed, Fault, JoinRejected, Joined, Lease, LeaseLost, LeaseRefused, LinkLost,
    NetworkFound, NetworkNotFound, Ready, RetryDue, Stable, Start, Stop, WpsStarted, WrongKey,
};
use super::table::Effect::{Associate, Close, Connect, Enter, Halt, Ignore, Renew, Search, Trust};
use super::table::Harmless::{
    AlreadyOnItsWay, AlreadySo, NotArmed, NotBegun, NotRunning, RetryPowersUp,
};
use super::table::Row;

// WIFI_LINK_UP is passed within one input, never rested in: its rows are there for completeness.
#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row(Start, &[Unknown, Stopped, Unhappy], Enter(Starting)),
    Row(Start, &[Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping], Ignore(AlreadyOnItsWay)),
    Row(Start, &[Connected], Ignore(AlreadySo)),

    Row(Stop, &[Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping, Connected, Stopped, Unhappy], Close(Stopped)),
    Row(Stop, &[Unknown], Ignore(NotRunning)),

    Row(Ready, &[Starting], Search(Scanning, Stopped)),
    Row(Ready, &[Scanning, Joining, Wpsing, LinkUp, Dhcping, Connected, Stopped], Ignore(AlreadySo)),
    Row(Ready, &[Unknown, Unhappy], Ignore(NotRunning)),

    Row(WpsStarted, &[Starting, Scanning, Joining], Enter(Wpsing)),
    Row(WpsStarted, &[Wpsing, LinkUp, Dhcping, Connected], Ignore(AlreadySo)),
    Row(WpsStarted, &[Stopped], Ignore(RetryPowersUp)),
    Row(WpsStarted, &[Unknown, Unhappy], Ignore(NotRunning)),

    Row(NetworkFound, &[Scanning], Enter(Joining)),
    Row(NetworkFound, &[Joining, LinkUp, Dhcping, Connected], Ignore(AlreadySo)),
    Row(NetworkFound, &[Starting, Wpsing], Ignore(NotBegun)),
    Row(NetworkFound, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(NetworkNotFound, &[Scanning], Halt(Stopped, Step::Scan)),
    Row(NetworkNotFound, &[Starting, Joining, Wpsing, LinkUp, Dhcping, Connected], Ignore(NotBegun)),
    Row(NetworkNotFound, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(Joined, &[Joining, Wpsing], Associate(Dhcping, LinkUp)),
    Row(Joined, &[LinkUp, Dhcping, Connected], Ignore(AlreadySo)),
    Row(Joined, &[Starting, Scanning], Ignore(NotBegun)),
    Row(Joined, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(WrongKey, &[Joining, Wpsing], Halt(Stopped, Step::Scan)),
    Row(WrongKey, &[LinkUp, Dhcping, Connected], Search(Scanning, Stopped)),
    Row(WrongKey, &[Starting, Scanning], Ignore(NotBegun)),
    Row(WrongKey, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(JoinRejected, &[Joining, Wpsing], Halt(Stopped, Step::Scan)),
    Row(JoinRejected, &[LinkUp, Dhcping, Connected], Search(Scanning, Stopped)),
    Row(JoinRejected, &[Starting, Scanning], Ignore(NotBegun)),
    Row(JoinRejected, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(LinkLost, &[Joining, Wpsing], Halt(Stopped, Step::Scan)),
    Row(LinkLost, &[LinkUp, Dhcping, Connected], Search(Scanning, Stopped)),
    Row(LinkLost, &[Starting, Scanning], Ignore(NotBegun)),
    Row(LinkLost, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(Lease, &[Dhcping], Connect),
    Row(Lease, &[Connected], Renew),
    Row(Lease, &[Starting, Scanning, Joining, Wpsing, LinkUp], Ignore(NotBegun)),
    Row(Lease, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(LeaseRefused, &[Dhcping], Halt(Stopped, Step::Scan)),
    Row(LeaseRefused, &[Connected], Enter(Dhcping)),
    Row(LeaseRefused, &[Starting, Scanning, Joining, Wpsing, LinkUp], Ignore(NotBegun)),
    Row(LeaseRefused, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(LeaseLost, &[Connected], Enter(Dhcping)),
    Row(LeaseLost, &[Dhcping], Ignore(AlreadySo)),
    Row(LeaseLost, &[Starting, Scanning, Joining, Wpsing, LinkUp], Ignore(NotBegun)),
    Row(LeaseLost, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(Fault, &[Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping, Connected], Halt(Unhappy, Step::Power)),
    Row(Fault, &[Stopped], Ignore(RetryPowersUp)),
    Row(Fault, &[Unknown, Unhappy], Ignore(NotRunning)),

    Row(DeadlinePassed, &[Starting], Halt(Unhappy, Step::Power)),
    Row(DeadlinePassed, &[Scanning, Joining, Wpsing, Dhcping], Halt(Stopped, Step::Scan)),
    Row(DeadlinePassed, &[Unknown, LinkUp, Connected, Stopped, Unhappy], Ignore(NotArmed)),

    Row(RetryDue, &[Stopped, Unhappy], Enter(Starting)),
    Row(RetryDue, &[Unknown, Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping, Connected], Ignore(NotArmed)),

    Row(Stable, &[Connected], Trust),
    Row(Stable, &[Unknown, Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping, Stopped, Unhappy], Ignore(NotArmed)),
];
