//! Where an entry stands in its log: appended, filling a gap, loose, or the second branch of a fork; and the rows of
//! `entry`, which leave out what rebuilds exactly.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::log::{Log, scope_from};
use crate::entry::{Entry, EntryError, Header, Kind, Scope};
use crate::error::Result;
use crate::gate::Notes;
use crate::header;
use crate::id::{BlobHash, EntryId, PersonaId};
use crate::limits;

/// Where an entry goes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) branch: i64,
    /// Its predecessor is not stored under (log, seq - 1) of branch 0: the row must keep `prev`.
    pub(super) keeps_prev: bool,
    /// Rank of the nearest stored predecessor, s.
    floor: i64,
    /// The lowest seq with two ids, when this entry shows a fork.
    fork_seq: Option<i64>,
}

impl Placed {
    /// Seconds: min(claimed, first seen), never below the nearest stored predecessor.
    pub(super) fn rank(&self, claimed: u64, now_s: i64) -> i64 {
        i64::try_from(claimed).unwrap_or(i64::MAX).min(now_s).max(self.floor)
    }
}

/// Finds the place of an entry that is not stored yet.
pub(super) fn find(tx: &Transaction<'_>, log: &Log, header: &Header) -> Result<Result<Placed, EntryError>> {
    let seq = i64::try_from(header.seq).unwrap_or(i64::MAX);
    if seq > limits::LARGEST_SEQ {
        return Ok(Err(EntryError::Malformed("seq")));
    }
    if log.fork_seq >= 0 && seq >= log.fork_seq {
        return frozen(tx, log, header, seq);
    }
    // The common case: the next entry of a log without gaps.
    if seq == log.top_seq + 1 && log.next_seq == seq && header.prev == log.top_id {
        return Ok(Ok(Placed { branch: 0, keeps_prev: false, floor: log.top_rank, fork_seq: None }));
    }
    let here = at(tx, log.row, seq)?;
    let before = if seq > 0 { at(tx, log.row, seq - 1)? } else { None };
    let after = at(tx, log.row, seq + 1)?;
    let floor = tx
        .prepare_cached("SELECT rank FROM entry WHERE log_row = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT 1")?
        .query_row(params![log.row, seq], |row| row.get(0))
        .optional()?
        .unwrap_or_default();
    let fork_seq = match (&here, &before, &after) {
        (Some(_), _, _) => Some(seq),
        // Its prev is not what is stored there: two ids at the place before.
        (_, Some(before), _) if before.id != header.prev => Some(seq - 1),
        (_, _, Some(after)) if after.prev.is_some_and(|prev| prev != header.id()) => Some(seq),
        _ => None,
    };
    let keeps_prev = seq > 0 && before.as_ref().is_none_or(|before| before.id != header.prev);
    let branch = i64::from(fork_seq.is_some());
    Ok(Ok(Placed { branch, keeps_prev: keeps_prev || branch > 0, floor, fork_seq }))
}

