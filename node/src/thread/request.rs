//! What strangers may leave here before anybody here said yes: no quota counts the archive, so it is little.

use rusqlite::{Connection, Transaction, params};

use super::{DECLINED, inbox, stranger};
use crate::error::Result;
use crate::gate::Notes;
use crate::limits::{CHANGES_AHEAD, REQUEST_BYTES, REQUEST_MESSAGES, REQUESTS, REQUESTS_OF_ONE, THREAD_NAMES};

/// Whether a thread takes one more message of so many bytes: one that was accepted does in any case.
pub(super) fn has_room(db: &Connection, thread_row: i64, bytes: usize) -> Result<bool> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    Ok(db
        .prepare_cached(
            "SELECT request = 0 OR (SELECT count(*) < ?2 AND coalesce(sum(length(body)), 0)
                    + (SELECT coalesce(sum(length(body)), 0) FROM message_change WHERE thread_row = thread.row) + ?3 <= ?4
                FROM message WHERE thread_row = thread.row) FROM thread WHERE row = ?1",
        )?
        .query_row(params![thread_row, REQUEST_MESSAGES, bytes, REQUEST_BYTES], |row| row.get(0))?)
}

/// Whether a thread takes one more change of a message, which may come later.
pub(super) fn has_room_ahead(db: &Connection, thread_row: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT count(*) < ?2 FROM message_change AS c WHERE thread_row = ?1
                AND NOT EXISTS (SELECT 1 FROM message WHERE message.thread_row = ?1 AND message.id = c.of)",
        )?
        .query_row(params![thread_row, CHANGES_AHEAD], |row| row.get(0))?)
}

/// Whether somebody may begin one more conversation of several: who was not accepted, a few.
pub(super) fn may_begin(db: &Connection, own_row: i64, from_row: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT count(*) < ?3 FROM thread_member AS m JOIN thread ON thread.row = m.thread_row
             WHERE m.author_row = ?2 AND thread.author_row = ?1 AND request <> 0",
        )?
        .query_row(params![own_row, from_row, REQUESTS_OF_ONE], |row| row.get(0))?)
}

/// Whether a thread takes one more who was not named in it.
pub(super) fn has_names_left(db: &Connection, thread_row: i64) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT count(*) < ?2 FROM thread_member WHERE thread_row = ?1")?
        .query_row(params![thread_row, THREAD_NAMES], |row| row.get(0))?)
}

