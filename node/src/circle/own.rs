//! What own devices tell each other of circles, as items: what own ones are called and who is in them, that they ended,
//! which groups one is in, and colours. Keys go as they go to others, by grants.

use rusqlite::{OptionalExtension, Transaction, params};

use super::group::{self, INVITED, JOINED, LEFT};
use super::{Circle, Desk};
use crate::author;
use crate::error::Result;
use crate::id::{CircleId, DeviceKey, PersonaId};
use crate::item::{self, Item, Set};

/// Own persona, whose circle it is, and the circle: 96 bytes, with which keys of members begin.
const KEY_BYTES: usize = 96;
/// Value of a member who is an admin.
const ADMIN: &str = "admin";

/// Brings items up to what stands in the tables, where that changed here; answers whether something did.
pub(crate) fn note(tx: &Transaction<'_>) -> Result<bool> {
    let mut statement = tx.prepare_cached(
        "SELECT CAST(own.id || owner.id || circle.id AS BLOB), own_row = author_row, kind || ' ' || circle.name, gone = 0, state, colour
         FROM circle JOIN author AS own ON own.row = own_row JOIN author AS owner ON owner.row = author_row
         WHERE own_row = author_row OR kind = 1",
    )?;
    let mut rows = statement.query([])?;
    let mut changed = false;
    while let Some(row) = rows.next()? {
        let key: Vec<u8> = row.get(0)?;
        let (present, value) = match row.get(1)? {
            true => (row.get(3)?, row.get(2)?),
            false => (true, row.get::<_, i64>(4)?.to_string()),
        };
        changed |= put(tx, Set::Circle, &key, present, value)?;
        if let Some(colour) = row.get::<_, Option<i64>>(5)? {
            changed |= put(tx, Set::CircleColour, &key, true, colour.to_string())?;
        }
    }
    let mut statement = tx.prepare_cached(
        "SELECT CAST(own.id || own.id || circle.id || author.id AS BLOB), m.present, m.counter, m.admin
         FROM circle JOIN author AS own ON own.row = own_row JOIN circle_member AS m ON m.circle_row = circle.row
         JOIN author ON author.row = m.author_row
         LEFT JOIN item ON set_no = ?1 AND key = CAST(own.id || own.id || circle.id || author.id AS BLOB)
         WHERE own_row = circle.author_row AND (item.key IS NULL
            OR (item.counter, item.present, item.value = ?2) <> (m.counter, m.present, m.admin))",
    )?;
    let mut rows = statement.query(params![Set::CircleMember.number(), ADMIN])?;
    while let Some(row) = rows.next()? {
        let value = if row.get(3)? { ADMIN.to_owned() } else { String::new() };
        let item = Item { present: row.get(1)?, counter: row.get(2)?, value };
        changed |= item::merge(tx, Set::CircleMember, &row.get::<_, Vec<u8>>(0)?, &item)?;
    }
    Ok(changed)
}

/// What is gone keeps what it was called: posts that stand here are called by it.
fn put(tx: &Transaction<'_>, set: Set, key: &[u8], present: bool, value: String) -> Result<bool> {
    let known = item::get(tx, set, key)?;
    if known.as_ref().is_some_and(|known| known.present == present && known.value == value) {
        return Ok(false);
    }
    let counter = known.map_or(0, |known| known.counter).saturating_add(1);
    item::merge(tx, set, key, &Item { present, counter, value })
}

/// The circle that an item is about, by the beginning of its key.
pub(crate) fn key_of(set: Option<Set>, key: &[u8]) -> Option<Vec<u8>> {
    let about = matches!(set, Some(Set::Circle | Set::CircleColour | Set::CircleMember));
    key.get(..KEY_BYTES).filter(|_| about).map(<[u8]>::to_vec)
}

