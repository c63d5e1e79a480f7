//! Replays the inputs of a simulated device on another device without the simulator.

use lankeeper::driver::{SealedSecret, VaultError};
use lankeeper::manager::{Input, Reply};
use lankeeper::nic::{Exposed, SecretPurpose, Secrets};
use lankeeper::sim::{
    AccessPoint, AirChange, CableChange, CellularChange, Condition, Coverage, FaultRates,
    Happening, ServerChange, Simulated, World, run_for,
};
use lankeeper::{
    Backend, Binding, Command, Config, Delivery, Duration, Event, Instant, InterfaceConfig,
    InterfaceId, Manager, Policy, Received, SocketId,
};

use super::ALL;
use crate::support::bound::bounded;
use crate::support::{network, nic};

type Device = Manager<3, 4, 4, 64>;

/// A device that opens all its interfaces and a socket, and connects to the server.
fn device() -> Device {
    let mut config = Config::new(0, ALL.map(InterfaceConfig::new));
    // The one with a secret to seal comes first.
    config.server_order = ALL.map(Some);
    let device = Device::with_capacities(&config);
    let mut device = device.unwrap();
    for id in ALL {
        let handle = device.open(Instant::EPOCH, &nic(id)).unwrap();
        if id == InterfaceId::ETHERNET {
            device.udp_open(Instant::EPOCH, handle, 5000).unwrap();
        }
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
    /// What it has sealed, in order.
    sealed: Vec<Vec<u8>>,
}

impl Backend for Recorder {
    fn execute(&mut self, command: Command<'_>) {
        self.commands.push(format!("{command:?}"));
        self.world.execute(command);
    }

    fn next_event(&mut self) -> Option<Event> {
        let now = self.world.now();
        let event = self.world.next_event()?;
        self.inputs.push((now, Input::Event(event)));
        Some(event)
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        let received = self.world.receive(binding, buffer)?;
        let input = Input::UdpReceive {
            binding,
            received,
            room: buffer.len(),
        };
        self.inputs.push((self.world.now(), input));
        Some(received)
    }

    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        Backend::seal(&mut self.world, purpose, plaintext, sealed)?;
        self.sealed.push(sealed.as_bytes().to_vec());
        Ok(())
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

/// A received datagram as text.
fn arrival(socket: SocketId) -> String {
    format!("received by {socket:?}")
}

/// All inputs, and the commands and notices that they caused.
struct Run {
    inputs: Vec<(Instant, Input<'static>)>,
    commands: Vec<String>,
    sealed: Vec<Vec<u8>>,
    /// Received datagrams too.
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
        sealed: Vec::new(),
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
            let (source, own) = ("192.168.2.9:9".parse(), "192.168.2.50:5000".parse());
            let arrives = (source.unwrap(), own.unwrap());
            recorder
                .world
                .arrive(InterfaceId::ETHERNET, arrives.0, arrives.1, b"hello")
                .unwrap();
            let span = Duration::from_secs(200);
            run_for(&mut device, &mut recorder, span, |_, delivery| {
                notices.push(match delivery {
                    Delivery::Notice(notice) => format!("{notice:?}"),
                    Delivery::Datagram { socket, .. } => arrival(socket),
                });
            })
            .unwrap();
        }
    }
    Run {
        inputs: recorder.inputs,
        commands: recorder.commands,
        sealed: recorder.sealed,
        notices,
    }
}

/// The commands and notices that the same inputs cause without a world.
fn replayed(inputs: &[(Instant, Input<'_>)], sealed: &[Vec<u8>]) -> (Vec<String>, Vec<String>) {
    let mut device = device();
    let mut sealed = sealed.iter();
    let (mut commands, mut notices) = (Vec::new(), Vec::new());
    let mut drain = |device: &mut Device, now: Instant, notices: &mut Vec<String>| {
        while let Some(command) = bounded(device.poll_command()) {
            if let Command::Seal { ticket, secrets } = command {
                let mut seal = |_| sealed.next().map(|blob| Exposed::Sealed(blob));
                let key = secrets.key.and_then(&mut seal);
                let password = secrets.password.and_then(seal);
                device.sealed(now, ticket, Secrets { key, password });
            } else {
                commands.push(format!("{command:?}"));
            }
        }
        while let Some(notice) = bounded(device.poll_notice()) {
            notices.push(format!("{notice:?}"));
        }
    };
    drain(&mut device, Instant::EPOCH, &mut notices);
    for (now, input) in inputs {
        if let Reply::UdpReceived(Ok(socket)) = device.handle_input(*now, *input) {
            notices.push(arrival(socket));
        }
        drain(&mut device, *now, &mut notices);
    }
    (commands, notices)
}

// spec: DRV-4, TIME-5
#[test]
fn replayed_inputs_give_the_same_outputs() {
    let mut sealed = 0;
    for seed in 0..5 {
        let run = simulated(seed);
        let counts = (run.commands.len(), run.notices.len());
        assert!(counts > (500, 500), "{counts:?}");
        sealed += run.sealed.len();
        let arrivals = |notice: &&String| notice.starts_with("received");
        assert!(run.notices.iter().filter(arrivals).count() > 10);
        let (commands, notices) = replayed(&run.inputs, &run.sealed);
        assert_eq!(commands, run.commands, "seed {seed}");
        assert_eq!(notices, run.notices, "seed {seed}");

        // Without one of the inputs the outputs differ.
        let first = run
            .inputs
            .iter()
            .position(|(_, input)| !matches!(input, Input::Timeout));
        let mut less = run.inputs;
        less.remove(first.expect("something happened"));
        let (commands, notices) = replayed(&less, &run.sealed);
        assert!(commands != run.commands && notices != run.notices);
    }
    assert!(sealed > 5, "{sealed}");
}
