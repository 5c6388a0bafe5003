//! Pictures and blobs (DESIGN §4: pictures are decoded with bounds, turned upright, stripped of metadata,
//! re-encoded, given thumbnails and a blurhash before they are shared).

mod code;
mod picture;
mod sealed;
mod staging;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

pub use code::read_code;
pub use picture::{Picture, PictureError, prepare_picture};
pub(crate) use sealed::{hold, keys, let_go_mail, name_mail, reference_sealed};
pub(crate) use staging::Naming;

use crate::crypto::FileKey;
use crate::entry::{BlobRef, Kind};
use crate::error::{Error, Result};
use crate::gate::{Applying, Notes};
use crate::id::BlobHash;
use crate::limits;
use crate::net::Blobs;
use crate::node::{Blob, Node, Staged};
use crate::view::AttachmentView;

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
    let named = Named { hash, size, mime, thumb, wanted: is_prefetched(applying) };
    name_by(applying.tx, applying.row, &named)?;
    applying.notes.blobs.push(hash);
    Ok(())
}

/// How an entry names a blob.
struct Named<'a> {
    hash: BlobHash,
    size: u64,
    mime: &'a str,
    thumb: bool,
    /// It is fetched before anybody asks.
    wanted: bool,
}

fn name_by(tx: &Transaction<'_>, entry_row: i64, named: &Named<'_>) -> Result<()> {
    let Named { hash, size, mime, thumb, wanted } = *named;
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "INSERT INTO blob (hash, size, mime, wanted) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (hash) DO UPDATE SET wanted = max(wanted, ?4)",
    )?
    .execute(params![hash, size, mime, wanted])?;
    tx.prepare_cached(
        "INSERT OR IGNORE INTO blob_ref (hash, entry_row, thumb, size, mime) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![hash, entry_row, thumb, size, mime])?;
    // What a stranger says of somebody else's picture must not keep it from being fetched.
    tx.prepare_cached(
        "UPDATE blob SET (size, mime) = (SELECT r.size, r.mime FROM blob_ref AS r
            JOIN entry AS e ON e.row = r.entry_row JOIN author AS a ON a.row = e.author_row
            WHERE r.hash = ?1 ORDER BY a.bucket, a.followed DESC, a.carried DESC, r.thumb, r.entry_row LIMIT 1)
         WHERE hash = ?1 AND stored = 0 AND (SELECT count(*) FROM blob_ref WHERE hash = ?1) > 1",
    )?
    .execute([hash])?;
    Ok(())
}

/// Whether what the entry names is fetched before anybody asks: followed people's new pictures, and those beside names.
fn is_prefetched(applying: &Applying<'_>) -> bool {
    let new = applying.rank >= applying.now_s.saturating_sub(limits::PREFETCH_AGE_S);
    applying.followed && (new || applying.entry.header.kind == Kind::Profile)
}

