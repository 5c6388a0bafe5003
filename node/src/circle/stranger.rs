//! What people leave of circles here whom nobody follows or writes to: keys, invitations and lists of members. No quota
//! counts such rows, so they are few; what is over goes with all that it brought.

use rusqlite::{Connection, Transaction, params};

use crate::author;
use crate::error::Result;
use crate::limits::{GRANT_MEMBERS, MEMBERS_KNOWN, STRANGER_CIRCLES, STRANGERS_CIRCLES};

/// Their circles, the newest first; groups that were joined are the user's.
const THEIRS: &str = "SELECT circle.row FROM circle JOIN author ON author.row = circle.author_row
    WHERE author.own = 0 AND author.followed = 0 AND NOT (circle.kind = 1 AND circle.state = 1)
      AND NOT EXISTS (SELECT 1 FROM thread_member AS m JOIN thread ON thread.row = m.thread_row
                      WHERE m.author_row = author.row AND m.present = 1 AND thread.request = 0)
      AND (?1 = 0 OR author.row = ?1) ORDER BY circle.row DESC LIMIT -1 OFFSET ?2";

/// A circle of this owner may have been added: of too many the oldest go.
pub(super) fn bound(tx: &Transaction<'_>, owner_row: i64) -> Result<()> {
    for (owner_row, most) in [(owner_row, STRANGER_CIRCLES), (0, STRANGERS_CIRCLES)] {
        let mut statement = tx.prepare_cached(THEIRS)?;
        let over: Vec<i64> =
            statement.query_map([owner_row, most], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        over.into_iter().try_for_each(|circle_row| remove(tx, circle_row))?;
    }
    Ok(())
}

/// Whether one more who was not named yet can be said to be in somebody's group.
pub(super) fn has_room(db: &Connection, circle_row: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT kind = 0 OR count(m.author_row) < CASE state WHEN 1 THEN ?2 ELSE ?3 END FROM circle
             LEFT JOIN circle_member AS m ON m.circle_row = circle.row WHERE circle.row = ?1",
        )?
        .query_row(params![circle_row, MEMBERS_KNOWN, GRANT_MEMBERS], |row| row.get(0))?)
}

fn remove(tx: &Transaction<'_>, circle_row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT m.author_row FROM circle_member AS m JOIN usage ON usage.author_row = m.author_row
         WHERE m.circle_row = ?1 AND usage.class = 4 AND usage.entries = 0",
    )?;
    let named: Vec<i64> = statement.query_map([circle_row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for table in ["epoch", "circle_member"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE circle_row = ?1"))?.execute([circle_row])?;
    }
    tx.prepare_cached("DELETE FROM circle WHERE row = ?1")?.execute([circle_row])?;
    for author_row in named {
        let _named_elsewhere = !author::forget(tx, author_row)?;
    }
    Ok(())
}