/// Brings a circle up to what own devices told of it; answers the group that the own persona is in from now on, whose posts
/// are to be opened.
pub(crate) fn settle(desk: &mut Desk<'_>, key: &[u8]) -> Result<Option<CircleId>> {
    let parts = key.split_at_checked(32).and_then(|(own, rest)| Some((own, rest.split_at_checked(32)?)));
    let Some((own, (owner, id))) = parts else { return Ok(None) };
    let (Some(own), Some(owner), Ok(id)) = (PersonaId::from_slice(own), PersonaId::from_slice(owner), id.try_into())
    else {
        return Ok(None);
    };
    let (tx, id) = (desk.tx, CircleId::from_bytes(id));
    let own_row: Option<i64> = tx
        .prepare_cached("SELECT row FROM author WHERE id = ?1 AND own = 1")?
        .query_row([own], |row| row.get(0))
        .optional()?;
    let Some(own_row) = own_row else { return Ok(None) };
    let owner_row = author::private_row(tx, owner)?;
    let told = item::get(tx, Set::Circle, key)?;
    if let Some(told) = told.as_ref().filter(|_| own == owner) {
        let (kind, name) = told.value.split_once(' ').unwrap_or_default();
        tx.prepare_cached(
            "INSERT INTO circle (author_row, own_row, id, kind, name) VALUES (?1, ?1, ?2, ?3, ?4)
             ON CONFLICT (own_row, author_row, id) DO UPDATE SET name = excluded.name",
        )?
        .execute(params![own_row, id, i64::from(kind == "1"), name])?;
        tx.prepare_cached(
            "UPDATE circle SET gone = NOT ?3, state = CASE WHEN ?3 = 0 AND kind = 1 THEN ?4 ELSE ?5 END
             WHERE own_row = ?1 AND author_row = ?1 AND id = ?2",
        )?
        .execute(params![own_row, id, told.present, LEFT, JOINED])?;
    }
    let row: Option<i64> = tx
        .prepare_cached("SELECT row FROM circle WHERE own_row = ?1 AND author_row = ?2 AND id = ?3")?
        .query_row(params![own_row, owner_row, id], |row| row.get(0))
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    desk.notes.circles_changed = true;
    if let Some(colour) = item::value(tx, Set::CircleColour, key)?.and_then(|colour| colour.parse::<i64>().ok()) {
        tx.prepare_cached("UPDATE circle SET colour = ?2 WHERE row = ?1")?.execute([row, colour])?;
    }
    if own == owner {
        members(tx, row, key)?;
    }
    let joined = told.filter(|_| own != owner).map(|told| settle_state(tx, row, &told)).transpose()?;
    group::settle_carried(tx, desk.now_ms)?;
    if let Some(circle) = group::manages(tx, row)? {
        desk.settle(circle, false)?;
    }
    Ok(joined.filter(|joined| *joined).map(|_| id))
}

/// Whether the own persona is in somebody's group, as it said on any device; answers whether it is new that it is.
pub(super) fn settle_state(tx: &Transaction<'_>, circle_row: i64, told: &Item) -> Result<bool> {
    let Some(state) = told.value.parse::<i64>().ok().filter(|state| (INVITED..=LEFT).contains(state)) else {
        return Ok(false);
    };
    let changed = tx
        .prepare_cached("UPDATE circle SET state = ?2 WHERE row = ?1 AND kind = 1 AND state <> ?2")?
        .execute([circle_row, state])?;
    Ok(changed > 0 && state == JOINED)
}

/// What any own device said of a group before its key came to this one.
pub(super) fn known_state(tx: &Transaction<'_>, circle_row: i64) -> Result<()> {
    let key: Option<Vec<u8>> = tx
        .prepare_cached(
            "SELECT CAST(own.id || owner.id || circle.id AS BLOB) FROM circle JOIN author AS own ON own.row = own_row
             JOIN author AS owner ON owner.row = author_row WHERE circle.row = ?1 AND own_row <> author_row AND kind = 1",
        )?
        .query_row([circle_row], |row| row.get(0))
        .optional()?;
    let Some(key) = key else { return Ok(()) };
    match item::get(tx, Set::Circle, &key)? {
        Some(told) => settle_state(tx, circle_row, &told).map(drop),
        None => Ok(()),
    }
}

