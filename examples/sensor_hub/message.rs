//! The messages between hub and nodes: a small versioned binary format.
//!
//! | offset | bytes | content                                              |
//! |--------|-------|------------------------------------------------------|
//! | 0      | 2     | `LK`, the magic number                               |
//! | 2      | 1     | version of the format, 1                             |
//! | 3      | 1     | kind of the message                                  |
//! | 4      | 0..10 | body of the kind, numbers with the high byte first   |

/// The version of this firmware.
pub const VERSION: u8 = 1;
const MAGIC: [u8; 2] = *b"LK";

/// A message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// Hub to all: requests announcements.
    Discover,
    /// Node to hub: announces the node and the number that it expects next.
    Announce { node: u16, expected: u32 },
    /// Hub to node: requests a reading.
    Request { number: u32 },
    /// Node to hub: the reading for that number, in hundredths of a degree Celsius.
    Reading {
        node: u16,
        number: u32,
        centidegrees: i16,
    },
}

/// The reason why a payload is not a message of this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The first two bytes differ.
    #[error("not a message between hub and nodes")]
    Foreign,
    /// The version is unknown; such a message is ignored.
    #[error("version {0} instead of {VERSION}")]
    Version(u8),
    /// The kind is unknown.
    #[error("unknown kind {0}")]
    Kind(u8),
    /// The length of the body does not fit the kind.
    #[error("body of {0} bytes does not fit the kind")]
    Length(usize),
}

impl Message {
    /// Encodes the message as a payload.
    pub fn encode(self) -> Vec<u8> {
        let mut payload = Vec::with_capacity(12);
        payload.extend(MAGIC);
        payload.push(VERSION);
        match self {
            Self::Discover => payload.push(0),
            Self::Announce { node, expected } => {
                payload.push(1);
                payload.extend(node.to_be_bytes());
                payload.extend(expected.to_be_bytes());
            }
            Self::Request { number } => {
                payload.push(2);
                payload.extend(number.to_be_bytes());
            }
            Self::Reading {
                node,
                number,
                centidegrees,
            } => {
                payload.push(3);
                payload.extend(node.to_be_bytes());
                payload.extend(number.to_be_bytes());
                payload.extend(centidegrees.to_be_bytes());
            }
        }
        payload
    }

    /// Decodes a payload.
    pub fn decode(payload: &[u8]) -> Result<Self, DecodeError> {
        let (version, rest) = match payload {
            [b'L', b'K', version, rest @ ..] => (*version, rest),
            _ => return Err(DecodeError::Foreign),
        };
        if version != VERSION {
            return Err(DecodeError::Version(version));
        }
        let (kind, body) = rest.split_first().ok_or(DecodeError::Length(0))?;
        match (*kind, body) {
            (0, []) => Ok(Self::Discover),
            (1, &[n0, n1, e0, e1, e2, e3]) => Ok(Self::Announce {
                node: u16::from_be_bytes([n0, n1]),
                expected: u32::from_be_bytes([e0, e1, e2, e3]),
            }),
            (2, &[s0, s1, s2, s3]) => Ok(Self::Request {
                number: u32::from_be_bytes([s0, s1, s2, s3]),
            }),
            (3, &[n0, n1, s0, s1, s2, s3, c0, c1]) => Ok(Self::Reading {
                node: u16::from_be_bytes([n0, n1]),
                number: u32::from_be_bytes([s0, s1, s2, s3]),
                centidegrees: i16::from_be_bytes([c0, c1]),
            }),
            (0..=3, body) => Err(DecodeError::Length(body.len())),
            (kind, _) => Err(DecodeError::Kind(kind)),
        }
    }
}

/// A message of a future version, which this firmware has to ignore.
pub fn from_the_future() -> Vec<u8> {
    let mut payload = Message::Discover.encode();
    payload[2] = VERSION + 1;
    payload
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGES: [Message; 4] = [
        Message::Discover,
        Message::Announce {
            node: 0x0102,
            expected: u32::MAX,
        },
        Message::Request {
            number: 0x0102_0304,
        },
        Message::Reading {
            node: 7,
            number: 9,
            centidegrees: -1234,
        },
    ];

    #[test]
    fn every_message_survives_the_wire() {
        for message in MESSAGES {
            assert_eq!(Message::decode(&message.encode()), Ok(message));
        }
    }

    #[test]
    fn bytes_are_pinned() {
        assert_eq!(
            Message::Request {
                number: 0x0102_0304
            }
            .encode(),
            b"LK\x01\x02\x01\x02\x03\x04"
        );
    }

    #[test]
    fn every_cut_and_every_extension_is_an_error() {
        for message in MESSAGES {
            let mut payload = message.encode();
            for length in 0..payload.len() {
                assert!(
                    Message::decode(&payload[..length]).is_err(),
                    "{message:?} cut to {length}"
                );
            }
            payload.push(0);
            assert!(matches!(
                Message::decode(&payload),
                Err(DecodeError::Length(_))
            ));
        }
    }

    #[test]
    fn errors_name_what_was_found() {
        assert_eq!(Message::decode(b"??\x01\x00"), Err(DecodeError::Foreign));
        assert_eq!(Message::decode(b"LK\x01\x09"), Err(DecodeError::Kind(9)));
        assert_eq!(
            Message::decode(&from_the_future()),
            Err(DecodeError::Version(2))
        );
        // The version is checked first, because the rest of a later version may look like anything.
        assert_eq!(Message::decode(b"LK\xff"), Err(DecodeError::Version(255)));
    }
}
