//! Feeds, the post page: read models over what is stored. Reads never wait for the network.

mod said;
mod source;

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::bookmark;
use crate::card;
use crate::entry::{EditBody, PostBody};
use crate::error::{Error, Result};
use crate::header;
use crate::holder;
use crate::id::{EntryId, PersonaId};
use crate::limits;
use crate::media;
use crate::mention;
use crate::mute::{Hidden, Showing};
use crate::net::Blobs;
use crate::node::{FeedOf, FeedQuery, Node};
use crate::opened;
use crate::poll;
use crate::post::{CLOCK_OFF_S, shown_ms};
use crate::published;
use crate::quote;
use crate::repost;
use crate::resolve::known;
use crate::series;
use crate::view::{CommentView, PostPage, PostView};

const COLUMNS: &str = "entry.id, author.id, author.name, coalesce(author.picture_thumb, author.picture), entry.time,
    post.rank, iif(entry.kind = 17, (SELECT body FROM opened WHERE entry_row = entry.row), entry.body),
    (SELECT body FROM said WHERE said.row = post.edit_row), post.comments, post.deleted,
    author.own, log.fork_seq >= 0 AND log.closed = 0, log.own = 1 AND entry.seq >= log.hold_from, author.row,
    (SELECT by.id FROM follow JOIN author AS by ON by.row = follow.by_row
     WHERE follow.author_row = author.row AND follow.present = 1 ORDER BY by.created_ms LIMIT 1), post.full, entry.kind = 17,
    iif(entry.kind = 17, coalesce((SELECT time FROM opened WHERE entry_row = entry.row), post.rank), NULL), post.entry_row
    FROM post JOIN entry ON entry.row = post.entry_row JOIN author ON author.row = post.author_row
    JOIN log ON log.row = post.log_row";

impl Node {
    /// Posts, newest first, own ones included, without comments.
    ///
    /// # Errors
    /// `BadInput` for a limit outside 1..=1,000, `NotFound` for an unknown `before` or persona.
    pub async fn feed(&self, query: FeedQuery) -> Result<Vec<PostView>> {
        if !(1..=limits::FEED_PAGE).contains(&query.limit) {
            return Err(Error::BadInput(format!("the limit is a number from 1 to {}", limits::FEED_PAGE)));
        }
        let persona = match query.persona {
            Some(persona) => Some(self.own_persona(Some(persona)).await?),
            None => None,
        };
        let (blobs, now_ms) = (self.inner().blobs().ok(), self.inner().clock.unix_ms());
        self.inner()
            .store
            .read(move |db| {
                let hidden = Hidden::read(db, now_ms)?;
                let at = match (query.author, &query.of) {
                    (Some(_), _) => Showing::Elsewhere,
                    (None, FeedOf::Home) => Showing::Feed,
                    (None, _) => Showing::Shelf,
                };
                let (mut query, mut posts) = (query, Vec::new());
                for _ in 0..limits::MUTED_PAGES {
                    let rows = source::rows(db, persona, &query)?;
                    let page = by_rows(db, blobs.as_ref(), &rows, None)?;
                    let ended = page.len() < query.limit;
                    query.before = page.last().map(|post| post.id);
                    let page = if persona.is_some() { by_rows(db, blobs.as_ref(), &rows, persona)? } else { page };
                    for post in page {
                        if !hidden.hides_post(db, &post, at)? {
                            posts.push(post);
                        }
                    }
                    if ended || posts.len() >= query.limit {
                        break;
                    }
                }
                posts.truncate(query.limit);
                posts.iter_mut().try_for_each(|post| hidden.dress_post(db, post))?;
                holder::tell(db, &mut posts, now_ms)?;
                Ok(posts)
            })
            .await
    }

    /// Whether anything is here that a feed could show, were nothing muted or blocked.
    ///
    /// # Errors
    /// As [`Node::feed`].
    pub async fn feed_holds(&self, query: FeedQuery) -> Result<bool> {
        let persona = match query.persona {
            Some(persona) => Some(self.own_persona(Some(persona)).await?),
            None => None,
        };
        self.inner().store.read(move |db| Ok(!source::rows(db, persona, &query)?.is_empty())).await
    }

    /// A post and its thread.
    ///
    /// # Errors
    /// `NotFound` when it is not stored here.
    pub async fn show(&self, post: EntryId) -> Result<PostPage> {
        self.show_to(None, post).await
    }

