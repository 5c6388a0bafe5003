//! Storage (DESIGN §5, "Carrying and storage"): what content takes on this device, by class; what is taken in where
//! room is short; and what goes.
//!
//! Classes, the last go first: own, followed, carried for others, and what nobody here carries (strangers who wrote in
//! a header, and authors who were carried once). Own entries and entries of followed authors are never evicted in this
//! version, even where they alone exceed the quota: `doctor` tells it then. What others wrote under own posts goes only
//! where strangers' share is full.
//!
//! Bytes are counted by triggers of the schema, so that they are exact whoever writes. A refusal never loses what is
//! stored. Mail expires, and has a share of its own ([`fair`]).

mod evict;
mod fair;
#[cfg(test)]
mod tests;

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::timeout;

use crate::entry::{Entry, EntryError, Kind};
use crate::error::{Error, Result};
use crate::event::{Event, EventReceiver};
use crate::gate::Committed;
use crate::header;
use crate::id::PersonaId;
use crate::limits;
use crate::node::Node;
use crate::setting;
use crate::store::Durability;
use crate::view::{Role, Size, StorageView};

/// Of this device alone: bytes that it keeps; missing: as the role says.
const QUOTA: &str = "storage.quota";
/// Of this device alone, for the network: `little`: no new authors are carried for others; `none`: nothing is fetched
/// before somebody asks; missing: there is room.
const ROOM: &str = "storage.room";
/// Of this device alone: `time until`: what strangers wrote up to this time, s, has gone for lack of room and is not
/// taken in again until then, ms.
const GONE: &str = "storage.gone";
/// Of this device alone: `on` where moving bytes costs.
const METERED: &str = "net.metered";

/// `usage.class` and `usage_class.class`.
const OWN: i64 = 0;
const MAIL: i64 = 1;
const FOLLOWED: i64 = 2;
const CARRIED: i64 = 3;
const STRANGER: i64 = 4;
const LEFT: i64 = 5;
const BLOBS: i64 = 6;

pub(crate) use self::evict::{Step, cut_log};
pub(crate) use self::fair::{admit_files, admit_mail, may_promise};

/// Bytes by class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Used([i64; 7]);

impl Used {
    fn read(db: &Connection) -> Result<Self> {
        let mut used = Self::default();
        let mut statement = db.prepare_cached("SELECT class, bytes FROM usage_class")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let place = usize::try_from(row.get::<_, i64>(0)?).ok().and_then(|class| used.0.get_mut(class));
            if let Some(place) = place {
                *place = row.get(1)?;
            }
        }
        Ok(used)
    }

    fn of(self, class: i64) -> i64 {
        usize::try_from(class).ok().and_then(|class| self.0.get(class)).copied().unwrap_or_default()
    }

    fn total(self) -> i64 {
        self.0.iter().sum()
    }
}

/// Bytes that this device keeps.
fn quota(db: &Connection, role: Role) -> Result<i64> {
    Ok(set_quota(db)?.unwrap_or(usual(role)))
}

/// What was set.
fn set_quota(db: &Connection) -> Result<Option<i64>> {
    Ok(setting::local(db, QUOTA)?.and_then(|quota| quota.parse().ok()).filter(|quota| *quota > 0))
}

fn usual(role: Role) -> i64 {
    match role {
        Role::Phone => limits::QUOTA_PHONE,
        Role::Desktop => limits::QUOTA_DESKTOP,
        Role::Anchor => limits::QUOTA_ANCHOR,
    }
}

fn part(quota: i64, sixteenths: i64) -> i64 {
    quota / 16 * sixteenths
}

/// What an entry takes, bytes, as the triggers count it.
pub(crate) fn cost(entry: &Entry) -> i64 {
    let body = entry.body.as_ref().map_or(0, Vec::len);
    let bytes = i64::try_from(entry.header.refs.len() * 32 + body).unwrap_or(i64::MAX);
    bytes.saturating_add(limits::ENTRY_ROW_BYTES)
}

/// Whether there is room for an entry of somebody who is neither own nor followed; called last before it is stored, as
/// it counts against its author's day. `author_row`: `None` where the author is not known yet.
pub(crate) fn admit(
    tx: &Transaction<'_>,
    role: Role,
    entry: &Entry,
    author_row: Option<i64>,
    now_s: i64,
) -> Result<Option<EntryError>> {
    admit_bytes(tx, role, entry, author_row, cost(entry), now_s)
}

