//! Mail at the gate: sealed entries that travel by their route, first messages that were opened, and what of the outbox
//! is due.

use rusqlite::Connection;

use super::{Batch, place};
use crate::author::{self, Own};
use crate::bucket::Bucket;
use crate::crypto::{Intro, Slots};
use crate::device::Standing;
use crate::entry::{Entry, EntryError, Introduction, Kind, Scope, SealedBody, Unverified, Verified, verify};
use crate::error::{Error, Result};
use crate::gate::{Applied, CommentDraft, Draft, Happened, Notes, Origin, Outcome};
use crate::id::{DeviceKey, EntryId, PersonaId};
use crate::limits::{INTRO_TRIES, INTROS_SEEN};
use crate::mail::Brought;
use crate::view::Role;
use crate::{
    circle, device, follower, header, installation, mail, mailbox, met, opened, post, record, search, storage, store,
    sync, thread,
};

/// A first message that was tried; opened: for which own persona, by row.
pub(super) struct Tried {
    row: i64,
    id: EntryId,
    expires_day: u16,
    opened: Option<(i64, Intro)>,
}

/// First messages that nobody here tried to open yet, with what is in those that are for an own persona.
pub(super) fn first_messages(db: &Connection) -> Result<Vec<Tried>> {
    let (mut tried, mut tries) = (Vec::new(), INTRO_TRIES);
    for row in mail::untried(db, INTROS_SEEN)? {
        if tries == 0 {
            break;
        }
        let (entry, sealed) = mail::read(db, row)?;
        let (id, expires_day) = (entry.id(), sealed.expires_day);
        tried.push(Tried { row, id, expires_day, opened: thread::try_intro(db, &entry, &sealed, &mut tries)? });
    }
    Ok(tried)
}

