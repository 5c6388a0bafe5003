//! Messages of before, page by page, from one own device to another that is new. They take the same path as those that
//! come now, so what is there already changes nothing.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::inbox::{DELETE, Letter, Thread};
use super::{KIND_DIRECT, KIND_GROUP, KIND_SELF, direct, inbox, mark, own, state};
use crate::author;
use crate::entry::{MessageBody, Past, PastMember, PastMessage, PastSaid, PastThread, What};
use crate::error::Result;
use crate::gate::Notes;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::limits::{CLOCK_BACK_MS, HISTORY_PAGE_BYTES, HISTORY_PAGE_MESSAGES, MEMBER_COUNTER, THREAD_DEVICES};

/// What stands there of the threads of these personas since some time, ms since the epoch, behind a message, by row.
/// `left`: how many there are about, where the page before told it; to count them takes longer than to read a page.
pub(crate) fn past(
    db: &Connection,
    personas: &[PersonaId],
    (since_ms, after): (i64, i64),
    left: Option<u64>,
) -> Result<Past> {
    let mut rows = Vec::new();
    for persona in personas {
        rows.extend(
            db.prepare_cached("SELECT row FROM author WHERE id = ?1 AND own = 1")?
                .query_row([persona], |row| row.get::<_, i64>(0))
                .optional()?,
        );
    }
    let own = rows.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
    let meant = format!(
        "FROM message CROSS JOIN thread ON thread.row = thread_row
         WHERE message.row > ?1 AND order_ms >= ?2 AND body <> x'' AND thread.author_row IN ({own})"
    );
    let all: u64 = match left {
        Some(left) => left,
        None => db.prepare(&format!("SELECT count(*) {meant}"))?.query_row([after, since_ms], |row| row.get(0))?,
    };
    let mut statement = db.prepare(&format!(
        "SELECT message.row, thread_row, message.id, (SELECT author.id FROM author WHERE row = from_row), order_ms, body,
            {}, from_row <> thread.author_row AND (late = 1 OR order_ms > thread.read_ms)
         {meant} ORDER BY message.row LIMIT {HISTORY_PAGE_MESSAGES} + 1",
        state::came_sql()
    ))?;
    let mut found = statement.query([after, since_ms])?;
    let mut page = Past { after: after.cast_unsigned(), ..Past::default() };
    let mut places = BTreeMap::new();
    let (mut bytes, mut more) = (0, false);
    while let Some(row) = found.next()? {
        more = page.messages.len() == HISTORY_PAGE_MESSAGES;
        if more {
            break;
        }
        let thread_row: i64 = row.get(1)?;
        let said = PastSaid { from: row.get(3)?, body: row.get(5)? };
        let changes = changes(db, thread_row, row.get(2)?)?;
        bytes += said.bytes() + changes.iter().map(PastSaid::bytes).sum::<usize>();
        more = bytes > HISTORY_PAGE_BYTES && !page.messages.is_empty();
        if more {
            break;
        }
        let thread = match places.get(&thread_row) {
            Some(place) => *place,
            None => {
                let place = u16::try_from(page.threads.len()).unwrap_or(u16::MAX);
                page.threads.push(described(db, thread_row)?);
                places.insert(thread_row, place);
                place
            }
        };
        let order_ms = row.get::<_, i64>(4)?.cast_unsigned();
        page.messages.push(PastMessage { thread, said, order_ms, changes, came: row.get(6)?, unread: row.get(7)? });
        page.after = row.get::<_, i64>(0)?.cast_unsigned();
    }
    // Some may have come or gone since they were counted.
    page.left = if more { all.saturating_sub(page.messages.len() as u64).max(1) } else { 0 };
    Ok(page)
}

fn changes(db: &Connection, thread_row: i64, of: MessageId) -> Result<Vec<PastSaid>> {
    let mut statement = db.prepare_cached(
        "SELECT author.id, body FROM message_change JOIN author ON author.row = from_row
         WHERE thread_row = ?1 AND of = ?2 AND kind <> ?3 AND body <> x''",
    )?;
    let said = statement
        .query_map(params![thread_row, of, DELETE], |row| Ok(PastSaid { from: row.get(0)?, body: row.get(1)? }))?;
    Ok(said.collect::<rusqlite::Result<_>>()?)
}

