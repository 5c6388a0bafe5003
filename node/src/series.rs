//! Threads of one author: posts that were sent as one, one after the other. (A `thread` is a conversation in this house, and
//! what stands below a post is its comments.)
//!
//! Each is a post with all that posts have. They know each other by an id that was drawn for them ([`Series`]), so they are
//! signed in one step, all or none, and come in any order. The first alone stands in feeds, with how many they are; its page
//! shows all. Whoever deletes the first deletes them all: the others stood nowhere by themselves.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::entry::{PostBody, Series};
use crate::error::{Error, Result};
use crate::gate::Notes;
use crate::id::EntryId;
use crate::limits::SERIES_POSTS;
use crate::node::{PostDraft, PostPart};
use crate::view::SeriesView;

/// Notes of a stored post which one it is of its thread. `true`: no first one, which stands in no feed by itself.
pub(crate) fn note(tx: &Transaction<'_>, row: i64, body: &PostBody, notes: &mut Notes) -> Result<bool> {
    let Some(Series { id, place }) = body.series else { return Ok(false) };
    tx.prepare_cached("UPDATE post SET series = ?2, place = ?3, in_feed = in_feed AND ?3 = 0 WHERE entry_row = ?1")?
        .execute(params![row, id, place])?;
    if place > 0 {
        notes.posts_changed.extend(first(tx, row, id)?);
    }
    Ok(place > 0)
}

/// The first post of the thread that the post in `row` is of.
fn first(db: &Connection, row: i64, series: [u8; 16]) -> Result<Option<EntryId>> {
    Ok(db
        .prepare_cached(
            "SELECT entry.id FROM post JOIN entry ON entry.row = post.entry_row
             WHERE post.series = ?2 AND post.series IS NOT NULL AND post.author_row = (SELECT author_row FROM post WHERE entry_row = ?1)
               AND post.place = 0 AND post.deleted = 0 AND post.closed = 0 ORDER BY post.rank, post.seq LIMIT 1",
        )?
        .query_row(params![row, series], |found| found.get(0))
        .optional()?)
}

/// How the post in `row` says that it stands in a thread; `None` where it is left alone. What an author ties to a thread
/// beyond its limit does not count, and is not even looked at.
pub(crate) fn view(db: &Connection, row: i64, series: Series) -> Result<Option<SeriesView>> {
    let posts: u64 = db
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM post WHERE series = ?2 AND series IS NOT NULL
               AND author_row = (SELECT author_row FROM post WHERE entry_row = ?1) AND deleted = 0 AND closed = 0 LIMIT ?3)",
        )?
        .query_row(params![row, series.id, SERIES_POSTS], |found| found.get(0))?;
    let first = first(db, row, series.id)?;
    Ok((posts > 1).then_some(SeriesView { first, place: series.place, posts }))
}

/// Rows of the posts behind the first one of a thread, in their order; none where `row` is another post.
pub(crate) fn after(db: &Connection, row: i64) -> Result<Vec<i64>> {
    let mut statement = db.prepare_cached(
        "SELECT other.entry_row FROM post AS first
         CROSS JOIN post AS other ON other.series = first.series AND other.author_row = first.author_row
         WHERE first.entry_row = ?1 AND other.series IS NOT NULL AND first.place = 0 AND other.place > 0
           AND other.deleted = 0 AND other.closed = 0
         ORDER BY other.place, other.rank, other.seq LIMIT ?2",
    )?;
    Ok(statement.query_map(params![row, SERIES_POSTS], |found| found.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// The posts that go with this one when its author deletes it, the last one first.
pub(crate) fn going_with(db: &Connection, post: EntryId) -> Result<Vec<EntryId>> {
    let found = db
        .prepare_cached("SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1")?
        .query_row([post], |found| found.get(0))
        .optional()?;
    let Some(row) = found else { return Ok(Vec::new()) };
    let mut id = db.prepare_cached("SELECT id FROM entry WHERE row = ?1")?;
    after(db, row)?.into_iter().rev().map(|row| Ok(id.query_row([row], |found| found.get(0))?)).collect()
}

/// Each post of what is to be posted, and where it stands in the thread.
///
/// # Errors
/// `BadInput` for more than a thread holds.
pub(crate) fn split(mut draft: PostDraft, id: [u8; 16]) -> Result<Vec<(PostDraft, Option<Series>)>> {
    let more = std::mem::take(&mut draft.more);
    if more.is_empty() {
        return Ok(vec![(draft, None)]);
    }
    if more.len() >= SERIES_POSTS {
        return Err(Error::BadInput(format!("a thread holds at most {SERIES_POSTS} posts")));
    }
    let (persona, circles, lang) = (draft.persona, draft.circles.clone(), draft.lang.clone());
    let mut posts = vec![(draft, Some(Series { id, place: 0 }))];
    for (place, PostPart { text, cw, attachments }) in (1..).zip(more) {
        let (circles, lang) = (circles.clone(), lang.clone());
        let post = PostDraft { persona, text, cw, lang, attachments, circles, ..PostDraft::default() };
        posts.push((post, Some(Series { id, place })));
    }
    Ok(posts)
}