/// A log with a fork stops being extended. What still comes in is the other branch, as far as it is proof.
fn frozen(tx: &Transaction<'_>, log: &Log, header: &Header, seq: i64) -> Result<Result<Placed, EntryError>> {
    let (branch, floor): (i64, i64) = match tx
        .prepare_cached(
            "SELECT branch, rank FROM entry
                         WHERE prefix = substr(?2, 1, 8) AND id = ?2 AND +log_row = ?1",
        )?
        .query_row(params![log.row, header.prev], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
    {
        Some((branch, rank)) => (branch, rank),
        None => return Ok(Err(EntryError::Frozen)),
    };
    let second: i64 = tx
        .prepare_cached("SELECT count(*) FROM entry WHERE log_row = ?1 AND branch = 1")?
        .query_row([log.row], |row| row.get(0))?;
    let is_first_of_second = second == 0 && seq == log.fork_seq;
    let extends_second = branch == 1 && second < i64::try_from(limits::FORK_ENTRIES).unwrap_or(i64::MAX);
    if is_first_of_second || extends_second {
        return Ok(Ok(Placed { branch: 1, keeps_prev: true, floor, fork_seq: None }));
    }
    Ok(Err(EntryError::Frozen))
}

struct At {
    id: EntryId,
    prev: Option<EntryId>,
}

fn at(tx: &Transaction<'_>, log_row: i64, seq: i64) -> Result<Option<At>> {
    Ok(tx
        .prepare_cached("SELECT id, prev FROM entry WHERE log_row = ?1 AND seq = ?2 AND branch = 0")?
        .query_row(params![log_row, seq], |row| Ok(At { id: row.get(0)?, prev: row.get(1)? }))
        .optional()?)
}

/// Moves the heads after an entry was stored at `seq`.
pub(super) fn advance(
    tx: &Transaction<'_>,
    log: &mut Log,
    seq: u64,
    id: EntryId,
    rank: i64,
    placed: &Placed,
) -> Result<()> {
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    if let Some(fork_seq) = placed.fork_seq {
        log.fork_seq = if log.fork_seq < 0 { fork_seq } else { log.fork_seq.min(fork_seq) };
    }
    if placed.branch > 0 {
        return Ok(());
    }
    log.count += 1;
    if seq > log.top_seq {
        log.top_seq = seq;
        log.top_id = id;
        log.top_rank = rank;
    }
    if seq == log.next_seq {
        log.next_seq += 1;
        if log.count > log.next_seq {
            // A gap closed: what was loose beyond it counts now.
            let mut statement = tx
                .prepare_cached("SELECT seq FROM entry WHERE log_row = ?1 AND seq >= ?2 AND branch = 0 ORDER BY seq")?;
            let mut rows = statement.query(params![log.row, log.next_seq])?;
            while let Some(row) = rows.next()? {
                if row.get::<_, i64>(0)? != log.next_seq {
                    break;
                }
                log.next_seq += 1;
            }
        }
    }
    Ok(())
}

/// Own entries at and past `hold_from` have not left this device.
pub(super) fn is_held(log: &Log, seq: u64) -> bool {
    log.own && i64::try_from(seq).is_ok_and(|seq| seq >= log.hold_from)
}

/// Until the `LogOpen` is here, the kinds that stand in a log tell its scope.
pub(super) fn likely_scope(kind: Kind) -> i64 {
    match kind {
        Kind::LogOpen | Kind::Edit | Kind::Delete | Kind::Unknown(_) => -1,
        _ if kind.stands_in(Scope::Posts) => 0,
        _ if kind.stands_in(Scope::Engagement) => 1,
        _ => 2,
    }
}

/// Whether its author deleted this entry before it came.
pub(super) fn is_deleted(tx: &Transaction<'_>, id: EntryId, author_row: i64) -> Result<bool> {
    Ok(tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM tombstone WHERE target = ?1 AND author_row = ?2)")?
        .query_row(params![id, author_row], |row| row.get(0))?)
}

pub(super) fn author_of(tx: &Transaction<'_>, id: EntryId) -> Result<Option<PersonaId>> {
    Ok(tx
        .prepare_cached(
            "SELECT author.id FROM entry JOIN author ON author.row = entry.author_row
                         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row([id], |row| row.get(0))
        .optional()?)
}

/// A row of `entry` to be.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) id: EntryId,
    pub(super) entry: &'a Entry,
    pub(super) author_row: i64,
    pub(super) log_row: i64,
    pub(super) branch: i64,
    pub(super) prev: Option<EntryId>,
    pub(super) rank: i64,
}

