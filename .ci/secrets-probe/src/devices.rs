//! A whole device: what it does with the settings that it is given by reference leaves nothing on the
//! stack, and nothing in the manager once that is dropped, whenever that is.

use std::collections::VecDeque;

use lankeeper::driver::{SealedSecret, VaultError};
use lankeeper::manager::ServerCall;
use lankeeper::nic::{Exposed, SecretPurpose};
use lankeeper::stored::{StoredParts, StoredSettings};
use lankeeper::{
    Action, Backend, Binding, Command, Config, Event, Instant, InterfaceConfig, InterfaceId,
    Manager, Nic, Policy, Received, Report, ServerAction, ServerReport, ServerTicket,
};

use crate::memory::{Search, used};
use crate::samples::{HARMLESS, Holds, SECRETS};

type Small = Manager<2, 4, 4, 64>;

/// Answers every command at once.
#[derive(Default)]
struct Port {
    events: VecDeque<Event>,
    connection: Option<ServerTicket>,
    refuses_key: bool,
    cannot_seal: bool,
}

impl Backend for Port {
    fn execute(&mut self, command: Command<'_>) {
        let event = match command {
            Command::Interface { ticket, action } => ticket.report(match action {
                Action::PowerUp => Report::Ready,
                Action::Scan(_) => Report::NetworkFound,
                Action::Join(_) if self.refuses_key => Report::WrongKey { code: 15 },
                Action::Join(_) => Report::Joined,
                Action::StartLink => Report::CarrierUp,
                _ => return,
            }),
            Command::Server { ticket, action } => ticket.report(match action {
                ServerAction::Resolve(_) => ServerReport::Resolved,
                ServerAction::ReachProxy(_) => ServerReport::ProxyReached,
                ServerAction::Connect(_) => {
                    self.connection = Some(ticket);
                    ServerReport::Connected
                }
                _ => return,
            }),
            _ => return,
        };
        self.events.push_back(event);
    }

    fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn receive(&mut self, _: Binding, _: &mut [u8]) -> Option<Received> {
        None
    }

    fn seal(
        &mut self,
        _: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        if self.cannot_seal {
            return Err(VaultError::Failed { code: 1 });
        }
        plaintext.bytes().try_for_each(|byte| sealed.push(&[!byte]))
    }
}

/// What is done to a device, all of it by reference.
struct Given {
    wifi: Nic,
    ethernet: Nic,
    other: Nic,
    settings: StoredSettings,
    record: Vec<u8>,
    nothing: StoredSettings,
}

