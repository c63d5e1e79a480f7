//! Replays the inputs of a simulated device on another device without the simulator.

use lankeeper::sim::{
    AccessPoint, AirChange, CableChange, CellularChange, Condition, Coverage, FaultRates,
    Happening, ServerChange, Simulated, World, run_for,
};
use lankeeper::{
    Backend, Command, Config, Delivery, Duration, Event, Exposed, Input, Instant, InterfaceConfig,
    Manager, Policy,
};

use super::ALL;
use crate::support::{network, nic};

type Device = Manager<3, 4, 4, 64>;

/// A device that opens all its interfaces and connects to the server.
fn device() -> Device {
    let mut device = Device::new(&Config::new(ALL.map(InterfaceConfig::new))).unwrap();
    for id in ALL {
        device.open(Instant::EPOCH, &nic(id)).unwrap();
    }
    device.set_policy(Instant::EPOCH, Policy::SuspendOnError);
    device.connect(Instant::EPOCH, None).unwrap();
    device
}

/// A world that records all inputs and commands of the device.
struct Recorder {
    world: World,
    inputs: Vec<(Instant, Input<'static>)>,
    commands: Vec<String>,
}

impl Backend for Recorder {
    fn execute(&mut self, command: Command<'_>) {
        self.commands.push(format!("{command:?}"));
        self.world.execute(command);
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        let now = self.world.now();
        let event = match self.world.next_event()? {
            Event::Interface {
                interface,
                generation,
                report,
            } => Event::Interface {
                interface,
                generation,
                report,
            },
            Event::Server { generation, report } => Event::Server { generation, report },
            // Leaked, because there are few of them and they are short.
            Event::Sealed {
                generation,
                secret: Exposed::Sealed(blob),
            } => Event::Sealed {
                generation,
                secret: Exposed::Sealed(blob.to_vec().leak()),
            },
            event => panic!("{event:?}"),
        };
        self.inputs.push((now, Input::Event(event)));
        Some(event)
    }
}

impl Simulated for Recorder {
    fn now(&self) -> Instant {
        self.world.now()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.world.handle_timeout(now);
        self.inputs.push((now, Input::Timeout));
    }

    fn poll_at(&self) -> Option<Instant> {
        self.world.poll_at()
    }
}

/// All inputs, and the commands and notices that they caused.
struct Run {
    inputs: Vec<(Instant, Input<'static>)>,
    commands: Vec<String>,
    notices: Vec<String>,
}

/// Several hours in a world with many faults.
fn simulated(seed: u64) -> Run {
    let mut world = World::new(seed);
    let home = world.wifi.add(AccessPoint::new(network())).unwrap();
    for id in ALL {
        world.happen(Happening::FaultRates(id, FaultRates::each(40)));
    }
    world.happen(Happening::ServerFaultRates(FaultRates::each(40)));
    let mut recorder = Recorder {
        world,
        inputs: Vec::new(),
        commands: Vec::new(),
    };
    let mut notices = Vec::new();
    let mut device = device();
    for _ in 0..20 {
        let weather: [Happening; 8] = [
            ServerChange::Server(Condition::Fails).into(),
            CableChange::Pulled.into(),
            AirChange::Signal(home, None).into(),
            CellularChange::Coverage(Coverage::None).into(),
            ServerChange::Server(Condition::Works).into(),
            CellularChange::Coverage(Coverage::Home).into(),
            AirChange::Signal(home, Some(-60)).into(),
            CableChange::Plugged.into(),
        ];
        for happening in weather {
            recorder.world.happen(happening);
            let span = Duration::from_secs(200);
            run_for(&mut device, &mut recorder, span, |_, delivery| {
                let Delivery::Notice(notice) = delivery else {
                    panic!("{delivery:?}");
                };
                notices.push(format!("{notice:?}"));
            })
            .unwrap();
        }
    }
    Run {
        inputs: recorder.inputs,
        commands: recorder.commands,
        notices,
    }
}

/// The commands and notices that the same inputs cause without a world.
fn replayed(inputs: &[(Instant, Input<'_>)]) -> (Vec<String>, Vec<String>) {
    let mut device = device();
    let (mut commands, mut notices) = (Vec::new(), Vec::new());
    let mut drain = |device: &mut Device| {
        while let Some(command) = device.poll_command() {
            commands.push(format!("{command:?}"));
        }
        while let Some(notice) = device.poll_notice() {
            notices.push(format!("{notice:?}"));
        }
    };
    drain(&mut device);
    for (now, input) in inputs {
        let _ = device.handle_input(*now, *input);
        drain(&mut device);
    }
    (commands, notices)
}

// spec: DRV-4, TIME-5
#[test]
fn replayed_inputs_give_the_same_outputs() {
    for seed in 0..5 {
        let run = simulated(seed);
        let counts = (run.commands.len(), run.notices.len());
        assert!(counts > (500, 500), "{counts:?}");
        let (commands, notices) = replayed(&run.inputs);
        assert_eq!(commands, run.commands, "seed {seed}");
        assert_eq!(notices, run.notices, "seed {seed}");

        // Without one of the inputs the outputs differ.
        let first = run
            .inputs
            .iter()
            .position(|(_, input)| !matches!(input, Input::Timeout));
        let mut less = run.inputs;
        less.remove(first.expect("something happened"));
        let (commands, notices) = replayed(&less);
        assert!(commands != run.commands && notices != run.notices);
    }
}
