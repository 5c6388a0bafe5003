//! Devices: which keys an author's root certified, which it took out and up to where their entries stay, and which root
//! it is that says so. All of it follows from the set of statements, whatever the order in which they came: of several
//! roots the one of the highest `RootRotate` counts, and what another one signed is not kept.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use crate::entry::{
    DeviceCertBody, DeviceRevokeBody, Entry, EntryError, Header, Kind, LogHead, PersonaOpenBody, RootRotateBody,
    recovery_hash,
};
use crate::error::{Error, Result};
use crate::gate::Applying;
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits;

/// `DeviceCertBody::purpose` of a device that signs content.
pub(crate) const PURPOSE_DEVICE: u8 = 0;
/// `DeviceCertBody::caps` of the first device and those raised to *main*: it holds the root.
pub(crate) const CAP_MAIN: u32 = 1;

/// How a device stands with its persona.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The root certified it for content.
    Certified,
    /// The root took it out: what it wrote up to the heads stays.
    Revoked,
    /// The root says nothing of it.
    Unknown,
}

/// How a device stands. Validity never asks the clock: `not_after` is told to people, it does not decide. Of more than
/// [`limits::DEVICES`] those count whose least certificate (by id) is least, whatever came first.
pub(crate) fn standing(db: &Connection, author_row: i64, device: DeviceKey) -> Result<Standing> {
    if is_revoked(db, author_row, device)? {
        return Ok(Standing::Revoked);
    }
    let certified: bool = db
        .prepare_cached(
            "WITH good AS (SELECT * FROM device_cert AS c WHERE author_row = ?2 AND purpose = ?3
                AND NOT EXISTS (SELECT 1 FROM device_revoke AS gone
                                WHERE gone.author_row = ?2 AND gone.device = c.device))
             SELECT EXISTS (SELECT 1 FROM good WHERE device = ?1)
                AND ((SELECT count(DISTINCT device) FROM good) <= ?4
                  OR ?1 IN (SELECT good.device FROM good JOIN entry AS e ON e.row = good.entry_row
                            GROUP BY good.device ORDER BY min(e.id) LIMIT ?4))",
        )?
        .query_row(params![device, author_row, PURPOSE_DEVICE, limits::DEVICES], |row| row.get(0))?;
    Ok(if certified { Standing::Certified } else { Standing::Unknown })
}

/// Whether the root took a device out.
pub(crate) fn is_revoked(db: &Connection, author_row: i64, device: DeviceKey) -> Result<bool> {
    Ok(db
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM device_revoke WHERE author_row = ?1 AND device = ?2)")?
        .query_row(params![author_row, device], |row| row.get(0))?)
}

/// The place in a log of a revoked device up to which its entries stay; `None` where this one does not.
pub(crate) fn head_above(db: &Connection, author_row: i64, header: &Header, id: EntryId) -> Result<Option<i64>> {
    let head: Option<(i64, EntryId)> = db
        .prepare_cached("SELECT seq, id FROM revoked_head WHERE author_row = ?1 AND device = ?2 AND log = ?3")?
        .query_row(params![author_row, header.device, header.log.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let seq = i64::try_from(header.seq).unwrap_or(i64::MAX);
    Ok(head.filter(|(last, head)| seq < *last || seq == *last && id == *head).map(|(last, _)| last))
}

/// Logs of devices that count no longer, and the seq from which on theirs goes: of revoked ones past their heads, and where
/// another root took over, all of those of which it says nothing. Own logs stay: what stands in them is the user's.
pub(crate) fn overhanging(db: &Connection, author_row: i64) -> Result<Vec<(i64, i64)>> {
    let mut statement = db.prepare_cached(
        "SELECT log.row, coalesce((SELECT seq + 1 FROM revoked_head AS head WHERE head.author_row = ?1
                AND head.device = log.device AND head.log = log.log), 0) AS first
         FROM log WHERE log.author_row = ?1 AND own = 0
            AND (EXISTS (SELECT 1 FROM device_revoke AS gone WHERE gone.author_row = ?1 AND gone.device = log.device)
              OR (SELECT root_counter FROM author WHERE row = ?1) > 0
                AND EXISTS (SELECT 1 FROM device_cert WHERE author_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM device_cert AS c WHERE c.author_row = ?1 AND c.device = log.device))
            AND top_seq >= first ORDER BY log.row",
    )?;
    let found = statement.query_map([author_row], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

/// Devices of a persona that are known here in any way and count no longer.
pub(crate) fn gone(db: &Connection, author_row: i64) -> Result<Vec<DeviceKey>> {
    let mut statement = db.prepare_cached(
        "WITH known (device) AS (
            SELECT device FROM device_keys WHERE author_row = ?1 UNION SELECT device FROM own_device WHERE author_row = ?1
            UNION SELECT device FROM session WHERE peer_row = ?1
            UNION SELECT device FROM outbox WHERE peer_row = ?1 AND device IS NOT NULL)
         SELECT device FROM known
         WHERE EXISTS (SELECT 1 FROM device_revoke AS gone WHERE gone.author_row = ?1 AND gone.device = known.device)
            OR (SELECT root_counter FROM author WHERE row = ?1) > 0
                AND EXISTS (SELECT 1 FROM device_cert WHERE author_row = ?1)
                AND NOT EXISTS (SELECT 1 FROM device_cert AS c WHERE c.author_row = ?1 AND c.device = known.device)
         ORDER BY device",
    )?;
    let devices = statement.query_map([author_row], |row| row.get(0))?;
    Ok(devices.collect::<rusqlite::Result<_>>()?)
}

/// Whether what a device writes for a persona counts.
pub(crate) fn counts(db: &Connection, persona: PersonaId, device: DeviceKey) -> Result<bool> {
    Ok(db
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM author JOIN device_cert AS c ON c.author_row = author.row
                WHERE author.id = ?1 AND c.device = ?2
                    AND NOT EXISTS (SELECT 1 FROM device_revoke AS gone
                                    WHERE gone.author_row = author.row AND gone.device = c.device))",
        )?
        .query_row(params![persona, device], |row| row.get(0))?)
}

