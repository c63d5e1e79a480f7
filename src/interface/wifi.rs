//! The transition table of Wi-Fi.

use super::State::{
    Connected, Starting, Unknown, WifiDhcping as Dhcping, WifiJoining as Joining,
    WifiLinkUp as LinkUp, WifiScanning as Scanning, WifiStopped as Stopped,
    WifiStoppedUnhappy as Unhappy, WifiWpsing as Wpsing,
};
use super::Step;
use super::Trigger::{
    AddressConflict, DeadlinePassed, Fault, JoinRejected, Joined, Lease, LeaseLost, LeaseRefused,
    LinkLost, NetworkFound, NetworkNotFound, Ready, RetryDue, Stable, Start, Stop, WpsStarted,
    WrongKey,
};
use super::table::Effect::{
    Associate, Climb, Close, Connect, Descend, Enter, Halt, Invite, Note, PowerOff, Renew, Return,
    Search, Trust,
};
use super::table::{Effect, ignore, on};
use crate::table::Harmless::{
    AlreadySo, NotArmed, NotRunning, OtherStep, Passing, StepOver, UnderWay,
};
use crate::table::{IgnoredPairs, Row, TransitionTable};

pub(super) static TABLE: TransitionTable<Effect> = TransitionTable::new(ROWS);

// WIFI_LINK_UP is passed through within one input: its rows are there so that every pair is decided.
#[rustfmt::skip]
const ROWS: &[Row<Effect>] = &[
    on(Start, &[Unknown], Enter(Starting)),
    on(Start, &[Stopped, Unhappy], Climb),
    on(Stop, &[Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping, Connected, Stopped, Unhappy], Close(Stopped)),
    on(Ready, &[Starting], Search(Scanning, Stopped)),
    on(WpsStarted, &[Starting, Scanning, Joining], Enter(Wpsing)),
    on(WpsStarted, &[Stopped], Invite(Wpsing)),
    on(NetworkFound, &[Scanning], Enter(Joining)),
    on(NetworkNotFound, &[Scanning, Joining, Wpsing], Halt(Stopped, Step::Scan)),
    on(Joined, &[Joining, Wpsing], Associate(Dhcping, LinkUp)),
    on(WrongKey, &[Scanning, Joining, Wpsing, LinkUp, Dhcping], Halt(Stopped, Step::Scan)),
    on(WrongKey, &[Connected], Return(Scanning, Stopped)),
    on(WrongKey, &[Stopped], Descend(Step::Scan)),
    on(JoinRejected, &[Joining, Wpsing, LinkUp, Dhcping], Halt(Stopped, Step::Scan)),
    on(JoinRejected, &[Connected], Return(Scanning, Stopped)),
    on(JoinRejected, &[Stopped], Descend(Step::Scan)),
    on(LinkLost, &[Joining, Wpsing, LinkUp, Dhcping], Halt(Stopped, Step::Scan)),
    on(LinkLost, &[Connected], Return(Scanning, Stopped)),
    on(LinkLost, &[Stopped], Descend(Step::Scan)),
    on(Lease, &[Dhcping], Connect),
    on(Lease, &[Connected], Renew),
    on(Lease, &[Stopped], Note(Step::Dhcp)),
    on(LeaseRefused, &[Dhcping], Halt(Stopped, Step::Dhcp)),
    on(LeaseRefused, &[Connected], Return(Dhcping, Stopped)),
    on(LeaseRefused, &[Stopped], Descend(Step::Dhcp)),
    on(LeaseLost, &[Connected], Return(Dhcping, Stopped)),
    on(LeaseLost, &[Stopped], Descend(Step::Dhcp)),
    on(AddressConflict, &[Dhcping, Connected], Halt(Stopped, Step::Dhcp)),
    on(AddressConflict, &[Stopped], Descend(Step::Dhcp)),
    on(Fault, &[Starting, Scanning, Joining, Wpsing, LinkUp, Dhcping, Connected, Stopped], PowerOff(Unhappy)),
    on(DeadlinePassed, &[Starting], PowerOff(Unhappy)),
    on(DeadlinePassed, &[Scanning], Halt(Stopped, Step::Scan)),
    on(DeadlinePassed, &[Joining, Wpsing], Halt(Stopped, Step::Power)),
    on(DeadlinePassed, &[Dhcping], Halt(Stopped, Step::Dhcp)),
    on(RetryDue, &[Stopped, Unhappy], Climb),
    on(Stable, &[Connected], Trust),
];

#[rustfmt::skip]
pub(super) const IGNORED: &[IgnoredPairs] = &[
    ignore(&[Start], &[Starting, Scanning, Joining, Wpsing, Dhcping], UnderWay),
    ignore(&[NetworkFound], &[Starting, Wpsing], OtherStep),
    ignore(&[NetworkNotFound], &[Starting, Dhcping], OtherStep),
    ignore(&[WrongKey], &[Starting], OtherStep),
    ignore(&[Joined, JoinRejected, LinkLost], &[Starting, Scanning], OtherStep),
    ignore(&[Lease, LeaseRefused, LeaseLost, AddressConflict], &[Starting, Scanning, Joining, Wpsing], OtherStep),
    ignore(&[NetworkNotFound], &[Connected], StepOver),
    ignore(&[Start], &[Connected], AlreadySo),
    ignore(&[Ready], &[Scanning, Joining, Wpsing, Dhcping, Connected, Stopped], AlreadySo),
    ignore(&[WpsStarted], &[Wpsing, Dhcping, Connected], AlreadySo),
    ignore(&[NetworkFound], &[Joining, Dhcping, Connected], AlreadySo),
    ignore(&[Joined], &[Dhcping, Connected], AlreadySo),
    ignore(&[LeaseLost], &[Dhcping], AlreadySo),
    ignore(&[Stop], &[Unknown], NotRunning),
    ignore(&[NetworkFound, NetworkNotFound, Joined], &[Unknown, Stopped, Unhappy], NotRunning),
    ignore(&[Ready, WpsStarted, WrongKey, JoinRejected, LinkLost, Lease, LeaseRefused, LeaseLost, AddressConflict, Fault], &[Unknown, Unhappy], NotRunning),
    ignore(&[Start, Ready, WpsStarted, NetworkFound, NetworkNotFound, Joined, Lease, LeaseRefused, LeaseLost, AddressConflict, DeadlinePassed, RetryDue, Stable], &[LinkUp], Passing),
    ignore(&[DeadlinePassed], &[Unknown, Connected, Stopped, Unhappy], NotArmed),
    ignore(&[RetryDue], &[Unknown, Starting, Scanning, Joining, Wpsing, Dhcping, Connected], NotArmed),
    ignore(&[Stable], &[Unknown, Starting, Scanning, Joining, Wpsing, Dhcping, Stopped, Unhappy], NotArmed),
];
