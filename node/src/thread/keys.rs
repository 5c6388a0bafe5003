//! The keys by which devices are written to for the first time: what others published, and what this device publishes.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::outbox;
use crate::crypto::Account;
use crate::entry::{DeviceKeysBody, Kind, Scope};
use crate::error::{Error, Result};
use crate::gate::{Applying, Draft};
use crate::host::Entropy;
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits::{DEVICE_KEYS_S, KEYS_LOOK_MS};
use crate::node::Node;
use crate::store::Durability;
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
    if newer > 0 && outbox::device_came(tx, applying.author_row, device.as_bytes(), applying.now_s.saturating_mul(1_000))? {
        applying.notes.queued = true;
    }
    Ok(())
}

/// What a device published last.
pub(super) fn published(db: &Connection, author_row: i64, device: &[u8; 32]) -> Result<Option<DeviceKeysBody>> {
    let body: Option<Vec<u8>> = db
        .prepare_cached(
            "SELECT entry.body FROM device_keys JOIN entry ON entry.row = device_keys.entry_row
             WHERE device_keys.author_row = ?1 AND device_keys.device = ?2 AND entry.body IS NOT NULL",
        )?
        .query_row(params![author_row, device], |row| row.get(0))
        .optional()?;
    Ok(body.map(|body| DeviceKeysBody::decode(&body)).transpose()?)
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
    let Some(keys) = keys else { return Ok(None) };
    let sync::Answer::Push(pushed) = sync::answer(db, sync::Query::Push(vec![keys]))? else { return Ok(None) };
    Ok(pushed.into_iter().next().map(|keys| [keys.introduction.bytes.as_slice(), &keys.run].concat()))
}

impl Node {
    /// Publishes this device's keys for every own persona where none are out, or those are a week old.
    ///
    /// # Errors
    /// `Entry` where the gate refuses, `Io` and `DiskFull` of the store.
    pub(crate) async fn publish_keys(&self) -> Result<()> {
        for persona in self.personas().await? {
            self.publish_keys_of(persona.id).await?;
        }
        Ok(())
    }

    pub(crate) async fn publish_keys_of(&self, persona: PersonaId) -> Result<()> {
        let inner = self.inner();
        let now_s = i64::try_from(inner.clock.unix_s()).unwrap_or(i64::MAX);
        let (entropy, salt) = (std::sync::Arc::clone(&inner.entropy), inner.random()?);
        let keys = inner.store.write(Durability::Full, move |tx| renewed(tx, persona, now_s, &*entropy)).await?;
        let Some(keys) = keys else { return Ok(()) };
        let body = keys.encode(salt);
        self.author_one(Draft { persona, scope: Scope::Posts, kind: Kind::DeviceKeys, refs: Vec::new(), body }).await?;
        let counter = i64::try_from(keys.counter).unwrap_or(i64::MAX);
        inner
            .store
            .write(Durability::Normal, move |tx| {
                tx.prepare_cached(
                    "UPDATE account SET counter = ?2, published_s = ?3
                     WHERE author_row = (SELECT row FROM author WHERE id = ?1)",
                )?
                .execute(params![persona, counter, now_s])?;
                Ok(())
            })
            .await
    }
}

/// Publishes keys at the start, and whenever a week is over.
pub(crate) async fn keep_published(node: Node) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(KEYS_LOOK_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match node.publish_keys().await {
            Ok(()) => {}
            Err(Error::Closed) => return,
            Err(error) => tracing::warn!(%error, "keys for first messages could not be published; it is tried again"),
        }
    }
}

/// Keys that are to be published; `None` where those that are out will do. Kept before they leave.
fn renewed(
    tx: &Transaction<'_>,
    persona: PersonaId,
    now_s: i64,
    entropy: &dyn Entropy,
) -> Result<Option<DeviceKeysBody>> {
    let own_row = crate::follow::author_row(tx, persona)?;
    let (mut account, out, published_s) = match account(tx, own_row)? {
        Some(account) => {
            let (out, published_s): (i64, i64) = tx
                .prepare_cached("SELECT counter, published_s FROM account WHERE author_row = ?1")?
                .query_row([own_row], |row| Ok((row.get(0)?, row.get(1)?)))?;
            (account, out.cast_unsigned(), published_s)
        }
        None => (Account::new(entropy)?, 0, 0),
    };
    if out == account.counter() {
        if now_s.saturating_sub(published_s) < DEVICE_KEYS_S {
            return Ok(None);
        }
        account.renew(entropy)?;
    }
    save_account(tx, own_row, &account)?;
    let intro = account.intro_secrets().first().map(|secret| secret.public()).ok_or(Error::Bug("no intro key"))?;
    let keys = account.keys();
    let mut route = [0; 4];
    entropy.fill(&mut route)?;
    Ok(Some(DeviceKeysBody {
        intro,
        identity: keys.identity,
        fallback: keys.fallback,
        route: u32::from_le_bytes(route),
        counter: account.counter(),
    }))
}
