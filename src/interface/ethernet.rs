//! The transition table of Ethernet.

use super::State::{
    Connected, EthernetDhcping as Dhcping, EthernetLinkUp as LinkUp, EthernetStopped as Stopped,
    EthernetStoppedNoLink as NoLink, EthernetStoppedUnhappy as Unhappy, Starting, Unknown,
};
use super::Step;
use super::Trigger::{
    AddressConflict, CarrierDown, CarrierUp, DeadlinePassed, Fault, Lease, LeaseLost, LeaseRefused,
    Ready, RetryDue, Stable, Start, Stop,
};
use super::table::Effect::{
    Address, Climb, Close, Connect, Descend, Enter, Halt, Note, PowerOff, Renew, Resume, Return,
    Trust,
};
use super::table::{Effect, ignore, on};
use crate::table::Harmless::{AlreadySo, NotArmed, NotRunning, OtherStep, UnderWay};
use crate::table::{IgnoredPairs, Row, TransitionTable};

pub(super) static TABLE: TransitionTable<Effect> = TransitionTable::new(ROWS);

#[rustfmt::skip]
const ROWS: &[Row<Effect>] = &[
    on(Start, &[Unknown], Enter(Starting)),
    on(Start, &[Stopped, Unhappy, NoLink], Climb),
    on(Stop, &[Starting, LinkUp, Dhcping, Connected, Stopped, Unhappy, NoLink], Close(Stopped)),
    on(Ready, &[Starting], Enter(LinkUp)),
    on(CarrierUp, &[LinkUp], Address(Dhcping)),
    on(CarrierUp, &[NoLink], Resume(LinkUp)),
    on(CarrierDown, &[LinkUp, Dhcping, Connected, Stopped], Halt(NoLink, Step::Link)),
    on(CarrierDown, &[NoLink], Descend(Step::Link)),
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
    on(Fault, &[Starting, LinkUp, Dhcping, Connected, Stopped, NoLink], PowerOff(Unhappy)),
    on(DeadlinePassed, &[Starting], PowerOff(Unhappy)),
    on(DeadlinePassed, &[LinkUp], Halt(NoLink, Step::Link)),
    on(DeadlinePassed, &[Dhcping], Halt(Stopped, Step::Dhcp)),
    on(RetryDue, &[Stopped, Unhappy, NoLink], Climb),
    on(Stable, &[Connected], Trust),
];

#[rustfmt::skip]
pub(super) const IGNORED: &[IgnoredPairs] = &[
    ignore(&[Start], &[Starting, LinkUp, Dhcping], UnderWay),
    ignore(&[CarrierUp, CarrierDown], &[Starting], OtherStep),
    ignore(&[Lease, LeaseRefused, LeaseLost, AddressConflict], &[Starting, LinkUp], OtherStep),
    ignore(&[Start], &[Connected], AlreadySo),
    ignore(&[Ready], &[LinkUp, Dhcping, Connected, NoLink, Stopped], AlreadySo),
    ignore(&[CarrierUp], &[Dhcping, Connected, Stopped], AlreadySo),
    ignore(&[LeaseLost], &[Dhcping], AlreadySo),
    ignore(&[Stop], &[Unknown], NotRunning),
    ignore(&[Ready, CarrierUp, CarrierDown, Fault], &[Unknown, Unhappy], NotRunning),
    ignore(&[Lease, LeaseRefused, LeaseLost, AddressConflict], &[Unknown, Unhappy, NoLink], NotRunning),
    ignore(&[DeadlinePassed], &[Unknown, Connected, Stopped, Unhappy, NoLink], NotArmed),
    ignore(&[RetryDue], &[Unknown, Starting, LinkUp, Dhcping, Connected], NotArmed),
    ignore(&[Stable], &[Unknown, Starting, LinkUp, Dhcping, Stopped, Unhappy, NoLink], NotArmed),
];
