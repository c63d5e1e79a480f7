//! The rows of the server connection as public data, pair by pair against what the running machine
//! does.

use lankeeper::connect::{
    ServerGuard, ServerStep, ServerTransition, ServerTrigger, server_transitions,
};
use lankeeper::manager::Wake;
use lankeeper::{Notice, Policy, ServerReport, ServerState, Span, State};

use super::device::{Device, ETH0, WL0, config, network, proxied};
use super::table::{STABLE_AFTER, happen, loses_lease, server_commands, timeout};
use crate::support::span;

/// What is special about a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Circumstance {
    Plain,
    /// There is a proxy in front of the server.
    Proxy,
    /// The settings, with a proxy, are given for this connection only.
    Given,
    /// There is another interface to try.
    TwoInterfaces,
    /// The application holds the interface, which is up.
    LocalHolder,
    /// The connection has proved stable.
    Stable,
    /// The device has just started, and its fleet is spread.
    Spread,
}

const CIRCUMSTANCES: [Circumstance; 7] = [
    Circumstance::Plain,
    Circumstance::Proxy,
    Circumstance::Given,
    Circumstance::TwoInterfaces,
    Circumstance::LocalHolder,
    Circumstance::Stable,
    Circumstance::Spread,
];

const POLICIES: [Policy; 3] = [
    Policy::SuspendOnError,
    Policy::ReturnOnError,
    Policy::KeepTrying,
];

/// One try of a pair.
#[derive(Clone, Copy)]
struct Try {
    pair: ServerTransition,
    policy: Policy,
    circumstance: Circumstance,
}

impl Try {
    fn is(&self, circumstance: Circumstance) -> bool {
        self.circumstance == circumstance
    }

    fn has_proxy(&self) -> bool {
        self.is(Circumstance::Proxy) || self.is(Circumstance::Given)
    }

    /// Whether the circumstance makes a difference for the pair, and the pair comes about in it.
    fn is_worth_while(&self) -> bool {
        let (state, trigger) = (self.pair.state(), self.pair.trigger());
        match (self.circumstance, state) {
            (Circumstance::Proxy | Circumstance::Given, ServerState::ReachingProxy) => true,
            (_, ServerState::ReachingProxy) => false,
            (Circumstance::LocalHolder, _) => state != ServerState::WaitingForInterface,
            (Circumstance::Stable, _) => {
                state == ServerState::Connected && trigger != ServerTrigger::DeadlinePassed
            }
            (Circumstance::Spread, _) => state == ServerState::Disconnected,
            // Given settings are forgotten with their connection, and the interface is let go.
            (Circumstance::Given, ServerState::Waiting) => trigger != ServerTrigger::InterfaceUp,
            _ => true,
        }
    }

    /// A device in the state of the pair, with all outputs taken; none where it does not get there.
    fn device(&self) -> Option<Device> {
        let (state, trigger) = (self.pair.state(), self.pair.trigger());
        let mut config = config();
        config.policy = self.policy;
        if loses_lease(&self.pair) {
            config.interfaces[1].stable_after = STABLE_AFTER;
        }
        if (state, trigger) == (ServerState::Connected, ServerTrigger::DeadlinePassed) {
            config.server.alive_within = timeout(state);
        }
        if self.is(Circumstance::Stable) {
            config.server.stable_after = Span::MIN;
        }
        if self.is(Circumstance::Spread) {
            config.spread = span(2);
        }
        let mut device = Device::with(&config);
        device.manager.store_wifi(device.now, &network("home"));
        if self.is(Circumstance::Proxy) {
            let stored = proxied("10.1.1.1").proxy().cloned().unwrap();
            device.manager.store_proxy(device.now, &stored);
        }
        let order: &[_] = match self.circumstance {
            Circumstance::TwoInterfaces => &[ETH0, WL0],
            _ => &[ETH0],
        };
        let now = device.now;
        device.manager.set_server_order(now, order).unwrap();
        if self.is(Circumstance::LocalHolder) {
            device.open_up(ETH0);
        }
        self.lead(&mut device)?;
        device.forget_outputs();
        Some(device)
    }

    fn lead(&self, device: &mut Device) -> Option<()> {
        let state = self.pair.state();
        if state == ServerState::Disconnected {
            return Some(());
        }
        let (now, timeout) = (device.now, timeout(state));
        if self.is(Circumstance::Given) {
            let nic = proxied("10.1.1.1");
            device.manager.connect_with(now, &nic, timeout).ok()?;
        } else {
            device.manager.connect(now, timeout).unwrap();
        }
        match state {
            ServerState::Flushing => {
                device.come_up();
                device.manager.disconnect(device.now, span(5));
            }
            ServerState::Waiting => {
                device.come_up();
                device.server(ServerReport::Lost { code: 1 });
            }
            _ => device.come_up_to(state),
        }
        if self.is(Circumstance::Stable) {
            device.pass(Span::MIN.duration());
        }
        (device.server_state() == state).then_some(())
    }

