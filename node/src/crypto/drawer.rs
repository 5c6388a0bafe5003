//! A keystore that is one secret of another one: all that it keeps goes at once, and can be sealed into a file at once.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zeroize::Zeroizing;

use super::sealed_file::{self, SealedFile, Secrets};
use crate::host::{Keystore, KeystoreError, KeystoreKind};
use crate::limits;

/// Secrets under one name of another keystore; together they have the room of one secret there. One process at a time
/// uses it: the lock of the profile sees to that, so what was read once is not read again.
#[derive(Debug)]
pub struct Drawer {
    keystore: Arc<dyn Keystore>,
    name: String,
    open: Mutex<Option<Secrets>>,
}

impl Drawer {
    /// Touches nothing yet. Where nothing is kept under `name`, it is empty.
    pub fn new(keystore: Arc<dyn Keystore>, name: String) -> Self {
        Self { keystore, name, open: Mutex::default() }
    }

    /// Writes all that it keeps into a sealed file, which replaces the one that is there, and reads it back.
    ///
    /// # Errors
    /// `NoKey` where it keeps nothing; `Locked` for an empty passphrase; `Io`.
    pub fn seal(&self, file: &Path, passphrase: &str) -> Result<(), KeystoreError> {
        let secrets = self.secrets()?.clone().unwrap_or_default();
        let Some((name, secret)) = secrets.first_key_value().map(|(name, secret)| (name.clone(), secret.clone()))
        else {
            return Err(KeystoreError::NoKey);
        };
        SealedFile::new(file, Some(passphrase)).fill(secrets)?;
        match SealedFile::new(file, Some(passphrase)).get(&name)? {
            Some(back) if back == secret => Ok(()),
            _ => Err(KeystoreError::Corrupt),
        }
    }

    /// Forgets all that it keeps.
    pub fn empty(&self) -> Result<(), KeystoreError> {
        self.keystore.delete(&self.name)?;
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(())
    }

    fn secrets(&self) -> Result<MutexGuard<'_, Option<Secrets>>, KeystoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.is_none() {
            *open = match self.keystore.get(&self.name)? {
                Some(kept) => Some(sealed_file::decode(&kept)?),
                None => None,
            };
        }
        Ok(open)
    }

    fn change(&self, change: impl FnOnce(&mut Secrets)) -> Result<(), KeystoreError> {
        let mut open = self.secrets()?;
        let before = open.clone().unwrap_or_default();
        let mut secrets = before.clone();
        change(&mut secrets);
        if secrets == before {
            return Ok(());
        }
        let bytes = sealed_file::encode(&secrets)?;
        if bytes.len() > limits::SECRET_BYTES {
            return Err(KeystoreError::Io("there is no room for more keys beside these".to_owned()));
        }
        self.keystore.set(&self.name, &bytes)?;
        *open = Some(secrets);
        Ok(())
    }
}

impl Keystore for Drawer {
    fn get(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeystoreError> {
        Ok(self.secrets()?.as_ref().and_then(|secrets| secrets.get(name).cloned()))
    }

    fn set(&self, name: &str, secret: &[u8]) -> Result<(), KeystoreError> {
        let secret = Zeroizing::new(secret.to_vec());
        self.change(|secrets| drop(secrets.insert(name.to_owned(), secret)))
    }

    fn delete(&self, name: &str) -> Result<(), KeystoreError> {
        self.change(|secrets| drop(secrets.remove(name)))
    }

    fn kind(&self) -> KeystoreKind {
        self.keystore.kind()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::host::MemoryKeystore;

    #[test]
    fn what_it_keeps_is_one_secret_that_is_sealed_and_goes_at_once() {
        let outer: Arc<dyn Keystore> = Arc::new(MemoryKeystore::default());
        let drawer = || Drawer::new(Arc::clone(&outer), "box".to_owned());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("keys.sealed");
        assert_eq!(drawer().seal(&file, "horse"), Err(KeystoreError::NoKey));
        let first = drawer();
        first.set("a", b"one").unwrap();
        first.set("b", b"two").unwrap();
        first.set("c", b"three").unwrap();
        first.delete("c").unwrap();
        assert_eq!(outer.get("a").unwrap(), None);
        let again = drawer();
        assert_eq!(again.get("a").unwrap().unwrap().as_slice(), b"one");
        assert_eq!(again.get("c").unwrap(), None);
        assert!(matches!(again.set("d", &[7; limits::SECRET_BYTES]), Err(KeystoreError::Io(_))));
        assert_eq!(again.get("d").unwrap(), None);

        assert_eq!(again.seal(&file, ""), Err(KeystoreError::Locked));
        again.seal(&file, "horse").unwrap();
        again.empty().unwrap();
        assert_eq!((again.get("a").unwrap(), outer.get("box").unwrap()), (None, None));
        let sealed = SealedFile::new(&file, Some("horse"));
        assert_eq!(sealed.get("b").unwrap().unwrap().as_slice(), b"two");
        assert_eq!(SealedFile::new(&file, Some("mule")).get("b"), Err(KeystoreError::WrongPassphrase));
    }
}
