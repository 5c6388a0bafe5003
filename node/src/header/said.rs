//! What is said about posts to circles. Its entries stand in the post's header at every node that carries the post, opened
//! or not, so that all compare the same set. What they say changes the tables where it was opened: as if its writer had
//! written an entry in the open.
//!
//! Set and effect are two things here. The set has no limit a persona, as nobody can count what is closed: who can read
//! the post can fill it (see the head of [`super`]). What is shown has the limits of entries in the open.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::limit::{self, Room};
use super::{comment, edit, file_row, newest_edit, reaction, unfile};
use crate::entry::{Entry, Header, Kind, Place};
use crate::error::Result;
use crate::gate::{Applying, Happened, Notes};
use crate::id::{EntryId, PersonaId};
use crate::view::Role;

/// A post to circles, as it stands here.
pub(crate) struct Sealed {
    pub(crate) author: PersonaId,
    pub(crate) body: Vec<u8>,
    pub(crate) full: bool,
}

/// The post to circles with this id; `None` where it is not here, was deleted, or is none.
pub(crate) fn sealed_post(db: &Connection, id: EntryId) -> Result<Option<Sealed>> {
    Ok(db
        .prepare_cached(
            "SELECT author.id, entry.body, post.full FROM entry JOIN post ON post.entry_row = entry.row
             JOIN author ON author.row = entry.author_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1
             AND entry.kind = 17 AND post.deleted = 0 AND entry.body IS NOT NULL",
        )?
        .query_row([id], |row| Ok(Sealed { author: row.get(0)?, body: row.get(1)?, full: row.get(2)? }))
        .optional()?)
}

/// Files an entry about a post to circles that was just stored.
pub(crate) fn file_sealed(tx: &Transaction<'_>, notes: &mut Notes, row: i64, post: EntryId, now_s: i64) -> Result<()> {
    file_row(tx, row, post, now_s)?;
    notes.posts_changed.insert(post);
    Ok(())
}

/// What an opened entry about a post is.
pub(crate) struct Told {
    pub(crate) post: EntryId,
    /// Who wrote it.
    pub(crate) author_row: i64,
    pub(crate) kind: Kind,
    pub(crate) target: EntryId,
}

/// Notes what a stored entry about a post is; its text is kept in `opened` before. It has no effect yet: see [`said`].
pub(crate) fn tell(tx: &Transaction<'_>, row: i64, told: &Told) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO sealed_comment (entry_row, post, author_row, kind, target) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![row, told.post, told.author_row, told.kind.number(), told.target])?;
    Ok(())
}

/// Applies an entry that was told of, as one in the open by who wrote it, and what waited for it. Answers ids of comments
/// whose text changed.
pub(crate) fn said(tx: &Transaction<'_>, notes: &mut Notes, row: i64, now_s: i64, role: Role) -> Result<Vec<EntryId>> {
    let mut changed = Vec::new();
    let mut next = vec![row];
    while let Some(row) = next.pop() {
        let Some((id, entry, author_row, time)) = in_the_open(tx, row)? else { continue };
        let (kind, rank) = (entry.header.kind, time.min(now_s));
        let mut applying = Applying {
            tx,
            entry: &entry,
            id,
            row,
            author_row,
            followed: false,
            deleted: false,
            log_row: 0,
            rank,
            now_s,
            role,
            notes,
        };
        if let Some(text) = stand(&mut applying)? {
            changed.extend(text);
            if matches!(kind, Kind::Comment | Kind::Reaction) {
                next.extend(waiting_for(tx, id)?.into_iter().rev());
            }
        }
    }
    Ok(changed)
}

/// An entry that was told of and has no effect yet, as it would stand in the open: its id, itself, the row of who wrote
/// it, and when, s.
fn in_the_open(db: &Connection, row: i64) -> Result<Option<(EntryId, Entry, i64, i64)>> {
    let found = db
        .prepare_cached(
            "SELECT entry.id, entry.device, entry.time, author.id, s.author_row, s.kind, s.post, s.target, opened.time,
                    opened.body
             FROM sealed_comment AS s JOIN entry ON entry.row = s.entry_row JOIN author ON author.row = s.author_row
             JOIN opened ON opened.entry_row = s.entry_row WHERE s.entry_row = ?1 AND s.stands = 0",
        )?
        .query_row([row], |row| {
            let kind = Kind::from_number(row.get(5)?);
            let (post, target): (EntryId, EntryId) = (row.get(6)?, row.get(7)?);
            let refs = if kind == Kind::Comment { vec![post, target] } else { vec![target] };
            let place = Place::first(row.get(3)?, row.get(1)?, 0);
            // Limits compare the time outside, which all know.
            let header = Header::log_entry(place, kind, row.get::<_, i64>(2)?.cast_unsigned(), refs);
            let entry = Entry { header, signature: [0; 64], body: Some(row.get(9)?) };
            Ok((row.get(0)?, entry, row.get(4)?, row.get(8)?))
        })
        .optional()?;
    Ok(found)
}

