//! The seam between those who bring entries (verbs, sync) and the one gate that takes them in: verify, then apply
//! in one transaction, then tell (invariant 3). Boot fills it; nothing here knows a feature.

mod archive;
mod keep;
mod report;
mod twin;

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use rusqlite::Transaction;

use crate::entry::{Entry, EntryError, Grant, Kind, Records, Roster, Scope, Unverified, Verified};
use crate::error::Result;
use crate::id::{BlobHash, CircleId, DeviceKey, EntryId, LogRef, NodeId, PersonaId, ThreadId};
use crate::view::Role;

pub(crate) use self::archive::{Archived, Taking, nothing_follows};
pub use self::keep::{Asked, KeepAnswer, KeepFuture, MailPass, Receipt, Refusal, Shown, Told};
pub use self::report::Report;
pub(crate) use self::twin::Twin;

/// Who brought an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A verb of this node.
    Own,
    /// A peer, by the connection's number and its network key.
    Peer(u64, NodeId),
    /// A peer offers it to be kept as a spare copy: its author is taken in where there is room.
    Offer(u64),
    /// A search of this node brought it: it is kept as any stranger's entry, and its author is not taken in.
    Found(u64),
    /// A bundle of the user's has it. Who wrote it is taken in as with an offer; peers find it when they ask.
    Bundle,
}

/// An entry that was newly stored, and what sync must know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    pub id: EntryId,
    pub author: PersonaId,
    pub kind: Kind,
    /// `None` for statements.
    pub log: Option<LogRef>,
    /// `None` until the log's `LogOpen` is known, and for statements.
    pub scope: Option<Scope>,
    pub seq: u64,
    /// For comments, reactions, edits and deletions: the post that they are about, and its author where known.
    pub about: Option<(EntryId, Option<PersonaId>)>,
    /// Earlier entries of its log are missing here.
    pub gap: bool,
    /// It may not leave yet: own heads were not compared with a peer in this run (invariant 13).
    pub held: bool,
    /// Own mail of which nobody chose the moment: an answer, say. It need not be fast.
    pub automatic: bool,
    /// Blobs that it names.
    pub blobs: Vec<BlobHash>,
    /// Its author was taken in with it, as a spare copy.
    pub adopted: bool,
}

impl Applied {
    /// The post that it is, or is about.
    pub fn post(&self) -> Option<EntryId> {
        match self.kind {
            Kind::Post => Some(self.id),
            Kind::Sealed if self.log.is_some() && self.about.is_none() => Some(self.id),
            _ => self.about.map(|(post, _)| post),
        }
    }
}

/// What became of a submission.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In the order of submission. What was known already is in neither list.
    pub applied: Vec<Applied>,
    pub refused: Vec<(EntryId, EntryError)>,
    /// Own entries that were there before and say what a draft would have said.
    pub existing: Vec<EntryId>,
}

/// A commit, as the node's own tasks hear of it.
#[derive(Debug, Clone)]
pub struct Committed {
    pub origin: Origin,
    pub applied: Arc<[Applied]>,
    /// Something waits in the outbox.
    pub queued: bool,
    /// Whom this node carries may have changed.
    pub carried: bool,
}

/// An entry of an own persona before it has a place: the gate reads the head, signs and applies in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub persona: PersonaId,
    pub scope: Scope,
    pub kind: Kind,
    pub refs: Vec<EntryId>,
    /// Encoded, with its salt.
    pub body: Vec<u8>,
}

/// A post of an own persona to circles, or an edit of one, before it has a place: only then it can be sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedDraft {
    pub persona: PersonaId,
    /// One at least.
    pub to: Vec<CircleId>,
    /// The post that it edits, if it is an edit.
    pub refs: Vec<EntryId>,
    /// An encoded post, or edit.
    pub body: Vec<u8>,
}

/// What an own persona says about a post to circles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentDraft {
    pub persona: PersonaId,
    pub post: EntryId,
    /// A comment, a reaction, an edit or a deletion.
    pub kind: Kind,
    /// What it answers, reacts to, edits or deletes.
    pub target: EntryId,
    /// Encoded, with its salt.
    pub body: Vec<u8>,
}

