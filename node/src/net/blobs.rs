//! Blobs on disk. iroh-blobs keeps the trees that make transfers verifiable and resumable (`PROFILE/blobs`); the
//! bytes of each complete blob are a real file (`PROFILE/media/HASH.ext`) that other programs can open, and which
//! iroh-blobs refers to, so that larger blobs are on disk once. Usable without a network.

impl Blobs {
    /// Opens or makes the two folders. Needs a tokio runtime.
    pub async fn open(profile: &Path) -> Result<Self>;

    /// Stores a blob: durable when it returns. `mime` decides the file's extension. Storing twice is fine.
    ///
    /// # Errors
    /// [`Error::BadInput`] above `BLOB_BYTES` or for no bytes at all, [`Error::DiskFull`].
    pub async fn put(&self, bytes: Vec<u8>, mime: &str) -> Result<BlobHash>;

    /// Where the file of a blob is (or would be), by its hash and type.
    pub fn path(&self, hash: BlobHash, mime: &str) -> PathBuf;

    /// Whether the file is complete here.
    pub async fn has(&self, hash: BlobHash, mime: &str) -> bool;

    /// Drops a blob with its last reference: its file now, its tree at the next sweep.
    pub async fn remove(&self, hash: BlobHash, mime: &str) -> Result<()>;

    /// Closes the files.
    pub async fn close(&self);
}
