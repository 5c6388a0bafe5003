//! Feeds, the post page: read models over what is stored. Reads never wait for the network.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::entry::{BlobRef, EditBody, PostBody};
use crate::error::{Error, Result};
use crate::header::known;
use crate::id::{BlobHash, EntryId, PersonaId};
use crate::limits;
use crate::media;
use crate::net::Blobs;
use crate::node::{FeedQuery, Node};
use crate::view::{AttachmentView, CommentView, PostPage, PostView};

/// A claimed time further than this ahead of when it was first seen is shown as "clock off", s.
const CLOCK_OFF_S: i64 = 600;

const COLUMNS: &str = "entry.id, author.id, author.name, coalesce(author.picture_thumb, author.picture), entry.time,
    entry.rank, entry.body, (SELECT body FROM entry AS e WHERE e.row = post.edit_row), post.comments, post.deleted,
    author.own, log.fork_seq >= 0 AND log.closed = 0, log.own = 1 AND entry.seq >= log.hold_from, author.row,
    (SELECT by.id FROM follow JOIN author AS by ON by.row = follow.by_row
     WHERE follow.author_row = author.row AND follow.present = 1 ORDER BY by.created_ms LIMIT 1)
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
        let blobs = self.inner().blobs().ok();
        self.inner()
            .store
            .read(move |db| {
                let cursor = match query.before {
                    Some(before) => cursor(db, before)?,
                    None => (i64::MAX, i64::MAX, i64::MAX),
                };
                let posts = match (query.author, persona) {
                    (Some(author), _) => by_author(db, author, cursor, query.limit)?,
                    (None, persona) => merged(db, persona, cursor, query.limit)?,
                };
                posts.into_iter().map(|post| finish(db, blobs.as_ref(), post)).collect()
            })
            .await
    }

    /// A post and its thread.
    ///
    /// # Errors
    /// `NotFound` when it is not stored here.
    pub async fn show(&self, post: EntryId) -> Result<PostPage> {
        let blobs = self.inner().blobs().ok();
        self.inner()
            .store
            .read(move |db| {
                let id = known(db, post)?;
                let found = db
                    .prepare_cached(&format!("SELECT {COLUMNS} WHERE entry.id = ?1"))?
                    .query_row([id], raw)
                    .optional()?
                    .ok_or(Error::NotFound { what: "the post" })?;
                let post = finish(db, blobs.as_ref(), found)?;
                Ok(PostPage { thread: thread(db, id)?, post })
            })
            .await
    }
}

type Cursor = (i64, i64, i64);

fn cursor(db: &Connection, before: EntryId) -> Result<Cursor> {
    let before = known(db, before)?;
    db.prepare_cached(
        "SELECT post.rank, post.log_row, post.seq FROM post JOIN entry ON entry.row = post.entry_row WHERE entry.id = ?1",
    )?
    .query_row([before], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    .optional()?
    .ok_or(Error::NotFound { what: "the post" })
}

fn by_author(db: &Connection, author: PersonaId, cursor: Cursor, limit: usize) -> Result<Vec<Raw>> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE post.author_row = (SELECT row FROM author WHERE id = ?1) AND post.deleted = 0
            AND entry.body IS NOT NULL AND (post.rank, post.log_row, post.seq) < (?2, ?3, ?4)
         ORDER BY post.rank DESC, post.log_row DESC, post.seq DESC LIMIT ?5"
    ))?;
    let posts = statement.query_map(params![author, cursor.0, cursor.1, cursor.2, limit], raw)?;
    Ok(posts.collect::<Result<_, _>>()?)
}

fn merged(db: &Connection, persona: Option<PersonaId>, cursor: Cursor, limit: usize) -> Result<Vec<Raw>> {
    let only = match persona {
        None => "",
        Some(_) => {
            "AND (author.id = ?5 OR EXISTS (SELECT 1 FROM follow JOIN author AS by ON by.row = follow.by_row
                  WHERE follow.author_row = post.author_row AND follow.present = 1 AND by.id = ?5))"
        }
    };
    let mut statement = db.prepare_cached(&format!(
        "SELECT {COLUMNS} WHERE post.in_feed = 1 AND (post.rank, post.log_row, post.seq) < (?1, ?2, ?3) {only}
         ORDER BY post.rank DESC, post.log_row DESC, post.seq DESC LIMIT ?4"
    ))?;
    let posts = match persona {
        None => statement.query_map(params![cursor.0, cursor.1, cursor.2, limit], raw)?,
        Some(persona) => statement.query_map(params![cursor.0, cursor.1, cursor.2, limit, persona], raw)?,
    };
    Ok(posts.collect::<Result<_, _>>()?)
}

