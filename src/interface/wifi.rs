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
use super::table::Effect::{Associate, Close, Connect, Enter, Halt, Renew, Search, Trust};
use super::table::{Effect, ignore, on};
use crate::table::Harmless::{
    AlreadySo, NotArmed, NotRunning, OtherStep, Passing, RetryPowersUp, StepOver, UnderWay,
};
use crate::table::{IgnoredPairs, Row, TransitionTable};

pub(super) static TABLE: TransitionTable<Effect> = TransitionTable::new(ROWS);

// WIFI_LINK_UP is passed through within one input: its rows are there so that every pair is decided.
#[rustfmt::skip]
const ROWS: &[Row<Effect>] = &[
    on(Start, &[Unknown, Stopped, Unhappy], Enter(Starting)),
    on(Stop, &[Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping, Connected, Stopped, Unhappy], Close(Stopped)),
    on(Ready, &[Starting], Search(Scanning, Stopped)),
    on(WpsStarted, &[Starting, Scanning, Joining], Enter(Wpsing)),
    on(NetworkFound, &[Scanning], Enter(Joining)),
    on(NetworkNotFound, &[Scanning], Halt(Stopped, Step::Scan)),
    on(Joined, &[Joining, Wpsing], Associate(Dhcping, LinkUp)),
    on(WrongKey, &[Joining, Wpsing], Halt(Stopped, Step::Scan)),
    on(WrongKey, &[LinkUp, Dhcping, Connected], Search(Scanning, Stopped)),
    on(JoinRejected, &[Joining, Wpsing], Halt(Stopped, Step::Scan)),
    on(JoinRejected, &[LinkUp, Dhcping, Connected], Search(Scanning, Stopped)),
    on(LinkLost, &[Joining, Wpsing], Halt(Stopped, Step::Scan)),
    on(LinkLost, &[LinkUp, Dhcping, Connected], Search(Scanning, Stopped)),
    on(Lease, &[Dhcping], Connect),
    on(Lease, &[Connected], Renew),
    on(LeaseRefused, &[Dhcping], Halt(Stopped, Step::Scan)),
    on(LeaseRefused, &[Connected], Enter(Dhcping)),
    on(LeaseLost, &[Connected], Enter(Dhcping)),
    on(Fault, &[Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping, Connected], Halt(Unhappy, Step::Power)),
    on(DeadlinePassed, &[Starting], Halt(Unhappy, Step::Power)),
    on(DeadlinePassed, &[Scanning, Joining, Wpsing, Dhcping], Halt(Stopped, Step::Scan)),
    on(RetryDue, &[Stopped, Unhappy], Enter(Starting)),
    on(Stable, &[Connected], Trust),
];

#[rustfmt::skip]
pub(super) const IGNORED: &[IgnoredPairs] = &[
    ignore(&[Start], &[Starting, Scanning, Joining, Wpsing, Dhcping], UnderWay),
    ignore(&[NetworkFound], &[Starting, Wpsing], OtherStep),
    ignore(&[NetworkNotFound], &[Starting, Joining, Wpsing, Dhcping], OtherStep),
    ignore(&[Joined, WrongKey, JoinRejected, LinkLost], &[Starting, Scanning], OtherStep),
    ignore(&[Lease, LeaseRefused, LeaseLost], &[Starting, Scanning, Joining, Wpsing], OtherStep),
    ignore(&[NetworkNotFound], &[Connected], StepOver),
    ignore(&[Start], &[Connected], AlreadySo),
    ignore(&[Ready], &[Scanning, Joining, Wpsing, Dhcping, Connected, Stopped], AlreadySo),
    ignore(&[WpsStarted], &[Wpsing, Dhcping, Connected], AlreadySo),
    ignore(&[NetworkFound], &[Joining, Dhcping, Connected], AlreadySo),
    ignore(&[Joined], &[Dhcping, Connected], AlreadySo),
    ignore(&[LeaseLost], &[Dhcping], AlreadySo),
    ignore(&[Stop], &[Unknown], NotRunning),
    ignore(&[Ready, WpsStarted, Fault], &[Unknown, Unhappy], NotRunning),
    ignore(&[NetworkFound, NetworkNotFound, Joined, WrongKey, JoinRejected, LinkLost, Lease, LeaseRefused, LeaseLost], &[Unknown, Stopped, Unhappy], NotRunning),
    ignore(&[WpsStarted, Fault], &[Stopped], RetryPowersUp),
    ignore(&[Start, Ready, WpsStarted, NetworkFound, NetworkNotFound, Joined, Lease, LeaseRefused, LeaseLost, DeadlinePassed, RetryDue, Stable], &[LinkUp], Passing),
    ignore(&[DeadlinePassed], &[Unknown, Connected, Stopped, Unhappy], NotArmed),
    ignore(&[RetryDue], &[Unknown, Starting, Scanning, Joining, Wpsing, Dhcping, Connected], NotArmed),
    ignore(&[Stable], &[Unknown, Starting, Scanning, Joining, Wpsing, Dhcping, Stopped, Unhappy], NotArmed),
];
