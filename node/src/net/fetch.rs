//! Fetches wanted blobs: thumbnails first, then the newest, a few at a time, from connections whose peers carry an
//! author that names them; the peer that brought the entry is asked first. What has come stays after a cut, and only
//! the rest is asked for. No more is stored than the entry said.
//!
//! A peer can't hold up others: each step has a deadline, a fetch that hardly moves gives its place away, and who was
//! slow is asked last. Who sent other bytes is let go of and not asked again for a while.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::num::NonZeroU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use iroh::endpoint::Connection;
use iroh_blobs::get::fsm::{AtConnected, BlobContentNext, ConnectedNext, RequestCounters};
use iroh_blobs::protocol::GetRequest;
use rusqlite::{OptionalExtension, params};
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::Patience;
use super::blobs::{Blobs, iroh_hash};
use super::driver::Msg;
use super::link::{Activity, BLOBS, Cause, Ticks};
use super::meter::Meter;
use super::partial::Partial;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::gate::{Committed, Origin};
use crate::id::{BlobHash, EntryId, NodeId, PersonaId};
use crate::limits::{
    BLAMED_PEERS, BLOB_BYTES, FETCH_RETRY_FIRST_MS, FETCH_RETRY_LONGEST_MS, FETCH_TURN_BYTES, FETCH_WAITS,
    FETCH_WAITS_AUTHOR, FETCHES, PARTIAL_BYTES, PREFETCH_AGE_S, PREFETCH_BLOB_BYTES, REST_MS, SLOW_PEER_MS,
    SPARE_BLOBS_S, SPARE_FETCHES,
};
use crate::store::{Durability, Store};
use crate::sync::{ConnId, Room, room};
use crate::task::Tasks;

/// Blobs whose bringer is remembered.
const ORIGINS: usize = 4_096;
/// Entries that are tried as the reason to ask for one blob, newest first.
const NAMED: usize = 64;
/// What is verified and stored at once, bytes: a leaf of the tree.
const LEAF_BYTES: u64 = 16 * 1024;

/// A connection that may be asked.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) conn: ConnId,
    pub(super) peer: NodeId,
    pub(super) connection: Connection,
    pub(super) activity: Activity,
}

/// Tells the fetcher that there may be something to do.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    wake: Arc<Notify>,
    origins: Arc<Mutex<Newest<ConnId>>>,
    /// Set when a new source came up: waits are over.
    fresh: Arc<std::sync::atomic::AtomicBool>,
    /// What somebody waits for: fetched whatever this hour's budget says.
    asked: Arc<Mutex<Newest<()>>>,
}

/// What is remembered of [`ORIGINS`] blobs: one more drives out what was noted longest ago.
#[derive(Debug)]
struct Newest<T> {
    noted: HashMap<BlobHash, (u64, T)>,
    order: BTreeMap<u64, BlobHash>,
    last: u64,
}

impl<T> Default for Newest<T> {
    fn default() -> Self {
        Self { noted: HashMap::new(), order: BTreeMap::new(), last: 0 }
    }
}

impl<T> Newest<T> {
    fn note(&mut self, hash: BlobHash, what: T) {
        self.remove(hash);
        if self.noted.len() >= ORIGINS
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.noted.remove(&oldest);
        }
        self.last += 1;
        self.noted.insert(hash, (self.last, what));
        self.order.insert(self.last, hash);
    }

    fn get(&self, hash: BlobHash) -> Option<&T> {
        self.noted.get(&hash).map(|(_, what)| what)
    }

    fn remove(&mut self, hash: BlobHash) {
        if let Some((at, _)) = self.noted.remove(&hash) {
            self.order.remove(&at);
        }
    }
}

impl Hints {
    /// A commit: its blobs are asked of the peer that brought it first.
    pub(super) fn committed(&self, commit: &Committed) {
        let mut any = false;
        let mut origins = self.origins.lock().unwrap_or_else(PoisonError::into_inner);
        for blob in commit.applied.iter().flat_map(|applied| &applied.blobs) {
            any = true;
            if let Origin::Peer(conn, _) = commit.origin {
                origins.note(*blob, conn);
            }
        }
        if any {
            self.wake.notify_one();
        }
    }

