//! The ways into each state that matter: which step failed, and whether it is tried again without a
//! request.

use core::net::Ipv4Addr;

use lankeeper::{
    Handle, InterfaceConfig, InterfaceId, IpConfig, Lease, Medium, Nic, Prefix, Recovery, Report,
    State,
};

use crate::support::{Rig, named, network};

/// A way into a state: which failure led there, of an interface with which settings.
struct Way {
    name: &'static str,
    settings: Settings,
    /// What happens in which state while it comes up.
    steps: &'static [(State, Turn)],
}

/// What happens to an interface in a state on its way.
enum Turn {
    Report(Report),
    /// The deadline passes.
    Silence,
    /// The back-off is over.
    Wait,
    Close,
}

/// The settings of an interface that is tried.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Settings {
    Default,
    /// Nothing is tried again without a request.
    Manual,
    /// There is no Wi-Fi network to join.
    WithoutNetwork,
    /// The first failure leads to a power cycle.
    PowerCycle,
    /// The address is a static one.
    StaticAddress,
}

/// An interface in a state.
pub(super) struct Variant {
    pub(super) name: &'static str,
    pub(super) rig: Rig,
    pub(super) handle: Option<Handle>,
    /// Whether nothing but a request takes it out of a stopped state.
    pub(super) needs_request: bool,
}

const fn way(name: &'static str, steps: &'static [(State, Turn)]) -> Way {
    let settings = Settings::Default;
    Way {
        name,
        settings,
        steps,
    }
}

const fn with(settings: Settings, name: &'static str, steps: &'static [(State, Turn)]) -> Way {
    Way {
        name,
        settings,
        steps,
    }
}

const CODE: i32 = 1;

/// What is granted late.
const LATE: Report = Report::Lease(LEASE);
const LEASE: Lease = Lease::new(Ipv4Addr::new(192, 168, 1, 70), 24);

/// The ways into a state that matter: which step failed, whether it is tried again by itself.
#[rustfmt::skip]
fn ways(state: State) -> Vec<Way> {
    use Settings::{Manual, PowerCycle, WithoutNetwork};
    use State as S;
    use Turn::{Close, Report as On, Silence, Wait};
    const NOT_FOUND: Turn = On(Report::NetworkNotFound { code: CODE });
    const REFUSED: Turn = On(Report::LeaseRefused { code: CODE });
    const FAULT: Turn = On(Report::Fault { code: CODE });
    const NO_SIM: Turn = On(Report::SimFailed { code: CODE });
    const DENIED: Turn = On(Report::RegistrationDenied { code: CODE });
    const PPP_DOWN: Turn = On(Report::PppDown { code: CODE });
    const NO_CARRIER: (State, Turn) = (S::EthernetLinkUp, On(Report::CarrierDown));
    match state {
        S::WifiLinkUp => vec![],
        S::WifiWpsing => vec![way("", &[(S::Starting, On(Report::WpsStarted))])],
        S::WifiStopped => vec![
            way("a scan", &[(S::WifiScanning, NOT_FOUND)]),
            way("a silent join", &[(S::WifiJoining, Silence)]),
            way("a refused lease", &[(S::WifiDhcping, REFUSED)]),
            way("a late lease", &[(S::WifiDhcping, REFUSED), (S::WifiStopped, On(LATE))]),
            way("an invitation to WPS", &[(S::WifiScanning, NOT_FOUND), (S::WifiStopped, On(Report::WpsStarted))]),
            with(WithoutNetwork, "no credentials", &[(S::Starting, On(Report::Ready))]),
            with(Manual, "a scan under manual recovery", &[(S::WifiScanning, NOT_FOUND)]),
            with(PowerCycle, "the last failure before a power cycle", &[(S::WifiDhcping, REFUSED)]),
            way("the last close", &[(S::Connected, Close)]),
        ],
        S::EthernetStopped => vec![
            way("a refused lease", &[(S::EthernetDhcping, REFUSED)]),
            way("a late lease", &[(S::EthernetDhcping, REFUSED), (S::EthernetStopped, On(LATE))]),
            with(Manual, "a refused lease under manual recovery", &[(S::EthernetDhcping, REFUSED)]),
            with(PowerCycle, "the last failure before a power cycle", &[(S::EthernetDhcping, REFUSED)]),
            way("the last close", &[(S::Connected, Close)]),
        ],
        S::EthernetStoppedNoLink => vec![
            way("no carrier", &[NO_CARRIER]),
            way("a back-off without a carrier", &[NO_CARRIER, (S::EthernetStoppedNoLink, Wait)]),
            way("a carrier that is back", &[NO_CARRIER, (S::EthernetStoppedNoLink, On(Report::CarrierUp))]),
            with(Manual, "no carrier under manual recovery", &[NO_CARRIER]),
        ],
        S::CellularStopped => vec![
            way("a SIM that failed", &[(S::CellularWaitingForSim, NO_SIM)]),
            way("a silent SIM", &[(S::CellularWaitingForSim, Silence)]),
            way("a registration that was lost", &[(S::CellularPppConnecting, On(Report::RegistrationLost))]),
            way("a late registration", &[(S::CellularRegistering, Silence), (S::CellularStopped, On(Report::Registered))]),
            way("a refused session", &[(S::CellularPppConnecting, PPP_DOWN)]),
            way("a late session", &[(S::CellularPppConnecting, Silence), (S::CellularStopped, On(Report::PppUp(LEASE)))]),
            with(Manual, "a refused session under manual recovery", &[(S::CellularPppConnecting, PPP_DOWN)]),
            way("the last close", &[(S::Connected, Close)]),
        ],
        S::CellularRegistrationDenied => vec![
            way("a denied registration", &[(S::CellularRegistering, DENIED)]),
            way("a late registration", &[(S::CellularRegistering, DENIED), (S::CellularRegistrationDenied, On(Report::Registered))]),
            way("a SIM that failed meanwhile", &[(S::CellularRegistering, DENIED), (S::CellularRegistrationDenied, NO_SIM)]),
            with(Manual, "a denied registration under manual recovery", &[(S::CellularRegistering, DENIED)]),
            with(PowerCycle, "the last failure before a power cycle", &[(S::CellularRegistering, DENIED)]),
        ],
        S::WifiStoppedUnhappy | S::EthernetStoppedUnhappy | S::CellularStoppedUnhappy => vec![
            way("a fault", &[(S::Starting, FAULT)]),
            with(Manual, "a fault under manual recovery", &[(S::Starting, FAULT)]),
        ],
        _ => vec![way("", &[])],
    }
}

