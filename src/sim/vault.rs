//! A pretence of sealing.

use core::fmt;

use heapless::Vec;

use super::random::SplitMix;
use crate::nic::Exposed;

/// What a sealed secret begins with.
const MARK: [u8; 4] = *b"SIM:";
const CHECKSUM: usize = 4;

/// A secret as a simulated device seals it (SEC-3). This is a pretence: it only keeps the secret
/// from being read at a glance, and protects nothing.
///
/// ```
/// use lankeeper::WifiKey;
/// use lankeeper::sim::World;
///
/// let world: World = World::new(1);
/// let key = WifiKey::sealed(world.seal("correct horse").as_bytes())?;
/// # Ok::<(), lankeeper::NicError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SealedSecret(Vec<u8, 112, u8>);

impl SealedSecret {
    /// The bytes, at most 112.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SealedSecret {
    /// Not the bytes: whoever knows the seed can read them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealed")
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for SealedSecret {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "Sealed");
    }
}

/// Seals secrets for one device, always the same one in the same way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Vault {
    seed: u64,
}

/// A secret was sealed by nobody, or by another device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotUnsealed;

impl Vault {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(super) fn seal(self, text: &str) -> SealedSecret {
        let checksum = self.checksum(text.bytes()).to_le_bytes();
        let covered = text.bytes().zip(self.cover()).map(|(byte, by)| byte ^ by);
        let whole = MARK.into_iter().chain(covered).chain(checksum);
        // No key or password is longer than 64 bytes.
        SealedSecret(whole.take(112).collect())
    }

    /// Whether a secret is the one that is expected, each as it is or sealed.
    pub(super) fn fits(
        self,
        given: Option<Exposed<'_>>,
        expected: Option<Exposed<'_>>,
    ) -> Result<bool, NotUnsealed> {
        let given = given.map(|secret| self.sealed(secret)).transpose()?;
        let expected = expected.map(|secret| self.sealed(secret)).transpose()?;
        Ok(given == expected)
    }

    /// A secret in its sealed form: two of them can be compared without laying one open.
    pub(super) fn sealed(self, secret: Exposed<'_>) -> Result<SealedSecret, NotUnsealed> {
        match secret {
            Exposed::Plaintext(text) => Ok(self.seal(text)),
            Exposed::Sealed(blob) if self.has_sealed(blob) => {
                Ok(SealedSecret(blob.iter().copied().take(112).collect()))
            }
            Exposed::Sealed(_) => Err(NotUnsealed),
        }
    }

    fn has_sealed(self, blob: &[u8]) -> bool {
        let Some((covered, checksum)) = blob
            .strip_prefix(&MARK)
            .and_then(<[u8]>::split_last_chunk::<CHECKSUM>)
        else {
            return false;
        };
        let text = covered.iter().zip(self.cover()).map(|(byte, by)| byte ^ by);
        self.checksum(text).to_le_bytes() == *checksum
    }

    /// What each byte is covered with.
    fn cover(self) -> impl Iterator<Item = u8> {
        let mut random = SplitMix::new(self.seed);
        core::iter::repeat_with(move || u8::try_from(random.below(256)).unwrap_or(0))
    }

    /// FNV-1a of 32 bits, from another start for each device.
    fn checksum(self, text: impl Iterator<Item = u8>) -> u32 {
        let start = SplitMix::new(!self.seed).below(u64::from(u32::MAX));
        text.fold(u32::try_from(start).unwrap_or(0), |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        })
    }
}
