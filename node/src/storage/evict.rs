//! What goes, and in which order; every step is one transaction and leaves a store that is whole.
//!
//! An author goes as one: from the newest entry of each log downwards, so that what is left of a log is its beginning,
//! and with the last entry all that was derived from them. What other people wrote under the author's posts stays until
//! their turn comes.

use rusqlite::{Connection, Transaction, params};

use super::{Aim, CARRIED, LEFT, STRANGER, Used};
use crate::entry::Kind;
use crate::error::Result;
use crate::header;
use crate::id::{BlobHash, EntryId};
use crate::limits;
use crate::sync;

/// Tables of what was derived from entries, by `entry_row`. Where a table is added, the test of leftovers tells.
const DERIVED: [&str; 4] = ["post", "repost", "policy", "blob_ref"];

/// What one transaction evicted.
#[derive(Debug, Default)]
pub(crate) struct Step {
    pub(super) entries: u64,
    pub(crate) posts: Vec<EntryId>,
    /// Blobs that nothing names any more.
    pub(crate) blobs: Vec<BlobHash>,
    /// The latest time of what went of strangers, s.
    pub(super) strangers_to_s: Option<i64>,
    /// Some author is no longer carried.
    pub(super) carried_changed: bool,
}

/// Evicts up to some `EVICT_ENTRIES` entries; none where nothing more may go, or enough is gone.
pub(super) fn entries(tx: &Transaction<'_>, aim: Aim, now_ms: u64) -> Result<Step> {
    let mut step = Step::default();
    let mut left = limits::EVICT_ENTRIES;
    for class in [Victims::Strangers, Victims::Uncarried, Victims::Carried] {
        let chosen = match (class, aim.missed(Used::read(tx)?)) {
            (_, (false, false)) => break,
            (Victims::Strangers, (true, _)) | (Victims::Uncarried | Victims::Carried, (_, true)) => {
                class.find(tx, now_ms)?
            }
            _ => continue,
        };
        for author_row in chosen {
            let (strangers, total) = aim.missed(Used::read(tx)?);
            if left <= 0 || !(if class == Victims::Strangers { strangers } else { total }) {
                break;
            }
            left -= author(tx, author_row, left, now_ms, class != Victims::Carried, &mut step)?;
        }
        if left < limits::EVICT_ENTRIES {
            break;
        }
    }
    Ok(step)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Victims {
    /// For room among strangers.
    Strangers,
    /// Strangers, and authors that are carried no longer; not who wrote under own posts.
    Uncarried,
    Carried,
}

impl Victims {
    /// The next to go: whose entries came longest ago. Among strangers first those who wrote nothing that is shown, last
    /// those who wrote under own posts; among carried authors first spare copies, then whom a peer still asks for.
    fn find(self, tx: &Transaction<'_>, now_ms: u64) -> Result<Vec<i64>> {
        let sql = match self {
            Self::Strangers => {
                "SELECT author_row FROM usage WHERE class >= 4 AND class = ?3 AND entries > 0 AND ?1 > 0
                 ORDER BY standing, newest_row LIMIT ?2"
            }
            Self::Uncarried => {
                "SELECT author_row FROM usage WHERE class >= 4 AND standing < 2 AND class IN (4, ?3) AND entries > 0 AND ?1 > 0
                 ORDER BY standing, newest_row LIMIT ?2"
            }
            Self::Carried => {
                "SELECT usage.author_row FROM usage LEFT JOIN carry ON carry.author_row = usage.author_row
                 WHERE class = ?3 AND entries > 0 AND coalesce(grouped, 0) = 0
                 ORDER BY max(coalesce(lease_ms, 0), coalesce(own_ms, 0)) > ?1, newest_row LIMIT ?2"
            }
        };
        let class = match self {
            Self::Strangers => STRANGER,
            Self::Uncarried => LEFT,
            Self::Carried => CARRIED,
        };
        let mut statement = tx.prepare_cached(sql)?;
        let found =
            statement.query_map(params![now_ms.cast_signed(), limits::EVICT_AT_ONCE, class], |row| row.get(0))?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

/// Evicts up to some `limit` entries of an author, and the author with the last one; answers how many.
fn author(
    tx: &Transaction<'_>,
    author_row: i64,
    limit: i64,
    now_ms: u64,
    stranger: bool,
    step: &mut Step,
) -> Result<i64> {
    if stranger {
        // At most the last seen: nobody moves it into the future.
        let latest: Option<i64> = tx
            .prepare_cached("SELECT max(rank) FROM entry WHERE author_row = ?1 AND log_row <> 0")?
            .query_row([author_row], |row| row.get(0))?;
        step.strangers_to_s = step.strangers_to_s.max(latest);
    }
    // First it is carried no longer: peers must not be told of half a copy as one that is kept.
    if tx.prepare_cached("DELETE FROM carry WHERE author_row = ?1")?.execute([author_row])? > 0 {
        tx.prepare_cached("UPDATE author SET carried = followed WHERE row = ?1")?.execute([author_row])?;
        let until_ms = now_ms.saturating_add(limits::EVICTED_PAUSE_MS).cast_signed();
        tx.prepare_cached("UPDATE usage SET paused_ms = ?2 WHERE author_row = ?1")?.execute([author_row, until_ms])?;
        step.carried_changed = true;
    }
    let mut statement = tx.prepare_cached("SELECT row FROM log WHERE author_row = ?1 ORDER BY row DESC")?;
    let logs: Vec<i64> = statement.query_map([author_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut gone = 0;
    for log_row in logs {
        if gone >= limit {
            return Ok(gone);
        }
        gone += end_of_log(tx, author_row, log_row, limit - gone, step)?;
    }
    if gone >= limit {
        return Ok(gone);
    }
    for table in ["device_cert", "device_revoke", "revoked_head", "device_keys"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE author_row = ?1"))?.execute([author_row])?;
    }
    let statements =
        tx.prepare_cached("DELETE FROM entry WHERE author_row = ?1 AND log_row = 0")?.execute([author_row])?;
    step.entries += statements as u64;
    forget(tx, author_row)?;
    Ok(gone + i64::try_from(statements).unwrap_or(i64::MAX))
}

/// Removes the newest entries of a log, some `limit` of them; answers how many. A log without entries goes too.
fn end_of_log(tx: &Transaction<'_>, author_row: i64, log_row: i64, limit: i64, step: &mut Step) -> Result<i64> {
    let cut: Option<i64> = tx
        .prepare_cached("SELECT min(seq) FROM (SELECT seq FROM entry WHERE log_row = ?1 ORDER BY seq DESC LIMIT ?2)")?
        .query_row([log_row, limit], |row| row.get(0))?;
    let Some(cut) = cut else {
        tx.prepare_cached("DELETE FROM log WHERE row = ?1")?.execute([log_row])?;
        return Ok(0);
    };
    cut_log(tx, author_row, log_row, cut, step)
}

/// Removes the entries of a log from a seq on, with all that was derived from them; answers how many.
pub(crate) fn cut_log(tx: &Transaction<'_>, author_row: i64, log_row: i64, cut: i64, step: &mut Step) -> Result<i64> {
    let mut statement =
        tx.prepare_cached("SELECT row, id, kind, branch FROM entry WHERE log_row = ?1 AND seq >= ?2")?;
    let mut rows = statement.query([log_row, cut])?;
    let mut counted = 0;
    while let Some(row) = rows.next()? {
        counted += i64::from(row.get::<_, i64>(3)? == 0);
        let (entry_row, id): (i64, EntryId) = (row.get(0)?, row.get(1)?);
        match Kind::from_number(row.get(2)?) {
            Kind::Post | Kind::Sealed => {
                tx.prepare_cached("DELETE FROM file_holder WHERE file = ?1")?.execute([id])?;
                step.blobs.extend(header::evict(tx, entry_row)?);
                step.posts.push(id);
            }
            Kind::Comment | Kind::Reaction | Kind::Edit | Kind::Delete | Kind::Hide | Kind::Policy => {
                step.blobs.extend(header::evict(tx, entry_row)?);
            }
            Kind::Profile => {
                tx.prepare_cached("UPDATE author SET profile_row = 0 WHERE row = ?1 AND profile_row = ?2")?
                    .execute([author_row, entry_row])?;
            }
            _ => {}
        }
    }
    drop(rows);
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT hash FROM blob_ref WHERE entry_row IN (SELECT row FROM entry WHERE log_row = ?1 AND seq >= ?2)",
    )?;
    let blobs: Vec<BlobHash> = statement.query_map([log_row, cut], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for table in DERIVED {
        tx.prepare_cached(&format!(
            "DELETE FROM {table} WHERE entry_row IN (SELECT row FROM entry WHERE log_row = ?1 AND seq >= ?2)"
        ))?
        .execute([log_row, cut])?;
    }
    for hash in blobs {
        let unnamed = tx
            .prepare_cached(
                "UPDATE blob SET wanted = 0 WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM blob_ref WHERE hash = ?1)",
            )?
            .execute([hash])?;
        step.blobs.extend((unnamed > 0).then_some(hash));
    }
    let gone = tx.prepare_cached("DELETE FROM entry WHERE log_row = ?1 AND seq >= ?2")?.execute([log_row, cut])?;
    step.entries += gone as u64;
    // A fork whose two ends are gone is one no longer: should it come again, it shows again.
    tx.prepare_cached(
        "UPDATE log SET
            count = count - ?3,
            top_seq = coalesce((SELECT seq FROM entry WHERE log_row = ?1 AND branch = 0 ORDER BY seq DESC LIMIT 1), -1),
            top_id = (SELECT id FROM entry WHERE log_row = ?1 AND branch = 0 ORDER BY seq DESC LIMIT 1),
            next_seq = min(next_seq, ?2),
            fork_seq = CASE WHEN fork_seq >= ?2 THEN -1 ELSE fork_seq END
         WHERE row = ?1",
    )?
    .execute([log_row, cut, counted])?;
    tx.prepare_cached("DELETE FROM log WHERE row = ?1 AND NOT EXISTS (SELECT 1 FROM entry WHERE log_row = ?1)")?
        .execute([log_row])?;
    Ok(i64::try_from(gone).unwrap_or(i64::MAX))
}

/// Nothing of an author is left. A stranger's row goes, unless something still names it; of others stays that they are
/// known, as peers may ask for them.
fn forget(tx: &Transaction<'_>, author_row: i64) -> Result<()> {
    tx.prepare_cached(
        "UPDATE author SET root = NULL, root_counter = 0, name = '', bio = '', picture = NULL, picture_thumb = NULL, profile_row = 0,
            profile_count = 0, synced_ms = 0
         WHERE row = ?1",
    )?
    .execute([author_row])?;
    let known: bool = tx
        .prepare_cached("SELECT paused_ms > 0 OR class <> ?2 FROM usage WHERE author_row = ?1")?
        .query_row([author_row, STRANGER], |row| row.get(0))?;
    if !known {
        sync::unlearn(tx, author_row)?;
    }
    tx.prepare_cached(
        "UPDATE usage SET class = CASE class WHEN ?2 THEN ?3 ELSE class END, standing = 0 WHERE author_row = ?1",
    )?
    .execute([author_row, LEFT, STRANGER])?;
    Ok(())
}

/// Files to be evicted next, with their types: what only carried authors or strangers name, then what is older than is
/// fetched before somebody asks, then what was looked at longest ago; thumbnails after pictures. Never what an own entry
/// or a private message names, nor the picture that stands beside a followed name.
pub(super) fn files(db: &Connection, aim: Aim, now_s: i64) -> Result<Vec<(BlobHash, String)>> {
    let over = match aim.total {
        Some(aim) => Used::read(db)?.total() - aim,
        None => 0,
    };
    if over <= 0 {
        return Ok(Vec::new());
    }
    let mut statement = db.prepare_cached(
        "SELECT b.hash, b.mime, b.size FROM blob b JOIN blob_ref r ON r.hash = b.hash
         JOIN entry e ON e.row = r.entry_row JOIN author a ON a.row = e.author_row
         WHERE b.stored = 1 AND NOT EXISTS (SELECT 1 FROM blob_ref m WHERE m.hash = b.hash AND m.entry_row < 0)
         GROUP BY b.hash
         HAVING max(a.own) = 0 AND max(a.followed AND e.row = a.profile_row AND b.size <= ?1) = 0
         ORDER BY max(a.followed), max(e.rank) >= ?2, min(r.thumb), max(b.used_ms, max(e.rank) * 1000) LIMIT ?3",
    )?;
    let thumb_bytes = i64::try_from(limits::THUMB_BYTES).unwrap_or(i64::MAX);
    let since_s = now_s.saturating_sub(limits::PREFETCH_AGE_S);
    let mut rows = statement.query(params![thumb_bytes, since_s, limits::EVICT_AT_ONCE])?;
    let mut chosen = Vec::new();
    let mut freed = 0;
    while let Some(row) = rows.next()?
        && freed < over
    {
        freed += row.get::<_, i64>(2)?;
        chosen.push((row.get(0)?, row.get(1)?));
    }
    Ok(chosen)
}

/// From now on a file is not here; answers `false` where an own entry names it meanwhile.
pub(super) fn begin_file(tx: &Transaction<'_>, hash: BlobHash) -> Result<bool> {
    let noted = tx
        .prepare_cached(
            "UPDATE blob SET stored = 2, wanted = 0 WHERE hash = ?1 AND stored = 1
             AND NOT EXISTS (SELECT 1 FROM blob_ref WHERE hash = ?1 AND entry_row < 0) AND NOT EXISTS
                (SELECT 1 FROM blob_ref JOIN entry ON entry.row = blob_ref.entry_row
                 JOIN author ON author.row = entry.author_row WHERE blob_ref.hash = ?1 AND author.own = 1)",
        )?
        .execute([hash])?;
    Ok(noted > 0)
}

/// Its file is gone.
pub(super) fn end_file(tx: &Transaction<'_>, hash: BlobHash) -> Result<()> {
    tx.prepare_cached("UPDATE blob SET stored = 0 WHERE hash = ?1 AND stored = 2")?.execute([hash])?;
    Ok(())
}

/// Files of which it is not known that they are gone.
pub(super) fn begun_files(db: &Connection) -> Result<Vec<(BlobHash, String)>> {
    let mut statement = db.prepare_cached("SELECT hash, mime FROM blob WHERE stored = 2")?;
    let begun = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(begun.collect::<Result<_, _>>()?)
}

/// Gives free pages of the database back to the disk, some at once, as long as they are many; `false` after the last.
pub(super) fn free_pages(tx: &Transaction<'_>) -> Result<bool> {
    let free: i64 = tx.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    if free < limits::FREE_PAGES {
        return Ok(false);
    }
    let mut statement = tx.prepare(&format!("PRAGMA incremental_vacuum({})", limits::FREE_PAGES_AT_ONCE))?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    drop(rows);
    let after: i64 = tx.query_row("PRAGMA freelist_count", [], |row| row.get(0))?;
    Ok(after < free)
}
