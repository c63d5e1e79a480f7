//! Decodes bytes into operations. Tables contain the values that the rules distinguish, so that a
//! few bytes reach every case.

use core::net::Ipv4Addr;

use arbitrary::{Result, Unstructured};
use lankeeper::udp::LimitScope;
use lankeeper::{InterfaceId, Lease, Medium, Quota, Report};

/// The interfaces of the device.
pub(crate) fn interfaces() -> [InterfaceId; 3] {
    let second = InterfaceId::new(Medium::Ethernet, 1).unwrap();
    [InterfaceId::ETHERNET, second, InterfaceId::CELLULAR]
}

#[derive(Clone, Debug)]
pub(crate) enum Operation {
    OpenInterface(InterfaceId),
    CloseInterface(InterfaceId),
    SetEnabled(InterfaceId, bool),
    Retry(InterfaceId),
    Report(InterfaceId, Report),
    /// All reports that lead to CONNECTED.
    ComeUp(InterfaceId, Lease),
    /// The clock moves forward or back by this many microseconds.
    Pass(u64),
    Back(u64),
    /// To this many microseconds before the retry instant of the most recently refused send.
    PassToRetry(u64),
    OpenSocket(InterfaceId, Option<u16>),
    CloseSocket(Which),
    SetReceiving(Which, bool),
    Send {
        socket: Which,
        to: To,
        port: u16,
        length: usize,
    },
    Receive {
        interface: InterfaceId,
        source: From,
        destination: From,
        port: u16,
        /// Which of the bindings that the port has had: 0 is the newest one.
        age: usize,
        length: usize,
        room: usize,
    },
    /// The backend could not bind the newest port of this socket, or one that it had before.
    FailBind(Which),
    /// The backend could not send a datagram of this socket.
    FailSend(Which),
    TakeCommands,
}

/// A socket by age: 0 is the newest one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Which(pub(crate) usize);

/// Where a datagram comes from, or where it was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum From {
    Address(Ipv4Addr),
    /// The address that this interface of the device has, if it has one.
    Interface(InterfaceId),
}

#[derive(Clone, Debug)]
pub(crate) enum To {
    Text(String),
    Address(Ipv4Addr),
}

pub(crate) fn configuration(bytes: &mut Unstructured<'_>) -> Result<(Quota, LimitScope)> {
    let rate = *bytes.choose(&[1, 2, 3, 7, 25, 999_983, 1_000_000])?;
    let burst = *bytes.choose(&[1, 2, 3, 5, 100, u32::MAX])?;
    let scope = *bytes.choose(&[LimitScope::Device, LimitScope::Socket])?;
    Ok((Quota::new(rate, burst).unwrap(), scope))
}

pub(crate) fn next(bytes: &mut Unstructured<'_>) -> Result<Operation> {
    let interface = *bytes.choose(&interfaces())?;
    Ok(match bytes.int_in_range(0..=31)? {
        0 => Operation::OpenInterface(interface),
        1 => Operation::CloseInterface(interface),
        2 => Operation::SetEnabled(interface, bytes.ratio(3, 4)?),
        3 => Operation::Retry(interface),
        4..=6 => Operation::Report(interface, report(bytes)?),
        7..=9 => Operation::ComeUp(interface, lease(bytes)?),
        10 => Operation::Pass(bytes.int_in_range(0..=3_000_000)?),
        11 => Operation::Pass(bytes.arbitrary::<u64>()? >> bytes.int_in_range(0..=63)?),
        12 => Operation::Back(bytes.int_in_range(0..=3_000_000)?),
        13 => Operation::PassToRetry(bytes.int_in_range(0..=1)?),
        14..=17 => Operation::OpenSocket(interface, local_port(bytes)?),
        18 => Operation::CloseSocket(socket(bytes)?),
        19 | 20 => Operation::SetReceiving(socket(bytes)?, bytes.ratio(3, 4)?),
        21..=26 => Operation::Send {
            socket: socket(bytes)?,
            to: to(bytes)?,
            port: remote_port(bytes)?,
            length: *bytes.choose(&[3, 3, 3, 0, 65_507, 65_508])?,
        },
        27..=30 => Operation::Receive {
            interface,
            source: from(bytes)?,
            destination: from(bytes)?,
            port: local_port(bytes)?.unwrap_or(0),
            age: if bytes.ratio(1, 8)? { 1 } else { 0 },
            length: *bytes.choose(&[3, 3, 3, 0, 65_507])?,
            room: *bytes.choose(&[65_507, 65_507, 3, 2, 0])?,
        },
        _ => match bytes.int_in_range(0..=7)? {
            0 => Operation::FailBind(socket(bytes)?),
            1 => Operation::FailSend(socket(bytes)?),
            _ => Operation::TakeCommands,
        },
    })
}

fn socket(bytes: &mut Unstructured<'_>) -> Result<Which> {
    Ok(Which(if bytes.ratio(7, 8)? {
        bytes.int_in_range(0..=3)?
    } else {
        bytes.int_in_range(0..=20)?
    }))
}

