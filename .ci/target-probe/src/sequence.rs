//! A sequence of inputs, drawn from a seed as it goes: the same on every target.

use core::net::{Ipv4Addr, SocketAddrV4};

use heapless::HistoryBuf;
use lankeeper::manager::{Input, Output, Reply, SealTicket};
use lankeeper::nic::{Exposed, Secrets};
use lankeeper::udp::Target;
use lankeeper::{
    Binding, Delivery, Duration, Event, Handle, Instant, InterfaceId, Lease, Manager, Nic, Notice,
    Received, Report, ServerReport, ServerTicket, SocketId, Span, State, Ticket,
};

use crate::kind::{Kind, Met};
use crate::random::Random;
use crate::recorder::{Recent, Recorder, Reporting};
use crate::settings::{self, GATEWAY, INTERFACES, OWN, Settings};

/// One in so many inputs meets a device that has just booted.
const BOOT: u32 = 300;
/// One byte more than fits into a datagram.
static PAYLOAD: [u8; 65_508] = [0x5A; 65_508];

type Device = Manager<3, 8, 4, 16>;

/// Looks at the calls that hand an input to a manager.
pub trait Gauge {
    /// Whether what is overdue is measured on its own, by a call before that with the input. It
    /// makes no difference for what comes out (TIME-3).
    const APART: bool;

    /// Makes the call with an input of this kind, which meets the states of the interface that it
    /// concerns (where it concerns none, of one drawn at random) and of the server connection.
    fn measure<R>(&mut self, kind: Kind, met: [Met; 2], call: impl FnOnce() -> R) -> R;
}

/// Does nothing but the call.
pub struct Unmeasured;

impl Gauge for Unmeasured {
    const APART: bool = false;

    fn measure<R>(&mut self, _: Kind, _: [Met; 2], call: impl FnOnce() -> R) -> R {
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
    sequence.recorder.hash.0
}

/// A device, and what the next input may refer to.
pub struct Sequence<'s> {
    pub settings: &'s Settings,
    pub random: Random,
    /// The place of the interface that the next input concerns.
    which: usize,
    /// Whether a report belongs to the latest command.
    latest: bool,
    now: Instant,
    device: Device,
    known: [Known; INTERFACES.len()],
    recorder: Recorder,
}

/// The newest handles and sockets that the application has for an interface.
#[derive(Default)]
struct Known {
    handles: HistoryBuf<Handle, 4>,
    sockets: HistoryBuf<SocketId, 4>,
}

