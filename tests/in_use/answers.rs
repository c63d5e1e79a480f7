//! How the world of a [`super::rig::Rig`] answers commands.

use lankeeper::{Action, ProxySettings, Report, ServerAction};

use super::rig::Health;
use crate::support::action::ABOVE_POWER;
use crate::support::lease;

/// The actions that are over when one of this kind begins.
pub(super) fn ends(kind: &str) -> &'static [&'static str] {
    match kind {
        "stop" | "power up" => &ABOVE_POWER,
        "scan" => &["join", "wps", "start dhcp", "set address"],
        "power down" => &["power up"],
        _ => &[],
    }
}

pub(super) fn answer_of(action: &Action<'_>, health: Health) -> Option<Report> {
    let good = match action {
        Action::PowerUp => return Some(Report::Ready),
        Action::Scan(_) => Report::NetworkFound,
        Action::Join(_) | Action::Wps => Report::Joined,
        Action::StartLink => Report::CarrierUp,
        Action::StartDhcp => Report::Lease(lease()),
        Action::PingModem => Report::ModemAlive,
        Action::ReadSim => Report::SimReady,
        Action::Register => Report::Registered,
        Action::Dial => Report::PppUp(lease()),
        _ => return None,
    };
    match (health, action) {
        (Health::Slow, Action::StartDhcp | Action::Register) => None,
        (Health::Good | Health::Slow, _) | (Health::Dead, Action::PingModem) => Some(good),
        (Health::Silent, _) => None,
        (Health::Dead, Action::Scan(_) | Action::Join(_) | Action::Wps) => {
            Some(Report::NetworkNotFound { code: 9 })
        }
        (Health::Dead, Action::StartLink) => Some(Report::CarrierDown),
        (Health::Dead, Action::ReadSim) => Some(Report::SimFailed { code: 9 }),
        (Health::Dead, Action::StartDhcp) => Some(Report::LeaseRefused { code: 9 }),
        (Health::Dead, _) => None,
    }
}

pub(super) fn of_server<'a>(
    action: &ServerAction<'a>,
) -> (&'static str, Option<&'a ProxySettings>) {
    match action {
        ServerAction::Resolve(proxy) => ("resolve", *proxy),
        ServerAction::ReachProxy(proxy) => ("reach proxy", Some(*proxy)),
        ServerAction::Connect(proxy) => ("connect", *proxy),
        ServerAction::Flush => ("flush", None),
        ServerAction::Disconnect => ("disconnect", None),
        other => panic!("unknown action: {other:?}"),
    }
}
