//! The keys by which devices are written to for the first time: what others published, and what this device publishes.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::outbox;
use crate::crypto::Account;
use crate::entry::{DeviceKeysBody, Kind};
use crate::error::{Error, Result};
use crate::gate::Applying;
use crate::host::Entropy;
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits::{DEVICE_KEYS_S, SESSION_AGAIN_MS};
use crate::mail;
use crate::sync;

/// A device published its keys: the newest by (counter, id) count, and what waited for some goes to it.
pub(crate) fn apply(applying: &mut Applying<'_>) -> Result<()> {
    let tx = applying.tx;
    let Some(body) = &applying.entry.body else { return Ok(()) };
    let counter = i64::try_from(DeviceKeysBody::decode(body)?.counter).unwrap_or(i64::MAX);
    let device = applying.entry.header.device;
    let newer = tx
        .prepare_cached(
            "INSERT INTO device_keys (author_row, device, entry_row, counter) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (author_row, device) DO UPDATE SET entry_row = excluded.entry_row, counter = excluded.counter
             WHERE (excluded.counter, (SELECT id FROM entry WHERE row = excluded.entry_row))
                 > (counter, (SELECT id FROM entry WHERE row = device_keys.entry_row))",
        )?
        .execute(params![applying.author_row, device, applying.row, counter])?;
    if newer > 0
        && outbox::device_came(tx, applying.author_row, device.as_bytes(), applying.now_s.saturating_mul(1_000))?
    {
        applying.notes.queued = true;
    }
    Ok(())
}

/// What a device published last, in the open or where sealed content introduced it.
pub(super) fn published(db: &Connection, author_row: i64, device: &[u8; 32]) -> Result<Option<DeviceKeysBody>> {
    let body: Option<Vec<u8>> = db
        .prepare_cached(
            "SELECT body FROM (
                SELECT entry.body, counter, 1 AS open FROM device_keys JOIN entry ON entry.row = device_keys.entry_row
                WHERE device_keys.author_row = ?1 AND device_keys.device = ?2 AND entry.body IS NOT NULL
                UNION ALL SELECT keys, counter, 0 FROM met WHERE author_row = ?1 AND device = ?2 AND keys IS NOT NULL)
             ORDER BY counter DESC, open DESC LIMIT 1",
        )?
        .query_row(params![author_row, device], |row| row.get(0))
        .optional()?;
    Ok(body.map(|body| DeviceKeysBody::decode(&body)).transpose()?)
}

/// Counts a session that an own persona begins with a device, from 1 on: the later one is written to. Where one was begun
/// anew a short while ago: when the next one may be, ms.
pub(super) fn begin(
    tx: &Transaction<'_>,
    own_row: i64,
    author_row: i64,
    device: DeviceKey,
    now_ms: i64,
) -> Result<std::result::Result<u32, i64>> {
    let known: Option<(Option<i64>, u32)> = tx
        .prepare_cached(
            "SELECT again_ms, sessions FROM session_begun WHERE author_row = ?1 AND peer_row = ?2 AND device = ?3",
        )?
        .query_row(params![own_row, author_row, device], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (again_ms, sessions) = known.unwrap_or_default();
    if let Some(next_ms) = again_ms.map(|again_ms| again_ms.saturating_add(SESSION_AGAIN_MS))
        && (next_ms - SESSION_AGAIN_MS..next_ms).contains(&now_ms)
    {
        return Ok(Err(next_ms));
    }
    let begun = sessions.saturating_add(1);
    was_begun(tx, own_row, author_row, device, begun)?;
    tx.prepare_cached(
        "UPDATE session_begun SET again_ms = CASE WHEN again_ms IS NULL THEN 0 ELSE ?4 END
         WHERE author_row = ?1 AND peer_row = ?2 AND device = ?3",
    )?
    .execute(params![own_row, author_row, device, now_ms])?;
    Ok(Ok(begun))
}

/// A session of an own persona with a device was begun, from here or from there: the next one has a higher counter.
pub(super) fn was_begun(
    tx: &Transaction<'_>,
    own_row: i64,
    author_row: i64,
    device: DeviceKey,
    counter: u32,
) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO session_begun (author_row, peer_row, device, sessions) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (author_row, peer_row, device) DO UPDATE SET sessions = max(sessions, excluded.sessions)",
    )?
    .execute(params![own_row, author_row, device, counter])?;
    Ok(())
}

/// The account of an own persona on this device.
pub(super) fn account(db: &Connection, own_row: i64) -> Result<Option<Account>> {
    let state: Option<Vec<u8>> = db
        .prepare_cached("SELECT state FROM account WHERE author_row = ?1")?
        .query_row([own_row], |row| row.get(0))
        .optional()?;
    Ok(state.map(|state| Account::from_bytes(&state)).transpose()?)
}

pub(super) fn save_account(tx: &Transaction<'_>, own_row: i64, account: &Account) -> Result<()> {
    tx.prepare_cached(
        "INSERT INTO account (author_row, state) VALUES (?1, ?2)
         ON CONFLICT (author_row) DO UPDATE SET state = excluded.state",
    )?
    .execute(params![own_row, account.to_bytes()?.as_slice()])?;
    Ok(())
}

/// What lets a stranger check who writes: statements, newest profile and keys of an own persona, as runs.
pub(super) fn introduction(db: &Connection, own_row: i64, device: DeviceKey) -> Result<Option<Vec<u8>>> {
    let keys: Option<EntryId> = db
        .prepare_cached(
            "SELECT entry.id FROM device_keys JOIN entry ON entry.row = device_keys.entry_row
             WHERE device_keys.author_row = ?1 AND device_keys.device = ?2",
        )?
        .query_row(params![own_row, device], |row| row.get(0))
        .optional()?;
    if keys.is_none() { Ok(None) } else { statements(db, own_row, device).map(Some) }
}

