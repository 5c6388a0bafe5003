//! How far notifications were read: one item a place, one line, or all, which own devices tell each other. As with
//! conversations (`thread/mark.rs`) a mark says when, and names the last that were there: what comes later to that device,
//! or was on another one alone, stays unread.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::error::Result;
use crate::gate::Notes;
use crate::id::{NotificationId, PersonaId};
use crate::item::{self, Item, Set};
use crate::limits::READ_NAMED;

/// In place of a place: all of a persona.
pub(super) const ALL: [u8; 32] = [0; 32];

/// Digits that name one, 16 bytes: whoever writes what it is about chooses a part of what it is a hash of.
const DIGITS: usize = 32;

/// Rows that a mark is about: those of a place, of a line, or all of an own persona.
const SCOPE: &str = "own_row = ?1 AND (?2 = zeroblob(32) OR place = ?2 OR grouped = ?2)";

struct Mark {
    /// When, ms since the epoch.
    at_ms: i64,
    /// What stands before this was read whether it is named or not, ms since the epoch.
    all_before_ms: i64,
    named: String,
}

impl Mark {
    fn known(tx: &Transaction<'_>, own: PersonaId, scope: &[u8; 32]) -> Result<Option<Self>> {
        let Some(item) = item::get(tx, Set::Noticed, &key(own, scope))? else { return Ok(None) };
        let mut parts = item.value.split(' ');
        let mut number = || parts.next().and_then(|part| part.parse().ok());
        let (Some(at_ms), Some(all_before_ms)) = (number(), number()) else { return Ok(None) };
        Ok(Some(Self { at_ms, all_before_ms, named: parts.next().unwrap_or_default().to_owned() }))
    }

    fn covers(&self, name: NotificationId, time_ms: i64) -> bool {
        let digits = digits(name);
        time_ms < self.all_before_ms || self.named.as_bytes().chunks(DIGITS).any(|named| named == digits.as_bytes())
    }
}

fn key(own: PersonaId, scope: &[u8; 32]) -> Vec<u8> {
    [own.as_bytes().as_slice(), scope].concat()
}

fn digits(name: NotificationId) -> String {
    name.to_string().chars().take(DIGITS).collect()
}

/// The user saw what stands there. Own devices hear of it where something of that was unread: whether it was is the answer.
pub(super) fn look(tx: &Transaction<'_>, own_row: i64, own: PersonaId, scope: [u8; 32], now_ms: i64) -> Result<bool> {
    let changed = tx
        .prepare_cached(&format!("UPDATE notification SET read = 1 WHERE {SCOPE} AND read = 0"))?
        .execute(params![own_row, scope])?;
    if changed == 0 {
        return Ok(false);
    }
    let mut statement = tx.prepare_cached(&format!(
        "SELECT name, time_ms FROM notification WHERE {SCOPE} AND kind NOT IN ({}, {})
         ORDER BY time_ms DESC, row DESC LIMIT ?3",
        super::MESSAGE,
        super::DEVICE
    ))?;
    let limit = i64::try_from(READ_NAMED).unwrap_or(i64::MAX);
    let last: Vec<(NotificationId, i64)> = statement
        .query_map(params![own_row, scope, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let all_before_ms = last.last().filter(|_| last.len() == READ_NAMED).map_or(0, |(_, time_ms)| *time_ms);
    let named: String = last.iter().map(|(name, _)| digits(*name)).collect();
    let key = key(own, &scope);
    // As with conversations: a clock that was ahead once is overtaken.
    let known = item::get(tx, Set::Noticed, &key)?.map_or(0, |known| known.counter);
    let counter = now_ms.max(known.saturating_add(1));
    let value = format!("{now_ms} {all_before_ms} {named}");
    item::merge(tx, Set::Noticed, &key, &Item { present: true, counter, value })?;
    forget_old(tx, own, now_ms)?;
    Ok(true)
}

/// What another own device read.
pub(crate) fn settle(tx: &Transaction<'_>, notes: &mut Notes, own: PersonaId, scope: &[u8], now_ms: i64) -> Result<()> {
    let Ok(scope) = <[u8; 32]>::try_from(scope) else { return Ok(()) };
    let Some(mark) = Mark::known(tx, own, &scope)? else { return Ok(()) };
    let at_ms = mark.at_ms.min(now_ms);
    let mut statement = tx.prepare_cached(
        "SELECT n.row, n.name, time_ms FROM notification AS n JOIN author ON author.row = own_row
         WHERE author.id = ?1 AND (?2 = zeroblob(32) OR place = ?2 OR grouped = ?2) AND read = 0 AND time_ms <= ?3",
    )?;
    // Times are whole seconds: one of the second in which it was read stands behind it.
    let found: Vec<(i64, NotificationId, i64)> = statement
        .query_map(params![own, scope, at_ms.saturating_add(1_000)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (row, name, time_ms) in found {
        if mark.covers(name, time_ms) {
            set_read(tx, row)?;
            notes.notified = true;
        }
    }
    Ok(())
}

/// One came: it is read where a mark of its place, its line or of all says so.
pub(super) fn came(tx: &Transaction<'_>, row: i64, own: PersonaId) -> Result<()> {
    let found: Option<(NotificationId, [u8; 32], [u8; 32], i64)> = tx
        .prepare_cached("SELECT name, place, grouped, time_ms FROM notification WHERE row = ?1")?
        .query_row([row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?, found.get(3)?)))
        .optional()?;
    let Some((name, place, grouped, time_ms)) = found else { return Ok(()) };
    for scope in [place, grouped, ALL] {
        if Mark::known(tx, own, &scope)?.is_some_and(|mark| mark.covers(name, time_ms)) {
            return set_read(tx, row);
        }
    }
    Ok(())
}

fn set_read(tx: &Transaction<'_>, row: i64) -> Result<()> {
    tx.prepare_cached("UPDATE notification SET read = 1 WHERE row = ?1")?.execute([row])?;
    Ok(())
}

/// Marks of so long ago that what they are about would be no news if it came again. Each own device forgets its own.
fn forget_old(tx: &Transaction<'_>, own: PersonaId, now_ms: i64) -> Result<()> {
    let before_ms = now_ms.saturating_sub(crate::limits::NEWS_S.saturating_mul(1_000));
    tx.prepare_cached(
        "DELETE FROM item WHERE set_no = ?1 AND key >= ?2 AND substr(key, 1, 32) = ?2 AND counter < ?3
            AND NOT EXISTS (SELECT 1 FROM record_due AS due WHERE due.set_no = item.set_no AND due.key = item.key)",
    )?
    .execute(params![Set::Noticed.number(), own, before_ms])?;
    Ok(())
}
