//! The whole manager, with 3 interfaces and 4 sockets.

use lankeeper::{
    Backend, Config, ConfigError, Deadline, Delivery, Drops, Handle, Ignored, Input, Instant,
    InterfaceId, IpConfig, Manager, Notice, Output, Progress, Reason, Reply, SendError, SocketId,
    StaleHandleError, State, Target, Wake, drive, send,
};

pub type Whole = Manager<3, 8, 4, 16>;

/// Hardware whose code is elsewhere.
pub struct Hardware {
    execute: fn(lankeeper::Command<'_>),
    next_event: fn() -> Option<lankeeper::Event<'static>>,
}

impl Backend for Hardware {
    fn execute(&mut self, command: lankeeper::Command<'_>) {
        (self.execute)(command);
    }

    fn next_event(&mut self) -> Option<lankeeper::Event<'_>> {
        (self.next_event)()
    }
}

/// Everything that can be asked of a manager.
pub struct Doors {
    new: fn(&Config<3>) -> Result<Whole, ConfigError>,
    // Every request and event there is, by its own way in.
    handle_input: for<'a> fn(&mut Whole, Instant, Input<'a>) -> Reply<'a>,
    poll_output: for<'a> fn(&'a mut Whole) -> Option<Output<'a>>,
    poll_notice: fn(&mut Whole) -> Option<Notice>,
    poll_at: fn(&Whole) -> Option<Deadline<Wake>>,
    state: fn(&Whole, InterfaceId) -> Option<State>,
    reason: fn(&Whole, InterfaceId) -> Option<Reason>,
    loss: fn(&Whole, InterfaceId) -> Option<Reason>,
    ip_config: fn(&Whole, InterfaceId) -> Option<IpConfig>,
    ignored: fn(&Whole, InterfaceId) -> Option<Ignored>,
    interface: fn(&Whole, Handle) -> Result<InterfaceId, StaleHandleError>,
    udp_tokens: fn(&Whole, Instant) -> u32,
    udp_drops: fn(&Whole) -> Drops,
    drive: fn(&mut Whole, &mut Hardware, Instant, fn(Delivery<'_>)) -> Progress,
    send: Send,
}

type Send = fn(
    &mut Whole,
    &mut Hardware,
    Instant,
    SocketId,
    Target<'_>,
    u16,
    &[u8],
) -> Result<(), SendError>;

pub static DOORS: Doors = Doors {
    new: Whole::new,
    handle_input: Whole::handle_input,
    poll_output: Whole::poll_output,
    poll_notice: Whole::poll_notice,
    poll_at: Whole::poll_at,
    state: Whole::state,
    reason: Whole::reason,
    loss: Whole::loss,
    ip_config: Whole::ip_config,
    ignored: Whole::ignored,
    interface: Whole::interface,
    udp_tokens: Whole::udp_tokens,
    udp_drops: Whole::udp_drops,
    drive: |manager, hardware, now, deliver| drive(manager, hardware, now, deliver),
    send: |manager, hardware, now, socket, target, port, payload| {
        send(manager, hardware, now, socket, target, port, payload)
    },
};