fn local_port(bytes: &mut Unstructured<'_>) -> Result<Option<u16>> {
    Ok(match bytes.int_in_range(0..=11)? {
        0..=3 => None,
        4 => Some(5000),
        5 => Some(5001),
        6 => Some(49_152),
        7 => Some(49_153),
        8 => Some(1023),
        9 => Some(1024),
        10 => Some(u16::MAX),
        _ => Some(bytes.arbitrary()?),
    })
}

fn remote_port(bytes: &mut Unstructured<'_>) -> Result<u16> {
    Ok(match bytes.int_in_range(0..=15)? {
        0 => *bytes.choose(&[0, 1, 66, 67, 68, 69, u16::MAX])?,
        1 => bytes.arbitrary()?,
        _ => 7,
    })
}

const LEASES: [([u8; 4], u8); 17] = [
    ([192, 168, 1, 50], 24),
    ([192, 168, 1, 130], 25),
    ([10, 0, 0, 77], 8),
    ([172, 16, 5, 7], 12),
    ([192, 168, 255, 253], 30),
    ([10, 0, 0, 1], 31),
    ([172, 31, 255, 254], 32),
    // Subnets with private and public addresses, from both kinds of own address.
    ([192, 168, 1, 50], 4),
    ([10, 0, 0, 5], 7),
    ([11, 0, 0, 5], 7),
    ([8, 8, 8, 8], 24),
    // Other addresses of subnets above, for a second interface, often.
    ([10, 0, 0, 9], 8),
    ([192, 168, 1, 50], 24),
    ([192, 168, 1, 50], 24),
    ([192, 168, 1, 9], 24),
    ([192, 168, 1, 9], 24),
    ([192, 168, 1, 9], 24),
];

fn lease(bytes: &mut Unstructured<'_>) -> Result<Lease> {
    let (address, length) = *bytes.choose(&LEASES)?;
    Ok(if bytes.ratio(1, 16)? {
        Lease::new(bytes.arbitrary::<u32>()?.into(), bytes.arbitrary()?)
    } else {
        Lease::new(address.into(), length)
    })
}

fn report(bytes: &mut Unstructured<'_>) -> Result<Report> {
    Ok(match bytes.int_in_range(0..=7)? {
        0 => Report::Ready,
        1 => Report::CarrierUp,
        2 => Report::CarrierDown,
        3 => Report::LeaseLost,
        4 => Report::LeaseRefused { code: 1 },
        5 => Report::Fault { code: 1 },
        _ => Report::Lease(lease(bytes)?),
    })
}

/// The addresses that the rules distinguish.
const EDGES: [[u8; 4]; 17] = [
    [192, 168, 1, 9],
    [192, 168, 1, 50],
    [192, 168, 1, 255],
    [255, 255, 255, 255],
    [192, 168, 1, 127],
    [192, 168, 1, 128],
    [192, 168, 2, 0],
    [192, 168, 255, 255],
    [10, 0, 0, 0],
    [10, 255, 255, 255],
    [172, 16, 0, 0],
    [172, 31, 255, 255],
    [192, 168, 0, 0],
    [127, 0, 0, 1],
    [10, 0, 0, 9],
    [11, 255, 255, 255],
    [8, 8, 8, 255],
];

/// An address near one that the rules distinguish, or any address.
fn address(bytes: &mut Unstructured<'_>) -> Result<Ipv4Addr> {
    let edge = *bytes.choose(&EDGES)?;
    near(edge, bytes)
}

fn near(edge: [u8; 4], bytes: &mut Unstructured<'_>) -> Result<Ipv4Addr> {
    let edge = u32::from_be_bytes(edge);
    Ok(Ipv4Addr::from(match bytes.int_in_range(0..=9)? {
        0 => edge.wrapping_sub(1),
        1 => edge.wrapping_add(1),
        2 => edge ^ (1 << bytes.int_in_range(0..=31)?),
        3 => bytes.arbitrary()?,
        _ => edge,
    }))
}

/// The same, or an address of the device itself.
fn from(bytes: &mut Unstructured<'_>) -> Result<From> {
    let choice = bytes.int_in_range(0..=EDGES.len() + 5)?;
    Ok(match EDGES.get(choice) {
        Some(edge) => From::Address(near(*edge, bytes)?),
        None => From::Interface(interfaces()[choice % 3]),
    })
}

/// An address, its text, a text that is nearly an address, or any text.
fn to(bytes: &mut Unstructured<'_>) -> Result<To> {
    let mut text = address(bytes)?.to_string();
    match bytes.int_in_range(0..=7)? {
        0 => {
            let place = bytes.int_in_range(0..=text.len())?;
            text.insert(
                place,
                *bytes.choose(&['0', '1', '9', '.', ' ', '+', '-', 'x', '\0'])?,
            );
        }
        1 => {
            let place = bytes.int_in_range(0..=text.len() - 1)?;
            text.remove(place);
        }
        2 => text = bytes.arbitrary::<&str>()?.into(),
        3 | 4 => return Ok(To::Address(text.parse().unwrap())),
        _ => {}
    }
    Ok(To::Text(text))
}
