//! Devices: which keys an author's root certified. Linking and revocation come later; here are the two statements
//! that every persona starts with.

use rusqlite::{OptionalExtension, Transaction, params};

use crate::entry::{DeviceCertBody, Entry, EntryError, Kind, PersonaOpenBody, recovery_hash};
use crate::error::Result;
use crate::gate::Applying;
use crate::id::DeviceKey;
use crate::limits;

/// `DeviceCertBody::purpose` of a device that signs content.
pub(crate) const PURPOSE_DEVICE: u8 = 0;
/// `DeviceCertBody::caps` of the first device and those raised to *main*: it holds the root.
pub(crate) const CAP_MAIN: u32 = 1;

/// Whether the author's root certified this device for content. Validity never asks the clock: `not_after` is told to
/// people, it does not decide. Of more than [`limits::DEVICES`] those count whose least certificate (by id) is least,
/// whatever came first.
pub(crate) fn is_certified(tx: &Transaction<'_>, author_row: i64, device: DeviceKey) -> Result<bool> {
    Ok(tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM device_cert WHERE device = ?1 AND author_row = ?2 AND purpose = ?3)
                AND ((SELECT count(DISTINCT device) FROM device_cert WHERE author_row = ?2 AND purpose = ?3) <= ?4
                  OR ?1 IN (SELECT c.device FROM device_cert AS c JOIN entry AS e ON e.row = c.entry_row
                            WHERE c.author_row = ?2 AND c.purpose = ?3 GROUP BY c.device ORDER BY min(e.id) LIMIT ?4))",
        )?
        .query_row(params![device, author_row, PURPOSE_DEVICE, limits::DEVICES], |row| row.get(0))?)
}

/// Why a statement may not be stored; `None` when it may.
pub(crate) fn admit_statement(tx: &Transaction<'_>, entry: &Entry) -> Result<Option<EntryError>> {
    let author: Option<(i64, Option<DeviceKey>)> = tx
        .prepare_cached("SELECT row, root FROM author WHERE id = ?1")?
        .query_row([entry.header.author], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if entry.header.kind == Kind::PersonaOpen {
        // Its id commits to its root: the signature check has settled everything. One is enough.
        let known = author.is_some_and(|(_, root)| root.is_some());
        return Ok(known.then_some(EntryError::Full("openings of one persona")));
    }
    let Some((author_row, Some(root))) = author else { return Ok(Some(EntryError::Uncertified)) };
    let statements: usize = tx
        .prepare_cached("SELECT count(*) FROM entry WHERE author_row = ?1 AND log_row = 0")?
        .query_row([author_row], |row| row.get(0))?;
    if statements >= limits::STATEMENTS {
        return Ok(Some(EntryError::Full("statements")));
    }
    match entry.header.kind {
        Kind::DeviceCert if entry.header.device != root => Ok(Some(EntryError::Uncertified)),
        Kind::DeviceCert => Ok(None),
        // Kept verbatim until their rules come, but only from who may say them.
        Kind::DeviceRevoke => Ok((entry.header.device != root).then_some(EntryError::Uncertified)),
        Kind::RootRotate => {
            let open: Vec<u8> = tx
                .prepare_cached("SELECT body FROM entry WHERE author_row = ?1 AND log_row = 0 AND kind = ?2")?
                .query_row(params![author_row, Kind::PersonaOpen.number()], |row| row.get(0))?;
            let committed = PersonaOpenBody::decode(&open)?.recovery_hash;
            Ok((recovery_hash(&entry.header.device) != committed).then_some(EntryError::Uncertified))
        }
        _ => Ok(Some(EntryError::Shape)),
    }
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
        _ => {}
    }
    Ok(())
}
