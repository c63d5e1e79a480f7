//! Takes what comes out of the manager, and compares it with the model.

use std::collections::BTreeMap;

use lankeeper::interface::Timer;
use lankeeper::manager::Wake;
use lankeeper::{Action, Command, Notice, ServerTicket, Ticket};

use super::book::{Said, puts_an_end_to};
use super::server::{SERVER, is_same};
use super::settings::IDS;
use super::walk::Walk;
use crate::support::name;

/// The ticket of a command.
#[derive(Debug)]
enum Given {
    Interface(Ticket),
    Server(ServerTicket),
}

impl<const H: usize, const N: usize> Walk<H, N> {
    pub(crate) fn take_commands(&mut self) {
        let said = core::mem::take(&mut self.book.commands);
        let mut shown = Vec::new();
        while let Some(command) = self.manager.poll_command() {
            match command {
                Command::Interface { ticket, action } => {
                    let place = IDS.iter().position(|id| *id == ticket.interface()).unwrap();
                    let (what, with) = text_of(&action);
                    shown.push((place, what, with, Given::Interface(ticket)));
                }
                Command::Seal { .. } => {}
                Command::Persist(settings) => self.persisted = Some(settings.clone()),
                Command::Bind(binding) => self.binds(binding, true),
                Command::Unbind(binding) => self.binds(binding, false),
                other => {
                    let (what, with, ticket) = Self::shown_command(other);
                    shown.push((SERVER, what, with, Given::Server(ticket)));
                }
            }
        }
        let (mut model, mut seen) = (self.backend.clone(), self.backend.clone());
        for one in &said {
            apply(&mut model, one.port, one.what, one.number);
        }
        for (place, what, with, ticket) in &shown {
            let is_it = |one: &&Said| one.port == *place && one.what == *what && one.with == *with;
            let Some(same) = said.iter().rev().find(is_it) else {
                panic!(
                    "DRV-2: {place} {what} {with} was never said: {said:?}\n{}\n{} {:?}",
                    self.story(),
                    self.now,
                    self.ports.get(*place)
                );
            };
            apply(&mut seen, *place, what, same.number);
            match *what {
                "stop" => self.ports[*place].stop = vec![same.number],
                "power down" => self.ports[*place].stop.push(same.number),
                "disconnect" => self.server.dropped = Some(same.number),
                _ => {}
            }
            match ticket {
                Given::Interface(ticket) => {
                    self.handed_out.push((*place, what, same.number, *ticket));
                }
                Given::Server(ticket) => self.server_handed_out.push((what, same.number, *ticket)),
            }
        }
        // What builds on something that is lost is over without a command.
        let implied = [
            "join",
            "wps",
            "start dhcp",
            "set address",
            "register",
            "dial",
        ];
        for world in [&mut model, &mut seen] {
            world.retain(|(place, what), _| {
                *place == SERVER
                    || !implied.contains(what)
                    || self.ports[*place].number_of(what).is_some()
            });
        }
        assert_eq!(
            seen,
            model,
            "DRV-2: what runs differs, said {said:?}, shown {shown:?}\n{}",
            self.story()
        );
        self.compare_bound();
        self.compare_persisted();
        self.book.rule("DRV-2");
        self.backend = model;
        let excess = self.handed_out.len().saturating_sub(200);
        self.handed_out.drain(..excess);
        let excess = self.server_handed_out.len().saturating_sub(200);
        self.server_handed_out.drain(..excess);
    }

    pub(crate) fn take_notices(&mut self, most: usize) {
        for _ in 0..most {
            let Some(notice) = self.manager.poll_notice() else {
                if most == usize::MAX {
                    assert!(
                        self.lagged || self.book.notices.is_empty(),
                        "IFC-9: never told: {:?}\n{}",
                        self.book.notices,
                        self.story()
                    );
                    self.lagged = false;
                }
                return;
            };
            let shown = match notice {
                Notice::StateChanged {
                    interface,
                    state,
                    reason,
                } => {
                    let why = reason.map(|why| (why.cause, why.step, why.code));
                    format!("{interface} {state:?} {why:?}")
                }
                Notice::Joined { handle, state, .. } => format!("joined {handle:?} {state:?}"),
                Notice::HandleClosed { handle } => format!("handle closed {handle:?}"),
                Notice::AddressChanged { interface } => format!("{interface} address changed"),
                Notice::StopFailed { interface, code } => format!("{interface} stop failed {code}"),
                Notice::ServerStateChanged { state } => format!("server {state:?}"),
                Notice::ConnectEnded {
                    attempt,
                    interface,
                    outcome,
                    code,
                } => format!("server ended {attempt:?} {interface} {outcome:?} {code:?}"),
                Notice::ServerLost {
                    interface,
                    outcome,
                    code,
                } => format!("server lost {interface} {outcome:?} {code:?}"),
                Notice::Suspended {
                    interface,
                    outcome,
                    code,
                } => format!("server suspended {interface} {outcome:?} {code:?}"),
                Notice::ServerBack { interface } => format!("server back {interface}"),
                Notice::Resumed => "server resumed".to_owned(),
                Notice::DisconnectFailed { code } => format!("server disconnect failed {code}"),
                Notice::SocketClosed { socket } => format!("socket {socket:?} closed"),
                Notice::BindFailed { socket, code } => {
                    format!("socket {socket:?} not bound {code}")
                }
                Notice::SendFailed { socket, to, code } => {
                    format!("socket {socket:?} not sent {to} {code}")
                }
                Notice::Lagged(count) => {
                    self.book.rule("DRV-2 lagged");
                    let count = usize::try_from(count).unwrap();
                    let lost = self.book.notices.len();
                    assert!(count <= lost, "DRV-2: {count} of {lost}\n{}", self.story());
                    self.book.notices.drain(..count);
                    continue;
                }
                other => format!("{other:?}"),
            };
            self.bring_forward(&shown);
            let due = format!("{:?}", self.book.notices);
            let expected = if self.book.notices.is_empty() {
                "nothing".to_owned()
            } else {
                self.book.notices.remove(0).1
            };
            assert!(
                is_same(&shown, &expected),
                "IFC-9, shown {shown}, expected {expected} of {due}\n{}",
                self.story()
            );
        }
    }

