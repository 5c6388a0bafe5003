//! The state machine of one node over all its connections.

use std::collections::{BTreeMap, BTreeSet};

use crate::entry::{Entry, EntryError, Unverified};
use crate::gate::{Committed, Outcome};
use crate::id::{EntryId, NodeId, PersonaId};
use crate::limits::{PULL_FRUITLESS_MS, REASK_MS, REQUEST_DEADLINE_MS};
use crate::sync::connection::{Asking, Conn, Pull};
use crate::sync::digest::{Print, SetId};
use crate::sync::frame::{Frame, VERSIONS};
use crate::sync::push::Target;
use crate::sync::reads::{Answer, Query};
use crate::view::Role;

/// Number of a connection, given by the driver, never used twice in a run.
pub type ConnId = u64;
/// Ties an answer to its question.
pub type Token = u64;

/// How long after a failure held entries are let go of again, ms.
const RELEASE_AGAIN_MS: u64 = 5_000;

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
    /// The authors that this node carries (own ones marked) changed. Nothing is asked before it came once.
    Authors(Vec<(PersonaId, bool)>),
    /// What [`Output::Compared`] asks for failed, on a full disk say: it is asked for again after some seconds.
    NotReleased,
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
    /// Our copy of these authors equals this peer's: told in "up to date as of" ([`crate::sync::mark_synced`]).
    Synced {
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
    HeaderIds(ConnId),
    Missing {
        conn: ConnId,
        request: u32,
    },
    Page {
        conn: ConnId,
        request: u32,
    },
    Push {
        origin: Option<ConnId>,
        targets: BTreeMap<EntryId, Target>,
    },
    PageApplied(ConnId),
    /// `authors`: whose entries were pushed.
    PushApplied {
        conn: ConnId,
        authors: BTreeSet<PersonaId>,
    },
}

/// See [`crate::sync`].
#[derive(Debug)]
pub struct Engine {
    pub(super) own: NodeId,
    role: Role,
    random: u64,
    pub(super) now: Now,
    /// `None` until the driver told.
    pub(super) authors: Option<BTreeMap<PersonaId, bool>>,
    pub(super) conns: BTreeMap<ConnId, Conn>,
    pending: BTreeMap<Token, Pending>,
    next_token: Token,
    /// Fingerprints of carried authors, until the next commit that touches them.
    pub(super) prints: BTreeMap<PersonaId, Print>,
    pub(super) commits: u64,
    /// Count at which an author's copy last changed.
    pub(super) changed: BTreeMap<PersonaId, u64>,
    /// Own heads were compared in this run.
    pub(super) compared: bool,
    /// When letting go of held entries is tried again.
    release_ms: Option<u64>,
    wake_ms: Option<u64>,
    out: Vec<Output>,
}

impl Engine {
    /// `seed` spreads timers; it decides nothing else.
    pub fn new(own: NodeId, role: Role, seed: u64) -> Self {
        Self {
            own,
            role,
            random: seed,
            now: Now { tick_ms: 0, unix_s: 0 },
            authors: None,
            conns: BTreeMap::new(),
            pending: BTreeMap::new(),
            next_token: 0,
            prints: BTreeMap::new(),
            commits: 0,
            changed: BTreeMap::new(),
            compared: false,
            release_ms: None,
            wake_ms: None,
            out: Vec::new(),
        }
    }

    /// Takes one thing that happened and answers what is to be done, in order.
    pub fn step(&mut self, now: Now, input: Input) -> Vec<Output> {
        self.now = now;
        match input {
            Input::Connected { conn, peer } => self.connected(conn, peer),
            Input::Frame { conn, bytes } => self.frame(conn, &bytes),
            Input::Closed { conn } => {
                if self.conns.remove(&conn).is_some() {
                    self.start_pulls();
                }
            }
            Input::Committed(committed) => self.committed(&committed),
            Input::Submitted { token, outcome } => self.submitted(token, outcome),
            Input::Answered { token, answer } => self.answered(token, answer),
            Input::Authors(authors) => self.set_authors(authors),
            Input::NotReleased => self.release_ms = Some(now.tick_ms + RELEASE_AGAIN_MS),
            Input::Tick => self.tick(),
        }
        self.plan_wake();
        std::mem::take(&mut self.out)
    }

