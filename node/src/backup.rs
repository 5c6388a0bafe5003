//! The sealed backup (DESIGN §3 "Recovery"): what it takes to be oneself again, sealed by the recovery phrase and left as
//! mail. Nobody who carries it knows whose it is, or that two of them belong together: each has an author of its own, and
//! goes where any mail goes (invariant 6). The phrase finds it among all mail of a bucket (invariant 5).
//!
//! It is renewed each month by a device that holds the phrase, soon after personas changed, and some times a month where
//! anything else did. A mailbox's receipt says that it is out of the house.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zeroize::Zeroizing;

use crate::bucket::Bucket;
use crate::bundle::{Backed, BundleError, read_backup, write_backup};
use crate::crypto::{BackupKeys, Envelope, EnvelopeError, LARGEST_CONTENT, Outside, Phrase, Purpose};
use crate::entry::{Entry, Header, SealedBody, Unverified, sign};
use crate::error::{Error, Result};
use crate::gate::{Origin, Receipt};
use crate::host::Entropy;
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits::{
    BACKUP_AGAIN_MS, BACKUP_CHANGED_MS, BACKUP_DAYS, BACKUP_LOOK_MS, BACKUP_OLD_MS, BACKUP_PIECES, BACKUP_READ_MS,
    BACKUP_RENEW_MS, DAY_S, MAIL_DAYS, REMIND_BACKUP_MS, REMIND_LOOK_MS,
};
use crate::node::Node;
use crate::recovery::was_checked;
use crate::service::{self, Service};
use crate::store::Durability;
use crate::view::{RecoveryNeed, RecoveryState, RecoveryView};
use crate::{author, mail, setting};

/// Of this device alone: for which personas it was looked whose words are here.
const LOOKED: &str = "backup.looked";

impl Node {
    /// How each own persona stands, in the order of `personas`.
    ///
    /// # Errors
    /// `Keystore` where the keys can't be read.
    pub async fn recovery(&self) -> Result<Vec<RecoveryView>> {
        let mut all = self.recovery_here().await?;
        for node in self.compartments() {
            all.extend(node.recovery_here().await?);
        }
        Ok(all)
    }

    async fn recovery_here(&self) -> Result<Vec<RecoveryView>> {
        let now_ms = i64::try_from(self.inner().clock.unix_ms()).unwrap_or(i64::MAX);
        let mut all = Vec::new();
        for persona in self.personas_here().await? {
            let id = persona.id;
            let name = self.own_phrase(id).await?.map(|phrase| BackupKeys::of(&phrase).name);
            let read = self.inner().store.read(move |db| {
                let last = name.map_or(Ok(None), |name| Last::read(db, &name))?;
                Ok((was_checked(db, id)?, has_keeper(db)?, last))
            });
            let (checked, keeper, last) = read.await?;
            // The one that is held may be of before this persona came.
            let held_ms = last.as_ref().filter(|last| names(&last.held, id)).map(|last| last.held_ms);
            let fresh = held_ms.is_some_and(|ms| now_ms.saturating_sub(ms) < signed(BACKUP_OLD_MS));
            let need = match (name, held_ms) {
                (None, _) => None,
                _ if !checked => Some(RecoveryNeed::Words),
                (_, Some(_)) if fresh && last.is_some_and(|last| last.left_out > 0) => Some(RecoveryNeed::Smaller),
                (_, Some(_)) if fresh => None,
                _ if !keeper => Some(RecoveryNeed::Anchor),
                (_, Some(_)) => Some(RecoveryNeed::Newer),
                (_, None) => Some(RecoveryNeed::Backup),
            };
            let state = match (name, need) {
                (None, _) => RecoveryState::Off,
                (Some(_), None) => RecoveryState::Protected,
                (Some(_), Some(_)) => RecoveryState::NeedsAttention,
            };
            let backup_ms = held_ms.map(i64::cast_unsigned);
            all.push(RecoveryView { persona: id, name: persona.name, state, need, backup_ms });
        }
        Ok(all)
    }

