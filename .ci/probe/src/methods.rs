//! The one list of what a manager can be asked.

use lankeeper::{
    Backend, Command, Delivery, Event, Instant, Manager, Progress, SendError, Snapshot, SocketId,
    Target, drive, send,
};

/// Keeps what an application asks a manager: `.ci/size` measures it. And the rest: what only a device
/// with stored settings needs (see `whole`), and the same requests by another way, for replays.
/// `.ci/no-panic` finds a method that is missing here.
macro_rules! methods {
    ($name:ident, $rest:ident: $manager:ty) => {
        doors! { $name:
            <$manager>::new, <$manager as Generic>::drive, <$manager as Generic>::send,
            <$manager>::handle_event, <$manager>::handle_timeout, <$manager>::poll_output,
            <$manager>::poll_command, <$manager>::poll_notice, <$manager>::poll_at,
            <$manager>::open, <$manager>::close, <$manager>::retry, <$manager>::set_enabled,
            <$manager>::interface, <$manager>::state, <$manager>::reason, <$manager>::loss,
            <$manager>::ip_config, <$manager>::ignored, <$manager as Generic>::snapshot,
            <$manager>::udp_open, <$manager>::udp_set_receiving, <$manager>::udp_close,
            <$manager>::udp_port, <$manager>::udp_tokens, <$manager>::udp_socket_tokens,
            <$manager>::udp_drops, <$manager>::connect, <$manager>::connect_with,
            <$manager>::disconnect, <$manager>::server_call, <$manager>::note_wake,
            <$manager>::set_policy, <$manager>::set_server_order, <$manager>::server_order,
            <$manager>::policy, <$manager>::server_state, <$manager>::server_interface,
            <$manager>::server_ignored, <$manager>::store_wifi, <$manager>::store_static,
            <$manager>::store_proxy, <$manager>::clear_stored, <$manager>::stored,
            <$manager>::current_config,
        }
        doors! { $rest: <$manager>::load_stored, <$manager>::handle_input, <$manager>::clone }
    };
}
pub(crate) use methods;

/// What is generic in its arguments or in what it returns has no address before it is used.
pub trait Generic {
    fn drive(&mut self, backend: &mut Hardware, now: Instant, each: fn(Delivery<'_>)) -> Progress;

    /// Begins with `udp_send`.
    fn send(
        &mut self,
        backend: &mut Hardware,
        now: Instant,
        to: (SocketId, Target<'_>, u16),
        payload: &[u8],
    ) -> Result<(), SendError>;

    fn snapshot(&self, each: fn(Snapshot));
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize> Generic
    for Manager<I, H, S, N, W>
{
    fn drive(&mut self, backend: &mut Hardware, now: Instant, each: fn(Delivery<'_>)) -> Progress {
        drive(self, backend, now, each)
    }

    fn send(
        &mut self,
        backend: &mut Hardware,
        now: Instant,
        to: (SocketId, Target<'_>, u16),
        payload: &[u8],
    ) -> Result<(), SendError> {
        send(self, backend, now, to.0, to.1, to.2, payload)
    }

    fn snapshot(&self, each: fn(Snapshot)) {
        self.snapshot().for_each(each);
    }
}

/// Hardware whose code is elsewhere.
pub struct Hardware {
    execute: fn(Command<'_>),
    next_event: fn() -> Option<Event<'static>>,
}

impl Backend for Hardware {
    fn execute(&mut self, command: Command<'_>) {
        (self.execute)(command);
    }

    fn next_event(&mut self) -> Option<Event<'_>> {
        (self.next_event)()
    }
}
