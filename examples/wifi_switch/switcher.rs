//! The application: decides which network to use next.
//!
//! It does no I/O and reads no clock: it gets results, and returns requests.

use lankeeper::{ConnectOutcome, Duration, Instant, Nic};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

use crate::story::Wlan;

/// The first delay between two rounds over the list, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(16 * 60);

/// The next step.
pub struct Step {
    pub request: Request,
    /// The reason, if it is worth a line.
    pub why: Option<String>,
}

/// A request to the manager.
pub enum Request {
    /// A connection over this network.
    Over(Box<Nic>),
    /// A connection over the interfaces of the server order.
    LastResort,
}

/// The present task of the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// Nothing.
    Rest,
    /// Switch to the network that the phone requested.
    Switch(usize),
    /// Return to the network that worked before.
    FallBack,
    /// Go through the list; contains the index of the current network.
    Round(usize),
    /// Use Ethernet or cellular.
    LastResort,
}

/// Switches between the networks of a list.
pub struct Switcher {
    wlans: Vec<Wlan>,
    /// The settings that worked last, with sealed secrets.
    good: Option<Nic>,
    goal: Goal,
    pause: Duration,
    /// When the next round begins.
    next_at: Option<Instant>,
    random: Pcg32,
}

impl Switcher {
    /// Creates a switcher that begins with a round over the list.
    pub fn new(wlans: Vec<Wlan>, seed: u64) -> Self {
        Self {
            wlans,
            good: None,
            goal: Goal::Rest,
            pause: FIRST_PAUSE,
            next_at: Some(Instant::EPOCH),
            random: Pcg32::seed_from_u64(seed),
        }
    }

    /// When to call `handle_timeout` next, if no attempt ends before.
    pub const fn poll_at(&self) -> Option<Instant> {
        self.next_at
    }

    /// Begins a round if one is due.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Step> {
        self.next_at.take_if(|at| *at <= now)?;
        Some(self.round(0))
    }

    /// Handles a request for a network.
    pub fn ask(&mut self, name: &str) -> Option<Request> {
        let place = self.wlans.iter().position(|wlan| wlan.name == name)?;
        self.next_at = None;
        self.goal = Goal::Switch(place);
        self.over(place)
    }

    /// Handles new settings for a network.
    pub fn change(&mut self, changed: Wlan) {
        let mut wlans = self.wlans.iter_mut();
        if let Some(wlan) = wlans.find(|wlan| wlan.name == changed.name) {
            *wlan = changed;
        }
    }

    /// Stores settings that worked.
    pub fn remember(&mut self, nic: &Nic) {
        if nic.wifi().is_some() {
            self.good = Some(nic.clone());
        }
    }

    /// Handles the end of an attempt; returns the next step.
    pub fn ended(&mut self, now: Instant, outcome: ConnectOutcome) -> Option<Step> {
        let goal = core::mem::replace(&mut self.goal, Goal::Rest);
        match goal {
            Goal::LastResort => {
                self.wait(now);
                None
            }
            _ if outcome == ConnectOutcome::ServerConnected => {
                self.pause = FIRST_PAUSE;
                None
            }
            Goal::Switch(_) => Some(self.fall_back()),
            Goal::FallBack => Some(self.round(0)),
            Goal::Round(place) => Some(self.round(place + 1)),
            Goal::Rest => None,
        }
    }

    /// Handles the loss of a connection; returns the next step.
    pub fn lost(&mut self) -> Step {
        self.next_at = None;
        self.fall_back()
    }

    fn fall_back(&mut self) -> Step {
        let Some(good) = self.good.clone() else {
            return self.round(0);
        };
        self.goal = Goal::FallBack;
        let why = format!("back to {}, which worked before", name_of(&good));
        Step {
            request: Request::Over(good.into()),
            why: Some(why),
        }
    }

    /// Continues a round over the list, and after its end uses the last resort.
    fn round(&mut self, place: usize) -> Step {
        let (goal, request, why) = match self.over(place) {
            Some(request) => {
                let why = (place == 0).then_some("a round over the list");
                (Goal::Round(place), request, why)
            }
            None => {
                let why = "end of the list: Ethernet, otherwise cellular";
                (Goal::LastResort, Request::LastResort, Some(why))
            }
        };
        self.goal = goal;
        let why = why.map(str::to_owned);
        Step { request, why }
    }

    fn over(&self, place: usize) -> Option<Request> {
        let wlan = self.wlans.get(place)?;
        Some(Request::Over(wlan.nic.clone().into()))
    }

    /// Schedules the next round. The delay doubles each time, to spare a dead list, and is
    /// shortened by up to a quarter at random, so that devices do not retry in step.
    fn wait(&mut self, now: Instant) {
        let micros = self.pause.as_micros();
        let less = self.random.random_range(0..=micros / 4);
        let duration = Duration::from_micros(micros - less);
        self.next_at = Some(now.saturating_add(duration));
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// The name of the network in these settings.
pub fn name_of(nic: &Nic) -> String {
    let ssid = nic.wifi().map_or(&[][..], |wifi| wifi.ssid());
    ssid.escape_ascii().to_string()
}