/// A key that came over a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The own persona that it was given to.
    pub own_row: i64,
    pub from_row: i64,
    pub from: PersonaId,
    pub grant: Grant,
}

/// What somebody says of the members of a group, as it came over a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rostered {
    /// The own persona that it was said to.
    pub own_row: i64,
    pub from_row: i64,
    pub from: PersonaId,
    pub roster: Roster,
}

/// That somebody follows an own persona, or does so no longer, as it came over a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noticed {
    pub own_row: i64,
    pub from_row: i64,
    pub from: PersonaId,
    pub present: bool,
    pub counter: u64,
}

/// What another device of an own persona tells, as it came over a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    pub own_row: i64,
    pub device: DeviceKey,
    pub records: Records,
}

/// Entries whose signatures were looked at.
#[derive(Debug, Default)]
pub struct Checked {
    pub(crate) good: Vec<(EntryId, Verified<Entry>)>,
    pub(crate) refused: Vec<(EntryId, EntryError)>,
}

pub type CheckFuture<'a> = Pin<Box<dyn Future<Output = Result<Checked>> + Send + 'a>>;
pub type FlushFuture<'a> = Pin<Box<dyn Future<Output = Result<Option<u64>>> + Send + 'a>>;
pub type TakenFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
pub type GateFuture<'a> = Pin<Box<dyn Future<Output = Result<Outcome>> + Send + 'a>>;

/// Verify → apply → events after commit.
pub trait Gate: Send + Sync + fmt::Debug {
    /// Answers once the transaction is committed (own entries: durable). An error means that nothing was stored.
    fn submit(&self, origin: Origin, entries: Vec<Unverified<Entry>>) -> GateFuture<'_> {
        Box::pin(async move { self.take(origin, self.check(entries).await?).await })
    }

    /// The first half of [`Self::submit`], which needs no turn: signatures.
    fn check(&self, entries: Vec<Unverified<Entry>>) -> CheckFuture<'_>;

    /// The second half: the transaction.
    fn take(&self, origin: Origin, checked: Checked) -> GateFuture<'_>;

    /// Signs and applies entries of an own persona, all or none; durable when it answers. Each gets the next place in
    /// the device's open log of the scope; the log is opened where there is none. What was said before (a deletion, hide
    /// or repost of the same entry) is not said again.
    ///
    /// # Errors
    /// `NotFound` when the persona is not an own one; `Entry` when the gate refuses (a limit, a scope).
    fn author(&self, drafts: Vec<Draft>) -> GateFuture<'_>;

    /// As [`Self::author`], for entries that are sealed first.
    ///
    /// # Errors
    /// `NotFound` also for a circle that the persona does not have, `BadInput` for too long a text.
    fn seal(&self, drafts: Vec<SealedDraft>) -> GateFuture<'_>;

    /// Seals what is said about a post to circles, and applies it; durable when it answers.
    ///
    /// # Errors
    /// `NotFound` when the persona is not an own one, or the post can't be read here; `BadInput` for too long a text.
    fn comment(&self, draft: CommentDraft) -> GateFuture<'_>;

    /// Opens what the keys of a circle open by now, as its persona joined it.
    fn open_circle(&self, circle: CircleId) -> GateFuture<'_>;

    /// Seals messages that wait and are due, as far as one transaction takes: durable when it answers, as state of
    /// sessions must not go back behind what has left. `peers`: how many are connected. Answers when the next is due, ms
    /// from now on.
    fn flush(&self, peers: usize) -> FlushFuture<'_>;

    /// Own heads were compared with a peer: what was held may leave (invariant 13). Durable; answers with the entries
    /// that were held until now, and later own entries are not held. Calling it again does nothing.
    fn release(&self) -> GateFuture<'_>;

    /// What mailboxes and their clients ask, and anchors and theirs. Durable when it answers.
    fn helper(&self, asked: Asked) -> KeepFuture<'_>;

    /// A peer took these entries: surfaces that show how far a message came hear of it.
    fn taken(&self, _entries: Vec<EntryId>) -> TakenFuture<'_> {
        Box::pin(async {})
    }
}

