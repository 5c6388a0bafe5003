//! What the operating system must give a node. `platform` fills these traits; tests and the simulation fill them
//! with memory.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;

use zeroize::Zeroizing;

/// Where a node's secrets rest. Names are chosen by the node (`PROFILE/db`, `PROFILE/network`, …) and are not secret.
///
/// A keystore must have made a secret durable before `set` returns.
pub trait Keystore: Send + Sync + fmt::Debug + 'static {
    /// `Ok(None)` when nothing is kept under that name.
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError>;
    /// Keeps `secret` (at most 2,048 bytes) under `name`, replacing what was there.
    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError>;
    /// Forgets a name; fine when it is not known.
    fn delete(&self, name: &str) -> Result<(), KeystoreError>;
    fn kind(&self) -> KeystoreKind;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum KeystoreKind {
    /// Secret Service, Keychain, Credential Manager, Android Keystore.
    Os,
    /// A file sealed with a passphrase.
    File,
    /// Nowhere: tests only.
    Memory,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeystoreError {
    /// A passphrase is needed and none was given, or the keychain's own lock is closed.
    #[error("the keystore is locked")]
    Locked,
    #[error("the passphrase does not open the keystore")]
    WrongPassphrase,
    /// No keychain answers on this system. Holds what the system said, never a secret.
    #[error("no keychain answers on this system: {0}")]
    Unavailable(String),
    /// It answers, but the profile was made with another one, or under another name in it.
    #[error("it holds no key for this profile")]
    NoKey,
    #[error("the keystore's file is damaged")]
    Corrupt,
    #[error("the keystore could not be read or written: {0}")]
    Io(String),
}

/// What is shown beside the program's own window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice<'a> {
    /// It takes the place of what stands there under the same one.
    pub key: &'a str,
    pub title: &'a str,
    pub body: &'a str,
    /// What the button says by which it is read without the window; `None`: there is none.
    pub read: Option<&'a str>,
}

/// Shows something beside the program's own window, where the system has a place for that. Calls may take as long as the
/// system does. What is pressed the implementation tells whoever made it.
pub trait Notifier: Send + Sync + fmt::Debug + 'static {
    fn show(&self, notice: Notice<'_>) -> Result<(), NotifierError>;
    /// Takes away what stands there under a key; fine where there is nothing.
    fn clear(&self, key: &str) -> Result<(), NotifierError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotifierError {
    /// Holds what the system said.
    #[error("this system shows no notifications: {0}")]
    Unavailable(String),
}

/// Where random bytes come from: the operating system, or a seed in the simulation.
pub trait Entropy: Send + Sync + fmt::Debug + 'static {
    /// Fills `bytes`; an error means that nothing that needs a key may go on.
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()>;
}

#[derive(Debug, Default, Clone, Copy)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        getrandom::fill(bytes).map_err(std::io::Error::other)
    }
}

/// Secrets in memory: for tests and the simulation.
#[derive(Debug, Default)]
pub struct MemoryKeystore(Mutex<BTreeMap<String, Zeroizing<Vec<u8>>>>);

impl MemoryKeystore {
    fn map(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Zeroizing<Vec<u8>>>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clone for MemoryKeystore {
    /// The secrets of this moment.
    fn clone(&self) -> Self {
        Self(Mutex::new(self.map().clone()))
    }
}

impl Keystore for MemoryKeystore {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        Ok(self.map().get(name).cloned())
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        self.map().insert(name.to_owned(), Zeroizing::new(secret.to_vec()));
        Ok(())
    }

    fn delete(&self, name: &str) -> Result<(), KeystoreError> {
        self.map().remove(name);
        Ok(())
    }

    fn kind(&self) -> KeystoreKind {
        KeystoreKind::Memory
    }
}
