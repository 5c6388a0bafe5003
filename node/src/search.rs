//! Search over what stands here: posts by the words that are shown of them and of their comments, people by name and
//! bio, hashtags. Reads never wait for the network; the first answer is the local one.
//!
//! Words are indexed after the commit that brings them, once commits pause, so that a long pull has the writer for
//! itself; a search first waits for what is missing, within a bound. What takes a text away (a deletion, an eviction, a
//! newer edit) takes it out of the index in the same transaction: the triggers of the schema do that, for every writer.

mod index;
mod messages;
mod query;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, params, params_from_iter};
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, timeout_at};

pub(crate) use self::index::{again, apply};
use self::index::{author_mark, tag_mark};
use self::query::Query;
use crate::error::{Error, Result};
use crate::feed;
use crate::holder;
use crate::id::{EntryId, PersonaId};
use crate::limits;
use crate::mute::{Hidden, Showing};
use crate::node::{Node, SearchQuery};
use crate::opened;
use crate::post::tag_name;
use crate::store::Durability;
use crate::view::{PersonFound, PostView, TagFound};

/// A post of this age counts half as recent as a new one, days.
const HALF_AS_RECENT_DAYS: f64 = 30.0;
/// Rows that are read to count hashtags: a first letter alone fits nearly all.
const TAG_ROWS: i64 = 20_000;
/// Digits of a persona's id from which on `from:` takes a name for one.
const ID_DIGITS: usize = 8;

impl Node {
    /// Posts whose words, or those of a comment below them, match: the best first, half by how well they match and half
    /// by how recent they are. A query without a word finds nothing.
    ///
    /// # Errors
    /// `BadInput` for a limit outside 1..=1,000, `NotFound` for a persona that is not an own one.
    pub async fn search_posts(&self, query: SearchQuery) -> Result<Vec<PostView>> {
        if !(1..=limits::FEED_PAGE).contains(&query.limit) {
            return Err(Error::BadInput(format!("the limit is a number from 1 to {}", limits::FEED_PAGE)));
        }
        let parsed = Query::parse(&query.text, query.typing);
        if parsed.is_empty() {
            return Ok(Vec::new());
        }
        let persona = match query.persona {
            Some(persona) => Some(self.own_persona(Some(persona)).await?),
            None => None,
        };
        self.catch_up().await;
        let now_ms = self.inner().clock.unix_ms();
        let now_s = i64::try_from(now_ms / 1_000).unwrap_or(i64::MAX);
        let blobs = self.inner().blobs().ok();
        self.inner()
            .store
            .read(move |db| {
                let found = ranked(matches(db, &parsed, persona)?, now_s);
                let hidden = Hidden::read(db, now_ms)?;
                let mut rows = Vec::new();
                for row in found {
                    if rows.len() >= query.skip.saturating_add(query.limit) {
                        break;
                    }
                    let readable = persona.map_or(Ok(true), |persona| opened::is_for(db, row, persona))?;
                    if readable && (hidden.is_empty() || !hides(db, &hidden, row)?) {
                        rows.push(row);
                    }
                }
                let mut rows: Vec<i64> = rows.into_iter().skip(query.skip).collect();
                if query.newest_first {
                    rows = newest_first(db, &rows)?;
                }
                let mut posts = feed::by_rows(db, blobs.as_ref(), &rows, persona)?;
                holder::tell(db, &mut posts, now_ms)?;
                posts.iter_mut().try_for_each(|post| hidden.dress_post(db, post))?;
                Ok(posts)
            })
            .await
    }

    /// People whose name or bio has words that begin so: own and followed ones first. At most
    /// [`limits::SEARCH_PEOPLE`].
    pub async fn search_people(&self, text: &str) -> Result<Vec<PersonFound>> {
        let Some(expression) = Query::parse(text, true).expression(true) else { return Ok(Vec::new()) };
        self.catch_up().await;
        self.inner().store.read(move |db| people(db, &expression)).await
    }

    /// Hashtags that begin so, the most used first. At most [`limits::SEARCH_TAGS`].
    pub async fn search_tags(&self, text: &str) -> Result<Vec<TagFound>> {
        let query = Query::parse(text, true);
        let words = query.words.iter().filter_map(|word| tag_name(&word.text));
        let begin: Vec<String> = query.tags.iter().cloned().chain(words).collect();
        self.inner().store.read(move |db| tags(db, &begin)).await
    }

