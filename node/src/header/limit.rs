//! Limits of what one persona says about one entry. Each is a function of the set, never of the order in which it came:
//! the least by (claimed time, id) are kept, of reactions the newest, and one that comes later pushes the last one out.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::entry::{Entry, Kind};
use crate::error::Result;
use crate::id::EntryId;
use crate::limits;

/// Whether there is room for an entry among those of its writer about the same target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    Free,
    /// It takes the place of this row.
    InsteadOf(i64),
    /// The others go before it. The limit's name, as people are told.
    None(&'static str),
}

struct Limit {
    /// The entries of one writer about one target: `t` is the kind's table, `e` the entry.
    group: &'static str,
    kept: usize,
    newest: bool,
    what: &'static str,
}

const fn of(kind: Kind) -> Option<Limit> {
    Some(match kind {
        Kind::Comment => Limit {
            group: "comment AS t CROSS JOIN entry AS e ON e.row = t.entry_row WHERE t.root = ?1 AND t.author_row = ?2",
            kept: limits::COMMENTS_PER_PERSONA,
            newest: false,
            what: "comments of one persona under one post",
        },
        Kind::Reaction => Limit {
            group: "reaction AS t CROSS JOIN entry AS e ON e.row = t.entry_row
                    WHERE t.target = ?1 AND t.author_row = ?2",
            kept: limits::REACTIONS_KEPT,
            newest: true,
            what: "reactions of one persona to one post",
        },
        Kind::Edit => Limit {
            group: "edit AS t CROSS JOIN entry AS e ON e.row = t.entry_row WHERE t.target = ?1 AND t.author_row = ?2",
            kept: limits::EDITS,
            newest: false,
            what: "edits of one entry",
        },
        Kind::Delete => Limit {
            // One that deletes several counts at the first.
            group: "tombstone AS t CROSS JOIN entry AS e ON e.row = t.entry_row
                    WHERE t.target = ?1 AND t.author_row = ?2 AND substr(e.refs, 1, 32) = ?1",
            kept: limits::DELETIONS,
            newest: false,
            what: "deletions of one entry",
        },
        _ => return None,
    })
}

/// `row`: of the entry, where it is stored already; 0 where it is not.
pub(super) fn room(tx: &Transaction<'_>, id: EntryId, entry: &Entry, row: i64, author_row: i64) -> Result<Room> {
    let Some((limit, target)) = of(entry.header.role()).zip(entry.header.refs.first()) else { return Ok(Room::Free) };
    let Limit { group, kept, newest, what } = limit;
    let count: usize = tx
        .prepare_cached(&format!("SELECT count(*) FROM {group}"))?
        .query_row(params![target, author_row], |found| found.get(0))?;
    if count < kept {
        return Ok(Room::Free);
    }
    let known: bool = tx
        .prepare_cached(&format!("SELECT EXISTS (SELECT 1 FROM {group} AND t.entry_row = ?3)"))?
        .query_row(params![target, author_row, row], |found| found.get(0))?;
    if known {
        return Ok(Room::Free);
    }
    let order = if newest { "e.time, e.id" } else { "e.time DESC, e.id DESC" };
    let last: Option<(i64, i64, EntryId)> = tx
        .prepare_cached(&format!("SELECT t.entry_row, e.time, e.id FROM {group} ORDER BY {order} LIMIT 1"))?
        .query_row(params![target, author_row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?)))
        .optional()?;
    let Some((last, time, last_id)) = last else { return Ok(Room::Free) };
    let (this, that) = ((entry.header.time.cast_signed(), id), (time, last_id));
    let goes_before = if newest { this > that } else { this < that };
    Ok(if goes_before { Room::InsteadOf(last) } else { Room::None(what) })
}
