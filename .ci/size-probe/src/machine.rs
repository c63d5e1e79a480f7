//! The machine of an interface with the tables of all media, as its manager uses it.

use crate::alarm::Alarm;
use crate::generation::Generation;
use crate::interface::{
    Action, Addressing, Cause, Change, Holders, Interface, InterfaceConfig, Reason, Report, State,
    Step, Timer,
};
use crate::ipv4::IpConfig;
use crate::nic::WifiSettings;
use crate::time::Instant;

/// Everything that the manager asks of a machine.
pub struct Doors {
    new: fn(&InterfaceConfig) -> Interface,
    set_addressing: fn(&mut Interface, Addressing),
    set_network: fn(&mut Interface, bool),
    hold: fn(&mut Interface, Holders),
    start: fn(&mut Interface),
    release: fn(&mut Interface, Holders),
    shut_down: fn(&mut Interface, Cause),
    restart: fn(&mut Interface),
    handle_report: fn(&mut Interface, Generation, Report),
    handle_timeout: fn(&mut Interface),
    wind_up: fn(&mut Interface, Instant),
    alarm: fn(&Interface) -> Alarm,
    timer: fn(&Interface) -> Option<Timer>,
    step: fn(&Interface) -> Option<Step>,
    poll_change: fn(&mut Interface) -> Option<Change>,
    poll_ending: fn(&mut Interface) -> Option<Action<'static>>,
    poll_beginning: for<'a> fn(&mut Interface, Option<&'a WifiSettings>) -> Option<Action<'a>>,
    has_actions: fn(&Interface) -> bool,
    state: fn(&Interface) -> State,
    ip_config: fn(&Interface) -> Option<IpConfig>,
    reason: fn(&Interface) -> Option<Reason>,
    loss: fn(&Interface) -> Option<Reason>,
}

pub static DOORS: Doors = Doors {
    new: Interface::new,
    set_addressing: Interface::set_addressing,
    set_network: Interface::set_network,
    hold: Interface::hold,
    start: Interface::start,
    release: Interface::release,
    shut_down: Interface::shut_down,
    restart: Interface::restart,
    handle_report: Interface::handle_report,
    handle_timeout: Interface::handle_timeout,
    wind_up: Interface::wind_up,
    alarm: Interface::alarm,
    timer: Interface::timer,
    step: Interface::step,
    poll_change: Interface::poll_change,
    poll_ending: Interface::poll_ending,
    poll_beginning: Interface::poll_beginning,
    has_actions: Interface::has_actions,
    state: Interface::state,
    ip_config: Interface::ip_config,
    reason: Interface::reason,
    loss: Interface::loss,
};
