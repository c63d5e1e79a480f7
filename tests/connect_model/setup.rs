//! The configuration of a random device.

use lankeeper::manager::Reconfigure;
use lankeeper::{Config, InterfaceConfig, InterfaceId, Medium, Recovery, Span};
use proptest::prelude::*;

use super::device::Device;
use super::interface::{Interface, SECOND};
use super::server::{Server, Spans};

/// The configuration of a device.
#[derive(Clone, Debug)]
pub(super) struct Setup {
    pub(super) ids: [InterfaceId; 3],
    /// Which of the interfaces have manual recovery.
    manual: [bool; 3],
    accepts_equal: bool,
    /// The default grace and pause, or shorter ones.
    long: bool,
    /// In seconds.
    spread: Option<u64>,
    seed: u64,
}

/// One interface of each medium, or two radios with the second one first.
pub(super) fn setup() -> impl Strategy<Value = Setup> {
    let second = InterfaceId::new(Medium::Wifi, 1).unwrap();
    let ids = prop_oneof![
        2 => Just([InterfaceId::WIFI, InterfaceId::ETHERNET, InterfaceId::CELLULAR]),
        1 => Just([second, InterfaceId::ETHERNET, InterfaceId::WIFI]),
    ];
    let manual = prop_oneof![3 => Just([false; 3]), 1 => any::<[bool; 3]>()];
    // With a grace of 5 s the longest one leaves no time for a retry.
    let spread = prop::sample::select(vec![None, None, Some(2), Some(30)]);
    let flags = (any::<bool>(), any::<bool>());
    (ids, manual, flags, spread, any::<u64>()).prop_map(
        |(ids, manual, (accepts_equal, long), spread, seed)| Setup {
            ids,
            manual,
            accepts_equal,
            long,
            spread,
            seed,
        },
    )
}

impl Setup {
    pub(super) fn config(&self) -> Config<3> {
        let interfaces = core::array::from_fn(|place| {
            let mut config = InterfaceConfig::new(self.ids[place]);
            if self.manual[place] {
                config.recovery = Recovery::Manual;
            }
            config
        });
        let mut config = Config::new(self.seed, interfaces);
        if self.accepts_equal {
            config.reconfigure = Reconfigure::AllowEqual;
        }
        config.server.timeouts.cellular = configured(self.spans().cellular).unwrap();
        config.server.grace = configured(self.spans().grace).unwrap();
        config.server.pause = configured(self.spans().pause).unwrap();
        config.spread = self.spans().spread.and_then(configured);
        config
    }

    fn spans(&self) -> Spans {
        Spans {
            wifi: 60 * SECOND,
            ethernet: 60 * SECOND,
            cellular: if self.long { 120 } else { 60 } * SECOND,
            grace: if self.long { 60 } else { 5 } * SECOND,
            pause: if self.long { 540 } else { 20 } * SECOND,
            spread: self.spread.map(|secs| secs * SECOND),
        }
    }

    pub(super) fn device(&self) -> Device {
        let interfaces = (self.ids.iter().zip(&self.manual))
            .map(|(id, manual)| Interface::new(*id, !manual))
            .collect();
        let server = Server::new(self.spans(), &self.ids);
        Device::new(interfaces, server, self.accepts_equal)
    }
}

/// A configured span of this many microseconds; `None` for zero.
pub(super) fn configured(micros: u64) -> Option<Span> {
    assert_eq!(micros % 1_000, 0, "whole milliseconds are configured");
    Span::from_millis(u32::try_from(micros / 1_000).unwrap())
}