/// Bytes that mail may take.
pub(crate) fn mail_share(db: &Connection, role: Role) -> Result<i64> {
    Ok(quota(db, role)? / limits::MAIL_PART)
}

/// As [`admit`], for the body of an entry that is here without it.
pub(crate) fn admit_body(
    tx: &Transaction<'_>,
    role: Role,
    entry: &Entry,
    author_row: i64,
    now_s: i64,
) -> Result<Option<EntryError>> {
    admit_bytes(tx, role, entry, Some(author_row), cost(entry) - limits::ENTRY_ROW_BYTES, now_s)
}

fn admit_bytes(
    tx: &Transaction<'_>,
    role: Role,
    entry: &Entry,
    author_row: Option<i64>,
    cost: i64,
    now_s: i64,
) -> Result<Option<EntryError>> {
    let usage: Option<(i64, i64, i64, i64)> = tx
        .prepare_cached("SELECT class, bytes, day, day_bytes FROM usage WHERE author_row = ?1")?
        .query_row([author_row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let (class, bytes, day, day_bytes) = usage.unwrap_or((STRANGER, 0, 0, 0));
    if matches!(class, OWN | FOLLOWED) {
        return Ok(None);
    }
    let (used, quota) = (Used::read(tx)?, quota(tx, role)?);
    let full = used.total().saturating_add(cost) > quota;
    if class == CARRIED {
        if full {
            return Ok(Some(EntryError::NoRoom(whose_header(tx, entry)?)));
        }
        if bytes.saturating_add(cost) > quota / limits::CARRIED_PART {
            return Ok(Some(EntryError::Full("storage of one carried author")));
        }
        if grouped(tx, author_row)?.is_some_and(|all| all.saturating_add(cost) > quota / limits::GROUPED_PART) {
            return Ok(Some(EntryError::Full("storage of members of groups")));
        }
        // What nobody here can read must not be free bulk storage.
        if !matches!(entry.header.kind, Kind::Unknown(_)) {
            return Ok(None);
        }
    }
    if used.of(STRANGER).saturating_add(cost) > quota / limits::STRANGERS_PART {
        return Ok(Some(EntryError::NoRoom(whose_header(tx, entry)?)));
    }
    if full && !is_on_own_post(tx, entry)? {
        return Ok(Some(EntryError::Full("this node's storage")));
    }
    // What was evicted would come again with the next comparison of headers. Who somebody is may be older than that.
    let comes_with_headers = matches!(entry.header.role(), Kind::Comment | Kind::Reaction | Kind::Edit);
    if comes_with_headers
        && gone(tx)?.is_some_and(|(time_s, _)| i64::try_from(entry.header.time).is_ok_and(|time| time < time_s))
        && !is_on_own_post(tx, entry)?
    {
        return Ok(Some(EntryError::NoRoom(whose_header(tx, entry)?)));
    }
    let today = now_s.div_euclid(86_400);
    let before = if day == today { day_bytes } else { 0 };
    if before.saturating_add(cost) > limits::STRANGER_DAY_BYTES {
        return Ok(Some(EntryError::Full("what one stranger may add in a day")));
    }
    tx.prepare_cached("UPDATE usage SET day = ?2, day_bytes = ?3 WHERE author_row = ?1")?.execute(params![
        author_row,
        today,
        before + cost
    ])?;
    Ok(None)
}

/// What members of joined groups take all together, bytes, where the author is one that nobody here follows.
fn grouped(db: &Connection, author_row: Option<i64>) -> Result<Option<i64>> {
    Ok(db
        .prepare_cached(
            "SELECT (SELECT sum(bytes) FROM carry AS c JOIN usage ON usage.author_row = c.author_row
                     WHERE c.grouped = 1 AND usage.class = ?2)
             FROM carry WHERE author_row = ?1 AND grouped = 1",
        )?
        .query_row(params![author_row, CARRIED], |row| row.get(0))
        .optional()?)
}

/// The author of the post that an entry is about, where that is here.
fn whose_header(db: &Connection, entry: &Entry) -> Result<Option<PersonaId>> {
    let Some(post) = header::about(db, entry)? else { return Ok(None) };
    Ok(db
        .prepare_cached(
            "SELECT author.id FROM entry JOIN author ON author.row = entry.author_row
                         WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1",
        )?
        .query_row([post], |row| row.get(0))
        .optional()?)
}

/// Up to which time, s, what strangers wrote is not taken in again, and until when, ms.
fn gone(db: &Connection) -> Result<Option<(i64, u64)>> {
    let noted = setting::local(db, GONE)?.unwrap_or_default();
    Ok(noted.split_once(' ').and_then(|(time_s, until_ms)| Some((time_s.parse().ok()?, until_ms.parse().ok()?))))
}

/// Notes that what strangers wrote up to a time, s, has gone.
fn note_gone(tx: &Transaction<'_>, time_s: i64, now_ms: u64) -> Result<()> {
    let time_s = gone(tx)?.map_or(time_s, |(before_s, _)| time_s.max(before_s));
    setting::put_local(tx, GONE, &format!("{time_s} {}", now_ms.saturating_add(limits::EVICTED_PAUSE_MS)))
}

/// Comments and reactions under own posts have room as long as strangers' share has.
fn is_on_own_post(tx: &Transaction<'_>, entry: &Entry) -> Result<bool> {
    let Some(post) = header::about(tx, entry)? else { return Ok(false) };
    Ok(tx
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM entry JOIN author ON author.row = entry.author_row
             WHERE entry.prefix = substr(?1, 1, 8) AND entry.id = ?1 AND author.own = 1)",
        )?
        .query_row([post], |row| row.get(0))?)
}

