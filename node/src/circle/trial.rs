//! Keys that came, and what they may open of what lies closed here: each is tried by itself, a few entries a transaction, and
//! how far that went is written down. However many keys somebody gives, others have their turn between, and what a crash
//! breaks off goes on.

use rusqlite::{OptionalExtension, Transaction, params};

use super::seal::{self, Key};
use crate::crypto::EpochKey;
use crate::error::Result;
use crate::id::{CircleId, EntryId};
use crate::limits::{SEALED_TRIED, TRIED_AT_ONCE};

/// What is to be tried next.
pub(crate) enum Step {
    /// This key, on entries of logs.
    Posts(Key, Vec<i64>),
    /// All that are known, on entries about posts.
    Comments(Vec<(i64, EntryId)>),
}

/// A key of a circle is new (`epoch_row`), or somebody is new in it (`author_row`), or all of it is: what of that may open
/// something is to be tried.
pub(super) fn begin(
    tx: &Transaction<'_>,
    circle_row: i64,
    epoch_row: Option<i64>,
    author_row: Option<i64>,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO trial (epoch_row, log_row, left)
         SELECT epoch.row, l.row, ?4 FROM circle JOIN epoch ON epoch.circle_row = circle.row
         JOIN (SELECT 0 AS row, 0 AS author_row
               UNION ALL SELECT log.row, log.author_row FROM log WHERE scope = 2 AND author_row IN (
                    SELECT author_row FROM circle WHERE row = ?1
                    UNION SELECT m.author_row FROM circle_member AS m JOIN circle AS c ON c.row = m.circle_row
                          WHERE c.row = ?1 AND c.kind = 1 AND m.present = 1)) AS l
         WHERE circle.row = ?1 AND state <> 0 AND (?2 IS NULL OR epoch.row = ?2)
            AND (?3 IS NULL OR l.author_row IN (0, ?3))
         ON CONFLICT (epoch_row, log_row) DO UPDATE SET below = excluded.below, left = excluded.left",
    )?
    .execute(params![circle_row, epoch_row, author_row, SEALED_TRIED])?;
    Ok(())
}

