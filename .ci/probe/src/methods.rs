//! The one list of what a manager can be asked.

use lankeeper::driver::{SealedSecret, VaultError};
use lankeeper::manager::Snapshot;
use lankeeper::nic::SecretPurpose;
use lankeeper::udp::{OpenSocketError, Target};
use lankeeper::{
    Backend, Binding, Command, Delivery, Event, Handle, Instant, Manager, Received, SendError,
    SocketId,
};

/// Keeps what an application asks a manager: `.ci/size` measures it. And the rest: what only a device
/// with stored settings needs (see `whole`), and the same requests by another way, for replays.
/// `.ci/no-panic` finds a method that is missing here.
macro_rules! methods {
    ($name:ident, $rest:ident: $manager:ty) => {
        doors! { $name:
            <$manager>::with_capacities, <$manager as Generic>::poll,
            <$manager as Generic>::send_to, <$manager>::handle_event, <$manager>::handle_timeout, <$manager>::poll_output,
            <$manager>::poll_command, <$manager>::poll_notice, <$manager>::poll_at,
            <$manager>::rebase, <$manager>::early_inputs,
            <$manager>::open, <$manager>::close, <$manager>::retry, <$manager>::set_enabled,
            <$manager>::interface, <$manager>::state, <$manager>::reason, <$manager>::loss,
            <$manager>::ip_config, <$manager>::ignored, <$manager as Generic>::snapshot,
            <$manager as Generic>::udp_open, <$manager>::udp_receive,
            <$manager>::udp_set_receiving, <$manager>::udp_close,
            <$manager>::udp_port, <$manager>::udp_tokens, <$manager>::udp_socket_tokens,
            <$manager>::udp_drops, <$manager>::connect, <$manager>::connect_with,
            <$manager>::disconnect, <$manager>::server_call, <$manager>::note_wake,
            <$manager>::set_policy, <$manager>::set_server_order, <$manager>::server_order, <$manager>::select, <$manager>::selected,
            <$manager>::policy, <$manager>::server_state, <$manager>::server_interface,
            <$manager>::server_ignored, <$manager>::store_wifi, <$manager>::store_static,
            <$manager>::store_proxy, <$manager>::clear_stored, <$manager>::provision, <$manager>::reapply,
            <$manager>::sealed, <$manager>::stored,
            <$manager>::current_config, <$manager>::last_result, <$manager>::ended_attempts,
            <$manager>::server_loss, <$manager>::is_suspended, <$manager>::failures,
            <$manager>::is_persisted,
        }
        doors! { $rest: <$manager>::load_stored, <$manager>::handle_input, <$manager>::clone }
    };
}
pub(crate) use methods;

/// What is generic in its arguments or in what it returns has no address before it is used.
pub trait Generic {
    fn poll(&mut self, now: Instant, backend: &mut Hardware, buffer: &mut [u8])
    -> Option<Delivery>;

    /// Begins with `udp_send`.
    fn send_to(
        &mut self,
        now: Instant,
        backend: &mut Hardware,
        to: (SocketId, Target<'_>),
        payload: &[u8],
    ) -> Result<(), SendError>;

    fn udp_open(
        &mut self,
        now: Instant,
        handle: Handle,
        port: Option<u16>,
    ) -> Result<SocketId, OpenSocketError>;

    fn snapshot(&self, each: fn(Snapshot));
}

impl<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize> Generic
    for Manager<I, H, S, N, W>
{
    fn poll(
        &mut self,
        now: Instant,
        backend: &mut Hardware,
        buffer: &mut [u8],
    ) -> Option<Delivery> {
        self.poll(now, backend, buffer)
    }

    fn send_to(
        &mut self,
        now: Instant,
        backend: &mut Hardware,
        to: (SocketId, Target<'_>),
        payload: &[u8],
    ) -> Result<(), SendError> {
        self.send_to(now, backend, to.0, to.1, payload)
    }

    fn udp_open(
        &mut self,
        now: Instant,
        handle: Handle,
        port: Option<u16>,
    ) -> Result<SocketId, OpenSocketError> {
        self.udp_open(now, handle, port)
    }

    fn snapshot(&self, each: fn(Snapshot)) {
        self.snapshot().for_each(each);
    }
}

/// Hardware whose code is elsewhere.
pub struct Hardware {
    execute: fn(Command<'_>),
    next_event: fn() -> Option<Event>,
    receive: fn(Binding, &mut [u8]) -> Option<Received>,
    seal: fn(&str, &mut SealedSecret) -> Result<(), VaultError>,
}

impl Backend for Hardware {
    fn execute(&mut self, command: Command<'_>) {
        (self.execute)(command);
    }

    fn next_event(&mut self) -> Option<Event> {
        (self.next_event)()
    }

    fn receive(&mut self, binding: Binding, buffer: &mut [u8]) -> Option<Received> {
        (self.receive)(binding, buffer)
    }

    fn seal(
        &mut self,
        _: SecretPurpose,
        plaintext: &str,
        sealed: &mut SealedSecret,
    ) -> Result<(), VaultError> {
        (self.seal)(plaintext, sealed)
    }
}
