//! Captures every frame that the switch receives, for Wireshark.

use std::time::Duration;

use lankeeper::Instant;
use pcap_file::pcap::{PcapHeader, PcapPacket, PcapWriter};
use pcap_file::{DataLink, Endianness, PcapError, TsResolution};

/// A capture in memory; time starts at the beginning of 1970.
pub struct Capture {
    writer: PcapWriter<Vec<u8>>,
}

impl Capture {
    /// Creates an empty capture of Ethernet frames.
    pub fn new() -> Result<Self, PcapError> {
        let header = PcapHeader {
            datalink: DataLink::ETHERNET,
            ts_resolution: TsResolution::MicroSecond,
            // Fixed, so that the file is the same on every machine.
            endianness: Endianness::Little,
            ..PcapHeader::default()
        };
        Ok(Self {
            writer: PcapWriter::with_header(Vec::new(), header)?,
        })
    }

    /// Adds a frame that the switch received at `now`.
    pub fn add(&mut self, now: Instant, frame: &[u8]) -> Result<(), PcapError> {
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
        let packet = PcapPacket::new(Duration::from_micros(now.as_micros()), length, frame);
        self.writer.write_packet(&packet).map(drop)
    }

    /// Returns the finished file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.writer.into_writer()
    }
}
