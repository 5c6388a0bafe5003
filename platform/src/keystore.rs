//! Which keystore a profile uses.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kith_node::crypto::SealedFile;
use kith_node::host::Keystore;
use zeroize::Zeroizing;

use crate::OsKeychain;

/// Selects the keystore: `file` or `os`.
pub const KEYSTORE_VARIABLE: &str = "KITH_KEYSTORE";
/// The passphrase of a sealed file.
pub const PASSPHRASE_VARIABLE: &str = "KITH_PASSPHRASE";
/// The sealed file's name inside a profile. That it exists is how a profile remembers what it used last.
pub const SEALED_FILE_NAME: &str = "keys.sealed";

/// Which keystore the user wants.
#[derive(Debug, Clone)]
pub enum Choice {
    /// What the profile used last: the sealed file where there is one, else the system's keychain.
    Remembered(Option<Passphrase>),
    /// The system's keychain.
    Os,
    /// The sealed file. Without a passphrase it answers `Locked`.
    File(Option<Passphrase>),
}

/// Wiped when dropped, never shown by `Debug`.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

/// `KITH_KEYSTORE` holds something else than `file` or `os`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "KITH_KEYSTORE is `{0}`; it can be `file` (a file sealed with KITH_PASSPHRASE) or `os` (the system's keychain)"
)]
pub struct UnknownKeystore(String);

impl Choice {
    /// What `KITH_KEYSTORE` and `KITH_PASSPHRASE` say. Empty ones count as absent.
    pub fn from_env() -> Result<Self, UnknownKeystore> {
        let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self::from_values(read(KEYSTORE_VARIABLE).as_deref(), read(PASSPHRASE_VARIABLE).map(Passphrase::from))
    }

    fn from_values(keystore: Option<&str>, passphrase: Option<Passphrase>) -> Result<Self, UnknownKeystore> {
        match keystore {
            None => Ok(Self::Remembered(passphrase)),
            Some("file") => Ok(Self::File(passphrase)),
            Some("os") => Ok(Self::Os),
            Some(other) => Err(UnknownKeystore(other.to_owned())),
        }
    }
}

/// The keystore of `profile` (its folder). Touches nothing yet: errors come with the first use.
pub fn open_keystore(profile: &Path, choice: Choice) -> Arc<dyn Keystore> {
    let file = sealed_file_path(profile);
    match choice {
        Choice::File(passphrase) => sealed_file(&file, passphrase),
        Choice::Remembered(passphrase) if file.exists() => sealed_file(&file, passphrase),
        Choice::Remembered(_) | Choice::Os => Arc::new(OsKeychain::new()),
    }
}

/// Where the sealed file of `profile` lies, if it has one.
pub fn sealed_file_path(profile: &Path) -> PathBuf {
    profile.join(SEALED_FILE_NAME)
}

impl From<String> for Passphrase {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

fn sealed_file(path: &Path, passphrase: Option<Passphrase>) -> Arc<dyn Keystore> {
    Arc::new(SealedFile::new(path, passphrase.as_ref().map(|passphrase| passphrase.0.as_str())))
}

#[cfg(test)]
mod tests {
    use kith_node::host::{KeystoreError, KeystoreKind};

    use super::*;

    fn horse() -> Option<Passphrase> {
        Some(Passphrase::from("horse".to_owned()))
    }

    #[test]
    fn a_profile_keeps_the_keystore_that_it_started_with() {
        let profile = tempfile::tempdir().unwrap();
        assert_eq!(open_keystore(profile.path(), Choice::Remembered(horse())).kind(), KeystoreKind::Os);
        let keys = open_keystore(profile.path(), Choice::File(horse()));
        assert_eq!(keys.kind(), KeystoreKind::File);
        keys.set("db", b"secret").unwrap();

        let keys = open_keystore(profile.path(), Choice::Remembered(horse()));
        assert_eq!(keys.kind(), KeystoreKind::File);
        assert_eq!(keys.get("db").unwrap().unwrap().as_slice(), b"secret");
        let locked = open_keystore(profile.path(), Choice::Remembered(None));
        assert_eq!(locked.get("db"), Err(KeystoreError::Locked));
        assert_eq!(open_keystore(profile.path(), Choice::Os).kind(), KeystoreKind::Os);
    }

    #[test]
    fn the_environment_chooses() {
        assert!(matches!(Choice::from_values(None, None), Ok(Choice::Remembered(None))));
        assert!(matches!(Choice::from_values(Some("file"), horse()), Ok(Choice::File(Some(_)))));
        assert!(matches!(Choice::from_values(Some("os"), None), Ok(Choice::Os)));
        let error = Choice::from_values(Some("cloud"), None).unwrap_err();
        assert!(error.to_string().contains("`cloud`"));
    }

    #[test]
    fn debug_shows_no_passphrase() {
        assert_eq!(format!("{:?}", Choice::File(horse())), "File(Some(Passphrase(..)))");
    }
}
