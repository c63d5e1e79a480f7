//! What can happen: an alphabet is which interfaces there are, and what is done with them.

use lankeeper::back_off::BackOffConfig;
use lankeeper::interface::Step;
use lankeeper::nic::InterfaceName;
use lankeeper::{
    Config, Duration, InterfaceConfig, InterfaceId, IpConfig, Lease, Nic, Policy, Recovery, Report,
    ServerReport, Span, WifiKey, WifiSettings,
};

use crate::operation::Operation;
use crate::waits::Draw;
use crate::world::{ServerStep, World};
use crate::{Instant, Machine};

/// The stored network, and the one that is given for a connection.
pub const HOME: &[u8] = b"home";
pub const CAFE: &[u8] = b"cafe";

#[derive(Clone, Copy)]
pub struct Alphabet {
    pub name: &'static str,
    pub interfaces: [InterfaceId; 2],
    /// Which of them the application opens.
    pub opened: [bool; 2],
    /// Over how many of them it connects to the server.
    pub connects: usize,
    /// Which of these it names in requests.
    pub named: &'static [usize],
    /// Whether it connects over the second one with settings, too.
    pub given: bool,
    pub sockets: bool,
    /// Whether commands wait until the backend takes them, or are taken at once.
    pub late: bool,
    pub policies: &'static [Policy],
    /// The server orders that are set; the first is set from the beginning.
    pub orders: &'static [&'static [usize]],
    pub selects: bool,
    pub flushes: bool,
    pub enabling: bool,
    /// How many kinds of reports a command of an interface and one of the server have at most, success
    /// among them; silence comes on top.
    pub kinds: [usize; 2],
    /// What takes short, longer and long, in milliseconds.
    pub spans: [Span; 3],
    /// Whether the delays between two tries of the server connection grow, and are drawn.
    pub grows: bool,
}

/// An alphabet with all that need not be made anew for each operation.
pub struct Bed {
    pub alphabet: Alphabet,
    /// The names of the interfaces in requests: generic ones where there are.
    pub names: [String; 2],
    pub specific: [String; 2],
    pub nics: [Nic; 2],
    pub given: Nic,
}

impl Bed {
    pub fn new(alphabet: Alphabet) -> Self {
        let names = alphabet.interfaces.map(|id| match id.number() {
            0 => id.medium().generic_name().to_string(),
            _ => id.to_string(),
        });
        let nics = [0, 1].map(|place: usize| Nic::named(&names[place]).unwrap());
        let given = if alphabet.given {
            let cafe = WifiSettings::new(CAFE, WifiKey::open()).unwrap();
            let address = IpConfig::new("10.0.1.9/24".parse().unwrap(), None, &[]).unwrap();
            Nic::builder(&names[1])
                .wifi(cafe)
                .ip_config(address)
                .build()
                .unwrap()
        } else {
            nics[1].clone()
        };
        let specific = alphabet.interfaces.map(|id| id.to_string());
        Self {
            alphabet,
            names,
            specific,
            nics,
            given,
        }
    }

    pub fn place(&self, id: InterfaceId) -> usize {
        usize::from(id != self.alphabet.interfaces[0])
    }

    pub fn place_of(&self, name: &InterfaceName) -> usize {
        let is_second = [&self.names[1], &self.specific[1]].contains(&&name.as_str().to_string());
        usize::from(is_second)
    }

    /// The places of the interfaces in a server order.
    pub fn order(&self, order: usize) -> &[usize] {
        match self.alphabet.orders.get(order) {
            Some(order) => order,
            None => &[0, 1][..self.alphabet.connects],
        }
    }

    pub fn machine(&self) -> Machine {
        let alphabet = &self.alphabet;
        let [one, two, three] = alphabet.spans;
        let interfaces = alphabet.interfaces.map(|id| {
            let mut interface = InterfaceConfig::new(id);
            let steps = &mut interface.step_timeouts;
            (steps.start, steps.link, steps.dhcp) = (one, one, two);
            (steps.scan, steps.join) = (one, one);
            (steps.modem, steps.sim, steps.registration, steps.ppp) = (one, one, two, two);
            interface.recovery =
                Recovery::Automatic(BackOffConfig::new(one, Span::millis::<2>()).unwrap());
            interface.stable_after = two;
            interface.refused_delay = three;
            interface.power_cycle_after = 2;
            interface
        });
        let mut config = Config::new(1, interfaces);
        config.server_order = [None; 2];
        for (listed, place) in config.server_order.iter_mut().zip(self.order(0)) {
            *listed = Some(alphabet.interfaces[*place]);
        }
        config.policy = alphabet
            .policies
            .first()
            .copied()
            .unwrap_or(Policy::ReturnOnError);
        let timeouts = &mut config.server.timeouts;
        (timeouts.ethernet, timeouts.wifi, timeouts.cellular) = (three, three, three);
        (config.server.grace, config.server.pause) = (three, three);
        // Of one length, so that there is nothing to draw.
        let longest = if alphabet.grows { two } else { one };
        config.server.retry = BackOffConfig::new(one, longest).unwrap();
        config.server.stable_after = two;
        config.server.refused_delay = three;
        let mut machine = Machine::with_capacities(&config).unwrap();
        if alphabet.interfaces.contains(&InterfaceId::WIFI) {
            let home = WifiSettings::new(HOME, WifiKey::open()).unwrap();
            machine.store_wifi(Instant::EPOCH, &home);
            while machine.poll_output().is_some() {}
        }
        machine
    }

