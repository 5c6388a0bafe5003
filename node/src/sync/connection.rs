//! What the engine knows of one connection. Both sides of the protocol run over it at once.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::bucket::Bucket;
use crate::id::{EntryId, NodeId, PersonaId};
use crate::limits::{ASKS_BURST, ASKS_PER_MINUTE, CROSSED_MS, FIRST_PAGE_KIB, PULL_STALL_MS, REQUEST_DEADLINE_MS};
use crate::sync::allowance::{Allowance, Rate, ask_cost};
use crate::sync::digest::{AuthorHash, Pair, Print, SetId, ShortId, Span};
use crate::sync::mailbox::Keeping;
use crate::sync::reads::Cursor;
use crate::sync::runs::Held;
use crate::view::Role;

/// Whether, of two living connections of one peer, the one that is there stays and the new one goes. Only where both
/// sides dialled at once: both then keep what the lower key dialled. Else the new one wins: the peer changed its
/// network, say. Drivers ask it before they tell the engine, which knows one connection a peer. `age_ms`: of the one
/// that is there.
pub fn keeps_old(own: NodeId, peer: NodeId, old_outgoing: bool, new_outgoing: bool, age_ms: u64) -> bool {
    old_outgoing != new_outgoing && age_ms < CROSSED_MS && old_outgoing == (own < peer)
}

#[derive(Debug)]
pub(super) struct Conn {
    pub(super) peer: NodeId,
    pub(super) opened_ms: u64,
    pub(super) pair: Pair,
    /// The peer's `Hello` has come.
    pub(super) hello: bool,
    /// Requests in a row that the peer could not serve.
    pub(super) refusals: u32,
    /// What the peer said it is; `None` also for a role that is not known here.
    pub(super) role: Option<Role>,
    /// What the peer may still ask for; it outlives the connection.
    pub(super) allowance: Allowance,
    pub(super) keeping: Keeping,
    /// Numbers of the reports that the peer was told on this connection.
    pub(super) reported: BTreeSet<u64>,
    /// Buckets whose mail the peer takes, and those that it was told are taken here.
    pub(super) takes: Vec<Bucket>,
    pub(super) told_takes: Vec<Bucket>,
    /// The peer has asked: mail is pushed to it.
    pub(super) takes_mail: bool,
    /// Our questions.
    asks: Rate,

    // Our questions.
    pub(super) asking: Asking,
    /// Our set, as agreed with this peer: its name, and the authors that the peer knows.
    pub(super) agreed_set: Option<(SetId, Vec<PersonaId>)>,
    /// Authors of ours that the peer proved to know, by its last answer.
    pub(super) known: BTreeSet<PersonaId>,
    /// Authors that the peer has news of, before it proved to know them.
    pub(super) early: BTreeSet<PersonaId>,
    /// How the last question named our authors, and the one before.
    pub(super) names: BTreeMap<PersonaId, AuthorHash>,
    pub(super) authors: BTreeMap<AuthorHash, PersonaId>,
    pub(super) former_authors: BTreeMap<AuthorHash, PersonaId>,
    pub(super) last_nonce: Option<u32>,
    /// Ask again as soon as the current exchange ends.
    pub(super) ask_again: bool,
    pub(super) reask_ms: u64,

    // Our pulls.
    pub(super) queue: BTreeSet<PersonaId>,
    /// Authors of which the peer seems to hold less: what it asks for will tell whether it is to be asked, until then.
    pub(super) yielded: BTreeSet<PersonaId>,
    pub(super) yield_until_ms: Option<u64>,
    pub(super) pull: Option<Pull>,
    /// Something new came of a pull or push on this connection.
    pub(super) brought: bool,
    pub(super) page_kib: u16,
    pub(super) next_request: u32,
    /// Authors that the peer has something else of: what invariant 13 still waits for on this connection.
    pub(super) compare: Option<BTreeSet<PersonaId>>,

    // The peer's questions.
    pub(super) their_set: Option<(SetId, Vec<PersonaId>)>,
    pub(super) answering: Option<Answering>,
    /// What the peer subscribed to, and how it names it.
    pub(super) subscribed: BTreeMap<PersonaId, AuthorHash>,
    pub(super) their_authors: BTreeMap<AuthorHash, PersonaId>,
    /// The authors of the peer's last question, in order, and those whose new posts it gets from others.
    pub(super) their_order: Vec<Option<PersonaId>>,
    pub(super) quiet: BTreeSet<PersonaId>,
    /// The newest entries that it was not pushed for that reason, and when it is told of them.
    pub(super) news: BTreeMap<PersonaId, ShortId>,
    pub(super) news_ms: Option<u64>,
    /// Authors of ours whose new posts this peer is not to push, as it was told.
    pub(super) told_quiet: BTreeSet<PersonaId>,
    /// Our last question, in order.
    pub(super) order: Vec<PersonaId>,
    /// Authors that this anchor was told of.
    pub(super) told_known: BTreeSet<PersonaId>,
    /// What this anchor was asked to carry.
    pub(super) carry_asked: BTreeSet<PersonaId>,
    /// The peer's last question, and whether it named authors that were not known here.
    pub(super) their_nonce: Option<u32>,
    pub(super) unresolved: bool,
    /// Some of those may be known by now: to be said when the question is answered.
    pub(super) look_again: bool,
    pub(super) serving: BTreeMap<u32, Serving>,