    /// What two interfaces do at one instant has no order, nor have the handles of one.
    fn bring_forward(&mut self, shown: &str) {
        let notices = &mut self.book.notices;
        let Some(place) = notices.iter().position(|one| is_same(shown, &one.1)) else {
            return;
        };
        let who = |text: &str| text.split(' ').next().map(str::to_owned);
        let at = notices[place].0;
        let are_others = notices[..place].iter().all(|(other_at, other)| {
            let are_closed = |what: &str| other.starts_with(what) && shown.starts_with(what);
            let are_closed = are_closed("handle closed") || are_closed("socket");
            *other_at == at && (who(other) != who(shown) || are_closed)
        });
        if are_others {
            let one = notices.remove(place);
            notices.insert(0, one);
        }
    }

    /// What can be asked at any time.
    pub(crate) fn compare(&mut self) {
        self.book.rule("OPEN-7");
        for (port, seen) in self.ports.iter().zip(self.manager.snapshot()) {
            let reason = seen.reason.map(|why| (why.cause, why.step, why.code));
            let loss = self.manager.loss(seen.interface);
            let loss = loss.map(|why| (why.cause, why.step, why.code));
            let shown = (
                seen.state,
                seen.enabled,
                seen.local_holders,
                seen.ip_config,
                reason,
                loss,
            );
            let holders = port.holders.len();
            let expected = (
                port.state,
                port.enabled,
                holders,
                port.ip,
                port.why,
                port.loss,
            );
            assert_eq!(
                shown,
                expected,
                "OPEN-7, shown and expected of {}\n{port:?}\n{}",
                seen.interface,
                self.story()
            );
        }
        self.compare_server();
        self.compare_sockets();
        self.compare_stored();
        self.pin();
        self.pin_back_offs();
        let newest = self.handles.len().saturating_sub(12);
        for (number, (handle, place)) in self.handles.iter().enumerate().skip(newest) {
            let is_open = self.ports[*place].holders.contains(&number);
            let shown = self.manager.interface(*handle).ok();
            assert_eq!(
                shown,
                is_open.then_some(IDS[*place]),
                "OPEN-6\n{}",
                self.story()
            );
        }
        assert_eq!(
            self.manager.early_inputs(),
            self.early,
            "TIME-7\n{}",
            self.story()
        );
    }

    /// The manager shows when a back-off ends: so does a clone of it in which nothing else goes on.
    fn pin_back_offs(&mut self) {
        for (place, id) in IDS.into_iter().enumerate() {
            let port = &self.ports[place];
            let Some((least, most)) = port.retry.filter(|one| one.0 != one.1) else {
                continue;
            };
            let mut twin = self.manager.clone();
            if !port.holders.is_empty() {
                twin.disconnect(self.at(), None);
            }
            for other in IDS.into_iter().filter(|other| *other != id) {
                twin.set_enabled(self.at(), other, false).unwrap();
            }
            while twin.poll_output().is_some() {}
            let back_off = Wake::Interface(id, Timer::BackOff);
            let Some(deadline) = twin.poll_at().filter(|one| one.reason == back_off) else {
                continue;
            };
            let at = deadline.at.as_micros();
            let is_in = |window: (u64, u64)| window.0 <= at && at <= window.1;
            let unseen = port
                .unseen
                .filter(|one| is_in(one.0) && !is_in((least, most)));
            if let Some((_, delay)) = unseen {
                self.ports[place].delay = delay;
            }
            self.ports[place].unseen = None;
            assert!(
                unseen.is_some() || is_in((least, most)),
                "IFC-7: {at} of {id} is not between {least} and {most}\n{}",
                self.story()
            );
            self.ports[place].retry = Some((at, at));
        }
    }
}

fn apply(
    running: &mut BTreeMap<(usize, &'static str), u64>,
    place: usize,
    what: &'static str,
    number: u64,
) {
    for over in puts_an_end_to(what) {
        running.remove(&(place, *over));
    }
    if !matches!(what, "stop" | "power down" | "disconnect") {
        running.insert((place, what), number);
    }
}

fn text_of(action: &Action<'_>) -> (&'static str, String) {
    let with = match action {
        Action::Scan(network) | Action::Join(network) => network.ssid().escape_ascii().to_string(),
        Action::SetAddress(ip) => format!("{ip:?}"),
        _ => String::new(),
    };
    (name(action), with)
}
