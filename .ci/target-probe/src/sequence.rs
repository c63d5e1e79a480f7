//! A sequence of inputs, drawn from a seed as it goes: the same on every target.

use core::hash::Hasher;
use core::net::{Ipv4Addr, SocketAddrV4};

use heapless::HistoryBuf;
use lankeeper::{
    Command, Datagram, Duration, Event, Generation, Handle, Input, Instant, InterfaceId, Lease,
    Manager, Notice, Output, Policy, Reply, Report, ServerReport, SocketId, Span, State,
    StoredParts, Target,
};

use crate::encode::Encode;
use crate::hash::Fnv;
use crate::kind::{Kind, Meeting};
use crate::random::SplitMix;
use crate::settings::{self, BLOB, GATEWAY, INTERFACES, ORDERS, OWN, Settings};

/// One in so many inputs meets a device that has just booted.
const BOOT: u64 = 300;
/// One byte more than fits into a datagram.
static PAYLOAD: [u8; 65_508] = [0x5A; 65_508];
const PORTS: [u16; 3] = [1024, 20_001, 49_152];

type Device = Manager<3, 8, 4, 16>;

/// Looks at the calls that hand an input to a manager.
pub trait Gauge {
    /// Whether what is overdue is measured on its own, by a call before that with the input. It
    /// makes no difference for what comes out (TIME-3).
    const APART: bool;

    /// Makes the call.
    fn measure<R>(&mut self, meeting: Meeting, call: impl FnOnce() -> R) -> R;
}

/// Does nothing but the call.
pub struct Unmeasured;

impl Gauge for Unmeasured {
    const APART: bool = false;

    fn measure<R>(&mut self, _: Meeting, call: impl FnOnce() -> R) -> R {
        call()
    }
}

/// Hands `count` inputs drawn from `seed` to a device, and hashes all that comes out.
pub fn run(seed: u64, count: u32, gauge: &mut impl Gauge) -> u64 {
    let settings = Settings::new().expect("these settings are allowed");
    let mut sequence = Sequence::new(&settings, seed);
    for _ in 0..count {
        sequence.step(gauge);
    }
    sequence.hash.finish()
}

struct Sequence<'s> {
    settings: &'s Settings,
    random: SplitMix,
    now: Instant,
    device: Device,
    known: [Known; 3],
    /// Of the commands for the server connection.
    server_generations: HistoryBuf<Generation, 6>,
    /// Of the commands to seal.
    seal_generations: HistoryBuf<Generation, 6>,
    hash: Fnv,
}

/// What the device has handed out for an interface, of late.
#[derive(Default)]
struct Known {
    handles: HistoryBuf<Handle, 4>,
    sockets: HistoryBuf<SocketId, 4>,
    generations: HistoryBuf<Generation, 6>,
}

impl<'s> Sequence<'s> {
    fn new(settings: &'s Settings, seed: u64) -> Self {
        let mut random = SplitMix::new(seed);
        Self {
            settings,
            now: settings::epoch(&mut random),
            device: boot(&mut random),
            random,
            known: Default::default(),
            server_generations: HistoryBuf::new(),
            seal_generations: HistoryBuf::new(),
            hash: Fnv::new(),
        }
    }

    fn step<G: Gauge>(&mut self, gauge: &mut G) {
        if self.one_in(BOOT) {
            self.boot();
        }
        let now = self.pass();
        let which = self.which();
        let state = self.device.state(INTERFACES[which]);
        let (kind, latest) = self.kind(state.unwrap_or(State::Unknown));
        let input = self.input(which, kind, latest);

        if G::APART {
            self.measure_on_time(which, now, gauge);
            let meeting = self.meeting(which, Kind::Timeout);
            let device = &mut self.device;
            gauge.measure(meeting, || device.handle_timeout(now));
        }
        let meeting = self.meeting(which, kind);
        let device = &mut self.device;
        let reply = gauge.measure(meeting, || device.handle_input(now, input));

        reply.encode(&mut self.hash);
        match reply {
            Reply::Opened(Ok(handle)) => self.known[which].handles.write(handle),
            Reply::UdpOpened(Ok(socket)) => self.known[which].sockets.write(socket),
            _ => {}
        }
        self.take_outputs();
        self.device.poll_at().encode(&mut self.hash);
        if kind == Kind::Sealed {
            self.device.current_config().encode(&mut self.hash);
        }
    }