    /// As [`Self::show`], as one own persona can read it: what was sealed for others alone is left out, of comments,
    /// edits and reactions too.
    ///
    /// # Errors
    /// `NotFound` also when the persona can't read the post, or is no own one.
    pub async fn show_to(&self, persona: Option<PersonaId>, post: EntryId) -> Result<PostPage> {
        let persona = match persona {
            Some(persona) => Some(self.own_persona(Some(persona)).await?),
            None => None,
        };
        let (blobs, now_ms) = (self.inner().blobs().ok(), self.inner().clock.unix_ms());
        let page = self
            .inner()
            .store
            .read(move |db| {
                let mut page = page(db, blobs.as_ref(), post, usize::MAX, persona)?;
                let hidden = Hidden::read(db, now_ms)?;
                hidden.dress_post(db, &mut page.post)?;
                if hidden.shut(&mut page.post) {
                    (page.edits, page.more) = (Vec::new(), Vec::new());
                }
                page.more.iter_mut().try_for_each(|post| hidden.dress_post(db, post))?;
                holder::tell(db, &mut page.more, now_ms)?;
                page.thread = hidden.dress_thread(db, page.thread)?;
                holder::tell(db, std::slice::from_mut(&mut page.post), now_ms)?;
                Ok(page)
            })
            .await?;
        self.visit_quietly(page.post.author).await;
        Ok(page)
    }
}

/// A post and the oldest `comments` of its thread, as any own persona can read it or as one can; `NotFound` when it is not
/// stored here.
pub(crate) fn page(
    db: &Connection,
    blobs: Option<&Blobs>,
    post: EntryId,
    comments: usize,
    persona: Option<PersonaId>,
) -> Result<PostPage> {
    let id = known(db, post)?;
    let found = db
        .prepare_cached(&format!(
            "SELECT {COLUMNS} WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND post.closed = 0"
        ))?
        .query_row([id], raw)
        .optional()?;
    let row = found.as_ref().map(|found| found.row).unwrap_or_default();
    let found = found.map_or(Ok(None), |found| finish(db, blobs, found, persona))?;
    let mut post = found.ok_or(Error::NotFound { what: "the post" })?;
    if post.people_count > 0 {
        (post.people_count, post.people) = published::people(db, row, usize::MAX)?;
    }
    let edits = if post.edited { header::versions(db, id, persona)? } else { Vec::new() };
    let thread = thread(db, id, comments, persona)?;
    if post.sealed && persona.is_some() {
        post.comments = u64::try_from(thread.len()).unwrap_or(u64::MAX);
    }
    let ended = if post.sealed { opened::ended(db, row, persona)? } else { None };
    let more = by_rows(db, blobs, &series::after(db, row)?, persona)?;
    Ok(PostPage { thread, post, more, edits, ended })
}

/// The posts in these rows of their entries, in this order; what is not here, or not for this persona, is left out.
pub(crate) fn by_rows(
    db: &Connection,
    blobs: Option<&Blobs>,
    rows: &[i64],
    persona: Option<PersonaId>,
) -> Result<Vec<PostView>> {
    let mut statement =
        db.prepare_cached(&format!("SELECT {COLUMNS} WHERE post.entry_row = ?1 AND post.closed = 0"))?;
    let mut posts = Vec::with_capacity(rows.len());
    for row in rows {
        if let Some(found) = statement.query_row([row], raw).optional()? {
            posts.extend(finish(db, blobs, found, persona)?);
        }
    }
    Ok(posts)
}

/// Where something stands in a feed: rank, log, seq.
type Place = (i64, i64, i64);

const LAST: Place = (i64::MAX, i64::MAX, i64::MAX);

/// Which posts are read. A post stands once in each of them, where it first appeared.
#[derive(Clone, Copy)]
enum Wanted {
    /// Of everybody whom own personas follow, or this one does.
    Feed(Option<PersonaId>),
    /// Of one author, and what it reposted.
    Author(PersonaId),
    /// Of one author, with pictures.
    Pictures(PersonaId),
}

/// The author in `row` is persona `?1` or followed by it.
macro_rules! followed {
    ($row:literal) => {
        concat!(
            "(?1 IS NULL OR ",
            $row,
            " = (SELECT row FROM author WHERE id = ?1) OR EXISTS (SELECT 1 FROM follow
                JOIN author AS by ON by.row = follow.by_row
                WHERE follow.author_row = ",
            $row,
            " AND follow.present = 1 AND by.id = ?1))"
        )
    };
}

