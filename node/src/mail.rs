//! Mail: sealed entries that travel by their route. Every node of a bucket takes all of them and keeps them until they
//! expire; whom one is for shows in nothing that a node does (invariants 5 and 6).

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::crypto::{Slots, sealed_size};
use crate::entry::{Entry, EntryError, Header, SealedBlob, SealedBody};
use crate::error::{Error, Result};
use crate::gate::Notes;
use crate::id::{BlobHash, DeviceKey, EntryId, NodeId};
use crate::limits::{ATTACHED_FILE_BYTES, DAY_S, MAIL_DAYS};
use crate::media;
use crate::sync;

/// Why a sealed entry is not kept; `None` when it is.
pub(crate) fn admit(entry: &Entry, sealed: &SealedBody, now_s: i64) -> Option<EntryError> {
    let today = u64::try_from(now_s).unwrap_or_default() / DAY_S;
    let (day, expires) = (entry.header.time / DAY_S, u64::from(sealed.expires_day));
    // A clock may be wrong by a day; one that is wrong by more would fill the bucket for ever.
    let kept = day <= today + 1 && expires >= today && expires <= day + MAIL_DAYS;
    (!kept).then_some(EntryError::Unwanted)
}

/// What an entry of mail takes, and who brought it; `None`: it was written here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brought {
    pub(crate) by: Option<NodeId>,
    pub(crate) bytes: i64,
}

