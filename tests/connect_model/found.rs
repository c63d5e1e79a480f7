//! Differences that the model has found, each as a story of its own.

use lankeeper::{
    Config, Duration, Instant, InterfaceConfig, InterfaceId, InterfaceName, Manager, Notice,
    Policy, ServerState,
};

/// A device with Ethernet and Wi-Fi whose rounds take five seconds, and a backend that can do all.
struct Device {
    manager: Manager<2>,
    now: Instant,
}

impl Device {
    fn new(policy: Policy) -> Self {
        let interfaces = [InterfaceId::ETHERNET, InterfaceId::WIFI].map(InterfaceConfig::new);
        let mut config = Config::new(interfaces);
        config.server.grace = Duration::from_secs(5);
        let mut manager = Manager::new(&config).unwrap();
        manager.set_policy(Instant::EPOCH, policy);
        Self {
            manager,
            now: Instant::EPOCH,
        }
    }

    fn notices(&mut self) -> Vec<Notice> {
        core::iter::from_fn(|| self.manager.poll_notice()).collect()
    }

    /// Goes to the next deadline; nobody answers.
    fn wait(&mut self) {
        while self.manager.poll_output().is_some() {}
        self.now = self.manager.poll_at().expect("something is tried").at;
        self.manager.handle_timeout(self.now);
    }

    fn wait_for(&mut self, state: ServerState) {
        while self.manager.server_state() != state {
            self.wait();
        }
    }
}

#[test]
fn a_suspended_application_goes_on_although_it_has_asked_for_a_connection() {
    let mut device = Device::new(Policy::SuspendOnError);
    device.manager.connect(device.now, None).unwrap();
    device.wait_for(ServerState::Waiting);
    device.manager.connect(device.now, None).unwrap();
    device.notices();
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    assert_eq!(device.notices(), [Notice::Resumed]);
}

#[test]
fn a_result_names_the_interface_that_was_tried_last() {
    let mut device = Device::new(Policy::SuspendOnError);
    device.manager.connect(device.now, None).unwrap();
    device.wait_for(ServerState::Waiting);
    let mut tried = None;
    while let Some(interface) = device.manager.server_interface() {
        tried = Some(InterfaceName::from(interface));
        device.wait();
    }
    device.notices();
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    let result = device
        .notices()
        .into_iter()
        .find_map(|notice| match notice {
            Notice::ConnectEnded { interface, .. } => Some(interface),
            _ => None,
        });
    assert_eq!(result, tried);
}

#[test]
fn an_order_that_became_empty_takes_no_result_away() {
    let mut device = Device::new(Policy::SuspendOnError);
    device.manager.connect(device.now, None).unwrap();
    device.wait_for(ServerState::Waiting);
    while device.manager.server_interface().is_some() {
        device.wait();
    }
    device.notices();
    device.manager.set_server_order(device.now, &[]).unwrap();
    device.manager.set_policy(device.now, Policy::ReturnOnError);
    let is_result = |notice: &Notice| matches!(notice, Notice::ConnectEnded { .. });
    assert!(device.notices().iter().any(is_result));
}
