//! Every output as bytes: nothing that a manager says is left out of the hash.
//!
//! A variant that is unknown here ends the run: the list below has to learn it.

mod server;

use core::hash::{Hash, Hasher};
use core::net::{Ipv4Addr, SocketAddrV4};

use lankeeper::{
    Action, Cause, Command, Datagram, Deadline, DropReason, Exposed, InterfaceError, InterfaceId,
    IpConfig, Medium, Nic, Notice, OpenError, OpenSocketError, Output, Reason, Reply,
    SecretPurpose, SendError, Snapshot, Step, Timer, Wake, WifiSettings,
};

/// Something whose whole content goes into a hash.
pub trait Encode {
    fn encode(&self, to: &mut impl Hasher);
}

pub fn unknown() -> ! {
    panic!("an output that encode.rs does not know")
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            None => to.write_u8(0),
            Some(thing) => {
                to.write_u8(1);
                thing.encode(to);
            }
        }
    }
}

impl<T: Encode, E: Encode> Encode for Result<T, E> {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Ok(thing) => {
                to.write_u8(0);
                thing.encode(to);
            }
            Err(error) => {
                to.write_u8(1);
                error.encode(to);
            }
        }
    }
}

impl<T: Encode> Encode for &T {
    fn encode(&self, to: &mut impl Hasher) {
        (**self).encode(to);
    }
}

impl Encode for () {
    fn encode(&self, _: &mut impl Hasher) {}
}

impl Encode for i32 {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_i32(*self);
    }
}

impl Encode for Output<'_> {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Command(command) => {
                to.write_u8(0);
                command.encode(to);
            }
            Self::Notice(notice) => {
                to.write_u8(1);
                notice.encode(to);
            }
        }
    }
}

impl Encode for Command<'_> {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Interface { interface, action } => {
                to.write_u8(0);
                interface.encode(to);
                action.encode(to);
            }
            Self::Bind { interface, port } => {
                to.write_u8(1);
                interface.encode(to);
                to.write_u16(*port);
            }
            Self::Unbind { interface, port } => {
                to.write_u8(2);
                interface.encode(to);
                to.write_u16(*port);
            }
            Self::Send(datagram) => {
                to.write_u8(3);
                datagram.encode(to);
            }
            Self::Server { interface, action } => {
                to.write_u8(4);
                interface.encode(to);
                action.encode(to);
            }
            Self::Persist(settings) => {
                to.write_u8(5);
                bytes(settings.to_record().as_bytes(), to);
            }
            Self::Seal {
                generation,
                purpose,
                secret,
            } => {
                to.write_u8(6);
                to.write_u32(generation.to_bits());
                to.write_u8(match purpose {
                    SecretPurpose::WifiKey => 0,
                    SecretPurpose::ProxyPassword => 1,
                });
                secret.encode(to);
            }
            _ => unknown(),
        }
    }
}

impl Encode for Action<'_> {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u8(match self {
            Self::PowerUp(_) => 0,
            Self::Scan(..) => 1,
            Self::Join(..) => 2,
            Self::Wps(_) => 3,
            Self::StartLink(_) => 4,
            Self::StartDhcp(_) => 5,
            Self::SetAddress(..) => 6,
            Self::PingModem(_) => 7,
            Self::ReadSim(_) => 8,
            Self::Register(_) => 9,
            Self::Dial(_) => 10,
            Self::Stop => 11,
            Self::PowerDown => 12,
            _ => unknown(),
        });
        if let Some(generation) = self.generation() {
            to.write_u32(generation.to_bits());
        }
        match self {
            Self::Scan(_, network) | Self::Join(_, network) => network.encode(to),
            Self::SetAddress(_, ip) => ip.encode(to),
            _ => {}
        }
    }
}

