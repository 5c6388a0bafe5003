//! Who may comment. The newest policy in the author's log by (counter, id) decides for comments old and new: those about
//! one post for that post, where there is none those about all. What it refuses is neither shown nor counted, but kept
//! and passed on, as the next policy may show it again: so all nodes agree whatever came first.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::entry::{Commenters, Kind, PolicyBody, Scope};
use crate::error::{Error, Result};
use crate::gate::{Applying, Draft, Notes};
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::node::Node;
use crate::post::written_by;
use crate::resolve::known;

pub(super) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    // One that was deleted decides nothing.
    let Some(body) = &applying.entry.body else { return Ok(()) };
    let policy = PolicyBody::decode(body)?;
    let post = applying.entry.header.refs.first();
    let keys: Vec<u8> = match &policy.who {
        Commenters::Keys(keys) => keys.iter().flat_map(|key| *key.as_bytes()).collect(),
        Commenters::Everyone | Commenters::Nobody => Vec::new(),
    };
    applying
        .tx
        .prepare_cached(
            "INSERT OR REPLACE INTO policy (entry_row, author_row, post, mode, keys, counter)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            applying.row,
            applying.author_row,
            post.map(|post| post.as_bytes().as_slice()).unwrap_or_default(),
            policy.who.number(),
            keys,
            i64::try_from(policy.counter).unwrap_or(i64::MAX)
        ])?;
    changed(applying.tx, applying.notes, post.copied(), applying.author_row)
}

/// A policy was deleted, or leaves the set.
pub(super) fn leave(tx: &Transaction<'_>, notes: &mut Notes, row: i64) -> Result<()> {
    let gone: Option<(Vec<u8>, i64)> = tx
        .prepare_cached("DELETE FROM policy WHERE entry_row = ?1 RETURNING post, author_row")?
        .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match gone {
        Some((post, author_row)) => changed(tx, notes, EntryId::from_slice(&post), author_row),
        None => Ok(()),
    }
}

fn changed(tx: &Transaction<'_>, notes: &mut Notes, post: Option<EntryId>, author_row: i64) -> Result<()> {
    match post {
        Some(post) => {
            notes.posts_changed.insert(post);
            settle(tx, post)
        }
        // Once for all posts, at the end of the batch.
        None => {
            notes.policies_changed.insert(author_row);
            Ok(())
        }
    }
}

/// Posts of an author that have comments: each is settled anew.
pub(super) fn settle_all(tx: &Transaction<'_>, author_row: i64) -> Result<Vec<EntryId>> {
    let mut statement = tx.prepare_cached(
        "SELECT entry.id FROM post JOIN entry ON entry.row = post.entry_row
         WHERE post.author_row = ?1 AND post.all_comments > 0",
    )?;
    let posts: Vec<EntryId> = statement.query_map([author_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for post in &posts {
        settle(tx, *post)?;
    }
    Ok(posts)
}

/// Sets anew which comments of a post its policy refuses; counting them is the caller's.
pub(super) fn settle(tx: &Transaction<'_>, post: EntryId) -> Result<()> {
    let Some((author_row, standing)) = of_post(tx, post)? else { return Ok(()) };
    let (mode, keys) = standing.map_or((0, Vec::new()), |standing| (standing.mode, standing.keys));
    tx.prepare_cached(
        "UPDATE comment SET refused = NOT refused WHERE root = ?1 AND refused <>
            (deleted = 0 AND author_row <> ?2 AND ?3 <> 0
             AND (?3 = 1 OR proof_key IS NULL OR instr(?4, proof_key) % 32 <> 1))",
    )?
    .execute(params![post, author_row, mode, keys])?;
    Ok(())
}

/// Whether the policy of a post refuses a comment by this writer with a good proof by this key. Nothing is refused
/// where the post is not here.
pub(super) fn refuses(db: &Connection, post: EntryId, author_row: i64, key: Option<&DeviceKey>) -> Result<bool> {
    let Some((post_author, Some(standing))) = of_post(db, post)? else { return Ok(false) };
    Ok(author_row != post_author
        && standing.mode != 0
        && !(standing.mode == 2 && key.is_some_and(|key| standing.lists(key))))
}

/// Whether this key is one of those by which the author of a post lets others comment.
pub(super) fn lists(db: &Connection, post: EntryId, key: &DeviceKey) -> Result<bool> {
    Ok(of_post(db, post)?.and_then(|(_, standing)| standing).is_some_and(|standing| standing.lists(key)))
}

/// What the policy of a post says: `everyone`, `nobody` or `keys`.
pub(super) fn name(db: &Connection, post: EntryId) -> Result<&'static str> {
    Ok(match of_post(db, post)?.and_then(|(_, standing)| standing).map_or(0, |standing| standing.mode) {
        0 => "everyone",
        1 => "nobody",
        _ => "keys",
    })
}

struct Standing {
    mode: i64,
    keys: Vec<u8>,
    counter: i64,
}

impl Standing {
    fn lists(&self, key: &DeviceKey) -> bool {
        self.mode == 2 && self.keys.chunks_exact(32).any(|listed| listed == key.as_bytes())
    }
}

/// The author of a post that is here, and the policy that decides for it.
fn of_post(db: &Connection, post: EntryId) -> Result<Option<(i64, Option<Standing>)>> {
    let author: Option<i64> = db
        .prepare_cached(
            "SELECT post.author_row FROM entry JOIN post ON post.entry_row = entry.row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row([post], |row| row.get(0))
        .optional()?;
    let Some(author_row) = author else { return Ok(None) };
    let standing = match newest(db, author_row, post.as_bytes())? {
        Some(own) => Some(own),
        None => newest(db, author_row, &[])?,
    };
    Ok(Some((author_row, standing)))
}

fn newest(db: &Connection, author_row: i64, post: &[u8]) -> Result<Option<Standing>> {
    Ok(db
        .prepare_cached(
            "SELECT policy.mode, policy.keys, policy.counter FROM policy JOIN entry ON entry.row = policy.entry_row
             WHERE policy.author_row = ?1 AND policy.post = ?2 ORDER BY policy.counter DESC, entry.id DESC LIMIT 1",
        )?
        .query_row(params![author_row, post], |row| {
            Ok(Standing { mode: row.get(0)?, keys: row.get(1)?, counter: row.get(2)? })
        })
        .optional()?)
}

impl Node {
    /// Says who may comment on an own post, from now on and until now. What is refused is hidden, not deleted.
    ///
    /// # Errors
    /// `NotFound` when it is not here, `BadInput` when it is no own post.
    pub async fn set_policy(&self, persona: Option<PersonaId>, post: EntryId, who: Commenters) -> Result<EntryId> {
        let (post, author, counter) = self
            .inner()
            .store
            .read(move |db| {
                let post = known(db, post)?;
                let (author_row, author, _) = written_by(db, post)?
                    .ok_or_else(|| Error::BadInput("who may comment is said of a post".to_owned()))?;
                let newest = newest(db, author_row, post.as_bytes())?;
                Ok((post, author, newest.map_or(0, |newest| newest.counter)))
            })
            .await?;
        let persona = self.author_of_own(persona, author, "this was written by someone else").await?;
        let counter = u64::try_from(counter).unwrap_or_default() + 1;
        let body = PolicyBody { who, counter }.encode(self.inner().random()?);
        self.author_one(Draft { persona, scope: Scope::Posts, kind: Kind::Policy, refs: vec![post], body }).await
    }
}
