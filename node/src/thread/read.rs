//! Reads of threads, and what goes when its time is over.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::inbox::{DELETE, EDIT, REACT, let_go};
use super::{KIND_DIRECT, KIND_GROUP, REQUEST};
use crate::entry::{MessageBody, PostBody, What};
use crate::error::{Error, Result};
use crate::gate::Notes;
use crate::id::{MessageId, PersonaId, ThreadId};
use crate::item;
use crate::limits::{CLOCK_BACK_MS, FEED_PAGE};
use crate::media;
use crate::mention;
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
    // What stands in a thread, and who, is asked for all of them at once: there may be hundreds.
    let mut statement = db.prepare_cached(
        "SELECT thread.row, thread.id, author.id, thread.kind, title, last_ms, read_ms, request, keep_s, thread.author_row,
            (SELECT count(*) FROM message WHERE thread_row = thread.row AND order_ms > thread.read_ms
                AND from_row <> thread.author_row AND body <> x'' AND (expires_ms = 0 OR expires_ms > ?3))
            + (SELECT count(*) FROM message WHERE thread_row = thread.row AND late = 1 AND order_ms <= thread.read_ms
                AND body <> x'' AND (expires_ms = 0 OR expires_ms > ?3)),
            EXISTS (SELECT 1 FROM thread_member
                WHERE thread_row = thread.row AND author_row = thread.author_row AND present = 1),
            last.body, edit.body
         FROM thread JOIN author ON author.row = thread.author_row
         LEFT JOIN message AS last ON last.row = (SELECT row FROM message
            WHERE thread_row = thread.row AND (expires_ms = 0 OR expires_ms > ?3)
            ORDER BY order_ms DESC, sent_ms DESC, row DESC LIMIT 1)
         LEFT JOIN message_change AS edit ON edit.thread_row = thread.row AND edit.of = last.id
            AND edit.from_row = last.from_row AND edit.kind = ?4
         WHERE (?1 IS NULL OR author.id = ?1) AND request = ?2 ORDER BY last_ms DESC, thread.row DESC",
    )?;
    let request = if requests { REQUEST } else { 0 };
    let mut members = members(db)?;
    let mut rows = statement.query(params![persona, request, now_ms, EDIT])?;
    let mut threads = Vec::new();
    while let Some(row) = rows.next()? {
        let others = members.remove(&row.get(0)?).unwrap_or_default();
        let kind: i64 = row.get(3)?;
        // What a blocked persona wrote is shown nowhere.
        if kind == KIND_DIRECT && others.iter().any(|other| other.blocked) {
            continue;
        }
        let own: PersonaId = row.get(2)?;
        let (mut safety, mut changed) = (Safety::default(), Vec::new());
        for other in &others {
            let (state, waits) = verify::state(db, own, other.id)?;
            if kind == KIND_DIRECT {
                safety = state;
            }
            if waits {
                changed.push(other.id);
            }
        }
        let (title, last_ms): (String, i64) = (row.get(4)?, row.get(5)?);
        let (last, edit): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(12)?, row.get(13)?);
        let (text, files) = last.map(|last| newest(db, &last, edit.as_deref())).transpose()?.unzip();
        let files = files.unwrap_or_default();
        threads.push(ThreadView {
            id: row.get(1)?,
            persona: own,
            title: Some(title).filter(|title| !title.is_empty()),
            group: kind == KIND_GROUP,
            unread: row.get::<_, i64>(10)?.cast_unsigned(),
            last_ms: (last_ms > 0).then_some(last_ms.cast_unsigned()),
            last_files: files,
            last_text: text,
            request: row.get::<_, i64>(7)? == REQUEST,
            left: !row.get::<_, bool>(11)?,
            waiting: others.iter().any(|other| other.waits),
            keep_s: row.get::<_, i64>(8)?.cast_unsigned(),
            muted: mute::is_quiet(db, row.get(1)?, now_ms.cast_unsigned())?,
            safety,
            changed,
            with: others.iter().map(|other| other.id).collect(),
            names: others.into_iter().map(|other| other.name).collect(),
        });
    }
    Ok(threads)
}

/// Somebody else in a thread.
struct Other {
    id: PersonaId,
    name: String,
    blocked: bool,
    /// No device of theirs is known that can be written to (see `outbox::devices`).
    waits: bool,
}

