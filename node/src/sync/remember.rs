//! What sync writes beside entries: agreed sets of authors, and when a copy was last confirmed.

use rusqlite::{Transaction, params};

use crate::error::Result;
use crate::id::{NodeId, PersonaId};
use crate::limits::REMEMBERED_PEERS;
use crate::sync::digest::SetId;

/// Keeps the set that was agreed with a peer (`Output::Remember`); the peers longest unused are forgotten.
pub fn remember(
    db: &Transaction<'_>,
    peer: NodeId,
    theirs: bool,
    set: SetId,
    authors: &[PersonaId],
    now_ms: u64,
) -> Result<()> {
    let bytes: Vec<u8> = authors.iter().flat_map(|author| *author.as_bytes()).collect();
    db.prepare_cached(
        "INSERT INTO peer_set (node, theirs, set_id, authors, used_ms) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (node, theirs)
         DO UPDATE SET set_id = excluded.set_id, authors = excluded.authors, used_ms = excluded.used_ms",
    )?
    .execute(params![peer, theirs, set.0, bytes, now_ms.cast_signed()])?;
    db.prepare_cached(
        "DELETE FROM peer_set WHERE node IN
         (SELECT node FROM peer_set GROUP BY node ORDER BY max(used_ms) DESC LIMIT -1 OFFSET ?1)",
    )?
    .execute([i64::try_from(REMEMBERED_PEERS).unwrap_or(i64::MAX)])?;
    Ok(())
}

/// Notes that a peer confirmed or completed our copies (`Output::Synced`).
pub fn mark_synced(db: &Transaction<'_>, authors: &[PersonaId], now_ms: u64) -> Result<()> {
    let mut statement = db.prepare_cached("UPDATE author SET synced_ms = max(synced_ms, ?2) WHERE id = ?1")?;
    for author in authors {
        statement.execute(params![author, now_ms.cast_signed()])?;
    }
    Ok(())
}