/// Stores an entry; answers its row.
pub(super) fn insert(tx: &Transaction<'_>, row: &Row<'_>) -> Result<i64> {
    let header = &row.entry.header;
    let statement = row.log_row == 0;
    let absent = row.entry.body.is_none();
    let refs: Vec<u8> = header.refs.iter().flat_map(|id| id.to_bytes()).collect();
    tx.prepare_cached(
        "INSERT INTO entry (id, author_row, log_row, seq, branch, kind, time, refs, signature, body, device, prev,
                            body_len, body_hash, rank)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )?
    .execute(params![
        row.id,
        row.author_row,
        row.log_row,
        header.seq.cast_signed(),
        row.branch,
        header.kind.number(),
        header.time.cast_signed(),
        refs,
        row.entry.signature,
        row.entry.body,
        statement.then_some(header.device),
        row.prev,
        absent.then_some(header.body_len),
        absent.then_some(header.body_hash),
        row.rank
    ])?;
    Ok(tx.last_insert_rowid())
}

/// Logs first (`CROSS JOIN` keeps the order): there are few, and the wanted entries stand together in each.
const REBUILD: &str = "SELECT entry.id, author.id, log.device, log.log, entry.seq, entry.prev, entry.kind, entry.time,
        entry.refs, entry.signature, entry.body, entry.body_len, entry.body_hash,
        (SELECT p.id FROM entry AS p WHERE p.log_row = entry.log_row AND p.seq = entry.seq - 1 AND p.branch = 0)
    FROM log CROSS JOIN entry ON entry.log_row = log.row JOIN author ON author.row = entry.author_row";

fn rebuild(row: &rusqlite::Row<'_>) -> rusqlite::Result<(EntryId, Entry)> {
    let body: Option<Vec<u8>> = row.get(10)?;
    let (body_len, body_hash) = match &body {
        Some(body) => {
            (u32::try_from(body.len()).unwrap_or(u32::MAX), BlobHash::from_bytes(*blake3::hash(body).as_bytes()))
        }
        None => (row.get(11)?, row.get(12)?),
    };
    let prev = row.get::<_, Option<EntryId>>(5)?.or(row.get(13)?).unwrap_or(EntryId::ZERO);
    let refs: Vec<u8> = row.get(8)?;
    let header = Header {
        author: row.get(1)?,
        device: row.get(2)?,
        log: row.get::<_, i64>(3)?.cast_unsigned(),
        seq: row.get::<_, i64>(4)?.cast_unsigned(),
        prev,
        time: row.get::<_, i64>(7)?.cast_unsigned(),
        kind: Kind::from_number(row.get(6)?),
        refs: refs.chunks_exact(32).filter_map(EntryId::from_slice).collect(),
        body_len,
        body_hash,
    };
    Ok((row.get(0)?, Entry { header, signature: row.get(9)?, body }))
}

/// Own entries that have not left yet, in the order in which they were made.
pub(super) fn held(tx: &Connection) -> Result<Vec<(EntryId, Entry)>> {
    let mut statement = tx.prepare_cached(&format!(
        "{REBUILD} WHERE log.own = 1 AND entry.seq >= log.hold_from AND entry.branch = 0 ORDER BY entry.row"
    ))?;
    let held = statement.query_map([], rebuild)?.collect::<Result<_, _>>()?;
    Ok(held)
}