fn waiting_for(db: &Connection, id: EntryId) -> Result<Vec<i64>> {
    let mut statement =
        db.prepare_cached("SELECT entry_row FROM sealed_comment WHERE target = ?1 AND stands = 0 ORDER BY entry_row")?;
    Ok(statement.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Removes all sealed entries about a post that goes, or was deleted.
pub(super) fn drop_beneath(tx: &Transaction<'_>, post: EntryId) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT e.row FROM header_entry AS h JOIN entry AS e ON e.row = h.entry_row
         WHERE h.about = ?1 AND e.kind = 17 AND e.log_row = 0",
    )?;
    let rows: Vec<i64> = statement.query_map([post], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for row in rows {
        unfile(tx, row)?;
        for table in ["comment", "reaction", "edit"] {
            tx.prepare_cached(&format!("DELETE FROM {table} WHERE entry_row = ?1"))?.execute([row])?;
        }
        tx.prepare_cached("DELETE FROM entry WHERE row = ?1")?.execute([row])?;
    }
    Ok(())
}

/// Answers whose text changed; `None` where it has no effect.
fn stand(applying: &mut Applying<'_>) -> Result<Option<Option<EntryId>>> {
    let (tx, kind, row, author_row) = (applying.tx, applying.entry.header.kind, applying.row, applying.author_row);
    let (post, target): (EntryId, EntryId) = tx
        .prepare_cached("SELECT post, target FROM sealed_comment WHERE entry_row = ?1")?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?)))?;
    if !fits(tx, kind, post, target, author_row)? {
        return Ok(None);
    }
    match limit::room(tx, applying.id, applying.entry, row, author_row)? {
        Room::Free => {}
        Room::InsteadOf(last) => fall(tx, last)?,
        Room::None(_) => return Ok(None),
    }
    tx.prepare_cached("UPDATE sealed_comment SET stands = 1 WHERE entry_row = ?1")?.execute([row])?;
    applying.notes.posts_changed.insert(post);
    applying.notes.happened.insert(Happened::Entry(row));
    Ok(Some(match kind {
        Kind::Comment => comment::apply(applying).map(|()| Some(applying.id))?,
        Kind::Reaction => reaction::apply(applying).map(|()| None)?,
        Kind::Edit if is_gone(tx, target)? => erase(tx, row).map(|()| None)?,
        Kind::Edit => edit(applying).map(|()| Some(target))?,
        _ => delete(tx, target, author_row).map(|()| None)?,
    }))
}

/// Whether this can be said of what it names: a reaction of the post or of a comment on it, the others of what the same
/// persona said about it. What is not here yet is waited for.
fn fits(db: &Connection, kind: Kind, post: EntryId, target: EntryId, author_row: i64) -> Result<bool> {
    if kind == Kind::Comment || kind == Kind::Reaction && target == post {
        return Ok(true);
    }
    let known: Option<(u16, i64)> = db
        .prepare_cached(
            "SELECT s.kind, s.author_row FROM sealed_comment AS s JOIN entry ON entry.row = s.entry_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND s.post = ?2 AND s.stands = 1",
        )?
        .query_row(params![target, post], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(known.is_some_and(|(of, by)| match (kind, Kind::from_number(of)) {
        (Kind::Reaction, Kind::Comment) => true,
        (Kind::Edit, Kind::Comment) | (Kind::Delete, Kind::Comment | Kind::Reaction) => by == author_row,
        _ => false,
    }))
}

/// An entry has no effect any more, and stays in the set: others go before it.
fn fall(tx: &Transaction<'_>, row: i64) -> Result<()> {
    let (id, kind, target, author_row): (EntryId, u16, EntryId, i64) = tx
        .prepare_cached(
            "UPDATE sealed_comment SET stands = 0 WHERE entry_row = ?1
             RETURNING (SELECT id FROM entry WHERE row = entry_row), kind, target, author_row",
        )?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?, found.get(3)?)))?;
    match Kind::from_number(kind) {
        Kind::Comment => {
            let root: EntryId = tx
                .prepare_cached("SELECT post FROM sealed_comment WHERE entry_row = ?1")?
                .query_row([row], |found| found.get(0))?;
            comment::leave(tx, root, id, row)
        }
        Kind::Reaction => {
            tx.prepare_cached("DELETE FROM reaction WHERE entry_row = ?1")?.execute([row])?;
            reaction::settle(tx, target, author_row)
        }
        Kind::Edit => {
            tx.prepare_cached("DELETE FROM edit WHERE entry_row = ?1")?.execute([row])?;
            newest_edit(tx, target, author_row).map(drop)
        }
        _ => Ok(()),
    }
}

fn is_gone(db: &Connection, comment: EntryId) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM comment JOIN entry ON entry.row = comment.entry_row
                            WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND comment.deleted = 1)",
        )?
        .query_row([comment], |row| row.get(0))?)
}

/// Erases what was opened of an entry; its ciphertext stays, as with everybody who carries the post.
fn erase(tx: &Transaction<'_>, row: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM opened WHERE entry_row = ?1")?.execute([row])?;
    Ok(())
}

fn delete(tx: &Transaction<'_>, target: EntryId, author_row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1
         UNION ALL SELECT entry_row FROM edit WHERE target = ?1 AND author_row = ?2",
    )?;
    let rows: Vec<i64> =
        statement.query_map(params![target, author_row], |row| row.get(0))?.collect::<Result<_, _>>()?;
    rows.into_iter().try_for_each(|row| erase(tx, row))?;
    let row = "(SELECT row FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1)";
    tx.prepare_cached(&format!(
        "UPDATE comment SET deleted = 1, edit_row = 0, refused = 0, proof_key = NULL WHERE entry_row = {row}"
    ))?
    .execute([target])?;
    let of: Option<EntryId> = tx
        .prepare_cached(&format!(
            "UPDATE reaction SET deleted = 1, emoji = '' WHERE entry_row = {row} RETURNING target"
        ))?
        .query_row([target], |found| found.get(0))
        .optional()?;
    of.map_or(Ok(()), |of| reaction::settle(tx, of, author_row))
}
