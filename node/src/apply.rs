//! The one gate (invariant 3): every entry, local or remote, is verified, placed in its log, stored, and handed to
//! the feature whose tables it changes, all in one transaction. Events go out after the commit.

mod delivery;
mod devices;
mod keep;
mod log;
mod place;
#[cfg(test)]
mod tests;
mod trial;

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{OptionalExtension, Transaction, params};
use tokio::sync::broadcast;

use crate::clock::Clock;
use crate::device::Standing;
use crate::entry::{
    Entry, EntryError, Header, Kind, LogOpenBody, Place, Scope, Unverified, Verified, sign, verify, verify_batch,
};
use crate::error::{Error, Result};
use crate::event::{Event, Events};
use crate::gate::{
    Applied, Applying, Asked, CheckFuture, Checked, CommentDraft, Committed, Draft, FlushFuture, Gate, GateFuture,
    Happened, KeepFuture, Notes, Origin, Outcome, SealedDraft, TakenFuture, Twin,
};
use crate::host::Entropy;
use crate::id::{CircleId, DeviceKey, EntryId, LogRef, PersonaId};
use crate::keyring::Keyring;
use crate::limits::{DAY_S, INTRO_TRIES, INTRO_WAIT_MS};
use crate::store::{Durability, Store};
use crate::thread::Delivery;
use crate::view::Role;
use crate::{
    circle, device, draft, header, installation, mail, media, notify, opened, post, profile, quote, repost, search,
    storage, thread,
};

use self::delivery::first_messages;
use self::log::Logs;

/// Verify → apply, over the store.
#[derive(Debug, Clone)]
pub(crate) struct EntryGate {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub keyring: Arc<Mutex<Keyring>>,
    pub events: Events,
    pub commits: broadcast::Sender<Committed>,
    /// Own heads were compared with a peer in this run.
    pub compared: Arc<AtomicBool>,
    pub twin: Arc<Twin>,
    /// Keys that came are being tried.
    pub trying: Arc<AtomicBool>,
    /// How much is kept where nothing is set.
    pub role: Role,
    /// Whether and how this device can be written to.
    pub delivery: Delivery,
    /// Where signatures are checked; `None`: inside the call (the simulation).
    pub runtime: Option<tokio::runtime::Handle>,
}

