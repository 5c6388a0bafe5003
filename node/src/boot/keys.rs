//! Where a profile's own secrets rest: the tag that names it in the keystore, and the keys of its database and network.

use std::path::Path;

use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::host::{Entropy, Keystore, KeystoreError, KeystoreKind};

/// The tag's file in the profile's folder. A sealed file keeps a copy under the same name.
const TAG: &str = "profile-id";
/// Random bytes of a tag.
const TAG_BYTES: usize = 8;

/// Names the profile in the keystore: random, so that a folder can move; not secret.
///
/// # Errors
/// `Keystore(NoKey)` where the database is there and its tag is lost: another one would name no key.
pub(super) fn profile_tag(
    profile: &Path,
    keystore: &dyn Keystore,
    entropy: &dyn Entropy,
    database_exists: bool,
) -> Result<String> {
    let path = profile.join(TAG);
    let written = match std::fs::read(&path) {
        Ok(bytes) => checked_tag(&bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    // A sealed file is of one profile alone. A keychain is for all, and could not tell whose tag it keeps.
    let kept = match keystore.kind() {
        KeystoreKind::File => keystore.get(TAG)?.and_then(|bytes| checked_tag(&bytes)),
        KeystoreKind::Os | KeystoreKind::Memory => None,
    };
    let tag = match (kept, &written) {
        (Some(kept), _) => kept,
        (None, Some(written)) => written.clone(),
        (None, None) if database_exists => return Err(Error::Keystore(KeystoreError::NoKey)),
        (None, None) => {
            let mut bytes = [0; TAG_BYTES];
            entropy.fill(&mut bytes)?;
            data_encoding::HEXLOWER.encode(&bytes)
        }
    };
    if written.as_ref() != Some(&tag) {
        // Whole or not at all: a torn tag would name no key, and the profile could not be opened again.
        let draft = profile.join("profile-id.new");
        let file = std::fs::File::create(&draft)?;
        std::io::Write::write_all(&mut &file, tag.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&draft, &path)?;
    }
    Ok(tag)
}

/// Keeps a copy of a tag that has proved right, for when its file is lost or changed.
pub(super) fn keep_tag(keystore: &dyn Keystore, tag: &str) -> Result<()> {
    match keystore.kind() {
        KeystoreKind::File => Ok(keystore.set(TAG, tag.as_bytes())?),
        KeystoreKind::Os | KeystoreKind::Memory => Ok(()),
    }
}

pub(super) fn database_key(
    keystore: &dyn Keystore,
    tag: &str,
    entropy: &dyn Entropy,
    database_exists: bool,
) -> Result<Zeroizing<[u8; 32]>> {
    let name = format!("{tag}/db");
    if database_exists && keystore.get(&name)?.is_none() {
        // Drawing a new key would only hide that the right one is elsewhere.
        return Err(Error::Keystore(KeystoreError::NoKey));
    }
    secret(keystore, &name, entropy)
}

pub(super) fn network_key(keystore: &dyn Keystore, tag: &str, entropy: &dyn Entropy) -> Result<Zeroizing<[u8; 32]>> {
    secret(keystore, &format!("{tag}/network/0"), entropy)
}

/// A tag as it was written; `None` for anything else.
fn checked_tag(bytes: &[u8]) -> Option<String> {
    let tag = std::str::from_utf8(bytes).ok()?.trim();
    let whole = data_encoding::HEXLOWER.decode(tag.as_bytes()).is_ok_and(|bytes| bytes.len() == TAG_BYTES);
    whole.then(|| tag.to_owned())
}

/// A 32-byte secret, drawn at its first use.
fn secret(keystore: &dyn Keystore, name: &str, entropy: &dyn Entropy) -> Result<Zeroizing<[u8; 32]>> {
    if let Some(kept) = keystore.get(name)? {
        let bytes = <[u8; 32]>::try_from(kept.as_slice()).map_err(|_| Error::Keystore(KeystoreError::Corrupt))?;
        return Ok(Zeroizing::new(bytes));
    }
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(bytes.as_mut_slice())?;
    keystore.set(name, bytes.as_slice())?;
    Ok(bytes)
}
