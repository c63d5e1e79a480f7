//! A fleet of devices with one server, in virtual time: each device is a manager with an Ethernet port
//! that stays up, or with Wi-Fi and a modem too, over each of which the server can be reached; and all are in one queue, ordered by when something is due.

use core::cmp::Reverse;
use std::collections::BinaryHeap;

use lankeeper::{
    Action, Command, Config, ConnectOutcome, Instant, InterfaceConfig, InterfaceId, Lease, Manager,
    Nic, Notice, Policy, Report, ServerAction, ServerReport, ServerState, ServerTicket, Span,
    State, WifiKey, WifiSettings,
};

pub const SECOND: u64 = 1_000_000;
const MILLISECOND: u64 = 1_000;

/// What happens to a fleet.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    pub devices: u32,
    pub interfaces: Interfaces,
    pub policy: Policy,
    pub spread: Option<Span>,
    /// How many devices the server takes in a second; any number where there is no limit.
    pub capacity: Option<u32>,
}

/// What a device has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interfaces {
    /// An Ethernet port, which the connection alone uses.
    One,
    /// An Ethernet port, a radio and a modem, which the application keeps up.
    Three,
}

/// What a device with one interface has, and in the order of its use what one with three has.
const ONE: [InterfaceId; 1] = [InterfaceId::ETHERNET];
const THREE: [InterfaceId; 3] = [
    InterfaceId::ETHERNET,
    InterfaceId::WIFI,
    InterfaceId::CELLULAR,
];

/// When devices did something, in microseconds.
#[derive(Clone, Debug, Default)]
pub struct Times {
    /// When they were connected, each for the first time since the beginning.
    pub connected: Vec<u64>,
    /// Over which interface each of them was.
    pub over: Vec<InterfaceId>,
    /// When they reported that the connection is lost and given up, each for the first time.
    pub reported: Vec<u64>,
    /// How many devices are still without a connection at the end.
    pub missing: u32,
    /// How many tries reached the server since it was there again.
    pub tries: u64,
}

/// Connects all devices, and takes the server away from them for so long.
pub fn outage(scene: Scene, outage: u64, patience: u64) -> Times {
    match scene.interfaces {
        Interfaces::One => outage_of(Fleet::new(scene, ONE), scene, outage, patience),
        Interfaces::Three => outage_of(kept_up(scene), scene, outage, patience),
    }
}

fn outage_of<const N: usize>(
    mut fleet: Fleet<N>,
    scene: Scene,
    outage: u64,
    patience: u64,
) -> Times {
    for place in 0..fleet.devices.len() {
        fleet.ask(place);
    }
    // Long enough to count as stable.
    fleet.run_until(100 * SECOND);
    fleet.server.capacity = scene.capacity;
    fleet.lose();
    fleet.run_until(100 * SECOND + outage);
    fleet.server.is_up = true;
    fleet.server.tries = 0;
    fleet.run(outage + patience)
}

/// The power of all devices returns at once, and each has something for the server.
pub fn power_return(scene: Scene, patience: u64) -> Times {
    match scene.interfaces {
        Interfaces::One => power_return_of(Fleet::new(scene, ONE), scene, patience),
        Interfaces::Three => power_return_of(kept_up(scene), scene, patience),
    }
}

fn power_return_of<const N: usize>(mut fleet: Fleet<N>, scene: Scene, patience: u64) -> Times {
    fleet.server.capacity = scene.capacity;
    fleet.begin();
    for place in 0..fleet.devices.len() {
        fleet.call(place);
    }
    fleet.run(patience)
}

/// A fleet of devices with three interfaces, all of them up.
fn kept_up(scene: Scene) -> Fleet<3> {
    let mut fleet = Fleet::new(scene, THREE);
    let key = WifiKey::plaintext("correct horse").unwrap();
    let network = WifiSettings::new(b"fleet", key).unwrap();
    let nics = THREE.map(|id| Nic::named(&id.to_string()).unwrap());
    for place in 0..fleet.devices.len() {
        let now = fleet.instant();
        fleet.devices[place].manager.store_wifi(now, &network);
        for nic in &nics {
            fleet.devices[place].manager.open(now, nic).unwrap();
            fleet.settle(place);
        }
        let manager = &fleet.devices[place].manager;
        assert!(
            THREE
                .iter()
                .all(|id| manager.state(*id) == Some(State::Connected))
        );
    }
    fleet
}

