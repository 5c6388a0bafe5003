//! Blobs on disk. iroh-blobs keeps the trees that make transfers verifiable and resumable (`PROFILE/blobs`); the
//! bytes of each complete blob are a real file (`PROFILE/media/HASH.ext`) that other programs can open, and which
//! iroh-blobs refers to, so that larger blobs are on disk once. Usable without a network.
//!
//! The file is the durable truth: should a crash leave the trees behind it, they are computed again from it.

use std::fmt;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use iroh_blobs::api::blobs::{AddPathOptions, BlobStatus, ExportMode, ExportOptions, ImportMode};
use iroh_blobs::store::GcConfig;
use iroh_blobs::store::fs::FsStore;
use iroh_blobs::store::fs::options::{InlineOptions, Options};
use iroh_blobs::{BlobFormat, Hash, HashAndFormat};
use tokio::io::AsyncReadExt;
use tokio::sync::{Mutex, MutexGuard};

use crate::crypto::random_bytes;
use crate::error::{Error, Result};
use crate::id::BlobHash;
use crate::limits::{BLOB_BYTES, BLOB_SWEEP_MS};

/// Folder of a profile with the files of pictures: there from the first start on.
pub(crate) const MEDIA: &str = "media";

/// Bytes of a file that are hashed and written at once.
const PIECE: usize = 256 * 1024;
/// How names of files end that are not whole yet.
const DRAFT: &str = "new";
/// How names of tags begin.
pub(super) const TAGS: &str = "kith/";
/// The longest signature of a picture format that is looked for, bytes: WebP's.
const BEGINNING_BYTES: u64 = 12;

/// The blobs of a profile. Cheap to clone.
#[derive(Clone)]
pub struct Blobs(Arc<Inner>);

struct Inner {
    store: FsStore,
    media: PathBuf,
    settling: Mutex<()>,
    /// What names of drafts end with: they tell which are of this run, and no two are alike.
    run: String,
    drafts: AtomicU64,
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blobs").finish_non_exhaustive()
    }
}

/// A blob's file that is not in its place yet, under a name of its own; it goes where it is dropped.
#[derive(Debug)]
pub(crate) struct Arriving {
    file: File,
    draft: Option<PathBuf>,
    path: PathBuf,
}

impl Arriving {
    /// Puts it there; durable once [`Blobs::sync`] returned. Blocks.
    pub(crate) fn keep(mut self) -> std::io::Result<()> {
        self.file.sync_all()?;
        if let Some(draft) = &self.draft {
            std::fs::rename(draft, &self.path)?;
        }
        self.draft = None;
        Ok(())
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if let Some(draft) = &self.draft {
            let _gone_already = std::fs::remove_file(draft);
        }
    }
}

impl Blobs {
    /// Opens or makes the two folders. Needs a tokio runtime.
    pub async fn open(profile: &Path) -> Result<Self> {
        let profile = std::path::absolute(profile)?;
        let (trees, media) = (profile.join("blobs"), profile.join(MEDIA));
        for folder in [&trees, &media] {
            std::fs::create_dir_all(folder)?;
        }
        let options = || {
            let mut options = Options::new(&trees);
            // A blob lives as long as its tag: set when it is stored or begun, removed with its last reference.
            // Only trees stand in its database: what is erased from that stays on disk until something else is written there.
            options.inline = InlineOptions { max_data_inlined: 0, ..InlineOptions::default() };
            options.gc = Some(GcConfig { interval: Duration::from_millis(BLOB_SWEEP_MS), add_protected: None });
            options
        };
        let store = match FsStore::load_with_opts(trees.join("blobs.db"), options()).await {
            Ok(store) => store,
            Err(error) => {
                // The trees are computed again from the files: a damaged one must not lock the profile.
                tracing::warn!(%error, "the trees of blobs are damaged; they are set aside and computed again");
                let aside = profile.join("blobs.damaged");
                if aside.exists() {
                    std::fs::remove_dir_all(&aside)?;
                }
                std::fs::rename(&trees, &aside)?;
                std::fs::create_dir_all(&trees)?;
                FsStore::load_with_opts(trees.join("blobs.db"), options()).await.map_err(disk)?
            }
        };
        let run = format!("{}.{DRAFT}", data_encoding::HEXLOWER.encode(&random_bytes::<8>()?));
        Ok(Self(Arc::new(Inner { store, media, settling: Mutex::default(), run, drafts: AtomicU64::new(0) })))
    }

