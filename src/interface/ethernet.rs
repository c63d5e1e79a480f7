//! The transition table of Ethernet.

use super::State::{
    Connected, EthernetDhcping as Dhcping, EthernetLinkUp as LinkUp, EthernetStopped as Stopped,
    EthernetStoppedNoLink as NoLink, EthernetStoppedUnhappy as Unhappy, Starting, Unknown,
};
use super::Step;
use super::Trigger::{
    CarrierDown, CarrierUp, DeadlinePassed, Fault, Lease, LeaseLost, LeaseRefused, Ready, RetryDue,
    Stable, Start, Stop,
};
use super::table::Effect::{Address, Close, Connect, Enter, Halt, Renew, Resume, Trust};
use super::table::{Effect, ignore, on};
use crate::table::Harmless::{AlreadySo, NotArmed, NotRunning, OtherStep, RetryPowersUp, UnderWay};
use crate::table::{IgnoredPairs, Row, TransitionTable};

pub(super) static TABLE: TransitionTable<Effect> = TransitionTable::new(ROWS);

#[rustfmt::skip]
const ROWS: &[Row<Effect>] = &[
    on(Start, &[Unknown, Stopped, Unhappy], Enter(Starting)),
    on(Start, &[NoLink], Enter(LinkUp)),
    on(Stop, &[Starting, LinkUp, Dhcping, Connected, Stopped, Unhappy, NoLink], Close(Stopped)),
    on(Ready, &[Starting], Enter(LinkUp)),
    on(CarrierUp, &[LinkUp], Address(Dhcping)),
    on(CarrierUp, &[NoLink], Resume(LinkUp)),
    on(CarrierDown, &[LinkUp, Dhcping, Connected], Halt(NoLink, Step::Dhcp)),
    on(Lease, &[Dhcping], Connect),
    on(Lease, &[Connected], Renew),
    on(LeaseRefused, &[Dhcping], Halt(Stopped, Step::Link)),
    on(LeaseRefused, &[Connected], Enter(Dhcping)),
    on(LeaseLost, &[Connected], Enter(Dhcping)),
    on(Fault, &[Starting, LinkUp, Dhcping, Connected, NoLink], Halt(Unhappy, Step::Power)),
    on(DeadlinePassed, &[Starting], Halt(Unhappy, Step::Power)),
    on(DeadlinePassed, &[LinkUp], Halt(NoLink, Step::Dhcp)),
    on(DeadlinePassed, &[Dhcping], Halt(Stopped, Step::Link)),
    on(RetryDue, &[Stopped, Unhappy], Enter(Starting)),
    on(RetryDue, &[NoLink], Enter(LinkUp)),
    on(Stable, &[Connected], Trust),
];

#[rustfmt::skip]
pub(super) const IGNORED: &[IgnoredPairs] = &[
    ignore(&[Start], &[Starting, LinkUp, Dhcping], UnderWay),
    ignore(&[CarrierUp, CarrierDown], &[Starting], OtherStep),
    ignore(&[Lease, LeaseRefused, LeaseLost], &[Starting, LinkUp], OtherStep),
    ignore(&[Start], &[Connected], AlreadySo),
    ignore(&[Ready], &[LinkUp, Dhcping, Connected, NoLink, Stopped], AlreadySo),
    ignore(&[CarrierUp], &[Dhcping, Connected], AlreadySo),
    ignore(&[CarrierDown], &[NoLink], AlreadySo),
    ignore(&[LeaseLost], &[Dhcping], AlreadySo),
    ignore(&[Stop], &[Unknown], NotRunning),
    ignore(&[Ready, Fault], &[Unknown, Unhappy], NotRunning),
    ignore(&[CarrierUp, CarrierDown], &[Unknown, Stopped, Unhappy], NotRunning),
    ignore(&[Lease, LeaseRefused, LeaseLost], &[Unknown, Stopped, Unhappy, NoLink], NotRunning),
    ignore(&[Fault], &[Stopped], RetryPowersUp),
    ignore(&[DeadlinePassed], &[Unknown, Connected, Stopped, Unhappy, NoLink], NotArmed),
    ignore(&[RetryDue], &[Unknown, Starting, LinkUp, Dhcping, Connected], NotArmed),
    ignore(&[Stable], &[Unknown, Starting, LinkUp, Dhcping, Stopped, Unhappy, NoLink], NotArmed),
];