/// What a feature is given to change its tables: the entry's row is stored, in the same transaction.
#[derive(Debug)]
pub struct Applying<'a> {
    pub tx: &'a Transaction<'a>,
    pub entry: &'a Entry,
    pub id: EntryId,
    pub row: i64,
    pub author_row: i64,
    /// The author is own or followed: their posts stand in the feed.
    pub followed: bool,
    /// Its author deleted it before it came: it has no body here.
    pub deleted: bool,
    /// 0 for statements.
    pub log_row: i64,
    /// Seconds: min(claimed, first seen), never below that of the nearest stored predecessor.
    pub rank: i64,
    pub now_s: i64,
    pub role: Role,
    pub notes: &'a mut Notes,
}

/// What may be news to the user: looked at once all of the transaction is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happened {
    /// An entry was stored or opened, by row.
    Entry(i64),
    /// Somebody told that they follow: the own persona and they, by row.
    Follower(i64, i64),
    /// Somebody's circle came, by row: an own persona is in it, or invited to it.
    Circle(i64),
}

/// What a transaction changed, for the events after its commit.
#[derive(Debug, Default)]
pub struct Notes {
    /// Private threads in which something changed.
    pub threads_changed: BTreeSet<ThreadId>,
    /// Something waits in the outbox, or is due earlier.
    pub queued: bool,
    /// Keys of circles that came, and are to be taken in.
    pub grants: Vec<Granted>,
    /// What came about members of groups, and is to be taken in.
    pub rosters: Vec<Rostered>,
    /// What came about followers.
    pub noticed: Vec<Noticed>,
    /// What other own devices told.
    pub recorded: Vec<Recorded>,
    /// Another own device changed what screens show.
    pub own_changed: bool,
    /// Devices of an own persona came, or are out.
    pub devices_changed: bool,
    /// Circles that somebody here reads changed, and with them whom this node carries.
    pub circles_changed: bool,
    /// Somebody is carried from now on whom a post names.
    pub carried: bool,
    /// Authors of posts that were added to the feed, one item a post.
    pub posts_added: Vec<PersonaId>,
    pub posts_changed: BTreeSet<EntryId>,
    /// Authors, by row, who changed who may comment on all their posts.
    pub policies_changed: BTreeSet<i64>,
    /// Rows of entries that no longer count in a header: they are removed where no log needs them.
    pub pushed_out: Vec<i64>,
    pub profiles_changed: BTreeSet<PersonaId>,
    /// Blobs that lost their last reference.
    pub blobs_dropped: Vec<BlobHash>,
    /// What may be news to the user.
    pub happened: BTreeSet<Happened>,
    /// What the user is told of changed.
    pub notified: bool,
    /// Of the entry being applied: the post that it is about.
    pub about: Option<EntryId>,
    /// Of the entry being applied: blobs that it names.
    pub blobs: Vec<BlobHash>,
}

impl Notes {
    /// Adds what one step of the transaction changed.
    pub(crate) fn add(&mut self, step: Self) {
        let Self {
            mut threads_changed,
            queued,
            mut grants,
            mut rosters,
            mut noticed,
            circles_changed,
            carried,
            mut posts_added,
            mut posts_changed,
            mut policies_changed,
            mut pushed_out,
            mut profiles_changed,
            mut blobs_dropped,
            about,
            blobs,
            mut recorded,
            own_changed,
            devices_changed,
            mut happened,
            notified,
        } = step;
        self.threads_changed.append(&mut threads_changed);
        self.queued |= queued;
        self.grants.append(&mut grants);
        self.rosters.append(&mut rosters);
        self.noticed.append(&mut noticed);
        self.recorded.append(&mut recorded);
        self.own_changed |= own_changed;
        self.devices_changed |= devices_changed;
        self.happened.append(&mut happened);
        self.notified |= notified;
        self.circles_changed |= circles_changed;
        self.carried |= carried;
        self.posts_added.append(&mut posts_added);
        self.posts_changed.append(&mut posts_changed);
        self.policies_changed.append(&mut policies_changed);
        self.pushed_out.append(&mut pushed_out);
        self.profiles_changed.append(&mut profiles_changed);
        self.blobs_dropped.append(&mut blobs_dropped);
        // Of the entry that was applied last.
        (self.about, self.blobs) = (about, blobs);
    }
}
