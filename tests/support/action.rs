//! What the tests call actions.

use lankeeper::Action;

/// Those that need power: a stop puts an end to them.
pub(crate) const ABOVE_POWER: [&str; 10] = [
    "scan",
    "join",
    "wps",
    "start link",
    "start dhcp",
    "set address",
    "ping modem",
    "read sim",
    "register",
    "dial",
];

pub(crate) fn name(action: &Action<'_>) -> &'static str {
    match action {
        Action::PowerUp => "power up",
        Action::Scan(..) => "scan",
        Action::Join(..) => "join",
        Action::Wps => "wps",
        Action::StartLink => "start link",
        Action::StartDhcp => "start dhcp",
        Action::SetAddress(..) => "set address",
        Action::PingModem => "ping modem",
        Action::ReadSim => "read sim",
        Action::Register => "register",
        Action::Dial => "dial",
        Action::Stop => "stop",
        Action::PowerDown => "power down",
        other => panic!("unknown: {other:?}"),
    }
}
