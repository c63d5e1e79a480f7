//! The driver of the board's Ethernet controller, an SMSC LAN9118: frames and carrier.
//!
//! The driver copies frames word by word through the FIFOs, without DMA.

use core::ptr::{read_volatile, write_volatile};

/// The base address of the chip.
const BASE: usize = 0x4020_0000;
/// The longest frame: header and 1500 bytes, without the checksum, which the chip adds and checks.
pub const FRAME: usize = 1514;
const CHECKSUM: usize = 4;
/// The most polls of a status bit before a fault is reported.
const MAX_POLLS: u32 = 100_000;

/// Registers by offset.
#[derive(Clone, Copy)]
#[repr(usize)]
enum Register {
    RxData = 0x00,
    TxData = 0x20,
    RxStatus = 0x40,
    TxStatus = 0x48,
    IrqConfig = 0x54,
    InterruptStatus = 0x58,
    InterruptEnable = 0x5C,
    ByteTest = 0x64,
    FifoInterrupt = 0x68,
    RxConfig = 0x6C,
    TxConfig = 0x70,
    HardwareConfig = 0x74,
    RxFifoInformation = 0x7C,
    TxFifoInformation = 0x80,
    PowerManagement = 0x84,
    MacCommand = 0xA4,
    MacData = 0xA8,
}

/// MAC registers, accessed through `MacCommand` and `MacData`.
#[derive(Clone, Copy)]
enum Mac {
    Control = 1,
    AddressHigh = 2,
    AddressLow = 3,
    PhyAccess = 6,
    PhyData = 7,
}

/// PHY registers, accessed through the MAC's `PhyAccess` and `PhyData`.
#[derive(Clone, Copy)]
enum Phy {
    Control = 0,
    Status = 1,
    InterruptSource = 29,
    InterruptMask = 30,
}

const BYTE_TEST: u32 = 0x8765_4321;
const READY: u32 = 1;
const SOFT_RESET: u32 = 1;
/// 5 KiB of FIFO for outgoing frames, the rest for incoming ones.
const TX_FIFO_5K: u32 = 0x0005_0000;
const TX_ON: u32 = 2;
const MAC_BUSY: u32 = 0x8000_0000;
const MAC_READ: u32 = 0x4000_0000;
const MAC_FULL_DUPLEX: u32 = 0x0010_0000;
/// Transmitter and receiver on.
const MAC_ON: u32 = 0xC;
const PHY_ADDRESS: u32 = 1 << 11;
const PHY_WRITE: u32 = 2;
const PHY_BUSY: u32 = 1;
const PHY_NEGOTIATE: u32 = 0x1200;
const PHY_POWER_DOWN: u32 = 0x0800;
const PHY_LINK: u32 = 4;
/// Link down, and negotiation complete.
const PHY_LINK_CHANGES: u32 = 0x50;
/// PHY interrupt, and receive FIFO level.
const INTERRUPTS: u32 = 0x0004_0008;
/// The lowest byte is the receive level: interrupt above 0 waiting frames.
const FIFO_LEVELS: u32 = 0x4800_0000;
/// Active high, push-pull, enabled.
const IRQ_ON: u32 = 0x111;
const RX_ERROR: u32 = 1 << 15;
/// The buffer is both the first and the last segment of the frame.
const TX_WHOLE: u32 = 0x3000;

/// A failure of the chip.
#[derive(Clone, Copy, Debug)]
#[repr(i32)]
pub enum ChipError {
    /// The chip is missing, or its bus is wired wrongly.
    Absent = 1,
    /// The reset does not complete.
    Reset = 2,
    /// A MAC or PHY register does not respond.
    Access = 3,
}

/// What a power-up took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerUp {
    /// The chip was on and answered, so that it kept its link.
    Kept,
    /// A reset, which ends the link.
    Reset,
}

/// The only chip of the board.
pub struct Lan9118 {
    /// Whether it was powered up, and not down since.
    is_on: bool,
}

impl Lan9118 {
    /// # Safety
    ///
    /// Call this once: nothing else may access the registers.
    pub unsafe fn take() -> Self {
        Self { is_on: false }
    }

    /// Turns the chip on. One that is on is reset only if it does not answer: a reset ends the link,
    /// and some switches take a minute to forward frames again.
    pub fn power_up(&mut self) -> Result<PowerUp, ChipError> {
        if self.is_on && self.answers() {
            return Ok(PowerUp::Kept);
        }
        self.reset()?;
        self.is_on = true;
        Ok(PowerUp::Reset)
    }

    /// Whether the chip answers, and MAC and PHY are still on: a dip of the supply turns them off.
    fn answers(&mut self) -> bool {
        let is_on = |mac| mac & MAC_ON == MAC_ON;
        let is_down = |phy| phy & PHY_POWER_DOWN != 0;
        self.read(Register::ByteTest) == BYTE_TEST
            && self.mac_read(Mac::Control).is_ok_and(is_on)
            && !self.phy_read(Phy::Control).map_or(true, is_down)
    }

    fn reset(&mut self) -> Result<(), ChipError> {
        // Any write wakes the chip from sleep.
        self.write(Register::ByteTest, 0);
        self.wait(Register::PowerManagement, |value| value & READY != 0)
            .map_err(|_| ChipError::Absent)?;
        if self.read(Register::ByteTest) != BYTE_TEST {
            return Err(ChipError::Absent);
        }
        self.write(Register::HardwareConfig, SOFT_RESET);
        self.wait(Register::HardwareConfig, |value| value & SOFT_RESET == 0)
            .map_err(|_| ChipError::Reset)?;
        self.write(Register::HardwareConfig, TX_FIFO_5K);
        self.write(Register::FifoInterrupt, FIFO_LEVELS);
        self.write(Register::RxConfig, 0);
        self.write(Register::TxConfig, TX_ON);
        self.phy_write(Phy::Control, PHY_NEGOTIATE)?;
        self.phy_write(Phy::InterruptMask, PHY_LINK_CHANGES)?;
        self.write(Register::InterruptStatus, u32::MAX);
        self.write(Register::InterruptEnable, INTERRUPTS);
        self.write(Register::IrqConfig, IRQ_ON);
        self.mac_write(Mac::Control, MAC_FULL_DUPLEX | MAC_ON)
    }

