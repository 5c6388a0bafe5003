//! Feeds beside home: lists, hashtags, bookmarks.

use std::collections::{BinaryHeap, HashSet};

use rusqlite::{Connection, OptionalExtension, params};

use super::{COLUMNS, LAST, Place, Wanted, comment, finish, own_place, raw};
use crate::bookmark;
use crate::error::{Error, Result};
use crate::id::{EntryId, ListId, PersonaId};
use crate::limits;
use crate::list;
use crate::mute::Hidden;
use crate::net::Blobs;
use crate::node::{FeedOf, FeedQuery, Node};
use crate::resolve::known;
use crate::tag;
use crate::view::{BookmarkView, CommentView};

/// Rows of the posts that a query wants, newest first, whatever is muted.
pub(super) fn rows(db: &Connection, persona: Option<PersonaId>, query: &FeedQuery) -> Result<Vec<i64>> {
    let wanted = match query.author {
        Some(author) if query.pictures => Wanted::Pictures(author),
        Some(author) => Wanted::Author(author),
        None => Wanted::Feed(persona),
    };
    let shelf = query.author.is_none().then_some(&query.of).filter(|of| **of != FeedOf::Home);
    let before = match (query.before, shelf) {
        (None, _) => LAST,
        (Some(before), None) => wanted.place_of(db, before)?,
        (Some(before), Some(_)) => own_place(db, before)?.1,
    };
    match shelf {
        Some(FeedOf::List(list)) => listed(db, *list, before, query.limit),
        Some(FeedOf::Tag(tag)) => {
            Ok(tagged(db, &tag::checked(tag)?, before, query.limit)?.into_iter().map(|(_, row)| row).collect())
        }
        _ => {
            let rows = wanted.rows(db, before, query.limit)?;
            if query.author.is_some() { Ok(rows) } else { with_tags(db, wanted, rows, before, query.limit) }
        }
    }
}

/// What those in a list wrote.
fn listed(db: &Connection, list: ListId, before: Place, limit: usize) -> Result<Vec<i64>> {
    // Bodies are looked at as a page is filled, and not of the next post of every author: those are pages elsewhere.
    let mut here = db.prepare_cached("SELECT body IS NOT NULL FROM entry WHERE row = ?1")?;
    let is_here = |row| Ok(here.query_row([row], |found| found.get(0))?);
    let shown = "post.deleted = 0 AND post.closed = 0 AND post.place = 0";
    let found = merged(db, list::authors(db, list)?, shown, before, limit, is_here)?;
    Ok(found.into_iter().map(|(_, row)| row).collect())
}

/// How many posts of the feed of all personas are looked at for each one of a page.
const LOOKED_AT: usize = 4;

/// What one persona and those whom it follows wrote, and where it stands. Mostly that is much of what stands in the feed
/// of all personas; where it is not, its authors are asked, so that the work does not grow with what others wrote.
pub(super) fn of_persona(
    db: &Connection,
    persona: PersonaId,
    before: Place,
    limit: usize,
) -> Result<Vec<(Place, i64)>> {
    let mut statement = db.prepare_cached(
        "SELECT author_row FROM follow WHERE by_row = (SELECT row FROM author WHERE id = ?1) AND present = 1
         UNION SELECT row FROM author WHERE id = ?1",
    )?;
    let authors: HashSet<i64> = statement.query_map([persona], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut statement = db.prepare_cached(
        "SELECT rank, log_row, seq, entry_row, author_row FROM post
         WHERE in_feed = 1 AND (rank, log_row, seq) < (?1, ?2, ?3) ORDER BY rank DESC, log_row DESC, seq DESC LIMIT ?4",
    )?;
    let mut rows = statement.query(params![before.0, before.1, before.2, limit.saturating_mul(LOOKED_AT)])?;
    let (mut found, mut looked_at) = (Vec::new(), 0);
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        looked_at += 1;
        if authors.contains(&row.get(4)?) {
            found.push(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?));
        }
    }
    if found.len() == limit || looked_at < limit.saturating_mul(LOOKED_AT) {
        return Ok(found);
    }
    merged(db, authors.into_iter().collect(), "post.in_feed = 1", before, limit, |_| Ok(true))
}

/// Posts of these authors that are shown and wanted, and where they stand. Each of them is asked for one post at a time, so that the work grows
/// with the page and the number of authors, whatever else is stored.
fn merged(
    db: &Connection,
    authors: Vec<i64>,
    shown: &str,
    before: Place,
    limit: usize,
    mut wanted: impl FnMut(i64) -> Result<bool>,
) -> Result<Vec<(Place, i64)>> {
    let mut next = db.prepare_cached(&format!(
        "SELECT post.rank, post.log_row, post.seq, post.entry_row FROM post
         WHERE post.author_row = ?1 AND {shown} AND (post.rank, post.log_row, post.seq) < (?2, ?3, ?4)
         ORDER BY post.rank DESC, post.log_row DESC, post.seq DESC LIMIT 1",
    ))?;
    let mut below = |author: i64, (rank, log_row, seq): Place| -> Result<Option<(Place, i64, i64)>> {
        let found = next.query_row(params![author, rank, log_row, seq], |row| {
            Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?, author))
        });
        Ok(found.optional()?)
    };
    let mut newest = BinaryHeap::new();
    for author in authors {
        newest.extend(below(author, before)?);
    }
    let mut found = Vec::new();
    while found.len() < limit
        && let Some((place, row, author)) = newest.pop()
    {
        if wanted(row)? {
            found.push((place, row));
        }
        newest.extend(below(author, place)?);
    }
    Ok(found)
}