    /// Has the event of the pair happen; returns false where it would be another one.
    fn happen(&self, device: &mut Device) -> bool {
        let is_connected = self.pair.state() == ServerState::Connected;
        match self.pair.trigger() {
            ServerTrigger::Connect if self.is(Circumstance::Spread) => {
                return device.manager.server_call(device.now).is_ok();
            }
            // A request for the present connection would only be confirmed.
            ServerTrigger::Connect if is_connected => {
                let other = proxied("10.1.1.2");
                return device
                    .manager
                    .connect_with(device.now, &other, None)
                    .is_ok();
            }
            ServerTrigger::Connect => drop(device.connect()),
            _ => happen(device, &self.pair),
        }
        true
    }

    /// Tries the pair; returns which way it went.
    fn check(&self) -> Option<ServerGuard> {
        if !self.is_worth_while() {
            return None;
        }
        let mut device = self.device()?;
        if !self.happen(&mut device) {
            return None;
        }
        let (before, reached) = (self.pair.state(), device.server_state());
        let told = format!(
            "{before} {:?}, {:?}, {:?}: {reached}",
            self.pair.trigger(),
            self.policy,
            self.circumstance
        );
        let commands = server_commands(&mut device);
        let is_reported = device
            .notices()
            .iter()
            .any(|notice| matches!(notice, Notice::ServerStateChanged { .. }));
        let Some(way) = self.pair.ways().find(|way| way.target() == reached) else {
            assert!(before == reached && !is_reported, "{told}");
            assert!(commands.is_empty(), "{told}: {commands:?}");
            return None;
        };
        assert!(self.allows(way.guard(), &device), "{told}: {way:?}");
        let disconnects = commands.iter().any(|command| command == "disconnect");
        assert_eq!(disconnects, way.disconnects(), "{told}: {commands:?}");
        let begun = commands.iter().find_map(|command| step(command));
        assert_eq!(begun, way.step(), "{told}: {commands:?}");
        if let Some(Wake::Server(timer)) = device.manager.poll_at().map(|deadline| deadline.reason)
        {
            assert!(way.timers().contains(&timer), "{told}: {timer:?}");
        }
        Some(way.guard())
    }

    /// Whether that condition is met.
    fn allows(&self, guard: ServerGuard, device: &Device) -> bool {
        let is_up = || {
            let wanted = device.manager.server_interface();
            wanted.is_some_and(|id| device.state(id) == State::Connected)
        };
        let returns = self.policy == Policy::ReturnOnError;
        match guard {
            ServerGuard::Always => true,
            ServerGuard::InterfaceDown => !is_up(),
            ServerGuard::InterfaceUp => is_up(),
            ServerGuard::PutOff => self.is(Circumstance::Spread),
            ServerGuard::HasProxy => self.has_proxy(),
            ServerGuard::WithoutProxy => !self.has_proxy(),
            ServerGuard::TriesOn => {
                self.is(Circumstance::TwoInterfaces)
                    || self.policy == Policy::KeepTrying
                    || self.pair.trigger() == ServerTrigger::InterfaceLeft
            }
            // The loss of a connection that was made from stored settings is not reported yet.
            ServerGuard::TriesAgain => {
                !returns
                    || self.pair.state() == ServerState::Connected && !self.is(Circumstance::Given)
            }
            ServerGuard::GivesUp => returns,
            ServerGuard::Stable => self.is(Circumstance::Stable),
            ServerGuard::WaitsOn => self.pair.state() == ServerState::Waiting,
            _ => false,
        }
    }
}

/// The step that begins with a command.
fn step(command: &str) -> Option<ServerStep> {
    match command {
        "resolve" => Some(ServerStep::Resolve),
        "reach proxy" => Some(ServerStep::Proxy),
        "connect" => Some(ServerStep::Connect),
        _ => None,
    }
}

// spec: CON-1, CON-5, CON-10, CON-12
#[test]
fn the_rows_are_what_the_machine_does() {
    let (mut tried, mut taken) = (0, Vec::new());
    for pair in server_transitions().filter(|pair| !pair.is_ignored()) {
        for policy in POLICIES {
            for circumstance in CIRCUMSTANCES {
                let one = Try {
                    pair,
                    policy,
                    circumstance,
                };
                if let Some(guard) = one.check() {
                    taken.push(guard);
                    tried += 1;
                }
            }
        }
    }
    for guard in [
        ServerGuard::Always,
        ServerGuard::InterfaceDown,
        ServerGuard::InterfaceUp,
        ServerGuard::PutOff,
        ServerGuard::HasProxy,
        ServerGuard::WithoutProxy,
        ServerGuard::TriesOn,
        ServerGuard::TriesAgain,
        ServerGuard::GivesUp,
        ServerGuard::Stable,
        ServerGuard::WaitsOn,
    ] {
        assert!(taken.contains(&guard), "{guard:?} was never taken");
    }
    assert!(tried >= 500, "{tried}");
}
