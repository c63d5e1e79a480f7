//! What the tests call an action.

use lankeeper::Action;

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
