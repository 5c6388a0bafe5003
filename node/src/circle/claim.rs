//! What was said of members of a group that stands on a word of the owner's that has not come yet: messages of several people
//! come in any order. It counts as soon as the owner was heard, so nobody counts further than the owner reaches.

use rusqlite::{Transaction, params};

use crate::entry::Member;
use crate::error::Result;
use crate::id::PersonaId;
use crate::limits;

/// Keeps it for later: of one who speaks the latest word of each, and as much as one grant can name.
pub(super) fn keep(
    tx: &Transaction<'_>,
    circle_row: i64,
    from_row: i64,
    persona: PersonaId,
    present: bool,
    counter: i64,
) -> Result<()> {
    let kept = tx
        .prepare_cached(
            "INSERT INTO circle_claim (circle_row, from_row, persona, present, counter) SELECT ?1, ?2, ?3, ?4, ?5
             WHERE EXISTS (SELECT 1 FROM circle_claim WHERE circle_row = ?1 AND from_row = ?2 AND persona = ?3)
                OR (SELECT count(*) FROM circle_claim WHERE circle_row = ?1 AND from_row = ?2) < ?6
             ON CONFLICT (circle_row, from_row, persona) DO UPDATE
             SET present = excluded.present, counter = excluded.counter
             WHERE (excluded.counter, NOT excluded.present) > (counter, NOT present)",
        )?
        .execute(params![circle_row, from_row, persona, present, counter, limits::GRANT_MEMBERS])?;
    if kept > 0 {
        tracing::debug!("what is said of a member waits: its counter is too far above what the owner said");
    }
    Ok(())
}

/// What counts now that the owner was heard, up to this counter: who said it, and what. It waits no longer.
pub(super) fn take(tx: &Transaction<'_>, circle_row: i64, persona: PersonaId, top: i64) -> Result<Vec<(i64, Member)>> {
    let mut statement = tx.prepare_cached(
        "DELETE FROM circle_claim WHERE circle_row = ?1 AND persona = ?2 AND counter <= ?3
         RETURNING from_row, present, counter",
    )?;
    let claims = statement.query_map(params![circle_row, persona, top], |row| {
        let counter = row.get::<_, i64>(2)?.cast_unsigned();
        Ok((row.get(0)?, Member { persona, present: row.get(1)?, admin: false, counter }))
    })?;
    Ok(claims.collect::<rusqlite::Result<_>>()?)
}
