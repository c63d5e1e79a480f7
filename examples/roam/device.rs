//! The device: a manager, the simulated interfaces, and an application that keeps them all open.

use lankeeper::sim::{FaultRates, Happening, Reach, Simulated, World, run_until};
use lankeeper::{
    Config, Handle, Instant, InterfaceConfig, InterfaceId, Manager, Medium, Nic, State,
    WifiSettings,
};

use crate::Options;
use crate::diary::Diary;
use crate::slow;
use crate::story::{self, Scene, What};

pub const INTERFACES: [InterfaceId; 3] = [
    InterfaceId::WIFI,
    InterfaceId::ETHERNET,
    InterfaceId::CELLULAR,
];

pub struct Device {
    manager: Manager<3>,
    world: World,
    wifi: Handle,
    /// Whether the cable is plugged in at the end.
    ends_plugged: bool,
    pub diary: Diary,
}

impl Device {
    /// Creates a device and runs it through all its days, or through the slow hours.
    pub fn live(options: &Options) -> Self {
        let mut world = World::new(options.seed);
        let story = if options.slow {
            slow::hours(&mut world)
        } else {
            story::days(&mut world, options.days)
        };
        let mut device = Self::open(options, world);
        device.ends_plugged = options.slow;
        device.set_fault_rates(FaultRates::each(options.faults));
        for scene in story.scenes {
            device.run_until(Instant::EPOCH.saturating_add(scene.at));
            device.play(scene);
        }
        device.run_until(Instant::EPOCH.saturating_add(story.end));
        let (now, manager) = (device.world.now(), &device.manager);
        device.diary.close(now, |id| manager.ignored(id));
        device
    }

    fn open(options: &Options, world: World) -> Self {
        let config = Config::new(options.seed, INTERFACES.map(InterfaceConfig::new));
        let mut manager = Manager::new(&config).expect("default settings are valid");
        let wifi = open(&mut manager, world.now(), &with_wifi(story::home()));
        for id in [InterfaceId::ETHERNET, InterfaceId::CELLULAR] {
            let nic = Nic::named(&id.to_string()).expect("a valid interface name");
            open(&mut manager, world.now(), &nic);
        }
        Self {
            manager,
            world,
            wifi,
            ends_plugged: false,
            diary: Diary::new(options.all),
        }
    }

    /// The interfaces that could be connected but are not.
    pub fn missing(&self) -> Vec<InterfaceId> {
        let is_up = |id| {
            self.manager.state(id) == Some(State::Connected)
                && self.world.reach(id) == Reach::Internet
        };
        INTERFACES
            .into_iter()
            .filter(|id| id.medium() != Medium::Ethernet || self.ends_plugged)
            .filter(|id| !is_up(*id))
            .collect()
    }

    fn play(&mut self, scene: Scene) {
        let now = self.world.now();
        if !scene.text.is_empty() {
            self.diary.push(now, "", scene.text);
        }
        match scene.what {
            What::Quiet => self.set_fault_rates(FaultRates::NONE),
            What::World(happening) => self.world.happen(happening),
            What::Browse => {
                let text = match self.world.reach(InterfaceId::WIFI) {
                    Reach::Nothing => "there is no connection",
                    Reach::Portal => "a captive portal answers",
                    Reach::Firewall => "a firewall blocks the page",
                    Reach::Internet => "the page loads",
                };
                self.diary.push(now, &InterfaceId::WIFI.to_string(), text);
            }
            What::Use(network) => {
                self.manager.close(now, self.wifi);
                self.wifi = open(&mut self.manager, now, &with_wifi(network));
            }
        }
    }

    fn run_until(&mut self, until: Instant) {
        let diary = &mut self.diary;
        run_until(
            &mut self.manager,
            &mut self.world,
            until,
            |now, delivery| {
                diary.take(now, delivery);
            },
        )
        .expect("the run is not stuck");
    }

    fn set_fault_rates(&mut self, rates: FaultRates) {
        for id in INTERFACES {
            self.world.happen(Happening::FaultRates(id, rates));
        }
    }
}

fn open(manager: &mut Manager<3>, now: Instant, nic: &Nic) -> Handle {
    manager.open(now, nic).expect("no other handle is open")
}

fn with_wifi(network: WifiSettings) -> Nic {
    let builder = Nic::builder(&InterfaceId::WIFI.to_string()).wifi(network);
    builder.build().expect("valid Wi-Fi settings")
}
