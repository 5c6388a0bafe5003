//! Filling the index: what is new, by the order of its rows, and what is queued to be indexed again. Texts are taken out
//! by the triggers of the schema, in the transaction that erases them.

use rusqlite::{OptionalExtension, Transaction, params};

use super::query::spread;
use crate::entry::{EditBody, Kind, MessageBody, PostBody, What};
use crate::error::Result;
use crate::gate::Applying;
use crate::id::EntryId;
use crate::limits;
use crate::post::tag_name;
use crate::setting;

/// Of this device alone: the row up to which entries are indexed.
const INDEXED: &str = "search.indexed";
/// In the queue: an author, a private message; anything else is an entry.
const AUTHOR: i64 = 1;
const MESSAGE: i64 = 2;

/// Whether something waits to be indexed.
pub(super) fn is_behind(db: &rusqlite::Connection) -> Result<bool> {
    let (newest, queued): (i64, bool) = db
        .prepare_cached("SELECT coalesce((SELECT max(row) FROM entry), 0), EXISTS (SELECT 1 FROM search_todo)")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(queued || newest > indexed(db)?)
}

fn indexed(db: &rusqlite::Connection) -> Result<i64> {
    Ok(setting::local(db, INDEXED)?.and_then(|row| row.parse().ok()).unwrap_or_default())
}

