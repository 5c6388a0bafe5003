//! The state machine of one node over all its connections.

use crate::entry::{Entry, Unverified};
use crate::gate::{Committed, Outcome};
use crate::id::{EntryId, NodeId, PersonaId};
use crate::view::Role;

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

/// What happened.
#[derive(Debug)]
pub enum Input {
    /// The sync stream of a connection is open. `outgoing`: we dialled.
    Connected { conn: ConnId, peer: NodeId, outgoing: bool },
    /// One frame, without its length prefix.
    Frame { conn: ConnId, bytes: Vec<u8> },
    Closed { conn: ConnId },
    /// A transaction was committed, whoever brought it.
    Committed(Committed),
    /// The gate answered a submission.
    Submitted { token: Token, outcome: Option<Outcome> },
    /// The store answered a question; `None`: it failed.
    Answered { token: Token, answer: Option<Answer> },
    /// The authors that this node carries (own ones marked) changed.
    Authors(Vec<(PersonaId, bool)>),
    /// A deadline that `Output::Wake` asked for has come.
    Tick,
}

/// What is to be done.
#[derive(Debug)]
pub enum Output {
    Send { conn: ConnId, bytes: Vec<u8> },
    Close { conn: ConnId, reason: &'static str },
    /// To the gate; answered by `Input::Submitted`.
    Submit { token: Token, conn: ConnId, entries: Vec<Unverified<Entry>> },
    /// To the store; answered by `Input::Answered`.
    Read { token: Token, query: Query },
    /// Own heads were compared with a peer: entries that were held may leave now (invariant 13). The driver clears
    /// `log.hold_from`, durably, and then reports the released entries as `Input::Committed`.
    Compared,
    /// Our copy of these authors equals this peer's: told in "up to date as of".
    Synced { authors: Vec<PersonaId> },
    /// Step again with `Input::Tick` at this time.
    Wake { tick_ms: u64 },
}

/// A question to the store. The sync owner defines the variants.
#[derive(Debug)]
pub enum Query {
    Entries(Vec<EntryId>),
}

/// Its answer.
#[derive(Debug)]
pub enum Answer {
    Entries(Vec<Entry>),
}

#[derive(Debug)]
pub struct Engine {}

#[allow(clippy::todo)]
impl Engine {
    pub fn new(_own: NodeId, _role: Role, _seed: u64) -> Self {
        todo!()
    }

    pub fn step(&mut self, _now: Now, _input: Input) -> Vec<Output> {
        todo!()
    }

    /// Connections whose peer carries this author: who may be asked for its blobs.
    pub fn carriers(&self, _author: PersonaId) -> Vec<ConnId> {
        todo!()
    }
}