/// Posts with a hashtag that are held here, and where they stand.
fn tagged(db: &Connection, tag: &str, (rank, log_row, seq): Place, limit: usize) -> Result<Vec<(Place, i64)>> {
    let mut statement = db.prepare_cached(
        "SELECT post.rank, post.log_row, post.seq, post.entry_row
         FROM post_tag JOIN post ON post.entry_row = post_tag.entry_row
         WHERE post_tag.tag = ?1 AND post_tag.rank <= ?2 AND post.deleted = 0
           AND (post.rank, post.log_row, post.seq) < (?2, ?3, ?4)
         ORDER BY post_tag.rank DESC, post.log_row DESC, post.seq DESC LIMIT ?5",
    )?;
    let rows = statement.query_map(params![tag, rank, log_row, seq, limit], |row| {
        Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The home feed with posts of followed hashtags among its own, where the user wants that.
fn with_tags(db: &Connection, home: Wanted, rows: Vec<i64>, before: Place, limit: usize) -> Result<Vec<i64>> {
    let tags = tag::at_home(db)?;
    if tags.is_empty() {
        return Ok(rows);
    }
    let mut all: Vec<(Place, i64)> = Vec::with_capacity(rows.len());
    for row in rows {
        let id = db.prepare_cached("SELECT id FROM entry WHERE row = ?1")?.query_row([row], |row| row.get(0))?;
        all.push((home.place_of(db, id)?, row));
    }
    // What stands in the home feed by itself stays where it stands there.
    let known: HashSet<i64> = all.iter().map(|(_, row)| *row).collect();
    for tag in tags {
        let more = tagged(db, &tag, before, limit)?;
        all.extend(more.into_iter().filter(|(_, row)| !known.contains(row)));
    }
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.dedup();
    all.truncate(limit);
    Ok(all.into_iter().map(|(_, row)| row).collect())
}

impl Node {
    /// Bookmarks, what was added last first; `before`: only those that stand below this one.
    ///
    /// # Errors
    /// `BadInput` for a limit outside 1..=1,000.
    pub async fn bookmarks(&self, limit: usize, before: Option<EntryId>) -> Result<Vec<BookmarkView>> {
        if !(1..=limits::FEED_PAGE).contains(&limit) {
            return Err(Error::BadInput(format!("the limit is a number from 1 to {}", limits::FEED_PAGE)));
        }
        let blobs = self.inner().blobs().ok();
        let now_ms = self.inner().clock.unix_ms();
        self.inner()
            .store
            .read(move |db| {
                let hidden = Hidden::read(db, now_ms)?;
                let all = bookmark::all(db)?;
                let from = before
                    .map_or(0, |before| all.iter().position(|(id, _)| *id == before).map_or(all.len(), |at| at + 1));
                let page = all.into_iter().skip(from).take(limit);
                page.map(|(id, added_ms)| kept(db, blobs.as_ref(), &hidden, id, added_ms)).collect()
            })
            .await
    }
}

fn kept(db: &Connection, blobs: Option<&Blobs>, hidden: &Hidden, id: EntryId, added_ms: u64) -> Result<BookmarkView> {
    let mut view = BookmarkView { id, root: None, added_ms, post: None, comment: None };
    let id = match known(db, id) {
        Err(Error::NotFound { .. }) => return Ok(view),
        id => id?,
    };
    let post = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND post.closed = 0"
        ))?
        .query_row([id], raw)
        .optional()?;
    if let Some(post) = post {
        if let Some(mut post) = finish(db, blobs, post, None)? {
            hidden.dress_post(db, &mut post)?;
            post.bookmarked = true;
            (view.root, view.post) = (Some(post.id), Some(post));
        }
    } else if let Some((root, comment)) = one_comment(db, id)? {
        (view.root, view.comment) = (Some(root), Some(comment));
    }
    Ok(view)
}

/// A comment and the post that it stands under.
fn one_comment(db: &Connection, id: EntryId) -> Result<Option<(EntryId, CommentView)>> {
    let mut statement = db.prepare_cached(
        "SELECT entry.id, author.id, author.name, coalesce(author.picture_thumb, author.picture), comment.parent,
                coalesce(opened.time, entry.time), comment.rank, comment.deleted, author.own, said.body,
                (SELECT body FROM said AS edit WHERE edit.row = comment.edit_row), comment.root
         FROM comment JOIN entry ON entry.row = comment.entry_row JOIN author ON author.row = comment.author_row
         JOIN said ON said.row = entry.row LEFT JOIN opened ON opened.entry_row = entry.row
         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
    )?;
    let mut rows = statement.query([id])?;
    match rows.next()? {
        Some(row) => Ok(Some((row.get(11)?, comment(db, row, None)?))),
        None => Ok(None),
    }
}
