//! The engines that are compared: each takes the same moments in its own form.

use std::hint::black_box;

use crate::generation;
use crate::interface::{self, Addressing, Change, Holders, Interface, Tabled, Trigger};
use crate::moment::Moment;
use crate::nic;
use crate::peers::in_smlang::{Events, StateMachine, States};
use crate::peers::in_statig::{self, Life};
use crate::peers::matched::{self, Matched};
use crate::{book::Book, time};
use statig::blocking::{IntoStateMachineExt, StateMachine as Statig};

/// Something that takes a stream of events.
pub trait Engine {
    /// The form in which it takes them.
    type Event: Copy;

    /// One in which nothing has happened.
    fn fresh() -> Self;

    /// The moments in its form; made before anything is measured.
    fn prepare(moments: &[Moment]) -> Vec<(u64, Self::Event)>;

    /// What is measured: what it does with one event.
    fn take(&mut self, now: u64, event: Self::Event);

    /// The code of its state; `None` if it has no states.
    fn state(&self) -> Option<i16>;

    /// Its deadline and count, if it keeps the same as the peers.
    fn book(&self) -> Option<&Book>;
}

/// Nothing behind the door: what the loop costs that the others run in.
pub struct Loop;

impl Engine for Loop {
    type Event = u8;

    fn fresh() -> Self {
        Self
    }

    fn prepare(moments: &[Moment]) -> Vec<(u64, u8)> {
        convert(moments, |trigger| trigger as u8)
    }

    fn take(&mut self, _: u64, _: u8) {}

    fn state(&self) -> Option<i16> {
        None
    }

    fn book(&self) -> Option<&Book> {
        None
    }
}

impl Engine for Tabled {
    type Event = Trigger;

    fn fresh() -> Self {
        Self::new()
    }

    fn prepare(moments: &[Moment]) -> Vec<(u64, Trigger)> {
        convert(moments, |trigger| trigger)
    }

    fn take(&mut self, now: u64, event: Trigger) {
        Self::take(self, now, event);
    }

    fn state(&self) -> Option<i16> {
        Some(self.state.code())
    }

    fn book(&self) -> Option<&Book> {
        Some(&self.book)
    }
}

/// The event of a peer, which has those of Wi-Fi only.
macro_rules! event_of {
    ($events:ident, $trigger:expr) => {
        match $trigger {
            Trigger::Start => $events::Start,
            Trigger::Stop => $events::Stop,
            Trigger::Ready => $events::Ready,
            Trigger::WpsStarted => $events::WpsStarted,
            Trigger::NetworkFound => $events::NetworkFound,
            Trigger::NetworkNotFound => $events::NetworkNotFound,
            Trigger::Joined => $events::Joined,
            Trigger::WrongKey => $events::WrongKey,
            Trigger::JoinRejected => $events::JoinRejected,
            Trigger::LinkLost => $events::LinkLost,
            Trigger::Lease => $events::Lease,
            Trigger::LeaseRefused => $events::LeaseRefused,
            Trigger::LeaseLost => $events::LeaseLost,
            Trigger::Fault => $events::Fault,
            Trigger::DeadlinePassed => $events::DeadlinePassed,
            Trigger::RetryDue => $events::RetryDue,
            Trigger::Stable => $events::Stable,
            other => unreachable!("{other:?} is not of Wi-Fi"),
        }
    };
}

/// The code of a peer's state.
macro_rules! code_of {
    ($states:ident, $state:expr) => {
        match $state {
            $states::Unknown { .. } => -1,
            $states::Starting { .. } => 0,
            $states::Connected { .. } => 1,
            $states::Scanning { .. } => 100,
            $states::Joining { .. } => 101,
            $states::Wpsing { .. } => 102,
            $states::Dhcping { .. } => 104,
            $states::Stopped { .. } => 105,
            $states::Unhappy { .. } => 106,
        }
    };
}

impl Engine for Matched {
    type Event = matched::Event;

    fn fresh() -> Self {
        Self::new()
    }

    fn prepare(moments: &[Moment]) -> Vec<(u64, Self::Event)> {
        use matched::Event;
        convert(moments, |trigger| event_of!(Event, trigger))
    }

    fn take(&mut self, now: u64, event: Self::Event) {
        Self::take(self, now, event);
    }

    fn state(&self) -> Option<i16> {
        use matched::State;
        Some(code_of!(State, self.state))
    }

    fn book(&self) -> Option<&Book> {
        Some(&self.book)
    }
}

impl Engine for StateMachine<Book> {
    type Event = Events;

    fn fresh() -> Self {
        Self::new(Book::new())
    }

    fn prepare(moments: &[Moment]) -> Vec<(u64, Events)> {
        convert(moments, |trigger| event_of!(Events, trigger))
    }

    fn take(&mut self, now: u64, event: Events) {
        let _ = self.process_event(now, event);
    }

