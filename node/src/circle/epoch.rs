//! Epochs: which key is sealed with, who was given it, and what others give. All of it merges, in whatever order changes
//! of several copies meet.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{Circle, Desk, free_colour, group, own, stranger, trial};
use crate::crypto::EpochKey;
use crate::entry::{Grant, Member, What};
use crate::error::Result;
use crate::gate::Granted;
use crate::id::{DeviceKey, PersonaId};
use crate::limits;
use crate::mute;
use crate::name::plain_name;
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

/// The epoch that a member seals with: as [`current`], as far as it is known here who was given what; else the latest
/// that is known.
pub(super) fn newest(tx: &Transaction<'_>, circle_row: i64) -> Result<Option<Epoch>> {
    if let Some(epoch) = current(tx, circle_row)? {
        return Ok(Some(epoch));
    }
    Ok(tx
        .prepare_cached(
            "SELECT epoch.row, key, used FROM epoch JOIN circle ON circle.row = epoch.circle_row
             WHERE circle_row = ?1 AND author_row <> own_row ORDER BY counter DESC, epoch.id LIMIT 1",
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
            Some(epoch) if !(epoch.used && (fresh || self.is_new_to_some(circle, epoch.row)?)) => epoch.row,
            _ => self.begin(circle)?,
        };
        self.give_own(circle, epoch)?;
        // Who is new to a group believes the owner's device first: what an admin gave does not count for them.
        let mut statement = self.tx.prepare_cached(
            "SELECT m.author_row FROM circle_member AS m JOIN circle ON circle.row = m.circle_row
             WHERE m.circle_row = ?1 AND m.present = 1 AND m.author_row <> ?3
               AND (NOT EXISTS (SELECT 1 FROM epoch_grant AS given
                                WHERE given.epoch_row = ?2 AND given.author_row = m.author_row)
                 OR kind = 1 AND circle.author_row = ?3 AND NOT EXISTS
                    (SELECT 1 FROM epoch_grant AS given JOIN epoch ON epoch.row = given.epoch_row
                     WHERE epoch.circle_row = ?1 AND given.author_row = m.author_row AND given.device <> x''))
             UNION SELECT author_row FROM circle WHERE row = ?1 AND author_row <> ?3
               AND NOT EXISTS (SELECT 1 FROM epoch_grant AS given
                               WHERE given.epoch_row = ?2 AND given.author_row = circle.author_row)",
        )?;
        let members: Vec<i64> = statement
            .query_map([circle.row, epoch, circle.own_row], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if members.is_empty() {
            return Ok(());
        }
        let body = self.grant(circle, epoch)?;
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

    /// Whether somebody in it was not given this key. One that was begun before they came, and that is the latest again as
    /// somebody went, opens what was posted before they came.
    fn is_new_to_some(&self, circle: Circle, epoch: i64) -> Result<bool> {
        Ok(self
            .tx
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM circle_member AS m
                    WHERE m.circle_row = ?1 AND m.present = 1 AND m.author_row <> ?3 AND NOT EXISTS
                        (SELECT 1 FROM epoch_grant AS given
                         WHERE given.epoch_row = ?2 AND given.author_row = m.author_row))",
            )?
            .query_row([circle.row, epoch, circle.own_row], |row| row.get(0))?)
    }

    /// A new key, for all who are in it now.
    pub(crate) fn renew(&mut self, circle: Circle) -> Result<()> {
        self.begin(circle)?;
        self.settle(circle, false)
    }

    fn begin(&self, circle: Circle) -> Result<i64> {
        let mut id = [0; 16];
        self.entropy.fill(&mut id)?;
        let key = EpochKey::draw(self.entropy)?;
        self.tx
            .prepare_cached(
                "INSERT INTO epoch (circle_row, id, counter, key, begun_ms)
                 SELECT ?1, ?2, coalesce(max(counter), 0) + 1, ?3, ?4 FROM epoch WHERE circle_row = ?1",
            )?
            .execute(params![circle.row, id, key.as_bytes(), self.counted_ms()?])?;
        Ok(self.tx.last_insert_rowid())
    }

    /// From when on the time of a key counts that begins or comes now: each device of each persona draws another moment,
    /// so that no two find it old at once.
    fn counted_ms(&self) -> Result<i64> {
        Ok(self.now_ms.saturating_add(thread::below(self.entropy, limits::EPOCH_LOT_MS)?))
    }

    /// The message that gives a key.
    pub(super) fn grant(&self, circle: Circle, epoch_row: i64) -> Result<Vec<u8>> {
        let (group, _) = self.kind(circle)?;
        let members = if group { group::members(self.tx, circle.row)? } else { Vec::new() };
        self.grant_with(circle, epoch_row, members)
    }

    /// As [`Self::grant`], to another own device: it hears who was given the key.
    pub(super) fn grant_to_own(&self, circle: Circle, epoch_row: i64) -> Result<Vec<u8>> {
        self.grant_with(circle, epoch_row, group::members(self.tx, circle.row)?)
    }

    fn grant_with(&self, circle: Circle, epoch_row: i64, members: Vec<Member>) -> Result<Vec<u8>> {
        let (_, owner_row) = self.kind(circle)?;
        let grant = self
            .tx
            .prepare_cached(
                "SELECT circle.id, circle.kind, circle.name, epoch.counter, epoch.id, epoch.key, author.id
                 FROM epoch JOIN circle ON circle.row = epoch.circle_row JOIN author ON author.row = circle.author_row
                 WHERE epoch.row = ?1",
            )?
            .query_row([epoch_row], |row| {
                let owner: PersonaId = row.get(6)?;
                Ok(Grant {
                    circle: row.get(0)?,
                    kind: row.get(1)?,
                    name: row.get(2)?,
                    counter: row.get(3)?,
                    epoch: row.get(4)?,
                    key: EpochKey::from_bytes(row.get(5)?),
                    members,
                    owner: Some(owner).filter(|_| circle.own_row != owner_row),
                })
            })?;
        thread::composed(self.entropy, None, self.now_ms.cast_unsigned(), What::Grant(grant))
    }

    pub(super) fn give(&mut self, own_row: i64, epoch: i64, member: i64, device: &[u8; 32], body: &[u8]) -> Result<()> {
        thread::queue_for(self.tx, own_row, member, Some(device), None, body, self.due_ms()?)?;
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
        "SELECT DISTINCT epoch.row, circle.row, circle.own_row FROM epoch_grant AS given
         JOIN epoch ON epoch.row = given.epoch_row
         JOIN circle ON circle.row = epoch.circle_row AND circle.own_row = circle.author_row
         JOIN circle_member AS member ON member.circle_row = circle.row AND member.author_row = ?1
         WHERE given.author_row = ?1 AND member.present = 1
           AND NOT EXISTS (SELECT 1 FROM epoch_grant AS had
                           WHERE had.epoch_row = epoch.row AND had.author_row = ?1 AND had.device = ?2)
         ORDER BY epoch.row",
    )?;
    let missing: Vec<(i64, Circle)> = statement
        .query_map(params![author_row, device], |row| {
            Ok((row.get(0)?, Circle { row: row.get(1)?, own_row: row.get(2)? }))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (epoch, circle) in missing {
        let body = desk.grant(circle, epoch)?;
        desk.give(circle.own_row, epoch, author_row, device.as_bytes(), &body)?;
    }
    Ok(())
}

/// A key that was on its way from an own persona to a device for too long is no longer tried to be delivered: should the
/// device come back, it is given then.
pub(crate) fn lost(tx: &Transaction<'_>, own_row: i64, peer_row: i64, device: &[u8], grant: &Grant) -> Result<()> {
    let changed = tx
        .prepare_cached(
            "DELETE FROM epoch_grant WHERE author_row = ?1 AND device = ?2 AND epoch_row IN
                (SELECT epoch.row FROM epoch JOIN circle ON circle.row = circle_row
                 WHERE circle.own_row = ?5 AND circle.id = ?3 AND epoch.id = ?4)",
        )?
        .execute(params![peer_row, device, grant.circle, grant.epoch, own_row])?;
    if changed > 0 {
        // It may have come all the same.
        tx.prepare_cached(
            "INSERT OR IGNORE INTO epoch_grant (epoch_row, author_row, device)
             SELECT epoch.row, ?1, x'' FROM epoch JOIN circle ON circle.row = circle_row
             WHERE circle.own_row = ?4 AND circle.id = ?2 AND epoch.id = ?3",
        )?
        .execute(params![peer_row, grant.circle, grant.epoch, own_row])?;
    }
    Ok(())
}

/// Keys that were sealed with for long enough give way to new ones: by whose circle it is, and in groups, where the
/// owner did not for some more days, by an admin. Of several own personas in one group one does: the key that it gives comes
/// to the others as to everybody, and nobody sees that they are one's.
pub(crate) fn due(desk: &Desk<'_>) -> Result<Vec<Circle>> {
    let mut statement = desk.tx.prepare_cached(
        "SELECT min(circle.row), own_row FROM circle
         LEFT JOIN circle_member AS m ON m.circle_row = circle.row AND m.author_row = own_row
         WHERE state = 1 AND (own_row = circle.author_row OR kind = 1 AND m.present = 1 AND m.admin = 1)
           AND (SELECT used AND begun_ms <= CASE own_row WHEN circle.author_row THEN ?1 ELSE ?2 END FROM epoch
                WHERE circle_row = circle.row ORDER BY epoch.counter DESC, epoch.id LIMIT 1)
           AND NOT EXISTS (SELECT 1 FROM circle AS other JOIN epoch ON epoch.circle_row = other.row
                           WHERE other.id = circle.id AND other.row <> circle.row AND begun_ms > ?3)
         GROUP BY circle.author_row, circle.id",
    )?;
    let before_ms = desk.now_ms.saturating_sub(limits::EPOCH_MS);
    let times_ms = [
        before_ms,
        before_ms.saturating_sub(limits::EPOCH_GRACE_MS),
        desk.now_ms.saturating_sub(limits::EPOCH_GRACE_MS),
    ];
    let due: Vec<Circle> = statement
        .query_map(times_ms, |row| Ok(Circle { row: row.get(0)?, own_row: row.get(1)? }))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(due)
}

/// Takes in a key that came over a session. What it opens of what is here is tried later (see [`trial`]).
pub(crate) fn take(desk: &mut Desk<'_>, granted: &Granted) -> Result<()> {
    let Granted { own_row, from_row, from, grant } = granted;
    let tx = desk.tx;
    if mute::is_blocked(tx, *from)? || grant.counter > limits::MEMBER_COUNTER.cast_unsigned() {
        return Ok(());
    }
    let Some(circle_row) = group::taken(tx, *own_row, *from_row, grant)? else { return Ok(()) };
    let (kind, owner_row, known): (u64, i64, i64) = tx
        .prepare_cached(
            "SELECT kind, author_row, coalesce((SELECT max(counter) FROM epoch WHERE circle_row = ?1), 0) FROM circle
             WHERE row = ?1",
        )?
        .query_row([circle_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    // It is what it was made as.
    if kind != grant.kind {
        return Ok(());
    }
    let counter = i64::try_from(grant.counter).unwrap_or(i64::MAX);
    // Another own device passes on what who has a say said to it.
    let speaker = if from_row == own_row { owner_row } else { *from_row };
    let by_owner = speaker == owner_row;
    // So does one that may be revoked later: it leaves room for the keys that follow.
    let own_first = from_row == own_row && known == 0;
    let most = if own_first { limits::MEMBER_COUNTER / 2 } else { known.saturating_add(limits::COUNTER_STEP) };
    if (!by_owner || from_row == own_row) && counter > most {
        tracing::debug!("a key of a circle is refused: its counter is too far above what is known");
        return Ok(());
    }
    // What a group is called is its owner's to say; of own circles devices tell each other by items.
    let own = own_row == &owner_row;
    if by_owner && !own && counter >= known {
        tx.prepare_cached("UPDATE circle SET name = ?2 WHERE row = ?1")?
            .execute(params![circle_row, plain_name(&grant.name)])?;
    }
    let is_new = tx
        .prepare_cached(
            "INSERT OR IGNORE INTO epoch (circle_row, id, counter, key, begun_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![circle_row, grant.epoch, counter, grant.key.as_bytes(), desk.counted_ms()?])?
        > 0;
    if own || kind == 1 {
        merge(desk, circle_row, speaker, grant)?;
    }
    if from_row == own_row {
        let epoch = epoch_of(tx, circle_row, grant)?;
        own::given(tx, *own_row, epoch)?;
        own::known_state(tx, circle_row)?;
    }
    if kind == 1 {
        group::settle_own(desk, circle_row, *from_row, false)?;
        group::settle_carried(tx, desk.now_ms)?;
        desk.notes.circles_changed = true;
    }
    if !own {
        forget_old(tx, circle_row)?;
        stranger::bound(tx, owner_row)?;
    }
    if let Some(circle) = group::manages(tx, circle_row)? {
        desk.settle(circle, false)?;
    }
    let epoch: Option<i64> = tx
        .prepare_cached("SELECT row FROM epoch WHERE circle_row = ?1 AND id = ?2")?
        .query_row(params![circle_row, grant.epoch], |row| row.get(0))
        .optional()?;
    match epoch.filter(|_| is_new) {
        Some(epoch) => trial::begin(tx, circle_row, Some(epoch), None),
        None => Ok(()),
    }
}

/// The row of a circle as an own persona knows it, made where it is new; `None` where its owner has too many.
pub(super) fn circle_of(tx: &Transaction<'_>, own_row: i64, owner_row: i64, grant: &Grant) -> Result<Option<i64>> {
    // To a group one is invited first. Nobody has another's group under their own name: a post to the one would go to
    // the other.
    tx.prepare_cached(
        "INSERT OR IGNORE INTO circle (author_row, own_row, id, kind, name, state, colour) SELECT ?1, ?7, ?2, ?3, ?4, ?6, ?8
         WHERE (SELECT count(*) FROM circle WHERE own_row = ?7 AND author_row = ?1) < ?5
           AND NOT (?3 = 1 AND EXISTS
                (SELECT 1 FROM circle WHERE own_row = ?7 AND id = ?2 AND author_row <> ?1 AND kind = 1))",
    )?
    .execute(params![
        owner_row,
        grant.circle,
        grant.kind,
        plain_name(&grant.name),
        limits::CIRCLES,
        if grant.kind == 1 && own_row != owner_row { group::INVITED } else { group::JOINED },
        own_row,
        (grant.kind == 1).then_some(free_colour(tx, own_row)?.number())
    ])?;
    Ok(tx
        .prepare_cached("SELECT row FROM circle WHERE own_row = ?1 AND author_row = ?2 AND id = ?3")?
        .query_row(params![own_row, owner_row, grant.circle], |row| row.get(0))
        .optional()?)
}

/// What another own device, or who gives keys of a group, knows of its members: they are in the end those of both, and no
/// key that is sealed with was given to anybody whom one of them took out.
fn merge(desk: &mut Desk<'_>, circle_row: i64, from_row: i64, grant: &Grant) -> Result<()> {
    let tx = desk.tx;
    let epoch = epoch_of(tx, circle_row, grant)?;
    let news = group::merge(tx, circle_row, from_row, &grant.members)?;
    // Who gives a key has it, whomever the list leaves out: once they are out, it is sealed with no more.
    desk.note(epoch, from_row, &[])?;
    for Member { persona, .. } in grant.members.iter().filter(|member| member.present) {
        tx.prepare_cached(
            "INSERT OR IGNORE INTO epoch_grant (epoch_row, author_row, device)
             SELECT ?1, author.row, x'' FROM author WHERE id = ?2
                AND EXISTS (SELECT 1 FROM circle_member WHERE circle_row = ?3 AND author_row = author.row)",
        )?
        .execute(params![epoch, persona, circle_row])?;
    }
    desk.confirm(circle_row, &news, from_row)
}

fn epoch_of(tx: &Transaction<'_>, circle_row: i64, grant: &Grant) -> Result<i64> {
    Ok(tx
        .prepare_cached("SELECT row FROM epoch WHERE circle_row = ?1 AND id = ?2")?
        .query_row(params![circle_row, grant.epoch], |row| row.get(0))?)
}

/// Of too many epochs of one author's circles the oldest go; the latest of each circle last. Those of a group stand alone:
/// its admins begin them too.
fn forget_old(tx: &Transaction<'_>, circle_row: i64) -> Result<()> {
    tx.prepare_cached(
        "DELETE FROM epoch WHERE row IN (
            SELECT epoch.row FROM circle AS this JOIN circle ON circle.row = this.row
                OR this.kind = 0 AND circle.kind = 0 AND circle.own_row = this.own_row
                    AND circle.author_row = this.author_row
            JOIN epoch ON epoch.circle_row = circle.row WHERE this.row = ?1
            ORDER BY epoch.counter = (SELECT max(counter) FROM epoch AS other WHERE other.circle_row = circle.row) DESC,
                epoch.row DESC LIMIT -1 OFFSET ?2)",
    )?
    .execute(params![circle_row, limits::EPOCHS_PER_AUTHOR])?;
    Ok(())
}