/// All keys of a circle, as each own persona knows it, are to be tried.
pub(crate) fn begin_all(tx: &Transaction<'_>, circle: CircleId) -> Result<()> {
    let mut statement = tx.prepare_cached("SELECT row FROM circle WHERE id = ?1")?;
    let rows: Vec<i64> = statement.query_map([circle], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    rows.into_iter().try_for_each(|row| begin(tx, row, None, None))
}

/// Whether something is left to be tried.
pub(crate) fn is_left(db: &rusqlite::Connection) -> Result<bool> {
    Ok(db.prepare_cached("SELECT EXISTS (SELECT 1 FROM trial)")?.query_row([], |row| row.get(0))?)
}

/// Takes the next step out of what is left; `None`: nothing is. Whatever becomes of it, it is not taken again.
pub(crate) fn next(tx: &Transaction<'_>) -> Result<Option<Step>> {
    let found = tx
        .prepare_cached(
            "SELECT trial.row, log_row, below, left, epoch.row, key, circle_row
             FROM trial JOIN epoch ON epoch.row = epoch_row ORDER BY log_row = 0, trial.row LIMIT 1",
        )?
        .query_row([], |row| {
            let trial = Trial { row: row.get(0)?, log_row: row.get(1)?, below: row.get(2)?, left: row.get(3)? };
            Ok((trial, (row.get(6)?, row.get(4)?, EpochKey::from_bytes(row.get(5)?))))
        })
        .optional()?;
    let Some((trial, key)) = found else { return Ok(None) };
    Ok(Some(match trial.log_row {
        0 => Step::Comments(trial.comments(tx, key.0)?),
        _ => {
            let rows = trial.posts(tx, key.0)?;
            Step::Posts(key, rows)
        }
    }))
}

/// Tries a key on a stored entry; `true` where it says something now. Edits of it may have come before, sealed with others.
pub(crate) fn open(tx: &Transaction<'_>, row: i64, key: &Key) -> Result<bool> {
    if !seal::open_row(tx, row, std::slice::from_ref(key))? {
        return Ok(false);
    }
    seal::open_edits(tx, row)?;
    Ok(true)
}

struct Trial {
    row: i64,
    log_row: i64,
    below: i64,
    left: usize,
}

impl Trial {
    /// The next entries of its log that are closed to the circle, the newest first.
    fn posts(&self, tx: &Transaction<'_>, circle_row: i64) -> Result<Vec<i64>> {
        let most = self.left.min(TRIED_AT_ONCE);
        // Who is out still has old keys: what comes from them is not opened.
        let is_in: bool = tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM circle JOIN log ON log.row = ?2 WHERE circle.row = ?1 AND state <> 0
                    AND (circle.author_row = log.author_row OR kind = 1 AND EXISTS
                        (SELECT 1 FROM circle_member AS m
                         WHERE m.circle_row = ?1 AND m.author_row = log.author_row AND m.present = 1)))",
            )?
            .query_row([circle_row, self.log_row], |row| row.get(0))?;
        let mut statement = tx.prepare_cached(
            "SELECT entry.row, seq, entry.kind = 17 AND entry.body IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM opened_by WHERE opened_by.entry_row = entry.row AND circle_row = ?1)
               AND (NOT EXISTS (SELECT 1 FROM opened WHERE opened.entry_row = entry.row)
                 OR EXISTS (SELECT 1 FROM opened_by AS other JOIN circle ON circle.row = other.circle_row
                            JOIN circle AS this ON this.row = ?1 AND this.id = circle.id
                            WHERE other.entry_row = entry.row))
             FROM entry WHERE log_row = ?2 AND log_row <> 0 AND seq < ?3 ORDER BY seq DESC LIMIT ?4",
        )?;
        let found: Vec<(i64, i64, bool)> = statement
            .query_map(params![circle_row, self.log_row, self.below, if is_in { most } else { 0 }], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        // Of a fork two stand at one place, and the second may be in the next step.
        let last = found.last().filter(|_| found.len() == most && found.len() > 2).map(|(_, seq, _)| seq + 1);
        self.went(tx, last, found.len())?;
        Ok(found.into_iter().filter(|(_, _, closed)| *closed).map(|(row, _, _)| row).collect())
    }

    /// What is closed to the circle below the next posts that it opened.
    fn comments(&self, tx: &Transaction<'_>, circle_row: i64) -> Result<Vec<(i64, EntryId)>> {
        let mut statement = tx.prepare_cached(
            "SELECT b.entry_row, e.id FROM opened_by AS b JOIN entry AS e ON e.row = b.entry_row
             WHERE b.circle_row = ?1 AND b.entry_row < ?2 AND e.log_row > 0 AND e.refs = x''
             ORDER BY b.entry_row DESC LIMIT ?3",
        )?;
        let most = self.left.min(TRIED_AT_ONCE);
        let posts: Vec<(i64, EntryId)> = statement
            .query_map(params![circle_row, self.below, most], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut closed = tx.prepare_cached(
            "SELECT e.row FROM header_entry AS h JOIN entry AS e ON e.row = h.entry_row
             WHERE h.about = ?1 AND e.kind = 17 AND e.log_row = 0
               AND NOT EXISTS (SELECT 1 FROM opened_by WHERE opened_by.entry_row = e.row AND circle_row = ?2)
             ORDER BY e.row",
        )?;
        let (mut found, mut seen, mut last) = (Vec::new(), 0, None);
        let all = posts.len();
        for (row, post) in posts {
            for comment in closed.query_map(params![post, circle_row], |row| row.get(0))? {
                found.push((comment?, post));
            }
            (seen, last) = (seen + 1, Some(row));
            // A full post is one step.
            if found.len() >= TRIED_AT_ONCE {
                break;
            }
        }
        self.went(tx, last.filter(|_| all == most || seen < all), seen)?;
        Ok(found)
    }

    /// `below`: `None` where all was seen.
    fn went(&self, tx: &Transaction<'_>, below: Option<i64>, seen: usize) -> Result<()> {
        match (below, self.left.saturating_sub(seen)) {
            (None, _) | (_, 0) => tx.prepare_cached("DELETE FROM trial WHERE row = ?1")?.execute([self.row])?,
            (Some(below), left) => tx
                .prepare_cached("UPDATE trial SET below = ?2, left = ?3 WHERE row = ?1")?
                .execute(params![self.row, below, left])?,
        };
        Ok(())
    }
}