    /// Connections whose peer carries this author: who may be asked for its blobs.
    pub fn carriers(&self, author: PersonaId) -> Vec<ConnId> {
        self.conns.iter().filter(|(_, conn)| conn.known.contains(&author)).map(|(id, _)| *id).collect()
    }

    fn connected(&mut self, id: ConnId, peer: NodeId) {
        let old = self.conns.iter().find(|(_, conn)| conn.peer == peer).map(|(id, _)| *id);
        if let Some(old) = old {
            self.close(old, "replaced");
        }
        self.conns.insert(id, Conn::new(self.own, peer, self.now.tick_ms));
        let (min, max) = VERSIONS;
        let role = match self.role {
            Role::Phone => 0,
            Role::Desktop => 1,
            Role::Anchor => 2,
        };
        self.send(id, &Frame::Hello { min, max, features: 0, role });
        self.read(Query::Sets(peer), Pending::Sets(id));
    }

    fn frame(&mut self, id: ConnId, bytes: &[u8]) {
        let now_ms = self.now.tick_ms;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        if !conn.may_send(now_ms) {
            return self.close(id, "too many frames");
        }
        let Ok(frame) = Frame::decode(bytes) else {
            return self.close(id, "not a frame");
        };
        match frame {
            Frame::Hello { min, max, .. } if !conn.hello => {
                if min > VERSIONS.1 || max < VERSIONS.0 {
                    return self.close(id, "no common version");
                }
                conn.hello = true;
                self.ask(id);
            }
            Frame::Hello { .. } => self.close(id, "a second hello"),
            _ if !conn.hello => self.close(id, "no hello"),
            Frame::Ask(ask) => self.asked(id, ask),
            Frame::Same { nonce, proof } => self.same(id, nonce, proof),
            Frame::Unknown { nonce } => self.unknown(id, nonce),
            Frame::Differ { nonce, known, prints, proofs } => self.differ(id, nonce, &known, &prints, &proofs),
            Frame::Want(want) => self.wanted(id, want),
            Frame::Page(page) => self.page(id, page),
            Frame::More { request, credit, page_kib } => self.more(id, request, credit, page_kib),
            Frame::HeaderIds(ids) => self.header_ids(id, ids),
            Frame::Push { stale, runs } => self.pushed(id, &stale, &runs),
            Frame::Taken { pushes } => self.taken(id, pushes),
            Frame::Failed { request } => self.failed(id, request),
            // A feature that the peer lacks: whoever sends such frames later looks at its `Hello`.
            Frame::Unsupported { .. } => {}
            Frame::Other { kind } => self.send(id, &Frame::Unsupported { kind }),
        }
    }

    fn submitted(&mut self, token: Token, outcome: Option<Outcome>) {
        match self.pending.remove(&token) {
            Some(Pending::PageApplied(id)) => self.page_applied(id, outcome),
            Some(Pending::PushApplied { conn, authors }) => self.push_applied(conn, &authors, outcome),
            _ => {}
        }
    }