/// At equal counters removal wins, as with all that is said of members.
fn members(tx: &Transaction<'_>, circle_row: i64, key: &[u8]) -> Result<()> {
    let mut statement = tx.prepare_cached(
        "SELECT substr(key, ?3 + 1), present, counter, value = ?4 FROM item
         WHERE set_no = ?1 AND key > ?2 AND key < ?5 AND substr(key, 1, ?3) = ?2",
    )?;
    let end = [key, &[u8::MAX; 33]].concat();
    let length = i64::try_from(KEY_BYTES).unwrap_or(i64::MAX);
    let told: Vec<(Vec<u8>, bool, i64, bool)> = statement
        .query_map(params![Set::CircleMember.number(), key, length, ADMIN, end], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (member, present, counter, admin) in told {
        let Some(member) = PersonaId::from_slice(&member) else { continue };
        let member_row = author::private_row(tx, member)?;
        group::put_member(tx, circle_row, member_row, (present, admin, counter))?;
    }
    Ok(())
}

/// Another own device can be written to: it is given all keys that are here, the latest last.
pub(crate) fn device_came(desk: &mut Desk<'_>, own_row: i64, device: DeviceKey) -> Result<()> {
    let mut statement = desk.tx.prepare_cached(
        "SELECT circle.row, epoch.row FROM circle JOIN epoch ON epoch.circle_row = circle.row
         WHERE own_row = ?1 AND NOT EXISTS (SELECT 1 FROM epoch_grant AS given WHERE given.epoch_row = epoch.row
            AND given.author_row = ?1 AND given.device = ?2) ORDER BY epoch.counter, epoch.row",
    )?;
    let keys: Vec<(i64, i64)> = statement
        .query_map(params![own_row, device], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (row, epoch) in keys {
        let body = desk.grant_to_own(Circle { row, own_row }, epoch)?;
        desk.give(own_row, epoch, own_row, device.as_bytes(), &body)?;
    }
    Ok(())
}

impl Desk<'_> {
    /// Gives a key that began here to all other own devices.
    pub(super) fn give_own(&mut self, circle: Circle, epoch: i64) -> Result<()> {
        let mut statement = self.tx.prepare_cached(
            "SELECT device FROM own_device WHERE author_row = ?1 AND NOT EXISTS
                (SELECT 1 FROM epoch_grant AS given WHERE given.epoch_row = ?2 AND given.author_row = ?1
                    AND given.device = own_device.device) ORDER BY row",
        )?;
        let devices: Vec<[u8; 32]> =
            statement.query_map([circle.own_row, epoch], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        if devices.is_empty() {
            return Ok(());
        }
        let body = self.grant_to_own(circle, epoch)?;
        devices.iter().try_for_each(|device| self.give(circle.own_row, epoch, circle.own_row, device, &body))
    }
}

/// Whoever of the own devices gives a key gives it to all.
pub(super) fn given(tx: &Transaction<'_>, own_row: i64, epoch: i64) -> Result<()> {
    tx.prepare_cached(
        "INSERT OR IGNORE INTO epoch_grant (epoch_row, author_row, device)
         SELECT ?2, author_row, device FROM own_device WHERE author_row = ?1",
    )?
    .execute([own_row, epoch])?;
    Ok(())
}

/// A device is out: circles that this one sees to and whose keys it was given get new ones.
pub(crate) fn device_gone(desk: &mut Desk<'_>, author_row: i64, device: DeviceKey) -> Result<()> {
    let mut statement = desk.tx.prepare_cached(
        "SELECT DISTINCT circle_row FROM epoch JOIN epoch_grant AS given ON given.epoch_row = epoch.row
         WHERE given.author_row = ?1 AND given.device IN (?2, x'') ORDER BY circle_row",
    )?;
    let rows: Vec<i64> =
        statement.query_map(params![author_row, device], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for row in rows {
        if let Some(circle) = group::manages(desk.tx, row)? {
            desk.renew(circle)?;
        }
    }
    Ok(())
}
