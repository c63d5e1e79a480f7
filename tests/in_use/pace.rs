//! The settings of a walk.

use lankeeper::back_off::BackOffConfig;
use lankeeper::{Config, Recovery, Span};

use crate::support::dice::Dice;

/// How long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// As the defaults say.
    Default,
    /// A few milliseconds each, so that much happens at the same instant.
    Tiny,
}

pub(super) fn tiny<const N: usize>(config: &mut Config<N>, dice: &mut Dice) {
    let mut span = |end| Span::from_millis(1 + u32::try_from(dice.below(end)).unwrap()).unwrap();
    config.server.grace = span(12);
    config.server.pause = span(20);
    config.server.retry = BackOffConfig::new(span(1), span(6)).unwrap();
    config.server.stable_after = span(10);
    config.server.refused_delay = span(20);
    config.server.timeouts.wifi = span(12);
    config.server.timeouts.ethernet = span(12);
    config.server.timeouts.cellular = span(12);
    for interface in &mut config.interfaces {
        let back_off = BackOffConfig::new(span(1), span(6)).unwrap();
        interface.recovery = Recovery::Automatic(back_off);
        interface.stable_after = span(20);
        interface.refused_delay = span(20);
        let steps = &mut interface.step_timeouts;
        let all = [
            &mut steps.start,
            &mut steps.scan,
            &mut steps.join,
            &mut steps.link,
            &mut steps.dhcp,
            &mut steps.modem,
            &mut steps.sim,
            &mut steps.registration,
            &mut steps.ppp,
        ];
        for step in all {
            *step = span(6);
        }
    }
    if dice.percent(30) {
        config.spread = Span::from_millis(1 + u32::try_from(dice.below(5)).unwrap());
    }
}