    fn answered(&mut self, token: Token, answer: Option<Answer>) {
        let Some(pending) = self.pending.remove(&token) else {
            return;
        };
        match (pending, answer) {
            (Pending::Sets(id), answer) => {
                if let Some(conn) = self.conns.get_mut(&id) {
                    if let Some(Answer::Sets { ours, theirs }) = answer {
                        conn.agreed_set = ours;
                        // A question may have come and been answered meanwhile.
                        conn.their_set = conn.their_set.take().or(theirs);
                    }
                    conn.asking = Asking::Idle;
                    self.ask(id);
                }
            }
            (Pending::AskPrints { conn, commits }, Some(Answer::Prints(prints))) => {
                self.cache(commits, &prints);
                self.ask_prints(conn, prints);
            }
            (Pending::AnswerPrints { conn, commits }, Some(Answer::Prints(prints))) => {
                self.cache(commits, &prints);
                self.answer_prints(conn, prints);
            }
            (Pending::Have(id), Some(Answer::Have(have))) => self.want(id, have),
            (Pending::HeaderIds(id), Some(Answer::HeaderIds(ids))) => self.send_header_ids(id, ids),
            (Pending::Missing { conn, request }, Some(Answer::Cursor(cursor))) => self.resume(conn, request, cursor),
            (Pending::Page { conn, request }, Some(Answer::Page { runs, differing, cursor })) => {
                self.send_page(conn, request, runs, &differing, cursor);
            }
            (Pending::Missing { conn, request } | Pending::Page { conn, request }, _) => {
                if let Some(state) = self.conns.get_mut(&conn) {
                    state.serving.remove(&request);
                    self.send(conn, &Frame::Failed { request });
                }
            }
            (Pending::Push { origin, targets }, Some(Answer::Push(pushed))) => self.spread(origin, &targets, &pushed),
            (
                Pending::AskPrints { conn, .. }
                | Pending::AnswerPrints { conn, .. }
                | Pending::Have(conn)
                | Pending::HeaderIds(conn),
                _,
            ) => self.close(conn, "our store does not answer"),
            // A push that was not read: the next comparison finds it.
            (Pending::Push { .. } | Pending::PageApplied(_) | Pending::PushApplied { .. }, _) => {}
        }
    }

    fn set_authors(&mut self, authors: Vec<(PersonaId, bool)>) {
        let authors: BTreeMap<PersonaId, bool> = authors.into_iter().collect();
        if self.authors.as_ref() == Some(&authors) {
            return;
        }
        let former = self.authors.replace(authors).unwrap_or_default();
        let Some(authors) = &self.authors else {
            return;
        };
        let more = authors.keys().any(|author| !former.contains_key(author));
        self.prints.retain(|author, _| authors.contains_key(author));
        self.changed.retain(|author, _| authors.contains_key(author));
        let ids: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in ids {
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.queue.retain(|author| authors_has(&self.authors, author));
                if more
                    && conn.unresolved
                    && conn.answering.is_none()
                    && let Some(nonce) = conn.their_nonce
                {
                    // It may have asked for what is known here only now.
                    conn.unresolved = false;
                    self.send(id, &Frame::Unknown { nonce });
                }
            }
            self.ask(id);
        }
    }

    fn tick(&mut self) {
        let now_ms = self.now.tick_ms;
        if self.release_ms.take_if(|release_ms| *release_ms <= now_ms).is_some() {
            self.tell(Output::Compared);
        }
        let ids: Vec<ConnId> = self.conns.keys().copied().collect();
        for id in ids {
            let Some(conn) = self.conns.get(&id) else {
                continue;
            };
            if let Some((deadline_ms, reason)) = conn.deadlines().into_iter().flatten().min()
                && deadline_ms <= now_ms
            {
                self.close(id, reason);
            } else if conn.reask_ms <= now_ms {
                self.ask(id);
            }
        }
        self.start_pulls();
    }

    fn plan_wake(&mut self) {
        let stalled = self.conns.values().filter(|conn| conn.pull.is_none() && !conn.queue.is_empty()).count() > 0;
        let wake_ms = self.conns.values().flat_map(|conn| {
            let deadlines = conn.deadlines().into_iter().flatten().map(|(deadline_ms, _)| deadline_ms);
            let stall = conn.pull.as_ref().filter(|_| stalled).map(Pull::alone_until_ms);
            deadlines.chain([conn.reask_ms]).chain(stall.filter(|stall_ms| *stall_ms > self.now.tick_ms))
        });
        let wake_ms = wake_ms.chain(self.release_ms).min().filter(|wake_ms| *wake_ms < u64::MAX);
        if let Some(wake_ms) = wake_ms
            && self.wake_ms.is_none_or(|planned| planned != wake_ms || planned <= self.now.tick_ms)
        {
            self.out.push(Output::Wake { tick_ms: wake_ms.max(self.now.tick_ms + 1) });
        }
        self.wake_ms = wake_ms;
    }

    // --- for the parts ---

    pub(super) fn send(&mut self, conn: ConnId, frame: &Frame) {
        self.out.push(Output::Send { conn, bytes: frame.encode() });
    }

    pub(super) fn close(&mut self, conn: ConnId, reason: &'static str) {
        if self.conns.remove(&conn).is_some() {
            self.out.push(Output::Close { conn, reason });
            self.start_pulls();
        }
    }

    pub(super) fn read(&mut self, query: Query, pending: Pending) {
        let token = self.token(pending);
        self.out.push(Output::Read { token, query });
    }

    pub(super) fn submit(&mut self, conn: ConnId, entries: Vec<Unverified<Entry>>, pending: Pending) {
        let token = self.token(pending);
        self.out.push(Output::Submit { token, conn, entries });
    }

    pub(super) fn tell(&mut self, output: Output) {
        self.out.push(output);
    }

    pub(super) fn carried(&self) -> impl Iterator<Item = &PersonaId> {
        self.authors.iter().flat_map(BTreeMap::keys)
    }

    pub(super) fn is_own(&self, author: &PersonaId) -> bool {
        self.authors.as_ref().and_then(|authors| authors.get(author)).copied().unwrap_or(false)
    }

    pub(super) fn is_carried(&self, author: &PersonaId) -> bool {
        authors_has(&self.authors, author)
    }

    /// When a peer is asked again.
    pub(super) fn next_reask_ms(&mut self) -> u64 {
        self.now.tick_ms + REASK_MS + self.draw() % (REASK_MS / 10)
    }

    pub(super) fn nonce(&mut self) -> u32 {
        let [a, b, c, d, ..] = self.draw().to_le_bytes();
        u32::from_le_bytes([a, b, c, d])
    }

    /// SplitMix64 (Steele, Lea, Flood 2014): spreads timers and salts fingerprints, keeps no secret.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn token(&mut self, pending: Pending) -> Token {
        self.next_token += 1;
        self.pending.insert(self.next_token, pending);
        self.next_token
    }

    /// Keeps fingerprints that no later commit touched.
    fn cache(&mut self, commits: u64, prints: &[(PersonaId, Print)]) {
        for (author, print) in prints {
            if self.is_carried(author) && self.changed.get(author).is_none_or(|changed| *changed <= commits) {
                self.prints.insert(*author, *print);
            }
        }
    }
}

