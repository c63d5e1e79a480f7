//! The crate as its users have it: a manager with one interface, driven through its public functions.

use std::hint::black_box;

use lankeeper::interface::Timer;
use lankeeper::manager::Wake;
use lankeeper::{
    Action, Command, Config, Handle, Instant, InterfaceConfig, InterfaceId, Lease, Manager, Nic,
    Report, State, Ticket, WifiKey, WifiSettings,
};

use crate::peers::Event;
use crate::shared::engine::Engine;
use crate::stream::Moment;

/// What a program calls for an event.
#[derive(Clone, Copy)]
pub enum Input {
    Start,
    Stop,
    Timeout,
    Report(lankeeper::Event),
}

#[derive(Clone)]
pub struct Managed {
    manager: Manager<1>,
    nic: Nic,
    handle: Option<Handle>,
}

impl Managed {
    fn act(&mut self, now: u64, input: Input, mut execute: impl FnMut(Command<'_>)) {
        let manager = &mut self.manager;
        let now = Instant::from_micros(now);
        match (input, self.handle) {
            (Input::Report(event), _) => manager.handle_event(now, event),
            (Input::Timeout, _) => manager.handle_timeout(now),
            (Input::Start, None) => self.handle = manager.open(now, &self.nic).ok(),
            (Input::Start, Some(handle)) => drop(manager.retry(now, handle)),
            (Input::Stop, Some(handle)) => {
                manager.close(now, handle);
                self.handle = None;
            }
            (Input::Stop, None) => {}
        }
        while let Some(command) = manager.poll_command() {
            execute(command);
        }
        while let Some(notice) = manager.poll_notice() {
            black_box(notice);
        }
    }

    fn state(&self) -> Option<i16> {
        self.manager.state(InterfaceId::WIFI).map(State::code)
    }
}

impl Engine<Moment> for Managed {
    type Input = (u64, Input);
    const BYTES: usize = size_of::<Manager<1>>();

    fn fresh() -> Self {
        let config = InterfaceConfig::new(InterfaceId::WIFI);
        let network = WifiSettings::new(b"shed", WifiKey::open()).unwrap();
        let nic = Nic::builder("wl0").wifi(network).build();
        Self {
            manager: Manager::new(&Config::new(1, [config])).unwrap(),
            nic: nic.unwrap(),
            handle: None,
        }
    }

    fn prepare(moment: &Moment) -> (u64, Input) {
        (moment.now, moment.input)
    }

    fn decide(&mut self, (now, input): &(u64, Input)) -> u64 {
        self.act(*now, *input, |command| {
            black_box(command);
        });
        0
    }

    fn common(&self, _: u64) -> u64 {
        crate::number(self.state())
    }
}

/// A manager with the memory of its backend: the ticket of each command that is reported on, over or
/// not.
#[derive(Clone)]
pub struct Noting {
    managed: Managed,
    tickets: [Ticket; 4],
}

const POWER: usize = 0;
const SCAN: usize = 1;
/// Wi-Fi Protected Setup too, which reports alike.
const JOIN: usize = 2;
const DHCP: usize = 3;

impl Noting {
    pub fn new() -> Self {
        Self {
            managed: Managed::fresh(),
            tickets: [unused(); 4],
        }
    }

    /// The state, in the terms of all engines.
    pub fn number(&self) -> u64 {
        self.managed.common(0)
    }

    pub const fn is_held(&self) -> bool {
        self.managed.handle.is_some()
    }

    /// The timer that runs, and when it runs out.
    pub fn due(&self) -> Option<(u64, Event)> {
        let deadline = self.managed.manager.poll_at()?;
        let event = match deadline.reason {
            Wake::Interface(_, Timer::Step(_)) => Event::DeadlinePassed,
            Wake::Interface(_, Timer::BackOff) => Event::RetryDue,
            Wake::Interface(_, Timer::Stability) => Event::Stable,
            other => panic!("{other:?}"),
        };
        Some((deadline.at.as_micros(), event))
    }

    /// Hands the event to the manager; returns the input that it stands for.
    pub fn play(&mut self, now: u64, event: Event) -> Input {
        let input = self.input(event);
        let tickets = &mut self.tickets;
        self.managed.act(now, input, |command| {
            let Command::Interface { ticket, action } = command else {
                return;
            };
            let step = match action {
                Action::PowerUp => POWER,
                Action::Scan(_) => SCAN,
                Action::Join(_) | Action::Wps => JOIN,
                Action::StartDhcp => DHCP,
                _ => return,
            };
            tickets[step] = ticket;
        });
        input
    }

    fn input(&self, event: Event) -> Input {
        let code = 7;
        let (step, report) = match event {
            Event::Start => return Input::Start,
            Event::Stop => return Input::Stop,
            Event::DeadlinePassed | Event::RetryDue | Event::Stable => return Input::Timeout,
            Event::Ready => (POWER, Report::Ready),
            Event::WpsStarted => (POWER, Report::WpsStarted),
            Event::NetworkFound => (SCAN, Report::NetworkFound),
            Event::NetworkNotFound => (SCAN, Report::NetworkNotFound { code }),
            Event::Joined => (JOIN, Report::Joined),
            Event::WrongKey => (JOIN, Report::WrongKey { code }),
            Event::JoinRejected => (JOIN, Report::JoinRejected { code }),
            Event::LinkLost => (JOIN, Report::LinkLost { code }),
            Event::Lease => (DHCP, Report::Lease(Lease::new([192, 168, 1, 7].into(), 24))),
            Event::LeaseRefused => (DHCP, Report::LeaseRefused { code }),
            Event::LeaseLost => (DHCP, Report::LeaseLost),
            Event::Fault => (POWER, Report::Fault { code }),
        };
        Input::Report(self.tickets[step].report(report))
    }
}

/// A ticket that no command has had.
fn unused() -> Ticket {
    let tickets = (0..=u64::from(u8::MAX)).filter_map(|byte| Ticket::from_bits(byte << 32));
    let mut of_wifi = tickets.filter(|ticket| ticket.interface() == InterfaceId::WIFI);
    of_wifi.next().unwrap()
}
