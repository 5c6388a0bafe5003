//! Sealed blobs: attachments of private messages and of posts to circles. Outside an entry names their ciphertext alone;
//! what opens them stands in what is sealed, and rests beside the reference that it came with, so it goes with that.

use rusqlite::{Connection, Transaction, params};

use super::{Named, Opener, dropped, is_prefetched, name_by};
use crate::crypto::{FileKey, sealed_size};
use crate::entry::{BlobRef, SealedBlob, SealedBody};
use crate::error::Result;
use crate::gate::{Applying, Notes};
use crate::id::BlobHash;
use crate::limits;

/// Type of every sealed blob, as long as it is not opened.
pub(super) const MIME: &str = "application/x-kith-sealed";

/// Notes what the sealed entry at hand names outside: a post to a circle travels with its pictures, whoever can see them.
pub(crate) fn reference_sealed(applying: &mut Applying<'_>) -> Result<()> {
    let Some(body) = &applying.entry.body else { return Ok(()) };
    for blob in SealedBody::decode(body)?.blobs {
        let wanted = is_prefetched(applying);
        name_by(applying.tx, applying.row, &named(&blob, wanted))?;
        applying.notes.blobs.push(blob.hash);
    }
    Ok(())
}

/// The same for mail, which is for everybody and nobody.
pub(crate) fn name_mail(tx: &Transaction<'_>, entry_row: i64, blobs: &[SealedBlob], wanted: bool) -> Result<()> {
    blobs.iter().try_for_each(|blob| name_by(tx, entry_row, &named(blob, wanted)))
}

fn named(blob: &SealedBlob, wanted: bool) -> Named<'_> {
    Named { hash: blob.hash, size: blob.padded_size, mime: MIME, thumb: false, wanted }
}

/// Keeps what opens the files that a stored entry names; what it names inside alone is nowhere to be had.
pub(crate) fn keys(tx: &Transaction<'_>, entry_row: i64, attachments: &[BlobRef]) -> Result<()> {
    for Inner { hash, key, mime, name, .. } in attachments.iter().flat_map(inner) {
        tx.prepare_cached(
            "UPDATE blob_ref SET key = ?3, inner_mime = ?4, name = ?5 WHERE hash = ?1 AND entry_row = ?2",
        )?
        .execute(params![hash, entry_row, key.as_bytes(), mime, name])?;
    }
    Ok(())
}

/// Keeps the files of a private message, with what opens them: they stay until [`super::release`] of minus its row.
pub(crate) fn hold(tx: &Transaction<'_>, message_row: i64, attachments: &[BlobRef]) -> Result<()> {
    for Inner { hash, key, mime, name, size } in attachments.iter().flat_map(inner) {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        // What is said inside counts more than what somebody else may have said of the same hash outside.
        tx.prepare_cached(
            "INSERT INTO blob (hash, size, mime) VALUES (?1, ?2, ?3)
             ON CONFLICT (hash) DO UPDATE SET size = ?2 WHERE stored = 0 AND mime = ?3 AND ?2 > 0",
        )?
        .execute(params![hash, size, MIME])?;
        tx.prepare_cached(
            "INSERT OR REPLACE INTO blob_ref (hash, entry_row, size, mime, key, inner_mime, name)
             VALUES (?1, -?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![hash, message_row, size, MIME, key.as_bytes(), mime, name])?;
    }
    Ok(())
}

/// Lets go of the files that an entry of mail names, but for the word of those that a private message keeps: they are asked
/// for by that, and given to nobody.
pub(crate) fn let_go_mail(tx: &Transaction<'_>, notes: &mut Notes, entry_row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM blob_ref WHERE entry_row = ?1
            AND NOT EXISTS (SELECT 1 FROM blob_ref AS kept WHERE kept.hash = blob_ref.hash AND kept.entry_row < 0)
         RETURNING hash",
    )?;
    let hashes: Vec<BlobHash> = statement.query_map([entry_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    dropped(tx, notes, hashes)
}

/// What may open a sealed blob, by what was opened here and names it: whoever names one can name a wrong key.
pub(super) fn openers(db: &Connection, hash: BlobHash) -> Result<Vec<Opener>> {
    let mut statement = db.prepare_cached(
        "SELECT DISTINCT key, inner_mime, name FROM blob_ref WHERE hash = ?1 AND key IS NOT NULL LIMIT ?2",
    )?;
    let rows = statement.query_map(params![hash, limits::FILE_OPENERS], |row| {
        let name: String = row.get(2)?;
        let name = Some(name).filter(|name| !name.is_empty());
        Ok(Opener { key: FileKey::from_bytes(row.get(0)?), mime: row.get(1)?, name })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What a sealed body says of one blob.
struct Inner<'a> {
    hash: BlobHash,
    key: FileKey,
    mime: &'a str,
    name: &'a str,
    /// Of the ciphertext; 0 where it is not told.
    size: u64,
}

/// An attachment and its thumbnail; none where it is not sealed.
fn inner(blob: &BlobRef) -> impl Iterator<Item = Inner<'_>> {
    let key = blob.key.map(FileKey::from_bytes);
    let thumb = blob.thumb.zip(key.as_ref()).map(|(hash, key)| {
        // Its size is not told.
        Inner { hash, key: key.of_thumbnail(), mime: "", name: "", size: 0 }
    });
    let name = blob.name.as_deref().unwrap_or_default();
    let whole = key.map(|key| Inner { hash: blob.hash, key, mime: &blob.mime, name, size: sealed_size(blob.size) });
    whole.into_iter().chain(thumb)
}