impl Conn {
    /// When this connection is given up, and why.
    fn deadlines(&self) -> [Option<(u64, &'static str)>; 5] {
        let after = |since_ms: u64| since_ms + REQUEST_DEADLINE_MS;
        let asking = match &self.asking {
            Asking::Sent { since_ms, .. } => Some((after(*since_ms), "no answer")),
            _ => None,
        };
        let pull = self.pull.as_ref().filter(|pull| pull.applying == 0 && pull.credit > 0);
        [
            (!self.hello).then(|| (after(self.opened_ms), "no hello in time")),
            asking,
            pull.map(|pull| (after(pull.progress_ms), "no page in time")),
            pull.map(|pull| (pull.stored_ms + PULL_FRUITLESS_MS, "pages without anything new")),
            (self.unacked > 0).then(|| (after(self.unacked_since_ms), "takes no pushes")),
        ]
    }
}

fn authors_has(authors: &Option<BTreeMap<PersonaId, bool>>, author: &PersonaId) -> bool {
    authors.as_ref().is_some_and(|authors| authors.contains_key(author))
}

/// An error that an honest peer's entry can't have.
pub(super) fn is_forgery(error: &EntryError) -> bool {
    matches!(
        error,
        EntryError::Truncated
            | EntryError::Trailing
            | EntryError::Malformed(_)
            | EntryError::TooLarge { .. }
            | EntryError::Shape
            | EntryError::BodyHash
            | EntryError::BodyMissing
            | EntryError::Signature
            | EntryError::WeakKey
            | EntryError::PersonaMismatch
    )
}

/// Authors of a set, own ones first.
pub(super) fn own_first(engine: &Engine, authors: &BTreeSet<PersonaId>) -> Vec<PersonaId> {
    let (own, others): (Vec<PersonaId>, Vec<PersonaId>) = authors.iter().partition(|author| engine.is_own(author));
    own.into_iter().chain(others).collect()
}
