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
use super::table::Effect::{
    Climb, Close, Connect, Descend, Enter, Halt, Note, PowerOff, Renew, Return, Trust,
};
use super::table::{Effect, ignore, on};
use crate::table::Harmless::{AlreadySo, NotArmed, NotRunning, OtherStep, UnderWay};
use crate::table::{IgnoredPairs, Row, TransitionTable};

pub(super) static TABLE: TransitionTable<Effect> = TransitionTable::new(ROWS);

#[rustfmt::skip]
const ROWS: &[Row<Effect>] = &[
    on(Start, &[Unknown], Enter(Starting)),
    on(Start, &[Denied, Stopped, Unhappy], Climb),
    on(Stop, &[Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected, Denied, Stopped, Unhappy], Close(Stopped)),
    on(Ready, &[Starting], Enter(Pinging)),
    on(ModemAlive, &[Pinging], Enter(WaitingForSim)),
    on(SimReady, &[WaitingForSim], Enter(Registering)),
    on(SimFailed, &[WaitingForSim, Registering, PppConnecting, Connected], Halt(Stopped, Step::Sim)),
    on(SimFailed, &[Denied, Stopped], Descend(Step::Sim)),
    on(Registered, &[Registering], Enter(PppConnecting)),
    on(Registered, &[Denied, Stopped], Note(Step::Registration)),
    on(RegistrationDenied, &[Registering, PppConnecting, Connected, Stopped], Halt(Denied, Step::Registration)),
    on(RegistrationDenied, &[Denied], Descend(Step::Registration)),
    on(RegistrationLost, &[PppConnecting], Halt(Stopped, Step::Registration)),
    on(RegistrationLost, &[Connected], Return(Registering, Stopped)),
    on(RegistrationLost, &[Denied, Stopped], Descend(Step::Registration)),
    on(PppUp, &[PppConnecting], Connect),
    on(PppUp, &[Connected], Renew),
    on(PppUp, &[Stopped], Note(Step::Ppp)),
    on(PppDown, &[PppConnecting], Halt(Stopped, Step::Ppp)),
    on(PppDown, &[Connected], Return(PppConnecting, Stopped)),
    on(PppDown, &[Stopped], Descend(Step::Ppp)),
    on(Fault, &[Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected, Denied, Stopped], PowerOff(Unhappy)),
    on(DeadlinePassed, &[Starting, Pinging], PowerOff(Unhappy)),
    on(DeadlinePassed, &[WaitingForSim], Halt(Stopped, Step::Power)),
    on(DeadlinePassed, &[Registering], Halt(Stopped, Step::Registration)),
    on(DeadlinePassed, &[PppConnecting], Halt(Stopped, Step::Ppp)),
    on(RetryDue, &[Denied, Stopped, Unhappy], Climb),
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
    ignore(&[ModemAlive], &[WaitingForSim, Registering, PppConnecting, Connected, Denied, Stopped], AlreadySo),
    ignore(&[SimReady], &[Registering, PppConnecting, Connected, Denied], AlreadySo),
    ignore(&[Registered], &[PppConnecting, Connected], AlreadySo),
    ignore(&[RegistrationLost], &[Registering], AlreadySo),
    ignore(&[Stop], &[Unknown], NotRunning),
    ignore(&[SimReady], &[Stopped], NotRunning),
    ignore(&[PppUp, PppDown], &[Denied], NotRunning),
    ignore(&[Ready, ModemAlive, SimReady, SimFailed, Registered, RegistrationDenied, RegistrationLost, PppUp, PppDown, Fault], &[Unknown, Unhappy], NotRunning),
    ignore(&[DeadlinePassed], &[Unknown, Connected, Denied, Stopped, Unhappy], NotArmed),
    ignore(&[RetryDue], &[Unknown, Starting, Pinging, WaitingForSim, Registering, PppConnecting, Connected], NotArmed),
    ignore(&[Stable], &[Unknown, Starting, Pinging, WaitingForSim, Registering, PppConnecting, Denied, Stopped, Unhappy], NotArmed),
];
