//! The Ethernet controller of the board, an SMSC LAN9118: frames in, frames out, carrier.
//!
//! It copies each frame word by word, as the chip has it: no DMA, no descriptors.

use core::ptr::{read_volatile, write_volatile};

/// Where the board has the chip.
const BASE: usize = 0x4020_0000;
/// The longest frame: header and 1500 bytes, without the checksum, which the chip adds and checks.
pub const FRAME: usize = 1514;
const CHECKSUM: usize = 4;
/// So often the chip is asked whether it is done before that counts as a fault.
const PATIENCE: u32 = 100_000;

/// Registers by their offset.
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

/// Registers of the MAC, behind `MacCommand` and `MacData`.
#[derive(Clone, Copy)]
enum Mac {
    Control = 1,
    AddressHigh = 2,
    AddressLow = 3,
    PhyAccess = 6,
    PhyData = 7,
}

/// Registers of the PHY, behind the MAC's `PhyAccess` and `PhyData`.
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
/// 5 KiB of the chip's memory for frames that go out, the rest for those that come in.
const TX_FIFO_5K: u32 = 0x0005_0000;
const TX_ON: u32 = 2;
const MAC_BUSY: u32 = 0x8000_0000;
const MAC_READ: u32 = 0x4000_0000;
const MAC_FULL_DUPLEX_ON: u32 = 0x0010_000C;
const PHY_ADDRESS: u32 = 1 << 11;
const PHY_WRITE: u32 = 2;
const PHY_BUSY: u32 = 1;
const PHY_NEGOTIATE: u32 = 0x1200;
const PHY_POWER_DOWN: u32 = 0x0800;
const PHY_LINK: u32 = 4;
/// The link went down, or negotiation is complete.
const PHY_LINK_CHANGES: u32 = 0x50;
/// Of the PHY, and of frames that wait to be read.
const INTERRUPTS: u32 = 0x0004_0008;
/// Above how many waiting frames, in its lowest byte: none.
const FIFO_LEVELS: u32 = 0x4800_0000;
/// Active high, push-pull, on.
const IRQ_ON: u32 = 0x111;
const RX_ERROR: u32 = 1 << 15;
/// The frame's first and last piece.
const TX_WHOLE: u32 = 0x3000;

/// The chip does not do what it should.
#[derive(Clone, Copy, Debug)]
#[repr(i32)]
pub enum Trouble {
    /// It is not there, or its bus is wired wrongly.
    Absent = 1,
    /// It does not come out of its reset.
    Reset = 2,
    /// A register of MAC or PHY cannot be reached.
    Access = 3,
}

/// The one chip of the board.
pub struct Lan9118(());

impl Lan9118 {
    /// # Safety
    ///
    /// To be called once: nobody else may touch the registers.
    pub unsafe fn take() -> Self {
        Self(())
    }

    /// Resets the chip and turns it on.
    pub fn power_up(&mut self) -> Result<(), Trouble> {
        // A chip that sleeps is woken by any write.
        self.write(Register::ByteTest, 0);
        self.wait(Register::PowerManagement, |it| it & READY != 0)
            .map_err(|_| Trouble::Absent)?;
        if self.read(Register::ByteTest) != BYTE_TEST {
            return Err(Trouble::Absent);
        }
        self.write(Register::HardwareConfig, SOFT_RESET);
        self.wait(Register::HardwareConfig, |it| it & SOFT_RESET == 0)
            .map_err(|_| Trouble::Reset)?;
        self.write(Register::HardwareConfig, TX_FIFO_5K);
        self.write(Register::FifoInterrupt, FIFO_LEVELS);
        self.write(Register::RxConfig, 0);
        self.write(Register::TxConfig, TX_ON);
        self.phy_write(Phy::Control, PHY_NEGOTIATE)?;
        self.phy_write(Phy::InterruptMask, PHY_LINK_CHANGES)?;
        self.write(Register::InterruptStatus, u32::MAX);
        self.write(Register::InterruptEnable, INTERRUPTS);
        self.write(Register::IrqConfig, IRQ_ON);
        self.mac_write(Mac::Control, MAC_FULL_DUPLEX_ON)
    }

