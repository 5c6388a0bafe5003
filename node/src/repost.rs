//! Reposts: somebody carries a public post further. It stands in the feed once, where it first appeared: with its author
//! if that is followed, else with the first repost by somebody who is.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::author;
use crate::entry::{Kind, RepostBody, Scope};
use crate::error::{Error, Result};
use crate::gate::{Applying, Draft, Notes};
use crate::id::{EntryId, PersonaId};
use crate::item::{self, Set};
use crate::limits;
use crate::mute::check_not_blocked;
use crate::node::Node;
use crate::opened;
use crate::post::written_by;
use crate::resolve::known;
use crate::sync::{self, Sake};
use crate::view::Reposter;

pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    // One that was deleted is none.
    let (Some(body), Some(target)) = (&applying.entry.body, applying.entry.header.refs.first()) else { return Ok(()) };
    let repost = RepostBody::decode(body)?;
    let tx = applying.tx;
    tx.prepare_cached(
        "INSERT OR REPLACE INTO repost (entry_row, target, of, author_row, rank, log_row, seq, in_feed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        applying.row,
        target,
        repost.author,
        applying.author_row,
        applying.rank,
        applying.log_row,
        applying.entry.header.seq.cast_signed(),
        applying.followed
    ])?;
    applying.notes.posts_changed.insert(*target);
    if applying.followed {
        applying.notes.carried |= carry(applying, repost.author)?;
    }
    if applying.followed && appears(tx, *target)? {
        applying.notes.posts_added.push(applying.entry.header.author);
    }
    Ok(())
}

/// What becomes of a reposted or quoted post, and what is said about it, comes for some days: its author is carried here.
/// Answers whether that is new.
pub(crate) fn carry(applying: &Applying<'_>, author: PersonaId) -> Result<bool> {
    let until_ms = u64::try_from(applying.rank).unwrap_or_default().saturating_mul(1_000) + limits::REPOSTED_MS;
    let now_ms = u64::try_from(applying.now_s).unwrap_or_default().saturating_mul(1_000);
    if until_ms > now_ms && !item::has(applying.tx, Set::Block, author.as_bytes())? {
        let tx = applying.tx;
        let author_row = author::row(tx, author)?;
        return sync::visit(tx, applying.role, author_row, until_ms, Sake::Named);
    }
    Ok(false)
}

/// A post was stored that may have been reposted before.
pub(crate) fn post_came(applying: &mut Applying<'_>) -> Result<()> {
    if is_wanted(applying.tx, applying.id)? && appears(applying.tx, applying.id)? {
        applying.notes.posts_added.push(applying.entry.header.author);
    }
    Ok(())
}

/// A repost was deleted, or leaves its log.
pub(crate) fn leave(tx: &Transaction<'_>, notes: &mut Notes, row: i64) -> Result<()> {
    let target: Option<EntryId> = tx
        .prepare_cached("DELETE FROM repost WHERE entry_row = ?1 RETURNING target")?
        .query_row([row], |row| row.get(0))
        .optional()?;
    notes.posts_changed.extend(target);
    Ok(())
}

/// A post that is here stands in the feed by a repost: its pictures are wanted.
fn appears(tx: &Transaction<'_>, post: EntryId) -> Result<bool> {
    let row: Option<i64> = tx
        .prepare_cached(
            "SELECT entry.row FROM entry JOIN post ON post.entry_row = entry.row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND post.in_feed = 0
             AND post.deleted = 0 AND post.closed = 0 AND entry.body IS NOT NULL",
        )?
        .query_row([post], |row| row.get(0))
        .optional()?;
    let Some(row) = row else { return Ok(false) };
    tx.prepare_cached(
        "UPDATE blob SET wanted = 1 WHERE wanted = 0 AND stored = 0
            AND hash IN (SELECT hash FROM blob_ref WHERE entry_row = ?1)",
    )?
    .execute([row])?;
    Ok(true)
}

/// Whether somebody who is followed reposted this post: then it is kept, though nobody follows its author.
pub(crate) fn is_wanted(db: &Connection, post: EntryId) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM repost WHERE target = ?1 AND in_feed = 1)")?
        .query_row([post], |row| row.get(0))?)
}

/// An author is followed from now on, or no longer.
pub(crate) fn settle_followed(tx: &Transaction<'_>, author_row: i64) -> Result<()> {
    tx.execute(
        "UPDATE repost SET in_feed = (SELECT followed FROM author WHERE row = ?1) WHERE author_row = ?1",
        [author_row],
    )?;
    Ok(())
}

