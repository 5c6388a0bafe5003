//! What the engine is told and what it wants done, and what its questions stand for.

use std::collections::BTreeSet;

use crate::bucket::Bucket;
use crate::entry::{Entry, Unverified};
use crate::gate::{Asked, Committed, MailPass, Origin, Outcome, Report, Told};
use crate::id::{EntryId, NodeId, PersonaId};
use crate::sync::digest::SetId;
use crate::sync::push::{Batch, Road};
use crate::sync::reads::{Answer, Query};

/// Number of a connection, given by the driver, never used twice in a run.
pub type ConnId = u64;
/// Ties an answer to its question.
pub type Token = u64;

/// Time as a driver tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Monotonic, ms, for deadlines.
    pub tick_ms: u64,
    /// Wall clock, s, for the week of keyed hashes.
    pub unix_s: u64,
}

/// Authors to be carried for peers, each with how many leases it is away from who follows it.
#[derive(Debug, Default)]
pub struct Leases {
    pub authors: Vec<(PersonaId, u8)>,
    /// A client of this mailbox, and the buckets that are to be taken for it.
    pub client: Option<(NodeId, Vec<Bucket>)>,
}

impl From<Vec<(PersonaId, u8)>> for Leases {
    fn from(authors: Vec<(PersonaId, u8)>) -> Self {
        Self { authors, client: None }
    }
}

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The sync stream of a connection is open. It replaces what the peer had: which of two connections stays,
    /// drivers decide before ([`crate::sync::keeps_old`]).
    Connected {
        conn: ConnId,
        peer: NodeId,
    },
    /// One frame, without its length prefix.
    Frame {
        conn: ConnId,
        bytes: Vec<u8>,
    },
    Closed {
        conn: ConnId,
    },
    /// A transaction was committed, whoever brought it.
    Committed(Committed),
    /// The gate answered a submission; `None`: it failed and stored nothing.
    Submitted {
        token: Token,
        outcome: Option<Outcome>,
    },
    /// The store answered a question; `None`: it failed.
    Answered {
        token: Token,
        answer: Option<Answer>,
    },
    /// The authors that this node carries changed. Nothing is asked before it came once.
    Authors(Vec<(PersonaId, Carried)>),
    /// More authors are known.
    Learned,
    /// The anchors that the user chose.
    Anchors(Vec<NodeId>),
    /// The nodes that are asked to keep mail, and the tokens that some of them need.
    Mailboxes(Vec<(NodeId, Option<MailPass>)>),
    /// All that the user reported and no anchor has answered.
    Reports(Vec<(NodeId, u64, Report)>),
    /// The gate answered [`Output::Helper`].
    Helper {
        conn: ConnId,
        told: Told,
    },
    /// The user looks for posts, at peers too.
    Find(String),
    /// Posts that are no longer held here.
    Dropped(Vec<EntryId>),
    /// Bytes of blobs that were fetched ahead of their use, and of others' blobs that were given to peers.
    Moved {
        taken: u64,
        given: u64,
    },
    /// What [`Output::Compared`] asks for failed, on a full disk say: it is asked for again after some seconds.
    NotReleased,
    /// The gate answered [`Output::Flush`]: the next message is due in so many ms.
    Flushed {
        next_in_ms: Option<u64>,
    },
    /// A deadline that `Output::Wake` asked for has come.
    Tick,
}