impl Gate for EntryGate {
    fn check(&self, entries: Vec<Unverified<Entry>>) -> CheckFuture<'_> {
        Box::pin(async move {
            // Signatures are the slow part: checked before the transaction, off the async threads where there are any.
            let verdicts = self.off_thread(move || {
                let ids: Vec<EntryId> = entries.iter().map(|entry| entry.0.id()).collect();
                ids.into_iter().zip(verify_batch(entries)).collect::<Vec<_>>()
            });
            let mut checked = Checked::default();
            for (id, verdict) in verdicts.await? {
                match verdict {
                    Ok(entry) => checked.good.push((id, entry)),
                    Err(error) => checked.refused.push((id, error)),
                }
            }
            Ok(checked)
        })
    }

    fn take(&self, origin: Origin, checked: Checked) -> GateFuture<'_> {
        Box::pin(async move {
            let Checked { good, mut refused } = checked;
            let durability = if origin == Origin::Own { Durability::Full } else { Durability::Normal };
            let mut outcome = self
                .transact(durability, origin, move |batch| {
                    for (id, entry) in good {
                        batch.take(id, entry.into_inner())?;
                    }
                    Ok(())
                })
                .await?;
            refused.append(&mut outcome.refused);
            outcome.refused = refused;
            Ok(outcome)
        })
    }

    fn author(&self, drafts: Vec<Draft>) -> GateFuture<'_> {
        Box::pin(async move {
            self.transact(Durability::Full, Origin::Own, move |batch| {
                let time = u64::try_from(batch.now_s).unwrap_or_default();
                for draft in drafts {
                    batch.author(draft, time)?;
                }
                Ok(())
            })
            .await
        })
    }

    fn seal(&self, drafts: Vec<SealedDraft>) -> GateFuture<'_> {
        Box::pin(async move {
            self.transact(Durability::Full, Origin::Own, move |batch| {
                let time = u64::try_from(batch.now_s).unwrap_or_default();
                drafts.into_iter().try_for_each(|draft| batch.seal(draft, time).map(drop))
            })
            .await
        })
    }

    fn comment(&self, draft: CommentDraft) -> GateFuture<'_> {
        Box::pin(async move {
            self.transact(Durability::Full, Origin::Own, move |batch| batch.comment(draft).map(drop)).await
        })
    }

    fn open_circle(&self, circle: CircleId) -> GateFuture<'_> {
        Box::pin(async move {
            let begin = move |batch: &mut Batch<'_>| circle::begin_all(batch.tx, circle);
            self.transact(Durability::Normal, Origin::Own, begin).await
        })
    }

    fn flush(&self, peers: usize) -> FlushFuture<'_> {
        Box::pin(async move {
            // Slow, and so done before the transaction.
            let intros = self.store.read(first_messages).await?;
            let more = intros.len() >= INTRO_TRIES;
            let delivery = self.delivery;
            let work = move |batch: &mut Batch<'_>| {
                if delivery != Delivery::Off {
                    batch.publish_keys()?
                }
                batch.flush(intros, peers)
            };
            let _sealed = self.transact(Durability::Full, Origin::Own, work).await?;
            let unworked = self.store.read(thread::unworked).await?;
            if !unworked.is_empty() {
                let work = move || unworked.into_iter().map(thread::Unworked::work).collect::<Vec<_>>();
                let worked = self.off_thread(work).await?;
                self.transact(Durability::Full, Origin::Own, move |batch| batch.introduce(&worked)).await?;
            }
            let next: Option<i64> = self.store.read(thread::next_due).await?;
            let now_ms = i64::try_from(self.clock.unix_ms()).unwrap_or(i64::MAX);
            let next = next.map(|due_ms| due_ms.saturating_sub(now_ms).max(1).cast_unsigned());
            Ok(next.into_iter().chain(more.then_some(INTRO_WAIT_MS)).min())
        })
    }

    fn release(&self) -> GateFuture<'_> {
        Box::pin(async move {
            let compared = Arc::clone(&self.compared);
            // Set inside the transaction: whoever applies an own entry reads it in theirs, and the writer has one order.
            let released = self.transact(Durability::Full, Origin::Own, move |batch| {
                if compared.swap(true, Ordering::SeqCst) { Ok(()) } else { batch.release() }
            });
            // Nothing was let go: it is tried again.
            released.await.inspect_err(|_| self.compared.store(false, Ordering::SeqCst))
        })
    }

    fn helper(&self, asked: Asked) -> KeepFuture<'_> {
        Box::pin(self.take_asked(asked))
    }

    fn taken(&self, entries: Vec<EntryId>) -> TakenFuture<'_> {
        Box::pin(async move {
            let threads = self.store.read(move |db| thread::sent_as(db, &entries)).await.unwrap_or_default();
            threads.into_iter().for_each(|thread| self.events.send(Event::ThreadChanged(thread)));
        })
    }
}

