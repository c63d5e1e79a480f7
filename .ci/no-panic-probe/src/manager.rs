//! The manager in several sizes. Before each call the optimiser forgets what it knows of it, so
//! that no call may rely on what another one left behind.

use core::hint::black_box;
use core::net::SocketAddrV4;

use lankeeper::{
    Backend, Command, Config, Datagram, Event, Generation, Handle, Input, InterfaceConfig,
    LimitScope, Manager, Recovery, Report, SocketId, StoredSettings, Target, drive, send,
};

use crate::nic::built;
use crate::opaque::{address, any, bytes, id, instant, keep, lease, quota, span, text};
use crate::server;

pub fn call() {
    keep(with_size::<1, 8, 4, 16, 1>());
    keep(with_size::<3, 4, 4, 8, 2>());
    keep(with_size::<3, 1, 1, 1, 0>());
}

fn with_size<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>()
-> Option<()> {
    let mut config = Config::new(core::array::from_fn(|_| any(InterfaceConfig::new(id()))));
    config.quota = quota();
    config.limit_scope = any(LimitScope::Socket);
    if let Some(interface) = config.interfaces.first_mut() {
        interface.deadlines.dhcp = span();
        interface.recovery = any(Recovery::Manual);
    }
    let config = any(config);
    let mut manager: Manager<I, H, S, N, W> = any(Manager::new(&config)).ok()?;
    let handle = any(manager.open(instant(), &any(built()?))).ok()?;
    let socket = any(manager.udp_open(instant(), handle, any(Some(1024)))).ok()?;
    loop {
        requests(black_box(&mut manager), handle);
        server::requests(black_box(&mut manager))?;
        sockets(black_box(&mut manager), socket);
        events(black_box(&mut manager));
        outputs(black_box(&mut manager));
        questions(black_box(&manager));
        server::questions(black_box(&manager));
        inputs(black_box(&mut manager), handle, socket)?;
        driver(black_box(&mut manager), socket);
        keep(manager.clone());
        if any(true) {
            return Some(());
        }
    }
}

fn requests<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    handle: Handle,
) {
    keep(manager.retry(instant(), any(handle)));
    let manager = black_box(manager);
    keep(manager.set_enabled(instant(), id(), any(true)));
    let manager = black_box(manager);
    manager.close(instant(), any(handle));
}

fn sockets<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    socket: SocketId,
) {
    keep(manager.udp_set_receiving(instant(), any(socket), any(true)));
    let manager = black_box(manager);
    keep(manager.udp_send(instant(), any(socket), text(), any(1), bytes()));
    let manager = black_box(manager);
    keep(manager.udp_send(instant(), any(socket), address(), any(1), bytes()));
    let manager = black_box(manager);
    manager.udp_close(instant(), any(socket));
    let manager = black_box(manager);
    keep(manager.udp_port(any(socket)));
    keep(manager.udp_tokens(instant()));
    keep(manager.udp_socket_tokens(instant(), any(socket)));
    let drops = manager.udp_drops();
    keep(drops.total());
}

fn events<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
) {
    keep(manager.handle_event(instant(), interface_event()));
    let manager = black_box(manager);
    keep(manager.handle_event(instant(), datagram()));
    let manager = black_box(manager);
    let settings = any(StoredSettings::default());
    keep(manager.handle_event(instant(), server::event(&settings)));
    let manager = black_box(manager);
    manager.handle_timeout(instant());
}

fn outputs<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
) {
    keep(manager.poll_output());
    let manager = black_box(manager);
    keep(manager.poll_command());
    let manager = black_box(manager);
    keep(manager.poll_notice());
    let manager = black_box(manager);
    keep(manager.poll_at());
}

fn questions<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &Manager<I, H, S, N, W>,
) {
    keep(manager.state(id()));
    keep(manager.reason(id()).map(|reason| reason.code()));
    keep(manager.loss(id()));
    keep(manager.ip_config(id()));
    keep(manager.ignored(id()));
}

fn inputs<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    handle: Handle,
    socket: SocketId,
) -> Option<()> {
    let nic = built()?;
    let input = any(match any(0) {
        0 => Input::Timeout,
        1 => Input::Event(interface_event()),
        2 => Input::Event(datagram()),
        3 => Input::Open(&nic),
        4 => Input::Close(handle),
        5 => Input::Retry(handle),
        6 => Input::SetEnabled(id(), any(true)),
        7 => Input::UdpOpen(handle, any(Some(1024))),
        8 => Input::UdpSetReceiving(socket, any(true)),
        9 => Input::UdpSend(socket, Target::Text(text()), any(1), bytes()),
        10 => Input::UdpClose(socket),
        // Any other one too: the optimiser knows only the type.
        _ => Input::Disconnect(any(Some(span()))),
    });
    keep(manager.handle_input(instant(), input));
    keep(manager.interface(any(handle)));
    Some(())
}

fn driver<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    socket: SocketId,
) {
    let mut hardware = Hardware;
    keep(drive(manager, &mut hardware, instant(), |delivery| {
        keep(delivery)
    }));
    let manager = black_box(manager);
    keep(send(
        manager,
        &mut hardware,
        instant(),
        any(socket),
        text(),
        any(1),
        bytes(),
    ));
    let manager = black_box(manager);
    keep(send(
        manager,
        &mut &mut hardware,
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
        match any(0) {
            0 => None,
            1 => Some(datagram()),
            _ => Some(interface_event()),
        }
    }
}

fn interface_event() -> Event<'static> {
    let code = any(1);
    any(Event::Interface {
        interface: id(),
        generation: any(Generation::default()),
        report: any(match any(0) {
            0 => Report::Lease(lease()),
            1 => Report::PppUp(lease()),
            2 => Report::LinkLost { code },
            // Any other one too: the optimiser knows only the type.
            _ => Report::Ready,
        }),
    })
}

fn datagram() -> Event<'static> {
    any(Event::Datagram(Datagram {
        interface: id(),
        source: SocketAddrV4::new(address(), any(1)),
        destination: SocketAddrV4::new(address(), any(1)),
        payload: bytes(),
    }))
}
