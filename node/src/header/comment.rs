//! Comments below a post.
//!
//! Those deeper than [`limits::COMMENT_DEPTH`] stay in the set: they are kept and passed on as others are, but not
//! shown and not counted. Refusing them would let nodes differ for ever, as how deep one is shows only once those above
//! it have come, in whatever order. A comment's depth is a function of the set: one more than that of the comment above
//! it, where that is here and of the same post, else 1.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{hide, policy};
use crate::entry::{PostBody, Proof};
use crate::error::{Error, Result};
use crate::gate::{Applying, Happened};
use crate::id::{DeviceKey, EntryId};
use crate::limits;
use crate::media;

pub(super) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let [root, parent] = applying.entry.header.refs.as_slice() else { return Ok(()) };
    let (root, parent) = (*root, *parent);
    let mut key = None;
    if let Some(body) = &applying.entry.body {
        for attachment in &PostBody::decode(body)?.attachments {
            media::reference(applying, attachment)?;
        }
        key = Proof::of(body)?.map(|proof| proof.key);
    }
    let tx = applying.tx;
    let depth = below(depth_of(tx, root, parent)?);
    let new = tx
        .prepare_cached(
            "INSERT INTO comment (entry_row, root, parent, author_row, rank, depth, deleted, proof_key)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
             ON CONFLICT (entry_row) DO NOTHING",
        )?
        .execute(params![
            applying.row,
            root,
            parent,
            applying.author_row,
            applying.rank,
            depth,
            applying.deleted,
            key
        ])?;
    if new == 0 {
        // Its body came later.
        tx.prepare_cached("UPDATE comment SET proof_key = ?2 WHERE entry_row = ?1")?
            .execute(params![applying.row, key])?;
    } else {
        settle_answers(tx, root, applying.id, depth)?;
    }
    settle_refused(tx, root, applying.row, applying.author_row, key)?;
    hide::settle(tx, applying.id)?;
    let edit = super::newest_edit(tx, applying.id, applying.author_row)?;
    applying.notes.happened.extend(edit.map(Happened::Entry));
    Ok(())
}

/// A comment leaves the set: its answers stand below the post from now on.
pub(super) fn leave(tx: &Transaction<'_>, root: EntryId, id: EntryId, row: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM comment WHERE entry_row = ?1")?.execute([row])?;
    settle_answers(tx, root, id, 0)
}

fn settle_refused(
    tx: &Transaction<'_>,
    root: EntryId,
    row: i64,
    author_row: i64,
    key: Option<DeviceKey>,
) -> Result<()> {
    let refused = policy::refuses(tx, root, author_row, key.as_ref())?;
    tx.prepare_cached("UPDATE comment SET refused = ?2 AND deleted = 0 WHERE entry_row = ?1")?
        .execute(params![row, refused])?;
    Ok(())
}

/// 0 where it is no comment on this post, or not here.
fn depth_of(tx: &Transaction<'_>, root: EntryId, id: EntryId) -> Result<i64> {
    Ok(tx
        .prepare_cached(
            "SELECT depth FROM comment WHERE root = ?1 AND entry_row = (SELECT row FROM entry
             WHERE prefix = substr(?2, 1, 8) AND id = ?2)",
        )?
        .query_row([root, id], |row| row.get(0))
        .optional()?
        .unwrap_or_default())
}

/// The depth of an answer to what stands at `depth`. All that are too deep are alike.
fn below(depth: i64) -> i64 {
    depth.saturating_add(1).min(i64::try_from(limits::COMMENT_DEPTH).unwrap_or(i64::MAX).saturating_add(1))
}

/// Answers to `id` and all below them stand anew, as it stands at `depth` now.
fn settle_answers(tx: &Transaction<'_>, root: EntryId, id: EntryId, depth: i64) -> Result<()> {
    let mut answers = tx.prepare_cached(
        "SELECT entry.id, comment.entry_row, comment.depth FROM comment JOIN entry ON entry.row = comment.entry_row
         WHERE comment.parent = ?1 AND comment.root = ?2",
    )?;
    let mut above = vec![(id, depth)];
    while let Some((id, depth)) = above.pop() {
        let depth = below(depth);
        let found: Vec<(EntryId, i64, i64)> = answers
            .query_map([id, root], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        for (id, row, _) in found.into_iter().filter(|(_, _, old)| *old != depth) {
            tx.prepare_cached("UPDATE comment SET depth = ?2 WHERE entry_row = ?1")?.execute([row, depth])?;
            above.push((id, depth));
        }
    }
    Ok(())
}

/// Counts the comments of a post that are shown.
pub(super) fn count(tx: &Transaction<'_>, post: EntryId) -> Result<()> {
    tx.prepare_cached(
        "UPDATE post SET comments = (SELECT count(*) FROM comment
            WHERE root = ?1 AND deleted = 0 AND hidden = 0 AND refused = 0 AND depth <= ?2)
         WHERE entry_row = (SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1)",
    )?
    .execute(params![post, limits::COMMENT_DEPTH])?;
    Ok(())
}

/// Root and parent of an answer to `target`.
pub(super) fn place_in_thread(db: &Connection, target: EntryId) -> Result<(EntryId, EntryId)> {
    let target = crate::resolve::known(db, target)?;
    if let Some(row) = crate::post::row_of(db, target)? {
        let deleted: bool =
            db.prepare_cached("SELECT deleted FROM post WHERE entry_row = ?1")?.query_row([row], |row| row.get(0))?;
        return if deleted { Err(Error::NotFound { what: "the post" }) } else { Ok((target, target)) };
    }
    let comment: Option<(EntryId, i64)> = db
        .prepare_cached(
            "SELECT comment.root, comment.depth FROM comment JOIN entry ON entry.row = comment.entry_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row([target], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (root, depth) = comment.ok_or(Error::NotFound { what: "the post" })?;
    if usize::try_from(below(depth)).is_ok_and(|depth| depth <= limits::COMMENT_DEPTH) {
        Ok((root, target))
    } else {
        Err(Error::BadInput(format!("a thread is at most {} deep", limits::COMMENT_DEPTH)))
    }
}
