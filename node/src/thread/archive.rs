//! The archive of conversations in a bundle: threads, who is in them, and what was said. Never sessions: who writes next
//! begins new ones.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, params};

use super::inbox::{DELETE, erase, keep, keep_change, standing};
use super::{mark, own};
use crate::entry::{MessageBody, What};
use crate::error::{Error, Result};
use crate::gate::{Archived, Taking, nothing_follows};
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::limits::MEMBER_COUNTER;
use crate::media;

/// In the order in which they are taken in: what is said about messages before them, so that none that was deleted comes
/// back.
pub(crate) const ARCHIVED: [Archived; 5] = [
    Archived {
        number: 8,
        personas: &[],
        columns: 9,
        added: 0,
        select: "SELECT own.id, thread.id, kind, title, request, last_ms, read_ms, keep_s, keep_counter
                 FROM thread JOIN author AS own ON own.row = author_row AND own.own = 1 ORDER BY thread.row",
        take: take_thread,
        settle: nothing_follows,
    },
    Archived {
        number: 9,
        personas: &[2],
        columns: 6,
        added: 0,
        select: "SELECT own.id, thread.id, author.id, m.present, m.counter, m.read_ms
                 FROM thread_member AS m JOIN thread ON thread.row = thread_row
                 JOIN author AS own ON own.row = thread.author_row AND own.own = 1
                 JOIN author ON author.row = m.author_row ORDER BY thread_row, m.author_row",
        take: |taking, row| {
            taking
                .execute(
                    "INSERT INTO thread_member (thread_row, author_row, present, counter, read_ms)
                     SELECT thread.row, author.row, ?4, min(max(?5, 0), ?7), ?6
                     FROM thread JOIN author AS own ON own.row = thread.author_row AND own.id = ?1 AND own.own = 1
                     JOIN author ON author.id = ?3 WHERE thread.id = ?2
                     ON CONFLICT (thread_row, author_row) DO UPDATE SET read_ms = max(read_ms, excluded.read_ms),
                        present = CASE WHEN (excluded.counter, NOT excluded.present) > (counter, NOT present)
                            THEN excluded.present ELSE present END,
                        counter = max(counter, excluded.counter)",
                    &[row, &[Value::Integer(MEMBER_COUNTER)]].concat(),
                )
                .map(drop)
        },
        settle: nothing_follows,
    },
    Archived {
        number: 10,
        personas: &[3],
        columns: 7,
        added: 0,
        select: "SELECT own.id, thread.id, of, author.id, c.kind, counter, body
                 FROM message_change AS c JOIN thread ON thread.row = thread_row
                 JOIN author AS own ON own.row = thread.author_row AND own.own = 1
                 JOIN author ON author.row = from_row ORDER BY thread_row, of, from_row, c.kind",
        take: take_change,
        settle: nothing_follows,
    },
    Archived {
        number: 11,
        personas: &[3],
        columns: 9,
        added: 1,
        select: "SELECT own.id, thread.id, message.id, author.id, sent_ms, order_ms, expires_ms, body,
                    from_row <> thread.author_row AND (late = 1 OR order_ms > thread.read_ms)
                 FROM message JOIN thread ON thread.row = thread_row
                 JOIN author AS own ON own.row = thread.author_row AND own.own = 1
                 JOIN author ON author.row = from_row ORDER BY message.row",
        take: take_message,
        settle: nothing_follows,
    },
    Archived {
        number: 12,
        personas: &[3],
        columns: 4,
        added: 0,
        select: "SELECT own.id, thread.id, message.id, author.id
                 FROM delivered JOIN message ON message.row = message_row JOIN thread ON thread.row = thread_row
                 JOIN author AS own ON own.row = thread.author_row AND own.own = 1
                 JOIN author ON author.row = delivered.author_row ORDER BY message_row, delivered.author_row",
        take: |taking, row| {
            taking
                .execute(
                    "INSERT OR IGNORE INTO delivered (message_row, author_row) SELECT message.row, author.row
                     FROM thread JOIN author AS own ON own.row = thread.author_row AND own.id = ?1 AND own.own = 1
                     JOIN message ON thread_row = thread.row AND message.id = ?3 JOIN author ON author.id = ?4
                     WHERE thread.id = ?2",
                    row,
                )
                .map(drop)
        },
        settle: nothing_follows,
    },
];