    fn state(&self) -> Option<i16> {
        Some(code_of!(States, Self::state(self)))
    }

    fn book(&self) -> Option<&Book> {
        Some(self.context())
    }
}

impl Engine for Statig<Life> {
    type Event = matched::Event;

    fn fresh() -> Self {
        Life(Book::new()).state_machine()
    }

    fn prepare(moments: &[Moment]) -> Vec<(u64, Self::Event)> {
        Matched::prepare(moments)
    }

    fn take(&mut self, mut now: u64, event: Self::Event) {
        self.handle_with_context(&event, &mut now);
    }

    fn state(&self) -> Option<i16> {
        use in_statig::State;
        Some(code_of!(State, Self::state(self)))
    }

    fn book(&self) -> Option<&Book> {
        Some(&self.inner().0)
    }
}

/// An input of the crate's machine and of its manager.
#[derive(Clone, Copy)]
pub enum Input<Generation, Report> {
    Start,
    Stop,
    Timeout,
    Report(Generation, Report),
}

/// The input that a trigger is, made of the types of one of the two, and of the generations that
/// its backend was given.
macro_rules! input_of {
    ($crate_:ident, $generations:expr, $trigger:expr) => {{
        use $crate_::{Lease, Report, Step};
        let lease = Lease::new([192, 168, 1, 7].into(), 24);
        let code = 7;
        let (step, report) = match $trigger {
            Trigger::Start => return Input::Start,
            Trigger::Stop => return Input::Stop,
            Trigger::DeadlinePassed | Trigger::RetryDue | Trigger::Stable => return Input::Timeout,
            Trigger::Ready => (Step::Power, Report::Ready),
            Trigger::WpsStarted => (Step::Power, Report::WpsStarted),
            Trigger::NetworkFound => (Step::Scan, Report::NetworkFound),
            Trigger::NetworkNotFound => (Step::Scan, Report::NetworkNotFound { code }),
            Trigger::Joined => (Step::Join, Report::Joined),
            Trigger::WrongKey => (Step::Join, Report::WrongKey { code }),
            Trigger::JoinRejected => (Step::Join, Report::JoinRejected { code }),
            Trigger::LinkLost => (Step::Join, Report::LinkLost { code }),
            Trigger::Lease => (Step::Dhcp, Report::Lease(lease)),
            Trigger::LeaseRefused => (Step::Dhcp, Report::LeaseRefused { code }),
            Trigger::LeaseLost => (Step::Dhcp, Report::LeaseLost),
            Trigger::Fault => (Step::Power, Report::Fault { code }),
            other => unreachable!("{other:?} is not of Wi-Fi"),
        };
        Input::Report($generations[step as usize], report)
    }};
}

/// Takes note of the generation of an action; joining and Wi-Fi Protected Setup report alike.
macro_rules! note_generation {
    ($crate_:ident, $generations:expr, $action:expr) => {{
        use $crate_::{Action, Step};
        let noted = match $action {
            Action::PowerUp(generation) => Some((Step::Power, generation)),
            Action::Scan(generation, _) => Some((Step::Scan, generation)),
            Action::Join(generation, _) | Action::Wps(generation) => Some((Step::Join, generation)),
            Action::StartDhcp(generation) => Some((Step::Dhcp, generation)),
            _ => None,
        };
        if let Some((step, generation)) = noted {
            $generations[step as usize] = generation;
        }
    }};
}

const STEPS: usize = 16;

/// The crate's machine of one interface, which its manager runs.
pub struct Machine {
    machine: Interface,
    network: nic::WifiSettings,
}

impl Machine {
    fn act(
        &mut self,
        now: u64,
        input: Input<generation::Generation, interface::Report>,
        mut execute: impl FnMut(interface::Action<'_>),
    ) {
        let now = time::Instant::from_micros(now);
        match input {
            Input::Start if self.machine.is_held() => self.machine.start(),
            Input::Start => self.machine.hold(Holders::LOCAL),
            Input::Stop => self.machine.release(Holders::LOCAL),
            // Its manager asks before.
            Input::Timeout if !self.machine.alarm().is_due(now) => {}
            Input::Timeout => self.machine.handle_timeout(),
            Input::Report(generation, report) => {
                self.machine.handle_report(generation, report);
            }
        }
        self.machine.wind_up(now);
        while let Some(change) = self.machine.poll_change() {
            black_box::<Change>(change);
        }
        while let Some(action) = self.machine.poll_ending() {
            execute(action);
        }
        if let Some(action) = self.machine.poll_beginning(Some(&self.network)) {
            execute(action);
        }
    }

    /// What it waits for.
    pub fn due(&self) -> Option<(u64, Trigger)> {
        let at = self.machine.alarm().at()?;
        let trigger = match self.machine.timer()? {
            interface::Timer::Step(_) => Trigger::DeadlinePassed,
            interface::Timer::BackOff => Trigger::RetryDue,
            interface::Timer::Stability => Trigger::Stable,
        };
        Some((at.as_micros(), trigger))
    }

    pub fn is_held(&self) -> bool {
        self.machine.is_held()
    }
}

/// A machine with the memory of its backend: which generation each step has.
pub struct Noting {
    pub machine: Machine,
    generations: [generation::Generation; STEPS],
}

impl Noting {
    pub fn new() -> Self {
        Self {
            machine: Machine::fresh(),
            generations: [generation::Generation::default(); STEPS],
        }
    }