/// What has to go: bytes down to which; `None`: nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Aim {
    total: Option<i64>,
    strangers: Option<i64>,
}

impl Aim {
    fn of(used: Used, quota: i64) -> Self {
        let share = quota / limits::STRANGERS_PART;
        let crowded = used.of(STRANGER) > part(share, limits::STRANGERS_FULL_16THS);
        Self {
            total: (used.total() > quota).then(|| part(quota, limits::QUOTA_LEFT_16THS)),
            strangers: crowded.then(|| part(share, limits::STRANGERS_LEFT_16THS)),
        }
    }

    /// Whether the strangers' share, and whether the whole, is still above.
    fn missed(self, used: Used) -> (bool, bool) {
        let over = |aim: Option<i64>, bytes| aim.is_some_and(|aim| bytes > aim);
        (over(self.strangers, used.of(STRANGER)), over(self.total, used.total()))
    }
}

/// What was evicted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evicted {
    pub entries: u64,
    pub files: u64,
    /// It was not enough: what is left is own, or written by people who are followed.
    pub still_over: bool,
}

impl Node {
    /// What is stored here, and how much may be.
    pub async fn storage(&self) -> Result<StorageView> {
        let role = self.inner().config.role;
        let read = self.inner().store.read(move |db| {
            let (used, set, metered) = (Used::read(db)?, set_quota(db)?, setting::local(db, METERED)?);
            let bytes = |class| used.of(class).max(0).cast_unsigned();
            Ok(StorageView {
                quota: set.unwrap_or(usual(role)).cast_unsigned(),
                usual: usual(role).cast_unsigned(),
                limited: set.is_some(),
                used: used.total().max(0).cast_unsigned(),
                own: bytes(OWN),
                followed: bytes(FOLLOWED),
                carried: bytes(CARRIED),
                strangers: bytes(STRANGER),
                left: bytes(LEFT),
                files: bytes(BLOBS),
                metered: metered.as_deref() == Some("on"),
            })
        });
        read.await
    }

    /// Sets how many bytes this device keeps; `None`: as its role says. Room is made at once where the node runs.
    ///
    /// # Errors
    /// `BadInput` below `QUOTA_LEAST`.
    pub async fn set_quota(&self, bytes: Option<u64>) -> Result<()> {
        let bytes = match bytes.map(i64::try_from) {
            None => String::new(),
            Some(Ok(bytes)) if bytes >= limits::QUOTA_LEAST => bytes.to_string(),
            Some(Ok(_)) => {
                let least = limits::QUOTA_LEAST / 1024 / 1024;
                return Err(Error::BadInput(format!("a device keeps at least {least} MiB")));
            }
            Some(Err(_)) => return Err(Error::BadInput("no disk is that large".to_owned())),
        };
        self.inner().store.write(Durability::Full, move |tx| setting::put_local(tx, QUOTA, &bytes)).await?;
        self.inner().events.send(Event::SettingsChanged);
        Ok(())
    }