fn take_thread(taking: &mut Taking<'_>, row: &[Value]) -> Result<()> {
    taking.execute(
        "INSERT INTO thread (author_row, id, kind, title, request, last_ms, read_ms)
         SELECT own.row, ?2, ?3, ?4, ?5, ?6, ?7 FROM author AS own
         WHERE own.id = ?1 AND own.own = 1 AND length(?2) = 32 AND ?8 >= 0 AND ?9 >= 0
         ON CONFLICT (author_row, id) DO UPDATE SET last_ms = max(last_ms, excluded.last_ms),
            request = CASE request WHEN 1 THEN excluded.request ELSE request END
         WHERE kind = excluded.kind",
        row,
    )?;
    let [
        Value::Blob(own),
        Value::Blob(thread),
        Value::Integer(kind),
        ..,
        Value::Integer(keep_s),
        Value::Integer(keep_counter),
    ] = row
    else {
        return Err(other());
    };
    let known: Option<i64> = taking
        .tx
        .prepare_cached(
            "SELECT thread.row FROM thread JOIN author ON author.row = author_row
             WHERE author.id = ?1 AND thread.id = ?2 AND kind = ?3",
        )?
        .query_row(params![own, thread, kind], |found| found.get(0))
        .optional()?;
    if let Some(row) = known {
        keep(taking.tx, row, *keep_s, *keep_counter)?;
    }
    let (Some(own), Some(thread)) = (PersonaId::from_slice(own), ThreadId::from_slice(thread)) else {
        return Err(other());
    };
    taking.notes.threads_changed.insert(thread);
    own::settle(taking.tx, taking.notes, own, thread, taking.now_ms)
}

/// Where a message stands.
struct Place {
    thread_row: i64,
    /// Who wrote it.
    from_row: i64,
    /// Whether its files are held.
    held: bool,
    /// Up to when the thread was read, ms.
    read_ms: i64,
}

/// `None` where the persona is not here.
fn place(taking: &Taking<'_>, own: &Value, thread: &Value, from: &Value) -> Result<Option<Place>> {
    Ok(taking
        .tx
        .prepare_cached(
            "SELECT thread.row, author.row, request = 0 OR author.row = own.row, thread.read_ms
             FROM thread JOIN author AS own ON own.row = thread.author_row AND own.id = ?1 AND own.own = 1
             JOIN author ON author.id = ?3 WHERE thread.id = ?2",
        )?
        .query_row([own, thread, from], |found| {
            Ok(Place {
                thread_row: found.get(0)?,
                from_row: found.get(1)?,
                held: found.get(2)?,
                read_ms: found.get(3)?,
            })
        })
        .optional()?)
}

fn take_change(taking: &mut Taking<'_>, row: &[Value]) -> Result<()> {
    let [own, thread, Value::Blob(of), from, Value::Integer(kind), Value::Integer(counter), Value::Blob(body), ..] =
        row
    else {
        return Err(other());
    };
    let of = MessageId::from_slice(of).ok_or_else(other)?;
    if !body.is_empty() {
        MessageBody::decode(body)?;
    }
    let Some(Place { thread_row, from_row, .. }) = place(taking, own, thread, from)? else { return Ok(()) };
    keep_change(taking.tx, thread_row, of, from_row, *kind, *counter, body)?;
    if *kind == DELETE {
        erase(taking.tx, taking.notes, thread_row, of, from_row)?;
    }
    Ok(())
}