/// All devices of a persona that the root certified or took out, or that wrote something that stands here.
pub(crate) fn all(db: &Connection, author_row: i64) -> Result<Vec<DeviceKey>> {
    let mut statement = db.prepare_cached(
        "SELECT device FROM device_cert WHERE author_row = ?1 AND purpose = ?2
         UNION SELECT device FROM device_revoke WHERE author_row = ?1
         UNION SELECT device FROM log WHERE author_row = ?1 ORDER BY device",
    )?;
    let devices = statement.query_map(params![author_row, PURPOSE_DEVICE], |row| row.get(0))?;
    Ok(devices.collect::<rusqlite::Result<_>>()?)
}

/// What certificates of a device say.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Certified {
    pub(crate) caps: u32,
    /// When the first was written, s, as claimed.
    pub(crate) at_s: u64,
}

/// What the root's certificates of a device say; nothing where there are none.
pub(crate) fn certified(db: &Connection, author_row: i64, device: DeviceKey) -> Result<Certified> {
    let mut statement = db.prepare_cached(
        "SELECT caps, entry.time FROM device_cert JOIN entry ON entry.row = entry_row
         WHERE device_cert.author_row = ?1 AND device_cert.device = ?2 AND purpose = ?3 ORDER BY entry.time DESC",
    )?;
    let mut rows = statement.query(params![author_row, device, PURPOSE_DEVICE])?;
    let mut certified = Certified::default();
    while let Some(row) = rows.next()? {
        certified.caps |= row.get::<_, u32>(0)?;
        certified.at_s = row.get::<_, i64>(1)?.cast_unsigned();
    }
    Ok(certified)
}

/// The heads of all logs of a device that are known here, and those up to which a statement says that they stay, the longest
/// first.
pub(crate) fn heads(db: &Connection, author_row: i64, device: DeviceKey) -> Result<Vec<LogHead>> {
    let mut statement = db.prepare_cached(
        "SELECT log, top_seq AS seq, top_id AS id FROM log
         WHERE author_row = ?1 AND device = ?2 AND top_seq >= 0 AND top_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM revoked_head AS head
                            WHERE head.author_row = ?1 AND head.device = ?2 AND head.log = log.log)
         UNION ALL SELECT log, seq, id FROM revoked_head WHERE author_row = ?1 AND device = ?2 ORDER BY seq DESC, log",
    )?;
    let heads = statement.query_map(params![author_row, device], |row| {
        Ok(LogHead {
            log: row.get::<_, i64>(0)?.cast_unsigned(),
            seq: row.get::<_, i64>(1)?.cast_unsigned(),
            id: row.get(2)?,
        })
    })?;
    Ok(heads.collect::<rusqlite::Result<_>>()?)
}