    // Pushes.
    pub(super) unacked: u32,
    /// Up to which row it was looked for mail that only passes here, and goes to the peer.
    pub(super) strays_to: Option<i64>,
    pub(super) unacked_since_ms: u64,
    /// What each of those brings: the peer holds it once it took it.
    pub(super) unacked_posts: VecDeque<Vec<EntryId>>,
    /// Authors with more news than was pushed.
    pub(super) stale: BTreeSet<PersonaId>,
    /// The peer's pushes that the gate has not answered yet.
    pub(super) taking: u32,
}

#[derive(Debug)]
pub(super) enum Asking {
    /// The remembered sets are being read.
    Opening,
    Idle,
    Prints(BTreeMap<PersonaId, Print>),
    Sent {
        nonce: u32,
        set: SetId,
        hashes: bool,
        order: Vec<PersonaId>,
        prints: BTreeMap<PersonaId, Print>,
        /// What an honest `Same` proves.
        same: [u8; 8],
        since_ms: u64,
    },
}

/// One request of ours at a time, for some authors.
#[derive(Debug)]
pub(super) struct Pull {
    pub(super) authors: BTreeSet<PersonaId>,
    pub(super) request: u32,
    pub(super) stage: Stage,
    /// Pages that the peer may still send.
    pub(super) credit: u8,
    /// Pages at the gate.
    pub(super) applying: u32,
    /// The last page has come.
    pub(super) complete: bool,
    /// What was told of logs, as pages name them.
    pub(super) held: Vec<Vec<Held>>,
    /// Spans of header entries that are to be compared next.
    pub(super) spans: BTreeSet<(PersonaId, Span)>,
    /// What the fingerprints of the last `Headers` stand for, in order.
    pub(super) compared: Vec<(PersonaId, Span)>,
    /// Whose header entries are compared.
    pub(super) headed: BTreeSet<PersonaId>,
    /// When the last page came or was applied.
    pub(super) progress_ms: u64,
    /// When the last page with something new was applied: what brings nothing new holds up nobody else.
    pub(super) stored_ms: u64,
}

impl Pull {
    /// Until when no other peer is asked for the same authors.
    pub(super) fn alone_until_ms(&self) -> u64 {
        self.stored_ms + if self.applying > 0 { REQUEST_DEADLINE_MS } else { PULL_STALL_MS }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Logs,
    Headers,
}

/// A question of the peer whose fingerprints are being read.
#[derive(Debug)]
pub(super) struct Answering {
    pub(super) nonce: u32,
    pub(super) set: SetId,
    pub(super) hashes: bool,
    pub(super) digest: [u8; 16],
    pub(super) order: Vec<Option<PersonaId>>,
    pub(super) prints: BTreeMap<PersonaId, Print>,
}

/// A request of the peer.
#[derive(Debug)]
pub(super) struct Serving {
    /// `None` while the store reads.
    pub(super) cursor: Option<Box<Cursor>>,
    pub(super) credit: u8,
    pub(super) page_kib: u16,
    /// Answers `Headers`, with the last page.
    pub(super) ranges: Vec<u32>,
    /// What is served counts against this hour's budget.
    pub(super) others: bool,
    /// Something was asked for that can't be served in this hour: said at the end.
    pub(super) short: bool,
}

impl Conn {
    pub(super) fn new(own: NodeId, peer: NodeId, allowance: Allowance, now_ms: u64) -> Self {
        Self {
            peer,
            opened_ms: now_ms,
            pair: Pair::new(own, peer),
            hello: false,
            refusals: 0,
            role: None,
            allowance,
            keeping: Keeping::default(),
            reported: BTreeSet::new(),
            takes: vec![Bucket::EVERYTHING],
            told_takes: Vec::new(),
            takes_mail: false,
            asks: Rate::new(ASKS_PER_MINUTE, ASKS_BURST, now_ms),
            asking: Asking::Opening,
            agreed_set: None,
            known: BTreeSet::new(),
            early: BTreeSet::new(),
            names: BTreeMap::new(),
            authors: BTreeMap::new(),
            former_authors: BTreeMap::new(),
            last_nonce: None,
            ask_again: false,
            reask_ms: u64::MAX,
            queue: BTreeSet::new(),
            yielded: BTreeSet::new(),
            yield_until_ms: None,
            pull: None,
            brought: false,
            page_kib: FIRST_PAGE_KIB,
            next_request: 0,
            compare: None,
            their_set: None,
            answering: None,
            subscribed: BTreeMap::new(),
            their_authors: BTreeMap::new(),
            their_order: Vec::new(),
            quiet: BTreeSet::new(),
            news: BTreeMap::new(),
            news_ms: None,
            told_quiet: BTreeSet::new(),
            order: Vec::new(),
            told_known: BTreeSet::new(),
            carry_asked: BTreeSet::new(),
            their_nonce: None,
            unresolved: false,
            look_again: false,
            serving: BTreeMap::new(),
            unacked: 0,
            strays_to: None,
            unacked_since_ms: 0,
            unacked_posts: VecDeque::new(),
            stale: BTreeSet::new(),
            taking: 0,
        }
    }

    /// Counts one question of ours about so many authors; `false`: it has to wait.
    pub(super) fn may_ask(&mut self, now_ms: u64, authors: usize) -> bool {
        self.asks.take_many(now_ms, ask_cost(authors))
    }

    /// The author of ours that a hash names in this week's or the last question.
    pub(super) fn author(&self, hash: AuthorHash) -> Option<PersonaId> {
        self.authors.get(&hash).or_else(|| self.former_authors.get(&hash)).copied()
    }
}
