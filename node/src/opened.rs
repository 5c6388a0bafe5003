//! What sealed entries of logs say, of those that a key here opens, and the circles that opened them. It rests beside
//! the entry and goes with its body: triggers of the schema see to that.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use crate::error::Result;
use crate::id::{CircleId, EntryId, PersonaId};
use crate::view::{Colour, EndedGroup, GroupEnd};

/// Keeps what was opened. `true`: nothing was known of the entry before. `time`: s; `comment`: of a post, the secret half
/// of its comment key.
pub(crate) fn keep(tx: &Transaction<'_>, row: i64, time: u64, body: &[u8], comment: Option<&[u8; 32]>) -> Result<bool> {
    let added = tx
        .prepare_cached("INSERT OR IGNORE INTO opened (entry_row, time, body, comment_key) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![row, time.cast_signed(), body, comment])?;
    Ok(added > 0)
}

/// Notes that a circle's key opened a post, or an edit of one.
pub(crate) fn by(tx: &Transaction<'_>, row: i64, circle_row: i64) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO opened_by (entry_row, circle_row) VALUES (?1, ?2)")?
        .execute([row, circle_row])?;
    Ok(())
}

/// The secret half of the comment key of a post that was opened here.
pub(crate) fn comment_key(db: &Connection, row: i64) -> Result<Option<Zeroizing<[u8; 32]>>> {
    let key: Option<Option<[u8; 32]>> = db
        .prepare_cached("SELECT comment_key FROM opened WHERE entry_row = ?1")?
        .query_row([row], |found| found.get(0))
        .optional()?;
    Ok(key.flatten().map(Zeroizing::new))
}

/// Own personas that can read a post: its author, or those that were given a key that opened it. Empty where it is
/// closed here.
pub(crate) fn readers(db: &Connection, post: EntryId) -> Result<Vec<PersonaId>> {
    let mut statement = db.prepare_cached(
        "SELECT own.id FROM entry JOIN opened ON opened.entry_row = entry.row
         JOIN author AS own ON own.own = 1 AND (own.row = entry.author_row OR EXISTS
            (SELECT 1 FROM opened_by JOIN circle ON circle.row = circle_row
             WHERE opened_by.entry_row = entry.row AND circle.own_row = own.row))
         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 ORDER BY own.row",
    )?;
    Ok(statement.query_map([post], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Whether an own persona can read an entry: all that is in the open, and what was opened for it.
pub(crate) fn is_for(db: &Connection, row: i64, persona: PersonaId) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT (SELECT kind FROM entry WHERE row = ?1) <> 17
                OR EXISTS (SELECT 1 FROM reader WHERE entry_row = ?1 AND persona = ?2)",
        )?
        .query_row(params![row, persona], |found| found.get(0))?)
}

/// Whether this entry was opened here.
pub(crate) fn is_open(db: &Connection, id: EntryId) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM opened JOIN entry ON entry.row = opened.entry_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1)",
        )?
        .query_row([id], |row| row.get(0))?)
}

/// What a sealed entry says, where it was opened here.
pub(crate) fn body(db: &Connection, row: i64) -> Result<Option<Vec<u8>>> {
    Ok(db
        .prepare_cached("SELECT body FROM opened WHERE entry_row = ?1")?
        .query_row([row], |found| found.get(0))
        .optional()?)
}

/// Whether this is a post to a group, whose members read each other without following.
pub(crate) fn is_of_group(db: &Connection, row: i64) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM opened_by JOIN circle ON circle.row = circle_row
                            WHERE entry_row = ?1 AND kind = 1)",
        )?
        .query_row([row], |found| found.get(0))?)
}

/// The circles that opened a post here.
pub(crate) struct Audience {
    /// As people read them.
    pub(crate) names: String,
    /// Of the first.
    pub(crate) colour: Colour,
    /// The first is a group.
    pub(crate) group: bool,
}