    /// Ids of what answers another node's search: profiles of people who wish to be found by such a name, at most
    /// [`limits::FOUND_PEOPLE`], then public posts: recent matches first, few of one author. None that may not leave yet,
    /// none on the deny list, and none that is here only because somebody here wrote or follows it.
    pub async fn find(&self, text: &str, limit: usize) -> Result<Vec<EntryId>> {
        self.catch_up().await;
        let text = text.to_owned();
        let now_s = i64::try_from(self.inner().clock.unix_s()).unwrap_or(i64::MAX);
        self.inner().store.read(move |db| find(db, &text, limit, now_s)).await
    }

    /// Looks for posts and people at peers too. What they find comes in as entries do, from now on and within some seconds, and is
    /// found by the next local search: [`crate::Event::Found`] tells of it. Without a network nothing happens.
    ///
    /// # Errors
    /// `BadInput` for a query that is longer than [`limits::FIND_BYTES`].
    pub async fn search_peers(&self, text: &str) -> Result<()> {
        if text.len() > limits::FIND_BYTES {
            return Err(Error::BadInput(format!("a search has at most {} bytes", limits::FIND_BYTES)));
        }
        if let Some(net) = self.inner().net()
            && !Query::parse(text, false).is_empty()
        {
            let text = text.to_owned();
            self.inner().on_runtime(async move { net.find(text).await }).await??;
        }
        Ok(())
    }

    /// Checks the index and makes it anew where it is damaged; answers whether it was.
    pub(crate) async fn mend_search(&self) -> Result<bool> {
        let whole = self
            .inner()
            .store
            .read(|db| {
                refresh(db)?;
                let mut whole = true;
                for table in ["search_text", "search_person", "search_message"] {
                    let verdict: String =
                        db.query_row(&format!("PRAGMA integrity_check ({table})"), [], |row| row.get(0))?;
                    whole &= verdict == "ok";
                }
                Ok(whole)
            })
            .await?;
        if !whole {
            self.inner().store.write(Durability::Normal, index::restart).await?;
        }
        self.catch_up().await;
        Ok(!whole)
    }

    /// Indexes what waits, within a bound. A search answers from what is indexed where this fails (a full disk).
    async fn catch_up(&self) {
        for _ in 0..limits::INDEX_BATCHES_AWAITED {
            match self.index_some().await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!(code = error.code(), "what came last could not be indexed");
                    return;
                }
            }
        }
    }

    /// Indexes one batch; `false` when nothing waited.
    async fn index_some(&self) -> Result<bool> {
        let store = &self.inner().store;
        if !store.read(index::is_behind).await? {
            return Ok(false);
        }
        store.write(Durability::Normal, index::some).await?;
        Ok(true)
    }
}

/// Whether the user muted or blocked what a match leads to.
fn hides(db: &Connection, hidden: &Hidden, row: i64) -> Result<bool> {
    for post in feed::by_rows(db, None, &[row], None)? {
        if hidden.hides_post(db, &post, Showing::Elsewhere)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes a reader forget what it remembers of the index from before other commits: a check of the database would take it
/// for damage, as only a query looks whether it is still so.
pub(crate) fn refresh(db: &Connection) -> Result<()> {
    for table in ["search_text", "search_person", "search_message"] {
        db.query_row(&format!("SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1)"), [], |_| Ok(()))?;
    }
    Ok(())
}

/// Indexes what comes, whenever commits pause. Runs until it is aborted.
pub(crate) async fn keep_indexed(node: Node) {
    let mut commits = node.commits();
    loop {
        loop {
            match node.index_some().await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(code = error.code(), "posts could not be indexed; they are tried again");
                    break;
                }
            }
        }
        if matches!(commits.recv().await, Err(RecvError::Closed)) {
            return;
        }
        let latest = Instant::now() + Duration::from_millis(limits::INDEX_LATEST_MS);
        loop {
            let quiet = Instant::now() + Duration::from_millis(limits::INDEX_QUIET_MS);
            match timeout_at(latest.min(quiet), commits.recv()).await {
                Ok(Err(RecvError::Closed)) => return,
                Ok(_) if Instant::now() < latest => {}
                _ => break,
            }
        }
    }
}

