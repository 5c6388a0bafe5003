//! A keystore in one file, sealed with a passphrase: Argon2id, then XChaCha20-Poly1305.

use std::path::Path;

use crate::host::{Keystore, KeystoreError, KeystoreKind};

/// Opens on the first use; written whole, to a temporary file, synced and renamed.
#[derive(Debug)]
pub struct SealedFile {}

#[allow(clippy::todo)]
impl SealedFile {
    /// `passphrase`: `None` gives a keystore that answers `Locked`.
    pub fn new(_path: &Path, _passphrase: Option<&str>) -> Self {
        todo!()
    }
}

#[allow(clippy::todo)]
impl Keystore for SealedFile {
    fn get(&self, _name: &str) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, KeystoreError> {
        todo!()
    }
    fn set(&self, _name: &str, _secret: &[u8]) -> Result<(), KeystoreError> {
        todo!()
    }
    fn delete(&self, _name: &str) -> Result<(), KeystoreError> {
        todo!()
    }
    fn kind(&self) -> KeystoreKind {
        KeystoreKind::File
    }
}
