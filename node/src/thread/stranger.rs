//! What first messages leave besides what they say: sessions with their tags, devices, and names. It goes with what was said,
//! where nobody here has to do with who wrote it; of sessions that belong to nothing there are few.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{DECLINED, KIND_DIRECT, courier, inbox};
use crate::author;
use crate::error::Result;
use crate::id::PersonaId;
use crate::limits::STRANGERS_SESSIONS;

/// Whether an own persona declined a request of somebody with whom it has nothing else to do: their first messages are
/// not looked at any more.
pub(crate) fn is_declined(tx: &Transaction<'_>, own_row: i64, persona: PersonaId) -> Result<bool> {
    let peer_row: Option<i64> = tx
        .prepare_cached(
            "SELECT m.author_row FROM author JOIN thread_member AS m ON m.author_row = author.row
             JOIN thread ON thread.row = m.thread_row
             WHERE author.id = ?1 AND thread.author_row = ?2 AND thread.kind = ?3 AND request = ?4",
        )?
        .query_row(params![persona, own_row, KIND_DIRECT, DECLINED], |row| row.get(0))
        .optional()?;
    Ok(match peer_row {
        Some(peer_row) => !inbox::is_known(tx, own_row, peer_row, persona)?,
        None => false,
    })
}

/// A request of this thread went, or was declined: so do sessions of the own persona with who was in it, as far as they have
/// nothing else to say to each other.
pub(super) fn forget(tx: &Transaction<'_>, own_row: i64, peer_row: i64) -> Result<()> {
    let persona: PersonaId =
        tx.prepare_cached("SELECT id FROM author WHERE row = ?1")?.query_row([peer_row], |row| row.get(0))?;
    let asks: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM thread_member AS m JOIN thread ON thread.row = m.thread_row
                            WHERE m.author_row = ?2 AND thread.author_row = ?1 AND request <> ?3)",
        )?
        .query_row([own_row, peer_row, DECLINED], |row| row.get(0))?;
    if asks || inbox::is_known(tx, own_row, peer_row, persona)? {
        return Ok(());
    }
    let mut statement = tx.prepare_cached("SELECT row FROM session WHERE author_row = ?1 AND peer_row = ?2")?;
    let sessions: Vec<i64> =
        statement.query_map([own_row, peer_row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    sessions.into_iter().try_for_each(|row| courier::forget(tx, row))?;
    tx.prepare_cached("DELETE FROM outbox WHERE author_row = ?1 AND peer_row = ?2 AND body = x''")?
        .execute([own_row, peer_row])?;
    forget_name(tx, peer_row)
}

/// Forgets the devices of who was introduced inside of sealed content alone, and the name, where nothing here needs them.
pub(crate) fn forget_name(tx: &Transaction<'_>, peer_row: i64) -> Result<()> {
    let gone = tx
        .prepare_cached(
            "DELETE FROM met WHERE author_row = ?1
                AND NOT EXISTS (SELECT 1 FROM session WHERE peer_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM outbox WHERE peer_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM follow WHERE author_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM follower WHERE author_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM circle WHERE author_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM circle_member WHERE author_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM sealed_comment WHERE author_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM thread_member AS m JOIN thread ON thread.row = m.thread_row
                                WHERE m.author_row = ?1 AND request <> ?2)",
        )?
        .execute([peer_row, DECLINED])?;
    if gone > 0 {
        tx.prepare_cached("DELETE FROM session_begun WHERE peer_row = ?1")?.execute([peer_row])?;
    }
    let private: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM author JOIN usage ON usage.author_row = author.row
                            WHERE author.row = ?1 AND private = 1 AND entries = 0)",
        )?
        .query_row([peer_row], |row| row.get(0))?;
    if gone > 0 || private {
        let _named_elsewhere = private && !author::forget(tx, peer_row)?;
    }
    Ok(())
}

/// A session came with a first message: of too many with people whom nobody here has to do with the oldest go.
pub(super) fn bound(tx: &Transaction<'_>) -> Result<()> {
    if !are_many(tx)? {
        return Ok(());
    }
    let mut statement = tx.prepare_cached(
        "SELECT session.row, session.author_row, peer_row, author.id FROM session JOIN author ON author.row = peer_row
         ORDER BY session.row DESC",
    )?;
    let all: Vec<(i64, i64, i64, PersonaId)> = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut strangers = 0;
    for (row, own_row, peer_row, persona) in all {
        if inbox::is_known(tx, own_row, peer_row, persona)? {
            continue;
        }
        strangers += 1;
        if strangers > STRANGERS_SESSIONS {
            courier::forget(tx, row)?;
            forget_name(tx, peer_row)?;
        }
    }
    Ok(())
}