fn take_message(taking: &mut Taking<'_>, row: &[Value]) -> Result<()> {
    let [
        own,
        thread,
        Value::Blob(id),
        from,
        sent_ms,
        Value::Integer(order_ms),
        Value::Integer(expires_ms),
        Value::Blob(body),
        unread,
        ..,
    ] = row
    else {
        return Err(other());
    };
    let id = MessageId::from_slice(id).ok_or_else(other)?;
    let Some(Place { thread_row, from_row, held, read_ms }) = place(taking, own, thread, from)? else {
        return Ok(());
    };
    let Value::Blob(from_id) = from else { return Err(other()) };
    let from_id = PersonaId::from_slice(from_id).ok_or_else(other)?;
    let id = standing(taking.tx, thread_row, id, (from_row, from_id))?;
    // Older bundles do not say.
    let unread = matches!(unread, Value::Integer(unread) if *unread != 0);
    let gone: bool = taking
        .tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM message_change WHERE thread_row = ?1 AND of = ?2 AND from_row = ?3 AND kind = ?4)",
        )?
        .query_row(params![thread_row, id, from_row, DELETE], |row| row.get(0))?;
    let body: &[u8] = if gone { &[] } else { body };
    let (files, keep_s) = match body.is_empty() {
        true => (Vec::new(), 0),
        false => match MessageBody::decode(body)?.what {
            What::Text { body, keep_s, .. } => (if held { body.attachments } else { Vec::new() }, keep_s),
            _ => return Err(other()),
        },
    };
    // It may have been read since the bundle was written: its time ran from then on.
    let keep_ms = i64::try_from(keep_s.saturating_mul(1_000)).unwrap_or(i64::MAX);
    let expires_ms = match *expires_ms {
        0 if keep_s > 0 && *order_ms <= read_ms && !unread => read_ms.saturating_add(keep_ms),
        expires_ms => expires_ms,
    };
    if (1..=taking.now_ms).contains(&expires_ms) {
        return Ok(());
    }
    let added = taking
        .tx
        .prepare_cached(
            "INSERT OR IGNORE INTO message (thread_row, id, from_row, sent_ms, order_ms, expires_ms, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![thread_row, id, from_row, sent_ms, order_ms, expires_ms, body])?;
    if added > 0 {
        let row = taking.tx.last_insert_rowid();
        media::hold(taking.tx, row, &files)?;
        if unread && own != from {
            mark::came_unread(taking.tx, row)?;
        }
        taking
            .tx
            .prepare_cached("UPDATE thread SET last_ms = max(last_ms, ?2) WHERE row = ?1")?
            .execute([thread_row, *order_ms])?;
    }
    Ok(())
}

fn other() -> Error {
    Error::BadInput("a conversation has other columns".to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use futures_util::FutureExt;
    use rusqlite::types::Value;

    use super::*;
    use crate::author;
    use crate::gate::Notes;
    use crate::limits::COUNTER_STEP;
    use crate::store::{Durability, Store};

    /// A bundle in which every counter is as high as can be: what the user does next stands all the same.
    #[test]
    fn no_bundle_uses_up_the_numbers_of_a_conversation() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let own = PersonaId::from_bytes([1; 32]);
            let own_row = author::row(tx, own)?;
            tx.execute("UPDATE author SET own = 1 WHERE row = ?1", [own_row])?;
            let blob = |byte: u8| Value::Blob(vec![byte; 32]);
            let number = Value::Integer;
            let mut notes = Notes::default();
            let mut taking = Taking { tx, notes: &mut notes, now_ms: 1_000 };
            for counter in [i64::MAX, COUNTER_STEP + 1] {
                let thread = [blob(1), blob(7), number(1), Value::Text(String::new()), number(0), number(0), number(0)];
                let kept = [number(60), number(counter)];
                (ARCHIVED[0].take)(&mut taking, &[&thread[..], &kept].concat())?;
                let member = [blob(1), blob(7), blob(1), number(1), number(counter), number(0)];
                (ARCHIVED[1].take)(&mut taking, &member)?;
                let change = [blob(1), blob(7), blob(9), blob(1), number(4), number(counter), Value::Blob(Vec::new())];
                (ARCHIVED[2].take)(&mut taking, &change)?;
            }
            let thread: i64 = tx.query_row("SELECT row FROM thread WHERE keep_counter = 0", [], |row| row.get(0))?;
            let member: i64 = tx.query_row("SELECT counter FROM thread_member", [], |row| row.get(0))?;
            assert_eq!(member, MEMBER_COUNTER);
            keep_change(tx, thread, MessageId::from_bytes([9; 32]), own_row, 4, 1, b"x")?;
            let counter: i64 = tx.query_row("SELECT counter FROM message_change", [], |row| row.get(0))?;
            assert_eq!(counter, 1);
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }
}
