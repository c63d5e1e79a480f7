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
use super::table::Effect::{Close, Connect, Enter, Halt, Renew, Trust};
use super::table::{Effect, ignore, on};
use crate::table::Harmless::{AlreadySo, NotArmed, NotRunning, OtherStep, RetryPowersUp, UnderWay};
use crate::table::{IgnoredPairs, Row, TransitionTable};

pub(super) static TABLE: TransitionTable<Effect> = TransitionTable::new(ROWS);

#[rustfmt::skip]
const ROWS: &[Row<Effect>] = &[
    on(Start, &[Unknown, Denied, Stopped, Unhappy], Enter(Starting)),
    on(Stop, &[Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected, Denied, Stopped, Unhappy], Close(Stopped)),
    on(Ready, &[Starting], Enter(Pinging)),
    on(ModemAlive, &[Pinging], Enter(WaitingForSim)),
    on(SimReady, &[WaitingForSim], Enter(Registering)),
    on(SimFailed, &[WaitingForSim, Registering, PppConnecting, Connected], Halt(Stopped, Step::Modem)),
    on(Registered, &[Registering], Enter(PppConnecting)),
    on(RegistrationDenied, &[Registering, PppConnecting, Connected], Halt(Denied, Step::Modem)),
    on(RegistrationLost, &[PppConnecting, Connected], Enter(Registering)),
    on(PppUp, &[PppConnecting], Connect),
    on(PppUp, &[Connected], Renew),
    on(PppDown, &[PppConnecting], Halt(Stopped, Step::Modem)),
    on(PppDown, &[Connected], Enter(PppConnecting)),
    on(Fault, &[Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected], Halt(Unhappy, Step::Power)),
    on(DeadlinePassed, &[Starting, Pinging], Halt(Unhappy, Step::Power)),
    on(DeadlinePassed, &[WaitingForSim, Registering, PppConnecting], Halt(Stopped, Step::Modem)),
    on(RetryDue, &[Denied, Stopped, Unhappy], Enter(Starting)),
    on(Stable, &[Connected], Trust),
];

#[rustfmt::skip]
pub(super) const IGNORED: &[IgnoredPairs] = &[
    ignore(&[Start], &[Starting, Pinging, WaitingForSim, Registering, PppConnecting], UnderWay),
    ignore(&[ModemAlive], &[Starting], OtherStep),
    ignore(&[SimReady, SimFailed], &[Starting, Pinging], OtherStep),
    ignore(&[Registered, RegistrationDenied, RegistrationLost], &[Starting, Pinging, WaitingForSim], OtherStep),
    ignore(&[PppUp, PppDown], &[Starting, Pinging, WaitingForSim, Registering], OtherStep),
    ignore(&[Start], &[Connected], AlreadySo),
    ignore(&[Ready], &[Pinging, WaitingForSim, Registering, PppConnecting, Connected, Denied, Stopped], AlreadySo),
    ignore(&[ModemAlive], &[WaitingForSim, Registering, PppConnecting, Connected], AlreadySo),
    ignore(&[SimReady], &[Registering, PppConnecting, Connected], AlreadySo),
    ignore(&[Registered], &[PppConnecting, Connected], AlreadySo),
    ignore(&[RegistrationLost], &[Registering], AlreadySo),
    ignore(&[Stop], &[Unknown], NotRunning),
    ignore(&[Ready, Fault], &[Unknown, Unhappy], NotRunning),
    ignore(&[ModemAlive, SimReady, SimFailed, Registered, RegistrationDenied, RegistrationLost, PppUp, PppDown], &[Unknown, Denied, Stopped, Unhappy], NotRunning),
    ignore(&[Fault], &[Denied, Stopped], RetryPowersUp),
    ignore(&[DeadlinePassed], &[Unknown, Connected, Denied, Stopped, Unhappy], NotArmed),
    ignore(&[RetryDue], &[Unknown, Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected], NotArmed),
    ignore(&[Stable], &[Unknown, Starting, Pinging, WaitingForSim, Registering, PppConnecting, Denied, Stopped, Unhappy], NotArmed),
];