    /// Tells the user of personas whose backup needs them. One that is new has time: its words, and where a backup goes, are
    /// asked for when there is something to lose. A demo has nothing that could be.
    async fn remind(&self, now_ms: u64) -> Result<()> {
        if self.is_demo().await? {
            return Ok(());
        }
        let made = self.inner().store.read(author::own).await?;
        for view in self.recovery_here().await? {
            let made_ms =
                made.iter().find(|own| own.id == view.persona).map_or(0, |own| own.created_ms.cast_unsigned());
            let young = now_ms.saturating_sub(made_ms) < REMIND_BACKUP_MS;
            let need = view.need.filter(|_| !young).map(|need| match need {
                RecoveryNeed::Words => "words",
                RecoveryNeed::Anchor => "anchor",
                RecoveryNeed::Backup => "backup",
                RecoveryNeed::Newer => "newer",
                RecoveryNeed::Smaller => "smaller",
            });
            self.note_backup(view.persona, need).await?;
        }
        Ok(())
    }

    /// Leaves a backup of each phrase that is here, where one is due; answers how many entries that took. It goes to
    /// whoever is connected, as any mail.
    ///
    /// # Errors
    /// `Keystore` where the words can't be read.
    pub async fn back_up(&self) -> Result<usize> {
        let inner = self.inner();
        let now_ms = i64::try_from(inner.clock.unix_ms()).unwrap_or(i64::MAX);
        let (mut left, mut names) = (0, Vec::new());
        for (phrase, personas) in self.phrases().await? {
            let keys = BackupKeys::of(&phrase);
            let (name, route) = (keys.name, keys.route);
            names.push(name);
            let who = personas.iter().flat_map(|id| id.to_bytes()).collect();
            let read = inner.store.read(move |db| {
                let (content, left_out) = write_backup(db, &personas, BACKUP_PIECES * PIECE)?;
                let bucket = mail::as_long_as_own(db, route)?;
                Ok((content, left_out, Last::read(db, &name)?, core(db)?, bucket))
            });
            let (content, left_out, last, core, bucket) = read.await?;
            let digest = *blake3::hash(&content).as_bytes();
            let entropy = Arc::clone(&inner.entropy);
            let Some(lasts) = due(last.as_ref(), &core, &digest, now_ms) else {
                let read = move |tx: &Transaction<'_>| {
                    tx.execute("UPDATE backup SET read_ms = ?2 WHERE name = ?1", params![name, now_ms])?;
                    Ok(())
                };
                inner.store.write(Durability::Normal, read).await?;
                continue;
            };
            // Newer than the last one, whatever the clock says.
            let made_ms = now_ms.max(last.as_ref().map_or(0, |last| last.made_ms.saturating_add(1)));
            let entries = sealed(&keys, &content, made_ms.cast_unsigned(), (bucket, lasts), now_ms, &*entropy)?;
            let ids: Vec<EntryId> = entries.iter().map(|Unverified(entry)| entry.id()).collect();
            let (monthly_ms, since) = match (&last, lasts) {
                (Some(last), Lasts::AsMail) => (last.monthly_ms, last.since.saturating_add(1)),
                _ => (made_ms, 0),
            };
            let (held_ms, held) = last.map(|last| (last.held_ms, last.held)).unwrap_or_default();
            let left_out = i64::try_from(left_out).unwrap_or(i64::MAX);
            let made = Last { core, digest, made_ms, who, monthly_ms, since, held_ms, held, left_out };
            left += ids.len();
            // Before they leave: a receipt may come at once.
            inner.store.write(Durability::Full, move |tx| made.keep(tx, &name, &ids)).await?;
            let outcome = inner.gate()?.submit(Origin::Own, entries).await?;
            if let Some((_, error)) = outcome.refused.into_iter().next() {
                return Err(error.into());
            }
        }
        let looked = move |tx: &Transaction<'_>| {
            forget_all_but(tx, &names)?;
            setting::put_local(tx, LOOKED, &hex(&core(tx)?))
        };
        inner.store.write(Durability::Normal, looked).await?;
        Ok(left)
    }

    /// The newest backup of a phrase that is whole, among the mail that is here.
    ///
    /// # Errors
    /// `Bundle(BackupTooNew)` where there are none but of a later version.
    pub(crate) async fn backup_of(&self, phrase: &Phrase) -> Result<Option<Found>> {
        let keys = BackupKeys::of(phrase);
        self.inner().store.read(move |db| find(db, &keys)).await
    }

    /// The phrases that are here, each with the personas that it recovers.
    async fn phrases(&self) -> Result<Vec<(Phrase, Vec<PersonaId>)>> {
        let mut phrases: Vec<(Phrase, Vec<PersonaId>)> = Vec::new();
        for persona in self.personas_here().await? {
            let Some(phrase) = self.own_phrase(persona.id).await? else { continue };
            match phrases.iter_mut().find(|(known, _)| *known == phrase) {
                Some((_, personas)) => personas.push(persona.id),
                None => phrases.push((phrase, vec![persona.id])),
            }
        }
        Ok(phrases)
    }

    /// Whether one may be due, and somebody is there who keeps it.
    async fn may_back_up(&self, first: bool) -> Result<bool> {
        let inner = self.inner();
        if inner.net().is_none() {
            return Ok(false);
        }
        let now_ms = i64::try_from(inner.clock.unix_ms()).unwrap_or(i64::MAX);
        let (may, keepers) = inner
            .store
            .read(move |db| {
                let keepers = [Service::Anchor, Service::Mailbox].map(|kind| service::tickets(db, kind));
                let [anchors, mailboxes] = keepers;
                Ok((may_be_due(db, first, now_ms)?, [anchors?, mailboxes?].concat()))
            })
            .await?;
        if !may || keepers.is_empty() {
            return Ok(false);
        }
        Ok(self.peers().await?.iter().any(|peer| keepers.iter().any(|keeper| keeper.node == peer.node)))
    }
}

