//! The page of codes.

use std::collections::BTreeSet;

use lankeeper::driver::VaultError;
use lankeeper::udp::Drops;
use lankeeper::{Cause, ConnectOutcome, Medium, SendError, SocketId, State};

use super::page::{Page, Table, yes};
use super::source::members;
use super::stops::stops;
use crate::support::Rig;
use crate::support::bound::turns;

fn page() -> Page {
    Page::new(
        "src/guide/codes.md",
        vec![
            ("states", state_codes()),
            ("results", results()),
            ("sends", sends()),
            ("drops", drops()),
            ("causes", causes()),
            ("stops", stops(&CAUSES)),
            ("vault", vault()),
        ],
    )
}

fn state_codes() -> Table {
    let mut table = Table::new(&[
        "code",
        "state",
        "medium",
        "at rest",
        "stopped",
        "what it means",
    ]);
    for state in State::ALL {
        let medium = state.medium().map_or("any", medium_name);
        let (rests, stopped) = (yes(state.is_terminal()), yes(state.is_stopped()));
        table.row(&[
            &state.code(),
            &code_of(&state),
            &medium,
            &rests,
            &stopped,
            &meaning(state),
        ]);
    }
    table
}

/// A name in the type of code.
fn code_of(name: &impl ToString) -> String {
    format!("`{}`", name.to_string())
}

const fn medium_name(medium: Medium) -> &'static str {
    match medium {
        Medium::Wifi => "Wi-Fi",
        Medium::Ethernet => "Ethernet",
        Medium::Cellular => "cellular",
    }
}

const fn meaning(state: State) -> &'static str {
    match state {
        State::Unknown => "nobody has opened it yet",
        State::Starting => "it is being powered up",
        State::Connected => "it is up and has an address",
        State::WifiScanning => "the radio looks for the network",
        State::WifiJoining => "the radio joins the network",
        State::WifiWpsing => "the radio joins by Wi-Fi Protected Setup",
        State::WifiLinkUp => "the radio is associated; left at once",
        State::WifiDhcping | State::EthernetDhcping => "it waits for a lease",
        State::WifiStopped => "closed, or the network or its address did not come",
        State::EthernetLinkUp => "it waits for a carrier",
        State::EthernetStopped => "closed, or no address came",
        State::EthernetStoppedNoLink => "there is no carrier",
        State::CellularPinging => "the modem is asked for a sign of life",
        State::CellularWaitingForSim => "the modem reads its SIM",
        State::CellularPppConnecting => "the modem dials up",
        State::CellularRegistering => "the modem registers with a network",
        State::CellularRegistrationDenied => "the network refused the registration",
        State::CellularStopped => "closed, or trouble with SIM, registration or PPP",
        State::WifiStoppedUnhappy | State::EthernetStoppedUnhappy => {
            "its driver failed, or did not become ready"
        }
        State::CellularStoppedUnhappy => "its driver failed, or the modem is silent",
    }
}

fn results() -> Table {
    let mut table = Table::new(&["code", "result", "`ConnectOutcome`", "what it means"]);
    for outcome in ConnectOutcome::ALL {
        let (name, variant) = (code_of(&outcome), code_of(&format!("{outcome:?}")));
        table.row(&[&outcome.code(), &name, &variant, &what_failed(outcome)]);
    }
    table
}

fn what_failed(outcome: ConnectOutcome) -> &'static str {
    match outcome {
        ConnectOutcome::NotConnected => "a request ended it, or nothing could be tried",
        ConnectOutcome::NoWifi => {
            "the network was not found or not joined, or there is none to join"
        }
        ConnectOutcome::NoLink => "no carrier",
        ConnectOutcome::NoIpAddress => "no usable address",
        ConnectOutcome::AddressChanged => {
            "the interface has another address, and what was connected from the former one is lost"
        }
        ConnectOutcome::NotResolved => "the name of the server or proxy was not resolved",
        ConnectOutcome::NoServer => "the server does not answer, or hung up",
        ConnectOutcome::ServerConnected => "connected",
        ConnectOutcome::NoProxy => "the proxy does not answer, or hung up",
        ConnectOutcome::NotAuthorised => "the proxy refused the credentials",
        ConnectOutcome::NoModem => "the modem does not answer",
        ConnectOutcome::SimError => "trouble with the SIM",
        ConnectOutcome::NoRegistration => "no registration in time",
        ConnectOutcome::RegistrationDenied => "the network refused the registration",
        ConnectOutcome::NoPppConnection => "PPP did not come up",
        ConnectOutcome::PppNoConnectivity => "PPP is up, and nothing can be reached",
        other => panic!("{other} has no meaning"),
    }
}

const OWN_CODE: i32 = 5;

/// Every error of a vault; a test holds them against the enum.
const VAULT_ERRORS: [VaultError; 3] = [
    VaultError::Unreadable,
    VaultError::TooLong { most: 112 },
    VaultError::Failed { code: OWN_CODE },
];

fn vault() -> Table {
    let mut table = Table::new(&["code", "`VaultError`", "what it means"]);
    for error in VAULT_ERRORS {
        let code = match error.code() {
            OWN_CODE => "the vault's own".into(),
            code => code.to_string(),
        };
        let means = match error {
            VaultError::Unreadable => {
                "tampered with, or sealed by another vault or for another purpose"
            }
            VaultError::TooLong { .. } => "it does not fit into the buffer",
            _ => "the vault failed: no key, no random numbers",
        };
        table.row(&[&code, &code_of(&variant(&error)), &means]);
    }
    table
}

