//! First messages that were opened here. The entry of one can come again once it gave way: as its session may be gone by
//! then it would begin as an old one, and close those that came after it.

use rusqlite::{OptionalExtension, Transaction, params};

use super::inbox;
use crate::error::Result;
use crate::id::{EntryId, PersonaId};
use crate::limits::{DAY_S, FIRST_OPENED};

/// Whether a first message to an own persona was not opened here before; it is remembered from now on, for as long as its
/// entry is taken in. Where too many are, the oldest go, those of people whom nobody here has to do with apart from others:
/// who writes as very many makes nobody forget what friends wrote.
pub(crate) fn is_first_time(
    tx: &Transaction<'_>,
    (own_row, from): (i64, PersonaId),
    (id, expires_day): (EntryId, u16),
    now_ms: i64,
) -> Result<bool> {
    let today = now_ms.max(0).cast_unsigned() / 1_000 / DAY_S;
    tx.prepare_cached("DELETE FROM first_opened WHERE expires_day < ?1")?.execute([today.cast_signed()])?;
    let peer: Option<i64> =
        tx.prepare_cached("SELECT row FROM author WHERE id = ?1")?.query_row([from], |row| row.get(0)).optional()?;
    let known = match peer {
        Some(peer_row) => inbox::is_known(tx, own_row, peer_row, from)?,
        None => false,
    };
    let new = tx
        .prepare_cached("INSERT OR IGNORE INTO first_opened (id, expires_day, stranger) VALUES (?1, ?2, ?3)")?
        .execute(params![id, expires_day, !known])?;
    tx.prepare_cached(
        "DELETE FROM first_opened WHERE stranger = ?1 AND row <=
            (SELECT row FROM first_opened WHERE stranger = ?1 ORDER BY row DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![!known, FIRST_OPENED])?;
    Ok(new > 0)
}