/// Leaves backups as they become due, until the node ends.
pub(crate) async fn keep_backed_up(node: Node) {
    let mut ticks = tokio::time::interval(Duration::from_millis(BACKUP_LOOK_MS));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // Words may have come while no node ran.
    let mut first = true;
    let mut looked_ms = 0;
    loop {
        ticks.tick().await;
        let now_ms = node.inner().clock.unix_ms();
        if now_ms.saturating_sub(looked_ms) >= REMIND_LOOK_MS {
            looked_ms = now_ms;
            if let Err(error) = node.remind(now_ms).await {
                tracing::warn!(%error, "it could not be read how safe the personas are");
            }
        }
        let done = match node.may_back_up(first).await {
            Ok(true) => node.back_up().await.map(|_| first = false),
            Ok(false) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = done {
            tracing::warn!(%error, "no backup could be left; it is tried again");
        }
    }
}

/// Of these receipts, those for backups that wait here for one.
pub(crate) fn waiting_for_receipt(db: &Connection, receipts: &[Receipt]) -> Result<Vec<Receipt>> {
    let mut statement =
        db.prepare_cached("SELECT EXISTS (SELECT 1 FROM backup_entry WHERE entry = ?1 AND held = 0)")?;
    let mut waiting = Vec::new();
    for receipt in receipts {
        if statement.query_row([receipt.entry], |row| row.get(0))? {
            waiting.push(*receipt);
        }
    }
    Ok(waiting)
}

/// A mailbox holds these entries; answers whether a backup is whole with them.
pub(crate) fn held(tx: &Transaction<'_>, entries: &[EntryId]) -> Result<bool> {
    for entry in entries {
        tx.prepare_cached("UPDATE backup_entry SET held = 1 WHERE entry = ?1")?.execute([entry])?;
    }
    let whole = tx
        .prepare_cached(
            "UPDATE backup SET held_ms = made_ms, held = who WHERE held_ms < made_ms
                AND NOT EXISTS (SELECT 1 FROM backup_entry AS e WHERE e.name = backup.name AND held = 0)",
        )?
        .execute([])?;
    Ok(whole > 0)
}

/// A backup that was found.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) backed: Backed,
    pub(crate) made_ms: u64,
    /// Of a newer one not all is here.
    pub(crate) newer_cut: bool,
}

/// How long one is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lasts {
    Months,
    AsMail,
}

/// What this device knows of the last backup of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Last {
    /// Of which personas there were.
    core: [u8; 32],
    /// Of what was in it.
    digest: [u8; 32],
    made_ms: i64,
    /// Ids of the personas in it, one after the other.
    who: Vec<u8>,
    monthly_ms: i64,
    /// How many followed the last monthly one.
    since: i64,
    /// When the last one was made of which all is held; 0: none.
    held_ms: i64,
    /// Ids of the personas in that one.
    held: Vec<u8>,
    left_out: i64,
}