    /// What can be drawn.
    pub const fn draws(&self) -> &'static [Draw] {
        match self.alphabet.grows {
            true => &[Draw::Longest, Draw::Shortest],
            false => &[Draw::Longest],
        }
    }

    /// All that can happen: each of the operations, with each draw.
    pub fn choices(&self, operations: &[Operation]) -> impl Iterator<Item = (Operation, Draw)> {
        let draws = self.draws();
        let choices = operations.iter();
        choices.flat_map(move |operation| draws.iter().map(move |draw| (*operation, *draw)))
    }

    /// What can happen now, as far as the world knows.
    pub fn operations(&self, world: &World, machine: &Machine, into: &mut Vec<Operation>) {
        use Operation::*;
        let alphabet = &self.alphabet;
        into.clear();
        if alphabet.late {
            into.push(Drain);
        }
        // Otherwise the next deadline is what a millisecond leads to, or what waits is there to be taken.
        into.push(Millisecond);
        let soon = world.now.saturating_add(Duration::from_millis(1));
        if machine.poll_at().is_some_and(|next| next.at > soon) {
            into.push(Deadline);
        }
        for (place, port) in world.ports.iter().enumerate() {
            if alphabet.opened[place] {
                if port.handle.is_none() {
                    into.push(Open(place));
                } else {
                    into.extend([Close(place), Retry(place)]);
                    if alphabet.sockets && world.socket.is_none() {
                        into.push(OpenSocket(place));
                    }
                }
            }
            if alphabet.enabling {
                into.push(Enable(place, port.disabled));
            }
            for (layer, command) in port.commands.iter().enumerate() {
                if let Some((step, _)) = command {
                    let reports = reports(*step).iter().take(alphabet.kinds[0]);
                    into.extend(reports.map(|report| Report(place, layer, *report)));
                }
            }
        }
        if world.socket.is_some() {
            into.push(CloseSocket);
        }
        if world.bound.is_some() {
            into.push(FailBind);
        }
        if alphabet.connects > 0 {
            self.server_operations(world, into);
        }
    }

    fn server_operations(&self, world: &World, into: &mut Vec<Operation>) {
        use Operation::*;
        let alphabet = &self.alphabet;
        if let Some(server) = world.server {
            let reports = server_reports(server.step).iter().take(alphabet.kinds[1]);
            into.extend(reports.map(|report| Server(*report)));
        }
        into.extend([Connect, Disconnect, Call]);
        into.extend(alphabet.named.iter().map(|place| ConnectWith(*place)));
        if alphabet.given {
            into.push(ConnectGiven);
        }
        if alphabet.flushes {
            into.push(Flush);
        }
        let set = world.policy.unwrap_or(alphabet.policies[0]);
        let others = alphabet.policies.iter().filter(|policy| **policy != set);
        into.extend(others.map(|policy| SetPolicy(*policy)));
        into.extend((0..alphabet.orders.len()).map(SetOrder));
        if alphabet.selects {
            into.extend([Select(None), Select(Some(1))]);
        }
    }
}

/// The reports that a step can have, the one of success first, then the failures from the most telling
/// one on.
pub const fn reports(step: Step) -> &'static [Report] {
    const LEASE: Report = Report::Lease(Lease::new(core::net::Ipv4Addr::new(10, 0, 0, 2), 24));
    const PPP: Report = Report::PppUp(Lease::new(core::net::Ipv4Addr::new(10, 9, 0, 2), 32));
    const FAULT: Report = Report::Fault { code: 1 };
    match step {
        Step::Power => &[Report::Ready, FAULT],
        Step::Scan => &[Report::NetworkFound, Report::NetworkNotFound { code: 1 }],
        Step::Join => &[
            Report::Joined,
            Report::LinkLost { code: 1 },
            Report::WrongKey { code: 1 },
        ],
        Step::Link => &[Report::CarrierUp, Report::CarrierDown],
        Step::Dhcp => &[LEASE, Report::LeaseLost, Report::LeaseRefused { code: 1 }],
        Step::Modem => &[Report::ModemAlive],
        Step::Sim => &[Report::SimReady, Report::SimFailed { code: 1 }],
        Step::Registration => &[
            Report::Registered,
            Report::RegistrationDenied { code: 1 },
            Report::RegistrationLost,
        ],
        Step::Ppp => &[PPP, Report::PppDown { code: 1 }],
        _ => &[],
    }
}

/// The reports that a server command can have, the one of success first.
pub const fn server_reports(step: ServerStep) -> &'static [ServerReport] {
    match step {
        ServerStep::Resolve => &[
            ServerReport::Resolved,
            ServerReport::NotResolved { code: 1 },
        ],
        ServerStep::Proxy => &[ServerReport::ProxyReached],
        ServerStep::Connect => &[
            ServerReport::Connected,
            ServerReport::Lost { code: 1 },
            ServerReport::Unreachable { code: 1 },
        ],
        ServerStep::Flush => &[ServerReport::Flushed, ServerReport::Lost { code: 1 }],
    }
}
