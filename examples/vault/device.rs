//! A device with Wi-Fi: a manager, and a backend with a vault.

use lankeeper::sim::{Simulated, run_for};
use lankeeper::{
    Config, Delivery, Duration, Event, InterfaceConfig, InterfaceId, Manager, Nic, Notice, Outcome,
    Policy, ProxyPassword, ProxySettings, StoredSettings, WifiKey, WifiSettings,
};

use crate::backend::SafeBackend;
use crate::safe::Safe;

const KEY: &str = "correct horse";
const PASSWORD: &str = "swordfish";

pub struct Device {
    pub manager: Manager<1, 4, 4, 64>,
    pub backend: SafeBackend,
}

/// The network at home.
fn home() -> WifiSettings {
    let key = WifiKey::plaintext(KEY).expect("a key as networks take it");
    WifiSettings::new(b"home", key).expect("an SSID of allowed length")
}

impl Device {
    /// A device that starts, with what is in its flash memory. Each serial number has a key of its
    /// own.
    pub fn start(serial_number: u8, flash: Vec<u8>) -> Self {
        let safe = Safe::new([serial_number; 32], serial_number.into());
        let config = Config::new([InterfaceConfig::new(InterfaceId::WIFI)]);
        let mut manager = Manager::new(&config).expect("default settings are allowed");
        if !flash.is_empty() {
            manager
                .load_stored(&flash)
                .expect("what this program wrote");
        }
        let backend = SafeBackend::new(safe, home(), PASSWORD, flash);
        manager.set_policy(backend.now(), Policy::ReturnOnError);
        Self { manager, backend }
    }

    /// Somebody tells it about the network at home and the proxy there, in plaintext.
    pub fn provision(&mut self) {
        let password = ProxyPassword::plaintext(PASSWORD).expect("a password of allowed length");
        let proxy = ProxySettings::new("proxy.example", 3128)
            .and_then(|proxy| proxy.with_credentials("hub", Some(password)));
        let mut settings = StoredSettings::default();
        settings.wifi = Some(home());
        settings.proxy = Some(proxy.expect("a proxy as it may be"));
        let now = self.backend.now();
        self.manager
            .handle_event(now, Event::Provisioned(&settings));
        self.run();
    }

    /// Connects, and tells how that ended, with the backend's own code.
    pub fn connect_with(&mut self, nic: &Nic) -> (Outcome, Option<i32>) {
        let now = self.backend.now();
        self.manager
            .connect_with(now, nic, None)
            .expect("Wi-Fi is there");
        self.run().expect("it ends within a minute")
    }

    pub fn disconnect(&mut self) {
        self.manager.disconnect(self.backend.now(), None);
        self.run();
    }

    /// Lives for a minute; tells how an attempt to connect ended, if one did.
    fn run(&mut self) -> Option<(Outcome, Option<i32>)> {
        let mut ended = None;
        let minute = Duration::from_secs(60);
        run_for(
            &mut self.manager,
            &mut self.backend,
            minute,
            |_, delivery| {
                if let Delivery::Notice(Notice::ConnectEnded { outcome, code, .. }) = delivery {
                    ended = Some((outcome, code));
                }
            },
        )
        .expect("time goes on");
        ended
    }
}
