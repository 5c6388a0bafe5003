//! Epochs: which key is sealed with, who was given it, and what others give. All of it merges, in whatever order changes
//! of several copies meet.

use rusqlite::{OptionalExtension, Transaction, params};

use super::seal::open_all;
use super::{Circle, Desk};
use crate::crypto::EpochKey;
use crate::entry::{Grant, Member, MessageBody, What};
use crate::error::Result;
use crate::follow;
use crate::gate::Granted;
use crate::id::{DeviceKey, MessageId};
use crate::limits;
use crate::mute;
use crate::thread;

/// A key of an own circle.
pub(super) struct Epoch {
    pub(super) row: i64,
    pub(super) key: EpochKey,
    used: bool,
}

/// The epoch to seal with: the latest that nobody was given who is out now. Of two that were begun at once the one with
/// the lower id. `None`: there is none; a new one has to begin.
pub(super) fn current(tx: &Transaction<'_>, circle_row: i64) -> Result<Option<Epoch>> {
    Ok(tx
        .prepare_cached(
            "SELECT row, key, used FROM epoch WHERE circle_row = ?1 AND NOT EXISTS (
                SELECT 1 FROM epoch_grant AS given JOIN circle_member AS member
                    ON member.circle_row = ?1 AND member.author_row = given.author_row
                WHERE given.epoch_row = epoch.row AND member.present = 0)
             ORDER BY counter DESC, id LIMIT 1",
        )?
        .query_row([circle_row], |row| {
            Ok(Epoch { row: row.get(0)?, key: EpochKey::from_bytes(row.get(1)?), used: row.get(2)? })
        })
        .optional()?)
}

impl Desk<'_> {
    /// Sees to it that there is an epoch to seal with and that all members have its key. `fresh`: one that nothing was
    /// sealed with yet.
    pub(super) fn settle(&mut self, circle: Circle, fresh: bool) -> Result<()> {
        let epoch = match current(self.tx, circle.row)? {
            Some(epoch) if !(fresh && epoch.used) => epoch.row,
            _ => self.begin(circle)?,
        };
        let mut statement = self.tx.prepare_cached(
            "SELECT author_row FROM circle_member WHERE circle_row = ?1 AND present = 1
               AND NOT EXISTS (SELECT 1 FROM epoch_grant AS given
                               WHERE given.epoch_row = ?2 AND given.author_row = circle_member.author_row)",
        )?;
        let members: Vec<i64> =
            statement.query_map([circle.row, epoch], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if members.is_empty() {
            return Ok(());
        }
        let body = self.grant(epoch)?;
        for member in members {
            let devices = thread::devices(self.tx, member)?;
            for device in &devices {
                self.give(circle.own_row, epoch, member, device, &body)?;
            }
            if devices.is_empty() {
                self.note(epoch, member, &[])?;
            }
        }
        Ok(())
    }

    fn begin(&self, circle: Circle) -> Result<i64> {
        let mut id = [0; 16];
        self.entropy.fill(&mut id)?;
        let key = EpochKey::draw(self.entropy)?;
        self.tx
            .prepare_cached(
                "INSERT INTO epoch (circle_row, id, counter, key)
                 SELECT ?1, ?2, coalesce(max(counter), 0) + 1, ?3 FROM epoch WHERE circle_row = ?1",
            )?
            .execute(params![circle.row, id, key.as_bytes()])?;
        Ok(self.tx.last_insert_rowid())
    }

    /// The message that gives a key.
    fn grant(&self, epoch_row: i64) -> Result<Vec<u8>> {
        let grant = self
            .tx
            .prepare_cached(
                "SELECT circle.id, circle.kind, circle.name, epoch.counter, epoch.id, epoch.key
                 FROM epoch JOIN circle ON circle.row = epoch.circle_row WHERE epoch.row = ?1",
            )?
            .query_row([epoch_row], |row| {
                Ok(Grant {
                    circle: row.get(0)?,
                    kind: row.get(1)?,
                    name: row.get(2)?,
                    counter: row.get(3)?,
                    epoch: row.get(4)?,
                    key: EpochKey::from_bytes(row.get(5)?),
                    members: Vec::new(),
                })
            })?;
        let (mut id, mut salt) = ([0; 32], [0; 16]);
        self.entropy.fill(&mut id)?;
        self.entropy.fill(&mut salt)?;
        let sent_ms = self.now_ms.cast_unsigned();
        let message = MessageBody { id: MessageId::from_bytes(id), group: None, sent_ms, what: What::Grant(grant) };
        Ok(message.encode(salt))
    }

    fn give(&mut self, own_row: i64, epoch: i64, member: i64, device: &[u8; 32], body: &[u8]) -> Result<()> {
        thread::queue_for(self.tx, own_row, member, Some(device), None, body, self.now_ms)?;
        self.notes.queued = true;
        self.note(epoch, member, device)
    }

    fn note(&self, epoch: i64, member: i64, device: &[u8]) -> Result<()> {
        self.tx
            .prepare_cached("INSERT OR IGNORE INTO epoch_grant (epoch_row, author_row, device) VALUES (?1, ?2, ?3)")?
            .execute(params![epoch, member, device])?;
        Ok(())
    }
}