    /// Lets a copy handle what was due first at its own instant, as a caller does that keeps to
    /// `poll_at`: mostly one timer, and those that were armed together.
    fn measure_on_time(&self, which: usize, now: Instant, gauge: &mut impl Gauge) {
        let mut copy = self.device.clone();
        while copy.poll_output().is_some() {}
        if let Some(deadline) = copy.poll_at().filter(|deadline| deadline.at <= now) {
            let meeting = self.meeting(which, Kind::OnTime);
            gauge.measure(meeting, || copy.handle_timeout(deadline.at));
        }
    }

    fn meeting(&self, which: usize, kind: Kind) -> Meeting {
        let interface = INTERFACES[which];
        Meeting {
            interface,
            state: self.device.state(interface).unwrap_or(State::Unknown),
            server: self.device.server_state(),
            kind,
        }
    }

    /// Takes another device, perhaps with settings that it has kept.
    fn boot(&mut self) {
        self.device = boot(&mut self.random);
        self.now = settings::epoch(&mut self.random);
        self.known = Default::default();
        self.server_generations = HistoryBuf::new();
        self.seal_generations = HistoryBuf::new();
        if self.one_in(2) {
            let record = self.settings.stored(&mut self.random).to_record();
            let loaded = self.device.load_stored(record.as_bytes());
            loaded.expect("it is as it was written");
        }
    }

    /// The interface that the next input concerns: often the one that the server connection uses.
    fn which(&mut self) -> usize {
        let held = self.device.server_interface();
        match INTERFACES.iter().position(|id| held == Some(*id)) {
            Some(held) if self.one_in(2) => held,
            _ => self.below(INTERFACES.len()),
        }
    }

    /// Lets time go on, and now and then back.
    fn pass(&mut self) -> Instant {
        let span = match self.random.below(64) {
            0..20 => 0,
            20..30 => 1,
            30..50 => self.random.below(2_000_000),
            50..62 => self.random.below(100_000_000),
            62 => 1 << self.random.below(40),
            _ => {
                let back = self.random.below(100_000_000);
                return Instant::from_micros(self.now.as_micros().saturating_sub(back));
            }
        };
        self.now = self.now.saturating_add(Duration::from_micros(span));
        self.now
    }

    /// What comes next, and whether a report belongs to the latest command.
    fn kind(&mut self, state: State) -> (Kind, bool) {
        let server = Kind::leading_on_from_server(self.device.server_state());
        match self.random.below(16) {
            0..4 if !server.is_empty() => (server[self.below(server.len())], true),
            0..8 => {
                let answers = Kind::leading_on_from(state);
                (answers[self.below(answers.len())], true)
            }
            _ => (Kind::DRAWN[self.below(Kind::DRAWN.len())], false),
        }
    }

