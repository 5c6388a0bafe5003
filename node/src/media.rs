//! Pictures and blobs (DESIGN §4: pictures are decoded with bounds, turned upright, stripped of metadata,
//! re-encoded, given thumbnails and a blurhash before they are shared).

mod picture;

use std::path::Path;

use rusqlite::{OptionalExtension, params};

pub use picture::{Picture, PictureError, prepare_picture};

use crate::entry::BlobRef;
use crate::error::{Error, Result};
use crate::gate::Applying;
use crate::id::BlobHash;
use crate::limits;
use crate::net::Blobs;
use crate::node::{Blob, Node, Staged};

/// Notes that an entry names a blob and its thumbnail. They are fetched when the author is own or followed.
pub(crate) fn reference(applying: &mut Applying<'_>, blob: &BlobRef) -> Result<()> {
    name(applying, blob.hash, blob.size, &blob.mime, false)?;
    if let Some(thumb) = blob.thumb {
        // A thumbnail's size and type are not told: this is a bound until it has come.
        name(applying, thumb, blob.size.max(limits::THUMB_BYTES), "", true)?;
    }
    Ok(())
}

fn name(applying: &mut Applying<'_>, hash: BlobHash, size: u64, mime: &str, thumb: bool) -> Result<()> {
    applying
        .tx
        .prepare_cached(
            "INSERT INTO blob (hash, size, mime, wanted) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (hash) DO UPDATE SET wanted = max(wanted, ?4),
             size = CASE WHEN stored = 0 AND mime = '' THEN max(size, ?2) ELSE size END,
             mime = CASE WHEN stored = 0 AND mime = '' THEN ?3 ELSE mime END",
        )?
        .execute(params![hash, i64::try_from(size).unwrap_or(i64::MAX), mime, applying.followed])?;
    applying
        .tx
        .prepare_cached("INSERT OR IGNORE INTO blob_ref (hash, entry_row, thumb) VALUES (?1, ?2, ?3)")?
        .execute(params![hash, applying.row, thumb])?;
    applying.notes.blobs.push(hash);
    Ok(())
}

/// Notes that an entry names nothing any more. A blob goes with its last reference.
pub(crate) fn release(applying: &mut Applying<'_>, entry_row: i64) -> Result<()> {
    let tx = applying.tx;
    let mut statement = tx.prepare_cached("SELECT hash FROM blob_ref WHERE entry_row = ?1")?;
    let hashes: Vec<BlobHash> = statement.query_map([entry_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    tx.prepare_cached("DELETE FROM blob_ref WHERE entry_row = ?1")?.execute([entry_row])?;
    for hash in hashes {
        let gone = tx
            .prepare_cached(
                "UPDATE blob SET wanted = 0 WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM blob_ref WHERE hash = ?1)",
            )?
            .execute([hash])?;
        if gone > 0 {
            applying.notes.blobs_dropped.push(hash);
        }
    }
    Ok(())
}

/// Whether the file of a stored blob of `size` bytes is there: a look at the folder, not at its content.
pub(crate) fn is_whole(path: &Path, size: u64) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == size)
}

/// How many files of stored blobs were not whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Mended {
    /// Written anew, as their bytes rest beside their trees too.
    pub(crate) again: usize,
    /// Gone: no longer noted as stored, and wanted again where somebody who is followed names them.
    pub(crate) lost: usize,
}

impl Node {
    /// Looks for the file of every stored blob, and mends what can be mended.
    ///
    /// # Errors
    /// `Io` when a file can't be written. Without files (the simulation) nothing is missing.
    pub(crate) async fn mend_files(&self) -> Result<Mended> {
        let Ok(blobs) = self.inner().blobs() else { return Ok(Mended::default()) };
        let missing = self.inner().store.read(move |db| {
            let mut statement = db.prepare_cached("SELECT hash, mime, size FROM blob WHERE stored = 1")?;
            let mut rows = statement.query([])?;
            let mut missing = Vec::new();
            while let Some(row) = rows.next()? {
                let (hash, mime, size) = (row.get(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)?.cast_unsigned());
                if !is_whole(&blobs.path(hash, &mime), size) {
                    missing.push((hash, mime, size));
                }
            }
            Ok(missing)
        });
        let mut mended = Mended::default();
        for (hash, mime, size) in missing.await? {
            if self.mend(hash, mime, size).await? {
                mended.again += 1;
            } else {
                mended.lost += 1;
            }
        }
        if mended.lost > 0
            && let Some(net) = self.inner().net()
        {
            net.blobs_wanted();
        }
        Ok(mended)
    }