/// Whether there can be too many: counted before each is looked at.
fn are_many(db: &Connection) -> Result<bool> {
    let all: usize = db.prepare_cached("SELECT count(*) FROM session")?.query_row([], |row| row.get(0))?;
    Ok(all > STRANGERS_SESSIONS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt;

    use super::super::{inbox::Letter, request};
    use super::*;
    use crate::entry::{MessageBody, PostBody, What};
    use crate::gate::Notes;
    use crate::id::MessageId;
    use crate::limits::REQUESTS;
    use crate::store::{Durability, Store};

    fn id(n: u32) -> [u8; 32] {
        *blake3::hash(&n.to_le_bytes()).as_bytes()
    }

    /// What a first message leaves: who wrote it, by row.
    fn came(tx: &Transaction<'_>, own_row: i64, stranger: u32) -> Result<i64> {
        let row = author::private_row(tx, PersonaId::from_bytes(id(stranger)))?;
        tx.execute(
            "INSERT INTO met (author_row, device, root, keys) VALUES (?1, ?2, ?2, ?2)",
            params![row, id(stranger)],
        )?;
        tx.execute(
            "INSERT INTO session (author_row, peer_row, device, id, state) VALUES (?1, ?2, ?3, ?3, x'00')",
            params![own_row, row, id(stranger)],
        )?;
        tx.execute(
            "INSERT INTO session_tag (tag, session_row) VALUES (?1, ?2)",
            params![id(stranger), tx.last_insert_rowid()],
        )?;
        Ok(row)
    }

    fn left(tx: &Transaction<'_>) -> Result<[usize; 5]> {
        let mut counts = [0; 5];
        for (count, table) in counts.iter_mut().zip(["session", "session_tag", "met", "author", "outbox"]) {
            *count = tx.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        }
        Ok(counts)
    }

    #[test]
    fn what_a_request_brought_goes_with_it() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let own = PersonaId::from_bytes([1; 32]);
            let own_row = author::row(tx, own)?;
            tx.execute("UPDATE author SET own = 1 WHERE row = ?1", [own_row])?;
            let before = left(tx)?;
            let rest = |strangers: usize| -> [usize; 5] {
                let [sessions, tags, met, authors, outbox] = before;
                [sessions + strangers, tags + strangers, met + strangers, authors + strangers, outbox]
            };
            let ask = |stranger: u32| -> Result<i64> {
                let from_row = came(tx, own_row, stranger)?;
                let from = PersonaId::from_bytes(id(stranger));
                let letter = Letter { own_row, own, from_row, from, now_ms: 1_000_000 };
                let body = PostBody { text: "hello".to_owned(), ..PostBody::default() };
                let what = What::Text { body, reply_to: None, keep_s: 0 };
                let body = MessageBody { with: None, id: MessageId::from_bytes(id(stranger)), group: None, sent_ms: stranger.into(), what };
                inbox::take(tx, letter, &body, &mut Notes::default())?;
                Ok(from_row)
            };
            for stranger in 0..u32::try_from(REQUESTS).unwrap() + 20 {
                ask(stranger)?;
            }
            assert_eq!(left(tx)?, rest(usize::try_from(REQUESTS).unwrap()), "the oldest are gone, with all that they brought");
            // Declined: what was said stays out of sight, and with it the name; no device of theirs is known any more.
            let last = ask(100_000)?;
            let thread: i64 = tx.query_row("SELECT max(thread_row) FROM message", [], |row| row.get(0))?;
            tx.execute(
                "INSERT INTO outbox (author_row, peer_row, device, body, due_ms, until_ms) VALUES (?1, ?2, x'07', x'', 0, 0)",
                [own_row, last],
            )?;
            request::decline(tx, thread)?;
            let [sessions, tags, met, authors, outbox] = rest(usize::try_from(REQUESTS).unwrap());
            assert_eq!(left(tx)?, [sessions - 1, tags - 1, met - 1, authors, outbox]);
            let persona = PersonaId::from_bytes(id(100_000));
            assert!(is_declined(tx, own_row, persona)?);
            // Whom one follows one hears again.
            tx.execute("INSERT INTO follow (by_row, author_row) VALUES (?1, ?2)", [own_row, last])?;
            assert!(!is_declined(tx, own_row, persona)?);
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }

    #[test]
    fn sessions_that_belong_to_nothing_have_an_end() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let own_row = author::row(tx, PersonaId::from_bytes([1; 32]))?;
            let before = left(tx)?;
            let friend = came(tx, own_row, 0)?;
            tx.execute("INSERT INTO follow (by_row, author_row) VALUES (?1, ?2)", [own_row, friend])?;
            for stranger in 1..=u32::try_from(STRANGERS_SESSIONS).unwrap() + 30 {
                came(tx, own_row, stranger)?;
                bound(tx)?;
            }
            let [_, _, _, authors, outbox] = before;
            let most = STRANGERS_SESSIONS + 1;
            assert_eq!(left(tx)?, [most, most, most, authors + most, outbox]);
            let friends: bool =
                tx.query_row("SELECT EXISTS (SELECT 1 FROM session WHERE peer_row = ?1)", [friend], |row| row.get(0))?;
            assert!(friends);
            // One that was introduced and brought no session leaves nothing.
            let row = author::private_row(tx, PersonaId::from_bytes(id(200_000)))?;
            tx.execute("INSERT INTO met (author_row, device, root) VALUES (?1, x'01', x'01')", [row])?;
            forget_name(tx, row)?;
            assert_eq!(left(tx)?, [most, most, most, authors + most, outbox]);
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }
}