/// A step, and what it does.
type Step = (&'static str, fn(&mut Small, &mut Port, &Given));

const NOW: Instant = Instant::EPOCH;

/// With secrets coming and going in every way that a manager has for them. After the last step nothing
/// is in use.
const STEPS: [Step; 25] = [
    ("opened", |it, _, given| used(&it.open(NOW, &given.wifi))),
    ("refused", |it, _, given| used(&it.open(NOW, &given.wifi))),
    ("closed", |it, _, _| {
        let _ = it.set_enabled(NOW, InterfaceId::WIFI, false);
        let _ = it.set_enabled(NOW, InterfaceId::WIFI, true);
    }),
    ("network stored", |it, _, given| {
        it.store_wifi(NOW, given.settings.wifi.as_ref().unwrap());
    }),
    ("proxy stored", |it, _, given| {
        it.store_proxy(NOW, given.settings.proxy.as_ref().unwrap());
    }),
    ("connected with what is stored", |it, _, _| {
        used(&it.connect(NOW, None))
    }),
    ("cleared while in use", |it, _, _| {
        it.clear_stored(NOW, StoredParts::all())
    }),
    ("provisioned", |it, _, given| {
        it.provision(NOW, &given.settings)
    }),
    ("policy set", |it, _, _| {
        it.set_policy(NOW, Policy::ReturnOnError)
    }),
    ("connected with a network", |it, _, given| {
        used(&it.connect_with(NOW, &given.wifi, None));
    }),
    ("connected anew", |it, _, given| {
        used(&it.connect_with(NOW, &given.wifi, None))
    }),
    ("connected with a proxy", |it, _, given| {
        used(&it.connect_with(NOW, &given.ethernet, None));
    }),
    ("settings of the connection read", |it, _, _| {
        assert!(it.current_config().is_some());
    }),
    ("server lost", |it, port, _| {
        let lost = ServerReport::Lost { code: 104 };
        it.handle_event(NOW, port.connection.unwrap().report(lost));
    }),
    ("cannot seal", |_, port, _| port.cannot_seal = true),
    ("connected without a seal", |it, _, given| {
        used(&it.connect_with(NOW, &given.wifi, None));
    }),
    ("connected with others", |it, _, given| {
        used(&it.connect_with(NOW, &given.other, None));
    }),
    ("record loaded", |it, _, given| {
        used(&it.load_stored(&given.record))
    }),
    ("damaged record loaded", |it, _, given| {
        used(&it.load_stored(&given.record[1..]))
    }),
    ("loaded again", |it, _, given| {
        used(&it.load_stored(&given.record))
    }),
    ("key refused", |it, port, given| {
        port.refuses_key = true;
        used(&it.connect_with(NOW, &given.wifi, None));
    }),
    ("server called", |it, _, _| {
        used(&matches!(it.server_call(NOW), Ok(ServerCall::Connected)));
    }),
    ("applied anew", |it, _, _| it.reapply(NOW)),
    ("disconnected", |it, _, _| it.disconnect(NOW, None)),
    ("provisioned with nothing", |it, _, given| {
        it.provision(NOW, &given.nothing)
    }),
];

fn settle(manager: &mut Small, port: &mut Port) {
    while manager.poll(NOW, port, &mut []).is_some() {}
}

fn new() -> Small {
    let interfaces = [InterfaceId::WIFI, InterfaceId::ETHERNET].map(InterfaceConfig::new);
    Manager::with_capacities(&Config::new(1, interfaces)).unwrap()
}

fn given() -> Given {
    let settings = StoredSettings::make(SECRETS, 7);
    let given = Given {
        // With a network and a proxy over Wi-Fi, with a proxy over Ethernet.
        wifi: Nic::make(SECRETS, 33),
        ethernet: Nic::make(SECRETS, 15),
        other: Nic::make(HARMLESS, 2),
        record: settings.to_record().as_bytes().to_vec(),
        settings,
        nothing: StoredSettings::default(),
    };
    let key = given.wifi.wifi().unwrap().key().expose();
    assert!(matches!(key, Some(Exposed::Plaintext(_))));
    for nic in [&given.wifi, &given.ethernet] {
        let password = nic.proxy().unwrap().password().unwrap().expose();
        assert!(matches!(password, Exposed::Plaintext(_)));
    }
    given
}

/// What is in use must be found.
pub(crate) fn plant(search: &mut Search) {
    let given = given();
    let (mut manager, mut port) = (Box::new(new()), Port::default());
    let uses = [
        "opened",
        "network stored",
        "connected with a network",
        "connected with a proxy",
    ];
    for (what, step) in STEPS {
        step(&mut manager, &mut port, &given);
        settle(&mut manager, &mut port);
        if uses.contains(&what) {
            search.alive(&format!("manager, {what}"), &*manager);
        }
    }
}

pub(crate) fn search(search: &mut Search) {
    let given = given();
    for steps in 1..=STEPS.len() {
        let walk = &STEPS[..steps];
        let (what, _) = walk[steps - 1];
        search.used_up(&format!("manager dropped after {what:?}"), new, |manager| {
            let mut port = Port::default();
            for (_, step) in walk {
                step(manager, &mut port, &given);
                settle(manager, &mut port);
            }
        });
    }
    let (mut manager, mut port) = (Box::new(new()), Port::default());
    for (what, step) in STEPS {
        let manager = &mut *manager;
        search.stack(&format!("stack after {what:?}"), || {
            step(manager, &mut port, &given)
        });
        search.stack(&format!("stack after what followed {what:?}"), || {
            settle(manager, &mut port);
        });
    }
    search.alive("manager, once nothing is in use", &*manager);
}