/// A request came: of too many the oldest go, with all that was said in them.
pub(super) fn bound(tx: &Transaction<'_>, notes: &mut Notes) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT row FROM thread WHERE request <> 0 ORDER BY last_ms DESC, row DESC LIMIT -1 OFFSET ?1",
    )?;
    let over: Vec<i64> = statement.query_map([REQUESTS], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for thread_row in over {
        let mut statement = tx.prepare_cached("SELECT row FROM message WHERE thread_row = ?1")?;
        let messages: Vec<i64> =
            statement.query_map([thread_row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        messages.into_iter().try_for_each(|row| inbox::let_go(tx, notes, row))?;
        let (own_row, members) = members(tx, thread_row)?;
        for table in ["message", "message_change", "thread_member"] {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE thread_row = ?1"))?.execute([thread_row])?;
        }
        tx.prepare_cached("DELETE FROM thread WHERE row = ?1")?.execute([thread_row])?;
        members.into_iter().try_for_each(|member| stranger::forget(tx, own_row, member))?;
    }
    Ok(())
}

/// A request is shown no more: what else came with it goes.
pub(super) fn decline(tx: &Transaction<'_>, thread_row: i64) -> Result<()> {
    tx.prepare_cached("UPDATE thread SET request = ?2 WHERE row = ?1")?.execute([thread_row, DECLINED])?;
    let (own_row, members) = members(tx, thread_row)?;
    members.into_iter().try_for_each(|member| stranger::forget(tx, own_row, member))
}

/// The own persona of a thread, and who else is or was in it, by row.
fn members(tx: &Transaction<'_>, thread_row: i64) -> Result<(i64, Vec<i64>)> {
    let own_row =
        tx.prepare_cached("SELECT author_row FROM thread WHERE row = ?1")?.query_row([thread_row], |row| row.get(0))?;
    let mut statement =
        tx.prepare_cached("SELECT author_row FROM thread_member WHERE thread_row = ?1 AND author_row <> ?2")?;
    let members = statement.query_map([thread_row, own_row], |row| row.get(0))?;
    Ok((own_row, members.collect::<rusqlite::Result<_>>()?))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::entry::{Member, MessageBody, PostBody, What};
    use crate::id::{MessageId, PersonaId, ThreadId};
    use crate::store::{Durability, Store};
    use crate::thread::inbox::Letter;

    fn id(n: u32) -> [u8; 32] {
        *blake3::hash(&n.to_le_bytes()).as_bytes()
    }

    fn text(n: u32) -> What {
        let body = PostBody { text: format!("{n}"), ..PostBody::default() };
        What::Text { body, reply_to: None, keep_s: 0 }
    }

    #[test]
    fn changes_and_names_and_groups_of_a_stranger_have_an_end_too() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let own = PersonaId::from_bytes([1; 32]);
            let (from, from_row) =
                (PersonaId::from_bytes(id(1)), crate::author::row(tx, PersonaId::from_bytes(id(1)))?);
            let own_row = crate::author::row(tx, own)?;
            let take = |message: u32, group: Option<u32>, what| {
                let letter = Letter { own_row, own, from_row, from, now_ms: 1_000_000 };
                let group = group.map(|group| ThreadId::from_bytes(id(group)));
                let body = MessageBody {
                    id: MessageId::from_bytes(id(message)),
                    group,
                    with: None,
                    sent_ms: message.into(),
                    what,
                };
                inbox::take(tx, letter, &body, &mut Notes::default()).map(drop)
            };
            let number = |sql: &str| -> Result<i64> { Ok(tx.query_row(sql, [], |row| row.get(0))?) };
            take(10, None, text(10))?;
            for n in 0..100 {
                let body = PostBody { text: "x".repeat(20_000), ..PostBody::default() };
                take(100 + n, None, What::Edit { of: MessageId::from_bytes(id(10 + n)), body, counter: 1 })?;
            }
            let bytes =
                "SELECT (SELECT sum(length(body)) FROM message) + (SELECT sum(length(body)) FROM message_change)";
            assert!(number(bytes)? <= REQUEST_BYTES);
            // Conversations of several, after the first message of all.
            for group in 0..20 {
                take(1_000 + group, Some(2_000 + group), text(group))?;
            }
            assert_eq!(number("SELECT count(*) FROM thread")?, REQUESTS_OF_ONE);
            // Nobody is known by a word that is refused.
            let known = number("SELECT count(*) FROM author")?;
            let persona = |n: u32| PersonaId::from_bytes(id(5_000 + n));
            let items = (0..64).map(|n| Member { persona: persona(n), present: true, admin: false, counter: 5_000 });
            take(3_000, Some(2_000), What::Members { title: String::new(), items: items.collect() })?;
            assert_eq!(number("SELECT count(*) FROM author")?, known);
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }

    #[test]
    fn what_strangers_leave_before_they_are_accepted_has_an_end() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let own = PersonaId::from_bytes([1; 32]);
            let own_row = crate::author::row(tx, own)?;
            let group = Some(ThreadId::from_bytes([7; 32]));
            let take = |from: u32, message: u32, group, what| {
                let from = PersonaId::from_bytes(id(from));
                let from_row = crate::author::row(tx, from)?;
                let letter = Letter { own_row, own, from_row, from, now_ms: 1_000_000 };
                let body = MessageBody {
                    id: MessageId::from_bytes(id(message)),
                    group,
                    with: None,
                    sent_ms: message.into(),
                    what,
                };
                inbox::take(tx, letter, &body, &mut Notes::default()).map(drop)
            };
            let number = |sql: &str| -> Result<i64> { Ok(tx.query_row(sql, [], |row| row.get(0))?) };
            for stranger in 0..u32::try_from(REQUESTS).unwrap() + 50 {
                take(stranger, 10_000 + stranger, None, text(stranger))?;
            }
            assert_eq!(number("SELECT count(*) FROM thread")?, REQUESTS);
            assert_eq!(number("SELECT min(sent_ms) FROM message")?, 10_050, "the oldest are gone, with what they said");
            assert_eq!(number("SELECT count(*) FROM thread_member")?, 2 * REQUESTS);
            // One of them goes on and on.
            let talker = 549;
            for n in 0..200 {
                take(talker, 20_000 + n, None, text(n))?;
                take(
                    talker,
                    30_000 + n,
                    None,
                    What::Text {
                        body: PostBody { text: "x".repeat(20_000), ..PostBody::default() },
                        reply_to: None,
                        keep_s: 0,
                    },
                )?;
            }
            let most = "SELECT max(n) FROM (SELECT count(*) AS n FROM message GROUP BY thread_row)";
            assert!(number(most)? <= REQUEST_MESSAGES);
            let bytes = "SELECT max(n) FROM (SELECT sum(length(body)) AS n FROM message GROUP BY thread_row)";
            assert!(number(bytes)? <= REQUEST_BYTES);
            // Once they are accepted, all is kept.
            tx.execute(
                "UPDATE thread SET request = 0 WHERE row = (SELECT max(thread_row) FROM message WHERE sent_ms > 19999)",
                [],
            )?;
            for n in 0..100 {
                take(talker, 40_000 + n, None, text(n))?;
            }
            assert!(number(most)? >= 100);
            // What is said of messages that are not here, and who is named.
            for n in 0..u32::try_from(CHANGES_AHEAD).unwrap() + 100 {
                let to = MessageId::from_bytes(id(50_000 + n));
                take(talker, 60_000 + n, group, What::React { to, emoji: "x".to_owned(), counter: 1 })?;
            }
            assert_eq!(number("SELECT count(*) FROM message_change")?, CHANGES_AHEAD);
            for round in 0..8 {
                let items = (0..64).map(|n| Member {
                    persona: PersonaId::from_bytes(id(70_000 + round * 64 + n)),
                    present: true,
                    admin: false,
                    counter: 1,
                });
                take(talker, 80_000 + round, group, What::Members { title: String::new(), items: items.collect() })?;
                let present = number("SELECT count(*) FROM thread_member WHERE present = 1 AND counter = 1")?;
                assert!(present <= i64::try_from(crate::limits::THREAD_DEVICES).unwrap(), "{present}");
                // Those left again: their rows stay.
                tx.execute("UPDATE thread_member SET present = 0 WHERE counter = 1", [])?;
            }
            let named = "SELECT max(n) FROM (SELECT count(*) AS n FROM thread_member GROUP BY thread_row)";
            assert_eq!(number(named)?, THREAD_NAMES);
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }
}
