//! A backend with a vault: a simulated radio, a server behind a proxy, and flash memory. Every
//! secret that it stores or hands out is sealed.

use std::collections::VecDeque;

use lankeeper::driver::{Plaintext, SealedSecret, Vault, VaultError};
use lankeeper::nic::{Exposed, ProxyPassword, SecretPurpose};
use lankeeper::sim::{AccessPoint, Reach, Simulated, World};
use lankeeper::stored::StoredSettings;
use lankeeper::{
    Action, Backend, Binding, Command, Event, Instant, ProxySettings, Received, ServerAction,
    ServerReport, ServerTicket, Ticket, WifiKey, WifiSettings,
};

use crate::safe::Safe;

/// The proxy's answer to a wrong password: Proxy Authentication Required.
const REFUSED: i32 = 407;
/// The codes of an action that is not known, and of secrets that the vault could not seal.
const UNKNOWN: i32 = 1;
const NOT_SEALED: i32 = 2;

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
    /// The answers of vault and server.
    answers: VecDeque<Event>,
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
        }
    }

    /// Joins a network. The key is in plaintext only for the duration of the call.
    fn join(&mut self, ticket: Ticket, network: &WifiSettings) {
        match self.unsealed(network) {
            Ok(network) => {
                self.joins += 1;
                let action = Action::Join(&network);
                self.world.execute(Command::Interface { ticket, action });
            }
            Err(error) => self.answers.push_back(ticket.report(error.join_report())),
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

    fn serve(&mut self, ticket: ServerTicket, action: ServerAction<'_>) {
        let report = match action {
            ServerAction::Resolve(_) => ServerReport::Resolved,
            ServerAction::ReachProxy(proxy) => self.ask(proxy),
            ServerAction::Connect(_) if self.world.reach(ticket.interface()) == Reach::Internet => {
                ServerReport::Connected
            }
            ServerAction::Connect(_) => ServerReport::Unreachable { code: 0 },
            ServerAction::Flush => ServerReport::Flushed,
            // Only the reports of the connection are simulated: there is nothing to drop.
            ServerAction::Disconnect => return,
            _ => ServerReport::Fault { code: UNKNOWN },
        };
        self.answers.push_back(ticket.report(report));
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

    /// Returns a secret as it is kept: sealed.
    fn kept(&mut self, purpose: SecretPurpose, secret: Exposed<'_>) -> Option<SealedSecret> {
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
            let blob = self.kept(SecretPurpose::WifiKey, secret)?;
            let key = WifiKey::sealed(blob.as_bytes()).ok()?;
            sealed.wifi = Some(WifiSettings::new(wifi.ssid(), key).ok()?);
        }
        if let Some(proxy) = &settings.proxy
            && let Some(password) = proxy.password()
        {
            let blob = self.kept(SecretPurpose::ProxyPassword, password.expose())?;
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
                ticket,
                action: Action::Join(network),
            } => self.join(ticket, network),
            Command::Server { ticket, action } => self.serve(ticket, action),
            Command::Persist(settings) => match self.sealed(settings) {
                Some(sealed) => self.flash = sealed.to_record().as_bytes().to_vec(),
                None => self
                    .answers
                    .push_back(Event::PersistFailed { code: NOT_SEALED }),
            },
            other => self.world.execute(other),
        }
    }

    fn next_event(&mut self) -> Option<Event> {
        let answer = self.answers.pop_front();
        answer.or_else(|| self.world.next_event())
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
        self.safe.seal(purpose, plaintext, sealed)
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