    /// A surface wants one, or a peer came that may have some.
    pub(super) fn look_again(&self) {
        self.fresh.store(true, std::sync::atomic::Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// A surface wants this one.
    pub(super) fn ask(&self, hash: BlobHash) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).note(hash, ());
        self.look_again();
    }

    fn is_asked(&self, hash: BlobHash) -> bool {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).get(hash).is_some()
    }

    fn origin(&self, hash: BlobHash) -> Option<ConnId> {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner).get(hash).copied()
    }

    fn done(&self, hash: BlobHash) {
        self.origins.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).remove(hash);
    }
}

/// Peers that answered badly lately.
#[derive(Debug, Clone, Default)]
pub(super) struct Blame(Arc<Mutex<HashMap<NodeId, (Fault, u64)>>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// Asked last.
    Slow,
    /// Not asked.
    Lied,
}

impl Blame {
    fn put(&self, peer: NodeId, fault: Fault, now_ms: u64) {
        let until_ms = now_ms + if fault == Fault::Lied { REST_MS } else { SLOW_PEER_MS };
        let mut blamed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blamed.retain(|_, (_, until)| *until > now_ms);
        let known = blamed.get(&peer).map(|(fault, _)| *fault);
        // A liar that is slow too stays one.
        if known.is_none_or(|known| known <= fault) && (known.is_some() || blamed.len() < BLAMED_PEERS) {
            blamed.insert(peer, (fault, until_ms));
        }
    }

    fn of(&self, peer: NodeId, now_ms: u64) -> Option<Fault> {
        let blamed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        blamed.get(&peer).filter(|(_, until)| *until > now_ms).map(|(fault, _)| *fault)
    }
}

/// What the fetcher works with.
#[derive(Debug, Clone)]
pub(super) struct Fetcher {
    pub(super) store: Store,
    pub(super) blobs: Blobs,
    pub(super) events: Events,
    pub(super) hints: Hints,
    pub(super) inbox: mpsc::Sender<Msg>,
    pub(super) ticks: Ticks,
    pub(super) patience: Patience,
    pub(super) blame: Blame,
    pub(super) meter: Arc<Meter>,
    pub(super) clock: Arc<dyn Clock>,
    /// Fetches pictures of spare copies too.
    pub(super) spares: bool,
}

/// A wanted blob and the entries that name it.
#[derive(Debug, Clone)]
struct Wanted {
    hash: BlobHash,
    size: u64,
    /// Named as a thumbnail: its size is not told, `size` is only a bound.
    thumb: bool,
    mime: String,
    /// Of an author who is only carried.
    spare: bool,
    /// Named by mail.
    mail: bool,
    /// It is here for a private message alone: it comes once more, as to everybody, and from then on is given to peers.
    hidden: bool,
    named: Vec<(EntryId, PersonaId)>,
}

/// How a fetch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Stored,
    /// More of it is here than before.
    Partly,
    /// Nobody who was asked gave it.
    Nobody,
    /// This disk is full or broken.
    Local,
}

/// What was not given lately: how often, and until when it is not asked for.
#[derive(Debug, Default)]
struct Waits {
    blobs: HashMap<BlobHash, Waiting>,
    /// Authors that name more of such blobs than are remembered.
    authors: HashMap<PersonaId, u64>,
}

#[derive(Debug)]
struct Waiting {
    author: PersonaId,
    times: u32,
    until_ms: u64,
}

/// What is not to be asked for now.
#[derive(Debug, Default)]
struct Skip {
    blobs: HashSet<BlobHash>,
    /// Nothing that only these name, but for what somebody asked for.
    authors: Vec<PersonaId>,
}