/// Who else is in each thread, by its row.
fn members(db: &Connection) -> Result<HashMap<i64, Vec<Other>>> {
    let blocked: HashSet<Vec<u8>> = item::all(db, item::Set::Block)?.into_iter().map(|(key, _)| key).collect();
    let mut statement = db.prepare_cached(
        "SELECT thread.row, author.id, author.name, NOT EXISTS (
            SELECT 1 FROM reachable WHERE reachable.author_row = member.author_row)
         FROM thread JOIN thread_member AS member ON member.thread_row = thread.row
         JOIN author ON author.row = member.author_row
         WHERE present = 1 AND author.row <> thread.author_row ORDER BY thread.row, author.row",
    )?;
    let mut rows = statement.query([])?;
    let mut members: HashMap<i64, Vec<Other>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let id: PersonaId = row.get(1)?;
        let blocked = blocked.contains(id.as_bytes().as_slice());
        members.entry(row.get(0)?).or_default().push(Other { id, name: row.get(2)?, blocked, waits: row.get(3)? });
    }
    Ok(members)
}

/// What the newest message of a thread says, and how many files it has.
fn newest(db: &Connection, body: &[u8], edit: Option<&[u8]>) -> Result<(String, usize)> {
    let Some((post, _)) = text_of(body)? else { return Ok((String::new(), 0)) };
    let files = post.attachments.iter().filter(|blob| blob.key.is_some()).count();
    if let Some(edit) = edit.filter(|edit| !edit.is_empty())
        && let What::Edit { body, .. } = MessageBody::decode(edit)?.what
    {
        return Ok((mention::plain(db, &body)?, files));
    }
    Ok((mention::plain(db, &post)?, files))
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

pub(super) fn message(
    db: &Connection,
    blobs: Option<&Blobs>,
    thread: ThreadId,
    message: MessageId,
    now_ms: i64,
) -> Result<MessageView> {
    // The one before which it is the last.
    let next: Option<MessageId> = db
        .prepare_cached(
            "SELECT next.id FROM thread JOIN message ON message.thread_row = thread.row
             JOIN message AS next ON next.thread_row = thread.row
                AND (next.order_ms, next.sent_ms, next.row) > (message.order_ms, message.sent_ms, message.row)
             WHERE thread.row = (SELECT min(row) FROM thread WHERE id = ?1) AND message.id = ?2
             ORDER BY next.order_ms, next.sent_ms, next.row LIMIT 1",
        )?
        .query_row(params![thread, message], |row| row.get(0))
        .optional()?;
    let found = messages(db, blobs, thread, 1, next, now_ms)?.pop();
    found.filter(|found| found.id == message).ok_or(Error::NotFound { what: "the message" })
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
    let at: Option<Place> = match before {
        Some(before) => Some(
            db.prepare_cached("SELECT order_ms, sent_ms, row FROM message WHERE thread_row = ?1 AND id = ?2")?
                .query_row(params![thread_row, before], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?
                .ok_or(Error::NotFound { what: "the message" })?,
        ),
        None => None,
    };
    let before = at.unwrap_or((i64::MAX, i64::MAX, i64::MAX));
    let mut statement = db.prepare_cached(
        "SELECT message.row, message.id, author.id, author.name, from_row, sent_ms, body, expires_ms, order_ms
         FROM message JOIN author ON author.row = from_row
         WHERE thread_row = ?1 AND (order_ms, sent_ms, message.row) < (?2, ?3, ?4)
            AND (expires_ms = 0 OR expires_ms > ?6)
         ORDER BY order_ms DESC, sent_ms DESC, message.row DESC LIMIT ?5",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![thread_row, before.0, before.1, before.2, limit, now_ms])?;
    let mut messages = Vec::new();
    let (mut places, mut from) = (HashMap::new(), (i64::MAX, i64::MAX, i64::MAX));
    while let Some(row) = rows.next()? {
        let (message_row, from_row): (i64, i64) = (row.get(0)?, row.get(4)?);
        places.insert(message_row, messages.len());
        from = (row.get(8)?, row.get(5)?, message_row);
        let body: Vec<u8> = row.get(6)?;
        let sent_ms = row.get::<_, i64>(5)?.cast_unsigned();
        let mut view = MessageView {
            id: row.get(1)?,
            from: row.get(2)?,
            from_name: row.get(3)?,
            own: from_row == own_row,
            text: String::new(),
            mentions: Vec::new(),
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
            view.mentions = mention::view(db, &post)?;
            (view.text, view.reply_to) = (post.text, reply_to);
            for blob in post.attachments.into_iter().filter(|blob| blob.key.is_some()) {
                view.attachments.push(media::view(db, blobs, blob)?);
            }
        }
        messages.push(view);
    }
    let span = Span { thread_row, own_row, from, before };
    changes(db, span, &places, &mut messages)?;
    states(db, span, &places, &mut messages)?;
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

/// Where a message stands: its order, when it was sent, its row.
type Place = (i64, i64, i64);

/// The messages of a page: from a place, and before one.
#[derive(Clone, Copy)]
struct Span {
    thread_row: i64,
    own_row: i64,
    from: Place,
    before: Place,
}

/// What was said about these messages: their writers' edits, and everybody's reactions. `places`: by row.
fn changes(db: &Connection, span: Span, places: &HashMap<i64, usize>, messages: &mut [MessageView]) -> Result<()> {
    let Span { thread_row, own_row, from, before } = span;
    let mut statement = db.prepare_cached(
        "SELECT message.row, kind, change.from_row, change.from_row = message.from_row, change.body
         FROM message JOIN message_change AS change ON change.thread_row = message.thread_row AND of = message.id
         WHERE message.thread_row = ?1 AND (order_ms, sent_ms, message.row) >= (?2, ?3, ?4)
            AND (order_ms, sent_ms, message.row) < (?5, ?6, ?7) AND change.body <> x''",
    )?;
    let mut rows = statement.query([thread_row, from.0, from.1, from.2, before.0, before.1, before.2])?;
    while let Some(row) = rows.next()? {
        let Some(view) = places.get(&row.get(0)?).and_then(|at| messages.get_mut(*at)) else { continue };
        let (kind, by, by_writer): (i64, i64, bool) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let body: Vec<u8> = row.get(4)?;
        match (kind, MessageBody::decode(&body)?.what) {
            (EDIT, What::Edit { body, .. }) if by_writer && !view.deleted => {
                view.mentions = mention::view(db, &body)?;
                (view.text, view.edited) = (body.text, true);
            }
            (DELETE, What::Delete { .. }) if by_writer => view.deleted = true,
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

/// How far own messages came: as far as with the one of the others where it is least far. Notes to oneself are where they
/// shall be.
fn states(db: &Connection, span: Span, places: &HashMap<i64, usize>, messages: &mut [MessageView]) -> Result<()> {
    let Span { thread_row, own_row, from, before } = span;
    let mut statement = db.prepare_cached(
        "SELECT message.row, member.read_ms >= message.sent_ms,
            EXISTS (SELECT 1 FROM delivered WHERE message_row = message.row AND author_row = member.author_row),
            copied = 1 OR EXISTS (SELECT 1 FROM outbox JOIN file_holder ON file = outbox.entry
                    WHERE message_row = message.row AND peer_row = member.author_row),
            EXISTS (SELECT 1 FROM outbox
                    WHERE message_row = message.row AND peer_row = member.author_row AND held = 1)
         FROM message JOIN thread_member AS member ON member.thread_row = message.thread_row
         WHERE message.thread_row = ?1 AND (order_ms, sent_ms, message.row) >= (?2, ?3, ?4)
            AND (order_ms, sent_ms, message.row) < (?5, ?6, ?7)
            AND from_row = ?8 AND present = 1 AND member.author_row <> ?8",
    )?;
    let mut rows = statement.query([thread_row, from.0, from.1, from.2, before.0, before.1, before.2, own_row])?;
    let mut least: HashMap<i64, MessageState> = HashMap::new();
    while let Some(row) = rows.next()? {
        let state = match (row.get(1)?, row.get(2)?, row.get(4)?, row.get(3)?) {
            (true, true, ..) => MessageState::Read,
            (_, true, ..) => MessageState::Delivered,
            (_, _, true, _) => MessageState::Held,
            (.., true) => MessageState::Sent,
            _ => MessageState::Queued,
        };
        let least = least.entry(row.get(0)?).or_insert(state);
        *least = state.min(*least);
    }
    for (row, state) in least {
        if let Some(view) = places.get(&row).and_then(|at| messages.get_mut(*at)) {
            view.state = state;
        }
    }
    Ok(())
}

/// What was read by now begins to expire.
pub(super) fn begin_to_expire(tx: &Transaction<'_>, thread_row: i64, now_ms: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT message.row, body FROM message JOIN thread ON thread.row = thread_row
         WHERE thread_row = ?1 AND expires_ms = 0 AND order_ms <= ?2 AND body <> x'' AND late = 0
            AND (order_ms <= ?4 OR from_row = author_row) ORDER BY order_ms DESC LIMIT ?3",
    )?;
    let limit = i64::try_from(FEED_PAGE).unwrap_or(i64::MAX);
    // Own ones may stand a little ahead: behind each other, where the clock did not go on.
    let until_ms = now_ms.saturating_add(CLOCK_BACK_MS);
    let found: Vec<(i64, Vec<u8>)> = statement
        .query_map([thread_row, until_ms, limit, now_ms], |row| Ok((row.get(0)?, row.get(1)?)))?
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
