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
use super::table::Effect::{Address, Close, Connect, Enter, Halt, Ignore, Renew, Resume, Trust};
use super::table::Harmless::{
    AlreadyOnItsWay, AlreadySo, NotArmed, NotBegun, NotRunning, RetryPowersUp,
};
use super::table::Row;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row(Start, &[Unknown, Stopped, Unhappy], Enter(Starting)),
    Row(Start, &[NoLink], Enter(LinkUp)),
    Row(Start, &[Starting, LinkUp, Dhcping], Ignore(AlreadyOnItsWay)),
    Row(Start, &[Connected], Ignore(AlreadySo)),

    Row(Stop, &[Starting, LinkUp, Dhcping, Connected, Stopped, Unhappy, NoLink], Close(Stopped)),
    Row(Stop, &[Unknown], Ignore(NotRunning)),

    Row(Ready, &[Starting], Enter(LinkUp)),
    Row(Ready, &[LinkUp, Dhcping, Connected, NoLink, Stopped], Ignore(AlreadySo)),
    Row(Ready, &[Unknown, Unhappy], Ignore(NotRunning)),

    Row(CarrierUp, &[LinkUp], Address(Dhcping)),
    Row(CarrierUp, &[NoLink], Resume(LinkUp)),
    Row(CarrierUp, &[Dhcping, Connected], Ignore(AlreadySo)),
    Row(CarrierUp, &[Starting], Ignore(NotBegun)),
    Row(CarrierUp, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(CarrierDown, &[LinkUp, Dhcping, Connected], Halt(NoLink, Step::Dhcp)),
    Row(CarrierDown, &[NoLink], Ignore(AlreadySo)),
    Row(CarrierDown, &[Starting], Ignore(NotBegun)),
    Row(CarrierDown, &[Unknown, Stopped, Unhappy], Ignore(NotRunning)),

    Row(Lease, &[Dhcping], Connect),
    Row(Lease, &[Connected], Renew),
    Row(Lease, &[Starting, LinkUp], Ignore(NotBegun)),
    Row(Lease, &[Unknown, Stopped, Unhappy, NoLink], Ignore(NotRunning)),

    Row(LeaseRefused, &[Dhcping], Halt(Stopped, Step::Link)),
    Row(LeaseRefused, &[Connected], Enter(Dhcping)),
    Row(LeaseRefused, &[Starting, LinkUp], Ignore(NotBegun)),
    Row(LeaseRefused, &[Unknown, Stopped, Unhappy, NoLink], Ignore(NotRunning)),

    Row(LeaseLost, &[Connected], Enter(Dhcping)),
    Row(LeaseLost, &[Dhcping], Ignore(AlreadySo)),
    Row(LeaseLost, &[Starting, LinkUp], Ignore(NotBegun)),
    Row(LeaseLost, &[Unknown, Stopped, Unhappy, NoLink], Ignore(NotRunning)),

    Row(Fault, &[Starting, LinkUp, Dhcping, Connected, NoLink], Halt(Unhappy, Step::Power)),
    Row(Fault, &[Stopped], Ignore(RetryPowersUp)),
    Row(Fault, &[Unknown, Unhappy], Ignore(NotRunning)),

    Row(DeadlinePassed, &[Starting], Halt(Unhappy, Step::Power)),
    Row(DeadlinePassed, &[LinkUp], Halt(NoLink, Step::Dhcp)),
    Row(DeadlinePassed, &[Dhcping], Halt(Stopped, Step::Link)),
    Row(DeadlinePassed, &[Unknown, Connected, Stopped, Unhappy, NoLink], Ignore(NotArmed)),

    Row(RetryDue, &[Stopped, Unhappy], Enter(Starting)),
    Row(RetryDue, &[NoLink], Enter(LinkUp)),
    Row(RetryDue, &[Unknown, Starting, LinkUp, Dhcping, Connected], Ignore(NotArmed)),

    Row(Stable, &[Connected], Trust),
    Row(Stable, &[Unknown, Starting, LinkUp, Dhcping, Stopped, Unhappy, NoLink], Ignore(NotArmed)),
];