    /// Turns receiver, transmitter and PHY off.
    pub fn power_down(&mut self) -> Result<(), ChipError> {
        self.is_on = false;
        self.write(Register::InterruptEnable, 0);
        self.mac_write(Mac::Control, 0)?;
        self.phy_write(Phy::Control, PHY_POWER_DOWN)
    }

    /// Returns the MAC address that the chip has read from its EEPROM.
    pub fn address(&mut self) -> Result<[u8; 6], ChipError> {
        let [a, b, c, d] = self.mac_read(Mac::AddressLow)?.to_le_bytes();
        let [e, f, ..] = self.mac_read(Mac::AddressHigh)?.to_le_bytes();
        Ok([a, b, c, d, e, f])
    }

    pub fn has_carrier(&mut self) -> Result<bool, ChipError> {
        // The link bit latches low until it is read, so the second read counts.
        self.phy_read(Phy::Status)?;
        Ok(self.phy_read(Phy::Status)? & PHY_LINK != 0)
    }

    /// Clears the interrupt. Check for frames and carrier afterwards, because later changes raise
    /// it again.
    pub fn acknowledge(&mut self) {
        let status = self.read(Register::InterruptStatus);
        if status & INTERRUPTS != 0 {
            // Reading clears it; an unreachable PHY is detected elsewhere.
            let _ = self.phy_read(Phy::InterruptSource);
            self.write(Register::InterruptStatus, status);
        }
    }

    /// Reads the next good frame and returns its length.
    pub fn receive(&mut self, frame: &mut [u8; FRAME]) -> Option<usize> {
        while (self.read(Register::RxFifoInformation) >> 16) & 0xFF > 0 {
            let status = self.read(Register::RxStatus);
            let length = ((status >> 16) & 0x3FFF) as usize;
            let good = status & RX_ERROR == 0 && (CHECKSUM..=FRAME + CHECKSUM).contains(&length);
            let payload = length.saturating_sub(CHECKSUM);
            let wanted = if good { payload } else { 0 };
            for start in (0..length).step_by(4) {
                let word = self.read(Register::RxData).to_le_bytes();
                let end = (start + 4).min(wanted);
                if let Some(part) = frame.get_mut(start..end) {
                    part.copy_from_slice(&word[..part.len()]);
                }
            }
            if good {
                return Some(payload);
            }
        }
        None
    }

    /// Whether the FIFO has room for a frame.
    pub fn can_send(&self) -> bool {
        (self.read(Register::TxFifoInformation) & 0xFFFF) as usize >= FRAME + 16
    }

    /// Sends a frame.
    pub fn send(&mut self, frame: &[u8]) {
        let length = frame.len() as u32;
        self.write(Register::TxData, TX_WHOLE | length);
        self.write(Register::TxData, length << 16 | length);
        for part in frame.chunks(4) {
            let mut word = [0; 4];
            word[..part.len()].copy_from_slice(part);
            self.write(Register::TxData, u32::from_le_bytes(word));
        }
        // Discards the transmit status: nothing here retries on the MAC level.
        while (self.read(Register::TxFifoInformation) >> 16) & 0xFF > 0 {
            self.read(Register::TxStatus);
        }
    }

    fn mac_read(&mut self, register: Mac) -> Result<u32, ChipError> {
        self.write(Register::MacCommand, MAC_BUSY | MAC_READ | register as u32);
        self.wait(Register::MacCommand, |value| value & MAC_BUSY == 0)?;
        Ok(self.read(Register::MacData))
    }

    fn mac_write(&mut self, register: Mac, value: u32) -> Result<(), ChipError> {
        self.write(Register::MacData, value);
        self.write(Register::MacCommand, MAC_BUSY | register as u32);
        self.wait(Register::MacCommand, |value| value & MAC_BUSY == 0)
    }

    fn phy_read(&mut self, register: Phy) -> Result<u32, ChipError> {
        self.phy_access(register, PHY_BUSY)?;
        self.mac_read(Mac::PhyData)
    }

    fn phy_write(&mut self, register: Phy, value: u32) -> Result<(), ChipError> {
        self.mac_write(Mac::PhyData, value)?;
        self.phy_access(register, PHY_WRITE | PHY_BUSY)
    }

    fn phy_access(&mut self, register: Phy, flags: u32) -> Result<(), ChipError> {
        self.mac_write(Mac::PhyAccess, PHY_ADDRESS | (register as u32) << 6 | flags)?;
        for _ in 0..MAX_POLLS {
            if self.mac_read(Mac::PhyAccess)? & PHY_BUSY == 0 {
                return Ok(());
            }
        }
        Err(ChipError::Access)
    }

    fn wait(&self, register: Register, done: impl Fn(u32) -> bool) -> Result<(), ChipError> {
        for _ in 0..MAX_POLLS {
            if done(self.read(register)) {
                return Ok(());
            }
        }
        Err(ChipError::Access)
    }

    fn read(&self, register: Register) -> u32 {
        // SAFETY: a register of the chip, which this driver owns.
        unsafe { read_volatile((BASE + register as usize) as *const u32) }
    }

    fn write(&mut self, register: Register, value: u32) {
        // SAFETY: as above.
        unsafe { write_volatile((BASE + register as usize) as *mut u32, value) }
    }
}