    /// Makes the file of a stored blob whole again; `false` when its bytes are gone.
    async fn mend(&self, hash: BlobHash, mime: String, size: u64) -> Result<bool> {
        let blobs = self.inner().blobs()?;
        let _settling = blobs.settle().await;
        // What lost its last reference meanwhile must not come back.
        let stored = self.inner().store.read(move |db| {
            Ok(db
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM blob WHERE hash = ?1 AND stored = 1)")?
                .query_row([hash], |row| row.get(0))?)
        });
        if !stored.await? {
            return Ok(false);
        }
        let files = blobs.clone();
        if self.inner().on_runtime(async move { files.restore(hash, &mime, size).await }).await?? {
            return Ok(true);
        }
        self.inner()
            .store
            .write(crate::store::Durability::Normal, move |tx| {
                tx.execute(
                    "UPDATE blob SET stored = 0, wanted = EXISTS
                        (SELECT 1 FROM blob_ref JOIN entry ON entry.row = blob_ref.entry_row
                         JOIN author ON author.row = entry.author_row
                         WHERE blob_ref.hash = blob.hash AND author.followed = 1)
                     WHERE hash = ?1",
                    [hash],
                )?;
                Ok(())
            })
            .await?;
        Ok(false)
    }

    /// Prepares and stores a picture; slow work happens off the caller's thread. It is named later by a post or
    /// profile.
    ///
    /// # Errors
    /// `Picture` when the file is no picture that Kith reads, or is over a limit.
    pub async fn stage_picture(&self, file: Vec<u8>) -> Result<Staged> {
        let blobs = self.inner().blobs()?;
        let picture = self.inner().off_thread(move || prepare_picture(&file)).await??;
        // A sweep that comes between would take the files of a picture that was deleted before and is shared again.
        let _settling = blobs.settle().await;
        let size = u64::try_from(picture.bytes.len()).unwrap_or(u64::MAX);
        let hash = self.put_blob(&blobs, picture.bytes, picture.mime).await?;
        let thumb = match picture.thumb {
            Some(bytes) => {
                let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                let mime = if bytes.starts_with(&[0xff, 0xd8]) { "image/jpeg" } else { "image/png" };
                let hash = self.put_blob(&blobs, bytes, mime).await?;
                Some((hash, size, mime))
            }
            None => None,
        };
        let staged = Staged {
            hash,
            mime: picture.mime.to_owned(),
            size,
            width: picture.width,
            height: picture.height,
            blurhash: picture.blurhash,
            thumb: thumb.map(|(hash, ..)| hash),
        };
        // Before the notes: what is neither named nor staged is swept.
        self.inner().stage(staged.clone());
        if let Some((hash, size, mime)) = thumb {
            self.note_stored(hash, size, mime).await?;
        }
        self.note_stored(hash, size, picture.mime).await?;
        Ok(staged)
    }

    async fn put_blob(&self, blobs: &Blobs, bytes: Vec<u8>, mime: &'static str) -> Result<BlobHash> {
        let blobs = blobs.clone();
        self.inner().on_runtime(async move { blobs.put(bytes, mime).await }).await?
    }

    async fn note_stored(&self, hash: BlobHash, size: u64, mime: &'static str) -> Result<()> {
        self.inner()
            .store
            .write(crate::store::Durability::Normal, move |tx| {
                tx.execute(
                    "INSERT INTO blob (hash, size, mime, stored) VALUES (?1, ?2, ?3, 1)
                     ON CONFLICT (hash) DO UPDATE SET stored = 1, size = ?2, mime = ?3",
                    params![hash, i64::try_from(size).unwrap_or(i64::MAX), mime],
                )?;
                Ok(())
            })
            .await
    }

    /// What is known of a staged picture.
    ///
    /// # Errors
    /// `NotFound` when it was not staged in this run.
    pub async fn staged(&self, hash: BlobHash) -> Result<Staged> {
        std::future::ready(self.inner().find_staged(hash).ok_or(Error::NotFound { what: "the picture" })).await
    }

    /// A stored blob; `NotFound` while it is not here. Asking for a missing one queues its fetch, also for one whose file
    /// was lost.
    pub async fn blob(&self, hash: BlobHash) -> Result<Blob> {
        let found: Option<(u64, String, bool)> = self
            .inner()
            .store
            .read(move |db| {
                Ok(db
                    .prepare_cached("SELECT size, mime, stored FROM blob WHERE hash = ?1")?
                    .query_row([hash], |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?, row.get(2)?)))
                    .optional()?)
            })
            .await?;
        let Some((size, mime, stored)) = found else { return Err(Error::NotFound { what: "the picture" }) };
        if stored {
            let path = self.inner().blobs()?.path(hash, &mime);
            if is_whole(&path, size) || self.mend(hash, mime.clone(), size).await? {
                return Ok(Blob { mime, size, path });
            }
        }
        self.inner()
            .store
            .write(crate::store::Durability::Normal, move |tx| {
                tx.execute(
                    "UPDATE blob SET wanted = 1, stored = 0 WHERE hash = ?1
                     AND EXISTS (SELECT 1 FROM blob_ref WHERE hash = ?1)",
                    [hash],
                )?;
                Ok(())
            })
            .await?;
        if let Some(net) = self.inner().net() {
            net.blobs_wanted();
        }
        Err(Error::NotFound { what: "the picture" })
    }
}