/// Ids of profiles and public posts for another node that asks; see [`Node::find`]. What people here write and follow is left out
/// unless it is carried for others too: else whoever asks learns whom this node follows.
pub(crate) fn find(db: &Connection, text: &str, limit: usize, now_s: i64) -> Result<Vec<EntryId>> {
    let query = Query::parse(text, false);
    let mut found = listed(db, &query)?;
    let limit = found.len().saturating_add(limit);
    let mut statement = db.prepare_cached(
        "SELECT entry.id, entry.author_row FROM post JOIN entry ON entry.row = post.entry_row
         JOIN author ON author.row = post.author_row JOIN log ON log.row = post.log_row
         WHERE post.entry_row = ?1 AND entry.kind = 9 AND NOT (log.own = 1 AND post.seq >= log.hold_from)
           AND NOT EXISTS (SELECT 1 FROM deny WHERE deny.id IN (entry.id, author.id))
           AND (author.followed = 0 OR EXISTS
                (SELECT 1 FROM carry WHERE carry.author_row = author.row AND (replica = 1 OR lease_ms > 0)))",
    )?;
    let mut of: HashMap<i64, usize> = HashMap::new();
    for row in ranked(matches(db, &query, None)?, now_s) {
        if found.len() >= limit {
            break;
        }
        let post: Option<(EntryId, i64)> =
            statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((id, author)) = post else { continue };
        let count = of.entry(author).or_default();
        if *count < limits::SEARCH_PER_AUTHOR {
            *count += 1;
            found.push(id);
        }
    }
    Ok(found)
}

