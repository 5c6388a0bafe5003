//! Reads of threads, and what goes when its time is over.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::inbox::{DELETE, EDIT, REACT, let_go};
use super::{KIND_DIRECT, KIND_GROUP, REQUEST};
use crate::entry::{MessageBody, PostBody, What};
use crate::error::{Error, Result};
use crate::gate::Notes;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::limits::FEED_PAGE;
use crate::media;
use crate::mute;
use crate::net::Blobs;
use crate::verify;
use crate::view::{MessageState, MessageView, Safety, ThreadView};

pub(super) fn threads(
    db: &Connection,
    persona: Option<PersonaId>,
    requests: bool,
    now_ms: i64,
) -> Result<Vec<ThreadView>> {
    let mut statement = db.prepare_cached(
        "SELECT thread.row, thread.id, author.id, kind, title, last_ms, read_ms, request, keep_s, thread.author_row
         FROM thread JOIN author ON author.row = thread.author_row
         WHERE (?1 IS NULL OR author.id = ?1) AND request = ?2 ORDER BY last_ms DESC, thread.row DESC",
    )?;
    let request = if requests { REQUEST } else { 0 };
    let mut rows = statement.query(params![persona, request])?;
    let mut threads = Vec::new();
    while let Some(row) = rows.next()? {
        let (thread_row, own_row): (i64, i64) = (row.get(0)?, row.get(9)?);
        let (with, names): (Vec<PersonaId>, Vec<String>) = members(db, thread_row, own_row)?.into_iter().unzip();
        let kind: i64 = row.get(3)?;
        // What a blocked persona wrote is shown nowhere.
        if kind == KIND_DIRECT && with.iter().any(|persona| mute::is_blocked(db, *persona).unwrap_or(false)) {
            continue;
        }
        let own: PersonaId = row.get(2)?;
        let (mut safety, mut changed) = (Safety::default(), Vec::new());
        for other in &with {
            let (state, waits) = verify::state(db, own, *other)?;
            if kind == KIND_DIRECT {
                safety = state;
            }
            if waits {
                changed.push(*other);
            }
        }
        let (title, last_ms, read_ms): (String, i64, i64) = (row.get(4)?, row.get(5)?, row.get(6)?);
        let unread: i64 = db
            .prepare_cached(
                "SELECT count(*) FROM message WHERE thread_row = ?1 AND order_ms > ?2 AND from_row <> ?3 AND body <> x''
                    AND (expires_ms = 0 OR expires_ms > ?4)",
            )?
            .query_row(params![thread_row, read_ms, own_row, now_ms], |row| row.get(0))?;
        let last = page(db, None, thread_row, own_row, 1, None, now_ms)?.pop();
        threads.push(ThreadView {
            id: row.get(1)?,
            with,
            names,
            persona: own,
            title: Some(title).filter(|title| !title.is_empty()),
            group: kind == KIND_GROUP,
            unread: unread.cast_unsigned(),
            last_ms: (last_ms > 0).then_some(last_ms.cast_unsigned()),
            last_files: last.as_ref().map_or(0, |last| last.attachments.len()),
            last_text: last.map(|last| last.text),
            request: row.get::<_, i64>(7)? == REQUEST,
            left: !is_in(db, thread_row, own_row)?,
            waiting: waits_for_device(db, thread_row, own_row)?,
            keep_s: row.get::<_, i64>(8)?.cast_unsigned(),
            muted: mute::is_quiet(db, row.get(1)?, now_ms.cast_unsigned())?,
            safety,
            changed,
        });
    }
    Ok(threads)
}

fn is_in(db: &Connection, thread_row: i64, author_row: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM thread_member WHERE thread_row = ?1 AND author_row = ?2 AND present = 1)",
        )?
        .query_row([thread_row, author_row], |row| row.get(0))?)
}

/// Whether somebody else is in a thread of whom no device is known that can be written to (see `outbox::devices`).
fn waits_for_device(db: &Connection, thread_row: i64, own_row: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM thread_member AS member
                WHERE thread_row = ?1 AND present = 1 AND author_row <> ?2 AND NOT EXISTS (
                    SELECT 1 FROM reachable WHERE reachable.author_row = member.author_row))",
        )?
        .query_row([thread_row, own_row], |row| row.get(0))?)
}