impl EntryGate {
    async fn off_thread<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        match &self.runtime {
            Some(runtime) => runtime.spawn_blocking(work).await.map_err(|_| Error::Closed),
            None => Ok(work()),
        }
    }

    /// As a task of the runtime's own where there is one: a caller that goes away must not take the news of its commit
    /// with it.
    async fn transact(
        &self,
        durability: Durability,
        origin: Origin,
        work: impl FnOnce(&mut Batch<'_>) -> Result<()> + Send + 'static,
    ) -> Result<Outcome> {
        let gate = self.clone();
        let whole = async move {
            let (outcome, keys_left) = gate.transact_and_tell(durability, origin, work).await?;
            if keys_left {
                gate.keys_came().await;
            }
            Ok(outcome)
        };
        match &self.runtime {
            Some(runtime) => runtime.spawn(whole).await.map_err(|_| Error::Closed)?,
            None => whole.await,
        }
    }

    /// Answers also whether keys are left to be tried.
    async fn transact_and_tell(
        &self,
        durability: Durability,
        origin: Origin,
        work: impl FnOnce(&mut Batch<'_>) -> Result<()> + Send + 'static,
    ) -> Result<(Outcome, bool)> {
        let now_ms = i64::try_from(self.clock.unix_ms()).unwrap_or(i64::MAX);
        let now_s = now_ms / 1_000;
        let keyring = Arc::clone(&self.keyring);
        let entropy = Arc::clone(&self.entropy);
        let (compared, twin) = (Arc::clone(&self.compared), Arc::clone(&self.twin));
        let (role, delivery) = (self.role, self.delivery);
        let (outcome, notes, keys_left) = self
            .store
            .write(durability, move |tx| {
                let keyring = keyring.lock().unwrap_or_else(PoisonError::into_inner);
                let mut batch = Batch {
                    tx,
                    origin,
                    now_s,
                    now_ms,
                    keyring: &keyring,
                    entropy: &*entropy,
                    hold: !compared.load(Ordering::SeqCst),
                    twin: &twin,
                    role,
                    delivery,
                    adopted: false,
                    restated: BTreeSet::new(),
                    logs: Logs::default(),
                    outcome: Outcome::default(),
                    notes: Notes::default(),
                };
                work(&mut batch)?;
                batch.settle_devices()?;
                batch.logs.save(tx)?;
                batch.logs.drop_empty(tx)?;
                batch.logs.settle_open(tx)?;
                header::settle(tx, &mut batch.notes)?;
                notify::settle(tx, &mut batch.notes, now_ms)?;
                Ok((batch.outcome, batch.notes, circle::is_left(tx)?))
            })
            .await?;
        self.tell(origin, &outcome, notes);
        Ok((outcome, keys_left))
    }

    fn tell(&self, origin: Origin, outcome: &Outcome, notes: Notes) {
        let (queued, carried) = (notes.queued, notes.circles_changed || notes.carried);
        if !outcome.applied.is_empty() || queued || carried {
            let applied = outcome.applied.clone().into();
            let _nobody_listens = self.commits.send(Committed { origin, applied, queued, carried });
        }
        if notes.circles_changed {
            self.events.send(Event::FollowsChanged);
        }
        if notes.devices_changed {
            self.events.send(Event::DevicesChanged);
        }
        if notes.own_changed {
            self.events.send(Event::Reload);
        }
        for thread in notes.threads_changed {
            self.events.send(Event::ThreadChanged(thread));
        }
        if !notes.posts_added.is_empty() {
            let count = notes.posts_added.len();
            let mut authors = notes.posts_added;
            authors.sort_unstable();
            authors.dedup();
            self.events.send(Event::PostsAdded { authors, count });
        }
        // Nobody here follows its author, so no feed but that of a hashtag has it: whoever searches hears of it.
        let is_found = |applied: &Applied| matches!(applied.kind, Kind::Post | Kind::Profile);
        if matches!(origin, Origin::Found(_)) && outcome.applied.iter().any(is_found) {
            self.events.send(Event::Found);
        }
        for post in notes.posts_changed {
            self.events.send(Event::PostChanged(post));
        }
        for persona in notes.profiles_changed {
            self.events.send(Event::ProfileChanged(persona));
        }
        for hash in notes.blobs_dropped {
            self.events.send(Event::BlobDropped(hash));
        }
        if notes.notified {
            self.events.send(Event::NotificationsChanged);
        }
    }
}

/// One transaction's work.
struct Batch<'a> {
    tx: &'a Transaction<'a>,
    origin: Origin,
    now_s: i64,
    now_ms: i64,
    keyring: &'a Keyring,
    entropy: &'a dyn Entropy,
    /// Own entries may not leave yet.
    hold: bool,
    twin: &'a Twin,
    role: Role,
    delivery: Delivery,
    /// The author of the entry at hand was taken in with it.
    adopted: bool,
    /// Authors, by row, of whom statements came.
    restated: BTreeSet<i64>,
    logs: Logs,
    outcome: Outcome,
    notes: Notes,
}