/// What lets a stranger check who wrote something, as runs: how the persona began and which root it has now, the certificate
/// of the device, its keys where they are out, and the newest profile with the certificate of who wrote it.
pub(crate) fn statements(db: &Connection, own_row: i64, device: DeviceKey) -> Result<Vec<u8>> {
    let mut statement = db.prepare_cached(
        "SELECT id FROM entry WHERE author_row = ?1 AND log_row = 0 AND kind IN (?3, ?4)
         UNION ALL SELECT min(entry.id) FROM device_cert JOIN entry ON entry.row = entry_row
            WHERE device_cert.author_row = ?1 AND (device_cert.device = ?2 OR device_cert.device =
                (SELECT log.device FROM author JOIN entry ON entry.row = profile_row JOIN log ON log.row = entry.log_row
                 WHERE author.row = ?1))
            GROUP BY device_cert.device
         UNION ALL SELECT entry.id FROM author JOIN entry ON entry.row = profile_row WHERE author.row = ?1
         UNION ALL SELECT entry.id FROM device_keys JOIN entry ON entry.row = entry_row
            WHERE device_keys.author_row = ?1 AND device_keys.device = ?2",
    )?;
    let [open, rotate] = [Kind::PersonaOpen, Kind::RootRotate].map(Kind::number);
    let ids: Vec<EntryId> = statement
        .query_map(params![own_row, device, open, rotate], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let sync::Answer::Push(pushed) = sync::answer(db, sync::Query::Push(ids))? else { return Ok(Vec::new()) };
    Ok(pushed.into_iter().flat_map(|entry| entry.run).collect())
}

/// New keys are published with the next chance: somebody may know what belongs to those that are out.
pub(crate) fn renew_keys(tx: &Transaction<'_>, own_row: i64) -> Result<()> {
    tx.prepare_cached("UPDATE account SET published_s = 0 WHERE author_row = ?1")?.execute([own_row])?;
    Ok(())
}

/// Keys that are to be published; `None` where those that are out will do. Whoever asks publishes them in the same
/// transaction.
pub(crate) fn renewed(
    tx: &Transaction<'_>,
    persona: PersonaId,
    now_s: i64,
    entropy: &dyn Entropy,
) -> Result<Option<DeviceKeysBody>> {
    let own_row = crate::author::row(tx, persona)?;
    let account = match account(tx, own_row)? {
        Some(mut account) => {
            let published_s: i64 = tx
                .prepare_cached("SELECT published_s FROM account WHERE author_row = ?1")?
                .query_row([own_row], |row| row.get(0))?;
            // A route says how long its bucket is.
            if now_s.saturating_sub(published_s) < DEVICE_KEYS_S
                && !(published_s + 1..=now_s).contains(&mail::changed_s(tx)?)
            {
                return Ok(None);
            }
            account.renew(entropy)?;
            account
        }
        None => Account::new(entropy)?,
    };
    save_account(tx, own_row, &account)?;
    tx.prepare_cached("UPDATE account SET published_s = ?2 WHERE author_row = ?1")?.execute([own_row, now_s])?;
    let intro = account.intro_secrets().first().map(|secret| secret.public()).ok_or(Error::Bug("no intro key"))?;
    let keys = account.keys();
    let route = mail::route(tx, entropy, now_s)?;
    // The counter of an account that was made anew begins again.
    let counter = last_counter(tx, own_row)?.max(account.counter().saturating_sub(1)).saturating_add(1);
    let (identity, fallback) = (keys.identity, keys.fallback);
    Ok(Some(DeviceKeysBody { intro, identity, fallback, route, counter }))
}

/// The highest counter that an own persona published here.
fn last_counter(db: &Connection, own_row: i64) -> Result<u64> {
    let counter: Option<i64> = db
        .prepare_cached("SELECT max(counter) FROM device_keys WHERE author_row = ?1")?
        .query_row([own_row], |row| row.get(0))?;
    Ok(counter.unwrap_or_default().cast_unsigned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::author;
    use crate::store::{Durability, Store};

    /// Whoever shows again and again that a session is of no use has one begun anew an hour.
    #[test]
    fn a_session_is_begun_anew_once_an_hour() {
        let store = Store::in_memory().unwrap();
        let done = store.write(Durability::Normal, |tx| {
            let [own_row, other, peer] =
                [1, 2, 3].map(|number| author::row(tx, PersonaId::from_bytes([number; 32])).unwrap());
            let began = |own_row: i64, device: u8, now_ms: i64| {
                begin(tx, own_row, peer, DeviceKey::from_bytes([device; 32]), now_ms).unwrap()
            };
            let start = 50 * SESSION_AGAIN_MS;
            assert!(began(own_row, 1, start).is_ok(), "the first");
            assert!(began(own_row, 1, start + 1).is_ok(), "one of two copies went on");
            assert_eq!(began(own_row, 1, start + 2), Err(start + 1 + SESSION_AGAIN_MS));
            assert!(began(other, 1, start + 2).is_ok() && began(own_row, 2, start + 2).is_ok(), "others are others");
            assert_eq!(began(own_row, 1, start + SESSION_AGAIN_MS), Err(start + 1 + SESSION_AGAIN_MS));
            assert!(began(own_row, 1, start + 1 + SESSION_AGAIN_MS).is_ok());
            // A clock that was wrong.
            assert!(began(own_row, 1, start - 1).is_ok());
            Ok(())
        });
        done.now_or_never().unwrap().unwrap();
    }
}