/// The largest part of the times that is within one second, and how many there are in it.
pub fn busiest_second(times: &[u64]) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    let mut first = 0;
    let mut most = 0;
    for (place, time) in times.iter().enumerate() {
        while times[first] + SECOND <= *time {
            first += 1;
        }
        most = most.max(place + 1 - first);
    }
    most as f64 / times.len().max(1) as f64
}

/// The time by which this part of a fleet was connected; `None` if it never was.
pub fn percentile(times: &[u64], devices: u32, part: f64) -> Option<u64> {
    let mut times = times.to_vec();
    times.sort_unstable();
    let place = (f64::from(devices) * part).ceil() as usize;
    times.get(place.saturating_sub(1)).copied()
}

/// A device needs room for no socket and few notices.
type SmallManager<const N: usize> = Manager<N, N, 1, 8, 1>;

struct Device<const N: usize> {
    manager: SmallManager<N>,
    /// Of the command to connect that was the last one.
    ticket: Option<ServerTicket>,
    /// When the application asks again for a connection.
    asks: Option<u64>,
    /// When something is due: the only entry of the queue that counts.
    wakes: Option<u64>,
    random: u64,
    /// Whether the first connection, and the first report, since the beginning was noted.
    noted: (bool, bool),
}

struct Server {
    is_up: bool,
    capacity: Option<u32>,
    /// The present second, and how many it has taken in it.
    taken: (u64, u32),
    tries: u64,
}

struct Fleet<const N: usize> {
    devices: Vec<Device<N>>,
    server: Server,
    queue: BinaryHeap<Reverse<(u64, usize)>>,
    now: u64,
    began: u64,
    missing: u32,
    times: Times,
    /// Whether an application asks again for a connection that it did not get, or that was given up:
    /// where the policy goes on by itself there is no need to.
    asks_again: bool,
}

impl Server {
    /// The answer to a device that wants to connect.
    fn answer(&mut self, now: u64) -> ServerReport {
        self.tries += 1;
        let second = now / SECOND;
        if self.taken.0 != second {
            self.taken = (second, 0);
        }
        if !self.is_up || self.capacity.is_some_and(|most| self.taken.1 >= most) {
            return ServerReport::Unreachable { code: 1 };
        }
        self.taken.1 += 1;
        ServerReport::Connected
    }
}

impl<const N: usize> Fleet<N> {
    fn new(scene: Scene, interfaces: [InterfaceId; N]) -> Self {
        let device = |seed| {
            let mut config = Config::new(seed, interfaces.map(InterfaceConfig::new));
            config.policy = scene.policy;
            config.spread = scene.spread;
            Device {
                manager: Manager::with_capacities(&config).unwrap(),
                ticket: None,
                asks: None,
                wakes: None,
                // Another sequence than that of the manager.
                random: !seed,
                noted: (false, false),
            }
        };
        Self {
            devices: (0..u64::from(scene.devices)).map(device).collect(),
            server: Server {
                is_up: true,
                capacity: None,
                taken: (0, 0),
                tries: 0,
            },
            queue: BinaryHeap::new(),
            now: 0,
            began: 0,
            missing: scene.devices,
            times: Times::default(),
            asks_again: scene.policy != Policy::KeepTrying,
        }
    }

    fn instant(&self) -> Instant {
        Instant::from_micros(self.now)
    }

    /// The application asks for a connection.
    fn ask(&mut self, place: usize) {
        let now = self.instant();
        let device = &mut self.devices[place];
        device.asks = None;
        device.manager.connect(now, None).unwrap();
        self.settle(place);
    }

    /// The application has something for the server.
    fn call(&mut self, place: usize) {
        let now = self.instant();
        self.devices[place].manager.server_call(now).unwrap();
        self.settle(place);
    }

    /// The server goes away, and every device notices it at once.
    fn lose(&mut self) {
        self.server.is_up = false;
        self.begin();
        for place in 0..self.devices.len() {
            let ticket = self.devices[place].ticket.expect("it is connected");
            let lost = ticket.report(ServerReport::Lost { code: 1 });
            let now = self.instant();
            self.devices[place].manager.handle_event(now, lost);
            self.settle(place);
        }
    }

    /// From now on times are noted.
    fn begin(&mut self) {
        self.began = self.now;
        self.missing = u32::try_from(self.devices.len()).unwrap();
        self.times = Times::default();
        for device in &mut self.devices {
            device.noted = (false, false);
        }
    }

