//! What the driver reads and writes in the store for the engine, beside entries.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::entry::{Kind, Scope};
use crate::error::Result;
use crate::gate::Applied;
use crate::id::{EntryId, PersonaId};

/// `log.hold_from` of a log that holds nothing back.
const NONE_HELD: i64 = i64::MAX;

/// The authors that this node carries; own ones are marked.
pub(super) fn authors(db: &Connection) -> Result<Vec<(PersonaId, bool)>> {
    let mut statement = db.prepare_cached("SELECT id, own FROM author WHERE carried = 1 OR own = 1 ORDER BY row")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Lets held entries go (invariant 13) and answers them as if they were applied now, in the order of their writing.
pub(super) fn release(tx: &Transaction<'_>) -> Result<Vec<Applied>> {
    let held = {
        let mut statement = tx.prepare_cached(
            "SELECT e.row, e.id, a.id, e.kind, l.ref, l.scope, e.seq, e.refs, p.row IS NULL AND e.seq > 0
             FROM log l JOIN entry e ON e.log_row = l.row AND e.seq >= l.hold_from JOIN author a ON a.row = e.author_row
             LEFT JOIN entry p ON p.log_row = l.row AND p.seq = e.seq - 1
             WHERE l.own = 1 AND l.hold_from < ?1 GROUP BY e.row ORDER BY e.row",
        )?;
        let rows = statement.query_map([NONE_HELD], |row| {
            let scope = match row.get(5)? {
                0 => Some(Scope::Posts),
                1 => Some(Scope::Engagement),
                2 => Some(Scope::Sealed),
                _ => None,
            };
            let applied = Applied {
                id: row.get(1)?,
                author: row.get(2)?,
                kind: Kind::from_number(row.get(3)?),
                log: Some(crate::id::LogRef(row.get::<_, i64>(4)?.cast_unsigned())),
                scope,
                seq: row.get::<_, i64>(6)?.cast_unsigned(),
                about: None,
                gap: row.get(8)?,
                held: false,
                blobs: Vec::new(),
            };
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(7)?, applied))
        })?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    let mut released = Vec::new();
    for (row, refs, mut applied) in held {
        applied.blobs = tx
            .prepare_cached("SELECT hash FROM blob_ref WHERE entry_row = ?1")?
            .query_map([row], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let target = refs.first_chunk().copied().map(EntryId::from_bytes);
        if let (Some(target), Kind::Comment | Kind::Reaction | Kind::Edit | Kind::Delete) = (target, applied.kind) {
            applied.about = about(tx, target)?;
        }
        released.push(applied);
    }
    tx.execute("UPDATE log SET hold_from = ?1 WHERE own = 1 AND hold_from < ?1", [NONE_HELD])?;
    Ok(released)
}

/// The post that something with this target is about, and its author where it is stored.
fn about(tx: &Transaction<'_>, target: EntryId) -> Result<Option<(EntryId, Option<PersonaId>)>> {
    let mut target = target;
    // A deletion of a reaction to a comment on a post: three steps at most.
    for _ in 0..3 {
        let found: Option<(i64, PersonaId, Option<EntryId>, Option<EntryId>)> = tx
            .prepare_cached(
                "SELECT e.row, a.id, c.root, r.target FROM entry e JOIN author a ON a.row = e.author_row
                 LEFT JOIN comment c ON c.entry_row = e.row LEFT JOIN reaction r ON r.entry_row = e.row
                 WHERE e.id = ?1",
            )?
            .query_row(params![target], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .optional()?;
        match found {
            Some((_, _, Some(next), _) | (_, _, None, Some(next))) => target = next,
            Some((_, author, None, None)) => return Ok(Some((target, Some(author)))),
            None => return Ok(Some((target, None))),
        }
    }
    Ok(Some((target, None)))
}