impl Batch<'_> {
    /// Stores one verified entry, or notes why not.
    fn take(&mut self, id: EntryId, entry: Entry) -> Result<()> {
        let refused = match entry.header.shape()? {
            crate::entry::Shape::Statement => self.statement(id, &entry)?,
            crate::entry::Shape::Log => self.log_entry(id, &entry)?,
            crate::entry::Shape::OneTime => self.one_time(id, &entry)?,
        };
        if let Some(error) = refused {
            self.outcome.refused.push((id, error));
        }
        Ok(())
    }

    fn statement(&mut self, id: EntryId, entry: &Entry) -> Result<Option<EntryError>> {
        if self.known(id)?.is_some() {
            return Ok(None);
        }
        if entry.body.is_none() {
            return Ok(Some(EntryError::BodyHash)); // a statement without its body says nothing
        }
        if let Some(error) = device::admit_statement(self.tx, entry)? {
            return Ok(Some(error));
        }
        let known = self.logs.known_author(self.tx, entry.header.author)?;
        if let Some(error) = self.admit(entry, known)? {
            return Ok(Some(error));
        }
        let author = self.logs.author(self.tx, entry.header.author)?;
        let statement = place::Row { id, entry, author_row: author.row, log_row: 0, branch: 0, prev: None, rank: 0 };
        let row = place::insert(self.tx, &statement)?;
        self.hand_over(id, entry, Stored { row, author, log_row: 0, rank: 0, deleted: false })?;
        self.logs.devices_changed();
        if entry.header.kind != Kind::PersonaOpen {
            self.restated.insert(author.row);
        }
        self.note(id, entry, None);
        Ok(None)
    }

    fn known(&self, id: EntryId) -> Result<Option<(i64, bool)>> {
        Ok(self
            .tx
            .prepare_cached("SELECT row, body IS NOT NULL FROM entry WHERE prefix = substr(?1, 1, 8) AND id = ?1")?
            .query_row([id], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?)
    }

    fn log_entry(&mut self, id: EntryId, entry: &Entry) -> Result<Option<EntryError>> {
        let header = &entry.header;
        // Without a certificate not even a row is kept.
        let Some(author) = self.logs.known_author(self.tx, header.author)? else {
            return Ok(Some(EntryError::Uncertified));
        };
        let head = match self.logs.standing(self.tx, author.row, header.device)? {
            Standing::Unknown => return Ok(Some(EntryError::Uncertified)),
            Standing::Certified => None,
            Standing::Revoked => match device::head_above(self.tx, author.row, header, id)? {
                None => return Ok(Some(EntryError::Revoked)),
                head => head,
            },
        };
        let mut log = match self.logs.open(self.tx, author.row, header, self.keyring)? {
            Ok(log) => log,
            Err(error) => return Ok(Some(error)),
        };
        // The second branch of a fork may be longer than the first, which `top_seq` tells of.
        let appends = log.fork_seq < 0 && i64::try_from(header.seq).is_ok_and(|seq| seq > log.top_seq);
        if !appends && let Some((row, has_body)) = self.known(id)? {
            if !has_body {
                self.fill_body(id, entry, row, author)?;
            }
            return Ok(None);
        }
        if log.scope().is_some_and(|scope| !header.kind.stands_in(scope)) {
            return Ok(Some(EntryError::Scope));
        }
        let writer = header::Writer {
            row: author.row,
            followed: author.followed,
            whole: self.origin != Origin::Own && (log.own || author.carried && log.is_carried_whole()),
        };
        if let Some(error) = header::admit(self.tx, id, entry, writer)? {
            return Ok(Some(error));
        }
        if self.origin != Origin::Own && !author.carried && !header::is_wanted(self.tx, id, entry)? {
            match self.origin {
                Origin::Found(_) if matches!(header.kind, Kind::Post | Kind::Profile | Kind::DeviceKeys) => {}
                // What is said about a post is no reason to take in who says it.
                Origin::Offer(_) | Origin::Bundle
                    if header::about(self.tx, entry)?.is_none() && self.logs.adopt(self.tx, header.author)? =>
                {
                    self.adopted = true;
                }
                _ => return Ok(Some(EntryError::Unwanted)),
            }
        }
        let placed = match place::find(self.tx, &log, header)? {
            Ok(placed) => placed,
            Err(error) => return Ok(Some(error)),
        };
        // All up to the head is here: what stands beside it is none of what was written before.
        if head.is_some_and(|head| placed.branch > 0 && log.next_seq > head) {
            return Ok(Some(EntryError::Revoked));
        }
        if log.own && self.origin != Origin::Own && !log.closed {
            // Where both copies of a profile are in use there is no end to it: what the other began is only read here.
            if log.count == 0 && self.twin.began(header.time) {
                log.closed = true;
                self.tx.execute("UPDATE log SET closed = 1 WHERE row = ?1", [log.row])?;
            } else {
                // A peer knows more of our own device than we do: this profile is an old copy (invariant 13).
                self.retire_logs()?;
                return self.log_entry(id, entry);
            }
        }
        let deleted = self.is_deleted(id, entry, author)?;
        let body = if deleted { None } else { entry.body.clone() };
        let stored = Entry { header: header.clone(), signature: entry.signature, body };
        if let Some(error) = self.admit(&stored, Some(author))? {
            return Ok(Some(error));
        }
        let rank = placed.rank(header.time, self.now_s);
        let prev = placed.keeps_prev.then_some(header.prev);
        let row = place::Row {
            id,
            entry: &stored,
            author_row: author.row,
            log_row: log.row,
            branch: placed.branch,
            prev,
            rank,
        };
        let row = place::insert(self.tx, &row)?;
        place::advance(self.tx, &mut log, header.seq, id, rank, &placed)?;
        if log.own && self.origin == Origin::Own && self.hold {
            log.hold_from = log.hold_from.min(i64::try_from(header.seq).unwrap_or(i64::MAX));
        }
        if log.scope < 0 {
            log.scope = place::likely_scope(header.kind);
        }
        self.logs.put(log);
        self.hand_over(id, &stored, Stored { row, author, log_row: log.row, rank, deleted })?;
        self.note(id, entry, Some((author.row, log.ref_)));
        self.remove_pushed_out()?;
        Ok(None)
    }

    /// Whether there is room; asked right before an entry is stored.
    fn admit(&self, entry: &Entry, author: Option<log::Author>) -> Result<Option<EntryError>> {
        if self.origin == Origin::Own || author.is_some_and(|author| author.followed) {
            return Ok(None);
        }
        storage::admit(self.tx, self.role, entry, author.map(|author| author.row), self.now_s)
    }

    /// Whether its author deleted this entry before it came; an edit goes with what it edits.
    fn is_deleted(&self, id: EntryId, entry: &Entry, author: log::Author) -> Result<bool> {
        let edited = entry.header.refs.first().filter(|_| entry.header.role() == Kind::Edit);
        Ok(place::is_deleted(self.tx, id, author.row)?
            || match edited {
                Some(target) => place::is_deleted(self.tx, *target, author.row)?,
                None => false,
            })
    }

    /// A body that was left out before has come.
    fn fill_body(&mut self, id: EntryId, entry: &Entry, row: i64, author: log::Author) -> Result<()> {
        let Some(body) = &entry.body else { return Ok(()) };
        if self.is_deleted(id, entry, author)? {
            return Ok(());
        }
        if !author.followed && storage::admit_body(self.tx, self.role, entry, author.row, self.now_s)?.is_some() {
            return Ok(());
        }
        self.tx
            .prepare_cached("UPDATE entry SET body = ?2, body_len = NULL, body_hash = NULL WHERE row = ?1")?
            .execute(params![row, body])?;
        let (log_row, rank) = self
            .tx
            .prepare_cached("SELECT log_row, rank FROM entry WHERE row = ?1")?
            .query_row([row], |row| Ok((row.get(0)?, row.get(1)?)))?;
        self.hand_over(id, entry, Stored { row, author, log_row, rank, deleted: false })?;
        self.note(id, entry, Some((author.row, LogRef::new(&entry.header.device, entry.header.log))));
        self.remove_pushed_out()
    }

    /// Entries that count in no header any more go, where no log that is carried whole needs them.
    fn remove_pushed_out(&mut self) -> Result<()> {
        for row in std::mem::take(&mut self.notes.pushed_out) {
            self.logs.save(self.tx)?;
            place::remove(self.tx, row)?;
            self.logs.reset();
        }
        Ok(())
    }

    /// The one dispatcher: which feature's tables an entry changes.
    fn hand_over(&mut self, id: EntryId, entry: &Entry, stored: Stored) -> Result<()> {
        self.notes.about = None;
        self.notes.blobs.clear();
        let Stored { row, author, log_row, rank, deleted } = stored;
        let mut applying = Applying {
            tx: self.tx,
            entry,
            id,
            row,
            author_row: author.row,
            followed: author.followed,
            deleted,
            log_row,
            rank,
            now_s: self.now_s,
            role: self.role,
            notes: &mut self.notes,
        };
        let hive = self.logs.get(author.row, LogRef::new(&entry.header.device, entry.header.log));
        let kind = match hive {
            Some(log) if log.scope == log::HIVE && entry.header.kind != Kind::LogOpen => Kind::Unknown(0),
            _ => entry.header.role(),
        };
        if entry.header.kind == Kind::Sealed {
            media::reference_sealed(&mut applying)?;
            circle::open(&applying)?;
        }
        match kind {
            Kind::LogOpen => self.log_open(entry, author)?,
            Kind::PersonaOpen | Kind::DeviceCert | Kind::DeviceRevoke | Kind::RootRotate => {
                device::apply(&mut applying)?
            }
            Kind::Profile => profile::apply(&mut applying)?,
            Kind::DeviceKeys => {
                let device = entry.header.device;
                // What a revoked one published before stands in its log, and nothing more goes to it.
                if self.logs.standing(self.tx, author.row, device)? == Standing::Certified {
                    thread::apply_keys(&mut applying)?;
                    self.device_came(author.row, entry.header.author, device)?;
                }
            }
            Kind::Post => {
                post::apply(&mut applying)?;
                header::post_came(&mut applying)?;
                repost::post_came(&mut applying)?;
                quote::apply(&mut applying)?;
                search::apply(&mut applying)?;
            }
            Kind::Comment | Kind::Reaction | Kind::Edit | Kind::Delete | Kind::Hide | Kind::Policy => {
                header::apply(&mut applying)?;
                search::apply(&mut applying)?;
            }
            Kind::Repost => {
                repost::apply(&mut applying)?;
                header::came(&mut applying, id)?;
            }
            // Their rules come later; they are kept verbatim. So is all that stands in a hive.
            _ => {}
        }
        if notify::may_concern(kind, entry, self.keyring.get(entry.header.author).is_some()) {
            self.notes.happened.insert(Happened::Entry(row));
        }
        Ok(())
    }

    fn log_open(&mut self, entry: &Entry, author: log::Author) -> Result<()> {
        let Some(body) = &entry.body else { return Ok(()) };
        let open = LogOpenBody::decode(body)?;
        if let Some(log) = self.logs.get(author.row, LogRef::new(&entry.header.device, entry.header.log)) {
            self.logs.put(log::Log { scope: i64::from(open.scope.number()), ..*log });
        }
        Ok(())
    }

    fn note(&mut self, id: EntryId, entry: &Entry, log: Option<(i64, LogRef)>) {
        let log = log.and_then(|(author_row, ref_)| self.logs.get(author_row, ref_));
        let seq = i64::try_from(entry.header.seq).unwrap_or(i64::MAX);
        let about = self.notes.about.map(|post| (post, place::author_of(self.tx, post).unwrap_or_default()));
        self.outcome.applied.push(Applied {
            id,
            author: entry.header.author,
            kind: entry.header.kind,
            log: log.map(|log| log.ref_),
            scope: log.and_then(log::Log::scope),
            seq: entry.header.seq,
            about,
            gap: log.is_some_and(|log| log.next_seq <= seq),
            held: log.is_some_and(|log| place::is_held(log, entry.header.seq)),
            automatic: false,
            blobs: self.notes.blobs.clone(),
            adopted: std::mem::take(&mut self.adopted),
        });
    }

    // --- own entries ---

    /// Signs a draft that claims `time` (s). A log that is opened for it claims the same: its entries' rank is never
    /// below that of their `LogOpen`.
    fn author(&mut self, draft: Draft, time: u64) -> Result<EntryId> {
        let keys = self.keyring.get(draft.persona).ok_or(Error::NotFound { what: "the persona" })?;
        installation::check(self.tx, self.keyring, draft.persona)?;
        let author = self.logs.author(self.tx, draft.persona)?;
        if let Some(existing) = header::said_before(self.tx, author.row, &draft)? {
            self.outcome.existing.push(existing);
            return Ok(existing);
        }
        let place = self.next_place(draft.persona, draft.scope, time)?;
        let entry = verify(sign(&keys.device, Header::log_entry(place, draft.kind, time, draft.refs), draft.body))?;
        self.take_own(entry)
    }

    /// As [`Self::author`], for what is sealed. Outside stands the day alone.
    fn seal(&mut self, draft: SealedDraft, time: u64) -> Result<EntryId> {
        let keys = self.keyring.get(draft.persona).ok_or(Error::NotFound { what: "the persona" })?;
        installation::check(self.tx, self.keyring, draft.persona)?;
        let day_s = time - time % DAY_S;
        let place = self.next_place(draft.persona, Scope::Sealed, day_s)?;
        let header = Header::log_entry(place, Kind::Sealed, day_s, draft.refs);
        let body = circle::seal(self.tx, self.entropy, &header, &draft.to, time, draft.body)?;
        self.take_own(verify(sign(&keys.device, header, body))?)
    }

    /// Where the next entry of this device goes; the log is opened where there is none.
    fn next_place(&mut self, persona: PersonaId, scope: Scope, time: u64) -> Result<Place> {
        let keys = self.keyring.get(persona).ok_or(Error::NotFound { what: "the persona" })?;
        let device = DeviceKey::from(&keys.device.verifying_key());
        let author = self.logs.author(self.tx, persona)?;
        Ok(match log::own_open(self.tx, &mut self.logs, author.row, device, scope)? {
            Some((log, next_seq, top)) => Place { author: persona, device, log, seq: next_seq, prev: top },
            // What waits is signed again wherever it can be: that the other copy is in use was seen after this one compared.
            None if self.twin.runs() && !self.hold => return Err(Error::ProfileCopied),
            None => {
                let number = self.random_u64()?.max(1);
                let prior_heads = log::own_heads(self.tx, author.row, device, scope)?;
                let body = LogOpenBody { scope, prior_heads }.encode(self.random()?);
                let header = Header::log_entry(Place::first(persona, device, number), Kind::LogOpen, time, Vec::new());
                let opened = verify(sign(&keys.device, header, body))?;
                let place = Place::after(&opened.get().header);
                self.take_own(opened)?;
                place
            }
        })
    }

    fn take_own(&mut self, entry: Verified<Entry>) -> Result<EntryId> {
        let id = entry.get().id();
        self.take(id, entry.into_inner())?;
        // Own entries are stored or the verb fails: nothing of the transaction stays.
        match self.outcome.refused.pop_if(|(refused, _)| *refused == id) {
            Some((_, error)) => Err(error.into()),
            None => Ok(id),
        }
    }

    fn release(&mut self) -> Result<()> {
        let held = place::held(self.tx)?;
        self.tx.execute("UPDATE log SET hold_from = ?1 WHERE own = 1", [i64::MAX])?;
        for (id, entry) in held {
            let author = self.logs.author(self.tx, entry.header.author)?;
            let _known = self.logs.open(self.tx, author.row, &entry.header, self.keyring)?;
            self.notes.about = header::about(self.tx, &entry)?;
            self.notes.blobs = post::named_blobs(&entry);
            self.note(id, &entry, Some((author.row, LogRef::new(&entry.header.device, entry.header.log))));
        }
        Ok(())
    }

    /// Closes all own logs, so that the next own entry opens a fresh one. Own entries that never left are taken out
    /// and signed again there, with the time that they claimed first; their old ids stay local aliases.
    fn retire_logs(&mut self) -> Result<()> {
        // Its sessions may have gone on elsewhere too.
        thread::forget_all(self.tx)?;
        draft::doubt(self.tx)?;
        self.notes.queued = true;
        self.logs.save(self.tx)?;
        self.logs.reset();
        let held = place::held(self.tx)?;
        let mut sealed = std::collections::BTreeMap::new();
        // Of a persona that this device is out of they stay where they are: nobody would take them anywhere else.
        let mut held = held;
        held.retain(|(_, entry)| installation::check(self.tx, self.keyring, entry.header.author).is_ok());
        for (id, _) in held.iter().rev() {
            sealed.extend(opened::again(self.tx, *id)?.map(|said| (*id, said)));
            place::take_out(self.tx, &mut self.notes, *id, self.now_s)?;
        }
        place::recount_own(self.tx)?;
        self.tx.execute("UPDATE log SET closed = 1 WHERE own = 1", [])?;
        let mut renamed = std::collections::BTreeMap::new();
        for (old, entry) in held {
            // Nothing can sign again for a persona that left.
            if entry.header.kind == Kind::LogOpen || self.keyring.get(entry.header.author).is_none() {
                continue;
            }
            let Some((scope, body)) = place::scope_of(self.tx, &entry)?.zip(entry.body) else { continue };
            let refs = entry.header.refs.iter().map(|id| renamed.get(id).copied().unwrap_or(*id)).collect();
            let (persona, kind) = (entry.header.author, entry.header.kind);
            let origin = std::mem::replace(&mut self.origin, Origin::Own);
            let new = match sealed.remove(&old) {
                // It is bound to its place.
                Some(opened::Again { time, body, to }) => self.seal(SealedDraft { persona, to, refs, body }, time),
                None => self.author(Draft { persona, scope, kind, refs, body }, entry.header.time),
            };
            self.origin = origin;
            let new = new?;
            renamed.insert(old, new);
            self.tx.execute("INSERT OR REPLACE INTO alias (old_id, new_id) VALUES (?1, ?2)", params![old, new])?;
        }
        Ok(())
    }

    fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn random_u64(&self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.random()?))
    }
}

/// Removes what waited too long for the post that it is about. Posts that changed by it are in the answer.
pub(crate) fn sweep(tx: &Transaction<'_>, now_s: i64) -> Result<Notes> {
    let mut notes = Notes::default();
    header::sweep(tx, &mut notes, now_s)?;
    mail::sweep(tx, &mut notes, now_s)?;
    thread::expire(tx, &mut notes, now_s.saturating_mul(1_000))?;
    for row in std::mem::take(&mut notes.pushed_out) {
        place::remove(tx, row)?;
    }
    header::settle(tx, &mut notes)?;
    Ok(notes)
}

/// Where an entry was stored.
#[derive(Debug, Clone, Copy)]
struct Stored {
    row: i64,
    author: log::Author,
    log_row: i64,
    rank: i64,
    deleted: bool,
}
