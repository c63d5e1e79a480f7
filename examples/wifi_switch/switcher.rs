//! The application: which network comes next.
//!
//! It never waits and knows no clock: it is told what ended, and says what to ask for.

use lankeeper::{Duration, Instant, Nic, Outcome};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg32;

use crate::story::Wlan;

/// The first pause between two rounds over the list, and the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(60);
const LONGEST_PAUSE: Duration = Duration::from_secs(16 * 60);

/// What comes next.
pub struct Step {
    pub request: Request,
    /// Why, where that is worth a line.
    pub why: Option<String>,
}

/// What the manager is to be asked for.
pub enum Request {
    /// A connection over this network.
    Over(Box<Nic>),
    /// A connection over what is left: the interfaces of the server order.
    LastResort,
}

/// What the application does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goal {
    /// Nothing.
    Rest,
    /// The phone asked for this network.
    Switch(usize),
    /// The network that worked before.
    FallBack,
    /// One of the list after the other; this is the one to try now.
    Round(usize),
    /// Ethernet or cellular.
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
    /// Begins with a round over the list.
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

    /// When it wants to be called again, if nothing ends before.
    pub const fn poll_at(&self) -> Option<Instant> {
        self.next_at
    }

    /// Begins a round if its time has come.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Step> {
        self.next_at.take_if(|at| *at <= now)?;
        Some(self.round(0))
    }

    /// The phone asks for a network.
    pub fn ask(&mut self, name: &str) -> Option<Request> {
        let place = self.wlans.iter().position(|wlan| wlan.name == name)?;
        self.next_at = None;
        self.goal = Goal::Switch(place);
        self.over(place)
    }

    /// The phone sends other settings for a network.
    pub fn change(&mut self, changed: Wlan) {
        let mut wlans = self.wlans.iter_mut();
        if let Some(wlan) = wlans.find(|wlan| wlan.name == changed.name) {
            *wlan = changed;
        }
    }

    /// A network works with these settings.
    pub fn remember(&mut self, nic: &Nic) {
        if nic.wifi().is_some() {
            self.good = Some(nic.clone());
        }
    }

    /// An attempt has ended: what to ask for next, and why.
    pub fn ended(&mut self, now: Instant, outcome: Outcome) -> Option<Step> {
        let goal = core::mem::replace(&mut self.goal, Goal::Rest);
        match goal {
            Goal::LastResort => {
                self.wait(now);
                None
            }
            _ if outcome == Outcome::ServerConnected => {
                self.pause = FIRST_PAUSE;
                None
            }
            Goal::Switch(_) => Some(self.fall_back()),
            Goal::FallBack => Some(self.round(0)),
            Goal::Round(place) => Some(self.round(place + 1)),
            Goal::Rest => None,
        }
    }

    /// A connection was lost: what to ask for next, and why.
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

    /// Goes on with a round over the list, and after its end with the last resort.
    fn round(&mut self, place: usize) -> Step {
        let (goal, request, why) = match self.over(place) {
            Some(request) => {
                let why = (place == 0).then_some("a round over the list");
                (Goal::Round(place), request, why)
            }
            None => {
                let why = "the list is at its end: Ethernet, else cellular";
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

    /// Until the next round, so that a dead list is not hammered: longer each time, less up to a
    /// quarter, so that many devices do not try in step.
    fn wait(&mut self, now: Instant) {
        let micros = self.pause.as_micros();
        let less = self.random.random_range(0..=micros / 4);
        let span = Duration::from_micros(micros - less);
        self.next_at = Some(now.saturating_add(span));
        self.pause = self.pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// The name of the network in some settings.
pub fn name_of(nic: &Nic) -> String {
    let ssid = nic.wifi().map_or(&[][..], |wifi| wifi.ssid());
    ssid.escape_ascii().to_string()
}
