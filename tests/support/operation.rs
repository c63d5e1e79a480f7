//! Random operations on a device with one interface.

use lankeeper::{Config, InterfaceConfig, InterfaceId, Lease, Recovery, Report};
use proptest::prelude::*;

/// One operation of the application, the backend or the clock.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Pass(u64),
    /// A time-out with an instant this much earlier than the latest one.
    Back(u64),
    Open,
    Close(usize),
    Retry(usize),
    SetEnabled(bool),
    /// A report with the ticket of the command issued this many commands ago.
    Report(Report, usize),
    /// The report that completes the current step, with the right ticket.
    Answer,
    TakeCommands,
    TakeNotices,
}

fn report() -> impl Strategy<Value = Report> {
    let code = any::<i32>;
    prop_oneof![
        wifi_report(),
        prop_oneof![Just(Report::CarrierUp), Just(Report::CarrierDown)],
        prop_oneof![
            3 => lease().prop_map(Report::Lease),
            1 => code().prop_map(|code| Report::LeaseRefused { code }),
            1 => Just(Report::LeaseLost),
            1 => Just(Report::AddressConflict),
        ],
        cellular_report(),
        prop_oneof![
            3 => Just(Report::Ready),
            1 => code().prop_map(|code| Report::Fault { code }),
        ],
    ]
}

fn wifi_report() -> impl Strategy<Value = Report> {
    let code = any::<i32>;
    prop_oneof![
        Just(Report::WpsStarted),
        Just(Report::NetworkFound),
        code().prop_map(|code| Report::NetworkNotFound { code }),
        Just(Report::Joined),
        code().prop_map(|code| Report::WrongKey { code }),
        code().prop_map(|code| Report::JoinRejected { code }),
        code().prop_map(|code| Report::LinkLost { code }),
    ]
}

fn cellular_report() -> impl Strategy<Value = Report> {
    let code = any::<i32>;
    prop_oneof![
        Just(Report::ModemAlive),
        Just(Report::SimReady),
        code().prop_map(|code| Report::SimFailed { code }),
        Just(Report::Registered),
        code().prop_map(|code| Report::RegistrationDenied { code }),
        Just(Report::RegistrationLost),
        lease().prop_map(Report::PppUp),
        code().prop_map(|code| Report::PppDown { code }),
    ]
}

/// Mostly usable leases.
fn lease() -> impl Strategy<Value = Lease> {
    prop_oneof![
        3 => (1_u8..255).prop_map(|host| Lease::new([192, 168, 1, host].into(), 24)),
        1 => Just(Lease::new([0, 0, 0, 0].into(), 24)),
    ]
}

pub(crate) fn span() -> impl Strategy<Value = u64> {
    prop_oneof![
        20 => Just(0),
        20 => Just(1),
        20 => 0_u64..2_000_000,
        20 => 0_u64..100_000_000,
        1 => (0_u32..64).prop_map(|shift| 1_u64 << shift),
    ]
}

pub(crate) fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        4 => span().prop_map(Op::Pass),
        1 => span().prop_map(Op::Back),
        2 => Just(Op::Open),
        1 => any::<usize>().prop_map(Op::Close),
        1 => any::<usize>().prop_map(Op::Retry),
        1 => any::<bool>().prop_map(Op::SetEnabled),
        6 => Just(Op::Answer),
        8 => (report(), prop_oneof![8 => 0_usize..4, 1 => 0_usize..20])
            .prop_map(|(report, back)| Op::Report(report, back)),
        4 => Just(Op::TakeCommands),
        2 => Just(Op::TakeNotices),
    ]
}

pub(crate) fn id() -> impl Strategy<Value = InterfaceId> {
    prop_oneof![
        Just(InterfaceId::WIFI),
        Just(InterfaceId::ETHERNET),
        Just(InterfaceId::CELLULAR),
    ]
}

pub(crate) fn config(id: impl Strategy<Value = InterfaceId>) -> impl Strategy<Value = Config<1>> {
    (id, prop::bool::weighted(0.25), any::<u64>()).prop_map(|(id, is_manual, seed)| {
        let mut interface = InterfaceConfig::new(id);
        if is_manual {
            interface.recovery = Recovery::Manual;
        }
        Config::new(seed, [interface])
    })
}