/// Profiles of people who wish to be found and whose name has all the words; whole words, so that nobody lists them all
/// by a letter.
fn listed(db: &Connection, query: &Query) -> Result<Vec<EntryId>> {
    let Some(words) = query.expression(false).filter(|_| query.tags.is_empty() && query.from.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut statement = db.prepare_cached(
        "SELECT entry.id FROM search_person JOIN author ON author.row = search_person.rowid AND author.listed = 1
         JOIN entry ON entry.row = author.profile_row JOIN log ON log.row = entry.log_row
         WHERE search_person MATCH ?1 AND NOT (log.own = 1 AND entry.seq >= log.hold_from)
           AND NOT EXISTS (SELECT 1 FROM deny WHERE deny.id = author.id)
           AND (author.followed = 0 OR EXISTS
                (SELECT 1 FROM carry WHERE carry.author_row = author.row AND (replica = 1 OR lease_ms > 0)))
         ORDER BY bm25(search_person), author.row LIMIT ?2",
    )?;
    let found = statement
        .query_map(params![format!("name : ({words})"), limits::FOUND_PEOPLE], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// A post that matches.
#[derive(Debug, Clone, Copy)]
struct Match {
    post: i64,
    /// How well: larger is better, from 0.
    fit: f64,
    /// When it, or the comment that matches, came, s.
    rank: i64,
}

/// Posts with what the query asks for; those that came last where there are very many.
fn matches(db: &Connection, query: &Query, persona: Option<PersonaId>) -> Result<Vec<Match>> {
    let authors = match query.from.as_slice() {
        [] => None,
        names => {
            let authors = authors(db, names)?;
            if authors.is_empty() {
                return Ok(Vec::new());
            }
            Some(authors)
        }
    };
    match (query.expression(false), query.tags.as_slice(), authors) {
        (Some(words), tags, authors) => by_words(db, &words, tags, authors.as_deref(), persona),
        (None, [first, others @ ..], authors) => by_tags(db, first, others, authors.as_deref()),
        (None, [], Some(authors)) => by_authors(db, &authors),
        (None, [], None) => Ok(Vec::new()),
    }
}

fn by_words(
    db: &Connection,
    words: &str,
    tags: &[String],
    authors: Option<&[i64]>,
    persona: Option<PersonaId>,
) -> Result<Vec<Match>> {
    let mut expression = format!("text : ({words})");
    for tag in tags {
        expression.push_str(&format!(" AND marks : \"{}\"", tag_mark(tag)));
    }
    if let Some(authors) = authors {
        let any: Vec<String> = authors.iter().map(|row| format!("\"{}\"", author_mark(*row))).collect();
        expression.push_str(&format!(" AND marks : ({})", any.join(" OR ")));
    }
    let mut statement = db.prepare_cached(
        "SELECT rowid, -bm25(search_text, 1.0, 0.0) FROM search_text WHERE search_text MATCH ?1
         ORDER BY rowid DESC LIMIT ?2",
    )?;
    let mut as_post =
        db.prepare_cached("SELECT entry_row, rank FROM post WHERE entry_row = ?1 AND deleted = 0 AND closed = 0")?;
    let mut as_comment = db.prepare_cached(
        "SELECT post.entry_row, comment.rank FROM comment
         JOIN entry AS root ON root.prefix = substr(comment.root, 1, 8) AND root.id = comment.root
         JOIN post ON post.entry_row = root.row
         WHERE comment.entry_row = ?1 AND comment.deleted = 0 AND comment.hidden = 0 AND comment.refused = 0
           AND comment.depth <= ?2 AND post.deleted = 0 AND post.closed = 0",
    )?;
    let mut rows = statement.query(params![expression, limits::SEARCH_MATCHES])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (entry, fit): (i64, f64) = (row.get(0)?, row.get(1)?);
        let place = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let at = match as_post.query_row([entry], place).optional()? {
            Some(at) => Some(at),
            None if !persona.map_or(Ok(true), |persona| opened::is_for(db, entry, persona))? => None,
            None => as_comment.query_row(params![entry, limits::COMMENT_DEPTH], place).optional()?,
        };
        found.extend(at.map(|(post, rank)| Match { post, fit: fit.max(0.0), rank }));
    }
    Ok(found)
}

fn by_tags(db: &Connection, first: &str, others: &[String], authors: Option<&[i64]>) -> Result<Vec<Match>> {
    let mut sql = "SELECT post.entry_row, post.rank FROM post_tag JOIN post ON post.entry_row = post_tag.entry_row
         WHERE post_tag.tag = ? AND post.deleted = 0"
        .to_owned();
    for _ in others {
        sql.push_str(" AND EXISTS (SELECT 1 FROM post_tag AS t WHERE t.entry_row = post.entry_row AND t.tag = ?)");
    }
    if let Some(authors) = authors {
        // Rows of our own table, not what was typed.
        let rows: Vec<String> = authors.iter().map(ToString::to_string).collect();
        sql.push_str(&format!(" AND post.author_row IN ({})", rows.join(", ")));
    }
    sql.push_str(&format!(" ORDER BY post_tag.rank DESC, post_tag.entry_row DESC LIMIT {}", limits::SEARCH_MATCHES));
    let mut statement = db.prepare(&sql)?;
    let tags = std::iter::once(first).chain(others.iter().map(String::as_str));
    let found = statement.query_map(params_from_iter(tags), plain_match)?.collect::<Result<_, _>>()?;
    Ok(found)
}

fn by_authors(db: &Connection, authors: &[i64]) -> Result<Vec<Match>> {
    let mut statement = db.prepare_cached(
        "SELECT entry_row, rank FROM post WHERE author_row = ?1 AND deleted = 0 AND closed = 0
         ORDER BY rank DESC, log_row DESC, seq DESC LIMIT ?2",
    )?;
    let mut found = Vec::new();
    for author in authors {
        for post in statement.query_map(params![author, limits::SEARCH_MATCHES], plain_match)? {
            found.push(post?);
        }
    }
    Ok(found)
}

fn plain_match(row: &rusqlite::Row<'_>) -> rusqlite::Result<Match> {
    Ok(Match { post: row.get(0)?, fit: 0.0, rank: row.get(1)? })
}

/// Rows of posts, the best first, each once.
fn ranked(matches: Vec<Match>, now_s: i64) -> Vec<i64> {
    let best = matches.iter().map(|found| found.fit).fold(0.0, f64::max);
    let mut posts: BTreeMap<i64, (f64, i64)> = BTreeMap::new();
    for Match { post, fit, rank } in matches {
        let fit = if best > 0.0 { fit / best } else { 0.0 };
        #[allow(clippy::cast_precision_loss)] // ages in seconds are far below 2^52
        let days = now_s.saturating_sub(rank).max(0) as f64 / 86_400.0;
        let score = fit + HALF_AS_RECENT_DAYS / (HALF_AS_RECENT_DAYS + days);
        let known = posts.entry(post).or_insert((score, rank));
        if score > known.0 {
            *known = (score, rank);
        }
    }
    let mut posts: Vec<(i64, (f64, i64))> = posts.into_iter().collect();
    posts.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(b.1.1.cmp(&a.1.1)).then(b.0.cmp(&a.0)));
    posts.truncate(limits::SEARCH_MATCHES);
    posts.into_iter().map(|(row, _)| row).collect()
}

/// The same rows in the order of the feed.
fn newest_first(db: &Connection, rows: &[i64]) -> Result<Vec<i64>> {
    let mut statement = db.prepare_cached("SELECT rank, log_row, seq, entry_row FROM post WHERE entry_row = ?1")?;
    let mut placed: Vec<(i64, i64, i64, i64)> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = statement.query_row([row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)));
        placed.extend(place.optional()?);
    }
    placed.sort_unstable_by(|a, b| b.cmp(a));
    Ok(placed.into_iter().map(|(.., row)| row).collect())
}

