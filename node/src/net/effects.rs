//! What the driver reads from the store for the engine.

use rusqlite::Connection;

use crate::error::Result;
use crate::id::PersonaId;

/// The authors that this node carries; own ones are marked.
pub(super) fn authors(db: &Connection) -> Result<Vec<(PersonaId, bool)>> {
    let mut statement = db.prepare_cached("SELECT id, own FROM author WHERE carried = 1 OR own = 1 ORDER BY row")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
