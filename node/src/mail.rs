//! Mail: sealed entries that travel by their route. Every node of a bucket takes all of them and keeps them until they
//! expire; whom one is for shows in nothing that a node does (invariants 5 and 6).

mod measure;
mod room;

use rusqlite::{Connection, Transaction, params};

pub(crate) use self::measure::{as_long_as_own, changed_s, measure, route, toward};
pub(crate) use self::room::{drop_oldest, drop_oldest_files, fullest, make_file_room, make_room, was_dropped};
use crate::bucket::Bucket;
use crate::crypto::Slots;
use crate::entry::{Entry, EntryError, Header, SealedBlob, SealedBody};
use crate::error::{Error, Result};
use crate::gate::Notes;
use crate::id::{BlobHash, DeviceKey, EntryId, NodeId};
use crate::limits::{BACKUP_DAYS, BUCKET_BITS, DAY_S, MAIL_DAYS, STRAY_DAYS};
use crate::media;
use crate::sync;

/// Why a sealed entry is not kept; `None` when it is.
pub(crate) fn admit(entry: &Entry, sealed: &SealedBody, now_s: i64) -> Option<EntryError> {
    let today = u64::try_from(now_s).unwrap_or_default() / DAY_S;
    let (day, expires) = (entry.header.time / DAY_S, u64::from(sealed.expires_day));
    // What its user may come back for after months; files and first messages are for who is awaited sooner.
    let small = sealed.blobs.is_empty() && matches!(sealed.envelope.slots, Slots::Session(_));
    let days = if small { BACKUP_DAYS } else { MAIL_DAYS };
    // A clock may be wrong by a day; one that is wrong by more would fill the bucket for ever.
    let kept = day <= today + 1 && expires >= today && expires <= day + days;
    (!kept).then_some(EntryError::Unwanted)
}

/// Whether what expires then stays for longer than messages do, as backups may.
pub(crate) fn lasts(expires_day: u16, now_s: i64) -> bool {
    let today = u64::try_from(now_s).unwrap_or_default() / DAY_S;
    // Whose clock is a day ahead writes messages all the same.
    u64::from(expires_day) > today + 1 + MAIL_DAYS
}

/// What an entry of mail takes, and who brought it; `None`: it was written here.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Brought {
    pub(crate) by: Option<NodeId>,
    pub(crate) bytes: i64,
}

/// Where an entry of mail stands, and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filed {
    /// All 16 bits of it.
    pub(crate) route: Bucket,
    /// It is to be passed on to who takes its bucket.
    pub(crate) stray: bool,
    pub(crate) expires_day: u16,
}

/// Until when mail of a bucket that is not taken here stays: until those who take it have had time to come by.
pub(crate) fn stray_until(expires_day: u16, now_s: i64) -> u16 {
    let until = u64::try_from(now_s).unwrap_or_default() / DAY_S + STRAY_DAYS;
    expires_day.min(u16::try_from(until).unwrap_or(u16::MAX))
}

/// Files a sealed entry that was just stored, so that it is compared, and found by its tags.
pub(crate) fn file(
    tx: &Transaction<'_>,
    row: i64,
    bucket_row: i64,
    sealed: &SealedBody,
    brought: Brought,
    filed: Filed,
) -> Result<()> {
    let id: EntryId = tx
        .prepare_cached(
            "INSERT INTO header_entry (of_row, time, id, entry_row, about)
             SELECT ?2, time, id, row, ?3 FROM entry WHERE row = ?1 RETURNING id",
        )?
        .query_row(params![row, bucket_row, EntryId::ZERO], |found| found.get(0))?;
    sync::mail_changed(tx, bucket_row, filed.route, &[id], &[])?;
    let intro = matches!(sealed.envelope.slots, Slots::Intro(_));
    let Filed { route, stray, expires_day } = filed;
    tx.prepare_cached(
        "INSERT INTO mail (entry_row, expires_day, untried, source, bytes, route, stray)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![row, expires_day, intro, brought.by, brought.bytes, route.span().0, stray])?;
    let mut insert = tx.prepare_cached("INSERT OR IGNORE INTO mail_tag (tag, entry_row) VALUES (?1, ?2)")?;
    for tag in sealed.envelope.tags() {
        insert.execute(params![tag, row])?;
    }
    Ok(())
}

/// What the files take that an entry names, bytes.
pub(crate) fn files_bytes(blobs: &[SealedBlob]) -> i64 {
    let bytes = blobs.iter().fold(0_u64, |sum, blob| sum.saturating_add(blob.padded_size));
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

/// Names the files of a filed entry; `taken`: and has them fetched, as everybody of the bucket does: who of them can open
/// them shows in nothing.
pub(crate) fn take_files(tx: &Transaction<'_>, row: i64, blobs: &[SealedBlob], taken: bool) -> Result<()> {
    media::name_mail(tx, row, blobs, taken)?;
    if taken {
        tx.prepare_cached("UPDATE mail SET files = ?2 WHERE entry_row = ?1")?.execute([row, files_bytes(blobs)])?;
    }
    Ok(())
}

/// Removes what has expired, with its files; answers how many entries.
pub(crate) fn sweep(tx: &Transaction<'_>, notes: &mut Notes, now_s: i64) -> Result<usize> {
    let today = now_s.div_euclid(i64::try_from(DAY_S).unwrap_or(i64::MAX));
    let mut statement = tx.prepare_cached("SELECT entry_row FROM mail WHERE expires_day < ?1")?;
    let rows: Vec<i64> = statement.query_map([today], |row| row.get(0))?.collect::<Result<_, _>>()?;
    rows.iter().try_for_each(|row| remove(tx, notes, *row))?;
    Ok(rows.len())
}

/// Removes one piece, with its files.
pub(crate) fn remove(tx: &Transaction<'_>, notes: &mut Notes, row: i64) -> Result<()> {
    let (id, bucket_row, route): (EntryId, i64, u16) = tx
        .prepare_cached("SELECT id, author_row, route FROM entry JOIN mail ON entry_row = entry.row WHERE row = ?1")?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?)))?;
    sync::mail_changed(tx, bucket_row, Bucket::new(BUCKET_BITS, route), &[], &[id])?;
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