impl Encode for Notice {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::StateChanged {
                interface,
                state,
                reason,
            } => {
                to.write_u8(0);
                interface.encode(to);
                to.write_i32(state.code().into());
                reason.encode(to);
            }
            Self::Joined {
                handle,
                interface,
                state,
            } => {
                to.write_u8(1);
                handle.hash(to);
                interface.encode(to);
                to.write_i32(state.code().into());
            }
            Self::AddressChanged { interface } => {
                to.write_u8(2);
                interface.encode(to);
            }
            Self::HandleClosed { handle } => {
                to.write_u8(3);
                handle.hash(to);
            }
            Self::SocketClosed { socket } => {
                to.write_u8(4);
                socket.hash(to);
            }
            Self::Lagged(missed) => {
                to.write_u8(5);
                to.write_u32(*missed);
            }
            Self::ServerStateChanged { state } => {
                to.write_u8(6);
                state.encode(to);
            }
            Self::ConnectEnded {
                interface,
                outcome,
                code,
            } => {
                to.write_u8(7);
                text(interface.as_str(), to);
                outcome.encode(to);
                code.encode(to);
            }
            Self::ServerLost {
                interface,
                outcome,
                code,
            } => {
                to.write_u8(8);
                interface.encode(to);
                outcome.encode(to);
                code.encode(to);
            }
            Self::Suspended { outcome, code } => {
                to.write_u8(9);
                outcome.encode(to);
                code.encode(to);
            }
            Self::Resumed => to.write_u8(10),
            Self::Provisioned => to.write_u8(11),
            Self::PersistFailed { code } => {
                to.write_u8(12);
                code.encode(to);
            }
            _ => unknown(),
        }
    }
}

impl Encode for Reply<'_> {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Done => to.write_u8(0),
            Self::Received(Ok(socket)) => {
                to.write_u8(1);
                socket.hash(to);
            }
            Self::Received(Err(reason)) => {
                to.write_u8(2);
                reason.encode(to);
            }
            Self::Opened(Ok(handle)) => {
                to.write_u8(3);
                handle.hash(to);
            }
            Self::Opened(Err(error)) => {
                to.write_u8(4);
                error.encode(to);
            }
            Self::Retried(result) => {
                to.write_u8(5);
                to.write_u8(result.is_ok().into());
            }
            Self::Enabled(Ok(())) => to.write_u8(6),
            Self::Enabled(Err(absent)) => {
                to.write_u8(7);
                absent.0.encode(to);
            }
            Self::UdpOpened(Ok(socket)) => {
                to.write_u8(8);
                socket.hash(to);
            }
            Self::UdpOpened(Err(error)) => {
                to.write_u8(9);
                error.encode(to);
            }
            Self::UdpReceiving(result) => {
                to.write_u8(10);
                to.write_u8(result.is_ok().into());
            }
            Self::UdpSent(result) => {
                to.write_u8(11);
                result.encode(to);
            }
            Self::Connecting(result) => {
                to.write_u8(12);
                result.encode(to);
            }
            Self::ServerCalled(result) => {
                to.write_u8(13);
                result.encode(to);
            }
            Self::ServerOrderSet(result) => {
                to.write_u8(14);
                result.encode(to);
            }
            _ => unknown(),
        }
    }
}

impl Encode for OpenError {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Interface(error) => {
                to.write_u8(0);
                error.encode(to);
            }
            Self::Active => to.write_u8(1),
            Self::TooMany(capacity) => {
                to.write_u8(2);
                to.write_u64(*capacity as u64);
            }
            _ => unknown(),
        }
    }
}

impl Encode for InterfaceError {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Absent(name) => {
                to.write_u8(0);
                text(name.as_str(), to);
            }
            Self::Disabled(name) => {
                to.write_u8(1);
                text(name.as_str(), to);
            }
            _ => unknown(),
        }
    }
}

impl Encode for OpenSocketError {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::StaleHandle => to.write_u8(0),
            Self::Medium(medium) => {
                to.write_u8(1);
                medium.encode(to);
            }
            Self::Stopped => to.write_u8(2),
            Self::Port(port) => {
                to.write_u8(3);
                to.write_u16(*port);
            }
            Self::PortInUse(port) => {
                to.write_u8(4);
                to.write_u16(*port);
            }
            Self::TooMany(capacity) => {
                to.write_u8(5);
                to.write_u64(*capacity as u64);
            }
            _ => unknown(),
        }
    }
}

impl Encode for SendError {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Closed => to.write_u8(0),
            Self::Address(_) => to.write_u8(1),
            Self::NotLocal => to.write_u8(2),
            Self::Port(port) => {
                to.write_u8(3);
                to.write_u16(*port);
            }
            Self::TooLong(length) => {
                to.write_u8(4);
                to.write_u64(*length as u64);
            }
            Self::NotConnected => to.write_u8(5),
            Self::OutsideSubnet => to.write_u8(6),
            Self::WouldBlock(refusal) => {
                to.write_u8(7);
                to.write_u64(refusal.retry_at().as_micros());
            }
            _ => unknown(),
        }
    }
}

impl Encode for DropReason {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u8(match self {
            Self::NotConnected => 0,
            Self::Destination => 1,
            Self::Source => 2,
            Self::Port => 3,
            Self::NotReceiving => 4,
            _ => unknown(),
        });
    }
}

