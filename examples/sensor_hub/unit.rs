//! A device together with what runs on it.

use core::net::SocketAddrV4;

use lankeeper::Instant;

use crate::device::{Device, Inbox};

/// What runs on a device: it is told what happened, and asked when it wants to be called.
pub trait Application {
    /// The device has got its address.
    fn handle_connected(&mut self, device: &mut Device);
    /// A datagram came.
    fn handle_datagram(&mut self, device: &mut Device, from: SocketAddrV4, payload: &[u8]);
    /// Time went on.
    fn handle_timeout(&mut self, device: &mut Device);
    /// When time matters next.
    fn poll_at(&self) -> Option<Instant>;
    /// Requests that came with a number that was over.
    fn bad_sequence(&self) -> u32 {
        0
    }
}

/// A device with its application, under power or not.
pub struct Unit<A> {
    running: Option<(Device, A)>,
    /// What was counted and sampled before the power went out.
    before: Counters,
    tokens: Vec<(Instant, u32)>,
}

/// What is counted on every device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Sends that the limiter refused.
    pub limited: u32,
    /// Datagrams that the core did not let in.
    pub dropped: u32,
    /// Requests with a number that was over.
    pub bad_sequence: u32,
}

/// A unit, whatever its application.
pub trait AnyUnit {
    /// Runs device and application until neither has anything left to do at `now`.
    fn run(&mut self, now: Instant);
    /// When to run again if no frame comes before.
    fn poll_at(&mut self) -> Option<Instant>;
    /// The device, if it is under power.
    fn device(&mut self) -> Option<&mut Device>;
    /// Takes the power away, with no chance to say goodbye.
    fn cut_power(&mut self);
    /// All counters, over every restart.
    fn counters(&self) -> Counters;
    /// Takes the samples of the limiter's tokens, of every restart.
    fn take_tokens(&mut self) -> Vec<(Instant, u32)>;
}

impl<A: Application> Unit<A> {
    /// A device that is switched off.
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

    /// The application, if the device is under power.
    pub fn application(&mut self) -> Option<&mut A> {
        self.running.as_mut().map(|(_, application)| application)
    }
}

impl<A: Application> AnyUnit for Unit<A> {
    fn run(&mut self, now: Instant) {
        let Some((device, application)) = &mut self.running else {
            return;
        };
        loop {
            let inbox = device.run(now);
            let due = application.poll_at().is_some_and(|at| at <= now);
            if inbox.is_empty() && !due {
                break;
            }
            for item in inbox {
                match item {
                    Inbox::Connected => application.handle_connected(device),
                    Inbox::Datagram(from, payload) => {
                        application.handle_datagram(device, from, &payload);
                    }
                }
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