    /// Turns receiver, sender and PHY off.
    pub fn power_down(&mut self) -> Result<(), Trouble> {
        self.write(Register::InterruptEnable, 0);
        self.mac_write(Mac::Control, 0)?;
        self.phy_write(Phy::Control, PHY_POWER_DOWN)
    }

    /// The address that the chip has read from its EEPROM.
    pub fn address(&mut self) -> Result<[u8; 6], Trouble> {
        let [a, b, c, d] = self.mac_read(Mac::AddressLow)?.to_le_bytes();
        let [e, f, ..] = self.mac_read(Mac::AddressHigh)?.to_le_bytes();
        Ok([a, b, c, d, e, f])
    }

    pub fn has_carrier(&mut self) -> Result<bool, Trouble> {
        // The bit stays down until it is read once: what counts is the second look.
        self.phy_read(Phy::Status)?;
        Ok(self.phy_read(Phy::Status)? & PHY_LINK != 0)
    }

    /// Takes the interrupt back. What comes from now on raises it again, so look for frames and
    /// carrier afterwards.
    pub fn acknowledge(&mut self) {
        let status = self.read(Register::InterruptStatus);
        if status & INTERRUPTS != 0 {
            // Reading clears it; a PHY that cannot be reached shows elsewhere.
            let _ = self.phy_read(Phy::InterruptSource);
            self.write(Register::InterruptStatus, status);
        }
    }

    /// Reads the next good frame, and tells its length.
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

    /// Whether there is room for a frame.
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
        // Whether it arrives is not the MAC's business.
        while (self.read(Register::TxFifoInformation) >> 16) & 0xFF > 0 {
            self.read(Register::TxStatus);
        }
    }

    fn mac_read(&mut self, register: Mac) -> Result<u32, Trouble> {
        self.write(Register::MacCommand, MAC_BUSY | MAC_READ | register as u32);
        self.wait(Register::MacCommand, |it| it & MAC_BUSY == 0)?;
        Ok(self.read(Register::MacData))
    }

    fn mac_write(&mut self, register: Mac, value: u32) -> Result<(), Trouble> {
        self.write(Register::MacData, value);
        self.write(Register::MacCommand, MAC_BUSY | register as u32);
        self.wait(Register::MacCommand, |it| it & MAC_BUSY == 0)
    }

    fn phy_read(&mut self, register: Phy) -> Result<u32, Trouble> {
        self.phy_access(register, PHY_BUSY)?;
        self.mac_read(Mac::PhyData)
    }

    fn phy_write(&mut self, register: Phy, value: u32) -> Result<(), Trouble> {
        self.mac_write(Mac::PhyData, value)?;
        self.phy_access(register, PHY_WRITE | PHY_BUSY)
    }

    fn phy_access(&mut self, register: Phy, how: u32) -> Result<(), Trouble> {
        self.mac_write(Mac::PhyAccess, PHY_ADDRESS | (register as u32) << 6 | how)?;
        for _ in 0..PATIENCE {
            if self.mac_read(Mac::PhyAccess)? & PHY_BUSY == 0 {
                return Ok(());
            }
        }
        Err(Trouble::Access)
    }

    fn wait(&self, register: Register, done: impl Fn(u32) -> bool) -> Result<(), Trouble> {
        for _ in 0..PATIENCE {
            if done(self.read(register)) {
                return Ok(());
            }
        }
        Err(Trouble::Access)
    }

    fn read(&self, register: Register) -> u32 {
        // SAFETY: a register of the chip, which is ours alone.
        unsafe { read_volatile((BASE + register as usize) as *const u32) }
    }

    fn write(&mut self, register: Register, value: u32) {
        // SAFETY: as above.
        unsafe { write_volatile((BASE + register as usize) as *mut u32, value) }
    }
}