impl<'s> Sequence<'s> {
    fn new(settings: &'s Settings, seed: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            settings,
            which: 0,
            latest: false,
            now: settings::epoch(&mut random),
            device: settings::device(&mut random),
            random,
            known: Default::default(),
            recorder: Recorder::new(),
        }
    }

    fn step<G: Gauge>(&mut self, gauge: &mut G) {
        if self.random.one_in(BOOT) {
            self.boot();
        }
        let now = self.pass();
        let kind = self.next();
        let input = kind.input(self);

        // Every input but this one fires first what is due at its own instant.
        if G::APART && !matches!(input, Input::Rebase) {
            self.measure_on_time(now, gauge);
            let met = self.met();
            gauge.measure(Kind::Timeout, met, || self.device.handle_timeout(now));
            if let Input::Event(event) = input {
                self.measure_poll(now, event, gauge);
            }
        }
        let met = self.met();
        let reply = gauge.measure(kind, met, || self.device.handle_input(now, input));

        self.recorder.hash.debug(&reply);
        match reply {
            Reply::Opened(Ok(handle)) => self.known[self.which].handles.write(handle),
            Reply::UdpOpened(Ok(socket)) => self.known[self.which].sockets.write(socket),
            // Its `Debug` form leaves that out.
            Reply::UdpSent(Ok(datagram)) => self.recorder.hash.debug(&datagram.binding),
            _ => {}
        }
        self.take_outputs(now);
        self.recorder.hash.debug(&self.device.poll_at());
        if let (Kind::Sealed, Some(nic)) = (kind, self.device.current_config()) {
            self.recorder.hash.nic(nic);
        }
    }

    /// Lets a copy handle what was due first at its own instant, as a caller does that keeps to
    /// `poll_at`: mostly one timer, and those that were armed together.
    fn measure_on_time(&self, now: Instant, gauge: &mut impl Gauge) {
        let mut copy = self.device.clone();
        while copy.poll_output().is_some() {}
        if let Some(deadline) = copy.poll_at().filter(|deadline| deadline.at <= now) {
            gauge.measure(Kind::OnTime, self.met(), || {
                copy.handle_timeout(deadline.at)
            });
        }
    }

    /// Lets a copy take the event from a backend, up to the first thing that the application has to
    /// know. Nothing else waits.
    fn measure_poll(&self, now: Instant, event: Event, gauge: &mut impl Gauge) {
        let mut copy = self.device.clone();
        while copy.poll_output().is_some() {}
        let mut backend = Reporting(Some(event));
        gauge.measure(Kind::Poll, self.met(), || {
            copy.poll(now, &mut backend, &mut [])
        });
    }

    /// The states that the next input meets.
    fn met(&self) -> [Met; 2] {
        let server = Met::Server(self.device.server_state());
        [Met::Interface(self.interface(), self.state()), server]
    }

    fn state(&self) -> State {
        self.device.state(self.interface()).expect("it is there")
    }

    /// Takes another device, perhaps with settings that it has kept.
    fn boot(&mut self) {
        self.device = settings::device(&mut self.random);
        self.now = settings::epoch(&mut self.random);
        self.known = Default::default();
        self.recorder.forget();
        if self.random.one_in(2) {
            let record = self.random.pick(&self.settings.stored).to_record();
            let loaded = self.device.load_stored(record.as_bytes());
            loaded.expect("it is as it was written");
        }
    }

    /// Lets time go on, and now and then back.
    fn pass(&mut self) -> Instant {
        let span = match self.random.below(64) {
            0..20 => 0,
            20..30 => 1,
            30..50 => self.random.below(2_000_000).into(),
            50..62 => self.random.below(100_000_000).into(),
            62 => 1 << self.random.below(40),
            _ => {
                let back = self.random.below(100_000_000);
                return Instant::from_micros(self.now.as_micros().saturating_sub(back.into()));
            }
        };
        self.now = self.now.saturating_add(Duration::from_micros(span));
        self.now
    }

    /// Draws what comes next, and for which interface: often the one that the server connection uses.
    fn next(&mut self) -> Kind {
        let held = self.device.server_interface();
        self.which = match INTERFACES.iter().position(|id| held == Some(*id)) {
            Some(held) if self.random.one_in(2) => held,
            _ => self.random.below(INTERFACES.len() as u32) as usize,
        };
        let server = Kind::leading_on_from_server(self.device.server_state());
        let kinds = match self.random.below(16) {
            0..4 if !server.is_empty() => server,
            0..8 => Kind::leading_on_from(self.state()),
            _ => Kind::DRAWN,
        };
        self.latest = kinds != Kind::DRAWN;
        *self.random.pick(kinds)
    }

    pub fn interface(&self) -> InterfaceId {
        INTERFACES[self.which]
    }

    /// A configuration that names the interface, as a rule.
    pub fn nic(&mut self) -> &'s Nic {
        self.random.pick(&self.settings.nics[self.which])
    }

    /// An input with a handle of the interface, open or not; without any, time goes on.
    pub fn of_handle(&mut self, make: impl FnOnce(Handle) -> Input<'s>) -> Input<'s> {
        match self.known[self.which].handles.as_slice() {
            [] => Input::Timeout,
            handles => make(*self.random.pick(handles)),
        }
    }

    pub fn of_socket(&mut self, make: impl FnOnce(SocketId) -> Input<'s>) -> Input<'s> {
        match self.known[self.which].sockets.as_slice() {
            [] => Input::Timeout,
            sockets => make(*self.random.pick(sockets)),
        }
    }

    /// An input with a port of the interface, bound or not.
    pub fn of_binding(&mut self, make: impl FnOnce(Binding) -> Input<'s>) -> Input<'s> {
        let id = self.interface();
        make(self.recent(
            |it| &it.recorder.known[it.which].bindings,
            |bits| {
                let low = u64::from(bits) << 24 | u64::from(bits & 0xFFFF);
                numbered(
                    id,
                    |byte| Binding::from_bits(low | byte << 16),
                    |it| it.interface(),
                )
            },
        ))
    }

    pub fn report(&mut self, make: impl FnOnce(i32) -> Report) -> Input<'s> {
        let id = self.interface();
        let ticket = self.recent(
            |it| &it.recorder.known[it.which].tickets,
            |bits| {
                let low = u64::from(bits);
                numbered(
                    id,
                    |byte| Ticket::from_bits(low | byte << 32),
                    |it| it.interface(),
                )
            },
        );
        Input::Event(ticket.report(make(self.code())))
    }

    pub fn server_report(&mut self, make: impl FnOnce(i32) -> ServerReport) -> Input<'s> {
        let id = self.interface();
        let ticket = self.recent(
            |it| &it.recorder.serving,
            |bits| {
                let low = u64::from(bits);
                numbered(
                    id,
                    |byte| ServerTicket::from_bits(low | byte << 32),
                    |it| it.interface(),
                )
            },
        );
        Input::Event(ticket.report(make(self.code())))
    }

    pub fn sealed(&mut self, blob: &'static [u8]) -> Input<'s> {
        let ticket = self.recent(|it| &it.recorder.sealing, SealTicket::from_bits);
        let secret = Some(Exposed::Sealed(blob));
        // Mostly all that can be asked for; without the password that is not enough everywhere.
        let password = secret.filter(|_| !self.random.one_in(4));
        Input::Sealed(
            ticket,
            Secrets {
                key: secret,
                password,
            },
        )
    }

    /// A value that the backend has: mostly the newest, sometimes an older one, and sometimes one made
    /// up from a number.
    fn recent<T: Copy>(
        &mut self,
        known: fn(&Self) -> &Recent<T>,
        make_up: impl FnOnce(u32) -> T,
    ) -> T {
        let is_made_up = !self.latest && self.random.one_in(16);
        let (place, bits) = (self.random.below(6) as usize, self.random.any());
        let known = known(self);
        let given = match known.as_slice() {
            _ if is_made_up => None,
            [] => None,
            _ if self.latest => known.recent().copied(),
            earlier => earlier.get(place % earlier.len()).copied(),
        };
        given.unwrap_or_else(|| make_up(bits))
    }

    /// The backend's own code.
    pub fn code(&mut self) -> i32 {
        self.random.any() as i32
    }

    /// How long something may take: none, mostly.
    pub fn timeout(&mut self) -> Option<Span> {
        let (short, long) = (Span::from_secs(5), Span::from_secs(300));
        let spans = [
            Some(Span::MIN),
            short,
            Some(Span::MAX),
            long,
            long,
            None,
            None,
            None,
        ];
        *self.random.pick(&spans)
    }

    /// Mostly a usable one, mostly with the same address.
    pub fn lease(&mut self) -> Lease {
        let address = match self.random.below(8) {
            0 => Ipv4Addr::UNSPECIFIED,
            1 => Ipv4Addr::new(192, 168, 1, 51),
            _ => OWN,
        };
        Lease::new(address, 24)
            .with_gateway(GATEWAY)
            .with_name_servers([GATEWAY, OWN])
    }

    /// A datagram to the interface, from a neighbour as a rule, and the length of the buffer that it
    /// was received into.
    pub fn received(&mut self) -> (Received, usize) {
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
        let received = Received {
            source: SocketAddrV4::new(source, 9),
            destination,
            length: self.payload().len(),
        };
        (received, 1472)
    }

    /// Where a datagram is sent to, as text or parsed: a neighbour as a rule.
    pub fn target(&mut self) -> Target<'static> {
        let port = *self
            .random
            .pick(&[67, 20_002, 20_002, 20_002, 20_002, 20_002]);
        let parsed = |address: [u8; 4]| Target::from((Ipv4Addr::from(address), port));
        match self.random.below(10) {
            0 => Target::from(("8.8.8.8", port)),
            1 => Target::from(("192.168.01.7", port)),
            2 => parsed([255; 4]),
            3 => parsed([172, 16, 0, 1]),
            4 => parsed([9, 9, 9, 9]),
            5 => Target::from(("192.168.1.255", port)),
            6 => Target::from(("192.168.1.107", port)),
            7 => Target::from(("192.168.1.108", port)),
            8 => Target::from(("192.168.1.109", port)),
            _ => Target::from(("192.168.1.110", port)),
        }
    }

    pub fn payload(&mut self) -> &'static [u8] {
        &PAYLOAD[..*self.random.pick(&[0, 1, 64, 1472, PAYLOAD.len()])]
    }

    /// Polls outputs, by each of the ways out, and now and then lets them wait.
    fn take_outputs(&mut self, now: Instant) {
        let way = self.random.below(8);
        if way == 3 {
            return self.poll(now);
        }
        loop {
            let output = match way {
                0 => None,
                1 => self.device.poll_command().map(Output::Command),
                2 => self.device.poll_notice().map(Output::Notice),
                _ => self.device.poll_output(),
            };
            let Some(output) = output else { break };
            match output {
                Output::Command(command) => self.recorder.note(&command),
                Output::Notice(notice) => self.hear(notice),
            }
        }
    }

    /// Polls a round with a backend, which may have a datagram, and may seal.
    fn poll(&mut self, now: Instant) {
        let (received, room) = self.received();
        self.recorder.arrives = self.random.one_in(2).then_some(received);
        self.recorder.seals = self.random.one_in(2);
        let mut buffer = [0; 1472];
        while let Some(delivery) = self
            .device
            .poll(now, &mut self.recorder, &mut buffer[..room])
        {
            match delivery {
                Delivery::Notice(notice) => self.hear(notice),
                Delivery::Datagram { .. } => self.recorder.hash.debug(&delivery),
            }
        }
        self.recorder.hash.debug(&self.device.udp_drops());
    }

    fn hear(&mut self, notice: Notice) {
        self.recorder.hash.debug(&notice);
        if let Notice::Lagged(_) = notice {
            for snapshot in self.device.snapshot() {
                self.recorder.hash.debug(&snapshot);
            }
            self.recorder.hash.debug(&self.device.server_state());
        }
    }
}

/// What is made of the byte that identifies the interface: only the crate knows which one does.
fn numbered<T>(
    id: InterfaceId,
    make: impl Fn(u64) -> Option<T>,
    interface: impl Fn(&T) -> InterfaceId,
) -> T {
    let mut made = (0..=u8::MAX).filter_map(|byte| make(byte.into()));
    made.find(|it| interface(it) == id)
        .expect("every interface has one")
}
