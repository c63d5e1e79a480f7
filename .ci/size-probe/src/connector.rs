//! The machine of the server connection of 3 interfaces, as its manager uses it.

use crate::connect::{Connector, Route, ServerConfig};
use crate::nic::InterfaceId;

/// The address of a function: which one it is makes no difference for its size.
pub struct Door(*const ());

// SAFETY: nothing is ever read or written through it.
unsafe impl Sync for Door {}

type Three = Connector<3>;

/// Everything that the manager asks of a connector.
pub static DOORS: [Door; 33] = [
    Door(new as *const ()),
    Door(Three::connect as *const ()),
    Door(Three::confirm as *const ()),
    Door(Three::disconnect as *const ()),
    Door(Three::set_policy as *const ()),
    Door(Three::set_proxy as *const ()),
    Door(Three::set_order as *const ()),
    Door(Three::select as *const ()),
    Door(Three::wake as *const ()),
    Door(Three::note_call as *const ()),
    Door(Three::handle_interface as *const ()),
    Door(Three::handle_report as *const ()),
    Door(Three::handle_timeout as *const ()),
    Door(Three::alarm as *const ()),
    Door(Three::awaited as *const ()),
    Door(Three::take_changes as *const ()),
    Door(Three::take_wish as *const ()),
    Door(Three::poll_ending as *const ()),
    Door(Three::poll_beginning as *const ()),
    Door(Three::has_actions as *const ()),
    Door(first_route as *const ()),
    Door(Three::state as *const ()),
    Door(Three::policy as *const ()),
    Door(Three::order as *const ()),
    Door(Three::held as *const ()),
    Door(Three::carries as *const ()),
    Door(Three::watches as *const ()),
    Door(Three::is_given as *const ()),
    Door(Three::failure as *const ()),
    Door(Three::tried as *const ()),
    Door(Three::advance as *const ()),
    Door(Three::now as *const ()),
    Door(Three::ignored as *const ()),
];

fn new(config: &ServerConfig, present: &[InterfaceId]) -> Three {
    Three::new(config, present.iter().copied())
}

fn first_route(connector: &Three, usable: &[InterfaceId]) -> Option<(InterfaceId, Route)> {
    connector.first_route(|id| usable.contains(&id))
}
