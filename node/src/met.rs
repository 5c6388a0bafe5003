//! Who is known from inside sealed content alone: from a first message, from what is said under a post to a circle, from a
//! list of members. Whoever wrote that chose the name, so nothing that peers can see may depend on it: its statements
//! are not stored as entries, its pictures not fetched, and no peer's question finds it. Something in the open makes it
//! a name as any other, and that is stored as if nothing were known here.

use std::collections::BTreeSet;

use rusqlite::{Transaction, params};

use crate::author;
use crate::device::is_revoked;
use crate::entry::{DeviceCertBody, DeviceKeysBody, Entry, Kind, ProfileBody, Verified, root_of};
use crate::error::Result;
use crate::id::{DeviceKey, PersonaId};
use crate::limits;
use crate::name::plain_name;

/// Somebody who was introduced.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Met {
    pub(crate) author_row: i64,
    /// The device can be written to by keys that were not known before.
    pub(crate) keys: bool,
    /// They are called otherwise than before.
    pub(crate) renamed: bool,
}

/// Notes a device that `statements` introduce: they were checked together, and certify it. `None` where the persona has too
/// many.
pub(crate) fn meet(
    tx: &Transaction<'_>,
    persona: PersonaId,
    device: DeviceKey,
    statements: &[Verified<Entry>],
) -> Result<Option<Met>> {
    let author_row = author::private_row(tx, persona)?;
    let own: bool =
        tx.prepare_cached("SELECT own FROM author WHERE row = ?1")?.query_row([author_row], |row| row.get(0))?;
    let mut met = Met { author_row, keys: false, renamed: false };
    if is_revoked(tx, author_row, device)? {
        return Ok(None);
    }
    let of_kind = |kind| statements.iter().map(Verified::get).filter(move |entry| entry.header.kind == kind);
    let Some((root, counter)) = root_of(statements) else { return Ok(None) };
    let counter = i64::try_from(counter).unwrap_or(i64::MAX);
    // What is known in the open of who is out counts here too.
    let newer: bool = tx
        .prepare_cached(
            "SELECT root_counter > ?2 OR EXISTS (SELECT 1 FROM met WHERE author_row = ?1 AND root_counter > ?2)
                OR root_counter = ?2 AND root <> ?3 FROM author WHERE row = ?1",
        )?
        .query_row(params![author_row, counter, root], |row| row.get::<_, Option<bool>>(0))?
        .unwrap_or_default();
    if newer {
        return Ok(None);
    }
    if own {
        return Ok(Some(met));
    }
    tx.prepare_cached("DELETE FROM met WHERE author_row = ?1 AND root_counter < ?2")?.execute([author_row, counter])?;
    let noted = tx
        .prepare_cached(
            "INSERT INTO met (author_row, device, root, root_counter) SELECT ?1, ?2, ?3, ?5
             WHERE EXISTS (SELECT 1 FROM met WHERE author_row = ?1 AND device = ?2)
                OR (SELECT count(*) FROM met WHERE author_row = ?1) < ?4
             ON CONFLICT (author_row, device) DO UPDATE SET root = excluded.root, root_counter = excluded.root_counter",
        )?
        .execute(params![author_row, device, root, limits::DEVICES, counter])?;
    if noted == 0 {
        return Ok(None);
    }
    for entry in of_kind(Kind::DeviceKeys).filter(|entry| entry.header.device == device) {
        let Some(body) = &entry.body else { continue };
        let counter = i64::try_from(DeviceKeysBody::decode(body)?.counter).unwrap_or(i64::MAX);
        met.keys |= tx
            .prepare_cached(
                "UPDATE met SET keys = ?3, counter = ?4 WHERE author_row = ?1 AND device = ?2
                    AND (keys IS NULL OR (?4, ?3) > (counter, keys))",
            )?
            .execute(params![author_row, device, body, counter])?
            > 0;
    }
    // Any device of theirs may have written it.
    let mut certified = BTreeSet::new();
    for entry in of_kind(Kind::DeviceCert).filter(|entry| entry.header.device == root) {
        let Some(body) = &entry.body else { continue };
        certified.insert(DeviceCertBody::decode(body)?.device);
    }
    for entry in of_kind(Kind::Profile).filter(|entry| certified.contains(&entry.header.device)) {
        let Some(body) = &entry.body else { continue };
        let profile = ProfileBody::decode(body)?;
        // A profile in the open goes before it, whatever its counter.
        met.renamed |=
            tx.prepare_cached(
                "UPDATE author SET name = ?2, bio = ?3, profile_count = ?4
                 WHERE row = ?1 AND profile_row = 0 AND (name = '' OR profile_count < ?4)",
            )?
            .execute(params![
                author_row,
                plain_name(&profile.name),
                profile.bio,
                i64::try_from(profile.counter).unwrap_or(i64::MAX)
            ])? > 0;
    }
    Ok(Some(met))
}