/// The circles that opened a post here, for any own persona or for one; `None` where none did.
pub(crate) fn audience(db: &Connection, row: i64, persona: Option<PersonaId>) -> Result<Option<Audience>> {
    let mut statement = db.prepare_cached(
        "SELECT circle.name, circle.id, circle.colour, kind = 1 FROM opened_by JOIN circle ON circle.row = opened_by.circle_row
         WHERE opened_by.entry_row = ?1 AND (?2 IS NULL OR own_row = (SELECT row FROM author WHERE id = ?2))
         GROUP BY circle.author_row, circle.id ORDER BY circle.name COLLATE NOCASE",
    )?;
    let found = statement.query_map(params![row, persona], |found| {
        let colour = Colour::of(found.get(1)?, found.get(2)?);
        Ok(Audience { names: found.get(0)?, colour, group: found.get(3)? })
    })?;
    let all: Vec<Audience> = found.collect::<rusqlite::Result<_>>()?;
    let names = all.iter().map(|one| one.names.as_str()).collect::<Vec<_>>().join(", ");
    Ok(all.into_iter().next().map(|first| Audience { names, ..first }))
}

/// Columns of groups that ended for an own persona; to be narrowed down with `WHERE`.
pub(crate) const ENDED: &str = "circle.id, own.id, circle.name, circle.colour, circle.ended, by.id, by.name, ended_ms
    FROM circle JOIN author AS own ON own.row = circle.own_row
    JOIN author AS by ON by.row = coalesce(circle.ended_by, circle.own_row)";

pub(crate) fn ended_group(row: &rusqlite::Row<'_>) -> rusqlite::Result<EndedGroup> {
    let id = row.get(0)?;
    let how = match row.get::<_, i64>(4)? {
        0 => GroupEnd::Left,
        1 => GroupEnd::Removed,
        _ => GroupEnd::Closed,
    };
    Ok(EndedGroup {
        id,
        persona: row.get(1)?,
        name: row.get(2)?,
        colour: Colour::of(id, row.get(3)?),
        how,
        by: row.get(5)?,
        by_name: row.get(6)?,
        ended_ms: Some(row.get::<_, i64>(7)?.cast_unsigned()).filter(|_| how != GroupEnd::Left),
    })
}

/// Why nothing can be said any more about a post to a group: the persona is in none of those that it went to. `None` where
/// something can be said. `persona`: `None` for any own one.
pub(crate) fn ended(db: &Connection, row: i64, persona: Option<PersonaId>) -> Result<Option<EndedGroup>> {
    let live: bool = db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM opened_by JOIN circle ON circle.row = circle_row
                JOIN author AS own ON own.row = own_row
                WHERE entry_row = ?1 AND (?2 IS NULL OR own.id = ?2) AND (kind = 0 OR state < 2))",
        )?
        .query_row(params![row, persona], |found| found.get(0))?;
    if live {
        return Ok(None);
    }
    Ok(db
        .prepare_cached(&format!(
            "SELECT {ENDED} WHERE circle.row IN (SELECT circle_row FROM opened_by WHERE entry_row = ?1)
                AND (?2 IS NULL OR own.id = ?2) ORDER BY circle.row DESC LIMIT 1"
        ))?
        .query_row(params![row, persona], ended_group)
        .optional()?)
}

/// The circles that a post went to, as far as they are known here.
pub(crate) fn of_post(db: &Connection, row: i64) -> Result<Vec<CircleId>> {
    let mut statement = db.prepare_cached(
        "SELECT circle.id FROM opened_by JOIN circle ON circle.row = opened_by.circle_row
         WHERE opened_by.entry_row = ?1 GROUP BY circle.id ORDER BY min(circle.row)",
    )?;
    Ok(statement.query_map([row], |found| found.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Whether this is a post to a circle.
pub(crate) fn is_sealed(db: &Connection, post: EntryId) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM entry
                         WHERE prefix = substr(?1, 1, 8) AND id = ?1 AND kind = 17)",
        )?
        .query_row([post], |row| row.get(0))?)
}

/// What is needed to seal an own entry again in another place.
pub(crate) struct Again {
    /// When it was written, s.
    pub(crate) time: u64,
    pub(crate) body: Vec<u8>,
    pub(crate) to: Vec<CircleId>,
}

/// `None` where it is no sealed one.
pub(crate) fn again(db: &Connection, entry: EntryId) -> Result<Option<Again>> {
    let found: Option<(i64, i64, Vec<u8>)> = db
        .prepare_cached(
            "SELECT opened.entry_row, opened.time, opened.body FROM opened JOIN entry ON entry.row = opened.entry_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row([entry], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((row, time, body)) = found else { return Ok(None) };
    Ok(Some(Again { time: time.cast_unsigned(), body, to: of_post(db, row)? }))
}
