//! The loop that runs a manager with a backend.

mod backend;
#[cfg(feature = "std")]
mod clock;
mod vault;

pub use backend::Backend;
#[cfg(feature = "std")]
pub use clock::Clock;
pub use vault::{Plaintext, SealedSecret, SecretBuffer, Vault, VaultError};

use crate::manager::{Command, Event, Manager, Notice, Wake};
use crate::time::{Deadline, Instant};
use crate::udp::{Datagram, SendError, SocketId, Target};

/// The most events that one call of [`drive`] takes, so that a flood cannot keep it from returning.
const EVENTS: usize = 64;

/// What [`drive`] delivers to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "an application receives changes and data, nothing else"
)]
pub enum Delivery<'a> {
    /// A change.
    Notice(Notice),
    /// A datagram that a socket received.
    Datagram(SocketId, Datagram<'a>),
}

/// Whether [`drive`] has finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "everything is done or it is not")]
pub enum Progress {
    /// Nothing is left to do before this deadline, or before the backend has another event.
    Settled(Option<Deadline<Wake>>),
    /// The call has taken its 64 events, and the backend may have more: call again soon.
    Busy,
}

/// Does everything that is due at `now`: fires deadlines, executes commands, takes the backend's
/// events, and passes notices and datagrams to `deliver`.
///
/// Takes at most 64 events per call; [`Progress`] reports whether there may be more.
///
/// ```
/// use lankeeper::{
///     Action, Backend, Command, Config, Delivery, Event, Generation, Instant, InterfaceConfig,
///     InterfaceId, Manager, Nic, Notice, Report, State, drive,
/// };
///
/// /// A backend whose interface is ready at once, and which does nothing else.
/// #[derive(Default)]
/// struct Ready(Option<Generation>);
///
/// impl Backend for Ready {
///     fn execute(&mut self, command: Command<'_>) {
///         if let Command::Interface { action: Action::PowerUp(generation), .. } = command {
///             self.0 = Some(generation);
///         }
///     }
///     fn next_event(&mut self) -> Option<Event<'_>> {
///         let interface = InterfaceId::ETHERNET;
///         let report = Report::Ready;
///         self.0.take().map(|generation| Event::Interface { interface, generation, report })
///     }
/// }
///
/// let config = Config::new([InterfaceConfig::new(InterfaceId::ETHERNET)]);
/// let mut manager: Manager<1> = Manager::new(&config)?;
/// manager.open(Instant::EPOCH, &Nic::named("eth0")?)?;
///
/// let mut states = Vec::new();
/// let _ = drive(&mut manager, &mut Ready::default(), Instant::EPOCH, |delivery| {
///     if let Delivery::Notice(Notice::StateChanged { state, .. }) = delivery {
///         states.push(state);
///     }
/// });
/// assert_eq!(states, [State::Starting, State::EthernetLinkUp]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn drive<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Backend,
    now: Instant,
    mut deliver: impl FnMut(Delivery<'_>),
) -> Progress {
    manager.handle_timeout(now);
    settle(manager, backend, &mut deliver);
    for _ in 0..EVENTS {
        let Some(event) = &backend.next_event() else {
            return Progress::Settled(manager.poll_at());
        };
        let receiver = manager.handle_event(now, *event);
        if let (Some(Ok(socket)), Event::Datagram(datagram)) = (receiver, event) {
            deliver(Delivery::Datagram(socket, *datagram));
        }
        settle(manager, backend, &mut deliver);
    }
    Progress::Busy
}

/// Sends a local datagram: checks it by [`Manager::udp_send`], and passes it to the backend after
/// the commands that must come first.
///
/// # Errors
///
/// Those of [`Manager::udp_send`]; then nothing is sent.
pub fn send<'t, const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Backend,
    now: Instant,
    socket: SocketId,
    target: impl Into<Target<'t>>,
    port: u16,
    payload: &[u8],
) -> Result<(), SendError> {
    let datagram = manager.udp_send(now, socket, target, port, payload)?;
    execute_all(manager, backend);
    backend.execute(Command::Send(datagram));
    Ok(())
}

/// Executes every pending command and delivers every notice.
fn settle<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Backend,
    deliver: &mut impl FnMut(Delivery<'_>),
) {
    execute_all(manager, backend);
    while let Some(notice) = manager.poll_notice() {
        deliver(Delivery::Notice(notice));
    }
}

fn execute_all<const I: usize, const H: usize, const S: usize, const N: usize, const W: usize>(
    manager: &mut Manager<I, H, S, N, W>,
    backend: &mut impl Backend,
) {
    while let Some(command) = manager.poll_command() {
        backend.execute(command);
    }
}