impl Last {
    fn read(db: &Connection, name: &[u8; 16]) -> Result<Option<Self>> {
        let mut statement = db.prepare_cached(
            "SELECT core, digest, made_ms, who, monthly_ms, since, held_ms, held, left_out FROM backup WHERE name = ?1",
        )?;
        let last = statement.query_row([name], |row| {
            Ok(Self {
                core: row.get(0)?,
                digest: row.get(1)?,
                made_ms: row.get(2)?,
                who: row.get(3)?,
                monthly_ms: row.get(4)?,
                since: row.get(5)?,
                held_ms: row.get(6)?,
                held: row.get(7)?,
                left_out: row.get(8)?,
            })
        });
        Ok(last.optional()?)
    }

    fn keep(&self, tx: &Transaction<'_>, name: &[u8; 16], entries: &[EntryId]) -> Result<()> {
        let Self { core, digest, made_ms, who, monthly_ms, since, held_ms, held, left_out } = self;
        tx.prepare_cached("DELETE FROM backup_entry WHERE name = ?1")?.execute([name])?;
        tx.prepare_cached(
            "INSERT OR REPLACE INTO backup
                (name, core, digest, made_ms, monthly_ms, since, held_ms, left_out, read_ms, who, held)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?4, ?9, ?10)",
        )?
        .execute(params![name, core, digest, made_ms, monthly_ms, since, held_ms, left_out, who, held])?;
        for entry in entries {
            tx.prepare_cached("INSERT INTO backup_entry (entry, name) VALUES (?1, ?2)")?
                .execute(params![entry, name])?;
        }
        Ok(())
    }
}

fn names(who: &[u8], persona: PersonaId) -> bool {
    who.chunks(32).any(|id| id == persona.as_bytes())
}

/// What is known of the backups of other phrases than these goes: their last persona was deleted here.
fn forget_all_but(tx: &Transaction<'_>, names: &[[u8; 16]]) -> Result<()> {
    let mut statement = tx.prepare_cached("SELECT name FROM backup")?;
    let known: Vec<[u8; 16]> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for gone in known.iter().filter(|name| !names.contains(name)) {
        tx.prepare_cached("DELETE FROM backup WHERE name = ?1")?.execute([gone])?;
    }
    Ok(())
}