impl Fetcher {
    /// Runs until it is dropped.
    pub(super) async fn run(self) {
        let (ended, mut ends) = mpsc::channel::<(Wanted, End, u64)>(FETCHES);
        let mut active = HashMap::new();
        let mut waits = Waits::default();
        let mut tasks = Tasks::default();
        let mut partial = Partial::read(&self.blobs).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "what came in part is not bounded in this run");
            Partial::default()
        });
        self.bound_parts(&mut partial, &active).await;
        loop {
            if self.hints.fresh.swap(false, std::sync::atomic::Ordering::Relaxed) {
                waits = Waits::default();
            }
            let now = self.ticks.now_ms();
            let places = FETCHES.saturating_sub(active.len());
            let spares = SPARE_FETCHES.saturating_sub(active.values().filter(|spare| **spare).count());
            let mut skip = waits.at(now);
            skip.blobs.extend(active.keys().copied());
            for wanted in self.wanted(places, spares, skip).await {
                active.insert(wanted.hash, wanted.spare);
                let (fetcher, ended) = (self.clone(), ended.clone());
                tasks.spawn("fetch", async move {
                    let end = fetcher.fetch(&wanted).await;
                    let here = if end == End::Stored { 0 } else { fetcher.blobs.here(wanted.hash).await };
                    let _fetcher_gone = ended.send((wanted, end, here)).await;
                });
            }
            // With all places taken the end of one is what is waited for.
            let next = waits.next_ms(now).filter(|_| active.len() < FETCHES);
            tokio::select! {
                () = self.hints.wake.notified() => {}
                Some((wanted, end, here)) = ends.recv() => {
                    active.remove(&wanted.hash);
                    partial.note(wanted.hash, here);
                    self.bound_parts(&mut partial, &active).await;
                    if matches!(end, End::Stored | End::Partly) {
                        waits.blobs.remove(&wanted.hash);
                    }
                    match (end, wanted.named.first()) {
                        (End::Stored, _) => self.hints.done(wanted.hash),
                        (_, Some((_, author))) => waits.failed(wanted.hash, *author, self.ticks.now_ms()),
                        // Nothing names it.
                        (_, None) => {}
                    }
                }
                () = tokio::time::sleep_until(self.ticks.at(next.unwrap_or(0))), if next.is_some() => {}
            }
        }
    }

    /// Lets go of what came in part and is too much, or all of it where there is no room.
    async fn bound_parts(&self, partial: &mut Partial, active: &HashMap<BlobHash, bool>) {
        let room = self.store.read(room).await.unwrap_or(Room::None);
        let limit = if room == Room::None { 0 } else { PARTIAL_BYTES };
        for hash in partial.beyond(limit, |hash| active.contains_key(&hash)) {
            if let Err(error) = self.blobs.let_go(hash).await {
                tracing::debug!(%error, "what came in part of a blob could not be let go of");
            }
        }
    }

    /// The next blobs to fetch, none of `skip`: those that wait must not hide the others.
    /// `spare`: how many may be of authors who are only carried.
    async fn wanted(&self, count: usize, spare: usize, skip: Skip) -> Vec<Wanted> {
        if count == 0 {
            return Vec::new();
        }
        let now_s = i64::try_from(self.clock.unix_s()).unwrap_or(i64::MAX);
        let (ahead, spares) = (self.meter.may_take(), self.spares);
        let read = move |db: &rusqlite::Connection| {
            let room = room(db)?;
            let ahead = ahead && room != Room::None;
            // What is evicted first must not come back at once: of spares less is kept.
            let spares = if ahead && spares && room == Room::Plenty { spare } else { 0 };
            wanted(db, count, &skip, Ahead { any: ahead, spares, now_s, metered: is_metered(db)? })
        };
        match self.store.read(read).await {
            Ok(wanted) => wanted,
            Err(error) => {
                tracing::debug!(%error, "wanted blobs can't be read");
                Vec::new()
            }
        }
    }

    async fn fetch(&self, wanted: &Wanted) -> End {
        if wanted.size == 0 || wanted.size > BLOB_BYTES {
            return End::Nobody;
        }
        let before = self.blobs.here(wanted.hash).await;
        for (entry, source) in self.sources(wanted).await {
            match self.fetch_from(wanted, entry, &source).await {
                Ok(()) => {
                    return match self.finish(wanted).await {
                        Ok(()) => End::Stored,
                        Err(error) => {
                            tracing::warn!(%error, "a blob could not be stored");
                            // Should the bytes be gone that its tree refers to, only a new fetch helps: the tree goes
                            // at the next sweep.
                            let _tried_again_then = self.blobs.let_go(wanted.hash).await;
                            End::Local
                        }
                    };
                }
                Err(Failure::Elsewhere) => {}
                Err(Failure::Slow) => self.blame.put(source.peer, Fault::Slow, self.ticks.now_ms()),
                Err(Failure::Wrong) => {
                    tracing::debug!("a peer sent other bytes than asked for");
                    self.blame.put(source.peer, Fault::Lied, self.ticks.now_ms());
                    source.connection.close(Cause::BadBlob.code(), b"");
                }
                Err(Failure::Local) => return End::Local,
            }
        }
        if self.blobs.here(wanted.hash).await > before { End::Partly } else { End::Nobody }
    }

    /// Connections to ask, the bringer of an entry first, slow ones last, each with the entry to name.
    async fn sources(&self, wanted: &Wanted) -> Vec<(EntryId, Source)> {
        let mut sources: Vec<(EntryId, Source)> = Vec::new();
        for (entry, author) in &wanted.named {
            let (answer, answered) = oneshot::channel();
            let origin = self.hints.origin(wanted.hash);
            if self.inbox.send(Msg::Sources { author: *author, origin, answer }).await.is_err() {
                return Vec::new();
            }
            for source in answered.await.unwrap_or_default() {
                if !sources.iter().any(|(_, known)| known.conn == source.conn) {
                    sources.push((*entry, source));
                }
            }
        }
        // Who asks for what is meant for somebody asks those first who only carry it.
        if wanted.mail && self.hints.is_asked(wanted.hash) {
            let origin = self.hints.origin(wanted.hash);
            sources.sort_by_key(|(_, source)| Some(source.conn) == origin);
        }
        let now_ms = self.ticks.now_ms();
        sources.retain(|(_, source)| self.blame.of(source.peer, now_ms) != Some(Fault::Lied));
        sources.sort_by_key(|(_, source)| self.blame.of(source.peer, now_ms));
        sources
    }

    async fn fetch_from(&self, wanted: &Wanted, entry: EntryId, source: &Source) -> Result<(), Failure> {
        let hash = iroh_hash(wanted.hash);
        let local = self.blobs.store().remote().local(hash).await.map_err(|_| Failure::Local)?;
        let ahead = !self.hints.is_asked(wanted.hash);
        if local.is_complete() && !wanted.hidden {
            return self.blobs.keep(wanted.hash).await.map_err(|_| Failure::Local);
        }
        let stream = async {
            let (mut send, recv) = source.connection.open_bi().await.ok()?;
            send.write_all(&[BLOBS]).await.ok()?;
            send.write_all(entry.as_bytes()).await.ok()?;
            send.write_all(wanted.hash.as_bytes()).await.ok()?;
            let request = if wanted.hidden { GetRequest::blob(hash) } else { local.missing() };
            let connected = AtConnected::new(Instant::now(), recv, send, request, RequestCounters::default());
            match connected.next().await.ok()? {
                ConnectedNext::StartRoot(start) => start.next().next().await.ok(),
                _ => None,
            }
        };
        let (mut content, size) = self.within(stream).await?.ok_or(Failure::Elsewhere)?;
        source.activity.touch();
        // The entry that a person signed says how much this is; a peer can't make it more. Which of the two is wrong
        // is not known, so the peer is not blamed.
        let size = NonZeroU64::new(size).filter(|size| wanted.fits(size.get())).ok_or(Failure::Elsewhere)?;
        let (mut into, mut imported) = (None, None);
        if !wanted.hidden {
            self.blobs.keep(wanted.hash).await.map_err(|_| Failure::Local)?;
            let import = self.blobs.store().blobs().import_bao(hash, size, 16).await.map_err(|_| Failure::Local)?;
            (into, imported) = (Some(import.tx), Some(import.rx));
        }
        let write = async move {
            let (mut turn_ms, mut leaves) = (self.ticks.now_ms(), 0);
            loop {
                match self.within(content.next()).await? {
                    BlobContentNext::More((next, item)) => {
                        let item = item.map_err(|error| Failure::of(&error))?;
                        source.activity.touch();
                        let leaf = u64::from(item.is_leaf());
                        leaves += leaf;
                        if ahead {
                            self.meter.take(leaf * LEAF_BYTES.min(wanted.size));
                        }
                        if let Some(into) = &into {
                            into.send(item).await.map_err(|_| Failure::Local)?;
                        }
                        content = next;
                    }
                    BlobContentNext::Done(_) => break Ok(()),
                }
                let now_ms = self.ticks.now_ms();
                if now_ms >= turn_ms + self.patience.turn_ms {
                    if leaves * LEAF_BYTES < FETCH_TURN_BYTES {
                        break Err(Failure::Slow);
                    }
                    (turn_ms, leaves) = (now_ms, 0);
                }
            }
        };
        // The import is waited for in every case, so that what came before a cut is kept. Should the peer send more
        // than there is, it is not read.
        let imported = async {
            match imported {
                Some(imported) => imported.await.map_err(|_| Failure::Local)?.map_err(|_| Failure::Local),
                None => Ok(()),
            }
        };
        let (written, imported) = tokio::join!(write, imported);
        written?;
        imported
    }

    /// A step of a transfer within the deadline of a request.
    async fn within<T>(&self, step: impl Future<Output = T>) -> Result<T, Failure> {
        timeout(Duration::from_millis(self.patience.request_ms), step).await.map_err(|_| Failure::Slow)
    }

    /// Makes the file, then notes the blob as stored, then tells.
    async fn finish(&self, wanted: &Wanted) -> Result<()> {
        let hash = wanted.hash;
        let missing = || Error::NotFound { what: "the file" };
        // Neither a sweep nor a picture being staged may come between the file and its note.
        let settling = self.blobs.settle().await;
        let size = self.blobs.size(hash).await?.filter(|size| wanted.fits(*size)).ok_or_else(missing)?;
        let mime = match wanted.mime.as_str() {
            "" => sniffed(&self.blobs.beginning(hash).await?).to_owned(),
            told => told.to_owned(),
        };
        self.blobs.export(hash, &mime, size).await?;
        let noted = mime.clone();
        let changed = self.store.write(Durability::Normal, move |tx| {
            let known = tx.execute(
                // What was asked for by a reader alone, others do not have.
                "UPDATE blob SET stored = 1, wanted = 0, size = ?2, mime = ?3, hidden = NOT EXISTS
                    (SELECT 1 FROM blob_ref AS r LEFT JOIN mail ON mail.entry_row = r.entry_row
                     WHERE r.hash = ?1 AND r.entry_row > 0 AND mail.files IS NOT 0)
                 WHERE hash = ?1",
                params![hash, i64::try_from(size).unwrap_or(i64::MAX), noted],
            )?;
            Ok(if known > 0 { Some(changed(tx, hash)?) } else { None })
        });
        let Some(changed) = changed.await? else {
            // Nothing names it any more.
            return self.blobs.remove(hash, &mime).await;
        };
        drop(settling);
        self.events.send(Event::BlobStored(hash));
        changed.into_iter().for_each(|event| self.events.send(event));
        Ok(())
    }
}