impl Encode for Datagram<'_> {
    fn encode(&self, to: &mut impl Hasher) {
        self.interface.encode(to);
        self.source.encode(to);
        self.destination.encode(to);
        bytes(self.payload, to);
    }
}

impl Encode for Deadline<Wake> {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u64(self.at.as_micros());
        match self.reason {
            Wake::Output => to.write_u8(0),
            Wake::Interface(id, timer) => {
                to.write_u8(1);
                id.encode(to);
                timer.encode(to);
            }
            Wake::Server(timer) => {
                to.write_u8(2);
                timer.encode(to);
            }
            _ => unknown(),
        }
    }
}

impl Encode for Timer {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Step(step) => {
                to.write_u8(0);
                step.encode(to);
            }
            Self::BackOff => to.write_u8(1),
            Self::Stability => to.write_u8(2),
            _ => unknown(),
        }
    }
}

impl Encode for Reason {
    fn encode(&self, to: &mut impl Hasher) {
        self.cause.encode(to);
        self.step.encode(to);
        self.code().encode(to);
    }
}

impl Encode for Cause {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u8(match self {
            Self::Closed => 0,
            Self::Disabled => 1,
            Self::TimedOut => 2,
            Self::Fault => 3,
            Self::NoCredentials => 4,
            Self::NotFound => 5,
            Self::WrongCredentials => 6,
            Self::Rejected => 7,
            Self::LinkLost => 8,
            Self::NoCarrier => 9,
            Self::NoAddress => 10,
            Self::LeaseLost => 11,
            Self::Sim => 12,
            Self::RegistrationDenied => 13,
            Self::RegistrationLost => 14,
            Self::Ppp => 15,
            Self::Switched => 16,
            _ => unknown(),
        });
    }
}

impl Encode for Step {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u8(match self {
            Self::Power => 0,
            Self::Scan => 1,
            Self::Join => 2,
            Self::Wps => 3,
            Self::Link => 4,
            Self::Dhcp => 5,
            Self::StaticAddress => 6,
            Self::Modem => 7,
            Self::Sim => 8,
            Self::Registration => 9,
            Self::Ppp => 10,
            _ => unknown(),
        });
    }
}

impl Encode for InterfaceId {
    fn encode(&self, to: &mut impl Hasher) {
        self.medium().encode(to);
        to.write_u8(self.number());
    }
}

impl Encode for Medium {
    fn encode(&self, to: &mut impl Hasher) {
        to.write_u8(match self {
            Self::Wifi => 0,
            Self::Ethernet => 1,
            Self::Cellular => 2,
        });
    }
}

impl Encode for IpConfig {
    fn encode(&self, to: &mut impl Hasher) {
        self.address().encode(to);
        to.write_u8(self.prefix().length());
        self.gateway().encode(to);
        let mut servers = self.name_servers();
        servers.next().encode(to);
        servers.next().encode(to);
    }
}

impl Encode for Ipv4Addr {
    fn encode(&self, to: &mut impl Hasher) {
        to.write(&self.octets());
    }
}

impl Encode for SocketAddrV4 {
    fn encode(&self, to: &mut impl Hasher) {
        self.ip().encode(to);
        to.write_u16(self.port());
    }
}

impl Encode for WifiSettings {
    fn encode(&self, to: &mut impl Hasher) {
        bytes(self.ssid(), to);
        self.key().expose().encode(to);
    }
}

impl Encode for Exposed<'_> {
    fn encode(&self, to: &mut impl Hasher) {
        match self {
            Self::Plaintext(secret) => {
                to.write_u8(0);
                text(secret, to);
            }
            Self::Sealed(blob) => {
                to.write_u8(1);
                bytes(blob, to);
            }
        }
    }
}

impl Encode for Nic {
    fn encode(&self, to: &mut impl Hasher) {
        text(self.name().as_str(), to);
        self.wifi().encode(to);
        self.ip_config().encode(to);
        self.proxy().encode(to);
    }
}

impl Encode for Snapshot {
    fn encode(&self, to: &mut impl Hasher) {
        self.interface.encode(to);
        to.write_u8(self.enabled.into());
        to.write_i32(self.state.code().into());
        self.reason.encode(to);
        to.write_u64(self.local_holders as u64);
        to.write_u8(self.server_holder.into());
        to.write_u8(self.carries_server.into());
        self.ip_config.encode(to);
    }
}

pub fn text(text: &str, to: &mut impl Hasher) {
    bytes(text.as_bytes(), to);
}

pub fn bytes(bytes: &[u8], to: &mut impl Hasher) {
    to.write_u32(bytes.len() as u32);
    to.write(bytes);
}
