//! Random bytes, always from the operating system, or from the seed of a simulation.

use zeroize::Zeroizing;

use crate::host::{Entropy, KeystoreError};

/// The operating system gave no random bytes. Nothing that needs a key can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gave no random bytes")]
pub struct NoRandomness;

/// `N` random bytes that need not stay secret: salts, nonces, log numbers.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// `N` random bytes that are a secret; they are wiped when dropped.
pub fn random_secret<const N: usize>() -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    getrandom::fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

/// `N` random bytes that are a secret, from `entropy`; they are wiped when dropped.
pub(super) fn drawn<const N: usize>(entropy: &dyn Entropy) -> Result<Zeroizing<[u8; N]>, NoRandomness> {
    let mut bytes = Zeroizing::new([0; N]);
    entropy.fill(bytes.as_mut_slice()).map_err(|_| NoRandomness)?;
    Ok(bytes)
}

impl From<NoRandomness> for crate::Error {
    fn from(error: NoRandomness) -> Self {
        Self::Io(std::io::Error::other(error))
    }
}

impl From<NoRandomness> for KeystoreError {
    fn from(error: NoRandomness) -> Self {
        Self::Io(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
        assert_ne!(random_secret::<32>(), random_secret::<32>());
        assert_eq!(random_bytes::<0>(), Ok([]));
    }
}