impl Wanted {
    /// Whether a blob of this size, bytes, may be the one that was named.
    fn fits(&self, size: u64) -> bool {
        if self.thumb { (1..=self.size).contains(&size) } else { size == self.size }
    }
}

impl Waits {
    /// What is not to be asked for at this time.
    fn at(&self, now_ms: u64) -> Skip {
        let blobs = self.blobs.iter().filter(|(_, waiting)| waiting.until_ms > now_ms).map(|(hash, _)| *hash);
        let authors = self.authors.iter().filter(|(_, until_ms)| **until_ms > now_ms).map(|(author, _)| *author);
        Skip { blobs: blobs.collect(), authors: authors.collect() }
    }

    /// When the next of them may be asked for.
    fn next_ms(&self, now_ms: u64) -> Option<u64> {
        let blobs = self.blobs.values().map(|waiting| waiting.until_ms);
        blobs.chain(self.authors.values().copied()).filter(|at_ms| *at_ms > now_ms).min()
    }

    fn failed(&mut self, hash: BlobHash, author: PersonaId, now_ms: u64) {
        let new = !self.blobs.contains_key(&hash);
        if new && self.authors.get(&author).is_some_and(|until_ms| *until_ms > now_ms) {
            return;
        }
        if new && self.is_full(author) {
            self.blobs.retain(|_, waiting| waiting.until_ms + FETCH_RETRY_LONGEST_MS > now_ms);
            self.authors.retain(|_, until_ms| *until_ms > now_ms);
            if self.is_full(author) {
                if self.authors.len() < FETCH_WAITS {
                    self.authors.insert(author, now_ms + FETCH_RETRY_LONGEST_MS);
                }
                return;
            }
        }
        let waiting = self.blobs.entry(hash).or_insert(Waiting { author, times: 0, until_ms: 0 });
        let wait_ms = FETCH_RETRY_FIRST_MS.saturating_mul(1 << waiting.times.min(16)).min(FETCH_RETRY_LONGEST_MS);
        waiting.times = waiting.times.saturating_add(1);
        waiting.until_ms = now_ms + wait_ms;
    }