    /// Says whether moving bytes costs on the network in use: then only thumbnails come before somebody asks.
    pub async fn set_metered(&self, metered: bool) -> Result<()> {
        let value = if metered { "on" } else { "off" };
        self.inner().store.write(Durability::Normal, move |tx| setting::put_local(tx, METERED, value)).await?;
        if let Some(net) = self.inner().net() {
            net.blobs_wanted();
        }
        self.inner().events.send(Event::SettingsChanged);
        Ok(())
    }

    /// Evicts what has no room, from the end. Where nothing has to go it costs one small read.
    pub async fn make_room(&self) -> Result<Evicted> {
        let (role, now_ms) = (self.inner().config.role, self.inner().clock.unix_ms());
        let (aim, paused, room) = self
            .inner()
            .store
            .read(move |db| {
                let (used, quota) = (Used::read(db)?, quota(db, role)?);
                let paused: bool = db
                    .prepare_cached("SELECT EXISTS (SELECT 1 FROM usage WHERE paused_ms > 0 AND paused_ms <= ?1)")?
                    .query_row([now_ms.cast_signed()], |row| row.get(0))?;
                let paused = paused || gone(db)?.is_some_and(|(_, until_ms)| until_ms <= now_ms);
                let told = setting::local(db, ROOM)?.unwrap_or_default() == room(used, quota);
                Ok((Aim::of(used, quota), paused, told))
            })
            .await?;
        let mut evicted = Evicted::default();
        if aim != Aim::default() {
            evicted = self.evict(aim).await?;
        }
        if paused || !room || evicted != Evicted::default() {
            self.inner().store.write(Durability::Normal, move |tx| settle(tx, role, now_ms)).await?;
        }
        Ok(evicted)
    }

    async fn evict(&self, aim: Aim) -> Result<Evicted> {
        let inner = self.inner();
        let mut evicted = Evicted::default();
        let mut carried_changed = false;
        loop {
            let now_ms = inner.clock.unix_ms();
            let evict = move |tx: &Transaction<'_>| {
                let step = evict::entries(tx, aim, now_ms)?;
                if let Some(time_s) = step.strangers_to_s {
                    note_gone(tx, time_s, now_ms)?;
                }
                Ok(step)
            };
            let step = inner.store.write(Durability::Normal, evict).await?;
            if step.entries == 0 {
                break;
            }
            evicted.entries += step.entries;
            carried_changed |= step.carried_changed;
            for blob in step.blobs {
                inner.events.send(Event::BlobDropped(blob));
            }
            if let Some(net) = inner.net()
                && !step.posts.is_empty()
            {
                inner.on_runtime(async move { net.dropped(step.posts).await }).await?;
            }
        }
        if carried_changed {
            self.authors_changed().await;
        }
        evicted.files = self.evict_files(aim).await?;
        let used = inner.store.read(Used::read).await?;
        evicted.still_over = aim.missed(used) != (false, false);
        tracing::debug!(evicted.entries, evicted.files, evicted.still_over, "room was made");
        Ok(evicted)
    }

    async fn evict_files(&self, aim: Aim) -> Result<u64> {
        let inner = self.inner();
        let blobs = inner.blobs().ok();
        let mut files = 0;
        loop {
            let now_s = i64::try_from(inner.clock.unix_s()).unwrap_or(i64::MAX);
            let chosen = inner.store.read(move |db| evict::files(db, aim, now_s)).await?;
            if chosen.is_empty() {
                return Ok(files);
            }
            for (hash, mime) in chosen {
                // Neither a fetch nor a picture being shared may come between the file and its note.
                let _settling = match &blobs {
                    Some(blobs) => Some(blobs.settle().await),
                    None => None,
                };
                let noted = inner.store.write(Durability::Normal, move |tx| evict::begin_file(tx, hash)).await?;
                if !noted {
                    continue;
                }
                if let Some(blobs) = &blobs {
                    let blobs = blobs.clone();
                    inner.on_runtime(async move { blobs.remove(hash, &mime).await }).await??;
                }
                inner.store.write(Durability::Normal, move |tx| evict::end_file(tx, hash)).await?;
                files += 1;
            }
        }
    }

    /// Removes files whose eviction was cut off.
    async fn end_evictions(&self) -> Result<()> {
        let inner = self.inner();
        let Ok(blobs) = inner.blobs() else { return Ok(()) };
        for (hash, mime) in inner.store.read(evict::begun_files).await? {
            let _settling = blobs.settle().await;
            let files = blobs.clone();
            inner.on_runtime(async move { files.remove(hash, &mime).await }).await??;
            inner.store.write(Durability::Normal, move |tx| evict::end_file(tx, hash)).await?;
        }
        Ok(())
    }

    /// One line for `doctor`; `false` where what is own or followed leaves no room.
    pub(crate) async fn storage_told(&self) -> Result<(bool, String)> {
        let view = self.storage().await?;
        let told = format!("{} of {} are taken", Size::of(view.used), Size::of(view.quota));
        if view.own.saturating_add(view.followed) > view.quota {
            return Ok((false, format!("{told}; your own posts and those of people you follow stay all the same")));
        }
        Ok((true, told))
    }
}