/// Rows of the authors that `from:` names: by id, by whole name, else by the beginning of words of the name.
fn authors(db: &Connection, names: &[String]) -> Result<Vec<i64>> {
    let mut found = Vec::new();
    for name in names {
        let digits = name.to_ascii_lowercase();
        if (ID_DIGITS..=64).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            let bounds = [format!("{digits:0<64}"), format!("{digits:f<64}")];
            let [low, high] = bounds.map(|hex| data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap_or_default());
            let mut statement = db.prepare_cached("SELECT row FROM author WHERE id BETWEEN ?1 AND ?2 LIMIT ?3")?;
            for row in statement.query_map(params![low, high, limits::SEARCH_FROM], |row| row.get(0))? {
                found.push(row?);
            }
        }
        let Some(expression) = Query::parse(&format!("\"{}\"", name.replace('"', " ")), false).expression(true) else {
            continue;
        };
        let mut statement = db.prepare_cached(
            "SELECT search_person.rowid, author.name FROM search_person JOIN author ON author.row = search_person.rowid
             WHERE search_person MATCH ?1 ORDER BY author.followed DESC, author.row LIMIT ?2",
        )?;
        let named: Vec<(i64, String)> = statement
            .query_map(params![format!("name : ({expression})"), limits::SEARCH_FROM], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?
            .collect::<Result<_, _>>()?;
        let wanted = name.to_lowercase();
        let whole = named.iter().any(|(_, name)| name.to_lowercase() == wanted);
        found.extend(named.into_iter().filter(|(_, name)| !whole || name.to_lowercase() == wanted).map(|(row, _)| row));
    }
    found.sort_unstable();
    found.dedup();
    found.truncate(limits::SEARCH_FROM);
    Ok(found)
}

fn people(db: &Connection, expression: &str) -> Result<Vec<PersonFound>> {
    let mut statement = db.prepare_cached(
        "SELECT author.id, author.name, author.bio, coalesce(author.picture_thumb, author.picture), author.own,
                EXISTS (SELECT 1 FROM follow WHERE follow.author_row = author.row AND follow.present = 1) AS followed
         FROM search_person JOIN author ON author.row = search_person.rowid WHERE search_person MATCH ?1
         ORDER BY author.own DESC, followed DESC, bm25(search_person, 10.0, 1.0), author.row LIMIT ?2",
    )?;
    let found = statement
        .query_map(params![expression, limits::SEARCH_PEOPLE], |row| {
            Ok(PersonFound {
                persona: row.get(0)?,
                name: row.get(1)?,
                bio: row.get(2)?,
                picture: row.get(3)?,
                own: row.get(4)?,
                followed: row.get(5)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

fn tags(db: &Connection, begin: &[String]) -> Result<Vec<TagFound>> {
    let mut statement = db.prepare_cached(
        "SELECT tag, count(*) FROM (SELECT tag FROM post_tag WHERE tag >= ?1 AND tag < ?2 LIMIT ?3)
         GROUP BY tag ORDER BY count(*) DESC, tag LIMIT ?4",
    )?;
    let mut found: Vec<TagFound> = Vec::new();
    for name in begin {
        let end = format!("{name}\u{10ffff}");
        let tags = statement.query_map(params![name, end, TAG_ROWS, limits::SEARCH_TAGS], |row| {
            Ok(TagFound { tag: row.get(0)?, posts: row.get(1)? })
        })?;
        for tag in tags {
            let tag = tag?;
            if !found.contains(&tag) {
                found.push(tag);
            }
        }
    }
    // The very tag that was named stands first.
    found.sort_by_key(|tag| (!begin.contains(&tag.tag), std::cmp::Reverse(tag.posts)));
    found.truncate(limits::SEARCH_TAGS);
    Ok(found)
}
