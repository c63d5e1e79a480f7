//! The device: a manager, its simulated interfaces, and the application that switches networks.

use lankeeper::sim::{FaultRates, Happening, Reach, Simulated, World, poll_until};
use lankeeper::{
    Config, ConnectOutcome, Delivery, Instant, InterfaceConfig, InterfaceId, Manager, Notice,
    Policy, ServerState,
};

use crate::Options;
use crate::diary::Diary;
use crate::story::{self, Scene, What};
use crate::switcher::{Request, Step, Switcher, name_of};

pub const INTERFACES: [InterfaceId; 3] = [
    InterfaceId::WIFI,
    InterfaceId::ETHERNET,
    InterfaceId::CELLULAR,
];
/// The interfaces to use when no Wi-Fi network works.
const LAST_RESORTS: [Option<InterfaceId>; 3] = [
    Some(InterfaceId::ETHERNET),
    Some(InterfaceId::CELLULAR),
    None,
];

pub struct Device {
    manager: Manager<3>,
    world: World,
    switcher: Switcher,
    pub diary: Diary,
}

impl Device {
    /// Creates a device and runs it through the story.
    pub fn live(options: &Options) -> Self {
        let mut world = World::new(options.seed);
        let places = story::prepare(&mut world);
        let mut device = Self {
            manager: manager(options.seed),
            world,
            switcher: Switcher::new(story::wlans(), options.seed),
            diary: Diary::new(options.all),
        };
        device.set_fault_rates(options.faults);
        for scene in story::scenes(&places) {
            device.run_until(Instant::EPOCH.saturating_add(scene.at));
            device.play(scene);
        }
        device.run_until(Instant::EPOCH.saturating_add(story::QUIET));
        device.set_fault_rates(0);
        device.run_until(Instant::EPOCH.saturating_add(story::LENGTH));
        device.diary.close(device.world.now());
        device
    }

    /// Whether it is connected over Wi-Fi, which is possible at the end of the story.
    pub fn is_well(&self) -> bool {
        self.manager.server_state() == ServerState::Connected
            && self.manager.server_interface() == Some(InterfaceId::WIFI)
            && self.world.server.is_connected()
            && self.world.reach(InterfaceId::WIFI) != Reach::Nothing
    }

    fn play(&mut self, scene: Scene) {
        self.diary.scene(self.world.now(), scene.text);
        match scene.what {
            What::World(happenings) => {
                for happening in happenings {
                    self.world.happen(happening);
                }
            }
            What::Ask(name) => self.ask(name),
            What::Change(wlan) => {
                let name = wlan.name;
                self.switcher.change(*wlan);
                self.ask(name);
            }
        }
    }

    fn ask(&mut self, name: &str) {
        if let Some(request) = self.switcher.ask(name) {
            self.request(request);
        }
    }

    fn request(&mut self, request: Request) {
        let now = self.world.now();
        let begun = match request {
            Request::Over(nic) => {
                self.diary.attempt(now, name_of(&nic));
                self.manager.connect_with(now, &nic, None)
            }
            Request::LastResort => {
                self.diary.attempt(now, "last resort".to_owned());
                self.manager.connect(now, None)
            }
        };
        begun.expect("all interfaces are enabled, and no other handle is open");
    }

    /// Handles a notice.
    fn take(&mut self, notice: Notice) {
        let now = self.world.now();
        self.diary
            .take(now, notice, self.manager.server_interface());
        let next = match notice {
            Notice::ConnectEnded { outcome, .. } => {
                if outcome == ConnectOutcome::ServerConnected
                    && let Some(nic) = self.manager.current_config()
                {
                    self.switcher.remember(nic);
                }
                let next = self.switcher.ended(now, outcome);
                if let Some(at) = self.switcher.poll_at() {
                    self.diary.pause(now, at.saturating_duration_since(now));
                }
                next
            }
            Notice::ServerLost { .. } => Some(self.switcher.lost()),
            _ => None,
        };
        self.follow(next);
    }

    fn follow(&mut self, next: Option<Step>) {
        let Some(Step { request, why }) = next else {
            return;
        };
        if let Some(why) = why {
            self.diary.decision(self.world.now(), &why);
        }
        self.request(request);
    }

    /// Runs until an instant.
    fn run_until(&mut self, until: Instant) {
        loop {
            let next = self.switcher.poll_at().map_or(until, |at| at.min(until));
            let delivery = poll_until(&mut self.manager, &mut self.world, next, &mut []);
            match delivery.expect("the run is not stuck") {
                Some(Delivery::Notice(notice)) => self.take(notice),
                Some(Delivery::Datagram { .. }) => {}
                None => {
                    let now = self.world.now();
                    let step = self.switcher.handle_timeout(now);
                    if step.is_none() && now >= until {
                        return;
                    }
                    self.follow(step);
                }
            }
        }
    }

    fn set_fault_rates(&mut self, per_mille: u16) {
        let mut rates = FaultRates::each(per_mille);
        for id in INTERFACES {
            self.world.happen(Happening::FaultRates(id, rates));
        }
        // The manager would believe a spurious connection for ever.
        rates.spurious = 0;
        self.world.happen(Happening::ServerFaultRates(rates));
    }
}

fn manager(seed: u64) -> Manager<3> {
    let mut config = Config::new(seed, INTERFACES.map(InterfaceConfig::new));
    // This application tries one network after the other by itself.
    config.policy = Policy::ReturnOnError;
    config.server_order = LAST_RESORTS;
    Manager::new(&config).expect("default settings are valid")
}