struct Raw {
    view: PostView,
    body: Option<Vec<u8>>,
    edit: Option<Vec<u8>>,
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let (time, rank): (i64, i64) = (row.get(4)?, row.get(5)?);
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
            cw: None,
            attachments: Vec::new(),
            reactions: BTreeMap::new(),
            mine: Vec::new(),
            comments: row.get(8)?,
            edited: edit.is_some(),
            deleted: row.get(9)?,
            sealed: false,
            circle: None,
            via: if own { None } else { row.get(14)? },
            own,
            clock_off: clock_off(time, rank),
            forked: row.get(11)?,
            waiting: row.get(12)?,
        },
        body: row.get(6)?,
        edit,
    })
}

fn finish(db: &Connection, blobs: Option<&Blobs>, raw: Raw) -> Result<PostView> {
    let Raw { mut view, body, edit } = raw;
    let post = match (edit, body) {
        _ if view.deleted => PostBody::default(),
        (Some(edit), _) => EditBody::decode(&edit)?.post,
        (None, Some(body)) => PostBody::decode(&body)?,
        (None, None) => PostBody::default(),
    };
    view.text = post.text;
    view.cw = post.content_warning;
    for blob in post.attachments {
        view.attachments.push(attachment(db, blobs, blob)?);
    }
    (view.reactions, view.mine) = reactions(db, view.id)?;
    Ok(view)
}

