//! Reactions to a post or comment. Of one persona's the newest [`limits::REACTIONS_KEPT`] stay in the set, whether taken
//! back or not, and of these the newest that were not taken back are shown, at most [`limits::REACTIONS_PER_PERSONA`]
//! different ones: so both are functions of the set, and one that was taken back makes room.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::hide;
use crate::entry::ReactionBody;
use crate::error::{Error, Result};
use crate::gate::Applying;
use crate::id::{EntryId, PersonaId};
use crate::limits;

pub(super) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let Some(target) = applying.entry.header.refs.first() else { return Ok(()) };
    let emoji = match &applying.entry.body {
        Some(body) => ReactionBody::decode(body)?.emoji,
        None => String::new(),
    };
    let tx = applying.tx;
    tx.prepare_cached(
        "INSERT INTO reaction (entry_row, target, author_row, emoji, deleted) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (entry_row) DO UPDATE SET emoji = ?4",
    )?
    .execute(params![applying.row, target, applying.author_row, emoji, applying.deleted])?;
    hide::settle(tx, applying.id)?;
    settle(tx, *target, applying.author_row)
}

/// Chooses anew which of a persona's reactions to `target` are shown.
pub(super) fn settle(tx: &Transaction<'_>, target: EntryId, author_row: i64) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT t.entry_row, t.emoji, t.deleted = 0 AND t.hidden = 0 AND t.emoji <> '', t.shown
         FROM reaction AS t CROSS JOIN entry AS e ON e.row = t.entry_row
         WHERE t.target = ?1 AND t.author_row = ?2 ORDER BY e.time DESC, e.id DESC",
    )?;
    let mut rows = statement.query(params![target, author_row])?;
    let (mut shown, mut changed) = (BTreeSet::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let (emoji, stands, was): (String, bool, bool) = (row.get(1)?, row.get(2)?, row.get(3)?);
        let is = stands && shown.len() < limits::REACTIONS_PER_PERSONA && shown.insert(emoji);
        if is != was {
            changed.push((row.get::<_, i64>(0)?, is));
        }
    }
    for (row, is) in changed {
        tx.prepare_cached("UPDATE reaction SET shown = ?2 WHERE entry_row = ?1")?.execute(params![row, is])?;
    }
    Ok(())
}

/// The shown reaction of a persona with this emoji.
pub(super) fn of_persona(db: &Connection, persona: PersonaId, target: EntryId, emoji: &str) -> Result<Option<EntryId>> {
    Ok(db
        .prepare_cached(
            "SELECT entry.id FROM reaction JOIN entry ON entry.row = reaction.entry_row
             JOIN author ON author.row = reaction.author_row
             WHERE reaction.target = ?1 AND author.id = ?2 AND reaction.emoji = ?3 AND reaction.shown = 1",
        )?
        .query_row(params![target, persona, emoji], |row| row.get(0))
        .optional()?)
}

/// That a persona may react to `target` once more.
///
/// # Errors
/// `BadInput` when it has as many shown reactions there as one may have.
pub(super) fn check_room(db: &Connection, persona: PersonaId, target: EntryId) -> Result<()> {
    let shown: usize = db
        .prepare_cached(
            "SELECT count(*) FROM reaction JOIN author ON author.row = reaction.author_row
             WHERE reaction.target = ?1 AND author.id = ?2 AND reaction.shown = 1",
        )?
        .query_row(params![target, persona], |row| row.get(0))?;
    if shown >= limits::REACTIONS_PER_PERSONA {
        let most = limits::REACTIONS_PER_PERSONA;
        return Err(Error::BadInput(format!("at most {most} reactions to one post; take one back first")));
    }
    Ok(())
}
