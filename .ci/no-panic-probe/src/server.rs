//! The server connection and the stored settings through the manager.

use core::hint::black_box;

use lankeeper::{
    Command, Event, Generation, InterfaceId, Manager, NotConnectedError, Outcome, Policy,
    ServerAction, ServerReport, ServerState, StoredParts, StoredSettings, server_transitions,
};

use crate::nic::built;
use crate::opaque::{any, bytes, id, instant, keep, span};

pub fn requests<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
) -> Option<()> {
    let timeout = || any(Some(span()));
    keep(manager.connect(instant(), timeout()));
    let manager = black_box(manager);
    keep(manager.connect_with(instant(), &any(built()?), timeout()));
    let manager = black_box(manager);
    manager.disconnect(instant(), timeout());
    let manager = black_box(manager);
    keep(manager.server_call(instant()));
    let manager = black_box(manager);
    manager.woke(instant());
    let manager = black_box(manager);
    manager.set_policy(instant(), any(Policy::ReturnOnError));
    let manager = black_box(manager);
    keep(manager.set_server_order(instant(), any([InterfaceId::WIFI].as_slice())));
    let manager = black_box(manager);
    keep(manager.load_stored(bytes()));
    let manager = black_box(manager);
    manager.store_wifi(instant(), any(built()?).wifi()?.clone());
    let manager = black_box(manager);
    manager.store_static(instant(), *any(built()?).ip_config()?);
    let manager = black_box(manager);
    manager.store_proxy(instant(), any(built()?).proxy()?.clone());
    let manager = black_box(manager);
    manager.clear_stored(instant(), any(StoredParts::all()));
    Some(())
}

pub fn questions<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &Manager<I, H, S, N, W>,
) {
    keep(manager.server_order());
    keep(manager.policy());
    keep(manager.server_state());
    keep(manager.server_interface());
    keep(manager.server_ignored());
    keep(manager.stored());
    keep(manager.current_config());
    manager.snapshot().for_each(keep);
}

/// Anything that the backend may tell of the server connection and of settings.
pub fn event(settings: &StoredSettings) -> Event<'_> {
    let code = any(1);
    let generation = any(Generation::default());
    any(match any(0) {
        0 => Event::Server {
            generation,
            // Any other one too: the optimiser knows only the type.
            report: any(ServerReport::Lost { code }),
        },
        1 => Event::Sealed {
            generation,
            blob: bytes(),
        },
        2 => Event::PersistFailed { code },
        _ => Event::Provisioned(settings),
    })
}

/// What stands for itself.
pub fn parts() {
    keep(any(Outcome::NoLink).code());
    keep(any(NotConnectedError::default()).code());
    keep(any(ServerState::Waiting));
    let record = any(StoredSettings::default()).to_record();
    keep(any(record).as_bytes());
    keep(StoredSettings::from_record(bytes()));
    server_transitions().for_each(|pair| {
        let pair = any(pair);
        keep((pair.state(), pair.trigger(), pair.is_ignored()));
        pair.targets().for_each(keep);
    });
    let action = any(ServerAction::Flush(any(Generation::default())));
    keep(action.generation());
    keep(any(Command::Server {
        interface: id(),
        action,
    }));
}