/// Rows, ids and entries of the profiles of an author that are here.
pub(super) fn profiles(tx: &Connection, author_row: i64) -> Result<Vec<(i64, EntryId, Entry)>> {
    let mut statement = tx.prepare_cached(&format!(
        "SELECT found.*, (SELECT row FROM entry WHERE prefix = substr(found.id, 1, 8) AND id = found.id)
         FROM ({REBUILD} WHERE log.author_row = ?1 AND entry.kind = ?2 AND entry.body IS NOT NULL) AS found"
    ))?;
    let found = statement.query_map(params![author_row, Kind::Profile.number()], |row| {
        let (id, entry) = rebuild(row)?;
        Ok((row.get(14)?, id, entry))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The scope of the log that an own entry was taken out of.
pub(super) fn scope_of(tx: &Connection, entry: &Entry) -> Result<Option<Scope>> {
    let ref_ = crate::id::LogRef::new(&entry.header.device, entry.header.log);
    let number = tx
        .prepare_cached("SELECT scope FROM log WHERE device = ?1 AND ref = ?2")?
        .query_row(params![entry.header.device, ref_.0.cast_signed()], |row| row.get(0))
        .optional()?;
    Ok(number.and_then(scope_from))
}

/// Removes an own entry that never left, and all that was derived from it.
pub(super) fn take_out(tx: &Transaction<'_>, notes: &mut Notes, id: EntryId, now_s: i64) -> Result<()> {
    let row: i64 = tx.query_row(
        "SELECT row FROM entry
                                 WHERE prefix = substr(?1, 1, 8) AND id = ?1",
        [id],
        |row| row.get(0),
    )?;
    header::take_out(tx, notes, row, now_s)?;
    for table in ["post", "repost", "policy", "blob_ref"] {
        tx.execute(&format!("DELETE FROM {table} WHERE entry_row = ?1"), [row])?;
    }
    tx.execute("UPDATE author SET profile_row = 0 WHERE profile_row = ?1", [row])?;
    tx.execute("DELETE FROM entry WHERE row = ?1", [row])?;
    Ok(())
}

/// Removes an entry from which nothing is derived any more, unless its log is carried whole. The log has a gap from then
/// on, and what stands behind it rebuilds all the same.
pub(super) fn remove(tx: &Transaction<'_>, row: i64) -> Result<()> {
    let found: Option<(EntryId, i64, i64, i64, bool)> = tx
        .prepare_cached(
            "SELECT entry.id, entry.log_row, entry.seq, entry.branch, log.own OR (author.carried AND log.scope NOT IN (-1, 1))
             FROM entry JOIN log ON log.row = entry.log_row JOIN author ON author.row = entry.author_row
             WHERE entry.row = ?1",
        )?
        .query_row([row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .optional()?;
    let Some((id, log_row, seq, branch, false)) = found else { return Ok(()) };
    tx.prepare_cached("DELETE FROM entry WHERE row = ?1")?.execute([row])?;
    if branch > 0 {
        return Ok(());
    }
    tx.prepare_cached("UPDATE entry SET prev = ?3 WHERE log_row = ?1 AND seq = ?2 + 1 AND prev IS NULL")?
        .execute(params![log_row, seq, id])?;
    tx.prepare_cached(
        "UPDATE log SET count = count - 1, next_seq = min(next_seq, ?2),
            top_seq = (SELECT coalesce(max(seq), -1) FROM entry WHERE log_row = log.row AND branch = 0),
            top_id = (SELECT id FROM entry WHERE log_row = log.row AND branch = 0 ORDER BY seq DESC LIMIT 1)
         WHERE row = ?1",
    )?
    .execute(params![log_row, seq])?;
    Ok(())
}

/// Sets the heads of own logs again from what is stored, after entries were taken out.
pub(super) fn recount_own(tx: &Transaction<'_>) -> Result<()> {
    tx.execute(
        "UPDATE log SET
            count = (SELECT count(*) FROM entry WHERE log_row = log.row AND branch = 0),
            top_seq = (SELECT coalesce(max(seq), -1) FROM entry WHERE log_row = log.row AND branch = 0),
            top_id = (SELECT id FROM entry WHERE log_row = log.row AND branch = 0 ORDER BY seq DESC LIMIT 1),
            next_seq = min(next_seq, hold_from),
            hold_from = ?1
         WHERE own = 1 AND hold_from <> ?1",
        [i64::MAX],
    )?;
    Ok(())
}

/// All stored entries of own logs, for tests that carry them to another copy.
#[cfg(test)]
pub(super) fn own_entries(db: &Connection) -> Result<Vec<(EntryId, Entry)>> {
    let mut statement = db.prepare(&format!("{REBUILD} WHERE log.own = 1 AND entry.branch = 0 ORDER BY entry.row"))?;
    let entries = statement.query_map([], rebuild)?.collect::<Result<_, _>>()?;
    Ok(entries)
}