/// By where they stand: their own place.
const POSTS: &str = concat!(
    "SELECT post.rank, post.log_row, post.seq, post.entry_row FROM post WHERE post.in_feed = 1 AND ",
    followed!("post.author_row")
);
/// The first repost of what does not stand there by itself.
const REPOSTS: &str = concat!(
    "SELECT r.rank, r.log_row, r.seq, post.entry_row FROM repost AS r
     JOIN entry ON entry.prefix = substr(r.target, 1, 8) AND entry.id = r.target AND entry.body IS NOT NULL
     JOIN post ON post.entry_row = entry.row
     WHERE r.in_feed = 1 AND post.deleted = 0 AND post.closed = 0 AND ",
    followed!("r.author_row"),
    "
       AND NOT (post.in_feed = 1 AND ",
    followed!("post.author_row"),
    ")
       AND NOT EXISTS (SELECT 1 FROM repost AS o WHERE o.target = r.target AND o.in_feed = 1
            AND (o.rank, o.log_row, o.seq) < (r.rank, r.log_row, r.seq) AND ",
    followed!("o.author_row"),
    ")"
);
const POSTS_BY: &str = "SELECT post.rank, post.log_row, post.seq, post.entry_row FROM post
     JOIN entry ON entry.row = post.entry_row
     WHERE post.author_row = (SELECT row FROM author WHERE id = ?1) AND post.deleted = 0 AND post.closed = 0
       AND post.place = 0 AND entry.body IS NOT NULL";
const PICTURES_BY: &str = "SELECT post.rank, post.log_row, post.seq, post.entry_row FROM post
     JOIN entry ON entry.row = post.entry_row
     WHERE post.author_row = (SELECT row FROM author WHERE id = ?1) AND post.deleted = 0 AND post.closed = 0
       AND entry.body IS NOT NULL
       AND EXISTS (SELECT 1 FROM blob_ref WHERE blob_ref.entry_row = post.entry_row AND blob_ref.thumb = 0
            AND (blob_ref.mime LIKE 'image/%' OR blob_ref.inner_mime LIKE 'image/%'))";
const REPOSTS_BY: &str = "SELECT r.rank, r.log_row, r.seq, post.entry_row FROM repost AS r
     JOIN entry ON entry.prefix = substr(r.target, 1, 8) AND entry.id = r.target AND entry.body IS NOT NULL
     JOIN post ON post.entry_row = entry.row
     WHERE r.author_row = (SELECT row FROM author WHERE id = ?1) AND post.deleted = 0 AND post.closed = 0
       AND post.author_row <> r.author_row
       AND NOT EXISTS (SELECT 1 FROM repost AS o WHERE o.target = r.target AND o.author_row = r.author_row
            AND (o.rank, o.log_row, o.seq) < (r.rank, r.log_row, r.seq))";

impl Wanted {
    fn of(self) -> Option<PersonaId> {
        match self {
            Self::Feed(persona) => persona,
            Self::Author(author) | Self::Pictures(author) => Some(author),
        }
    }

    /// Posts by themselves and by reposts, and the tables' names for where they stand.
    fn sources(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Feed(_) => [(POSTS, "post"), (REPOSTS, "r")],
            Self::Author(_) => [(POSTS_BY, "post"), (REPOSTS_BY, "r")],
            Self::Pictures(_) => [(PICTURES_BY, "post"), (REPOSTS_BY, "r")],
        }
    }

    /// Rows of posts that stand before a place, newest first.
    fn rows(self, db: &Connection, before: Place, limit: usize) -> Result<Vec<i64>> {
        let [posts, reposts] = self.sources();
        let (mut found, rest) = match self {
            Self::Feed(Some(persona)) => (source::of_persona(db, persona, before, limit)?, vec![reposts]),
            Self::Pictures(_) => (Vec::new(), vec![posts]),
            _ => (Vec::new(), vec![posts, reposts]),
        };
        for (sql, at) in rest {
            let mut statement = db.prepare_cached(&format!(
                "{sql} AND ({at}.rank, {at}.log_row, {at}.seq) < (?2, ?3, ?4)
                 ORDER BY {at}.rank DESC, {at}.log_row DESC, {at}.seq DESC LIMIT ?5"
            ))?;
            let rows = statement.query_map(params![self.of(), before.0, before.1, before.2, limit], |row| {
                Ok(((row.get(0)?, row.get(1)?, row.get(2)?), row.get(3)?))
            })?;
            for row in rows {
                found.push(row?);
            }
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        found.truncate(limit);
        Ok(found.into_iter().map(|(_, row)| row).collect())
    }

    /// Where a post stands; its own place where it does not stand there any more.
    fn place_of(self, db: &Connection, post: EntryId) -> Result<Place> {
        let (row, own) = own_place(db, post)?;
        for (sql, _) in self.sources() {
            let found = db
                .prepare_cached(&format!("{sql} AND post.entry_row = ?2"))?
                .query_row(params![self.of(), row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
                .optional()?;
            if let Some(place) = found {
                return Ok(place);
            }
        }
        Ok(own)
    }
}

/// The row of a post and where it stands by itself.
fn own_place(db: &Connection, post: EntryId) -> Result<(i64, Place)> {
    let post = known(db, post)?;
    db.prepare_cached(
        "SELECT post.entry_row, post.rank, post.log_row, post.seq FROM post
         JOIN entry ON entry.row = post.entry_row WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
    )?
    .query_row([post], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))
    .optional()?
    .ok_or(Error::NotFound { what: "the post" })
}

struct Raw {
    view: PostView,
    row: i64,
    body: Option<Vec<u8>>,
    edit: Option<Vec<u8>>,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let (time, rank): (i64, i64) = (row.get::<_, Option<_>>(17)?.unwrap_or(row.get(4)?), row.get(5)?);
    let own = row.get(10)?;
    let edit: Option<Vec<u8>> = row.get(7)?;
    Ok(Raw {
        view: PostView {
            id: row.get(0)?,
            author: row.get(1)?,
            author_name: row.get(2)?,
            author_picture: row.get(3)?,
            created_ms: shown_ms(time, rank),
            text: String::new(),
            mentions: Vec::new(),
            cw: None,
            attachments: Vec::new(),
            card: None,
            people: Vec::new(),
            people_count: 0,
            quote: None,
            poll: None,
            series: None,
            reactions: BTreeMap::new(),
            mine: Vec::new(),
            comments: row.get(8)?,
            edited: edit.is_some(),
            deleted: row.get(9)?,
            sealed: row.get(16)?,
            circle: None,
            group: false,
            colour: None,
            via: if own { None } else { row.get(14)? },
            own,
            clock_off: clock_off(time, rank),
            forked: row.get(11)?,
            waiting: row.get(12)?,
            full: row.get(15)?,
            commenters: "everyone",
            reposts: 0,
            reposted: false,
            reposted_by: Vec::new(),
            held_by: None,
            bookmarked: false,
            thread_muted: false,
            blocked: false,
        },
        row: row.get(18)?,
        body: row.get(6)?,
        edit,
    })
}

/// `None` where it is not for this persona.
fn finish(db: &Connection, blobs: Option<&Blobs>, raw: Raw, persona: Option<PersonaId>) -> Result<Option<PostView>> {
    let Raw { mut view, row, body, mut edit } = raw;
    if view.sealed {
        if let Some(persona) = persona {
            if !opened::is_for(db, row, persona)? {
                return Ok(None);
            }
            edit = header::newest_for(db, view.id, persona)?;
            view.edited = edit.is_some();
        }
        if let Some(audience) = opened::audience(db, row, persona)? {
            (view.circle, view.colour, view.group) = (Some(audience.names), Some(audience.colour), audience.group);
        }
    }
    let first = match body {
        Some(body) if !view.deleted => PostBody::decode(&body)?,
        _ => PostBody::default(),
    };
    view.quote = quote::of(db, &first)?;
    view.poll = first.poll.clone().map(|poll| poll::view(db, view.id, poll, persona)).transpose()?;
    view.series = first.series.map(|series| series::view(db, row, series)).transpose()?.flatten();
    let post = match edit {
        Some(edit) if !view.deleted => EditBody::decode(&edit)?.post,
        _ => first,
    };
    view.mentions = mention::view(db, &post)?;
    if !view.deleted {
        (view.people_count, view.people) = published::people(db, row, limits::PUBLISHED_SHOWN)?;
    }
    view.text = post.text;
    view.cw = post.content_warning;
    let mut attachments = post.attachments;
    view.card = card::view(db, blobs, post.card, &mut attachments)?;
    for blob in attachments {
        view.attachments.push(media::view(db, blobs, blob)?);
    }
    (view.reactions, view.mine) = reactions(db, view.id, persona)?;
    if let Some(poll) = &view.poll {
        poll::strip(poll, &mut view.reactions, &mut view.mine);
    }
    view.bookmarked = bookmark::is_kept(db, view.id)?;
    view.commenters = header::commenters(db, view.id)?;
    let reposts = repost::of_post(db, view.id)?;
    if view.via.is_none() && !view.own {
        view.via = reposts.via;
    }
    (view.reposts, view.reposted, view.reposted_by) = (reposts.count, reposts.mine, reposts.by);
    Ok(Some(view))
}

fn reactions(
    db: &Connection,
    target: EntryId,
    persona: Option<PersonaId>,
) -> Result<(BTreeMap<String, u64>, Vec<String>)> {
    let mut statement = db.prepare_cached(
        "SELECT reaction.emoji, count(DISTINCT reaction.author_row), max(author.own) FROM reaction JOIN author ON author.row = reaction.author_row
         WHERE reaction.target = ?1 AND reaction.shown = 1
           AND (?2 IS NULL OR (SELECT kind FROM entry WHERE entry.row = reaction.entry_row) <> 17
             OR EXISTS (SELECT 1 FROM reader WHERE reader.entry_row = reaction.entry_row AND persona = ?2))
         GROUP BY reaction.emoji",
    )?;
    let (mut counts, mut mine) = (BTreeMap::new(), Vec::new());
    let mut rows = statement.query(params![target, persona])?;
    while let Some(row) = rows.next()? {
        let emoji: String = row.get(0)?;
        if row.get::<_, bool>(2)? {
            mine.push(emoji.clone());
        }
        counts.insert(emoji, row.get(1)?);
    }
    Ok((counts, mine))
}

/// The thread of a post: parents before children, siblings oldest first.
fn thread(db: &Connection, root: EntryId, limit: usize, persona: Option<PersonaId>) -> Result<Vec<CommentView>> {
    let mut statement = db.prepare_cached(
        "SELECT entry.id, author.id, author.name, coalesce(author.picture_thumb, author.picture), comment.parent,
                coalesce(opened.time, iif(entry.kind = 17, comment.rank, entry.time)), comment.rank, comment.deleted, author.own, said.body,
                (SELECT body FROM said AS edit WHERE edit.row = comment.edit_row)
         FROM comment JOIN entry ON entry.row = comment.entry_row JOIN author ON author.row = comment.author_row
         JOIN said ON said.row = entry.row LEFT JOIN opened ON opened.entry_row = entry.row
         WHERE comment.root = ?1 AND comment.depth <= ?2 AND comment.hidden = 0 AND comment.refused = 0
           AND (?4 IS NULL OR entry.kind <> 17
             OR EXISTS (SELECT 1 FROM reader WHERE reader.entry_row = entry.row AND persona = ?4))
         ORDER BY comment.rank, comment.entry_row LIMIT ?3",
    )?;
    let mut children: BTreeMap<EntryId, Vec<CommentView>> = BTreeMap::new();
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows = statement.query(params![root, limits::COMMENT_DEPTH, limit, persona])?;
    let mut ids = std::collections::BTreeSet::from([root]);
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let comment = comment(db, row, persona)?;
        ids.insert(comment.id);
        all.push(comment);
    }
    for comment in all {
        // A parent that has not come yet, or a comment that names itself: shown under the post.
        let above = if ids.contains(&comment.parent) && comment.parent != comment.id { comment.parent } else { root };
        children.entry(above).or_default().push(comment);
    }
    let mut thread = Vec::new();
    let mut stack: Vec<CommentView> = children.remove(&root).into_iter().flatten().rev().collect();
    while let Some(comment) = stack.pop() {
        stack.extend(children.remove(&comment.id).into_iter().flatten().rev());
        thread.push(comment);
    }
    Ok(thread)
}

fn comment(db: &Connection, row: &Row<'_>, persona: Option<PersonaId>) -> Result<CommentView> {
    let id = row.get(0)?;
    let deleted: bool = row.get(7)?;
    let edit: Option<Vec<u8>> = match persona {
        Some(persona) => header::newest_for(db, id, persona)?,
        None => row.get(10)?,
    };
    let edited = edit.is_some();
    let said = match (edit, row.get::<_, Option<Vec<u8>>>(9)?) {
        _ if deleted => PostBody::default(),
        (Some(edit), _) => EditBody::decode(&edit)?.post,
        (None, Some(body)) => PostBody::decode(&body)?,
        (None, None) => PostBody::default(),
    };
    let (reactions, mine) = reactions(db, id, persona)?;
    Ok(CommentView {
        id,
        author: row.get(1)?,
        author_name: row.get(2)?,
        author_picture: row.get(3)?,
        parent: row.get(4)?,
        mentions: mention::view(db, &said)?,
        text: said.text,
        created_ms: shown_ms(row.get(5)?, row.get(6)?),
        deleted,
        edited,
        own: row.get(8)?,
        reactions,
        mine,
        bookmarked: bookmark::is_kept(db, id)?,
        muted: false,
        blocked: false,
    })
}

fn clock_off(claimed_s: i64, rank_s: i64) -> bool {
    // A claimed time past i64 was stored as its bits.
    claimed_s < 0 || claimed_s.saturating_sub(rank_s) > CLOCK_OFF_S
}
