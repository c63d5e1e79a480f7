//! What the application asks of the server connection, and whether the replies are right.

use lankeeper::manager::{ConnectError, ServerCall};
use lankeeper::{Duration, ServerState, Span};

use crate::Machine;
use crate::alphabet::Bed;
use crate::operation::Operation::{self, *};
use crate::world::{Request, World};

/// How long a flush may take.
const FLUSH: Span = Span::millis::<2>();

impl World {
    /// What changes the route of a connection, or ends it.
    pub fn change(
        &mut self,
        bed: &Bed,
        machine: &mut Machine,
        operation: Operation,
    ) -> Result<(), String> {
        let now = self.now;
        self.lost = None;
        match operation {
            Disconnect => {
                machine.disconnect(now, None);
                return Ok(());
            }
            Flush => {
                machine.disconnect(now, Some(FLUSH));
                if machine.server_state() == ServerState::Flushing {
                    let until = now.saturating_add(Duration::from_millis(2));
                    self.flush_until.get_or_insert(until);
                }
                return Ok(());
            }
            Enable(place, enabled) => {
                self.ports[place].disabled = !enabled;
                let done = machine.set_enabled(now, bed.alphabet.interfaces[place], enabled);
                done.map_err(|error| error.to_string())?;
            }
            SetPolicy(policy) => {
                machine.set_policy(now, policy);
                self.policy = Some(policy);
            }
            SetOrder(order) => {
                self.order = order;
                let order = bed.alphabet.orders[order].iter();
                let order: Vec<_> = order.map(|place| bed.alphabet.interfaces[*place]).collect();
                let done = machine.set_server_order(now, &order);
                done.map_err(|error| error.to_string())?;
            }
            Select(selected) => {
                self.selected = selected;
                let selected = selected.map(|place| bed.alphabet.interfaces[place]);
                machine
                    .select(now, selected)
                    .map_err(|error| error.to_string())?;
            }
            _ => {}
        }
        self.request.alone = None;
        self.request.is_changed = self.request.named.is_some();
        Ok(())
    }

    pub fn connect(
        &mut self,
        bed: &Bed,
        machine: &mut Machine,
        operation: Operation,
    ) -> Result<(), String> {
        let now = self.now;
        let (reply, named) = match operation {
            ConnectWith(place) => (
                machine.connect_with(now, &bed.nics[place], None),
                Some(place),
            ),
            ConnectGiven => (machine.connect_with(now, &bed.given, None), Some(1)),
            _ => (machine.connect(now, None), None),
        };
        self.check_reply(bed, &reply.map(|_| ()), operation, named)?;
        if reply.is_ok() {
            self.note_request(bed, machine, operation, named);
        }
        Ok(())
    }

    /// Whether a request for a connection is taken where it has to be (CON-1, OPEN-2, CON-23).
    fn check_reply(
        &self,
        bed: &Bed,
        reply: &Result<(), ConnectError>,
        operation: Operation,
        named: Option<usize>,
    ) -> Result<(), String> {
        let is_disabled = named.is_some_and(|place| self.ports[place].disabled);
        let is_right = match reply {
            Ok(()) => !is_disabled && (named.is_some() || self.has_turn(bed) || self.is_up()),
            Err(ConnectError::NothingToTry) => named.is_none() && !self.has_turn(bed),
            Err(ConnectError::Interface(_)) => is_disabled,
            Err(ConnectError::Suspends) => named.is_some(),
            Err(ConnectError::Active) => operation == ConnectGiven,
            Err(_) => false,
        };
        if is_right {
            return Ok(());
        }
        Err(format!(
            "a request is answered by {reply:?} (CON-23, OPEN-2)"
        ))
    }

    fn note_request(
        &mut self,
        bed: &Bed,
        machine: &Machine,
        operation: Operation,
        named: Option<usize>,
    ) {
        self.asked = true;
        self.lost = None;
        if let ConnectWith(place) = operation {
            self.selected = Some(place);
        }
        let selected = self.selected.filter(|place| !self.ports[*place].disabled);
        // The connection that there is may be the one that was asked for (CON-8).
        let is_confirmed = self.is_up() && machine.server_state() == ServerState::Connected;
        let others = bed.alphabet.connects > 1;
        self.request = Request {
            named,
            is_changed: false,
            alone: match operation {
                _ if !others => None,
                ConnectWith(_) => named,
                _ if is_confirmed => self.request.alone,
                _ => named.or(selected),
            },
            given: if is_confirmed {
                self.request.given
            } else {
                operation == ConnectGiven
            },
        };
    }

    pub fn call(&mut self, bed: &Bed, machine: &mut Machine) -> Result<(), String> {
        let before = self.server_state.unwrap_or(ServerState::Disconnected);
        let ended = machine.ended_attempts();
        let reply = machine.server_call(self.now);
        if (reply == Ok(ServerCall::Connected)) != self.is_up() {
            return Err(format!("traffic is answered by {reply:?} (CON-16)"));
        }
        if before == ServerState::Flushing && reply.is_ok() {
            return Err("traffic cuts a flush short (CON-28)".into());
        }
        // What has failed at once has its result, and the traffic is refused (CON-16).
        let begins = reply.is_ok() || machine.ended_attempts() != ended;
        if before == ServerState::Disconnected && begins {
            if !self.has_turn(bed) {
                return Err("traffic is to connect over nothing (CON-23)".into());
            }
            self.note_request(bed, machine, Call, None);
        }
        Ok(())
    }

    fn is_up(&self) -> bool {
        self.server_state == Some(ServerState::Connected)
    }

    /// Whether there is an enabled interface for whoever names none: the selected one, or one of the
    /// order (CON-14, CON-23).
    pub fn has_turn(&self, bed: &Bed) -> bool {
        let places = bed.order(self.order).iter().chain(&self.selected);
        places.copied().any(|place| !self.ports[place].disabled)
    }
}