    fn input(&mut self, which: usize, kind: Kind, latest: bool) -> Input<'s> {
        let interface = INTERFACES[which];
        match kind {
            Kind::Timeout | Kind::OnTime => Input::Timeout,
            Kind::Open => Input::Open(self.settings.nic(&mut self.random, which)),
            Kind::Close => self.of_handle(which, Input::Close),
            Kind::Retry => self.of_handle(which, Input::Retry),
            Kind::Enable => Input::SetEnabled(interface, true),
            Kind::Disable => Input::SetEnabled(interface, false),
            Kind::UdpOpen => {
                let port = match self.random.below(8) {
                    0 => Some(1023),
                    1 | 2 => None,
                    _ => Some(PORTS[self.below(PORTS.len())]),
                };
                self.of_handle(which, |handle| Input::UdpOpen(handle, port))
            }
            Kind::UdpSetReceiving => {
                let on = !self.one_in(4);
                self.of_socket(which, |socket| Input::UdpSetReceiving(socket, on))
            }
            Kind::UdpSend => {
                let (target, port, payload) = (self.target(), self.remote_port(), self.payload());
                self.of_socket(which, |socket| {
                    Input::UdpSend(socket, target, port, payload)
                })
            }
            Kind::UdpClose => self.of_socket(which, Input::UdpClose),
            Kind::Connect => Input::Connect(self.timeout()),
            Kind::ConnectWith => {
                let nic = self.settings.nic(&mut self.random, which);
                Input::ConnectWith(nic, self.timeout())
            }
            Kind::Disconnect => Input::Disconnect(self.timeout()),
            Kind::ServerCall => Input::ServerCall,
            Kind::Woke => Input::Woke,
            Kind::SetPolicy => Input::SetPolicy(match self.random.below(4) {
                0 => Policy::SuspendOnError,
                1 => Policy::ReturnOnErrorNoDisconnect,
                _ => Policy::ReturnOnError,
            }),
            Kind::SetServerOrder => Input::SetServerOrder(ORDERS[self.below(ORDERS.len())]),
            Kind::StoreWifi => Input::StoreWifi(self.settings.network(&mut self.random)),
            Kind::StoreStatic => Input::StoreStatic(self.settings.address(&mut self.random)),
            Kind::StoreProxy => Input::StoreProxy(self.settings.proxy(&mut self.random)),
            Kind::ClearStored => {
                let parts = self.random.below(8) as u8;
                Input::ClearStored(StoredParts::from_bits_truncate(parts))
            }
            Kind::Sealed => {
                let generation = self.generation_of(latest, |it| &it.seal_generations);
                let blob = &BLOB[..[1, 80, 80, 112, 113][self.below(5)]];
                Input::Event(Event::Sealed { generation, blob })
            }
            Kind::PersistFailed => Input::Event(Event::PersistFailed { code: self.code() }),
            Kind::Provisioned => {
                Input::Event(Event::Provisioned(self.settings.stored(&mut self.random)))
            }
            Kind::Datagram => Input::Event(Event::Datagram(self.datagram(interface))),
            kind => Input::Event(match self.server_report(kind) {
                Some(report) => Event::Server {
                    generation: self.generation_of(latest, |it| &it.server_generations),
                    report,
                },
                None => Event::Interface {
                    interface,
                    generation: self.generation_of(latest, |it| &it.known[which].generations),
                    report: self.report(kind),
                },
            }),
        }
    }

    /// An input with a handle of the interface, open or not; without any, time goes on.
    fn of_handle(&mut self, which: usize, make: impl FnOnce(Handle) -> Input<'s>) -> Input<'s> {
        let handle = draw(&mut self.random, self.known[which].handles.as_slice());
        handle.map_or(Input::Timeout, make)
    }

    fn of_socket(&mut self, which: usize, make: impl FnOnce(SocketId) -> Input<'s>) -> Input<'s> {
        let socket = draw(&mut self.random, self.known[which].sockets.as_slice());
        socket.map_or(Input::Timeout, make)
    }

    /// The generation of the latest command, or of an earlier one, or of none.
    fn generation_of(
        &mut self,
        latest: bool,
        known: impl Fn(&Self) -> &HistoryBuf<Generation, 6>,
    ) -> Generation {
        if !latest && self.one_in(16) {
            return Generation::from_bits(self.random.below(1 << 32) as u32);
        }
        let generation = if latest {
            known(self).recent().copied()
        } else {
            let place = self.random.below(6) as usize;
            let known = known(self).as_slice();
            known.get(place % known.len().max(1)).copied()
        };
        generation.unwrap_or_default()
    }

    /// How long something may take: none, mostly.
    fn timeout(&mut self) -> Option<Span> {
        match self.random.below(8) {
            0 => Some(Span::MIN),
            1 => Span::from_secs(5),
            2 => Some(Span::MAX),
            3 | 4 => Span::from_secs(300),
            _ => None,
        }
    }

    fn code(&mut self) -> i32 {
        self.random.below(1 << 32) as u32 as i32
    }

    fn server_report(&mut self, kind: Kind) -> Option<ServerReport> {
        let code = self.code();
        Some(match kind {
            Kind::Resolved => ServerReport::Resolved,
            Kind::NotResolved => ServerReport::NotResolved { code },
            Kind::ProxyReached => ServerReport::ProxyReached,
            Kind::ProxyUnreachable => ServerReport::ProxyUnreachable { code },
            Kind::ProxyRefused => ServerReport::ProxyRefused { code },
            Kind::ServerConnected => ServerReport::Connected,
            Kind::Unreachable => ServerReport::Unreachable { code },
            Kind::NoConnectivity => ServerReport::NoConnectivity { code },
            Kind::ServerLost => ServerReport::Lost { code },
            Kind::SendTimedOut => ServerReport::SendTimedOut { code },
            Kind::Flushed => ServerReport::Flushed,
            Kind::ServerFault => ServerReport::Fault { code },
            _ => return None,
        })
    }

    fn report(&mut self, kind: Kind) -> Report {
        let code = self.code();
        match kind {
            Kind::WpsStarted => Report::WpsStarted,
            Kind::NetworkFound => Report::NetworkFound,
            Kind::NetworkNotFound => Report::NetworkNotFound { code },
            Kind::Joined => Report::Joined,
            Kind::WrongKey => Report::WrongKey { code },
            Kind::JoinRejected => Report::JoinRejected { code },
            Kind::LinkLost => Report::LinkLost { code },
            Kind::CarrierUp => Report::CarrierUp,
            Kind::CarrierDown => Report::CarrierDown,
            Kind::Lease => Report::Lease(self.lease()),
            Kind::LeaseRefused => Report::LeaseRefused { code },
            Kind::LeaseLost => Report::LeaseLost,
            Kind::ModemAlive => Report::ModemAlive,
            Kind::SimReady => Report::SimReady,
            Kind::SimFailed => Report::SimFailed { code },
            Kind::Registered => Report::Registered,
            Kind::RegistrationDenied => Report::RegistrationDenied { code },
            Kind::RegistrationLost => Report::RegistrationLost,
            Kind::PppUp => Report::PppUp(self.lease()),
            Kind::PppDown => Report::PppDown { code },
            Kind::Fault => Report::Fault { code },
            _ => Report::Ready,
        }
    }

    /// Mostly a usable one, mostly with the same address.
    fn lease(&mut self) -> Lease {
        let address = match self.random.below(8) {
            0 => Ipv4Addr::UNSPECIFIED,
            1 => Ipv4Addr::new(192, 168, 1, 51),
            _ => OWN,
        };
        Lease::new(address, 24)
            .with_gateway(GATEWAY)
            .with_name_servers([GATEWAY, OWN])
    }

    /// A datagram to the interface, from a neighbour as a rule.
    fn datagram(&mut self, interface: InterfaceId) -> Datagram<'s> {
        let source = match self.random.below(8) {
            0 => Ipv4Addr::new(8, 8, 8, 8),
            _ => Ipv4Addr::new(192, 168, 1, 7),
        };
        let destination = match self.random.below(8) {
            0 => Ipv4Addr::BROADCAST,
            1 => Ipv4Addr::new(192, 168, 1, 255),
            2 => Ipv4Addr::new(192, 168, 1, 99),
            _ => OWN,
        };
        Datagram {
            interface,
            source: SocketAddrV4::new(source, 9),
            destination: SocketAddrV4::new(destination, PORTS[self.below(PORTS.len())]),
            payload: self.payload(),
        }
    }

    fn target(&mut self) -> Target<'static> {
        match self.random.below(16) {
            0 => Target::Text("8.8.8.8"),
            1 => Target::Text("192.168.01.7"),
            2 => Target::Address(Ipv4Addr::BROADCAST),
            3 => Target::Address(Ipv4Addr::new(172, 16, 0, 1)),
            4 => Target::Address(Ipv4Addr::new(9, 9, 9, 9)),
            5 => Target::Text("192.168.1.255"),
            _ => Target::Text("192.168.1.107"),
        }
    }

    fn remote_port(&mut self) -> u16 {
        match self.random.below(16) {
            0 => 67,
            _ => 20_002,
        }
    }

    fn payload(&mut self) -> &'static [u8] {
        const LENGTHS: [usize; 5] = [0, 1, 64, 1472, PAYLOAD.len()];
        &PAYLOAD[..LENGTHS[self.below(LENGTHS.len())]]
    }

    /// Polls outputs, by each of the ways out, and now and then lets them wait.
    fn take_outputs(&mut self) {
        let way = self.random.below(8);
        loop {
            let output = match way {
                0 => None,
                1 => self.device.poll_command().map(Output::Command),
                2 => self.device.poll_notice().map(Output::Notice),
                _ => self.device.poll_output(),
            };
            let Some(output) = output else { break };
            output.encode(&mut self.hash);
            match output {
                Output::Command(Command::Interface { interface, action }) => {
                    let which = INTERFACES.iter().position(|id| *id == interface);
                    if let (Some(which), Some(generation)) = (which, action.generation()) {
                        self.known[which].generations.write(generation);
                    }
                }
                Output::Command(Command::Server { action, .. }) => {
                    if let Some(generation) = action.generation() {
                        self.server_generations.write(generation);
                    }
                }
                Output::Command(Command::Seal { generation, .. }) => {
                    self.seal_generations.write(generation);
                }
                Output::Notice(Notice::Lagged(_)) => {
                    for snapshot in self.device.snapshot() {
                        snapshot.encode(&mut self.hash);
                    }
                    self.device.server_state().encode(&mut self.hash);
                }
                _ => {}
            }
        }
    }

    fn below(&mut self, choices: usize) -> usize {
        self.random.below(choices as u64) as usize
    }

    fn one_in(&mut self, choices: u64) -> bool {
        self.random.below(choices) == 0
    }
}

fn boot(random: &mut SplitMix) -> Device {
    Device::new(&settings::config(random)).expect("these settings are allowed")
}

fn draw<T: Copy>(random: &mut SplitMix, known: &[T]) -> Option<T> {
    match known.len() as u64 {
        0 => None,
        length => Some(known[random.below(length) as usize]),
    }
}
