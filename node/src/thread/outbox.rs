//! What is to be delivered, a row a device, until that device has said that it has it (DESIGN §5.3, §6). It survives
//! restarts; what was sealed and not answered for is sealed again, later and later.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, params};

use super::cover;
use crate::entry::{Grant, MessageBody, What};
use crate::error::Result;
use crate::gate::Receipt;
use crate::host::Entropy;
use crate::id::{EntryId, MessageId, ThreadId};
use crate::limits;

/// Who else is in a thread: rows of personas.
pub(super) fn recipients(tx: &Transaction<'_>, thread_row: i64, own_row: i64) -> Result<Vec<i64>> {
    let mut statement = tx.prepare_cached(
        "SELECT author_row FROM thread_member WHERE thread_row = ?1 AND present = 1 AND author_row <> ?2
         ORDER BY author_row",
    )?;
    let rows = statement.query_map([thread_row, own_row], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What stands in the archive as nothing of its own, under a new id, encoded.
pub(crate) fn composed(entropy: &dyn Entropy, group: Option<ThreadId>, sent_ms: u64, what: What) -> Result<Vec<u8>> {
    let (mut id, mut salt) = ([0; 32], [0; 16]);
    entropy.fill(&mut id)?;
    entropy.fill(&mut salt)?;
    Ok(MessageBody { id: MessageId::from_bytes(id), group, with: None, sent_ms, what }.encode(salt))
}

/// Queues a message for every device of these personas; for one of whom no device is known, until one is.
pub(crate) fn queue(
    tx: &Transaction<'_>,
    own_row: i64,
    to: &[i64],
    message_row: Option<i64>,
    body: &[u8],
    now_ms: i64,
) -> Result<()> {
    for peer_row in to {
        let devices = devices(tx, *peer_row)?;
        for device in &devices {
            queue_for(tx, own_row, *peer_row, Some(device), message_row, body, now_ms)?;
        }
        if devices.is_empty() {
            queue_for(tx, own_row, *peer_row, None, message_row, body, now_ms)?;
        }
    }
    Ok(())
}

/// Queues a message for one device; `None`: for the first that becomes known.
pub(crate) fn queue_for(
    tx: &Transaction<'_>,
    own_row: i64,
    peer_row: i64,
    device: Option<&[u8; 32]>,
    message_row: Option<i64>,
    body: &[u8],
    now_ms: i64,
) -> Result<()> {
    queue_at(tx, own_row, peer_row, device, message_row, body, (now_ms, now_ms))
}

/// As [`queue_for`], to go at some time; `now_ms` is the other one.
pub(super) fn queue_at(
    tx: &Transaction<'_>,
    own_row: i64,
    peer_row: i64,
    device: Option<&[u8; 32]>,
    message_row: Option<i64>,
    body: &[u8],
    (due_ms, now_ms): (i64, i64),
) -> Result<()> {
    let until_ms = now_ms.saturating_add(limits::OUTBOX_MS);
    tx.prepare_cached(
        "INSERT INTO outbox (author_row, peer_row, device, message_row, body, due_ms, until_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![own_row, peer_row, device, message_row, body, due_ms, until_ms])?;
    Ok(())
}

/// `outbox.automatic` of what goes once and is not answered for.
pub(super) const ONCE: i64 = 2;

/// Queues what tells how far somebody read, due as an answer is, instead of what waits to tell it of the same thread.
pub(super) fn queue_receipt(
    tx: &Transaction<'_>,
    own_row: i64,
    to: &[i64],
    group: Option<ThreadId>,
    body: &[u8],
    due_ms: i64,
) -> Result<()> {
    for peer_row in to {
        let mut statement = tx.prepare_cached(
            "SELECT row, body FROM outbox WHERE author_row = ?1 AND peer_row = ?2 AND automatic = ?3",
        )?;
        let waiting: Vec<(i64, Vec<u8>)> = statement
            .query_map([own_row, *peer_row, ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        for (row, waits) in waiting {
            if MessageBody::decode(&waits)?.group == group {
                tx.prepare_cached("DELETE FROM outbox WHERE row = ?1")?.execute([row])?;
            }
        }
        for device in devices(tx, *peer_row)? {
            queue_for(tx, own_row, *peer_row, Some(&device), None, body, due_ms)?;
            tx.prepare_cached("UPDATE outbox SET automatic = ?2 WHERE row = ?1")?
                .execute([tx.last_insert_rowid(), ONCE])?;
        }
    }
    Ok(())
}

/// Takes grants to a persona back that were not sealed for any device yet.
pub(crate) fn withdraw(
    tx: &Transaction<'_>,
    own_row: i64,
    peer_row: i64,
    is_meant: impl Fn(&Grant) -> bool,
) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT row, body FROM outbox WHERE author_row = ?1 AND peer_row = ?2 AND number = 0 AND body <> x''",
    )?;
    let waiting: Vec<(i64, Vec<u8>)> = statement
        .query_map([own_row, peer_row], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (row, body) in waiting {
        if let Ok(MessageBody { what: What::Grant(grant), .. }) = MessageBody::decode(&body)
            && is_meant(&grant)
        {
            tx.prepare_cached("DELETE FROM outbox WHERE row = ?1")?.execute([row])?;
        }
    }
    Ok(())
}

/// A grant that is given up: by and to whom, which device, and what.
type Undelivered = (i64, i64, Vec<u8>, Grant);

/// Grants that were tried to be delivered for too long.
pub(crate) fn undelivered(tx: &Transaction<'_>, now_ms: i64) -> Result<Vec<Undelivered>> {
    let mut statement = tx.prepare_cached(
        "SELECT peer_row, device, body, author_row FROM outbox WHERE until_ms <= ?1 AND device IS NOT NULL AND body <> x''",
    )?;
    let given_up: Vec<(i64, Vec<u8>, Vec<u8>, i64)> = statement
        .query_map([now_ms], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut grants = Vec::new();
    for (peer_row, device, body, own_row) in given_up {
        if let Ok(MessageBody { what: What::Grant(grant), .. }) = MessageBody::decode(&body) {
            grants.push((own_row, peer_row, device, grant));
        }
    }
    Ok(grants)
}

/// Devices of a persona that can be written to.
pub(crate) fn devices(tx: &Transaction<'_>, peer_row: i64) -> Result<Vec<[u8; 32]>> {
    let mut statement =
        tx.prepare_cached("SELECT device FROM reachable WHERE author_row = ?1 ORDER BY device LIMIT ?2")?;
    let rows = statement.query_map(params![peer_row, limits::THREAD_DEVICES], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A device published its keys: what waited for one goes to it.
pub(crate) fn device_came(tx: &Transaction<'_>, peer_row: i64, device: &[u8; 32], now_ms: i64) -> Result<bool> {
    let moved = tx
        .prepare_cached(
            "UPDATE outbox SET device = ?2, due_ms = min(due_ms, ?3) WHERE peer_row = ?1 AND device IS NULL",
        )?
        .execute(params![peer_row, device, now_ms])?;
    Ok(moved > 0)
}

/// A request was accepted: who wrote it hears that it came.
pub(super) fn answer_thread(tx: &Transaction<'_>, thread_row: i64, now_ms: i64) -> Result<()> {
    let found: Vec<(i64, i64)> = tx
        .prepare_cached(
            "SELECT thread.author_row, thread_member.author_row FROM thread
             JOIN thread_member ON thread_member.thread_row = thread.row
             WHERE thread.row = ?1 AND thread_member.author_row <> thread.author_row",
        )?
        .query_map([thread_row], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (own_row, peer_row) in found {
        for device in devices(tx, peer_row)? {
            answer(tx, own_row, peer_row, &device, None, now_ms)?;
        }
    }
    Ok(())
}

/// Has a device answered for what came from it, unless something goes to it before. Nothing waits twice. `due_ms`: `None`
/// where the user chose this moment, then it goes at once.
pub(super) fn answer(
    tx: &Transaction<'_>,
    own_row: i64,
    peer_row: i64,
    device: &[u8; 32],
    due_ms: Option<i64>,
    now_ms: i64,
) -> Result<()> {
    let (automatic, due_ms) = (due_ms.is_some(), due_ms.unwrap_or(now_ms));
    let waiting = tx
        .prepare_cached(
            "UPDATE outbox SET due_ms = min(due_ms, ?4), automatic = min(automatic, ?5)
             WHERE author_row = ?1 AND peer_row = ?2 AND device = ?3 AND body = x''",
        )?
        .execute(params![own_row, peer_row, device, due_ms, automatic])?;
    if waiting == 0 {
        let until_ms = now_ms.saturating_add(limits::OUTBOX_MS);
        tx.prepare_cached(
            "INSERT INTO outbox (author_row, peer_row, device, body, due_ms, automatic, until_ms)
             VALUES (?1, ?2, ?3, x'', ?4, ?5, ?6)",
        )?
        .execute(params![own_row, peer_row, device, due_ms, automatic, until_ms])?;
    }
    Ok(())
}

/// Of these receipts, those for entries that wait here for one.
pub(crate) fn waiting_for_receipt(db: &Connection, receipts: Vec<Receipt>) -> Result<Vec<Receipt>> {
    let mut statement = db.prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE entry = ?1 AND held = 0)")?;
    let mut waiting = Vec::new();
    for receipt in receipts {
        if statement.query_row([receipt.entry], |row| row.get(0))? {
            waiting.push(receipt);
        }
    }
    Ok(waiting)
}

/// A mailbox holds these entries; answers in which threads that changed something.
pub(crate) fn held(tx: &Transaction<'_>, entries: &[EntryId]) -> Result<BTreeSet<ThreadId>> {
    let mut threads = BTreeSet::new();
    let mut statement = tx.prepare_cached(
        "UPDATE outbox SET held = 1 WHERE entry = ?1
         RETURNING (SELECT thread.id FROM message JOIN thread ON thread.row = message.thread_row
                    WHERE message.row = message_row)",
    )?;
    for entry in entries {
        let told: Vec<Option<ThreadId>> =
            statement.query_map([entry], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        threads.extend(told.into_iter().flatten());
    }
    Ok(threads)
}

/// Threads of messages that left as one of these entries.
pub(crate) fn sent_as(db: &Connection, entries: &[EntryId]) -> Result<BTreeSet<ThreadId>> {
    let mut statement = db.prepare_cached(
        "SELECT thread.id FROM outbox JOIN message ON message.row = message_row
         JOIN thread ON thread.row = message.thread_row WHERE entry = ?1",
    )?;
    let mut threads = BTreeSet::new();
    for entry in entries {
        for thread in statement.query_map([entry], |row| row.get(0))? {
            threads.insert(thread?);
        }
    }
    Ok(threads)
}

/// When the next message or piece of cover is due, or the keys of this device are to be renewed, ms since the epoch. What
/// waits for a device to be known, for files that go before it, or for its place in cover, is not due.
pub(crate) fn next_due(db: &Connection) -> Result<Option<i64>> {
    let most = if cover::hides(db)? { 0 } else { ONCE };
    Ok(db
        .prepare_cached(
            "SELECT min(due_ms) FROM (
                SELECT min(due_ms) AS due_ms FROM outbox WHERE device IS NOT NULL AND automatic <= ?2
                    AND row NOT IN (SELECT row FROM behind_parcel)
                UNION ALL SELECT until_ms FROM parcel
                UNION ALL SELECT at_ms FROM cover
                UNION ALL SELECT min(due_ms) FROM own_device WHERE due_ms > 0
                UNION ALL SELECT min(0 * row) FROM first_message
                UNION ALL SELECT (min(published_s) + ?1) * 1000 FROM account)",
        )?
        .query_row([limits::DEVICE_KEYS_S, most], |row| row.get(0))?)
}