/// Who reposted a post, as far as it is known here.
pub(crate) struct Reposts {
    /// Own personas and those who are followed, the first one first, at most [`limits::REPOSTERS_SHOWN`].
    pub(crate) by: Vec<Reposter>,
    /// Personas, all together.
    pub(crate) count: u64,
    /// An own persona did.
    pub(crate) mine: bool,
    /// The own persona that follows the first of them.
    pub(crate) via: Option<PersonaId>,
}

pub(crate) fn of_post(db: &Connection, post: EntryId) -> Result<Reposts> {
    let (count, mine): (u64, bool) = db
        .prepare_cached(
            "SELECT count(DISTINCT repost.author_row), coalesce(max(author.own), 0)
             FROM repost JOIN author ON author.row = repost.author_row WHERE repost.target = ?1",
        )?
        .query_row([post], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut reposts = Reposts { by: Vec::new(), count, mine, via: None };
    if count == 0 {
        return Ok(reposts);
    }
    let mut statement = db.prepare_cached(
        "SELECT author.id, author.name, coalesce(author.picture_thumb, author.picture), author.own,
            (SELECT by.id FROM follow JOIN author AS by ON by.row = follow.by_row
             WHERE follow.author_row = author.row AND follow.present = 1 ORDER BY by.created_ms LIMIT 1)
         FROM repost JOIN author ON author.row = repost.author_row
         WHERE repost.target = ?1 AND repost.in_feed = 1
         GROUP BY repost.author_row ORDER BY min(repost.rank), repost.log_row, repost.seq LIMIT ?2",
    )?;
    let mut rows = statement.query(params![post, limits::REPOSTERS_SHOWN])?;
    while let Some(row) = rows.next()? {
        if reposts.by.is_empty() {
            reposts.via = row.get(4)?;
        }
        reposts.by.push(Reposter { persona: row.get(0)?, name: row.get(1)?, picture: row.get(2)?, own: row.get(3)? });
    }
    Ok(reposts)
}

impl Node {
    /// Carries a public post further, to whoever follows the persona. Reposting twice answers the first repost.
    ///
    /// # Errors
    /// `NotFound` when it is not here or deleted, `BadInput` when it is no post, or the user blocked its author.
    pub async fn repost(&self, persona: Option<PersonaId>, post: EntryId) -> Result<EntryId> {
        let persona = self.writing_persona(persona).await?;
        let (post, author) = self
            .inner()
            .store
            .read(move |db| {
                let post = known(db, post)?;
                match written_by(db, post)? {
                    Some(_) if opened::is_sealed(db, post)? => {
                        Err(Error::BadInput("a post to a circle stays in it".to_owned()))
                    }
                    Some((_, author, false)) => {
                        check_not_blocked(db, author)?;
                        Ok((post, author))
                    }
                    Some((_, _, true)) => Err(Error::NotFound { what: "the post" }),
                    None => Err(Error::BadInput("only posts can be reposted".to_owned())),
                }
            })
            .await?;
        let body = RepostBody { author }.encode(self.inner().random()?);
        self.author_one(Draft { persona, scope: Scope::Posts, kind: Kind::Repost, refs: vec![post], body }).await
    }

    /// Takes a repost back: a deletion of it.
    ///
    /// # Errors
    /// `NotFound` when the persona did not repost it.
    pub async fn unrepost(&self, persona: Option<PersonaId>, post: EntryId) -> Result<EntryId> {
        let persona = self.writing_persona(persona).await?;
        let reposts: Vec<EntryId> = self
            .inner()
            .store
            .read(move |db| {
                let mut statement = db.prepare_cached(
                    "SELECT entry.id FROM repost JOIN entry ON entry.row = repost.entry_row
                     JOIN author ON author.row = repost.author_row WHERE repost.target = ?1 AND author.id = ?2",
                )?;
                let found = statement.query_map(params![known(db, post)?, persona], |row| row.get(0))?;
                Ok(found.collect::<Result<_, _>>()?)
            })
            .await?;
        // Two devices may have reposted it.
        let mut deletion = None;
        for repost in reposts {
            deletion = Some(self.write_delete(persona, Scope::Posts, repost).await?);
        }
        deletion.ok_or(Error::NotFound { what: "the repost" })
    }
}
