//! The transition table of cellular.

use super::State::{
    CellularPinging as Pinging, CellularPppConnecting as PppConnecting,
    CellularRegistering as Registering, CellularRegistrationDenied as Denied,
    CellularStopped as Stopped, CellularStoppedUnhappy as Unhappy,
    CellularWaitingForSim as WaitingForSim, Connected, Starting, Unknown,
};
use super::Step;
use super::Trigger::{
    DeadlinePassed, Fault, ModemAlive, PppDown, PppUp, Ready, Registered, RegistrationDenied,
    RegistrationLost, RetryDue, SimFailed, SimReady, Stable, Start, Stop,
};
use super::table::Effect::{Close, Connect, Enter, Halt, Ignore, Renew, Trust};
use super::table::Harmless::{
    AlreadyOnItsWay, AlreadySo, NotArmed, NotBegun, NotRunning, RetryPowersUp,
};
use super::table::Row;

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row(Start, &[Unknown, Denied, Stopped, Unhappy], Enter(Starting)),
    Row(Start, &[Starting, Pinging, WaitingForSim, Registering, PppConnecting], Ignore(AlreadyOnItsWay)),
    Row(Start, &[Connected], Ignore(AlreadySo)),

    Row(Stop, &[Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected, Denied, Stopped, Unhappy], Close(Stopped)),
    Row(Stop, &[Unknown], Ignore(NotRunning)),

    Row(Ready, &[Starting], Enter(Pinging)),
    Row(Ready, &[Pinging, WaitingForSim, Registering, PppConnecting, Connected, Denied, Stopped], Ignore(AlreadySo)),
    Row(Ready, &[Unknown, Unhappy], Ignore(NotRunning)),

    Row(ModemAlive, &[Pinging], Enter(WaitingForSim)),
    Row(ModemAlive, &[WaitingForSim, Registering, PppConnecting, Connected], Ignore(AlreadySo)),
    Row(ModemAlive, &[Starting], Ignore(NotBegun)),
    Row(ModemAlive, &[Unknown, Denied, Stopped, Unhappy], Ignore(NotRunning)),

    Row(SimReady, &[WaitingForSim], Enter(Registering)),
    Row(SimReady, &[Registering, PppConnecting, Connected], Ignore(AlreadySo)),
    Row(SimReady, &[Starting, Pinging], Ignore(NotBegun)),
    Row(SimReady, &[Unknown, Denied, Stopped, Unhappy], Ignore(NotRunning)),

    Row(SimFailed, &[WaitingForSim, Registering, PppConnecting, Connected], Halt(Stopped, Step::Modem)),
    Row(SimFailed, &[Starting, Pinging], Ignore(NotBegun)),
    Row(SimFailed, &[Unknown, Denied, Stopped, Unhappy], Ignore(NotRunning)),

    Row(Registered, &[Registering], Enter(PppConnecting)),
    Row(Registered, &[PppConnecting, Connected], Ignore(AlreadySo)),
    Row(Registered, &[Starting, Pinging, WaitingForSim], Ignore(NotBegun)),
    Row(Registered, &[Unknown, Denied, Stopped, Unhappy], Ignore(NotRunning)),

    Row(RegistrationDenied, &[Registering, PppConnecting, Connected], Halt(Denied, Step::Modem)),
    Row(RegistrationDenied, &[Starting, Pinging, WaitingForSim], Ignore(NotBegun)),
    Row(RegistrationDenied, &[Unknown, Denied, Stopped, Unhappy], Ignore(NotRunning)),

    Row(RegistrationLost, &[PppConnecting, Connected], Enter(Registering)),
    Row(RegistrationLost, &[Registering], Ignore(AlreadySo)),
    Row(RegistrationLost, &[Starting, Pinging, WaitingForSim], Ignore(NotBegun)),
    Row(RegistrationLost, &[Unknown, Denied, Stopped, Unhappy], Ignore(NotRunning)),

    Row(PppUp, &[PppConnecting], Connect),
    Row(PppUp, &[Connected], Renew),
    Row(PppUp, &[Starting, Pinging, WaitingForSim, Registering], Ignore(NotBegun)),
    Row(PppUp, &[Unknown, Denied, Stopped, Unhappy], Ignore(NotRunning)),

    Row(PppDown, &[PppConnecting], Halt(Stopped, Step::Modem)),
    Row(PppDown, &[Connected], Enter(PppConnecting)),
    Row(PppDown, &[Starting, Pinging, WaitingForSim, Registering], Ignore(NotBegun)),
    Row(PppDown, &[Unknown, Denied, Stopped, Unhappy], Ignore(NotRunning)),

    Row(Fault, &[Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected], Halt(Unhappy, Step::Power)),
    Row(Fault, &[Denied, Stopped], Ignore(RetryPowersUp)),
    Row(Fault, &[Unknown, Unhappy], Ignore(NotRunning)),

    Row(DeadlinePassed, &[Starting, Pinging], Halt(Unhappy, Step::Power)),
    Row(DeadlinePassed, &[WaitingForSim, Registering, PppConnecting], Halt(Stopped, Step::Modem)),
    Row(DeadlinePassed, &[Unknown, Connected, Denied, Stopped, Unhappy], Ignore(NotArmed)),

    Row(RetryDue, &[Denied, Stopped, Unhappy], Enter(Starting)),
    Row(RetryDue, &[Unknown, Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected], Ignore(NotArmed)),

    Row(Stable, &[Connected], Trust),
    Row(Stable, &[Unknown, Starting, Pinging, WaitingForSim, Registering, PppConnecting, Denied, Stopped, Unhappy], Ignore(NotArmed)),
];
