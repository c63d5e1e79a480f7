//! How the server connection reacts to failures and losses, and how long its steps may take.

use crate::back_off::BackOffConfig;
use crate::nic::Medium;
use crate::span::Span;

/// How the server connection reacts to a failed attempt and to a loss (CON-1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[expect(
    clippy::exhaustive_enums,
    reason = "the specification knows these four"
)]
pub enum Policy {
    /// The default. A connection is tried for ever, in rounds with pauses between them, over each
    /// interface of the route. Meanwhile the application is to be suspended, from
    /// [`Notice::Suspended`](crate::Notice::Suspended) to
    /// [`Notice::Resumed`](crate::Notice::Resumed) (CON-13). `connect_with` is refused.
    #[default]
    SuspendOnError,
    /// A failed attempt ends with its result. A connection that is lost is tried again for the
    /// [grace](ServerConfig::grace), over each interface of its route; until then only
    /// [`Notice::ServerStateChanged`](crate::Notice::ServerStateChanged) reports the loss. After it
    /// comes [`Notice::ServerLost`](crate::Notice::ServerLost), and nothing is tried any more until
    /// the next request (CON-12). The loss of a connection with settings of its own is reported at
    /// once.
    ReturnOnError,
    /// As `ReturnOnError`, and data that the server did not take in time is no reason to drop the
    /// connection.
    ReturnOnErrorNoDisconnect,
    /// What most devices want: an attempt has its result as under `ReturnOnError`, and a loss is
    /// reported once after the [grace](ServerConfig::grace), but nothing is given up. From the first
    /// `connect` or server call on the connection is tried for ever, with waits of at most a minute
    /// by default, until a `disconnect`. [`Notice::ServerBack`](crate::Notice::ServerBack) reports
    /// that it is back. A slow interface is kept on its way from one try to the next (CON-21).
    KeepTrying,
}

/// How long the server connection tries, and how often.
///
/// ```
/// use lankeeper::{Config, InterfaceConfig, InterfaceId, Span};
///
/// let mut config = Config::new(1, [InterfaceConfig::new(InterfaceId::CELLULAR)]);
/// config.server.timeouts.cellular = Span::secs::<120>();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ServerConfig {
    /// How long an attempt over one interface may take, unless the request says otherwise
    /// (CON-3).
    pub timeouts: Timeouts,
    /// How long a lost connection is tried again before it is given up, and how long each round of
    /// `SuspendOnError` lasts. With a millisecond a loss is reported at once. Default 60 s (CON-12,
    /// CON-13).
    pub grace: Span,
    /// The pause between two rounds of `SuspendOnError`, before up to a quarter is taken off it.
    /// Default 9 minutes (CON-13). A request, traffic for the server, an interface that comes up and
    /// other settings end it early (CON-19).
    pub pause: Span,
    /// The waits between two tries: each is drawn between an eighth of its delay and all of it
    /// (CON-18), and within a [grace](Self::grace) delays grow to a quarter of that (CON-12).
    pub retry: BackOffConfig,
    /// How long a connection must last before the next wait is a short one again; four times as long
    /// again, and earlier failures are forgotten. Default 60 s (CON-12).
    pub stable_after: Span,
    /// How long a proxy that refused the credentials is left alone, longer by up to a quarter, unless
    /// somebody asks for a connection or the settings change. Default 10 minutes (IFC-16).
    pub refused_delay: Span,
    /// How long a connection may be without a [sign of life](crate::ServerReport::Alive) before it
    /// counts as lost. Default none: then only the backend says when it is lost (CON-30).
    pub alive_within: Option<Span>,
}

/// How long an attempt may take, by medium. Default 60 s each (CON-3).
///
/// ```
/// use lankeeper::connect::{ServerConfig, Timeouts};
/// use lankeeper::Span;
///
/// let mut timeouts = Timeouts::default();
/// timeouts.wifi = Span::secs::<30>();
/// let mut server = ServerConfig::default();
/// server.timeouts = timeouts;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Timeouts {
    /// Over Wi-Fi.
    pub wifi: Span,
    /// Over Ethernet.
    pub ethernet: Span,
    /// Over cellular.
    pub cellular: Span,
}

impl Timeouts {
    pub(super) const fn of(&self, medium: Medium) -> Span {
        match medium {
            Medium::Wifi => self.wifi,
            Medium::Ethernet => self.ethernet,
            Medium::Cellular => self.cellular,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            wifi: Span::MINUTE,
            ethernet: Span::MINUTE,
            cellular: Span::MINUTE,
        }
    }
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            grace: Span::MINUTE,
            pause: Span::secs::<{ 9 * 60 }>(),
            retry: BackOffConfig::default(),
            stable_after: Span::MINUTE,
            refused_delay: Span::secs::<{ 10 * 60 }>(),
            alive_within: None,
        }
    }
}
