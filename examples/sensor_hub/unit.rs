//! A device together with its application.

use core::net::SocketAddrV4;

use lankeeper::{Delivery, Instant, Notice, State};

use crate::device::Device;
use crate::stack::MAX_PAYLOAD;

/// The application on a device.
pub trait Application {
    /// The device is CONNECTED.
    fn handle_connected(&mut self, device: &mut Device);
    /// A datagram arrived.
    fn handle_datagram(&mut self, device: &mut Device, from: SocketAddrV4, payload: &[u8]);
    /// Does what is due.
    fn handle_timeout(&mut self, device: &mut Device);
    /// When to call `handle_timeout` next.
    fn poll_at(&self) -> Option<Instant>;
    /// The number of requests with an outdated number.
    fn bad_sequence(&self) -> u32 {
        0
    }
}

/// A device with its application, powered or not.
pub struct Unit<A> {
    running: Option<(Device, A)>,
    /// The counters from before the last power cut.
    before: Counters,
    tokens: Vec<(Instant, u32)>,
}

/// The counters of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Sends refused by the limiter.
    pub limited: u32,
    /// Received datagrams that the core dropped.
    pub dropped: u32,
    /// Requests with an outdated number.
    pub bad_sequence: u32,
}

/// A unit with any application.
pub trait AnyUnit {
    /// Runs device and application until nothing is left to do at `now`.
    fn run(&mut self, now: Instant);
    /// When to run again if no frame comes before.
    fn poll_at(&mut self) -> Option<Instant>;
    /// The device, if it is powered.
    fn device(&mut self) -> Option<&mut Device>;
    /// Cuts the power, without a shutdown.
    fn cut_power(&mut self);
    /// All counters, across restarts.
    fn counters(&self) -> Counters;
    /// Takes the samples of the limiter's tokens, across restarts.
    fn take_tokens(&mut self) -> Vec<(Instant, u32)>;
}

impl<A: Application> Unit<A> {
    /// Creates a device that is switched off.
    pub fn off() -> Self {
        Self {
            running: None,
            before: Counters::default(),
            tokens: Vec::new(),
        }
    }

    /// Switches the device on.
    pub fn power_up(&mut self, device: Device, application: A) {
        self.running = Some((device, application));
    }

    /// The application, if the device is powered.
    pub fn application(&mut self) -> Option<&mut A> {
        self.running.as_mut().map(|(_, application)| application)
    }
}

impl<A: Application> AnyUnit for Unit<A> {
    fn run(&mut self, now: Instant) {
        let Some((device, application)) = &mut self.running else {
            return;
        };
        let mut buffer = [0; MAX_PAYLOAD];
        loop {
            while let Some(delivery) = device.poll(now, &mut buffer) {
                match delivery {
                    Delivery::Datagram { from, length, .. } => {
                        application.handle_datagram(device, from, &buffer[..length]);
                    }
                    Delivery::Notice(Notice::StateChanged {
                        state: State::Connected,
                        ..
                    }) => application.handle_connected(device),
                    Delivery::Notice(_) => {}
                }
            }
            if application.poll_at().is_none_or(|at| at > now) {
                break;
            }
            application.handle_timeout(device);
        }
    }

    fn poll_at(&mut self) -> Option<Instant> {
        let (device, application) = self.running.as_mut()?;
        application
            .poll_at()
            .into_iter()
            .chain(device.poll_at())
            .min()
    }

    fn device(&mut self) -> Option<&mut Device> {
        self.running.as_mut().map(|(device, _)| device)
    }

    fn cut_power(&mut self) {
        self.before = self.counters();
        self.tokens = self.take_tokens();
        self.running = None;
    }

    fn counters(&self) -> Counters {
        let Some((device, application)) = &self.running else {
            return self.before;
        };
        Counters {
            limited: self.before.limited + device.limited,
            dropped: self.before.dropped + device.dropped(),
            bad_sequence: self.before.bad_sequence + application.bad_sequence(),
        }
    }

    fn take_tokens(&mut self) -> Vec<(Instant, u32)> {
        let mut tokens = core::mem::take(&mut self.tokens);
        tokens.extend(self.device().map(Device::take_tokens).unwrap_or_default());
        tokens
    }
}