/// Files a sealed entry that was just stored, so that it is compared, and found by its tags.
pub(crate) fn file(
    tx: &Transaction<'_>,
    row: i64,
    bucket_row: i64,
    sealed: &SealedBody,
    brought: Brought,
) -> Result<()> {
    let id: EntryId = tx
        .prepare_cached(
            "INSERT INTO header_entry (of_row, time, id, entry_row, about)
             SELECT ?2, time, id, row, ?3 FROM entry WHERE row = ?1 RETURNING id",
        )?
        .query_row(params![row, bucket_row, EntryId::ZERO], |found| found.get(0))?;
    sync::headers_changed(tx, bucket_row, &[id], &[])?;
    let intro = matches!(sealed.envelope.slots, Slots::Intro(_));
    tx.prepare_cached("INSERT INTO mail (entry_row, expires_day, untried, source, bytes) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![row, sealed.expires_day, intro, brought.by, brought.bytes])?;
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO mail_tag (tag, entry_row) VALUES (?1, ?2)")?;
    for tag in sealed.envelope.tags() {
        insert.execute(params![tag, row])?;
    }
    Ok(())
}

/// Has the files fetched that a filed entry names, as everybody of the bucket does: who of them can open them shows in
/// nothing. Where they do not fit into `room`, bytes, those that came first go, but for what a message here keeps.
pub(crate) fn take_files(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    row: i64,
    blobs: &[SealedBlob],
    room: i64,
) -> Result<()> {
    if blobs.is_empty() {
        return Ok(());
    }
    let bytes = blobs.iter().fold(0_u64, |sum, blob| sum.saturating_add(blob.padded_size));
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    let fits = bytes <= room && blobs.iter().all(|blob| blob.padded_size <= sealed_size(ATTACHED_FILE_BYTES as u64));
    media::name_mail(tx, row, blobs, fits)?;
    if !fits {
        return Ok(());
    }
    let mut statement =
        tx.prepare_cached("SELECT entry_row, files FROM mail WHERE files > 0 ORDER BY entry_row DESC")?;
    let taken: Vec<(i64, i64)> =
        statement.query_map([], |found| Ok((found.get(0)?, found.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut left = room - bytes;
    for (old_row, files) in taken {
        if is_kept(tx, old_row)? {
            continue;
        }
        left = left.saturating_sub(files);
        if left < 0 {
            media::release(tx, notes, old_row)?;
            tx.prepare_cached("UPDATE mail SET files = 0 WHERE entry_row = ?1")?.execute([old_row])?;
        }
    }
    tx.prepare_cached("UPDATE mail SET files = ?2 WHERE entry_row = ?1")?.execute([row, bytes])?;
    Ok(())
}

/// Whether a message here keeps a file that this entry names.
fn is_kept(tx: &Transaction<'_>, row: i64) -> Result<bool> {
    let mut statement = tx.prepare_cached("SELECT hash FROM blob_ref WHERE entry_row = ?1")?;
    let hashes: Vec<BlobHash> = statement.query_map([row], |found| found.get(0))?.collect::<Result<_, _>>()?;
    for hash in hashes {
        if media::is_held(tx, hash)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes what has expired, with its files; answers how many entries.
pub(crate) fn sweep(tx: &Transaction<'_>, notes: &mut Notes, now_s: i64) -> Result<usize> {
    let today = now_s.div_euclid(i64::try_from(DAY_S).unwrap_or(i64::MAX));
    let mut statement = tx.prepare_cached("SELECT entry_row FROM mail WHERE expires_day < ?1")?;
    let rows: Vec<i64> = statement.query_map([today], |row| row.get(0))?.collect::<Result<_, _>>()?;
    rows.iter().try_for_each(|row| remove(tx, notes, *row))?;
    Ok(rows.len())
}

/// Makes room for so many bytes: mail of those who brought the most goes, the newest first, as long as they brought more
/// than `floor` bytes. What was promised stays, and what a node brought that the user chose. Answers whether that was
/// enough.
pub(crate) fn make_room(tx: &Transaction<'_>, notes: &mut Notes, bytes: i64, floor: i64) -> Result<bool> {
    let mut freed = 0;
    while freed < bytes {
        let found: Option<(i64, i64)> = tx
            .prepare_cached(
                "SELECT (SELECT max(entry_row) FROM mail WHERE source = node AND promised = 0) AS newest,
                    (SELECT bytes FROM mail WHERE entry_row =
                        (SELECT max(entry_row) FROM mail WHERE source = node AND promised = 0))
                 FROM mail_source WHERE bytes > ?1 AND newest IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM service WHERE service.node = mail_source.node AND present = 1)
                 ORDER BY bytes DESC LIMIT 1",
            )?
            .query_row([floor], |found| Ok((found.get(0)?, found.get(1)?)))
            .optional()?;
        let Some((row, size)) = found else { return Ok(false) };
        remove(tx, notes, row)?;
        freed += size.max(1);
    }
    Ok(true)
}

/// Makes room for so many bytes where one's own mailbox keeps more than fits here: the oldest that it brought goes, once
/// it was tried. Answers whether that was enough.
pub(crate) fn drop_oldest(tx: &Transaction<'_>, notes: &mut Notes, bytes: i64, by: NodeId) -> Result<bool> {
    let mut freed = 0;
    while freed < bytes {
        let found: Option<(i64, i64)> = tx
            .prepare_cached(
                "SELECT entry_row, bytes FROM mail WHERE source = ?1 AND promised = 0 AND untried = 0
                 ORDER BY entry_row LIMIT 1",
            )?
            .query_row([by], |found| Ok((found.get(0)?, found.get(1)?)))
            .optional()?;
        let Some((row, size)) = found else { return Ok(false) };
        remove(tx, notes, row)?;
        freed += size.max(1);
    }
    Ok(true)
}

fn remove(tx: &Transaction<'_>, notes: &mut Notes, row: i64) -> Result<()> {
    let (id, bucket_row): (EntryId, i64) = tx
        .prepare_cached("SELECT id, author_row FROM entry WHERE row = ?1")?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?)))?;
    sync::headers_changed(tx, bucket_row, &[], &[id])?;
    tx.prepare_cached("DELETE FROM file_holder WHERE file = ?1")?.execute([id])?;
    media::release(tx, notes, row)?;
    for table in ["header_entry", "mail_tag", "mail"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE entry_row = ?1"))?.execute([row])?;
    }
    tx.prepare_cached("DELETE FROM entry WHERE row = ?1")?.execute([row])?;
    Ok(())
}

/// First messages that nobody here tried to open yet, at most so many, the oldest first: whoever reads them says so with
/// [`tried`].
pub(crate) fn untried(db: &Connection, limit: usize) -> Result<Vec<i64>> {
    let mut statement =
        db.prepare_cached("SELECT entry_row FROM mail WHERE untried = 1 ORDER BY entry_row LIMIT ?1")?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn tried(tx: &Transaction<'_>, row: i64) -> Result<()> {
    tx.prepare_cached("UPDATE mail SET untried = 0 WHERE entry_row = ?1")?.execute([row])?;
    Ok(())
}

/// A stored entry as it was signed.
pub(crate) fn read(db: &Connection, row: i64) -> Result<(Entry, SealedBody)> {
    let (device, time, signature, body): (DeviceKey, i64, [u8; 64], Vec<u8>) = db
        .prepare_cached("SELECT device, time, signature, body FROM entry WHERE row = ?1")?
        .query_row([row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    let day = u32::try_from(time.cast_unsigned() / DAY_S).map_err(|_| Error::Bug("mail of no day"))?;
    let sealed = SealedBody::decode(&body)?;
    let header = Header {
        body_len: u32::try_from(body.len()).unwrap_or(u32::MAX),
        body_hash: BlobHash::from_bytes(*blake3::hash(&body).as_bytes()),
        ..Header::one_time(device, day, Vec::new())
    };
    Ok((Entry { header, signature, body: Some(body) }, sealed))
}
