//! A profile that was made for something that came to nothing.

use crate::error::Result;
use crate::host::KeystoreKind;
use crate::node::Node;

impl Node {
    /// Shuts the node down and removes its profile, where nobody is in it: its secrets, then its folder. For whoever made it
    /// just now. Answers whether it was removed.
    ///
    /// # Errors
    /// `Keystore` and `Io` where some of it stays.
    pub async fn discard(&self) -> Result<bool> {
        let empty = self.personas().await.map(|personas| personas.is_empty());
        self.shutdown().await;
        if !empty? {
            return Ok(false);
        }
        let inner = self.inner();
        // A sealed file goes with the folder.
        if inner.keystore.kind() == KeystoreKind::Os {
            for secret in ["db", "network/0", "run", "phrase"] {
                inner.keystore.delete(&format!("{}/{secret}", inner.tag))?;
            }
        }
        std::fs::remove_dir_all(&inner.config.profile)?;
        Ok(true)
    }
}
