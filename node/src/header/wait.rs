//! Entries of headers whose post is not here. They wait for it, a limited number for a limited time: a comment often
//! comes before its post does. What stands in a log that is carried as a log is never removed.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::error::Result;
use crate::limits;

pub(super) fn add(tx: &Transaction<'_>, row: i64, now_s: i64) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO waiting (entry_row, since_s) VALUES (?1, ?2)")?
        .execute(params![row, now_s])?;
    Ok(())
}

pub(super) fn remove(tx: &Transaction<'_>, row: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM waiting WHERE entry_row = ?1")?.execute([row])?;
    Ok(())
}

/// The one that waits longest, where more wait than may.
pub(super) fn one_too_many(tx: &Transaction<'_>) -> Result<Option<i64>> {
    Ok(tx
        .prepare_cached(
            "SELECT entry_row FROM waiting WHERE (SELECT count(*) FROM waiting) > ?1
             ORDER BY since_s, entry_row LIMIT 1",
        )?
        .query_row([limits::WAITING_ENTRIES], |row| row.get(0))
        .optional()?)
}

/// Those that waited too long.
pub(super) fn old(tx: &Transaction<'_>, now_s: i64) -> Result<Vec<i64>> {
    let before = now_s.saturating_sub(limits::WAITING_S.cast_signed());
    let mut statement = tx.prepare_cached("SELECT entry_row FROM waiting WHERE since_s < ?1")?;
    let rows = statement.query_map([before], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(rows)
}
