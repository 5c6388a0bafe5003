//! How far own messages came, on every own device: the one that wrote a message hears from the others' devices, and tells
//! its own. It only goes up, and what was told and is known here is not kept.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::error::Result;
use crate::gate::Notes;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::item::{self, Item, Set};

/// Of an own persona, a thread of it, and a message in that.
fn key(own: PersonaId, thread: ThreadId, message: MessageId) -> Vec<u8> {
    [*own.as_bytes(), *thread.as_bytes(), *message.as_bytes()].concat()
}

/// Whether a device of everybody else has an own message.
const CAME: &str = "NOT EXISTS (SELECT 1 FROM thread_member AS m
    WHERE m.thread_row = message.thread_row AND m.present = 1 AND m.author_row <> from_row
        AND NOT EXISTS (SELECT 1 FROM delivered WHERE message_row = message.row AND author_row = m.author_row))";

/// As [`CAME`], for a query of several messages with their threads.
pub(super) fn came_sql() -> String {
    format!("from_row = thread.author_row AND {CAME}")
}

/// Other own devices are to hear of an own message that everybody else has now.
pub(super) fn note(tx: &Transaction<'_>, message_row: i64) -> Result<()> {
    let found: Option<(PersonaId, ThreadId, MessageId)> = tx
        .prepare_cached(&format!(
            "SELECT own.id, thread.id, message.id FROM message JOIN thread ON thread.row = thread_row
             JOIN author AS own ON own.row = thread.author_row
             WHERE message.row = ?1 AND {} AND EXISTS (SELECT 1 FROM own_device WHERE author_row = own.row)",
            came_sql()
        ))?
        .query_row([message_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    if let Some((own, thread, message)) = found {
        let item = Item { present: true, counter: 1, value: String::new() };
        item::merge(tx, Set::Delivered, &key(own, thread, message), &item)?;
    }
    Ok(())
}

/// Whether what another own device says of a message is known: it came, as this device knows too.
pub(crate) fn is_known(tx: &Transaction<'_>, key: &[u8]) -> Result<bool> {
    let Some((own, thread, message)) = parts(key) else { return Ok(true) };
    Ok(tx
        .prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM message JOIN thread ON thread.row = thread_row
             JOIN author AS own ON own.row = thread.author_row
             WHERE own.id = ?1 AND thread.id = ?2 AND message.id = ?3 AND {})",
            came_sql()
        ))?
        .query_row(params![own, thread, message], |row| row.get(0))?)
}

/// A device of everybody else has an own message, as another own device says. Nothing happens before the message is here.
pub(crate) fn settle(tx: &Transaction<'_>, notes: &mut Notes, item_key: &[u8]) -> Result<()> {
    let Some((own, thread, message)) = parts(item_key) else { return Ok(()) };
    let row: Option<i64> = tx
        .prepare_cached(
            "SELECT message.row FROM message JOIN thread ON thread.row = thread_row
             JOIN author AS own ON own.row = thread.author_row
             WHERE own.id = ?1 AND thread.id = ?2 AND message.id = ?3 AND from_row = own.row",
        )?
        .query_row(params![own, thread, message], |row| row.get(0))
        .optional()?;
    if let Some(row) = row {
        came(tx, row)?;
        notes.threads_changed.insert(thread);
    }
    Ok(())
}

/// An own message came to everybody else in its thread.
pub(super) fn came(tx: &Transaction<'_>, message_row: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO delivered (message_row, author_row) SELECT message.row, m.author_row
         FROM message JOIN thread_member AS m ON m.thread_row = message.thread_row AND m.author_row <> from_row
         WHERE message.row = ?1 AND m.present = 1",
    )?
    .execute([message_row])?;
    Ok(())
}

/// Another own device wrote a message and delivers it. That it came may have been told before.
pub(super) fn copied(tx: &Transaction<'_>, message_row: i64) -> Result<()> {
    let (own, thread, message): (PersonaId, ThreadId, MessageId) = tx
        .prepare_cached(
            "UPDATE message SET copied = 1 WHERE row = ?1
             RETURNING (SELECT id FROM author WHERE row = from_row), (SELECT id FROM thread WHERE row = thread_row), id",
        )?
        .query_row([message_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if item::has(tx, Set::Delivered, &key(own, thread, message))? {
        came(tx, message_row)?;
    }
    Ok(())
}

/// What every own device was told, of messages that are here, stands with these.
pub(crate) fn forget_told(tx: &Transaction<'_>) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM item WHERE set_no = ?1
            AND NOT EXISTS (SELECT 1 FROM record_due AS due WHERE due.set_no = item.set_no AND due.key = item.key)
            AND EXISTS (SELECT 1 FROM author
                        CROSS JOIN thread ON thread.author_row = author.row AND thread.id = substr(item.key, 33, 32)
                        CROSS JOIN message ON message.thread_row = thread.row AND message.id = substr(item.key, 65)
                        WHERE author.id = substr(item.key, 1, 32))",
    )?
    .execute([Set::Delivered.number()])?;
    Ok(())
}

fn parts(key: &[u8]) -> Option<(PersonaId, ThreadId, MessageId)> {
    let (own, rest) = key.split_at_checked(32)?;
    let (thread, message) = rest.split_at_checked(32)?;
    Some((PersonaId::from_slice(own)?, ThreadId::from_slice(thread)?, MessageId::from_slice(message)?))
}
