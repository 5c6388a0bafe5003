//! Files of messages on their way: an entry of their own names them, in front of the message, so that others have them
//! when it comes (DESIGN §5.3). Everybody of the bucket takes that entry and its files; whoever gets the message knows by
//! its inside which of them are its own. The entries of the message itself name nothing: its copies are tied to each
//! other by no file.

use rusqlite::{Transaction, params};

use super::courier::{Desk, drawn};
use super::keys;
use crate::bucket::Bucket;
use crate::crypto::{Envelope, EnvelopeError, Outside, Purpose};
use crate::entry::{Entry, Header, SealedBlob, SealedBody, Unverified, sign};
use crate::error::{Error, Result};
use crate::id::{DeviceKey, EntryId};
use crate::limits::{DAY_S, MAIL_DAYS, PARCEL_BYTES_PER_MS, PARCEL_CARRIERS, PARCEL_MORE_MS, PARCEL_WAIT_MS};
use crate::store::apart;
use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

/// Files of an own message that others are to get are to leave before it.
pub(super) fn queue(tx: &Transaction<'_>, message_row: i64, now_ms: i64) -> Result<()> {
    tx.prepare_cached("INSERT OR IGNORE INTO parcel (message_row, until_ms) VALUES (?1, ?2)")?
        .execute(params![message_row, until_ms(0, now_ms)])?;
    Ok(())
}

/// Until when a message waits for files of so many bytes to be taken.
fn until_ms(bytes: u64, now_ms: i64) -> i64 {
    let moving_ms = i64::try_from(bytes / PARCEL_BYTES_PER_MS).unwrap_or(i64::MAX);
    now_ms.saturating_add(PARCEL_WAIT_MS).saturating_add(moving_ms)
}

/// Seals entries for what has none yet, and lets those messages go whose files `peers` have, or where all of the few
/// that there are have them. The others wait, for a while: those that were written after them to the same device too
/// (see `courier::due`).
pub(super) fn flush(desk: &Desk<'_>, peers: usize) -> Result<Vec<Unverified<Entry>>> {
    let tx = desk.tx;
    let mut statement = tx.prepare_cached("SELECT message_row, entry, until_ms FROM parcel ORDER BY message_row")?;
    let parcels: Vec<(i64, Option<EntryId>, i64)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<rusqlite::Result<_>>()?;
    let mut entries = Vec::new();
    for (message_row, entry, until_ms) in parcels {
        let waits: bool = tx
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE message_row = ?1)")?
            .query_row([message_row], |row| row.get(0))?;
        // Of an earlier run: its time begins with the entry that goes in front of it.
        let over = entry.is_some() && until_ms <= desk.now_ms;
        let taken = if entry.is_some() { carriers(tx, message_row)? } else { 0 };
        if !waits || over || taken >= peers.clamp(1, PARCEL_CARRIERS) {
            end(tx, message_row)?;
        } else if entry.is_none() {
            entries.extend(send(desk, message_row)?);
        } else if taken > 0 {
            // Others may have them from that one: of those this node does not hear.
            let until_ms = until_ms.min(desk.now_ms.saturating_add(PARCEL_MORE_MS));
            set_until(tx, message_row, until_ms)?;
        }
    }
    Ok(entries)
}

/// The entries that go in front of a message. What can't be sealed is tried again with the next step.
fn send(desk: &Desk<'_>, message_row: i64) -> Result<Vec<Unverified<Entry>>> {
    let tx = desk.tx;
    let blobs = blobs(tx, message_row)?;
    if blobs.is_empty() {
        end(tx, message_row)?;
        return Ok(Vec::new());
    }
    let sealed: Result<Vec<_>> = apart(tx, || {
        let buckets = buckets(tx, message_row)?.into_iter();
        buckets.map(|bucket| enclose(desk, blobs.clone(), bucket)).collect()
    })?;
    let sealed = match sealed {
        Ok(sealed) => sealed,
        Err(error) => {
            // The message goes without: its files are here to be fetched.
            tracing::warn!(%error, "an entry that names files could not be sealed");
            end(tx, message_row)?;
            return Ok(Vec::new());
        }
    };
    // Carriers are counted of the last.
    tx.prepare_cached("UPDATE parcel SET entry = ?2 WHERE message_row = ?1")?
        .execute(params![message_row, sealed.last().map(|entry| entry.0.id())])?;
    let bytes = blobs.iter().map(|blob| blob.padded_size).fold(0, u64::saturating_add);
    set_until(tx, message_row, until_ms(bytes, desk.now_ms))?;
    Ok(sealed)
}

