//! Delays of simulated devices.

use crate::Duration;
use crate::connect::ServerStep;
use crate::interface::Step;

/// The time that a simulated device takes to answer the command of each step.
///
/// ```
/// use lankeeper::Duration;
/// use lankeeper::sim::{Delays, EthernetPort};
///
/// let mut delays = Delays::default();
/// delays.dhcp = Duration::from_secs(12);
/// let port: EthernetPort = EthernetPort::new(1).with_delays(delays);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Delays {
    /// Power-up. Default 300 ms.
    pub power: Duration,
    /// Scan. Default 2 s.
    pub scan: Duration,
    /// Joining a network. Default 1 s.
    pub join: Duration,
    /// Wi-Fi Protected Setup. Default 8 s.
    pub wps: Duration,
    /// Detecting the presence or absence of a carrier. Default 2 s.
    pub link: Duration,
    /// The first answer of the DHCP server. Default 500 ms.
    pub dhcp: Duration,
    /// Answering a ping. Default 1 s.
    pub modem: Duration,
    /// Reading the SIM. Default 1 s.
    pub sim: Duration,
    /// The search for a network, once there is coverage. Default 6 s.
    pub registration: Duration,
    /// Dialling up. Default 3 s.
    pub ppp: Duration,
}

impl Delays {
    /// No delays: the device answers every command at once.
    pub const NONE: Self = Self {
        power: Duration::ZERO,
        scan: Duration::ZERO,
        join: Duration::ZERO,
        wps: Duration::ZERO,
        link: Duration::ZERO,
        dhcp: Duration::ZERO,
        modem: Duration::ZERO,
        sim: Duration::ZERO,
        registration: Duration::ZERO,
        ppp: Duration::ZERO,
    };

    pub(super) const fn of(&self, step: Step) -> Duration {
        match step {
            Step::Power => self.power,
            Step::Scan => self.scan,
            Step::Join => self.join,
            Step::Wps => self.wps,
            Step::Link => self.link,
            Step::Dhcp => self.dhcp,
            Step::StaticAddress => Duration::ZERO,
            Step::Modem => self.modem,
            Step::Sim => self.sim,
            Step::Registration => self.registration,
            Step::Ppp => self.ppp,
        }
    }
}

impl Default for Delays {
    fn default() -> Self {
        Self {
            power: Duration::from_millis(300),
            scan: Duration::from_secs(2),
            join: Duration::from_secs(1),
            wps: Duration::from_secs(8),
            link: Duration::from_secs(2),
            dhcp: Duration::from_millis(500),
            modem: Duration::from_secs(1),
            sim: Duration::from_secs(1),
            registration: Duration::from_secs(6),
            ppp: Duration::from_secs(3),
        }
    }
}

/// The delays of the simulated server side.
///
/// ```
/// use lankeeper::Duration;
/// use lankeeper::sim::{ServerDelays, World};
///
/// let mut delays = ServerDelays::default();
/// delays.connect = Duration::from_secs(8);
/// let mut world: World = World::new(1);
/// world.server.set_delays(delays);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ServerDelays {
    /// Name resolution. Default 100 ms.
    pub resolve: Duration,
    /// Connecting to the proxy, which checks the credentials. Default 200 ms.
    pub proxy: Duration,
    /// Connecting to the server. Default 400 ms.
    pub connect: Duration,
    /// Flushing unsent data. Default 200 ms.
    pub flush: Duration,
    /// How long sent data may stay unacknowledged before `SendTimedOut` is reported. Default 10 s.
    pub send: Duration,
    /// How long sent data may stay unacknowledged before the connection is lost, which is TCP's
    /// limit for retransmissions. Default 30 s.
    pub loss: Duration,
}

impl ServerDelays {
    /// No delays: every answer comes at once, and no unacknowledged data is tolerated.
    pub const NONE: Self = Self {
        resolve: Duration::ZERO,
        proxy: Duration::ZERO,
        connect: Duration::ZERO,
        flush: Duration::ZERO,
        send: Duration::ZERO,
        loss: Duration::ZERO,
    };

    pub(super) const fn of(&self, step: ServerStep) -> Duration {
        match step {
            ServerStep::Resolve => self.resolve,
            ServerStep::Proxy => self.proxy,
            ServerStep::Connect => self.connect,
        }
    }
}

impl Default for ServerDelays {
    fn default() -> Self {
        Self {
            resolve: Duration::from_millis(100),
            proxy: Duration::from_millis(200),
            connect: Duration::from_millis(400),
            flush: Duration::from_millis(200),
            send: Duration::from_secs(10),
            loss: Duration::from_secs(30),
        }
    }
}
