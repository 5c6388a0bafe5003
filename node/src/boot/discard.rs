//! A profile that was made for something that came to nothing.

use std::fs;

use crate::error::{Error, Result};
use crate::host::KeystoreKind;
use crate::node::{Node, unpoisoned};

impl Node {
    /// Shuts the node down and removes its profile, where nobody is in it. For whoever made it just now. As with a compartment
    /// the folder gets another name first, so that nothing opens half of it; then its keys go, then the folder. Answers
    /// whether it was removed.
    ///
    /// # Errors
    /// `Keystore` and `Io` where some of it stays; nothing opens that any more once the folder has the other name.
    pub async fn discard(&self) -> Result<bool> {
        let inner = self.inner();
        let empty = self.personas().await.map(|personas| personas.is_empty());
        // Held to the end: no other process takes the profile meanwhile.
        let lock = unpoisoned(&inner.lock).take();
        self.shutdown().await;
        if !empty? {
            return Ok(false);
        }
        let here = std::path::absolute(&inner.config.profile)?;
        let mut name = here.file_name().ok_or(Error::Bug("a profile without a name"))?.to_owned();
        name.push(format!(".{}.gone", inner.tag));
        let gone = here.with_file_name(name);
        // Windows renames no folder in which a file is open.
        let lock = lock.filter(|_| !cfg!(windows));
        fs::rename(&here, &gone)?;
        // A sealed file goes with the folder.
        if inner.keystore.kind() != KeystoreKind::File {
            for secret in ["db", "network/0", "run", "phrase"] {
                inner.keystore.delete(&format!("{}/{secret}", inner.tag))?;
            }
            // Of personas that were not own ones yet.
            let personas = inner.keyring().personas();
            for persona in personas {
                inner.keyring().forget(&*inner.keystore, &inner.tag, persona)?;
            }
        }
        fs::remove_dir_all(&gone)?;
        drop(lock);
        Ok(true)
    }
}