fn attachment(db: &Connection, blobs: Option<&Blobs>, blob: BlobRef) -> Result<AttachmentView> {
    let stored: Option<(String, i64)> = db
        .prepare_cached("SELECT mime, size FROM blob WHERE hash = ?1 AND stored = 1")?
        .query_row([blob.hash], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    // A file can go missing behind our back: only one that is there is told.
    let path = blobs.zip(stored).and_then(|(blobs, (mime, size))| {
        Some(blobs.path(blob.hash, &mime)).filter(|path| media::is_whole(path, size.cast_unsigned()))
    });
    Ok(AttachmentView {
        hash: blob.hash,
        mime: blob.mime,
        size: blob.size,
        width: blob.width,
        height: blob.height,
        alt: blob.alt,
        path,
        thumb: blob.thumb,
        blurhash: blob.blurhash,
    })
}

fn reactions(db: &Connection, target: EntryId) -> Result<(BTreeMap<String, u64>, Vec<String>)> {
    let mut statement = db.prepare_cached(
        "SELECT reaction.emoji, count(DISTINCT reaction.author_row), max(author.own) FROM reaction JOIN author ON author.row = reaction.author_row
         WHERE reaction.target = ?1 GROUP BY reaction.emoji",
    )?;
    let (mut counts, mut mine) = (BTreeMap::new(), Vec::new());
    let mut rows = statement.query([target])?;
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
fn thread(db: &Connection, root: EntryId) -> Result<Vec<CommentView>> {
    let mut statement = db.prepare_cached(
        "SELECT entry.id, author.id, author.name, coalesce(author.picture_thumb, author.picture), comment.parent,
                entry.time, entry.rank, comment.deleted, author.own, entry.body,
                (SELECT body FROM entry AS e WHERE e.row = comment.edit_row)
         FROM comment JOIN entry ON entry.row = comment.entry_row JOIN author ON author.row = comment.author_row
         WHERE comment.root = ?1 AND comment.depth <= ?2 ORDER BY comment.rank, comment.entry_row",
    )?;
    let mut children: BTreeMap<EntryId, Vec<CommentView>> = BTreeMap::new();
    let mut rows = statement.query(params![root, limits::COMMENT_DEPTH])?;
    let mut ids = std::collections::BTreeSet::from([root]);
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let comment = comment(db, row)?;
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

fn comment(db: &Connection, row: &Row<'_>) -> Result<CommentView> {
    let id = row.get(0)?;
    let deleted: bool = row.get(7)?;
    let edit: Option<Vec<u8>> = row.get(10)?;
    let edited = edit.is_some();
    let text = match (edit, row.get::<_, Option<Vec<u8>>>(9)?) {
        _ if deleted => String::new(),
        (Some(edit), _) => EditBody::decode(&edit)?.post.text,
        (None, Some(body)) => PostBody::decode(&body)?.text,
        (None, None) => String::new(),
    };
    let (reactions, mine) = reactions(db, id)?;
    Ok(CommentView {
        id,
        author: row.get(1)?,
        author_name: row.get(2)?,
        author_picture: row.get(3)?,
        parent: row.get(4)?,
        text,
        created_ms: shown_ms(row.get(5)?, row.get(6)?),
        deleted,
        edited,
        own: row.get(8)?,
        reactions,
        mine,
    })
}

fn clock_off(claimed_s: i64, rank_s: i64) -> bool {
    // A claimed time past i64 was stored as its bits.
    claimed_s < 0 || claimed_s.saturating_sub(rank_s) > CLOCK_OFF_S
}

/// The claimed time, unless it lies in the future of when it was first seen.
fn shown_ms(claimed_s: i64, rank_s: i64) -> u64 {
    let shown = if claimed_s < 0 { rank_s } else { claimed_s.min(rank_s.saturating_add(CLOCK_OFF_S)) };
    u64::try_from(shown).unwrap_or_default().saturating_mul(1_000)
}

impl Node {
    /// Completes a unique prefix of an entry's id, also of one that was printed before the entry was signed again. A
    /// whole id is answered as it is.
    ///
    /// # Errors
    /// `NotFound`, `Ambiguous`, or `BadInput` when it is no hex number.
    pub async fn resolve_entry(&self, prefix: &str) -> Result<EntryId> {
        let prefix = match Prefix::parse(prefix)? {
            Named::Whole(id) => return Ok(id),
            Named::Prefix(prefix) => prefix,
        };
        self.inner()
            .store
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT id FROM entry WHERE id BETWEEN ?1 AND ?2
                     UNION ALL SELECT old_id FROM alias WHERE old_id BETWEEN ?1 AND ?2",
                )?;
                let mut rows = statement.query(params![prefix.low, prefix.high])?;
                let mut found = None;
                while let Some(row) = rows.next()? {
                    // An old id and the new one may both begin so: they name one entry.
                    let id = match known(db, row.get(0)?) {
                        Err(Error::NotFound { .. }) => continue,
                        id => id?,
                    };
                    if found.replace(id).is_some_and(|before| before != id) {
                        return Err(Error::Ambiguous(prefix.text));
                    }
                }
                found.ok_or(Error::NotFound { what: "the post" })
            })
            .await
    }

    pub async fn resolve_persona(&self, prefix: &str) -> Result<PersonaId> {
        self.resolve("author", "id", "the persona", prefix).await
    }

    pub async fn resolve_blob(&self, prefix: &str) -> Result<BlobHash> {
        self.resolve("blob", "hash", "the file", prefix).await
    }

    async fn resolve<T>(&self, table: &'static str, column: &'static str, what: &'static str, prefix: &str) -> Result<T>
    where
        T: std::str::FromStr + rusqlite::types::FromSql + Send + 'static,
    {
        let prefix = match Prefix::parse(prefix)? {
            Named::Whole(id) => return Ok(id),
            Named::Prefix(prefix) => prefix,
        };
        self.inner()
            .store
            .read(move |db| {
                let mut statement = db.prepare_cached(&format!(
                    "SELECT {column} FROM {table} WHERE {column} BETWEEN ?1 AND ?2 LIMIT 2"
                ))?;
                let mut found = statement.query_map(params![prefix.low, prefix.high], |row| row.get(0))?;
                match (found.next().transpose()?, found.next()) {
                    (Some(id), None) => Ok(id),
                    (Some(_), Some(_)) => Err(Error::Ambiguous(prefix.text)),
                    (None, _) => Err(Error::NotFound { what }),
                }
            })
            .await
    }
}

/// What a user gave for an id.
enum Named<T> {
    Whole(T),
    Prefix(Prefix),
}

/// The beginning of an id, and the lowest and highest that begin so.
struct Prefix {
    text: String,
    low: Vec<u8>,
    high: Vec<u8>,
}

impl Prefix {
    fn parse<T: std::str::FromStr>(text: &str) -> Result<Named<T>> {
        let text = text.trim().to_lowercase();
        if let Ok(whole) = text.parse() {
            return Ok(Named::Whole(whole));
        }
        if text.is_empty() || text.len() > 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(Error::BadInput(format!("{text} is not an id: ids have the digits 0-9 and a-f")));
        }
        let bounds = [format!("{text:0<64}"), format!("{text:f<64}")];
        let [low, high] = bounds.map(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap_or_default());
        Ok(Named::Prefix(Self { text, low, high }))
    }
}