    /// Stores a blob: durable when it returns. `mime` decides the file's extension. Storing twice is fine.
    ///
    /// # Errors
    /// [`Error::BadInput`] above `BLOB_BYTES` or for no bytes at all, [`Error::Io`] when it can't be written.
    pub async fn put(&self, bytes: Vec<u8>, mime: &str) -> Result<BlobHash> {
        if bytes.is_empty() || bytes.len() as u64 > BLOB_BYTES {
            return Err(Error::BadInput("a file has between 1 byte and 512 MiB".to_owned()));
        }
        let hash = BlobHash::from_bytes(*blake3::hash(&bytes).as_bytes());
        let (blobs, path) = (self.clone(), self.path(hash, mime));
        blocking(move || {
            if std::fs::metadata(&path).is_ok_and(|found| found.len() == bytes.len() as u64) {
                return Ok(());
            }
            // Either the whole file is there afterwards, or none.
            let mut arriving = blobs.draft(path)?;
            arriving.file.write_all(&bytes)?;
            arriving.keep()?;
            blobs.sync()
        })
        .await?;
        self.adopt(hash, mime).await?;
        Ok(hash)
    }

    /// Reads a blob from elsewhere than a peer: so many bytes, into a file beside its place; its tree is computed when it is
    /// asked for. `None`: it has another hash, and nothing stays. Blocks.
    ///
    /// # Errors
    /// What reading and writing answer; `Interrupted` where `moved` says that nobody waits for it.
    pub(crate) fn take(
        &self,
        hash: BlobHash,
        mime: &str,
        size: u64,
        from: &mut impl Read,
        moved: impl Fn(u64) -> bool,
    ) -> std::io::Result<Option<Arriving>> {
        let mut taken = self.draft(self.path(hash, mime))?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; PIECE];
        let mut left = size;
        while left > 0 {
            // Whole pieces: the hash of many chunks at once costs a part of what each alone does.
            let most = usize::try_from(left).unwrap_or(usize::MAX).min(PIECE);
            let piece = buffer.get_mut(..most).unwrap_or_default();
            from.read_exact(piece)?;
            hasher.update(piece);
            taken.file.write_all(piece)?;
            left -= most as u64;
            if !moved(most as u64) {
                return Err(std::io::ErrorKind::Interrupted.into());
            }
        }
        Ok(Some(taken).filter(|_| hasher.finalize().as_bytes() == hash.as_bytes()))
    }

    fn draft(&self, path: PathBuf) -> std::io::Result<Arriving> {
        let number = self.0.drafts.fetch_add(1, Ordering::Relaxed);
        let draft = path.with_extension(format!("{number}.{}", self.0.run));
        Ok(Arriving { file: File::create_new(&draft)?, draft: Some(draft), path })
    }

    /// Removes what earlier runs wrote in part. Blocks.
    pub(crate) fn remove_drafts(&self) -> std::io::Result<()> {
        for found in std::fs::read_dir(&self.0.media)? {
            let found = found?;
            let name = found.file_name();
            let is_draft = Path::new(&name).extension().is_some_and(|end| end == DRAFT);
            if is_draft && !name.to_string_lossy().ends_with(&self.0.run) {
                std::fs::remove_file(found.path())?;
            }
        }
        Ok(())
    }

    /// Waits until the names of files that were made rest on the disk. Blocks.
    pub(crate) fn sync(&self) -> std::io::Result<()> {
        sync_folder(&self.0.media)
    }

    /// Where the file of a blob is (or would be), by its hash and type.
    pub fn path(&self, hash: BlobHash, mime: &str) -> PathBuf {
        self.0.media.join(format!("{hash}.{}", extension(mime)))
    }

    /// Whether the file is complete here.
    pub async fn has(&self, hash: BlobHash, mime: &str) -> bool {
        tokio::fs::try_exists(self.path(hash, mime)).await.unwrap_or(false)
    }

    /// Whoever makes or removes a file together with its note in the database holds this meanwhile, so that no note
    /// is left without its file.
    pub(crate) async fn settle(&self) -> MutexGuard<'_, ()> {
        self.0.settling.lock().await
    }

    /// Drops a blob with its last reference: its file now, its tree at the next sweep.
    pub async fn remove(&self, hash: BlobHash, mime: &str) -> Result<()> {
        match tokio::fs::remove_file(self.path(hash, mime)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.let_go(hash).await
    }

    /// Whether the file of a blob of `size` bytes is whole. Where it is not, what lies there is removed, and its tree goes
    /// at the next sweep, so that the blob can be fetched anew.
    pub(crate) async fn is_whole_or_gone(&self, hash: BlobHash, mime: &str, size: u64) -> Result<bool> {
        let whole = |found: std::fs::Metadata| found.is_file() && found.len() == size;
        if tokio::fs::metadata(self.path(hash, mime)).await.is_ok_and(whole) {
            return Ok(true);
        }
        self.remove(hash, mime).await?;
        Ok(false)
    }

    /// Closes the files.
    pub async fn close(&self) {
        if let Err(error) = self.0.store.shutdown().await {
            tracing::debug!(%error, "the blob store was closed before");
        }
    }

    pub(super) fn store(&self) -> &iroh_blobs::api::Store {
        &self.0.store
    }

    /// How much of a blob has come, bytes.
    pub(super) async fn here(&self, hash: BlobHash) -> u64 {
        let local = self.0.store.remote().local(iroh_hash(hash)).await;
        local.map_or(0, |local| local.local_bytes())
    }

    /// Protects a blob from the sweep, also one that has just begun to arrive.
    pub(super) async fn keep(&self, hash: BlobHash) -> Result<()> {
        self.0.store.tags().set(tag(hash), HashAndFormat::raw(iroh_hash(hash))).await.map_err(disk)
    }

    /// Leaves a blob's tree to the next sweep.
    pub(super) async fn let_go(&self, hash: BlobHash) -> Result<()> {
        self.0.store.tags().delete(tag(hash)).await.map_err(disk)?;
        Ok(())
    }

    /// Size of a blob whose tree is complete. Where only its file is here, its tree is computed first.
    pub(super) async fn complete(&self, hash: BlobHash, mime: &str) -> Result<Option<u64>> {
        if let Some(size) = self.size(hash).await? {
            return Ok(Some(size));
        }
        if !self.has(hash, mime).await {
            return Ok(None);
        }
        self.adopt(hash, mime).await?;
        self.size(hash).await
    }

    /// Makes the file of a blob whose tree is complete; durable when it returns.
    pub(super) async fn export(&self, hash: BlobHash, mime: &str, size: u64) -> Result<()> {
        let path = self.path(hash, mime);
        if tokio::fs::metadata(&path).await.is_ok_and(|found| found.len() == size) {
            return Ok(());
        }
        let media = self.0.media.clone();
        // Moves the bytes: from then on the tree refers to this file.
        let options = ExportOptions { hash: iroh_hash(hash), mode: ExportMode::TryReference, target: path.clone() };
        self.0.store.export_with_opts(options).finish().await.map_err(disk)?;
        blocking(move || {
            File::open(&path)?.sync_all()?;
            sync_folder(&media)
        })
        .await
    }

    /// The first bytes of a blob, as many as tell a picture's type.
    pub(super) async fn beginning(&self, hash: BlobHash) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.0.store.blobs().reader(iroh_hash(hash)).take(BEGINNING_BYTES).read_to_end(&mut bytes).await?;
        Ok(bytes)
    }

    /// Size of a blob whose tree is complete, bytes.
    pub(super) async fn size(&self, hash: BlobHash) -> Result<Option<u64>> {
        match self.0.store.blobs().status(iroh_hash(hash)).await.map_err(disk)? {
            BlobStatus::Complete { size } => Ok(Some(size)),
            _ => Ok(None),
        }
    }

    /// Computes the tree of a file that is here.
    async fn adopt(&self, hash: BlobHash, mime: &str) -> Result<()> {
        let options =
            AddPathOptions { path: self.path(hash, mime), format: BlobFormat::Raw, mode: ImportMode::TryReference };
        let added = self.0.store.blobs().add_path_with_opts(options).temp_tag().await.map_err(disk)?;
        if added.hash() != iroh_hash(hash) {
            // Somebody changed the file: it is no longer this blob.
            tokio::fs::remove_file(self.path(hash, mime)).await?;
            return Err(Error::NotFound { what: "the file" });
        }
        self.keep(hash).await
    }
}