/// Which personas there are, and their roots: what a backup must never lack for long.
fn core(db: &Connection) -> Result<[u8; 32]> {
    let mut statement = db.prepare_cached("SELECT id, root, root_counter FROM author WHERE own = 1 ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut hasher = blake3::Hasher::new();
    while let Some(row) = rows.next()? {
        let (id, root): (PersonaId, Option<DeviceKey>) = (row.get(0)?, row.get(1)?);
        hasher.update(id.as_bytes()).update(root.unwrap_or(DeviceKey::ZERO).as_bytes());
        hasher.update(&row.get::<_, i64>(2)?.to_le_bytes());
    }
    Ok(*hasher.finalize().as_bytes())
}

/// Whether it is worth to read all that would be in a backup.
fn may_be_due(db: &Connection, first: bool, now_ms: i64) -> Result<bool> {
    let core = core(db)?;
    let mut statement = db.prepare_cached("SELECT core, read_ms FROM backup")?;
    let known: Vec<([u8; 32], i64)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let read_again = |(of, read_ms): &([u8; 32], i64)| {
        *of != core || !(0..signed(BACKUP_READ_MS)).contains(&now_ms.saturating_sub(*read_ms))
    };
    let looked = setting::local(db, LOOKED)?.is_some_and(|looked| looked == hex(&core));
    Ok(first || !looked || known.iter().any(read_again))
}

fn due(last: Option<&Last>, core: &[u8; 32], digest: &[u8; 32], now_ms: i64) -> Option<Lasts> {
    let Some(last) = last else { return Some(Lasts::Months) };
    let since_ms = now_ms.saturating_sub(last.made_ms);
    let monthly = last.core != *core
        || now_ms.saturating_sub(last.monthly_ms) >= signed(BACKUP_RENEW_MS)
        // A clock that was set back must not end it.
        || since_ms < -signed(BACKUP_AGAIN_MS);
    if monthly {
        return Some(Lasts::Months);
    }
    let waits = usize::try_from(last.since).ok().and_then(|since| BACKUP_CHANGED_MS.get(since));
    let wait_ms = waits.or(BACKUP_CHANGED_MS.last()).copied().unwrap_or(BACKUP_RENEW_MS);
    let changed = last.digest != *digest && since_ms >= signed(wait_ms);
    let lost = last.held_ms < last.made_ms && since_ms >= signed(BACKUP_AGAIN_MS);
    (changed || lost).then_some(Lasts::AsMail)
}

fn has_keeper(db: &Connection) -> Result<bool> {
    Ok(db.prepare_cached("SELECT EXISTS (SELECT 1 FROM service WHERE present = 1)")?.query_row([], |row| row.get(0))?)
}

fn signed(ms: u64) -> i64 {
    i64::try_from(ms).unwrap_or(i64::MAX)
}

fn hex(bytes: &[u8]) -> String {
    data_encoding::HEXLOWER.encode(bytes)
}

// --- pieces ---

const VERSION: u8 = 1;
/// What stands before the bytes of a piece: version u8, made u64 (ms), number u8, of how many u8, hash of the whole.
const HEAD: usize = 1 + 8 + 1 + 1 + 32;
/// Bytes of a backup in one entry.
const PIECE: usize = LARGEST_CONTENT - HEAD;

/// One entry's part of a backup.
struct Piece {
    made_ms: u64,
    at: u8,
    of: u8,
    hash: [u8; 32],
    bytes: Zeroizing<Vec<u8>>,
}

impl Piece {
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(HEAD + self.bytes.len()));
        out.push(VERSION);
        out.extend_from_slice(&self.made_ms.to_le_bytes());
        out.extend_from_slice(&[self.at, self.of]);
        out.extend_from_slice(&self.hash);
        out.extend_from_slice(&self.bytes);
        out
    }

    /// # Errors
    /// `BackupTooNew` for another version, `Damaged` for what is none.
    fn decode(content: &[u8]) -> Result<Self, BundleError> {
        let (version, rest) = content.split_first().ok_or(BundleError::Damaged)?;
        if *version != VERSION {
            return Err(BundleError::BackupTooNew);
        }
        let head = || {
            let (made_ms, rest) = rest.split_first_chunk()?;
            let ([at, of], rest) = rest.split_first_chunk()?;
            let (hash, bytes) = rest.split_first_chunk()?;
            let bytes = Zeroizing::new(bytes.to_vec());
            let piece = Self { made_ms: u64::from_le_bytes(*made_ms), at: *at, of: *of, hash: *hash, bytes };
            (at < of && usize::from(*of) <= BACKUP_PIECES).then_some(piece)
        };
        head().ok_or(BundleError::Damaged)
    }
}

/// Whether a piece that reads is written the same, and what is read of a backup neither ends it nor the process: for the
/// fuzz target.
pub fn fuzz_backup(bytes: &[u8]) -> bool {
    let _any = read_backup(bytes);
    Piece::decode(bytes).map_or(true, |piece| *piece.encode() == bytes)
}