/// Why a statement may not be stored; `None` when it may.
pub(crate) fn admit_statement(tx: &Transaction<'_>, entry: &Entry) -> Result<Option<EntryError>> {
    let author: Option<(i64, Option<DeviceKey>, i64)> = tx
        .prepare_cached("SELECT row, root, root_counter FROM author WHERE id = ?1")?
        .query_row([entry.header.author], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    if entry.header.kind == Kind::PersonaOpen {
        // Its id commits to its root: the signature check has settled everything. One is enough.
        let known = author.is_some_and(|(_, root, _)| root.is_some());
        return Ok(known.then_some(EntryError::Full("openings of one persona")));
    }
    let Some((author_row, Some(root), root_counter)) = author else { return Ok(Some(EntryError::Uncertified)) };
    if entry.header.kind == Kind::RootRotate {
        return admit_root(tx, entry, author_row, root_counter);
    }
    if entry.header.device != root {
        return Ok(Some(if root_counter > 0 { EntryError::Superseded } else { EntryError::Uncertified }));
    }
    let statements: usize = tx
        .prepare_cached("SELECT count(*) FROM entry WHERE author_row = ?1 AND log_row = 0")?
        .query_row([author_row], |row| row.get(0))?;
    if statements >= limits::STATEMENTS {
        return Ok(Some(EntryError::Full("statements")));
    }
    match entry.header.kind {
        Kind::DeviceCert | Kind::DeviceRevoke => Ok(None),
        _ => Ok(Some(EntryError::Shape)),
    }
}

/// Of several that the recovery key signed the highest counts, and only that is kept: whoever has a stolen root can fill
/// nothing that would keep it out.
fn admit_root(tx: &Transaction<'_>, entry: &Entry, author_row: i64, root_counter: i64) -> Result<Option<EntryError>> {
    let open = statement_of(tx, author_row, Kind::PersonaOpen)?.ok_or(Error::Bug("a root without its opening"))?.1;
    if recovery_hash(&entry.header.device) != PersonaOpenBody::decode(&open)?.recovery_hash {
        return Ok(Some(EntryError::Uncertified));
    }
    let Some(body) = &entry.body else { return Ok(Some(EntryError::BodyMissing)) };
    let counter = i64::try_from(RootRotateBody::decode(body)?.counter).unwrap_or(i64::MAX);
    let known = statement_of(tx, author_row, Kind::RootRotate)?.map(|(id, _)| (root_counter, id));
    let wins = counter > 0 && known.is_none_or(|known| (counter, entry.id()) > known);
    Ok((!wins).then_some(EntryError::Superseded))
}

/// Id and body of the one statement of a kind of which there is at most one.
fn statement_of(db: &Connection, author_row: i64, kind: Kind) -> Result<Option<(EntryId, Vec<u8>)>> {
    Ok(db
        .prepare_cached("SELECT id, body FROM entry WHERE author_row = ?1 AND log_row = 0 AND kind = ?2")?
        .query_row(params![author_row, kind.number()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// The statement that put the root in place that counts; `None` where that is the first one.
pub(crate) fn root_change(db: &Connection, author_row: i64) -> Result<Option<EntryId>> {
    Ok(statement_of(db, author_row, Kind::RootRotate)?.map(|(id, _)| id))
}

/// What its `PersonaOpen` says of an own persona: what the recovery key comes from.
pub(crate) fn opening(db: &Connection, author_row: i64) -> Result<PersonaOpenBody> {
    let (_, body) = statement_of(db, author_row, Kind::PersonaOpen)?.ok_or(Error::NotFound { what: "the persona" })?;
    Ok(PersonaOpenBody::decode(&body)?)
}

pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let Some(body) = &applying.entry.body else { return Ok(()) };
    match applying.entry.header.kind {
        Kind::PersonaOpen => {
            let open = PersonaOpenBody::decode(body)?;
            applying
                .tx
                .prepare_cached("UPDATE author SET root = ?2 WHERE row = ?1")?
                .execute(params![applying.author_row, open.root])?;
        }
        Kind::DeviceCert => {
            let cert = DeviceCertBody::decode(body)?;
            applying
                .tx
                .prepare_cached(
                    "INSERT INTO device_cert (author_row, device, caps, purpose, not_after, entry_row)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    applying.author_row,
                    cert.device,
                    cert.caps,
                    cert.purpose,
                    cert.not_after.cast_signed(),
                    applying.row
                ])?;
        }
        Kind::DeviceRevoke => revoke(applying, &DeviceRevokeBody::decode(body)?)?,
        Kind::RootRotate => rotate(applying, RootRotateBody::decode(body)?)?,
        _ => {}
    }
    Ok(())
}

fn revoke(applying: &Applying<'_>, revoked: &DeviceRevokeBody) -> Result<()> {
    let Applying { tx, author_row, row, .. } = *applying;
    tx.prepare_cached("INSERT INTO device_revoke (author_row, device, entry_row) VALUES (?1, ?2, ?3)")?
        .execute(params![author_row, revoked.device, row])?;
    for LogHead { log, seq, id } in &revoked.heads {
        tx.prepare_cached(
            "INSERT INTO revoked_head (author_row, device, log, seq, id) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (author_row, device, log) DO UPDATE SET seq = excluded.seq, id = excluded.id
             WHERE (excluded.seq, excluded.id) > (seq, id)",
        )?
        .execute(params![author_row, revoked.device, log.cast_signed(), seq.cast_signed(), id])?;
    }
    Ok(())
}

/// What the root before said goes: the new one says anew which devices there are.
fn rotate(applying: &Applying<'_>, rotated: RootRotateBody) -> Result<()> {
    let Applying { tx, author_row, row, .. } = *applying;
    for table in ["device_cert", "device_revoke", "revoked_head"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE author_row = ?1"))?.execute([author_row])?;
    }
    let [rotate, cert, revoke] = [Kind::RootRotate, Kind::DeviceCert, Kind::DeviceRevoke].map(Kind::number);
    tx.prepare_cached(
        "DELETE FROM entry WHERE author_row = ?1 AND log_row = 0 AND kind IN (?2, ?3, ?4) AND row <> ?5",
    )?
    .execute(params![author_row, rotate, cert, revoke, row])?;
    tx.prepare_cached("UPDATE author SET root = ?2, root_counter = ?3 WHERE row = ?1")?.execute(params![
        author_row,
        rotated.root,
        rotated.counter.cast_signed()
    ])?;
    Ok(())
}