pub(super) fn iroh_hash(hash: BlobHash) -> Hash {
    Hash::from_bytes(hash.to_bytes())
}

fn tag(hash: BlobHash) -> String {
    format!("{TAGS}{hash}")
}

/// A fixed list: a peer's word never makes a file that the system would run or show as a page.
fn extension(mime: &str) -> &'static str {
    match mime {
        "image/jpeg" => "jpg",
        "image/png" => "png",
        "image/webp" => "webp",
        "image/gif" => "gif",
        "image/avif" => "avif",
        "video/mp4" => "mp4",
        "video/webm" => "webm",
        "audio/mpeg" => "mp3",
        "audio/ogg" => "ogg",
        "audio/mp4" => "m4a",
        "application/pdf" => "pdf",
        "text/plain" => "txt",
        _ => "bin",
    }
}

async fn blocking(work: impl FnOnce() -> std::io::Result<()> + Send + 'static) -> Result<()> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)??)
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    // Only Unix lets a folder be opened; elsewhere the rename itself is what there is.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn disk(error: impl fmt::Display) -> Error {
    Error::Io(std::io::Error::other(format!("blobs: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stored_blob_is_a_real_file_and_survives_a_lost_tree() {
        let dir = tempfile::tempdir().unwrap();
        for size in [1, 5_000, 300_000] {
            let bytes = vec![7; size];
            let blobs = Blobs::open(dir.path()).await.unwrap();
            let hash = blobs.put(bytes.clone(), "image/jpeg").await.unwrap();
            assert_eq!(blobs.put(bytes.clone(), "image/jpeg").await.unwrap(), hash);
            let path = blobs.path(hash, "image/jpeg");
            assert_eq!(std::fs::read(&path).unwrap(), bytes);
            assert_eq!(path.extension().unwrap(), "jpg");
            assert_eq!(blobs.complete(hash, "image/jpeg").await.unwrap(), Some(size as u64));
            blobs.close().await;
            drop(blobs);
            std::fs::remove_dir_all(dir.path().join("blobs")).unwrap();
            let blobs = Blobs::open(dir.path()).await.unwrap();
            assert_eq!(blobs.complete(hash, "image/jpeg").await.unwrap(), Some(size as u64));
            blobs.remove(hash, "image/jpeg").await.unwrap();
            assert!(!path.exists());
            blobs.remove(hash, "image/jpeg").await.unwrap();
            blobs.close().await;
        }
    }

    #[tokio::test]
    async fn drafts_of_one_file_are_apart_and_those_of_earlier_runs_go() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).await.unwrap();
        let hash = BlobHash::from_bytes(*blake3::hash(b"a picture").as_bytes());
        let path = blobs.path(hash, "image/png");
        let take = |bytes: &[u8]| blobs.take(hash, "image/png", 9, &mut &*bytes, |_| true).unwrap();
        let (first, second) = (take(b"a picture").unwrap(), take(b"a picture").unwrap());
        assert!(take(b"a pigture").is_none());
        let left = [path.with_extension("123.new"), path.with_extension("0.0123456789abcdef.new")];
        left.iter().for_each(|left| std::fs::write(left, "half").unwrap());
        blobs.remove_drafts().unwrap();
        assert!(left.iter().all(|left| !left.exists()));
        first.keep().unwrap();
        let third = take(b"a picture").unwrap();
        second.keep().unwrap();
        drop(third);
        assert_eq!(std::fs::read(&path).unwrap(), b"a picture");
        assert_eq!(std::fs::read_dir(dir.path().join(MEDIA)).unwrap().count(), 1);
        blobs.close().await;
    }

    #[tokio::test]
    async fn nothing_and_too_much_are_refused_and_a_strange_type_names_no_program() {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path()).await.unwrap();
        assert!(matches!(blobs.put(Vec::new(), "image/png").await, Err(Error::BadInput(_))));
        let path = blobs.path(BlobHash::ZERO, "../../evil.sh");
        assert_eq!(path.file_name().unwrap().to_str().unwrap(), format!("{}.bin", BlobHash::ZERO));
        blobs.close().await;
    }

    #[tokio::test]
    async fn damaged_trees_do_not_lock_the_profile() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(folder.path()).await.unwrap();
        let hash = blobs.put(vec![7; 100_000], "image/png").await.unwrap();
        blobs.close().await;
        drop(blobs);
        std::fs::write(folder.path().join("blobs/blobs.db"), b"not a database at all").unwrap();
        let blobs = Blobs::open(folder.path()).await.unwrap();
        assert_eq!(blobs.complete(hash, "image/png").await.unwrap(), Some(100_000));
        blobs.close().await;
    }
}
