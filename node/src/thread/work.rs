//! First messages between the transaction that seals them and the one that lets them go. The work for each takes some 0.1 s,
//! and is done outside of both, as all that is written here waits for a transaction. What waits when the process ends goes on
//! with the next flush.

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use super::courier::{Desk, drawn};
use crate::crypto::do_work;
use crate::entry::{Entry, Header, SealedBody, Unverified, sign};
use crate::error::Result;
use crate::id::DeviceKey;
use crate::limits::{DAY_S, WORKS_AT_ONCE};

/// A first message that is sealed and nothing else yet.
pub(super) struct Sealed<'a> {
    pub(super) session_row: i64,
    pub(super) number: u64,
    pub(super) automatic: bool,
    pub(super) day: u64,
    /// Of the device that it is for.
    pub(super) intro: [u8; 32],
    pub(super) key: &'a SigningKey,
    pub(super) body: &'a SealedBody,
}

/// What it takes to do the work for one.
pub(crate) struct Unworked {
    row: i64,
    intro: [u8; 32],
    day: u64,
    ciphertext: Vec<u8>,
}

/// The work for one.
pub(crate) struct Worked {
    row: i64,
    work: u64,
}

impl Unworked {
    /// Slow: 65,536 hashes on average.
    pub(crate) fn work(self) -> Worked {
        Worked { row: self.row, work: do_work(&self.intro, self.day, &self.ciphertext) }
    }
}

/// Keeps one until its work is done.
pub(super) fn put(desk: &Desk<'_>, outbox_row: i64, sealed: &Sealed<'_>) -> Result<()> {
    desk.tx
        .prepare_cached(
            "INSERT INTO first_message (outbox_row, session_row, number, automatic, day, intro, key, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            outbox_row,
            sealed.session_row,
            sealed.number.cast_signed(),
            sealed.automatic,
            sealed.day.cast_signed(),
            sealed.intro,
            Zeroizing::new(sealed.key.to_bytes()).as_slice(),
            sealed.body.encode(drawn(desk.entropy)?)
        ])?;
    Ok(())
}

/// Those that wait for work, the first first: as many as are worked for in one go.
pub(crate) fn unworked(db: &Connection) -> Result<Vec<Unworked>> {
    let mut statement = db.prepare_cached("SELECT row, intro, day, body FROM first_message ORDER BY row LIMIT ?1")?;
    let mut rows = statement.query([i64::try_from(WORKS_AT_ONCE).unwrap_or(i64::MAX)])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(3)?;
        let ciphertext = SealedBody::decode(&body)?.envelope.ciphertext;
        let day = row.get::<_, i64>(2)?.cast_unsigned();
        waiting.push(Unworked { row: row.get(0)?, intro: row.get(1)?, day, ciphertext });
    }
    Ok(waiting)
}

/// Signs those for which work was done; they are to be stored, each with whether nobody chose its moment.
pub(crate) fn worked(desk: &Desk<'_>, worked: &[Worked]) -> Result<Vec<(Unverified<Entry>, bool)>> {
    let mut entries = Vec::new();
    for Worked { row, work } in worked {
        let found = desk
            .tx
            .prepare_cached(
                "DELETE FROM first_message WHERE row = ?1
                 RETURNING outbox_row, session_row, number, automatic, day, key, body",
            )?
            .query_row([row], |found| {
                let sent: (i64, i64, i64) = (found.get(0)?, found.get(1)?, found.get(2)?);
                let (automatic, day): (bool, u32) = (found.get(3)?, found.get(4)?);
                Ok((sent, automatic, day, Zeroizing::new(found.get(5)?), found.get::<_, Vec<u8>>(6)?))
            })
            .optional()?;
        // Its session was given up meanwhile, say.
        let Some(((outbox_row, session_row, number), automatic, day, key, body)) = found else { continue };
        let key = SigningKey::from_bytes(&key);
        let header = Header::one_time(DeviceKey::from(&key.verifying_key()), day, Vec::new());
        let body = SealedBody { work: *work, ..SealedBody::decode(&body)? };
        let entry = sign(&key, header, body.encode(drawn(desk.entropy)?));
        desk.tx
            .prepare_cached("UPDATE outbox SET entry = ?4 WHERE row = ?1 AND session_row = ?2 AND number = ?3")?
            .execute(params![outbox_row, session_row, number, entry.0.id()])?;
        entries.push((entry, automatic));
    }
    Ok(entries)
}

/// What nobody worked for in two days goes: what it says is sealed anew.
pub(super) fn sweep(tx: &Transaction<'_>, now_ms: i64) -> Result<()> {
    let today = now_ms.div_euclid(1_000).div_euclid(DAY_S.cast_signed());
    tx.prepare_cached("DELETE FROM first_message WHERE day < ?1")?.execute([today.saturating_sub(1)])?;
    Ok(())
}