/// A device published its keys: it is given what its persona was given before.
pub(crate) fn device_came(desk: &mut Desk<'_>, author_row: i64, device: DeviceKey) -> Result<()> {
    let mut statement = desk.tx.prepare_cached(
        "SELECT DISTINCT epoch.row, circle.author_row FROM epoch_grant AS given
         JOIN epoch ON epoch.row = given.epoch_row JOIN circle ON circle.row = epoch.circle_row
         JOIN circle_member AS member ON member.circle_row = circle.row AND member.author_row = ?1
         WHERE given.author_row = ?1 AND member.present = 1
           AND NOT EXISTS (SELECT 1 FROM epoch_grant AS had
                           WHERE had.epoch_row = epoch.row AND had.author_row = ?1 AND had.device = ?2)
         ORDER BY epoch.row",
    )?;
    let missing: Vec<(i64, i64)> = statement
        .query_map(params![author_row, device], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (epoch, own_row) in missing {
        let body = desk.grant(epoch)?;
        desk.give(own_row, epoch, author_row, device.as_bytes(), &body)?;
    }
    Ok(())
}

/// Takes in a key that came over a session. Answers the rows of entries that it opened.
pub(crate) fn take(desk: &mut Desk<'_>, granted: &Granted) -> Result<Vec<i64>> {
    let Granted { own_row, from_row, from, grant } = granted;
    let tx = desk.tx;
    // Members who post come later.
    if mute::is_blocked(tx, *from)? || grant.kind != 0 {
        return Ok(Vec::new());
    }
    let Some(circle_row) = circle_of(tx, *from_row, grant)? else { return Ok(Vec::new()) };
    let counter = i64::try_from(grant.counter).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "UPDATE circle SET name = ?2 WHERE row = ?1
            AND ?3 >= coalesce((SELECT max(counter) FROM epoch WHERE circle_row = ?1), 0)",
    )?
    .execute(params![circle_row, grant.name, counter])?;
    let is_new = tx
        .prepare_cached("INSERT OR IGNORE INTO epoch (circle_row, id, counter, key) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![circle_row, grant.epoch, counter, grant.key.as_bytes()])?
        > 0;
    if own_row == from_row {
        merge(desk, Circle { row: circle_row, own_row: *own_row }, grant)?;
    } else {
        forget_old(tx, *from_row)?;
    }
    if is_new { open_all(tx, *from_row) } else { Ok(Vec::new()) }
}

/// The row of a circle, made where it is new; `None` where its owner has too many.
fn circle_of(tx: &Transaction<'_>, owner_row: i64, grant: &Grant) -> Result<Option<i64>> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO circle (author_row, id, kind, name) SELECT ?1, ?2, ?3, ?4
         WHERE (SELECT count(*) FROM circle WHERE author_row = ?1) < ?5",
    )?
    .execute(params![owner_row, grant.circle, grant.kind, grant.name, limits::CIRCLES])?;
    Ok(tx
        .prepare_cached("SELECT row FROM circle WHERE author_row = ?1 AND id = ?2")?
        .query_row(params![owner_row, grant.circle], |row| row.get(0))
        .optional()?)
}

/// What another own device knows of an own circle: its members are in the end those of both, and no key that is sealed
/// with was given to anybody whom one of them took out.
fn merge(desk: &mut Desk<'_>, circle: Circle, grant: &Grant) -> Result<()> {
    let tx = desk.tx;
    let epoch: i64 = tx
        .prepare_cached("SELECT row FROM epoch WHERE circle_row = ?1 AND id = ?2")?
        .query_row(params![circle.row, grant.epoch], |row| row.get(0))?;
    for Member { persona, present, counter } in &grant.members {
        let member = follow::author_row(tx, *persona)?;
        tx.prepare_cached(
            "INSERT INTO circle_member (circle_row, author_row, present, counter) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (circle_row, author_row) DO UPDATE SET present = excluded.present, counter = excluded.counter
             WHERE (excluded.counter, NOT excluded.present) > (counter, NOT present)",
        )?
        .execute(params![circle.row, member, present, i64::try_from(*counter).unwrap_or(i64::MAX)])?;
        if *present {
            desk.note(epoch, member, &[])?;
        }
    }
    desk.settle(circle, false)
}

/// Of too many epochs of one author the oldest go; the latest of each circle last.
fn forget_old(tx: &Transaction<'_>, author_row: i64) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM epoch WHERE row IN (
            SELECT epoch.row FROM epoch JOIN circle ON circle.row = epoch.circle_row WHERE circle.author_row = ?1
            ORDER BY epoch.counter = (SELECT max(counter) FROM epoch AS other WHERE other.circle_row = circle.row) DESC,
                epoch.row DESC LIMIT -1 OFFSET ?2)",
    )?
    .execute(params![author_row, limits::EPOCHS_PER_AUTHOR])?;
    Ok(())
}
