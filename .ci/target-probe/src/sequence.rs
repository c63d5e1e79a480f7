//! A sequence of inputs, drawn from a seed as it goes: the same on every target.

use core::hash::Hasher;
use core::net::{Ipv4Addr, SocketAddrV4};

use heapless::HistoryBuf;
use lankeeper::{
    Datagram, Duration, Event, Generation, Handle, Input, Instant, InterfaceId, Lease, Manager,
    Notice, Output, Reply, Report, SocketId, State, Target,
};

use crate::encode::Encode;
use crate::hash::Fnv;
use crate::kind::{Kind, Pair};
use crate::random::SplitMix;
use crate::settings::{self, GATEWAY, INTERFACES, Nics, OWN};

/// One in so many inputs meets a device that has just booted.
const BOOT: u64 = 300;
/// One byte more than fits into a datagram.
static PAYLOAD: [u8; 65_508] = [0x5A; 65_508];
const PORTS: [u16; 3] = [1024, 20_001, 49_152];

type Device = Manager<3, 8, 4, 16>;

/// Looks at the calls that hand an input to a manager.
pub trait Gauge {
    /// Makes the call.
    fn measure<R>(&mut self, pair: Pair, call: impl FnOnce() -> R) -> R;
}

/// Does nothing but the call.
pub struct Unmeasured;

impl Gauge for Unmeasured {
    fn measure<R>(&mut self, _: Pair, call: impl FnOnce() -> R) -> R {
        call()
    }
}

/// Hands `count` inputs drawn from `seed` to a device, and hashes all that comes out.
pub fn run(seed: u64, count: u32, gauge: &mut impl Gauge) -> u64 {
    let nics = Nics::new().expect("these settings are allowed");
    let mut sequence = Sequence::new(&nics, seed);
    for _ in 0..count {
        sequence.step(gauge);
    }
    sequence.hash.finish()
}

struct Sequence<'n> {
    nics: &'n Nics,
    random: SplitMix,
    now: Instant,
    device: Device,
    known: [Known; 3],
    hash: Fnv,
}

/// What the device has handed out for an interface, of late.
#[derive(Default)]
struct Known {
    handles: HistoryBuf<Handle, 4>,
    sockets: HistoryBuf<SocketId, 4>,
    generations: HistoryBuf<Generation, 6>,
}

impl<'n> Sequence<'n> {
    fn new(nics: &'n Nics, seed: u64) -> Self {
        let mut random = SplitMix::new(seed);
        Self {
            nics,
            now: settings::epoch(&mut random),
            device: boot(&mut random),
            random,
            known: Default::default(),
            hash: Fnv::new(),
        }
    }

    fn step(&mut self, gauge: &mut impl Gauge) {
        if self.one_in(BOOT) {
            self.device = boot(&mut self.random);
            self.now = settings::epoch(&mut self.random);
            self.known = Default::default();
        }
        let now = self.pass();
        let which = self.below(INTERFACES.len());
        let interface = INTERFACES[which];
        let state = self.device.state(interface).unwrap_or(State::Unknown);
        let (kind, latest) = self.kind(state);
        let input = self.input(which, kind, latest);

        let pair = Pair {
            interface,
            state,
            kind,
        };
        let device = &mut self.device;
        let reply = gauge.measure(pair, || device.handle_input(now, input));

        reply.encode(&mut self.hash);
        match reply {
            Reply::Opened(Ok(handle)) => self.known[which].handles.write(handle),
            Reply::UdpOpened(Ok(socket)) => self.known[which].sockets.write(socket),
            _ => {}
        }
        self.take_outputs();
        self.device.poll_at().encode(&mut self.hash);
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
        match self.random.below(16) {
            0..8 => {
                let answers = Kind::leading_on_from(state);
                (answers[self.below(answers.len())], true)
            }
            // One that turns an interface off for long comes less often.
            _ => match Kind::ALL[self.below(Kind::ALL.len())] {
                Kind::Disable if !self.one_in(4) => (Kind::Enable, false),
                kind => (kind, false),
            },
        }
    }

    fn input(&mut self, which: usize, kind: Kind, latest: bool) -> Input<'n> {
        let interface = INTERFACES[which];
        match kind {
            Kind::Timeout => Input::Timeout,
            Kind::Open => Input::Open(self.nics.draw(&mut self.random, which)),
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
            Kind::Datagram => Input::Event(Event::Datagram(self.datagram(interface))),
            kind => Input::Event(Event::Interface {
                interface,
                generation: self.generation(which, latest),
                report: self.report(kind),
            }),
        }
    }

    /// An input with a handle of the interface, open or not; without any, time goes on.
    fn of_handle(&mut self, which: usize, make: impl FnOnce(Handle) -> Input<'n>) -> Input<'n> {
        let handle = draw(&mut self.random, self.known[which].handles.as_slice());
        handle.map_or(Input::Timeout, make)
    }

    fn of_socket(&mut self, which: usize, make: impl FnOnce(SocketId) -> Input<'n>) -> Input<'n> {
        let socket = draw(&mut self.random, self.known[which].sockets.as_slice());
        socket.map_or(Input::Timeout, make)
    }

    fn generation(&mut self, which: usize, latest: bool) -> Generation {
        if !latest && self.one_in(16) {
            return Generation::from_bits(self.random.below(1 << 32) as u32);
        }
        let known = &self.known[which].generations;
        let generation = if latest {
            known.recent().copied()
        } else {
            draw(&mut self.random, known.as_slice())
        };
        generation.unwrap_or_default()
    }

    fn report(&mut self, kind: Kind) -> Report {
        let code = self.random.below(1 << 32) as u32 as i32;
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
    fn datagram(&mut self, interface: InterfaceId) -> Datagram<'n> {
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
                Output::Command(lankeeper::Command::Interface { interface, action }) => {
                    let which = INTERFACES.iter().position(|id| *id == interface);
                    if let (Some(which), Some(generation)) = (which, action.generation()) {
                        self.known[which].generations.write(generation);
                    }
                }
                Output::Notice(Notice::Lagged(_)) => {
                    for id in INTERFACES {
                        self.hash.write_i32(match self.device.state(id) {
                            Some(state) => state.code().into(),
                            None => i32::MAX,
                        });
                    }
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
