//! Rows of authors: everybody whom this node knows by name has one.

use rusqlite::{Connection, OptionalExtension, Row, Transaction};

use crate::error::Result;
use crate::id::{BlobHash, PersonaId};

/// The row of an author that something in the open names, made where it is missing. Of one that sealed content names:
/// [`private_row`].
pub(crate) fn row(tx: &Transaction<'_>, id: PersonaId) -> Result<i64> {
    let known: Option<(i64, bool)> = tx
        .prepare_cached("SELECT row, private FROM author WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match known {
        Some((row, false)) => Ok(row),
        Some((row, true)) => {
            tx.prepare_cached("UPDATE author SET private = 0 WHERE row = ?1")?.execute([row])?;
            Ok(row)
        }
        None => {
            tx.prepare_cached("INSERT INTO author (id) VALUES (?1)")?.execute([id])?;
            Ok(tx.last_insert_rowid())
        }
    }
}

/// The row of an author that sealed content names, made where it is missing.
pub(crate) fn private_row(tx: &Transaction<'_>, id: PersonaId) -> Result<i64> {
    let known =
        tx.prepare_cached("SELECT row FROM author WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()?;
    if let Some(row) = known {
        return Ok(row);
    }
    tx.prepare_cached("INSERT INTO author (id, private) VALUES (?1, 1)")?.execute([id])?;
    Ok(tx.last_insert_rowid())
}

/// An own persona.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    pub(crate) row: i64,
    pub(crate) id: PersonaId,
    pub(crate) name: String,
    /// Small where there is such a one.
    pub(crate) picture: Option<BlobHash>,
    pub(crate) created_ms: i64,
}

/// Own personas, oldest first.
pub(crate) fn own(db: &Connection) -> Result<Vec<Own>> {
    let mut statement = db.prepare_cached(
        "SELECT row, id, name, coalesce(picture_thumb, picture), created_ms FROM author WHERE own = 1
         ORDER BY created_ms, row",
    )?;
    let read = |row: &Row<'_>| {
        Ok(Own { row: row.get(0)?, id: row.get(1)?, name: row.get(2)?, picture: row.get(3)?, created_ms: row.get(4)? })
    };
    Ok(statement.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
}

/// Forgets an author, where nothing names it any more; answers whether it is gone.
pub(crate) fn forget(tx: &Transaction<'_>, row: i64) -> Result<bool> {
    tx.execute_batch("SAVEPOINT forget")?;
    let gone = match tx.prepare_cached("DELETE FROM author WHERE row = ?1")?.execute([row]) {
        Ok(_) => true,
        Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == rusqlite::ErrorCode::ConstraintViolation => {
            tx.execute_batch("ROLLBACK TO forget")?;
            false
        }
        Err(error) => return Err(error.into()),
    };
    tx.execute_batch("RELEASE forget")?;
    Ok(gone)
}
