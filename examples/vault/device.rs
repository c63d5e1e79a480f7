//! A device with Wi-Fi: a manager, and a backend with a vault.

use lankeeper::nic::ProxyPassword;
use lankeeper::sim::{Simulated, run_for};
use lankeeper::stored::StoredSettings;
use lankeeper::{
    Config, ConnectOutcome, Delivery, Duration, InterfaceConfig, InterfaceId, Manager, Nic, Notice,
    Policy, ProxySettings, WifiKey, WifiSettings,
};

use crate::backend::SafeBackend;
use crate::safe::Safe;

const KEY: &str = "correct horse";
const PASSWORD: &str = "swordfish";

pub struct Device {
    pub manager: Manager<1>,
    pub backend: SafeBackend,
}

/// The home network.
fn home() -> WifiSettings {
    let key = WifiKey::plaintext(KEY).expect("a valid key");
    WifiSettings::new(b"home", key).expect("a valid SSID")
}

impl Device {
    /// Boots a device with this flash content. Each serial number has its own key.
    pub fn start(serial_number: u8, flash: Vec<u8>) -> Self {
        let safe = Safe::new([serial_number; 32], serial_number.into());
        let interfaces = [InterfaceConfig::new(InterfaceId::WIFI)];
        let mut config = Config::new(serial_number.into(), interfaces);
        // It shows single attempts, of which nothing is to follow.
        config.policy = Policy::ReturnOnError;
        let mut manager = Manager::new(&config).expect("default settings are valid");
        if !flash.is_empty() {
            manager.load_stored(&flash).expect("a valid record");
        }
        let backend = SafeBackend::new(safe, home(), PASSWORD, flash);
        Self { manager, backend }
    }

    /// Provisions the home network and its proxy, in plaintext.
    pub fn provision(&mut self) {
        let password = ProxyPassword::plaintext(PASSWORD).expect("a valid password");
        let proxy = ProxySettings::new("proxy.example", 3128)
            .and_then(|proxy| proxy.with_credentials("hub", Some(password)));
        let mut settings = StoredSettings::default();
        settings.wifi = Some(home());
        settings.proxy = Some(proxy.expect("a valid proxy"));
        self.manager.provision(self.backend.now(), &settings);
        self.run();
    }

    /// Connects; returns the outcome and the backend's own code.
    pub fn connect_with(&mut self, nic: &Nic) -> (ConnectOutcome, Option<i32>) {
        let now = self.backend.now();
        self.manager
            .connect_with(now, nic, None)
            .expect("Wi-Fi is present");
        self.run().expect("the attempt ends within a minute")
    }

    pub fn disconnect(&mut self) {
        self.manager.disconnect(self.backend.now(), None);
        self.run();
    }

    /// Runs for a minute; returns the outcome of an attempt to connect, if one ended.
    fn run(&mut self) -> Option<(ConnectOutcome, Option<i32>)> {
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
        .expect("the run is not stuck");
        ended
    }
}