    fn input(&self, trigger: Trigger) -> <Machine as Engine>::Event {
        input_of!(interface, self.generations, trigger)
    }

    pub fn play(&mut self, now: u64, trigger: Trigger) -> <Machine as Engine>::Event {
        let input = self.input(trigger);
        let generations = &mut self.generations;
        self.machine.act(now, input, |action| {
            note_generation!(interface, generations, action);
        });
        input
    }
}

impl Engine for Machine {
    type Event = Input<generation::Generation, interface::Report>;

    fn fresh() -> Self {
        let config = interface::InterfaceConfig::new(nic::InterfaceId::WIFI);
        let mut machine = Interface::new(&config);
        machine.set_addressing(Addressing::Dhcp);
        machine.set_network(true);
        let network = nic::WifiSettings::new(b"shed", nic::WifiKey::open()).unwrap();
        Self { machine, network }
    }

    fn prepare(moments: &[Moment]) -> Vec<(u64, Self::Event)> {
        let mut noting = Noting::new();
        convert_at(moments, |now, trigger| noting.play(now, trigger))
    }

    fn take(&mut self, now: u64, input: Self::Event) {
        self.act(now, input, |action| {
            black_box(action);
        });
    }

    fn state(&self) -> Option<i16> {
        Some(self.machine.state().code())
    }

    fn book(&self) -> Option<&Book> {
        None
    }
}

/// The crate as its users have it: a manager with one interface.
pub struct Managed {
    manager: lankeeper::Manager<1>,
    nic: lankeeper::Nic,
    handle: Option<lankeeper::Handle>,
}

impl Managed {
    fn act(
        &mut self,
        now: u64,
        input: Input<lankeeper::Generation, lankeeper::Report>,
        mut execute: impl FnMut(lankeeper::Command<'_>),
    ) {
        let manager = &mut self.manager;
        let now = lankeeper::Instant::from_micros(now);
        match (input, self.handle) {
            (Input::Report(generation, report), _) => {
                let interface = lankeeper::InterfaceId::WIFI;
                manager.handle_event(
                    now,
                    lankeeper::Event::Interface {
                        interface,
                        generation,
                        report,
                    },
                );
            }
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
}

impl Engine for Managed {
    type Event = Input<lankeeper::Generation, lankeeper::Report>;

    fn fresh() -> Self {
        let config = lankeeper::InterfaceConfig::new(lankeeper::InterfaceId::WIFI);
        let network = lankeeper::WifiSettings::new(b"shed", lankeeper::WifiKey::open()).unwrap();
        Self {
            manager: lankeeper::Manager::new(&lankeeper::Config::new([config])).unwrap(),
            nic: lankeeper::Nic::builder("wl0")
                .wifi(network)
                .build()
                .unwrap(),
            handle: None,
        }
    }

    fn prepare(moments: &[Moment]) -> Vec<(u64, Self::Event)> {
        fn input(
            generations: &[lankeeper::Generation; STEPS],
            trigger: Trigger,
        ) -> <Managed as Engine>::Event {
            input_of!(lankeeper, generations, trigger)
        }
        let mut managed = Self::fresh();
        let mut generations = [lankeeper::Generation::default(); STEPS];
        convert_at(moments, |now, trigger| {
            let input = input(&generations, trigger);
            managed.act(now, input, |command| {
                if let lankeeper::Command::Interface { action, .. } = command {
                    note_generation!(lankeeper, generations, action);
                }
            });
            input
        })
    }

    fn take(&mut self, now: u64, input: Self::Event) {
        self.act(now, input, |command| {
            black_box(command);
        });
    }

    fn state(&self) -> Option<i16> {
        self.manager
            .state(lankeeper::InterfaceId::WIFI)
            .map(lankeeper::State::code)
    }

    fn book(&self) -> Option<&Book> {
        None
    }
}

fn convert<E>(moments: &[Moment], mut event: impl FnMut(Trigger) -> E) -> Vec<(u64, E)> {
    convert_at(moments, |_, trigger| event(trigger))
}

fn convert_at<E>(moments: &[Moment], mut event: impl FnMut(u64, Trigger) -> E) -> Vec<(u64, E)> {
    moments
        .iter()
        .map(|moment| (moment.now, event(moment.now, moment.trigger)))
        .collect()
}
