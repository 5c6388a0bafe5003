//! What other own devices hear of a thread: what is written on this one, and what became of it.

use rusqlite::{OptionalExtension, Transaction, params};

use super::courier::drawn_in;
use super::{KIND_DIRECT, Own, inbox, mark, outbox, request};
use crate::entry::MessageBody;
use crate::error::Result;
use crate::gate::Notes;
use crate::host::Entropy;
use crate::id::{PersonaId, ThreadId};
use crate::item::{self, Set};
use crate::limits::OWN_WAIT_MS;

/// Of an own persona, and a thread of it.
pub(super) fn key(own: PersonaId, thread: ThreadId) -> Vec<u8> {
    [*own.as_bytes(), *thread.as_bytes()].concat()
}

/// Queues a copy of what was written here for every other own device, each after a random wait; answers whether there is
/// one.
pub(super) fn copy(
    tx: &Transaction<'_>,
    entropy: &dyn Entropy,
    thread: Own,
    others: &[PersonaId],
    body: &MessageBody,
    now_ms: i64,
) -> Result<bool> {
    let mut statement = tx.prepare_cached("SELECT device FROM own_device WHERE author_row = ?1 ORDER BY row")?;
    let devices: Vec<[u8; 32]> =
        statement.query_map([thread.own_row], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let with = others.first().copied().filter(|_| thread.kind == KIND_DIRECT);
    for device in &devices {
        let body = MessageBody { with, ..body.clone() }.encode(super::drawn(entropy)?);
        let due_ms = now_ms.saturating_add(drawn_in(entropy, OWN_WAIT_MS)?);
        outbox::queue_at(tx, thread.own_row, thread.own_row, Some(device), None, &body, (due_ms, now_ms))?;
    }
    Ok(!devices.is_empty())
}

/// Brings a thread up to what any own device said of it. Nothing happens before it is there.
pub(crate) fn settle(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    own: PersonaId,
    thread: ThreadId,
    now_ms: i64,
) -> Result<()> {
    let row: Option<i64> = tx
        .prepare_cached(
            "SELECT thread.row FROM thread JOIN author ON author.row = thread.author_row
             WHERE thread.id = ?1 AND author.id = ?2",
        )?
        .query_row(params![thread, own], |row| row.get(0))
        .optional()?;
    let Some(row) = row else { return Ok(()) };
    if mark::settle(tx, row, own, thread, now_ms)? {
        notes.threads_changed.insert(thread);
    }
    let decided = item::value(tx, Set::Request, &key(own, thread))?;
    let to = match decided.as_deref() {
        Some(ACCEPTED) => 0,
        Some(DECLINED) => super::DECLINED,
        _ => return Ok(()),
    };
    let changed = tx
        .prepare_cached("UPDATE thread SET request = ?2 WHERE row = ?1 AND request = ?3")?
        .execute(params![row, to, super::REQUEST])?;
    if changed > 0 {
        notes.threads_changed.insert(thread);
        notes.queued = true;
        if to == super::DECLINED {
            request::decline(tx, row)?;
        }
        if to == 0 {
            inbox::hold_all(tx, row)?;
            outbox::answer_thread(tx, row, now_ms)?;
        }
    }
    Ok(())
}

/// What stands with a request that the user decided on.
const ACCEPTED: &str = "accepted";
const DECLINED: &str = "declined";

/// Notes what the user decided on a request.
pub(super) fn note_request(tx: &Transaction<'_>, own: PersonaId, thread: ThreadId, accepted: bool) -> Result<()> {
    item::put(tx, Set::Request, &key(own, thread), if accepted { ACCEPTED } else { DECLINED }).map(drop)
}