impl Batch<'_> {
    /// A sealed entry that travels by its route.
    pub(super) fn one_time(&mut self, id: EntryId, entry: &Entry) -> Result<Option<EntryError>> {
        if self.known(id)?.is_some() {
            return Ok(None);
        }
        let Some(body) = &entry.body else { return Ok(Some(EntryError::BodyMissing)) };
        if matches!(self.origin, Origin::Offer(_) | Origin::Found(_)) {
            return Ok(Some(EntryError::Unwanted));
        }
        if let Some(post) = entry.header.refs.first() {
            return self.beneath(id, entry, body, *post);
        }
        let sealed = SealedBody::decode(body)?;
        let exact = Bucket::exact(sealed.route);
        let stray = !sync::taken(self.tx)?.iter().any(|bucket| bucket.contains(exact));
        let author = self.logs.author(self.tx, Bucket::EVERYTHING.id())?;
        let brought = match self.origin {
            Origin::Peer(_, node) => Brought { by: Some(node), bytes: storage::cost(entry) },
            _ => Brought { by: None, bytes: storage::cost(entry) },
        };
        if let Some(by) = brought.by {
            // A phone keeps nothing for others.
            let unwanted = stray && self.role == Role::Phone;
            let unwanted = unwanted.then_some(EntryError::Unwanted);
            let refused = unwanted.or_else(|| mail::admit(entry, &sealed, self.now_s));
            let admit = || storage::admit_mail(self.tx, &mut self.notes, self.role, (id, brought.bytes), by);
            if let Some(error) = refused.map_or_else(admit, |error| Ok(Some(error)))? {
                return Ok(Some(error));
            }
        }
        let row = place::Row { id, entry, author_row: author.row, log_row: 0, branch: 0, prev: None, rank: 0 };
        let row = place::insert(self.tx, &row)?;
        let mut filed = mail::Filed { route: exact, stray, expires_day: sealed.expires_day };
        if let Some(by) = brought.by
            && stray
            && !mailbox::is_client(self.tx, by)?
        {
            filed.expires_day = mail::stray_until(sealed.expires_day, self.now_s);
        }
        mail::file(self.tx, row, author.row, &sealed, brought, filed)?;
        if !sealed.blobs.is_empty() {
            let taken = storage::admit_files(self.tx, &mut self.notes, self.role, &sealed.blobs, brought.by)?;
            mail::take_files(self.tx, row, &sealed.blobs, taken)?;
        }
        if thread::is_expected(self.tx, &sealed)? {
            self.apart("a message", |batch| {
                let (desk, notes) = batch.desk();
                thread::take_mail(&desk, entry, &sealed, notes)?;
                batch.take_grants()
            })?;
        }
        self.notes.queued |= matches!(sealed.envelope.slots, Slots::Intro(_));
        self.outcome.applied.push(Applied {
            id,
            author: exact.id(),
            kind: Kind::Sealed,
            log: None,
            scope: Some(Scope::Sealed),
            seq: 0,
            about: None,
            gap: false,
            held: false,
            automatic: false,
            blobs: sealed.blobs.iter().map(|blob| blob.hash).collect(),
            adopted: false,
        });
        Ok(None)
    }

    /// What is said about a post to circles. Before the post is here nobody can check that its writer may: it comes again
    /// with the next comparison.
    fn beneath(&mut self, id: EntryId, entry: &Entry, body: &[u8], post: EntryId) -> Result<Option<EntryError>> {
        let Some(found) = header::sealed_post(self.tx, post)? else { return Ok(Some(EntryError::Unwanted)) };
        let author = self.logs.author(self.tx, found.author)?;
        if !author.carried {
            return Ok(Some(EntryError::Unwanted));
        }
        if found.full {
            return Ok(Some(EntryError::Full("comments or reactions of this post")));
        }
        let refused = circle::admit_comment(&found.body, &SealedBody::decode(body)?)?;
        if let Some(error) = refused.map_or_else(|| self.admit(entry, Some(author)), |error| Ok(Some(error)))? {
            return Ok(Some(error));
        }
        // Kept with the post's author's: who wrote it is told to nobody by where it rests.
        let rank = i64::try_from(entry.header.time).unwrap_or(i64::MAX).min(self.now_s);
        let row = place::Row { id, entry, author_row: author.row, log_row: 0, branch: 0, prev: None, rank };
        let row = place::insert(self.tx, &row)?;
        header::file_sealed(self.tx, &mut self.notes, row, post, self.now_s)?;
        self.read_beneath(row, post)?;
        self.outcome.applied.push(Applied {
            id,
            author: found.author,
            kind: Kind::Sealed,
            log: None,
            scope: None,
            seq: 0,
            about: Some((post, Some(found.author))),
            gap: false,
            held: false,
            automatic: false,
            blobs: Vec::new(),
            adopted: false,
        });
        Ok(None)
    }

    /// Applies what a stored entry about a post says, where a key here opens it and its writer is who it says.
    pub(super) fn read_beneath(&mut self, row: i64, post: EntryId) -> Result<()> {
        let Some(said) = circle::open_comment(self.tx, row)? else { return Ok(()) };
        let Ok(statements) = Introduction::certified(said.persona, said.device, &said.statements) else {
            return Ok(());
        };
        let Some(author_row) = self.meet(said.persona, said.device, &statements)? else { return Ok(()) };
        opened::keep(self.tx, row, said.time, &said.body, None)?;
        let (kind, target) = (said.kind, said.target);
        header::tell(self.tx, row, &header::Told { post, author_row, kind, target })?;
        for changed in header::said(self.tx, &mut self.notes, row, self.now_s, self.role)? {
            search::again(self.tx, changed)?;
        }
        Ok(())
    }

    /// Seals what an own persona says about a post to circles.
    pub(super) fn comment(&mut self, draft: CommentDraft) -> Result<EntryId> {
        let keyring = self.keyring;
        let keys = keyring.get(draft.persona).ok_or(Error::NotFound { what: "the persona" })?;
        installation::check(self.tx, keyring, draft.persona)?;
        let author = self.logs.author(self.tx, draft.persona)?;
        // Whoever reads it need not know who writes.
        let device = DeviceKey::from(&keys.device.verifying_key());
        let statements = thread::statements(self.tx, author.row, device)?;
        let now_s = u64::try_from(self.now_s).unwrap_or_default();
        let entry = circle::seal_comment(self.tx, self.entropy, &keys.device, statements, draft, now_s)?;
        self.take_own(verify(entry)?)
    }

    /// Takes in first messages that were opened, and seals what waits in the outbox and is due.
    pub(super) fn flush(&mut self, tried: Vec<Tried>, peers: usize) -> Result<()> {
        for Tried { row, id, expires_day, opened } in tried {
            mail::tried(self.tx, row)?;
            if let Some((own_row, intro)) = opened {
                let Ok(introduction) = Introduction::of(&intro) else { continue };
                self.apart("a first message", |batch| {
                    let (of, entry) = ((own_row, intro.persona), (id, expires_day));
                    if thread::is_declined(batch.tx, own_row, intro.persona)?
                        || !thread::is_first_time(batch.tx, of, entry, batch.now_ms)?
                    {
                        return Ok(());
                    }
                    if let Some(author_row) = batch.meet(intro.persona, intro.device, &introduction.entries)? {
                        let (desk, notes) = batch.desk();
                        thread::take_intro(&desk, own_row, &intro, notes)?;
                        batch.take_grants()?;
                        // Where nothing came of it, nothing stays of who sent it.
                        thread::forget_name(batch.tx, author_row)?;
                    }
                    Ok(())
                })?;
            }
        }
        for (own_row, peer_row, device, grant) in thread::undelivered(self.tx, self.now_ms)? {
            circle::lost(self.tx, own_row, peer_row, &device, &grant)?;
        }
        for circle in circle::due(&self.circle_desk())? {
            self.apart("a new key of a circle", |batch| batch.circle_desk().renew(circle))?;
        }
        follower::tell_due(self.tx, self.entropy, self.now_ms, &mut self.notes)?;
        record::tell_due(self.tx, self.entropy, self.now_ms)?;
        thread::expire(self.tx, &mut self.notes, self.now_ms)?;
        let (desk, _) = self.desk();
        let entries = thread::flush(&desk, peers)?;
        self.let_go(entries)
    }

    /// Lets first messages go for which work was done.
    pub(super) fn introduce(&mut self, worked: &[thread::Worked]) -> Result<()> {
        let (desk, _) = self.desk();
        let entries = thread::worked(&desk, worked)?;
        self.let_go(entries)
    }

    /// Stores own mail, each entry with whether nobody chose its moment.
    fn let_go(&mut self, entries: Vec<(Unverified<Entry>, bool)>) -> Result<()> {
        for (entry, automatic) in entries {
            // One that is lost here goes again as one that is lost on its way.
            self.apart("an own message", |batch| {
                let id = batch.take_own(verify(entry)?)?;
                for applied in batch.outcome.applied.iter_mut().filter(|applied| applied.id == id) {
                    applied.automatic = automatic;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Does a step by itself: where it fails nothing of it stays, and the others go on. Nobody who writes may keep this
    /// node from taking in, or sending, what others write.
    pub(super) fn apart(&mut self, what: &str, step: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        self.logs.save(self.tx)?;
        let notes = std::mem::take(&mut self.notes);
        let Outcome { applied, refused, existing } = &self.outcome;
        let (applied, refused, existing) = (applied.len(), refused.len(), existing.len());
        let tx = self.tx;
        let done = store::apart(tx, || step(self))?;
        let new = std::mem::replace(&mut self.notes, notes);
        match done {
            Ok(()) => self.notes.add(new),
            Err(error) => {
                tracing::warn!(%error, "{what} could not be taken in; the others go on");
                self.logs.reset();
                self.outcome.applied.truncate(applied);
                self.outcome.refused.truncate(refused);
                self.outcome.existing.truncate(existing);
            }
        }
        Ok(())
    }

    /// Publishes this device's keys for every own persona where none are out, or those are a week old.
    pub(super) fn publish_keys(&mut self) -> Result<()> {
        let time = u64::try_from(self.now_s).unwrap_or_default();
        for Own { id: persona, row, .. } in author::own(self.tx)? {
            let key = self.keyring.get(persona).map(|keys| keys.device.verifying_key().to_bytes());
            let Some(key) = key.map(DeviceKey::from_bytes) else { continue };
            // One that does not count publishes no more, and goes on with the others.
            if device::standing(self.tx, row, key)? != Standing::Certified {
                continue;
            }
            self.apart("own keys", |batch| {
                if let Some(keys) = thread::renewed(batch.tx, persona, batch.now_s, batch.entropy)? {
                    let (scope, kind, body) = (Scope::Posts, Kind::DeviceKeys, keys.encode(batch.random()?));
                    batch.author(Draft { persona, scope, kind, refs: Vec::new(), body }, time)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Notes who wrote inside of a sealed entry; answers their row. Nothing of it is an entry here, and nobody is told: that
    /// it came now would show for whom it was.
    fn meet(&mut self, persona: PersonaId, device: DeviceKey, statements: &[Verified<Entry>]) -> Result<Option<i64>> {
        let Some(met) = met::meet(self.tx, persona, device, statements)? else { return Ok(None) };
        if met.renamed {
            self.notes.profiles_changed.insert(persona);
        }
        if met.keys {
            self.notes.queued |= thread::device_came(self.tx, met.author_row, device.as_bytes(), self.now_ms)?;
            circle::device_came(&mut self.circle_desk(), met.author_row, device)?;
        }
        Ok(Some(met.author_row))
    }

    /// Takes in keys of circles that came, and what came of groups and followers.
    fn take_grants(&mut self) -> Result<()> {
        let circles = !(self.notes.grants.is_empty() && self.notes.rosters.is_empty());
        for granted in std::mem::take(&mut self.notes.grants) {
            let known = circle::newest(self.tx)?;
            circle::take(&mut self.circle_desk(), &granted)?;
            // What another own device passes on was news there.
            if granted.from_row != granted.own_row {
                self.notes.happened.extend(circle::since(self.tx, known)?.into_iter().map(Happened::Circle));
            }
        }
        for rostered in std::mem::take(&mut self.notes.rosters) {
            self.notes.circles_changed |= circle::take_roster(&mut self.circle_desk(), &rostered)?;
        }
        for recorded in std::mem::take(&mut self.notes.recorded) {
            for key in record::take(self.tx, &mut self.notes, &recorded, self.now_s)? {
                if let Some(joined) = circle::settle(&mut self.circle_desk(), &key)? {
                    circle::begin_all(self.tx, joined)?;
                }
            }
        }
        if circles {
            self.notes.queued |= circle::note(self.tx)?;
        }
        for noticed in std::mem::take(&mut self.notes.noticed) {
            if follower::take(self.tx, &noticed, self.now_ms)? {
                self.notes.circles_changed = true;
                self.notes.happened.insert(Happened::Follower(noticed.own_row, noticed.from_row));
            }
        }
        Ok(())
    }

    /// A sealed entry that stood here closed was opened.
    pub(super) fn reveal(&mut self, row: i64) -> Result<()> {
        let (id, author_row, refs): (EntryId, i64, Vec<u8>) = self
            .tx
            .prepare_cached("SELECT id, author_row, refs FROM entry WHERE row = ?1")?
            .query_row([row], |found| Ok((found.get(0)?, found.get(1)?, found.get(2)?)))?;
        let edited = EntryId::from_slice(&refs);
        if edited.is_none() {
            post::reveal(self.tx, row, self.now_s, &mut self.notes)?;
        }
        self.notes.happened.insert(Happened::Entry(row));
        let post = edited.unwrap_or(id);
        let edit = header::edits_opened(self.tx, post, author_row)?;
        self.notes.happened.extend(edit.map(Happened::Entry));
        self.notes.posts_changed.insert(post);
        search::again(self.tx, post)
    }

    pub(super) fn circle_desk(&mut self) -> circle::Desk<'_> {
        let Self { tx, entropy, now_ms, notes, .. } = self;
        circle::Desk { tx, entropy: *entropy, now_ms: *now_ms, at_once: false, notes }
    }

    pub(super) fn desk(&mut self) -> (thread::Desk<'_>, &mut Notes) {
        let Self { tx, keyring, entropy, now_ms, delivery, notes, .. } = self;
        (thread::Desk { tx, keyring, entropy: *entropy, now_ms: *now_ms, delivery: *delivery }, notes)
    }
}