/// What the network is told of the room that is left.
fn room(used: Used, quota: i64) -> &'static str {
    match used.total() {
        total if total >= quota => "none",
        total if total >= part(quota, limits::QUOTA_ADOPT_16THS) => "little",
        _ => "",
    }
}

/// Notes what room is left, and ends pauses that are over.
fn settle(tx: &Transaction<'_>, role: Role, now_ms: u64) -> Result<()> {
    let room = room(Used::read(tx)?, quota(tx, role)?);
    if setting::local(tx, ROOM)?.unwrap_or_default() != room {
        setting::put_local(tx, ROOM, room)?;
    }
    if gone(tx)?.is_some_and(|(_, until_ms)| until_ms <= now_ms) {
        setting::put_local(tx, GONE, "")?;
    }
    tx.execute("UPDATE usage SET paused_ms = 0 WHERE paused_ms > 0 AND paused_ms <= ?1", [now_ms.cast_signed()])?;
    Ok(())
}

/// Makes room after every commit that leaves too little, and now and then without one. Runs until the node ends.
pub(crate) async fn keep_room(node: Node) {
    let (mut commits, mut events) = (node.inner().commits.subscribe(), node.events());
    if let Err(error) = node.end_evictions().await {
        tracing::warn!(%error, "files that were being evicted could not be removed; it is tried again at the next start");
    }
    // Where all that may go is gone, it is not looked for again with each commit.
    let mut stuck_at: Option<u64> = None;
    loop {
        let again = match (stuck_at, node.storage().await) {
            (Some(stuck_at), Ok(now)) => now.used > stuck_at + now.quota / 64 || now.used <= now.quota,
            _ => true,
        };
        if again {
            match look_for_room(&node).await {
                Ok(stuck) => stuck_at = stuck,
                Err(error) => tracing::warn!(%error, "no room could be made; it is tried again"),
            }
        }
        let changed = timeout(Duration::from_millis(limits::ROOM_CHECK_MS), changed(&mut commits, &mut events));
        match changed.await {
            Ok(false) => return,
            Ok(true) => {}
            Err(_) => stuck_at = None,
        }
    }
}

/// Answers how much is taken where that stays too much.
async fn look_for_room(node: &Node) -> Result<Option<u64>> {
    let evicted = node.make_room().await?;
    while evicted.entries > 0 && node.inner().store.write(Durability::Normal, evict::free_pages).await? {}
    Ok(if evicted.still_over { Some(node.storage().await?.used) } else { None })
}

/// Waits until something came or the settings are others; `false`: the node ends.
async fn changed(commits: &mut broadcast::Receiver<Committed>, events: &mut EventReceiver) -> bool {
    loop {
        tokio::select! {
            commit = commits.recv() => return !matches!(commit, Err(RecvError::Closed)),
            event = events.next() => match event {
                Some(Event::BlobStored(_) | Event::SettingsChanged | Event::FollowsChanged | Event::Reload) => return true,
                Some(_) => {}
                None => return false,
            },
        }
    }
}