    fn is_full(&self, author: PersonaId) -> bool {
        let of_author = self.blobs.values().filter(|waiting| waiting.author == author).count();
        self.blobs.len() >= FETCH_WAITS || of_author >= FETCH_WAITS_AUTHOR
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Failure {
    /// Not here, or cut off: others may have it.
    Elsewhere,
    /// Not in time: so may they.
    Slow,
    /// Not what was asked for.
    Wrong,
    Local,
}

impl Failure {
    fn of(error: &iroh_blobs::get::fsm::DecodeError) -> Self {
        use iroh_blobs::get::fsm::DecodeError;
        match error {
            DecodeError::ParentHashMismatch { .. } | DecodeError::LeafHashMismatch { .. } => Self::Wrong,
            DecodeError::Write { .. } => Self::Local,
            _ => Self::Elsewhere,
        }
    }
}

/// What is fetched before anybody asks.
#[derive(Debug, Clone, Copy)]
struct Ahead {
    any: bool,
    /// How many of authors who are carried for others.
    spares: usize,
    now_s: i64,
    /// Thumbnails alone.
    metered: bool,
}

/// At most `count` blobs that are wanted and not in `skip`: what somebody asked for, then, ahead of use, thumbnails, then
/// the newest; no large ones ahead, and none that has grown old but for pictures beside names. What mail names comes
/// whatever its size: it was looked at as it came, and whose it is shows in no fetch.
fn wanted(db: &rusqlite::Connection, count: usize, skip: &Skip, ahead: Ahead) -> Result<Vec<Wanted>> {
    // `CROSS JOIN` keeps the order: few blobs are wanted, and most are named by somebody.
    let mut statement = db.prepare_cached(
        "SELECT b.hash, b.size, b.mime, max(r.thumb), b.wanted = 2, max(e.rank), max(e.row), 0, max(a.bucket), b.hidden
         FROM blob b CROSS JOIN blob_ref r ON r.hash = b.hash CROSS JOIN entry e ON e.row = r.entry_row
         CROSS JOIN author a ON a.row = e.author_row
         WHERE b.wanted > 0 AND (b.stored = 0 OR b.hidden = 1) AND e.body IS NOT NULL AND (b.wanted = 2 OR ?2
            AND a.id NOT IN (SELECT unhex(value) FROM json_each(?8))
            AND (a.bucket AND NOT ?4 AND r.size = b.size
              OR (a.own OR e.rank >= ?3 OR e.row = a.profile_row) AND (r.thumb OR NOT ?4 AND b.size <= ?5)))
         GROUP BY b.hash
         UNION ALL
         SELECT b.hash, b.size, b.mime, max(r.thumb), 0, max(e.rank), max(e.row), 1, 0, b.hidden
         FROM blob b CROSS JOIN blob_ref r ON r.hash = b.hash CROSS JOIN entry e ON e.row = r.entry_row
         CROSS JOIN carry c ON c.author_row = e.author_row CROSS JOIN author a ON a.row = e.author_row
         WHERE a.id NOT IN (SELECT unhex(value) FROM json_each(?8)) AND ?6 AND b.wanted = 0
            AND (b.stored = 0 OR b.hidden = 1) AND e.rank >= ?7 AND e.body IS NOT NULL
            AND (r.thumb OR NOT ?4 AND b.size <= ?5)
         GROUP BY b.hash
         ORDER BY 5 DESC, 8, 4 DESC, 6 DESC, 7 DESC LIMIT ?1",
    )?;
    let mut naming = db.prepare_cached(
        "SELECT e.id, a.id FROM blob_ref r JOIN entry e ON e.row = r.entry_row JOIN author a ON a.row = e.author_row
         WHERE r.hash = ?1 AND e.body IS NOT NULL ORDER BY e.rank DESC, e.row DESC LIMIT ?2",
    )?;
    let limit = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let Ahead { any, spares, now_s, metered } = ahead;
    let since = |age_s: i64| now_s.saturating_sub(age_s);
    let (new_s, spare_s) = (since(PREFETCH_AGE_S), since(i64::try_from(SPARE_BLOBS_S).unwrap_or(i64::MAX)));
    let large = i64::try_from(PREFETCH_BLOB_BYTES).unwrap_or(i64::MAX);
    let rows = limit(count.saturating_add(skip.blobs.len()));
    let waiting: Vec<String> = skip.authors.iter().map(|author| format!("\"{author}\"")).collect();
    let waiting = format!("[{}]", waiting.join(","));
    let mut rows = statement.query(params![rows, any, new_s, metered, large, spares > 0, spare_s, waiting])?;
    let mut all: Vec<Wanted> = Vec::new();
    while let Some(row) = rows.next()?
        && all.len() < count
    {
        let hash: BlobHash = row.get(0)?;
        if skip.blobs.contains(&hash) {
            continue;
        }
        let (size, thumb, asked): (i64, bool, bool) = (row.get(1)?, row.get(3)?, row.get(4)?);
        let spare: bool = row.get(7)?;
        // Those come last.
        if spare && all.iter().filter(|wanted| wanted.spare).count() >= spares {
            break;
        }
        let size = u64::try_from(size).unwrap_or(0);
        all.push(Wanted {
            hash,
            // Of a thumbnail this is only a bound.
            size: if thumb && !asked { size.min(PREFETCH_BLOB_BYTES) } else { size },
            mime: row.get(2)?,
            thumb,
            spare,
            mail: row.get(8)?,
            hidden: row.get(9)?,
            named: naming
                .query_map(params![hash, limit(NAMED)], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?,
        });
    }
    Ok(all)
}

/// Whether moving bytes costs here (table `local`, written by the feature of storage).
fn is_metered(db: &rusqlite::Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM local WHERE key = 'net.metered' AND value = 'on')";
    Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The type of a picture by its first bytes; empty where it is none that is known.
fn sniffed(beginning: &[u8]) -> &'static str {
    match beginning {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => "image/png",
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => "image/gif",
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => "image/webp",
        _ => "",
    }
}

/// What a surface shows anew: posts that name the blob, in an edit or a comment too, and profiles.
fn changed(db: &rusqlite::Connection, hash: BlobHash) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    let mut statement = db.prepare_cached(
        "SELECT coalesce(c.root, d.target, e.id) FROM blob_ref r JOIN entry e ON e.row = r.entry_row
         LEFT JOIN comment c ON c.entry_row = e.row LEFT JOIN edit d ON d.entry_row = e.row
         WHERE r.hash = ?1 LIMIT 64",
    )?;
    let mut rows = statement.query([hash])?;
    while let Some(row) = rows.next()? {
        let event = Event::PostChanged(row.get(0)?);
        if !events.contains(&event) {
            events.push(event);
        }
    }
    let author: Option<PersonaId> = db
        .prepare_cached("SELECT id FROM author WHERE picture = ?1 OR picture_thumb = ?1 LIMIT 1")?
        .query_row([hash], |row| row.get(0))
        .optional()?;
    events.extend(author.map(Event::ProfileChanged));
    Ok(events)
}
