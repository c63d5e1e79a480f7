//! Secrets that the backend seals at once or later, under one loop.

use lankeeper::driver::{SealedSecret, VaultError};
use lankeeper::manager::SealTicket;
use lankeeper::nic::{Exposed, ProxyPassword, SecretPurpose, Secrets};
use lankeeper::sim::{AccessPoint, HttpProxy, ServerChange, Simulated, World, run_until_server};
use lankeeper::{
    Backend, Binding, Command, Config, Duration, Event, Instant, InterfaceConfig, InterfaceId,
    Manager, Nic, Policy, ProxySettings, Received, ServerState,
};

use crate::support::network;

const KEY: &str = "correct horse";
const PASSWORD: &str = "swordfish";

/// A world whose vault seals at once what `seals` says. The rest it is asked for by a command.
struct Device {
    world: World,
    seals: fn(SecretPurpose) -> bool,
    /// What the commands asked it to seal: the key and the password.
    asked: Vec<(SealTicket, [Option<String>; 2])>,
}

impl Backend for Device {
    fn execute(&mut self, command: Command<'_>) {
        if let Command::Seal { ticket, secrets } = command {
            let text = |secret| match secret {
                Exposed::Plaintext(text) => String::from(text),
                Exposed::Sealed(_) => panic!("sealed already"),
            };
            let texts = [secrets.key, secrets.password].map(|secret| secret.map(text));
            self.asked.push((ticket, texts));
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
        if (self.seals)(purpose) {
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

/// A device that is connected to its server over a Wi-Fi network with a key in plaintext, through a
/// proxy with a password in plaintext or without one.
fn connected(has_password: bool, seals: fn(SecretPurpose) -> bool) -> (Manager<1>, Device) {
    let mut world: World = World::new(1);
    world.wifi.add(AccessPoint::new(network())).unwrap();
    let mut proxy = ProxySettings::new("proxy.example", 3128).unwrap();
    if has_password {
        let password = ProxyPassword::plaintext(PASSWORD).unwrap();
        proxy = proxy.with_credentials("hub", Some(password)).unwrap();
    }
    world.happen(ServerChange::Proxy(Some(HttpProxy::new(proxy.clone()))));
    let mut device = Device {
        world,
        seals,
        asked: Vec::new(),
    };
    let mut config = Config::new(1, [InterfaceConfig::new(InterfaceId::WIFI)]);
    config.policy = Policy::ReturnOnError;
    let mut manager = Manager::new(&config).unwrap();
    let nic = Nic::builder("wifi").wifi(network()).proxy(proxy);
    manager
        .connect_with(Instant::EPOCH, &nic.build().unwrap(), None)
        .unwrap();
    let span = Duration::from_secs(60);
    run_until_server(&mut manager, &mut device, ServerState::Connected, span).unwrap();
    (manager, device)
}

/// The sealed key and password that the last configuration has.
fn sealed<const I: usize>(manager: &Manager<I>) -> Option<[Option<Vec<u8>>; 2]> {
    let current = manager.current_config()?;
    let blob = |secret| match secret {
        Exposed::Sealed(blob) => blob.to_vec(),
        Exposed::Plaintext(_) => panic!("not sealed"),
    };
    let password = current.proxy().unwrap().password();
    Some([
        current.wifi().unwrap().key().expose().map(blob),
        password.map(|it| blob(it.expose())),
    ])
}

// spec: CFG-4, SEC-3, DRV-1
#[test]
fn secrets_are_sealed_at_once_without_a_command() {
    for has_password in [false, true] {
        let (manager, device) = connected(has_password, |_| true);
        let by_vault = |text| device.world.seal(text).as_bytes().to_vec();
        let password = has_password.then(|| by_vault(PASSWORD));
        assert_eq!(sealed(&manager), Some([Some(by_vault(KEY)), password]));
        assert!(device.asked.is_empty());
    }
}

// spec: CFG-4, SEC-3, DRV-1
#[test]
fn if_one_secret_is_not_sealed_at_once_a_command_asks_for_all() {
    let vaults: [fn(SecretPurpose) -> bool; 3] = [
        |_| false,
        |purpose| purpose == SecretPurpose::WifiKey,
        |purpose| purpose == SecretPurpose::ProxyPassword,
    ];
    for seals in vaults {
        let (mut manager, device) = connected(true, seals);
        assert_eq!(sealed(&manager), None);
        let [(ticket, asked)] = &device.asked[..] else {
            panic!("{:?}", device.asked.len());
        };
        assert_eq!(*asked, [Some(KEY.to_owned()), Some(PASSWORD.to_owned())]);
        let secrets = Secrets {
            key: Some(Exposed::Sealed(b"key")),
            password: Some(Exposed::Sealed(b"password")),
        };
        manager.sealed(device.world.now(), *ticket, secrets);
        let expected = [Some(b"key".to_vec()), Some(b"password".to_vec())];
        assert_eq!(sealed(&manager), Some(expected));
    }
}

// spec: CFG-4, SEC-3, DRV-1
#[test]
fn a_command_asks_only_for_what_is_in_plaintext() {
    let (mut manager, device) = connected(false, |_| false);
    let [(ticket, asked)] = &device.asked[..] else {
        panic!("{:?}", device.asked.len());
    };
    assert_eq!(*asked, [Some(KEY.to_owned()), None]);
    let now = device.world.now();
    let of_key = |key| Secrets {
        key: Some(key),
        password: None,
    };
    let other = SealTicket::from_bits(ticket.to_bits().wrapping_add(1));
    for (ticket, secrets) in [
        (other, of_key(Exposed::Sealed(b"another command's"))),
        (*ticket, of_key(Exposed::Plaintext("not sealed"))),
        (*ticket, of_key(Exposed::Sealed(b""))),
        (*ticket, of_key(Exposed::Sealed(&[1; 113]))),
        (*ticket, Secrets::default()),
    ] {
        manager.sealed(now, ticket, secrets);
        assert_eq!(sealed(&manager), None, "{secrets:?}");
    }
    // A password that nobody asked for counts for nothing.
    let mut secrets = of_key(Exposed::Sealed(b"sealed"));
    secrets.password = Some(Exposed::Sealed(b"none"));
    manager.sealed(now, *ticket, secrets);
    let expected = Some([Some(b"sealed".to_vec()), None]);
    assert_eq!(sealed(&manager), expected);
    manager.sealed(now, *ticket, of_key(Exposed::Sealed(b"again")));
    assert_eq!(sealed(&manager), expected, "it answers once");
}
