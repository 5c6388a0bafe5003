//! What of mail, and of the files that it names, gives way to what comes.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::remove;
use crate::error::Result;
use crate::gate::Notes;
use crate::id::{EntryId, NodeId};
use crate::limits::MAIL_DROPPED;
use crate::media;

/// Makes room for so many bytes: mail of those who brought the most goes, the newest first, as long as they brought more
/// than `floor` bytes. What was promised stays, and what a node brought that the user chose. Answers what is lacking.
pub(crate) fn make_room(tx: &Transaction<'_>, notes: &mut Notes, bytes: i64, floor: i64) -> Result<i64> {
    let sql = "SELECT m.entry_row, m.bytes FROM mail_source AS s CROSS JOIN mail AS m ON m.entry_row =
            (SELECT max(entry_row) FROM mail WHERE source = s.node AND promised = 0)
         WHERE s.bytes > ?1
            AND NOT EXISTS (SELECT 1 FROM service WHERE service.node = s.node AND kind IN (0, 1) AND present = 1)
         ORDER BY s.bytes DESC LIMIT 1";
    drop_by(tx, bytes, |tx| {
        let found = tx.prepare_cached(sql)?.query_row([floor], victim).optional()?;
        if let Some((row, _)) = found {
            remove(tx, notes, row)?;
        }
        Ok(found)
    })
}

/// Makes room among what one node brought: the oldest goes, once it was tried. Answers what is lacking. `for_good`: it is
/// not to come again as long as there is no room.
pub(crate) fn drop_oldest(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    bytes: i64,
    by: NodeId,
    for_good: bool,
) -> Result<i64> {
    drop_by(tx, bytes, |tx| {
        let found = tx
            .prepare_cached(
                "SELECT entry_row, bytes FROM mail WHERE source = ?1 AND promised = 0 AND untried = 0
                 ORDER BY entry_row LIMIT 1",
            )?
            .query_row([by], victim)
            .optional()?;
        if let Some((row, _)) = found {
            if for_good {
                note_dropped(tx, row)?;
            }
            remove(tx, notes, row)?;
        }
        Ok(found)
    })
}

/// Who brought the most mail, of those whom the user did not choose and of whom some may go.
pub(crate) fn fullest(db: &Connection) -> Result<Option<NodeId>> {
    Ok(db
        .prepare_cached(
            "SELECT node FROM mail_source AS s WHERE bytes > 0
                AND NOT EXISTS (SELECT 1 FROM service WHERE service.node = s.node AND kind IN (0, 1) AND present = 1)
                AND EXISTS (SELECT 1 FROM mail WHERE source = s.node AND promised = 0 AND untried = 0)
             ORDER BY bytes DESC LIMIT 1",
        )?
        .query_row([], |found| found.get(0))
        .optional()?)
}

/// Whether an entry of mail gave way before, so that it would only push out what came after it.
pub(crate) fn was_dropped(db: &Connection, id: EntryId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM mail_dropped WHERE id = ?1)")?
        .query_row([id], |row| row.get(0))?)
}

fn note_dropped(tx: &Transaction<'_>, row: i64) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO mail_dropped (id) SELECT id FROM entry WHERE row = ?1")?.execute([row])?;
    tx.prepare_cached("DELETE FROM mail_dropped WHERE row <= (SELECT max(row) FROM mail_dropped) - ?1")?
        .execute([MAIL_DROPPED])?;
    Ok(())
}

/// Makes room for so many bytes of files: those go, the newest first, that came by who brought the most, as long as that is
/// more than twice `brought`: who brought about as much keeps what it has. Nothing goes where that is not enough. Own
/// ones go as others do, the oldest first: who wrote them must not be known by what it keeps.
pub(crate) fn make_file_room(tx: &Transaction<'_>, notes: &mut Notes, bytes: i64, brought: i64) -> Result<bool> {
    let floor = brought.saturating_mul(2);
    let spare: i64 = tx
        .prepare_cached(
            "SELECT coalesce(sum(files - ?1), 0) FROM mail_source AS s WHERE files > 0 AND files > ?1
                AND NOT EXISTS (SELECT 1 FROM service WHERE service.node = s.node AND kind IN (0, 1) AND present = 1)",
        )?
        .query_row([floor], |row| row.get(0))?;
    if spare < bytes {
        return Ok(false);
    }
    let sql = "SELECT m.entry_row, m.files FROM mail_source AS s CROSS JOIN mail AS m ON m.entry_row =
            CASE s.node WHEN x'' THEN (SELECT min(entry_row) FROM mail WHERE source IS NULL AND files > 0)
            ELSE (SELECT max(entry_row) FROM mail WHERE source = s.node AND files > 0) END
         WHERE s.files > 0 AND s.files > ?1
            AND NOT EXISTS (SELECT 1 FROM service WHERE service.node = s.node AND kind IN (0, 1) AND present = 1)
         ORDER BY s.files DESC LIMIT 1";
    let lacking = drop_by(tx, bytes, |tx| {
        let found = tx.prepare_cached(sql)?.query_row([floor], victim).optional()?;
        found.map_or(Ok(None), |(row, files)| let_go(tx, notes, row).map(|()| Some((row, files))))
    })?;
    Ok(lacking <= 0)
}

/// Makes room for so many bytes of files among those that one node brought: the oldest go. Answers whether that was enough.
pub(crate) fn drop_oldest_files(tx: &Transaction<'_>, notes: &mut Notes, bytes: i64, by: NodeId) -> Result<bool> {
    let sql = "SELECT entry_row, files FROM mail WHERE source = ?1 AND files > 0 ORDER BY entry_row LIMIT 1";
    let lacking = drop_by(tx, bytes, |tx| {
        let found = tx.prepare_cached(sql)?.query_row([by], victim).optional()?;
        found.map_or(Ok(None), |(row, files)| let_go(tx, notes, row).map(|()| Some((row, files))))
    })?;
    Ok(lacking <= 0)
}

/// Files of mail that nobody takes any more. A message here that keeps one goes on to name it, so that it can be asked for.
fn let_go(tx: &Transaction<'_>, notes: &mut Notes, row: i64) -> Result<()> {
    media::let_go_mail(tx, notes, row)?;
    tx.prepare_cached("UPDATE mail SET files = 0 WHERE entry_row = ?1")?.execute(params![row])?;
    Ok(())
}

fn victim(row: &Row<'_>) -> rusqlite::Result<(i64, i64)> {
    Ok((row.get(0)?, row.get(1)?))
}

/// Drops one after the other until so many bytes are free, or nothing is left to drop; answers what is lacking.
fn drop_by(
    tx: &Transaction<'_>,
    mut bytes: i64,
    mut one: impl FnMut(&Transaction<'_>) -> Result<Option<(i64, i64)>>,
) -> Result<i64> {
    while bytes > 0 {
        let Some((_, freed)) = one(tx)? else { break };
        bytes -= freed.max(1);
    }
    Ok(bytes)
}