fn described(db: &Connection, thread_row: i64) -> Result<PastThread> {
    let mut statement = db.prepare_cached(
        "SELECT author.id, present, counter, read_ms FROM thread_member JOIN author ON author.row = author_row
         WHERE thread_row = ?1 ORDER BY author_row LIMIT ?2",
    )?;
    let members = statement
        .query_map(params![thread_row, THREAD_DEVICES * 2], |row| {
            let (counter, read_ms) = (row.get::<_, i64>(2)?.cast_unsigned(), row.get::<_, i64>(3)?.cast_unsigned());
            Ok(PastMember { persona: row.get(0)?, present: row.get(1)?, counter, read_ms })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(db
        .prepare_cached(
            "SELECT author.id, thread.id, kind, title, request, keep_s, keep_counter
             FROM thread JOIN author ON author.row = author_row WHERE thread.row = ?1",
        )?
        .query_row([thread_row], |row| {
            Ok(PastThread {
                own: row.get(0)?,
                id: row.get(1)?,
                kind: row.get(2)?,
                title: row.get(3)?,
                request: row.get(4)?,
                keep_s: row.get::<_, i64>(5)?.cast_unsigned(),
                keep_counter: row.get::<_, i64>(6)?.cast_unsigned(),
                members,
            })
        })?)
}

/// Takes in what another own device hands over, of these personas alone.
pub(crate) fn take_past(
    tx: &Transaction<'_>,
    notes: &mut Notes,
    personas: &[PersonaId],
    page: Past,
    now_ms: i64,
) -> Result<()> {
    let mut threads = Vec::new();
    for thread in &page.threads {
        threads.push(match personas.contains(&PersonaId::from_bytes(thread.own)) {
            true => begun(tx, notes, thread, now_ms)?,
            false => None,
        });
    }
    for PastMessage { thread, said, order_ms, changes, came, unread } in page.messages {
        let Some(Some((letter, thread))) = threads.get(usize::from(thread)) else { continue };
        // Own ones may stand a little ahead: behind each other, where the clock did not go on.
        let order_ms = bounded(order_ms, now_ms.saturating_add(CLOCK_BACK_MS));
        for (said, is_text) in std::iter::once((said, true)).chain(changes.into_iter().map(|said| (said, false))) {
            let Ok(body) = MessageBody::decode(&said.body) else { continue };
            let fits = match body.what {
                What::Text { .. } => is_text,
                What::Edit { .. } | What::React { .. } => !is_text,
                _ => false,
            };
            if fits {
                let from = PersonaId::from_bytes(said.from);
                let from_row = author::private_row(tx, from)?;
                let letter = Letter { from_row, from, now_ms: order_ms, ..*letter };
                let Some(row) = inbox::take_in(tx, letter, *thread, &body, notes)? else { continue };
                if from_row == letter.own_row {
                    state::copied(tx, row)?;
                    if came {
                        state::came(tx, row)?;
                    }
                } else if unread {
                    // Somebody may have looked at the thread here before it came.
                    mark::came_unread(tx, row)?;
                }
            }
        }
    }
    // What was read of it may have been told before it came.
    for (letter, thread) in threads.into_iter().flatten() {
        own::settle(tx, notes, letter.own, thread.id, now_ms)?;
    }
    Ok(())
}

/// The thread of an own persona, made where it is missing. `None`: it can be none.
fn begun(tx: &Transaction<'_>, notes: &mut Notes, past: &PastThread, now_ms: i64) -> Result<Option<(Letter, Thread)>> {
    let (own, id, kind) = (PersonaId::from_bytes(past.own), ThreadId::from_bytes(past.id), i64::from(past.kind));
    let is_of_two = past.members.iter().any(|member| direct(own, PersonaId::from_bytes(member.persona)) == id);
    match kind {
        KIND_DIRECT | KIND_SELF if is_of_two => {}
        KIND_GROUP if !is_of_two => {}
        _ => return Ok(None),
    }
    let own_row: Option<i64> = tx
        .prepare_cached("SELECT row FROM author WHERE id = ?1 AND own = 1")?
        .query_row([own], |row| row.get(0))
        .optional()?;
    let Some(own_row) = own_row else { return Ok(None) };
    let known: bool = tx
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM thread WHERE author_row = ?1 AND id = ?2)")?
        .query_row(params![own_row, id], |row| row.get(0))?;
    let letter = Letter { own_row, own, from_row: own_row, from: own, now_ms };
    let thread = inbox::open(tx, notes, letter, id, kind)?;
    if !known {
        tx.prepare_cached("UPDATE thread SET request = ?2, title = ?3 WHERE row = ?1")?.execute(params![
            thread.row,
            past.request,
            past.title
        ])?;
    }
    inbox::keep(tx, thread.row, past.keep_s.cast_signed(), past.keep_counter.cast_signed())?;
    for PastMember { persona, present, counter, read_ms } in &past.members {
        let row = author::private_row(tx, PersonaId::from_bytes(*persona))?;
        tx.prepare_cached(
            "INSERT INTO thread_member (thread_row, author_row, present, counter) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (thread_row, author_row) DO UPDATE SET present = excluded.present, counter = excluded.counter
             WHERE (excluded.counter, NOT excluded.present) > (counter, NOT present)",
        )?
        .execute(params![thread.row, row, present, bounded(*counter, MEMBER_COUNTER)])?;
        tx.prepare_cached(
            "UPDATE thread_member SET read_ms = max(read_ms, ?3) WHERE thread_row = ?1 AND author_row = ?2",
        )?
        .execute([thread.row, row, bounded(*read_ms, now_ms)])?;
    }
    notes.threads_changed.insert(thread.id);
    Ok(Some((letter, thread)))
}

fn bounded(number: u64, most: i64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX).min(most)
}