/// The name of a variant, without its data.
pub(super) fn variant(value: &impl core::fmt::Debug) -> String {
    let text = format!("{value:?}");
    let end = text.find(|character: char| !character.is_ascii_alphanumeric());
    text[..end.unwrap_or(text.len())].to_owned()
}

fn sends() -> Table {
    let mut table = Table::new(&["code", "`SendError`", "text", "closes the socket"]);
    table.row(&[&0, &"", &"sent", &""]);
    for error in sent() {
        let code = error
            .code()
            .map_or_else(String::new, |code| code.to_string());
        table.row(&[
            &code,
            &code_of(&variant(&error)),
            &error,
            &yes(error.closes_socket()),
        ]);
    }
    table
}

/// The error of a send that fails at each check in turn.
fn sent() -> Vec<SendError> {
    let near = "192.168.1.9";
    let long = vec![0; 65_508];
    let mut errors = vec![
        failed_send(true, |rig, socket| {
            rig.manager.udp_close(rig.now, socket);
            send(rig, socket, near, 5000, b"")
        }),
        failed_send(true, |rig, socket| {
            send(rig, socket, "192.168.01.9", 5000, b"")
        }),
        failed_send(true, |rig, socket| send(rig, socket, "8.8.8.8", 5000, b"")),
        failed_send(true, |rig, socket| send(rig, socket, near, 67, b"")),
        failed_send(true, |rig, socket| send(rig, socket, near, 5000, &long)),
        failed_send(false, |rig, socket| send(rig, socket, near, 5000, b"")),
        failed_send(true, |rig, socket| {
            send(rig, socket, "192.168.2.9", 5000, b"")
        }),
    ];
    errors.push(failed_send(true, |rig, socket| {
        turns().try_for_each(|()| send(rig, socket, near, 5000, b""))
    }));
    errors
}

fn send(
    rig: &mut Rig,
    socket: SocketId,
    to: &str,
    port: u16,
    payload: &[u8],
) -> Result<(), SendError> {
    let sent = rig.manager.udp_send(rig.now, socket, (to, port), payload);
    sent.map(|_| ())
}

/// How a send fails over an interface that is connected, or one that is coming up.
fn failed_send(
    is_connected: bool,
    send: impl FnOnce(&mut Rig, SocketId) -> Result<(), SendError>,
) -> SendError {
    let mut rig = Rig::new();
    let handle = rig.open();
    if is_connected {
        rig.come_up();
    }
    let socket = rig.manager.udp_open(rig.now, handle, 5000).unwrap();
    send(&mut rig, socket).expect_err("it fails")
}

fn causes() -> Table {
    let mut table = Table::new(&["`Cause`", "text", "a retry is sensible"]);
    for cause in CAUSES {
        table.row(&[
            &code_of(&variant(&cause)),
            &cause,
            &yes(cause.retry_is_sensible()),
        ]);
    }
    table
}

/// Every cause; a test holds them against the enum.
const CAUSES: [Cause; 18] = [
    Cause::Closed,
    Cause::Disabled,
    Cause::Switched,
    Cause::TimedOut,
    Cause::Fault,
    Cause::NoCredentials,
    Cause::NotFound,
    Cause::WrongCredentials,
    Cause::Rejected,
    Cause::LinkLost,
    Cause::NoCarrier,
    Cause::NoAddress,
    Cause::LeaseLost,
    Cause::AddressConflict,
    Cause::Sim,
    Cause::RegistrationDenied,
    Cause::RegistrationLost,
    Cause::Ppp,
];

fn drops() -> Table {
    let mut table = Table::new(&["`DropReason`", "text"]);
    for (reason, _) in Drops::default().iter() {
        table.row(&[&code_of(&variant(&reason)), &reason]);
    }
    table
}

// spec: STATE-1, STATE-2, STATE-3, CON-4, UDP-8, IFC-4
#[test]
fn the_codes_are_those_of_the_running_code() {
    page().check();
}

/// Planted failures: a row that is lost or says something else is missed.
#[test]
fn a_change_of_the_codes_shows() {
    page().check_that_a_change_shows();
}

/// No variant is left out.
#[test]
fn the_codes_are_complete() {
    let debugged = |values: &[Cause]| values.iter().map(variant).collect::<Vec<_>>();
    assert_eq!(
        debugged(&CAUSES),
        members("src/interface/reason.rs", "Cause")
    );
    let drops: Vec<_> = Drops::default()
        .iter()
        .map(|(reason, _)| variant(&reason))
        .collect();
    assert_eq!(drops, members("src/udp/error.rs", "DropReason"));
    // The enum has another order than the checks.
    let errors: BTreeSet<_> = sent().iter().map(variant).collect();
    let declared = members("src/udp/error.rs", "SendError");
    assert_eq!(errors, declared.into_iter().collect());
    let errors: Vec<_> = VAULT_ERRORS.iter().map(variant).collect();
    assert_eq!(errors, members("src/driver/vault.rs", "VaultError"));
}
