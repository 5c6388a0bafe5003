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
    let stranger = !is_known(tx, own_row, from)?;
    let new = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO first_opened (id, expires_day, own_row, peer, stranger) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![id, expires_day, own_row, from, stranger])?;
    if stranger {
        make_room(tx)?;
    }
    tx.prepare_cached(
        "DELETE FROM first_opened WHERE stranger = 0 AND row <=
            (SELECT row FROM first_opened WHERE stranger = 0 ORDER BY row DESC LIMIT 1 OFFSET ?1)",
    )?
    .execute([FIRST_OPENED])?;
    Ok(new > 0)
}

/// Of too many of strangers the oldest go. Who was one when they wrote first may have been accepted since.
fn make_room(tx: &Transaction<'_>) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT row, own_row, peer FROM first_opened WHERE stranger = 1 AND row <=
            (SELECT row FROM first_opened WHERE stranger = 1 ORDER BY row DESC LIMIT 1 OFFSET ?1)",
    )?;
    let over: Vec<(i64, i64, PersonaId)> = statement
        .query_map([FIRST_OPENED], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (row, own_row, peer) in over {
        let sql = match is_known(tx, own_row, peer)? {
            true => "UPDATE first_opened SET stranger = 0 WHERE row = ?1",
            false => "DELETE FROM first_opened WHERE row = ?1",
        };
        tx.prepare_cached(sql)?.execute([row])?;
    }
    Ok(())
}

/// Whether an own persona has to do with somebody, of whom nothing may be here.
fn is_known(tx: &Transaction<'_>, own_row: i64, peer: PersonaId) -> Result<bool> {
    let row: Option<i64> =
        tx.prepare_cached("SELECT row FROM author WHERE id = ?1")?.query_row([peer], |row| row.get(0)).optional()?;
    row.map_or(Ok(false), |row| inbox::is_known(tx, own_row, row, peer))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;
    use crate::author;
    use crate::store::{Durability, Store};

    /// Who wrote first was accepted after that: strangers make nobody forget what they wrote either.
    #[test]
    fn strangers_push_out_nothing_of_who_was_accepted_since() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let [own, friend, stranger] = [1, 2, 3].map(|number| PersonaId::from_bytes([number; 32]));
            let own_row = author::row(tx, own)?;
            let id = |number: i64| EntryId::from_bytes(*blake3::hash(&number.to_le_bytes()).as_bytes());
            let new = |from, number| is_first_time(tx, (own_row, from), (id(number), 100), 0);
            assert!(new(friend, -1)? && new(stranger, 0)?);
            let friend_row = author::row(tx, friend)?;
            tx.execute("INSERT INTO follow (by_row, author_row, present) VALUES (?1, ?2, 1)", [own_row, friend_row])?;
            for number in 1..=FIRST_OPENED {
                assert!(new(stranger, number)?);
            }
            assert!(!new(friend, -1)?, "it would close the session with them");
            assert!(new(stranger, 0)?, "the oldest of strangers made room");
            crate::thread::leave(tx, &mut crate::gate::Notes::default(), own_row)?;
            assert_eq!(tx.query_row("SELECT count(*) FROM first_opened", [], |row| row.get::<_, i64>(0))?, 0);
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }
}
