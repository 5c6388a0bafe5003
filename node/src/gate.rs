//! The seam between those who bring entries (verbs, sync) and the one gate that takes them in: verify, then apply
//! in one transaction, then tell (invariant 3). Boot fills it; nothing here knows a feature.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::entry::{Entry, EntryError, Kind, Scope, Unverified};
use crate::error::Result;
use crate::id::{BlobHash, EntryId, LogRef, PersonaId};

/// Who brought an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A verb of this node.
    Own,
    /// A peer, by the connection's number.
    Peer(u64),
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
    /// Blobs that it names.
    pub blobs: Vec<BlobHash>,
}

/// What became of a submission.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In the order of submission. What was known already is in neither list.
    pub applied: Vec<Applied>,
    pub refused: Vec<(EntryId, EntryError)>,
}

/// A commit, as the node's own tasks hear of it.
#[derive(Debug, Clone)]
pub struct Committed {
    pub origin: Origin,
    pub applied: Arc<[Applied]>,
}

pub type GateFuture<'a> = Pin<Box<dyn Future<Output = Result<Outcome>> + Send + 'a>>;

/// Verify → apply → events after commit.
pub trait Gate: Send + Sync + fmt::Debug {
    /// Answers once the transaction is committed (own entries: durable). An error means that nothing was stored.
    fn submit(&self, origin: Origin, entries: Vec<Unverified<Entry>>) -> GateFuture<'_>;
}
