//! Anything that can happen to a device with one Ethernet interface, drawn at random.

use lankeeper::{BackOffConfig, InterfaceConfig, Lease, Recovery, Report};
use proptest::prelude::*;

use super::ETH0;

/// One thing that an application, a backend or time does.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Pass(u64),
    /// Time handed in that lies before the latest one.
    Back(u64),
    Open,
    Close(usize),
    Retry(usize),
    SetEnabled(bool),
    /// A report with the generation of a command this many commands ago.
    Report(Report, usize),
    TakeCommands,
    TakeNotices,
}

fn report() -> impl Strategy<Value = Report> {
    prop_oneof![
        3 => Just(Report::Ready),
        3 => Just(Report::CarrierUp),
        1 => Just(Report::CarrierDown),
        3 => (1_u8..255).prop_map(|host| {
            Report::Lease(Lease::new([192, 168, 1, host].into(), 24))
        }),
        1 => Just(Report::Lease(Lease::new([0, 0, 0, 0].into(), 24))),
        1 => any::<i32>().prop_map(|code| Report::LeaseRefused { code }),
        1 => Just(Report::LeaseLost),
        1 => any::<i32>().prop_map(|code| Report::Fault { code }),
    ]
}

pub(crate) fn span() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        Just(1),
        0_u64..2_000_000,
        0_u64..100_000_000,
        (0_u32..64).prop_map(|shift| 1_u64 << shift),
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
        10 => (report(), prop_oneof![8 => 0_usize..3, 1 => 0_usize..20])
            .prop_map(|(report, back)| Op::Report(report, back)),
        4 => Just(Op::TakeCommands),
        2 => Just(Op::TakeNotices),
    ]
}

pub(crate) fn config() -> impl Strategy<Value = InterfaceConfig> {
    let recovery = prop_oneof![
        1 => Just(Recovery::Manual),
        3 => any::<u64>().prop_map(|seed| {
            let mut back_off = BackOffConfig::default();
            back_off.seed = seed;
            Recovery::Automatic(back_off)
        }),
    ];
    recovery.prop_map(|recovery| {
        let mut config = InterfaceConfig::new(ETH0);
        config.recovery = recovery;
        config
    })
}
