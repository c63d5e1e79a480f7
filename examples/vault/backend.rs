//! A backend with a vault: a simulated radio, a server behind a proxy, and flash memory. Every
//! secret that it stores or hands out is sealed.

use std::collections::VecDeque;

use lankeeper::sim::{AccessPoint, Reach, Simulated, World};
use lankeeper::{
    Action, Backend, Command, Event, Exposed, Generation, Instant, InterfaceId, Plaintext,
    ProxyPassword, ProxySettings, Report, SealedSecret, SecretPurpose, ServerAction, ServerReport,
    StoredSettings, Vault, VaultError, WifiKey, WifiSettings,
};

use crate::safe::Safe;

/// The proxy's answer to a wrong password: Proxy Authentication Required.
const REFUSED: i32 = 407;

pub struct SafeBackend {
    world: World,
    safe: Safe,
    /// The password that the proxy expects.
    password: String,
    /// The record in flash memory.
    pub flash: Vec<u8>,
    /// The number of joins that the radio has started.
    pub joins: usize,
    /// The number of times that a proxy was sent a password.
    pub passwords_sent: usize,
    answers: VecDeque<Answer>,
    /// The event that `next_event` lends out.
    current: Answer,
}

/// A pending event.
enum Answer {
    Join(InterfaceId, Generation, Report),
    Server(Generation, ServerReport),
    Sealed(Generation, SealedSecret),
}

impl SafeBackend {
    /// Creates a backend with a network and a proxy in reach.
    pub fn new(safe: Safe, network: WifiSettings, password: &str, flash: Vec<u8>) -> Self {
        let mut world = World::new(1);
        world
            .wifi
            .add(AccessPoint::new(network))
            .expect("there is room for one");
        Self {
            world,
            safe,
            password: password.to_string(),
            flash,
            joins: 0,
            passwords_sent: 0,
            answers: VecDeque::new(),
            current: Answer::Server(Generation::default(), ServerReport::Resolved),
        }
    }

    /// Joins a network. The key is in plaintext only for the duration of the call.
    fn join(&mut self, interface: InterfaceId, generation: Generation, network: &WifiSettings) {
        match self.unsealed(network) {
            Ok(network) => {
                self.joins += 1;
                let action = Action::Join(generation, &network);
                self.world.execute(Command::Interface { interface, action });
            }
            Err(error) => {
                let report = error.join_report();
                self.answers
                    .push_back(Answer::Join(interface, generation, report));
            }
        }
    }

    fn unsealed(&mut self, network: &WifiSettings) -> Result<WifiSettings, VaultError> {
        let mut plaintext = Plaintext::new();
        let key = match network.key().expose() {
            None => WifiKey::open(),
            Some(secret) => {
                self.safe
                    .reveal(SecretPurpose::WifiKey, secret, &mut plaintext)?;
                // Whoever sealed an invalid key did not follow the rules.
                WifiKey::plaintext(plaintext.as_str()?).map_err(|_| VaultError::Unreadable)?
            }
        };
        WifiSettings::new(network.ssid(), key).map_err(|_| VaultError::Unreadable)
    }

    fn serve(&mut self, interface: InterfaceId, action: ServerAction<'_>) {
        let report = match action {
            ServerAction::Resolve(..) => ServerReport::Resolved,
            ServerAction::ReachProxy(_, proxy) => self.ask(proxy),
            ServerAction::Connect(..) if self.world.reach(interface) == Reach::Internet => {
                ServerReport::Connected
            }
            ServerAction::Connect(..) => ServerReport::Unreachable { code: 0 },
            ServerAction::Flush(_) => ServerReport::Flushed,
            // Only the reports of the connection are simulated.
            _ => return,
        };
        if let Some(generation) = action.generation() {
            self.answers.push_back(Answer::Server(generation, report));
        }
    }

    fn ask(&mut self, proxy: &ProxySettings) -> ServerReport {
        let mut plaintext = Plaintext::new();
        if let Some(password) = proxy.password() {
            let purpose = SecretPurpose::ProxyPassword;
            if let Err(error) = self.safe.reveal(purpose, password.expose(), &mut plaintext) {
                return error.proxy_report();
            }
        }
        self.passwords_sent += 1;
        if plaintext.as_bytes() == self.password.as_bytes() {
            ServerReport::ProxyReached
        } else {
            ServerReport::ProxyRefused { code: REFUSED }
        }
    }

    fn seal(&mut self, purpose: SecretPurpose, secret: Exposed<'_>) -> Option<SealedSecret> {
        let mut sealed = SealedSecret::new();
        match secret {
            Exposed::Plaintext(text) => self.safe.seal(purpose, text, &mut sealed).ok()?,
            Exposed::Sealed(blob) => sealed.push(blob).ok()?,
        }
        Some(sealed)
    }

    /// Returns the settings with every secret sealed.
    fn sealed(&mut self, settings: &StoredSettings) -> Option<StoredSettings> {
        let mut sealed = settings.clone();
        if let Some(wifi) = &settings.wifi
            && let Some(secret) = wifi.key().expose()
        {
            let blob = self.seal(SecretPurpose::WifiKey, secret)?;
            let key = WifiKey::sealed(blob.as_bytes()).ok()?;
            sealed.wifi = Some(WifiSettings::new(wifi.ssid(), key).ok()?);
        }
        if let Some(proxy) = &settings.proxy
            && let Some(password) = proxy.password()
        {
            let blob = self.seal(SecretPurpose::ProxyPassword, password.expose())?;
            let password = ProxyPassword::sealed(blob.as_bytes()).ok()?;
            let username = proxy.username().unwrap_or_default();
            sealed.proxy = Some(
                proxy
                    .clone()
                    .with_credentials(username, Some(password))
                    .ok()?,
            );
        }
        Some(sealed)
    }
}

impl Backend for SafeBackend {
    fn execute(&mut self, command: Command<'_>) {
        match command {
            Command::Interface {
                interface,
                action: Action::Join(generation, network),
            } => self.join(interface, generation, network),
            Command::Server { interface, action } => self.serve(interface, action),
            Command::Seal {
                generation,
                purpose,
                secret,
            } => {
                if let Some(sealed) = self.seal(purpose, secret) {
                    self.answers.push_back(Answer::Sealed(generation, sealed));
                }
            }
            Command::Persist(settings) => {
                let sealed = self.sealed(settings).expect("this vault does not fail");
                self.flash = sealed.to_record().as_bytes().to_vec();
            }
            other => self.world.execute(other),
        }
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        let Some(answer) = self.answers.pop_front() else {
            return self.world.next_event();
        };
        self.current = answer;
        Some(match self.current {
            Answer::Join(interface, generation, report) => Event::Interface {
                interface,
                generation,
                report,
            },
            Answer::Server(generation, report) => Event::Server { generation, report },
            Answer::Sealed(generation, ref sealed) => Event::Sealed {
                generation,
                secret: Exposed::Sealed(sealed.as_bytes()),
            },
        })
    }
}

impl Simulated for SafeBackend {
    fn now(&self) -> Instant {
        self.world.now()
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.world.handle_timeout(now);
    }

    fn poll_at(&self) -> Option<Instant> {
        if self.answers.is_empty() {
            return self.world.poll_at();
        }
        Some(self.now())
    }
}