/// What is to be done.
#[derive(Debug)]
pub enum Output {
    Send {
        conn: ConnId,
        bytes: Vec<u8>,
    },
    /// The engine has forgotten the connection; what was sent before may still go out.
    Close {
        conn: ConnId,
        reason: &'static str,
    },
    /// To the gate; answered by `Input::Submitted`.
    Submit {
        token: Token,
        conn: ConnId,
        entries: Vec<Unverified<Entry>>,
        origin: Origin,
    },
    /// Posts that answer a peer's search, at most so many, as [`Query::Push`] of their ids; answered by
    /// `Input::Answered`.
    Find {
        token: Token,
        query: String,
        limit: usize,
    },
    /// Carry these authors for peers, so many leases away from who follows them, for [`crate::limits::LEASE_MS`] from
    /// now on ([`crate::sync::lease`]); leases that have run out end. Then tell `Input::Authors`.
    Lease {
        authors: Leases,
    },
    /// A peer asks this anchor to take these authors in ([`crate::sync::adopt`]). Then tell `Input::Authors`.
    Adopt {
        authors: Vec<PersonaId>,
    },
    /// The gate took authors in: tell `Input::Authors`.
    Adopted,
    /// Another anchor carries these authors: they are to be known here ([`crate::sync::learn`]). Then tell
    /// `Input::Learned`.
    Learn {
        authors: Vec<PersonaId>,
    },
    /// A peer holds these posts (out: it took them from us; in: it gave them). To be kept by [`crate::sync::holds`].
    Holds {
        peer: NodeId,
        posts: Vec<EntryId>,
        direction: Direction,
    },
    /// A peer holds these posts no longer.
    HoldsNot {
        peer: NodeId,
        posts: Vec<EntryId>,
    },
    /// To the store; answered by `Input::Answered`.
    Read {
        token: Token,
        query: Query,
    },
    /// Own heads were compared with a peer: entries that were held may leave now (invariant 13). The driver clears
    /// `log.hold_from`, durably, and then reports the released entries as `Input::Committed`; where it can't,
    /// `Input::NotReleased`.
    Compared,
    /// Messages that wait and are due are to be sealed and stored ([`crate::gate::Gate::flush`]): somebody is there to
    /// take them. Then tell `Input::Flushed`.
    Flush {
        /// Connected peers.
        peers: usize,
    },
    /// To the gate ([`crate::gate::Gate::helper`]); then tell `Input::Helper`.
    Helper {
        conn: ConnId,
        asked: Asked,
    },
    /// Our copy of these authors equals this peer's: told in "up to date as of" ([`crate::sync::mark_synced`]).
    Synced {
        authors: Vec<PersonaId>,
    },
    /// A peer holds all that we have of these own personas: told in "held by" ([`crate::sync::mark_held`]).
    Held {
        peer: NodeId,
        authors: Vec<PersonaId>,
    },
    /// To be kept by [`crate::sync::remember`].
    Remember {
        peer: NodeId,
        theirs: bool,
        set: SetId,
        authors: Vec<PersonaId>,
    },
    /// Step again with `Input::Tick` at this time. Replaces the last one.
    Wake {
        tick_ms: u64,
    },
}

/// Why an author is carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carried {
    Own,
    Followed,
    /// Sealed entries of a bucket that is taken here, some of which may be for this node.
    Bucket,
    /// A spare copy.
    Replica,
    /// The user looks at what stands there, for a while.
    Visited,
    /// For a peer that asked, so many leases away from who follows the author.
    Leased(u8),
}

impl Carried {
    /// Leases between this node and who follows the author.
    pub(super) fn depth(self) -> u8 {
        match self {
            Self::Leased(depth) => depth,
            _ => 0,
        }
    }
}

/// Which way a post went between a peer and this node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    In,
    Out,
}

/// What a token stands for.
#[derive(Debug)]
pub(super) enum Pending {
    Sets(ConnId),
    /// `commits`: the state of the engine's count when it was asked.
    AskPrints {
        conn: ConnId,
        commits: u64,
    },
    AnswerPrints {
        conn: ConnId,
        commits: u64,
    },
    Have(ConnId),
    Headers(ConnId),
    ShowsMore(ConnId),
    Compared {
        conn: ConnId,
        request: u32,
    },
    Page {
        conn: ConnId,
        request: u32,
    },
    Push {
        origin: Option<ConnId>,
        batch: Batch,
        road: Road,
    },
    /// `depths`: of the asked hashes, in order.
    Named {
        conn: ConnId,
        depths: Vec<u8>,
    },
    /// Newest entries of authors, to be offered to a peer.
    Offer(ConnId),
    /// Mail for a peer that takes its bucket.
    Strays(ConnId),
    /// Posts for a peer that looks for some.
    Found {
        conn: ConnId,
        find: u64,
    },
    /// What a search brought is at the gate.
    FoundApplied,
    /// `mail`: what of it may be mail.
    PageApplied {
        conn: ConnId,
        mail: Vec<EntryId>,
    },
    /// `authors`: whose entries were pushed.
    PushApplied {
        conn: ConnId,
        authors: BTreeSet<PersonaId>,
        ids: Vec<EntryId>,
        mail: Vec<EntryId>,
    },
}