/// Interfaces that are in a state in each way that matters, with all outputs taken; none where it
/// never rests there.
pub(super) fn variants(id: InterfaceId, state: State) -> impl Iterator<Item = Variant> {
    ways(state)
        .into_iter()
        .map(move |way| lead(id, state, &way))
}

/// Interfaces that leave a state in a way that the others never take, because of their settings.
pub(super) fn with_other_settings(id: InterfaceId, state: State) -> impl Iterator<Item = Variant> {
    let ways = match (id.medium(), state) {
        (Medium::Wifi, State::Starting) => {
            vec![with(Settings::WithoutNetwork, "no network", &[])]
        }
        (_, State::WifiJoining | State::EthernetLinkUp) => {
            vec![with(Settings::StaticAddress, "a static address", &[])]
        }
        _ => vec![],
    };
    ways.into_iter().map(move |way| lead(id, state, &way))
}

/// Leads an interface into a state.
fn lead(id: InterfaceId, state: State, way: &Way) -> Variant {
    let mut config = InterfaceConfig::new(id);
    match way.settings {
        Settings::Manual => config.recovery = Recovery::Manual,
        Settings::PowerCycle => config.power_cycle_after = 1,
        Settings::Default | Settings::WithoutNetwork | Settings::StaticAddress => {}
    }
    let mut rig = Rig::with(config);
    let mut handle = None;
    if state != State::Unknown {
        handle = Some(match way.settings {
            Settings::WithoutNetwork => {
                let nic = named(&id.to_string());
                rig.manager.open(rig.now, &nic).unwrap()
            }
            Settings::StaticAddress => {
                let own = Prefix::new([10, 0, 0, 9].into(), 24).unwrap();
                let address = IpConfig::new(own, None, &[]).unwrap();
                let builder = Nic::builder(&id.to_string()).ip_config(address);
                let nic = match id.medium() {
                    Medium::Wifi => builder.wifi(network()).build(),
                    _ => builder.build(),
                };
                rig.manager.open(rig.now, &nic.unwrap()).unwrap()
            }
            _ => rig.open(),
        });
        if way.steps.is_empty() {
            rig.come_up_to(state);
        }
    }
    for (before, turn) in way.steps {
        rig.come_up_to(*before);
        match turn {
            Turn::Report(report) => rig.report(*report),
            Turn::Silence | Turn::Wait => rig.wait(),
            Turn::Close => rig.manager.close(rig.now, handle.take().unwrap()),
        }
    }
    assert_eq!(rig.state(), state, "{}", way.name);
    rig.commands();
    rig.notices();
    let is_closed = state.is_stopped() && handle.is_none();
    let needs_request =
        is_closed || matches!(way.settings, Settings::Manual | Settings::WithoutNetwork);
    Variant {
        name: way.name,
        rig,
        handle,
        needs_request,
    }
}