/// Notes that an entry names nothing any more. A blob goes with its last reference.
pub(crate) fn release(tx: &Transaction<'_>, notes: &mut Notes, entry_row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached("SELECT hash FROM blob_ref WHERE entry_row = ?1")?;
    let hashes: Vec<BlobHash> = statement.query_map([entry_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    tx.prepare_cached("DELETE FROM blob_ref WHERE entry_row = ?1")?.execute([entry_row])?;
    dropped(tx, notes, hashes)
}

/// Of blobs of which a reference is gone, those go that have none.
fn dropped(tx: &Transaction<'_>, notes: &mut Notes, hashes: Vec<BlobHash>) -> Result<()> {
    for hash in hashes {
        let gone = tx
            .prepare_cached(
                "UPDATE blob SET wanted = 0 WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM blob_ref WHERE hash = ?1)",
            )?
            .execute([hash])?;
        if gone > 0 {
            notes.blobs_dropped.push(hash);
        }
    }
    Ok(())
}

/// Whether the file of a stored blob of `size` bytes is there: a look at the folder, not at its content.
pub(crate) fn is_whole(path: &Path, size: u64) -> bool {
    std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() == size)
}

impl Node {
    /// Looks for the file of every stored blob. Answers how many are gone: they are no longer noted as stored, and wanted
    /// again where somebody who is followed names them.
    ///
    /// # Errors
    /// `Io` when what is left of one can't be removed. Without files (the simulation) nothing is missing.
    pub(crate) async fn find_lost_files(&self) -> Result<usize> {
        let Ok(blobs) = self.inner().blobs() else { return Ok(0) };
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
        let mut lost = 0;
        for (hash, mime, size) in missing.await? {
            lost += usize::from(!self.is_here(hash, mime, size).await?);
        }
        if lost > 0
            && let Some(net) = self.inner().net()
        {
            net.blobs_wanted();
        }
        Ok(lost)
    }

    /// Whether the file of a stored blob is whole; else it is noted as lost.
    async fn is_here(&self, hash: BlobHash, mime: String, size: u64) -> Result<bool> {
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
        if self.inner().on_runtime(async move { files.is_whole_or_gone(hash, &mime, size).await }).await?? {
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

    /// A stored blob; `NotFound` while it is not here, and for sealed ones that nothing here opens. Asking for a missing
    /// one queues its fetch, also for one whose file was lost.
    ///
    /// # Errors
    /// `Io` also where a sealed one was altered.
    pub async fn blob(&self, hash: BlobHash) -> Result<Blob> {
        let now_ms = self.inner().clock.unix_ms();
        let before_ms = now_ms.saturating_sub(limits::USED_GRAIN_MS).cast_signed();
        let staged = self.inner().staged_with(hash).and_then(|staged| Opener::of_staged(&staged, hash));
        let staged: Vec<Opener> = staged.into_iter().collect();
        let found = self.inner().store.read(move |db| {
            let found: Option<(i64, String, bool, bool)> = db
                .prepare_cached("SELECT size, mime, stored = 1, used_ms < ?2 FROM blob WHERE hash = ?1")?
                .query_row(params![hash, before_ms], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
                .optional()?;
            Ok((found, sealed::openers(db, hash)?))
        });
        let missing = Error::NotFound { what: "the file" };
        let (Some((size, mime, stored, unused)), openers) = found.await? else { return Err(missing) };
        let is_sealed = mime == sealed::MIME;
        let openers = if openers.is_empty() { staged } else { openers };
        if is_sealed && openers.is_empty() {
            return Err(missing);
        }
        let size = size.cast_unsigned();
        if stored && unused {
            let used = self.inner().store.write(crate::store::Durability::Normal, move |tx| {
                tx.execute("UPDATE blob SET used_ms = ?2 WHERE hash = ?1", params![hash, now_ms.cast_signed()])?;
                Ok(())
            });
            // It only decides what goes first: on a full disk the picture is shown all the same.
            if let Err(error) = used.await {
                tracing::debug!(%error, "it was not noted that a file is used");
            }
        }
        if stored {
            let file = self.inner().blobs()?.path(hash, &mime);
            if is_whole(&file, size) || self.is_here(hash, mime.clone(), size).await? {
                // Somebody may have named a key for a picture in the open, or this as a picture: what opens counts.
                let sealed = file.clone();
                let opened = self.inner().off_thread(move || Opener::first(openers, &sealed)).await?;
                return match opened {
                    Err(_) if !is_sealed => Ok(Blob { mime, size, name: None, file, key: None }),
                    opened => opened,
                };
            }
        }
        self.inner()
            .store
            .write(crate::store::Durability::Normal, move |tx| {
                tx.execute(
                    "UPDATE blob SET wanted = 2, stored = 0 WHERE hash = ?1
                     AND EXISTS (SELECT 1 FROM blob_ref WHERE hash = ?1)",
                    [hash],
                )?;
                Ok(())
            })
            .await?;
        if let Some(net) = self.inner().net() {
            net.blob_asked(hash);
        }
        Err(missing)
    }
}

/// What is shown of an attachment.
pub(crate) fn view(db: &Connection, blobs: Option<&Blobs>, blob: BlobRef) -> Result<AttachmentView> {
    let stored: Option<(String, i64)> = db
        .prepare_cached("SELECT mime, size FROM blob WHERE hash = ?1 AND stored = 1")?
        .query_row([blob.hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // A file can go missing behind our back: only one that is there is told.
    let path = blobs.zip(stored).and_then(|(blobs, (mime, size))| {
        Some(blobs.path(blob.hash, &mime)).filter(|path| is_whole(path, size.cast_unsigned()))
    });
    Ok(AttachmentView {
        hash: blob.hash,
        mime: blob.mime,
        size: blob.size,
        width: blob.width,
        height: blob.height,
        alt: blob.alt,
        here: path.is_some(),
        path: path.filter(|_| blob.key.is_none()),
        thumb: blob.thumb,
        blurhash: blob.blurhash,
        name: blob.name,
    })
}

/// What opens a sealed blob, and what it is then.
#[derive(Debug, Clone)]
struct Opener {
    key: FileKey,
    /// Empty for a thumbnail.
    mime: String,
    name: Option<String>,
}

impl Opener {
    fn of_staged(staged: &Staged, hash: BlobHash) -> Option<Self> {
        let key = staged.key.as_ref()?;
        Some(match staged.hash == hash {
            true => Self { key: key.clone(), mime: staged.mime.clone(), name: staged.name.clone() },
            false => Self { key: key.of_thumbnail(), mime: String::new(), name: None },
        })
    }

    /// The blob whose ciphertext lies there, by the first that opens it. Blocks.
    fn first(openers: Vec<Self>, file: &Path) -> Result<Blob> {
        let mut tried = Err(Error::NotFound { what: "the file" });
        for opener in openers {
            tried = opener.blob(file.to_owned());
            if tried.is_ok() {
                break;
            }
        }
        tried
    }

    fn blob(self, file: PathBuf) -> Result<Blob> {
        let mut blob = Blob { mime: self.mime, size: 0, name: self.name, file, key: Some(self.key) };
        let mut reader = blob.open()?;
        blob.size = reader.size();
        if blob.mime.is_empty() {
            let beginning = reader.read_at(0, 2)?;
            blob.mime = thumb_mime(&beginning).to_owned();
        }
        Ok(blob)
    }
}

/// Thumbnails are JPEG or PNG.
fn thumb_mime(bytes: &[u8]) -> &'static str {
    if bytes.starts_with(&[0xff, 0xd8]) { "image/jpeg" } else { "image/png" }
}