/// Indexes one batch.
pub(super) fn some(tx: &Transaction<'_>) -> Result<()> {
    let batch = i64::try_from(limits::INDEX_BATCH).unwrap_or(i64::MAX);
    let queued: Vec<(i64, i64)> = tx
        .prepare_cached("SELECT what, row FROM search_todo LIMIT ?1")?
        .query_map([batch], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (what, row) in queued {
        match what {
            AUTHOR => person(tx, row)?,
            MESSAGE => message(tx, row)?,
            _ => entry(tx, row, true)?,
        }
        tx.prepare_cached("DELETE FROM search_todo WHERE what = ?1 AND row = ?2")?.execute([what, row])?;
    }
    let from = indexed(tx)?;
    let mut last = from;
    let rows: Vec<(i64, u16)> = tx
        .prepare_cached("SELECT row, kind FROM entry WHERE row > ?1 ORDER BY row LIMIT ?2")?
        .query_map([from, batch], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (row, kind) in rows {
        if matches!(Kind::from_number(kind), Kind::Post | Kind::Comment | Kind::Edit | Kind::Sealed) {
            // A sealed one that was opened a moment ago stands among what is to be set again, too.
            entry(tx, row, Kind::from_number(kind) == Kind::Sealed)?;
        }
        last = row;
    }
    if last > from { setting::put_local(tx, INDEXED, &last.to_string()) } else { Ok(()) }
}

/// Forgets all, so that it is indexed anew.
pub(super) fn restart(tx: &Transaction<'_>) -> Result<()> {
    // Taken apart first: what is damaged can't be deleted from row by row.
    tx.execute_batch(
        "INSERT INTO search_text (search_text) VALUES ('rebuild');
         INSERT INTO search_person (search_person) VALUES ('rebuild');
         INSERT INTO search_message (search_message) VALUES ('rebuild');
         DELETE FROM search_text; DELETE FROM search_person; DELETE FROM search_message; DELETE FROM search_todo;",
    )?;
    tx.execute(
        "INSERT INTO search_todo (what, row) SELECT ?1, row FROM author WHERE name <> '' OR bio <> ''",
        [AUTHOR],
    )?;
    tx.execute("INSERT INTO search_todo (what, row) SELECT ?1, row FROM message WHERE body <> x''", [MESSAGE])?;
    setting::put_local(tx, INDEXED, "0")
}

/// Sets the entry's words again. `again`: some may be there already.
fn entry(tx: &Transaction<'_>, row: i64, again: bool) -> Result<()> {
    let found: Option<(u16, Option<i64>)> = tx
        .prepare_cached(
            "SELECT kind, (SELECT target.row FROM edit
             JOIN entry AS target ON target.prefix = substr(edit.target, 1, 8) AND target.id = edit.target
                           WHERE edit.entry_row = entry.row) FROM entry WHERE row = ?1",
        )?
        .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // A sealed one is a post, or an edit where it has a target.
    match found.map(|(kind, target)| (Kind::from_number(kind).role(false, target.is_some()), target)) {
        Some((Kind::Post, _)) => {
            text(tx, "post", row, again)?;
            // Or a sealed comment.
            text(tx, "comment", row, again)
        }
        Some((Kind::Comment, _)) => text(tx, "comment", row, again),
        // What it edits may be either; one that comes later takes its newest edit along.
        Some((Kind::Edit, Some(target))) => {
            text(tx, "post", target, true)?;
            text(tx, "comment", target, true)
        }
        _ => Ok(()),
    }
}

fn text(tx: &Transaction<'_>, table: &str, row: i64, again: bool) -> Result<()> {
    let found = tx
        .prepare_cached(&format!(
            "SELECT said.body, (SELECT e.body FROM said AS e WHERE e.row = it.edit_row), it.author_row, it.deleted
             FROM {table} AS it JOIN said ON said.row = it.entry_row WHERE it.entry_row = ?1"
        ))?
        .query_row([row], |row| {
            let bodies: (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
            Ok((bodies, row.get::<_, i64>(2)?, row.get::<_, bool>(3)?))
        })
        .optional()?;
    let Some(((body, edit), author_row, deleted)) = found else { return Ok(()) };
    if again {
        tx.prepare_cached("DELETE FROM search_text WHERE rowid = ?1")?.execute([row])?;
        if table == "post" {
            tag(tx, row)?;
        }
    }
    let Some(post) = shown(body, edit).filter(|_| !deleted) else { return Ok(()) };
    let words = words(&post);
    let mut marks = author_mark(author_row);
    for tag in names(&post) {
        marks.push(' ');
        marks.push_str(&tag_mark(&tag));
    }
    tx.prepare_cached("INSERT INTO search_text (rowid, text, marks) VALUES (?1, ?2, ?3)")?
        .execute(params![row, words, marks])?;
    Ok(())
}

/// All that is read of it, as it is indexed.
fn words(post: &PostBody) -> String {
    let mut words = spread(&post.text);
    let described = post.attachments.iter().filter_map(|picture| picture.alt.as_ref());
    let card = post.card.iter().flat_map(|card| [&card.title, &card.description]);
    for more in post.content_warning.iter().chain(described).chain(card) {
        words.push('\n');
        words.push_str(&spread(more));
    }
    words
}

/// What is shown of a private message: the newest edit by who wrote it, else what it says.
pub(super) fn said(db: &rusqlite::Connection, message_row: i64) -> Result<Option<PostBody>> {
    let found: Option<(Vec<u8>, Option<Vec<u8>>)> = db
        .prepare_cached(
            "SELECT message.body, (SELECT change.body FROM message_change AS change
                WHERE change.thread_row = message.thread_row AND change.of = message.id
                  AND change.from_row = message.from_row AND change.kind = 2 AND change.body <> x'')
             FROM message WHERE message.row = ?1 AND message.body <> x''",
        )?
        .query_row([message_row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((body, edit)) = found else { return Ok(None) };
    Ok(match MessageBody::decode(edit.as_ref().unwrap_or(&body))?.what {
        What::Text { body, .. } | What::Edit { body, .. } => Some(body),
        _ => None,
    })
}

/// Sets a message's words again.
fn message(tx: &Transaction<'_>, row: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM search_message WHERE rowid = ?1")?.execute([row])?;
    let Some(said) = said(tx, row)? else { return Ok(()) };
    let from: i64 =
        tx.prepare_cached("SELECT from_row FROM message WHERE row = ?1")?.query_row([row], |row| row.get(0))?;
    tx.prepare_cached("INSERT INTO search_message (rowid, text, marks) VALUES (?1, ?2, ?3)")?.execute(params![
        row,
        words(&said),
        author_mark(from)
    ])?;
    Ok(())
}

/// What is shown of a post or comment: its newest edit, else its body.
fn shown(body: Option<Vec<u8>>, edit: Option<Vec<u8>>) -> Option<PostBody> {
    // Without its body it is gone, whatever its edits say.
    let body = body?;
    match edit {
        Some(edit) => Some(EditBody::decode(&edit).ok()?.post),
        None => PostBody::decode(&body).ok(),
    }
}

/// The word that stands for an author in an index of words.
pub(super) fn author_mark(author_row: i64) -> String {
    format!("a{author_row}")
}

/// The word that stands for a hashtag: words would be taken apart at signs, and stripped of accents.
pub(super) fn tag_mark(tag: &str) -> String {
    let hash = blake3::hash(tag.as_bytes()).to_hex();
    format!("t{}", hash.get(..12).unwrap_or_default())
}

fn names(post: &PostBody) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in post.tags.iter().filter_map(|tag| tag_name(tag)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn person(tx: &Transaction<'_>, row: i64) -> Result<()> {
    let found: Option<(String, String)> = tx
        .prepare_cached("SELECT name, bio FROM author WHERE row = ?1")?
        .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    tx.prepare_cached("DELETE FROM search_person WHERE rowid = ?1")?.execute([row])?;
    if let Some((name, bio)) = found.filter(|(name, bio)| !name.is_empty() || !bio.is_empty()) {
        tx.prepare_cached("INSERT INTO search_person (rowid, name, bio) VALUES (?1, ?2, ?3)")?.execute(params![
            row,
            spread(&name),
            spread(&bio)
        ])?;
    }
    Ok(())
}

/// Hashtags stand in their table with the commit that brings them: feeds read them.
pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let tx = applying.tx;
    match (applying.entry.header.role(), applying.entry.header.refs.first()) {
        (Kind::Post, _) => tag(tx, applying.row),
        (Kind::Edit, Some(target)) => {
            let post: Option<i64> = tx
                .prepare_cached(
                    "SELECT post.entry_row FROM entry JOIN post ON post.entry_row = entry.row
                     WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND post.edit_row = ?2",
                )?
                .query_row(params![target, applying.row], |row| row.get(0))
                .optional()?;
            match post {
                Some(post) => tag(tx, post),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// What a post says changed without a new entry: its words are set again, its hashtags at once.
pub(crate) fn again(tx: &Transaction<'_>, post: EntryId) -> Result<()> {
    let row: Option<i64> = tx
        .prepare_cached(
            "SELECT row FROM entry
                           WHERE prefix = substr(?1, 1, 8) AND id = ?1",
        )?
        .query_row([post], |row| row.get(0))
        .optional()?;
    let Some(row) = row else { return Ok(()) };
    tx.prepare_cached("INSERT OR IGNORE INTO search_todo (what, row) VALUES (0, ?1)")?.execute([row])?;
    tag(tx, row)
}

/// Sets the hashtags of a post again.
fn tag(tx: &Transaction<'_>, post: i64) -> Result<()> {
    let found = tx
        .prepare_cached(
            "SELECT said.body, (SELECT e.body FROM said AS e WHERE e.row = post.edit_row), post.rank, post.deleted
             FROM post JOIN said ON said.row = post.entry_row WHERE post.entry_row = ?1",
        )?
        .query_row([post], |row| {
            let bodies: (Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
            Ok((bodies, row.get::<_, i64>(2)?, row.get::<_, bool>(3)?))
        })
        .optional()?;
    tx.prepare_cached("DELETE FROM post_tag WHERE entry_row = ?1")?.execute([post])?;
    let Some(((body, edit), rank, false)) = found else { return Ok(()) };
    for name in shown(body, edit).iter().flat_map(names) {
        tx.prepare_cached("INSERT OR IGNORE INTO post_tag (tag, rank, entry_row) VALUES (?1, ?2, ?3)")?
            .execute(params![name, rank, post])?;
    }
    Ok(())
}