fn members(db: &Connection, thread_row: i64, own_row: i64) -> Result<Vec<(PersonaId, String)>> {
    let mut statement = db.prepare_cached(
        "SELECT author.id, author.name FROM thread_member JOIN author ON author.row = thread_member.author_row
         WHERE thread_row = ?1 AND present = 1 AND author.row <> ?2 ORDER BY author.row",
    )?;
    let rows = statement.query_map([thread_row, own_row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(super) fn messages(
    db: &Connection,
    blobs: Option<&Blobs>,
    thread: ThreadId,
    limit: usize,
    before: Option<MessageId>,
    now_ms: i64,
) -> Result<Vec<MessageView>> {
    if limit == 0 || limit > FEED_PAGE {
        return Err(Error::BadInput(format!("a page has 1 to {FEED_PAGE} messages")));
    }
    let found: Option<(i64, i64)> = db
        .prepare_cached("SELECT row, author_row FROM thread WHERE id = ?1 ORDER BY row LIMIT 1")?
        .query_row([thread], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (thread_row, own_row) = found.ok_or(Error::NotFound { what: "the thread" })?;
    page(db, blobs, thread_row, own_row, limit, before, now_ms)
}

fn page(
    db: &Connection,
    blobs: Option<&Blobs>,
    thread_row: i64,
    own_row: i64,
    limit: usize,
    before: Option<MessageId>,
    now_ms: i64,
) -> Result<Vec<MessageView>> {
    let at: Option<(i64, i64)> = match before {
        Some(before) => Some(
            db.prepare_cached("SELECT order_ms, row FROM message WHERE thread_row = ?1 AND id = ?2")?
                .query_row(params![thread_row, before], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?
                .ok_or(Error::NotFound { what: "the message" })?,
        ),
        None => None,
    };
    let (order_ms, row) = at.unwrap_or((i64::MAX, i64::MAX));
    let mut statement = db.prepare_cached(
        "SELECT message.row, message.id, author.id, author.name, from_row, sent_ms, body, expires_ms
         FROM message JOIN author ON author.row = from_row
         WHERE thread_row = ?1 AND (order_ms, message.row) < (?2, ?3) AND (expires_ms = 0 OR expires_ms > ?5)
         ORDER BY order_ms DESC, message.row DESC LIMIT ?4",
    )?;
    let mut rows =
        statement.query(params![thread_row, order_ms, row, i64::try_from(limit).unwrap_or(i64::MAX), now_ms])?;
    let mut messages = Vec::new();
    while let Some(row) = rows.next()? {
        let (message_row, from_row): (i64, i64) = (row.get(0)?, row.get(4)?);
        let body: Vec<u8> = row.get(6)?;
        let sent_ms = row.get::<_, i64>(5)?.cast_unsigned();
        let mut view = MessageView {
            id: row.get(1)?,
            from: row.get(2)?,
            from_name: row.get(3)?,
            own: from_row == own_row,
            text: String::new(),
            created_ms: sent_ms,
            state: MessageState::Delivered,
            attachments: Vec::new(),
            reply_to: None,
            edited: false,
            deleted: body.is_empty(),
            reactions: BTreeMap::new(),
            own_reaction: None,
            expires_ms: Some(row.get::<_, i64>(7)?).filter(|at_ms| *at_ms > 0).map(i64::cast_unsigned),
        };
        if let Some((post, reply_to)) = text_of(&body)? {
            (view.text, view.reply_to) = (post.text, reply_to);
            for blob in post.attachments.into_iter().filter(|blob| blob.key.is_some()) {
                view.attachments.push(media::view(db, blobs, blob)?);
            }
        }
        changes(db, thread_row, own_row, from_row, &mut view)?;
        if view.own {
            view.state = state(db, thread_row, own_row, message_row, sent_ms)?;
        }
        messages.push(view);
    }
    messages.reverse();
    Ok(messages)
}

fn text_of(body: &[u8]) -> Result<Option<(PostBody, Option<MessageId>)>> {
    if body.is_empty() {
        return Ok(None);
    }
    Ok(match MessageBody::decode(body)?.what {
        What::Text { body, reply_to, .. } => Some((body, reply_to)),
        _ => None,
    })
}

/// What was said about a message: its writer's edit, and everybody's reactions.
fn changes(db: &Connection, thread_row: i64, own_row: i64, from_row: i64, view: &mut MessageView) -> Result<()> {
    let mut statement = db.prepare_cached(
        "SELECT kind, from_row, body FROM message_change WHERE thread_row = ?1 AND of = ?2 AND body <> x''",
    )?;
    let mut rows = statement.query(params![thread_row, view.id])?;
    while let Some(row) = rows.next()? {
        let (kind, by): (i64, i64) = (row.get(0)?, row.get(1)?);
        let body: Vec<u8> = row.get(2)?;
        match (kind, MessageBody::decode(&body)?.what) {
            (EDIT, What::Edit { body, .. }) if by == from_row && !view.deleted => {
                (view.text, view.edited) = (body.text, true);
            }
            (DELETE, What::Delete { .. }) if by == from_row => view.deleted = true,
            (REACT, What::React { emoji, .. }) if !emoji.is_empty() => {
                if by == own_row {
                    view.own_reaction = Some(emoji.clone());
                }
                *view.reactions.entry(emoji).or_default() += 1;
            }
            _ => {}
        }
    }
    Ok(())
}

/// How far an own message came: as far as with the one of the others where it is least far.
fn state(db: &Connection, thread_row: i64, own_row: i64, message_row: i64, sent_ms: u64) -> Result<MessageState> {
    let mut statement = db.prepare_cached(
        "SELECT read_ms,
            EXISTS (SELECT 1 FROM delivered WHERE message_row = ?3 AND author_row = member.author_row),
            EXISTS (SELECT 1 FROM outbox JOIN file_holder ON file = outbox.entry
                    WHERE message_row = ?3 AND peer_row = member.author_row),
            EXISTS (SELECT 1 FROM outbox WHERE message_row = ?3 AND peer_row = member.author_row AND held = 1)
         FROM thread_member AS member WHERE thread_row = ?1 AND present = 1 AND author_row <> ?2",
    )?;
    let mut rows = statement.query([thread_row, own_row, message_row])?;
    let mut least = MessageState::Read;
    let mut anybody = false;
    while let Some(row) = rows.next()? {
        anybody = true;
        let read = row.get::<_, i64>(0)?.cast_unsigned() >= sent_ms;
        let state = match (read, row.get(1)?, row.get(3)?, row.get(2)?) {
            (true, true, ..) => MessageState::Read,
            (_, true, ..) => MessageState::Delivered,
            (_, _, true, _) => MessageState::Held,
            (.., true) => MessageState::Sent,
            _ => MessageState::Queued,
        };
        least = least.min(state);
    }
    // Notes to oneself are where they shall be.
    Ok(if anybody { least } else { MessageState::Delivered })
}

/// What was read begins to expire.
pub(super) fn begin_to_expire(tx: &Transaction<'_>, thread_row: i64, now_ms: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT row, body FROM message WHERE thread_row = ?1 AND expires_ms = 0 AND order_ms <= ?2 AND body <> x''
         ORDER BY order_ms DESC LIMIT ?3",
    )?;
    let limit = i64::try_from(FEED_PAGE).unwrap_or(i64::MAX);
    let found: Vec<(i64, Vec<u8>)> = statement
        .query_map([thread_row, now_ms, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (row, body) in found {
        if let What::Text { keep_s, .. } = MessageBody::decode(&body)?.what
            && keep_s > 0
        {
            let keep_ms = i64::try_from(keep_s.saturating_mul(1_000)).unwrap_or(i64::MAX);
            tx.prepare_cached("UPDATE message SET expires_ms = ?2 WHERE row = ?1")?
                .execute([row, now_ms.saturating_add(keep_ms)])?;
        }
    }
    Ok(())
}

/// Removes messages whose time is over, with what was said about them and what opens their files.
pub(crate) fn expire(tx: &Transaction<'_>, notes: &mut Notes, now_ms: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT message.row, thread_row, message.id, thread.id FROM message JOIN thread ON thread.row = thread_row
         WHERE expires_ms > 0 AND expires_ms <= ?1",
    )?;
    let found: Vec<(i64, i64, MessageId, ThreadId)> = statement
        .query_map([now_ms], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (row, thread_row, of, thread) in found {
        let_go(tx, notes, row)?;
        tx.prepare_cached("DELETE FROM message_change WHERE thread_row = ?1 AND of = ?2")?
            .execute(params![thread_row, of])?;
        for (table, column) in [("delivered", "message_row"), ("outbox", "message_row"), ("message", "row")] {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE {column} = ?1"))?.execute([row])?;
        }
        notes.threads_changed.insert(thread);
    }
    Ok(())
}
