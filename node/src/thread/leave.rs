//! An own persona leaves this device: its conversations go, with the sessions that they went over.

use rusqlite::Transaction;

use super::{courier, inbox, stranger};
use crate::error::Result;
use crate::gate::Notes;

/// Removes all private messages of an own persona here, what waits to be delivered, and all that opens more.
pub(crate) fn leave(tx: &Transaction<'_>, notes: &mut Notes, own_row: i64) -> Result<()> {
    let rows = |sql: &str| -> Result<Vec<i64>> {
        let mut statement = tx.prepare_cached(sql)?;
        Ok(statement.query_map([own_row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    };
    let met = rows(
        "SELECT DISTINCT m.author_row FROM thread_member AS m JOIN thread ON thread.row = m.thread_row
         WHERE thread.author_row = ?1 AND m.author_row <> ?1",
    )?;
    for session_row in rows("SELECT row FROM session WHERE author_row = ?1")? {
        courier::forget(tx, session_row)?;
    }
    for message_row in
        rows("SELECT message.row FROM message JOIN thread ON thread.row = thread_row WHERE thread.author_row = ?1")?
    {
        inbox::let_go(tx, notes, message_row)?;
        tx.prepare_cached("DELETE FROM delivered WHERE message_row = ?1")?.execute([message_row])?;
    }
    for thread_row in rows("SELECT row FROM thread WHERE author_row = ?1")? {
        for table in ["message", "message_change", "thread_member"] {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE thread_row = ?1"))?.execute([thread_row])?;
        }
        tx.prepare_cached("DELETE FROM thread WHERE row = ?1")?.execute([thread_row])?;
    }
    for table in ["outbox", "session_begun", "account"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE author_row = ?1"))?.execute([own_row])?;
    }
    tx.prepare_cached("DELETE FROM first_opened WHERE own_row = ?1")?.execute([own_row])?;
    met.into_iter().try_for_each(|peer_row| stranger::forget_name(tx, peer_row))
}
