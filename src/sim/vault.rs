//! A mock vault, without real encryption.

use core::fmt;

use heapless::Vec;

use super::random::SplitMix;
use crate::nic::Exposed;

/// The prefix of every sealed secret.
const PREFIX: [u8; 4] = *b"SIM:";
const CHECKSUM: usize = 4;

/// A secret as sealed by a simulated device (SEC-3). The seal is a mock: it hides the secret from a
/// glance, and protects nothing.
///
/// ```
/// use lankeeper::WifiKey;
/// use lankeeper::sim::World;
///
/// let world: World = World::new(1);
/// let key = WifiKey::sealed(world.seal("correct horse").as_bytes())?;
/// # Ok::<(), lankeeper::nic::NicError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SealedBlob(Vec<u8, 112, u8>);

impl SealedBlob {
    /// The bytes, at most 112.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedBlob {
    /// Omits the bytes, because whoever knows the seed can read them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SealedBlob {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Sealed");
    }
}

/// Seals secrets for one device, deterministically.
#[derive(Clone, Copy, Debug)]
pub(super) struct MockVault {
    seed: u64,
}

/// The secret is not sealed, or another device sealed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnsealError;

impl MockVault {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(super) fn seal(self, text: &str) -> SealedBlob {
        let checksum = self.checksum(text.bytes()).to_le_bytes();
        let masked = text
            .bytes()
            .zip(self.key_stream())
            .map(|(byte, key)| byte ^ key);
        let whole = PREFIX.into_iter().chain(masked).chain(checksum);
        // This truncates nothing: keys and passwords have at most 64 bytes.
        SealedBlob(whole.take(112).collect())
    }

    /// Whether two secrets are equal, sealed or not.
    pub(super) fn matches(
        self,
        given: Option<Exposed<'_>>,
        expected: Option<Exposed<'_>>,
    ) -> Result<bool, UnsealError> {
        let given = given.map(|secret| self.sealed(secret)).transpose()?;
        let expected = expected.map(|secret| self.sealed(secret)).transpose()?;
        Ok(given == expected)
    }

    /// Returns the secret in sealed form, in which secrets can be compared without unsealing them.
    pub(super) fn sealed(self, secret: Exposed<'_>) -> Result<SealedBlob, UnsealError> {
        match secret {
            Exposed::Plaintext(text) => Ok(self.seal(text)),
            Exposed::Sealed(blob) if self.is_own(blob) => {
                Ok(SealedBlob(blob.iter().copied().take(112).collect()))
            }
            Exposed::Sealed(_) => Err(UnsealError),
        }
    }

    fn is_own(self, blob: &[u8]) -> bool {
        let Some((masked, checksum)) = blob
            .strip_prefix(&PREFIX)
            .and_then(<[u8]>::split_last_chunk::<CHECKSUM>)
        else {
            return false;
        };
        let text = masked
            .iter()
            .zip(self.key_stream())
            .map(|(byte, key)| byte ^ key);
        self.checksum(text).to_le_bytes() == *checksum
    }

    /// The key stream.
    fn key_stream(self) -> impl Iterator<Item = u8> {
        let mut random = SplitMix::new(self.seed);
        core::iter::repeat_with(move || u8::try_from(random.below(256)).unwrap_or(0))
    }

    /// 32-bit FNV-1a with a start value of its own for each device.
    fn checksum(self, text: impl Iterator<Item = u8>) -> u32 {
        let start = SplitMix::new(!self.seed).below(u64::from(u32::MAX));
        text.fold(u32::try_from(start).unwrap_or(0), |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
    }
}