/// The entries of a backup, each under a key that is used once.
fn sealed(
    keys: &BackupKeys,
    content: &[u8],
    made_ms: u64,
    (bucket, lasts): (Bucket, Lasts),
    now_ms: i64,
    entropy: &dyn Entropy,
) -> Result<Vec<Unverified<Entry>>> {
    let day = now_ms.max(0).cast_unsigned() / 1_000 / DAY_S;
    let expires = day + if lasts == Lasts::Months { BACKUP_DAYS } else { MAIL_DAYS };
    let expires_day = u16::try_from(expires).unwrap_or(u16::MAX);
    let hash = *blake3::hash(content).as_bytes();
    let pieces = content.chunks(PIECE);
    let of = u8::try_from(pieces.len()).map_err(|_| Error::Bug("a backup of too many pieces"))?;
    let mut entries = Vec::new();
    for (at, bytes) in (0..of).zip(pieces) {
        let piece = Piece { made_ms, at, of, hash, bytes: Zeroizing::new(bytes.to_vec()) };
        let signer = SigningKey::from_bytes(&Zeroizing::new(drawn(entropy)?));
        let device = DeviceKey::from_bytes(signer.verifying_key().to_bytes());
        let header = Header::one_time(device, u32::try_from(day).unwrap_or(u32::MAX), Vec::new());
        let route = bucket.route(u32::from_le_bytes(drawn(entropy)?));
        let (outside, salt) = (header.outside(Purpose::Backup, route, expires_day), drawn(entropy)?);
        let slot = (keys.key.tag(&outside, &salt), keys.key.slot_key(&outside, &salt));
        let envelope = match Envelope::seal(&piece.encode(), &[slot], &outside, entropy) {
            Ok(envelope) => envelope,
            Err(EnvelopeError::NoRandomness(error)) => return Err(error.into()),
            Err(_) => return Err(Error::Bug("a backup could not be sealed")),
        };
        let (blobs, proof, comment_key) = (Vec::new(), None, None);
        let body = SealedBody { route, proof, expires_day, envelope, blobs, work: 0, comment_key };
        entries.push(sign(&signer, header, body.encode(salt)));
    }
    Ok(entries)
}

fn drawn<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}

/// Looks through all mail. What is no backup of these keys costs a hash.
fn find(db: &Connection, keys: &BackupKeys) -> Result<Option<Found>> {
    let mut all = db.prepare(
        "SELECT entry.row, entry.device, substr(entry.body, 1, 16) FROM mail CROSS JOIN entry ON entry.row = mail.entry_row
         WHERE entry.body IS NOT NULL ORDER BY mail.entry_row",
    )?;
    let mut has_tag = db.prepare("SELECT EXISTS (SELECT 1 FROM mail_tag WHERE tag = ?1 AND entry_row = ?2)")?;
    let mut rows = all.query([])?;
    let mut backups: BTreeMap<(u64, [u8; 32]), BTreeMap<u8, Piece>> = BTreeMap::new();
    let mut too_new = false;
    while let Some(row) = rows.next()? {
        let (row, device, salt): (i64, DeviceKey, [u8; 16]) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let tag = keys.key.tag(&place(device), &salt);
        if !has_tag.query_row(params![tag, row], |found| found.get::<_, bool>(0))? {
            continue;
        }
        let (entry, body) = mail::read(db, row)?;
        let outside = body.outside(&entry.header, Purpose::Backup);
        let Ok(content) = body.envelope.open_with_tag(&tag, &keys.key.slot_key(&outside, &salt), &outside) else {
            continue;
        };
        match Piece::decode(&content) {
            Ok(piece) => drop(backups.entry((piece.made_ms, piece.hash)).or_default().insert(piece.at, piece)),
            Err(error) => too_new |= matches!(error, BundleError::BackupTooNew),
        }
    }
    let mut newer_cut = false;
    for ((made_ms, hash), pieces) in backups.into_iter().rev() {
        match whole(&hash, &pieces) {
            Some(backed) => return Ok(Some(Found { backed, made_ms, newer_cut })),
            None => newer_cut = true,
        }
    }
    if too_new { Err(BundleError::BackupTooNew.into()) } else { Ok(None) }
}

/// What all pieces of a backup say together; `None` where one is missing.
fn whole(hash: &[u8; 32], pieces: &BTreeMap<u8, Piece>) -> Option<Backed> {
    let of = pieces.first_key_value()?.1.of;
    let mut bytes = Zeroizing::new(Vec::with_capacity(usize::from(of) * PIECE));
    for at in 0..of {
        bytes.extend_from_slice(&pieces.get(&at)?.bytes);
    }
    if blake3::hash(&bytes) != blake3::Hash::from_bytes(*hash) {
        return None;
    }
    read_backup(&bytes).ok()
}

/// Where the tag of a backup follows from.
fn place(device: DeviceKey) -> Outside<'static> {
    Outside {
        purpose: Purpose::Backup,
        author: PersonaId::from_bytes(device.to_bytes()),
        device,
        log: 0,
        seq: 0,
        day: 0,
        route: 0,
        expires_day: 0,
        refs: &[],
    }
}

#[cfg(test)]
mod tests;
