//! The posting keys of this node's own personas, in memory while it is open. They rest in the keystore, one name a
//! key; nothing else may see them.

use std::collections::BTreeMap;
use std::fmt;

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::host::{Keystore, KeystoreError};
use crate::id::PersonaId;

/// What signs for one own persona on this device.
pub struct OwnKeys {
    /// Signs content.
    pub device: SigningKey,
    /// Signs only certificates. Absent on linked devices that are not *main*.
    pub root: Option<SigningKey>,
}

impl fmt::Debug for OwnKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnKeys(..)")
    }
}

#[derive(Debug, Default)]
pub struct Keyring(BTreeMap<PersonaId, OwnKeys>);

impl Keyring {
    pub fn get(&self, persona: PersonaId) -> Option<&OwnKeys> {
        self.0.get(&persona)
    }

    pub fn personas(&self) -> Vec<PersonaId> {
        self.0.keys().copied().collect()
    }

    /// How many personas have keys here.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Keeps keys in the keystore, then in memory. `tag` names the profile.
    pub fn add(&mut self, keystore: &dyn Keystore, tag: &str, persona: PersonaId, keys: OwnKeys) -> Result<()> {
        if let Some(root) = &keys.root {
            keystore.set(&name(tag, persona, "root"), root.as_bytes())?;
        }
        keystore.set(&name(tag, persona, "device"), keys.device.as_bytes())?;
        self.0.insert(persona, keys);
        Ok(())
    }

    /// Forgets a persona that left this device. Its recovery phrase too, where it has one of its own.
    ///
    /// # Errors
    /// What the keystore refused; as much as can be forgotten is.
    pub fn forget(&mut self, keystore: &dyn Keystore, tag: &str, persona: PersonaId) -> Result<(), KeystoreError> {
        self.0.remove(&persona);
        let gone = ["root", "device", "phrase"].map(|what| keystore.delete(&name(tag, persona, what)));
        gone.into_iter().collect()
    }

    /// Reads an own persona's keys from the keystore.
    ///
    /// # Errors
    /// `Keystore(Corrupt)` when the device key is missing or has a wrong length.
    pub fn load(&mut self, keystore: &dyn Keystore, tag: &str, persona: PersonaId) -> Result<()> {
        let device = read(keystore, &name(tag, persona, "device"))?.ok_or(Error::Keystore(KeystoreError::Corrupt))?;
        let root = read(keystore, &name(tag, persona, "root"))?;
        self.0.insert(persona, OwnKeys { device, root });
        Ok(())
    }
}

/// What a secret of a persona is called in the keystore.
pub(crate) fn name(tag: &str, persona: PersonaId, what: &str) -> String {
    format!("{tag}/persona/{persona}/{what}")
}

fn read(keystore: &dyn Keystore, name: &str) -> Result<Option<SigningKey>> {
    let Some(secret) = keystore.get(name)? else { return Ok(None) };
    let bytes =
        Zeroizing::new(<[u8; 32]>::try_from(secret.as_slice()).map_err(|_| Error::Keystore(KeystoreError::Corrupt))?);
    Ok(Some(SigningKey::from_bytes(&bytes)))
}