    /// Runs until all are connected, or for at most so long since the beginning.
    fn run(mut self, most: u64) -> Times {
        let end = self.began + most;
        while self.missing > 0 && self.step(end) {}
        self.times.missing = self.missing;
        self.times.tries = self.server.tries;
        self.times
    }

    fn run_until(&mut self, end: u64) {
        while self.step(end) {}
        self.now = end;
    }

    /// Goes on to the next device for which something is due before the end.
    fn step(&mut self, end: u64) -> bool {
        let Some(Reverse((at, place))) = self.queue.pop() else {
            return false;
        };
        if at >= end {
            self.queue.push(Reverse((at, place)));
            return false;
        }
        if self.devices[place].wakes != Some(at) {
            // It is due at another time by now.
            return true;
        }
        self.now = at;
        if self.devices[place].asks.is_some_and(|asks| asks <= at) {
            self.ask(place);
        } else {
            let now = self.instant();
            self.devices[place].manager.handle_timeout(now);
            self.settle(place);
        }
        true
    }

    /// Carries out every command of a device, notes what it says, and when it is due again.
    fn settle(&mut self, place: usize) {
        let now = self.instant();
        self.note(place);
        while let Some(command) = self.devices[place].manager.poll_command() {
            let event = match command {
                Command::Interface { ticket, action } => {
                    answer(&action).map(|report| ticket.report(report))
                }
                Command::Server { ticket, action } => match action {
                    ServerAction::Resolve(_) => Some(ticket.report(ServerReport::Resolved)),
                    ServerAction::Connect(_) => {
                        self.devices[place].ticket = Some(ticket);
                        Some(ticket.report(self.server.answer(self.now)))
                    }
                    _ => None,
                },
                _ => None,
            };
            if let Some(event) = event {
                self.devices[place].manager.handle_event(now, event);
                self.note(place);
            }
        }
        let device = &mut self.devices[place];
        let timer = device.manager.poll_at().map(|next| next.at.as_micros());
        let wakes = [timer, device.asks].into_iter().flatten().min();
        if wakes != device.wakes {
            device.wakes = wakes;
            self.queue.extend(wakes.map(|at| Reverse((at, place))));
        }
    }

    /// Notes what a device says. Its application may ask again for a connection.
    fn note(&mut self, place: usize) {
        let device = &mut self.devices[place];
        while let Some(notice) = device.manager.poll_notice() {
            match notice {
                Notice::ServerStateChanged {
                    state: ServerState::Connected,
                } if !device.noted.0 => {
                    device.noted.0 = true;
                    self.missing -= 1;
                    self.times.connected.push(self.now - self.began);
                    let over = device.ticket.expect("it has connected").interface();
                    self.times.over.push(over);
                }
                Notice::ServerLost { .. } => {
                    if !core::mem::replace(&mut device.noted.1, true) {
                        self.times.reported.push(self.now - self.began);
                    }
                    if self.asks_again {
                        device.asks = Some(self.now + draw(&mut device.random));
                    }
                }
                Notice::ConnectEnded { outcome, .. }
                    if self.asks_again && outcome != ConnectOutcome::ServerConnected =>
                {
                    device.asks = Some(self.now + draw(&mut device.random));
                }
                Notice::Lagged(_) => panic!("too many notices"),
                _ => {}
            }
        }
    }
}

/// Each interface does at once what it is asked for.
fn answer(action: &Action<'_>) -> Option<Report> {
    let lease = Lease::new([192, 168, 1, 2].into(), 24);
    Some(match action {
        Action::PowerUp => Report::Ready,
        Action::StartLink => Report::CarrierUp,
        Action::Scan(_) => Report::NetworkFound,
        Action::Join(_) => Report::Joined,
        Action::StartDhcp => Report::Lease(lease),
        Action::PingModem => Report::ModemAlive,
        Action::ReadSim => Report::SimReady,
        Action::Register => Report::Registered,
        Action::Dial => Report::PppUp(lease),
        _ => return None,
    })
}

/// 45 to 60 s in whole milliseconds: how long an application waits before it asks again. Drawn by
/// `SplitMix64` (Steele, Lea, Flood 2014), one sequence for each device.
fn draw(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (45_000 + (mixed ^ (mixed >> 31)) % 15_001) * MILLISECOND
}
