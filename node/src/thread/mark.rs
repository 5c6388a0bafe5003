//! How far a thread was read. A mark says when, and names the last messages of others that were there: what comes later to
//! that device, or was on another one alone, stays unread.

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::Own;
use super::own::key;
use super::read::begin_to_expire;
use crate::error::Result;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::item::{self, Item, Set};
use crate::limits::READ_NAMED;

/// What a device says of what it read.
struct Mark {
    /// When, ms since the epoch.
    at_ms: i64,
    /// What stands before this was read whether it is named or not, ms since the epoch.
    all_before_ms: i64,
    /// The beginnings of the ids of those that were there, one behind the other.
    named: String,
}

/// Digits of an id that name it among the last messages of a thread.
const DIGITS: usize = 8;

impl Mark {
    fn known(tx: &Transaction<'_>, own: PersonaId, thread: ThreadId) -> Result<Option<Self>> {
        let Some(item) = item::get(tx, Set::Read, &key(own, thread))? else { return Ok(None) };
        let (before, named) = item.value.split_once(' ').unwrap_or_default();
        let all_before_ms = before.parse().unwrap_or(i64::MAX);
        Ok(Some(Self { at_ms: item.counter, all_before_ms, named: named.to_owned() }))
    }

    fn names(&self, message: MessageId) -> bool {
        let name = name(message);
        self.named.as_bytes().chunks(DIGITS).any(|named| named == name.as_bytes())
    }
}

fn name(message: MessageId) -> String {
    message.to_string().chars().take(DIGITS).collect()
}

/// The user sees on this device what stands in a thread. Own devices hear of it where something of that was unread:
/// whether they do is the answer.
pub(super) fn look(tx: &Transaction<'_>, thread: Own, id: ThreadId, now_ms: i64) -> Result<bool> {
    let unread: bool = tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM message WHERE thread_row = ?1 AND from_row <> ?2
                    AND order_ms > (SELECT read_ms FROM thread WHERE row = ?1))
                OR EXISTS (SELECT 1 FROM message WHERE thread_row = ?1 AND late = 1)",
        )?
        .query_row([thread.thread_row, thread.own_row], |row| row.get(0))?;
    tx.prepare_cached("UPDATE thread SET read_ms = max(read_ms, ?2), looked_ms = max(read_ms, ?2) WHERE row = ?1")?
        .execute([thread.thread_row, now_ms])?;
    if !unread {
        return Ok(false);
    }
    tx.prepare_cached("UPDATE message SET late = 0 WHERE thread_row = ?1 AND late = 1")?
        .execute([thread.thread_row])?;
    begin_to_expire(tx, thread.thread_row, now_ms)?;
    let mut statement = tx.prepare_cached(
        "SELECT id, order_ms FROM message WHERE thread_row = ?1 AND from_row <> ?2
         ORDER BY order_ms DESC, sent_ms DESC, row DESC LIMIT ?3",
    )?;
    let limit = i64::try_from(READ_NAMED).unwrap_or(i64::MAX);
    let last: Vec<(MessageId, i64)> = statement
        .query_map([thread.thread_row, thread.own_row, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let all_before_ms = last.last().filter(|_| last.len() == READ_NAMED).map_or(0, |(_, order_ms)| *order_ms);
    let named: String = last.iter().map(|(message, _)| name(*message)).collect();
    let item = Item { present: true, counter: now_ms, value: format!("{all_before_ms} {named}") };
    item::merge(tx, Set::Read, &key(thread.own, id), &item)
}

/// Brings a thread up to what any own device read of it. Answers whether that changed anything.
pub(super) fn settle(tx: &Transaction<'_>, row: i64, own: PersonaId, thread: ThreadId, now_ms: i64) -> Result<bool> {
    let Some(mark) = Mark::known(tx, own, thread)? else { return Ok(false) };
    let at_ms = mark.at_ms.min(now_ms);
    let read_ms: i64 =
        tx.prepare_cached("SELECT read_ms FROM thread WHERE row = ?1")?.query_row([row], |found| found.get(0))?;
    let mut statement = tx.prepare_cached(
        "SELECT row, id, order_ms, late FROM message WHERE thread_row = ?1 AND late = 1
         UNION ALL SELECT message.row, message.id, order_ms, late FROM message JOIN thread ON thread.row = thread_row
         WHERE thread_row = ?1 AND order_ms BETWEEN ?2 AND ?3 AND from_row <> author_row AND late = 0",
    )?;
    let from_ms = read_ms.saturating_add(1).max(mark.all_before_ms);
    let found: Vec<(i64, MessageId, i64, bool)> = statement
        .query_map([row, from_ms, at_ms], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?, found.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut changed = at_ms > read_ms;
    for (message_row, message, order_ms, late) in found {
        let read = order_ms < mark.all_before_ms || mark.names(message);
        if read == late {
            set_late(tx, message_row, !read)?;
            changed = true;
        }
    }
    if changed {
        tx.prepare_cached("UPDATE thread SET read_ms = max(read_ms, ?2) WHERE row = ?1")?.execute([row, at_ms])?;
        begin_to_expire(tx, row, at_ms)?;
    }
    Ok(changed)
}

/// A message of somebody else came. Where it stands among what was read, it was not: unless the mark names it.
pub(super) fn came(tx: &Transaction<'_>, message_row: i64) -> Result<()> {
    let found: Option<(PersonaId, ThreadId, MessageId, i64, i64)> = tx
        .prepare_cached(
            "SELECT author.id, thread.id, message.id, order_ms, looked_ms
             FROM message JOIN thread ON thread.row = thread_row JOIN author ON author.row = thread.author_row
             WHERE message.row = ?1 AND order_ms <= read_ms",
        )?
        .query_row([message_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        .optional()?;
    let Some((own, thread, message, order_ms, looked_ms)) = found else { return Ok(()) };
    let late = match Mark::known(tx, own, thread)? {
        Some(mark) => !mark.names(message) && (order_ms <= looked_ms || order_ms >= mark.all_before_ms),
        None => order_ms <= looked_ms,
    };
    if late { set_late(tx, message_row, true) } else { Ok(()) }
}

fn set_late(tx: &Transaction<'_>, message_row: i64, late: bool) -> Result<()> {
    tx.prepare_cached("UPDATE message SET late = ?2 WHERE row = ?1")?.execute(params![message_row, late])?;
    Ok(())
}
