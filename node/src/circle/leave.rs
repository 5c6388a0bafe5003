//! An own persona leaves this device: its circles and their keys go, and what they alone opened is closed.

use rusqlite::Transaction;

use super::group;
use crate::error::Result;
use crate::gate::Notes;
use crate::id::EntryId;

/// Removes the circles of an own persona here, its own and those that it was let into. Posts that no other own persona can
/// read are sealed again, with what was said under them.
pub(crate) fn leave(tx: &Transaction<'_>, notes: &mut Notes, own_row: i64, now_ms: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT DISTINCT b.entry_row, entry.id FROM opened_by AS b JOIN entry ON entry.row = b.entry_row
         WHERE circle_row IN (SELECT row FROM circle WHERE own_row = ?1)
           AND NOT EXISTS (SELECT 1 FROM opened_by AS o JOIN circle ON circle.row = o.circle_row
                           WHERE o.entry_row = b.entry_row AND circle.own_row <> ?1)",
    )?;
    let closed: Vec<(i64, EntryId)> =
        statement.query_map([own_row], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    for (row, id) in closed {
        tx.prepare_cached(
            "DELETE FROM opened WHERE entry_row = ?1
                OR entry_row IN (SELECT entry_row FROM sealed_comment WHERE post = ?2)",
        )?
        .execute(rusqlite::params![row, id])?;
        tx.prepare_cached("DELETE FROM sealed_comment WHERE post = ?1")?.execute([id])?;
        tx.prepare_cached("UPDATE post SET closed = 1, in_feed = 0 WHERE entry_row = ?1")?.execute([row])?;
        notes.posts_changed.insert(id);
    }
    let mut statement = tx.prepare_cached("SELECT row FROM circle WHERE own_row = ?1")?;
    let circles: Vec<i64> = statement.query_map([own_row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for circle_row in circles {
        for table in ["opened_by", "epoch", "circle_member"] {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE circle_row = ?1"))?.execute([circle_row])?;
        }
        tx.prepare_cached("DELETE FROM circle WHERE row = ?1")?.execute([circle_row])?;
    }
    group::settle_carried(tx, now_ms)
}
