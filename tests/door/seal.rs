//! Secrets that the backend seals at once or later, under one loop.

use lankeeper::driver::{SealedSecret, VaultError};
use lankeeper::manager::SealTicket;
use lankeeper::nic::{Exposed, SecretPurpose};
use lankeeper::sim::{AccessPoint, Simulated, World, run_until_server};
use lankeeper::{
    Backend, Binding, Command, Config, Duration, Event, Instant, InterfaceConfig, InterfaceId,
    Manager, Nic, Policy, Received, ServerState,
};

use crate::support::network;

/// A world whose vault seals at once, or fails and is asked by a command.
struct Device {
    world: World,
    at_once: bool,
    /// What the commands asked it to seal.
    asked: Vec<(SealTicket, SecretPurpose, String)>,
}

impl Backend for Device {
    fn execute(&mut self, command: Command<'_>) {
        if let Command::Seal {
            ticket,
            purpose,
            secret: Exposed::Plaintext(text),
        } = command
        {
            self.asked.push((ticket, purpose, text.to_owned()));
        }
        self.world.execute(command);
    }

    fn next_event(&mut self) -> Option<Event> {
        self.world.next_event()
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        self.world.receive(binding, buffer)
    }

    fn seal(
        &mut self,
        purpose: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        if self.at_once {
            return Backend::seal(&mut self.world, purpose, plaintext, sealed);
        }
        // What was sealed halfway counts for nothing.
        sealed.push(b"half")?;
        Err(VaultError::Failed { code: 1 })
    }
}

impl Simulated for Device {
    fn now(&self) -> Instant {
        self.world.now()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.world.handle_timeout(now);
    }

    fn poll_at(&self) -> Option<Instant> {
        self.world.poll_at()
    }
}

/// A device that is connected to its server over a Wi-Fi network with a key in plaintext.
fn connected(at_once: bool) -> (Manager<1>, Device) {
    let mut world: World = World::new(1);
    world.wifi.add(AccessPoint::new(network())).unwrap();
    let mut device = Device {
        world,
        at_once,
        asked: Vec::new(),
    };
    let mut config = Config::new(1, [InterfaceConfig::new(InterfaceId::WIFI)]);
    config.policy = Policy::ReturnOnError;
    let mut manager = Manager::new(&config).unwrap();
    let nic = Nic::builder("wifi").wifi(network()).build().unwrap();
    manager.connect_with(Instant::EPOCH, &nic, None).unwrap();
    let span = Duration::from_secs(60);
    run_until_server(&mut manager, &mut device, ServerState::Connected, span).unwrap();
    (manager, device)
}

/// The sealed key that the settings in use have.
fn sealed_key<const I: usize>(manager: &Manager<I>) -> Option<Vec<u8>> {
    let current = manager.current_config()?;
    match current.wifi().unwrap().key().expose() {
        Some(Exposed::Sealed(sealed)) => Some(sealed.to_vec()),
        other => panic!("{other:?}"),
    }
}

// spec: CFG-4, SEC-3, DRV-1
#[test]
fn a_secret_is_sealed_at_once_without_a_command() {
    let (manager, device) = connected(true);
    let sealed = device.world.seal("correct horse");
    assert_eq!(sealed_key(&manager), Some(sealed.as_bytes().to_vec()));
    assert!(device.asked.is_empty());
}

// spec: CFG-4, SEC-3, DRV-1
#[test]
fn a_secret_is_sealed_later_with_the_ticket_of_the_command() {
    let (mut manager, device) = connected(false);
    assert_eq!(sealed_key(&manager), None);
    let [(ticket, purpose, text)] = &device.asked[..] else {
        panic!("{:?}", device.asked.len());
    };
    assert_eq!(
        (*purpose, text.as_str()),
        (SecretPurpose::WifiKey, "correct horse")
    );
    let now = device.world.now();
    let other = SealTicket::from_bits(ticket.to_bits().wrapping_add(1));
    for (ticket, secret) in [
        (other, Exposed::Sealed(b"another command's")),
        (*ticket, Exposed::Plaintext("not sealed")),
        (*ticket, Exposed::Sealed(b"")),
        (*ticket, Exposed::Sealed(&[1; 113])),
    ] {
        manager.sealed(now, ticket, secret);
        assert_eq!(sealed_key(&manager), None, "{secret:?}");
    }
    manager.sealed(now, *ticket, Exposed::Sealed(b"sealed"));
    assert_eq!(sealed_key(&manager), Some(b"sealed".to_vec()));
    manager.sealed(now, *ticket, Exposed::Sealed(b"again"));
    assert_eq!(
        sealed_key(&manager),
        Some(b"sealed".to_vec()),
        "it answers once"
    );
}
