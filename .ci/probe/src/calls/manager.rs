//! The manager in several sizes. Before each call the optimiser forgets what it knows of it.

use core::array;
use core::hint::black_box;

use lankeeper::{
    Backend, Command, Config, Event, Handle, Input, InterfaceConfig, InterfaceId, IpConfig,
    Manager, Nic, NotConnectedError, Outcome, Policy, ProxySettings, Reason, SocketId, Span,
    StoredParts, Target, WifiSettings, drive, send,
};

use super::nic::built;
use super::opaque::{address, any, bytes, id, instant, keep, text};
use crate::methods::methods;

pub fn call() {
    keep(with_size::<1, 8, 4, 16, 1>());
    keep(with_size::<3, 4, 4, 8, 2>());
    keep(with_size::<3, 1, 1, 1, 0>());
    keep(any(Outcome::NoLink).code());
    keep(any(NotConnectedError::default()).code());
    keep(any(None::<Reason>).map(|reason| reason.code()));
}

/// What the methods are called with.
struct Arguments {
    nic: Nic,
    wifi: WifiSettings,
    ip: IpConfig,
    proxy: ProxySettings,
    handle: Handle,
    socket: SocketId,
}

fn with_size<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>()
-> Option<()> {
    let config = any(Config::new(array::from_fn(|_| InterfaceConfig::new(id()))));
    let mut manager: Manager<I, H, S, N, W> = any(Manager::new(&config)).ok()?;
    let nic = built()?;
    let handle = any(manager.open(instant(), &any(nic.clone()))).ok()?;
    let arguments = Arguments {
        wifi: any(nic.wifi()?.clone()),
        ip: any(*nic.ip_config()?),
        proxy: any(nic.proxy()?.clone()),
        nic,
        handle,
        socket: any(manager.udp_open(instant(), handle, any(None))).ok()?,
    };
    loop {
        methods(&mut manager, &arguments);
        black_box(&manager).snapshot().for_each(keep);
        keep(black_box(&manager).udp_drops().total());
        keep(black_box(&manager).clone());
        let target = (any(arguments.socket), address(), any(1));
        keep(black_box(&mut manager).udp_send(instant(), target.0, target.1, target.2, bytes()));
        hardware(
            black_box(&mut manager),
            &mut Hardware,
            any(arguments.socket),
        );
        if any(true) {
            return Some(());
        }
    }
}

macro_rules! calls {
    (
        $with:ident: $($name:ident($($argument:expr),*)),*;
        $($elsewhere:ident($($its_argument:expr),*)),* $(,)?
    ) => {
        fn methods<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
            manager: &mut Manager<I, H, S, N, W>,
            $with: &Arguments,
        ) {
            $(keep(black_box(&mut *manager).$name($($argument),*));)*
            $(keep(black_box(&mut *manager).$elsewhere($($its_argument),*));)*
        }
    };
}

methods!(calls!);

fn hardware<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    mut backend: impl Backend,
    socket: SocketId,
) {
    keep(drive(manager, &mut backend, instant(), |delivery| {
        keep(delivery)
    }));
    let manager = black_box(manager);
    keep(send(
        manager,
        &mut backend,
        instant(),
        any(socket),
        text(),
        any(1),
        bytes(),
    ));
    let manager = black_box(manager);
    keep(send(
        manager,
        &mut backend,
        instant(),
        any(socket),
        address(),
        any(1),
        bytes(),
    ));
}

/// Hardware that may report anything at any time.
struct Hardware;

impl Backend for Hardware {
    fn execute(&mut self, command: Command<'_>) {
        keep(command);
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        any(None)
    }
}