fn set_until(tx: &Transaction<'_>, message_row: i64, until_ms: i64) -> Result<()> {
    tx.prepare_cached("UPDATE parcel SET until_ms = ?2 WHERE message_row = ?1")?.execute([message_row, until_ms])?;
    Ok(())
}

pub(super) fn end(tx: &Transaction<'_>, message_row: i64) -> Result<()> {
    tx.prepare_cached("DELETE FROM parcel WHERE message_row = ?1")?.execute([message_row])?;
    Ok(())
}

fn blobs(tx: &Transaction<'_>, message_row: i64) -> Result<Vec<SealedBlob>> {
    let mut statement = tx.prepare_cached(
        "SELECT blob.hash, blob.size FROM blob_ref JOIN blob ON blob.hash = blob_ref.hash
         WHERE entry_row = -?1 AND blob.stored = 1 ORDER BY blob.hash",
    )?;
    let blobs = statement.query_map([message_row], |row| {
        Ok(SealedBlob { hash: row.get(0)?, padded_size: row.get::<_, i64>(1)?.cast_unsigned() })
    })?;
    Ok(blobs.collect::<rusqlite::Result<_>>()?)
}

/// Where a message's files have to be: everybody in the buckets of its readers takes them. One that lies in another is
/// enough for both.
fn buckets(tx: &Transaction<'_>, message_row: i64) -> Result<Vec<Bucket>> {
    let mut statement = tx
        .prepare_cached("SELECT DISTINCT peer_row, device FROM outbox WHERE message_row = ?1 AND device IS NOT NULL")?;
    let readers: Vec<(i64, DeviceKey)> =
        statement.query_map([message_row], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let mut handed = Vec::new();
    for (peer_row, device) in readers {
        let keys = keys::published(tx, peer_row, device.as_bytes())?;
        handed.extend(keys.map(|keys| Bucket::of_handed(keys.route)));
    }
    handed.sort_unstable();
    handed.dedup();
    let all = handed.clone();
    handed.retain(|bucket| !all.iter().any(|other| bucket != other && bucket.contains(*other)));
    Ok(if handed.is_empty() { vec![Bucket::EVERYTHING] } else { handed })
}

/// How many peers took every file of a message.
fn carriers(tx: &Transaction<'_>, message_row: i64) -> Result<usize> {
    let count: i64 = tx
        .prepare_cached(
            "SELECT count(*) FROM (SELECT node FROM blob_ref JOIN file_holder ON file = hash WHERE entry_row = -?1
                GROUP BY node HAVING count(*) = (SELECT count(*) FROM blob_ref WHERE entry_row = -?1))",
        )?
        .query_row([message_row], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

/// An entry that names files and says nothing to anybody.
fn enclose(desk: &Desk<'_>, blobs: Vec<SealedBlob>, bucket: Bucket) -> Result<Unverified<Entry>> {
    let key = SigningKey::from_bytes(&Zeroizing::new(drawn(desk.entropy)?));
    let public = DeviceKey::from(&key.verifying_key());
    let day = desk.now_ms.max(0).cast_unsigned() / 1_000 / DAY_S;
    let header = Header::one_time(public, u32::try_from(day).unwrap_or(u32::MAX), Vec::new());
    let (route, expires_day) = (u32::from_le_bytes(drawn(desk.entropy)?), u16::try_from(day + MAIL_DAYS));
    let route = bucket.route(route);
    let expires_day = expires_day.unwrap_or(u16::MAX);
    let outside = Outside {
        purpose: Purpose::Message,
        author: header.author,
        device: public,
        log: 0,
        seq: 0,
        day,
        route,
        expires_day,
        refs: &[],
    };
    let slot = (drawn(desk.entropy)?, Zeroizing::new(drawn(desk.entropy)?));
    let envelope = match Envelope::seal(&[], &[slot], &outside, desk.entropy) {
        Ok(envelope) => envelope,
        Err(EnvelopeError::NoRandomness(error)) => return Err(error.into()),
        Err(_) => return Err(Error::Bug("an entry that names files could not be sealed")),
    };
    let body = SealedBody { route, proof: None, expires_day, envelope, blobs, work: 0, comment_key: None };
    Ok(sign(&key, header, body.encode(drawn(desk.entropy)?)))
}
